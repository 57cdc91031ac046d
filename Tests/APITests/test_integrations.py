"""Tasks that begin a job and wait for it: child executions and Run Commands, through crashes too; and SDK integrations."""
import json
import time
import uuid

import pytest

import queues
from agents import Agent
from polling import until

ROLE = "arn:aws:iam::000000000000:role/executions"
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"Arg1": "argument1"}, "End": True}}}
FAIL = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Oops", "Cause": "because"}}}


def wait_machine(seconds):
    return {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": seconds, "Next": "P"}, **PASS["States"]}}


def task(resource, parameters, **fields):
    return {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters,
                                             "End": True, **fields}}}


class Workflows:
    """The state machines of one server."""

    def __init__(self, server):
        self.server = server
        self.states = server.client("stepfunctions")

    def machine(self, definition, **arguments):
        return self.states.create_state_machine(
            name=f"m-{uuid.uuid4()}", definition=json.dumps(definition), roleArn=ROLE, **arguments)["stateMachineArn"]

    def start(self, definition, given=None):
        return self.states.start_execution(
            stateMachineArn=self.machine(definition), input=json.dumps(given or {}))["executionArn"]

    def end(self, arn, seconds=40):
        until(lambda: self.states.describe_execution(executionArn=arn)["status"] != "RUNNING", seconds)
        return self.states.describe_execution(executionArn=arn)

    def run(self, definition, given=None):
        return self.end(self.start(definition, given))

    def output(self, definition, given=None):
        end = self.run(definition, given)
        assert end["status"] == "SUCCEEDED", end
        return json.loads(end["output"])

    def types(self, arn):
        return [event["type"] for event in self.states.get_execution_history(executionArn=arn)["events"]]

    def children(self, machine):
        return self.states.list_executions(stateMachineArn=machine)["executions"]

    def submitted(self, arn):
        until(lambda: "TaskSubmitted" in self.types(arn))


@pytest.fixture
def flows(server):
    return Workflows(server)


# Child executions


def test_a_child_execution_is_started_and_not_waited_for(flows):
    child = flows.machine(wait_machine(60))
    output = flows.output(task("states:startExecution", {"StateMachineArn": child, "Input": {"a": 1}, "Name": "one"}))
    assert set(output) == {"ExecutionArn", "StartDate", "SdkHttpMetadata", "SdkResponseMetadata"}
    assert output["SdkHttpMetadata"]["HttpStatusCode"] == 200
    described = flows.states.describe_execution(executionArn=output["ExecutionArn"])
    assert (described["status"], described["name"], json.loads(described["input"])) == ("RUNNING", "one", {"a": 1})
    assert output["StartDate"] == int(described["startDate"].timestamp() * 1000)


@pytest.mark.parametrize("pattern, parsed", [(".sync", False), (".sync:2", True)])
def test_a_child_execution_is_waited_for(flows, pattern, parsed):
    child = flows.machine(PASS)
    arn = flows.start(task("states:startExecution" + pattern, {"StateMachineArn": child, "Input": {"x": 1}, "Name": "one"}))
    output = json.loads(flows.end(arn)["output"])
    assert list(output) == [
        "ExecutionArn", "Input", "InputDetails", "Name", "Output", "OutputDetails", "StartDate", "StateMachineArn", "Status", "StopDate"]
    assert (output["Status"], output["Name"], output["StateMachineArn"]) == ("SUCCEEDED", "one", child)
    assert (output["Input"], output["Output"]) == (
        ({"x": 1}, {"Arg1": "argument1"}) if parsed else ('{"x":1}', '{"Arg1":"argument1"}'))
    assert flows.types(arn) == [
        "ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded", "TaskStateExited",
        "ExecutionSucceeded"]


def test_a_child_that_fails_fails_its_task_with_its_description(flows):
    child = flows.machine(FAIL)
    end = flows.run(task("states:startExecution.sync:2", {"StateMachineArn": child}))
    cause = json.loads(end["cause"])
    assert (end["status"], end["error"]) == ("FAILED", "States.TaskFailed")
    assert (cause["Error"], cause["Cause"], cause["Status"]) == ("Oops", "because", "FAILED")
    assert "Output" not in cause


