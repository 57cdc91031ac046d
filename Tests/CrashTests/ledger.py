"""Clients that start executions while the server is killed, what they were told, and what must be true of it afterwards."""
import collections
import json
import threading
import time

import botocore.exceptions

import machines

TERMINAL = {"ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"}
PASSING = {"ServiceUnavailable", "InternalFailure", "InternalServerError", "InternalError", "500", "503"}
Started = collections.namedtuple("Started", "machine name n arn start_date")


class Ledger:
    """Threads that start executions by name, again after each error, and write down what was acknowledged."""

    def __init__(self, server, arns, threads=4):
        self.server, self.arns = server, arns
        self.acknowledged, self.tried, self.problems = [], set(), []
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._work, args=(number,)) for number in range(threads)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        """Returns once every start that was begun has been acknowledged."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in self.threads), "a start was never acknowledged"
        assert not self.problems, self.problems[:5]

    def _work(self, number):
        client = self.server.client("stepfunctions")
        kinds = list(self.arns)
        count = 0
        while not self.stopping.is_set():
            machine = kinds[count % len(kinds)]
            name = f"{number}-{count}"
            with self.lock:
                self.tried.add((machine, name))
            try:
                started = self._start(client, machine, name, count)
            except Exception as problem:  # noqa: BLE001 (a thread's failure must reach the test)
                self.problems.append(f"{machine} {name}: {problem!r}")
                return
            with self.lock:
                self.acknowledged.append(started)
            count += 1

    def _start(self, client, machine, name, n):
        arn = self.arns[machine]
        is_retry = False
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                answer = client.start_execution(stateMachineArn=arn, name=name, input=json.dumps({"n": n}))
                return Started(machine, name, n, answer["executionArn"], answer["startDate"])
            except (botocore.exceptions.EndpointConnectionError, botocore.exceptions.HTTPClientError):
                is_retry = True
                time.sleep(0.02)
            except botocore.exceptions.ClientError as error:
                code = error.response["Error"]["Code"]
                # Its first attempt was taken, unheard, and the execution is over by now.
                if code == "ExecutionAlreadyExists" and is_retry:
                    return Started(machine, name, n, arn.replace(":stateMachine:", ":execution:") + f":{name}", None)
                if code not in PASSING and error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                    raise
                is_retry = True
                time.sleep(0.02)
        raise TimeoutError("not acknowledged within a minute")


def await_ends(client, started, seconds=60):
    """Waits until all executions have ended; returns their descriptions by ARN."""
    deadline = time.monotonic() + seconds
    described = {}
    for one in started:
        while True:
            answer = client.describe_execution(executionArn=one.arn)
            if answer["status"] != "RUNNING":
                described[one.arn] = answer
                break
            assert time.monotonic() < deadline, f"{one.arn} still runs"
            time.sleep(0.1)
    return described


def history(client, arn):
    events, token = [], {}
    while True:
        page = client.get_execution_history(executionArn=arn, maxResults=1000, **token)
        events += page["events"]
        if "nextToken" not in page:
            return events
        token = {"nextToken": page["nextToken"]}


def shape(events):
    """What happened, without times, numbers and order: the same for all executions of a machine."""
    names = ((event["type"], (event.get("stateEnteredEventDetails") or event.get("stateExitedEventDetails") or {}).get("name"))
             for event in events)
    return collections.Counter(names)


def check_history(events):
    """Well-formed: numbers without a gap, predecessors before, times in order, one terminal event and that at the end."""
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["type"] == "ExecutionStarted"
    for event in events:
        assert 0 <= event.get("previousEventId", 0) < event["id"]
    assert [event["type"] in TERMINAL for event in events] == [False] * (len(events) - 1) + [True]


def check(server, ledger, references, histories=150):
    """Everything that was acknowledged exists once, ended as it must, and did nothing twice."""
    client = server.client("stepfunctions")
    assert ledger.acknowledged, "nothing was acknowledged"
    described = await_ends(client, ledger.acknowledged)
    for one in ledger.acknowledged:
        answer = described[one.arn]
        assert answer["status"] == "SUCCEEDED", (one, answer)
        assert json.loads(answer["input"]) == {"n": one.n}
        assert json.loads(answer["output"]) == machines.MACHINES[one.machine][1](one.n), one
        assert one.start_date in (None, answer["startDate"]), f"{one.name} was started twice"
    step = max(1, len(ledger.acknowledged) // histories)
    for one in ledger.acknowledged[::step]:
        events = history(client, one.arn)
        check_history(events)
        assert shape(events) == references[one.machine], one
    names = [(machine, execution["name"]) for machine, arn in ledger.arns.items() for page in
             client.get_paginator("list_executions").paginate(stateMachineArn=arn) for execution in page["executions"]
             if not execution["name"].startswith("reference")]
    assert len(names) == len(set(names)), "an execution is listed twice"
    assert set(names) == {(one.machine, one.name) for one in ledger.acknowledged}
