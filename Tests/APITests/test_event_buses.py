"""Event buses as AWS clients use them: buses, events, and every kind of target, with boto3 and the AWS CLI against a live server."""
import contextlib
import json
import time
import uuid

import pytest

import queues
from agents import Agent
from polling import until
from refusals import error
from test_functions import archive

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/events"
PASS = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})


@pytest.fixture
def events(client):
    return client("events")


@pytest.fixture
def sqs(client):
    return client("sqs")


@contextlib.contextmanager
def event_bus(events, **options):
    """The name of a new bus, which goes with its rules."""
    name = f"bus-{uuid.uuid4().hex[:12]}"
    events.create_event_bus(Name=name, **options)
    try:
        yield name
    finally:
        for rule in events.list_rules(EventBusName=name)["Rules"]:
            drop(events, rule["Name"], name)
        events.delete_event_bus(Name=name)


def drop(events, rule, bus="default"):
    ids = [target["Id"] for target in events.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]]
    if ids:
        events.remove_targets(Rule=rule, EventBusName=bus, Ids=ids)
    events.delete_rule(Name=rule, EventBusName=bus)


@pytest.fixture
def bus(events):
    with event_bus(events) as name:
        yield name


@pytest.fixture
def inbox(sqs):
    """A queue, as its URL and ARN."""
    with queues.queue(sqs) as url:
        yield url, queues.arn(sqs, url)


def rule(events, bus, target, *, pattern=None, name="rule", **options):
    """A rule on a bus with one target; its ARN."""
    answer = events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern or {"source": ["shop"]}))
    put = events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "target", "Arn": target, **options}])
    assert put["FailedEntryCount"] == 0
    return answer["RuleArn"]


def put(events, bus, detail=None, *, source="shop", detail_type="Order Placed", **options):
    """Puts one event; returns its id."""
    answer = events.put_events(Entries=[
        {"EventBusName": bus, "Source": source, "DetailType": detail_type, "Detail": json.dumps(detail or {"order": 1}), **options}])
    assert answer["FailedEntryCount"] == 0
    return answer["Entries"][0]["EventId"]


def received(sqs, url, seconds=20):
    """The first message of a queue, deleted."""
    messages = queues.receive(sqs, url, MaxNumberOfMessages=1, WaitTimeSeconds=seconds)
    assert messages, "no message came"
    sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
    return messages[0]


# Buses

def test_a_bus_from_creation_to_deletion(events):
    name = f"life-{uuid.uuid4().hex[:8]}"
    arn = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/{name}"
    made = events.create_event_bus(Name=name, Description="of the shop", Tags=[{"Key": "team", "Value": "shop"}])
    assert (made["EventBusArn"], made["Description"]) == (arn, "of the shop")
    assert error(events.create_event_bus, Name=name) == f"ResourceAlreadyExistsException: Event bus {name} already exists."
    described = events.describe_event_bus(Name=arn)
    assert (described["Name"], described["Arn"], described["Description"]) == (name, arn, "of the shop")
    assert described["CreationTime"] <= described["LastModifiedTime"]
    events.update_event_bus(Name=name, Description="new")
    assert events.describe_event_bus(Name=name)["Description"] == "new"
    assert [bus["Arn"] for bus in events.list_event_buses(NamePrefix=name)["EventBuses"]] == [arn]
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "team", "Value": "shop"}]
    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "x", "Value": "1"}])
    events.untag_resource(ResourceARN=arn, TagKeys=["team"])
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "x", "Value": "1"}]
    events.put_rule(Name="r", EventBusName=name, EventPattern='{"source": ["a"]}')
    assert "has rules" in error(events.delete_event_bus, Name=name)
    events.delete_rule(Name="r", EventBusName=arn)
    events.delete_event_bus(Name=name)
    events.delete_event_bus(Name=name)
    assert error(events.describe_event_bus, Name=name) == f"ResourceNotFoundException: Event bus {name} does not exist."


