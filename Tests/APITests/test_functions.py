"""Functions as AWS clients use them: boto3 and the AWS CLI against a live server, with Python functions run under awslambdaric."""
import base64
import concurrent.futures
import io
import json
import time
import urllib.error
import urllib.request
import zipfile

import botocore.exceptions
import pytest

from polling import until

ROLE = "arn:aws:iam::000000000000:role/batch"
ECHO = """
import os

calls = 0
def handler(event, context):
    global calls
    calls += 1
    print("got", event)
    return {"event": event, "calls": calls, "request": context.aws_request_id, "arn": context.invoked_function_arn,
            "name": os.environ.get("NAME"), "region": os.environ["AWS_REGION"]}
"""


def archive(files):
    """A ZIP archive of the given texts, by name; `bootstrap` is executable."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in files.items():
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = (0o100755 if name == "bootstrap" else 0o100644) << 16
            zipped.writestr(info, text)
    return buffer.getvalue()


@pytest.fixture
def functions(client):
    return client("lambda")


def create(functions, name, code=ECHO, **options):
    """Creates a Python function whose module `index` is the code."""
    options = {"Runtime": "python3.12", "Role": ROLE, "Handler": "index.handler", "Timeout": 10, **options}
    return functions.create_function(
        FunctionName=name, Code={"ZipFile": archive({"index.py": code})}, **options)


def call(functions, name, event=None, **options):
    """Invokes a function; returns the answer with its payload as `body`."""
    answer = functions.invoke(FunctionName=name, Payload=json.dumps(event), **options)
    text = answer["Payload"].read()
    return {**answer, "body": json.loads(text) if text else None}


def error(caught):
    return caught.value.response["Error"]


def log_text(server, name):
    """All that a function has logged."""
    logs = server.client("logs")
    try:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    except logs.exceptions.ResourceNotFoundException:
        return ""
    return "".join(event["message"] for event in events)


# Configuration


def test_a_new_function_is_active_and_described(functions):
    made = create(functions, "described", Description="text", MemorySize=256, Environment={"Variables": {"NAME": "value"}},
                  Tags={"team": "night"})
    functions.get_waiter("function_active_v2").wait(FunctionName="described", WaiterConfig={"Delay": 1, "MaxAttempts": 2})
    arn = "arn:aws:lambda:us-east-1:000000000000:function:described"
    expected = {
        "FunctionName": "described", "FunctionArn": arn, "Runtime": "python3.12", "Role": ROLE, "Handler": "index.handler",
        "Description": "text", "Timeout": 10, "MemorySize": 256, "Version": "$LATEST", "State": "Active",
        "LastUpdateStatus": "Successful", "PackageType": "Zip", "Environment": {"Variables": {"NAME": "value"}},
        "TracingConfig": {"Mode": "PassThrough"}, "Architectures": ["x86_64"], "EphemeralStorage": {"Size": 512},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/described"},
    }
    assert expected.items() <= made.items()
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert made["CodeSize"] == len(archive({"index.py": ECHO}))
    found = functions.get_function(FunctionName=arn)
    assert expected.items() <= found["Configuration"].items()
    assert found["Tags"] == {"team": "night"}
    for name in ["described", arn, "000000000000:function:described", "function:described"]:
        assert functions.get_function_configuration(FunctionName=name)["FunctionArn"] == arn
    qualified = functions.get_function_configuration(FunctionName="described:$LATEST")
    assert qualified["FunctionArn"] == arn + ":$LATEST"


def test_the_code_can_be_fetched_by_its_link(functions):
    create(functions, "fetched")
    location = functions.get_function(FunctionName="fetched")["Code"]["Location"]
    with urllib.request.urlopen(location, timeout=10) as answer:
        assert answer.read() == archive({"index.py": ECHO})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(location.replace("Signature=", "Signature=0"), timeout=10)
    assert refused.value.code == 403


def test_functions_are_listed_in_pages(functions):
    names = [f"listed-{letter}" for letter in "abcde"]
    for name in names:
        create(functions, name)
    pages = list(functions.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2}))
    listed = [function["FunctionName"] for page in pages for function in page["Functions"]]
    assert [name for name in listed if name.startswith("listed-")] == names
    assert listed == sorted(listed)
    assert all(len(page["Functions"]) <= 2 for page in pages)


def test_a_changed_configuration_takes_effect_at_the_next_call(functions):
    first = create(functions, "changed", Environment={"Variables": {"NAME": "before"}})
    assert call(functions, "changed")["body"]["name"] == "before"
    second = functions.update_function_configuration(
        FunctionName="changed", Environment={"Variables": {"NAME": "after"}}, Timeout=20, RevisionId=first["RevisionId"])
    functions.get_waiter("function_updated_v2").wait(FunctionName="changed", WaiterConfig={"Delay": 1, "MaxAttempts": 2})
    assert second["Timeout"] == 20 and second["MemorySize"] == 128
    assert second["RevisionId"] != first["RevisionId"]
    assert call(functions, "changed")["body"]["name"] == "after"
    with pytest.raises(functions.exceptions.PreconditionFailedException):
        functions.update_function_configuration(FunctionName="changed", Timeout=30, RevisionId=first["RevisionId"])
    assert functions.get_function_configuration(FunctionName="changed")["Timeout"] == 20


def test_changed_code_takes_effect_at_the_next_call(functions):
    made = create(functions, "recoded")
    assert "event" in call(functions, "recoded")["body"]
    code = archive({"index.py": "def handler(event, context): return 'new'"})
    planned = functions.update_function_code(FunctionName="recoded", ZipFile=code, DryRun=True)
    assert planned["CodeSha256"] != made["CodeSha256"]
    assert functions.get_function_configuration(FunctionName="recoded")["CodeSha256"] == made["CodeSha256"]
    updated = functions.update_function_code(FunctionName="recoded", ZipFile=code)
    assert updated["CodeSha256"] == planned["CodeSha256"]
    assert call(functions, "recoded")["body"] == "new"


def test_versions_keep_what_was_published(functions):
    create(functions, "published")
    one = functions.publish_version(FunctionName="published", Description="first")
    assert (one["Version"], one["Description"]) == ("1", "first")
    assert one["FunctionArn"].endswith(":function:published:1")
    assert functions.publish_version(FunctionName="published")["Version"] == "1"
    updated = functions.update_function_code(
        FunctionName="published", ZipFile=archive({"index.py": "def handler(event, context): return 'two'"}), Publish=True)
    assert updated["Version"] == "2"
    assert "event" in call(functions, "published", Qualifier="1")["body"]
    answer = call(functions, "published:2")
    assert (answer["body"], answer["ExecutedVersion"]) == ("two", "2")
    versions = functions.list_versions_by_function(FunctionName="published")["Versions"]
    assert [version["Version"] for version in versions] == ["$LATEST", "1", "2"]
    functions.delete_function(FunctionName="published", Qualifier="1")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        call(functions, "published", Qualifier="1")


def test_a_deleted_function_is_gone_and_its_name_free(functions):
    create(functions, "deleted", Environment={"Variables": {"NAME": "old"}})
    call(functions, "deleted")
    functions.delete_function(FunctionName="deleted")
    for attempt in [lambda: functions.get_function(FunctionName="deleted"), lambda: call(functions, "deleted"),
                    lambda: functions.delete_function(FunctionName="deleted")]:
        with pytest.raises(functions.exceptions.ResourceNotFoundException) as caught:
            attempt()
        # Invoke names the version that it looked for.
        assert error(caught)["Message"].removesuffix(":$LATEST") == (
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:deleted")
    create(functions, "deleted", Environment={"Variables": {"NAME": "new"}})
    assert call(functions, "deleted")["body"]["name"] == "new"


@pytest.mark.parametrize("change, code, message", [
    ({"Runtime": "nodejs20.x"}, "InvalidParameterValueException", "Value nodejs20.x at 'runtime'"),
    ({"Role": "batch"}, "ValidationException", "Value 'batch' at 'role' failed to satisfy constraint"),
    ({"Timeout": 901}, "ValidationException", "Value '901' at 'timeout'"),
    ({"Timeout": 0}, "ValidationException", "Value '0' at 'timeout'"),
    ({"MemorySize": 20000}, "ValidationException", "Value '20000' at 'memorySize'"),
    ({"MemorySize": 64}, "ValidationException", "Value '64' at 'memorySize'"),
    ({"FunctionName": "a" * 65}, "ValidationException", "length less than or equal to 64"),
    ({"FunctionName": "no spaces"}, "ValidationException", "at 'functionName'"),
    ({"Code": {}}, "InvalidParameterValueException", "Please provide a source for function code."),
    ({"Code": {"ZipFile": b""}}, "InvalidParameterValueException", "Uploaded file must be a non-empty zip"),
    ({"Code": {"ZipFile": b"no zip"}}, "InvalidParameterValueException",
     "Could not unzip uploaded file. Please check your file, then try to upload again."),
    ({"Code": {"S3Bucket": "bucket", "S3Key": "key"}}, "InvalidParameterValueException", "send it as ZipFile"),
    ({"Code": {"ImageUri": "image"}, "PackageType": "Image"}, "InvalidParameterValueException", "container images"),
    ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "InvalidParameterValueException",
     "Reserved keys used in this request: AWS_REGION"),
    ({"Environment": {"Variables": {"BIG": "x" * 4097}}}, "InvalidParameterValueException", "exceeded the 4KB limit"),
])
def test_a_wrong_function_is_refused(client, change, code, message):
    functions = client("lambda", parameter_validation=False)
    request = {"FunctionName": "refused", "Runtime": "python3.12", "Role": ROLE, "Handler": "index.handler",
               "Code": {"ZipFile": archive({"index.py": ECHO})}, **change}
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        functions.create_function(**request)
    assert error(caught)["Code"] == code
    assert message in error(caught)["Message"]


def test_a_name_is_given_once(functions):
    create(functions, "taken")
    with pytest.raises(functions.exceptions.ResourceConflictException) as caught:
        create(functions, "taken")
    assert error(caught)["Message"] == "Function already exist: taken"


def test_an_archive_that_leads_out_of_its_folder_is_refused(functions):
    with pytest.raises(functions.exceptions.InvalidParameterValueException) as caught:
        functions.create_function(
            FunctionName="slip", Runtime="python3.12", Role=ROLE, Handler="index.handler",
            Code={"ZipFile": archive({"../../outside.py": "x"})})
    assert "Could not unzip" in error(caught)["Message"]


# Tags, concurrency, permissions


def test_tags_are_set_and_removed(functions):
    arn = create(functions, "tagged")["FunctionArn"]
    functions.tag_resource(Resource=arn, Tags={"a": "1", "b": "2"})
    functions.untag_resource(Resource=arn, TagKeys=["a"])
    assert functions.list_tags(Resource=arn)["Tags"] == {"b": "2"}
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.list_tags(Resource=arn + "-absent")


def test_reserved_concurrency_of_zero_throttles(functions):
    create(functions, "throttled")
    functions.put_function_concurrency(FunctionName="throttled", ReservedConcurrentExecutions=0)
    assert functions.get_function_concurrency(FunctionName="throttled")["ReservedConcurrentExecutions"] == 0
    assert functions.get_function(FunctionName="throttled")["Concurrency"] == {"ReservedConcurrentExecutions": 0}
    with pytest.raises(functions.exceptions.TooManyRequestsException) as caught:
        call(functions, "throttled")
    assert caught.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    functions.delete_function_concurrency(FunctionName="throttled")
    assert call(functions, "throttled")["StatusCode"] == 200


def test_permissions_are_kept(functions):
    create(functions, "permitted")
    functions.add_permission(
        FunctionName="permitted", StatementId="topic", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com",
        SourceArn="arn:aws:sns:us-east-1:000000000000:alerts")
    with pytest.raises(functions.exceptions.ResourceConflictException):
        functions.add_permission(
            FunctionName="permitted", StatementId="topic", Action="lambda:InvokeFunction", Principal="*")
    policy = json.loads(functions.get_policy(FunctionName="permitted")["Policy"])
    assert policy["Statement"] == [{
        "Sid": "topic", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "lambda:InvokeFunction",
        "Resource": "arn:aws:lambda:us-east-1:000000000000:function:permitted",
        "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:sns:us-east-1:000000000000:alerts"}}}]
    functions.remove_permission(FunctionName="permitted", StatementId="topic")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_policy(FunctionName="permitted")


# Invoking


def test_a_function_is_called_with_its_event_and_answers(functions, server):
    create(functions, "called")
    answer = call(functions, "called", {"key": ["ä", 1.5, None]}, LogType="Tail")
    assert (answer["StatusCode"], answer["ExecutedVersion"], answer.get("FunctionError")) == (200, "$LATEST", None)
    assert answer["body"]["event"] == {"key": ["ä", 1.5, None]}
    assert answer["body"]["region"] == "us-east-1"
    assert answer["body"]["request"] == answer["ResponseMetadata"]["RequestId"]
    assert answer["body"]["arn"] == "arn:aws:lambda:us-east-1:000000000000:function:called"
    log = base64.b64decode(answer["LogResult"]).decode()
    for line in ["START RequestId: " + answer["body"]["request"], "got {'key'", "END RequestId:", "REPORT RequestId:"]:
        assert line in log
    until(lambda: "got {'key'" in log_text(server, "called"))


def test_a_call_without_payload_has_an_empty_event(functions):
    create(functions, "empty")
    answer = functions.invoke(FunctionName="empty")
    assert json.loads(answer["Payload"].read())["event"] == {}


def test_a_dry_run_runs_nothing(functions):
    create(functions, "dry", "raise RuntimeError('never loaded')")
    assert functions.invoke(FunctionName="dry", InvocationType="DryRun")["StatusCode"] == 204


def test_an_error_of_the_function_is_told(functions):
    create(functions, "failing", "def handler(event, context): raise ValueError('no ' + event['what'])")
    answer = call(functions, "failing", {"what": "luck"})
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert answer["body"]["errorType"] == "ValueError"
    assert answer["body"]["errorMessage"] == "no luck"
    assert answer["body"]["requestId"] == answer["ResponseMetadata"]["RequestId"]


def test_code_that_cannot_be_loaded_is_told(functions):
    create(functions, "unloadable", Handler="absent.handler")
    answer = call(functions, "unloadable")
    assert answer["FunctionError"] == "Unhandled"
    assert answer["body"]["errorType"] == "Runtime.ImportModuleError"


def test_a_timeout_kills(functions):
    create(functions, "endless", "import time\ndef handler(event, context): time.sleep(60)", Timeout=1)
    begin = time.monotonic()
    answer = call(functions, "endless", LogType="Tail")
    assert time.monotonic() - begin < 15
    assert answer["FunctionError"] == "Unhandled"
    assert "Task timed out after 1.00 seconds" in answer["body"]["errorMessage"]


def test_payloads_are_checked(functions):
    create(functions, "picky")
    with pytest.raises(functions.exceptions.InvalidRequestContentException) as caught:
        functions.invoke(FunctionName="picky", Payload=b"{not json")
    assert error(caught)["Message"].startswith("Could not parse request body into json: ")
    large = json.dumps("x" * 1_048_576).encode()
    with pytest.raises(functions.exceptions.RequestTooLargeException) as caught:
        functions.invoke(FunctionName="picky", InvocationType="Event", Payload=large)
    assert error(caught)["Message"] == (
        "1048578 byte payload is too large for the Event invocation type (limit 1048576 bytes)")
    assert call(functions, "picky", "x" * 1_048_576)["body"]["event"] == "x" * 1_048_576
    with pytest.raises(functions.exceptions.RequestTooLargeException):
        functions.invoke(FunctionName="picky", Payload=json.dumps("x" * 6_291_456).encode())


def test_the_client_context_reaches_the_function(functions):
    create(functions, "contextual", "def handler(event, context): return context.client_context.custom")
    text = base64.b64encode(json.dumps({"custom": {"a": "b"}}).encode()).decode()
    assert call(functions, "contextual", ClientContext=text)["body"] == {"a": "b"}
    with pytest.raises(functions.exceptions.InvalidRequestContentException):
        call(functions, "contextual", ClientContext="???")


def test_a_bootstrap_is_run(functions):
    # Python's own HTTP client spares the test machine a curl.
    bootstrap = """#!/usr/bin/env python3
