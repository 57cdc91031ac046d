"""The pass chain on a database that holds millions of finished executions: does the cost stay flat?"""
import os

from .. import definitions, sender
from ..server import Server
from .pass_chain import GOAL, half_load

LIST = "AWSStepFunctions.ListExecutions"
DESCRIBE = "AWSStepFunctions.DescribeExecution"


def run(bench):
    """Rates and look-ups with millions of finished executions in the database, filled in through the store's own `apply`."""
    for named in (False, True):
        with bench.folder() as folder, Server(bench.program, folder / "data") as server:
            measure(bench, server, folder, named)


def measure(bench, server, folder, named):
    """Empty, then filled, then loaded again, with names of one kind throughout."""
    names, kind = ("names by the server", "ordered") if not named else ("random names by the client", "random")
    arn = server.create_machine("pass-chain", definitions.pass_chain())
    requests = definitions.start_requests(arn, sender.START, named)
    bench.executions(server, requests, connections=64, seconds=bench.seconds(3, 1))
    disk_before = bench.fdatasync()
    empty = bench.executions(server, requests, connections=64, seconds=bench.seconds(10))
    server.stop()
    sample = folder / "names"
    fill = bench.engine("fill", database=server.data / "nightshift.db", machine="pass-chain", count=bench.fill, names=kind, sample=sample)
    os.sync()
    bench.keep(f"fill, {kind}", fill)
    bench.figure(f"filling in {bench.fill:,} executions, {names}", fill["rows_per_second"], "rows/s", at_least=50_000)
    size = sum(file.stat().st_size for file in server.data.glob("nightshift.db*"))
    server.start()
    disk_after = bench.fdatasync()
    loaded = bench.executions(server, requests, connections=64, seconds=bench.seconds(20))
    bench.keep(f"{names}, empty", empty)
    bench.keep(f"{names}, filled", loaded)
    full = f"{bench.fill:,} finished executions, {names}"
    bench.figure(f"{full}: 64 connections", loaded["done_per_second"], "executions/s", at_least=GOAL,
                 yardsticks={"empty": empty["done_per_second"]},
                 note=f"database of {size / 1e9:.1f} GB, start to first answer {server.start_seconds * 1000:.0f} ms")
    bench.figure(f"{full}: share of the rate with none", loaded["done_per_second"] / empty["done_per_second"] * 100, "%",
                 at_least=None if named else 80,
                 note=f"fdatasync {disk_before:,.0f}/s before, {disk_after:,.0f}/s after: if these are far apart, the disk was not ours alone")
    if not named:
        half_load(bench, server, arn, loaded["done_per_second"], f"{full}: ")
    look_up(bench, server, arn, full, sample.read_text().split())


def look_up(bench, server, arn, full, names):
    """Latencies of single look-ups, one connection."""
    execution = arn.replace(":stateMachine:", ":execution:") + ":%value%"
    operations = {
        "DescribeExecution": (DESCRIBE, {"executionArn": execution}),
        "ListExecutions": (LIST, {"stateMachineArn": arn, "maxResults": 100}),
        "ListExecutions of SUCCEEDED": (LIST, {"stateMachineArn": arn, "maxResults": 100, "statusFilter": "SUCCEEDED"}),
        "ListExecutions of RUNNING": (LIST, {"stateMachineArn": arn, "maxResults": 100, "statusFilter": "RUNNING"}),
        "ListExecutions, page 50": (LIST, {"stateMachineArn": arn, "maxResults": 100, "nextToken": token(server, arn, 50)}),
    }
    count = 100 if bench.quick else 1_000
    for name, request in operations.items():
        result = sender.send(server, [request], values=names, count=count)
        bench.keep(f"{full}: {name}", result)
        bench.figure(f"{full}: {name}, p99", result["ms"]["p99"], "ms", at_most=5, note=f"p50 {result['ms']['p50']:.2f} ms")


def token(server, arn, page):
    """The token of a page further back."""
    client, token = server.client(), None
    for _ in range(page):
        more = {"nextToken": token} if token else {}
        token = client.list_executions(stateMachineArn=arn, maxResults=100, **more)["nextToken"]
    return token
