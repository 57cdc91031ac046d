"""API destinations: their operations, and the requests that rules send to them, with boto3 and the AWS CLI against a live server."""
import base64
import json
import threading
import time
import uuid

import pytest

import queues
from polling import until
from refusals import error
from sinks import API_KEY, put, sink
from test_http_tasks import Endpoint


@pytest.fixture
def events(client):
    return client("events")


@pytest.fixture
def bus(events):
    name = f"bus-{uuid.uuid4().hex[:12]}"
    events.create_event_bus(Name=name)
    yield name
    events.delete_event_bus(Name=name)


SHOP = {"source": ["shop"]}


# Operations


def test_a_destination_is_described_as_it_was_made(events):
    name = f"d-{uuid.uuid4()}"
    connection = events.create_connection(Name=name, AuthorizationType="API_KEY", AuthParameters=API_KEY)["ConnectionArn"]
    made = events.create_api_destination(
        Name=name, Description="orders", ConnectionArn=connection, InvocationEndpoint="https://shop.internal/orders/*",
        HttpMethod="PUT", InvocationRateLimitPerSecond=5)
    assert made["ApiDestinationState"] == "ACTIVE"
    assert f":api-destination/{name}/" in made["ApiDestinationArn"]
    described = events.describe_api_destination(Name=name)
    assert {key: described[key] for key in described if key not in ("ResponseMetadata", "CreationTime", "LastModifiedTime")} == {
        "ApiDestinationArn": made["ApiDestinationArn"], "Name": name, "Description": "orders", "ApiDestinationState": "ACTIVE",
        "ConnectionArn": connection, "InvocationEndpoint": "https://shop.internal/orders/*", "HttpMethod": "PUT",
        "InvocationRateLimitPerSecond": 5}
    changed = events.update_api_destination(Name=name, HttpMethod="POST", InvocationRateLimitPerSecond=10)
    assert changed["ApiDestinationArn"] == made["ApiDestinationArn"]
    described = events.describe_api_destination(Name=name)
    assert (described["HttpMethod"], described["InvocationRateLimitPerSecond"], described["Description"]) == ("POST", 10, "orders")
    assert described["LastModifiedTime"] >= described["CreationTime"]

    listed = events.list_api_destinations(NamePrefix=name)["ApiDestinations"]
    assert [entry["ApiDestinationArn"] for entry in listed] == [made["ApiDestinationArn"]]
    assert [entry["Name"] for entry in events.list_api_destinations(ConnectionArn=connection)["ApiDestinations"]] == [name]

    events.deauthorize_connection(Name=name)
    assert events.describe_api_destination(Name=name)["ApiDestinationState"] == "INACTIVE"
    events.delete_api_destination(Name=name)
    events.delete_connection(Name=name)
    assert error(events.describe_api_destination, Name=name) == (
        f"ResourceNotFoundException: Failed to describe the api-destination(s). An api-destination '{name}' does not exist.")


def test_faulty_destinations_are_refused(events):
    name = f"d-{uuid.uuid4()}"
    connection = events.create_connection(Name=name, AuthorizationType="API_KEY", AuthParameters=API_KEY)["ConnectionArn"]
    make = {"Name": name, "ConnectionArn": connection, "InvocationEndpoint": "https://shop.internal/", "HttpMethod": "POST"}
    events.create_api_destination(**make)
    assert error(events.create_api_destination, **make) == (
        f"ResourceAlreadyExistsException: An api-destination '{name}' already exists.")
    absent = connection.replace(name, "absent")
    assert error(events.create_api_destination, **{**make, "Name": "other", "ConnectionArn": absent}) == (
        "ResourceNotFoundException: Connection 'absent' does not exist.")
    assert error(events.update_api_destination, Name="absent") == (
        "ResourceNotFoundException: Failed to update the api-destination(s). An api-destination 'absent' does not exist.")
    assert error(events.delete_api_destination, Name="absent") == (
        "ResourceNotFoundException: Failed to delete the api-destination(s). An api-destination 'absent' does not exist.")
    assert error(events.create_api_destination, **{**make, "HttpMethod": "TRACE"}).startswith("ValidationException: 1 validation error")
    events.delete_api_destination(Name=name)
    events.delete_connection(Name=name)


