"""Objects in backups: whole while they are replaced and deleted, and in the server that is restored."""
import hashlib
import threading

from test_backup import back_up, restored  # noqa: F401


def test_a_backup_holds_the_objects_that_its_rows_name(start_server, restored, tmp_path):  # noqa: F811
    server = start_server()
    s3 = server.client("s3")
    s3.create_bucket(Bucket="nightly")
    s3.put_object(Bucket="nightly", Key="kept/../a b", Body=b"x" * 700_000, Metadata={"m": "1"})
    upload = s3.create_multipart_upload(Bucket="nightly", Key="parts")["UploadId"]
    parts = [{"PartNumber": number, "ETag": s3.upload_part(
        Bucket="nightly", Key="parts", UploadId=upload, PartNumber=number, Body=body)["ETag"]}
        for number, body in [(1, b"1" * (5 << 20)), (2, b"2")]]
    s3.complete_multipart_upload(Bucket="nightly", Key="parts", UploadId=upload, MultipartUpload={"Parts": parts})
    stop = threading.Event()

    def churn():
        own, number = server.client("s3"), 0
        while not stop.is_set():
            own.put_object(Bucket="nightly", Key=f"churn/{number % 7}", Body=str(number).encode() * 1000)
            own.delete_object(Bucket="nightly", Key=f"churn/{(number + 3) % 7}")
            number += 1

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        backup = back_up(server, tmp_path / "backup")
    finally:
        stop.set()
        thread.join()
    s3 = restored(backup).client("s3")
    whole = s3.get_object(Bucket="nightly", Key="kept/../a b")
    assert whole["Body"].read() == b"x" * 700_000 and whole["Metadata"] == {"m": "1"}
    assert s3.get_object(Bucket="nightly", Key="parts")["Body"].read() == b"1" * (5 << 20) + b"2"
    for entry in s3.list_objects_v2(Bucket="nightly", Prefix="churn/").get("Contents", []):
        body = s3.get_object(Bucket="nightly", Key=entry["Key"])["Body"].read()
        assert f'"{hashlib.md5(body).hexdigest()}"' == entry["ETag"]
