"""Agents: a thousand of them connected, how soon a command reaches its node, how fast one node works, and a command to all."""
import subprocess
import time

from .. import machine, sender
from ..fleet import Fleet, RealAgent
from ..server import ServerFailed

AGENTS, RATE, JOBS = 1_000, 100, 20
SEND = "AmazonSSM.SendCommand"
DOCUMENT = "AWS-RunShellScript"
PATIENCE = 300


def run(bench):
    """A thousand light agents over HTTP, each with a key of its own and two connections as a real one: memory and processor time of the
    server, from SendCommand to the start at the node, a command to all of them. Then one real agent: `true` over and over, its memory."""
    light(bench)
    real(bench)


def light(bench):
    count = 100 if bench.quick else AGENTS
    with bench.server() as server, Fleet(bench.fleet_program(), server, count) as fleet:
        bench.keep("connected", fleet.connected)
        idle(bench, server, count)
        dispatch(bench, server, fleet)
        spread(bench, server, fleet, count)
        counts = fleet.order("counts")
        bench.keep("counts", counts)
        if counts["repeated"] or counts["lost"]:
            raise ServerFailed(f"orders came twice or connections were lost: {counts}")


def idle(bench, server, count):
    """Memory, and processor time while nothing happens but heartbeats."""
    time.sleep(bench.seconds(20))
    seconds = bench.seconds(60, 10)
    used, groups = machine.processor_seconds(server.pid), server.database.groups()
    time.sleep(seconds)
    used, groups = machine.processor_seconds(server.pid) - used, server.database.groups() - groups
    bench.figure(f"{count:,} agents at rest: processor time over {seconds} s", used / seconds * 100, "% of a core", at_most=3,
                 note=f"{groups} commits")
    bench.figure(f"{count:,} agents at rest: resident memory", machine.resident_bytes(server.pid) / 1e6, "MB", at_most=200,
                 note=f"{machine.proportional_bytes(server.pid) / 1e6:.0f} MB proportional, {machine.peak_bytes(server.pid) / 1e6:.0f} MB at most")


def dispatch(bench, server, fleet):
    """Commands to one node each at a steady rate; one clock for the call and the order to start."""
    disk = bench.fdatasync()
    fleet.order("behave", 50, 0)
    fleet.order("dispatch", RATE, 1)  # the first ones warm it up
    groups = server.database.groups()
    result = fleet.order("dispatch", RATE, bench.seconds(30, 3))
    groups = server.database.groups() - groups
    bench.keep("dispatch", result)
    if result["refused"] or result["started"] != result["sent"]:
        raise ServerFailed(f"not all commands were taken and started: {result}")
    note = f"{result['sent']} commands, slowest {result['most']:.1f} ms; {groups / result['sent']:.1f} commits each"
    bench.figure(f"{RATE} commands/s: SendCommand to the start, p50", result["p50"], "ms", at_most=20,
                 yardsticks={"2 fdatasyncs, ms": 2000 / disk}, note=note)
    bench.figure(f"{RATE} commands/s: SendCommand to the start, p99", result["p99"], "ms", at_most=100)


