"""The server on a PostgreSQL database: the same product, and what is particular about it."""
import json
import os
import pathlib
import shutil
import subprocess
import threading
import urllib.parse

import botocore.exceptions
import pytest

from conftest import ROOT
from polling import ended, until
from postgresql import Cluster
from test_executions import PASS, ROLE
from test_nightly_batch import Night
from test_redrive import Worker, redrive

PROGRAM = os.environ.get("NIGHTSHIFT", str(ROOT / ".build" / "debug" / "nightshift"))
WAITS = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 2, "Next": "P"}, "P": {"Type": "Pass", "End": True}}}


@pytest.fixture(scope="session")
def cluster():
    """The session's PostgreSQL."""
    cluster = Cluster()
    yield cluster
    cluster.stop()


def create(states, name, definition):
    return states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]


def test_the_nightly_batch_loses_nothing_when_the_server_is_killed(cluster, tmp_path):
    batch = Night(tmp_path, f"echo ran >> {tmp_path}/marks; sleep 3; echo done", arguments=["--database", cluster.database()])
    with batch.ends:
        execution = batch.start("killed-night", seconds=2)
        until(lambda: (tmp_path / "marks").exists(), 60, "the command runs")
        for _ in range(2):
            until(lambda: batch.last_event(execution) == "WaitStateEntered", 60, "the machine waits")
            batch.server.kill()
            batch.server.start()
        assert batch.end(execution)["status"] == "SUCCEEDED"
        assert (tmp_path / "marks").read_text() == "ran\n"
    assert not (batch.server.data / "nightshift.db").exists()


def starts(server, machine, stop, acknowledged):
    """Starts executions by name until told to stop, each until it is acknowledged."""
    states, number = server.client("stepfunctions"), 0
    while not stop.is_set():
        name = f"{threading.get_ident()}-{number}"
        try:
            acknowledged[name] = states.start_execution(stateMachineArn=machine, name=name, input="{}")["executionArn"]
            number += 1
        except botocore.exceptions.ClientError as error:
            # A start that was applied unheard, and has ended: the name is taken, by us.
            if error.response["Error"]["Code"] == "ExecutionAlreadyExists":
                number += 1
        except (botocore.exceptions.ConnectionError, botocore.exceptions.HTTPClientError):
            pass


def under_load(server, disturb):
    """Lets four clients start executions while `disturb` runs; then every acknowledged one must end, once."""
    states = server.client("stepfunctions")
    machines = [create(states, "chain", PASS), create(states, "waits", WAITS)]
    stop, acknowledged = threading.Event(), {}
    threads = [threading.Thread(target=starts, args=(server, machines[n % 2], stop, acknowledged)) for n in range(4)]
    for thread in threads:
        thread.start()
    try:
        disturb(acknowledged)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert len(acknowledged) > 50
    for arn in acknowledged.values():
        assert ended(states, arn, 60)["status"] == "SUCCEEDED"
        events = states.get_execution_history(executionArn=arn)["events"]
        assert [event["id"] for event in events] == list(range(1, len(events) + 1))
        assert [event["type"] for event in events].count("ExecutionSucceeded") == 1
    return states, machines, acknowledged


def test_what_was_acknowledged_survives_kills_of_the_server(cluster, start_server):
    server = start_server("--database", cluster.database())

    def disturb(acknowledged):
        for _ in range(4):
            before = len(acknowledged)
            until(lambda: len(acknowledged) > before + 40, 60, "executions are started")
            server.kill()
            server.start()

    states, machines, acknowledged = under_load(server, disturb)
    listed = [
        execution["executionArn"] for machine in machines
        for page in states.get_paginator("list_executions").paginate(stateMachineArn=machine, PaginationConfig={"PageSize": 70})
        for execution in page["executions"]
    ]
    assert len(listed) == len(set(listed)) and set(listed) >= set(acknowledged.values())


def test_what_was_acknowledged_survives_crashes_of_postgresql(start_server):
    cluster = Cluster(own=True)
    try:
        server = start_server("--database", cluster.database())
        process = server.process.pid

        def disturb(acknowledged):
            for _ in range(3):
                before = len(acknowledged)
                until(lambda: len(acknowledged) > before + 40, 60, "executions are started")
                cluster.restart()

        under_load(server, disturb)
        assert server.process.pid == process and server.process.poll() is None
        server.stop()
    finally:
        cluster.stop()


