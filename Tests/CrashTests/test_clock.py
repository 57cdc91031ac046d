"""The wall clock jumps by hours, back and forth, under load: nothing is lost, doubled or early."""
import datetime
import json
import random
import time

import pytest

import conftest
import kills
import ledger as ledgers
import machines
import marks

HOUR = 3600


@pytest.fixture
def server(make_server, wall):
    return make_server(environment={"NIGHTSHIFT_CLOCK_OFFSET_FILE": str(wall.file)})


def timed(seconds_to_wait):
    """A wait, a task whose time is up, and one that is answered; all by engine time."""
    ask = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish.waitForTaskToken"}
    return {
        "wait": {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": seconds_to_wait, "End": True}}},
        "timeout": {"StartAt": "T", "States": {"T": {**ask, "TimeoutSeconds": seconds_to_wait, "End": True}}},
        "heartbeat": {"StartAt": "T", "States": {"T": {**ask, "TimeoutSeconds": 900, "HeartbeatSeconds": seconds_to_wait, "End": True}}},
        "patient": {"StartAt": "T", "TimeoutSeconds": 900, "States": {"T": {**ask, "TimeoutSeconds": 600, "HeartbeatSeconds": 300, "End": True}}},
    }


def test_durations_are_not_those_of_a_jumping_wall_clock(server, wall):
    """No wait, timeout or heartbeat ends early or late, and load goes on."""
    seconds = 5
    client = server.client("stepfunctions")
    topic = server.client("sns").create_topic(Name="nobody")["TopicArn"]
    arns = {}
    for name, definition in timed(seconds).items():
        if "T" in definition["States"]:
            definition["States"]["T"]["Parameters"] = {"TopicArn": topic, "Message.$": "$$.Task.Token"}
        arns[name] = client.create_state_machine(name="timed-" + name, definition=json.dumps(definition), roleArn=machines.ROLE)["stateMachineArn"]
    quick = machines.create(client, ["chain", "loop", "parallel", "wait"])
    shapes = kills.references(server, quick)
    dice = random.Random(7)
    load = ledgers.Ledger(server, quick, threads=2, prefix="c")
    begun = {}
    for name, arn in arns.items():
        for number in range(3):
            wall.set(dice.randrange(-6 * HOUR, 6 * HOUR))
            begun[client.start_execution(stateMachineArn=arn, name=f"{name}-{number}")["executionArn"]] = (name, time.monotonic())
    ended = {}
    until = time.monotonic() + seconds + 6
    while time.monotonic() < until:
        wall.set(dice.randrange(-6 * HOUR, 6 * HOUR))
        for arn in set(begun) - set(ended):
            for attempt in ledgers.attempts():
                with attempt:
                    answer = client.describe_execution(executionArn=arn)
                    break
            if answer["status"] != "RUNNING":
                ended[arn] = (answer["status"], answer.get("error"), time.monotonic() - begun[arn][1])
        time.sleep(0.1)
    wall.set(0)
    load.stop()
    expected = {"wait": ("SUCCEEDED", None), "timeout": ("FAILED", "States.Timeout"), "heartbeat": ("FAILED", "States.Timeout")}
    for arn, (name, _) in begun.items():
        if name == "patient":
            assert arn not in ended, f"{name} ended early: {ended[arn]}"
            continue
        assert arn in ended, f"{name} is late"
        # Engine time follows the wall clock by 5 % at most.
        assert ended[arn][:2] == expected[name] and seconds * 0.94 <= ended[arn][2], (name, ended[arn])
    ledgers.check(server, load, shapes, is_clock_steady=False)


def test_wall_clock_waits_end_by_the_wall_clock(server, wall):
    client = server.client("stepfunctions")
    definition = {"StartAt": "W", "States": {"W": {"Type": "Wait", "TimestampPath": "$.at", "End": True}}}
    arn = client.create_state_machine(name="at", definition=json.dumps(definition), roleArn=machines.ROLE)["stateMachineArn"]
    at = (wall.now + datetime.timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    execution = client.start_execution(stateMachineArn=arn, input=json.dumps({"at": at}))["executionArn"]
    for offset in (HOUR, -HOUR, HOUR):
        wall.set(offset)
        time.sleep(0.5)
        assert client.describe_execution(executionArn=execution)["status"] == "RUNNING"
    wall.set(3 * HOUR)
    ledgers.within(90, lambda: client.describe_execution(executionArn=execution)["status"] == "SUCCEEDED", "the wait ends")


@pytest.mark.acceptance
def test_rules_fire_once_for_each_time_however_the_clock_jumps(make_server, wall):
    outside = marks.Marks(conftest.free_port)
    server = make_server(environment={"NIGHTSHIFT_CLOCK_OFFSET_FILE": str(wall.file)})
    try:
        topics, rules = server.client("sns"), server.client("events")
        topic = topics.create_topic(Name="ticks")["TopicArn"]
        topics.subscribe(TopicArn=topic, Protocol="http", Endpoint=outside.url)
        outside.confirm()
        hour = wall.now.replace(minute=0, second=0, microsecond=0) + datetime.timedelta(hours=2)
        wall.set_to(hour - datetime.timedelta(seconds=90))
        rules.put_rule(Name="hourly", ScheduleExpression="cron(0 * * * ? *)")
        rules.put_targets(Rule="hourly", Targets=[{"Id": "t", "Arn": topic}])
        fired = lambda: outside.of("tick", "hourly")  # noqa: E731
        texts = [(hour + datetime.timedelta(hours=n)).strftime("%Y-%m-%dT%H:%M:%SZ") for n in range(6)]
        wall.set_to(hour - datetime.timedelta(seconds=2))
        ledgers.within(60, lambda: fired() == texts[:1], f"the first tick: {fired()}")
        # The same hour comes again: it has been.
        wall.set_to(hour - datetime.timedelta(seconds=2))
        time.sleep(5)
        assert fired() == texts[:1]
        # Hours are skipped: what is late by more than a minute is missed, the next one comes.
        wall.set_to(hour + datetime.timedelta(hours=4, seconds=-3))
        ledgers.within(60, lambda: texts[4] in fired(), "the tick after the jump")
        time.sleep(1)
        assert fired() == [texts[0], texts[4]]
    finally:
        server.end()
        outside.close()
