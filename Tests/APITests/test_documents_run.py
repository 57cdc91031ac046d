"""Own documents, sent to an agent and run step by step."""
import json

import pytest

from agents import Agent
from polling import until
from refusals import error

SHELL = "aws:runShellScript"


def step(name, *commands, precondition=None, **inputs):
    made = {"action": SHELL, "name": name, "inputs": {"runCommand": list(commands), **inputs}}
    return {**made, "precondition": {"StringEquals": precondition}} if precondition else made


@pytest.fixture(scope="module")
def agent(server, tmp_path_factory):
    """An agent of the session's server."""
    agent = Agent(server, tmp_path_factory.mktemp("agent") / "documents")
    yield agent
    agent.stop()


@pytest.fixture
def run(agent):
    """Makes a document of steps, runs it and returns the result with its plugins by name."""
    made = []

    def send(name, steps, parameters=None, values=None, **more):
        document = {"schemaVersion": "2.2", "parameters": parameters or {}, "mainSteps": steps}
        agent.ssm.create_document(Name=name, Content=json.dumps(document), DocumentType="Command")
        made.append(name)
        command = agent.ssm.send_command(
            InstanceIds=[agent.instance_id], DocumentName=name, Parameters=values or {}, **more)["Command"]["CommandId"]
        ended = ("Success", "Failed", "TimedOut", "Cancelled")

        def invocation():
            found = agent.ssm.list_command_invocations(CommandId=command, Details=True)["CommandInvocations"]
            return found[0] if found and found[0]["Status"] in ended else None

        result = until(invocation, 30, f"{name} has run")
        return result["Status"], {plugin["Name"]: plugin for plugin in result["CommandPlugins"]}

    yield send
    for name in made:
        agent.ssm.delete_document(Name=name)


def test_steps_with_conditions_and_a_last_step(run):
    status, steps = run("run-flow", [
        step("first", "echo {{ who }} > first; echo first"),
        step("windows", "echo never", precondition=["platformType", "Windows"]),
        step("linux", "echo linux", precondition=["platformType", "Linux"]),
        step("chosen", "echo chosen", precondition=["{{ who }}", "ada"]),
        step("breaks", "echo broken; exit 3", onFailure="exit"),
        step("after", "echo never"),
        step("last", "echo last", finallyStep=True),
    ], parameters={"who": {"type": "String", "default": "bob"}}, values={"who": ["ada"]})
    assert status == "Failed"
    assert {name: steps[name]["Output"].strip() for name in ("first", "linux", "chosen", "last")} == {
        "first": "first", "linux": "linux", "chosen": "chosen", "last": "last"}
    assert "never" not in steps["windows"]["Output"]
    assert steps["breaks"]["ResponseCode"] == 3
    assert "never" not in steps.get("after", {}).get("Output", "")


def test_a_failure_may_count_as_success(run):
    status, steps = run("run-excused", [step("breaks", "exit 3", onFailure="successAndExit"), step("after", "echo never")])
    assert status == "Success"
    assert "never" not in steps.get("after", {}).get("Output", "")


def test_parameters_of_every_type(run):
    _, steps = run(
        "run-types", [step("say", "{{ lines }}", "echo {{ count }} {{ flag }} '{{ list }}'", environment="{{ env }}")],
        parameters={
            "lines": {"type": "StringList"}, "count": {"type": "Integer", "default": 3}, "flag": {"type": "Boolean", "default": True},
            "list": {"type": "StringList", "default": ["a b", "c"]}, "env": {"type": "StringMap", "default": {}}},
        values={"lines": ["echo one", "echo $GREETING"], "env": ['{"GREETING":"hi there"}']})
    assert steps["say"]["Output"] == 'one\nhi there\n3 true ["a b","c"]\n'


def test_versions_are_chosen_at_sending(agent, run):
    run("run-versions", [step("say", "echo 1")])
    second = {"schemaVersion": "2.2", "mainSteps": [step("say", "echo 2")]}
    agent.ssm.update_document(Name="run-versions", Content=json.dumps(second), DocumentVersion="$LATEST")
    for version, output in (("$DEFAULT", "1\n"), ("$LATEST", "2\n"), ("1", "1\n"), ("2", "2\n")):
        command = agent.ssm.send_command(
            InstanceIds=[agent.instance_id], DocumentName="run-versions", DocumentVersion=version)["Command"]["CommandId"]
        assert agent.wait(command)["StandardOutputContent"] == output
    assert error(
        agent.ssm.send_command, InstanceIds=[agent.instance_id], DocumentName="run-versions", DocumentVersion="3"
    ).startswith("InvalidDocumentVersion: ")


