"""A server that has nothing to do."""
import time

from .. import machine, sender


def run(bench):
    """Memory, processor time and start of a server that has nothing to do."""
    with bench.server() as server:
        first = server.start_seconds * 1000
        starts = []
        for _ in range(3 if bench.quick else 7):
            server.stop()
            server.start()
            starts.append(server.start_seconds * 1000)
        starts.sort()
        bench.keep("starts, ms", starts)
        bench.figure("start to the first answer, median", starts[len(starts) // 2], "ms", at_most=100,
                     note=f"slowest {starts[-1]:.0f} ms; with a fresh data directory {first:.0f} ms")
        bench.figure("resident memory after the start", machine.resident_bytes(server.pid) / 1e6, "MB", at_most=60)
        time.sleep(2)
        seconds = bench.seconds(30, 5)
        groups, used = server.database.groups(), machine.processor_seconds(server.pid)
        time.sleep(seconds)
        used = machine.processor_seconds(server.pid) - used
        groups = server.database.groups() - groups
        bench.figure(f"processor time over {seconds} s", used / seconds * 100, "% of a core", at_most=0.5, note=f"{groups} commits")
        sender.send(server, get="/health", connections=16, count=1_000)
        bench.figure("resident memory after a thousand requests", machine.resident_bytes(server.pid) / 1e6, "MB", at_most=60)
