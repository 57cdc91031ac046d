"""An inline Map of thousands of items: are the bytes that it writes in proportion to its results, or to its whole state each time?"""
import json
import pathlib
import time

from .. import definitions
from .tasks import await_end


def run(bench):
    """Bytes that an inline Map writes an item, with ten times the items (AWS's limit of 25,000 events allows about 6,000)."""
    few, many = (50, 500) if bench.quick else (500, 5_000)
    with bench.server() as server:
        arn = server.create_machine("map", definitions.inline_map())
        measure(bench, server, arn, few)
        small, large = measure(bench, server, arn, few), measure(bench, server, arn, many)
    bench.figure(f"history of {many:,} items: bytes an item, times that of {few:,}",
                 large["stored"] / many / (small["stored"] / few), "×", at_most=1.5,
                 note=f"{large['stored'] / many:,.0f} and {small['stored'] / few:,.0f} bytes an item")
    bench.figure(f"written to the disk for {many:,} items, log and file: bytes an item, times that of {few:,}",
                 large["written"] / many / (small["written"] / few), "×", at_most=2,
                 note=f"{large['written'] / many:,.0f} and {small['written'] / few:,.0f} bytes an item; {large['seconds']:.2f} s in all")


def measure(bench, server, arn, items):
    """Runs one Map, and tells the bytes of its rows and of all that the server wrote meanwhile."""
    before, began = written(server.pid), time.monotonic()
    answer = server.client().start_execution(stateMachineArn=arn, input=json.dumps({"items": list(range(items))}))
    await_end(server.database, server.database.machine("map"), patience=300)
    seconds = time.monotonic() - began
    time.sleep(1.5)  # the log is moved into the file when all is quiet
    status = server.client().describe_execution(executionArn=answer["executionArn"])
    if status["status"] != "SUCCEEDED" or len(json.loads(status["output"])) != items:
        raise RuntimeError(f"the Map of {items} items ended as {status['status']}: {status.get('cause', '')}")
    last = server.database.last_execution()
    stored = server.database.rows(
        "SELECT COALESCE(SUM(LENGTH(body)), 0) FROM history_chunk WHERE execution = ?", (last,))[0][0]
    result = {"stored": stored, "written": written(server.pid) - before, "seconds": seconds}
    bench.keep(f"{items} items", result)
    return result


def written(pid):
    """Bytes that a process has given to the disk's cache so far."""
    for line in pathlib.Path(f"/proc/{pid}/io").read_text().splitlines():
        if line.startswith("wchar:"):
            return int(line.split()[1])
    raise RuntimeError("the kernel does not count what processes write")