def test_a_name_that_is_taken_fails_the_request(flows):
    child = flows.machine(PASS)
    flows.end(flows.states.start_execution(stateMachineArn=child, name="taken")["executionArn"])
    arn = flows.start(task("states:startExecution.sync", {"StateMachineArn": child, "Name": "taken"}))
    end = flows.end(arn)
    assert end["error"] == "StepFunctions.ExecutionAlreadyExistsException"
    assert "Error Code: ExecutionAlreadyExists; Request ID: " in end["cause"]
    assert "TaskSubmitFailed" in flows.types(arn)


def test_a_callback_of_a_child_completes_the_task(flows):
    worker = flows.machine(task("aws-sdk:sfn:sendTaskSuccess", {"TaskToken.$": "$.token", "Output": {"answer": 42}}))
    parent = task(
        "states:startExecution.waitForTaskToken",
        {"StateMachineArn": worker, "Input": {"token.$": "$$.Task.Token"}})
    assert flows.output(parent) == {"answer": 42}


def test_a_child_is_stopped_with_its_parent(flows):
    child = flows.machine(wait_machine(300))
    arn = flows.start(task("states:startExecution.sync", {"StateMachineArn": child}))
    flows.submitted(arn)
    flows.states.stop_execution(executionArn=arn)
    until(lambda: flows.children(child)[0]["status"] == "ABORTED")


def test_a_child_is_stopped_when_its_task_times_out(flows):
    child = flows.machine(wait_machine(300))
    end = flows.run(task("states:startExecution.sync", {"StateMachineArn": child}, TimeoutSeconds=1))
    assert end["error"] == "States.Timeout"
    until(lambda: flows.children(child)[0]["status"] == "ABORTED")


def test_a_child_is_stopped_when_a_sibling_fails(flows):
    child = flows.machine(wait_machine(300))
    definition = {"StartAt": "B", "States": {"B": {"Type": "Parallel", "End": True, "Branches": [
        task("states:startExecution.sync", {"StateMachineArn": child}),
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "Next": "F"}, **FAIL["States"]}}]}}}
    assert flows.run(definition)["error"] == "Oops"
    until(lambda: flows.children(child)[0]["status"] == "ABORTED")


def test_children_survive_the_death_of_the_server(start_server):
    server = start_server()
    flows = Workflows(server)
    child = flows.machine(wait_machine(3))
    parents = [
        flows.start(task("states:startExecution.sync:2", {"StateMachineArn": child, "Name": f"child-{number}"}))
        for number in range(5)]
    for parent in parents:
        flows.submitted(parent)
    server.kill()
    # They are over by the time that the server is back.
    time.sleep(3.2)
    server.start()
    for number, parent in enumerate(parents):
        output = json.loads(flows.end(parent)["output"])
        assert (output["Name"], output["Output"]) == (f"child-{number}", {"Arg1": "argument1"})
        assert flows.types(parent).count("TaskSubmitted") == 1
    assert len(flows.children(child)) == 5


def test_a_start_is_not_repeated_whenever_the_server_dies(start_server):
    server = start_server()
    flows = Workflows(server)
    child = flows.machine(PASS)
    parent = flows.machine(task("states:startExecution.sync", {"StateMachineArn": child}))
    started = []
    for _ in range(6):
        started += [flows.states.start_execution(stateMachineArn=parent)["executionArn"] for _ in range(5)]
        server.kill()
        server.start()
    for arn in started:
        assert flows.end(arn)["status"] == "SUCCEEDED"
    assert len(flows.children(child)) == len(started)


# Run Commands


@pytest.fixture(scope="module")
def agent(server, tmp_path_factory):
    agent = Agent(server, tmp_path_factory.mktemp("agent") / "crawler")
    yield agent
    agent.stop()


def command(agent, *lines, **more):
    return {"DocumentName": "AWS-RunShellScript", "InstanceIds": [agent.instance_id], "Parameters": {"commands": list(lines)}, **more}


