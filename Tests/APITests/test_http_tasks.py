"""Connections and the HTTP tasks that use them, against a server of the test's own."""
import base64
import http.server
import json
import threading
import urllib.parse
import uuid

import botocore.exceptions
import pytest

from test_integrations import Workflows, task


class Endpoint:
    """An HTTP server that remembers its requests and answers as a test says: status, content and perhaps headers."""

    def __init__(self):
        self.requests = []
        self.answers = {}
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                url = urllib.parse.urlsplit(self.path)
                request = {
                    "method": self.command, "path": url.path, "query": urllib.parse.parse_qsl(url.query), "headers": self.headers,
                    "body": body.decode()}
                endpoint.requests.append(request)
                answer = endpoint.answers.get(url.path, lambda _: (200, {"ok": True}))
                status, content, *more = answer(request)
                kind = "text/plain" if isinstance(content, str) else "application/json"
                text = content.encode() if isinstance(content, str) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text)))
                for name, value in (more[0] if more else {}).items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_HEAD = handle_any

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def endpoint():
    endpoint = Endpoint()
    yield endpoint
    endpoint.stop()


@pytest.fixture
def flows(server):
    return Workflows(server)


@pytest.fixture
def events(client):
    return client("events")


API_KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "s3cret"}}


@pytest.fixture
def connect(events):
    """Makes a connection; returns its ARN."""
    def make(type="API_KEY", **parameters):
        return events.create_connection(
            Name=f"c-{uuid.uuid4()}", AuthorizationType=type, AuthParameters=parameters or API_KEY)["ConnectionArn"]
    return make


def invoke(endpoint, connection, method="GET", path="/", **more):
    return task("http:invoke", {"ApiEndpoint": endpoint.url + path, "Method": method, "Authentication": {"ConnectionArn": connection}, **more})


