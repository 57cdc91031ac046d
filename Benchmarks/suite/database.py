"""Looks into a running server's SQLite database, for what the API would tell only by thousands of calls. Reads, never writes."""
import contextlib
import sqlite3


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

    def root_key(self):
        """The engine's root key, in hexadecimal: whoever has it can make task tokens, as the bench does for its own server."""
        return self.rows("SELECT value FROM setting WHERE name = 'engine-root-key'")[0][0].hex()
