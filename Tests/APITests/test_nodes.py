"""Nodes: who may enrol, what is shown of them and set for them, and the operator's commands for them."""
import datetime
import json
import os
import subprocess
import time

import botocore.exceptions
import pytest

from agents import Agent
from conftest import ROOT
from polling import until
from test_cli import run


@pytest.fixture
def own(start_server, tmp_path):
    """A server and an agent of the test's own, to be killed."""
    agent = Agent(start_server(), tmp_path / "agent")
    yield agent
    if agent.process.poll() is None:
        agent.stop()


@pytest.fixture(scope="module")
def agent(server, tmp_path_factory):
    agent = Agent(server, tmp_path_factory.mktemp("nodes") / "feeder", tags=["role=feeder", "zone=b"])
    yield agent
    agent.stop()


def refusal(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"]


def settings(agent, operation="DescribeNodeSettings", **members):
    """The answer of one of the own operations on an agent's node."""
    return agent.server.raw(
        "nightshift", headers={"X-Amz-Target": f"Nightshift_20261101.{operation}", "Content-Type": "application/x-amz-json-1.1"},
        body=json.dumps({"InstanceId": agent.instance_id, **members}).encode())


def nightshift(agent, *arguments, **options):
    return run("nodes", *arguments, "--endpoint", agent.server.url, "--data", agent.server.data, **options)


# Activations


def enrol(server, folder, activation):
    program = os.environ.get("NIGHTSHIFT", str(ROOT / ".build" / "debug" / "nightshift"))
    folder.mkdir()
    log = open(folder / "log", "wb")
    return subprocess.Popen(
        [program, "agent", "--server", server.url, "--data", str(folder / "data"), "--activation-id", activation["ActivationId"],
         "--activation-code", activation["ActivationCode"]], stdout=log, stderr=subprocess.STDOUT)


def test_an_activation_is_described(client):
    ssm = client("ssm")
    expires = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=2)
    made = ssm.create_activation(
        IamRole="service-role/described", Description="racks", DefaultInstanceName="rack-host", RegistrationLimit=7,
        ExpirationDate=expires, Tags=[{"Key": "site", "Value": "north"}])
    assert len(made["ActivationCode"]) >= 20
    for key, value in [("ActivationIds", made["ActivationId"]), ("DefaultInstanceName", "rack-host"), ("IamRole", "service-role/described")]:
        shown = ssm.describe_activations(Filters=[{"FilterKey": key, "FilterValues": [value]}])
        (activation,) = shown["ActivationList"]
        assert "NextToken" not in shown
    assert activation["ActivationId"] == made["ActivationId"]
    assert (activation["Description"], activation["RegistrationLimit"], activation["RegistrationsCount"]) == ("racks", 7, 0)
    assert (activation["Expired"], activation["ExpirationDate"]) == (False, expires)
    assert activation["Tags"] == [{"Key": "site", "Value": "north"}]
    assert "ActivationCode" not in activation
    ssm.delete_activation(ActivationId=made["ActivationId"])
    assert refusal(ssm.delete_activation, ActivationId=made["ActivationId"]) == "InvalidActivationId"
    assert not ssm.describe_activations(Filters=[{"FilterKey": "ActivationIds", "FilterValues": [made["ActivationId"]]}])["ActivationList"]


def test_activations_are_listed_by_pages(client):
    ssm = client("ssm")
    made = {ssm.create_activation(IamRole="paged")["ActivationId"] for _ in range(5)}
    filters = [{"FilterKey": "IamRole", "FilterValues": ["paged"]}]
    pages = list(ssm.get_paginator("describe_activations").paginate(Filters=filters, PaginationConfig={"PageSize": 2}))
    assert [len(page["ActivationList"]) for page in pages] == [2, 2, 1]
    assert {activation["ActivationId"] for page in pages for activation in page["ActivationList"]} == made


@pytest.mark.parametrize("days", [-1, 31])
def test_an_activation_cannot_last_so(client, days):
    expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    assert refusal(client("ssm").create_activation, IamRole="r", ExpirationDate=expires) == "InvalidParameters"


