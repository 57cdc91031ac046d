"""Executions that log to log groups, as AWS clients see them."""
import json

import botocore.exceptions
import pytest

from polling import ended, until

ROLE = "arn:aws:iam::000000000000:role/states"
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"a": 1}, "End": True}}}
FAIL = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "SomeFailure", "Cause": "because"}}}
VALIDATION = "log_stream_created_by_aws_to_validate_log_delivery_subscriptions"


@pytest.fixture
def states(client):
    return client("stepfunctions")


@pytest.fixture
def logs(client):
    return client("logs")


@pytest.fixture
def group(logs, request):
    name = "/aws/vendedlogs/states/" + "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    logs.create_log_group(logGroupName=name)
    return name


def configuration(group, level="ALL", data=False, account="000000000000"):
    arn = f"arn:aws:logs:us-east-1:{account}:log-group:{group}:*"
    return {"level": level, "includeExecutionData": data, "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}]}


def create(states, group, definition, type="STANDARD", prefix="", **options):
    return states.create_state_machine(
        name=prefix + group.rpartition("/")[2][-70:], definition=json.dumps(definition), roleArn=ROLE, type=type,
        loggingConfiguration=configuration(group, **options))["stateMachineArn"]


def run(states, machine, input="{}"):
    execution = states.start_execution(stateMachineArn=machine, input=input)["executionArn"]
    ended(states, execution)
    return execution


def entries(logs, group, count, seconds=10):
    """The entries of all streams of executions, once there are so many."""
    def found():
        return logs.filter_log_events(logGroupName=group, logStreamNamePrefix="states/")["events"]

    until(lambda: len(found()) >= count, seconds, f"{count} entries")
    events = found()
    assert len(events) == count
    return [json.loads(event["message"]) for event in events]


def code(error):
    return error.value.response["Error"]["Code"]


def test_all_events_without_data(states, logs, group):
    machine = create(states, group, PASS)
    execution = run(states, machine, '{"secret": 1}')
    found = entries(logs, group, 4)
    assert [(entry["id"], entry["type"], entry["previous_event_id"]) for entry in found] == [
        ("1", "ExecutionStarted", "0"), ("2", "PassStateEntered", "0"), ("3", "PassStateExited", "2"),
        ("4", "ExecutionSucceeded", "3")]
    assert [entry["details"] for entry in found] == [{"roleArn": ROLE}, {"name": "P"}, {"name": "P"}, {}]
    assert {(entry["execution_arn"], entry["redrive_count"]) for entry in found} == {(execution, "0")}
    history = states.get_execution_history(executionArn=execution)["events"]
    for entry, event in zip(found, history):
        assert abs(int(entry["event_timestamp"]) / 1000 - event["timestamp"].timestamp()) < 0.002
    streams = [stream["logStreamName"] for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]]
    assert streams[0] == VALIDATION and streams[1].startswith("states/" + machine.rpartition(":")[2] + "/") and len(streams) == 2


def test_all_events_with_data(states, logs, group):
    run(states, create(states, group, PASS, data=True), '{"in": 1}')
    details = [entry["details"] for entry in entries(logs, group, 4)]
    assert json.loads(details[0]["input"]) == {"in": 1} and details[0]["inputDetails"] == {"truncated": False}
    assert json.loads(details[3]["output"]) == {"a": 1}


@pytest.mark.parametrize("level, expected", [
    ("ALL", ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]), ("ERROR", ["FailStateEntered", "ExecutionFailed"]),
    ("FATAL", ["ExecutionFailed"])])
def test_levels(states, logs, group, level, expected):
    run(states, create(states, group, FAIL, level=level))
    found = entries(logs, group, len(expected))
    assert [entry["type"] for entry in found] == expected
    assert found[-1]["details"] == {"error": "SomeFailure", "cause": "because"}