def test_a_command_is_waited_for(flows, agent):
    arn = flows.start(task("ssm:sendCommand.sync", command(agent, "sleep 1; echo hello")))
    output = json.loads(flows.end(arn)["output"])
    assert (output["Status"], output["TargetCount"], output["InvocationCount"]) == ("Success", 1, 1)
    [invocation] = output["Invocations"]
    assert (invocation["InstanceId"], invocation["Status"], invocation["ResponseCode"]) == (agent.instance_id, "Success", 0)
    assert invocation["CommandPlugins"][0]["Output"] == "hello\n"
    assert "TaskSubmitted" in flows.types(arn)


def test_a_command_that_fails_fails_its_task_with_its_status(flows, agent):
    end = flows.run(task("ssm:sendCommand.sync", command(agent, "echo out; exit 3")))
    cause = json.loads(end["cause"])
    assert (end["status"], end["error"], cause["Status"]) == ("FAILED", "States.TaskFailed", "Failed")
    assert cause["Invocations"][0]["ResponseCode"] == 3


def test_an_sdk_command_is_not_waited_for(flows, agent):
    output = flows.output(task("aws-sdk:ssm:sendCommand", command(agent, "sleep 20")))
    assert output["Command"]["Status"] in ("Pending", "InProgress")
    agent.ssm.cancel_command(CommandId=output["Command"]["CommandId"])


def test_a_command_is_cancelled_with_its_execution(flows, agent):
    arn = flows.start(task("ssm:sendCommand.sync", command(agent, "sleep 100")))
    flows.submitted(arn)
    flows.states.stop_execution(executionArn=arn)
    until(lambda: agent.ssm.list_commands()["Commands"][0]["Status"] == "Cancelled")


def test_a_command_survives_the_death_of_the_server(start_server, tmp_path):
    server = start_server()
    agent = Agent(server, tmp_path / "agent")
    try:
        flows = Workflows(server)
        marks = tmp_path / "marks"
        arn = flows.start(task("ssm:sendCommand.sync", command(agent, f"echo ran >> {marks}; sleep 2; echo done")))
        until(marks.exists)
        server.kill()
        time.sleep(2.5)
        server.start()
        output = json.loads(flows.end(arn)["output"])
        assert output["Invocations"][0]["CommandPlugins"][0]["Output"] == "done\n"
        assert marks.read_text() == "ran\n"
        assert len(agent.ssm.list_commands()["Commands"]) == 1
    finally:
        agent.stop()


# SDK integrations


