"""Map states that read items from objects and write results to them: buckets and objects made by boto3."""
import csv
import io
import json
import uuid

import pytest

from polling import ended

ROLE = "arn:aws:iam::000000000000:role/executions"
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
GET, LIST, PUT = "arn:aws:states:::s3:getObject", "arn:aws:states:::s3:listObjectsV2", "arn:aws:states:::s3:putObject"


@pytest.fixture
def states(client):
    return client("stepfunctions", parameter_validation=False)


@pytest.fixture
def bucket(client):
    s3 = client("s3", s3={"addressing_style": "path"})
    name = f"map-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    return s3, name


@pytest.fixture
def run(states):
    """Runs a machine of one Map state in DISTRIBUTED mode to its end; returns the description of the execution."""
    def make(reader=None, writer=None, value=None, **fields):
        state = {"Type": "Map", "End": True, "Label": "items", **fields,
                 "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **PASS}}
        if reader:
            state["ItemReader"] = reader
        if writer:
            state["ResultWriter"] = writer
        machine = states.create_state_machine(
            name=f"m-{uuid.uuid4()}", definition=json.dumps({"StartAt": "M", "States": {"M": state}}), roleArn=ROLE)
        arn = states.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps(value or {}))["executionArn"]
        return ended(states, arn)
    return make


def reader(resource, bucket, configuration=None, **parameters):
    return {"Resource": resource, "Parameters": {"Bucket": bucket, **parameters},
            **({"ReaderConfig": configuration} if configuration else {})}


def test_the_rows_of_a_csv_object_are_items(bucket, run):
    s3, name = bucket
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "city"])
    writer.writerows([[number, "Zürich, Kreis 5"] for number in range(40)])
    s3.put_object(Bucket=name, Key="in/cities.csv", Body=text.getvalue().encode())
    answer = run(reader(GET, name, {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, Key="in/cities.csv"))
    assert answer["status"] == "SUCCEEDED", answer
    assert json.loads(answer["output"]) == [{"id": str(number), "city": "Zürich, Kreis 5"} for number in range(40)]


def test_a_json_object_that_came_in_parts_holds_items(bucket, run):
    s3, name = bucket
    upload = s3.create_multipart_upload(Bucket=name, Key="items.json")["UploadId"]
    items = json.dumps([{"n": number, "pad": "x" * 50_000} for number in range(120)]).encode()
    pieces = [items[:5 << 20], items[5 << 20:]]
    parts = [{"PartNumber": number, "ETag": s3.upload_part(
        Bucket=name, Key="items.json", UploadId=upload, PartNumber=number, Body=piece)["ETag"]} for number, piece in enumerate(pieces, 1)]
    s3.complete_multipart_upload(Bucket=name, Key="items.json", UploadId=upload, MultipartUpload={"Parts": parts})
    answer = run(reader(GET, name, {"InputType": "JSON"}, Key="items.json"), ItemSelector={"n.$": "$$.Map.Item.Value.n"})
    assert answer["status"] == "SUCCEEDED", answer
    assert json.loads(answer["output"]) == [{"n": number} for number in range(120)]


def test_the_objects_of_a_listing_are_items(bucket, run):
    s3, name = bucket
    for key in ["in/a", "in/b", "in/sub/c", "other"]:
        s3.put_object(Bucket=name, Key=key, Body=key.encode())
    answer = run(reader(LIST, name, Prefix="in/"))
    assert answer["status"] == "SUCCEEDED", answer
    items = json.loads(answer["output"])
    assert [item["Key"] for item in items] == ["in/a", "in/b", "in/sub/c"]
    assert [item["Size"] for item in items] == [4, 4, 8]


def test_results_are_written_as_objects(bucket, run):
    s3, name = bucket
    answer = run(writer={"Resource": PUT, "Parameters": {"Bucket": name, "Prefix": "out"}}, value=[1, 2, 3])
    assert answer["status"] == "SUCCEEDED", answer
    details = json.loads(answer["output"])["ResultWriterDetails"]
    assert details["Bucket"] == name
    manifest = json.loads(s3.get_object(Bucket=name, Key=details["Key"])["Body"].read())
    [file] = manifest["ResultFiles"]["SUCCEEDED"]
    stored = s3.get_object(Bucket=name, Key=file["Key"])
    assert stored["ContentLength"] == file["Size"]
    assert sorted(json.loads(result["Output"]) for result in json.loads(stored["Body"].read())) == [1, 2, 3]


def test_an_object_that_is_not_there_fails_the_run(bucket, run):
    _, name = bucket
    answer = run(reader(GET, name, {"InputType": "JSON"}, Key="missing.json"))
    assert answer["status"] == "FAILED"
    assert answer["error"] == "States.ItemReaderFailed"


def test_notifications_reach_queues_and_the_bus(bucket, client):
    s3, name = bucket
    sqs, events = client("sqs"), client("events")
    queue = sqs.create_queue(QueueName=f"news-{uuid.uuid4()}")["QueueUrl"]
    other = sqs.create_queue(QueueName=f"bus-{uuid.uuid4()}")["QueueUrl"]
    arn, other_arn = [
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"] for url in (queue, other)]
    rule = f"objects-{uuid.uuid4()}"
    events.put_rule(Name=rule, EventPattern=json.dumps(
        {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": [name]}}}))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": other_arn}])
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={
        "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": [
            {"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".csv"}]}}}],
        "EventBridgeConfiguration": {}})
    for key in ["in/a b.csv", "in/a.txt"]:
        s3.put_object(Bucket=name, Key=key, Body=b"1,2")
    bodies = [json.loads(message["Body"]) for _ in range(3) for message in sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])]
    assert bodies[0]["Event"] == "s3:TestEvent"
    assert [body["Records"][0]["s3"]["object"]["key"] for body in bodies[1:]] == ["in/a+b.csv"]
    told = []
    for _ in range(10):
        told += sqs.receive_message(QueueUrl=other, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        if len(told) == 2:
            break
    assert sorted(json.loads(message["Body"])["detail"]["object"]["key"] for message in told) == ["in/a b.csv", "in/a.txt"]
    events.remove_targets(Rule=rule, Ids=["queue"])
    events.delete_rule(Name=rule)
