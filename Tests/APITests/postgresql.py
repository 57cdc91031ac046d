"""PostgreSQL for tests: a cluster of Scripts/postgresql, with a database for each test."""
import os
import pathlib
import subprocess
import urllib.parse
import uuid

from conftest import ROOT

SCRIPT = ROOT / "Scripts" / "postgresql"


class Cluster:
    """A PostgreSQL server: the one that NIGHTSHIFT_TEST_POSTGRES names, or one of the test's own in a folder."""

    def __init__(self, folder=None):
        self.folder = folder
        if folder:
            # PostgreSQL does not run as root; the user that it runs as must reach the folder.
            for parent in [pathlib.Path(folder).parent, *pathlib.Path(folder).parents][:4]:
                if parent.owner() != "root" or parent == pathlib.Path("/tmp"):
                    continue
                parent.chmod(parent.stat().st_mode | 0o011)
            self.url = self._run("start").strip()
        else:
            self.url = os.environ["NIGHTSHIFT_TEST_POSTGRES"]

    def _run(self, verb):
        done = subprocess.run([SCRIPT, verb, str(self.folder)], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def restart(self):
        """Ends the server as a crash does and starts it again."""
        self._run("restart")

    def stop(self):
        if self.folder:
            self._run("stop")

    def sql(self, text, url=None):
        """Runs SQL and returns the first column of what comes."""
        done = subprocess.run(
            ["psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--command", text, url or self.url],
            capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    def database(self, options="ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"):
        """Makes an empty database and returns its URL."""
        name = f"test_{uuid.uuid4().hex}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE template0 {options}")
        return urllib.parse.urlsplit(self.url)._replace(path=f"/{name}").geturl()
