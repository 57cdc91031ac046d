"""Queues as boto3 sees them: all operations of SQS, and what each answers to what is wrong."""
import json
import threading
import time

import boto3
import botocore.exceptions
import pytest

from polling import until
from queues import arn, attribute, bodies, name, queue, receive

ACCOUNT = "000000000000"


@pytest.fixture
def sqs(client):
    return client("sqs")


def error(call, **arguments):
    """Code, message and status of a refused call."""
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    response = raised.value.response
    return response["Error"]["Code"], response["Error"]["Message"], response["ResponseMetadata"]["HTTPStatusCode"]


# Queues


def test_a_queue_is_created_found_and_deleted(sqs, server):
    queue_name = name()
    url = sqs.create_queue(QueueName=queue_name)["QueueUrl"]
    assert url == f"{server.url}/{ACCOUNT}/{queue_name}"
    assert sqs.get_queue_url(QueueName=queue_name)["QueueUrl"] == url
    assert sqs.get_queue_url(QueueName=queue_name, QueueOwnerAWSAccountId=ACCOUNT)["QueueUrl"] == url
    sqs.delete_queue(QueueUrl=url)
    assert error(sqs.get_queue_url, QueueName=queue_name)[0] == "AWS.SimpleQueueService.NonExistentQueue"
    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as raised:
        sqs.send_message(QueueUrl=url, MessageBody="x")
    assert raised.value.response["Error"] == {
        "Code": "AWS.SimpleQueueService.NonExistentQueue", "Message": "The specified queue does not exist.",
        "QueryErrorCode": "QueueDoesNotExist", "Type": "Sender"}


def test_a_deleted_queue_may_be_made_again(sqs):
    queue_name = name()
    url = sqs.create_queue(QueueName=queue_name)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="old")
    sqs.delete_queue(QueueUrl=url)
    assert sqs.create_queue(QueueName=queue_name)["QueueUrl"] == url
    assert receive(sqs, url) == []
    sqs.delete_queue(QueueUrl=url)


def test_urls_count_by_their_path(sqs):
    with queue(sqs) as url:
        path = url.split("/", 3)[3]
        for other in (f"https://sqs.us-east-1.amazonaws.com/{path}", f"http://elsewhere:1/{path}", url.rpartition("/")[2]):
            assert sqs.send_message(QueueUrl=other, MessageBody="x")["MessageId"]
        foreign = url.replace(ACCOUNT, "111111111111")
        assert error(sqs.send_message, QueueUrl=foreign, MessageBody="x")[0] == "AWS.SimpleQueueService.NonExistentQueue"
        assert error(sqs.send_message, QueueUrl="http://host/name", MessageBody="x")[0] == "InvalidAddress"


def test_urls_are_at_the_address_that_the_client_uses(server):
    client = boto3.client(
        "sqs", endpoint_url=server.url.replace("127.0.0.1", "localhost"), region_name="us-east-1",
        aws_access_key_id=server.credentials.access_key, aws_secret_access_key=server.credentials.secret_key)
    with queue(client) as url:
        assert url.startswith("http://localhost:")
        client.send_message(QueueUrl=url, MessageBody="x")


@pytest.mark.parametrize("queue_name, attributes", [
    ("a b", {}), ("x" * 81, {}), ("a.fifo", {}), ("a/b", {}), ("a", {"FifoQueue": "true"}),
])
def test_names_have_rules(sqs, queue_name, attributes):
    code, message, status = error(sqs.create_queue, QueueName=queue_name, Attributes=attributes)
    assert (code, status) == ("InvalidParameterValue", 400)
    assert "an only include alphanumeric characters, hyphens, or underscores" in message


def test_creating_a_queue_again_compares_attributes(sqs):
    with queue(sqs, VisibilityTimeout=20) as url:
        queue_name = url.rpartition("/")[2]
        assert sqs.create_queue(QueueName=queue_name)["QueueUrl"] == url
        assert sqs.create_queue(QueueName=queue_name, Attributes={"VisibilityTimeout": "20"})["QueueUrl"] == url
        with pytest.raises(sqs.exceptions.QueueNameExists):
            sqs.create_queue(QueueName=queue_name, Attributes={"DelaySeconds": "1"})
        code, message, status = error(sqs.create_queue, QueueName=queue_name, Attributes={"DelaySeconds": "1"})
        assert (code, status) == ("QueueAlreadyExists", 400)
        assert message == "A queue already exists with the same name and a different value for attribute DelaySeconds"


