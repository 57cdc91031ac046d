"""Event source mappings: queues that feed functions, with boto3 against a live server and Python functions."""
import contextlib
import json
import uuid

import botocore.exceptions
import pytest

import queues
from polling import until
from test_functions import create

# A function that tells each event to the queue of its environment, and fails as the messages say.
TELL = """
import json, os, time
import boto3

def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["TELL"], MessageBody=json.dumps(event))
    bodies = [record["body"] for record in event["Records"]]
    if "fail" in bodies:
        raise ValueError("asked to fail")
    failed = [record["messageId"] for record in event["Records"] if record["body"] == "one"]
    return {"batchItemFailures": [{"itemIdentifier": id} for id in failed]}
"""


class Feed:
    """A queue that feeds a function which tells what it gets to another queue."""

    def __init__(self, client, stack, fifo=False, timeout=2, **attributes):
        self.functions, self.sqs, self.stack = client("lambda"), client("sqs"), stack
        attributes = {"VisibilityTimeout": "3", **attributes}
        self.url = stack.enter_context(queues.queue(self.sqs, fifo=fifo, **attributes))
        self.arn = queues.arn(self.sqs, self.url)
        self.told = stack.enter_context(queues.queue(self.sqs, "told"))
        self.function = f"f-{uuid.uuid4().hex[:12]}"
        create(self.functions, self.function, TELL, Timeout=timeout, Environment={"Variables": {"TELL": self.told}})
        stack.callback(self.functions.delete_function, FunctionName=self.function)

    def map(self, **options):
        answer = self.functions.create_event_source_mapping(FunctionName=self.function, EventSourceArn=self.arn, **options)
        self.id = answer["UUID"]
        self.stack.callback(self.unmap)
        return answer

    def unmap(self):
        with contextlib.suppress(
                self.functions.exceptions.ResourceNotFoundException, self.functions.exceptions.ResourceInUseException):
            self.functions.delete_event_source_mapping(UUID=self.id)

    def get(self):
        return self.functions.get_event_source_mapping(UUID=self.id)

    def is_at(self, state):
        until(lambda: self.get()["State"] == state, what=state)

    def send(self, *bodies, **options):
        for body in bodies:
            extra = {"MessageGroupId": "g", "MessageDeduplicationId": str(uuid.uuid4())} if self.url.endswith(".fifo") else {}
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body, **{**extra, **options})

    def events(self, count, seconds=30):
        """The first events that the function told."""
        found = []

        def reached():
            for message in queues.receive(self.sqs, self.told, WaitTimeSeconds=1):
                self.sqs.delete_message(QueueUrl=self.told, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
            return len(found) >= count
        until(reached, seconds, f"{count} events")
        return found

    def is_empty(self):
        counts = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return counts["ApproximateNumberOfMessages"] == counts["ApproximateNumberOfMessagesNotVisible"] == "0"


@pytest.fixture
def feed(client):
    with contextlib.ExitStack() as stack:
        yield lambda **options: Feed(client, stack, **options)


def bodies(event):
    return [record["body"] for record in event["Records"]]


def refusal(caught):
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_the_life_of_a_mapping(feed):
    fed = feed()
    created = fed.map(BatchSize=5, Tags={"team": "batch"})
    arn = f"arn:aws:lambda:us-east-1:000000000000:event-source-mapping:{fed.id}"
    assert (created["State"], created["BatchSize"], created["MaximumBatchingWindowInSeconds"]) == ("Creating", 5, 0)
    assert (created["EventSourceArn"], created["EventSourceMappingArn"]) == (fed.arn, arn)
    assert created["FunctionArn"].endswith(":function:" + fed.function)
    assert created["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert created["StateTransitionReason"] == "USER_INITIATED"
    fed.is_at("Enabled")
    assert fed.functions.list_tags(Resource=arn)["Tags"] == {"team": "batch"}
    fed.functions.tag_resource(Resource=arn, Tags={"more": "1"})
    fed.functions.untag_resource(Resource=arn, TagKeys=["team"])
    assert fed.functions.list_tags(Resource=arn)["Tags"] == {"more": "1"}
    listed = fed.functions.list_event_source_mappings(FunctionName=fed.function)["EventSourceMappings"]
    assert [item["UUID"] for item in listed] == [fed.id]
    assert fed.functions.list_event_source_mappings(EventSourceArn=fed.arn)["EventSourceMappings"][0]["UUID"] == fed.id
    updated = fed.functions.update_event_source_mapping(
        UUID=fed.id, BatchSize=7, FunctionResponseTypes=["ReportBatchItemFailures"], ScalingConfig={"MaximumConcurrency": 2})
    assert (updated["State"], updated["BatchSize"], updated["ScalingConfig"]) == ("Updating", 7, {"MaximumConcurrency": 2})
    assert updated["LastModified"] >= created["LastModified"]
    assert fed.functions.update_event_source_mapping(UUID=fed.id, Enabled=False)["State"] == "Disabling"
    fed.is_at("Disabled")
    assert fed.functions.update_event_source_mapping(UUID=fed.id, Enabled=True)["State"] == "Enabling"
    fed.is_at("Enabled")
    assert fed.functions.delete_event_source_mapping(UUID=fed.id)["State"] == "Deleting"

    def is_gone():
        try:
            fed.get()
        except fed.functions.exceptions.ResourceNotFoundException:
            return True
    until(is_gone)


def test_messages_reach_the_function_and_are_deleted(feed):
    fed = feed()
    fed.map()
    fed.send("hello", MessageAttributes={"n": {"DataType": "Number", "StringValue": "7"}})
    [event] = fed.events(1)
    [record] = event["Records"]
    assert (record["body"], record["eventSource"], record["eventSourceARN"]) == ("hello", "aws:sqs", fed.arn)
    assert record["awsRegion"] == "us-east-1"
    assert record["md5OfBody"] == "5d41402abc4b2a76b9719d911017c592"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert {"SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"} < set(record["attributes"])
    assert record["messageAttributes"]["n"] == {
        "stringValue": "7", "stringListValues": [], "binaryListValues": [], "dataType": "Number"}
    assert record["receiptHandle"]
    until(fed.is_empty)


def test_a_batch_that_fails_comes_again_and_then_to_the_dead_letters(feed, client):
    fed = feed()
    with queues.queue(fed.sqs, "dead") as dead:
        fed.sqs.set_queue_attributes(QueueUrl=fed.url, Attributes={
            "RedrivePolicy": json.dumps({"deadLetterTargetArn": queues.arn(fed.sqs, dead), "maxReceiveCount": 2})})
        fed.map()
        fed.send("fail")
        events = fed.events(2)
        assert [event["Records"][0]["attributes"]["ApproximateReceiveCount"] for event in events] == ["1", "2"]
        assert queues.bodies(until(lambda: queues.receive(fed.sqs, dead, WaitTimeSeconds=1))) == ["fail"]


def test_only_the_messages_that_failed_come_again(feed):
    fed = feed(VisibilityTimeout="10")
    fed.map(FunctionResponseTypes=["ReportBatchItemFailures"], BatchSize=10, MaximumBatchingWindowInSeconds=1)
    fed.send("one", "two", "three")
    seen = []
    until(lambda: seen.extend(body for event in fed.events(1) for body in bodies(event)) or seen.count("one") >= 2, 60)
    assert (seen.count("two"), seen.count("three")) == (1, 1)


def test_filters_delete_what_does_not_match(feed):
    fed = feed()
    criteria = {"Filters": [{"Pattern": json.dumps({"body": {"kind": ["order"]}})}]}
    assert fed.map(FilterCriteria=criteria)["FilterCriteria"] == criteria
    fed.send("text", json.dumps({"kind": "bill"}), json.dumps({"kind": "order"}))
    assert [bodies(event) for event in fed.events(1)] == [[json.dumps({"kind": "order"})]]
    until(fed.is_empty)


def test_a_window_makes_large_batches(feed):
    fed = feed(VisibilityTimeout="30")
    fed.map(BatchSize=25, MaximumBatchingWindowInSeconds=2)
    fed.is_at("Enabled")
    for start in range(0, 20, 10):
        fed.sqs.send_message_batch(
            QueueUrl=fed.url, Entries=[{"Id": str(index), "MessageBody": f"m{index}"} for index in range(start, start + 10)])
    events = fed.events(1)
    assert sorted(bodies(events[0])) == sorted(f"m{index}" for index in range(20))


def test_a_fifo_queue_keeps_the_order_of_its_groups(feed):
    fed = feed(fifo=True)
    for group in "ab":
        for index in range(3):
            fed.send(f"{group}{index}", MessageGroupId=group)
    fed.map(BatchSize=2)
    seen = []
    until(lambda: seen.extend(fed.events(1)) or sum(len(event["Records"]) for event in seen) >= 6)
    order = [body for event in seen for body in bodies(event)]
    for group in "ab":
        assert [body for body in order if body[0] == group] == [f"{group}{index}" for index in range(3)]
    assert {"MessageGroupId", "SequenceNumber", "MessageDeduplicationId"} < set(seen[0]["Records"][0]["attributes"])


def test_refusals(feed):
    fed = feed(timeout=10, VisibilityTimeout="5")
    create_mapping = fed.functions.create_event_source_mapping
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        fed.map()
    assert refusal(caught) == (
        "InvalidParameterValueException", "Queue visibility timeout: 5 seconds is less than Function timeout: 10 seconds")
    fed.sqs.set_queue_attributes(QueueUrl=fed.url, Attributes={"VisibilityTimeout": "20"})
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        fed.map(BatchSize=11)
    assert refusal(caught)[1] == (
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        create_mapping(FunctionName="absent", EventSourceArn=fed.arn)
    assert refusal(caught) == ("InvalidParameterValueException", "Function does not exist")
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        create_mapping(FunctionName=fed.function, EventSourceArn=fed.arn + "x")
    assert refusal(caught)[1].startswith("Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue.")
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        create_mapping(FunctionName=fed.function, EventSourceArn="arn:aws:kinesis:us-east-1:000000000000:stream/s", StartingPosition="LATEST")
    assert refusal(caught)[1] == "Event sources of the service 'kinesis' are not supported by Nightshift yet."
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        fed.map(FilterCriteria={"Filters": [{"Pattern": "{"}]})
    assert refusal(caught)[1] == "Invalid filter pattern definition."
    fed.map()
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        create_mapping(FunctionName=fed.function, EventSourceArn=fed.arn)
    assert refusal(caught) == (
        "ResourceConflictException",
        f"An event source mapping with SQS arn (\" {fed.arn} \") and function (\" {fed.function} \") already exists. "
        f"Please update or delete the existing mapping with UUID {fed.id}")
    with pytest.raises(fed.functions.exceptions.ResourceNotFoundException) as caught:
        fed.functions.get_event_source_mapping(UUID=str(uuid.uuid4()))
    assert refusal(caught)[1] == "The resource you requested does not exist."


def test_a_disabled_mapping_leaves_the_queue_alone(feed):
    fed = feed()
    assert fed.map(Enabled=False)["State"] == "Creating"
    assert fed.get()["State"] == "Disabled"
    fed.send("m")
    assert queues.receive(fed.sqs, fed.told, WaitTimeSeconds=2) == []
    assert not fed.is_empty()
    fed.functions.update_event_source_mapping(UUID=fed.id, Enabled=True)
    assert bodies(fed.events(1)[0]) == ["m"]


def test_mappings_go_on_after_a_crash(start_server):
    server = start_server()
    with contextlib.ExitStack() as stack:
        fed = Feed(server.client, stack)
        # The server is killed: nothing is tidied up.
        kept = stack.pop_all()
        fed.map()
        fed.is_at("Enabled")
        server.kill()
        server.start()
        fed.functions, fed.sqs = server.client("lambda"), server.client("sqs")
        fed.is_at("Enabled")
        fed.send("m")
        assert bodies(fed.events(1)[0]) == ["m"]
    del kept
