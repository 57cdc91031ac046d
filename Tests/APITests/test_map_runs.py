"""Map states in DISTRIBUTED mode: Map Runs and their child executions, driven by boto3."""
import json
import time
import uuid

import botocore.exceptions
import pytest

from polling import ended, until

ROLE = "arn:aws:iam::000000000000:role/executions"
PREFIX = "arn:aws:states:us-east-1:000000000000"
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 300, "End": True}}}
CHOOSY = {
    "StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericLessThan": 0, "Next": "F"}], "Default": "P"},
        "F": {"Type": "Fail", "Error": "Bad", "Cause": "negative"}, "P": {"Type": "Pass", "End": True}}}


@pytest.fixture
def states(client):
    return client("stepfunctions", parameter_validation=False)


@pytest.fixture
def start(states):
    """Starts an execution of a machine with one Map state in DISTRIBUTED mode; returns the ARN."""
    def make(items, processor=None, execution_type="STANDARD", **fields):
        config = {"Mode": "DISTRIBUTED", "ExecutionType": execution_type}
        state = {"Type": "Map", "End": True, "Label": "items", **fields,
                 "ItemProcessor": {"ProcessorConfig": config, **(processor or PASS)}}
        machine = states.create_state_machine(
            name=f"m-{uuid.uuid4()}", definition=json.dumps({"StartAt": "M", "States": {"M": state}}), roleArn=ROLE)
        return states.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps(items))["executionArn"]
    return make


def error(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"]


def map_run(states, arn):
    """The only Map Run of an execution, described."""
    [listed] = until(lambda: states.list_map_runs(executionArn=arn)["mapRuns"])
    return states.describe_map_run(mapRunArn=listed["mapRunArn"])


def children(states, run, **filters):
    pages = states.get_paginator("list_executions").paginate(mapRunArn=run["mapRunArn"], **filters)
    return [child for page in pages for child in page["executions"]]


def test_a_map_run_is_described_and_listed(states, start):
    arn = start([1, 2, 3])
    assert json.loads(ended(states, arn)["output"]) == [1, 2, 3]
    machine = arn.split(":")[6]
    [listed] = states.list_map_runs(executionArn=arn)["mapRuns"]
    assert listed["executionArn"] == arn
    assert listed["stateMachineArn"] == f"{PREFIX}:stateMachine:{machine}/items"
    assert listed["mapRunArn"].startswith(f"{PREFIX}:mapRun:{machine}/items:")
    assert listed["stopDate"] >= listed["startDate"]
    run = states.describe_map_run(mapRunArn=listed["mapRunArn"])
    assert run["status"] == "SUCCEEDED" and run["executionArn"] == arn
    assert (run["toleratedFailureCount"], run["toleratedFailurePercentage"], run["redriveCount"]) == (0, 0.0, 0)
    for counts in (run["itemCounts"], run["executionCounts"]):
        assert (counts["total"], counts["succeeded"], counts["resultsWritten"]) == (3, 3, 3)
        assert all(counts[name] == 0 for name in ("pending", "running", "failed", "timedOut", "aborted"))
    [started] = [event for event in states.get_execution_history(executionArn=arn)["events"] if event["type"] == "MapRunStarted"]
    assert started["mapRunStartedEventDetails"] == {"mapRunArn": listed["mapRunArn"]}


def test_children_are_executions(states, start):
    arn = start([1, -1, 2], CHOOSY, ToleratedFailureCount=1)
    assert json.loads(ended(states, arn)["output"]) == [1, 2]
    run = map_run(states, arn)
    assert len(children(states, run)) == 3
    assert len(children(states, run, PaginationConfig={"PageSize": 1})) == 3
    assert len(children(states, run, statusFilter="SUCCEEDED")) == 2
    [failed] = children(states, run, statusFilter="FAILED")
    assert failed["mapRunArn"] == run["mapRunArn"] and failed["itemCount"] == 1
    described = states.describe_execution(executionArn=failed["executionArn"])
    assert described["status"] == "FAILED" and described["error"] == "Bad" and described["cause"] == "negative"
    assert described["mapRunArn"] == run["mapRunArn"] and described["input"] == "-1"
    assert described["stateMachineArn"].endswith("/items") and "/items:" in described["executionArn"]
    events = states.get_execution_history(executionArn=failed["executionArn"])["events"]
    assert [event["type"] for event in events] == [
        "ExecutionStarted", "ChoiceStateEntered", "ChoiceStateExited", "FailStateEntered", "ExecutionFailed"]
    own = states.describe_state_machine_for_execution(executionArn=failed["executionArn"])
    assert own["label"] == "items" and own["mapRunArn"] == run["mapRunArn"]
    # The machine's own list has only what was started.
    machine = arn.replace(":execution:", ":stateMachine:").rsplit(":", 1)[0]
    assert [item["executionArn"] for item in states.list_executions(stateMachineArn=machine)["executions"]] == [arn]


def test_batches_count_their_items(states, start):
    arn = start(list(range(5)), ItemBatcher={"MaxItemsPerBatch": 2, "BatchInput": {"of": "b"}})
    assert [batch["Items"] for batch in json.loads(ended(states, arn)["output"])] == [[0, 1], [2, 3], [4]]
    run = map_run(states, arn)
    assert run["itemCounts"]["succeeded"] == 5 and run["executionCounts"]["succeeded"] == 3
    assert sorted(child["itemCount"] for child in children(states, run)) == [1, 2, 2]


def test_too_many_failures_fail_the_execution(states, start):
    answer = ended(states, start([-1, 1], CHOOSY))
    assert (answer["status"], answer["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold")
    assert map_run(states, answer["executionArn"])["status"] == "FAILED"


def test_limits_are_changed_while_it_runs(states, start):
    arn = start([1, 2, 3], WAIT, MaxConcurrency=1)
    run = map_run(states, arn)
    until(lambda: map_run(states, arn)["executionCounts"]["running"] == 1)
    assert run["maxConcurrency"] == 1
    states.update_map_run(mapRunArn=run["mapRunArn"], maxConcurrency=2, toleratedFailureCount=5, toleratedFailurePercentage=50.0)
    until(lambda: map_run(states, arn)["executionCounts"]["running"] == 2)
    changed = map_run(states, arn)
    assert (changed["maxConcurrency"], changed["toleratedFailureCount"], changed["toleratedFailurePercentage"]) == (2, 5, 50.0)
    assert changed["executionCounts"]["pending"] == 1
    states.stop_execution(executionArn=arn)


def test_stopping_the_parent_stops_the_children(states, start):
    arn = start([1, 2], WAIT)
    until(lambda: map_run(states, arn)["executionCounts"]["running"] == 2)
    states.stop_execution(executionArn=arn, error="Stop")
    until(lambda: map_run(states, arn)["executionCounts"]["aborted"] == 2)
    run = map_run(states, arn)
    assert run["status"] == "ABORTED" and run["stopDate"] and run["executionCounts"]["running"] == 0
    assert {child["status"] for child in children(states, run)} == {"ABORTED"}
    assert error(states.update_map_run, mapRunArn=run["mapRunArn"], maxConcurrency=1) == "ValidationException"


def test_a_child_can_be_stopped(states, start):
    arn = start([1, 2], WAIT, ToleratedFailureCount=1)
    until(lambda: map_run(states, arn)["executionCounts"]["running"] == 2)
    first = children(states, map_run(states, arn))[0]
    states.stop_execution(executionArn=first["executionArn"])
    until(lambda: map_run(states, arn)["executionCounts"]["aborted"] == 1)
    assert states.describe_execution(executionArn=arn)["status"] == "RUNNING"
    states.stop_execution(executionArn=arn)


def test_express_children(states, start):
    answer = ended(states, start(list(range(20)), execution_type="EXPRESS", MaxConcurrency=3))
    assert json.loads(answer["output"]) == list(range(20))
    run = map_run(states, answer["executionArn"])
    assert run["executionCounts"]["succeeded"] == 20
    assert error(states.list_executions, mapRunArn=run["mapRunArn"]) == "StateMachineTypeNotSupported"


def test_express_children_fail_too(states, start):
    answer = ended(states, start([1, -1], CHOOSY, execution_type="EXPRESS"))
    assert answer["error"] == "States.ExceedToleratedFailureThreshold"


def test_a_label_is_made_where_none_is_given(states, client):
    state = {"Type": "Map", "End": True, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **PASS}}
    machine = states.create_state_machine(
        name=f"m-{uuid.uuid4()}", definition=json.dumps({"StartAt": "M", "States": {"M": state}}), roleArn=ROLE)["stateMachineArn"]
    labels = set()
    for _ in range(2):
        arn = states.start_execution(stateMachineArn=machine, input="[1]")["executionArn"]
        ended(states, arn)
        labels.add(map_run(states, arn)["mapRunArn"].split("/")[1].split(":")[0])
    assert len(labels) == 1 and len(labels.pop()) == 36


def test_items_in_objects_need_an_object_store(states, start):
    reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"},
              "Parameters": {"Bucket": "b", "Key": "k"}}
    answer = ended(states, start([], ItemReader=reader))
    assert answer["error"] == "States.ItemReaderFailed" and answer["cause"]


