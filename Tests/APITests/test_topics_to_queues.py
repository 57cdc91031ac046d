"""Topics whose subscribers are queues, standard and FIFO: boto3 against a live server."""
import contextlib
import json
import threading
import uuid

import botocore.exceptions
import pytest

import queues
from polling import until


@pytest.fixture
def sns(client):
    return client("sns")


@pytest.fixture
def sqs(client):
    return client("sqs")


@contextlib.contextmanager
def topic(sns, fifo=False, **attributes):
    """The ARN of a new topic with these attributes."""
    if fifo:
        attributes["FifoTopic"] = "true"
    arn = sns.create_topic(Name=queues.name("t", fifo), Attributes=attributes)["TopicArn"]
    try:
        yield arn
    finally:
        sns.delete_topic(TopicArn=arn)


def subscribe(sns, sqs, topic, url, **attributes):
    return sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=queues.arn(sqs, url), Attributes=attributes, ReturnSubscriptionArn=True)["SubscriptionArn"]


def message(sqs, url):
    """The one message of a queue, received and deleted."""
    [received] = queues.receive(sqs, url, WaitTimeSeconds=5)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=received["ReceiptHandle"])
    return received


def refusal(caught):
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_a_queue_gets_the_envelope(sns, sqs):
    with topic(sns) as arn, queues.queue(sqs) as url:
        subscription = subscribe(sns, sqs, arn, url)
        assert subscription.startswith(arn + ":")
        attributes = sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
        assert (attributes["PendingConfirmation"], attributes["Protocol"]) == ("false", "sqs")
        published = sns.publish(
            TopicArn=arn, Message="disk full", Subject="host 7",
            MessageAttributes={"level": {"DataType": "String", "StringValue": "high"}})
        received = message(sqs, url)
        body = json.loads(received["Body"])
        assert body["Type"] == "Notification"
        assert body["MessageId"] == published["MessageId"]
        assert (body["TopicArn"], body["Subject"], body["Message"]) == (arn, "host 7", "disk full")
        assert body["MessageAttributes"] == {"level": {"Type": "String", "Value": "high"}}
        assert body["UnsubscribeURL"].endswith(subscription)
        assert "SequenceNumber" not in published
        assert received["Attributes"]["SenderId"]


def test_a_raw_message_has_its_attributes(sns, sqs):
    with topic(sns) as arn, queues.queue(sqs) as url:
        subscribe(sns, sqs, arn, url, RawMessageDelivery="true")
        sns.publish(
            TopicArn=arn, Message="plain",
            MessageAttributes={"n": {"DataType": "Number", "StringValue": "7"}, "b": {"DataType": "Binary", "BinaryValue": b"\x01\xff"}})
        received = message(sqs, url)
        assert received["Body"] == "plain"
        assert received["MessageAttributes"]["n"] == {"DataType": "Number", "StringValue": "7"}
        assert received["MessageAttributes"]["b"]["BinaryValue"] == b"\x01\xff"


def test_filter_policies_select(sns, sqs):
    with topic(sns) as arn, queues.queue(sqs) as by_attribute, queues.queue(sqs) as by_body:
        subscribe(sns, sqs, arn, by_attribute, RawMessageDelivery="true", FilterPolicy=json.dumps({"kind": ["order"]}))
        subscribe(
            sns, sqs, arn, by_body, RawMessageDelivery="true", FilterPolicyScope="MessageBody",
            FilterPolicy=json.dumps({"order": {"sum": [{"numeric": [">", 10]}]}}))
        small, large = json.dumps({"order": {"sum": 1}}), json.dumps({"order": {"sum": 11}})
        for text in [small, large]:
            sns.publish(TopicArn=arn, Message=text, MessageAttributes={"kind": {"DataType": "String", "StringValue": "order"}})
        sns.publish(TopicArn=arn, Message="other", MessageAttributes={"kind": {"DataType": "String", "StringValue": "bill"}})
        assert sorted(queues.bodies(queues.receive(sqs, by_attribute, WaitTimeSeconds=1))) == sorted([small, large])
        assert queues.bodies(queues.receive(sqs, by_body, WaitTimeSeconds=1)) == [large]


def test_what_a_deleted_queue_misses_goes_to_the_dead_letters(sns, sqs):
    with topic(sns) as arn, queues.queue(sqs) as letters, queues.queue(sqs) as other:
        with queues.queue(sqs) as gone:
            policy = json.dumps({"deadLetterTargetArn": queues.arn(sqs, letters)})
            subscription = subscribe(sns, sqs, arn, gone, RedrivePolicy=policy)
            assert sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]["RedrivePolicy"] == policy
        subscribe(sns, sqs, arn, other, RawMessageDelivery="true")
        sns.publish(TopicArn=arn, Message="m")
        assert json.loads(message(sqs, letters)["Body"])["Message"] == "m"
        assert message(sqs, other)["Body"] == "m"


