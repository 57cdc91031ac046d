"""Tasks with callbacks: each step is scheduled, dispatched, and completed by SendTaskSuccess over signed HTTP."""
import time

from .. import definitions, sender
from ..server import ServerFailed

ACCOUNT = "000000000000"
SUCCEED = ("AWSStepFunctions.SendTaskSuccess", {"taskToken": "%token%", "output": '{"answer":%n%}'})
BEAT = ("AWSStepFunctions.SendTaskHeartbeat", {"taskToken": "%token%"})


def open_executions(server, name, length, count, connections=16):
    """Starts executions whose first task waits. Returns the machine's number, and what the sender needs for their tokens.

    The bench owns the data directory, so it derives the tokens from the key in the database, as the engine does; asking for them
    would load the server with what a worker gets for nothing.
    """
    topic = server.client("sns").create_topic(Name="bench-callbacks")["TopicArn"]
    arn = server.create_machine(name, definitions.callback_tasks(length, topic))
    sender.send(server, definitions.start_requests(arn, sender.START), connections=connections, count=count)
    database = server.database
    machine = database.machine(name)
    return machine, (database.root_key(), ACCOUNT, database.executions(machine))


def await_end(database, machine, patience=60):
    """Returns once no execution of the machine runs."""
    began = time.monotonic()
    while database.is_any_running(machine):
        if time.monotonic() - began > patience:
            raise ServerFailed("executions whose tasks were all completed have not ended")
        time.sleep(0.005)
    return time.monotonic() - began


def steps(bench):
    """Durable task steps: 1,000 open executions, each a row of `.waitForTaskToken` tasks with TimeoutSeconds."""
    executions, connections = (100 if bench.quick else 1_000), 64
    length = 20 if bench.quick else 60
    with bench.server() as server:
        database = server.database
        hello = bench.hello(server, connections)
        machine, tokens = open_executions(server, "task-steps", length, executions)
        before, groups = database.last_execution(), database.groups()
        began = time.monotonic()
        result = sender.send(
            server, [SUCCEED], tokens=tokens, first_effect=1, lanes=executions, connections=connections, count=executions * length)
        signing = time.monotonic() - began - result["seconds"]
        await_end(database, machine)
        seconds = time.monotonic() - began - signing
        bench.keep("closed loop", result)
        succeeded = database.rows("SELECT COUNT(*) FROM execution WHERE machine = ? AND status = 'SUCCEEDED'", (machine,))[0][0]
        if succeeded != executions or database.last_execution() != before:
            raise ServerFailed(f"{succeeded} of {executions} executions have succeeded")
        commits = database.groups() - groups
        size = max(1, round(executions * length / commits))
        yardsticks = {f"SQLite in groups of {size}": bench.raw_sqlite(size, "task-step"), "hello": hello}
        bench.figure(f"{connections} connections, until all {executions:,} executions had ended", executions * length / seconds, "steps/s",
                     at_least=6_000, yardsticks=yardsticks, note=f"{commits / seconds:,.0f} commits/s")
        bench.figure("the same: p99 of a callback's answer", result["ms"]["p99"], "ms", at_most=25,
                     note=f"p50 {result['ms']['p50']:.2f} ms, slowest {result['ms']['max']:.1f} ms")
        half_load(bench, server, min(6_000, executions * length / seconds) / 2, length, executions)


def half_load(bench, server, rate, length, executions):
    """Callbacks at fixed times; then heartbeats."""
    machine, tokens = open_executions(server, "task-steps-half", length, executions)
    result = sender.send(
        server, [SUCCEED], tokens=tokens, first_effect=1, lanes=executions, connections=64, count=executions * length, rate=rate)
    await_end(server.database, machine)
    bench.keep("half load", result)
    bench.figure(f"{rate:,.0f} callbacks/s, due at fixed times: p99", result["ms"]["p99"], "ms",
                 note=f"p50 {result['ms']['p50']:.2f} ms, slowest {result['ms']['max']:.1f} ms")
    machine, tokens = open_executions(server, "task-steps-beats", 1, executions)
    beats = sender.send(server, [BEAT], tokens=tokens, first_effect=1, connections=64,
                        count=executions)
    bench.keep("heartbeats", beats)
    bench.figure("64 connections: SendTaskHeartbeat", beats["per_second"], "heartbeats/s")


def chain(bench):
    """Forty tasks one after the other in one execution; the callback of each is sent when the one before is answered."""
    length, rounds = 40, 3 if bench.quick else 20
    with bench.server() as server:
        database = server.database
        disk = bench.fdatasync()
        totals = []
        topic = server.client("sns").create_topic(Name="bench-callbacks")["TopicArn"]
        arn = server.create_machine("task-chain", definitions.callback_tasks(length, topic))
        machine = database.machine("task-chain")
        for _ in range(rounds):
            start = sender.send(server, definitions.start_requests(arn, sender.START)[:1])
            tokens = (database.root_key(), ACCOUNT, [database.last_execution()])
            callbacks = sender.send(server, [SUCCEED], tokens=tokens, first_effect=1, lanes=1, count=length)
            totals.append((start["seconds"] + callbacks["seconds"]) * 1000)
            await_end(database, machine)
        totals.sort()
        bench.keep("milliseconds", totals)
        # Each step is durable twice: what schedules it, and what the dispatch answered.
        bench.figure(f"{length} chained tasks, from the start to the last answer; median of {rounds}", totals[len(totals) // 2], "ms",
                     at_most=100, yardsticks={f"{length + 1} fdatasyncs, ms": (length + 1) * 1000 / disk},
                     note=f"fastest {totals[0]:.0f} ms, slowest {totals[-1]:.0f} ms")
