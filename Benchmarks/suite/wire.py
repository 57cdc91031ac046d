"""Single signed requests over bare sockets, where the client's own time must not count: for latencies and for large bodies."""
import json
import socket

import botocore.auth
import botocore.awsrequest
import botocore.credentials

from .server import REGION


class Reply(Exception):
    """An answer that is no success."""


def signed(server, service, target, body):
    """A whole signed POST of a JSON 1.0 operation, as bytes."""
    data = json.dumps(body).encode()
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": target, "Content-Length": str(len(data))}
    request = botocore.awsrequest.AWSRequest("POST", f"http://127.0.0.1:{server.port}/", headers=headers, data=data)
    botocore.auth.SigV4Auth(botocore.credentials.Credentials(*server.key), service, REGION).add_auth(request)
    return head("POST", "/", server.port, request.headers) + data


class _UnsignedPayload(botocore.auth.S3SigV4Auth):
    def payload(self, request):
        return "UNSIGNED-PAYLOAD"


def signed_object(server, method, path, length=None):
    """The signed head of a request to the object store, its body not signed; the body follows."""
    headers = {} if length is None else {"Content-Length": str(length)}
    request = botocore.awsrequest.AWSRequest(method, f"http://127.0.0.1:{server.port}{path}", headers=headers)
    _UnsignedPayload(botocore.credentials.Credentials(*server.key), "s3", REGION).add_auth(request)
    return head(method, path, server.port, request.headers)


def head(method, path, port, headers):
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"] + [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def connect(server):
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def read_head(connection):
    """Reads an answer's head; returns the length of its body, and what of the body has come already."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            raise Reply("the connection was closed")
        data += part
    text, _, rest = data.partition(b"\r\n\r\n")
    status, *fields = text.decode("latin-1").split("\r\n")
    lengths = [int(field.partition(":")[2]) for field in fields if field.lower().startswith("content-length:")]
    length = lengths[0] if lengths else 0
    if status.split(" ")[1] not in ("200", "206"):
        raise Reply(f"{status}: {rest[:300].decode(errors='replace')}")
    return length, rest


def read_answer(connection):
    """Reads a whole answer of JSON."""
    length, body = read_head(connection)
    while len(body) < length:
        body += connection.recv(65536)
    return json.loads(body) if body else {}
