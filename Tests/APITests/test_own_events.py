"""What the server itself tells on the default bus, in the shapes of AWS's services."""
import json
import uuid

import pytest

from agents import Agent
from polling import ended, until
from sinks import sink

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
STATES = f"arn:aws:states:us-east-1:{ACCOUNT}"
WAIT = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}
DONE = {"StartAt": "Done", "States": {"Done": {"Type": "Pass", "Result": {"ok": True}, "End": True}}}
FAIL = {"StartAt": "Fail", "States": {"Fail": {"Type": "Fail", "Error": "Broken", "Cause": "by the test"}}}


@pytest.fixture
def events(client):
    return client("events")


@pytest.fixture
def states(client):
    return client("stepfunctions")


def machine(states, definition, **options):
    return states.create_state_machine(
        name=f"own-{uuid.uuid4().hex[:12]}", definition=json.dumps(definition), roleArn=ROLE, **options)["stateMachineArn"]


def pattern(arn, **detail):
    return {"source": ["aws.states"], "detail-type": ["Step Functions Execution Status Change"],
            "detail": {"stateMachineArn": [arn], **detail}}


def in_order(events):
    return sorted(events, key=lambda event: (event["detail"]["redriveCount"], event["detail"]["status"] != "RUNNING"))


def test_an_execution_tells_that_it_runs_and_that_it_ended(states, events):
    arn = machine(states, DONE)
    with sink(events) as watcher:
        watcher.rule(pattern(arn))
        execution = states.start_execution(stateMachineArn=arn, name="first", input='{"a":1}')["executionArn"]
        began, over = in_order(watcher.wait(2))
    described = states.describe_execution(executionArn=execution)
    start, stop = (int(described[name].timestamp() * 1000) for name in ("startDate", "stopDate"))
    assert {key: began[key] for key in ("version", "source", "detail-type", "account", "region", "resources")} == {
        "version": "0", "source": "aws.states", "detail-type": "Step Functions Execution Status Change", "account": ACCOUNT,
        "region": "us-east-1", "resources": [execution]}
    assert began["id"] != over["id"]
    common = {
        "executionArn": execution, "stateMachineArn": arn, "name": "first", "startDate": pytest.approx(start, abs=1),
        "input": '{"a":1}', "inputDetails": {"included": True}, "redriveCount": 0, "redriveDate": None,
        "redriveStatus": "NOT_REDRIVABLE", "stateMachineVersionArn": None, "stateMachineAliasArn": None, "error": None, "cause": None}
    assert began["detail"] == {
        **common, "status": "RUNNING", "stopDate": None, "output": None, "outputDetails": None,
        "redriveStatusReason": "Execution is RUNNING and cannot be redriven"}
    assert over["detail"] == {
        **common, "status": "SUCCEEDED", "stopDate": pytest.approx(stop, abs=1), "output": '{"ok":true}',
        "outputDetails": {"included": True}, "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven"}


def test_failures_and_redrives_are_told(states, events):
    arn = machine(states, FAIL)
    with sink(events) as watcher:
        watcher.rule(pattern(arn))
        execution = states.start_execution(stateMachineArn=arn)["executionArn"]
        ended(states, execution)
        states.redrive_execution(executionArn=execution)
        told = in_order(watcher.wait(4))
    assert [(event["detail"]["redriveCount"], event["detail"]["status"]) for event in told] == [
        (0, "RUNNING"), (0, "FAILED"), (1, "RUNNING"), (1, "FAILED")]
    failed = told[1]["detail"]
    assert (failed["error"], failed["cause"], failed["output"], failed["redriveStatus"]) == ("Broken", "by the test", None, "REDRIVABLE")
    assert told[2]["detail"]["redriveDate"] is not None


def test_stops_timeouts_and_qualifiers_are_told(states, events):
    arn = machine(states, {**WAIT, "TimeoutSeconds": 1}, publish=True)
    alias = states.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": f"{arn}:1", "weight": 100}])["stateMachineAliasArn"]
    with sink(events) as watcher:
        watcher.rule(pattern(arn, status=["ABORTED", "TIMED_OUT"]))
        stopped = states.start_execution(stateMachineArn=alias)["executionArn"]
        states.start_execution(stateMachineArn=f"{arn}:1")
        states.stop_execution(executionArn=stopped, error="Stopped", cause="by hand")
        told = {event["detail"]["status"]: event["detail"] for event in watcher.wait(2)}
    assert (told["ABORTED"]["error"], told["ABORTED"]["cause"]) == ("Stopped", "by hand")
    assert (told["ABORTED"]["stateMachineVersionArn"], told["ABORTED"]["stateMachineAliasArn"]) == (f"{arn}:1", alias)
    assert told["TIMED_OUT"]["stateMachineAliasArn"] is None


def test_large_payloads_are_left_out(states, events):
    arn = machine(states, {"StartAt": "Same", "States": {"Same": {"Type": "Pass", "End": True}}})
    with sink(events) as watcher:
        watcher.rule(pattern(arn, status=["SUCCEEDED"]))
        states.start_execution(stateMachineArn=arn, input=json.dumps({"text": "x" * 150_000}))
        detail = watcher.wait(1)[0]["detail"]
    assert (detail["input"], detail["inputDetails"]) == (None, {"included": False})
    assert detail["outputDetails"] == {"included": True}
    assert len(detail["output"]) > 150_000