def test_queues_are_listed_by_prefix_in_pages(sqs):
    prefix = name("list")
    urls = [sqs.create_queue(QueueName=f"{prefix}-{index}")["QueueUrl"] for index in range(5)]
    assert sqs.list_queues(QueueNamePrefix=prefix)["QueueUrls"] == urls
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=prefix, PaginationConfig={"PageSize": 2})
    assert [page["QueueUrls"] for page in pages] == [urls[:2], urls[2:4], urls[4:]]
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix=prefix + "-none")
    assert error(sqs.list_queues, MaxResults=0)[0] == "InvalidParameterValue"
    assert error(sqs.list_queues, NextToken="x", MaxResults=1)[0] == "InvalidParameterValue"
    for url in urls:
        sqs.delete_queue(QueueUrl=url)


def test_a_missing_parameter_is_named(server):
    answer = server.json("AmazonSQS.SendMessage", {"QueueUrl": f"/{ACCOUNT}/x"})
    assert answer.code == "QueueDoesNotExist"
    answer = server.json("AmazonSQS.GetQueueUrl", {})
    assert answer.json == {
        "__type": "com.amazon.coral.service#MissingRequiredParameterException",
        "message": "The request must contain the parameter QueueName."}
    assert answer.headers["x-amzn-query-error"] == "MissingParameter;Sender"


# Attributes


def test_a_new_queue_has_the_defaults(sqs):
    with queue(sqs) as url:
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        created = int(attributes.pop("CreatedTimestamp"))
        assert int(attributes.pop("LastModifiedTimestamp")) == created and abs(created - time.time()) < 60
        assert attributes == {
            "QueueArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:{url.rpartition('/')[2]}", "ApproximateNumberOfMessages": "0",
            "ApproximateNumberOfMessagesNotVisible": "0", "ApproximateNumberOfMessagesDelayed": "0", "VisibilityTimeout": "30",
            "MaximumMessageSize": "1048576", "MessageRetentionPeriod": "345600", "DelaySeconds": "0",
            "ReceiveMessageWaitTimeSeconds": "0", "SqsManagedSseEnabled": "true"}
        assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url)
        assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])


def test_a_fifo_queue_has_more(sqs):
    with queue(sqs, fifo=True, ContentBasedDeduplication="true") as url:
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert {key: attributes[key] for key in (
            "FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit")} == {
            "FifoQueue": "true", "ContentBasedDeduplication": "true", "DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue"}
        high = {"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}
        sqs.set_queue_attributes(QueueUrl=url, Attributes=high)
        assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(high))["Attributes"] == high


def test_attributes_are_set(sqs):
    with queue(sqs) as url:
        policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*"}]})
        wanted = {
            "VisibilityTimeout": "69", "DelaySeconds": "420", "MaximumMessageSize": "2048", "MessageRetentionPeriod": "604800",
            "ReceiveMessageWaitTimeSeconds": "10", "Policy": policy, "KmsMasterKeyId": "alias/k",
            "KmsDataKeyReusePeriodSeconds": "600"}
        sqs.set_queue_attributes(QueueUrl=url, Attributes=wanted)
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert {key: attributes[key] for key in wanted} == wanted
        assert attributes["SqsManagedSseEnabled"] == "false"
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": "", "KmsMasterKeyId": ""})
        assert attribute(sqs, url, "Policy") is None


@pytest.mark.parametrize("attributes, code, message", [
    ({"VisibilityTimeout": "43201"}, "InvalidAttributeValue", "Invalid value for the parameter VisibilityTimeout."),
    ({"DelaySeconds": "-1"}, "InvalidAttributeValue", "Invalid value for the parameter DelaySeconds."),
    ({"MaximumMessageSize": "1023"}, "InvalidAttributeValue", "Invalid value for the parameter MaximumMessageSize."),
    ({"MessageRetentionPeriod": "x"}, "InvalidAttributeValue", "Invalid value for the parameter MessageRetentionPeriod."),
    ({"Policy": "no"}, "InvalidAttributeValue", "Invalid value for the parameter Policy."),
    ({"Nothing": "1"}, "InvalidAttributeName", "Unknown Attribute Nothing."),
    ({"QueueArn": "x"}, "InvalidAttributeName", "Unknown Attribute QueueArn."),
    ({"FifoQueue": "false"}, "InvalidAttributeName", "Unknown Attribute FifoQueue."),
    ({"KmsMasterKeyId": "k", "SqsManagedSseEnabled": "true"}, "InvalidAttributeName",
     "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE."),
    ({"RedrivePolicy": "{}"}, "InvalidParameterValue",
     "Value {} for parameter RedrivePolicy is invalid. Reason: Redrive policy does not contain mandatory attribute: maxReceiveCount."),
])
def test_attributes_have_rules(sqs, attributes, code, message):
    assert error(sqs.create_queue, QueueName=name(), Attributes=attributes)[:2] == (code, message)
    with queue(sqs) as url:
        assert error(sqs.set_queue_attributes, QueueUrl=url, Attributes=attributes)[:2] == (code, message)