import os, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next") as answer:
        request, event = answer.headers["Lambda-Runtime-Aws-Request-Id"], answer.read()
    urllib.request.urlopen(api + request + "/response", data=b'{"own":' + event + b'}').read()
"""
    functions.create_function(
        FunctionName="own-runtime", Runtime="provided.al2023", Role=ROLE, Handler="anything", Timeout=10,
        Code={"ZipFile": archive({"bootstrap": bootstrap})})
    assert call(functions, "own-runtime", [1])["body"] == {"own": [1]}


def test_a_process_stays_warm_and_answers_fast(functions):
    create(functions, "warm")
    assert call(functions, "warm")["body"]["calls"] == 1
    times = []
    for count in range(2, 42):
        begin = time.perf_counter()
        assert call(functions, "warm")["body"]["calls"] == count
        times.append(time.perf_counter() - begin)
    # The client takes most of it; the figure is generous because other tests may run beside this one.
    assert sorted(times)[len(times) // 2] < 0.1


def test_calls_side_by_side_have_processes_of_their_own(functions):
    create(functions, "parallel", "import os, time\ndef handler(event, context):\n  time.sleep(1)\n  return os.getpid()")
    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda _: call(functions, "parallel")["body"], range(3)))
    assert len(set(answers)) == 3


def test_a_function_reaches_the_server_by_boto3(functions):
    create(functions, "caller", """
