"""Versions and aliases of state machines, as AWS clients publish, route and start them."""
import collections
import json

import botocore.exceptions
import pytest

from polling import ended, until

ROLE = "arn:aws:iam::000000000000:role/states"
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:"


def definition(result, **state):
    return json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": result, "End": True, **state}}})


WAITING = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}})


@pytest.fixture
def states(client):
    return client("stepfunctions")


def create(states, name, document=None, **options):
    return states.create_state_machine(name=name, definition=document or definition(0), roleArn=ROLE, **options)


def publish(states, arn, result, **options):
    return states.update_state_machine(
        stateMachineArn=arn, definition=definition(result), publish=True, **options)["stateMachineVersionArn"]


def run(states, arn, **options):
    """Starts an execution and answers with its description at the end."""
    execution = states.start_execution(stateMachineArn=arn, **options)["executionArn"]
    return ended(states, execution)


def refused(call, **parameters):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def versions(states, arn):
    return [item["stateMachineVersionArn"] for item in states.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"]]


def test_a_creation_publishes_its_first_version(states):
    created = create(states, "v-create", publish=True, versionDescription="first")
    assert created["stateMachineVersionArn"] == MACHINE + "v-create:1"
    again = create(states, "v-create", publish=True, versionDescription="first")
    assert again["stateMachineVersionArn"] == created["stateMachineVersionArn"]
    assert refused(states.create_state_machine, name="v-create", definition=definition(0), roleArn=ROLE)[0] == "StateMachineAlreadyExists"
    described = states.describe_state_machine(stateMachineArn=created["stateMachineVersionArn"])
    assert described["description"] == "first"
    assert described["stateMachineArn"] == created["stateMachineVersionArn"]
    assert "revisionId" not in described
    assert refused(create, states=states, name="v-none", versionDescription="x") == (
        "ValidationException", "Version description can only be set when publish is true")


def test_publishing_is_idempotent_for_a_revision(states):
    arn = create(states, "v-publish")["stateMachineArn"]
    first = states.publish_state_machine_version(stateMachineArn=arn, revisionId="INITIAL")
    assert first["stateMachineVersionArn"] == arn + ":1"
    assert states.publish_state_machine_version(stateMachineArn=arn, description="other")["stateMachineVersionArn"] == arn + ":1"
    revision = states.update_state_machine(stateMachineArn=arn, definition=definition(2))["revisionId"]
    code, message = refused(states.publish_state_machine_version, stateMachineArn=arn, revisionId="INITIAL")
    assert code == "ConflictException"
    assert message == (
        f"Failed to publish the State Machine version for revision INITIAL. The current State Machine revision is {revision}.")
    assert states.publish_state_machine_version(stateMachineArn=arn, revisionId=revision)["stateMachineVersionArn"] == arn + ":2"
    same = states.update_state_machine(stateMachineArn=arn, definition=definition(2), publish=True)
    assert (same["revisionId"], same["stateMachineVersionArn"]) == (revision, arn + ":2")


def test_numbers_of_deleted_versions_never_come_back(states):
    arn = create(states, "v-numbers", publish=True)["stateMachineArn"]
    second = publish(states, arn, 2)
    states.delete_state_machine_version(stateMachineVersionArn=second)
    states.delete_state_machine_version(stateMachineVersionArn=second)
    assert states.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"] == arn + ":3"
    assert versions(states, arn) == [arn + ":3", arn + ":1"]
    assert refused(states.start_execution, stateMachineArn=second)[0] == "StateMachineDoesNotExist"


def test_versions_are_listed_page_by_page_newest_first(states):
    arn = create(states, "v-pages", publish=True)["stateMachineArn"]
    for number in range(2, 6):
        publish(states, arn, number)
    pages = list(states.get_paginator("list_executions").paginate(stateMachineArn=arn + ":1"))
    assert pages[0]["executions"] == []
    found, token = [], None
    while True:
        page = states.list_state_machine_versions(stateMachineArn=arn, maxResults=2, **({"nextToken": token} if token else {}))
        found += [item["stateMachineVersionArn"] for item in page["stateMachineVersions"]]
        token = page.get("nextToken")
        if not token:
            break
    assert found == [f"{arn}:{number}" for number in range(5, 0, -1)]


def test_executions_show_and_are_listed_by_what_they_were_started_through(states):
    arn = create(states, "v-runs", definition(1), publish=True)["stateMachineArn"]
    second = publish(states, arn, 2)
    alias = states.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": arn + ":1", "weight": 100}])["stateMachineAliasArn"]
    plain, through_version, through_alias = run(states, arn), run(states, second), run(states, alias)
    assert [item["output"] for item in (plain, through_version, through_alias)] == ["2", "2", "1"]
    assert "stateMachineVersionArn" not in plain and "stateMachineAliasArn" not in plain
    assert through_version["stateMachineVersionArn"] == second and "stateMachineAliasArn" not in through_version
    assert (through_alias["stateMachineVersionArn"], through_alias["stateMachineAliasArn"]) == (arn + ":1", alias)
    assert {item["stateMachineArn"] for item in (plain, through_version, through_alias)} == {arn}
    started = states.get_execution_history(executionArn=through_alias["executionArn"])["events"][0]["executionStartedEventDetails"]
    assert (started["stateMachineVersionArn"], started["stateMachineAliasArn"]) == (arn + ":1", alias)

    def listed(of):
        return [item["executionArn"] for item in states.list_executions(stateMachineArn=of)["executions"]]
    assert listed(arn) == [item["executionArn"] for item in (through_alias, through_version, plain)]
    assert listed(second) == [through_version["executionArn"]]
    assert listed(arn + ":1") == listed(alias) == [through_alias["executionArn"]]
    machine = states.describe_state_machine_for_execution(executionArn=through_alias["executionArn"])
    assert json.loads(machine["definition"])["States"]["P"]["Result"] == 1


def test_an_alias_draws_a_version_for_each_start(states):
    arn = create(states, "v-weights", definition(1), publish=True, type="EXPRESS")["stateMachineArn"]
    publish(states, arn, 2)
    alias = states.create_state_machine_alias(name="split", routingConfiguration=[
        {"stateMachineVersionArn": arn + ":1", "weight": 80}, {"stateMachineVersionArn": arn + ":2", "weight": 20}])["stateMachineAliasArn"]
    outputs = collections.Counter(
        states.start_sync_execution(stateMachineArn=alias)["output"] for _ in range(400))
    assert set(outputs) == {"1", "2"}
    assert 240 < outputs["1"] < 390
    states.update_state_machine_alias(
        stateMachineAliasArn=alias, routingConfiguration=[{"stateMachineVersionArn": arn + ":2", "weight": 100}])
    assert {states.start_sync_execution(stateMachineArn=alias)["output"] for _ in range(20)} == {"2"}


def test_an_alias_is_made_changed_described_and_deleted(states):
    arn = create(states, "v-alias", publish=True)["stateMachineArn"]
    second = publish(states, arn, 2)
    route = [{"stateMachineVersionArn": arn + ":1", "weight": 100}]
    made = states.create_state_machine_alias(name="a.b_c-1", description="d", routingConfiguration=route)
    alias = made["stateMachineAliasArn"]
    assert alias == arn + ":a.b_c-1"
    assert states.create_state_machine_alias(name="a.b_c-1", description="d", routingConfiguration=route)["creationDate"] == made["creationDate"]
    assert refused(states.create_state_machine_alias, name="a.b_c-1", routingConfiguration=route)[0] == "ConflictException"
    states.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=[
        {"stateMachineVersionArn": arn + ":1", "weight": 5}, {"stateMachineVersionArn": second, "weight": 95}])
    described = states.describe_state_machine_alias(stateMachineAliasArn=alias)
    assert (described["name"], described["description"]) == ("a.b_c-1", "d")
    assert [item["weight"] for item in described["routingConfiguration"]] == [5, 95]
    assert described["updateDate"] >= described["creationDate"]
    code, message = refused(states.delete_state_machine_version, stateMachineVersionArn=second)
    assert (code, message) == (
        "ConflictException",
        "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [a.b_c-1]")
    for of in (arn, second):
        found = states.list_state_machine_aliases(stateMachineArn=of)["stateMachineAliases"]
        assert [item["stateMachineAliasArn"] for item in found] == [alias]
    states.delete_state_machine_alias(stateMachineAliasArn=alias)
    states.delete_state_machine_alias(stateMachineAliasArn=alias)
    assert refused(states.describe_state_machine_alias, stateMachineAliasArn=alias) == (
        "ResourceNotFound", "Request references a resource that does not exist.")
    states.delete_state_machine_version(stateMachineVersionArn=second)


