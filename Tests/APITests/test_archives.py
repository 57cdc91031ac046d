"""Archives of event buses and their replays, with boto3 and the AWS CLI against a live server."""
import datetime
import json
import uuid

import pytest

from polling import until
from refusals import error
from sinks import put, sink

ACCOUNT = "000000000000"
EVENTS = f"arn:aws:events:us-east-1:{ACCOUNT}"
SHOP = {"source": ["shop"]}


@pytest.fixture
def events(client):
    return client("events")


@pytest.fixture
def bus(events):
    name = f"bus-{uuid.uuid4().hex[:12]}"
    events.create_event_bus(Name=name)
    yield name
    events.delete_event_bus(Name=name)


@pytest.fixture
def archive(events, bus):
    """An archive of what the shop sends to the bus; its name."""
    name = f"a-{uuid.uuid4().hex[:12]}"
    events.create_archive(ArchiveName=name, EventSourceArn=f"{EVENTS}:event-bus/{bus}", EventPattern=json.dumps(SHOP))
    yield name
    events.delete_archive(ArchiveName=name)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def window():
    """A time window around this moment."""
    return {"EventStartTime": now() - datetime.timedelta(minutes=10), "EventEndTime": now() + datetime.timedelta(minutes=10)}


def replay(events, archive, bus, *rules, **options):
    """Starts a replay; its name."""
    name = f"r-{uuid.uuid4().hex[:12]}"
    destination = {"Arn": f"{EVENTS}:event-bus/{bus}"}
    if rules:
        destination["FilterArns"] = list(rules)
    answer = events.start_replay(
        ReplayName=name, EventSourceArn=f"{EVENTS}:archive/{archive}", Destination=destination, **{**window(), **options})
    assert answer["ReplayArn"] == f"{EVENTS}:replay/{name}"
    assert answer["State"] == "STARTING"
    return name


def ended(events, name):
    """The description of a replay once it has ended."""
    def description():
        answer = events.describe_replay(ReplayName=name)
        return answer if answer["State"] in ("COMPLETED", "CANCELLED", "FAILED") else None
    return until(description, what=f"{name} has ended")


# Archives


def test_an_archive_is_described_as_it_was_made(events, bus):
    name = f"a-{uuid.uuid4().hex[:12]}"
    source = f"{EVENTS}:event-bus/{bus}"
    made = events.create_archive(
        ArchiveName=name, EventSourceArn=source, Description="orders", EventPattern=json.dumps(SHOP), RetentionDays=7)
    assert (made["ArchiveArn"], made["State"]) == (f"{EVENTS}:archive/{name}", "ENABLED")
    described = events.describe_archive(ArchiveName=name)
    assert {key: described[key] for key in described if key not in ("ResponseMetadata", "CreationTime")} == {
        "ArchiveArn": made["ArchiveArn"], "ArchiveName": name, "EventSourceArn": source, "Description": "orders",
        "EventPattern": json.dumps(SHOP), "State": "ENABLED", "RetentionDays": 7, "SizeBytes": 0, "EventCount": 0}
    changed = events.update_archive(ArchiveName=name, RetentionDays=0, EventPattern='{"source": ["warehouse"]}')
    assert changed["ArchiveArn"] == made["ArchiveArn"]
    described = events.describe_archive(ArchiveName=name)
    assert (described["RetentionDays"], described["EventPattern"], described["Description"]) == (
        0, '{"source": ["warehouse"]}', "orders")
    for filters in ({"NamePrefix": name[:10]}, {"EventSourceArn": source}):
        assert [entry["ArchiveName"] for entry in events.list_archives(**filters)["Archives"]] == [name]
    assert name in [entry["ArchiveName"] for entry in events.list_archives(State="ENABLED")["Archives"]]
    assert events.list_archives(State="DISABLED")["Archives"] == []
    events.delete_archive(ArchiveName=name)
    assert error(events.describe_archive, ArchiveName=name) == f"ResourceNotFoundException: Archive {name} does not exist."


