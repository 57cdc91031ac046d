"""Express state machines, as AWS clients start them: in memory, at least once when asynchronous, once at most when not."""
import concurrent.futures
import io
import json
import re
import socket
import time
import zipfile

import botocore.exceptions
import pytest

from polling import until

ROLE = "arn:aws:iam::000000000000:role/states"
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

PASS = {"P": {"Type": "Pass", "End": True}}
FAIL = {"F": {"Type": "Fail", "Error": "Failed To Make Pizza", "Cause": "They asked for Pineapple"}}
# Writes a line to the file that its event names: a mark outside of the server.
MARK = """
import time
def handler(event, context):
    with open(event["file"], "a") as file:
        file.write(event["mark"] + "\\n")
    time.sleep(event.get("seconds", 0))
    return event
"""


def definition(states, **fields):
    return json.dumps({"StartAt": next(iter(states)), "States": states, **fields})


def create(states, name, document, **options):
    return states.create_state_machine(
        **{"name": name, "definition": document, "roleArn": ROLE, "type": "EXPRESS", **options})["stateMachineArn"]


@pytest.fixture
def states(client):
    return client("stepfunctions")


@pytest.fixture
def express(states):
    """Makes an Express machine: `express("name", {"A": {...}}, TimeoutSeconds=3)`."""
    return lambda name, machine, **fields: create(states, name, definition(machine, **fields))


@pytest.fixture
def marks(tmp_path):
    """A file that functions write to, whoever they run as."""
    file = tmp_path / "marks"
    file.touch()
    file.chmod(0o666)
    for folder in [tmp_path, *tmp_path.parents[:3]]:
        if str(folder).startswith("/tmp/"):
            folder.chmod(0o755)
    return file


def make_function(server, name="mark"):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", MARK)
    return server.client("lambda").create_function(
        FunctionName=name, Runtime="python3.12", Role=ROLE, Handler="index.handler", Timeout=30,
        Code={"ZipFile": archive.getvalue()})["FunctionArn"]


# Synchronous


def test_a_synchronous_execution_answers_its_outcome(states, express):
    arn = express("sync", PASS)
    answer = states.start_sync_execution(stateMachineArn=arn, name="order", input='{"n": 1}')
    assert re.fullmatch(f"arn:aws:states:us-east-1:000000000000:express:sync:order:{UUID}", answer["executionArn"])
    assert answer["stateMachineArn"] == arn
    assert answer["name"] == "order"
    assert answer["status"] == "SUCCEEDED"
    assert answer["input"] == answer["output"] == '{"n": 1}'
    assert answer["inputDetails"] == answer["outputDetails"] == {"included": True}
    assert answer["billingDetails"]["billedDurationInMilliseconds"] % 100 == 0
    assert answer["billingDetails"]["billedMemoryUsedInMB"] == 64
    assert answer["startDate"] <= answer["stopDate"]
    assert not {"error", "cause", "traceHeader"} & answer.keys()


def test_names_are_not_unique_and_may_be_left_out(states, express):
    arn = express("sync-names", PASS)
    first, second = (states.start_sync_execution(stateMachineArn=arn, name="same") for _ in range(2))
    assert first["executionArn"] != second["executionArn"]
    unnamed = states.start_sync_execution(stateMachineArn=arn)
    assert re.fullmatch(UUID, unnamed["name"])
    assert unnamed["input"] == "{}"


def test_a_failure_is_an_answer_and_no_error(states, express):
    answer = states.start_sync_execution(stateMachineArn=express("sync-fails", FAIL), traceHeader="Root=1-5e-1")
    assert answer["status"] == "FAILED"
    assert answer["error"] == "Failed To Make Pizza"
    assert answer["cause"] == "They asked for Pineapple"
    assert answer["traceHeader"] == "Root=1-5e-1"
    assert "output" not in answer


def test_the_limit_of_the_machine_is_kept(states, express):
    arn = express("sync-late", {"W": {"Type": "Wait", "Seconds": 60, "End": True}}, TimeoutSeconds=1)
    answer = states.start_sync_execution(stateMachineArn=arn)
    assert answer["status"] == "TIMED_OUT"
    assert 1_000 <= answer["billingDetails"]["billedDurationInMilliseconds"] <= 3_000


def test_waits_branches_and_iterations(states, express):
    def branch(n):
        square = {"StartAt": f"S{n}", "States": {f"S{n}": {"Type": "Pass", "Parameters": {"n.$": "$"}, "End": True}}}
        return {"StartAt": f"W{n}", "States": {f"W{n}": {"Type": "Wait", "Seconds": 1, "Next": f"M{n}"},
                                               f"M{n}": {"Type": "Map", "ItemProcessor": square, "End": True}}}

    arn = express("sync-branches", {"P": {"Type": "Parallel", "Branches": [branch(1), branch(2)], "End": True}})
    answer = states.start_sync_execution(stateMachineArn=arn, input="[1, 2]")
    assert json.loads(answer["output"]) == [[{"n": 1}, {"n": 2}]] * 2
    assert 0.9 <= (answer["stopDate"] - answer["startDate"]).total_seconds() < 3


