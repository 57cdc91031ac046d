"""Clients that send, put events, receive and delete while the server is killed; what they were told, and what must be true of it.

What was acknowledged to a sender is received at least once. A message whose deletion was acknowledged, with a handle that was valid, never
comes back. In a group of a FIFO queue nothing is received before all that was sent earlier has been deleted, or stands before it in the
same answer. What nobody can work ends in the dead-letter queue. In the end the queues are empty.
"""
import collections
import json
import random
import threading
import time

import botocore.exceptions

import ledger as ledgers

BUS, EVENT_QUEUE, PLAIN, ORDERED = "crash-bus", "crash-events", "crash-plain", "crash-ordered.fifo"
FAILING, DEAD = "crash-failing", "crash-dead"  # what is sent to the first is never deleted there, and ends in the second
BACKLOG = 300  # messages that were sent and not received
VISIBILITY = 5  # seconds: what a receive has taken, unheard, comes back after so long
COUNTS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]


def create(server):
    """Makes the queues, the bus and its rule; returns the queues' URLs by name."""
    sqs, events = server.client("sqs"), server.client("events")
    plain = {"VisibilityTimeout": str(VISIBILITY)}
    urls = {name: sqs.create_queue(QueueName=name, Attributes=plain)["QueueUrl"] for name in (PLAIN, EVENT_QUEUE, DEAD)}
    dead = {"deadLetterTargetArn": arn_of(sqs, urls[DEAD]), "maxReceiveCount": 2}
    urls[FAILING] = sqs.create_queue(QueueName=FAILING, Attributes={**plain, "RedrivePolicy": json.dumps(dead)})["QueueUrl"]
    urls[ORDERED] = sqs.create_queue(QueueName=ORDERED, Attributes={**plain, "FifoQueue": "true"})["QueueUrl"]
    events.create_event_bus(Name=BUS)
    events.put_rule(Name="all", EventBusName=BUS, EventPattern=json.dumps({"source": ["crash"]}))
    events.put_targets(Rule="all", EventBusName=BUS, Targets=[{"Id": "queue", "Arn": arn_of(sqs, urls[EVENT_QUEUE]), "InputPath": "$.detail.name"}])
    return urls


def arn_of(sqs, url):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