def test_unknown_attributes_cannot_be_read(sqs):
    with queue(sqs) as url:
        with pytest.raises(sqs.exceptions.InvalidAttributeName):
            sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Nothing"])
        assert error(sqs.receive_message, QueueUrl=url, AttributeNames=["Nothing"])[0] == "InvalidAttributeName"


def test_counts_tell_what_is_where(sqs):
    with queue(sqs) as url:
        for body in "abc":
            sqs.send_message(QueueUrl=url, MessageBody=body)
        sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=900)
        receive(sqs, url, MaxNumberOfMessages=1)
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert [counts[f"ApproximateNumberOfMessages{kind}"] for kind in ("", "NotVisible", "Delayed")] == ["2", "1", "1"]


# Permissions, tags, purge


def test_permissions_edit_the_policy(sqs):
    with queue(sqs) as url:
        sqs.add_permission(QueueUrl=url, Label="one", AWSAccountIds=["111111111111"], Actions=["ReceiveMessage"])
        policy = json.loads(attribute(sqs, url, "Policy"))
        assert policy == {
            "Version": "2008-10-17", "Id": f"{arn(sqs, url)}/SQSDefaultPolicy", "Statement": [{
                "Sid": "one", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
                "Action": "SQS:ReceiveMessage", "Resource": arn(sqs, url)}]}
        assert error(
            sqs.add_permission, QueueUrl=url, Label="one", AWSAccountIds=["111111111111"], Actions=["SendMessage"])[:2] == (
            "InvalidParameterValue", "Value one for parameter Label is invalid. Reason: Already exists.")
        sqs.add_permission(QueueUrl=url, Label="two", AWSAccountIds=["111111111111", "222222222222"], Actions=["*"])
        sqs.remove_permission(QueueUrl=url, Label="one")
        assert [statement["Sid"] for statement in json.loads(attribute(sqs, url, "Policy"))["Statement"]] == ["two"]
        sqs.remove_permission(QueueUrl=url, Label="two")
        assert attribute(sqs, url, "Policy") is None
        assert error(sqs.remove_permission, QueueUrl=url, Label="two")[:2] == (
            "InvalidParameterValue", "Value two for parameter Label is invalid. Reason: can't find label.")
        assert error(
            sqs.add_permission, QueueUrl=url, Label="l", AWSAccountIds=["111111111111"], Actions=["Fly"])[0] == "InvalidParameterValue"
        code, message, status = error(
            sqs.add_permission, QueueUrl=url, Label="l", AWSAccountIds=["111111111111"], Actions=["SendMessage"] * 8)
        assert (code, message, status) == ("OverLimit", "8 Actions were found, maximum allowed is 7.", 403)


def test_tags(sqs):
    with queue(sqs, tags={"a": "1"}) as url:
        sqs.tag_queue(QueueUrl=url, Tags={"a": "2", "b": ""})
        assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"a": "2", "b": ""}
        sqs.untag_queue(QueueUrl=url, TagKeys=["a", "b", "c"])
        assert "Tags" not in sqs.list_queue_tags(QueueUrl=url)
        assert error(sqs.tag_queue, QueueUrl=url, Tags={str(index): "" for index in range(51)})[0] == "InvalidParameterValue"


def test_tags_go_with_their_queue(sqs):
    queue_name = name()
    url = sqs.create_queue(QueueName=queue_name, tags={"a": "1"})["QueueUrl"]
    sqs.delete_queue(QueueUrl=url)
    sqs.create_queue(QueueName=queue_name)
    assert "Tags" not in sqs.list_queue_tags(QueueUrl=url)
    sqs.delete_queue(QueueUrl=url)


