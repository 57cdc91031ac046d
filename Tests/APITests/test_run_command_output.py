"""Where the output and the statuses of commands go: buckets, topics, and a terminal."""
import contextlib
import json
import os
import subprocess
import time
import uuid

import pytest

import queues
from agents import Agent
from conftest import ROOT
from polling import until
from refusals import refusal

PROGRAM = os.environ.get("NIGHTSHIFT", str(ROOT / ".build" / "debug" / "nightshift"))
SCRIPT = "AWS-RunShellScript"


@pytest.fixture(scope="module")
def agent(server, tmp_path_factory):
    """An agent of the session's server."""
    agent = Agent(server, tmp_path_factory.mktemp("agent") / "writer", tags=["role=writer"])
    yield agent
    agent.stop()


@pytest.fixture
def own(start_server, tmp_path):
    """A server and an agent of the test's own, to be killed."""
    agent = Agent(start_server(), tmp_path / "agent")
    yield agent
    if agent.process.poll() is None:
        agent.stop()


def new_bucket(agent):
    name = f"output-{uuid.uuid4().hex[:12]}"
    agent.server.client("s3").create_bucket(Bucket=name)
    return name


def objects(agent, bucket):
    s3 = agent.server.client("s3")
    return {
        entry["Key"]: s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
        for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    }


def key(agent, command, stream="stdout", prefix=""):
    return f"{prefix}{command}/{agent.instance_id}/awsrunShellScript/0.awsrunShellScript/{stream}"


# Buckets


def test_output_goes_to_the_bucket_byte_for_byte(agent):
    bucket = new_bucket(agent)
    # Every byte there is, zeros and invalid UTF-8 too, and no line break at the end.
    command = agent.send(r"i=0; while [ $i -lt 256 ]; do printf '%b' \\0$(printf '%o' $i); i=$((i+1)); done; printf err >&2",
                         OutputS3BucketName=bucket, OutputS3KeyPrefix="night/run")
    result = agent.wait(command)
    expected = {key(agent, command, "stdout", "night/run/"): bytes(range(256)), key(agent, command, "stderr", "night/run/"): b"err"}
    until(lambda: objects(agent, bucket) == expected, 15, "both streams are in the bucket")
    assert result["StandardOutputUrl"].endswith(f"/{bucket}/{key(agent, command, 'stdout', 'night/run/')}")
    assert result["StandardErrorUrl"].endswith("/stderr")
    listed = agent.ssm.list_command_invocations(CommandId=command, Details=True)["CommandInvocations"][0]
    assert listed["StandardOutputUrl"] == result["StandardOutputUrl"]
    plugin = listed["CommandPlugins"][0]
    assert (plugin["OutputS3BucketName"], plugin["OutputS3KeyPrefix"]) == (bucket, "night/run")
    assert plugin["StandardOutputUrl"] == result["StandardOutputUrl"]
    whole = agent.ssm.list_commands(CommandId=command)["Commands"][0]
    assert (whole["OutputS3BucketName"], whole["OutputS3KeyPrefix"], whole["OutputS3Region"]) == (bucket, "night/run", "us-east-1")


def test_long_output_is_whole_in_the_bucket(agent):
    bucket = new_bucket(agent)
    command = agent.send("seq 1 400000", OutputS3BucketName=bucket)
    agent.wait(command)
    expected = "".join(f"{number}\n" for number in range(1, 400001)).encode()
    until(lambda: objects(agent, bucket).get(key(agent, command)) == expected, 20, "all of it is in the bucket")
    # What is empty makes no object.
    assert list(objects(agent, bucket)) == [key(agent, command)]


def test_steps_of_own_documents_have_their_names_in_the_keys(agent):
    bucket, document = new_bucket(agent), f"steps-{uuid.uuid4().hex[:8]}"
    steps = [{"action": "aws:runShellScript", "name": name, "inputs": {"runCommand": [f"echo {name}"]}} for name in ("first", "second")]
    agent.ssm.create_document(Name=document, DocumentType="Command", Content=json.dumps({"schemaVersion": "2.2", "mainSteps": steps}))
    command = agent.ssm.send_command(
        InstanceIds=[agent.instance_id], DocumentName=document, OutputS3BucketName=bucket)["Command"]["CommandId"]
    agent.wait(command)
    expected = {
        f"{command}/{agent.instance_id}/awsrunShellScript/{name}/stdout": f"{name}\n".encode() for name in ("first", "second")}
    until(lambda: objects(agent, bucket) == expected, 15, "both steps are in the bucket")
    second = agent.ssm.get_command_invocation(CommandId=command, InstanceId=agent.instance_id, PluginName="second")
    assert (second["PluginName"], second["StandardOutputContent"]) == ("second", "second\n")
    assert second["StandardOutputUrl"].endswith("/awsrunShellScript/second/stdout")
    refused = refusal(agent.ssm.get_command_invocation, CommandId=command, InstanceId=agent.instance_id, PluginName="third")
    assert refused["Code"] == "InvalidPluginName"


