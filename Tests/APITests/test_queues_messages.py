"""Messages as boto3 sends, receives, hides and deletes them. It checks the digests of what it sends itself."""
import hashlib
import threading
import time

import botocore.exceptions
import pytest

from polling import until
from queues import attribute, bodies, queue, receive
from test_queues import error


@pytest.fixture
def sqs(client):
    return client("sqs")


ATTRIBUTES = {
    "text": {"DataType": "String", "StringValue": "é"}, "number": {"DataType": "Number.float", "StringValue": "1.5"},
    "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\x01\xff"}, "foo.one": {"DataType": "String", "StringValue": "1"},
    "foo.two": {"DataType": "String", "StringValue": "2"},
}


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


# One message


def test_a_message_is_sent_received_and_deleted(sqs):
    with queue(sqs) as url:
        before = time.time() * 1000 - 5
        sent = sqs.send_message(QueueUrl=url, MessageBody="hellö", MessageAttributes=ATTRIBUTES)
        assert sent["MD5OfMessageBody"] == md5("hellö") and "SequenceNumber" not in sent
        assert sent["MD5OfMessageAttributes"]
        message, = receive(sqs, url)
        assert message["MessageId"] == sent["MessageId"]
        assert message["Body"] == "hellö" and message["MD5OfBody"] == md5("hellö")
        assert message["MessageAttributes"] == ATTRIBUTES
        assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
        system = message["Attributes"]
        assert set(system) == {"SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp"}
        assert system["ApproximateReceiveCount"] == "1"
        assert before <= int(system["SentTimestamp"]) <= int(system["ApproximateFirstReceiveTimestamp"]) <= time.time() * 1000 + 5
        assert receive(sqs, url) == []
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        assert attribute(sqs, url, "ApproximateNumberOfMessagesNotVisible") == "0"


def test_a_message_comes_again_when_its_timeout_is_over(sqs):
    with queue(sqs, VisibilityTimeout=1) as url:
        sqs.send_message(QueueUrl=url, MessageBody="again")
        first, = receive(sqs, url)
        second, = receive(sqs, url, WaitTimeSeconds=5)
        assert second["MessageId"] == first["MessageId"] and second["ReceiptHandle"] != first["ReceiptHandle"]
        assert second["Attributes"]["ApproximateReceiveCount"] == "2"
        assert second["Attributes"]["ApproximateFirstReceiveTimestamp"] == first["Attributes"]["ApproximateFirstReceiveTimestamp"]


def test_visibility_is_changed(sqs):
    with queue(sqs) as url:
        sqs.send_message(QueueUrl=url, MessageBody="x")
        message, = receive(sqs, url)
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        message, = receive(sqs, url, VisibilityTimeout=1)
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=3600)
        assert receive(sqs, url, WaitTimeSeconds=2) == []
        for seconds in (-1, 43201):
            assert error(
                sqs.change_message_visibility, QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=seconds)[0] == (
                "InvalidParameterValue")
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        code, text, _ = error(
            sqs.change_message_visibility, QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=1)
        assert code == "InvalidParameterValue"
        assert text.endswith("Reason: Message does not exist or is not available for visibility timeout change.")


def test_receipt_handles_are_of_their_queue(sqs):
    with queue(sqs) as url, queue(sqs) as other:
        sqs.send_message(QueueUrl=url, MessageBody="x")
        handle = receive(sqs, url)[0]["ReceiptHandle"]
        for wrong_url, wrong in ((url, "garbage"), (url, handle[:-6] + "AAAAA="), (other, handle)):
            for call, more in ((sqs.delete_message, {}), (sqs.change_message_visibility, {"VisibilityTimeout": 1})):
                with pytest.raises(sqs.exceptions.ReceiptHandleIsInvalid):
                    call(QueueUrl=wrong_url, ReceiptHandle=wrong, **more)
        sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)


def test_delays(sqs):
    with queue(sqs, DelaySeconds=1) as url:
        sqs.send_message(QueueUrl=url, MessageBody="queue's")
        sqs.send_message(QueueUrl=url, MessageBody="own", DelaySeconds=0)
        assert bodies(receive(sqs, url)) == ["own"]
        assert bodies(receive(sqs, url, WaitTimeSeconds=5)) == ["queue's"]


def test_a_long_poll_ends_with_a_message(sqs, client):
    with queue(sqs) as url:
        threading.Timer(0.5, lambda: client("sqs").send_message(QueueUrl=url, MessageBody="now")).start()
        started = time.monotonic()
        assert bodies(receive(sqs, url, WaitTimeSeconds=20)) == ["now"]
        assert 0.4 < time.monotonic() - started < 10


