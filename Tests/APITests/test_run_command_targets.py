"""Which nodes a command reaches, what is filled in for it, and resource groups."""
import json
import uuid

import pytest

from agents import Agent
from polling import until
from refusals import refusal

SCRIPT = "AWS-RunShellScript"


@pytest.fixture(scope="module")
def nodes(server, tmp_path_factory):
    """Three agents of the session's server."""
    folder = tmp_path_factory.mktemp("targets")
    agents = [
        Agent(server, folder / "a", tags=["targets=yes", "role=crawler", "zone=a"]),
        Agent(server, folder / "b", tags=["targets=yes", "role=crawler", "zone=b"]),
        Agent(server, folder / "c", tags=["targets=yes", "role=indexer"]),
    ]
    yield agents
    for agent in agents:
        agent.stop()


def send(agent, *targets, **more):
    return agent.ssm.send_command(
        Targets=[{"Key": key, "Values": values} for key, values in targets], DocumentName=SCRIPT,
        **{"Parameters": {"commands": ["true"]}, **more})["Command"]


def reached(agent, *targets):
    command = send(agent, *targets)
    listed = agent.ssm.list_command_invocations(CommandId=command["CommandId"])["CommandInvocations"]
    assert command["TargetCount"] == len(listed)
    return sorted(invocation["InstanceId"] for invocation in listed)


def ids(*agents):
    return sorted(agent.instance_id for agent in agents)


def test_targets_are_anded(nodes):
    a, b, c = nodes
    assert reached(a, ("tag:targets", ["yes"])) == ids(a, b, c)
    assert reached(a, ("tag:targets", ["yes"]), ("tag:role", ["crawler"])) == ids(a, b)
    assert reached(a, ("tag:targets", ["yes"]), ("tag:zone", ["a", "b"])) == ids(a, b)
    assert reached(a, ("tag:targets", ["yes"]), ("tag-key", ["zone", "nothing"])) == ids(a, b)
    assert reached(a, ("InstanceIds", ids(a, c)), ("tag:role", ["indexer"])) == ids(c)
    assert reached(a, ("tag:targets", ["yes"]), ("InstanceIds", ["*"])) == ids(a, b, c)
    assert reached(a, ("instanceids", ids(a))) == ids(a)


def test_targets_that_nothing_matches(nodes):
    command = send(nodes[0], ("tag:targets", ["no"]))
    assert (command["TargetCount"], command["Status"], command["StatusDetails"]) == (0, "Success", "NoInstancesInTag")
    listed = nodes[0].ssm.list_commands(Filters=[{"key": "Status", "value": "NoInstancesInTag"}])["Commands"]
    assert command["CommandId"] in [entry["CommandId"] for entry in listed]


def test_targets_that_cannot_be(nodes):
    ssm = nodes[0].ssm
    good = {"DocumentName": SCRIPT, "Parameters": {"commands": ["true"]}}
    for targets in ([("color", ["red"])], [("tag:", ["x"])], [("resource-groups:Name", ["a", "b"])], [("tag:x", ["y"])] * 6):
        refused = refusal(ssm.send_command, **good, Targets=[{"Key": key, "Values": values} for key, values in targets])
        assert refused["Code"] == "ValidationException", targets
    assert refusal(ssm.send_command, **good)["Code"] == "ValidationException"
    node = nodes[0].instance_id
    assert refusal(ssm.send_command, **good, InstanceIds=[node, node])["Code"] == "DuplicateInstanceId"
    assert refusal(ssm.send_command, **good, InstanceIds=[node] * 51)["Code"] in ("ValidationException", "DuplicateInstanceId")
    for member, value in (("MaxConcurrency", "0"), ("MaxConcurrency", "101%"), ("MaxErrors", "-1"), ("MaxErrors", "101%")):
        assert refusal(ssm.send_command, **good, InstanceIds=[node], **{member: value})["Code"] == "ValidationException", value


def test_a_cancelled_command_on_some_of_its_nodes(nodes):
    a, b, _ = nodes
    command = send(a, ("tag:role", ["crawler"]), ("tag:targets", ["yes"]), Parameters={"commands": ["sleep 20"]})["CommandId"]
    a.wait(command, "InProgress")
    b.wait(command, "InProgress")
    a.ssm.cancel_command(CommandId=command, InstanceIds=[a.instance_id])
    assert a.wait(command)["Status"] == "Cancelled"
    assert b.result(command)["Status"] == "InProgress"
    refused = refusal(a.ssm.cancel_command, CommandId=command, InstanceIds=[nodes[2].instance_id])
    assert refused["Code"] == "InvalidInstanceId"
    a.ssm.cancel_command(CommandId=command)
    assert b.wait(command)["Status"] == "Cancelled"


# Resource groups


def query(types, *filters):
    return {"Type": "TAG_FILTERS_1_0", "Query": json.dumps(
        {"ResourceTypeFilters": types, "TagFilters": [{"Key": key, "Values": values} for key, values in filters]})}