def test_faulty_archives_are_refused(events, archive, bus):
    source = f"{EVENTS}:event-bus/{bus}"
    assert error(events.create_archive, ArchiveName=archive, EventSourceArn=source) == (
        f"ResourceAlreadyExistsException: Archive {archive} already exists.")
    assert error(events.create_archive, ArchiveName="a", EventSourceArn=f"{EVENTS}:event-bus/absent") == (
        "ResourceNotFoundException: Event bus absent does not exist.")
    assert error(events.create_archive, ArchiveName="a", EventSourceArn=f"{EVENTS}:rule/absent").startswith(
        "ValidationException: Parameter EventSourceArn is not valid.")
    assert error(events.create_archive, ArchiveName="a", EventSourceArn=source, EventPattern='{"source": "a"}').startswith(
        "InvalidEventPatternException: Event pattern is not valid.")
    assert error(events.list_archives, NamePrefix="a", State="ENABLED") == (
        "ValidationException: At most one filter is allowed for ListArchives. "
        "Use either : State, EventSourceArn, or NamePrefix.")
    for call in (events.describe_archive, events.update_archive, events.delete_archive):
        assert error(call, ArchiveName="absent") == "ResourceNotFoundException: Archive absent does not exist."


def test_an_archive_keeps_what_matches(events, archive, bus):
    for number in range(3):
        put(events, bus, {"n": number})
    put(events, bus, source="warehouse")
    put(events, "default")
    described = events.describe_archive(ArchiveName=archive)
    assert described["EventCount"] == 3
    assert described["SizeBytes"] > 300


# Replays


def test_a_replay_sends_the_events_again_in_their_order(events, archive, bus):
    sent = [put(events, bus, {"n": number}, Time=now() - datetime.timedelta(seconds=60 * (5 - number))) for number in range(4)]
    with sink(events) as shop:
        shop.rule(SHOP, bus)
        name = replay(events, archive, bus, Description="again")
        got = shop.wait(4)
        # One after the other into the endpoint, but for those that are sent side by side.
        assert sorted(event["id"] for event in got) == sorted(sent)
        assert {event["replay-name"] for event in got} == {name}
        assert [event["detail"]["n"] for event in sorted(got, key=lambda event: event["time"])] == [0, 1, 2, 3]
        described = ended(events, name)
        assert described["State"] == "COMPLETED"
        assert described["Description"] == "again"
        assert described["Destination"] == {"Arn": f"{EVENTS}:event-bus/{bus}"}
        assert described["EventSourceArn"] == f"{EVENTS}:archive/{archive}"
        assert described["EventLastReplayedTime"].timestamp() == pytest.approx(now().timestamp() - 120, abs=30)
        assert described["ReplayEndTime"] >= described["ReplayStartTime"]
    assert events.describe_archive(ArchiveName=archive)["EventCount"] == 4


def test_a_replay_has_a_window_and_may_have_rules(events, archive, bus):
    for minutes in (30, 20, 10):
        put(events, bus, {"ago": minutes}, Time=now() - datetime.timedelta(minutes=minutes))
    with sink(events) as shop, sink(events) as other:
        rule = shop.rule(SHOP, bus)
        other.rule(SHOP, bus)
        name = replay(
            events, archive, bus, rule, EventStartTime=now() - datetime.timedelta(minutes=25),
            EventEndTime=now() - datetime.timedelta(minutes=15))
        assert [event["detail"]["ago"] for event in shop.wait(1)] == [20]
        described = ended(events, name)
        assert described["Destination"]["FilterArns"] == [rule]
        put(events, bus, {"ago": 0})
        other.wait(1)
        assert [event["detail"]["ago"] for event in other.events] == [0]


def test_replays_are_listed(events, archive, bus):
    put(events, bus)
    name = replay(events, archive, bus)
    ended(events, name)
    source = f"{EVENTS}:archive/{archive}"
    for filters in ({"NamePrefix": name}, {"EventSourceArn": source}):
        assert [(entry["ReplayName"], entry["State"]) for entry in events.list_replays(**filters)["Replays"]] == [(name, "COMPLETED")]
    assert name not in [entry["ReplayName"] for entry in events.list_replays(State="FAILED")["Replays"]]
    assert error(events.list_replays, NamePrefix="a", State="FAILED") == (
        "ValidationException: At most one filter is allowed for ListReplays. "
        "Use either : State, EventSourceArn, or NamePrefix.")


