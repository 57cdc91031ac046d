"""Backups of a server at work, and what a restored one does before its release."""
import contextlib
import hashlib
import json
import os

import sqlite3
import stat
import subprocess
import threading
import time

import pytest

from agents import Agent
from conftest import ROOT, Server
from polling import until
from test_functions import archive

ROLE = "arn:aws:iam::000000000000:role/batch"
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": "x", "ResultPath": "$.p", "End": True}}}
WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3, "End": True}}}
ECHO = "def handler(event, context):\n    return {'echo': event['n']}\n"


def nightshift(*arguments):
    """Runs the program; returns the finished process."""
    program = os.environ.get("NIGHTSHIFT", str(ROOT / ".build" / "debug" / "nightshift"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "NIGHTSHIFT_"))}
    return subprocess.run([program, *map(str, arguments)], env=environment, capture_output=True, text=True, timeout=240, check=False)


def at(server):
    return ("--endpoint", server.url, "--data", server.data)


def back_up(server, destination):
    done = nightshift("backup", destination, *at(server))
    assert done.returncode == 0, done.stderr
    return destination


def status(server):
    return json.loads(nightshift("status", "--json", *at(server)).stdout)


def machine(states, name, definition):
    return states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]


def ended(states, arn):
    return states.describe_execution(executionArn=arn)["status"] != "RUNNING"


@pytest.fixture
def restored(tmp_path):
    """Restores a backup and starts the server on it: `restored(backup)`."""
    started = []

    def start(backup):
        data = tmp_path / f"restored-{len(started)}" / "data"
        data.parent.mkdir()
        done = nightshift("restore", backup, "--data", data)
        assert done.returncode == 0, done.stderr
        server = Server(data)
        started.append(server)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture
def idle_backup(server, tmp_path):
    """A backup of the session's server."""
    return back_up(server, tmp_path / "backup")


# Backups


def test_a_backup_under_load_has_everything_that_was_acknowledged_before(start_server, restored, tmp_path):
    server = start_server()
    states = server.client("stepfunctions")
    chain = machine(states, "chain", PASS)
    acknowledged, stop, failures = [], threading.Event(), []

    def start_all_the_time(number):
        client = server.client("stepfunctions")
        counter = 0
        while not stop.is_set():
            counter += 1
            try:
                arn = client.start_execution(
                    stateMachineArn=chain, name=f"load-{number}-{counter}", input=json.dumps({"n": counter, "text": "x" * 2000}))
                acknowledged.append((time.time(), arn["executionArn"], counter))
            except Exception as error:  # noqa: BLE001
                failures.append(error)

    threads = [threading.Thread(target=start_all_the_time, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        until(lambda: len(acknowledged) > 300, 60, "a load")
        begun = time.time()
        back_up(server, tmp_path / "backup")
        took = time.time() - begun
        during = [entry for entry in acknowledged if begun < entry[0] < begun + took]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures
    assert during, "no execution was started while the backup was written"
    before = [entry for entry in acknowledged if entry[0] < begun]
    copy = restored(tmp_path / "backup").client("stepfunctions")
    for _, arn, number in before:
        described = copy.describe_execution(executionArn=arn)
        assert json.loads(described["input"])["n"] == number
    # What was under way in the copy ends after the release; so far everything else is whole.
    events = copy.get_execution_history(executionArn=before[0][1])["events"]
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))