def test_a_used_up_activation_enrols_nobody_else(server, tmp_path):
    ssm = server.client("ssm")
    activation = ssm.create_activation(IamRole="once", RegistrationLimit=1, DefaultInstanceName="once", Tags=[{"Key": "lot", "Value": "7"}])
    first = enrol(server, tmp_path / "first", activation)
    filters = [{"Key": "ActivationIds", "Values": [activation["ActivationId"]]}]
    nodes = until(lambda: ssm.describe_instance_information(Filters=filters)["InstanceInformationList"], 30, "the first enrols")
    second = enrol(server, tmp_path / "second", activation)
    until(lambda: second.poll() is not None or b"InvalidActivation" in (tmp_path / "second" / "log").read_bytes(), 30, "the second is refused")
    assert len(ssm.describe_instance_information(Filters=filters)["InstanceInformationList"]) == 1
    (shown,) = ssm.describe_activations(Filters=[{"FilterKey": "ActivationIds", "FilterValues": [activation["ActivationId"]]}])["ActivationList"]
    assert shown["RegistrationsCount"] == 1
    # The activation's tags are the node's.
    assert {"Key": "lot", "Value": "7"} in ssm.list_tags_for_resource(
        ResourceType="ManagedInstance", ResourceId=nodes[0]["InstanceId"])["TagList"]
    for process in (first, second):
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=20)


# What is shown


def test_a_node_is_described(agent):
    (node,) = agent.nodes([{"Key": "InstanceIds", "Values": [agent.instance_id]}])
    assert (node["PingStatus"], node["PlatformType"], node["ResourceType"]) == ("Online", "Linux", "ManagedInstance")
    assert (node["Name"], node["IamRole"], node["SourceId"]) == ("feeder", "agent", agent.instance_id)
    assert (node["SourceType"], node["IsLatestVersion"]) == ("AWS::SSM::ManagedInstance", True)
    assert node["ComputerName"] and node["PlatformName"] and node["AgentVersion"]
    assert abs(node["LastPingDateTime"].timestamp() - time.time()) < 60


@pytest.mark.parametrize("key, right, wrong", [
    ("PingStatus", "Online", "ConnectionLost"), ("PlatformTypes", "Linux", "Windows"), ("ResourceType", "ManagedInstance", "EC2Instance"),
    ("IamRole", "agent", "other"), ("tag:role", "feeder", "eater"), ("tag-key", "role", "none"), ("AgentVersion", None, "0.0.0.1"),
    ("ActivationIds", None, "00000000-0000-0000-0000-000000000000")])
def test_nodes_are_filtered(agent, key, right, wrong):
    (node,) = agent.nodes([{"Key": "InstanceIds", "Values": [agent.instance_id]}])
    right = right or node["AgentVersion" if key == "AgentVersion" else "ActivationId"]
    mine = {"Key": "InstanceIds", "Values": [agent.instance_id]}
    assert len(agent.nodes([mine, {"Key": key, "Values": [wrong, right]}])) == 1
    assert not agent.nodes([mine, {"Key": key, "Values": [wrong]}])
    if key.startswith("tag"):
        return
    older = agent.ssm.describe_instance_information(InstanceInformationFilterList=[{"key": key, "valueSet": [right]}])
    assert agent.instance_id in [node["InstanceId"] for node in older["InstanceInformationList"]]


def test_filters_that_are_none(agent):
    describe = agent.ssm.describe_instance_information
    assert refusal(describe, Filters=[{"Key": "Colour", "Values": ["red"]}]) == "InvalidFilterKey"
    assert refusal(describe, Filters=[{"Key": "PingStatus", "Values": ["Asleep"]}]) == "InvalidInstanceInformationFilterValue"
    assert refusal(describe, NextToken="nonsense") == "InvalidNextToken"