@pytest.fixture
def groups(server):
    client = server.client("resource-groups")
    made = []

    def create(*arguments, **more):
        name = f"group-{uuid.uuid4().hex[:10]}"
        made.append(name)
        return name, client.create_group(Name=name, ResourceQuery=query(*arguments), **more)

    client.create = create
    yield client
    for name in made:
        try:
            client.delete_group(Group=name)
        except client.exceptions.NotFoundException:
            pass


def test_a_command_to_a_resource_group(nodes, groups):
    a, b, c = nodes
    name, _ = groups.create(["AWS::SSM::ManagedInstance"], ("targets", ["yes"]), ("role", ["crawler", "other"]))
    assert reached(a, ("resource-groups:Name", [name])) == ids(a, b)
    assert reached(a, ("resource-groups:Name", [name]), ("tag:zone", ["b"])) == ids(b)
    everything, _ = groups.create(["AWS::AllSupported"], ("targets", []))
    assert reached(a, ("resource-groups:Name", [everything])) == ids(a, b, c)
    assert reached(a, ("resource-groups:Name", [everything]), ("resource-groups:ResourceTypeFilters", ["AWS::S3::Bucket"])) == []
    assert reached(a, ("resource-groups:Name", [everything]),
                   ("resource-groups:ResourceTypeFilters", ["AWS::SSM::ManagedInstance", "AWS::S3::Bucket"])) == ids(a, b, c)
    refused = refusal(a.ssm.send_command, Targets=[{"Key": "resource-groups:Name", "Values": ["no-such-group"]}],
                    DocumentName=SCRIPT, Parameters={"commands": ["true"]})
    assert refused["Code"] == "ValidationException" and "no-such-group" in refused["Message"]


def test_the_life_of_a_resource_group(nodes, groups):
    name, made = groups.create(["AWS::SSM::ManagedInstance"], ("targets", ["yes"]), Description="All of them", Tags={"team": "ops"})
    arn = made["Group"]["GroupArn"]
    assert arn == f"arn:aws:resource-groups:us-east-1:000000000000:group/{name}"
    assert made["Group"] == {"GroupArn": arn, "Name": name, "Description": "All of them"}
    assert made["Tags"] == {"team": "ops"} and made["ResourceQuery"]["Type"] == "TAG_FILTERS_1_0"
    taken = refusal(groups.create_group, Name=name, ResourceQuery=query(["AWS::AllSupported"], ("a", [])))
    assert taken["Code"] == "BadRequestException"
    assert groups.get_group(Group=arn)["Group"] == made["Group"]
    assert groups.get_group(GroupName=name)["Group"] == made["Group"]
    assert groups.get_group_query(Group=name)["GroupQuery"] == {"GroupName": name, "ResourceQuery": made["ResourceQuery"]}

    listed = groups.list_group_resources(Group=name)
    expected = [{"ResourceArn": f"arn:aws:ssm:us-east-1:000000000000:managed-instance/{node}", "ResourceType": "AWS::SSM::ManagedInstance"}
                for node in ids(*nodes)]
    assert listed["ResourceIdentifiers"] == expected
    assert [entry["Identifier"] for entry in listed["Resources"]] == expected
    pages = groups.get_paginator("list_group_resources").paginate(Group=name, PaginationConfig={"PageSize": 2})
    assert [entry for page in pages for entry in page["ResourceIdentifiers"]] == expected

    assert groups.update_group(Group=name, Description="Other", Criticality=3)["Group"]["Criticality"] == 3
    assert groups.get_group(Group=name)["Group"]["Description"] == "Other"
    other = query(["AWS::SSM::ManagedInstance"], ("role", ["indexer"]), ("targets", ["yes"]))
    assert groups.update_group_query(Group=name, ResourceQuery=other)["GroupQuery"]["ResourceQuery"] == other
    assert groups.list_group_resources(Group=name)["ResourceIdentifiers"][0]["ResourceArn"].endswith(nodes[2].instance_id)
    found = groups.search_resources(ResourceQuery=other)["ResourceIdentifiers"]
    assert [entry["ResourceArn"].split("/")[1] for entry in found] == ids(nodes[2])

    groups.tag(Arn=arn, Tags={"stage": "test"})
    assert groups.get_tags(Arn=arn)["Tags"] == {"stage": "test", "team": "ops"}
    assert groups.untag(Arn=arn, Keys=["team"])["Keys"] == ["team"]
    assert groups.get_tags(Arn=arn)["Tags"] == {"stage": "test"}

    shown = [page["GroupIdentifiers"] for page in groups.get_paginator("list_groups").paginate(PaginationConfig={"PageSize": 1})]
    assert name in [entry["GroupName"] for page in shown for entry in page]
    assert groups.delete_group(Group=name)["Group"]["Name"] == name
    for call in (groups.get_group, groups.delete_group, groups.get_group_query, groups.list_group_resources):
        assert refusal(call, Group=name)["Code"] == "NotFoundException"


