"""Activities, as AWS clients' workers drive them: long polls, reports, time limits, and a server that dies in between."""
import concurrent.futures
import json
import threading
import time

import botocore.exceptions
import pytest

from polling import ended

ROLE = "arn:aws:iam::000000000000:role/states"
ACTIVITY = "arn:aws:states:us-east-1:000000000000:activity:"


@pytest.fixture
def states(client):
    return client("stepfunctions")


def code(error):
    return error.value.response["Error"]["Code"]


def message(error):
    return error.value.response["Error"]["Message"]


def make(states, name, **fields):
    """Makes an activity and a machine of one task for it."""
    activity = states.create_activity(name=name)["activityArn"]
    definition = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "End": True, **fields}}}
    machine = states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]
    return activity, machine


def start(states, machine, count=1):
    return [
        states.start_execution(stateMachineArn=machine, input=json.dumps({"n": number}))["executionArn"] for number in range(count)]


def status(states, execution):
    return states.describe_execution(executionArn=execution)["status"]


def types(states, execution):
    return [event["type"] for event in states.get_execution_history(executionArn=execution)["events"]]


def test_an_activity_is_made_described_listed_and_deleted(states):
    made = states.create_activity(name="crud", tags=[{"key": "team", "value": "night"}])
    assert made["activityArn"] == ACTIVITY + "crud"
    again = states.create_activity(name="crud", tags=[{"key": "team", "value": "day"}])
    assert (again["activityArn"], again["creationDate"]) == (made["activityArn"], made["creationDate"])
    described = states.describe_activity(activityArn=made["activityArn"])
    assert described["name"] == "crud" and described["encryptionConfiguration"] == {"type": "AWS_OWNED_KEY"}
    assert states.list_tags_for_resource(resourceArn=made["activityArn"])["tags"] == [{"key": "team", "value": "night"}]
    states.tag_resource(resourceArn=made["activityArn"], tags=[{"key": "stage", "value": "test"}])
    states.untag_resource(resourceArn=made["activityArn"], tagKeys=["team"])
    assert states.list_tags_for_resource(resourceArn=made["activityArn"])["tags"] == [{"key": "stage", "value": "test"}]
    states.delete_activity(activityArn=made["activityArn"])
    states.delete_activity(activityArn=made["activityArn"])
    for call in [lambda: states.describe_activity(activityArn=made["activityArn"]),
                 lambda: states.get_activity_task(activityArn=made["activityArn"])]:
        with pytest.raises(botocore.exceptions.ClientError) as error:
            call()
        assert code(error) == "ActivityDoesNotExist"
        assert message(error) == f"Activity Does Not Exist: '{made['activityArn']}'"
    with pytest.raises(botocore.exceptions.ClientError) as error:
        states.list_tags_for_resource(resourceArn=made["activityArn"])
    assert code(error) == "ResourceNotFound"


def test_activities_are_listed_in_pages(states):
    names = [f"page-{number}" for number in range(5)]
    for name in names:
        states.create_activity(name=name)
    pages = list(states.get_paginator("list_activities").paginate(PaginationConfig={"PageSize": 2}))
    listed = [item["name"] for page in pages for item in page["activities"] if item["name"].startswith("page-")]
    assert listed == names and len(pages) >= 3


@pytest.mark.parametrize("encryption", [{"type": "CUSTOMER_MANAGED_KMS_KEY"}, {"type": "AWS_OWNED_KEY", "kmsKeyId": "k"}])
def test_encryption_settings_are_checked(states, encryption):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        states.create_activity(name="encrypted", encryptionConfiguration=encryption)
    assert code(error) == "InvalidEncryptionConfiguration"


def test_encryption_settings_are_returned_and_part_of_the_request(states):
    settings = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/k", "kmsDataKeyReusePeriodSeconds": 60}
    arn = states.create_activity(name="own-key", encryptionConfiguration=settings)["activityArn"]
    assert states.describe_activity(activityArn=arn)["encryptionConfiguration"] == settings
    with pytest.raises(botocore.exceptions.ClientError) as error:
        states.create_activity(name="own-key")
    assert code(error) == "ActivityAlreadyExists"