def test_properties_and_connection_of_a_node(agent):
    shown = agent.ssm.describe_instance_properties(
        FiltersWithOperator=[
            {"Key": "InstanceIds", "Values": [agent.instance_id], "Operator": "Equal"},
            {"Key": "AgentVersion", "Values": ["0.0.0"], "Operator": "GreaterThan"},
            {"Key": "PlatformTypes", "Values": ["Lin"], "Operator": "BeginWith"}])["InstanceProperties"]
    assert [node["InstanceId"] for node in shown] == [agent.instance_id] and shown[0]["Architecture"]
    assert agent.ssm.get_connection_status(Target=agent.instance_id)["Status"] == "connected"
    assert agent.ssm.get_connection_status(Target="mi-00000000000000000")["Status"] == "notconnected"


def test_a_role_is_changed_and_a_node_taken_out(server, tmp_path):
    agent = Agent(server, tmp_path / "leaver")
    agent.ssm.update_managed_instance_role(InstanceId=agent.instance_id, IamRole="service-role/new")
    assert agent.nodes([{"Key": "InstanceIds", "Values": [agent.instance_id]}])[0]["IamRole"] == "service-role/new"
    agent.ssm.deregister_managed_instance(InstanceId=agent.instance_id)
    assert not agent.nodes([{"Key": "InstanceIds", "Values": [agent.instance_id]}])
    assert refusal(agent.ssm.deregister_managed_instance, InstanceId=agent.instance_id) == "InvalidInstanceId"
    assert refusal(agent.ssm.update_managed_instance_role, InstanceId=agent.instance_id, IamRole="x") == "InvalidInstanceId"
    agent.stop()


def test_the_last_ping_is_known_after_a_crash(own):
    before = own.nodes([])[0]["LastPingDateTime"]
    own.kill()
    own.server.kill()
    own.server.start()
    (node,) = own.nodes([{"Key": "InstanceIds", "Values": [own.instance_id]}])
    assert node["PingStatus"] == "ConnectionLost"
    # It is written down once a minute.
    assert before.timestamp() - 61 <= node["LastPingDateTime"].timestamp() <= time.time()


# Settings


def test_settings_are_kept_until_they_are_set_back(agent):
    assert settings(agent).json == {"InstanceId": agent.instance_id, "Maintenance": False, "RunningCommands": 0}
    changed = settings(
        agent, "UpdateNodeSettings", RunAsUser="nobody", RunAsGroup="nogroup", Umask="27", Nice="5", MemoryMax="512m", CpuQuota="150%",
        TasksMax="64", Limits={"nofile": "1024:4096", "core": "unlimited"}).json
    assert changed == settings(agent).json
    assert (changed["RunAsUser"], changed["RunAsGroup"], changed["Umask"]) == ("nobody", "nogroup", "027")
    assert (changed["Nice"], changed["MemoryMax"], changed["CpuQuota"], changed["TasksMax"]) == ("5", "512M", "150%", "64")
    assert changed["Limits"] == {"nofile": "1024:4096", "core": "unlimited"}
    back = settings(
        agent, "UpdateNodeSettings", RunAsUser="", RunAsGroup="", Umask="", Nice="", MemoryMax="", CpuQuota="", TasksMax="",
        Limits={"nofile": "", "core": ""}).json
    assert back == {"InstanceId": agent.instance_id, "Maintenance": False, "RunningCommands": 0}


@pytest.mark.parametrize("member, value", [
    ("RunAsUser", "a b"), ("RunAsUser", "-x"), ("Umask", "9"), ("Umask", "1000"), ("Nice", "20"), ("MemoryMax", "512Q"), ("MemoryMax", "0"),
    ("CpuQuota", "50"), ("TasksMax", "0"), ("Limits", {"nofile": "5:3"}), ("Limits", {"doors": "5"})])
def test_settings_that_are_none(agent, member, value):
    answer = settings(agent, "UpdateNodeSettings", **{member: value})
    assert (answer.status, answer.code) == (400, "ValidationException")


