"""Buckets and objects, as boto3 sees them: with the bucket in the path, and before the host."""
import hashlib
import io
import json

import pytest

from agents import until
from conftest import Server
from objects import SignedChunks, below_localhost, crc32, empty_bucket, refusal, send, sign

KEYS = [
    "plain", "a/b c", "double//slash", "../up/./down", "plus+sign", "ümläut/€/中", "percent%2Fslash", "query?x=1&y#z", "~tilde!'()*", "folder/",
    "/leading", "line\nfeed", "semi;colon,comma:@$=", "x" * 1024,
]


@pytest.fixture(params=["path", "virtual"])
def s3(request, server, monkeypatch):
    below_localhost(monkeypatch)
    url, server.url = server.url, f"http://localhost:{server.port}" if request.param == "virtual" else server.url
    try:
        yield server.client("s3", s3={"addressing_style": request.param})
    finally:
        server.url = url


@pytest.fixture
def bucket(s3, request):
    name = "objects-" + hashlib.sha256(request.node.name.encode()).hexdigest()[:12] + ".dotted"
    s3.create_bucket(Bucket=name)
    yield name
    empty_bucket(s3, name)


def test_buckets_are_made_listed_and_deleted(s3, bucket):
    answer = s3.list_buckets()
    assert bucket in [entry["Name"] for entry in answer["Buckets"]]
    assert answer["ResponseMetadata"]["RequestId"] and answer["ResponseMetadata"]["HostId"]
    assert s3.head_bucket(Bucket=bucket)["BucketRegion"] == "us-east-1"
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    assert refusal(s3.head_bucket, Bucket="objects-no-such-bucket") == ("404", 404)
    assert refusal(s3.list_objects_v2, Bucket="objects-no-such-bucket") == ("NoSuchBucket", 404)
    assert refusal(s3.create_bucket, Bucket="Not_A_Bucket") == ("InvalidBucketName", 400)
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert refusal(s3.delete_bucket, Bucket=bucket) == ("BucketNotEmpty", 409)


@pytest.mark.parametrize("key", KEYS, ids=range(len(KEYS)))
def test_any_key_keeps_its_bytes(s3, bucket, key):
    body = key.encode() * 3
    tag = s3.put_object(Bucket=bucket, Key=key, Body=body)["ETag"]
    assert tag == f'"{hashlib.md5(body).hexdigest()}"'
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == body
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    copy = s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
    assert copy["CopyObjectResult"]["ETag"] == tag
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}, {"Key": "copy"}]})
    assert {entry["Key"] for entry in deleted["Deleted"]} == {key, "copy"}


def test_what_is_said_of_an_object_comes_back(s3, bucket):
    s3.put_object(
        Bucket=bucket, Key="k", Body=b"hello", ContentType="text/x; charset=utf-8", ContentLanguage="de", CacheControl="no-store",
        ContentDisposition="attachment; filename=x", ContentEncoding="gzip", Metadata={"Owner": "night batch", "empty": ""})
    for answer in (s3.get_object(Bucket=bucket, Key="k"), s3.head_object(Bucket=bucket, Key="k")):
        assert answer["ContentType"] == "text/x; charset=utf-8" and answer["ContentLanguage"] == "de"
        assert answer["CacheControl"] == "no-store" and answer["ContentDisposition"] == "attachment; filename=x"
        assert answer["ContentEncoding"] == "gzip" and answer["ContentLength"] == 5
        assert answer["Metadata"]["owner"] == "night batch"
    shown = s3.get_object(Bucket=bucket, Key="k", ResponseContentType="text/plain", ResponseCacheControl="private")
    assert (shown["ContentType"], shown["CacheControl"]) == ("text/plain", "private")


@pytest.mark.parametrize("asked, status, shown, body", [
    ("bytes=0-1", 206, "bytes 0-1/10", b"01"), ("bytes=8-", 206, "bytes 8-9/10", b"89"), ("bytes=-3", 206, "bytes 7-9/10", b"789"),
    ("bytes=5-100", 206, "bytes 5-9/10", b"56789"), ("nonsense", 200, None, b"0123456789"),
])
def test_ranges(s3, bucket, asked, status, shown, body):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    answer = s3.get_object(Bucket=bucket, Key="k", Range=asked)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status and answer.get("ContentRange") == shown
    assert answer["Body"].read() == body and answer["ContentLength"] == len(body)


