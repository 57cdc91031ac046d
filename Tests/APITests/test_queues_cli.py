"""Queues as the AWS CLI sees them: every operation once."""
import json

import pytest

from polling import until
from queues import name


@pytest.fixture
def sqs(server):
    """Runs `aws sqs OPERATION`; its output, or the error's code."""
    def run(*arguments):
        # Version 1 of the CLI names SQS's endpoint itself, whatever AWS_ENDPOINT_URL says, unless an option names another.
        finished = server.aws("sqs", *arguments, "--endpoint-url", server.url)
        if finished.returncode:
            assert "(" in finished.stderr, finished.stderr
            return finished.stderr.split("(", 1)[1].split(")")[0]
        return json.loads(finished.stdout) if finished.stdout.strip() else {}

    return run


def test_every_operation(sqs):
    dead_name = name("cli-dead")
    dead = sqs("create-queue", "--queue-name", dead_name)["QueueUrl"]
    target = sqs("create-queue", "--queue-name", dead_name.replace("-dead-", "-target-"))["QueueUrl"]
    dead_arn = sqs("get-queue-attributes", "--queue-url", dead, "--attribute-names", "QueueArn")["Attributes"]["QueueArn"]
    policy = json.dumps({"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": "3"})})
    queue_name = name("cli")
    url = sqs("create-queue", "--queue-name", queue_name, "--attributes", policy, "--tags", "a=1")["QueueUrl"]
    assert sqs("get-queue-url", "--queue-name", queue_name) == {"QueueUrl": url}
    assert sqs("list-queues", "--queue-name-prefix", queue_name) == {"QueueUrls": [url]}
    assert sqs("list-dead-letter-source-queues", "--queue-url", dead) == {"queueUrls": [url]}
    sqs("set-queue-attributes", "--queue-url", url, "--attributes", "VisibilityTimeout=300")
    assert sqs("get-queue-attributes", "--queue-url", url, "--attribute-names", "All")["Attributes"]["VisibilityTimeout"] == "300"

    sqs("tag-queue", "--queue-url", url, "--tags", "b=2")
    sqs("untag-queue", "--queue-url", url, "--tag-keys", "a")
    assert sqs("list-queue-tags", "--queue-url", url) == {"Tags": {"b": "2"}}
    sqs("add-permission", "--queue-url", url, "--label", "l", "--aws-account-ids", "111111111111", "--actions", "SendMessage")
    sqs("remove-permission", "--queue-url", url, "--label", "l")

    assert sqs("send-message", "--queue-url", url, "--message-body", "one")["MD5OfMessageBody"]
    entries = json.dumps([{"Id": "a", "MessageBody": "two"}, {"Id": "b", "MessageBody": "three"}])
    assert len(sqs("send-message-batch", "--queue-url", url, "--entries", entries)["Successful"]) == 2
    messages = sqs("receive-message", "--queue-url", url, "--max-number-of-messages", "10", "--wait-time-seconds", "1")["Messages"]
    handles = [message["ReceiptHandle"] for message in messages]
    assert len(handles) == 3
    sqs("change-message-visibility", "--queue-url", url, "--receipt-handle", handles[0], "--visibility-timeout", "600")
    changes = json.dumps([{"Id": str(i), "ReceiptHandle": h, "VisibilityTimeout": 600} for i, h in enumerate(handles)])
    assert len(sqs("change-message-visibility-batch", "--queue-url", url, "--entries", changes)["Successful"]) == 3
    sqs("delete-message", "--queue-url", url, "--receipt-handle", handles[0])
    deletes = json.dumps([{"Id": str(i), "ReceiptHandle": h} for i, h in enumerate(handles[1:])])
    assert len(sqs("delete-message-batch", "--queue-url", url, "--entries", deletes)["Successful"]) == 2
    assert sqs("receive-message", "--queue-url", url) == {}

    entries = json.dumps([{"Id": str(index), "MessageBody": "x"} for index in range(10)])
    for _ in range(5):
        sqs("send-message-batch", "--queue-url", dead, "--entries", entries)
    handle = sqs(
        "start-message-move-task", "--source-arn", dead_arn, "--destination-arn", dead_arn.replace("-dead-", "-target-"),
        "--max-number-of-messages-per-second", "1")["TaskHandle"]
    assert sqs("list-message-move-tasks", "--source-arn", dead_arn)["Results"][0]["Status"] == "RUNNING"
    assert "ApproximateNumberOfMessagesMoved" in sqs("cancel-message-move-task", "--task-handle", handle)
    until(lambda: sqs("list-message-move-tasks", "--source-arn", dead_arn)["Results"][0]["Status"] == "CANCELLED")

    sqs("purge-queue", "--queue-url", url)
    for queue in (url, dead, target):
        sqs("delete-queue", "--queue-url", queue)
    assert sqs("get-queue-url", "--queue-name", queue_name) == "AWS.SimpleQueueService.NonExistentQueue"