def test_settings_of_nobody(agent):
    for operation in ("DescribeNodeSettings", "UpdateNodeSettings", "DeclareNodeLost"):
        answer = settings(agent, operation, InstanceId="mi-00000000000000000")
        assert (answer.status, answer.code) == (400, "InvalidInstanceId")


def test_a_job_runs_as_the_nodes_user(agent):
    if os.geteuid() != 0:
        pytest.skip("another user needs root")
    settings(agent, "UpdateNodeSettings", RunAsUser="nobody")
    try:
        assert agent.wait(agent.send("id -un"))["StandardOutputContent"] == "nobody\n"
    finally:
        settings(agent, "UpdateNodeSettings", RunAsUser="")
    assert agent.wait(agent.send("id -un"))["StandardOutputContent"] != "nobody\n"


def test_a_node_in_maintenance_finishes_what_runs_and_takes_nothing_new(agent, tmp_path):
    go = tmp_path / "go"
    running = agent.send(f"while ! [ -e {go} ]; do sleep 0.05; done; echo finished")
    agent.wait(running, "InProgress")
    done = nightshift(agent, "maintenance", agent.instance_id, "on")
    assert done.returncode == 0 and "1 command still runs there" in done.stdout
    waiting = agent.send("echo later")
    go.touch()
    assert agent.wait(running)["StandardOutputContent"] == "finished\n"
    assert agent.result(waiting)["Status"] == "Pending"
    assert settings(agent).json["Maintenance"] is True
    assert nightshift(agent, "maintenance", "feeder", "off").stdout.endswith("takes commands again\n")
    assert agent.wait(waiting)["StandardOutputContent"] == "later\n"


def test_a_lost_nodes_commands_fail_when_an_operator_says_so(own):
    command = own.send("sleep 60")
    own.wait(command, "InProgress")
    refused = settings(own, "DeclareNodeLost")
    assert (refused.status, refused.code) == (400, "NodeOnlineException")
    own.kill()
    until(lambda: own.nodes([{"Key": "PingStatus", "Values": ["ConnectionLost"]}]), 60, "the node is lost")
    assert own.result(command)["StatusDetails"] in ("InProgress", "Unreachable")
    unasked = nightshift(own, "declare-lost", own.instance_id, stdin="")
    assert unasked.returncode == 1 and "--yes" in unasked.stderr
    done = nightshift(own, "declare-lost", own.instance_id, "--yes")
    assert done.returncode == 0 and "1 command is Failed, NodeLost" in done.stdout
    result = own.result(command)
    assert (result["Status"], result["StatusDetails"]) == ("Failed", "NodeLost")
    # It comes back: what it still runs is stopped, and the record stays.
    own.start()
    own.wait_until_online()
    assert own.wait(own.send("echo back"))["Status"] == "Success"
    assert own.result(command)["StatusDetails"] == "NodeLost"


# The operator's commands


def test_a_node_is_set_and_shown(agent):
    done = nightshift(agent, "set", "feeder", "--run-as", "daemon:daemon", "--limit", "nofile=64:128", "--nice", "-5")
    assert done.returncode == 0 and "run as daemon:daemon" in done.stdout and "nice -5" in done.stdout
    shown = nightshift(agent, "show", agent.instance_id).stdout
    for words in (agent.instance_id, "run as        daemon:daemon", "limits        nofile=64:128", "maintenance   off", "running       nothing"):
        assert words in shown, shown
    whole = json.loads(nightshift(agent, "show", "feeder", "--json").stdout)
    assert whole["settings"]["RunAsUser"] == "daemon"
    assert nightshift(agent, "set", "feeder", "--run-as", "", "--limit", "nofile=", "--nice", "").stdout.endswith("nothing is set\n")


def test_mistakes_of_operators(agent):
    assert nightshift(agent, "show", "nobody-knows").returncode == 1
    assert nightshift(agent, "set", "feeder").returncode == 2
    assert nightshift(agent, "set", "feeder", "--limit", "nofile").returncode == 2
    assert nightshift(agent, "maintenance", "feeder", "maybe").returncode == 2
