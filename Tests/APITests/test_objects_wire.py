"""The wire of objects: signatures, presigned URLs, bodies in chunks, 100-continue, broken and slow connections."""
import datetime
import hashlib
import http.client
import io
import socket
import ssl
import subprocess
import threading
import urllib.request
import xml.etree.ElementTree

import botocore.auth
import botocore.credentials
import pytest

from conftest import Server
from objects import EMPTY, SignedChunks, crc32, refusal, send, sign

BUCKET = "objects-wire"


@pytest.fixture(scope="module")
def s3(server):
    s3 = server.client("s3", s3={"addressing_style": "path"})
    s3.create_bucket(Bucket=BUCKET)
    return s3


def code(body):
    """The code of an error's document."""
    return xml.etree.ElementTree.fromstring(body).findtext("Code")


def is_absent(s3, key):
    return refusal(s3.head_object, Bucket=BUCKET, Key=key) == ("404", 404)


# Signatures


def test_anonymous_requests_are_refused_in_xml(server, s3):
    for method, path in [("GET", f"/{BUCKET}/k"), ("PUT", f"/{BUCKET}/k"), ("GET", f"/{BUCKET}?list-type=2"), ("DELETE", f"/{BUCKET}")]:
        status, headers, body = send(server, method, path, {})
        assert status == 403 and code(body) == "AccessDenied" and headers["Content-Type"] == "application/xml"
        assert headers["x-amz-request-id"]
    status, _, body = send(server, "HEAD", f"/{BUCKET}/k", {})
    assert (status, body) == (403, b"")


def test_a_signature_that_does_not_match_is_told_with_what_it_should_have_been_of(server, s3):
    s3 = server.client("s3", signature_version="s3v4", s3={"addressing_style": "path"})
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "k"})
    status, _, body = send(server, "GET", url.removeprefix(server.url).replace("/k?", "/other?"), {})
    document = xml.etree.ElementTree.fromstring(body)
    assert status == 403 and document.findtext("Code") == "SignatureDoesNotMatch"
    for field in ["StringToSign", "CanonicalRequest"]:
        text = document.findtext(field).encode()
        assert bytes.fromhex(document.findtext(f"{field}Bytes")) == text
    assert document.findtext("SignatureProvided") in url


def test_a_presigned_request_without_its_signature_is_told_all_that_it_needs(server, s3):
    s3 = server.client("s3", signature_version="s3v4", s3={"addressing_style": "path"})
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "k"})
    status, _, body = send(server, "GET", url.removeprefix(server.url).split("&X-Amz-Signature=")[0], {})
    assert status == 400 and code(body) == "AuthorizationQueryParametersError"
    assert "requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature" in body.decode()


def test_parameters_that_are_left_empty_are_as_if_they_were_not_there(server, s3):
    path = f"/{BUCKET}?list-type=2&max-keys=&delimiter=&fetch-owner=&start-after="
    status, _, body = send(server, "GET", path, sign(server, "GET", path, EMPTY))
    assert status == 200 and b"<MaxKeys>1000</MaxKeys>" in body


def test_settings_answer_with_the_statuses_of_s3(s3):
    def status(answer):
        return answer["ResponseMetadata"]["HTTPStatusCode"]

    assert status(s3.put_bucket_policy(Bucket=BUCKET, Policy='{"Statement": []}')) == 204
    assert status(s3.delete_bucket_policy(Bucket=BUCKET)) == 204
    assert status(s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})) == 204
    assert status(s3.delete_bucket_tagging(Bucket=BUCKET)) == 204


def test_filters_of_notifications_are_named_in_any_case(server, s3):
    queue = server.client("sqs").create_queue(QueueName="objects-wire-news")["QueueUrl"]
    arn = server.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rules = [{"Name": "PREFIX", "Value": "in/"}, {"Name": "Suffix", "Value": ".csv"}]
    entry = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": rules}}}
    s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": [entry]})
    told = s3.get_bucket_notification_configuration(Bucket=BUCKET)["QueueConfigurations"][0]
    assert [rule["Name"] for rule in told["Filter"]["Key"]["FilterRules"]] == ["Prefix", "Suffix"]
    entry["Filter"]["Key"]["FilterRules"] = [{"Name": "Middle", "Value": "x"}]
    configuration = {"QueueConfigurations": [entry]}
    assert refusal(s3.put_bucket_notification_configuration, Bucket=BUCKET, NotificationConfiguration=configuration) == (
        "InvalidArgument", 400)
    s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={})