@pytest.mark.parametrize("values, text", [
    ({}, "The required parameter who is missing."), ({"who": ["ada"], "x": ["y"]}, "has no parameter named x"),
    ({"who": ["eve"]}, "must be one of ada, bob"), ({"who": ["ada", "bob"]}, "exactly one value"),
    ({"who": ["ada"], "code": ["x"]}, "must match [0-9]+"), ({"who": ["ada"], "wait": ["0"]}, "inputs.timeoutSeconds must be"),
])
def test_values_that_a_document_does_not_allow(agent, values, text):
    document = {
        "schemaVersion": "2.2", "parameters": {
            "who": {"type": "String", "allowedValues": ["ada", "bob"]},
            "code": {"type": "String", "default": "1", "allowedPattern": "[0-9]+"}, "wait": {"type": "String", "default": "60"}},
        "mainSteps": [step("say", "echo {{ who }} {{ code }}", timeoutSeconds="{{ wait }}")]}
    agent.ssm.create_document(Name="run-refused", Content=json.dumps(document), DocumentType="Command")
    try:
        refused = error(agent.ssm.send_command, InstanceIds=[agent.instance_id], DocumentName="run-refused", Parameters=values)
        assert refused.startswith("InvalidParameters: ")
        assert text in refused
    finally:
        agent.ssm.delete_document(Name="run-refused")


def test_a_document_of_schema_12(agent):
    document = {"schemaVersion": "1.2", "parameters": {"lines": {"type": "StringList"}}, "runtimeConfig": {
        SHELL: {"properties": [{"id": "0.aws:runShellScript", "runCommand": "{{ lines }}"}]}}}
    agent.ssm.create_document(Name="run-old", Content=json.dumps(document))
    command = agent.ssm.send_command(
        InstanceIds=[agent.instance_id], DocumentName="run-old", Parameters={"lines": ["echo a", "echo b"]})["Command"]["CommandId"]
    result = agent.wait(command)
    assert (result["Status"], result["StandardOutputContent"], result["PluginName"]) == ("Success", "a\nb\n", SHELL)
    agent.ssm.delete_document(Name="run-old")


def test_nightshifts_own_document_sets_the_environment(agent):
    command = agent.ssm.send_command(
        InstanceIds=[agent.instance_id], DocumentName="Nightshift-RunShellScript", Parameters={
            "commands": ["echo $COLOUR", "umask", "ulimit -n"], "environment": ['{"COLOUR":"green"}'], "umask": ["027"],
            "limits": ['{"nofile":"512:512"}']})["Command"]["CommandId"]
    assert agent.wait(command)["StandardOutputContent"] == "green\n0027\n512\n"


def test_references_to_parameters_are_filled_in(agent, run):
    agent.ssm.put_parameter(Name="/documents/who", Value="ada", Type="String")
    agent.ssm.put_parameter(Name="/documents/hosts", Value="h1,h2", Type="StringList")
    _, steps = run(
        "run-references", [step("say", "echo {{ who }} {{ssm:/documents/who:1}}", "for h in {{ hosts }}; do echo $h; done")],
        parameters={"who": {"type": "String", "default": "{{ssm:/documents/who}}"}, "hosts": {"type": "String"}},
        values={"hosts": ["{{ ssm:/documents/hosts }}"]})
    assert steps["say"]["Output"] == "ada ada\nh1,h2\n"


def test_a_parameter_by_the_environment_is_no_command(run):
    _, steps = run(
        "run-variable", [step("say", 'echo "{{ text }}"')], parameters={"text": {"type": "String", "interpolationType": "ENV_VAR"}},
        values={"text": ['"; echo injected; $(echo too)']})
    assert steps["say"]["Output"] == '"; echo injected; $(echo too)\n'


def test_what_a_document_says_of_files_beyond_s3_fails_on_the_node(agent):
    document = {"schemaVersion": "2.2", "mainSteps": [{"action": "aws:downloadContent", "name": "fetch", "inputs": {
        "sourceType": "GitHub", "sourceInfo": '{"owner":"a","repository":"b","path":"c"}'}}]}
    agent.ssm.create_document(Name="run-github", Content=json.dumps(document), DocumentType="Command")
    command = agent.ssm.send_command(InstanceIds=[agent.instance_id], DocumentName="run-github")["Command"]["CommandId"]
    result = agent.wait(command)
    assert result["Status"] == "Failed"
    assert "GitHub" in result["StandardErrorContent"]
    agent.ssm.delete_document(Name="run-github")


def test_a_script_of_a_bucket_is_fetched_and_run(agent, tmp_path):
    objects = agent.server.client("s3")
    objects.create_bucket(Bucket="remote-scripts")
    objects.put_object(Bucket="remote-scripts", Key="night/greet.sh", Body=b"#!/bin/sh\necho hello $1 from $(basename $PWD)\n")
    folder = tmp_path / "work"
    folder.mkdir()
    command = agent.ssm.send_command(
        InstanceIds=[agent.instance_id], DocumentName="AWS-RunRemoteScript", Parameters={
            "sourceType": ["S3"], "sourceInfo": ['{"path":"https://s3.amazonaws.com/remote-scripts/night/greet.sh"}'],
            "commandLine": ["greet.sh you"], "workingDirectory": [str(folder)]})["Command"]["CommandId"]
    result = agent.wait(command)
    assert result["Status"] == "Success", result["StandardErrorContent"]
    plugins = agent.ssm.list_command_invocations(CommandId=command, Details=True)["CommandInvocations"][0]["CommandPlugins"]
    assert plugins[-1]["Output"] == "hello you from work\n"