import boto3
def handler(event, context):
    boto3.resource('ec2')
    identity = boto3.client('sts').get_caller_identity()
    names = [f['FunctionName'] for f in boto3.client('lambda').list_functions()['Functions']]
    return {"arn": identity["Arn"], "found": 'caller' in names}
""", Timeout=60)
    assert call(functions, "caller")["body"] == {
        "arn": "arn:aws:sts::000000000000:assumed-role/batch/caller", "found": True}


# Events


def test_an_event_is_accepted_and_run(functions, server):
    create(functions, "eventful")
    answer = functions.invoke(FunctionName="eventful", InvocationType="Event", Payload=b'{"number": 4711}')
    assert answer["StatusCode"] == 202
    assert answer["Payload"].read() == b""
    log = until(lambda: "4711" in log_text(server, "eventful") and log_text(server, "eventful"))
    assert f"START RequestId: {answer['ResponseMetadata']['RequestId']}" in log


def test_an_event_survives_a_crash_before_it_was_run(start_server):
    server = start_server()
    functions = server.client("lambda")
    create(functions, "durable")
    # Throttled, so it waits in the queue when the server dies.
    functions.put_function_concurrency(FunctionName="durable", ReservedConcurrentExecutions=0)
    answer = functions.invoke(FunctionName="durable", InvocationType="Event", Payload=b'{"number": 4712}')
    server.kill()
    server.start()
    functions.delete_function_concurrency(FunctionName="durable")
    log = until(lambda: "4712" in log_text(server, "durable") and log_text(server, "durable"))
    assert f"START RequestId: {answer['ResponseMetadata']['RequestId']}" in log


def test_an_event_that_a_crash_cut_off_is_run_again_with_its_id(start_server):
    server = start_server()
    functions = server.client("lambda")
    create(functions, "cut-off", """
