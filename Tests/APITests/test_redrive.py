"""RedriveExecution: executions that ended badly go on from where they stood. The orders of events are AWS's."""
import datetime
import json
import time
import uuid

import pytest
from polling import ended, until
from test_executions import ROLE, error, events

CALL_TIMEOUT = 15


class Worker:
    """An activity and whoever works on it."""

    def __init__(self, states):
        self.states = states
        self.arn = states.create_activity(name=f"a-{uuid.uuid4()}")["activityArn"]

    def take(self):
        """The next task's token and input."""
        deadline = time.monotonic() + CALL_TIMEOUT
        while time.monotonic() < deadline:
            task = self.states.get_activity_task(activityArn=self.arn, workerName="w")
            if task.get("taskToken"):
                return task["taskToken"], json.loads(task["input"])
        raise AssertionError("no task came")

    def succeed(self, token, output):
        self.states.send_task_success(taskToken=token, output=json.dumps(output))

    def fail(self, token, cause="c"):
        self.states.send_task_failure(taskToken=token, error="Probe.Retry", cause=cause)

    def state(self, **fields):
        """A task state; it ends its branch unless it has a `Next`."""
        context = {"input.$": "$", "execution.$": "$$.Execution", "state.$": "$$.State"}
        state = {"Type": "Task", "Resource": self.arn, "TimeoutSeconds": 60, "Parameters": context, **fields}
        return state if "Next" in state else {**state, "End": True}


def start(states, definition, given=None, name=None):
    machine = states.create_state_machine(name=name or f"m-{uuid.uuid4()}", definition=json.dumps(definition), roleArn=ROLE)
    return states.start_execution(
        stateMachineArn=machine["stateMachineArn"], input=json.dumps(given if given is not None else {}))["executionArn"]


def line(states, arn, first=1):
    """`TYPE<PREDECESSOR` of the events from a number on."""
    return [f"{event['type']}<{event['previousEventId']}" for event in events(states, arn, maxResults=1000) if event["id"] >= first]


def redrive(states, arn, **arguments):
    return states.redrive_execution(executionArn=arn, **arguments)["redriveDate"]


@pytest.fixture
def states(client):
    return client("stepfunctions", parameter_validation=False)


@pytest.fixture
def worker(states):
    return Worker(states)


