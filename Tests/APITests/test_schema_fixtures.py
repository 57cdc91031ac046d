"""The databases of all released versions, opened by this program: `Scripts/make-schema-fixture` writes one for each release.

Retention would delete most of an old release's data before anybody could look, so server and client are told that it is a quarter of an
hour after the fixture was written (debug builds can be told so).
"""
import contextlib
import datetime
import json
import sqlite3
import time

import botocore.auth
import pytest

from conftest import ROOT, Server
from polling import ended, until

FIXTURES = sorted((ROOT / "Tests" / "Fixtures" / "schema").glob("V*.sql"))


@pytest.fixture(params=FIXTURES, ids=lambda path: path.stem)
def upgraded(request, tmp_path, monkeypatch):
    """A server of this version on a released version's data, and what is known of that data."""
    facts = json.loads(request.param.with_suffix(".json").read_text())
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    key = data / "master.key"
    key.write_bytes(bytes.fromhex(facts["masterKey"]))
    key.chmod(0o600)
    (data / "admin-credentials").write_text(facts["credentials"])
    with contextlib.closing(sqlite3.connect(data / "nightshift.db")) as database, database:
        database.executescript(request.param.read_text())
        written = database.execute("SELECT MAX(engine_time) FROM node").fetchone()[0] // 1000
        # The rule's tick is due then, so that it need not be waited for.
        assert database.execute("UPDATE schedule_due SET next_at = ?", ((written + 900) * 1000,)).rowcount == 1
    offset = written + 900 - int(time.time())
    (tmp_path / "offset").write_text(str(offset))
    monkeypatch.setenv("NIGHTSHIFT_CLOCK_OFFSET_FILE", str(tmp_path / "offset"))
    monkeypatch.setattr(
        botocore.auth, "get_current_datetime",
        lambda remove_tzinfo=True: datetime.datetime.fromtimestamp(time.time() + offset, datetime.timezone.utc).replace(
            tzinfo=None if remove_tzinfo else datetime.timezone.utc))
    facts["writtenAt"] = written
    server = Server(data)
    yield server, facts
    server.stop()


def test_data_of_a_released_version_works_in_this_one(upgraded):
    server, facts = upgraded
    states = server.client("stepfunctions")

    def described(name):
        return states.describe_execution(executionArn=facts[name])

    def events(name):
        found = [event for page in states.get_paginator("get_execution_history").paginate(executionArn=facts[name])
                 for event in page["events"]]
        assert [event["id"] for event in found] == list(range(1, len(found) + 1))
        assert all(event["previousEventId"] < event["id"] for event in found)
        return [event["type"] for event in found]

    # What had ended is read.
    assert json.loads(described("succeeded")["output"]) == {"fails": False, "result": {"done": True}}
    assert (described("failed")["status"], described("failed")["error"], described("failed")["cause"]) == (
        "FAILED", "Batch.Failed", "as asked")
    assert (described("aborted")["status"], described("aborted")["error"]) == ("ABORTED", "Operator")
    assert described("published")["status"] == "SUCCEEDED"
    assert events("succeeded") == [
        "ExecutionStarted", "ChoiceStateEntered", "ChoiceStateExited", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]
    assert events("failed")[-1] == "ExecutionFailed"
    assert states.list_executions(stateMachineArn=facts["machine"], statusFilter="FAILED")["executions"][0]["executionArn"] == facts["failed"]
    assert states.list_tags_for_resource(resourceArn=facts["machine"])["tags"] == [{"key": "team", "value": "night"}]
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=facts["machine"], name="succeeds", input="{}")

    # What waited goes on: for a time, for a callback, in a task whose outcome is not known.
    for name in ("waiting", "large", "unrepeatable"):
        until(lambda: described(name)["status"] != "RUNNING", 30, f"{name} ends")
    assert json.loads(described("waiting")["output"]) == {"seconds": 600, "then": "later"}
    assert json.loads(described("large")["output"]) == {"count": 900}
    assert json.loads(described("unrepeatable")["output"]) == {"error": "Lambda.Unknown"}
    assert described("callback")["status"] == "RUNNING"
    states.send_task_success(taskToken=facts["token"], output='"called"')
    until(lambda: described("callback")["status"] == "SUCCEEDED", 30, "the callback's execution ends")
    for name in ("waiting", "large", "unrepeatable", "callback"):
        assert events(name)[-1] == "ExecutionSucceeded"

    # The schedule fires.
    def starts():
        return states.list_executions(stateMachineArn=facts["machine"])["executions"]

    until(lambda: starts()[0]["startDate"].timestamp() >= facts["writtenAt"] + 900, 30, "the rule fires")
    assert {rule["Name"] for rule in server.client("events").list_rules()["Rules"]} == {"nightly", "orders"}

    if facts["schemaVersion"] >= 14:
        versions_activities_and_map_runs(server, facts)
    if facts["schemaVersion"] >= 19:
        queues_objects_and_buses(server, facts)

    # The rest is read, secrets too.
    ssm = server.client("ssm")
    for name, value in facts["parameters"].items():
        assert ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"] == value
    done = ssm.get_command_invocation(CommandId=facts["command"], InstanceId=facts["node"])
    assert (done["Status"], done["ResponseCode"], done["StandardOutputContent"]) == ("Failed", 3, "from the host\n")
    assert ssm.get_command_invocation(CommandId=facts["queuedCommand"], InstanceId=facts["node"])["Status"] == "Pending"
    assert server.client("sns").list_topics()["Topics"]
    configuration = server.client("lambda").get_function_configuration(FunctionName="sleeper")
    assert configuration["Environment"]["Variables"] == {"MODE": "night"}
    # And the server is of this version from here on.
    assert server.stop() == 0
    server.start()
    assert server.client("stepfunctions").describe_execution(executionArn=facts["callback"])["status"] == "SUCCEEDED"


