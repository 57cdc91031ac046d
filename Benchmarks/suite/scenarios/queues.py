"""Queues: how fast messages go in and out, empty and with a million waiting; how soon a waiting receiver hears; what waiting costs."""
import contextlib
import select
import threading
import time

from .. import machine, moto, sender, wire
from ..server import ServerFailed

SEND, SEND_BATCH, RECEIVE = "AmazonSQS.SendMessage", "AmazonSQS.SendMessageBatch", "AmazonSQS.ReceiveMessage"
# A job request with an id of its own: 200 bytes.
BODY = '{\\"job\\":\\"%n%\\",\\"report\\":\\"' + "x" * 160 + '\\"}'
CONNECTIONS, YARDSTICK_CONNECTIONS = 64, 4
CHUNK = 20_000
WAKE_MS, POLLS_MB, SHARE = 5, 200, 0.8


def run(bench):
    """Standard queue, messages of 200 bytes: sends, batches, receive and delete; the same beside a million that wait; wake-ups; waiting
    receivers; a FIFO queue."""
    with moto.running(bench) as yardstick, bench.server() as server:
        disk, hello = bench.fdatasync(), bench.hello(server, CONNECTIONS)
        beside = {} if yardstick is None else measure(bench, yardstick, make(yardstick, "yardstick"), bench.seconds(4), 300, YARDSTICK_CONNECTIONS)
        url = make(server, "jobs")
        empty = measure(bench, server, url, bench.seconds(10), 10_000 if bench.quick else 200_000)
        tell(bench, empty, beside, hello, disk)
        wake_ups(bench, server, disk)
        fifo(bench, server)
        full(bench, server, url, empty)
    with bench.server() as server:  # what waiting costs, and not what was there before
        long_polls(bench, server)


def make(server, name, **attributes):
    return server.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]


def send(server, requests, **settings):
    return sender.send(server, requests, service="sqs", refuse='"Failed":[{', **settings)


def single(url):
    return SEND, f'{{"QueueUrl":"{url}","MessageBody":"{BODY}"}}'


def batch(url):
    entries = ",".join(f'{{"Id":"{n}","MessageBody":"{BODY}"}}' for n in range(10))
    return SEND_BATCH, f'{{"QueueUrl":"{url}","Entries":[{entries}]}}'


