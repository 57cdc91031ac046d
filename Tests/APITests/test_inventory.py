"""Inventory: what agents and others say of nodes, and queries over it."""
import json
import uuid

import botocore.exceptions
import pytest

from agents import Agent
from polling import until
from test_cli import run

CAPTURED = "2026-11-21T10:00:00Z"


@pytest.fixture(scope="module")
def agent(server, tmp_path_factory):
    agent = Agent(server, tmp_path_factory.mktemp("inventory") / "stock", tags=["role=stock"])
    yield agent
    agent.stop()


def refusal(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"]


def item(type_name, content, version="1.0", **more):
    return {"TypeName": type_name, "SchemaVersion": version, "CaptureTime": CAPTURED, "Content": content, **more}


def entries(agent, type_name, **more):
    return agent.ssm.list_inventory_entries(InstanceId=agent.instance_id, TypeName=type_name, **more)


def select(agent, expression, **more):
    answer = agent.server.client("config").select_resource_config(Expression=expression, **more)
    return [json.loads(row) for row in answer["Results"]], answer


SERVICES = [
    {"Name": "sshd", "Status": "Running", "StartType": "auto"}, {"Name": "cron", "Status": "Running", "StartType": "auto"},
    {"Name": "rsync", "Status": "Stopped", "StartType": "manual"},
]


@pytest.fixture(scope="module", autouse=True)
def put(agent):
    agent.ssm.put_inventory(InstanceId=agent.instance_id, Items=[item("AWS:Service", SERVICES, ContentHash="abc")])


# What agents tell


def test_the_agent_reports_what_is_on_its_host(agent):
    until(lambda: entries(agent, "AWS:Application")["Entries"], 60, "the agent reports its packages")
    packages = [entry for page in agent.ssm.get_paginator("get_inventory").paginate(
        Filters=[{"Key": "AWS:InstanceInformation.InstanceId", "Values": [agent.instance_id]}],
        ResultAttributes=[{"TypeName": "AWS:Application"}]) for entry in page["Entities"]]
    content = packages[0]["Data"]["AWS:Application"]["Content"]
    assert all(package["Name"] and package["Version"] for package in content)
    detail = entries(agent, "AWS:InstanceDetailedInformation")["Entries"]
    assert detail[0]["KernelVersion"]
    information = entries(agent, "AWS:InstanceInformation")["Entries"][0]
    assert (information["InstanceId"], information["PlatformType"], information["InstanceStatus"]) == (agent.instance_id, "Linux", "Active")


# Putting and reading


def test_entries_are_listed_by_pages_and_filters(agent):
    shown = entries(agent, "AWS:Service", MaxResults=2)
    assert (shown["TypeName"], shown["SchemaVersion"], shown["CaptureTime"]) == ("AWS:Service", "1.0", CAPTURED)
    rest = entries(agent, "AWS:Service", MaxResults=2, NextToken=shown["NextToken"])
    assert shown["Entries"] + rest["Entries"] == SERVICES and "NextToken" not in rest
    for filters, names in [
        ([{"Key": "AWS:Service.Status", "Values": ["Running"]}], ["sshd", "cron"]),
        ([{"Key": "Name", "Values": ["s", "r"], "Type": "BeginWith"}], ["sshd", "rsync"]),
        ([{"Key": "Name", "Values": ["cron"], "Type": "NotEqual"}, {"Key": "Status", "Values": ["Running"]}], ["sshd"]),
        ([{"Key": "DisplayName", "Values": ["true"], "Type": "Exists"}], []),
    ]:
        assert [entry["Name"] for entry in entries(agent, "AWS:Service", Filters=filters)["Entries"]] == names
    assert refusal(agent.ssm.list_inventory_entries, InstanceId=agent.instance_id, TypeName="AWS:Nothing") == "InvalidTypeNameException"
    assert refusal(agent.ssm.list_inventory_entries, InstanceId="mi-00000000000000000", TypeName="AWS:Service") == "InvalidInstanceId"
    assert entries(agent, "AWS:WindowsUpdate")["Entries"] == []


@pytest.mark.parametrize("items, code", [
    ([item("AWS:Nothing", [])], "InvalidTypeNameException"),
    ([item("Custom:", [])], "InvalidTypeNameException"),
    ([item("AWS:Service", [{"Colour": "red"}])], "InvalidItemContentException"),
    ([{"TypeName": "AWS:Service", "SchemaVersion": "1.0", "CaptureTime": CAPTURED}], "InvalidItemContentException"),
    ([{"TypeName": "AWS:Service", "SchemaVersion": "1.0", "CaptureTime": CAPTURED, "ContentHash": "other"}], "ItemContentMismatchException"),
    ([item("AWS:Service", []), item("AWS:Service", [])], "InvalidItemContentException"),
    ([item("AWS:Service", [], version="9.0")], "UnsupportedInventorySchemaVersionException"),
    ([item("AWS:Service", [], Context={"a": "b"})], "UnsupportedInventoryItemContextException"),
    ([item("Custom:Big", [{"a": "x" * 4000}] * 60)], "ItemSizeLimitExceededException"),
    ([item("AWS:Service", [{"Name": "x" * 4000}] * 150), item("AWS:File", [{"Name": "x" * 4000}] * 150)], "TotalSizeLimitExceededException"),
    ([item("AWS:Service", [], version="x")], "ValidationException"),
])
def test_items_that_are_refused(agent, items, code):
    assert refusal(agent.ssm.put_inventory, InstanceId=agent.instance_id, Items=items) == code
    assert entries(agent, "AWS:Service")["Entries"] == SERVICES


def test_the_hash_alone_says_that_nothing_has_changed(agent):
    later = "2026-11-21T11:00:00Z"
    agent.ssm.put_inventory(InstanceId=agent.instance_id, Items=[
        {"TypeName": "AWS:Service", "SchemaVersion": "1.0", "CaptureTime": later, "ContentHash": "abc"}])
    shown = entries(agent, "AWS:Service")
    assert (shown["CaptureTime"], shown["Entries"]) == (later, SERVICES)
    agent.ssm.put_inventory(InstanceId=agent.instance_id, Items=[item("AWS:Service", SERVICES, ContentHash="abc")])


def test_nobody_has_an_inventory(agent):
    assert refusal(agent.ssm.put_inventory, InstanceId="mi-00000000000000000", Items=[item("AWS:Service", [])]) == "InvalidInstanceId"


@pytest.mark.parametrize("filters, is_found", [
    ([{"Key": "AWS:Service.Name", "Values": ["cron"]}], True),
    ([{"Key": "AWS:Service.Name", "Values": ["nothing", "cron"]}], True),
    ([{"Key": "AWS:Service.Name", "Values": ["nothing"]}], False),
    # One entry has both.
    ([{"Key": "AWS:Service.Name", "Values": ["cron"]}, {"Key": "AWS:Service.Status", "Values": ["Stopped"]}], False),
    ([{"Key": "AWS:Service.Name", "Values": ["rsync"]}, {"Key": "AWS:Service.Status", "Values": ["Stopped"]}], True),
    ([{"Key": "AWS:Service.Name", "Values": ["cron"], "Type": "NotEqual"}], False),
    ([{"Key": "AWS:Service.Name", "Values": ["nothing"], "Type": "NotEqual"}], True),
    ([{"Key": "AWS:Service.Name", "Values": ["ss"], "Type": "BeginWith"}], True),
    ([{"Key": "AWS:InstanceInformation.AgentVersion", "Values": ["0.0.1"], "Type": "GreaterThan"}], True),
    ([{"Key": "AWS:InstanceInformation.AgentVersion", "Values": ["0.0.1"], "Type": "LessThan"}], False),
    ([{"Key": "AWS:Service.Name", "Values": ["true"], "Type": "Exists"}], True),
    ([{"Key": "AWS:WindowsUpdate.HotFixId", "Values": ["true"], "Type": "Exists"}], False),
])
def test_nodes_are_found_by_their_inventory(agent, filters, is_found):
    mine = {"Key": "AWS:InstanceInformation.InstanceId", "Values": [agent.instance_id]}
    found = agent.ssm.get_inventory(Filters=[mine, *filters])["Entities"]
    assert [entity["Id"] for entity in found] == [agent.instance_id] * is_found
    if found:
        assert found[0]["Data"]["AWS:InstanceInformation"]["Content"][0]["InstanceId"] == agent.instance_id


def test_queries_that_are_none(agent):
    ssm = agent.ssm
    assert refusal(ssm.get_inventory, Filters=[{"Key": "Name", "Values": ["x"]}]) == "InvalidFilter"
    assert refusal(ssm.get_inventory, ResultAttributes=[{"TypeName": "AWS:Nothing"}]) == "InvalidTypeNameException"
    assert refusal(ssm.get_inventory, Aggregators=[{"Expression": "nonsense"}]) == "InvalidAggregatorException"
    assert refusal(ssm.get_inventory, NextToken="nonsense") == "InvalidNextToken"


def test_nodes_are_counted(agent):
    mine = [{"Key": "AWS:InstanceInformation.InstanceId", "Values": [agent.instance_id]}]
    (counted,) = agent.ssm.get_inventory(Filters=mine, Aggregators=[{"Expression": "AWS:InstanceInformation.PlatformType"}])["Entities"]
    assert counted["Data"]["AWS:InstanceInformation"]["Content"] == [{"PlatformType": "Linux", "Count": "1"}]
    # As in the user guide: types as groups, all in one entity.
    (grouped,) = agent.ssm.get_inventory(Filters=mine, Aggregators=[{"Groups": [
        {"Name": "has-cron", "Filters": [{"Key": "AWS:Service.Name", "Values": ["cron"]}]},
        {"Name": "services", "Filters": [{"Key": "TypeName", "Values": ["AWS:Service", "AWS:File"], "Type": "Exists"}]},
        {"Name": "files", "Filters": [{"Key": "TypeName", "Values": ["AWS:File"], "Type": "Exists"}]}]}])["Entities"]
    counts = {name: [list(content.items())[0] for content in group["Content"]] for name, group in grouped["Data"].items()}
    assert counts == {
        "has-cron": [("notMatchingCount", "0"), ("matchingCount", "1")], "services": [("notMatchingCount", "0"), ("matchingCount", "1")],
        "files": [("notMatchingCount", "1"), ("matchingCount", "0")]}


def test_nested_aggregators_count_what_belongs_together(agent):
    mine = [{"Key": "AWS:InstanceInformation.InstanceId", "Values": [agent.instance_id]}]
    (counted,) = agent.ssm.get_inventory(Filters=mine, Aggregators=[{"Expression": "AWS:Service.Name", "Aggregators": [
        {"Expression": "AWS:Service.Status", "Aggregators": [{"Expression": "AWS:InstanceInformation.PlatformType"}]}]}])["Entities"]
    assert sorted(counted["Data"]["AWS:Service"]["Content"], key=lambda row: row["Name"]) == [
        {"Name": "cron", "Status": "Running", "PlatformType": "Linux", "Count": "1"},
        {"Name": "rsync", "Status": "Stopped", "PlatformType": "Linux", "Count": "1"},
        {"Name": "sshd", "Status": "Running", "PlatformType": "Linux", "Count": "1"}]
    schemas = agent.ssm.get_inventory_schema(Aggregator=True)["Schemas"]
    assert {schema["TypeName"]: schema["DisplayName"] for schema in schemas}["AWS:InstanceInformation"] == "Platform"


# Custom types


def test_custom_types_live_and_die(agent):
    ssm, name = agent.ssm, f"Custom:Rack{uuid.uuid4().hex[:8]}"
    ssm.put_inventory(InstanceId=agent.instance_id, Items=[item(name, [{"Rack": "B12", "Unit": "7"}])])
    (schema,) = ssm.get_inventory_schema(TypeName=name)["Schemas"]
    assert (schema["TypeName"], schema["Version"]) == (name, "1.0")
    assert {attribute["Name"] for attribute in schema["Attributes"]} == {"Rack", "Unit"}
    dry = ssm.delete_inventory(TypeName=name, DryRun=True)
    assert (dry["DeletionSummary"]["TotalCount"], dry["DeletionSummary"]["RemainingCount"]) == (1, 1)
    assert entries(agent, name)["Entries"] == [{"Rack": "B12", "Unit": "7"}]
    token = str(uuid.uuid4())
    done = ssm.delete_inventory(TypeName=name, SchemaDeleteOption="DisableSchema", ClientToken=token)
    assert done["DeletionSummary"] == {"TotalCount": 1, "RemainingCount": 0, "SummaryItems": [{"Version": "1.0", "Count": 1, "RemainingCount": 0}]}
    assert ssm.delete_inventory(TypeName=name, ClientToken=token)["DeletionId"] == done["DeletionId"]
    (described,) = ssm.describe_inventory_deletions(DeletionId=done["DeletionId"])["InventoryDeletions"]
    assert (described["TypeName"], described["LastStatus"]) == (name, "Complete")
    # The disabled version is ignored, a later one is not.
    ssm.put_inventory(InstanceId=agent.instance_id, Items=[item(name, [{"Rack": "B13"}])])
    assert entries(agent, name)["Entries"] == []
    ssm.put_inventory(InstanceId=agent.instance_id, Items=[item(name, [{"Rack": "B14"}], version="1.1")])
    assert entries(agent, name)["Entries"] == [{"Rack": "B14"}]
    ssm.delete_inventory(TypeName=name, SchemaDeleteOption="DeleteSchema")
    assert not ssm.get_inventory_schema(TypeName=name)["Schemas"]
    assert refusal(ssm.delete_inventory, TypeName=name) == "InvalidTypeNameException"
    assert refusal(ssm.delete_inventory, TypeName="AWS:Service") == "InvalidDeleteInventoryParametersException"
    assert refusal(ssm.describe_inventory_deletions, DeletionId=str(uuid.uuid4())) == "InvalidDeletionIdException"


def test_schemas_are_listed(client):
    schemas = {schema["TypeName"]: schema for schema in client("ssm").get_inventory_schema()["Schemas"]}
    assert {"AWS:Application", "AWS:Network", "AWS:InstanceInformation", "AWS:Service"} <= set(schemas)
    assert {"Name": "Version", "DataType": "string"} in schemas["AWS:Application"]["Attributes"]
    assert refusal(client("ssm").get_inventory_schema, TypeName="AWS:Nothing") == "InvalidTypeNameException"


# Queries


@pytest.fixture(scope="module")
def exposed(server, tmp_path_factory):
    """A node that was enrolled and then told of two interfaces, one of them public, by somebody else than its agent."""
    agent = Agent(server, tmp_path_factory.mktemp("exposed") / "edge")
    until(lambda: entries(agent, "AWS:Application")["Entries"], 60, "the agent has reported")
    agent.stop()
    agent.ssm.put_inventory(InstanceId=agent.instance_id, Items=[item("AWS:Network", [
        {"Name": "eth0", "MacAddress": "02:00:00:00:00:01", "IPV4": "10.1.2.3, 203.0.113.9", "IPV6": "2001:db8::5", "Gateway": "10.1.2.1"},
        {"Name": "eth1", "MacAddress": "02:00:00:00:00:02", "IPV4": "192.168.7.1", "IPV6": ""}])])
    return agent


def test_public_addresses_are_found(exposed):
    # As in the blog post, with its misspelt resourceId.
    rows, answer = select(exposed, """SELECT resouceId, resourceName, resourceType, configuration.association.publicIp, availabilityZone, awsRegion
        WHERE resourceType='AWS::EC2::NetworkInterface' AND configuration.association.publicIp>'0.0.0.0'""")
    assert {
        "resourceName": "eth0", "resourceType": "AWS::EC2::NetworkInterface", "configuration": {"association": {"publicIp": "203.0.113.9"}},
        "availabilityZone": "Not Applicable", "awsRegion": "us-east-1"} in rows
    assert all(row["resourceName"] != "eth1" for row in rows)
    assert [field["Name"] for field in answer["QueryInfo"]["SelectFields"]][:2] == ["resouceId", "resourceName"]


@pytest.mark.parametrize("condition, names", [
    ("configuration.privateIpAddresses.privateIpAddress = '10.0.0.0/8'", ["eth0"]),
    ("configuration.privateIpAddress BETWEEN '192.168.0.0' AND '192.168.255.255'", ["eth1"]),
    ("configuration.ipv6Addresses.ipv6Address = '2001:db8::5'", ["eth0"]),
    ("configuration.macAddress LIKE '02:00:%' AND NOT resourceName = 'eth1'", ["eth0"]),
    ("configuration.macAddress IN ('02:00:00:00:00:01', '02:00:00:00:00:02')", ["eth0", "eth1"]),
])
def test_interfaces_are_found_by_their_addresses(exposed, condition, names):
    rows, _ = select(
        exposed, f"SELECT resourceName WHERE resourceType = 'AWS::EC2::NetworkInterface' AND configuration.attachment.instanceId = "
        f"'{exposed.instance_id}' AND {condition} ORDER BY resourceName")
    assert [row["resourceName"] for row in rows] == names


def test_inventory_is_queried(agent):
    mine = f"resourceType = 'AWS::SSM::ManagedInstanceInventory' AND resourceId = '{agent.instance_id}'"
    rows, _ = select(agent, f"SELECT resourceId, configuration.AWS:Service.Content.cron.Status WHERE {mine}")
    assert rows == [{
        "resourceId": agent.instance_id, "configuration": {"AWS:Service": {"Content": {"cron": {"Status": "Running"}}}}}]
    rows, _ = select(agent, f"SELECT configuration.'AWS:Service'.Content.Name WHERE {mine} AND configuration.'AWS:Service'.Content.Status = 'Stopped'")
    assert set(rows[0]["configuration"]["AWS:Service"]["Content"]) == {"sshd", "cron", "rsync"}
    rows, _ = select(agent, f"SELECT * WHERE {mine} AND tags.tag = 'role=stock'")
    assert rows[0]["arn"].endswith(agent.instance_id) and rows[0]["accountId"] and "configuration" not in rows[0]
    rows, _ = select(agent, f"SELECT configuration.AWS:InstanceInformation.Content.PlatformType, COUNT(*) WHERE {mine} "
                     "GROUP BY configuration.AWS:InstanceInformation.Content.PlatformType")
    assert rows == [{"configuration": {"AWS:InstanceInformation": {"Content": {"PlatformType": "Linux"}}}, "COUNT(*)": 1}]
    rows, _ = select(agent, f"SELECT COUNT(configuration.AWS:Service.Content.Name) WHERE {mine}")
    assert list(rows[0].values()) == [3]


def test_rows_come_by_pages(exposed):
    expression = "SELECT resourceId, resourceType"
    whole, _ = select(exposed, expression, Limit=100)
    pages = list(exposed.server.client("config").get_paginator("select_resource_config").paginate(Expression=expression, Limit=1))
    assert [json.loads(row) for page in pages for row in page["Results"]] == whole and len(whole) >= 3
    ordered, _ = select(exposed, expression + " ORDER BY resourceId DESC", Limit=100)
    assert ordered == sorted(whole, key=lambda row: row["resourceId"], reverse=True)


def test_queries_that_are_wrong(agent):
    config = agent.server.client("config")
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        config.select_resource_config(Expression="SELECT resourceId FROM hosts")
    assert raised.value.response["Error"] == {"Code": "InvalidExpressionException", "Message": "syntax error at line 1, column 19"}
    assert refusal(config.select_resource_config, Expression="SELECT resourceId", Limit=101) == "InvalidLimitException"
    assert refusal(config.select_resource_config, Expression="SELECT resourceId", NextToken="x") == "InvalidNextTokenException"


def test_the_operator_queries(exposed):
    def nodes(*arguments):
        return run("nodes", *arguments, "--endpoint", exposed.server.url, "--data", exposed.server.data)

    query = ("SELECT resourceName, configuration.privateIpAddresses.privateIpAddress WHERE resourceType = 'AWS::EC2::NetworkInterface' "
             f"AND configuration.attachment.instanceId = '{exposed.instance_id}'")
    done = nodes("--query", query)
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["resourceName", "configuration.privateIpAddresses.privateIpAddress"], done.stderr
    assert lines[1].split(maxsplit=1) == ["eth0", "10.1.2.3, 203.0.113.9"] and lines[2].split() == ["eth1", "192.168.7.1"]
    assert len(json.loads(nodes("--query", query, "--json").stdout)["rows"]) == 2
    wrong = nodes("--query", "SELECT")
    assert wrong.returncode == 1 and "syntax error at line 1, column 7" in wrong.stderr
