"""Topics, subscriptions and mail, as AWS's own clients and a real mailbox see them."""
import email
import email.policy
import http.server
import json
import queue
import re
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import botocore.exceptions
import pytest
from aiosmtpd.controller import Controller

REGION_ARN = "arn:aws:sns:us-east-1:000000000000:"
PATIENCE = 30


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Mailbox:
    """A mail server on loopback that keeps what it gets. It can be absent at first, and refuse."""

    def __init__(self, port=None):
        self.port = port or free_port()
        self.mails = queue.Queue()
        self.refusals = []
        self.controller = None

    def open(self):
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()
        return self

    def close(self):
        if self.controller:
            self.controller.stop()

    async def handle_DATA(self, _server, _session, envelope):
        if self.refusals:
            return self.refusals.pop(0)
        self.mails.put(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 taken"

    def next(self):
        return self.mails.get(timeout=PATIENCE)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"


class Webhook:
    """A web address that keeps what is posted to it."""

    def __init__(self):
        self.posts = queue.Queue()
        self.statuses = []
        webhook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                webhook.posts.put((dict(self.headers.items()), body.decode()))
                self.send_response(webhook.statuses.pop(0) if webhook.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        headers, body = self.posts.get(timeout=PATIENCE)
        return {name.lower(): value for name, value in headers.items()}, body

    def close(self):
        self.server.shutdown()


@pytest.fixture
def mailbox():
    box = Mailbox().open()
    yield box
    box.close()


@pytest.fixture
def webhook():
    hook = Webhook()
    yield hook
    hook.close()


def error(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]


def text(mail):
    return mail.get_body(("plain",)).get_content()


def link(mail, action):
    found = re.search(r"https?://\S+Action=" + action + r"\S*", text(mail))
    assert found, text(mail)
    return found[0]


def opened(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, answer.read().decode()


def subscribed(sns, mailbox, name, address="ops@example.com", **options):
    """A topic with a confirmed email subscription."""
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address, **options)
    opened(link(mailbox.next(), "ConfirmSubscription"))
    return topic


def test_topics_are_created_listed_and_deleted(client):
    sns = client("sns")
    topic = sns.create_topic(Name="topics-life", Tags=[{"Key": "team", "Value": "batch"}])["TopicArn"]
    assert topic == REGION_ARN + "topics-life"
    assert sns.create_topic(Name="topics-life")["TopicArn"] == topic
    assert topic in [entry["TopicArn"] for page in sns.get_paginator("list_topics").paginate() for entry in page["Topics"]]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="Night batch")
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert attributes["DisplayName"] == "Night batch" and attributes["Owner"] == "000000000000"
    assert json.loads(attributes["Policy"])["Id"] == "__default_policy_ID"
    assert json.loads(attributes["EffectiveDeliveryPolicy"])["http"]["defaultHealthyRetryPolicy"]["numRetries"] == 3
    assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "team", "Value": "batch"}]
    sns.delete_topic(TopicArn=topic)
    sns.delete_topic(TopicArn=topic)
    assert error(sns.get_topic_attributes, TopicArn=topic) == {"Type": "Sender", "Code": "NotFound", "Message": "Topic does not exist"}


def test_errors_are_those_of_aws(client, server):
    sns = client("sns")
    topic = sns.create_topic(Name="topics-errors")["TopicArn"]
    assert error(sns.create_topic, Name="bad name")["Message"] == "Invalid parameter: Topic Name"
    assert error(sns.subscribe, TopicArn=topic, Protocol="email", Endpoint="x")["Message"] == "Invalid parameter: Email address"
    assert error(sns.publish, TopicArn=topic, Message="")["Message"] == "Invalid parameter: Empty message"
    assert error(sns.publish, TopicArn=topic, Message="x" * 262145)["Code"] == "InvalidParameter"
    assert error(sns.publish, TopicArn=REGION_ARN + "absent", Message="x")["Code"] == "NotFound"
    assert error(sns.publish, TopicArn="absent", Message="x")["Code"] == "InvalidParameter"
    assert error(sns.confirm_subscription, TopicArn=topic, Token="wrong")["Message"] == "Invalid token"
    assert error(sns.confirm_subscription, TopicArn=topic, Token="0" * 96)["Message"] == "Invalid parameter: Token"
    assert error(sns.unsubscribe, SubscriptionArn=topic)["Message"] == "Invalid parameter: SubscriptionId"
    finished = server.aws("sns", "get-topic-attributes", "--topic-arn", REGION_ARN + "absent")
    assert finished.returncode != 0 and "(NotFound)" in finished.stderr and "Topic does not exist" in finished.stderr