def test_a_long_poll_ends_empty(sqs):
    with queue(sqs, ReceiveMessageWaitTimeSeconds=1) as url:
        started = time.monotonic()
        assert receive(sqs, url) == []
        assert time.monotonic() - started > 0.9
        assert receive(sqs, url, WaitTimeSeconds=0) == []
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"ReceiveMessageWaitTimeSeconds": "0"})
        assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_a_client_that_went_away_takes_no_message(sqs, client):
    with queue(sqs) as url:
        impatient = client("sqs", read_timeout=1)
        with pytest.raises(botocore.exceptions.ReadTimeoutError):
            impatient.receive_message(QueueUrl=url, WaitTimeSeconds=20)
        time.sleep(0.5)
        sqs.send_message(QueueUrl=url, MessageBody="x")
        message, = receive(sqs, url)
        assert message["Attributes"]["ApproximateReceiveCount"] == "1"


def test_a_late_consumer_hides_its_message_again(sqs):
    with queue(sqs, VisibilityTimeout=1) as url:
        sqs.send_message(QueueUrl=url, MessageBody="x")
        message, = receive(sqs, url)
        until(lambda: attribute(sqs, url, "ApproximateNumberOfMessages") == "1")
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=60)
        assert receive(sqs, url) == []


def test_a_large_message(sqs):
    with queue(sqs) as url:
        body = "x" * (1 << 20)
        sqs.send_message(QueueUrl=url, MessageBody=body)
        assert bodies(receive(sqs, url)) == [body]
        assert error(sqs.send_message, QueueUrl=url, MessageBody=body + "x")[:2] == (
            "InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.")
        escaped = "\u0001".replace("\u0001", "\\\"") * (1 << 19)
        sqs.send_message(QueueUrl=url, MessageBody=escaped)
        assert bodies(receive(sqs, url)) == [escaped]


def test_the_queues_own_limit_counts_attributes(sqs):
    with queue(sqs, MaximumMessageSize=1024) as url:
        attributes = {"n": {"DataType": "String", "StringValue": "v"}}
        sqs.send_message(QueueUrl=url, MessageBody="x" * 1016, MessageAttributes=attributes)
        assert error(sqs.send_message, QueueUrl=url, MessageBody="x" * 1017, MessageAttributes=attributes)[1] == (
            "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.")


@pytest.mark.parametrize("parameters, code", [
    ({"MessageBody": ""}, "MissingParameter"), ({"MessageBody": "\x01"}, "InvalidMessageContents"),
    ({"MessageBody": "\uffff"}, "InvalidMessageContents"), ({"MessageBody": "x", "DelaySeconds": 901}, "InvalidParameterValue"),
    ({"MessageBody": "x", "MessageDeduplicationId": "d"}, "InvalidParameterValue"),
    ({"MessageBody": "x", "MessageAttributes": {"n": {"DataType": "Text", "StringValue": "v"}}}, "InvalidParameterValue"),
    ({"MessageBody": "x", "MessageAttributes": {"n": {"DataType": "Number", "StringValue": "v"}}}, "InvalidParameterValue"),
    ({"MessageBody": "x", "MessageAttributes": {"n": {"DataType": "String"}}}, "InvalidParameterValue"),
    ({"MessageBody": "x", "MessageAttributes": {f"n{i}": {"DataType": "String", "StringValue": "v"} for i in range(11)}},
     "InvalidParameterValue"),
])
def test_messages_have_rules(sqs, parameters, code):
    with queue(sqs) as url:
        assert error(sqs.send_message, QueueUrl=url, **parameters)[0] == code
        assert receive(sqs, url) == []


@pytest.mark.parametrize("parameters, text", [
    ({"MaxNumberOfMessages": 11}, "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."),
    ({"MaxNumberOfMessages": 0}, "Value 0 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."),
    ({"WaitTimeSeconds": 21}, "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."),
    ({"VisibilityTimeout": 43201},
     "Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, if provided."),
])
def test_receives_have_rules(sqs, parameters, text):
    with queue(sqs) as url:
        assert error(sqs.receive_message, QueueUrl=url, **parameters) == ("InvalidParameterValue", text, 400)


@pytest.mark.parametrize("names, shown", [
    ([], []), (["All"], list(ATTRIBUTES)), ([".*"], list(ATTRIBUTES)), (["foo.*"], ["foo.one", "foo.two"]),
    (["text", "nothing"], ["text"]), (["nothing"], []),
])
def test_attributes_are_chosen(sqs, names, shown):
    with queue(sqs) as url:
        sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes=ATTRIBUTES)
        message, = sqs.receive_message(QueueUrl=url, MessageAttributeNames=names)["Messages"]
        assert message.get("MessageAttributes", {}) == {key: ATTRIBUTES[key] for key in shown}
        assert ("MD5OfMessageAttributes" in message) == bool(shown)
        assert "Attributes" not in message