def test_names_of_buses(events):
    assert error(events.create_event_bus, Name="default") == "ResourceAlreadyExistsException: Event bus default already exists."
    assert error(events.create_event_bus, Name="a/b") == "ValidationException: Event bus name must not contain '/'."
    assert error(events.create_event_bus, Name="aws.mine") == "ValidationException: Event bus name starting with 'aws.' is not valid."
    assert error(events.create_event_bus, Name="a b").startswith("ValidationException: 1 validation error detected: Value 'a b' at 'name'")
    assert error(events.delete_event_bus, Name="default") == "ValidationException: Cannot delete event bus default."


def test_permissions(events, bus):
    arn = events.describe_event_bus(Name=bus)["Arn"]
    events.put_permission(EventBusName=bus, Action="events:PutEvents", Principal="111122223333", StatementId="one")
    policy = json.loads(events.describe_event_bus(Name=bus)["Policy"])
    assert policy == {"Version": "2012-10-17", "Statement": [
        {"Sid": "one", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "events:PutEvents",
         "Resource": arn}]}
    assert "Statement with the provided id does not exist" in error(events.remove_permission, EventBusName=bus, StatementId="two")
    events.remove_permission(EventBusName=bus, StatementId="one")
    assert "Policy" not in events.describe_event_bus(Name=bus)


def test_schedules_stand_on_the_default_bus(events, bus):
    assert error(events.put_rule, Name="r", EventBusName=bus, ScheduleExpression="rate(1 day)") == (
        "ValidationException: ScheduleExpression is supported only on the default event bus.")
    assert error(events.put_rule, Name="r", EventBusName="absent", EventPattern='{"source": ["a"]}') == (
        "ResourceNotFoundException: Event bus absent does not exist.")


# Events