import os, time
def handler(event, context):
    first = not os.path.exists(event["mark"])
    open(event["mark"], "a").write(context.aws_request_id + "\\n")
    if first:
        time.sleep(50)
    print("whole", event["mark"])
""", Timeout=60)
    mark = server.data.parent / "mark"
    answer = functions.invoke(
        FunctionName="cut-off", InvocationType="Event", Payload=json.dumps({"mark": str(mark)}).encode())
    until(mark.exists)
    server.kill()
    server.start()
    until(lambda: "whole" in log_text(server, "cut-off"))
    assert mark.read_text().split() == 2 * [answer["ResponseMetadata"]["RequestId"]]


def test_functions_survive_a_crash(start_server):
    server = start_server()
    functions = server.client("lambda")
    made = create(functions, "kept", Environment={"Variables": {"NAME": "kept"}})
    functions.publish_version(FunctionName="kept")
    server.kill()
    server.start()
    found = functions.get_function_configuration(FunctionName="kept")
    assert found["RevisionId"] == made["RevisionId"]
    assert call(functions, "kept")["body"]["name"] == "kept"
    assert call(functions, "kept", Qualifier="1")["ExecutedVersion"] == "1"


# Tasks of state machines


def execute(server, name, definition, payload):
    """Runs a state machine to its end and returns the execution."""
    states = server.client("stepfunctions")
    machine = states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine, input=json.dumps(payload))["executionArn"]

    def ended():
        description = states.describe_execution(executionArn=execution)
        return description["status"] != "RUNNING" and description

    return until(ended)


def test_a_task_calls_a_function_by_its_arn(functions, server):
    arn = create(functions, "by-arn", "def handler(event, context): return {'doubled': 2 * event['n']}")["FunctionArn"]
    ended = execute(server, "by-arn", {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": arn, "End": True}}}, {"n": 21})
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"doubled": 42})


def test_a_task_invokes_a_function_and_catches_its_error(functions, server):
    create(functions, "fragile", "def handler(event, context): raise KeyError(event['key'])")
    definition = {"StartAt": "A", "States": {
        "A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
              "Parameters": {"FunctionName": "fragile", "Payload.$": "$"},
              "Catch": [{"ErrorEquals": ["KeyError"], "ResultPath": "$.caught", "Next": "B"}]},
        "B": {"Type": "Pass", "End": True}}}
    ended = execute(server, "fragile", definition, {"key": "night"})
    assert ended["status"] == "SUCCEEDED", ended
    caught = json.loads(ended["output"])["caught"]
    assert caught["Error"] == "KeyError"
    assert json.loads(caught["Cause"])["errorMessage"] == "'night'"


# The AWS CLI


def test_the_cli_creates_calls_and_deletes(server, tmp_path):
    code = tmp_path / "code.zip"
    code.write_bytes(archive({"index.py": ECHO}))
    made = server.aws("lambda", "create-function", "--function-name", "by-cli", "--runtime", "python3.13", "--role", ROLE,
                      "--handler", "index.handler", "--zip-file", f"fileb://{code}", "--timeout", "10")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["Runtime"] == "python3.13"
    waited = server.aws("lambda", "wait", "function-active-v2", "--function-name", "by-cli")
    assert waited.returncode == 0, waited.stderr
    output = tmp_path / "output.json"
    called = server.aws("lambda", "invoke", "--function-name", "by-cli", "--payload", '{"a": 1}',
                        "--cli-binary-format", "raw-in-base64-out", str(output))
    if called.returncode != 0:  # Version 1 of the CLI has no binary formats.
        called = server.aws("lambda", "invoke", "--function-name", "by-cli", "--payload", '{"a": 1}', str(output))
    assert called.returncode == 0, called.stderr
    assert json.loads(output.read_text())["event"] == {"a": 1}
    assert server.aws("lambda", "delete-function", "--function-name", "by-cli").returncode == 0
    gone = server.aws("lambda", "get-function", "--function-name", "by-cli")
    assert gone.returncode != 0 and "ResourceNotFoundException" in gone.stderr


def test_a_task_under_way_ends_before_a_stopped_server_does(start_server, tmp_path):
    server = start_server()
    functions, workflows = server.client("lambda"), server.client("stepfunctions")
    code = f"""
import time, boto3
def handler(event, context):
    open({str(tmp_path / "marks")!r}, "a").write("ran\\n")
    time.sleep(2)
    return boto3.client("sts").get_caller_identity()["Account"]
"""
    arn = create(functions, "slow", code, Timeout=30)["FunctionArn"]
    definition = {"StartAt": "A", "States": {
        "A": {"Type": "Task", "Resource": arn, "Next": "B"}, "B": {"Type": "Task", "Resource": arn, "End": True}}}
    machine = workflows.create_state_machine(name="slow", definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]
    execution = workflows.start_execution(stateMachineArn=machine)["executionArn"]
    until(lambda: (tmp_path / "marks").exists())
    assert server.stop() == 0
    assert (tmp_path / "marks").read_text() == "ran\n"
    server.start()
    description = until(lambda: (described := workflows.describe_execution(executionArn=execution))["status"] != "RUNNING" and described)
    assert (description["status"], description.get("output")) == ("SUCCEEDED", '"000000000000"')
    assert (tmp_path / "marks").read_text() == "ran\nran\n"