def test_a_backup_is_private_and_its_manifest_is_true(server, idle_backup):
    manifest = json.loads((idle_backup / "manifest.json").read_text())
    assert (manifest["format"], manifest["generation"]) == (1, 0)
    found = {str(path.relative_to(idle_backup)): path for path in idle_backup.rglob("*") if path.is_file()}
    assert set(found) == {file["name"] for file in manifest["files"]} | {"manifest.json"}
    for file in manifest["files"]:
        content = found[file["name"]].read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["size"], file["sha256"])
    for path in [idle_backup, *idle_backup.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert {"nightshift.db", "master.key", "admin-credentials"} <= set(found)
    with contextlib.closing(sqlite3.connect(found["nightshift.db"])) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    last = status(server)["LastBackup"]
    assert (last["State"], last["Destination"]) == ("SUCCEEDED", str(idle_backup))


def test_a_destination_that_cannot_be_used_is_told_and_nothing_is_left_behind(server, tmp_path):
    full = tmp_path / "full"
    full.mkdir()
    (full / "file").write_text("mine")
    done = nightshift("backup", full, *at(server))
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    done = nightshift("backup", tmp_path / "absent" / "deep", *at(server))
    assert done.returncode == 1
    assert "cannot make the directory" in done.stderr and "No such file or directory" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full"]


def test_a_full_disk_is_told_and_nothing_is_left_behind(server, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("this machine mounts no tmpfs")
    try:
        done = nightshift("backup", small / "backup", *at(server))
        assert done.returncode == 1
        assert "full" in done.stderr or "No space left" in done.stderr, done.stderr
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)
    # And the server goes on, with the next backup too.
    back_up(server, tmp_path / "backup")


def test_only_an_administrator_may_back_up(server, tmp_path):
    def call(operation, body, **options):
        return server.raw(
            "nightshift", headers={"X-Amz-Target": f"Nightshift_20261101.{operation}", "Content-Type": "application/x-amz-json-1.1"},
            body=json.dumps(body).encode(), **options)

    assert call("StartBackup", {"Destination": str(tmp_path / "b")}, sign=False).status == 400
    assert call("StartBackup", {"Destination": "relative"}).code == "BackupFailedException"
    assert call("StartBackup", {}).code == "ValidationException"
    assert not (tmp_path / "b").exists()


# Restores


def test_a_restored_server_is_held_until_its_release(start_server, restored, tmp_path):
    server = start_server()
    states, functions, events = server.client("stepfunctions"), server.client("lambda"), server.client("events")
    function = functions.create_function(
        FunctionName="echo", Runtime="python3.12", Role=ROLE, Handler="index.handler", Code={"ZipFile": archive({"index.py": ECHO})})
    wait = machine(states, "wait", WAIT)
    call = machine(states, "call", {"StartAt": "F", "States": {"F": {"Type": "Task", "Resource": function["FunctionArn"], "End": True}}})
    waiting = [states.start_execution(stateMachineArn=wait, input=json.dumps({"n": n}))["executionArn"] for n in range(20)]
    events.put_rule(Name="often", ScheduleExpression="rate(1 minute)", RoleArn=ROLE)
    events.put_targets(Rule="often", Targets=[{"Id": "1", "Arn": wait, "RoleArn": ROLE, "Input": "{}"}])
    backup = back_up(server, tmp_path / "backup")
    server.kill()
    time.sleep(3)

    copy = restored(backup)
    states = copy.client("stepfunctions")
    assert "HELD since" in nightshift("status", *at(copy)).stdout
    assert copy.raw("states", method="GET", path="/health", sign=False).json == {"status": "held"}
    # Reads, management, and starts.
    assert {states.describe_execution(executionArn=arn)["status"] for arn in waiting} == {"RUNNING"}
    calling = states.start_execution(stateMachineArn=call, input='{"n": 5}')["executionArn"]
    passing = states.start_execution(stateMachineArn=machine(states, "chain", PASS), input="{}")["executionArn"]
    until(lambda: ended(states, passing), 10, "an execution without effects ends")
    with pytest.raises(copy.client("lambda").exceptions.ServiceException, match="held"):
        copy.client("lambda").invoke(FunctionName="echo", Payload=b'{"n": 1}')
    time.sleep(1.5)
    assert {states.describe_execution(executionArn=arn)["status"] for arn in [*waiting, calling]} == {"RUNNING"}

    # A restart changes nothing of it.
    assert copy.stop() == 0
    copy.start()
    states = copy.client("stepfunctions")
    assert status(copy)["State"] == "HELD"
    assert not ended(states, calling)

    done = nightshift("release", *at(copy))
    assert (done.returncode, done.stdout) == (0, "released: what was held goes on\n")
    until(lambda: all(ended(states, arn) for arn in [*waiting, calling]), 30, "everything ends")
    assert json.loads(states.describe_execution(executionArn=calling)["output"]) == {"echo": 5}
    for arn in waiting:
        entered = [e for e in states.get_execution_history(executionArn=arn)["events"] if e["type"] == "WaitStateExited"]
        assert len(entered) == 1
    assert copy.raw("states", method="GET", path="/health", sign=False).json == {"status": "ok"}
    told = status(copy)
    assert (told["State"], told["Generation"], told["ReleasedBy"]) == ("RUNNING", 1, "arn:aws:iam::000000000000:user/admin")
    assert nightshift("release", *at(copy)).stdout == "the server was not held\n"
    # It stays released, and a backup of it is of the next generation.
    assert copy.stop() == 0
    copy.start()
    assert status(copy)["State"] == "RUNNING"
    assert json.loads((back_up(copy, tmp_path / "second") / "manifest.json").read_text())["generation"] == 1


def test_a_pending_call_is_made_once_after_the_release(start_server, restored, tmp_path):
    ledger = tmp_path / "ledger"
    code = f"def handler(event, context):\n    open({str(ledger)!r}, 'a').write(event['n'] + '\\n')\n    return 1\n"
    server = start_server()
    states, functions = server.client("stepfunctions"), server.client("lambda")
    function = functions.create_function(
        FunctionName="mark", Runtime="python3.12", Role=ROLE, Handler="index.handler", Code={"ZipFile": archive({"index.py": code})})
    call = machine(states, "call", {"StartAt": "F", "States": {
        "F": {"Type": "Wait", "Seconds": 2, "Next": "G"}, "G": {"Type": "Task", "Resource": function["FunctionArn"], "End": True}}})
    # Waiting in the backup: their calls are decided after the release.
    arns = [states.start_execution(stateMachineArn=call, input=json.dumps({"n": f"w{n}"}))["executionArn"] for n in range(10)]
    backup = back_up(server, tmp_path / "backup")
    server.kill()
    copy = restored(backup)
    states = copy.client("stepfunctions")
    # Decided while it is held: pending.
    arns += [states.start_execution(stateMachineArn=machine(states, "direct", {
        "StartAt": "G", "States": {"G": {"Type": "Task", "Resource": function["FunctionArn"], "End": True}}}),
        input=json.dumps({"n": f"d{n}"}))["executionArn"] for n in range(10)]
    copy.client("lambda").invoke(FunctionName="mark", InvocationType="Event", Payload=b'{"n": "event"}')
    marks = ledger.read_text().split() if ledger.exists() else []
    time.sleep(2.5)
    assert (ledger.read_text().split() if ledger.exists() else []) == marks
    # Also after a crash while it is held.
    copy.kill()
    copy.start()
    states = copy.client("stepfunctions")
    before = len(marks)
    assert nightshift("release", *at(copy)).returncode == 0
    until(lambda: all(ended(states, arn) for arn in arns), 60, "all end")
    until(lambda: "event" in ledger.read_text().split(), 20, "the event arrives")
    expected = [f"w{n}" for n in range(10)] + [f"d{n}" for n in range(10)] + ["event"]
    assert sorted(ledger.read_text().split()[before:]) == sorted(expected)
    assert {states.describe_execution(executionArn=arn)["status"] for arn in arns} == {"SUCCEEDED"}


def test_schedules_of_a_restored_server_fire_once_and_record_what_they_missed(start_server, restored, tmp_path):
    server = start_server()
    states, events = server.client("stepfunctions"), server.client("events")
    target = machine(states, "target", PASS)
    for name in ("late", "missed"):
        events.put_rule(Name=name, ScheduleExpression="rate(1 hour)", RoleArn=ROLE)
        events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": target, "RoleArn": ROLE, "Input": json.dumps({"rule": name})}])
    backup = back_up(server, tmp_path / "backup")
    server.stop()
    # As if the one had been due a moment before the restored server starts, and the other an hour before.
    data = tmp_path / "data"
    assert nightshift("restore", backup, "--data", data).returncode == 0
    now = int(time.time() * 1000)
    with contextlib.closing(sqlite3.connect(data / "nightshift.db")) as database, database:
        for name, due in (("late", now - 1_000), ("missed", now - 1_000_000)):
            rule = database.execute("SELECT id FROM rule WHERE name = ?", (name,)).fetchone()[0]
            assert database.execute("UPDATE schedule_due SET next_at = ? WHERE id = ?", (due, rule)).rowcount == 1
            # A rate counts from when the rule was made.
            assert database.execute("UPDATE rule SET anchor_at = ? WHERE id = ?", (due - 3_600_000, rule)).rowcount == 1
    copy = Server(data)
    try:
        states = copy.client("stepfunctions")

        def inputs():
            arns = [e["executionArn"] for e in states.list_executions(stateMachineArn=target)["executions"]]
            return sorted(json.loads(states.describe_execution(executionArn=arn)["input"])["rule"] for arn in arns)

        time.sleep(1)
        assert inputs() == []
        assert nightshift("release", *at(copy)).returncode == 0
        until(lambda: inputs() == ["late"], 20, "the late one fires")
        with contextlib.closing(sqlite3.connect(f"file:{data}/nightshift.db?mode=ro", uri=True)) as database:
            outcomes = dict(database.execute(
                "SELECT rule.name, tick.outcome FROM tick JOIN rule ON rule.id = tick.schedule").fetchall())
        assert outcomes == {"late": "fired", "missed": "missed"}
        assert inputs() == ["late"]
    finally:
        copy.stop()


def test_commands_reach_their_host_after_the_release_and_results_are_not_lost(start_server, restored, tmp_path):
    server = start_server()
    agent = Agent(server, tmp_path / "agent")
    ledger = tmp_path / "ledger"
    try:
        agent.stop()
        queued = agent.send(f"echo queued >> {ledger}", TimeoutSeconds=3600)
        backup = back_up(server, tmp_path / "backup")
        # After the backup the command runs, and the server is lost before it hears how.
        agent.start()
        until(lambda: ledger.exists(), 30, "the command runs")
        agent.wait(queued)
        agent.kill()
        server.kill()

        copy = restored(backup)
        agent.server, agent.ssm = copy, copy.client("ssm")
        agent.start()
        late = agent.send(f"echo late >> {ledger}", TimeoutSeconds=3600)
        time.sleep(3)
        assert ledger.read_text() == "queued\n"
        assert {agent.result(command)["Status"] for command in (queued, late)} == {"Pending"}
        assert nightshift("release", *at(copy)).returncode == 0
        assert agent.wait(late, seconds=90)["Status"] == "Success"
        assert agent.wait(queued, seconds=90)["Status"] == "Success"
        assert "late\n" in ledger.read_text()
    finally:
        if agent.process.poll() is None:
            agent.stop()


def test_a_damaged_backup_is_not_restored(idle_backup, tmp_path):
    key = idle_backup / "master.key"
    key.write_bytes(bytes(32))
    done = nightshift("restore", idle_backup, "--data", tmp_path / "data")
    assert done.returncode == 1
    assert "master.key is damaged" in done.stderr
    # What was begun is not taken for a data directory.
    done = nightshift("server", "--listen", "127.0.0.1:0", "--data", tmp_path / "data")
    assert done.returncode == 1
    assert "was interrupted" in done.stderr


def test_what_is_no_backup_and_a_directory_in_use_are_refused(server, idle_backup, tmp_path):
    done = nightshift("restore", tmp_path, "--data", tmp_path / "data")
    assert (done.returncode, "it has no manifest.json" in done.stderr) == (1, True)
    done = nightshift("restore", idle_backup, "--data", server.data)
    assert (done.returncode, "is not empty" in done.stderr) == (1, True)
    assert not (tmp_path / "data").exists()


def test_a_backup_of_a_newer_schema_is_refused_with_both_versions(idle_backup, tmp_path):
    path = idle_backup / "manifest.json"
    manifest = json.loads(path.read_text())
    known = manifest["schemaVersion"]
    path.write_text(json.dumps({**manifest, "schemaVersion": 9999, "program": "7.0.0"}))
    done = nightshift("restore", idle_backup, "--data", tmp_path / "data")
    assert done.returncode == 1
    assert f"schema version 9999" in done.stderr and f"knows {known}" in done.stderr and "nightshift 7.0.0 or a newer one" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_server_does_not_start_on_a_newer_schema(start_server):
    server = start_server()
    known = status(server)["SchemaVersion"]
    server.stop()
    with contextlib.closing(sqlite3.connect(server.data / "nightshift.db")) as database, database:
        database.execute("INSERT INTO schema_version (version, name) VALUES (9999, 'of-tomorrow')")
    done = nightshift("server", "--listen", f"127.0.0.1:{server.port}", "--data", server.data)
    assert done.returncode == 1
    assert "schema version 9999" in done.stderr and f"knows {known}" in done.stderr and "start a newer nightshift" in done.stderr
    with contextlib.closing(sqlite3.connect(server.data / "nightshift.db")) as database, database:
        database.execute("DELETE FROM schema_version WHERE version = 9999")
    server.start()