@pytest.mark.parametrize("arn, expected", [
    ("nonsense", "Invalid Arn: 'Invalid ARN prefix: nonsense'"),
    ("arn:aws:states:us-east-1:000000000000:stateMachine:m",
     "Invalid Arn: 'Resource type not valid in this context: stateMachine'"),
])
def test_arns_are_checked(states, arn, expected):
    for call in [states.describe_activity, states.delete_activity, states.get_activity_task]:
        with pytest.raises(botocore.exceptions.ClientError) as error:
            call(activityArn=arn)
        assert (code(error), message(error)) == ("InvalidArn", expected)


def test_a_worker_waits_for_its_task_and_reports(states):
    activity, machine = make(states, "waits")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        poll = pool.submit(states.get_activity_task, activityArn=activity, workerName="w-1")
        time.sleep(0.3)
        execution = start(states, machine)[0]
        task = poll.result(timeout=10)
    assert json.loads(task["input"]) == {"n": 0}
    states.send_task_heartbeat(taskToken=task["taskToken"])
    states.send_task_success(taskToken=task["taskToken"], output='{"done": true}')
    assert json.loads(ended(states, execution)["output"]) == {"done": True}
    events = states.get_execution_history(executionArn=execution)["events"]
    assert [event["type"] for event in events[2:5]] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]
    assert events[2]["activityScheduledEventDetails"]["resource"] == activity
    assert events[3]["activityStartedEventDetails"] == {"workerName": "w-1"}
    with pytest.raises(botocore.exceptions.ClientError) as error:
        states.send_task_success(taskToken=task["taskToken"], output="{}")
    assert code(error) == "TaskTimedOut"


def test_a_failure_is_caught_by_the_definition(states):
    activity, machine = make(states, "fails", Retry=[{"ErrorEquals": ["Again"], "IntervalSeconds": 1, "MaxAttempts": 1}])
    execution = start(states, machine)[0]
    for error in ["Again", "Enough"]:
        task = states.get_activity_task(activityArn=activity)
        states.send_task_failure(taskToken=task["taskToken"], error=error, cause="because")
    described = ended(states, execution)
    assert (described["status"], described["error"], described["cause"]) == ("FAILED", "Enough", "because")


def test_an_activity_that_does_not_exist_fails_the_execution(states):
    activity, machine = make(states, "gone")
    states.delete_activity(activityArn=activity)
    execution = start(states, machine)[0]
    assert ended(states, execution)["error"] == "States.Runtime"
    assert types(states, execution)[2:4] == ["ActivityScheduled", "ActivityScheduleFailed"]


def test_limits_of_time(states):
    activity, machine = make(states, "late", TimeoutSeconds=2)
    unstarted = start(states, machine)[0]
    assert ended(states, unstarted)["error"] == "States.Timeout"
    assert types(states, unstarted)[2:4] == ["ActivityScheduled", "ActivityTimedOut"]
    started = start(states, machine)[0]
    token = states.get_activity_task(activityArn=activity)["taskToken"]
    assert ended(states, started)["error"] == "States.Timeout"
    with pytest.raises(botocore.exceptions.ClientError) as error:
        states.send_task_heartbeat(taskToken=token)
    assert code(error) == "TaskTimedOut"


def test_a_missing_heartbeat_ends_the_task(states):
    activity, machine = make(states, "quiet", TimeoutSeconds=30, HeartbeatSeconds=2)
    execution = start(states, machine)[0]
    token = states.get_activity_task(activityArn=activity)["taskToken"]
    for _ in range(3):
        time.sleep(1)
        states.send_task_heartbeat(taskToken=token)
    assert status(states, execution) == "RUNNING"
    assert ended(states, execution)["error"] == "States.Timeout"


