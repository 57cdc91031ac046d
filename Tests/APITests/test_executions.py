"""State machines and executions, driven by boto3 and the AWS CLI."""
import json
import uuid

import botocore.exceptions
import pytest

from polling import ended

ROLE = "arn:aws:iam::000000000000:role/executions"
PREFIX = "arn:aws:states:us-east-1:000000000000"
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 300, "End": True}}}


@pytest.fixture
def states(client):
    return client("stepfunctions", parameter_validation=False)


@pytest.fixture
def machine(states):
    """Makes a machine of a definition; returns its ARN."""
    def make(definition=None, **arguments):
        text = definition if isinstance(definition, str) else json.dumps(definition or PASS)
        name = arguments.pop("name", f"m-{uuid.uuid4()}")
        return states.create_state_machine(name=name, definition=text, roleArn=ROLE, **arguments)["stateMachineArn"]
    return make


@pytest.fixture
def run(states, machine):
    """Runs a definition to its end; returns the description."""
    def make(definition, given=None):
        started = states.start_execution(stateMachineArn=machine(definition), input=json.dumps(given if given is not None else {}))
        return ended(states, started["executionArn"])
    return make


def error(call, **arguments):
    """The code and message of a call that fails."""
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]


def events(states, arn, **arguments):
    return states.get_execution_history(executionArn=arn, **arguments)["events"]


# State machines


def test_a_machine_is_described_as_it_was_created(states, machine):
    arn = machine(PASS, name="described", tags=[{"key": "team", "value": "batch"}])
    assert arn == f"{PREFIX}:stateMachine:described"
    answer = states.describe_state_machine(stateMachineArn=arn)
    assert json.loads(answer["definition"]) == PASS
    assert (answer["name"], answer["status"], answer["type"], answer["roleArn"]) == ("described", "ACTIVE", "STANDARD", ROLE)
    assert answer["loggingConfiguration"]["level"] == "OFF"
    assert states.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "team", "value": "batch"}]


def test_creating_the_same_again_answers_the_same_and_another_is_refused(states, machine):
    arn = machine(PASS, name="idempotent")
    assert machine(PASS, name="idempotent") == arn
    code, message = error(states.create_state_machine, name="idempotent", definition=json.dumps(WAIT), roleArn=ROLE)
    assert code == "StateMachineAlreadyExists" and arn in message


@pytest.mark.parametrize("name", ["", "x" * 81, "a b", "a/b", "a:b", "a*", "a\tb", "a#b", "a<b>"])
def test_an_impossible_name_is_refused(states, name):
    code, _ = error(states.create_state_machine, name=name, definition=json.dumps(PASS), roleArn=ROLE)
    assert code == "InvalidName"


def test_the_longest_name_is_taken(machine):
    assert machine(name="n" * 80).endswith(":" + "n" * 80)


def test_a_role_must_look_like_one(states):
    code, _ = error(states.create_state_machine, name="role", definition=json.dumps(PASS), roleArn="nobody")
    assert code == "InvalidArn"


@pytest.mark.parametrize("text, where", [
    ("{", None),
    ('{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}', None),
    ("[]", "JSON object"),
    ("{}", "StartAt"),
    ('{"StartAt": "Q", "States": {"P": {"Type": "Pass", "End": true}}}', "/StartAt"),
    ('{"StartAt": "P", "States": {"P": {"Type": "Pass", "Next": "Nowhere"}}}', "/States/P/Next"),
    ('{"StartAt": "P", "States": {"P": {"Type": "Jump", "End": true}}}', "/States/P"),
    ('{"StartAt": "P", "States": {"P": {"Type": "Wait", "Seconds": -1, "End": true}}}', "/States/P"),
    ('{"StartAt": "P", "States": {"P": {"Type": "Task", "End": true}}}', "/States/P"),
    ('{"StartAt": "P", "States": {"P": {"Type": "Pass", "InputPath": "nowhere", "End": true}}}', "/States/P"),
])
def test_a_malformed_definition_is_refused_with_the_position(states, text, where):
    code, message = error(states.create_state_machine, name="malformed", definition=text, roleArn=ROLE)
    assert code == "InvalidDefinition"
    assert message.startswith("Invalid State Machine Definition: ")
    if where:
        assert where in message
    else:
        assert any(word in message for word in ("line", "offset", "column", "at ")), message
    assert error(states.describe_state_machine, stateMachineArn=f"{PREFIX}:stateMachine:malformed")[0] == "StateMachineDoesNotExist"