def test_express_executions_tell_nothing(states, events):
    express, standard = machine(states, DONE, type="EXPRESS"), machine(states, DONE)
    with sink(events) as watcher:
        watcher.rule({"source": ["aws.states"], "detail": {"stateMachineArn": [express, standard], "status": ["SUCCEEDED"]}})
        states.start_sync_execution(stateMachineArn=express)
        states.start_execution(stateMachineArn=express)
        states.start_execution(stateMachineArn=standard)
        assert [event["detail"]["stateMachineArn"] for event in watcher.wait(1)] == [standard]


def test_a_rule_starts_a_machine_when_another_ends(states, events):
    first, second = machine(states, DONE), machine(states, DONE)
    name = f"own-{uuid.uuid4().hex[:12]}"
    events.put_rule(Name=name, EventPattern=json.dumps(pattern(first, status=["SUCCEEDED"])))
    events.put_targets(Rule=name, Targets=[{"Id": "next", "Arn": second, "RoleArn": ROLE, "InputPath": "$.detail.name"}])
    states.start_execution(stateMachineArn=first, name="one")
    execution = until(lambda: states.list_executions(stateMachineArn=second)["executions"], what="the second machine")[0]
    assert json.loads(states.describe_execution(executionArn=execution["executionArn"])["input"]) == "one"
    events.remove_targets(Rule=name, Ids=["next"])
    events.delete_rule(Name=name)


def test_events_of_changes_before_a_kill_are_sent_after_it(start_server):
    server = start_server()
    states, events = server.client("stepfunctions"), server.client("events")
    arn = machine(states, DONE)
    with sink(events) as watcher:
        watcher.rule(pattern(arn, status=["SUCCEEDED"]))
        started = [states.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(50)]
        server.kill()
        server.start()
        for execution in started:
            ended(states, execution)
        told = watcher.wait(50)
        assert {event["detail"]["executionArn"] for event in told} == set(started)
        # The destination may get a copy; the bus routed each event once.
        assert len({event["id"] for event in watcher.events}) == 50


def test_commands_tell_their_statuses(server, events, tmp_path):
    with sink(events) as watcher:
        watcher.rule({"source": ["aws.ssm"]})
        agent = Agent(server, tmp_path / "agent")
        try:
            command = agent.send("echo hello")
            agent.wait(command)
            failing = agent.send("exit 3")
            agent.wait(failing)
        finally:
            agent.stop()
        whole, node = "EC2 Command Status-change Notification", "EC2 Command Invocation Status-change Notification"

        def told(id):
            found = [event for event in watcher.events if event["detail"]["command-id"] == id]
            return found if len(found) == 4 else None

        got = until(lambda: told(command), what="four events")
        arn = f"arn:aws:ssm:us-east-1:{ACCOUNT}:managed-instance/{agent.instance_id}"
        assert sorted((event["detail-type"], event["detail"]["status"]) for event in got) == [
            (node, "InProgress"), (node, "Success"), (whole, "InProgress"), (whole, "Success")]
        assert all(event["resources"] == [arn] for event in got)
        success = next(event["detail"] for event in got if event["detail-type"] == whole and event["detail"]["status"] == "Success")
        assert set(success) == {"command-id", "document-name", "expire-after", "parameters", "requested-date-time", "status"}
        assert success["parameters"] == {"commands": ["echo hello"]}
        assert success["document-name"] == "AWS-RunShellScript"
        one = next(event["detail"] for event in got if event["detail-type"] == node)
        assert set(one) == {"command-id", "document-name", "instance-id", "requested-date-time", "status"}
        assert one["instance-id"] == agent.instance_id
        got = until(lambda: told(failing), what="four events")
        assert {event["detail"]["status"] for event in got} == {"InProgress", "Failed"}


def test_objects_tell_that_they_are_written_and_deleted(client, events):
    s3 = client("s3", s3={"addressing_style": "path"})
    bucket = f"own-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=bucket)
    with sink(events) as watcher:
        watcher.rule({"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}})
        s3.put_object(Bucket=bucket, Key="unwatched", Body=b"1")
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
        etag = s3.put_object(Bucket=bucket, Key="a/b.txt", Body=b"12345")["ETag"].strip('"')
        s3.delete_object(Bucket=bucket, Key="a/b.txt")
        told = {event["detail-type"]: event for event in watcher.wait(2)}
        assert len(watcher.events) == 2
    assert set(told) == {"Object Created", "Object Deleted"}
    created = told["Object Created"]
    assert created["resources"] == [f"arn:aws:s3:::{bucket}"]
    detail = created["detail"]
    assert detail["version"] == "0"
    assert detail["bucket"] == {"name": bucket}
    assert {key: detail["object"][key] for key in ("key", "size", "etag")} == {"key": "a/b.txt", "size": 5, "etag": etag}
    assert detail["reason"] == "PutObject"
    assert told["Object Deleted"]["detail"]["object"]["key"] == "a/b.txt"
    assert told["Object Deleted"]["detail"]["reason"] == "DeleteObject"
    s3.delete_object(Bucket=bucket, Key="unwatched")
    s3.delete_bucket(Bucket=bucket)