def test_an_email_subscription_from_confirmation_to_unsubscribing(start_server, mailbox):
    server = start_server("--smtp", mailbox.address, "--mail-from", "batch@example.com")
    sns = server.client("sns")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    assert sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")["SubscriptionArn"] == "pending confirmation"
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["SubscriptionArn"] == "PendingConfirmation"

    asked = mailbox.next()
    assert asked["Subject"] == "AWS Notification - Subscription Confirmation"
    assert asked["From"] == "batch@example.com" and asked["To"] == "ops@example.com"
    url = link(asked, "ConfirmSubscription")
    fields = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
    assert fields["Action"] == ["ConfirmSubscription"] and fields["TopicArn"] == [topic] and fields["Token"]
    status, body = opened(url)
    assert status == 200 and "<SubscriptionArn>" + topic + ":" in body
    subscription = sns.list_subscriptions()["Subscriptions"][0]["SubscriptionArn"]
    assert subscription.startswith(topic + ":")
    assert sns.confirm_subscription(TopicArn=topic, Token=fields["Token"][0])["SubscriptionArn"] == subscription

    subject = "FAILED: nächtlicher Lauf – exit 3"
    message_id = sns.publish(TopicArn=topic, Subject=subject, Message="line one\n.\nline ü")["MessageId"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", message_id)
    mail = mailbox.next()
    assert mail["Subject"] == subject
    assert mail.get_content_type() == "text/plain"
    assert text(mail).replace("\r\n", "\n").startswith("line one\n.\nline ü\n")

    opened(link(mail, "Unsubscribe"))
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsDeleted"] == "1"


def test_only_the_two_links_work_without_a_signature(server):
    for action in ["ListTopics", "Publish&TopicArn=x&Message=y", "DeleteTopic&TopicArn=x"]:
        with pytest.raises(urllib.error.HTTPError) as raised:
            opened(f"{server.url}/?Action={action}")
        assert raised.value.code == 403
    with pytest.raises(urllib.error.HTTPError) as raised:
        opened(f"{server.url}/?Action=ConfirmSubscription&TopicArn={REGION_ARN}absent&Token={'0' * 96}")
    assert raised.value.code == 400 and "Invalid parameter: Token" in raised.value.read().decode()


def test_messages_can_differ_by_protocol_and_be_filtered(start_server, mailbox):
    sns = start_server("--smtp", mailbox.address).client("sns")
    policy = json.dumps({"state": ["FAILED"]})
    topic = subscribed(sns, mailbox, "filtered", Attributes={"FilterPolicy": policy})
    sns.publish(TopicArn=topic, Message="not wanted")
    sns.publish(TopicArn=topic, Message="no", MessageAttributes={"state": {"DataType": "String", "StringValue": "SUCCEEDED"}})
    sns.publish(
        TopicArn=topic, MessageStructure="json", Message=json.dumps({"default": "d", "email": "for mail"}),
        MessageAttributes={"state": {"DataType": "String", "StringValue": "FAILED"}})
    assert text(mailbox.next()).startswith("for mail")
    assert mailbox.mails.empty()


def test_a_batch_of_messages(start_server, mailbox):
    sns = start_server("--smtp", mailbox.address).client("sns")
    topic = subscribed(sns, mailbox, "batches")
    answer = sns.publish_batch(
        TopicArn=topic, PublishBatchRequestEntries=[{"Id": "a", "Message": "1"}, {"Id": "b", "Message": "2", "Subject": "two\nlines"}])
    assert [entry["Id"] for entry in answer["Successful"]] == ["a"]
    assert answer["Failed"][0]["Id"] == "b" and answer["Failed"][0]["SenderFault"] is True
    assert text(mailbox.next()).startswith("1")


def test_a_webhook_confirms_and_is_notified(start_server, webhook):
    sns = start_server().client("sns")
    topic = sns.create_topic(Name="hooks")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=webhook.url)
    headers, body = webhook.next()
    assert headers["x-amz-sns-message-type"] == "SubscriptionConfirmation"
    assert headers["x-amz-sns-topic-arn"] == topic
    asked = json.loads(body)
    assert asked["Type"] == "SubscriptionConfirmation" and asked["Token"] in asked["SubscribeURL"]
    opened(asked["SubscribeURL"])
    message_id = sns.publish(TopicArn=topic, Message="done", Subject="nightly")["MessageId"]
    headers, body = webhook.next()
    notification = json.loads(body)
    assert headers["x-amz-sns-message-type"] == "Notification" and headers["x-amz-sns-message-id"] == message_id
    assert notification["Type"] == "Notification" and notification["Message"] == "done" and notification["Subject"] == "nightly"
    assert notification["MessageId"] == message_id and notification["TopicArn"] == topic