def test_validation_lists_findings_without_creating(states):
    bad = states.validate_state_machine_definition(definition='{"StartAt": "Q", "States": {"P": {"Type": "Pass", "End": true}}}')
    assert bad["result"] == "FAIL" and bad["diagnostics"][0]["severity"] == "ERROR"
    good = states.validate_state_machine_definition(definition=json.dumps(PASS))
    assert (good["result"], good["diagnostics"]) == ("OK", [])


def test_an_update_is_for_later_executions(states, machine):
    arn = machine(WAIT)
    before = states.start_execution(stateMachineArn=arn)["executionArn"]
    updated = states.update_state_machine(stateMachineArn=arn, definition=json.dumps(PASS))
    assert updated["revisionId"]
    described = states.describe_state_machine(stateMachineArn=arn)
    assert json.loads(described["definition"]) == PASS and described["revisionId"] == updated["revisionId"]
    assert json.loads(states.describe_state_machine_for_execution(executionArn=before)["definition"]) == WAIT
    after = states.start_execution(stateMachineArn=arn)["executionArn"]
    assert ended(states, after)["status"] == "SUCCEEDED"
    assert states.describe_execution(executionArn=before)["status"] == "RUNNING"
    states.stop_execution(executionArn=before)


def test_an_update_must_change_something_and_be_valid(states, machine):
    arn = machine(PASS)
    assert error(states.update_state_machine, stateMachineArn=arn)[0] == "MissingRequiredParameter"
    assert error(states.update_state_machine, stateMachineArn=arn, definition="{")[0] == "InvalidDefinition"
    missing = f"{PREFIX}:stateMachine:missing"
    assert error(states.update_state_machine, stateMachineArn=missing, roleArn=ROLE)[0] == "StateMachineDoesNotExist"
    assert json.loads(states.describe_state_machine(stateMachineArn=arn)["definition"]) == PASS


def test_a_deleted_machine_is_gone_and_its_name_can_be_taken_again(states, machine):
    arn = machine(PASS, name="phoenix")
    old = states.start_execution(stateMachineArn=arn, name="same")["executionArn"]
    ended(states, old)
    states.delete_state_machine(stateMachineArn=arn)
    states.delete_state_machine(stateMachineArn=arn)
    assert error(states.describe_state_machine, stateMachineArn=arn)[0] == "StateMachineDoesNotExist"
    assert error(states.start_execution, stateMachineArn=arn)[0] == "StateMachineDoesNotExist"
    assert machine(WAIT, name="phoenix") == arn
    assert states.list_executions(stateMachineArn=arn)["executions"] == []
    assert states.list_tags_for_resource(resourceArn=arn)["tags"] == []


def test_machines_are_listed_page_by_page(states, machine):
    made = {machine() for _ in range(7)}
    listed = [one["stateMachineArn"] for page in states.get_paginator("list_state_machines").paginate(
        PaginationConfig={"PageSize": 3}) for one in page["stateMachines"]]
    assert made <= set(listed)
    assert len(listed) == len(set(listed))
    assert error(states.list_state_machines, nextToken="nonsense")[0] == "InvalidToken"


def test_an_arn_of_another_kind_is_invalid(states):
    for arn in ["nonsense", "arn:aws:sns:us-east-1:000000000000:topic", f"{PREFIX}:activity:a"]:
        assert error(states.describe_state_machine, stateMachineArn=arn)[0] == "InvalidArn"
        assert error(states.describe_execution, executionArn=arn)[0] == "InvalidArn"
    other = "arn:aws:states:us-east-1:111111111111:stateMachine:m"
    assert error(states.describe_state_machine, stateMachineArn=other)[0] in ("StateMachineDoesNotExist", "AccessDeniedException")