def test_ranges_behind_the_end_are_refused(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    assert refusal(s3.get_object, Bucket=bucket, Key="k", Range="bytes=10-") == ("InvalidRange", 416)


def test_conditions(s3, bucket):
    tag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    assert s3.get_object(Bucket=bucket, Key="k", IfMatch=tag)["Body"].read() == b"x"
    assert refusal(s3.get_object, Bucket=bucket, Key="k", IfMatch='"other"') == ("PreconditionFailed", 412)
    assert refusal(s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=tag) == ("304", 304)
    assert refusal(s3.put_object, Bucket=bucket, Key="k", Body=b"y", IfNoneMatch="*") == ("PreconditionFailed", 412)


def test_listing_by_folder(s3, bucket):
    for key in ("a/1", "a/2", "b/1", "c", "d&<>"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    for listing in (s3.list_objects, s3.list_objects_v2):
        answer = listing(Bucket=bucket, Delimiter="/")
        assert [entry["Prefix"] for entry in answer["CommonPrefixes"]] == ["a/", "b/"]
        assert [entry["Key"] for entry in answer["Contents"]] == ["c", "d&<>"]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
    assert [entry["Key"] for page in pages for entry in page["Contents"]] == ["a/1", "a/2", "b/1", "c", "d&<>"]
    assert refusal(s3.list_objects_v2, Bucket=bucket, MaxKeys=-1)[0] == "InvalidArgument"


def test_every_object_has_one_version(s3, bucket):
    """So scripts that empty buckets of versions empty these, too."""
    for key in ("a/1", "b", "c"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2}))
    versions = [version for page in pages for version in page["Versions"]]
    assert [(version["Key"], version["VersionId"], version["IsLatest"]) for version in versions] == [
        ("a/1", "null", True), ("b", "null", True), ("c", "null", True)]
    folders = s3.list_object_versions(Bucket=bucket, Delimiter="/")
    assert [entry["Prefix"] for entry in folders["CommonPrefixes"]] == ["a/"] and len(folders["Versions"]) == 2
    gone = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
    assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": gone})["Deleted"]) == 3
    assert "Versions" not in s3.list_object_versions(Bucket=bucket)


def test_an_object_in_parts(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big", ContentType="x/y")["UploadId"]
    bodies = [b"a" * (5 << 20), b"b" * 100]
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=number, Body=body)["ETag"]}
        for number, body in enumerate(bodies, start=1)
    ]
    assert [part["Size"] for part in s3.list_parts(Bucket=bucket, Key="big", UploadId=upload)["Parts"]] == [5 << 20, 100]
    assert [entry["UploadId"] for entry in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [upload]
    done = s3.complete_multipart_upload(Bucket=bucket, Key="big", UploadId=upload, MultipartUpload={"Parts": parts})
    assert done["ETag"].endswith('-2"') and done["Bucket"] == bucket and done["Key"] == "big"
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == b"".join(bodies)
    gone = s3.create_multipart_upload(Bucket=bucket, Key="gone")["UploadId"]
    s3.abort_multipart_upload(Bucket=bucket, Key="gone", UploadId=gone)
    assert refusal(s3.list_parts, Bucket=bucket, Key="gone", UploadId=gone) == ("NoSuchUpload", 404)


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_checksums_are_verified_and_kept(s3, bucket, algorithm):
    answer = s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumAlgorithm=algorithm)
    kept = answer["Checksum" + algorithm]
    shown = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert shown["Checksum" + algorithm] == kept
    if algorithm == "CRC32":
        assert kept == crc32(b"hello")
        assert refusal(s3.put_object, Bucket=bucket, Key="k", Body=b"other", ChecksumCRC32=kept) == ("BadDigest", 400)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"hello"


