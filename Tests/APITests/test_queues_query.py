"""SQS's older protocol, as SDKs from before November 2023 speak it: forms to `/` or to the queue's URL, answered in XML."""
import hashlib
import urllib.parse
import xml.etree.ElementTree as ElementTree

import pytest

from queues import arn, name, queue

NAMESPACE = "{http://queue.amazonaws.com/doc/2012-11-05/}"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.fixture
def sqs(client):
    return client("sqs")


@pytest.fixture
def call(server):
    """Calls an action by a form; the answer's XML without namespaces, with its status."""
    def send(action, path="/", method="POST", status=200, **parameters):
        form = urllib.parse.urlencode({"Action": action, "Version": "2012-11-05", **{
            key.replace("__", "."): value for key, value in parameters.items()}}, quote_via=urllib.parse.quote)
        if method == "GET":
            answer = server.raw("sqs", method="GET", path=f"{path}?{form}")
        else:
            answer = server.raw("sqs", path=path, headers=FORM, body=form.encode())
        assert answer.status == status, answer.text
        assert answer.headers["Content-Type"].startswith("text/xml")
        root = ElementTree.fromstring(answer.text)
        assert root.tag.startswith(NAMESPACE)
        for element in root.iter():
            element.tag = element.tag.removeprefix(NAMESPACE)
        request = root.findtext("ResponseMetadata/RequestId") or root.findtext("RequestId")
        assert request == answer.headers["x-amzn-RequestId"]
        return root

    return send


def path(url):
    return "/" + url.split("/", 3)[3]


def texts(root, element):
    return [found.text for found in root.iter(element)]


def pairs(root, element):
    return {found.findtext("Name") or found.findtext("Key"): found.findtext("Value") for found in root.iter(element)}


def test_queues(call, server):
    queue_name = name("query")
    root = call("CreateQueue", QueueName=queue_name, Attribute__1__Name="DelaySeconds", Attribute__1__Value="0",
                Attribute__2__Name="VisibilityTimeout", Attribute__2__Value="20", Tag__1__Key="a", Tag__1__Value="1")
    assert root.tag == "CreateQueueResponse"
    url = root.findtext("CreateQueueResult/QueueUrl")
    assert url == f"{server.url}/000000000000/{queue_name}"
    assert call("GetQueueUrl", QueueName=queue_name).findtext("GetQueueUrlResult/QueueUrl") == url
    assert texts(call("ListQueues", QueueNamePrefix=queue_name), "QueueUrl") == [url]
    assert pairs(call("ListQueueTags", QueueUrl=url), "Tag") == {"a": "1"}
    call("TagQueue", path(url), Tag__1__Key="b", Tag__1__Value="2")
    call("UntagQueue", path(url), TagKey__1="a")
    assert pairs(call("ListQueueTags", path(url)), "Tag") == {"b": "2"}
    call("SetQueueAttributes", path(url), Attribute__Name="VisibilityTimeout", Attribute__Value="40")
    root = call("GetQueueAttributes", path(url), AttributeName__1="VisibilityTimeout", AttributeName__2="QueueArn")
    assert pairs(root, "Attribute") == {
        "VisibilityTimeout": "40", "QueueArn": f"arn:aws:sqs:us-east-1:000000000000:{queue_name}"}
    assert len(pairs(call("GetQueueAttributes", path(url), AttributeName__1="All"), "Attribute")) > 10
    call("AddPermission", path(url), Label="l", AWSAccountId__1="111111111111", ActionName__1="SendMessage")
    call("RemovePermission", path(url), Label="l")
    call("PurgeQueue", path(url))
    root = call("DeleteQueue", path(url))
    assert [child.tag for child in root] == ["ResponseMetadata"]


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("at_queue", [True, False])
def test_messages(call, sqs, method, at_queue):
    with queue(sqs) as url:
        def send(action, **parameters):
            where = {"path": path(url)} if at_queue else {"QueueUrl": url}
            return call(action, method=method, **where, **parameters)

        root = send(
            "SendMessage", MessageBody="a & <b>", MessageAttribute__1__Name="text", MessageAttribute__1__Value__DataType="String",
            MessageAttribute__1__Value__StringValue="v", MessageAttribute__2__Name="bytes",
            MessageAttribute__2__Value__DataType="Binary", MessageAttribute__2__Value__BinaryValue="AAH/",
            MessageSystemAttribute__1__Name="AWSTraceHeader", MessageSystemAttribute__1__Value__DataType="String",
            MessageSystemAttribute__1__Value__StringValue="Root=1")
        assert root.findtext("SendMessageResult/MD5OfMessageBody") == hashlib.md5(b"a & <b>").hexdigest()
        assert root.findtext("SendMessageResult/MD5OfMessageAttributes")
        assert root.findtext("SendMessageResult/MD5OfMessageSystemAttributes")
        root = send("ReceiveMessage", AttributeName__1="All", MessageAttributeName__1="All", MaxNumberOfMessages=10)
        message, = root.findall("ReceiveMessageResult/Message")
        assert message.findtext("Body") == "a & <b>"
        assert pairs(message, "Attribute")["ApproximateReceiveCount"] == "1"
        values = {found.findtext("Name"): found.find("Value") for found in message.iter("MessageAttribute")}
        assert values["text"].findtext("StringValue") == "v" and values["bytes"].findtext("BinaryValue") == "AAH/"
        handle = message.findtext("ReceiptHandle")
        send("ChangeMessageVisibility", ReceiptHandle=handle, VisibilityTimeout=30)
        send("DeleteMessage", ReceiptHandle=handle)
        assert send("ReceiveMessage").find("ReceiveMessageResult/Message") is None