def test_any_operation_of_the_server_can_be_called(flows):
    name = f"/integrations/{uuid.uuid4()}"
    definition = {"StartAt": "Put", "States": {
        "Put": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:ssm:putParameter",
                "Parameters": {"Name": name, "Value": "v", "Type": "String"}, "Next": "Get"},
        "Get": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter", "Parameters": {"Name": name}, "End": True}}}
    parameter = flows.output(definition)["Parameter"]
    assert (parameter["Name"], parameter["Value"], parameter["Version"]) == (name, "v", 1)
    assert parameter["LastModifiedDate"].endswith("Z")


@pytest.mark.parametrize("resource, parameters, error, cause", [
    ("aws-sdk:sfn:describeExecution", {"ExecutionArn": "arn:aws:states:us-east-1:000000000000:execution:no:no"},
     "Sfn.ExecutionDoesNotExistException", "(Service: Sfn, Status Code: 400, Request ID: "),
    ("aws-sdk:ssm:getParameter", {"Name": "/none"}, "Ssm.ParameterNotFoundException", "(Service: Ssm, Status Code: 400, Request ID: "),
    ("aws-sdk:cloudwatchlogs:deleteLogGroup", {"LogGroupName": "none"}, "CloudWatchLogs.ResourceNotFoundException", "SDK Attempt Count: 1)"),
    ("sns:publish", {"TopicArn": "arn:aws:sns:us-east-1:000000000000:none", "Message": "m"}, "SNS.NotFoundException",
     "Topic does not exist (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; Request ID: "),
])
def test_errors_have_the_names_that_aws_gives_them(flows, resource, parameters, error, cause):
    end = flows.run(task(resource, parameters))
    assert end["error"] == error
    assert cause in end["cause"]


@pytest.mark.parametrize("parameters, fault", [
    ({"Name": "n", "Foo": 1}, "[The field 'Foo' is not supported by Step Functions]"),
    ({}, "[The field 'Name' is required but was missing]")])
def test_parameters_are_those_of_the_operation(flows, parameters, fault):
    end = flows.run(task("aws-sdk:ssm:getParameter", parameters))
    assert end["error"] == "States.Runtime"
    assert "could not be used to start the Task: " + fault in end["cause"]


def test_a_service_that_the_server_does_not_have_is_a_clear_error(flows):
    end = flows.run(task("aws-sdk:iam:listUsers", {}))
    assert end["status"] == "FAILED"
    assert "aws-sdk:iam:listUsers is not supported by Nightshift yet." in end["cause"]


# Queues, topics, buses and objects


def test_a_message_is_sent_and_described(flows):
    sqs = flows.server.client("sqs")
    with queues.queue(sqs) as url:
        output = flows.output(task("sqs:sendMessage", {
            "QueueUrl": url, "MessageBody": {"order": 7},
            "MessageAttributes": {"n": {"DataType": "Number", "StringValue": "7"}}}))
        assert set(output) == {
            "MD5OfMessageAttributes", "MD5OfMessageBody", "MessageId", "SdkHttpMetadata", "SdkResponseMetadata"}
        [message] = queues.receive(sqs, url)
        assert (message["MessageId"], message["MD5OfBody"]) == (output["MessageId"], output["MD5OfMessageBody"])
        assert json.loads(message["Body"]) == {"order": 7}
        assert message["MessageAttributes"]["n"]["StringValue"] == "7"


def test_a_worker_answers_a_message_with_its_token(flows):
    sqs = flows.server.client("sqs")
    with queues.queue(sqs) as url:
        arn = flows.start(task(
            "sqs:sendMessage.waitForTaskToken", {"QueueUrl": url, "MessageBody": {"Token.$": "$$.Task.Token", "Order.$": "$.order"}}),
            {"order": 7})
        [message] = until(lambda: queues.receive(sqs, url, WaitTimeSeconds=1))
        body = json.loads(message["Body"])
        assert body["Order"] == 7
        flows.states.send_task_success(taskToken=body["Token"], output=json.dumps({"done": True}))
        assert json.loads(flows.end(arn)["output"]) == {"done": True}
        assert "TaskSubmitted" in flows.types(arn)


def test_a_queue_that_is_not_there_fails_its_task(flows):
    end = flows.run(task("sqs:sendMessage", {
        "QueueUrl": flows.server.url + "/000000000000/absent", "MessageBody": "m"}))
    assert (end["status"], end["error"]) == ("FAILED", "SQS.QueueDoesNotExistException")
    assert "Service: AmazonSQS; Status Code: 400;" in end["cause"]


def test_messages_are_received_and_deleted_by_tasks(flows):
    sqs = flows.server.client("sqs")
    with queues.queue(sqs) as url:
        sqs.send_message(QueueUrl=url, MessageBody="m")
        output = flows.output(task("aws-sdk:sqs:receiveMessage", {"QueueUrl": url, "WaitTimeSeconds": 1}))
        [message] = output["Messages"]
        assert message["Body"] == "m"
        assert flows.output(task("aws-sdk:sqs:deleteMessage", {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]})) == {}
        assert queues.attribute(sqs, url, "ApproximateNumberOfMessagesNotVisible") == "0"


def test_events_tell_where_they_come_from(flows):
    sqs, events = flows.server.client("sqs"), flows.server.client("events")
    with queues.queue(sqs) as url:
        rule = f"r-{uuid.uuid4()}"
        source = f"shop.{uuid.uuid4()}"
        events.put_rule(Name=rule, EventPattern=json.dumps({"source": [source]}))
        events.put_targets(Rule=rule, Targets=[{"Id": "q", "Arn": queues.arn(sqs, url)}])
        arn = flows.start(task("events:putEvents", {"Entries": [
            {"Source": source, "DetailType": "Order", "Detail": {"order.$": "$.order"}, "Resources": ["mine"]}]}), {"order": 7})
        assert json.loads(flows.end(arn)["output"])["FailedEntryCount"] == 0
        event = json.loads(until(lambda: queues.bodies(queues.receive(sqs, url, WaitTimeSeconds=1)))[0])
        assert (event["detail-type"], event["detail"]) == ("Order", {"order": 7})
        machine = flows.states.describe_execution(executionArn=arn)["stateMachineArn"]
        assert event["resources"] == ["mine", machine, arn]
        events.remove_targets(Rule=rule, Ids=["q"])
        events.delete_rule(Name=rule)


