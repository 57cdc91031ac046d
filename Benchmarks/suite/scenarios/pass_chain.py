"""A chain of ten Pass states over HTTP, signatures checked: starts that are answered when the whole execution is durable."""
from .. import definitions, sender

GOAL, P50_MS, P99_MS = 12_000, 3, 15


def run(bench):
    """Accepted and finished executions over HTTP on an empty database; latency at half load; one connection; stalls."""
    with bench.server() as server:
        arn = server.create_machine("pass-chain", definitions.pass_chain())
        disk = bench.fdatasync()
        hello = {connections: bench.hello(server, connections) for connections in (1, 16, 64)}
        bench.executions(server, definitions.start_requests(arn, sender.START), connections=16, seconds=bench.seconds(3, 1))
        best = closed_loops(bench, server, arn, hello, disk)
        one_connection(bench, server, arn, hello[1], disk)
        half_load(bench, server, arn, best)
    after, appends = bench.fdatasync(), bench.fdatasync(appends=True)
    bench.figure("the disk: fdatasync of 4 KiB", (disk + after) / 2, "/s",
                 note=f"{disk:,.0f} before and {after:,.0f} after: if these are far apart, the disk was not ours alone; {appends:,.0f} appended")


def closed_loops(bench, server, arn, hello, disk):
    """As fast as the server answers. Returns the best rate."""
    best, raw = 0, {}
    for connections in (16, 64):
        for named in (False, True):
            result = bench.executions(
                server, definitions.start_requests(arn, sender.START, named), connections=connections, seconds=bench.seconds(10))
            bench.keep(f"{connections} connections, {'random' if named else 'server-made'} names", result)
            size = round(result["group"])
            if not any(abs(known - size) <= size / 5 for known in raw):
                raw[size] = bench.raw_sqlite(size)
            nearest = min(raw, key=lambda known: abs(known - size))
            bench.figure(
                f"{connections} connections, {'random names by the client' if named else 'names by the server'}",
                result["done_per_second"], "executions/s", at_least=GOAL,
                yardsticks={f"SQLite in groups of {nearest}": raw[nearest], "hello": hello[connections]},
                note=f"p50 {result['ms']['p50']:.2f} ms, p99 {result['ms']['p99']:.2f} ms, groups of {result['group']:.1f}, "
                     f"{result['groups_per_second']:,.0f} commits/s")
            best = max(best, result["done_per_second"])
    return best


def one_connection(bench, server, arn, hello, disk):
    """Nobody else is there: what a lone request costs."""
    result = bench.executions(
        server, definitions.start_requests(arn, sender.START), connections=1, seconds=bench.seconds(5), limit=5_000)
    bench.keep("one connection", result)
    bench.figure("one connection alone, p50", result["ms"]["p50"], "ms", at_most=1,
                 yardsticks={"fdatasync, ms": 1000 / disk, "hello, ms": 1000 / hello}, note=f"p99 {result['ms']['p99']:.2f} ms")


def half_load(bench, server, arn, best, prefix=""):
    """Requests that come when they are due, at half of the goal (or of what was reached, when that is less)."""
    rate = min(GOAL, best) / 2
    result = bench.executions(
        server, definitions.start_requests(arn, sender.START), connections=64, seconds=bench.seconds(30, 3), rate=rate)
    bench.keep(f"{prefix}half load", result)
    at = f"{prefix}{rate:,.0f} executions/s, due at fixed times"
    bench.figure(f"{at}: p50", result["ms"]["p50"], "ms", at_most=P50_MS)
    bench.figure(f"{at}: p99", result["ms"]["p99"], "ms", at_most=P99_MS, note=f"slowest {result['ms']['max']:.1f} ms")
    bench.figure(f"{at}: longest time without an answer", result["longest_gap_ms"], "ms", at_most=50,
                 note="no commit can have stalled for longer")