def fill(server, url, count):
    """Puts so many messages into a queue, a multiple of 10; returns the seconds that took without the signing of requests."""
    return sum(send(server, [batch(url)], connections=CONNECTIONS, count=min(CHUNK, count // 10 - first), first=first)["seconds"]
               for first in range(0, count // 10, CHUNK))


def drain(server, url, count, connections=CONNECTIONS):
    """Receives and deletes so many messages in tens; returns the sender's figures."""
    receive = f'{{"QueueUrl":"{url}","MaxNumberOfMessages":10,"VisibilityTimeout":%seconds%}}'
    # A receive may bring fewer than ten: then some messages stay.
    return send(server, [(RECEIVE, receive)], connections=connections, count=max(1, count // 10), drain=url)


def measure(bench, server, url, seconds, drained, connections=CONNECTIONS):
    """Messages a second one by one, in batches of ten, and received and deleted; with the sender's latencies."""
    send(server, [single(url)], connections=connections, count=100)  # the first requests warm it up
    one = send(server, [single(url)], connections=connections, seconds=seconds, count=seconds * 20_000)
    tens, left = None, drained
    while left > 0:  # the first part is measured
        part = send(server, [batch(url)], connections=connections, count=min(CHUNK, max(1, left // 10)), first=drained - left)
        tens, left = tens or part, left - 10 * part["answered"]
    out = drain(server, url, drained, connections)
    for name, result in (("one", one), ("tens", tens), ("out", out)):
        bench.keep(f"{server.port}: {name}", result)
    return {"one": one["per_second"], "tens": tens["per_second"] * 10, "out": out["messages"] / out["seconds"],
            "ms": {"one": one["ms"], "tens": tens["ms"], "out": out["ms"]}}


def tell(bench, figures, beside, hello, disk):
    def moto_rate(name):
        return {"moto": beside[name]} if beside else {}

    def latency(name):
        return f"p50 {figures['ms'][name]['p50']:.2f} ms, p99 {figures['ms'][name]['p99']:.2f} ms a request"

    bench.figure(f"{CONNECTIONS} connections, SendMessage", figures["one"], "messages/s", at_least=4_000,
                 yardsticks={**moto_rate("one"), "hello": hello, "fdatasync": disk}, note=latency("one"))
    bench.figure(f"{CONNECTIONS} connections, SendMessageBatch of 10", figures["tens"], "messages/s", at_least=25_000,
                 yardsticks=moto_rate("tens"), note=latency("tens"))
    bench.figure(f"{CONNECTIONS} connections, ReceiveMessage and DeleteMessageBatch of 10", figures["out"], "messages/s", at_least=15_000,
                 yardsticks=moto_rate("out"), note=latency("out"))


def full(bench, server, url, empty):
    """The same measurements beside a million messages that wait."""
    waiting = bench.waiting
    seconds = fill(server, url, waiting)
    bench.say(f"{waiting:,} put to wait in {seconds:.0f} s")
    beside = measure(bench, server, url, bench.seconds(10), 10_000 if bench.quick else 200_000)
    for name, what in (("one", "SendMessage"), ("tens", "SendMessageBatch"), ("out", "receive and delete")):
        bench.figure(f"{waiting:,} waiting: {what}, share of the rate with none", beside[name] / empty[name], "", at_least=SHARE,
                     note=f"{beside[name]:,.0f} messages/s")
    bench.figure(f"{waiting:,} waiting: resident memory", machine.resident_bytes(server.pid) / 1e6, "MB",
                 note=f"{machine.peak_bytes(server.pid) / 1e6:.0f} MB at most")
    server.kill()
    server.start()
    began = time.monotonic()
    drain(server, url, 10)
    bench.figure(f"{waiting:,} waiting: start after a kill, to the first message", server.start_seconds + time.monotonic() - began, "s")


def wake_ups(bench, server, disk):
    """A receiver waits; a message is sent; how long until the receiver has it."""
    url = make(server, "wake", VisibilityTimeout="43000")
    rounds = 100 if bench.quick else 1_000
    receive = wire.signed(server, "sqs", RECEIVE, {"QueueUrl": url, "WaitTimeSeconds": 20})
    sends = [wire.signed(server, "sqs", SEND, {"QueueUrl": url, "MessageBody": f"{n}"}) for n in range(rounds)]
    times = []
    with contextlib.closing(wire.connect(server)) as receiver, contextlib.closing(wire.connect(server)) as other:
        for request in sends:
            receiver.sendall(receive)
            time.sleep(0.002)  # until it waits
            began = time.monotonic()
            other.sendall(request)
            select.select([receiver], [], [], 30)
            times.append((time.monotonic() - began) * 1000)
            if len(wire.read_answer(receiver).get("Messages", ())) != 1:
                raise ServerFailed("a waiting receiver was answered without a message")
            wire.read_answer(other)
    times.sort()
    bench.keep("wake-ups, ms", times)
    bench.figure("a waiting ReceiveMessage hears of a message, p50", times[len(times) // 2], "ms", at_most=WAKE_MS,
                 yardsticks={"2 fdatasyncs, ms": 2000 / disk}, note=f"p99 {times[int(len(times) * 0.99)]:.2f} ms; the send and the receive are durable")


def fifo(bench, server):
    """A FIFO queue with a hundred groups."""
    url = make(server, "groups.fifo", FifoQueue="true", DeduplicationScope="messageGroup", FifoThroughputLimit="perMessageGroupId")
    count = 5_000 if bench.quick else 50_000
    requests = []
    for group in range(32):
        entries = ",".join(
            f'{{"Id":"{n}","MessageBody":"{BODY}","MessageGroupId":"g{group}","MessageDeduplicationId":"%n%-{n}"}}' for n in range(10))
        requests.append((SEND_BATCH, f'{{"QueueUrl":"{url}","Entries":[{entries}]}}'))
    into = send(server, requests, connections=32, count=count // 10, lanes=32)
    receive = f'{{"QueueUrl":"{url}","MaxNumberOfMessages":10,"VisibilityTimeout":%seconds%}}'
    out = send(server, [(RECEIVE, receive)], connections=16, count=count // 10, drain=url)
    bench.keep("FIFO in", into)
    bench.keep("FIFO out", out)
    bench.figure("FIFO, 32 groups: SendMessageBatch of 10", into["per_second"] * 10, "messages/s")
    bench.figure("FIFO, 32 groups: receive and delete, 16 connections", out["messages"] / out["seconds"], "messages/s")


def long_polls(bench, server):
    """Very many receivers wait at the same time."""
    count, seconds = (500 if bench.quick else 10_000), 20
    urls = [make(server, f"poll-{n}") for n in range(10)]
    requests = [(RECEIVE, f'{{"QueueUrl":"{url}","WaitTimeSeconds":{seconds},"VisibilityTimeout":%seconds%}}') for url in urls]
    before, result, problem = machine.resident_bytes(server.pid), [], []

    def wait():
        try:
            result.append(send(server, requests, connections=count, count=count))
        except (sender.SendFailed, OSError) as failure:
            problem.append(failure)

    thread = threading.Thread(target=wait)
    thread.start()
    most, used, began = before, None, time.monotonic()
    while thread.is_alive():
        thread.join(0.2)
        most = max(most, machine.resident_bytes(server.pid))
        # All wait by now; until the first is answered.
        if used is None and time.monotonic() - began > seconds / 2:
            used = machine.processor_seconds(server.pid), time.monotonic()
        elif used and len(used) == 2 and time.monotonic() - used[1] > seconds / 4:
            used = (machine.processor_seconds(server.pid) - used[0]) / (time.monotonic() - used[1]), None, None
    if problem:
        raise problem[0]
    answered = result[0]
    bench.keep("long polls", answered)
    if answered["ms"]["p50"] < seconds * 1000:
        raise ServerFailed(f"receivers waited for {answered['ms']['p50']:.0f} ms")
    bench.figure(f"{count:,} waiting receivers: resident memory", most / 1e6, "MB", at_most=POLLS_MB,
                 note=f"{before / 1e6:.0f} MB before them, {(used[0] if used else 0) * 100:.1f} % of a core while they wait")
