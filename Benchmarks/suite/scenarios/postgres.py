"""The pass chain on PostgreSQL, one node: the seam of the store is not shaped by SQLite alone."""
import contextlib
import os
import subprocess

from .. import definitions, sender
from ..bench import Skip
from ..database import PostgresDatabase, connection_settings, postgres_program
from ..results import ROOT
from ..server import Server

GOAL = 4_000
STARTER = ROOT / "Scripts" / "postgresql"

# The rows and bytes of one pass-chain execution, by one statement a table for a whole group: PostgreSQL at its best.
RAW = """\
SELECT nextval('bench_raw') * 100000 AS base \\gset
BEGIN;
INSERT INTO execution_name (machine, name, execution, input_hash, closed_at)
SELECT 999999, '01a00000-0000-7000-8000-' || lpad(n::text, 12, '0'), n, decode(repeat('61', 32), 'hex'), 1
FROM generate_series(:base, :base + {group} - 1) n;
INSERT INTO execution (id, machine, revision, name, status, started_at, stopped_at, redrives, map_run)
SELECT n, 999999, 1, '01a00000-0000-7000-8000-' || lpad(n::text, 12, '0'), 'SUCCEEDED', 1, 1, 0, NULL
FROM generate_series(:base, :base + {group} - 1) n;
INSERT INTO history_chunk (execution, first_event, body) SELECT n, 1, decode(repeat('61', {body}), 'hex')
FROM generate_series(:base, :base + {group} - 1) n;
COMMIT;
"""


@contextlib.contextmanager
def cluster(bench):
    """A PostgreSQL of our own, as durable as any other; gives its URL."""
    with bench.folder() as folder:
        os.chmod(folder, 0o711)  # PostgreSQL's user must reach what is its own in there
        place = str(folder / "postgresql")
        started = subprocess.run([str(STARTER), "start", place], capture_output=True, text=True, check=False)
        if started.returncode != 0:
            raise Skip(started.stderr.strip())
        try:
            yield folder, started.stdout.strip()
        finally:
            subprocess.run([str(STARTER), "stop", place], check=False)


def run(bench):
    """Accepted and finished executions over HTTP with PostgreSQL as the database."""
    usage = subprocess.run([bench.program, "server", "--help"], capture_output=True, text=True, check=False).stdout
    if "--database" not in usage:
        raise Skip("the server has no --database yet")
    with cluster(bench) as (folder, url):
        database = PostgresDatabase(url)
        with Server(bench.program, folder / "data", {"NIGHTSHIFT_DATABASE": url}, database) as server:
            arn = server.create_machine("pass-chain", definitions.pass_chain())
            bench.executions(server, definitions.start_requests(arn, sender.START), connections=16, seconds=bench.seconds(3, 1))
            hello = {connections: bench.hello(server, connections) for connections in (16, 64)}
            results = []
            for connections, named in ((16, False), (64, False), (64, True)):
                result = bench.executions(
                    server, definitions.start_requests(arn, sender.START, named), connections=connections, seconds=bench.seconds(10))
                results.append((connections, named, result))
            body = database.rows("SELECT CAST(AVG(LENGTH(body)) AS BIGINT) FROM history_chunk")[0][0]
        for connections, named, result in results:
            names = "random names by the client" if named else "names by the server"
            bench.keep(f"{connections} connections, {names}", result)
            group = max(1, round(result["group"]))
            bench.figure(
                f"{connections} connections, {names}", result["done_per_second"], "executions/s", at_least=GOAL,
                yardsticks={f"PostgreSQL in groups of {group}": raw(bench, folder, url, group, body), "hello": hello[connections]},
                note=f"p50 {result['ms']['p50']:.2f} ms, p99 {result['ms']['p99']:.2f} ms, {result['groups_per_second']:,.0f} commits/s")


def raw(bench, folder, url, group, body):
    """Executions a second of PostgreSQL alone: one connection, the same rows in groups of this size."""
    script = folder / "raw.sql"
    script.write_text(RAW.format(group=group, body=body))
    os.chmod(script, 0o644)
    environment = {**os.environ, **connection_settings(url)}
    make = [postgres_program("psql"), "--no-psqlrc", "--quiet", "--command", "CREATE SEQUENCE IF NOT EXISTS bench_raw"]
    subprocess.run(make, env=environment, check=True, capture_output=True)
    done = subprocess.run(
        [postgres_program("pgbench"), "--no-vacuum", "--client=1", f"--time={bench.seconds(5)}", "--file", str(script)],
        env=environment, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("tps = "):
            return float(line.split()[2]) * group
    raise RuntimeError(f"pgbench failed: {done.stderr.strip()[-300:]}")