def test_a_bucket_that_is_not_there_harms_no_command(agent):
    command = agent.send("echo kept", OutputS3BucketName="no-such-bucket-at-all")
    assert agent.wait(command)["StandardOutputContent"] == "kept\n"


def test_output_survives_the_server(own):
    bucket = new_bucket(own)
    command = own.send("for i in 1 2 3 4 5 6; do seq $((i*1000)) $((i*1000+999)); sleep 0.5; done", OutputS3BucketName=bucket)
    own.wait(command, "InProgress")
    for pause in (0.4, 0.9):
        time.sleep(pause)
        own.server.kill()
        own.server.start()
    own.wait(command, "Success")
    own.server.kill()
    own.server.start()
    expected = "".join(f"{number}\n" for number in range(1000, 7000)).encode()
    until(lambda: objects(own, bucket).get(key(own, command)) == expected, 20, "all of it is in the bucket")
    staged = own.server.data / "command-output"
    until(lambda: not list(staged.iterdir()), 10, "nothing is left of it elsewhere")


def test_output_goes_to_another_s3(start_server, tmp_path):
    keeper = start_server()
    front = start_server(
        "--object-store-endpoint", keeper.url, "--object-store-credentials", f"{keeper.data / 'admin-credentials'}:nightshift")
    agent = Agent(front, tmp_path / "remote")
    try:
        bucket = new_bucket(agent)
        keeper.stop()
        command = agent.send("seq 1 300000", OutputS3BucketName=bucket)
        agent.wait(command)
        # The object store is away for a while: the output waits for it.
        keeper.start()
        expected = "".join(f"{number}\n" for number in range(1, 300001)).encode()

        def is_there():
            body = keeper.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
            return [entry["Key"] for entry in body] == [key(agent, command)]

        until(is_there, 30, "the output is in the other S3")
        assert keeper.client("s3").get_object(Bucket=bucket, Key=key(agent, command))["Body"].read() == expected
    finally:
        agent.stop()


# Topics


@contextlib.contextmanager
def topic_with_queue(agent):
    sns, sqs = agent.server.client("sns"), agent.server.client("sqs")
    topic = sns.create_topic(Name=f"statuses-{uuid.uuid4().hex[:8]}")["TopicArn"]
    with queues.queue(sqs, "statuses") as url:
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queues.arn(sqs, url))
        yield topic, lambda: [json.loads(message["Body"]) for message in queues.receive(sqs, url, WaitTimeSeconds=1)]


def told(receive, count, seconds=15):
    """So many messages, the oldest first, and none more."""
    messages = []

    def enough():
        messages.extend(receive())
        return len(messages) >= count

    until(enough, seconds, f"{count} messages")
    messages.extend(receive())
    assert len(messages) == count, messages
    return sorted((json.loads(message["Message"]) for message in messages), key=lambda message: message["eventTime"])


def config(topic, kind, *events):
    return {"NotificationArn": topic, "NotificationEvents": list(events), "NotificationType": kind}


def test_a_topic_is_told_of_a_command(agent):
    with topic_with_queue(agent) as (topic, receive):
        command = agent.send("sleep 0.2; exit 4", NotificationConfig=config(topic, "Command", "All"), OutputS3KeyPrefix="x",
                             ServiceRoleArn="arn:aws:iam::000000000000:role/notify")
        agent.wait(command)
        begun, ended = told(receive, 2)
        assert list(begun) == ["commandId", "documentName", "instanceIds", "requestedDateTime", "expiresAfter", "outputS3BucketName",
                               "outputS3KeyPrefix", "status", "eventTime"]
        assert (begun["status"], ended["status"]) == ("InProgress", "Failed")
        assert (begun["commandId"], begun["documentName"], begun["instanceIds"]) == (command, SCRIPT, [agent.instance_id])
        assert (begun["outputS3BucketName"], begun["outputS3KeyPrefix"]) == ("", "x")
        assert begun["requestedDateTime"].endswith("Z")