@pytest.mark.parametrize("routes, message", [
    ([("1", 50), ("1", 50)], "Routing configuration must contain distinct state machine version ARNs. Received: [{0}:1, {0}:1]"),
    ([("", 70), ("1", 30)], "Routing configuration must contain state machine version ARNs. Received: [{0}, {0}:1]"),
    ([("1", 70), ("2", 29)], "Sum of routing configuration weights must equal 100. Received: [70, 29]"),
])
def test_routing_configurations_are_checked(states, routes, message):
    arn = create(states, "v-routing", publish=True)["stateMachineArn"]
    routing = [{"stateMachineVersionArn": arn + (":" + number if number else ""), "weight": weight} for number, weight in routes]
    assert refused(states.create_state_machine_alias, name="a", routingConfiguration=routing) == (
        "ValidationException", message.format(arn))


def test_missing_versions_and_numbers_as_names_are_refused(states):
    arn = create(states, "v-missing", publish=True)["stateMachineArn"]
    assert refused(
        states.create_state_machine_alias, name="a", routingConfiguration=[{"stateMachineVersionArn": arn + ":9", "weight": 100}]
    )[0] == "ResourceNotFound"
    code, message = refused(
        states.create_state_machine_alias, name="123", routingConfiguration=[{"stateMachineVersionArn": arn + ":1", "weight": 100}])
    assert code == "ValidationException" and "Value '123' at 'name'" in message
    assert refused(states.start_execution, stateMachineArn=arn + ":nobody")[0] == "StateMachineDoesNotExist"
    assert refused(states.tag_resource, resourceArn=arn + ":1", tags=[{"key": "k", "value": "v"}])[0] == "ResourceNotFound"


