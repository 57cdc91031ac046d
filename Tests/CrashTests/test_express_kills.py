"""Asynchronous Express executions are killed under load: each that was acknowledged runs to its end at least once."""
import io
import json
import random
import threading
import time
import zipfile

import botocore.exceptions

import conftest
import kills
import marks

ROLE = "arn:aws:iam::000000000000:role/crash"
FUNCTION = """
import json, urllib.request
def handler(event, context):
    body = json.dumps({"kind": "express", "name": event["name"]}).encode()
    urllib.request.urlopen(urllib.request.Request(event["url"], data=body), timeout=10).read()
    return event
"""
# Where it dies: around the row of a start, around the deletion of those that are over, and at any moment.
POINTS = [
    ("before a start is stored", "before-commit:{}:INSERT INTO express_start", 8),
    ("after a start was stored, before anybody hears", "after-commit:{}:INSERT INTO express_start", 8),
    ("before rows are deleted", "before-commit:{}:DELETE FROM express_start", 2),
    ("after rows were deleted", "after-commit:{}:DELETE FROM express_start", 2),
]


class Load:
    """A client that starts one execution after the other and writes down what was acknowledged."""

    def __init__(self, server, machine, url):
        self.acknowledged = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(server, machine, url))
        self.thread.start()

    def run(self, server, machine, url):
        client = server.client("stepfunctions")
        number = 0
        while not self.stopping.wait(0.02):
            number += 1
            name = f"x{number}"
            try:
                client.start_execution(stateMachineArn=machine, name=name, input=json.dumps({"name": name, "url": url}))
                self.acknowledged.append(name)
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
                time.sleep(0.1)  # It is dead, or it starts.

    def stop(self):
        self.stopping.set()
        self.thread.join()


def create(server):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", FUNCTION)
    arn = server.client("lambda").create_function(
        FunctionName="mark", Runtime="python3.12", Role=ROLE, Handler="index.handler", Timeout=20,
        Code={"ZipFile": archive.getvalue()})["FunctionArn"]
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 5, "BackoffRate": 1.5}]
    states = {"P": {"Type": "Pass", "Next": "T"}, "T": {"Type": "Task", "Resource": arn, "Retry": retry, "End": True}}
    return server.client("stepfunctions").create_state_machine(
        name="express", type="EXPRESS", definition=json.dumps({"StartAt": "P", "States": states}), roleArn=ROLE)["stateMachineArn"]


def test_every_acknowledged_express_start_runs_whenever_the_server_dies(make_server):
    dice = random.Random(20261121)
    outside = marks.Marks(conftest.free_port)
    server = make_server()
    load = Load(server, create(server), outside.url)
    try:
        deaths = [(kind, form.format(dice.randint(1, last)), 8) for kind, form, last in POINTS]
        deaths += [("at any moment", None, dice.uniform(0.2, 1.5)) for _ in range(6)]
        dice.shuffle(deaths)
        died = kills.disturb(server, deaths)
        load.stop()
        missing = set(load.acknowledged)
        deadline = time.monotonic() + 60
        while missing and time.monotonic() < deadline:
            missing = {name for name in missing if not outside.of("express", name)}
            time.sleep(0.2)
        assert not missing, f"acknowledged and never run: {sorted(missing)}"
        assert len(load.acknowledged) > 50
        assert not [kind for kind in died if kind.startswith("not reached")], died
        # What is over is forgotten: another start runs nothing again.
        time.sleep(2)
        counts = {name: len(outside.of("express", name)) for name in load.acknowledged}
        server.kill()
        server.start()
        time.sleep(2)
        assert counts == {name: len(outside.of("express", name)) for name in load.acknowledged}
        print(f"{len(counts)} starts were acknowledged; {sum(counts.values()) - len(counts)} ran more than once; died: {dict(died)}")
    finally:
        load.stop()
        outside.close()