# Tags


def test_tags_are_set_replaced_and_removed(states, machine):
    arn = machine()
    states.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
    states.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "3"}])
    states.untag_resource(resourceArn=arn, tagKeys=["b", "nothing"])
    assert states.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "a", "value": "3"}]


def test_tags_have_limits(states, machine):
    arn = machine()
    many = [{"key": f"k{number}", "value": ""} for number in range(51)]
    assert error(states.tag_resource, resourceArn=arn, tags=many)[0] in ("TooManyTags", "ValidationException")
    assert error(states.tag_resource, resourceArn=arn, tags=[{"key": "k" * 129, "value": ""}])[0] == "ValidationException"
    assert error(states.list_tags_for_resource, resourceArn=f"{PREFIX}:stateMachine:missing")[0] == "ResourceNotFound"


# Starting


def test_an_execution_is_described_as_it_ran(states, machine):
    arn = machine()
    started = states.start_execution(stateMachineArn=arn, name="one", input='{"a": [1, 2.50, "x"]}')
    assert started["executionArn"] == arn.replace("stateMachine", "execution") + ":one"
    answer = ended(states, started["executionArn"])
    assert (answer["status"], answer["name"], answer["stateMachineArn"]) == ("SUCCEEDED", "one", arn)
    assert answer["input"] == '{"a": [1, 2.50, "x"]}'
    assert json.loads(answer["output"]) == {"a": [1, 2.5, "x"]}
    assert answer["startDate"] == started["startDate"] <= answer["stopDate"]
    assert answer["inputDetails"] == answer["outputDetails"] == {"included": True}
    assert answer["redriveCount"] == 0


def test_without_a_name_and_an_input_both_are_made(states, machine):
    started = states.start_execution(stateMachineArn=machine())
    answer = ended(states, started["executionArn"])
    assert answer["input"] == "{}" and str(uuid.UUID(answer["name"])) == answer["name"]


@pytest.mark.parametrize("text", [
    '"text"', "12345678901234567890.5", "null", "[]", '{"k": "\\u0000 \\ud83d\\ude00 \u00e9 e\u0301"}', '"\\ud800"', "1e300",
    "[" * 60 + "]" * 60,
])
def test_any_json_text_passes_through_unchanged(states, machine, text):
    started = states.start_execution(stateMachineArn=machine(), input=text)
    answer = ended(states, started["executionArn"])
    assert (answer["status"], answer["input"], answer["output"]) == ("SUCCEEDED", text, text)


@pytest.mark.parametrize("text", ["", "{", "nonsense", "{'a': 1}", '{"a": 1} x', "[1,]", "NaN"])
def test_an_input_that_is_no_json_is_refused(states, machine, text):
    code, message = error(states.start_execution, stateMachineArn=machine(), input=text)
    assert code == "InvalidExecutionInput" and message.startswith("Invalid State Machine Execution Input: ")