def test_a_deleted_machine_is_deleting_until_its_executions_have_ended(states):
    arn = create(states, "v-delete", WAITING, publish=True)["stateMachineArn"]
    alias = states.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": arn + ":1", "weight": 100}])["stateMachineAliasArn"]
    execution = states.start_execution(stateMachineArn=alias)["executionArn"]
    states.delete_state_machine(stateMachineArn=arn)
    assert states.describe_state_machine(stateMachineArn=arn)["status"] == "DELETING"
    for start in (arn, alias, arn + ":1"):
        assert refused(states.start_execution, stateMachineArn=start)[0] == "StateMachineDeleting"
    assert refused(create, states=states, name="v-delete")[0] == "StateMachineDeleting"
    described = states.describe_execution(executionArn=execution)
    assert (described["status"], described["stateMachineAliasArn"]) == ("RUNNING", alias)
    states.stop_execution(executionArn=execution)
    assert refused(states.describe_state_machine, stateMachineArn=arn)[0] == "StateMachineDoesNotExist"
    again = create(states, "v-delete", publish=True)
    assert again["stateMachineVersionArn"] == arn + ":1"
    assert "revisionId" not in states.describe_state_machine(stateMachineArn=arn)
    assert states.list_state_machine_aliases(stateMachineArn=arn)["stateMachineAliases"] == []


def test_versions_aliases_and_started_executions_outlive_a_kill(start_server):
    server = start_server()
    states = server.client("stepfunctions")
    arn = create(states, "v-kill", WAITING, publish=True)["stateMachineArn"]
    publish(states, arn, 2)
    alias = states.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": arn + ":1", "weight": 100}])["stateMachineAliasArn"]
    execution = states.start_execution(stateMachineArn=alias, name="night")["executionArn"]
    server.kill()
    server.start()
    assert versions(states, arn) == [arn + ":2", arn + ":1"]
    described = states.describe_execution(executionArn=execution)
    assert (described["status"], described["stateMachineVersionArn"], described["stateMachineAliasArn"]) == ("RUNNING", arn + ":1", alias)
    assert run(states, arn + ":2")["output"] == "2"
    states.stop_execution(executionArn=execution)
    assert [item["name"] for item in states.list_executions(stateMachineArn=alias)["executions"]] == ["night"]


def pointed(states, name):
    """A machine whose alias `live` points to version 1, while its current revision is another one."""
    arn = create(states, name, definition(1), publish=True)["stateMachineArn"]
    alias = states.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": arn + ":1", "weight": 100}])["stateMachineAliasArn"]
    states.update_state_machine(stateMachineArn=arn, definition=definition(2))
    return arn, alias


def test_a_task_starts_what_its_arn_names(states):
    arn, alias = pointed(states, "v-child")
    parent = create(states, "v-parent", json.dumps({"StartAt": "T", "States": {"T": {
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True,
        "Parameters": {"StateMachineArn": alias, "Input": {}}}}}))["stateMachineArn"]
    ended = run(states, parent)
    assert ended["status"] == "SUCCEEDED"
    assert json.loads(ended["output"])["Output"] == 1
    started = states.list_executions(stateMachineArn=arn)["executions"]
    assert [(item["stateMachineVersionArn"], item["stateMachineAliasArn"]) for item in started] == [(arn + ":1", alias)]


@pytest.mark.acceptance
def test_a_rule_starts_what_its_targets_name(states, client):
    arn, alias = pointed(states, "v-targets")
    events = client("events")
    events.put_rule(Name="v-targets", ScheduleExpression="cron(* * * * ? *)")
    events.put_targets(Rule="v-targets", Targets=[
        {"Id": "version", "Arn": arn + ":1", "RoleArn": ROLE}, {"Id": "alias", "Arn": alias, "RoleArn": ROLE}])
    def started():
        executions = states.list_executions(stateMachineArn=arn)["executions"]
        return executions if len(executions) >= 2 else None

    found = until(started, 75, "the rule starts both")
    events.disable_rule(Name="v-targets")
    assert {item["stateMachineVersionArn"] for item in found} == {arn + ":1"}
    assert alias in [item.get("stateMachineAliasArn") for item in found]