def test_off_logs_nothing(states, logs, group):
    machine = create(states, group, PASS, level="OFF")
    run(states, machine)
    # What is written later is there: what was to be written before would be, too.
    run(states, create(states, group, FAIL, prefix="later-", level="FATAL"))
    assert [entry["type"] for entry in entries(logs, group, 1)] == ["ExecutionFailed"]
    assert states.describe_state_machine(stateMachineArn=machine)["loggingConfiguration"]["level"] == "OFF"


@pytest.mark.parametrize("is_sync", [True, False])
def test_express_executions_log(states, logs, group, is_sync):
    machine = create(states, group, PASS, type="EXPRESS", data=True)
    start = states.start_sync_execution if is_sync else states.start_execution
    execution = start(stateMachineArn=machine, input='{"x": 1}')["executionArn"]
    found = entries(logs, group, 4)
    assert [entry["type"] for entry in found] == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]
    assert {entry["execution_arn"] for entry in found} == {execution}
    assert json.loads(found[3]["details"]["output"]) == {"a": 1}


def test_executions_of_a_machine_share_a_stream(states, logs, group):
    machine = create(states, group, PASS)
    for _ in range(3):
        run(states, machine)
    found = entries(logs, group, 12)
    assert [entry["id"] for entry in found] == ["1", "2", "3", "4"] * 3
    assert len(logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="states/")["logStreams"]) == 1


def test_an_update_takes_effect_for_later_executions(states, logs, group):
    machine = create(states, group, PASS)
    run(states, machine)
    entries(logs, group, 4)
    states.update_state_machine(stateMachineArn=machine, loggingConfiguration=configuration(group, level="FATAL"))
    run(states, machine)
    run(states, create(states, group, FAIL, prefix="later-", level="FATAL"))
    assert [entry["type"] for entry in entries(logs, group, 5)][4] == "ExecutionFailed"


def test_a_deleted_group_disturbs_nobody(states, logs, group):
    machine = create(states, group, PASS)
    logs.delete_log_group(logGroupName=group)
    execution = run(states, machine)
    assert states.describe_execution(executionArn=execution)["status"] == "SUCCEEDED"


def test_large_data_is_truncated(states, logs, group):
    run(states, create(states, group, PASS, data=True), json.dumps({"x": '"' * 100_000}))
    found = entries(logs, group, 4)
    assert found[0]["details"]["inputDetails"] == {"truncated": True}
    assert 200_000 < len(json.dumps(found[0]["details"]["input"])) <= 248 * 1024
    assert found[3]["details"]["outputDetails"] == {"truncated": False}


@pytest.mark.parametrize("change, expected", [
    (lambda logging: logging["destinations"].clear(), "Must specify exactly one Log Destination."),
    (lambda logging: logging["destinations"].append(logging["destinations"][0]), "Must specify exactly one Log Destination."),
    (lambda logging: logging.update(configuration("/no/such/group")), "Log Destination not found."),
    (lambda logging: logging.update(configuration("/other", account="111111111111")), "Invalid Log Destination: "),
])
def test_configurations_are_checked(states, group, change, expected):
    logging = configuration(group)
    change(logging)
    for call in [
        lambda: states.create_state_machine(
            name="never", definition=json.dumps(PASS), roleArn=ROLE, loggingConfiguration=logging),
        lambda: states.update_state_machine(
            stateMachineArn=create(states, group, PASS), loggingConfiguration=logging),
    ]:
        with pytest.raises(botocore.exceptions.ClientError) as error:
            call()
        assert code(error) == "InvalidLoggingConfiguration"
        assert error.value.response["Error"]["Message"].startswith("Invalid Logging Configuration: " + expected)


def test_tracing_is_accepted_and_returned(states):
    machine = states.create_state_machine(
        name="traced", definition=json.dumps(PASS), roleArn=ROLE, tracingConfiguration={"enabled": True})["stateMachineArn"]
    assert states.describe_state_machine(stateMachineArn=machine)["tracingConfiguration"] == {"enabled": True}