def test_a_queue_is_purged_once_a_minute(sqs):
    with queue(sqs) as url:
        for body in "abc":
            sqs.send_message(QueueUrl=url, MessageBody=body)
        receive(sqs, url, MaxNumberOfMessages=1)
        sqs.purge_queue(QueueUrl=url)
        assert receive(sqs, url) == []
        assert attribute(sqs, url, "ApproximateNumberOfMessages") == "0"
        with pytest.raises(sqs.exceptions.PurgeQueueInProgress):
            sqs.purge_queue(QueueUrl=url)
        code, message, status = error(sqs.purge_queue, QueueUrl=url)
        assert (code, status) == ("AWS.SimpleQueueService.PurgeQueueInProgress", 403)
        assert message == f"Only one PurgeQueue operation on {url.rpartition('/')[2]} is allowed every 60 seconds."
        sqs.send_message(QueueUrl=url, MessageBody="new")
        assert bodies(receive(sqs, url)) == ["new"]


# Dead letters


def test_a_dead_letter_queue_must_fit(sqs):
    def refusal(**policy):
        return error(sqs.create_queue, QueueName=name(), Attributes={"RedrivePolicy": json.dumps(policy)})[1]

    with queue(sqs) as plain, queue(sqs, fifo=True) as fifo:
        assert "Dead letter target does not exist." in refusal(deadLetterTargetArn=arn(sqs, plain) + "x", maxReceiveCount=1)
        assert "Dead-letter queue must be same type of queue as the source" in refusal(
            deadLetterTargetArn=arn(sqs, fifo), maxReceiveCount=1)
        assert "valid values are from 1 to 1000" in refusal(deadLetterTargetArn=arn(sqs, plain), maxReceiveCount=0)
        sqs.set_queue_attributes(QueueUrl=plain, Attributes={"RedriveAllowPolicy": '{"redrivePermission":"denyAll"}'})
        assert "redrive allow policy" in refusal(deadLetterTargetArn=arn(sqs, plain), maxReceiveCount=1)


def test_redrive_allow_policies_let_the_named_in(sqs):
    with queue(sqs) as source, queue(sqs) as dead:
        allow = {"redrivePermission": "byQueue", "sourceQueueArns": [arn(sqs, source)]}
        sqs.set_queue_attributes(QueueUrl=dead, Attributes={"RedriveAllowPolicy": json.dumps(allow)})
        policy = {"deadLetterTargetArn": arn(sqs, dead), "maxReceiveCount": "3"}
        sqs.set_queue_attributes(QueueUrl=source, Attributes={"RedrivePolicy": json.dumps(policy)})
        assert json.loads(attribute(sqs, source, "RedrivePolicy")) == {**policy, "maxReceiveCount": 3}
        assert json.loads(attribute(sqs, dead, "RedriveAllowPolicy")) == allow
        assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [source]
        assert sqs.list_dead_letter_source_queues(QueueUrl=source)["queueUrls"] == []


