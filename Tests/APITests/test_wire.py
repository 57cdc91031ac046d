"""The wire: signatures, protocols, error shapes and validation, as AWS's own clients see them."""
import datetime
import http.client
import xml.etree.ElementTree

import botocore.auth
import botocore.credentials
import botocore.exceptions
import pytest

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:wire-does-not-exist"
START = "AWSStepFunctions.StartExecution"
CONSTRAINT = "failed to satisfy constraint: Member must"


def error(call, **arguments):
    """The error of a boto3 call: code, message, status, headers."""
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    return raised.value.response


# Signatures


def test_identity_is_the_keys_owner(client):
    identity = client("sts").get_caller_identity()
    assert identity["Account"] == "000000000000"
    assert identity["Arn"].startswith("arn:aws:iam::000000000000:")


def test_an_unsigned_request_is_refused(server):
    answer = server.json(START, {"stateMachineArn": MACHINE}, sign=False)
    assert (answer.status, answer.code) == (400, "MissingAuthenticationTokenException")
    answer = server.raw("sns", body=b"Action=ListTopics", headers={"Content-Type": "application/x-www-form-urlencoded"}, sign=False)
    assert answer.status == 403 and "<Code>MissingAuthenticationToken</Code>" in answer.text
    answer = server.raw("lambda", method="GET", path="/2015-03-31/functions/", sign=False)
    assert answer.status == 403 and answer.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"


def test_an_unknown_key_is_refused(server):
    stranger = botocore.credentials.Credentials("AKIAUNKNOWN", "secret")
    answer = server.json(START, {}, credentials=stranger)
    assert (answer.status, answer.code) == (400, "UnrecognizedClientException")


def test_a_wrong_secret_is_refused(server):
    thief = botocore.credentials.Credentials(server.credentials.access_key, "wrong")
    answer = server.json(START, {}, credentials=thief)
    assert (answer.status, answer.code) == (400, "InvalidSignatureException")


def test_another_region_is_refused(server):
    answer = server.json(START, {}, region="eu-west-1")
    assert answer.code == "InvalidSignatureException"
    assert "Credential should be scoped to a valid region" in answer.json["message"]


@pytest.mark.parametrize("minutes, phrase", [(-6, "Signature expired"), (6, "Signature not yet current")])
def test_a_skewed_clock_is_refused(server, monkeypatch, minutes, phrase):
    skewed = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(minutes=minutes)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: skewed)
    answer = server.json(START, {})
    assert answer.code == "InvalidSignatureException"
    assert phrase in answer.json["message"]


# Routing


def test_an_operation_that_aws_does_not_know_is_unknown(server):
    answer = server.json("AWSStepFunctions.Fly", {})
    assert (answer.status, answer.code) == (400, "UnknownOperationException")
    answer = server.raw("sns", body=b"Action=Fly", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 400 and "<Code>InvalidAction</Code>" in answer.text
    assert server.raw("lambda", method="GET", path="/2015-03-31/nothing").status == 404


def test_an_operation_that_is_not_served_says_so(client):
    response = error(client("ssm").list_ops_metadata)
    assert response["Error"]["Code"] == "UnsupportedOperation"
    assert "ListOpsMetadata" in response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_health_needs_no_signature(server):
    answer = server.raw("states", method="GET", path="/health", sign=False)
    assert (answer.status, answer.json["status"]) == (200, "ok")
    assert answer.headers["Content-Type"] == "application/json"


def test_every_answer_has_its_length_and_request_id(server):
    answers = [
        server.json("AWSStepFunctions.ListStateMachines", {}), server.json(START, {}), server.json(START, {}, sign=False),
        server.raw("sns", body=b"Action=ListTopics", headers={"Content-Type": "application/x-www-form-urlencoded"}),
        server.raw("lambda", method="GET", path="/2015-03-31/functions/wire-does-not-exist"),
    ]
    for answer in answers:
        assert int(answer.headers["Content-Length"]) == len(answer.text.encode())
        assert len(answer.headers["x-amzn-RequestId"]) == 36


def test_a_connection_serves_many_requests(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    for _ in range(3):
        connection.request("POST", "/", body=b"{}", headers={"X-Amz-Target": START})
        answer = connection.getresponse()
        assert answer.status == 400
        answer.read()
        socket = connection.sock
        assert socket is not None
    connection.close()


# Validation


def test_a_missing_member_is_worded_as_aws_does(server):
    answer = server.json(START, {})
    assert (answer.status, answer.code) == (400, "ValidationException")
    assert answer.json["message"] == f"1 validation error detected: Value null at 'stateMachineArn' {CONSTRAINT} not be null"


def test_several_violations_are_one_error(server):
    answer = server.json("AWSStepFunctions.ListExecutions", {"statusFilter": "LOST", "maxResults": -1, "redriveFilter": "X"})
    assert (answer.status, answer.code) == (400, "ValidationException")
    message = answer.json["message"]
    assert message.startswith("3 validation errors detected: Value 'LOST' at 'statusFilter' ")
    assert f"{CONSTRAINT} satisfy enum value set: [RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE]; Value" in message
    assert f"Value '-1' at 'maxResults' {CONSTRAINT} have value greater than or equal to 0" in message


@pytest.mark.parametrize("body", ["{", "[]", '{"stateMachineArn":1}', '{"stateMachineArn":{}}', '{"stateMachineArn":["a"]}', "\xff", '{"a":' * 5000])
def test_a_body_of_the_wrong_form_is_a_serialization_error(server, body):
    answer = server.json(START, body.encode("latin-1"))
    assert (answer.status, answer.code) == (400, "SerializationException")


def test_a_limit_of_a_number_is_checked(client):
    response = error(client("stepfunctions").list_state_machines, maxResults=1001)
    assert response["Error"]["Code"] == "ValidationException"
    assert response["Error"]["Message"] == (
        f"1 validation error detected: Value '1001' at 'maxResults' {CONSTRAINT} have value less than or equal to 1000")


def test_a_body_that_is_too_large_is_refused(server):
    answer = server.json(START, b" " * (5 << 20))
    assert (answer.status, answer.code) == (413, "RequestEntityTooLargeException")


def test_a_large_body_without_signature_is_refused(server):
    answer = server.json(START, b" " * (5 << 20), sign=False)
    assert (answer.status, answer.code) == (400, "MissingAuthenticationTokenException")


# Protocols


def test_rest_errors_have_a_type_and_a_status(client):
    response = error(client("lambda").get_function, FunctionName="wire-does-not-exist")
    assert response["Error"]["Code"] == "ResourceNotFoundException"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_query_answers_are_xml_of_the_services_namespace(server):
    answer = server.raw("sns", body=b"Action=ListTopics", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/xml")
    root = xml.etree.ElementTree.fromstring(answer.text)
    assert root.tag == "{http://sns.amazonaws.com/doc/2010-03-31/}ListTopicsResponse"


def test_query_errors_have_the_code_of_the_services_own(client):
    response = error(client("sns").get_topic_attributes, TopicArn="arn:aws:sns:us-east-1:000000000000:wire-does-not-exist")
    assert (response["Error"]["Code"], response["Error"]["Type"]) == ("NotFound", "Sender")
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_the_command_line_prints_the_services_error(server):
    done = server.aws("stepfunctions", "describe-state-machine", "--state-machine-arn", MACHINE)
    assert done.returncode in (254, 255)
    assert "(StateMachineDoesNotExist) when calling the DescribeStateMachine operation" in done.stderr