def test_a_topic_is_told_of_invocations_of_some_statuses_only(agent):
    with topic_with_queue(agent) as (topic, receive):
        good = agent.send("true", NotificationConfig=config(topic, "Invocation", "Failed", "TimedOut"))
        bad = agent.send("exit 1", NotificationConfig=config(topic, "Invocation", "Failed", "TimedOut"))
        agent.wait(good)
        agent.wait(bad)
        (message,) = told(receive, 1)
        assert list(message) == ["commandId", "documentName", "instanceId", "requestedDateTime", "status", "eventTime"]
        assert (message["commandId"], message["instanceId"], message["status"]) == (bad, agent.instance_id, "Failed")


def test_a_topic_is_told_once_whatever_happens_to_the_server(own):
    with topic_with_queue(own) as (topic, receive):
        command = own.send("sleep 1", NotificationConfig=config(topic, "Invocation", "All"))
        own.wait(command, "InProgress")
        own.server.kill()
        time.sleep(1.5)
        own.server.start()
        own.wait(command)
        own.server.kill()
        own.server.start()
        assert [message["status"] for message in told(receive, 2, 30)] == ["InProgress", "Success"]


def test_notifications_that_cannot_be(agent):
    good = {"InstanceIds": [agent.instance_id], "DocumentName": SCRIPT, "Parameters": {"commands": ["true"]}}
    for arn in ("not-an-arn", "arn:aws:sqs:us-east-1:000000000000:q", "arn:aws:sns:us-east-1:000000000000:t.fifo"):
        refused = refusal(agent.ssm.send_command, **good, NotificationConfig=config(arn, "Command", "All"))
        assert refused["Code"] == "InvalidNotificationConfig", arn
    refused = refusal(agent.ssm.send_command, **good, NotificationConfig={"NotificationEvents": ["All"]})
    assert refused["Code"] == "InvalidNotificationConfig"
    refused = refusal(agent.ssm.send_command, **good, AlarmConfiguration={"Alarms": [{"Name": "a"}]})
    assert refused["Code"] == "ValidationException"


# The terminal


def tail(agent, *arguments, **options):
    environment = {**os.environ, "NIGHTSHIFT_ENDPOINT": agent.server.url}
    return subprocess.Popen(
        [PROGRAM, "tail", *arguments, "--endpoint", agent.server.url, "--data", str(agent.server.data)], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=environment, **options)


def test_tail_shows_output_as_it_comes_and_ends_as_the_command(agent):
    command = agent.send("printf 'first\\n'; sleep 3; printf '\\377\\000 last'; printf oops >&2; exit 7")
    process = tail(agent, command, "--follow")
    started = time.monotonic()
    assert process.stdout.readline() == b"first\n"
    assert time.monotonic() - started < 3 and agent.result(command)["Status"] in ("Pending", "InProgress")
    out, err = process.communicate(timeout=30)
    assert out == b"\xff\x00 last"
    assert b"oops" in err and b"Failed" in err
    assert process.returncode == 7
    again = tail(agent, command)
    out, _ = again.communicate(timeout=30)
    assert (out, again.returncode) == (b"first\n\xff\x00 last", 7)


def test_tail_shows_more_than_is_kept_while_it_follows(agent):
    command = agent.send("sleep 2; seq 1 60000")
    process = tail(agent, command, "--follow")
    out, err = process.communicate(timeout=60)
    assert out == "".join(f"{number}\n" for number in range(1, 60001)).encode(), err


def test_tail_of_several_nodes_names_them(agent, tmp_path):
    other = Agent(agent.server, tmp_path / "other", tags=["role=writer"])
    try:
        command = agent.ssm.send_command(
            Targets=[{"Key": "tag:role", "Values": ["writer"]}], DocumentName=SCRIPT,
            Parameters={"commands": ["echo one; printf two"]})["Command"]["CommandId"]
        process = tail(agent, command, "--follow")
        out, _ = process.communicate(timeout=30)
        assert sorted(out.decode().splitlines()) == sorted(
            f"{node}: {text}" for node in (agent.instance_id, other.instance_id) for text in ("one", "two"))
        assert process.returncode == 0
    finally:
        other.stop()


def test_tail_of_an_unknown_command(agent):
    process = tail(agent, "00000000-0000-4000-8000-000000000000")
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1 and b"InvalidCommandId" in err