def test_groups_that_cannot_be(groups):
    good = query(["AWS::AllSupported"], ("a", ["b"]))
    for name, wanted in (
        ("aws-mine", good), ("fine", {"Type": "CLOUDFORMATION_STACK_1_0", "Query": "{}"}), ("fine", {**good, "Query": "not json"}),
        ("fine", query([], ("a", []))), ("fine", query(["AWS::AllSupported"])), ("fine", query(["Nonsense"], ("a", []))),
    ):
        assert refusal(groups.create_group, Name=name, ResourceQuery=wanted)["Code"] == "BadRequestException", (name, wanted)
    assert refusal(groups.create_group, Name="fine")["Code"] == "BadRequestException"


# Parameter Store


def test_parameters_are_filled_in(nodes):
    agent = nodes[0]
    prefix = f"/run/{uuid.uuid4().hex[:8]}"
    agent.ssm.put_parameter(Name=f"{prefix}/greeting", Value="hello", Type="String")
    agent.ssm.put_parameter(Name=f"{prefix}/greeting", Value="good night", Type="String", Overwrite=True)
    agent.ssm.put_parameter(Name=f"{prefix}/lines", Value="echo one,echo two", Type="StringList")
    asked = [f"echo '{{{{ssm:{prefix}/greeting}}}}' {{{{ ssm:{prefix}/greeting:1 }}}}"]
    command = agent.ssm.send_command(
        InstanceIds=[agent.instance_id], DocumentName=SCRIPT, Parameters={"commands": asked})["Command"]
    assert command["Parameters"]["commands"] == asked
    assert agent.wait(command["CommandId"])["StandardOutputContent"] == "good night hello\n"
    several = agent.send(f"{{{{ssm:{prefix}/lines}}}}")
    assert agent.wait(several)["StandardOutputContent"] == "one\ntwo\n"
    missing = refusal(agent.ssm.send_command, InstanceIds=[agent.instance_id], DocumentName=SCRIPT,
                    Parameters={"commands": [f"echo {{{{ssm:{prefix}/nothing}}}}"]})
    assert missing["Code"] == "InvalidParameters" and f"{prefix}/nothing" in missing["Message"]


def test_secrets_are_filled_in_on_the_way_and_stored_nowhere(nodes):
    agent = nodes[0]
    name = f"/run/{uuid.uuid4().hex[:8]}/password"
    secret = f"s3cret-{uuid.uuid4().hex}"
    agent.ssm.put_parameter(Name=name, Value=secret, Type="SecureString")
    command = agent.send(f"echo {{{{ssm-secure:{name}}}}} | rev")
    assert agent.wait(command)["StandardOutputContent"] == secret[::-1] + "\n"
    for path in agent.server.data.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path
    plain = refusal(agent.ssm.send_command, InstanceIds=[agent.instance_id], DocumentName=SCRIPT,
                  Parameters={"commands": [f"echo {{{{ssm:{name}}}}}"]})
    assert plain["Code"] == "InvalidParameters"
    lost = agent.wait(agent.send("echo ran; echo {{ssm-secure:/not/there}}"))
    assert (lost["Status"], lost["StandardOutputContent"]) == ("Failed", "")
    assert "/not/there" in lost["StandardErrorContent"]


# Listings


def test_listings_are_filtered_and_paged(nodes):
    agent = nodes[2]
    good = [agent.send("true") for _ in range(3)]
    bad = agent.send("exit 1", Comment="broken")
    for command in good + [bad]:
        agent.wait(command)
    ssm, node = agent.ssm, agent.instance_id

    def commands(**more):
        return [entry["CommandId"] for entry in ssm.list_commands(InstanceId=node, **more)["Commands"]]

    def until_listed():
        return commands(Filters=[{"key": "Status", "value": "Failed"}])[:1] == [bad]

    until(until_listed, 5, "the command has ended as a whole")
    assert commands()[:4] == [bad] + good[::-1]
    assert commands(Filters=[{"key": "ExecutionStage", "value": "Executing"}]) == []
    assert commands(Filters=[{"key": "DocumentName", "value": "AWS-Other"}]) == []
    assert commands(Filters=[{"key": "InvokedAfter", "value": "2000-01-01T00:00:00Z"}])[0] == bad
    assert commands(Filters=[{"key": "InvokedBefore", "value": "2000-01-01T00:00:00Z"}]) == []
    invocations = ssm.get_paginator("list_command_invocations").paginate(
        InstanceId=node, Filters=[{"key": "Status", "value": "Success"}], PaginationConfig={"PageSize": 1})
    listed = [entry["CommandId"] for page in invocations for entry in page["CommandInvocations"]]
    assert listed[:3] == good[::-1] and bad not in listed
    broken = ssm.list_command_invocations(CommandId=bad, Details=True)["CommandInvocations"][0]
    assert (broken["Comment"], broken["Status"], broken["CommandPlugins"][0]["ResponseCode"]) == ("broken", "Failed", 1)
    refused = refusal(ssm.list_commands, Filters=[{"key": "InvokedAfter", "value": "yesterday"}])
    assert refused["Code"] == "InvalidFilterKey"
    assert refusal(ssm.list_commands, NextToken="nonsense")["Code"] == "InvalidNextToken"
    command = ssm.list_commands(CommandId=bad)["Commands"][0]
    # Both timeouts together.
    assert (command["ExpiresAfter"] - command["RequestedDateTime"]).total_seconds() == 7200
