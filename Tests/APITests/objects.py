"""Helpers of the tests of objects: bodies in chunks signed by hand, names below `localhost`, requests byte by byte."""
import base64
import binascii
import hashlib
import hmac
import http.client
import socket

import botocore.auth
import botocore.awsrequest
import botocore.exceptions
import pytest

REGION = "us-east-1"
EMPTY = hashlib.sha256(b"").hexdigest()


def refusal(call, **arguments):
    """The error of a boto3 call: its code and status."""
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    response = raised.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def crc32(data):
    """The checksum as S3 writes it."""
    return base64.b64encode(binascii.crc32(data).to_bytes(4, "big")).decode()


def below_localhost(monkeypatch):
    """Makes every name below `localhost` this machine, as RFC 6761 says; not every resolver does."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host, *arguments, **options):
        return resolve("127.0.0.1" if isinstance(host, str) and host.endswith(".localhost") else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def empty_bucket(s3, bucket):
    """Deletes all of a bucket's objects, and the bucket."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=entry["Key"])
    s3.delete_bucket(Bucket=bucket)


def sign(server, method, path, payload, headers=None, credentials=None):
    """The headers of a request whose body is told by `payload`: a hash, or one of S3's words for bodies without."""
    request = botocore.awsrequest.AWSRequest(
        method=method, url=server.url + path, headers={"x-amz-content-sha256": payload, **(headers or {})})
    signer = botocore.auth.S3SigV4Auth(credentials or server.credentials, "s3", REGION)
    signer.payload = lambda request: payload
    signer.add_auth(request)
    return dict(request.headers)


def send(server, method, path, headers, body=b""):
    """Sends a request as it is; returns status, headers and body of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


class SignedChunks:
    """The body of `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`, with or without `-TRAILER`, signed as AWS documents it."""

    def __init__(self, server, path, length, trailers=None, headers=None):
        self.trailers = trailers or {}
        form = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" + ("-TRAILER" if trailers else "")
        more = {"x-amz-decoded-content-length": str(length), "content-encoding": "aws-chunked", **(headers or {})}
        if trailers:
            more["x-amz-trailer"] = ",".join(trailers)
        self.headers = sign(server, "PUT", path, form, more)
        authorization = self.headers["Authorization"]
        self.previous = authorization.rpartition("Signature=")[2]
        scope = authorization.partition("Credential=")[2].partition(",")[0].partition("/")[2]
        self.start = f"{self.headers['X-Amz-Date']}\n{scope}\n"
        key = ("AWS4" + server.credentials.secret_key).encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        self.key = key

    def signature(self, kind, *hashes):
        text = "\n".join([f"AWS4-HMAC-SHA256-{kind}", self.start + self.previous, *hashes])
        self.previous = hmac.new(self.key, text.encode(), "sha256").hexdigest()
        return self.previous

    def chunk(self, data):
        signature = self.signature("PAYLOAD", EMPTY, hashlib.sha256(data).hexdigest())
        return f"{len(data):x};chunk-signature={signature}\r\n".encode() + data + (b"\r\n" if data else b"")

    def body(self, data, size=8192):
        pieces = [self.chunk(data[start:start + size]) for start in range(0, len(data), size)]
        end = self.chunk(b"")
        if self.trailers:
            lines = "".join(f"{name}:{value}\n" for name, value in self.trailers.items())
            signature = self.signature("TRAILER", hashlib.sha256(lines.encode()).hexdigest())
            end += lines.replace("\n", "\r\n").encode() + f"x-amz-trailer-signature:{signature}\r\n".encode()
        return b"".join(pieces) + end + b"\r\n"