def test_an_entry_that_is_refused_fails_its_task(flows):
    end = flows.run(task("events:putEvents", {"Entries": [{"Source": "s", "DetailType": "t", "Detail": "\"text\""}]}))
    assert end["error"] == "EventBridge.FailedEntry"
    assert json.loads(end["cause"]) == {
        "Entries": [{"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}], "FailedEntryCount": 1}


def test_objects_are_put_read_listed_and_deleted(flows):
    s3 = flows.server.client("s3")
    bucket = f"b-{uuid.uuid4()}"
    s3.create_bucket(Bucket=bucket)
    put = flows.output(task("aws-sdk:s3:putObject", {"Bucket": bucket, "Key": "a/b.json", "Body": {"n": 1}}))
    assert set(put) == {"ChecksumCRC32", "ChecksumType", "ETag", "ServerSideEncryption"}
    assert s3.get_object(Bucket=bucket, Key="a/b.json")["Body"].read() == b'{"n":1}'
    got = flows.output(task("aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "a/b.json"}))
    assert (got["Body"], got["ContentLength"], got["Metadata"]) == ('{"n":1}', 7, {})
    listed = flows.output(task("aws-sdk:s3:listObjectsV2", {"Bucket": bucket, "Prefix": "a/"}))
    assert [item["Key"] for item in listed["Contents"]] == ["a/b.json"]
    flows.output(task("aws-sdk:s3:copyObject", {"Bucket": bucket, "Key": "c", "CopySource": f"{bucket}/a/b.json"}))
    for key in ["a/b.json", "c"]:
        flows.output(task("aws-sdk:s3:deleteObject", {"Bucket": bucket, "Key": key}))
    end = flows.run(task("aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "c"}))
    assert end["error"] == "S3.NoSuchKeyException"
    assert "Service: S3, Status Code: 404, Request ID: " in end["cause"] and "Extended Request ID: " in end["cause"]
    s3.delete_bucket(Bucket=bucket)


def test_a_fifo_topic_takes_a_task_s_message(flows):
    sns, sqs = flows.server.client("sns"), flows.server.client("sqs")
    arn = sns.create_topic(Name=queues.name("t", fifo=True), Attributes={"FifoTopic": "true"})["TopicArn"]
    with queues.queue(sqs, fifo=True) as url:
        sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queues.arn(sqs, url), Attributes={"RawMessageDelivery": "true"})
        output = flows.output(task("sns:publish", {
            "TopicArn": arn, "Message": {"n": 1}, "MessageGroupId": "g", "MessageDeduplicationId": "one"}))
        assert len(output["SequenceNumber"]) == 20
        assert queues.bodies(queues.receive(sqs, url, WaitTimeSeconds=5)) == ['{"n":1}']
    sns.delete_topic(TopicArn=arn)


def test_messages_are_sent_once_across_crashes(start_server):
    server = start_server()
    sqs = server.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    flows = Workflows(server)
    machine = flows.machine(task("sqs:sendMessage", {"QueueUrl": url, "MessageBody.$": "$.n"}))
    texts = [f"m{index}" for index in range(60)]
    for text in texts:
        flows.states.start_execution(stateMachineArn=machine, input=json.dumps({"n": text}))
    server.kill()
    server.start()
    flows = Workflows(server)
    until(lambda: len(flows.states.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED")["executions"]) == len(texts))
    sqs = server.client("sqs")
    received = []
    until(lambda: received.extend(queues.bodies(queues.receive(sqs, url, WaitTimeSeconds=1))) or len(received) >= len(texts))
    assert sorted(received) == sorted(texts)
    assert queues.receive(sqs, url, WaitTimeSeconds=1) == []