def test_streams_of_unknown_kind_are_sent_in_chunks(s3, bucket):
    """A file object over plain HTTP is hashed first, one that cannot be rewound is not; both arrive."""
    body = bytes(range(256)) * 4096
    s3.upload_fileobj(io.BytesIO(body), bucket, "file")
    assert s3.get_object(Bucket=bucket, Key="file")["Body"].read() == body
    assert s3.head_object(Bucket=bucket, Key="file")["ContentLength"] == len(body)


def test_absent_operations_say_so(s3, bucket):
    code, status = refusal(
        s3.put_bucket_website, Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    assert (code, status) == ("NotImplemented", 501)


def test_a_bucket_may_be_called_like_a_route(server):
    s3 = server.client("s3", s3={"addressing_style": "path"})
    s3.create_bucket(Bucket="health")
    s3.put_object(Bucket="health", Key="agent/v1/x", Body=b"y")
    assert s3.get_object(Bucket="health", Key="agent/v1/x")["Body"].read() == b"y"
    assert s3.list_objects_v2(Bucket="health")["KeyCount"] == 1
    empty_bucket(s3, "health")
    assert server.is_healthy()


def test_a_name_of_the_own_network(start_server, monkeypatch):
    server = start_server("--object-host", "objects.example")
    server.client("s3").create_bucket(Bucket="named")
    status = server.raw("s3", method="GET", path="/", headers={"Host": "named.objects.example", "x-amz-content-sha256": hashlib.sha256(b"").hexdigest()})
    assert status.status == 200 and "<ListBucketResult" in status.text and "<Name>named</Name>" in status.text


# Objects handed over to another S3: here, another Nightshift


@pytest.fixture(scope="module")
def remote(tmp_path_factory):
    """A server that hands objects over, and the one that keeps them."""
    keeper = Server(tmp_path_factory.mktemp("keeper") / "data")
    front = Server(
        tmp_path_factory.mktemp("front") / "data",
        arguments=[
            "--object-store-endpoint", keeper.url, "--object-store-credentials", f"{keeper.data / 'admin-credentials'}:nightshift"])
    yield front, keeper
    front.stop()
    keeper.stop()


def test_objects_are_handed_over(remote):
    front, keeper = (server.client("s3", s3={"addressing_style": "path"}) for server in remote)
    front.create_bucket(Bucket="handed")
    assert [entry["Name"] for entry in keeper.list_buckets()["Buckets"]] == ["handed"]
    small, large = b"hello", bytes(range(256)) * 20_000
    for key, body in [("a b/ü+%2F", small), ("large", large)]:
        tag = front.put_object(Bucket="handed", Key=key, Body=body, ContentType="x/y", Metadata={"a": "b"})["ETag"]
        assert tag == f'"{hashlib.md5(body).hexdigest()}"'
        for client in (front, keeper):
            answer = client.get_object(Bucket="handed", Key=key)
            assert answer["Body"].read() == body and answer["ContentType"] == "x/y" and answer["Metadata"] == {"a": "b"}
            assert not answer.get("ContentEncoding")
    part = front.get_object(Bucket="handed", Key="large", Range="bytes=256-260")
    assert part["Body"].read() == bytes(range(5)) and part["ContentRange"] == f"bytes 256-260/{len(large)}"
    assert front.head_object(Bucket="handed", Key="large")["ContentLength"] == len(large)
    listed = front.list_objects_v2(Bucket="handed", Prefix="a")
    assert [entry["Key"] for entry in listed["Contents"]] == ["a b/ü+%2F"]
    assert front.copy_object(Bucket="handed", Key="copy", CopySource={"Bucket": "handed", "Key": "large"})["CopyObjectResult"]["ETag"]
    front.put_bucket_tagging(Bucket="handed", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    assert keeper.get_bucket_tagging(Bucket="handed")["TagSet"] == [{"Key": "k", "Value": "v"}]
    upload = front.create_multipart_upload(Bucket="handed", Key="parts")["UploadId"]
    tags = [
        front.upload_part(Bucket="handed", Key="parts", UploadId=upload, PartNumber=number, Body=bytes([number]) * (5 << 20))["ETag"]
        for number in (1, 2)]
    front.complete_multipart_upload(
        Bucket="handed", Key="parts", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, start=1)]})
    assert len(front.get_object(Bucket="handed", Key="parts")["Body"].read()) == 10 << 20
    assert refusal(front.get_object, Bucket="handed", Key="none") == ("NoSuchKey", 404)
    assert refusal(front.head_object, Bucket="handed", Key="none") == ("404", 404)
    assert refusal(front.list_objects_v2, Bucket="nobodys") == ("NoSuchBucket", 404)
    tag = front.head_object(Bucket="handed", Key="large")["ETag"]
    assert refusal(front.get_object, Bucket="handed", Key="large", IfNoneMatch=tag) == ("304", 304)
    gone = front.delete_objects(
        Bucket="handed", Delete={"Objects": [{"Key": key} for key in ("a b/ü+%2F", "large", "copy", "parts")]})
    assert len(gone["Deleted"]) == 4
    front.delete_bucket(Bucket="handed")
    assert keeper.list_buckets()["Buckets"] == []


