"""What must be true of all commands once everything has been healed.

A command ran at most once on each node, whatever became of server, agent and network. Success and exit codes are those of one whole run;
what ended without having been delivered never ran; every command ends; a result without an orderly end has a reason that the test itself
gave. Output is whole, in its order and without doubles, or, of a run that was cut off, the beginning of it.
"""
import collections
import time

import botocore.exceptions

from command_load import BUCKET, GROUP, SHOWN

ENDED = {"Success", "Failed", "TimedOut", "Cancelled"}
Verdict = collections.namedtuple("Verdict", "sent node command status details code began shown", defaults=[("", "")])


def settle(load, agents, seconds):
    """Waits until each command has ended on each of its nodes and no agent holds or runs anything of it; returns the verdicts."""
    client = load.server.client("ssm")
    deadline = time.monotonic() + seconds
    identify(client, load)
    waiting = {sent.token: sent for sent in load.sent.values() if sent.id}
    verdicts = []
    while waiting:
        for sent in list(waiting.values()):
            invocations = listed(client.list_command_invocations, "CommandInvocations", CommandId=sent.id)
            if {one["InstanceId"] for one in invocations} == set(sent.nodes) and all(one["Status"] in ENDED for one in invocations):
                del waiting[sent.token]
                verdicts += [verdict(client, sent, one["InstanceId"]) for one in invocations]
        assert not waiting or time.monotonic() < deadline, f"not ended within {seconds} s: " + "; ".join(
            f"{sent} {[(one['InstanceId'], one['StatusDetails']) for one in listed(client.list_command_invocations, 'CommandInvocations', CommandId=sent.id)]}"
            for sent in list(waiting.values())[:5])
        time.sleep(0.2)
    while left := {agent.name: held for agent in agents if (held := agent.spooled() + agent.supervisors() + agent.scripts())}:
        assert time.monotonic() < deadline, f"agents hold or run what has ended: {left}"
        time.sleep(0.2)
    return verdicts


def listed(call, member, **arguments):
    found, token = [], {}
    while True:
        page = call(MaxResults=50, **arguments, **token)
        found += page[member]
        if "NextToken" not in page:
            return found
        token = {"NextToken": page["NextToken"]}


def identify(client, load):
    """Finds the commands whose acknowledgement was lost. One call makes one command at most, whatever its sender heard."""
    by_token = collections.defaultdict(list)
    for command in listed(client.list_commands, "Commands"):
        by_token[command.get("Comment")].append(command["CommandId"])
    for token, sent in load.sent.items():
        ids = by_token.get(token, [])
        assert len(ids) <= 1, f"{token} became several commands: {ids}"
        assert sent.id is None or ids == [sent.id], f"{token} was acknowledged as {sent.id} and is {ids}"
        sent.id = ids[0] if ids else None


def verdict(client, sent, node):
    result = client.get_command_invocation(CommandId=sent.id, InstanceId=node)
    return Verdict(sent, node, sent.id, result["Status"], result["StatusDetails"], result["ResponseCode"],
                   bool(result.get("ExecutionStartDateTime")), (result["StandardOutputContent"], result["StandardErrorContent"]))


def check(load, agents, verdicts):
    """All that must be true. Returns how often each end occurred."""
    begun, ended = read_marks(load.marks)
    by_node = {agent.instance_id: agent for agent in agents}
    known = {sent.token for sent in load.sent.values() if sent.id}
    for (token, node), times in begun.items():
        assert times == 1, f"{token} began {times} times on {node}"
        assert token in known, f"{token} ran, and there is no such command"
    for key, times in ended.items():
        assert times == 1 and begun[key] == 1, f"{key} ended {times} times and began {begun[key]} times"
    problems, logs, objects = [], load.server.client("logs"), load.server.client("s3")
    for one in verdicts:
        key = one.sent.token, one.node
        try:
            check_status(one, by_node[one.node], begun[key], ended[key])
            check_output(one, logs, objects)
        except AssertionError as problem:
            problems.append(f"{one.command} ({one.sent.kind}, {one.sent.token}) on {by_node[one.node].name}: {one.status}, {one.details}, "
                            f"{one.code}; began {begun[key]}, ended {ended[key]}: {problem}")
    check_counts(load.server.client("ssm"), verdicts)
    assert not problems, f"{len(problems)} commands are wrong:\n" + "\n".join(problems[:20])
    return collections.Counter((one.status if one.status == one.details else f"{one.status}, {one.details}") for one in verdicts)


def read_marks(path):
    """How often each command began and ended on each node."""
    begun, ended = collections.Counter(), collections.Counter()
    for line in path.read_text().splitlines():
        what, token, node, _process = line.split()
        (begun if what == "BEGIN" else ended)[token, node] += 1
    return begun, ended