def code(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"]


# Connections


def test_a_connection_shows_everything_but_its_secrets(events):
    name = f"c-{uuid.uuid4()}"
    made = events.create_connection(
        Name=name, Description="d", AuthorizationType="BASIC", AuthParameters={
            "BasicAuthParameters": {"Username": "user", "Password": "pass"},
            "InvocationHttpParameters": {"HeaderParameters": [
                {"Key": "X-Open", "Value": "open", "IsValueSecret": False}, {"Key": "X-Closed", "Value": "closed", "IsValueSecret": True}]}})
    assert made["ConnectionState"] == "AUTHORIZED"
    assert f":connection/{name}/" in made["ConnectionArn"]
    described = events.describe_connection(Name=name)
    assert described["AuthParameters"] == {
        "BasicAuthParameters": {"Username": "user"},
        "InvocationHttpParameters": {"HeaderParameters": [
            {"Key": "X-Open", "Value": "open", "IsValueSecret": False}, {"Key": "X-Closed", "IsValueSecret": True}]}}
    assert described["SecretArn"].startswith(f"arn:aws:secretsmanager:us-east-1:000000000000:secret:events!connection/{name}/")
    assert (described["Description"], described["AuthorizationType"]) == ("d", "BASIC")
    assert [entry["Name"] for entry in events.list_connections(NamePrefix=name)["Connections"]] == [name]
    assert code(events.create_connection, Name=name, AuthorizationType="API_KEY", AuthParameters=API_KEY) == "ResourceAlreadyExistsException"
    assert events.delete_connection(Name=name)["ConnectionState"] == "DELETING"
    assert code(events.describe_connection, Name=name) == "ResourceNotFoundException"


def test_a_connection_is_not_readable_in_the_data(server, events, connect):
    secret = f"secret-{uuid.uuid4()}"
    connect(ApiKeyAuthParameters={"ApiKeyName": "X-Key", "ApiKeyValue": secret})
    for file in server.data.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes(), file


def test_parameters_belong_to_the_type(events):
    assert code(events.create_connection, Name="c", AuthorizationType="BASIC", AuthParameters=API_KEY) == "ValidationException"


def test_a_connection_is_updated_and_deauthorized(flows, events, connect, endpoint):
    arn = connect()
    name = arn.split("/")[1]
    events.update_connection(Name=name, AuthParameters={"ApiKeyAuthParameters": {"ApiKeyValue": "other"}})
    flows.output(invoke(endpoint, arn))
    assert endpoint.requests[-1]["headers"]["X-Key"] == "other"
    assert events.deauthorize_connection(Name=name)["ConnectionState"] == "DEAUTHORIZING"
    assert events.describe_connection(Name=name)["ConnectionState"] == "DEAUTHORIZED"
    assert flows.run(invoke(endpoint, arn))["error"] == "Events.ConnectionResource.InvalidConnectionState"


# Requests


def test_a_request_carries_what_the_task_and_the_connection_say(flows, connect, endpoint):
    arn = connect(
        **API_KEY, InvocationHttpParameters={
            "HeaderParameters": [{"Key": "X-Both", "Value": "connection"}],
            "QueryStringParameters": [{"Key": "both", "Value": "connection"}],
            "BodyParameters": [{"Key": "both", "Value": "connection"}]})
    output = flows.output(invoke(
        endpoint, arn, "POST", "/things", Headers={"X-Both": "task", "X-Own": "own"}, QueryParameters={"both": "task", "q": ["a", "b"]},
        RequestBody={"both": "task", "n": 1}))
    assert (output["StatusCode"], output["StatusText"], output["ResponseBody"]) == (200, "OK", {"ok": True})
    assert output["Headers"]["content-type"] == ["application/json"]
    request = endpoint.requests[-1]
    assert (request["method"], request["path"]) == ("POST", "/things")
    assert request["query"] == [("q", "a"), ("q", "b"), ("both", "connection")]
    assert json.loads(request["body"]) == {"both": "connection", "n": 1}
    headers = request["headers"]
    assert (headers["X-Key"], headers["X-Both"], headers["X-Own"]) == ("s3cret", "connection", "own")
    assert headers["User-Agent"] == "Amazon|StepFunctions|HttpInvoke|us-east-1"
    assert headers["Content-Type"].startswith("application/json")


def test_basic_authentication(flows, connect, endpoint):
    flows.output(invoke(endpoint, connect("BASIC", BasicAuthParameters={"Username": "u", "Password": "p"})))
    assert endpoint.requests[-1]["headers"]["Authorization"] == "Basic " + base64.b64encode(b"u:p").decode()


def test_a_token_is_fetched_once_and_again_when_it_is_refused(flows, connect, endpoint):
    tokens = iter(["one", "two"])
    valid = {"one"}
    endpoint.answers["/token"] = lambda request: (200, {"access_token": next(tokens), "token_type": "Bearer", "expires_in": 3600})
    endpoint.answers["/"] = lambda request: (200, "in") if request["headers"]["Authorization"][7:] in valid else (401, "out")
    arn = connect("OAUTH_CLIENT_CREDENTIALS", OAuthParameters={
        "ClientParameters": {"ClientID": "id", "ClientSecret": "secret"}, "AuthorizationEndpoint": endpoint.url + "/token",
        "HttpMethod": "POST", "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "all"}]}})
    for _ in range(2):
        assert flows.output(invoke(endpoint, arn))["ResponseBody"] == "in"
    fetched = [request for request in endpoint.requests if request["path"] == "/token"]
    assert len(fetched) == 1
    assert dict(urllib.parse.parse_qsl(fetched[0]["body"])) == {
        "grant_type": "client_credentials", "client_id": "id", "client_secret": "secret", "scope": "all"}
    valid.clear()
    valid.add("two")
    assert flows.output(invoke(endpoint, arn))["ResponseBody"] == "in"


@pytest.mark.parametrize("format, text", [
    (None, "a=1&b%5B0%5D=x&b%5B1%5D=y&c%5Bd%5D=e"), ("REPEAT", "a=1&b=x&b=y&c%5Bd%5D=e"), ("COMMAS", "a=1&b=x%2Cy&c%5Bd%5D=e"),
    ("BRACKETS", "a=1&b%5B%5D=x&b%5B%5D=y&c%5Bd%5D=e")])
def test_a_body_is_url_encoded(flows, connect, endpoint, format, text):
    transform = {"RequestBodyEncoding": "URL_ENCODED"}
    if format:
        transform["RequestEncodingOptions"] = {"ArrayFormat": format}
    flows.output(invoke(
        endpoint, connect(), "POST", RequestBody={"a": 1, "b": ["x", "y"], "c": {"d": "e"}}, Transform=transform,
        Headers={"Content-Type": "application/x-www-form-urlencoded"}))
    assert endpoint.requests[-1]["body"] == text


# Errors


def test_a_status_other_than_2xx_fails_the_task(flows, connect, endpoint):
    endpoint.answers["/"] = lambda request: (404, {"message": "nothing here"})
    end = flows.run(invoke(endpoint, connect()))
    assert end["error"] == "States.Http.StatusCode.404"
    assert json.loads(end["cause"])["ResponseBody"] == {"message": "nothing here"}


def test_a_status_can_be_caught_and_retried(flows, connect, endpoint):
    statuses = iter([503, 200])
    endpoint.answers["/"] = lambda request: (next(statuses), {})
    definition = invoke(endpoint, connect())
    definition["States"]["T"]["Retry"] = [{"ErrorEquals": ["States.Http.StatusCode.503"], "IntervalSeconds": 1}]
    assert flows.output(definition)["StatusCode"] == 200


def test_an_endpoint_that_is_not_there(flows, connect, endpoint):
    definition = invoke(endpoint, connect())
    endpoint.stop()
    assert flows.run(definition)["error"] == "States.Http.Socket"
    endpoint.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=endpoint.server.serve_forever, daemon=True).start()


def test_plain_http_stays_inside(flows, connect):
    end = flows.run(task("http:invoke", {
        "ApiEndpoint": "http://example.com/", "Method": "GET", "Authentication": {"ConnectionArn": connect()}}))
    assert (end["error"], "https://" in end["cause"]) == ("States.Runtime", True)


def test_a_large_answer_is_refused(flows, connect, endpoint):
    endpoint.answers["/"] = lambda request: (200, "x" * 300_000)
    assert flows.run(invoke(endpoint, connect()))["error"] == "States.DataLimitExceeded"


def test_a_connection_that_does_not_exist(flows, endpoint):
    arn = f"arn:aws:events:us-east-1:000000000000:connection/none/{uuid.uuid4()}"
    assert flows.run(invoke(endpoint, arn))["error"] == "Events.ConnectionResource.ResourceNotFound"


def test_a_post_is_not_repeated_after_a_crash_and_a_get_is(start_server, endpoint):
    server = start_server()
    flows = Workflows(server)
    arn = server.client("events").create_connection(
        Name="c", AuthorizationType="API_KEY", AuthParameters=API_KEY)["ConnectionArn"]
    released = threading.Event()
    seen = threading.Event()

    def slow(request):
        seen.set()
        released.wait(20)
        return 200, {}

    for method, count, status in [("POST", 1, "FAILED"), ("GET", 2, "SUCCEEDED")]:
        released.clear()
        seen.clear()
        endpoint.requests.clear()
        endpoint.answers["/"] = slow
        execution = flows.start(invoke(endpoint, arn, method))
        assert seen.wait(20)
        server.kill()
        released.set()
        server.start()
        assert flows.end(execution)["status"] == status
        assert len(endpoint.requests) == count