def test_an_input_may_have_262144_bytes(states, machine):
    arn = machine({"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 1, "End": True}}})
    largest = json.dumps("x" * (262_144 - 2))
    assert ended(states, states.start_execution(stateMachineArn=arn, input=largest)["executionArn"])["status"] == "SUCCEEDED"
    code, message = error(states.start_execution, stateMachineArn=arn, input=json.dumps("x" * (262_144 - 1)))
    assert code == "ValidationException" and "'input'" in message


def test_a_state_that_makes_too_much_data_fails(run):
    answer = run({"StartAt": "P", "States": {"P": {
        "Type": "Pass", "Parameters": {"a.$": "$", "b.$": "$"}, "End": True}}}, "x" * 200_000)
    assert (answer["status"], answer["error"]) == ("FAILED", "States.DataLimitExceeded")


def test_a_name_is_idempotent_while_it_runs_and_taken_afterwards(states, machine):
    arn = machine(WAIT)
    first = states.start_execution(stateMachineArn=arn, name="same", input="[1]")
    again = states.start_execution(stateMachineArn=arn, name="same", input="[1]")
    assert (again["executionArn"], again["startDate"]) == (first["executionArn"], first["startDate"])
    code, message = error(states.start_execution, stateMachineArn=arn, name="same", input="[2]")
    assert code == "ExecutionAlreadyExists" and first["executionArn"] in message
    states.stop_execution(executionArn=first["executionArn"])
    for text in ("[1]", "[2]"):
        assert error(states.start_execution, stateMachineArn=arn, name="same", input=text)[0] == "ExecutionAlreadyExists"


@pytest.mark.parametrize("name", ["", "x" * 81, "a b", "a/b", "a:b"])
def test_an_impossible_execution_name_is_refused(states, machine, name):
    assert error(states.start_execution, stateMachineArn=machine(), name=name)[0] == "InvalidName"


def test_unknown_machines_and_executions(states):
    missing = f"{PREFIX}:stateMachine:missing"
    code, message = error(states.start_execution, stateMachineArn=missing)
    assert (code, message) == ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{missing}'")
    assert error(states.list_executions, stateMachineArn=missing)[0] == "StateMachineDoesNotExist"
    gone = f"{PREFIX}:execution:missing:one"
    for call in (states.describe_execution, states.stop_execution, states.get_execution_history,
                 states.describe_state_machine_for_execution):
        assert error(call, executionArn=gone) == ("ExecutionDoesNotExist", f"Execution Does Not Exist: '{gone}'")


def test_members_of_the_wrong_type_and_missing_ones(states, server):
    assert error(states.start_execution)[0] == "ValidationException"
    for body in ['{"stateMachineArn": 5}', '{"stateMachineArn": "a", "name": []}', "[]"]:
        answer = server.json("AWSStepFunctions.StartExecution", body)
        assert (answer.status, answer.code) == (400, "SerializationException")
    answer = server.json("AWSStepFunctions.StartExecutions", "{}")
    assert (answer.status, answer.code) == (400, "UnknownOperationException")


# Stopping, listing, history


def test_stopping_aborts_with_error_and_cause(states, machine):
    arn = states.start_execution(stateMachineArn=machine(WAIT))["executionArn"]
    stopped = states.stop_execution(executionArn=arn, error="Operator", cause="not tonight")
    answer = states.describe_execution(executionArn=arn)
    assert (answer["status"], answer["error"], answer["cause"]) == ("ABORTED", "Operator", "not tonight")
    assert answer["stopDate"] == stopped["stopDate"] and "output" not in answer
    assert states.stop_execution(executionArn=arn)["stopDate"] == stopped["stopDate"]
    last = events(states, arn)[-1]
    assert last["type"] == "ExecutionAborted"
    assert last["executionAbortedEventDetails"] == {"error": "Operator", "cause": "not tonight"}


def test_executions_are_listed_newest_first_page_by_page_and_by_status(states, machine):
    arn = machine({"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$", "StringEquals": "fail", "Next": "F"},
                                            {"Variable": "$", "StringEquals": "wait", "Next": "W"}], "Default": "S"},
        "F": {"Type": "Fail", "Error": "E"}, "W": {"Type": "Wait", "Seconds": 300, "End": True}, "S": {"Type": "Succeed"}}})
    names = [f"{kind}-{number}" for number in range(4) for kind in ("fail", "wait", "done")]
    for name in names:
        states.start_execution(stateMachineArn=arn, name=name, input=json.dumps(name.split("-")[0]))

    def listed(**arguments):
        pages = states.get_paginator("list_executions").paginate(stateMachineArn=arn, PaginationConfig={"PageSize": 5}, **arguments)
        return [one["name"] for page in pages for one in page["executions"]]

    assert listed() == names[::-1]
    assert listed(statusFilter="RUNNING") == [name for name in names[::-1] if "wait" in name]
    assert listed(statusFilter="FAILED") == [name for name in names[::-1] if "fail" in name]
    assert listed(statusFilter="SUCCEEDED") == [name for name in names[::-1] if "done" in name]
    assert listed(statusFilter="TIMED_OUT") == []
    assert error(states.list_executions, stateMachineArn=arn, nextToken="nonsense")[0] == "InvalidToken"
    for name in names:
        states.stop_execution(executionArn=arn.replace("stateMachine", "execution") + ":" + name)
    assert listed(statusFilter="RUNNING") == []