def test_a_failed_execution_is_redriven_across_kills(cluster, start_server):
    server = start_server("--database", cluster.database())
    states = server.client("stepfunctions")
    worker = Worker(states)
    machine = create(states, "redriven", {"StartAt": "T", "States": {"T": worker.state()}})
    arn = states.start_execution(stateMachineArn=machine, name="r")["executionArn"]
    worker.fail(worker.take()[0])
    assert ended(states, arn)["status"] == "FAILED"
    server.kill()
    server.start()
    date = redrive(states, arn, clientToken="once")
    server.kill()
    server.start()
    assert redrive(states, arn, clientToken="once") == date
    worker.succeed(worker.take()[0], 1)
    answer = ended(states, arn)
    assert (answer["status"], answer["redriveCount"], answer["redriveDate"]) == ("SUCCEEDED", 1, date)
    assert [event["type"] for event in states.get_execution_history(executionArn=arn)["events"]].count("ExecutionRedriven") == 1


def test_the_server_that_is_replaced_writes_nothing_more_and_ends(cluster, start_server, tmp_path):
    database = cluster.database()
    first = start_server("--database", database)
    machine = create(first.client("stepfunctions"), "chain", PASS)
    # The second one has a copy of the first one's keys, as after a restore on another machine.
    data = tmp_path / "server-1" / "data"
    data.mkdir(parents=True, mode=0o700)
    for name in ("master.key", "admin-credentials"):
        shutil.copy(first.data / name, data)
    second = start_server("--database", database)
    with pytest.raises((botocore.exceptions.ClientError, botocore.exceptions.ConnectionError, botocore.exceptions.HTTPClientError)):
        first.client("stepfunctions").start_execution(stateMachineArn=machine, name="late")
    assert first.process.wait(timeout=20) == 1
    assert "fenced" in first.log()
    states = second.client("stepfunctions")
    assert ended(states, states.start_execution(stateMachineArn=machine, name="late")["executionArn"])["status"] == "SUCCEEDED"


# What is refused


def refusal(tmp_path, url, *more):
    """What a server says that does not start."""
    done = subprocess.run(
        [PROGRAM, "server", "--listen", "127.0.0.1:0", "--data", str(tmp_path / "data"), "--database", url, *more],
        capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    return done.stdout + done.stderr


def test_a_database_that_does_not_fit_is_refused(cluster, tmp_path):
    for options, words in [
        ("ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'", "encoding is SQL_ASCII"),
        ("ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'", "collation is C.UTF-8"),
    ]:
        assert words in refusal(tmp_path, cluster.database(options))
    lazy = cluster.database() + "?options=-csynchronous_commit%3Doff"
    assert "synchronous_commit is off" in refusal(tmp_path, lazy)


def test_a_database_that_is_not_there_is_said_without_its_password(tmp_path):
    said = refusal(tmp_path, "postgres://night:unspoken@127.0.0.1:1/nightshift")
    assert "postgres://night@127.0.0.1:1/nightshift" in said and "unspoken" not in said
    said = refusal(tmp_path, "postgres://night:un@spoken@127.0.0.1:1/nightshift")
    assert "%40" in said and "spoken" not in said


def test_the_settings_are_shown_without_the_password(tmp_path):
    environment = {**os.environ, "NIGHTSHIFT_DATABASE": "postgres://night:unspoken@db.example/nightshift?sslmode=require"}
    done = subprocess.run(
        [PROGRAM, "server", "--check-config", "--data", str(tmp_path)], env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert "database: postgres://night@db.example/nightshift?sslmode=require\n" in done.stdout
    assert "unspoken" not in done.stdout + done.stderr


def test_the_password_is_nowhere_in_the_log(cluster, start_server):
    server = start_server("--database", cluster.database(), "--log-level", "trace")
    log = pathlib.Path(f"{server.data}.log").read_text()
    assert urllib.parse.urlsplit(cluster.url).password not in log