def test_a_webhook_is_retried_as_its_delivery_policy_says(start_server, webhook):
    sns = start_server().client("sns")
    topic = sns.create_topic(Name="retried-hooks")["TopicArn"]
    policy = {"healthyRetryPolicy": {"numRetries": 2, "minDelayTarget": 1, "maxDelayTarget": 1}}
    sns.subscribe(
        TopicArn=topic, Protocol="http", Endpoint=webhook.url,
        Attributes={"RawMessageDelivery": "true", "DeliveryPolicy": json.dumps(policy)})
    opened(json.loads(webhook.next()[1])["SubscribeURL"])
    webhook.statuses = [503, 500]
    sns.publish(TopicArn=topic, Message="again")
    assert [webhook.next()[1] for _ in range(3)] == ["again"] * 3


def test_the_mail_server_may_be_absent_and_refuse_for_a_while(start_server):
    mailbox = Mailbox()
    server = start_server("--smtp", mailbox.address)
    sns = server.client("sns")
    topic = sns.create_topic(Name="patient")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")
    mailbox.refusals = ["451 try again later"]
    mailbox.open()
    try:
        opened(link(mailbox.next(), "ConfirmSubscription"))
    finally:
        mailbox.close()


def test_a_mail_survives_the_crash_of_the_server(start_server):
    mailbox = Mailbox()
    server = start_server("--smtp", mailbox.address)
    sns = server.client("sns")
    topic = sns.create_topic(Name="crash")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")
    server.kill()
    mailbox.open()
    try:
        server.start()
        opened(link(mailbox.next(), "ConfirmSubscription"))
        # The server dies while the mail server has not answered yet: the mail comes again under the same Message-ID.
        taken = []

        async def hold(_server, _session, envelope):
            taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
            if len(taken) == 1:
                server.process.kill()
            mailbox.mails.put(taken[-1])
            return "250 taken"

        mailbox.handle_DATA = hold
        server.client("sns").publish(TopicArn=topic, Message="once", Subject="crash")
        mailbox.next()
        server.process.wait()
        server.start()
        again = mailbox.next()
        assert again["Message-ID"] == taken[0]["Message-ID"] and again["Subject"] == "crash"
    finally:
        mailbox.close()


def test_a_published_message_is_not_sent_twice_by_a_restart(start_server, mailbox):
    server = start_server("--smtp", mailbox.address)
    sns = server.client("sns")
    topic = subscribed(sns, mailbox, "restart")
    sns.publish(TopicArn=topic, Message="one")
    assert text(mailbox.next()).startswith("one")
    # The mail server's answer is on its way; only once it is noted down the restart proves anything.
    time.sleep(1)
    server.kill()
    server.start()
    server.client("sns").publish(TopicArn=topic, Message="two")
    assert text(mailbox.next()).startswith("two")
    assert mailbox.mails.empty()
