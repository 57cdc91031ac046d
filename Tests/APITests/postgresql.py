"""PostgreSQL for tests: a cluster of Scripts/postgresql, with a database for each test."""
import os
import pathlib
import subprocess
import tempfile
import urllib.parse
import uuid

from conftest import ROOT

SCRIPT = ROOT / "Scripts" / "postgresql"


class Cluster:
    """A PostgreSQL server: the one that NIGHTSHIFT_TEST_POSTGRES names, or one of the test's own."""

    def __init__(self, own=False):
        self.folder = None
        if own or "NIGHTSHIFT_TEST_POSTGRES" not in os.environ:
            # Not in pytest's folders: PostgreSQL runs as another user for root, and must reach its own.
            self.folder = pathlib.Path(tempfile.mkdtemp(prefix="nightshift-postgresql-"))
            self.folder.chmod(0o711)
            self.url = self._run("start").strip()
        else:
            self.url = os.environ["NIGHTSHIFT_TEST_POSTGRES"]

    def _run(self, verb):
        done = subprocess.run([SCRIPT, verb, str(self.folder / "cluster")], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def restart(self):
        """Ends the server as a crash does and starts it again."""
        self._run("restart")

    def stop(self):
        if self.folder:
            self._run("stop")
            self.folder.rmdir()

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
