"""The disk fills up under load: clear errors, reads go on, nothing acknowledged is lost, and all goes on once there is room."""
import json
import os
import subprocess
import time

import botocore.exceptions
import pytest

import conftest
import kills
import ledger as ledgers
import machines

MEGABYTES = 24


@pytest.fixture
def small_disk(tmp_path):
    """A file system of a few megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(disk)], capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"needs the right to mount a small disk: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk):
    """Takes all the room that is left."""
    with open(disk / "filler", "ab", buffering=0) as filler:
        for size in (1 << 20, 1 << 12, 1 << 9, 1):
            try:
                while True:
                    filler.write(b"\0" * size)
            except OSError:
                pass


def refusal(call):
    """Calls until the server says that it cannot; returns that error."""
    for number in range(5000):
        try:
            call(number)
        except botocore.exceptions.ClientError as error:
            return error
    raise AssertionError("a full disk took everything")


def test_a_full_disk_is_told_and_survived(small_disk):
    server = conftest.CrashingServer(small_disk / "data")
    try:
        check_full_disk(server, small_disk)
    finally:
        server.end()


def check_full_disk(server, disk):
    arns = machines.create(server.client("stepfunctions"), ["chain", "parallel", "wait"])
    shapes = kills.references(server, arns)
    client = server.client("stepfunctions")
    waiting = client.start_execution(stateMachineArn=arns["wait"], name="reference-waiting", input='{"n": 1}')["executionArn"]
    process = server.process.pid
    load = ledgers.Ledger(server, arns, threads=2, prefix="l")
    ledgers.within(30, lambda: len(load.acknowledged) > 40, "some executions are acknowledged")
    fill(disk)

    error = refusal(lambda number: client.start_execution(
        stateMachineArn=arns["chain"], name=f"reference-full-{number}", input=json.dumps({"n": 0, "filler": "x" * 20_000})))
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 503, error.response
    assert "disk is full" in error.response["Error"]["Message"], error.response
    error = refusal(lambda number: server.client("ssm").put_parameter(Name=f"p{number}", Value="x" * 4000, Type="String"))
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] in (500, 503) and "disk is full" in str(error), error.response
    # Logs have files of their own.
    logs = server.client("logs")
    error = refusal(lambda number: logs.create_log_group(logGroupName=f"g{number}"))
    assert "disk" in str(error).lower() or "space" in str(error).lower(), error.response

    known = list(load.acknowledged)
    for one in known[:20] + known[-20:]:
        assert client.describe_execution(executionArn=one.arn)["executionArn"] == one.arn
        assert ledgers.history(client, one.arn)
    assert client.list_state_machines()["stateMachines"]
    time.sleep(3)  # what waits comes due on the full disk
    assert client.describe_execution(executionArn=waiting)["status"] in ("RUNNING", "SUCCEEDED")
    assert server.process.poll() is None and server.process.pid == process

    os.remove(disk / "filler")
    count = len(load.acknowledged)
    ledgers.within(20, lambda: len(load.acknowledged) > count + 20, "starts are taken again")
    load.stop()
    assert server.process.poll() is None and server.process.pid == process, "it took a restart"
    ledgers.check(server, load, shapes)
    ledgers.within(20, lambda: client.describe_execution(executionArn=waiting)["status"] == "SUCCEEDED", "what waited goes on")

    # And a death on the full disk: whether it starts there or says why not, all is there once there is room.
    fill(disk)
    server.kill()
    try:
        server.start()
        server.kill()
    except RuntimeError:
        assert server.process.returncode == 1 and "full" in server.log().lower(), server.log()
    os.remove(disk / "filler")
    server.start()
    ledgers.check(server, load, shapes)