def test_functions_are_called_and_their_failures_caught(states, server, express, marks):
    function = make_function(server, "sync-mark")
    task = {"Type": "Task", "Resource": function, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}], "End": True}
    arn = express("sync-function", {"T": task, "C": {"Type": "Pass", "Parameters": {"error.$": "$.Error"}, "End": True}})
    event = {"file": str(marks), "mark": "once"}
    answer = states.start_sync_execution(stateMachineArn=arn, input=json.dumps(event))
    assert json.loads(answer["output"]) == event
    assert marks.read_text() == "once\n"
    answer = states.start_sync_execution(stateMachineArn=arn, input="{}")
    assert json.loads(answer["output"]) == {"error": "KeyError"}


def test_a_service_is_called(states, express):
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
            "Parameters": {"StateMachineArn": MACHINE + "called", "Input": {"n": 7}}, "ResultSelector": {"status.$": "$.Status"}, "End": True}
    express("called", PASS)
    answer = states.start_sync_execution(stateMachineArn=express("calling", {"T": task}))
    assert (answer["status"], answer.get("output")) == ("SUCCEEDED", '{"status":"SUCCEEDED"}'), answer


def test_a_standard_machine_has_no_synchronous_executions(states):
    arn = states.create_state_machine(name="standard", definition=definition(PASS), roleArn=ROLE)["stateMachineArn"]
    with pytest.raises(states.exceptions.StateMachineTypeNotSupported) as caught:
        states.start_sync_execution(stateMachineArn=arn)
    assert caught.value.response["Error"]["Message"] == "This operation is not supported by this type of state machine"


@pytest.mark.parametrize("change, code", [
    ({"stateMachineArn": MACHINE + "nobody"}, "StateMachineDoesNotExist"),
    ({"stateMachineArn": "arn:aws:sqs:us-east-1:000000000000:queue"}, "InvalidArn"),
    ({"name": "a b"}, "InvalidName"),
    ({"input": "{"}, "InvalidExecutionInput"),
    ({"input": '"' + "a" * 262_143 + '"'}, "ValidationException"),
])
def test_what_a_synchronous_start_refuses(states, express, change, code):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        states.start_sync_execution(**{"stateMachineArn": express("sync-refuses", PASS), **change})
    assert caught.value.response["Error"]["Code"] == code


def test_the_prefix_before_the_host_is_taken(server, express, monkeypatch):
    arn = express("sync-prefix", PASS)
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **options: resolve(host.removeprefix("sync-"), *rest, **options))
    prefixed = server.client("stepfunctions", inject_host_prefix=True)
    hosts = []
    prefixed.meta.events.register("before-send.sfn.*", lambda request, **_: hosts.append(request.url))
    assert prefixed.start_sync_execution(stateMachineArn=arn)["status"] == "SUCCEEDED"
    assert hosts == [server.url.replace("//", "//sync-") + "/"]


def test_the_command_line_runs_one(server, express):
    arn = express("sync-cli", PASS)
    done = server.aws("stepfunctions", "start-sync-execution", "--state-machine-arn", arn, "--input", '{"n": 1}')
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["output"] == '{"n": 1}'


def test_many_at_once(states, express):
    machine = {f"S{n}": {"Type": "Pass", "Result": n, "ResultPath": f"$.r{n}", "Next": f"S{n + 1}"} for n in range(9)}
    machine["S9"] = {"Type": "Pass", "End": True}
    arn = express("sync-many", machine)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(
            lambda n: states.start_sync_execution(stateMachineArn=arn, input=json.dumps({"n": n})), range(200)))
    assert [json.loads(answer["output"])["n"] for answer in answers] == list(range(200))


# Asynchronous


def test_an_asynchronous_execution_runs(states, server, express, marks):
    arn = express("async", {"T": {"Type": "Task", "Resource": make_function(server, "async-mark"), "End": True}})
    event = json.dumps({"file": str(marks), "mark": "ran"})
    starts = [states.start_execution(stateMachineArn=arn, name="same", input=event) for _ in range(3)]
    for start in starts:
        assert re.fullmatch(f"arn:aws:states:us-east-1:000000000000:express:async:same:{UUID}", start["executionArn"])
    assert len({start["executionArn"] for start in starts}) == 3
    until(lambda: marks.read_text() == "ran\n" * 3)