def test_a_worker_that_goes_leaves_the_tasks_to_others(server, states):
    activity, machine = make(states, "left")
    gone = server.client("stepfunctions", read_timeout=1)
    with pytest.raises(botocore.exceptions.ReadTimeoutError):
        gone.get_activity_task(activityArn=activity, workerName="gone")
    time.sleep(0.2)
    execution = start(states, machine)[0]
    task = states.get_activity_task(activityArn=activity, workerName="here")
    states.send_task_success(taskToken=task["taskToken"], output="1")
    ended(states, execution)
    events = states.get_execution_history(executionArn=execution)["events"]
    assert events[3]["activityStartedEventDetails"] == {"workerName": "here"}


def test_many_workers_do_each_task_once(server, states):
    activity, machine = make(states, "many")
    executions = start(states, machine, 60)
    seen, lock = [], threading.Lock()

    def work(number):
        worker = server.client("stepfunctions")
        while True:
            with lock:
                if len(seen) >= len(executions):
                    return
            task = worker.get_activity_task(activityArn=activity, workerName=f"w{number}")
            if "taskToken" not in task:
                return
            with lock:
                seen.append(task["input"])
                last = len(seen) == len(executions)
            worker.send_task_success(taskToken=task["taskToken"], output=task["input"])
            if last:
                # The others wait for a task that will not come.
                states.delete_activity(activityArn=activity)
                return

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(work, number) for number in range(4)]:
            try:
                future.result(timeout=60)
            except botocore.exceptions.ClientError as error:
                assert error.response["Error"]["Code"] == "ActivityDoesNotExist"
    assert len(seen) == len(set(seen)) == len(executions)
    assert {ended(states, execution)["status"] for execution in executions} == {"SUCCEEDED"}


def test_a_planned_stop_answers_who_waits(start_server):
    server = start_server()
    states = server.client("stepfunctions")
    activity, _ = make(states, "stop")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        poll = pool.submit(states.get_activity_task, activityArn=activity)
        time.sleep(0.5)
        begun = time.monotonic()
        assert server.stop() == 0
        assert "taskToken" not in poll.result(timeout=10)
        assert time.monotonic() - begun < 10


def test_a_crash_loses_no_task_and_hands_none_out_twice(start_server):
    server = start_server()
    states = server.client("stepfunctions")
    activity, machine = make(states, "crash", TimeoutSeconds=600)
    executions = start(states, machine, 20)
    first = [states.get_activity_task(activityArn=activity, workerName="before") for _ in range(8)]
    server.kill()
    server.start()
    states = server.client("stepfunctions")
    second = [states.get_activity_task(activityArn=activity, workerName="after") for _ in range(12)]
    tokens = [task["taskToken"] for task in first + second]
    assert len(set(tokens)) == 20
    assert sorted(json.loads(task["input"])["n"] for task in first + second) == list(range(20))
    for token in tokens:
        states.send_task_success(taskToken=token, output="{}")
    assert {ended(states, execution)["status"] for execution in executions} == {"SUCCEEDED"}


def test_kills_at_any_time_lose_no_task(start_server):
    server = start_server()
    states = server.client("stepfunctions")
    activity, machine = make(states, "kills", TimeoutSeconds=5, Retry=[{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 20, "BackoffRate": 1}])
    executions = start(states, machine, 40)
    done, stop = set(), threading.Event()

    def work():
        worker = server.client("stepfunctions", read_timeout=3, connect_timeout=2)
        while not stop.is_set():
            try:
                task = worker.get_activity_task(activityArn=activity, workerName="w")
                if "taskToken" in task:
                    worker.send_task_success(taskToken=task["taskToken"], output=task["input"])
                    done.add(task["input"])
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
                time.sleep(0.05)

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        workers = [pool.submit(work) for _ in range(3)]
        for _ in range(3):
            time.sleep(0.4)
            server.kill()
            server.start()
        states = server.client("stepfunctions")
        try:
            for execution in executions:
                assert ended(states, execution, 60)["status"] == "SUCCEEDED"
        finally:
            stop.set()
        for worker in workers:
            worker.result(timeout=20)
    assert len(done) <= len(executions)