def test_faulty_replays_are_refused(events, archive, bus):
    name = replay(events, archive, bus)
    ended(events, name)
    good = {
        "ReplayName": "new", "EventSourceArn": f"{EVENTS}:archive/{archive}", "Destination": {"Arn": f"{EVENTS}:event-bus/{bus}"},
        **window()}
    assert error(events.start_replay, **{**good, "ReplayName": name}) == (
        f"ResourceAlreadyExistsException: Replay {name} already exists.")
    assert error(events.start_replay, **{**good, "EventSourceArn": f"{EVENTS}:archive/absent"}) == (
        "ValidationException: Parameter EventSourceArn is not valid. Reason: Archive absent does not exist.")
    assert error(events.start_replay, **{**good, "Destination": {"Arn": f"{EVENTS}:event-bus/default"}}) == (
        "ValidationException: Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.")
    assert error(events.start_replay, **{**good, "Destination": {"Arn": "arn:aws:sqs:us-east-1:000000000000:q"}}) == (
        "ValidationException: Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN.")
    assert error(events.start_replay, **{**good, "EventEndTime": good["EventStartTime"]}) == (
        "ValidationException: Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.")
    assert error(events.describe_replay, ReplayName="absent") == "ResourceNotFoundException: Replay absent does not exist."
    assert error(events.cancel_replay, ReplayName="absent") == "ResourceNotFoundException: Replay absent does not exist."
    assert error(events.cancel_replay, ReplayName=name) == (
        f"IllegalStatusException: Replay {name} is not in a valid state for this operation.")


def test_the_cli_drives_every_operation(server, events, bus):
    name = f"cli-{uuid.uuid4().hex[:12]}"

    def aws(*arguments):
        done = server.aws("events", *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else {}

    source = f"{EVENTS}:event-bus/{bus}"
    aws("create-archive", "--archive-name", name, "--event-source-arn", source, "--retention-days", "1")
    aws("update-archive", "--archive-name", name, "--description", "d")
    put(events, bus)
    assert aws("describe-archive", "--archive-name", name)["EventCount"] == 1
    assert len(aws("list-archives", "--name-prefix", name)["Archives"]) == 1
    aws("start-replay", "--replay-name", name, "--event-source-arn", f"{EVENTS}:archive/{name}", "--event-start-time",
        str(int(now().timestamp()) - 600), "--event-end-time", str(int(now().timestamp()) + 600), "--destination", f"Arn={source}")
    ended(events, name)
    assert aws("describe-replay", "--replay-name", name)["State"] == "COMPLETED"
    assert len(aws("list-replays", "--name-prefix", name)["Replays"]) == 1
    assert "IllegalStatusException" in server.aws("events", "cancel-replay", "--replay-name", name).stderr
    aws("delete-archive", "--archive-name", name)


def test_a_replay_goes_on_after_a_kill(start_server):
    server = start_server()
    events = server.client("events")
    events.create_archive(ArchiveName="all", EventSourceArn=f"{EVENTS}:event-bus/default", EventPattern=json.dumps(SHOP))
    sent = []
    for _ in range(100):
        entries = [{"Source": "shop", "DetailType": "d", "Detail": "{}"} for _ in range(10)]
        sent += [entry["EventId"] for entry in events.put_events(Entries=entries)["Entries"]]
    with sink(events, InvocationRateLimitPerSecond=300) as shop:
        shop.rule(SHOP)
        name = replay(events, "all", "default")
        shop.wait(50)
        server.kill()
        server.start()
        assert ended(events, name)["State"] == "COMPLETED"
        shop.wait(1_000, where=lambda event: True)
        until(lambda: {event["id"] for event in shop.events} == set(sent), what="every event at the endpoint")
