"""HTTP connections, byte by byte: what SDKs seldom do, and proxies, pools and slow networks do."""
import http.client
import json
import os
import socket
import ssl
import subprocess
import threading
import urllib.request

import botocore.auth
import botocore.awsrequest
import pytest

from conftest import Server


HEALTH = b"GET /health HTTP/1.1\r\nHost: nightshift\r\n\r\n"


@pytest.fixture
def connection(server):
    """Connects to the server."""
    sockets = []

    def connect():
        connected = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        sockets.append(connected)
        return connected

    yield connect
    for connected in sockets:
        connected.close()


def answers(connected, count):
    """The statuses and bodies of so many answers."""
    stream = connected.makefile("rb")
    found = []
    for _ in range(count):
        status = int(stream.readline().split()[1])
        headers = http.client.parse_headers(stream)
        found.append((status, stream.read(int(headers["Content-Length"]))))
    return found


def signed(server, target, document, service="states", version="1.0"):
    """A request as bytes: its head, its body."""
    body = json.dumps(document).encode()
    request = botocore.awsrequest.AWSRequest(
        "POST", server.url + "/", data=body,
        headers={"X-Amz-Target": target, "Content-Type": f"application/x-amz-json-{version}"})
    botocore.auth.SigV4Auth(server.credentials, service, "us-east-1").add_auth(request)
    headers = {"Host": f"127.0.0.1:{server.port}", **dict(request.headers)}
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode(), body


def post(server, target, document, extra=b"", **options):
    head, body = signed(server, target, document, **options)
    return b"POST / HTTP/1.1\r\n" + head + b"Content-Length: %d\r\n" % len(body) + extra + b"\r\n" + body


def test_requests_sent_ahead_are_answered_in_order(server, connection):
    call = post(server, "AWSStepFunctions.ListStateMachines", {})
    bad = post(server, "AWSStepFunctions.NoSuchThing", {})
    connected = connection()
    connected.sendall(call + HEALTH + bad + HEALTH)
    found = answers(connected, 4)
    assert [status for status, _ in found] == [200, 200, 400, 200]
    assert json.loads(found[0][1])["stateMachines"] is not None and json.loads(found[1][1]) == {"status": "ok"}


def test_a_request_may_come_byte_by_byte(server, connection):
    connected = connection()
    for byte in post(server, "AWSStepFunctions.ListStateMachines", {}):
        connected.sendall(bytes([byte]))
    assert answers(connected, 1)[0][0] == 200


def test_a_chunked_body_is_read(server, connection):
    head, body = signed(server, "AWSStepFunctions.ListStateMachines", {"maxResults": 5})
    connected = connection()
    connected.sendall(b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\n\r\n")
    for byte in body:
        connected.sendall(b"1\r\n%c\r\n" % byte)
    connected.sendall(b"0\r\n\r\n" + HEALTH)
    assert [status for status, _ in answers(connected, 2)] == [200, 200]


def test_a_client_may_wait_until_its_body_is_wanted(server, connection):
    head, body = signed(server, "AWSStepFunctions.ListStateMachines", {})
    connected = connection()
    connected.sendall(b"POST / HTTP/1.1\r\n" + head + b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(body))
    assert connected.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n")
    connected.sendall(body + HEALTH)
    assert [status for status, _ in answers(connected, 2)] == [200, 200]


def test_a_connection_is_closed_when_the_client_says_so(connection):
    connected = connection()
    connected.sendall(HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert answers(connected, 1)[0][0] == 200 and connected.recv(1) == b""


def test_what_is_no_http_is_refused(connection):
    connected = connection()
    connected.sendall(b"this is not HTTP\r\n\r\n")
    assert connected.makefile("rb").readline().split()[1] == b"400"


def test_a_refused_body_does_not_stand_in_the_way(server, connection):
    """The body is too large: the answer comes when it was sent, and the connection serves on."""
    size = 5 << 20
    connected = connection()
    connected.sendall(
        b"POST / HTTP/1.1\r\nHost: nightshift\r\nX-Amz-Target: AWSStepFunctions.StartExecution\r\nContent-Length: %d\r\n\r\n" % size)
    connected.sendall(b"x" * size)
    connected.sendall(HEALTH)
    assert [status for status, _ in answers(connected, 2)] == [400, 200]


def test_a_client_that_leaves_in_the_middle_of_its_request_harms_nobody(server, connection):
    for part in (20, 200, 700):
        connected = connection()
        connected.sendall(post(server, "AWSStepFunctions.ListStateMachines", {})[:part])
        connected.close()
    assert server.is_healthy()


@pytest.mark.parametrize("how", ["close", "half"])
def test_a_poll_ends_with_its_client(server, connection, how):
    """A task that comes afterwards goes to somebody who is there."""
    states = server.client("stepfunctions")
    activity = states.create_activity(name=f"left-{how}")["activityArn"]
    connected = connection()
    connected.sendall(post(server, "AWSStepFunctions.GetActivityTask", {"activityArn": activity}))
    definition = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "TimeoutSeconds": 60, "End": True}}}
    machine = states.create_state_machine(
        name=f"left-{how}", definition=json.dumps(definition), roleArn="arn:aws:iam::000000000000:role/r")["stateMachineArn"]
    if how == "close":
        connected.close()
    else:
        connected.shutdown(socket.SHUT_WR)
        assert connected.recv(1_000).startswith(b"HTTP/1.1 200") and connected.recv(1) == b""
    states.start_execution(stateMachineArn=machine)
    assert states.get_activity_task(activityArn=activity)["taskToken"]