def spread(bench, server, fleet, count):
    """One command to all nodes, 50 at a time: all succeed; some fail within what is allowed; too many fail."""
    client = server.client("ssm")
    concurrency, allowed = min(50, count // 4), 10
    every = min(20, count // 20)
    for name, failing in (("none fail", 0), ("ten fail, ten may", count // allowed), (f"one in {every} fails", every)):
        fleet.order("behave", 50, failing)
        before, began = fleet.order("counts"), time.monotonic()
        command = client.send_command(
            DocumentName=DOCUMENT, Targets=[{"Key": "tag:fleet", "Values": ["light"]}], MaxConcurrency=str(concurrency),
            MaxErrors=str(allowed), Parameters={"commands": ["true"]})["Command"]["CommandId"]
        ended = await_end(client, command)
        seconds = time.monotonic() - began
        after = fleet.order("counts")
        ran, failed = after["started"] - before["started"], after["failed"] - before["failed"]
        bench.keep(f"to all, {name}", {"command": {k: v for k, v in ended.items() if "Count" in k or k in ("Status", "StatusDetails")},
                                       "ran": ran, "failed": failed, "seconds": seconds})
        expected = {0: (0, "Success"), count // allowed: (allowed, "Incomplete")}.get(failing)
        if ended["TargetCount"] != count or ended["ErrorCount"] != failed:
            raise ServerFailed(f"{name}: {failed} failed of {ran}, and the command says {ended}")
        if expected and (failed, ended["StatusDetails"], ran) != (*expected, count):
            raise ServerFailed(f"{name}: {failed} failed of {ran}: {ended}")
        if not expected and not allowed < failed <= allowed + concurrency:
            raise ServerFailed(f"{name}: ended after {failed} failures: {ended}")
        bench.figure(f"one command to {count:,} nodes, {concurrency} at a time, {allowed} errors allowed; {name}", seconds, "s",
                     note=f"{ended['StatusDetails']}: {ran:.0f} ran for 50 ms each, {failed:.0f} failed")


def await_end(client, command):
    deadline = time.monotonic() + PATIENCE
    while True:
        one = client.list_commands(CommandId=command)["Commands"][0]
        if one["Status"] not in ("Pending", "InProgress", "Cancelling") and one["CompletedCount"] == one["TargetCount"]:
            return one
        if time.monotonic() > deadline:
            raise ServerFailed(f"a command did not end: {one}")
        time.sleep(0.05)


def real(bench):
    with bench.folder() as folder, bench.server() as server, RealAgent(bench.program, server, folder) as agent:
        time.sleep(bench.seconds(20))
        rest = machine.proportional_bytes(agent.process.pid)
        used = machine.processor_seconds(agent.process.pid)
        seconds = bench.seconds(30)
        time.sleep(seconds)
        used = machine.processor_seconds(agent.process.pid) - used
        bench.figure("a real agent at rest: proportional memory", rest / 1e6, "MB", at_most=25,
                     note=f"{used / seconds * 100:.2f} % of a core over {seconds} s")
        jobs(bench, agent)
        trues(bench, server, agent)
        bench.figure("the agent after these: proportional memory", machine.proportional_bytes(agent.process.pid) / 1e6, "MB")


def jobs(bench, agent):
    """What each running command adds to the agent and in its supervisor; without the processes of the command itself."""
    client, count = agent.server.client("ssm"), min(JOBS, 12)
    before = machine.proportional_bytes(agent.process.pid)
    commands = [send(client, agent, "sleep 600") for _ in range(count)]
    deadline = time.monotonic() + 30
    while len(agent.supervisors()) < count and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(2)
    supervisors = agent.supervisors()
    if len(supervisors) != count:
        raise ServerFailed(f"{len(supervisors)} of {count} commands run")
    added = machine.proportional_bytes(agent.process.pid) - before
    beside = sum(machine.proportional_bytes(process) for process in supervisors)
    bench.figure(f"each of {count} running commands adds", (added + beside) / count / 1e6, "MB", at_most=2,
                 note=f"{beside / count / 1e6:.2f} MB of it in its supervisor")
    for command in commands:
        client.cancel_command(CommandId=command)
    for command in commands:
        await_end(client, command)


def send(client, agent, script):
    return client.send_command(
        InstanceIds=[agent.instance_id], DocumentName=DOCUMENT, Parameters={"commands": [script]})["Command"]["CommandId"]


def trues(bench, server, agent):
    """`true` as often as one node can, from the first SendCommand until the last result is stored."""
    spawns = spawn_rate(bench.seconds(3, 1))
    count = 200 if bench.quick else 4_000
    body = f'{{"InstanceIds":["{agent.instance_id}"],"DocumentName":"{DOCUMENT}","Parameters":{{"commands":["true"]}}}}'
    before, began = server.database.ended_invocations(), time.monotonic()
    sent = sender.send(server, [(SEND, body)], service="ssm", content_type="application/x-amz-json-1.1", connections=4, count=count)
    signing = time.monotonic() - began - sent["seconds"]  # before the sender's clock started
    while (ended := server.database.ended_invocations() - before) < count:
        if time.monotonic() - began > PATIENCE:
            raise ServerFailed(f"{ended} of {count} commands have ended")
        time.sleep(0.02)
    seconds = time.monotonic() - began - signing
    bench.keep("true", {"sent": sent, "seconds": seconds})
    bench.figure("one real agent: `true`, end to end", count / seconds, "commands/s", at_least=200,
                 yardsticks={"spawns of sh": spawns}, note=f"{count} commands in {seconds:.1f} s, taken at {sent['per_second']:,.0f}/s")


def spawn_rate(seconds):
    """How often a second this machine runs `sh -c true`, one after the other."""
    began, count = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        subprocess.run(["/bin/sh", "-c", "true"], check=True)
        count += 1
    return count / (time.monotonic() - began)