def test_what_is_not_there_is_not_found(states, start):
    missing = f"{PREFIX}:mapRun:m/l:{uuid.uuid4()}"
    for call in (states.describe_map_run, states.update_map_run, states.list_executions):
        arguments = {"maxConcurrency": 1} if call == states.update_map_run else {}
        assert error(call, mapRunArn=missing, **arguments) == "ResourceNotFound"
    assert error(states.describe_map_run, mapRunArn="nonsense") == "InvalidArn"
    assert error(states.describe_map_run, mapRunArn=f"{PREFIX}:execution:m:e") == "InvalidArn"
    assert error(states.list_map_runs, executionArn=f"{PREFIX}:execution:m:{uuid.uuid4()}") == "ExecutionDoesNotExist"


def test_runs_go_on_after_a_kill(start_server):
    server = start_server()
    states = server.client("stepfunctions")
    state = {"Type": "Map", "End": True, "MaxConcurrency": 5, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "W",
        "States": {"W": {"Type": "Wait", "Seconds": 1, "End": True}}}}
    machine = states.create_state_machine(
        name="killed", definition=json.dumps({"StartAt": "M", "States": {"M": state}}), roleArn=ROLE)["stateMachineArn"]
    arn = states.start_execution(stateMachineArn=machine, input=json.dumps(list(range(20))))["executionArn"]
    for _ in range(3):
        time.sleep(0.7)
        server.kill()
        server.start()
        states = server.client("stepfunctions")
    answer = ended(states, arn)
    assert json.loads(answer["output"]) == list(range(20))
    run = map_run(states, arn)
    assert run["executionCounts"]["succeeded"] == run["executionCounts"]["total"] == 20
    assert len(children(states, run)) == 20