def test_signatures_are_checked_in_s3s_words(server, s3):
    path = f"/{BUCKET}/k"
    stranger = botocore.credentials.Credentials("AKIAUNKNOWN", "secret")
    thief = botocore.credentials.Credentials(server.credentials.access_key, "wrong")
    for headers, expected in [
        (sign(server, "GET", path, EMPTY, credentials=stranger), (403, "InvalidAccessKeyId")),
        (sign(server, "GET", path, EMPTY, credentials=thief), (403, "SignatureDoesNotMatch")),
        (sign(server, "GET", "/other/k", EMPTY), (403, "SignatureDoesNotMatch")),
        (sign(server, "GET", path, "nonsense"), (400, "InvalidArgument")),
        ({"Authorization": "AWS key:signature"}, (400, "InvalidRequest")),
    ]:
        status, _, body = send(server, "GET", path, headers)
        assert (status, code(body)) == expected
    without = {name: value for name, value in sign(server, "GET", path, EMPTY).items() if name.lower() != "x-amz-content-sha256"}
    status, _, body = send(server, "GET", path, without)
    assert (status, code(body)) == (400, "InvalidRequest")


@pytest.mark.parametrize("minutes, status", [(-14, 200), (-16, 403), (14, 200), (16, 403)])
def test_clocks_may_differ_by_fifteen_minutes(server, s3, monkeypatch, minutes, status):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: now.replace(tzinfo=None))
    headers = sign(server, "GET", f"/{BUCKET}?list-type=2", EMPTY)
    answer = send(server, "GET", f"/{BUCKET}?list-type=2", headers)
    assert answer[0] == status
    if status == 403:
        assert code(answer[2]) == "RequestTimeTooSkewed"


def test_a_body_other_than_the_signed_one_is_refused(server, s3):
    path = f"/{BUCKET}/exchanged"
    headers = sign(server, "PUT", path, hashlib.sha256(b"signed").hexdigest())
    status, _, body = send(server, "PUT", path, headers, b"another")
    assert (status, code(body)) == (400, "XAmzContentSHA256Mismatch") and is_absent(s3, "exchanged")
    headers = sign(server, "PUT", path, "UNSIGNED-PAYLOAD")
    assert send(server, "PUT", path, headers, b"another")[0] == 200


# Presigned URLs


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_urls(server, s3, version):
    signer = server.client("s3", signature_version=version, s3={"addressing_style": "path"})
    path = lambda url: url[len(server.url):]

    def url(operation, **parameters):
        return signer.generate_presigned_url(operation, Params={"Bucket": BUCKET, "Key": "pre signed", **parameters}, ExpiresIn=60)

    put = path(url("put_object", ContentType="text/x"))
    assert ("X-Amz-Signature" in put) == (version == "s3v4")
    assert send(server, "PUT", put, {"Content-Type": "text/x"}, b"hello")[0] == 200
    status, headers, body = send(server, "GET", path(url("get_object", ResponseContentType="text/y")), {})
    assert (status, body, headers["Content-Type"]) == (200, b"hello", "text/y")
    changed = path(url("get_object")).replace("pre%20signed", "other")
    assert send(server, "GET", changed, {})[0] == 403
    status, _, body = send(server, "DELETE", path(url("get_object")), {})
    assert (status, code(body)) == (403, "SignatureDoesNotMatch")
    if version == "s3":
        ended = signer.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "pre signed"}, ExpiresIn=-5)
        status, _, body = send(server, "GET", path(ended), {})
        assert (status, code(body)) == (403, "AccessDenied") and b"Request has expired" in body


