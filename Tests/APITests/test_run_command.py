"""Run Command end to end: unmodified clients, a server process, an agent process, real scripts."""
import json
import time

import botocore.exceptions
import pytest

from agents import Agent
from polling import until

GROUP = "/aws/ssm/AWS-RunShellScript"


@pytest.fixture(scope="module")
def agent(server, tmp_path_factory):
    """An agent of the session's server."""
    agent = Agent(server, tmp_path_factory.mktemp("agent") / "crawler", tags=["role=crawler", "zone=a"])
    yield agent
    agent.stop()


@pytest.fixture
def own(start_server, tmp_path):
    """A server and an agent of the test's own, to be killed."""
    agent = Agent(start_server(), tmp_path / "agent")
    yield agent
    if agent.process.poll() is None:
        agent.stop()


def code(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"]


def log_lines(agent, command, stream="stdout", group=GROUP):
    logs = agent.server.client("logs")
    events = logs.get_log_events(
        logGroupName=group, logStreamName=f"{command}/{agent.instance_id}/aws-runShellScript/{stream}", startFromHead=True)
    return [event["message"] for event in events["events"]]


# Results


def test_a_script_succeeds(agent):
    command = agent.send("echo hello", "echo $AWS_SSM_INSTANCE_ID")
    listed = agent.ssm.list_command_invocations(CommandId=command, Details=True)["CommandInvocations"]
    assert [invocation["InstanceId"] for invocation in listed] == [agent.instance_id]
    assert listed[0]["CommandPlugins"][0]["Name"] == "aws:runShellScript"
    result = agent.wait(command)
    assert (result["Status"], result["StatusDetails"], result["ResponseCode"]) == ("Success", "Success", 0)
    assert result["StandardOutputContent"] == f"hello\n{agent.instance_id}\n"
    assert result["PluginName"] == "aws:runShellScript"
    assert result["ExecutionElapsedTime"].startswith("PT")
    plugin = agent.ssm.list_command_invocations(CommandId=command, Details=True)["CommandInvocations"][0]["CommandPlugins"][0]
    assert (plugin["Status"], plugin["ResponseCode"], plugin["Output"]) == ("Success", 0, result["StandardOutputContent"])
    whole = agent.ssm.list_commands(CommandId=command)["Commands"][0]
    assert (whole["Status"], whole["TargetCount"], whole["CompletedCount"], whole["ErrorCount"]) == ("Success", 1, 1, 0)


def test_a_script_fails(agent):
    result = agent.wait(agent.send("echo out; echo err >&2; exit 3"))
    assert (result["Status"], result["StatusDetails"], result["ResponseCode"]) == ("Failed", "Failed", 3)
    assert (result["StandardOutputContent"], result["StandardErrorContent"]) == ("out\n", "err\n")
    listed = agent.ssm.list_command_invocations(CommandId=result["CommandId"], Details=True)["CommandInvocations"][0]
    assert listed["CommandPlugins"][0]["Output"] == "out\n\n----------ERROR-------\nerr\n"


def test_while_it_runs_there_is_a_plugin_without_output(agent):
    command = agent.send("echo begun; sleep 2")
    agent.wait(command, "InProgress")
    plugin = agent.ssm.list_command_invocations(CommandId=command, Details=True)["CommandInvocations"][0]["CommandPlugins"][0]
    assert (plugin["Status"], plugin["ResponseCode"], plugin["Output"]) == ("InProgress", -1, "")
    agent.wait(command, "Success")


def test_the_working_directory(agent, tmp_path):
    command = agent.ssm.send_command(
        InstanceIds=[agent.instance_id], DocumentName="AWS-RunShellScript", DocumentVersion="$LATEST",
        Parameters={"commands": ["pwd"], "workingDirectory": [str(tmp_path)]})["Command"]["CommandId"]
    assert agent.wait(command)["StandardOutputContent"] == f"{tmp_path}\n"


def test_the_execution_timeout(agent):
    result = agent.wait(agent.send("echo begun; sleep 30", timeout=1))
    assert (result["Status"], result["StatusDetails"]) == ("TimedOut", "ExecutionTimedOut")
    assert result["StandardOutputContent"] == "begun\n"


def test_cancelling_what_runs(agent):
    command = agent.send("echo begun; sleep 60")
    agent.wait(command, "InProgress")
    agent.ssm.cancel_command(CommandId=command)
    result = agent.wait(command)
    assert (result["Status"], result["StatusDetails"]) == ("Cancelled", "Cancelled")
    assert agent.ssm.list_commands(CommandId=command)["Commands"][0]["Status"] == "Cancelled"


def test_long_output_is_cut_in_the_answer_and_whole_in_the_log(agent):
    command = agent.send("i=0; while [ $i -lt 3000 ]; do echo line-$i-abcdefghij; i=$((i+1)); done",
                         CloudWatchOutputConfig={"CloudWatchOutputEnabled": True})
    result = agent.wait(command)
    expected = [f"line-{number}-abcdefghij" for number in range(3000)]
    assert len(result["StandardOutputContent"]) == 24_000
    assert result["StandardOutputContent"] == ("\n".join(expected) + "\n")[:24_000]
    plugin = agent.ssm.list_command_invocations(CommandId=command, Details=True)["CommandInvocations"][0]["CommandPlugins"][0]
    assert len(plugin["Output"]) == 2_500
    assert log_lines(agent, command) == expected


def test_output_is_in_the_log_while_the_script_runs(agent):
    command = agent.send("echo first; sleep 4; echo second", CloudWatchOutputConfig={
        "CloudWatchOutputEnabled": True, "CloudWatchLogGroupName": "/batch/live"})

    def first():
        try:
            return log_lines(agent, command, group="/batch/live") == ["first"]
        except botocore.exceptions.ClientError:
            return False

    until(first, 4, "the first line is in the log")
    assert agent.result(command)["Status"] == "InProgress"
    agent.wait(command)
    assert log_lines(agent, command, group="/batch/live") == ["first", "second"]


def test_twelve_commands_side_by_side(agent, tmp_path):
    # Each waits for all of them to have begun, so fewer at a time would never end.
    script = f"touch {tmp_path}/$$; until [ $(ls {tmp_path} | wc -l) -ge 12 ]; do sleep 0.1; done"
    commands = [agent.send(script, timeout=25) for _ in range(12)]
    assert [agent.wait(command)["Status"] for command in commands] == ["Success"] * 12


def test_targets_by_tag(agent):
    sent = agent.ssm.send_command(
        Targets=[{"Key": "tag:role", "Values": ["crawler"]}, {"Key": "tag:zone", "Values": ["a", "b"]}],
        DocumentName="AWS-RunShellScript", Parameters={"commands": ["true"]})["Command"]
    assert sent["TargetCount"] == 1
    assert agent.wait(sent["CommandId"])["Status"] == "Success"


# Crashes


def test_the_server_is_killed_while_a_command_runs(own, tmp_path):
    command = own.send(f"echo begun; sleep 3; echo ran >> {tmp_path}/runs; echo done",
                       CloudWatchOutputConfig={"CloudWatchOutputEnabled": True})
    own.wait(command, "InProgress")
    own.server.kill()
    time.sleep(4)
    own.server.start()
    result = own.wait(command)
    assert (result["Status"], result["StandardOutputContent"]) == ("Success", "begun\ndone\n")
    assert (tmp_path / "runs").read_text() == "ran\n"
    assert log_lines(own, command) == ["begun", "done"]


def test_the_agent_is_killed_while_a_command_runs(own, tmp_path):
    command = own.send(f"echo begun; sleep 2; echo ran >> {tmp_path}/runs; echo done")
    own.wait(command, "InProgress")
    until(lambda: list((own.folder / "data" / "spool").glob("*/started")), 10, "the script has started")
    own.kill()
    time.sleep(3)
    own.start()
    result = own.wait(command)
    assert (result["Status"], result["StandardOutputContent"]) == ("Success", "begun\ndone\n")
    assert (tmp_path / "runs").read_text() == "ran\n"


def test_a_command_for_an_agent_that_is_away_waits_for_it(own):
    own.stop()
    command = own.send("echo late")
    time.sleep(1)
    assert own.result(command)["Status"] == "Pending"
    cancelled = own.send("echo never")
    own.ssm.cancel_command(CommandId=cancelled)
    assert own.result(cancelled)["Status"] == "Cancelled"
    own.start()
    assert own.wait(command)["StandardOutputContent"] == "late\n"
    assert own.result(cancelled)["StandardOutputContent"] == ""


def test_both_are_killed_in_a_row_of_commands(own, tmp_path):
    commands = [own.send(f"echo {number} >> {tmp_path}/runs-{number}; sleep 1") for number in range(8)]
    own.server.kill()
    own.kill()
    own.server.start()
    own.start()
    assert [own.wait(command)["Status"] for command in commands] == ["Success"] * 8
    for number in range(8):
        assert (tmp_path / f"runs-{number}").read_text() == f"{number}\n"


def test_online_within_seconds_of_a_restart(own):
    own.server.kill()
    own.server.start()
    started = time.monotonic()
    own.wait_until_online()
    assert time.monotonic() - started < 10


# Nodes and activations


def test_a_node_describes_itself(agent):
    node = agent.nodes([{"Key": "tag:role", "Values": ["crawler"]}])[0]
    assert node["InstanceId"] == agent.instance_id and node["InstanceId"].startswith("mi-")
    assert (node["PingStatus"], node["ResourceType"], node["PlatformType"]) == ("Online", "ManagedInstance", "Linux")
    assert node["Name"] == "crawler"
    assert code(agent.ssm.describe_instance_information, Filters=[{"Key": "Nonsense", "Values": ["x"]}]) == "InvalidFilterKey"


def test_tags_of_a_node(agent):
    resource = {"ResourceType": "ManagedInstance", "ResourceId": agent.instance_id}
    agent.ssm.add_tags_to_resource(**resource, Tags=[{"Key": "owner", "Value": "batch"}])
    tags = {tag["Key"]: tag["Value"] for tag in agent.ssm.list_tags_for_resource(**resource)["TagList"]}
    assert tags == {"owner": "batch", "role": "crawler", "zone": "a"}
    agent.ssm.remove_tags_from_resource(**resource, TagKeys=["owner"])
    assert code(agent.ssm.list_tags_for_resource, ResourceType="ManagedInstance", ResourceId="mi-00000000000000000") == "InvalidResourceId"


def test_activations(client):
    ssm = client("ssm")
    made = ssm.create_activation(
        IamRole="role", Description="for a test", RegistrationLimit=3, DefaultInstanceName="host",
        Tags=[{"Key": "team", "Value": "ops"}])
    found = ssm.describe_activations(Filters=[{"FilterKey": "ActivationIds", "FilterValues": [made["ActivationId"]]}])
    activation = found["ActivationList"][0]
    assert (activation["RegistrationLimit"], activation["RegistrationsCount"], activation["Expired"]) == (3, 0, False)
    assert activation["Tags"] == [{"Key": "team", "Value": "ops"}]
    assert "ActivationCode" not in activation
    ssm.delete_activation(ActivationId=made["ActivationId"])
    assert code(ssm.delete_activation, ActivationId=made["ActivationId"]) == "InvalidActivationId"


def test_a_deregistered_node_is_gone(own):
    running = own.send("sleep 1")
    own.wait(running, "InProgress")
    own.ssm.deregister_managed_instance(InstanceId=own.instance_id)
    assert own.ssm.describe_instance_information()["InstanceInformationList"] == []
    assert own.result(running)["StatusDetails"] == "Unreachable"
    assert code(own.ssm.deregister_managed_instance, InstanceId=own.instance_id) == "InvalidInstanceId"
    assert code(own.ssm.send_command, InstanceIds=[own.instance_id], DocumentName="AWS-RunShellScript",
                Parameters={"commands": ["true"]}) == "InvalidInstanceId"


# Errors and documents


def test_errors(agent):
    send = agent.ssm.send_command
    good = {"InstanceIds": [agent.instance_id], "DocumentName": "AWS-RunShellScript", "Parameters": {"commands": ["true"]}}
    assert code(send, **{**good, "InstanceIds": ["mi-0123456789abcdef0"]}) == "InvalidInstanceId"
    assert code(send, **{**good, "DocumentName": "AWS-NoSuchDocument"}) == "InvalidDocument"
    assert code(send, **{**good, "DocumentVersion": "99"}) == "InvalidDocumentVersion"
    assert code(send, **{**good, "Parameters": {"command": ["true"]}}) == "InvalidParameters"
    assert code(send, **{**good, "Parameters": {}}) == "InvalidParameters"
    assert code(send, **{**good, "Comment": "x" * 101}) == "ValidationException"
    missing = "00000000-0000-4000-8000-000000000000"
    assert code(agent.ssm.get_command_invocation, CommandId=missing, InstanceId=agent.instance_id) == "InvocationDoesNotExist"
    assert code(agent.ssm.cancel_command, CommandId=missing) == "InvalidCommandId"
    assert agent.ssm.list_command_invocations(CommandId=missing)["CommandInvocations"] == []
    assert code(agent.ssm.list_commands, InstanceId="mi-0123456789abcdef0") == "InvalidInstanceId"
    shortest = agent.server.json("AmazonSSM.SendCommand", {**good, "TimeoutSeconds": 29})
    assert (shortest.status, shortest.code) == (400, "ValidationException")


def test_documents(client):
    ssm = client("ssm")
    assert "AWS-RunShellScript" in [document["Name"] for document in ssm.list_documents()["DocumentIdentifiers"]]
    described = ssm.describe_document(Name="AWS-RunShellScript")["Document"]
    assert [parameter["Name"] for parameter in described["Parameters"]] == ["commands", "workingDirectory", "executionTimeout"]
    content = json.loads(ssm.get_document(Name="AWS-RunShellScript", DocumentVersion="1")["Content"])
    assert content["runtimeConfig"]["aws:runShellScript"]["properties"][0]["runCommand"] == "{{ commands }}"
    assert code(ssm.get_document, Name="No-Such") == "InvalidDocument"
    assert code(ssm.describe_document, Name="AWS-RunShellScript", DocumentVersion="2") == "InvalidDocumentVersion"


def test_the_aws_cli_sends_and_waits(agent):
    sent = agent.server.aws(
        "ssm", "send-command", "--instance-ids", agent.instance_id, "--document-name", "AWS-RunShellScript", "--parameters",
        "commands=echo from the cli", "--comment", "by hand", "--query", "Command.CommandId", "--output", "text")
    assert sent.returncode == 0, sent.stderr
    command = sent.stdout.strip()
    waited = agent.server.aws(
        "ssm", "wait", "command-executed", "--command-id", command, "--instance-id", agent.instance_id)
    assert waited.returncode == 0, waited.stderr
    assert agent.result(command)["StandardOutputContent"] == "from the cli\n"
    refused = agent.server.aws("ssm", "cancel-command", "--command-id", "00000000-0000-4000-8000-000000000000")
    assert "(InvalidCommandId)" in refused.stderr
