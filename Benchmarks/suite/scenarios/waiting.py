"""Very many executions in a Wait: what they cost in memory, how fast they go on, how fast a killed server is back."""
import datetime
import time

from .. import definitions, machine, sender
from ..server import ServerFailed
from . import tasks

CHUNK = 100_000


def run(bench):
    """A million executions in a Wait, a tenth of them due in the same second; then a kill, and the start after it."""
    with bench.server() as server:
        due, running = bench.waiting // 10, bench.waiting // 100
        rate = fill(bench, server, "far", bench.waiting - due, datetime.timedelta(days=2))
        lead = due / rate * 1.3 + 10
        at = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=round(lead))
        start(server, "due", due, at)
        bench.figure(f"resident memory with {bench.waiting:,} waiting", machine.resident_bytes(server.pid) / 1e6, "MB", at_most=500,
                     note=f"{rate:,.0f} put to wait a second")
        burst(bench, server, due, at)
        recovery(bench, server, running)


def fill(bench, server, name, count, distance):
    """Starts executions that wait for long. Returns the rate."""
    at = datetime.datetime.now(datetime.timezone.utc) + distance
    began = time.monotonic()
    seconds = start(server, name, count, at)
    bench.say(f"{count:,} put to wait in {time.monotonic() - began:.0f} s")
    return count / seconds


def start(server, name, count, at):
    """Starts executions that wait until `at`; returns how long that took without the signing of requests."""
    arn = server.create_machine(f"wait-{name}", definitions.wait_until())
    body = {"stateMachineArn": arn, "input": f'{{"at":"{at.strftime("%Y-%m-%dT%H:%M:%SZ")}","order":%n%}}'}
    seconds = 0.0
    for first in range(0, count, CHUNK):
        seconds += sender.send(
            server, [(sender.START, body)], connections=64, count=min(CHUNK, count - first), first=first)["seconds"]
    return seconds


def burst(bench, server, due, at):
    """From the second in which they are due until the last is over."""
    database = server.database
    number = database.machine("wait-due")
    if datetime.datetime.now(datetime.timezone.utc) >= at:
        raise ServerFailed("putting them to wait took longer than they were to wait")
    while datetime.datetime.now(datetime.timezone.utc) < at:
        time.sleep(0.005)
    used = machine.processor_seconds(server.pid)
    seconds = tasks.await_end(database, number, patience=300)
    used = machine.processor_seconds(server.pid) - used
    done = database.rows("SELECT COUNT(*) FROM execution WHERE machine = ? AND status = 'SUCCEEDED'", (number,))[0][0]
    still = database.rows(
        "SELECT COUNT(*) FROM execution WHERE machine = ? AND status = 'RUNNING'", (database.machine("wait-far"),))[0][0]
    if done != due or still != bench.waiting - due:
        raise ServerFailed(f"{done} of {due} have succeeded, {still} of {bench.waiting - due} still wait")
    bench.figure(f"{due:,} due in the same second: until the last is over", seconds, "s", at_most=15,
                 note=f"{due / max(seconds, 0.001):,.0f} a second, {used / due * 1e6:.0f} µs of processor each")
    bench.figure("resident memory, the most so far", machine.peak_bytes(server.pid) / 1e6, "MB", at_most=500)


def recovery(bench, server, running):
    """A kill with very many waiting and many running, and the start after it."""
    number, tokens = tasks.open_executions(server, "running", 1, running, connections=64)
    server.kill()
    server.start()
    began = time.monotonic()
    arn = server.create_machine("after", definitions.pass_chain())
    sender.send(server, definitions.start_requests(arn, sender.START)[:1])
    first = time.monotonic() - began
    bench.figure(f"start after a kill, {bench.waiting - bench.waiting // 10:,} waiting and {running:,} running: first answer",
                 server.start_seconds, "s", at_most=5, note=f"first execution {first * 1000:.0f} ms later")
    time.sleep(3)
    bench.figure("resident memory after that start", machine.resident_bytes(server.pid) / 1e6, "MB", at_most=500)
    result = sender.send(server, [tasks.SUCCEED], tokens=tokens, first_effect=1, connections=64, count=running)
    tasks.await_end(server.database, number)
    bench.keep("callbacks after the start", result)
    bench.figure("callbacks to the executions that ran when it was killed", result["per_second"], "callbacks/s",
                 note=f"p99 {result['ms']['p99']:.1f} ms; all have succeeded")