def test_destinations_are_listed_in_pages(events):
    prefix = f"page-{uuid.uuid4().hex[:8]}"
    connection = events.create_connection(Name=prefix, AuthorizationType="API_KEY", AuthParameters=API_KEY)["ConnectionArn"]
    names = [f"{prefix}-{index}" for index in range(5)]
    for name in names:
        events.create_api_destination(
            Name=name, ConnectionArn=connection, InvocationEndpoint="https://shop.internal/", HttpMethod="POST")
    found, token = [], {}
    while True:
        page = events.list_api_destinations(NamePrefix=prefix, Limit=2, **token)
        assert len(page["ApiDestinations"]) <= 2
        found += [entry["Name"] for entry in page["ApiDestinations"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert found == names
    for name in names:
        events.delete_api_destination(Name=name)
    events.delete_connection(Name=prefix)


def test_the_cli_drives_every_operation(server):
    name = f"cli-{uuid.uuid4()}"

    def aws(*arguments):
        done = server.aws("events", *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else {}

    connection = aws("create-connection", "--name", name, "--authorization-type", "BASIC", "--auth-parameters",
                     json.dumps({"BasicAuthParameters": {"Username": "u", "Password": "p"}}))["ConnectionArn"]
    # The CLI would fetch an address that is given as an argument of its own.
    aws("create-api-destination", "--cli-input-json", json.dumps({
        "Name": name, "ConnectionArn": connection, "InvocationEndpoint": "https://shop.internal/", "HttpMethod": "POST"}))
    aws("update-api-destination", "--name", name, "--description", "orders")
    assert aws("describe-api-destination", "--name", name)["Description"] == "orders"
    assert [entry["Name"] for entry in aws("list-api-destinations", "--name-prefix", name)["ApiDestinations"]] == [name]
    aws("delete-api-destination", "--name", name)
    assert [entry["Name"] for entry in aws("list-connections", "--name-prefix", name)["Connections"]] == [name]
    aws("update-connection", "--name", name, "--description", "d")
    assert aws("describe-connection", "--name", name)["Description"] == "d"
    aws("deauthorize-connection", "--name", name)
    aws("delete-connection", "--name", name)


# Requests


def test_an_event_is_posted_with_the_connections_key(events, bus):
    with sink(events) as shop:
        shop.rule(SHOP, bus)
        event = put(events, bus, {"order": 7}, Resources=["arn:aws:s3:::b"])
        put(events, bus, source="warehouse")
        got = shop.wait(1)[0]
        assert (got["id"], got["source"], got["detail-type"], got["detail"]) == (event, "shop", "Order Placed", {"order": 7})
        request = shop.requests[0]
        assert request["method"] == "POST"
        headers = request["headers"]
        assert headers["X-Key"] == "s3cret"
        assert headers["User-Agent"] == "Amazon/EventBridge/ApiDestinations"
        assert headers["Content-Type"] == "application/json; charset=utf-8"
        assert headers["Range"] == "bytes=0-1048575"


def test_parameters_of_target_and_connection_complete_the_request(events, bus):
    parameters = {
        "BasicAuthParameters": {"Username": "user", "Password": "pass"},
        "InvocationHttpParameters": {
            "HeaderParameters": [{"Key": "X-Both", "Value": "connection"}, {"Key": "X-Connection", "Value": "1"}],
            "QueryStringParameters": [{"Key": "both", "Value": "connection"}],
            "BodyParameters": [{"Key": "token", "Value": "t", "IsValueSecret": True}]}}
    with sink(events, type="BASIC", parameters=parameters, path="/orders/*/items/*", HttpMethod="PUT") as shop:
        shop.rule(SHOP, bus, InputPath="$.detail", HttpParameters={
            "PathParameterValues": ["$.detail.order", "a b"], "HeaderParameters": {"X-Both": "target", "X-Target": "$.detail-type"},
            "QueryStringParameters": {"both": "target", "own": "1"}})
        put(events, bus, {"order": 7})
        until(lambda: shop.requests, what="the request")
        request = shop.requests[0]
        assert (request["method"], request["path"]) == ("PUT", "/orders/7/items/a%20b")
        assert dict(request["query"]) == {"both": "connection", "own": "1"}
        headers = request["headers"]
        assert (headers["X-Both"], headers["X-Connection"], headers["X-Target"]) == ("connection", "1", "Order Placed")
        assert headers["Authorization"] == "Basic " + base64.b64encode(b"user:pass").decode()
        assert json.loads(request["body"]) == {"order": 7, "token": "t"}


def test_an_input_transformer_makes_the_body(events, bus):
    with sink(events) as shop:
        shop.rule(SHOP, bus, InputTransformer={
            "InputPathsMap": {"order": "$.detail.order"}, "InputTemplate": '{"id": <order>, "text": "order <order>"}'})
        put(events, bus, {"order": 7})
        assert shop.wait(1) == [{"id": 7, "text": "order 7"}]


def test_a_token_is_fetched_once_and_again_when_it_is_refused(events, bus):
    endpoint = Endpoint()
    tokens = []

    def token(request):
        tokens.append(request)
        return 200, {"access_token": f"t{len(tokens)}", "expires_in": 3600}

    endpoint.answers["/token"] = token
    parameters = {"OAuthParameters": {
        "ClientParameters": {"ClientID": "client", "ClientSecret": "secret"}, "AuthorizationEndpoint": endpoint.url + "/token",
        "HttpMethod": "POST", "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "orders"}]}}}
    with sink(events, type="OAUTH_CLIENT_CREDENTIALS", parameters=parameters) as shop:
        shop.endpoint.answers["/events"] = lambda request: (
            (401, {}) if len(shop.requests) == 3 else (200, {}))
        shop.rule(SHOP, bus)
        for count in range(1, 4):
            put(events, bus, {"order": count})
            until(lambda: len([r for r in shop.requests if f'"order":{count}' in r["body"].replace(" ", "")]) >= (2 if count == 3 else 1))
        assert [request["headers"]["Authorization"] for request in shop.requests] == [
            "Bearer t1", "Bearer t1", "Bearer t1", "Bearer t2"]
    assert len(tokens) == 2
    assert "scope=orders" in tokens[0]["body"]
    endpoint.stop()


@pytest.mark.parametrize("status", [409, 429, 500, 503])
def test_failures_that_may_pass_are_tried_again(events, bus, status):
    with sink(events) as shop:
        shop.endpoint.answers["/events"] = lambda request: (200, {}) if len(shop.requests) > 1 else (status, {})
        shop.rule(SHOP, bus)
        event = put(events, bus)
        assert [got["id"] for got in shop.wait(2)] == [event, event]


def test_a_destination_says_how_long_to_wait(events, bus):
    times = []

    def busy(request):
        times.append(time.monotonic())
        return (200, {}) if len(times) > 1 else (429, {}, {"Retry-After": "3"})

    with sink(events) as shop:
        shop.endpoint.answers["/events"] = busy
        shop.rule(SHOP, bus)
        put(events, bus)
        shop.wait(2)
    assert times[1] - times[0] >= 2.9


def test_what_is_refused_goes_to_the_dead_letter_queue_at_once(events, client, bus):
    sqs = client("sqs")
    with queues.queue(sqs) as url, sink(events) as shop:
        shop.endpoint.answers["/events"] = lambda request: (404, {})
        arn = shop.rule(SHOP, bus, DeadLetterConfig={"Arn": queues.arn(sqs, url)})
        event = put(events, bus)
        message = until(lambda: queues.receive(sqs, url), what="the dead letter")[0]
        assert json.loads(message["Body"])["id"] == event
        attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
        assert (attributes["RULE_ARN"], attributes["TARGET_ARN"]) == (arn, shop.arn)
        assert attributes["ERROR_CODE"] == "SDK_CLIENT_ERROR"
        assert "404" in attributes["ERROR_MESSAGE"]
        assert len(shop.requests) == 1


def test_retries_end_in_the_dead_letter_queue(events, client, bus):
    sqs = client("sqs")
    with queues.queue(sqs) as url, sink(events) as shop:
        shop.endpoint.answers["/events"] = lambda request: (500, {})
        shop.rule(
            SHOP, bus, DeadLetterConfig={"Arn": queues.arn(sqs, url)},
            RetryPolicy={"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60})
        put(events, bus)
        message = until(lambda: queues.receive(sqs, url), what="the dead letter")[0]
        attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
        assert attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"
        assert attributes["RETRY_ATTEMPTS"] == "1"
        assert len(shop.requests) == 2


def test_the_rate_lets_events_wait(events, bus):
    times = []

    def note(request):
        times.append(time.monotonic())
        return 200, {}

    with sink(events, InvocationRateLimitPerSecond=2) as shop:
        shop.endpoint.answers["/events"] = note
        shop.rule(SHOP, bus)
        entries = [{"EventBusName": bus, "Source": "shop", "DetailType": "d", "Detail": json.dumps({"n": n})} for n in range(6)]
        assert events.put_events(Entries=entries)["FailedEntryCount"] == 0
        shop.wait(6)
        time.sleep(0.2)
        assert sorted(got["detail"]["n"] for got in shop.events) == list(range(6))
    assert times[-1] - times[0] >= 2.4


def test_an_attempt_that_a_crash_cut_off_is_made_again(start_server):
    server = start_server()
    events = server.client("events")
    began, release = threading.Event(), threading.Event()

    def hang(request):
        began.set()
        release.wait(20)
        return 200, {}

    with sink(events) as shop:
        shop.endpoint.answers["/events"] = hang
        shop.rule(SHOP)
        event = put(events, "default")
        assert began.wait(20)
        server.kill()
        shop.endpoint.answers["/events"] = lambda request: (200, {})
        release.set()
        server.start()
        assert [got["id"] for got in shop.wait(2)] == [event, event]