def test_batches(call, sqs):
    with queue(sqs) as url:
        root = call(
            "SendMessageBatch", path(url), SendMessageBatchRequestEntry__1__Id="one", SendMessageBatchRequestEntry__1__MessageBody="A",
            SendMessageBatchRequestEntry__1__MessageAttribute__1__Name="n",
            SendMessageBatchRequestEntry__1__MessageAttribute__1__Value__DataType="Number",
            SendMessageBatchRequestEntry__1__MessageAttribute__1__Value__StringValue="1",
            SendMessageBatchRequestEntry__2__Id="two", SendMessageBatchRequestEntry__2__MessageBody="\x02")
        assert [entry.findtext("Id") for entry in root.iter("SendMessageBatchResultEntry")] == ["one"]
        assert [(entry.findtext("Id"), entry.findtext("Code"), entry.findtext("SenderFault"))
                for entry in root.iter("BatchResultErrorEntry")] == [("two", "InvalidMessageContents", "true")]
        handle = call("ReceiveMessage", path(url)).findtext("ReceiveMessageResult/Message/ReceiptHandle")
        root = call(
            "ChangeMessageVisibilityBatch", path(url), ChangeMessageVisibilityBatchRequestEntry__1__Id="a",
            ChangeMessageVisibilityBatchRequestEntry__1__ReceiptHandle=handle,
            ChangeMessageVisibilityBatchRequestEntry__1__VisibilityTimeout=60)
        assert texts(root, "Id") == ["a"]
        root = call(
            "DeleteMessageBatch", path(url), DeleteMessageBatchRequestEntry__1__Id="a",
            DeleteMessageBatchRequestEntry__1__ReceiptHandle=handle)
        assert texts(root.find("DeleteMessageBatchResult"), "Id") == ["a"]


def test_dead_letters(call, sqs):
    with queue(sqs) as dead:
        policy = '{"deadLetterTargetArn":"%s","maxReceiveCount":5}' % arn(sqs, dead)
        with queue(sqs, RedrivePolicy=policy) as source:
            assert texts(call("ListDeadLetterSourceQueues", path(dead)), "QueueUrl") == [source]
            handle = call("StartMessageMoveTask", SourceArn=arn(sqs, dead)).findtext("StartMessageMoveTaskResult/TaskHandle")
            assert handle
            root = call("ListMessageMoveTasks", SourceArn=arn(sqs, dead))
            assert texts(root, "SourceArn") == [arn(sqs, dead)]
            assert root.find("ListMessageMoveTasksResult/ListMessageMoveTasksResultEntry/Status") is not None
            root = call("CancelMessageMoveTask", TaskHandle="none", status=400)
            assert root.findtext("Error/Code") == "InvalidParameterValue"


@pytest.mark.parametrize("action, parameters, status, code, message", [
    ("SendMessage", {"QueueUrl": "/000000000000/none", "MessageBody": "x"}, 400, "AWS.SimpleQueueService.NonExistentQueue",
     "The specified queue does not exist for this wsdl version."),
    ("GetQueueUrl", {}, 400, "MissingParameter", "The request must contain the parameter QueueName."),
    ("CreateQueue", {"QueueName": "a b"}, 400, "InvalidParameterValue",
     "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"),
    ("StartMessageMoveTask", {"SourceArn": "arn:aws:sqs:us-east-1:000000000000:none"}, 404, "ResourceNotFoundException",
     "The resource that you specified for the SourceArn parameter doesn't exist."),
    ("Fly", {}, 400, "InvalidAction", "The action Fly is not valid for this web service."),
])
def test_errors(call, action, parameters, status, code, message):
    root = call(action, status=status, **parameters)
    assert root.tag == "ErrorResponse"
    assert root.findtext("Error/Type") == "Sender"
    assert (root.findtext("Error/Code"), root.findtext("Error/Message")) == (code, message)


def test_json_may_go_to_the_queues_url(server, sqs):
    with queue(sqs) as url:
        headers = {"X-Amz-Target": "AmazonSQS.SendMessage", "Content-Type": "application/x-amz-json-1.0"}
        answer = server.raw("sqs", path=path(url), headers=headers, body=b'{"MessageBody":"x"}')
        assert answer.status == 200 and answer.json["MD5OfMessageBody"] == hashlib.md5(b"x").hexdigest()
