"""EventBridge rules as AWS clients use them: boto3 and the AWS CLI against a live server."""
import json
import time

import pytest

from agents import Agent
from polling import until
from refusals import error
from test_functions import archive

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:rules-none"
DOCUMENT = "arn:aws:ssm:us-east-1::document/AWS-RunShellScript"
ROLE = "arn:aws:iam::000000000000:role/batch"
PASS = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})


@pytest.fixture
def events(client):
    return client("events")


@pytest.fixture
def rule(events, request):
    """A rule that is due once a day, named after the test."""
    name = request.node.name[:64]
    events.put_rule(Name=name, ScheduleExpression="cron(0 22 * * ? *)", Description="the nightly batch", RoleArn=ROLE)
    yield name
    ids = [target["Id"] for target in events.list_targets_by_rule(Rule=name)["Targets"]]
    if ids:
        events.remove_targets(Rule=name, Ids=ids)
    events.delete_rule(Name=name)


def test_a_rule_is_described_as_it_was_put(events, rule):
    described = events.describe_rule(Name=rule)
    arn = f"arn:aws:events:us-east-1:000000000000:rule/{rule}"
    assert {name: described[name] for name in described if name != "ResponseMetadata"} == {
        "Name": rule, "Arn": arn, "ScheduleExpression": "cron(0 22 * * ? *)", "State": "ENABLED", "Description": "the nightly batch",
        "RoleArn": ROLE, "EventBusName": "default", "CreatedBy": "000000000000"}
    events.disable_rule(Name=rule)
    assert events.describe_rule(Name=rule)["State"] == "DISABLED"
    events.enable_rule(Name=rule)
    listed = events.list_rules(NamePrefix=rule)["Rules"]
    assert [(entry["Name"], entry["State"]) for entry in listed] == [(rule, "ENABLED")]


@pytest.mark.parametrize("expression", [
    "rate(1 minutes)", "rate(0 minutes)", "rate(1 second)", "cron(0 22 * * * *)", "cron(0 22 * *)", "at(2030-01-01T00:00:00)", "nightly"])
def test_faulty_schedules_are_refused(events, expression):
    answer = error(events.put_rule, Name="faulty", ScheduleExpression=expression)
    assert answer == "ValidationException: Parameter ScheduleExpression is not valid."


def test_faulty_rules_are_refused(events):
    assert error(events.put_rule, Name="faulty") == (
        "ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.")
    assert error(events.put_rule, Name="a b", ScheduleExpression="rate(1 day)") == (
        "ValidationException: 1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+")
    assert "Member must have length less than or equal to 64" in error(
        events.put_rule, Name="n" * 65, ScheduleExpression="rate(1 day)")
    assert error(events.put_rule, Name="faulty", EventPattern='{"source": "a"}').startswith(
        "InvalidEventPatternException: Event pattern is not valid. Reason: ")
    assert "enum value set: [ENABLED" in error(events.put_rule, Name="faulty", ScheduleExpression="rate(1 day)", State="ON")
    assert error(events.put_rule, Name="faulty", ScheduleExpression="rate(1 day)", EventBusName="orders") == (
        "ResourceNotFoundException: Event bus orders does not exist.")


def test_rules_that_are_not_there(events):
    expected = "ResourceNotFoundException: Rule absent does not exist on EventBus default."
    assert error(events.describe_rule, Name="absent") == expected
    assert error(events.enable_rule, Name="absent") == expected
    assert error(events.put_targets, Rule="absent", Targets=[{"Id": "1", "Arn": MACHINE}]) == expected
    assert error(events.list_targets_by_rule, Rule="absent") == expected
    events.delete_rule(Name="absent")