def test_presigned_urls_last_a_week_at_most(server, s3):
    signer = server.client("s3", signature_version="s3v4", s3={"addressing_style": "path"})
    url = signer.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "k"}, ExpiresIn=604801)
    status, _, body = send(server, "GET", url[len(server.url):], {})
    assert (status, code(body)) == (400, "AuthorizationQueryParametersError")


# Bodies in chunks


@pytest.mark.parametrize("length", [0, 1, 8192, 100_000])
@pytest.mark.parametrize("with_trailer", [False, True])
def test_signed_chunks(server, s3, length, with_trailer):
    key, data = f"chunks-{length}-{with_trailer}", bytes(index % 251 for index in range(length))
    trailers = {"x-amz-checksum-crc32": crc32(data)} if with_trailer else None
    chunks = SignedChunks(server, f"/{BUCKET}/{key}", length, trailers)
    status, _, body = send(server, "PUT", f"/{BUCKET}/{key}", chunks.headers, chunks.body(data))
    assert status == 200, body
    answer = s3.get_object(Bucket=BUCKET, Key=key)
    assert answer["Body"].read() == data and not answer.get("ContentEncoding")


@pytest.mark.parametrize("break_body, expected", [
    (lambda body: body.replace(b"aaaaaaaa", b"aaaabaaa", 1), (403, "SignatureDoesNotMatch")),
    (lambda body: body[: len(body) // 2], (400, "IncompleteBody")),
    (lambda body: b"zz" + body, (400, "InvalidRequest")),
    (lambda body: body + b"more", (400, "InvalidRequest")),
    (lambda body: body.replace(b"x-amz-checksum-crc32:", b"x-amz-checksum-crc32:A"), (403, "SignatureDoesNotMatch")),
])
def test_broken_chunks_make_no_object(server, s3, break_body, expected):
    data = b"a" * 20_000
    chunks = SignedChunks(server, f"/{BUCKET}/broken", len(data), {"x-amz-checksum-crc32": crc32(data)})
    status, _, body = send(server, "PUT", f"/{BUCKET}/broken", chunks.headers, break_body(chunks.body(data)))
    assert (status, code(body)) == expected and is_absent(s3, "broken")


@pytest.mark.parametrize("trailer, length, expected", [
    ("x-amz-checksum-crc32:" + crc32(b"hello"), 5, 200), ("x-amz-checksum-crc32:AAAAAA==", 5, (400, "BadDigest")),
    ("x-amz-checksum-crc32:" + crc32(b"hello"), 6, (400, "IncompleteBody")),
])
def test_unsigned_chunks_with_a_checksum(server, s3, trailer, length, expected):
    headers = sign(
        server, "PUT", f"/{BUCKET}/unsigned", "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        {"x-amz-decoded-content-length": str(length), "x-amz-trailer": "x-amz-checksum-crc32", "content-encoding": "aws-chunked"})
    status, _, body = send(server, "PUT", f"/{BUCKET}/unsigned", headers, f"5\r\nhello\r\n0\r\n{trailer}\r\n\r\n".encode())
    if expected == 200:
        assert status == 200
        s3.delete_object(Bucket=BUCKET, Key="unsigned")
    else:
        assert (status, code(body)) == expected and is_absent(s3, "unsigned")


# Connections


def test_a_body_is_asked_for(server, s3):
    """`Expect: 100-continue`: the server asks for a body that it will take, and refuses one without having it sent."""
    path = f"/{BUCKET}/expected"
    for credentials, expected in [(None, b"HTTP/1.1 100 Continue\r\n"), (botocore.credentials.Credentials("AKIAUNKNOWN", "x"), b"HTTP/1.1 403")]:
        headers = sign(server, "PUT", path, "UNSIGNED-PAYLOAD", credentials=credentials)
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            lines = [f"PUT {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Content-Length: 5", "Expect: 100-continue"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
            assert connection.recv(1000).startswith(expected)
            if credentials is None:
                connection.sendall(b"hello")
                assert connection.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_connection_serves_one_object_after_another(server, s3):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for number in range(20):
        path, body = f"/{BUCKET}/kept-{number % 3}", bytes([number]) * (number * 10_000)
        connection.request("PUT", path, body=body, headers=sign(server, "PUT", path, "UNSIGNED-PAYLOAD"))
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
        connection.request("GET", path, headers=sign(server, "GET", path, EMPTY))
        assert connection.getresponse().read() == body
        connection.request("HEAD", path, headers=sign(server, "HEAD", path, EMPTY))
        answer = connection.getresponse()
        assert int(answer.headers["Content-Length"]) == len(body) and answer.read() == b""
        connection.request("GET", path + "-none", headers=sign(server, "GET", path + "-none", EMPTY))
        assert code(connection.getresponse().read()) == "NoSuchKey"
    connection.close()


def test_an_upload_that_breaks_off_makes_no_object(server, s3):
    path = f"/{BUCKET}/broken-off"
    headers = sign(server, "PUT", path, "UNSIGNED-PAYLOAD")
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        lines = [f"PUT {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Content-Length: 1000000"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + b"x" * 500_000)
    assert is_absent(s3, "broken-off")


def test_length_is_required(server, s3):
    path = f"/{BUCKET}/endless"
    headers = {**sign(server, "PUT", path, "UNSIGNED-PAYLOAD"), "Transfer-Encoding": "chunked"}
    status, _, body = send(server, "PUT", path, headers, b"5\r\nhello\r\n0\r\n\r\n")
    assert (status, code(body)) == (411, "MissingContentLength") and is_absent(s3, "endless")


def test_a_slow_reader_holds_nothing_up(server, s3):
    """A download that nobody takes fills the connection's buffers and no memory, and ends with its connection."""
    s3.put_object(Bucket=BUCKET, Key="slow", Body=b"z" * (32 << 20))
    path = f"/{BUCKET}/slow"
    headers = sign(server, "GET", path, EMPTY)
    connections = []
    for _ in range(8):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}"] + [f"{name}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"
        connections.append(connection)
    assert s3.get_object(Bucket=BUCKET, Key="slow", Range="bytes=0-1")["Body"].read() == b"zz"
    for connection in connections:
        connection.close()
    assert len(s3.get_object(Bucket=BUCKET, Key="slow")["Body"].read()) == 32 << 20


def test_many_uploads_at_once(server, s3):
    bodies = {f"many-{number}": bytes([number]) * 3_000_000 for number in range(12)}
    answers = {}

    def put(key):
        path = f"/{BUCKET}/{key}"
        answers[key] = send(server, "PUT", path, sign(server, "PUT", path, hashlib.sha256(bodies[key]).hexdigest()), bodies[key])[0]

    threads = [threading.Thread(target=put, args=(key,)) for key in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers.values()) == {200}
    for key, body in bodies.items():
        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == body


def test_over_tls(start_server, tmp_path, monkeypatch):
    """Over TLS clients leave their bodies unsigned, and send a checksum behind them."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    context = ssl.create_default_context(cafile=certificate)

    def is_healthy(server):
        try:
            return urllib.request.urlopen(f"https://localhost:{server.port}/health", context=context, timeout=2).status == 200
        except OSError:
            return False

    monkeypatch.setattr(Server, "is_healthy", is_healthy)
    server = start_server("--tls-certificate", str(certificate), "--tls-key", str(key))
    server.url = f"https://localhost:{server.port}"
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    s3 = server.client("s3")
    forms = []
    s3.meta.events.register("before-send.s3.PutObject", lambda request, **_: forms.append(request.headers["X-Amz-Content-SHA256"]))
    s3.create_bucket(Bucket="tls")
    body = bytes(range(256)) * 10_000
    s3.put_object(Bucket="tls", Key="k", Body=io.BytesIO(body))
    assert forms == [b"STREAMING-UNSIGNED-PAYLOAD-TRAILER"]
    answer = s3.get_object(Bucket="tls", Key="k", ChecksumMode="ENABLED")
    assert answer["Body"].read() == body and answer["ChecksumCRC32"] == crc32(body)
