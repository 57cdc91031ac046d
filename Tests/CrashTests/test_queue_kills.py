"""Queues and buses while the server is killed: nothing that was acknowledged is lost, nothing that was deleted comes back, groups keep their order.

CRASH_KILLS sets how often the long runs kill (`make crash-test`); CRASH_SEED makes another night of it.
"""
import os
import random

import pytest

import kills
import ledger as ledgers
import queue_ledger

KILLS = int(os.environ.get("CRASH_KILLS", "40"))
SEED = int(os.environ.get("CRASH_SEED", "20261121"))

# Around the rows of a message's life, and of what puts events into queues.
POINTS = {
    "before messages are stored": ("before-commit:{}:INSERT INTO queue_message", 1, 40),
    "after messages were stored, before anybody hears": ("after-commit:{}:INSERT INTO queue_message", 1, 40),
    "before a receive is stored": ("before-commit:{}:INSERT INTO queue_inflight", 1, 20),
    "after a receive was stored, before anybody hears": ("after-commit:{}:INSERT INTO queue_inflight", 1, 20),
    "before a deletion": ("before-commit:{}:DELETE FROM queue_message", 1, 30),
    "after a deletion, before anybody hears": ("after-commit:{}:DELETE FROM queue_message", 1, 30),
    "before a deduplication id is stored": ("before-commit:{}:INSERT INTO queue_deduplication", 1, 10),
    "after a deduplication id was stored": ("after-commit:{}:INSERT INTO queue_deduplication", 1, 10),
    "at a read of the start": ("read:{}", 1, 20),
    "after any commit": ("after-commit:{}", 1, 150),
    "in the middle of a write to the log": ("wal-write:{}", 1, 600),
    "before the log is synchronised": ("sync:{}", 1, 100),
}


def draw(dice, kind):
    form, first, last = POINTS[kind]
    return kind, form.format(dice.randint(first, last)), 8


def planned(dice, count=0):
    """Each point once, and `count` more, half of them at any moment."""
    chosen = [draw(dice, kind) for kind in POINTS]
    for _ in range(count):
        chosen.append(("at any moment", None, dice.uniform(0.05, 2)) if dice.random() < 0.5 else draw(dice, dice.choice(list(POINTS))))
    dice.shuffle(chosen)
    return chosen


def disturbed(make_server, deaths, before_start=lambda server: lambda: None):
    """Runs the load through these deaths and checks it; returns where the server died."""
    server = make_server()
    ledger = queue_ledger.QueueLedger(server, queue_ledger.create(server), SEED)
    try:
        died = kills.disturb(server, deaths, before_start=before_start(server))
    finally:
        ledger.stop()
    ledger.check()
    for kind, count in sorted(died.items()):
        print(f"{count:5}  {kind}")
    return died


def test_no_message_is_lost_and_no_deleted_one_comes_back_whenever_the_server_dies(make_server):
    dice = random.Random(SEED)
    died = disturbed(make_server, planned(dice, 4))
    # A point that is never reached is one that was renamed.
    assert not [kind for kind in died if kind.startswith("not reached")], died


@pytest.mark.acceptance
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("death", ["kill", "power cut"])
def test_queues_survive_hundreds_of_deaths(make_server, death):
    dice = random.Random(f"{SEED} {death}")

    def power_cuts(server):
        def choose():
            server.environment["NIGHTSHIFT_POWER_CUT"] = dice.choice(["", "lost", f"torn:{dice.randrange(1 << 32)}"])
        return choose if death == "power cut" else lambda: None

    died = disturbed(make_server, planned(dice, max(0, KILLS - len(POINTS))), power_cuts)
    assert sum(died.values()) >= KILLS


def test_the_checker_notices_a_disk_that_does_not_synchronise(make_server):
    server = make_server()
    urls = queue_ledger.create(server)
    server.kill()
    server.environment["NIGHTSHIFT_POWER_CUT"] = "lying"
    server.start()
    ledger = queue_ledger.QueueLedger(server, urls, SEED)
    try:
        ledgers.within(30, lambda: all(len(bodies) > 20 for bodies in ledger.acknowledged.values()) and len(ledger.acknowledged) == len(urls) - 1,
                       "some messages of all kinds are acknowledged")
        server.kill()
        del server.environment["NIGHTSHIFT_POWER_CUT"]
        server.start()
    finally:
        ledger.stop()
    with pytest.raises(AssertionError, match="never received|came back|was not deleted"):
        ledger.check()


def test_a_queue_that_nobody_uses_comes_back_as_it_was(crashing_server):
    server = crashing_server
    sqs = server.client("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    url = sqs.create_queue(QueueName="idle", Attributes={
        "VisibilityTimeout": "600", "RedrivePolicy": f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": "2"}}'})["QueueUrl"]
    for n in range(6):
        sqs.send_message(QueueUrl=url, MessageBody=str(n), DelaySeconds=600 if n == 5 else 0)
    taken = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=3, AttributeNames=["All"])["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=taken[0]["ReceiptHandle"])
    for _ in range(2):
        server.kill()
        server.start()
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=queue_ledger.COUNTS)["Attributes"]
    assert [int(counts[name]) for name in queue_ledger.COUNTS] == [2, 2, 1]
    # Handles of the life before are as good as ever, and so are the counts of receives.
    sqs.delete_message(QueueUrl=url, ReceiptHandle=taken[1]["ReceiptHandle"])
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=taken[2]["ReceiptHandle"], VisibilityTimeout=0)
    again = []
    while True:
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages", [])
        if not got:
            break
        again += got
    assert {message["Body"]: message["Attributes"]["ApproximateReceiveCount"] for message in again} == {
        taken[2]["Body"]: "2", **{str(n): "1" for n in range(5) if str(n) not in [one["Body"] for one in taken]}}
    # A third receive is one too many, also when the first two were in other lives.
    third = next(message for message in again if message["Body"] == taken[2]["Body"])
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=third["ReceiptHandle"], VisibilityTimeout=0)
    server.kill()
    server.start()
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    assert sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=5)["Messages"][0]["Body"] == taken[2]["Body"]


def test_a_batch_is_stored_whole_or_not_at_all(make_server):
    for point in ("before-commit:{}:INSERT INTO queue_message", "after-commit:{}:INSERT INTO queue_message"):
        server = make_server()
        sqs = server.client("sqs", read_timeout=5)
        url = sqs.create_queue(QueueName="whole")["QueueUrl"]
        server.kill()
        server.start(point.format(1))
        with pytest.raises(Exception):  # noqa: B017, PT011 (it dies under whatever error the client makes of that)
            sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": str(n)} for n in range(10)])
        assert server.dies(10), point
        server.start()
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=queue_ledger.COUNTS)["Attributes"]
        assert int(counts["ApproximateNumberOfMessages"]) == (0 if point.startswith("before") else 10), point