def test_a_failed_task_is_done_again_and_what_succeeded_is_not(states, worker):
    arn = start(states, {"StartAt": "Before", "States": {
        "Before": {"Type": "Pass", "Result": "kept", "ResultPath": "$.before", "Next": "First"},
        "First": worker.state(ResultPath="$.first", Next="Work"),
        "Work": worker.state(ResultPath="$.work", Next="Finish", Retry=[
            {"ErrorEquals": ["Probe.Retry"], "IntervalSeconds": 1, "MaxAttempts": 1, "BackoffRate": 1}]),
        "Finish": {"Type": "Pass", "Parameters": {"data.$": "$", "context.$": "$$.Execution"}, "End": True}}}, {"a": 1})
    worker.succeed(worker.take()[0], {"saved": True})
    worker.fail(worker.take()[0])
    retry, seen = worker.take()
    assert seen["state"]["RetryCount"] == 1 and "RedriveTime" not in seen["execution"]
    worker.fail(retry, "twice")
    failed = ended(states, arn)
    assert (failed["status"], failed["error"], failed["cause"]) == ("FAILED", "Probe.Retry", "twice")
    assert (failed["redriveCount"], failed["redriveStatus"]) == (0, "REDRIVABLE")
    assert "redriveDate" not in failed and "redriveStatusReason" not in failed
    count = events(states, arn)[-1]["id"]
    entered = [event["id"] for event in events(states, arn) if event["type"] == "TaskStateEntered"][-1]

    date = redrive(states, arn, clientToken="sequence-A")
    assert abs(date.timestamp() - time.time()) < 30
    running = states.describe_execution(executionArn=arn)
    assert (running["status"], running["redriveCount"], running["redriveDate"]) == ("RUNNING", 1, date)
    assert (running["redriveStatus"], running["redriveStatusReason"]) == (
        "NOT_REDRIVABLE", "Execution is RUNNING and cannot be redriven")
    assert not {"stopDate", "error", "cause"} & running.keys()
    assert line(states, arn, count + 1) == [f"ExecutionRedriven<{count}", f"ActivityScheduled<{entered}"]
    assert events(states, arn)[count]["executionRedrivenEventDetails"] == {"redriveCount": 1}

    token, seen = worker.take()
    assert seen["input"] == {"a": 1, "before": "kept", "first": {"saved": True}}
    assert seen["state"]["RetryCount"] == 0
    assert seen["execution"]["RedriveCount"] == 1
    assert datetime.datetime.fromisoformat(seen["execution"]["RedriveTime"]) == date
    assert error(states.send_task_success, taskToken=retry, output="{}")[0] == "TaskTimedOut"
    # The same token answers the same redrive, running or not; another one is refused while it runs.
    assert redrive(states, arn, clientToken="sequence-A") == date
    code, message = error(states.redrive_execution, executionArn=arn, clientToken="sequence-B")
    assert code == "ExecutionNotRedrivable"
    assert message == f"Execution {arn} invalid for redrive as: Execution is RUNNING and cannot be redriven"
    worker.fail(token)
    worker.fail(worker.take()[0])
    assert ended(states, arn)["redriveStatus"] == "REDRIVABLE"
    assert redrive(states, arn, clientToken="sequence-A") == date
    assert states.describe_execution(executionArn=arn)["redriveCount"] == 1
    second = redrive(states, arn, clientToken="sequence-B")
    worker.succeed(worker.take()[0], {"fixed": True})
    answer = ended(states, arn)
    assert (answer["status"], answer["redriveCount"], answer["redriveDate"]) == ("SUCCEEDED", 2, second)
    output = json.loads(answer["output"])
    assert output["data"] == {"a": 1, "before": "kept", "first": {"saved": True}, "work": {"fixed": True}}
    assert output["context"]["RedriveCount"] == 2
    assert answer["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    assert redrive(states, arn, clientToken="sequence-B") == second
    assert error(states.redrive_execution, executionArn=arn)[0] == "ExecutionNotRedrivable"
    types = [event["type"] for event in events(states, arn, maxResults=1000)]
    assert (types.count("PassStateEntered"), types.count("TaskStateEntered"), types.count("ExecutionRedriven")) == (2, 2, 2)


def test_of_a_parallel_state_the_failed_and_the_aborted_branch_run_again(states, worker):
    branches = [{"StartAt": name, "States": {name: worker.state()}} for name in ("Succeeded", "Failed", "Aborted")]
    arn = start(states, {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": branches, "End": True}}})
    tokens = {task["state"]["Name"]: token for token, task in (worker.take() for _ in range(3))}
    worker.succeed(tokens["Succeeded"], "preserved")
    worker.fail(tokens["Failed"])
    assert ended(states, arn)["status"] == "FAILED"
    before = events(states, arn)
    entered = {event["stateEnteredEventDetails"]["name"]: event["id"] for event in before if event["type"] == "TaskStateEntered"}
    redrive(states, arn)
    assert line(states, arn, len(before) + 1) == [
        f"ExecutionRedriven<{len(before)}", f"ActivityScheduled<{entered['Failed']}", f"ActivityScheduled<{entered['Aborted']}"]
    assert error(states.send_task_success, taskToken=tokens["Aborted"], output="{}")[0] == "TaskTimedOut"
    for _ in range(2):
        token, task = worker.take()
        worker.succeed(token, task["state"]["Name"])
    assert json.loads(ended(states, arn)["output"]) == ["preserved", "Failed", "Aborted"]
    types = [event["type"] for event in events(states, arn, maxResults=1000)]
    assert types.count("ParallelStateStarted") == 1 and types.count("TaskStateEntered") == 3


def test_of_an_inline_map_the_failed_iteration_goes_on_and_the_next_begins(states, worker):
    arn = start(states, {"StartAt": "M", "States": {"M": {
        "Type": "Map", "MaxConcurrency": 1, "End": True,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "I", "States": {"I": worker.state()}}}}}, [0, 1, 2])
    worker.succeed(worker.take()[0], "zero")
    worker.fail(worker.take()[0])
    assert ended(states, arn)["status"] == "FAILED"
    before = line(states, arn)
    assert before[-4:] == ["MapIterationFailed<16", "TaskStateAborted<16", "MapStateFailed<16", "ExecutionFailed<19"] or [
        item.split("<")[0] for item in before[-4:]] == ["MapIterationFailed", "TaskStateAborted", "MapStateFailed", "ExecutionFailed"]
    redrive(states, arn)
    for expected in (1, 2):
        token, task = worker.take()
        assert task["input"] == expected
        worker.succeed(token, ["one", "two"][expected - 1])
    assert json.loads(ended(states, arn)["output"]) == ["zero", "one", "two"]
    types = [event["type"] for event in events(states, arn, maxResults=1000)]
    assert types.count("MapStateStarted") == 1 and types.count("MapIterationStarted") == 3


def test_a_stopped_execution_goes_on(states, worker):
    arn = start(states, {"StartAt": "T", "States": {"T": worker.state()}})
    old, _ = worker.take()
    states.stop_execution(executionArn=arn, error="Operator", cause="not tonight")
    assert line(states, arn)[-1] == "ExecutionAborted<0"
    assert states.describe_execution(executionArn=arn)["redriveStatus"] == "REDRIVABLE"
    redrive(states, arn)
    token, _ = worker.take()
    assert error(states.send_task_heartbeat, taskToken=old)[0] == "TaskTimedOut"
    worker.succeed(token, "recovered")
    assert json.loads(ended(states, arn)["output"]) == "recovered"


def test_the_execution_has_its_whole_time_again(states, worker):
    arn = start(states, {"StartAt": "T", "TimeoutSeconds": 2, "States": {"T": worker.state()}})
    worker.take()
    timed_out = ended(states, arn)
    assert timed_out["status"] == "TIMED_OUT" and not {"error", "cause"} & timed_out.keys()
    last = events(states, arn)[-1]
    assert (last["type"], last["previousEventId"], last["executionTimedOutEventDetails"]) == (
        "ExecutionTimedOut", 0, {"error": "States.Timeout"})
    redrive(states, arn)
    worker.succeed(worker.take()[0], 1)
    assert ended(states, arn)["status"] == "SUCCEEDED"


def test_a_fail_state_fails_again(states):
    arn = start(states, {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}})
    ended(states, arn)
    redrive(states, arn)
    answer = ended(states, arn)
    assert (answer["status"], answer["error"], answer["redriveCount"]) == ("FAILED", "E", 1)
    assert line(states, arn, 4) == ["ExecutionRedriven<3", "ExecutionFailed<4"]


def test_a_redriven_execution_keeps_to_its_definition(states, worker):
    name = f"m-{uuid.uuid4()}"
    definition = {"StartAt": "T", "States": {
        "T": worker.state(ResultPath=None, Next="End"), "End": {"Type": "Pass", "Result": "old", "End": True}}}
    arn = start(states, definition, name=name)
    worker.fail(worker.take()[0])
    machine = ended(states, arn)["stateMachineArn"]
    definition["States"]["End"]["Result"] = "new"
    states.update_state_machine(stateMachineArn=machine, definition=json.dumps(definition))
    redrive(states, arn)
    worker.succeed(worker.take()[0], {})
    assert json.loads(ended(states, arn)["output"]) == "old"


def test_what_is_not_redriven(states):
    missing = "arn:aws:states:us-east-1:000000000000:execution:none:none"
    assert error(states.redrive_execution, executionArn=missing) == (
        "ExecutionDoesNotExist", f"Execution Does Not Exist: '{missing}'")
    express = "arn:aws:states:us-east-1:000000000000:express:m:n:e036ca4a-4902-4d6b-b9b8-0fabb1a646c3"
    assert error(states.redrive_execution, executionArn=express) == (
        "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
    assert error(states.redrive_execution, executionArn="nonsense")[0] == "InvalidArn"
    assert error(states.redrive_execution)[0] == "ValidationException"
    arn = start(states, {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    ended(states, arn)
    for token in ("", "x" * 65, "a b"):
        assert error(states.redrive_execution, executionArn=arn, clientToken=token)[0] == "ValidationException"
    code, message = error(states.redrive_execution, executionArn=arn)
    assert (code, message) == (
        "ExecutionNotRedrivable", f"Execution {arn} invalid for redrive as: Execution is SUCCEEDED and cannot be redriven")


def test_a_listing_shows_redrives(states):
    arn = start(states, {"StartAt": "F", "States": {"F": {"Type": "Fail"}}})
    machine = ended(states, arn)["stateMachineArn"]
    assert states.list_executions(stateMachineArn=machine)["executions"][0]["redriveCount"] == 0
    date = redrive(states, arn)
    ended(states, arn)
    listed = states.list_executions(stateMachineArn=machine)["executions"][0]
    assert (listed["redriveCount"], listed["redriveDate"], listed["status"]) == (1, date, "FAILED")
    assert error(states.list_executions, stateMachineArn=machine, redriveFilter="REDRIVEN") == (
        "ValidationException", "RedriveFilter cannot be applied to ListExecutions call with StateMachine ARN")


def test_the_command_line_redrives(server, states):
    arn = start(states, {"StartAt": "F", "States": {"F": {"Type": "Fail"}}})
    ended(states, arn)
    done = server.aws("stepfunctions", "redrive-execution", "--execution-arn", arn)
    assert done.returncode == 0 and "redriveDate" in json.loads(done.stdout)


def test_kills_between_and_after(start_server):
    server = start_server()
    states = server.client("stepfunctions")
    worker = Worker(states)
    arn = start(states, {"StartAt": "P", "TimeoutSeconds": 300, "States": {"P": {"Type": "Parallel", "End": True, "Branches": [
        {"StartAt": "Done", "States": {"Done": {"Type": "Pass", "Result": "kept", "End": True}}},
        {"StartAt": "T", "States": {"T": worker.state(Next="W"), "W": {"Type": "Wait", "Seconds": 2, "End": True}}},
        {"StartAt": "U", "States": {"U": {"Type": "Wait", "Seconds": 600, "End": True}}}]}}})
    worker.fail(worker.take()[0])
    assert ended(states, arn)["status"] == "FAILED"
    server.kill()
    server.start()
    states = worker.states = server.client("stepfunctions")
    assert states.describe_execution(executionArn=arn)["redriveStatus"] == "REDRIVABLE"
    date = redrive(states, arn, clientToken="t")
    server.kill()
    server.start()
    states = worker.states = server.client("stepfunctions")
    answer = states.describe_execution(executionArn=arn)
    assert (answer["status"], answer["redriveCount"], answer["redriveDate"]) == ("RUNNING", 1, date)
    # Whoever had no answer asks again.
    assert redrive(states, arn, clientToken="t") == date
    token, _ = worker.take()
    server.kill()
    server.start()
    states = worker.states = server.client("stepfunctions")
    worker.succeed(token, "mended")
    time.sleep(0.5)
    server.kill()
    server.start()
    states = worker.states = server.client("stepfunctions")
    states.stop_execution(executionArn=arn)
    redrive(states, arn)

    def types():
        return [event["type"] for event in events(states, arn, maxResults=1000)]

    until(lambda: types().count("ExecutionRedriven") == 2, what="the second redrive")
    assert types().count("ActivityScheduled") == 2
    ids = [event["id"] for event in events(states, arn, maxResults=1000)]
    assert ids == list(range(1, len(ids) + 1))


def distributed(kind, states_, **fields):
    """A machine that is a Map Run over `[0, 1, 2]`."""
    return {"StartAt": "M", "States": {"M": {
        "Type": "Map", "Label": "L", "ItemsPath": "$", "End": True, **fields,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind}, **states_}}}}


def test_kills_while_a_map_run_is_redriven(start_server):
    server = start_server()
    states = server.client("stepfunctions")
    worker = Worker(states)
    arn = start(states, distributed("STANDARD", {"StartAt": "T", "States": {"T": worker.state(Parameters={"item.$": "$"})}}), [0, 1, 2])
    taken = {given["item"]: token for token, given in (worker.take() for _ in range(3))}
    worker.succeed(taken[0], "zero")
    worker.fail(taken[1])
    assert ended(states, arn)["error"] == "States.ExceedToleratedFailureThreshold"
    server.kill()
    server.start()
    states = worker.states = server.client("stepfunctions")
    [run] = states.list_map_runs(executionArn=arn)["mapRuns"]
    children = states.list_executions(mapRunArn=run["mapRunArn"])["executions"]
    assert sorted(child["status"] for child in children) == ["ABORTED", "FAILED", "SUCCEEDED"]
    for child in children:
        assert states.describe_execution(executionArn=child["executionArn"])["redriveStatus"] == (
            "NOT_REDRIVABLE" if child["status"] == "SUCCEEDED" else "REDRIVABLE_BY_MAP_RUN")
    redrive(states, arn)
    server.kill()
    server.start()
    states = worker.states = server.client("stepfunctions")
    tokens = {given["item"]: token for token, given in (worker.take() for _ in range(2))}
    assert set(tokens) == {1, 2} and not set(tokens.values()) & set(taken.values())
    server.kill()
    server.start()
    states = worker.states = server.client("stepfunctions")
    for item, token in tokens.items():
        worker.succeed(token, item)
    answer = ended(states, arn)
    assert (answer["status"], answer["redriveCount"], json.loads(answer["output"])) == ("SUCCEEDED", 1, ["zero", 1, 2])
    assert [event["type"] for event in events(states, arn)][3:] == [
        "MapRunStarted", "MapRunFailed", "MapStateFailed", "ExecutionFailed", "ExecutionRedriven", "MapRunRedriven",
        "MapRunSucceeded", "MapStateSucceeded", "MapStateExited", "ExecutionSucceeded"]
    described = states.describe_map_run(mapRunArn=run["mapRunArn"])
    assert (described["status"], described["redriveCount"], described["executionCounts"]["succeeded"]) == ("SUCCEEDED", 1, 3)
    for chosen, count in (("REDRIVEN", 2), ("NOT_REDRIVEN", 1)):
        assert len(states.list_executions(mapRunArn=run["mapRunArn"], redriveFilter=chosen)["executions"]) == count


def test_express_children_of_a_map_run_begin_again(states):
    # The one that fails does so once more; those that succeeded are not begun again.
    branch = {"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "F"}], "Default": "P"},
        "F": {"Type": "Fail", "Error": "Probe"}, "P": {"Type": "Pass", "End": True}}}
    arn = start(states, distributed("EXPRESS", branch), [0, 1, 2])
    for redrives in range(2):
        answer = ended(states, arn)
        assert (answer["status"], answer["redriveCount"]) == ("FAILED", redrives)
        [run] = states.list_map_runs(executionArn=arn)["mapRuns"]
        described = states.describe_map_run(mapRunArn=run["mapRunArn"])
        assert described["redriveCount"] == redrives
        counts = described["itemCounts"]
        assert (counts["failed"], counts["total"]) == (1, 3)
        if redrives == 0:
            redrive(states, arn)