def test_a_history_is_the_same_forwards_backwards_and_in_pages(states, machine):
    chain = {f"S{number}": {"Type": "Pass", "Next": f"S{number + 1}"} for number in range(150)}
    chain["S150"] = {"Type": "Wait", "Seconds": 0, "End": True}
    arn = states.start_execution(stateMachineArn=machine({"StartAt": "S0", "States": chain}), input='{"a": 1}')["executionArn"]
    ended(states, arn)
    paginator = states.get_paginator("get_execution_history")

    def read(size, **arguments):
        return [event for page in paginator.paginate(executionArn=arn, PaginationConfig={"PageSize": size}, **arguments)
                for event in page["events"]]

    forwards = read(1000)
    assert [event["id"] for event in forwards] == list(range(1, 305))
    assert forwards[0]["executionStartedEventDetails"]["input"] == '{"a": 1}'
    assert forwards[1]["previousEventId"] == 0 and forwards[2]["previousEventId"] == 2
    assert forwards[-1]["executionSucceededEventDetails"]["output"] == '{"a": 1}'
    for size in (1, 7, 100):
        if size > 1:
            assert read(size) == forwards
        assert read(max(size, 50), reverseOrder=True) == forwards[::-1]
    assert len(events(states, arn)) == 100
    bare = events(states, arn, includeExecutionData=False)
    assert "input" not in bare[0]["executionStartedEventDetails"] and bare[1]["stateEnteredEventDetails"]["name"] == "S0"
    assert error(states.get_execution_history, executionArn=arn, nextToken="nonsense")[0] == "InvalidToken"


# What machines do


def test_data_flows_through_paths_and_parameters(run):
    answer = run({"StartAt": "P", "States": {
        "P": {"Type": "Pass", "InputPath": "$.in", "Parameters": {"sum.$": "States.MathAdd($.a, $.b)", "name.$": "$$.State.Name", "fixed": 1},
              "ResultPath": "$.out", "Next": "Q"},
        "Q": {"Type": "Pass", "OutputPath": "$.out", "End": True}}}, {"in": {"a": 1, "b": 2}, "keep": True})
    assert json.loads(answer["output"]) == {"sum": 3, "name": "P", "fixed": 1}


def test_branches_run_and_join_in_order(run):
    def branch(name, seconds):
        return {"StartAt": name, "States": {name: {"Type": "Wait", "Seconds": seconds, "Next": name + "2"},
                                            name + "2": {"Type": "Pass", "Result": name, "End": True}}}

    answer = run({"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [branch("slow", 1), branch("quick", 0)], "End": True}}})
    assert json.loads(answer["output"]) == ["slow", "quick"]


def test_an_error_of_a_branch_is_caught(run):
    answer = run({"StartAt": "P", "States": {
        "P": {"Type": "Parallel", "Branches": [{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Mine", "Cause": "why"}}},
                                               {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 300, "End": True}}}],
              "Catch": [{"ErrorEquals": ["Mine"], "ResultPath": "$.error", "Next": "C"}], "End": True},
        "C": {"Type": "Succeed"}}}, {"a": 1})
    assert json.loads(answer["output"]) == {"a": 1, "error": {"Error": "Mine", "Cause": "why"}}


def test_a_failure_has_error_and_cause(run, states):
    answer = run({"StartAt": "F", "States": {"F": {"Type": "Fail", "ErrorPath": "$.e", "CausePath": "$.c"}}}, {"e": "E.1", "c": "because"})
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "E.1", "because")
    assert events(states, answer["executionArn"])[-1]["executionFailedEventDetails"] == {"error": "E.1", "cause": "because"}