def test_an_event_reaches_a_queue_whole(events, sqs, bus, inbox):
    url, arn = inbox
    rule_arn = rule(events, bus, arn, pattern={"source": ["shop"], "detail": {"order": [{"numeric": [">", 5]}]}})
    assert rule_arn == f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{bus}/rule"
    put(events, bus, {"order": 3})
    put(events, bus, {"order": 9}, source="bank")
    id = put(events, f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/{bus}", {"order": 7, "ratio": 1.50}, Time=1700000000, Resources=["arn:a"])
    event = json.loads(received(sqs, url)["Body"])
    assert event == {
        "version": "0", "id": id, "detail-type": "Order Placed", "source": "shop", "account": ACCOUNT, "time": "2023-11-14T22:13:20Z",
        "region": "us-east-1", "resources": ["arn:a"], "detail": {"order": 7, "ratio": 1.5}}
    assert queues.receive(sqs, url) == []


def test_faulty_entries_fail_for_themselves(events, sqs, bus, inbox):
    url, arn = inbox
    rule(events, bus, arn)
    good = {"EventBusName": bus, "Source": "shop", "DetailType": "T", "Detail": "{}"}
    cases = [
        ({"Source": ""}, "InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."),
        ({"DetailType": ""}, "InvalidArgument", "Parameter DetailType is not valid. Reason: DetailType is a required argument."),
        ({"Detail": ""}, "InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument."),
        ({"Detail": "{"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "[]"}, "MalformedDetail", "Detail is malformed."),
        ({"Source": "aws.shop"}, "NotAuthorizedForSourceException", "Not authorized for the source."),
    ]
    answer = events.put_events(Entries=[{**good, **change} for change, _, _ in cases] + [good])
    assert answer["FailedEntryCount"] == len(cases)
    assert [(entry.get("ErrorCode"), entry.get("ErrorMessage")) for entry in answer["Entries"][:-1]] == [
        (code, message) for _, code, message in cases]
    assert json.loads(received(sqs, url)["Body"])["id"] == answer["Entries"][-1]["EventId"]


def test_limits_of_put_events(events, bus):
    entry = {"EventBusName": bus, "Source": "shop", "DetailType": "T", "Detail": "{}"}
    assert "Member must have length less than or equal to 10" in error(events.put_events, Entries=[entry] * 11)
    big = {**entry, "Detail": json.dumps({"a": "x" * 600_000})}
    assert events.put_events(Entries=[big])["FailedEntryCount"] == 0
    assert error(events.put_events, Entries=[big, big]) == (
        "ValidationException: Total size of the entries in the request is over the limit.")


def test_events_for_no_bus_are_dropped(events):
    assert put(events, "absent")


def test_a_change_of_a_rule_counts_from_its_answer_on(events, sqs, bus, inbox):
    url, arn = inbox
    rule(events, bus, arn)
    for number in range(20):
        events.disable_rule(Name="rule", EventBusName=bus)
        put(events, bus, {"number": -number - 1})
        events.enable_rule(Name="rule", EventBusName=bus)
        put(events, bus, {"number": number})
    events.remove_targets(Rule="rule", EventBusName=bus, Ids=["target"])
    put(events, bus, {"number": -99})
    numbers = []
    while messages := queues.receive(sqs, url):
        numbers += [json.loads(message["Body"])["detail"]["number"] for message in messages]
    assert sorted(numbers) == list(range(20))


def test_rules_with_other_targets(events, bus, inbox):
    _, arn = inbox
    rule(events, bus, arn, name="one")
    rule(events, bus, arn, name="two")
    assert events.list_rule_names_by_target(TargetArn=arn, EventBusName=bus)["RuleNames"] == ["one", "two"]
    assert events.list_rule_names_by_target(TargetArn=arn)["RuleNames"] == []
    assert [entry["EventBusName"] for entry in events.list_rules(EventBusName=bus)["Rules"]] == [bus, bus]


# What targets are given

@pytest.mark.parametrize("target, expected", [
    ({"Input": '{"a": 1}'}, '{"a": 1}'),
    ({"InputPath": "$.detail.customer"}, '{"name":"Eve"}'),
    ({"InputTransformer": {"InputPathsMap": {"who": "$.detail.customer.name", "all": "$.detail"},
                           "InputTemplate": '{"name": <who>, "text": "for <who>", "all": <all>}'}},
     '{"name": "Eve", "text": "for Eve", "all": {"order":1,"customer":{"name":"Eve"}}}'),
    ({"InputTransformer": {"InputPathsMap": {"who": "$.detail.customer.name"}, "InputTemplate": '"Order of <who>"'}}, '"Order of Eve"'),
    ({"InputTransformer": {"InputTemplate": '{"rule": "<aws.events.rule-name>"}'}}, '{"rule": "rule"}'),
])
def test_inputs(events, sqs, bus, inbox, target, expected):
    url, arn = inbox
    rule(events, bus, arn, **target)
    put(events, bus, {"order": 1, "customer": {"name": "Eve"}})
    assert received(sqs, url)["Body"] == expected


# Kinds of targets

def test_a_fifo_queue_gets_its_group(events, sqs, bus):
    with queues.queue(sqs, fifo=True, ContentBasedDeduplication="true") as url:
        arn = queues.arn(sqs, url)
        events.put_rule(Name="rule", EventBusName=bus, EventPattern='{"source": ["shop"]}')
        assert "SqsParameters must be specified" in error(
            events.put_targets, Rule="rule", EventBusName=bus, Targets=[{"Id": "t", "Arn": arn}])
        rule(events, bus, arn, SqsParameters={"MessageGroupId": "orders"})
        for number in range(3):
            put(events, bus, {"number": number})
        messages = queues.receive(sqs, url, WaitTimeSeconds=5)
        assert [json.loads(message["Body"])["detail"]["number"] for message in messages] == [0, 1, 2]
        assert {message["Attributes"]["MessageGroupId"] for message in messages} == {"orders"}


def test_a_state_machine_is_started_once(client, events, bus):
    states = client("stepfunctions")
    machine = states.create_state_machine(name=bus, definition=PASS, roleArn=ROLE)["stateMachineArn"]
    rule(events, bus, machine, RoleArn=ROLE, InputPath="$.detail")
    id = put(events, bus, {"order": 5})
    executions = until(lambda: states.list_executions(stateMachineArn=machine)["executions"])
    assert [entry["name"].startswith(id) for entry in executions] == [True]
    assert states.describe_execution(executionArn=executions[0]["executionArn"])["input"] == '{"order":5}'
    states.delete_state_machine(stateMachineArn=machine)


def test_a_function_and_a_topic(client, events, bus):
    functions, sns, logs = client("lambda"), client("sns"), client("logs")
    code = "import json\ndef handler(event, context):\n    print(json.dumps(event))\n"
    function = functions.create_function(
        FunctionName=bus, Runtime="python3.11", Role=ROLE, Handler="main.handler", Timeout=30,
        Code={"ZipFile": archive({"main.py": code})})["FunctionArn"]
    topic = sns.create_topic(Name=bus)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    rule(events, bus, function)
    rule(events, bus, topic, name="topic", InputPath="$.detail")
    id = put(events, bus, {"order": "by-topic"})

    def output():
        if not logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{bus}")["logGroups"]:
            return ""
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{bus}")
        return "".join(entry["message"] for page in pages for entry in page["events"])

    until(lambda: f'"id": "{id}"' in output() and "by-topic" in output() and "Sns" in output())
    sns.delete_topic(TopicArn=topic)
    functions.delete_function(FunctionName=bus)


def test_another_bus_once_and_no_third(events, sqs, bus, inbox):
    url, arn = inbox
    with event_bus(events) as second, event_bus(events) as third, queues.queue(sqs) as dead:
        to = lambda name: f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/{name}"
        rule(events, bus, to(second), RoleArn=ROLE)
        rule(events, second, arn)
        on = rule(events, second, to(third), name="on", RoleArn=ROLE, DeadLetterConfig={"Arn": queues.arn(sqs, dead)})
        rule(events, third, arn)
        assert "Modifying the input" in error(
            events.put_targets, Rule="rule", EventBusName=bus, Targets=[{"Id": "t", "Arn": to(second), "Input": "{}"}])
        id = put(events, bus)
        assert json.loads(received(sqs, url)["Body"])["id"] == id
        letter = received(sqs, dead)
        assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "THIRD_ACCOUNT_HOP_DETECTED"
        assert letter["MessageAttributes"]["RULE_ARN"]["StringValue"] == on
        assert queues.receive(sqs, url) == []


def test_a_log_group(client, events, bus):
    logs = client("logs")
    group = f"/aws/events/{bus}"
    logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{group}"
    rule(events, bus, arn)
    rule(events, bus, arn + ":*", name="transformed", InputTransformer={
        "InputPathsMap": {"at": "$.detail.at", "text": "$.detail.text"}, "InputTemplate": '{"timestamp": <at>, "message": <text>}'})
    now = int(time.time() * 1000)
    put(events, bus, {"at": now, "text": "hello"})

    def entries():
        return logs.filter_log_events(logGroupName=group)["events"]

    found = until(lambda: len(entries()) == 2 and entries())
    assert sorted(entry["message"] == "hello" for entry in found) == [False, True]
    assert (now, "hello") in [(entry["timestamp"], entry["message"]) for entry in found]
    logs.delete_log_group(logGroupName=group)


def test_run_command(server, events, bus, tmp_path):
    agent = Agent(server, tmp_path / "agent", tags=[f"role={bus}"])
    try:
        proof = tmp_path / "proof"
        rule(events, bus, "arn:aws:ssm:us-east-1::document/AWS-RunShellScript", RoleArn=ROLE,
             RunCommandParameters={"RunCommandTargets": [{"Key": "tag:role", "Values": [bus]}]},
             InputTransformer={"InputPathsMap": {"order": "$.detail.order"},
                               "InputTemplate": json.dumps({"commands": [f"echo order <order> >> {proof}"]})})
        put(events, bus, {"order": 12})
        until(lambda: proof.exists() and proof.read_text() == "order 12\n")
    finally:
        agent.stop()


def test_unsupported_targets_are_refused(events, bus):
    events.put_rule(Name="r", EventBusName=bus, EventPattern='{"source": ["a"]}')
    message = error(events.put_targets, Rule="r", EventBusName=bus, Targets=[
        {"Id": "t", "Arn": f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s"}])
    assert message == "ValidationException: Targets of the service 'kinesis' are not supported by Nightshift: target t."


# Dead letters

def attributes(message):
    return {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}


@pytest.mark.parametrize("target", [
    f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:absent", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:absent",
    f"arn:aws:sqs:us-east-1:{ACCOUNT}:absent", f"arn:aws:sns:us-east-1:{ACCOUNT}:absent",
    f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/absent", f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/events/absent"])
def test_what_cannot_be_delivered_goes_to_the_dead_letter_queue(events, sqs, bus, inbox, target):
    url, arn = inbox
    rule_arn = rule(events, bus, target, RoleArn=ROLE, DeadLetterConfig={"Arn": arn})
    id = put(events, bus)
    letter = received(sqs, url)
    assert json.loads(letter["Body"])["id"] == id
    facts = attributes(letter)
    assert facts.pop("ERROR_MESSAGE")
    assert facts == {"RULE_ARN": rule_arn, "TARGET_ARN": target, "ERROR_CODE": "NO_RESOURCE", "RETRY_ATTEMPTS": "0"}


def test_a_dead_letter_is_the_event_and_not_the_input(events, sqs, bus, inbox):
    url, arn = inbox
    rule(events, bus, f"arn:aws:sqs:us-east-1:{ACCOUNT}:absent", Input="1", DeadLetterConfig={"Arn": arn})
    id = put(events, bus)
    assert json.loads(received(sqs, url)["Body"])["id"] == id


def test_other_targets_do_not_wait_for_an_absent_one(events, sqs, bus, inbox):
    url, arn = inbox
    rule(events, bus, arn)
    events.put_targets(Rule="rule", EventBusName=bus, Targets=[{"Id": "absent", "Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:absent"}])
    id = put(events, bus)
    assert json.loads(received(sqs, url)["Body"])["id"] == id


def test_dead_letter_queues_are_standard_queues(events, bus, inbox):
    _, arn = inbox
    events.put_rule(Name="r", EventBusName=bus, EventPattern='{"source": ["a"]}')

    def refused(queue):
        return error(events.put_targets, Rule="r", EventBusName=bus, Targets=[{"Id": "t", "Arn": arn, "DeadLetterConfig": {"Arn": queue}}])

    assert refused("night").startswith("ValidationException: ")
    assert "FIFO" in refused(f"arn:aws:sqs:us-east-1:{ACCOUNT}:q.fifo")


# Crashes and the CLI

def test_accepted_events_survive_a_crash(start_server):
    server = start_server()
    events, sqs, states = (server.client(name) for name in ("events", "sqs", "stepfunctions"))
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    machine = states.create_state_machine(name="order", definition=PASS, roleArn=ROLE)["stateMachineArn"]
    events.create_event_bus(Name="shop")
    rule(events, "shop", queues.arn(sqs, url))
    rule(events, "shop", machine, name="machine", RoleArn=ROLE)
    ids = {put(events, "shop", {"order": number}) for number in range(20)}
    server.kill()
    server.start()
    found = set()
    while messages := queues.receive(sqs, url):
        found |= {json.loads(message["Body"])["id"] for message in messages}
    assert found == ids
    until(lambda: len(states.list_executions(stateMachineArn=machine)["executions"]) == 20)
    put(events, "shop")
    assert queues.receive(sqs, url, WaitTimeSeconds=5)


def test_the_cli_speaks_it_too(server):
    def aws(*arguments):
        done = server.aws("events", *arguments, "--output", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else {}

    name = f"cli-{uuid.uuid4().hex[:8]}"
    assert aws("create-event-bus", "--name", name)["EventBusArn"].endswith(f":event-bus/{name}")
    assert aws("describe-event-bus", "--name", name)["Name"] == name
    assert aws("list-event-buses", "--name-prefix", name)["EventBuses"][0]["Name"] == name
    aws("put-rule", "--name", "r", "--event-bus-name", name, "--event-pattern", '{"source": ["shop"]}')
    entry = {"EventBusName": name, "Source": "shop", "DetailType": "T", "Detail": "{}"}
    assert aws("put-events", "--entries", json.dumps([entry]))["FailedEntryCount"] == 0
    aws("put-permission", "--event-bus-name", name, "--action", "events:PutEvents", "--principal", "*", "--statement-id", "all")
    aws("remove-permission", "--event-bus-name", name, "--statement-id", "all")
    aws("update-event-bus", "--name", name, "--description", "x")
    aws("delete-rule", "--name", "r", "--event-bus-name", name)
    aws("delete-event-bus", "--name", name)