class QueueLedger:
    """The load, and what is known of it."""

    def __init__(self, server, urls, seed, groups=4):
        self.server, self.urls, self.seed = server, urls, seed
        self.lock = threading.Lock()
        self.acknowledged = collections.defaultdict(set)  # bodies, by queue
        self.received = collections.Counter()  # by queue and body
        self.seen = collections.Counter()  # by queue: bodies that were received
        self.gone = {}  # message ids whose deletion was acknowledged in time, with the instant of that
        self.next = collections.Counter()  # by group: the first number that nobody has tried to delete
        self.deletions, self.problems = 0, []
        self.sending, self.receiving = threading.Event(), threading.Event()
        self.sending.set(), self.receiving.set()
        senders = [(self.send_plain, 0), (self.send_plain, 1), (self.send_batches, 2), (self.put_events, 3), (self.send_failing, 4)]
        senders += [(self.send_ordered, group) for group in range(groups)]
        receivers = [(self.receive, queue) for queue in urls for _ in range(2)]
        self.senders = [threading.Thread(target=self.guard, args=job) for job in senders]
        self.receivers = [threading.Thread(target=self.guard, args=job) for job in receivers]
        for thread in self.senders + self.receivers:
            thread.start()

    def guard(self, job, argument):
        try:
            job(argument)
        except Exception as problem:  # noqa: BLE001 (a thread's failure must reach the test)
            self.problems.append(f"{job.__name__} {argument}: {problem!r}")

    # Senders: each tries until it is acknowledged.

    def until_acknowledged(self, call, **arguments):
        for attempt in ledgers.attempts():
            with attempt:
                return call(**arguments)
        raise TimeoutError("not acknowledged within a minute")

    def note(self, queue, bodies):
        with self.lock:
            self.acknowledged[queue].update(bodies)

    def may_send(self, queue):
        """Whether to go on; waits while the receivers are far behind, so that the end need not wait for them."""
        while self.sending.is_set():
            with self.lock:
                if len(self.acknowledged[queue]) - self.seen[queue] < BACKLOG:
                    return True
            time.sleep(0.1)
        return False

    def send_plain(self, number):
        sqs, count = self.server.client("sqs"), 0
        while self.may_send(PLAIN):
            body = f"plain-{number}-{count}"
            self.until_acknowledged(sqs.send_message, QueueUrl=self.urls[PLAIN], MessageBody=body, DelaySeconds=int(count % 10 == 9))
            self.note(PLAIN, [body])
            count += 1
            time.sleep(0.01)

    def send_batches(self, number):
        sqs, count = self.server.client("sqs"), 0
        while self.may_send(PLAIN):
            bodies = [f"batch-{number}-{count}-{n}" for n in range(10)]
            entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)]
            answer = self.until_acknowledged(sqs.send_message_batch, QueueUrl=self.urls[PLAIN], Entries=entries)
            assert len(answer["Successful"]) == 10, answer
            self.note(PLAIN, bodies)
            count += 1
            time.sleep(0.05)

    def send_failing(self, number):
        sqs, count = self.server.client("sqs"), 0
        while self.may_send(DEAD):
            body = f"failing-{number}-{count}"
            self.until_acknowledged(sqs.send_message, QueueUrl=self.urls[FAILING], MessageBody=body)
            self.note(DEAD, [body])
            count += 1
            time.sleep(0.05)

    def send_ordered(self, group):
        sqs, count = self.server.client("sqs"), 0
        while self.may_send(ORDERED):
            body = f"{group}-{count}"
            # The same deduplication id with each attempt: the message is there once, however often it was sent.
            self.until_acknowledged(
                sqs.send_message, QueueUrl=self.urls[ORDERED], MessageBody=body, MessageGroupId=f"g{group}", MessageDeduplicationId=body)
            self.note(ORDERED, [body])
            count += 1
            time.sleep(0.02)

    def put_events(self, number):
        events, count = self.server.client("events"), 0
        while self.may_send(EVENT_QUEUE):
            names = [f"event-{number}-{count}-{n}" for n in range(3)]
            entries = [{"EventBusName": BUS, "Source": "crash", "DetailType": "d", "Detail": json.dumps({"name": name})} for name in names]
            answer = self.until_acknowledged(events.put_events, Entries=entries)
            assert answer["FailedEntryCount"] == 0, answer
            self.note(EVENT_QUEUE, [json.dumps(name) for name in names])
            count += 1
            time.sleep(0.05)

    # Receivers

    def receive(self, queue):
        sqs = self.server.client("sqs")
        dice = random.Random(f"{self.seed} {queue}")
        while self.receiving.is_set():
            asked = time.monotonic()
            try:
                messages = sqs.receive_message(
                    QueueUrl=self.urls[queue], MaxNumberOfMessages=dice.choice([1, 10]), WaitTimeSeconds=1,
                    AttributeNames=["All"]).get("Messages", [])
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as problem:
                if isinstance(problem, botocore.exceptions.ClientError) and not ledgers.may_pass(problem):
                    raise
                time.sleep(0.05)
                continue
            with self.lock:
                self.look(queue, messages, asked)
            # What is ordered is deleted in order; some of it is given back, with all that stands behind it.
            for message in messages:
                if queue == FAILING or dice.random() < 0.05:
                    self.give_back(sqs, queue, message)
                    if queue == ORDERED:
                        break
                else:
                    self.delete(sqs, queue, message, asked)

    def look(self, queue, messages, asked):
        numbers = collections.defaultdict(list)
        for message in messages:
            self.received[queue, message["Body"]] += 1
            self.seen[queue] += self.received[queue, message["Body"]] == 1
            deleted = self.gone.get(message["MessageId"])
            if deleted is not None and deleted < asked:
                self.problems.append(f"{queue}: {message['Body']} was deleted {asked - deleted:.2f} s before, and came back")
            if queue == ORDERED:
                group, number = message["Body"].split("-")
                if message["Attributes"]["MessageGroupId"] != f"g{group}":
                    self.problems.append(f"{message} is in another group")
                numbers[group].append(int(number))
        for group, found in numbers.items():
            if found != list(range(found[0], found[0] + len(found))) or found[0] > self.next[group]:
                self.problems.append(f"group {group}: {found} came, and {self.next[group]} was not deleted")

    def delete(self, sqs, queue, message, asked):
        if queue == ORDERED:
            group, number = message["Body"].split("-")
            with self.lock:
                self.next[group] = max(self.next[group], int(number) + 1)
        try:
            self.until_acknowledged(sqs.delete_message, QueueUrl=self.urls[queue], ReceiptHandle=message["ReceiptHandle"])
        except botocore.exceptions.ClientError as problem:
            # Its visibility was over: somebody else has it.
            if problem.response["Error"]["Code"] not in ("ReceiptHandleIsInvalid", "InvalidParameterValue"):
                raise
            return
        now = time.monotonic()
        with self.lock:
            self.deletions += 1
            # A handle of which one cannot be sure that it was still valid proves nothing.
            if now - asked < VISIBILITY - 0.5:
                self.gone.setdefault(message["MessageId"], now)

    def give_back(self, sqs, queue, message):
        try:
            sqs.change_message_visibility(QueueUrl=self.urls[queue], ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
            pass  # It is dead, or the visibility was over: the message comes again anyway.

    # The end

    def counts(self):
        sqs = self.server.client("sqs")
        return {name: [int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=COUNTS)["Attributes"][count]) for count in COUNTS]
                for name, url in self.urls.items()}

    def await_empty_queues(self):
        """Waits until the receivers have emptied the queues; as long as they get on, that may take its time."""
        before, since = None, time.monotonic()
        while not self.problems:
            counts = self.counts()
            if not any(map(sum, counts.values())):
                return
            if (counts, self.deletions) != before:
                before, since = (counts, self.deletions), time.monotonic()
            assert time.monotonic() - since < 30, f"nobody receives what is left: {counts}, {self.deletions} deletions"
            time.sleep(0.2)

    def stop(self):
        """Lets the senders be acknowledged and the receivers empty the queues."""
        self.sending.clear()
        for thread in self.senders:
            thread.join(timeout=90)
        if not self.problems:
            try:
                self.await_empty_queues()
            finally:
                self.receiving.clear()
        self.receiving.clear()
        for thread in self.receivers:
            thread.join(timeout=90)

    def check(self):
        """Everything that must be true, once the load was stopped."""
        assert not self.problems, self.problems[:5]
        for queue, bodies in self.acknowledged.items():
            missing = sorted(body for body in bodies if not self.received[queue, body])
            assert not missing, f"{queue}: acknowledged and never received: {len(missing)}, such as {missing[:5]}"
            assert len(bodies) > 20, f"{queue}: hardly anything was sent"
        assert set(self.acknowledged) == set(self.urls) - {FAILING}
        assert not any(sum(counts) for counts in self.counts().values())
        sent = sum(map(len, self.acknowledged.values()))
        print(f"{sent} messages were acknowledged; {sum(self.received.values())} receives, {self.deletions} deletions")