def test_targets_are_listed_as_they_were_put(events, rule):
    targets = [
        {"Id": "command", "Arn": DOCUMENT, "RoleArn": ROLE, "Input": '{"commands":["date"]}',
         "RunCommandParameters": {"RunCommandTargets": [{"Key": "tag:role", "Values": ["batch"]}]},
         "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600}},
        {"Id": "machine", "Arn": MACHINE, "RoleArn": ROLE,
         "InputTransformer": {"InputPathsMap": {"at": "$.time"}, "InputTemplate": '{"at": <at>}'}},
    ]
    answer = events.put_targets(Rule=rule, Targets=targets)
    assert (answer["FailedEntryCount"], answer["FailedEntries"]) == (0, [])
    assert events.list_targets_by_rule(Rule=rule)["Targets"] == targets
    assert rule in events.list_rule_names_by_target(TargetArn=MACHINE)["RuleNames"]
    assert error(events.delete_rule, Name=rule) == "ValidationException: Rule can't be deleted since it has targets."
    answer = events.remove_targets(Rule=rule, Ids=["machine", "absent"])
    assert [entry["TargetId"] for entry in answer["FailedEntries"]] == ["absent"]
    assert [target["Id"] for target in events.list_targets_by_rule(Rule=rule)["Targets"]] == ["command"]


def test_faulty_targets_are_refused(events, rule):
    def refused(**target):
        return error(events.put_targets, Rule=rule, Targets=[{"Id": "t", **target}])

    assert refused(Arn="night") == (
        "ValidationException: Parameter night is not valid. Reason: Provided Arn is not in correct format.")
    assert refused(Arn=MACHINE, Input="{'a': 1}").startswith("ValidationException: JSON syntax error in input for target t")
    assert refused(Arn=MACHINE, Input="{}", InputPath="$.detail") == (
        "ValidationException: Only one of Input, InputPath, or InputTransformer must be provided for target t.")
    assert "RunCommandParameters must be specified" in refused(Arn=DOCUMENT)
    many = [{"Id": str(number), "Arn": MACHINE} for number in range(6)]
    assert error(events.put_targets, Rule=rule, Targets=many).startswith("LimitExceededException: ")
    assert events.list_targets_by_rule(Rule=rule)["Targets"] == []


def test_rules_are_listed_in_pages(events):
    names = [f"page-{number}" for number in range(5)]
    for name in names:
        events.put_rule(Name=name, ScheduleExpression="rate(1 day)")
    seen, token = [], {}
    while True:
        page = events.list_rules(NamePrefix="page-", Limit=2, **token)
        seen += [entry["Name"] for entry in page["Rules"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert seen == names
    assert error(events.list_rules, NextToken="x").startswith("ValidationException: ")
    for name in names:
        events.delete_rule(Name=name)


def test_tags(events, rule):
    arn = events.describe_rule(Name=rule)["Arn"]
    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "team", "Value": "night"}, {"Key": "x", "Value": ""}])
    events.untag_resource(ResourceARN=arn, TagKeys=["x"])
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "team", "Value": "night"}]


def test_patterns_and_buses(events):
    event = json.dumps({"id": "1", "account": "000000000000", "source": "batch", "time": "2026-11-20T22:00:00Z", "region": "us-east-1",
                        "resources": [], "detail-type": "Done", "detail": {"code": 3}})
    assert events.test_event_pattern(EventPattern='{"detail": {"code": [{"numeric": [">", 2]}]}}', Event=event)["Result"] is True
    assert events.test_event_pattern(EventPattern='{"source": ["other"]}', Event=event)["Result"] is False
    assert events.describe_event_bus()["Name"] == "default"
    assert "default" in [bus["Name"] for bus in events.list_event_buses()["EventBuses"]]


def test_the_cli_speaks_it_too(server):
    put = server.aws("events", "put-rule", "--name", "cli", "--schedule-expression", "rate(5 minutes)", "--output", "json")
    assert json.loads(put.stdout)["RuleArn"].endswith(":rule/cli"), put.stderr
    refused = server.aws("events", "put-rule", "--name", "cli", "--schedule-expression", "rate(5 minute)")
    assert refused.returncode != 0
    assert "(ValidationException) when calling the PutRule operation: Parameter ScheduleExpression is not valid." in refused.stderr
    assert server.aws("events", "delete-rule", "--name", "cli").returncode == 0