def test_operations_on_executions_refuse_express_ones(states, express):
    arn = express("async-describe", PASS)
    execution = states.start_execution(stateMachineArn=arn)["executionArn"]
    for call in [states.describe_execution, states.get_execution_history, states.stop_execution,
                 states.describe_state_machine_for_execution]:
        with pytest.raises(states.exceptions.InvalidArn) as caught:
            call(executionArn=execution)
        assert caught.value.response["Error"]["Message"] == "Invalid Arn: 'Resource type not valid in this context: express'"
    with pytest.raises(states.exceptions.StateMachineTypeNotSupported):
        states.list_executions(stateMachineArn=arn)


def test_the_command_line_starts_one(server, express):
    arn = express("async-cli", PASS)
    done = server.aws("stepfunctions", "start-execution", "--state-machine-arn", arn)
    assert done.returncode == 0, done.stderr
    assert ":express:async-cli:" in json.loads(done.stdout)["executionArn"]


def test_a_kill_lets_asynchronous_executions_run_again_and_synchronous_ones_not(start_server, marks):
    server = start_server()
    states = server.client("stepfunctions")
    arn = create(states, "kill", definition({"T": {"Type": "Task", "Resource": make_function(server), "End": True}}))

    def event(mark):
        return json.dumps({"file": str(marks), "mark": mark, "seconds": 3})

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(states.start_sync_execution, stateMachineArn=arn, input=event("sync"))
        states.start_execution(stateMachineArn=arn, input=event("async"))
        until(lambda: sorted(marks.read_text().split()) == ["async", "sync"])
        server.kill()
        with pytest.raises(botocore.exceptions.BotoCoreError):
            waiting.result()
    marks.write_text("")
    server.start()
    until(lambda: "async" in marks.read_text())
    time.sleep(4)
    assert marks.read_text() == "async\n"
    # Its row went with its end.
    server.kill()
    server.start()
    time.sleep(2)
    assert marks.read_text() == "async\n"


def test_a_planned_stop_lets_synchronous_executions_end(start_server, marks):
    server = start_server()
    states = server.client("stepfunctions")
    arn = create(states, "stop", definition({"T": {"Type": "Task", "Resource": make_function(server), "End": True}}))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(
            states.start_sync_execution, stateMachineArn=arn,
            input=json.dumps({"file": str(marks), "mark": "sync", "seconds": 2}))
        until(lambda: marks.read_text() == "sync\n")
        assert server.stop() == 0
        assert waiting.result()["status"] == "SUCCEEDED"


# Machines


@pytest.mark.parametrize("resource, message", [
    ("arn:aws:states:::lambda:invoke.waitForTaskToken",
     "Express state machine does not support '.waitForTaskToken' service integration"),
    ("arn:aws:states:::states:startExecution.sync:2", "Express state machine does not support '.sync:2' service integration"),
    ("arn:aws:states:us-east-1:000000000000:activity:a", "Express state machine does not support Activity ARN"),
])
def test_what_waits_for_others_is_refused(states, resource, message):
    task = {"T": {"Type": "Task", "Resource": resource, "Parameters": {"FunctionName": "f"}, "End": True}}
    with pytest.raises(states.exceptions.InvalidDefinition) as caught:
        create(states, "refused", definition(task))
    assert message in caught.value.response["Error"]["Message"]


def test_an_express_machine_is_described_and_listed_as_such(states, express):
    arn = express("described-express", PASS)
    assert states.describe_state_machine(stateMachineArn=arn)["type"] == "EXPRESS"
    listed = {machine["stateMachineArn"]: machine["type"] for machine in states.list_state_machines()["stateMachines"]}
    assert listed[arn] == "EXPRESS"


def test_the_type_is_part_of_a_machine(states, express):
    express("typed", PASS)
    assert express("typed", PASS) == MACHINE + "typed"
    with pytest.raises(states.exceptions.StateMachineAlreadyExists):
        create(states, "typed", definition(PASS), type="STANDARD")


def test_logging_is_configured(states, client):
    # AWS refuses a destination that is not there.
    client("logs").create_log_group(logGroupName="/states/express")
    group = "arn:aws:logs:us-east-1:000000000000:log-group:/states/express:*"
    logging = {"level": "ALL", "includeExecutionData": True, "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]}
    arn = create(states, "logging", definition(PASS), loggingConfiguration=logging)
    assert states.describe_state_machine(stateMachineArn=arn)["loggingConfiguration"] == logging


def test_an_update_takes_effect_on_the_next_execution(states, express):
    arn = express("updated", PASS)
    states.update_state_machine(stateMachineArn=arn, definition=definition(FAIL))
    assert states.start_sync_execution(stateMachineArn=arn)["status"] == "FAILED"
