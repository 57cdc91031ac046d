"""Looks into a running server's database, for what the API would tell only by thousands of calls. Reads, never writes."""
import contextlib
import os
import pathlib
import sqlite3
import subprocess


class Database:
    """The database in a data directory. Each look is a connection of its own, so none keeps an old view."""

    def __init__(self, data):
        self.path = f"{data}/nightshift.db"

    def rows(self, sql, values=()):
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(sql, values).fetchall()

    def groups(self):
        """How many groups the node has committed since its start: its batch number."""
        return self.rows("SELECT batch_seq FROM node WHERE node = 'main'")[0][0]

    def last_execution(self):
        """The newest execution's number."""
        return self.rows("SELECT COALESCE(MAX(id), 0) FROM execution")[0][0]

    def machine(self, name):
        """A state machine's number."""
        return self.rows("SELECT id FROM state_machine WHERE name = ?", (name,))[0][0]

    def count(self, status, after=0):
        """Executions with this status among those newer than `after`."""
        return self.rows("SELECT COUNT(*) FROM execution WHERE id > ? AND status = ?", (after, status))[0][0]

    def is_any_running(self, machine):
        """Whether an execution of this machine runs; by the index of the running ones."""
        return bool(self.rows("SELECT 1 FROM execution WHERE machine = ? AND status = 'RUNNING' LIMIT 1", (machine,)))

    def executions(self, machine):
        """The numbers of a machine's executions, oldest first."""
        return [row[0] for row in self.rows("SELECT id FROM execution WHERE machine = ? ORDER BY id", (machine,))]

    def ended_invocations(self):
        """How many invocations of commands are over."""
        return self.rows("SELECT COUNT(*) FROM command_invocation WHERE status NOT IN ('Pending', 'InProgress', 'Cancelling')")[0][0]

    def root_key(self):
        """The engine's root key, in hexadecimal: whoever has it can make task tokens, as the bench does for its own server."""
        return self.rows("SELECT value FROM setting WHERE name = 'engine-root-key'")[0][0].hex()


class PostgresDatabase(Database):
    """The same on PostgreSQL, through psql."""

    def __init__(self, url):
        super().__init__("")
        self.url = url

    def rows(self, sql, values=()):
        for value in values:
            text = str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
            sql = sql.replace("?", text, 1)
        done = subprocess.run(
            [postgres_program("psql"), "--no-psqlrc", "--tuples-only", "--no-align", "--field-separator=\t", "--command", sql],
            env={**os.environ, **connection_settings(self.url)}, capture_output=True, text=True, check=True)
        return [tuple(cell(text) for text in line.split("\t")) for line in done.stdout.splitlines() if line]


def cell(text):
    """A number where it is one; bytes in psql's spelling; else the text."""
    if text.startswith("\\x"):
        return bytes.fromhex(text[2:])
    return int(text) if text.lstrip("-").isdigit() else text


def postgres_program(name):
    """A program of the newest PostgreSQL here; Debian keeps them out of the PATH."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4].split(".")[0]))
    return str(found[-1]) if found else name


def connection_settings(url):
    """A postgres:// URL as libpq's environment variables, so that no password stands in an argument list."""
    login, _, place = url.removeprefix("postgres://").rpartition("@")
    user, _, password = login.partition(":")
    address, _, name = place.partition("/")
    host, _, port = address.partition(":")
    return {"PGHOST": host, "PGPORT": port or "5432", "PGUSER": user, "PGPASSWORD": password, "PGDATABASE": name}