def starts(states, machine):
    """The executions of a state machine with their input, oldest first."""
    arns = [entry["executionArn"] for page in states.get_paginator("list_executions").paginate(stateMachineArn=machine)
            for entry in page["executions"]]
    described = [states.describe_execution(executionArn=arn) for arn in arns]
    return sorted(described, key=lambda entry: entry["startDate"])


@pytest.mark.acceptance
def test_a_rate_of_one_minute_starts_an_execution_each_minute_also_across_a_crash(start_server):
    server = start_server()
    events, states = server.client("events"), server.client("stepfunctions")
    machine = states.create_state_machine(name="minutely", definition=PASS, roleArn=ROLE)["stateMachineArn"]
    begun = time.time()
    events.put_rule(Name="minutely", ScheduleExpression="rate(1 minute)")
    events.put_targets(Rule="minutely", Targets=[{"Id": "machine", "Arn": machine, "RoleArn": ROLE}])
    # Away from just before the second tick until just after it.
    time.sleep(begun + 119 - time.time())
    server.kill()
    time.sleep(4)
    server.start()
    time.sleep(begun + 200 - time.time())
    server.kill()
    server.start()
    executions = starts(states, machine)
    assert len(executions) == 3
    times = [json.loads(entry["input"])["time"] for entry in executions]
    assert len(set(times)) == 3
    for number, entry in enumerate(executions, start=1):
        event = json.loads(entry["input"])
        assert (event["source"], event["detail-type"], event["detail"]) == ("aws.events", "Scheduled Event", {})
        assert event["resources"] == ["arn:aws:events:us-east-1:000000000000:rule/minutely"]
        late = entry["startDate"].timestamp() - (begun + 60 * number)
        assert -1 < late < (10 if number == 2 else 2)
        assert entry["status"] == "SUCCEEDED"


@pytest.mark.acceptance
def test_a_cron_rule_calls_every_kind_of_target(start_server, tmp_path):
    server = start_server()
    agent = Agent(server, tmp_path / "agent", tags=["role=batch"])
    try:
        events, states, sns, functions = (server.client(name) for name in ("events", "stepfunctions", "sns", "lambda"))
        machine = states.create_state_machine(name="cron", definition=PASS, roleArn=ROLE)["stateMachineArn"]
        function = functions.create_function(
            FunctionName="cron", Runtime="python3.11", Role=ROLE, Handler="main.handler", Timeout=30,
            Code={"ZipFile": archive({"main.py": "import json\ndef handler(event, context):\n    print(json.dumps(event))\n"})})["FunctionArn"]
        topic = sns.create_topic(Name="cron")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
        proof = tmp_path / "proof"
        events.put_rule(Name="cron", ScheduleExpression="cron(* * * * ? *)")
        events.put_targets(Rule="cron", Targets=[
            {"Id": "machine", "Arn": machine, "RoleArn": ROLE,
             "InputTransformer": {"InputPathsMap": {"at": "$.time"}, "InputTemplate": '{"at": <at>, "rule": "<aws.events.rule-name>"}'}},
            {"Id": "function", "Arn": function, "Input": '{"from": "rule"}'},
            {"Id": "topic", "Arn": topic, "InputPath": "$.detail-type"},
            {"Id": "command", "Arn": DOCUMENT, "RoleArn": ROLE, "Input": json.dumps({"commands": [f"echo ran >> {proof}"]}),
             "RunCommandParameters": {"RunCommandTargets": [{"Key": "tag:role", "Values": ["batch"]}]}}])
        until(lambda: starts(states, machine), 75, "the state machine is started")
        events.disable_rule(Name="cron")
        started = json.loads(starts(states, machine)[0]["input"])
        assert started["rule"] == "cron" and started["at"].endswith(":00Z")
        until(lambda: proof.exists() and proof.read_text() == "ran\n", 20, "the command has run")

        def output():
            logs = server.client("logs")
            if not logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/cron")["logGroups"]:
                return ""
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/aws/lambda/cron")
            return "".join(event["message"] for page in pages for event in page["events"])

        until(lambda: '{"from": "rule"}' in output() and '\\"Scheduled Event\\"' in output(), 30, "the function has run for rule and topic")
    finally:
        agent.stop()