def test_a_choice_without_a_match_fails_at_run_time(run):
    answer = run({"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [{"Variable": "$.a", "NumericEquals": 1, "Next": "S"}]},
                                             "S": {"Type": "Succeed"}}}, {"a": 2})
    assert (answer["status"], answer["error"]) == ("FAILED", "States.NoChoiceMatched") or answer["error"] == "States.Runtime"


def test_waits_take_their_time(run):
    answer = run({"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$.s", "End": True}}}, {"s": 1})
    assert 1 <= (answer["stopDate"] - answer["startDate"]).total_seconds() < 5


def test_a_machines_time_limit_times_out(run):
    answer = run({"StartAt": "W", "TimeoutSeconds": 1, "States": {"W": {"Type": "Wait", "Seconds": 300, "End": True}}})
    assert answer["status"] == "TIMED_OUT"


def test_a_long_loop_ends(run):
    answer = run({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "C"},
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 3000, "Next": "S"}], "Default": "A"},
        "S": {"Type": "Succeed"}}}, {"n": 0})
    assert json.loads(answer["output"]) == {"n": 3000}


def test_a_history_has_25000_events_at_most(run, states):
    answer = run({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "C"},
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.end", "IsPresent": True, "Next": "S"}], "Default": "A"},
        "S": {"Type": "Succeed"}}})
    assert answer["status"] == "FAILED"
    last = states.get_execution_history(executionArn=answer["executionArn"], reverseOrder=True, maxResults=1)["events"][0]
    assert (last["id"], last["type"]) == (25_000, "ExecutionFailed")


@pytest.mark.parametrize("call", ["send_task_success", "send_task_failure", "send_task_heartbeat"])
def test_a_task_token_that_is_none_is_invalid(states, call):
    arguments = {"output": "{}"} if call == "send_task_success" else {}
    assert error(getattr(states, call), taskToken="nonsense", **arguments)[0] == "InvalidToken"


# The command line


def test_the_command_line_runs_an_execution(server):
    def aws(*arguments):
        done = server.aws("stepfunctions", *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else None

    name = f"cli-{uuid.uuid4()}"
    arn = aws("create-state-machine", "--name", name, "--definition", json.dumps(PASS), "--role-arn", ROLE)["stateMachineArn"]
    execution = aws("start-execution", "--state-machine-arn", arn, "--input", '{"a": 1}')["executionArn"]
    assert aws("describe-execution", "--execution-arn", execution)["status"] == "SUCCEEDED"
    assert [event["type"] for event in aws("get-execution-history", "--execution-arn", execution)["events"]] == [
        "ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]
    assert len(aws("list-executions", "--state-machine-arn", arn)["executions"]) == 1
    aws("delete-state-machine", "--state-machine-arn", arn)


@pytest.mark.parametrize("arguments, code, operation", [
    (["start-execution", "--state-machine-arn", f"{PREFIX}:stateMachine:missing"], "StateMachineDoesNotExist", "StartExecution"),
    (["start-execution", "--state-machine-arn", "nonsense"], "InvalidArn", "StartExecution"),
    (["describe-execution", "--execution-arn", f"{PREFIX}:execution:missing:one"], "ExecutionDoesNotExist", "DescribeExecution"),
    (["create-state-machine", "--name", "x" * 81, "--definition", json.dumps(PASS), "--role-arn", ROLE], "InvalidName", "CreateStateMachine"),
    (["create-state-machine", "--name", "bad", "--definition", '{"StartAt": 1}', "--role-arn", ROLE], "InvalidDefinition", "CreateStateMachine"),
])
def test_the_command_line_shows_the_errors_of_the_service(server, arguments, code, operation):
    done = server.aws("stepfunctions", *arguments)
    assert done.returncode in (254, 255)
    assert f"({code}) when calling the {operation} operation" in done.stderr
