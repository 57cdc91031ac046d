"""The agent's conversation with its server: its key, its content, its inventory, its end. Real processes."""
import json
import os
import random
import shutil
import subprocess
import time

import pytest

from agents import Agent
from conftest import ROOT
from polling import until

PROGRAM = os.environ.get("NIGHTSHIFT", str(ROOT / ".build" / "debug" / "nightshift"))
ROTATIONS = int(os.environ.get("KEY_ROTATIONS", "6"))


@pytest.fixture
def agent(start_server, tmp_path):
    """An agent of a server of the test's own."""
    agent = Agent(start_server(), tmp_path / "agent")
    yield agent
    if agent.process.poll() is None:
        agent.stop()


def identity(agent):
    return json.loads((agent.folder / "data" / "identity").read_text())


def rotate(agent):
    return subprocess.run(
        [PROGRAM, "agent", "rotate-key", "--data", str(agent.folder / "data")], capture_output=True, text=True, timeout=60, check=False)


def log(agent):
    return (agent.folder / "agent.log").read_text()


def test_a_key_is_replaced_while_a_command_runs(agent, tmp_path):
    command = agent.send("echo begun; sleep 4; echo done")
    until(lambda: agent.result(command)["Status"] == "InProgress", 20, "it runs")
    shutil.copytree(agent.folder / "data", tmp_path / "copy", ignore=shutil.ignore_patterns("lock"))
    before = identity(agent)["privateKey"]
    answer = rotate(agent)
    assert (answer.returncode, answer.stdout) == (0, "The key was replaced.\n"), answer.stderr
    assert identity(agent)["privateKey"] != before
    result = agent.wait(command)
    assert (result["Status"], result["StandardOutputContent"]) == ("Success", "begun\ndone\n")
    agent.wait_until_online()
    # Who has the old key is nobody any more.
    stolen = subprocess.Popen(
        [PROGRAM, "agent", "--server", agent.server.url, "--data", str(tmp_path / "copy")],
        stderr=open(tmp_path / "stolen.log", "wb"))
    try:
        until(lambda: "InvalidSignature" in (tmp_path / "stolen.log").read_text(), 20, "the old key is refused")
    finally:
        stolen.kill()
        stolen.wait()