def check_status(one, agent, begun, ended):
    """The status fits what happened."""
    sent, details = one.sent, one.details
    if one.status == "Success":
        assert (begun, ended, one.code, sent.code) == (1, 1, 0, 0), f"the exit code is {sent.code}"
    elif details == "Failed":
        assert (begun, ended, one.code) == (1, 1, sent.code) and sent.code, f"the exit code is {sent.code}"
    elif details == "SupervisorLost":
        assert sent.id in agent.killed, "nobody has killed its supervisor"
    elif details == "NodeRebooted":
        assert sent.id in agent.rebooted, "its node was not rebooted"
    elif details == "DeliveryTimedOut":
        assert begun == 0, "it ran"
        assert sent.may_time_out, "its delivery has an hour"
    elif details == "ExecutionTimedOut":
        assert sent.kind == "times out" and ended == 0, "it has no such timeout"
    elif details == "Terminated":
        assert sent.kind == "spread" and begun == 0, "it ran, or nothing had failed"
    elif details == "Cancelled":
        assert sent.cancel_asked, "nobody has cancelled it"
        assert begun == 0 or one.began, "it ran, and its start is not known"
    else:
        raise AssertionError("no such end was expected")


def check_output(one, logs, objects):
    """Standard output and error as the API shows them, in the log and in the bucket."""
    sent = one.sent
    is_whole = one.status == "Success" or one.details == "Failed"
    fits(one.shown[0], sent.stdout[:SHOWN], is_whole, "standard output")
    if is_whole:
        fits(one.shown[1], sent.stderr[:8_000], is_whole, "standard error")
    if sent.more.get("in the log"):
        for stream, expected in (("stdout", sent.stdout), ("stderr", sent.stderr)):
            if expected and is_whole or stream == "stdout":
                lines = log_lines(logs, f"{one.command}/{one.node}/aws-runShellScript/{stream}")
                fits("".join(line + "\n" for line in lines), expected, is_whole, f"{stream} in the log", cut_lines=True)
    if sent.more.get("in the bucket") and is_whole:
        for stream, expected in (("stdout", sent.stdout), ("stderr", sent.stderr)):
            if expected:
                fits(stored(objects, one, stream), expected, True, f"{stream} in the bucket")


def fits(found, expected, is_whole, what, cut_lines=False):
    """Equal; of a run that was cut off a beginning. In a log even the last line of a beginning has an end."""
    if found == expected or not is_whole and expected.startswith(found[:-1] if cut_lines else found):
        return
    place = next((n for n, (a, b) in enumerate(zip(found, expected)) if a != b), min(len(found), len(expected)))
    raise AssertionError(f"{what} has {len(found)} of {len(expected)} characters and differs at {place}: "
                         f"{found[max(0, place - 40):place + 40]!r} is not {expected[max(0, place - 40):place + 40]!r}")


def log_lines(logs, stream):
    lines, token = [], {}
    while True:
        try:
            page = logs.get_log_events(logGroupName=GROUP, logStreamName=stream, startFromHead=True, **token)
        except botocore.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "ResourceNotFoundException", error
            return lines
        lines += [event["message"] for event in page["events"]]
        if token.get("nextToken") == page["nextForwardToken"]:
            return lines
        token = {"nextToken": page["nextForwardToken"]}


def stored(objects, one, stream):
    """An object of the command's output, which is put once the command has ended."""
    name = f"night/{one.command}/{one.node}/awsrunShellScript/0.awsrunShellScript/{stream}"
    deadline = time.monotonic() + 60
    while True:
        try:
            return objects.get_object(Bucket=BUCKET, Key=name)["Body"].read().decode()
        except objects.exceptions.NoSuchKey:
            assert time.monotonic() < deadline, f"{name} is not in the bucket"
            time.sleep(0.2)


def check_counts(client, verdicts):
    """Each command's own counts are those of its nodes."""
    by_command = collections.defaultdict(list)
    for one in verdicts:
        by_command[one.command].append(one)
    for command in listed(client.list_commands, "Commands"):
        ends = by_command.get(command["CommandId"])
        if ends:
            assert command["TargetCount"] == command["CompletedCount"] == len(ends), command
            timed_out = sum(one.details == "DeliveryTimedOut" for one in ends)
            assert command["DeliveryTimedOutCount"] == timed_out, command
            failed = sum(one.status == "Failed" or one.details == "ExecutionTimedOut" for one in ends)
            assert command["ErrorCount"] in (failed, failed + timed_out), (command, [one.details for one in ends])
