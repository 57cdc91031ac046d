"""State machines whose tasks do something in the world, what they need, and what must be true of the marks that they leave."""
import collections
import io
import json
import queue
import threading
import time
import zipfile

import botocore.exceptions

import ledger as ledgers
import machines

MARK = """
import json, urllib.request
def handler(event, context):
    urllib.request.urlopen(urllib.request.Request(event["url"], json.dumps(event).encode(), method="POST"), timeout=10).read()
    return {"marked": event["name"]}
"""
NAME = {"name.$": "$$.Execution.Name"}
RETRY = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1000, "BackoffRate": 1.0}]
DELIVERY = {"healthyRetryPolicy": {"numRetries": 100, "minDelayTarget": 1, "maxDelayTarget": 1}}


class Effects:
    """Functions, topics, a worker with task tokens and, if wanted, an agent; the machines that use them, and their checks."""

    def __init__(self, server, marks, agent=None):
        self.server, self.marks, self.agent = server, marks, agent
        self.problems = []
        self.answered = {}
        self.stopping = threading.Event()
        self._create_functions()
        self._create_topics()
        self.definitions = {
            "function": self._function(), "repeatable": self._repeatable(), "topic": self._topic(), "token": self._token(),
            **({"command": self._command()} if agent else {}),
        }
        client = server.client("stepfunctions")
        self.arns = {
            name: client.create_state_machine(name=name, definition=json.dumps(definition), roleArn=machines.ROLE)["stateMachineArn"]
            for name, definition in self.definitions.items()
        }
        self.arns[ledgers.EXPRESS] = client.create_state_machine(
            name=ledgers.EXPRESS, type="EXPRESS", definition=json.dumps(self._express()), roleArn=machines.ROLE)["stateMachineArn"]
        self.worker = threading.Thread(target=self._work)
        self.worker.start()

    def stop(self):
        """Ends the worker, once no token is left."""
        self.stopping.set()
        self.worker.join(timeout=60)
        assert not self.worker.is_alive() and not self.problems, self.problems[:5]

    # What the machines need.

    def _create_functions(self):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as zipped:
            zipped.writestr("index.py", MARK)
        functions = self.server.client("lambda")
        common = dict(Runtime="python3.12", Role=machines.ROLE, Handler="index.handler", Timeout=20, Code={"ZipFile": buffer.getvalue()})
        self.once = functions.create_function(FunctionName="once", **common)["FunctionArn"]
        self.again = functions.create_function(FunctionName="again", Tags={"nightshift:idempotent": "true"}, **common)["FunctionArn"]

    def _create_topics(self):
        topics = self.server.client("sns")
        web = dict(Protocol="http", Endpoint=self.marks.url, Attributes={"DeliveryPolicy": json.dumps(DELIVERY)})
        self.topic = topics.create_topic(Name="night")["TopicArn"]
        self.work = topics.create_topic(Name="work")["TopicArn"]
        for topic, subscription in [(self.topic, web), (self.topic, dict(Protocol="email", Endpoint="ops@example.com")), (self.work, web)]:
            topics.subscribe(TopicArn=topic, **subscription)
            self.marks.confirm()

    def _work(self):
        """Answers each token, again and again until the server has heard."""
        client = self.server.client("stepfunctions")
        while True:
            try:
                name, token = self.marks.tokens.get(timeout=0.1)
            except queue.Empty:
                if self.stopping.is_set():
                    return
                continue
            if self.answered.get(token):
                continue
            try:
                self.answered[token] = self._answer(client, name, token)
            except Exception as problem:  # noqa: BLE001 (a thread's failure must reach the test)
                self.problems.append(f"token of {name}: {problem!r}")

    def _answer(self, client, name, token):
        is_retry = False
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                client.send_task_heartbeat(taskToken=token)
                client.send_task_success(taskToken=token, output=json.dumps({"worker": name}))
                return "acknowledged"
            except (botocore.exceptions.EndpointConnectionError, botocore.exceptions.HTTPClientError):
                is_retry = True
            except botocore.exceptions.ClientError as error:
                # An attempt before was taken, unheard.
                if error.response["Error"]["Code"] in ("TaskTimedOut", "TaskDoesNotExist") and is_retry:
                    return "taken"
                if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                    raise
                is_retry = True
            time.sleep(0.02)
        raise TimeoutError("not acknowledged within a minute")

    # The machines.

    def _function(self):
        """An unrepeatable task: its attempts are numbered, and each may happen once at most."""
        payload = {"url": self.marks.url, "kind": "function", "attempt.$": "$$.State.RetryCount", **NAME}
        task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": self.once, "Payload": payload},
                "Retry": RETRY, "ResultSelector": {"marked.$": "$.Payload.marked"}, "ResultPath": "$.result", "End": True}
        return {"StartAt": "Mark", "States": {"Mark": task}}

    def _repeatable(self):
        """A function that says that repeating it does no harm: no attempt fails because of a crash."""
        payload = {"url": self.marks.url, "kind": "repeatable", **NAME}
        task = {"Type": "Task", "Resource": self.again, "Parameters": payload, "ResultPath": "$.result", "End": True}
        return {"StartAt": "Mark", "States": {"Mark": task}}

    def _express(self):
        """An Express execution: it runs from its start until its end at least once."""
        payload = {"url": self.marks.url, "kind": ledgers.EXPRESS, "name.$": "$$.Execution.Name"}
        task = {"Type": "Task", "Resource": self.again, "Parameters": payload, "ResultPath": None, "Next": "Pass"}
        return {"StartAt": "Mark", "States": {"Mark": task, "Pass": {"Type": "Pass", "End": True}}}

    def _topic(self):
        task = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "ResultPath": "$.result", "End": True,
                "Parameters": {"TopicArn": self.topic, "Message.$": "$$.Execution.Name"}}
        return {"StartAt": "Publish", "States": {"Publish": task}}

    def _token(self):
        message = "States.Format('{} {}', $$.Execution.Name, $$.Task.Token)"
        task = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish.waitForTaskToken", "ResultPath": "$.result", "End": True,
                "TimeoutSeconds": 600, "HeartbeatSeconds": 300, "Parameters": {"TopicArn": self.work, "Message.$": message}}
        return {"StartAt": "Ask", "States": {"Ask": task}}

    def _command(self):
        """A command on a host: sent under the effect's key, so that it runs once, however often it is sent."""
        script = f"States.Format('echo {{}} >> {self.marks.commands}', $$.Execution.Name)"
        send = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:ssm:sendCommand", "ResultPath": "$.sent", "Next": "Pause",
                "ResultSelector": {"id.$": "$.Command.CommandId"},
                "Parameters": {"InstanceIds": [self.agent.instance_id], "DocumentName": "AWS-RunShellScript",
                               "Parameters": {"commands.$": f"States.Array({script})"}}}
        look = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:ssm:getCommandInvocation", "ResultPath": "$.seen", "Next": "Over?",
                "ResultSelector": {"status.$": "$.Status"},
                "Parameters": {"CommandId.$": "$.sent.id", "InstanceId": self.agent.instance_id}}
        choices = [{"Variable": "$.seen.status", "StringEquals": status, "Next": state}
                   for status, state in [("Success", "Done"), ("Failed", "Wrong"), ("TimedOut", "Wrong"), ("Cancelled", "Wrong")]]
        return {"StartAt": "Send", "States": {
            "Send": send, "Pause": {"Type": "Wait", "Seconds": 1, "Next": "Look"}, "Look": look,
            "Over?": {"Type": "Choice", "Choices": choices, "Default": "Pause"}, "Done": {"Type": "Succeed"}, "Wrong": {"Type": "Fail"}}}

    # The checks.

    def check(self, acknowledged, described):
        """Each effect of each execution that ended left its marks, and none too many."""
        client = self.server.client("stepfunctions")
        for one in acknowledged:
            if one.machine == ledgers.EXPRESS:
                ledgers.within(60, lambda: self.marks.of(ledgers.EXPRESS, one.name), f"the Express execution {one.name} runs")
                continue
            events = ledgers.history(client, one.arn)
            ledgers.check_history(events)
            ledgers.check_tasks(events)
            result = json.loads(described[one.arn]["output"])
            assert result["n"] == one.n, one
            getattr(self, "_check_" + one.machine)(one.name, result, collections.Counter(event["type"] for event in events), events)

    def _check_function(self, name, result, types, _events):
        attempts = self.marks.of("function", name)
        assert len(attempts) == len(set(attempts)), f"an attempt of {name} was made twice: {attempts}"
        # The last attempt is the one that succeeded; those before it may have left a mark before they were cut off.
        assert types["TaskScheduled"] - 1 in attempts and set(attempts) <= set(range(types["TaskScheduled"])), (name, attempts, types)
        assert types["TaskSucceeded"] == types["TaskStateEntered"] == 1 and result["result"] == {"marked": name}, (name, types)

    def _check_repeatable(self, name, _result, types, _events):
        assert self.marks.of("repeatable", name), f"the function of {name} did not run"
        assert types["LambdaFunctionScheduled"] == types["LambdaFunctionSucceeded"] == 1, (name, types)

    def _check_topic(self, name, result, types, _events):
        assert types["TaskScheduled"] == types["TaskSucceeded"] == 1, (name, types)
        ledgers.within(30, lambda: self.marks.of("webhook", name) and self.marks.of("mail", name), f"webhook and mail of {name}")
        assert set(self.marks.of("webhook", name)) == {result["result"]["MessageId"]}, f"{name} was published twice"
        assert len(set(self.marks.of("mail", name))) == 1, f"two mails of {name}"

    def _check_token(self, name, result, types, _events):
        assert result["result"] == {"worker": name}
        # A worker that was faster than the news of the publishing leaves no TaskSubmitted.
        assert types["TaskScheduled"] == types["TaskStarted"] == types["TaskSucceeded"] == 1 >= types["TaskSubmitted"], (name, types)
        assert len(set(self.marks.of("webhook", name))) == 1, f"the token of {name} was published twice"

    def _check_command(self, name, _result, _types, events):
        assert self.marks.of("command", name) == [name], f"the command of {name} ran {len(self.marks.of('command', name))} times"
        sent = [event for event in events if event["type"] == "TaskScheduled" and event["taskScheduledEventDetails"]["resource"] == "sendCommand"]
        assert len(sent) == 1, name
