"""Objects by the AWS CLI: `aws s3` and `aws s3api`, unmodified."""
import json
import os
import urllib.request

import pytest


def run(server, *arguments):
    done = server.aws(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def bucket(server):
    run(server, "s3", "mb", "s3://objects-cli")
    yield "objects-cli"
    run(server, "s3", "rb", "--force", "s3://objects-cli")


def test_files_go_there_and_back(server, bucket, tmp_path):
    source = tmp_path / "report of the night.csv"
    source.write_bytes(b"a,b\n1,2\n" * 1000)
    run(server, "s3", "cp", str(source), f"s3://{bucket}/reports/")
    assert "report of the night.csv" in run(server, "s3", "ls", f"s3://{bucket}/reports/")
    run(server, "s3", "cp", f"s3://{bucket}/reports/report of the night.csv", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == source.read_bytes()
    run(server, "s3", "mv", f"s3://{bucket}/reports/report of the night.csv", f"s3://{bucket}/moved")
    run(server, "s3", "rm", f"s3://{bucket}/moved")
    assert run(server, "s3", "ls", f"s3://{bucket}/") == ""


def test_a_large_file_goes_in_parts(server, bucket, tmp_path):
    source = tmp_path / "large"
    with open(source, "wb") as file:
        for number in range(100):
            file.write(bytes([number]) * (1 << 20))
    run(server, "s3", "cp", str(source), f"s3://{bucket}/large", "--no-progress")
    head = json.loads(run(server, "s3api", "head-object", "--bucket", bucket, "--key", "large"))
    assert head["ContentLength"] == 100 << 20 and "-" in head["ETag"]
    run(server, "s3", "cp", f"s3://{bucket}/large", str(tmp_path / "back"), "--no-progress")
    assert (tmp_path / "back").read_bytes() == source.read_bytes()


def test_folders_are_synchronised(server, bucket, tmp_path):
    folder = tmp_path / "folder"
    for name in ("a.txt", "sub/b.txt", "sub/deep/c d.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
        # S3 tells whole seconds: a file of the same second would count as newer.
        os.utime(folder / name, (1_700_000_000, 1_700_000_000))
    run(server, "s3", "sync", str(folder), f"s3://{bucket}/sync")
    assert run(server, "s3", "sync", str(folder), f"s3://{bucket}/sync") == ""
    (folder / "a.txt").unlink()
    run(server, "s3", "sync", str(folder), f"s3://{bucket}/sync", "--delete")
    back = tmp_path / "back"
    run(server, "s3", "sync", f"s3://{bucket}/sync", str(back))
    assert sorted(str(path.relative_to(back)) for path in back.rglob("*.txt")) == ["sub/b.txt", "sub/deep/c d.txt"]


def test_presigned_links(server, bucket, tmp_path):
    (tmp_path / "f").write_text("hello")
    run(server, "s3", "cp", str(tmp_path / "f"), f"s3://{bucket}/linked")
    link = run(server, "s3", "presign", f"s3://{bucket}/linked", "--expires-in", "60").strip()
    with urllib.request.urlopen(link, timeout=10) as answer:
        assert answer.read() == b"hello"


def test_s3api(server, bucket, tmp_path):
    api = lambda *arguments: run(server, "s3api", *arguments, "--bucket", bucket)
    (tmp_path / "f").write_text("hello")
    key = ("--key", "api key")
    put = json.loads(api("put-object", *key, "--body", str(tmp_path / "f"), "--metadata", "a=b", "--tagging", "t=1"))
    assert put["ETag"]
    got = json.loads(api("get-object", *key, "--range", "bytes=0-1", str(tmp_path / "out")))
    assert got["ContentRange"] == "bytes 0-1/5" and (tmp_path / "out").read_text() == "he"
    assert json.loads(api("get-object-tagging", *key))["TagSet"] == [{"Key": "t", "Value": "1"}]
    api("put-object-tagging", *key, "--tagging", "TagSet=[{Key=u,Value=2}]")
    assert json.loads(api("get-object-tagging", *key))["TagSet"] == [{"Key": "u", "Value": "2"}]
    api("delete-object-tagging", *key)
    attributes = json.loads(api("get-object-attributes", *key, "--object-attributes", "ETag", "ObjectSize"))
    assert attributes["ObjectSize"] == 5
    api("copy-object", "--key", "copied", "--copy-source", f"{bucket}/api key")
    listed = json.loads(api("list-objects-v2", "--prefix", "api"))
    assert [entry["Key"] for entry in listed["Contents"]] == ["api key"]
    upload = json.loads(api("create-multipart-upload", "--key", "parts"))["UploadId"]
    part = json.loads(api("upload-part", "--key", "parts", "--upload-id", upload, "--part-number", "1", "--body", str(tmp_path / "f")))
    copied = json.loads(api("upload-part-copy", "--key", "parts", "--upload-id", upload, "--part-number", "2", "--copy-source", f"{bucket}/copied"))
    assert copied["CopyPartResult"]["ETag"] == part["ETag"]
    api("abort-multipart-upload", "--key", "parts", "--upload-id", upload)
    deleted = json.loads(api("delete-objects", "--delete", "Objects=[{Key=copied},{Key=api key}],Quiet=false"))
    assert {entry["Key"] for entry in deleted["Deleted"]} == {"copied", "api key"}


SETTINGS = [
    ("bucket-tagging", "TagSet=[{Key=a,Value=b}]", "--tagging"),
    ("bucket-cors", json.dumps({"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}), "--cors-configuration"),
    ("public-access-block", "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
     "--public-access-block-configuration"),
    ("bucket-ownership-controls", "Rules=[{ObjectOwnership=BucketOwnerEnforced}]", "--ownership-controls"),
    ("bucket-encryption",
     json.dumps({"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}),
     "--server-side-encryption-configuration"),
    ("bucket-lifecycle-configuration",
     json.dumps({"Rules": [{"ID": "x", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}]}),
     "--lifecycle-configuration"),
    ("bucket-policy",
     json.dumps({"Version": "2012-10-17", "Statement": [
         {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::objects-cli/*"}]}),
     "--policy"),
]


@pytest.mark.parametrize("name, value, option", SETTINGS, ids=[setting[0] for setting in SETTINGS])
def test_settings_of_a_bucket(server, bucket, name, value, option):
    run(server, "s3api", f"put-{name}", "--bucket", bucket, option, value)
    shown = run(server, "s3api", f"get-{name}", "--bucket", bucket)
    assert json.loads(shown)
    delete = {"bucket-lifecycle-configuration": "bucket-lifecycle"}.get(name, name)
    run(server, "s3api", f"delete-{delete}", "--bucket", bucket)


def test_what_a_bucket_is(server, bucket):
    assert json.loads(run(server, "s3api", "get-bucket-acl", "--bucket", bucket))["Grants"]
    assert json.loads(run(server, "s3api", "get-bucket-location", "--bucket", bucket))["LocationConstraint"] is None
    run(server, "s3api", "head-bucket", "--bucket", bucket)
    assert server.aws("s3api", "head-bucket", "--bucket", "objects-cli-none").returncode != 0
    refused = server.aws("s3api", "get-object", "--bucket", bucket, "--key", "none", "/dev/null")
    assert "NoSuchKey" in refused.stderr and "The specified key does not exist." in refused.stderr