def test_system_attributes_are_chosen_by_either_name(sqs):
    with queue(sqs, VisibilityTimeout=0) as url:
        sent = sqs.send_message(QueueUrl=url, MessageBody="x", MessageSystemAttributes={
            "AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}})
        assert sent["MD5OfMessageSystemAttributes"]
        for parameter in ("AttributeNames", "MessageSystemAttributeNames"):
            message, = sqs.receive_message(QueueUrl=url, **{parameter: ["AWSTraceHeader", "SequenceNumber"]})["Messages"]
            assert message["Attributes"] == {"AWSTraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793"}


def test_standard_queues_keep_groups(sqs):
    with queue(sqs) as url:
        sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="tenant-1")
        assert receive(sqs, url)[0]["Attributes"]["MessageGroupId"] == "tenant-1"


# Batches


def test_a_batch_is_sent_hidden_and_deleted(sqs):
    with queue(sqs) as url:
        answer = sqs.send_message_batch(QueueUrl=url, Entries=[
            {"Id": "a", "MessageBody": "A", "MessageAttributes": ATTRIBUTES}, {"Id": "b", "MessageBody": "B"},
            {"Id": "wrong", "MessageBody": "\x02"}, {"Id": "late", "MessageBody": "C", "DelaySeconds": 901}])
        assert [entry["Id"] for entry in answer["Successful"]] == ["a", "b"]
        assert answer["Successful"][0]["MD5OfMessageBody"] == md5("A") and answer["Successful"][0]["MD5OfMessageAttributes"]
        assert [(entry["Id"], entry["Code"], entry["SenderFault"]) for entry in answer["Failed"]] == [
            ("wrong", "InvalidMessageContents", True), ("late", "InvalidParameterValue", True)]
        messages = receive(sqs, url)
        assert sorted(bodies(messages)) == ["A", "B"]
        entries = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"], "VisibilityTimeout": 0} for i, m in enumerate(messages)]
        answer = sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries + [
            {"Id": "no", "ReceiptHandle": "x", "VisibilityTimeout": 0}, {"Id": "long", "ReceiptHandle": "x", "VisibilityTimeout": 43201}])
        assert answer["Successful"] == [{"Id": "0"}, {"Id": "1"}]
        assert {entry["Id"]: entry["Code"] for entry in answer["Failed"]} == {
            "no": "ReceiptHandleIsInvalid", "long": "InvalidParameterValue"}
        messages = receive(sqs, url)
        answer = sqs.delete_message_batch(QueueUrl=url, Entries=[
            *({"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(messages)), {"Id": "no", "ReceiptHandle": "x"}])
        assert answer["Successful"] == [{"Id": "0"}, {"Id": "1"}]
        assert [(entry["Id"], entry["Code"], entry["SenderFault"]) for entry in answer["Failed"]] == [
            ("no", "ReceiptHandleIsInvalid", True)]
        assert attribute(sqs, url, "ApproximateNumberOfMessages") == "0"


@pytest.mark.parametrize("ids, exception, text", [
    ([], "EmptyBatchRequest", "There should be at least one {kind} in the request."),
    (range(11), "TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10. You have sent 11."),
    (["a", "b", "a"], "BatchEntryIdsNotDistinct", "Id a repeated."),
    (["a:b"], "InvalidBatchEntryId",
     "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."),
    (["x" * 81], "InvalidBatchEntryId", None), ([""], "InvalidBatchEntryId", None),
])
@pytest.mark.parametrize("operation, kind, member", [
    ("send_message_batch", "SendMessageBatchRequestEntry", {"MessageBody": "x"}),
    ("delete_message_batch", "DeleteMessageBatchRequestEntry", {"ReceiptHandle": "x"}),
    ("change_message_visibility_batch", "ChangeMessageVisibilityBatchRequestEntry", {"ReceiptHandle": "x", "VisibilityTimeout": 1}),
])
def test_batches_have_rules(sqs, operation, kind, member, ids, exception, text):
    with queue(sqs) as url:
        entries = [{"Id": str(identifier), **member} for identifier in ids]
        with pytest.raises(getattr(sqs.exceptions, exception)) as raised:
            getattr(sqs, operation)(QueueUrl=url, Entries=entries)
        answer = raised.value.response["Error"]
        assert answer["Code"] == "AWS.SimpleQueueService." + exception
        assert text is None or answer["Message"] == text.format(kind=kind)
        assert receive(sqs, url) == []


def test_a_batch_has_a_size(sqs):
    with queue(sqs) as url:
        half = "x" * (1 << 19)
        sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "a", "MessageBody": half}, {"Id": "b", "MessageBody": half}])
        with pytest.raises(sqs.exceptions.BatchRequestTooLong) as raised:
            sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "a", "MessageBody": half}, {"Id": "b", "MessageBody": half + "x"}])
        assert raised.value.response["Error"]["Message"] == (
            "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.")


# FIFO


