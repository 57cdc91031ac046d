#!/bin/sh
# Stands for the product that can only be started by a shell script on its own server: "crawls" the sites listed in a file, one a line.
# A site whose name ends in .invalid cannot be reached, and then the whole batch fails, as such products do.
#
#   crawler.sh SITES [SECONDS-PER-SITE]
set -u
sites=${1:?usage: crawler.sh SITES [SECONDS-PER-SITE]}
pace=${2:-1}

if [ ! -r "$sites" ]; then
    echo "crawler: cannot read $sites" >&2
    exit 2
fi

echo "crawler: indexing $(grep -c . "$sites") sites"
while read -r site; do
    [ -n "$site" ] || continue
    echo "crawler: fetching $site"
    sleep "$pace"
    case $site in
        *.invalid)
            echo "crawler: $site: no such host, index not written" >&2
            exit 1
            ;;
    esac
    echo "crawler: indexed $site"
done <"$sites"
echo "crawler: INDEX COMPLETE"