def versions_activities_and_map_runs(server, facts):
    """What came with schema version 14."""
    states = server.client("stepfunctions")
    versioned = facts["machine"].replace(":ends", ":versioned")
    assert len(states.list_state_machine_versions(stateMachineArn=versioned)["stateMachineVersions"]) == 2
    alias = states.describe_state_machine_alias(stateMachineAliasArn=f"{versioned}:live")
    assert [route["weight"] for route in alias["routingConfiguration"]] == [10, 90]
    outputs = [ended(states, states.start_execution(stateMachineArn=f"{versioned}:{number}")["executionArn"])["output"]
               for number in (1, 2)]
    assert outputs == ["1", "2"]

    # Workers answer for what they had, and fetch what waits.
    assert states.describe_execution(executionArn=facts["redriven"])["redriveCount"] == 1
    for name, token in (("redriven", "redrivenToken"), ("atWork", "workToken")):
        states.send_task_success(taskToken=facts[token], output='"done"')
        assert ended(states, facts[name])["output"] == '"done"'
    for _ in range(2):
        task = states.get_activity_task(activityArn=facts["activity"])
        states.send_task_success(taskToken=task["taskToken"], output=task["input"])
    assert json.loads(ended(states, facts["queued"])["output"]) == {"n": 2}
    assert json.loads(ended(states, facts["parent"])["output"])["Output"] == {"n": 3}

    # The Map Run's second child was queued; the others are started.
    for _ in range(3):
        task = states.get_activity_task(activityArn=facts["mapActivity"])
        states.send_task_success(taskToken=task["taskToken"], output=task["input"])
    assert json.loads(ended(states, facts["mapped"])["output"]) == [1, 2, 3, 4]

    connection = server.client("events").describe_connection(Name="partner")
    assert (connection["ConnectionArn"], connection["ConnectionState"]) == (facts["connection"], "AUTHORIZED")


def queues_objects_and_buses(server, facts):
    """What came with schema version 19."""
    sqs = server.client("sqs")

    def url(name):
        return sqs.get_queue_url(QueueName=name)["QueueUrl"]

    def bodies(name, **more):
        return [message["Body"] for message in sqs.receive_message(
            QueueUrl=url(name), MaxNumberOfMessages=10, WaitTimeSeconds=1, **more).get("Messages", [])]

    # What waited, what was delayed, and what came back from the dead-letter queue before and after; what was hidden is hidden still.
    seen = set()
    wanted = {"waits", "hidden", "delayed", "failed 0", "failed 1", "failed 2"} - {facts["hiddenBody"]}
    until(lambda: seen.update(bodies("reports", MessageAttributeNames=["All"])) or seen == wanted, 60, "all messages are there")
    sqs.delete_message(QueueUrl=url("reports"), ReceiptHandle=facts["hidden"])
    assert bodies("ledger.fifo") == ["first", "second", "third"]
    mapping = server.client("lambda").get_event_source_mapping(UUID=facts["mapping"])
    assert (mapping["State"], mapping["BatchSize"]) == ("Disabled", 5)
    s3 = server.client("s3")
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="reports")["Contents"]] == ["2026/11/a.csv"]
    assert s3.head_object(Bucket="reports", Key="2026/11/a.csv")["Metadata"] == {"origin": "fixture"}
    assert len(s3.list_multipart_uploads(Bucket="reports")["Uploads"]) == 1
    assert s3.get_bucket_tagging(Bucket="reports")["TagSet"] == [{"Key": "team", "Value": "night"}]
    events = server.client("events")
    assert events.describe_archive(ArchiveName="orders")["EventCount"] == 3
    assert events.describe_replay(ReplayName="again")["State"] == "COMPLETED"
    assert {target["Id"] for target in events.list_targets_by_rule(Rule="placed", EventBusName="orders")["Targets"]} == {"queue", "partner"}
    events.remove_targets(Rule="placed", EventBusName="orders", Ids=["partner"])
    events.put_events(Entries=[
        {"Source": "orders", "DetailType": "Order Placed", "Detail": '{"total": 500}', "EventBusName": "orders"}])
    assert [json.loads(body)["detail"] for body in bodies("later")] == [{"total": 500}]