def test_messages_received_too_often_go_to_the_dead_letter_queue_and_back(sqs):
    with queue(sqs) as dead:
        policy = json.dumps({"deadLetterTargetArn": arn(sqs, dead), "maxReceiveCount": 1})
        with queue(sqs, VisibilityTimeout=0, RedrivePolicy=policy) as source:
            sent = sqs.send_message(
                QueueUrl=source, MessageBody="poison",
                MessageAttributes={"n": {"DataType": "String", "StringValue": "v"}})
            assert bodies(receive(sqs, source)) == ["poison"]
            assert receive(sqs, source) == []
            message = until(lambda: receive(sqs, dead, WaitTimeSeconds=1, VisibilityTimeout=0))[0]
            assert message["MessageId"] == sent["MessageId"]
            assert message["MessageAttributes"] == {"n": {"DataType": "String", "StringValue": "v"}}
            assert message["Attributes"]["DeadLetterQueueSourceArn"] == arn(sqs, source)
            assert error(sqs.start_message_move_task, SourceArn=arn(sqs, source))[:2] == (
                "InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
            handle = sqs.start_message_move_task(SourceArn=arn(sqs, dead))["TaskHandle"]
            assert handle
            moved = until(lambda: receive(sqs, source, WaitTimeSeconds=1, VisibilityTimeout=30))
            assert bodies(moved) == ["poison"]
            task = until(lambda: [
                task for task in sqs.list_message_move_tasks(SourceArn=arn(sqs, dead))["Results"] if task["Status"] == "COMPLETED"])[0]
            assert task["ApproximateNumberOfMessagesMoved"] == 1 and task["ApproximateNumberOfMessagesToMove"] == 1
            assert task["SourceArn"] == arn(sqs, dead) and "DestinationArn" not in task and "TaskHandle" not in task
            assert abs(task["StartedTimestamp"] / 1000 - time.time()) < 60


def test_a_move_task_is_cancelled(sqs):
    with queue(sqs) as dead, queue(sqs) as destination:
        policy = json.dumps({"deadLetterTargetArn": arn(sqs, dead), "maxReceiveCount": 5})
        with queue(sqs, RedrivePolicy=policy):
            for index in range(20):
                sqs.send_message(QueueUrl=dead, MessageBody=str(index))
            start = {"SourceArn": arn(sqs, dead), "DestinationArn": arn(sqs, destination)}
            handle = sqs.start_message_move_task(**start, MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
            assert error(sqs.start_message_move_task, **start)[:2] == (
                "InvalidParameterValue",
                "There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
            running = sqs.list_message_move_tasks(SourceArn=arn(sqs, dead), MaxResults=10)["Results"][0]
            assert running["Status"] == "RUNNING" and running["TaskHandle"] == handle
            assert running["MaxNumberOfMessagesPerSecond"] == 1 and running["DestinationArn"] == arn(sqs, destination)
            assert sqs.cancel_message_move_task(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"] < 20
            task = until(lambda: [
                task for task in sqs.list_message_move_tasks(SourceArn=arn(sqs, dead))["Results"] if task["Status"] == "CANCELLED"])[0]
            assert task["ApproximateNumberOfMessagesMoved"] < 20


def test_move_tasks_have_rules(sqs):
    with queue(sqs) as url:
        missing = arn(sqs, url) + "-not"
        assert error(sqs.start_message_move_task, SourceArn=missing) == (
            "ResourceNotFoundException", "The resource that you specified for the SourceArn parameter doesn't exist.", 404)
        assert error(sqs.list_message_move_tasks, SourceArn=missing)[0] == "ResourceNotFoundException"
        assert error(sqs.start_message_move_task, SourceArn="x")[0] == "InvalidParameterValue"
        assert error(sqs.start_message_move_task, SourceArn=arn(sqs, url), DestinationArn=missing)[:2] == (
            "ResourceNotFoundException", "The resource that you specified for the DestinationArn parameter doesn't exist.")
        assert error(sqs.cancel_message_move_task, TaskHandle="foobared")[:2] == (
            "InvalidParameterValue", "Value for parameter TaskHandle is invalid.")
        assert error(sqs.start_message_move_task, SourceArn=arn(sqs, url), MaxNumberOfMessagesPerSecond=501)[0] == (
            "InvalidParameterValue")


# Other clients


def test_the_resource_of_boto3(server):
    credentials = server.credentials
    resource = boto3.resource(
        "sqs", endpoint_url=server.url, region_name="us-east-1", aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key)
    created = resource.create_queue(QueueName=name("resource"), Attributes={"VisibilityTimeout": "5"})
    assert created.attributes["VisibilityTimeout"] == "5"
    assert resource.get_queue_by_name(QueueName=created.url.rpartition("/")[2]).url == created.url
    created.send_message(MessageBody="hello", MessageAttributes={"who": {"DataType": "String", "StringValue": "me"}})
    created.send_messages(Entries=[{"Id": str(index), "MessageBody": str(index)} for index in range(3)])
    received = created.receive_messages(MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageAttributeNames=["All"])
    assert sorted(message.body for message in received) == ["0", "1", "2", "hello"]
    received[0].change_visibility(VisibilityTimeout=60)
    received[0].delete()
    created.delete_messages(Entries=[{"Id": str(i), "ReceiptHandle": m.receipt_handle} for i, m in enumerate(received[1:])])
    created.reload()
    assert created.attributes["ApproximateNumberOfMessagesNotVisible"] == "0"
    created.purge()
    created.delete()


def test_twenty_clients_at_once(server):
    sqs = server.client("sqs", max_pool_connections=20)
    with queue(sqs) as url:
        def work(worker):
            for index in range(10):
                sqs.send_message(QueueUrl=url, MessageBody=f"{worker}-{index}")

        workers = [threading.Thread(target=work, args=(worker,)) for worker in range(20)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        seen = set()
        while messages := receive(sqs, url):
            seen.update(bodies(messages))
            sqs.delete_message_batch(QueueUrl=url, Entries=[
                {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]} for index, message in enumerate(messages)])
        assert len(seen) == 200