def test_groups_keep_their_order(sqs):
    with queue(sqs, fifo=True, ContentBasedDeduplication="true") as url:
        numbers = [
            sqs.send_message(QueueUrl=url, MessageBody=f"{group}{index}", MessageGroupId=group)["SequenceNumber"]
            for index in range(3) for group in "ab"]
        assert numbers == sorted(numbers) and len(set(numbers)) == 6 and len(numbers[0]) == 20
        first = receive(sqs, url, MaxNumberOfMessages=1)
        assert first[0]["Attributes"]["SequenceNumber"] == numbers[0] and first[0]["Attributes"]["MessageGroupId"] == "a"
        assert first[0]["Attributes"]["MessageDeduplicationId"] == hashlib.sha256(b"a0").hexdigest()
        others = receive(sqs, url)
        assert bodies(others) == ["b0", "b1", "b2"]
        assert receive(sqs, url) == []
        sqs.delete_message(QueueUrl=url, ReceiptHandle=first[0]["ReceiptHandle"])
        assert bodies(receive(sqs, url)) == ["a1", "a2"]


def test_duplicates_are_one_message(sqs):
    with queue(sqs, fifo=True) as url:
        def send(body, deduplication):
            return sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g", MessageDeduplicationId=deduplication)

        first = send("one", "d")
        again = send("other", "d")
        assert (again["MessageId"], again["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])
        send("two", "e")
        messages = receive(sqs, url)
        assert bodies(messages) == ["one", "two"]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
        send("three", "d")
        sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[1]["ReceiptHandle"])
        assert receive(sqs, url) == []


def test_fifo_queues_have_rules(sqs):
    with queue(sqs, fifo=True) as url:
        send = {"QueueUrl": url, "MessageBody": "x"}
        assert error(sqs.send_message, **send) == (
            "MissingParameter", "The request must contain the parameter MessageGroupId.", 400)
        assert error(sqs.send_message, **send, MessageGroupId="g")[:2] == (
            "InvalidParameterValue",
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
        assert error(sqs.send_message, **send, MessageGroupId="g", MessageDeduplicationId="d", DelaySeconds=2)[:2] == (
            "InvalidParameterValue",
            "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.")
        assert error(sqs.send_message, **send, MessageGroupId="a b", MessageDeduplicationId="d")[0] == "InvalidParameterValue"
        batch = [{"Id": "a", "MessageBody": "x"}]
        assert error(sqs.send_message_batch, QueueUrl=url, Entries=batch)[:2] == (
            "InvalidParameterValue", "The request must contain the parameter MessageGroupId.")


def test_an_attempt_may_be_repeated(sqs):
    with queue(sqs, fifo=True, ContentBasedDeduplication="true") as url:
        sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="g")
        first = receive(sqs, url, ReceiveRequestAttemptId="attempt")
        again = receive(sqs, url, ReceiveRequestAttemptId="attempt")
        assert bodies(first) == bodies(again) == ["x"]
        assert receive(sqs, url) == []
    with queue(sqs) as url:
        assert error(sqs.receive_message, QueueUrl=url, ReceiveRequestAttemptId="a")[0] == "InvalidParameterValue"


def test_an_expired_handle_deletes_nothing_of_a_fifo_queue(sqs):
    with queue(sqs, fifo=True, ContentBasedDeduplication="true", VisibilityTimeout=1) as url:
        sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="g")
        handle = receive(sqs, url)[0]["ReceiptHandle"]
        assert bodies(until(lambda: receive(sqs, url, WaitTimeSeconds=2, VisibilityTimeout=0))) == ["x"]
        code, text, _ = error(sqs.delete_message, QueueUrl=url, ReceiptHandle=handle)
        assert code == "InvalidParameterValue" and text.endswith("Reason: The receipt handle has expired.")
        assert bodies(receive(sqs, url)) == ["x"]


# Restarts


def test_what_was_answered_survives_a_kill(start_server):
    server = start_server()
    sqs = server.client("sqs")
    url = sqs.create_queue(QueueName="durable", Attributes={"VisibilityTimeout": "300"}, tags={"a": "1"})["QueueUrl"]
    for body in ("deleted", "hidden", "kept"):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=ATTRIBUTES)
    handles = {message["Body"]: message["ReceiptHandle"] for message in receive(sqs, url, MaxNumberOfMessages=2)}
    assert len(handles) == 2
    deleted, hidden = handles
    sqs.delete_message(QueueUrl=url, ReceiptHandle=handles[deleted])
    server.kill()
    server.start()
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"a": "1"}
    rest, = receive(sqs, url)
    assert rest["Body"] not in handles and rest["MessageAttributes"] == ATTRIBUTES
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handles[hidden], VisibilityTimeout=0)
    again, = receive(sqs, url)
    assert again["Body"] == hidden and again["Attributes"]["ApproximateReceiveCount"] == "2"