def test_a_poll_may_be_the_last_request_of_its_connection(server, connection):
    states = server.client("stepfunctions")
    activity = states.create_activity(name="last")["activityArn"]
    connected = connection()
    connected.sendall(post(server, "AWSStepFunctions.GetActivityTask", {"activityArn": activity}, extra=b"Connection: close\r\n"))
    definition = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "TimeoutSeconds": 60, "End": True}}}
    machine = states.create_state_machine(
        name="last", definition=json.dumps(definition), roleArn="arn:aws:iam::000000000000:role/r")["stateMachineArn"]
    states.start_execution(stateMachineArn=machine)
    assert "taskToken" in json.loads(answers(connected, 1)[0][1]) and connected.recv(1) == b""


def test_a_poll_is_answered_when_the_server_stops(start_server):
    server = start_server()
    activity = server.client("stepfunctions").create_activity(name="stopping")["activityArn"]
    connected = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    idle = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    connected.sendall(post(server, "AWSStepFunctions.GetActivityTask", {"activityArn": activity}))
    idle.sendall(HEALTH)
    assert answers(idle, 1)[0][0] == 200
    # A connection whose request was not read yet is idle, and closed at once. Every event loop has one of these, and reads in order.
    for _ in range(2 * os.cpu_count()):
        assert server.is_healthy()
    server.process.terminate()
    assert answers(connected, 1)[0][0] in (200, 503)
    assert connected.recv(1) == b"" and idle.recv(1) == b""
    assert server.process.wait(timeout=20) == 0


def test_many_connections_at_once(server):
    """More than there are threads, and than answers fit into one event loop's turn."""
    failures = []

    def call():
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        for _ in range(20):
            client.request("GET", "/health")
            if json.loads(client.getresponse().read()) != {"status": "ok"}:
                failures.append("another answer")
        client.close()

    threads = [threading.Thread(target=call) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_tls(start_server, tmp_path, monkeypatch):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    context = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr(Server, "is_healthy", lambda server: is_healthy(server, context))
    server = start_server("--tls-certificate", str(certificate), "--tls-key", str(key))
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as connected:
            server.url = f"https://127.0.0.1:{server.port}"
            connected.sendall(post(server, "AWSStepFunctions.ListStateMachines", {}) + HEALTH)
            assert [status for status, _ in answers(connected, 2)] == [200, 200]


def is_healthy(server, context):
    try:
        return urllib.request.urlopen(f"https://localhost:{server.port}/health", context=context, timeout=2).status == 200
    except OSError:
        return False