def test_a_body_that_is_not_the_signed_one_is_not_handed_over(remote):
    front, keeper = remote
    front.client("s3").create_bucket(Bucket="refused")
    body = b"x" * (3 << 20)
    headers = sign(front, "PUT", "/refused/k", hashlib.sha256(body).hexdigest())
    status, _, answer = send(front, "PUT", "/refused/k", headers, body[:-1] + b"y")
    assert status == 400 and b"XAmzContentSHA256Mismatch" in answer
    assert refusal(keeper.client("s3").head_object, Bucket="refused", Key="k") == ("404", 404)
    front.client("s3").delete_bucket(Bucket="refused")


def test_trailers_are_handed_over(remote):
    front, keeper = remote
    front.client("s3").create_bucket(Bucket="trailing")
    data = b"z" * (2 << 20)
    chunks = SignedChunks(front, "/trailing/k", len(data), {"x-amz-checksum-crc32": crc32(data)})
    status, _, answer = send(front, "PUT", "/trailing/k", chunks.headers, chunks.body(data, 65536))
    assert status == 200, answer
    shown = keeper.client("s3").head_object(Bucket="trailing", Key="k", ChecksumMode="ENABLED")
    assert shown["ChecksumCRC32"] == crc32(data)
    empty_bucket(front.client("s3"), "trailing")


def test_a_store_that_is_away_is_told(remote):
    front, keeper = remote
    keeper.kill()
    assert refusal(front.client("s3").list_buckets) == ("ServiceUnavailable", 503)
    keeper.start()
    assert front.client("s3").list_buckets()["Buckets"] == []


def test_state_machines_use_the_store(remote):
    front, keeper = remote
    states, s3 = front.client("stepfunctions"), keeper.client("s3")
    s3.create_bucket(Bucket="machines")
    s3.put_object(Bucket="machines", Key="items.json", Body=b"[1, 2, 3]")
    machine = states.create_state_machine(
        name="objects-remote", roleArn="arn:aws:iam::000000000000:role/r", definition=json.dumps({
            "StartAt": "Each", "States": {
                "Each": {
                    "Type": "Map", "ItemReader": {
                        "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"},
                        "Parameters": {"Bucket": "machines", "Key": "items.json"}},
                    "ItemProcessor": {
                        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P",
                        "States": {"P": {"Type": "Pass", "End": True}}},
                    "ResultPath": "$.items", "Next": "Put"},
                "Put": {
                    "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
                    "Parameters": {"Bucket": "machines", "Key": "result", "Body.$": "$.items"}, "End": True}}}))["stateMachineArn"]
    run = states.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
    until(lambda: states.describe_execution(executionArn=run)["status"] != "RUNNING", 30)
    shown = states.describe_execution(executionArn=run)
    assert shown["status"] == "SUCCEEDED", shown
    assert json.loads(s3.get_object(Bucket="machines", Key="result")["Body"].read()) == [1, 2, 3]