def test_an_invocation_that_fails_for_good_goes_to_the_dead_letters(sns, sqs):
    with topic(sns) as arn, queues.queue(sqs) as letters:
        # A function that is not there is refused at once, without retries.
        sns.subscribe(
            TopicArn=arn, Protocol="lambda", Endpoint="arn:aws:lambda:us-east-1:000000000000:function:absent",
            Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": queues.arn(sqs, letters)})})
        sns.publish(TopicArn=arn, Message="m")
        assert json.loads(message(sqs, letters)["Body"])["Message"] == "m"


def test_a_batch_reaches_all_queues(sns, sqs):
    with topic(sns) as arn, queues.queue(sqs) as one, queues.queue(sqs) as two:
        for url in [one, two]:
            subscribe(sns, sqs, arn, url, RawMessageDelivery="true")
        entries = [{"Id": str(index), "Message": f"m{index}"} for index in range(10)]
        answer = sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries)
        assert len({entry["MessageId"] for entry in answer["Successful"]}) == 10 and answer["Failed"] == []
        for url in [one, two]:
            assert sorted(queues.bodies(queues.receive(sqs, url, WaitTimeSeconds=1))) == [f"m{index}" for index in range(10)]


def test_an_ended_subscription_gets_nothing(sns, sqs):
    with topic(sns) as arn, queues.queue(sqs) as url:
        subscription = subscribe(sns, sqs, arn, url, RawMessageDelivery="true")
        sns.publish(TopicArn=arn, Message="1")
        sns.unsubscribe(SubscriptionArn=subscription)
        sns.publish(TopicArn=arn, Message="2")
        assert queues.bodies(queues.receive(sqs, url)) == ["1"]


# FIFO topics


def test_groups_keep_their_order(sns, sqs):
    with topic(sns, fifo=True, ContentBasedDeduplication="true") as arn, queues.queue(sqs, fifo=True) as url:
        subscribe(sns, sqs, arn, url, RawMessageDelivery="true")
        numbers = [sns.publish(TopicArn=arn, Message=f"m{index}", MessageGroupId="g")["SequenceNumber"] for index in range(5)]
        assert numbers == sorted(numbers) and all(len(number) == 20 for number in numbers)
        received = queues.receive(sqs, url, WaitTimeSeconds=5)
        assert queues.bodies(received) == [f"m{index}" for index in range(5)]
        assert {item["Attributes"]["MessageGroupId"] for item in received} == {"g"}


def test_a_duplicate_is_delivered_once(sns, sqs):
    with topic(sns, fifo=True) as arn, queues.queue(sqs, fifo=True) as url:
        subscribe(sns, sqs, arn, url)
        answers = [sns.publish(TopicArn=arn, Message=text, MessageGroupId="g", MessageDeduplicationId="one") for text in "ab"]
        assert answers[0]["MessageId"] == answers[1]["MessageId"]
        [received] = queues.receive(sqs, url, WaitTimeSeconds=5)
        body = json.loads(received["Body"])
        assert (body["Message"], body["SequenceNumber"]) == ("a", answers[0]["SequenceNumber"])
        assert received["Attributes"]["MessageDeduplicationId"] == "one"


def test_a_fifo_batch(sns, sqs):
    with topic(sns, fifo=True) as arn, queues.queue(sqs, fifo=True) as url, queues.queue(sqs) as standard:
        for queue in [url, standard]:
            subscribe(sns, sqs, arn, queue, RawMessageDelivery="true")
        entries = [
            {"Id": str(index), "Message": f"m{index}", "MessageGroupId": "g", "MessageDeduplicationId": str(index)} for index in range(4)]
        answer = sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries)
        numbers = [entry["SequenceNumber"] for entry in answer["Successful"]]
        assert numbers == sorted(numbers)
        assert queues.bodies(queues.receive(sqs, url, WaitTimeSeconds=5)) == ["m0", "m1", "m2", "m3"]
        assert len(queues.receive(sqs, standard, WaitTimeSeconds=5)) == 4


