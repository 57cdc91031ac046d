"""As whom, within what and under which conditions the steps of a command run: from a document to the process and back."""
import json
import os

import pytest
from agents import Agent

SKIPPED_BY_EXIT = "Plugin with name aws:runShellScript and id {} skipped due to prior step with an exit condition"


@pytest.fixture(scope="module")
def agent(server, tmp_path_factory):
    agent = Agent(server, tmp_path_factory.mktemp("agent"))
    yield agent
    agent.stop()


def step(name, *commands, precondition=None, action="aws:runShellScript", **inputs):
    content = {"action": action, "name": name, "inputs": {"runCommand": list(commands), **inputs}}
    return {**content, "precondition": {"StringEquals": precondition}} if precondition else content


def run(agent, name, *steps):
    """Runs a document of these steps and answers its invocation with the plugins by their names."""
    content = {"schemaVersion": "2.2", "description": "steps", "mainSteps": list(steps)}
    agent.ssm.create_document(Name=name, DocumentType="Command", DocumentFormat="JSON", Content=json.dumps(content))
    command = agent.ssm.send_command(InstanceIds=[agent.instance_id], DocumentName=name)["Command"]["CommandId"]
    agent.wait(command)
    invocation = agent.ssm.list_command_invocations(CommandId=command, Details=True)["CommandInvocations"][0]
    return invocation["Status"], {plugin["Name"]: plugin for plugin in invocation["CommandPlugins"]}


def summary(plugins):
    return [(name, plugin["Status"], plugin["ResponseCode"]) for name, plugin in plugins.items()]


def test_a_failure_with_exit_skips_all_but_the_finally_step(agent):
    status, plugins = run(
        agent, "RunAs-Exit", step("one", "echo 1; exit 3", onFailure="exit"), step("two", "echo 2"), step("last", "echo 3", finallyStep=True))
    assert status == "Failed"
    assert summary(plugins) == [("one", "Failed", 3), ("two", "Success", 0), ("last", "Success", 0)]
    assert plugins["two"]["Output"] == SKIPPED_BY_EXIT.format("two")
    assert plugins["last"]["Output"] == "3\n"
    assert "Step was found to have onFailure property. Further document steps will be skipped." in plugins["one"]["Output"]


def test_success_and_exit_makes_a_success_of_a_failure(agent):
    status, plugins = run(agent, "RunAs-SuccessAndExit", step("one", "exit 3", onFailure="successAndExit"), step("two", "echo 2"))
    assert status == "Success"
    assert summary(plugins) == [("one", "Success", 168), ("two", "Success", 0)]


def test_a_step_for_another_platform_is_skipped_as_a_success(agent):
    status, plugins = run(
        agent, "RunAs-Platforms", step("windows", "dir", precondition=["platformType", "Windows"], action="aws:runPowerShellScript"),
        step("linux", "echo here", precondition=["platformType", "Linux"]))
    assert status == "Success"
    assert summary(plugins) == [("windows", "Success", 0), ("linux", "Success", 0)]
    assert plugins["windows"]["Output"] == (
        "Step execution skipped due to unsatisfied preconditions: '\"StringEquals\": [platformType, Windows]'. Step name: windows")
    assert plugins["linux"]["Output"] == "here\n"


def test_a_timeout_ends_its_step_and_the_next_one_runs(agent):
    status, plugins = run(agent, "RunAs-Timeout", step("one", "sleep 600", timeoutSeconds="1"), step("two", "echo 2"))
    assert status == "TimedOut"
    assert summary(plugins) == [("one", "TimedOut", 137), ("two", "Success", 0)]


def test_umask_niceness_limits_and_environment_are_the_steps_own(agent):
    inputs = {"umask": "027", "nice": "5", "limits": {"nofile": "64:128"}, "environment": {"GREETING": "hello"}}
    status, plugins = run(agent, "RunAs-Limits", step("one", "umask; nice; ulimit -Sn; ulimit -Hn; echo $GREETING", **inputs), step("two", "umask"))
    assert status == "Success"
    assert plugins["one"]["Output"] == "0027\n5\n64\n128\nhello\n"
    assert plugins["two"]["Output"] == "0022\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_steps_run_as_the_users_that_they_name(agent):
    status, plugins = run(agent, "RunAs-Users", step("one", "id -un; id -gn", runAsUser="nobody", runAsGroup="daemon"), step("two", "id -un"))
    assert status == "Success"
    assert plugins["one"]["Output"] == "nobody\ndaemon\n"
    assert plugins["two"]["Output"] == "root\n"


def test_what_a_node_cannot_do_fails_in_one_sentence_and_runs_nothing(agent, tmp_path):
    status, plugins = run(
        agent, "RunAs-Refused", step("one", f"touch {tmp_path}/ran"), step("two", "true", runAsUser="no-such-user"))
    assert status == "Failed"
    assert {plugin["Status"] for plugin in plugins.values()} == {"Failed"}
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="the agent must be root to deny it")
def test_an_agent_that_denies_root_says_so_and_runs_what_names_a_user(agent):
    agent.stop()
    agent.start("--deny-root")
    agent.wait_until_online()
    denied = agent.wait(agent.send("id -un"))
    assert denied["Status"] == "Failed"
    assert "--deny-root" in denied["StandardErrorContent"]
    status, plugins = run(agent, "RunAs-Denied", step("one", "id -un", runAsUser="nobody"))
    assert (status, plugins["one"]["Output"]) == ("Success", "nobody\n")