def test_an_agent_and_a_server_that_are_killed_while_a_key_is_replaced_still_know_each_other(agent):
    chance = random.Random(7)
    keys = {identity(agent)["privateKey"]}
    for turn in range(ROTATIONS):
        request = subprocess.Popen(
            [PROGRAM, "agent", "rotate-key", "--data", str(agent.folder / "data")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(chance.uniform(0.05, 1.5))
            if turn % 3 != 1:
                agent.kill()
            if turn % 3 != 0:
                agent.server.kill()
                agent.server.start()
            if turn % 3 != 1:
                agent.start()
            # The request outlives both.
            until(lambda: not (agent.folder / "data" / "rotate-key").exists(), 60, "the key is replaced in the end")
        finally:
            request.kill()
            request.wait()
        agent.wait_until_online()
        assert identity(agent)["privateKey"] not in keys
        keys.add(identity(agent)["privateKey"])
        command = agent.send("echo here")
        assert agent.wait(command)["StandardOutputContent"] == "here\n"
    assert "InvalidSignature" not in log(agent)


def test_rotating_without_an_agent_or_an_identity_says_what_happens(agent, tmp_path):
    answer = subprocess.run(
        [PROGRAM, "agent", "rotate-key", "--data", str(tmp_path / "nothing")], capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 1
    assert "identity" in answer.stderr
    agent.stop()
    before = identity(agent)["privateKey"]
    answer = rotate(agent)
    assert answer.returncode == 0
    assert "No agent runs" in answer.stdout
    agent.start()
    until(lambda: identity(agent)["privateKey"] != before, 30, "the next agent replaces the key")


def test_a_deregistered_node_is_cut_off_at_once_and_its_job_runs_on(agent, tmp_path):
    proof = tmp_path / "proof"
    command = agent.send(f"sleep 4; echo ran > {proof}")
    until(lambda: agent.result(command)["Status"] == "InProgress", 20, "it runs")
    agent.ssm.deregister_managed_instance(InstanceId=agent.instance_id)
    started = time.monotonic()
    until(lambda: "Deregistered" in log(agent), 10, "the agent is refused")
    assert time.monotonic() - started < 2
    assert agent.result(command)["Status"] == "Failed"
    until(proof.exists, 20, "what runs is left alone")


def test_a_plain_server_elsewhere_is_refused(tmp_path):
    answer = subprocess.run(
        [PROGRAM, "agent", "--server", "http://192.0.2.1:7070", "--data", str(tmp_path / "data"), "--activation-id", "x",
         "--activation-code", "y"], capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 2
    assert "--insecure" in answer.stderr


# Content.

@pytest.fixture
def content(agent):
    """A bucket with a folder, and a function that runs a download on the agent and returns the result."""
    objects = agent.server.client("s3")
    objects.create_bucket(Bucket="artefacts")
    objects.put_object(Bucket="artefacts", Key="scripts/hello.sh", Body=b"echo hello from the bucket\n")
    objects.put_object(Bucket="artefacts", Key="scripts/lib/big.bin", Body=bytes(range(256)) * 12_000)
    objects.put_object(Bucket="artefacts", Key="scripts/lib/", Body=b"")

    def run(path, destination, then="true", directory=None):
        steps = [
            {"action": "aws:downloadContent", "name": "fetch", "inputs": {
                "sourceType": "S3", "sourceInfo": json.dumps({"path": path}), "destinationPath": destination,
                **({"workingDirectory": directory} if directory else {})}},
            {"action": "aws:runShellScript", "name": "use", "inputs": {"runCommand": [then]}}]
        name = f"fetch-{random.randrange(10**9)}"
        agent.ssm.create_document(
            Name=name, Content=json.dumps({"schemaVersion": "2.2", "mainSteps": steps}), DocumentType="Command")
        command = agent.ssm.send_command(InstanceIds=[agent.instance_id], DocumentName=name)["Command"]["CommandId"]
        agent.wait(command, seconds=60)
        details = agent.ssm.list_command_invocations(CommandId=command, InstanceId=agent.instance_id, Details=True)
        return {plugin["Name"]: plugin for plugin in details["CommandInvocations"][0]["CommandPlugins"]}

    return run


def test_an_object_is_downloaded_and_used_by_the_next_step(content, tmp_path):
    target = tmp_path / "target"
    target.mkdir()
    steps = content("https://s3.amazonaws.com/artefacts/scripts/hello.sh", str(target), then=f"sh {target}/hello.sh")
    assert steps["fetch"]["Status"] == "Success", steps
    assert steps["fetch"]["Output"] == f"Content downloaded to {target}/hello.sh\n"
    assert steps["use"]["Output"] == "hello from the bucket\n"
    steps = content("s3://artefacts/scripts/hello.sh", str(tmp_path / "new" / "name.sh"), then=f"cat {tmp_path}/new/name.sh")
    assert steps["use"]["Output"] == "echo hello from the bucket\n"
    assert sorted(os.listdir(tmp_path / "new")) == ["name.sh"]


def test_a_folder_is_downloaded_with_all_that_is_below_it(content, tmp_path):
    target = tmp_path / "tree"
    steps = content("https://artefacts.s3.us-east-1.amazonaws.com/scripts/", str(target))
    assert steps["fetch"]["Status"] == "Success", steps
    assert (target / "hello.sh").read_bytes() == b"echo hello from the bucket\n"
    assert (target / "lib" / "big.bin").read_bytes() == bytes(range(256)) * 12_000


def test_what_cannot_be_downloaded_says_why(content, tmp_path):
    steps = content("https://s3.amazonaws.com/artefacts/missing", str(tmp_path))
    assert steps["fetch"]["Status"] == "Failed"
    assert "there is no object missing in the bucket artefacts" in steps["fetch"]["Output"]
    steps = content("https://s3.amazonaws.com/nowhere/missing", str(tmp_path))
    assert "there is no bucket nowhere" in steps["fetch"]["Output"]
    steps = content("https://s3.amazonaws.com/artefacts/none/", str(tmp_path / "x"))
    assert "there is no object below none/" in steps["fetch"]["Output"]
    steps = content("https://s3.amazonaws.com/artefacts/scripts/hello.sh", "/proc/nowhere/x")
    assert steps["fetch"]["Status"] == "Failed"
    assert "/proc/nowhere" in steps["fetch"]["Output"]
