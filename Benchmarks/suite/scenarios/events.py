"""Event buses: events put to a bus with very many rules, one of which sends them to a queue."""
import concurrent.futures
import json
import time

from .. import moto, sender
from ..server import ServerFailed

PUT = "AWSEvents.PutEvents"
RULES, CONNECTIONS = 1_000, 64
DETAIL = '{\\"order_id\\":\\"%n%\\",\\"state\\":\\"placed\\",\\"text\\":\\"' + "x" * 100 + '\\"}'


def run(bench):
    """PutEvents on a bus with a thousand rules with patterns of their own; one of them matches, and its target is a queue."""
    with moto.running(bench) as yardstick, bench.server() as server:
        hello = bench.hello(server, CONNECTIONS)
        beside = {} if yardstick is None else rates(bench, yardstick, 100, bench.seconds(4), 1, 4)
        few = rates(bench, server, 1, bench.seconds(5))
        rules = 100 if bench.quick else RULES
        many = rates(bench, server, rules, bench.seconds(10))
        for size, what in ((1, "PutEvents of one event"), (10, "PutEvents of ten events")):
            bench.figure(f"{CONNECTIONS} connections, {rules:,} rules: {what}", many[size]["events"], "events/s", at_least=8_000,
                         yardsticks={**({"moto with 100 rules": beside[size]["events"]} if beside else {}), "hello": hello},
                         note=f"p50 {many[size]['ms']['p50']:.2f} ms, p99 {many[size]['ms']['p99']:.2f} ms; each is a message in the queue")
            bench.figure(f"the same, share of the rate with one rule: {what}", many[size]["events"] / few[size]["events"], "",
                         note=f"{few[size]['events']:,.0f} events/s with one rule")


def rates(bench, server, rules, seconds, limit=20, connections=CONNECTIONS):
    """Makes a bus with its rules and a queue, and puts events one by one and in tens; the sender's figures by size."""
    name = f"bench-{rules}"
    events, queues = server.client("events"), server.client("sqs")
    events.create_event_bus(Name=name)
    url = queues.create_queue(QueueName=name)["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def make(number):
        # What matches in source may differ in the detail, as the rules of one service do.
        pattern = {"source": ["shop.orders"], "detail": {"state": ["placed"]}} if number == 0 else {
            "source": ["shop.orders" if number % 2 else f"shop.{number}"], "detail-type": ["Order"], "detail": {"state": [f"state-{number}"]}}
        events.put_rule(Name=f"rule-{number}", EventBusName=name, EventPattern=json.dumps(pattern))
        if number == 0:
            events.put_targets(Rule="rule-0", EventBusName=name, Targets=[{"Id": "queue", "Arn": arn}])

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(make, range(rules)))
    results, sent = {}, 0
    for size in (1, 10):
        entry = f'{{"EventBusName":"{name}","Source":"shop.orders","DetailType":"Order","Detail":"{DETAIL}"}}'
        body = '{"Entries":[' + ",".join([entry] * size) + "]}"
        settings = {"service": "events", "content_type": "application/x-amz-json-1.1", "refuse": '"ErrorCode"', "connections": connections}
        sender.send(server, [(PUT, body)], count=100, **settings)
        result = sender.send(server, [(PUT, body)], seconds=seconds, count=int(seconds * 1_000 * limit / (1 if size == 1 else 4)), **settings)
        result["events"] = result["per_second"] * size
        results[size], sent = result, sent + (result["answered"] + 100) * size
        bench.keep(f"{server.port}: {rules} rules, {size} a call", result)
    arrived = await_messages(queues, url, sent)
    if arrived != sent:
        raise ServerFailed(f"{sent} events were acknowledged and {arrived} messages came")
    return results


def await_messages(queues, url, count, patience=20):
    """The number of messages in a queue, once it is that many or nothing comes any more."""
    deadline = time.monotonic() + patience
    while True:
        attributes = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        arrived = int(attributes["ApproximateNumberOfMessages"])
        if arrived >= count or time.monotonic() > deadline:
            return arrived
        time.sleep(0.1)
