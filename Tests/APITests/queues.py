"""Queues of tests: made with a name of their own, and gone with the test."""
import contextlib
import uuid


def name(prefix="q", fifo=False):
    return f"{prefix}-{uuid.uuid4().hex[:12]}" + (".fifo" if fifo else "")


@contextlib.contextmanager
def queue(sqs, prefix="q", fifo=False, tags=None, **attributes):
    """The URL of a new queue with these attributes."""
    if fifo:
        attributes["FifoQueue"] = "true"
    options = {"tags": tags} if tags else {}
    url = sqs.create_queue(
        QueueName=name(prefix, fifo), Attributes={key: str(value) for key, value in attributes.items()}, **options)["QueueUrl"]
    try:
        yield url
    finally:
        with contextlib.suppress(sqs.exceptions.QueueDoesNotExist):
            sqs.delete_queue(QueueUrl=url)


def arn(sqs, url):
    return attribute(sqs, url, "QueueArn")


def attribute(sqs, url, key):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[key]).get("Attributes", {}).get(key)


def receive(sqs, url, **options):
    """The messages of one receive, all attributes shown."""
    options = {"MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"], **options}
    return sqs.receive_message(QueueUrl=url, **options).get("Messages", [])


def bodies(messages):
    return [message["Body"] for message in messages]