@pytest.mark.parametrize("given, text", [
    ({}, "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"),
    ({"MessageGroupId": "g"},
     "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"),
])
def test_what_fifo_topics_refuse(sns, given, text):
    with topic(sns, fifo=True) as arn, pytest.raises(botocore.exceptions.ClientError) as caught:
        sns.publish(TopicArn=arn, Message="m", **given)
    assert refusal(caught) == ("InvalidParameter", text)


def test_a_fifo_queue_is_not_for_standard_topics(sns, sqs):
    with topic(sns) as arn, queues.queue(sqs, fifo=True) as url, pytest.raises(botocore.exceptions.ClientError) as caught:
        subscribe(sns, sqs, arn, url)
    assert refusal(caught)[1].endswith("FIFO SQS Queues can not be subscribed to standard SNS topics")


def test_permissions_stand_in_the_policy(sns):
    with topic(sns) as arn:
        sns.add_permission(TopicArn=arn, Label="them", AWSAccountId=["111111111111"], ActionName=["Publish", "Subscribe"])
        policy = json.loads(sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])
        assert [statement["Sid"] for statement in policy["Statement"]] == ["__default_statement_ID", "them"]
        sns.remove_permission(TopicArn=arn, Label="them")
        policy = json.loads(sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])
        assert [statement["Sid"] for statement in policy["Statement"]] == ["__default_statement_ID"]


def test_what_was_published_survives_a_crash(start_server, tmp_path):
    server = start_server()
    sns, sqs = server.client("sns"), server.client("sqs")
    arn = sns.create_topic(Name="t")["TopicArn"]
    urls = [sqs.create_queue(QueueName=f"q{index}")["QueueUrl"] for index in range(3)]
    for url in urls:
        subscribe(sns, sqs, arn, url, RawMessageDelivery="true")
    texts = [str(uuid.uuid4()) for _ in range(20)]
    for text in texts:
        sns.publish(TopicArn=arn, Message=text)
    server.kill()
    server.start()
    sqs = server.client("sqs")
    for url in urls:
        received = []
        until(lambda: received.extend(queues.bodies(queues.receive(sqs, url))) or len(received) >= 20)
        assert sorted(received) == sorted(texts)


def drain(sqs, url):
    """All messages of a queue, received and deleted until nothing comes any more."""
    found = []
    while received := queues.receive(sqs, url, WaitTimeSeconds=1):
        found += received
        sqs.delete_message_batch(
            QueueUrl=url,
            Entries=[{"Id": str(index), "ReceiptHandle": item["ReceiptHandle"]} for index, item in enumerate(received)])
    return found


def test_across_kills_nothing_is_lost_and_groups_keep_their_order(start_server):
    server = start_server()
    sns, sqs = server.client("sns"), server.client("sqs")
    plain = sns.create_topic(Name="plain")["TopicArn"]
    fifo = sns.create_topic(Name="ordered.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in "ab"]
    ordered = sqs.create_queue(QueueName="ordered.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for topic_, url in [(plain, urls[0]), (plain, urls[1]), (fifo, ordered)]:
        subscribe(sns, sqs, topic_, url, RawMessageDelivery="true")
    taken, sent, stop = [], {group: [] for group in "xyz"}, threading.Event()

    def publish(number):
        client, index = server.client("sns"), 0
        while not stop.is_set():
            index += 1
            with contextlib.suppress(Exception):
                client.publish(TopicArn=plain, Message=f"{number}-{index}")
                taken.append(f"{number}-{index}")

    def publish_in_order(group):
        client, index = server.client("sns"), 1
        while not stop.is_set():
            # A message whose answer was lost is published again, under the id by which duplicates are known.
            with contextlib.suppress(Exception):
                client.publish(TopicArn=fifo, Message=str(index), MessageGroupId=group, MessageDeduplicationId=f"{group}{index}")
                sent[group].append(index)
                index += 1

    publishers = [threading.Thread(target=publish, args=[number]) for number in range(2)]
    publishers += [threading.Thread(target=publish_in_order, args=[group]) for group in sent]
    for publisher in publishers:
        publisher.start()
    try:
        for count in (20, 60, 120):
            until(lambda: min(len(taken), *(len(indices) for indices in sent.values())) >= count, 60)
            server.kill()
            server.start()
    finally:
        stop.set()
        for publisher in publishers:
            publisher.join()
    sqs = server.client("sqs")
    for url in urls:
        assert set(taken) <= set(queues.bodies(drain(sqs, url)))
    received = drain(sqs, ordered)
    for group, indices in sent.items():
        found = [int(item["Body"]) for item in received if item["Attributes"]["MessageGroupId"] == group]
        assert found == sorted(set(found)) and set(indices) <= set(found)
