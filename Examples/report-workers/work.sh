#!/bin/sh
# Runs both pools until it is told to stop: three places for small reports, one for large ones, which gives way to the others.
# More arguments go to both workers: ./work.sh --exit-when-empty
set -u
cd "$(dirname "$0")"
nightshift=${NIGHTSHIFT:-nightshift}

"$nightshift" worker --queue reports-small --concurrency 3 --retry-delay 1 --grace 60 "$@" -- ./make_report.py &
small=$!
"$nightshift" worker --queue reports-large --concurrency 1 --retry-delay 1 --grace 600 "$@" -- nice -n 10 ./make_report.py &
large=$!
trap 'kill "$small" "$large" 2>/dev/null' INT TERM
result=0
for pid in "$small" "$large"; do
    wait "$pid"
    status=$?
    # A signal ends a wait, not the workers: they let their commands end.
    while kill -0 "$pid" 2>/dev/null; do
        wait "$pid"
        status=$?
    done
    [ "$status" -eq 0 ] || [ "$status" -gt 128 ] || result=$status
done
exit "$result"
