"""CloudWatch Logs, as boto3 and the AWS CLI see it."""
import json
import time

import botocore.exceptions
import pytest

ARN = "arn:aws:logs:us-east-1:000000000000:log-group"


@pytest.fixture
def logs(client):
    return client("logs")


def error(call, **arguments):
    """The code and message of a boto3 call's error."""
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]


def now():
    return int(time.time() * 1000)


def make(logs, group, stream="s"):
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)


def put(logs, group, messages, stream="s", start=None):
    start = now() if start is None else start
    return logs.put_log_events(
        logGroupName=group, logStreamName=stream,
        logEvents=[{"timestamp": start + index, "message": message} for index, message in enumerate(messages)])


def messages(answer):
    return [event["message"] for event in answer["events"]]


def test_groups_are_described(logs):
    logs.create_log_group(logGroupName="/describe/one", tags={"team": "batch"})
    logs.create_log_group(logGroupName="/describe/two", logGroupClass="STANDARD")
    logs.put_retention_policy(logGroupName="/describe/one", retentionInDays=7)
    groups = logs.describe_log_groups(logGroupNamePrefix="/describe/")["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["/describe/one", "/describe/two"]
    assert groups[0]["arn"] == f"{ARN}:/describe/one:*" and groups[0]["logGroupArn"] == f"{ARN}:/describe/one"
    assert (groups[0]["retentionInDays"], groups[0]["metricFilterCount"], groups[0]["storedBytes"]) == (7, 0, 0)
    assert abs(groups[0]["creationTime"] - now()) < 60_000
    assert "retentionInDays" not in groups[1]
    logs.delete_retention_policy(logGroupName="/describe/one")
    by_pattern = logs.describe_log_groups(logGroupNamePattern="ribe/o")["logGroups"]
    assert [group["logGroupName"] for group in by_pattern] == ["/describe/one"] and "retentionInDays" not in by_pattern[0]
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/describe/", PaginationConfig={"PageSize": 1})
    assert [group["logGroupName"] for page in pages for group in page["logGroups"]] == ["/describe/one", "/describe/two"]
    assert error(logs.put_retention_policy, logGroupName="/describe/one", retentionInDays=2)["Code"] == "InvalidParameterException"


def test_what_is_missing_or_there_is_said(logs):
    make(logs, "/errors")
    assert error(logs.create_log_group, logGroupName="/errors") == {
        "Code": "ResourceAlreadyExistsException", "Message": "The specified log group already exists"}
    assert error(logs.create_log_stream, logGroupName="/errors", logStreamName="s")["Code"] == "ResourceAlreadyExistsException"
    missing = {"Code": "ResourceNotFoundException", "Message": "The specified log group does not exist."}
    assert error(logs.delete_log_group, logGroupName="/errors/none") == missing
    assert error(logs.put_log_events, logGroupName="/errors/none", logStreamName="s", logEvents=[{"timestamp": now(), "message": "m"}]) == missing
    assert error(logs.get_log_events, logGroupName="/errors", logStreamName="none") == {
        "Code": "ResourceNotFoundException", "Message": "The specified log stream does not exist."}
    assert error(logs.create_log_group, logGroupName="bad name")["Code"] == "InvalidParameterException"
    assert error(logs.describe_log_streams, logGroupName="/errors", orderBy="LastEventTime", logStreamNamePrefix="s") == {
        "Code": "InvalidParameterException", "Message": "Cannot order by LastEventTime with a logStreamNamePrefix."}
    logs.delete_log_stream(logGroupName="/errors", logStreamName="s")
    assert logs.describe_log_streams(logGroupName="/errors")["logStreams"] == []
    logs.delete_log_group(logGroupName="/errors")
    assert error(logs.describe_log_streams, logGroupName="/errors") == missing


def test_events_are_read_forward_and_backward(logs):
    make(logs, "/read")
    assert "nextSequenceToken" in put(logs, "/read", ["1", "2", "3"])
    where = {"logGroupName": "/read", "logStreamName": "s", "limit": 2}
    assert messages(logs.get_log_events(**where)) == ["2", "3"]
    first = logs.get_log_events(**where, startFromHead=True)
    assert messages(first) == ["1", "2"]
    second = logs.get_log_events(**where, nextToken=first["nextForwardToken"])
    assert messages(second) == ["3"]
    end = logs.get_log_events(**where, nextToken=second["nextForwardToken"])
    assert end["events"] == [] and end["nextForwardToken"] == second["nextForwardToken"]
    assert end["nextForwardToken"].startswith("f/") and end["nextBackwardToken"].startswith("b/")
    put(logs, "/read", ["4"], start=now() + 10)
    assert messages(logs.get_log_events(**where, nextToken=end["nextForwardToken"])) == ["4"]
    stream = logs.describe_log_streams(logGroupName="/read")["logStreams"][0]
    assert stream["arn"] == f"{ARN}:/read:log-stream:s"
    assert stream["lastEventTimestamp"] > stream["firstEventTimestamp"] and stream["storedBytes"] == 0


def test_events_are_filtered_across_streams(logs):
    make(logs, "/filter", "a")
    logs.create_log_stream(logGroupName="/filter", logStreamName="b")
    start = now() - 5_000
    put(logs, "/filter", ["ERROR one", "INFO two"], "a", start)
    put(logs, "/filter", [json.dumps({"level": "ERROR", "code": 3})], "b", start + 1_000)
    everything = logs.filter_log_events(logGroupName="/filter")
    assert messages(everything) == ["ERROR one", "INFO two", '{"level": "ERROR", "code": 3}']
    assert [event["logStreamName"] for event in everything["events"]] == ["a", "a", "b"]
    assert everything["searchedLogStreams"] == [] and everything["events"][0]["eventId"]
    assert messages(logs.filter_log_events(logGroupName="/filter", filterPattern="{ $.code > 2 }")) == ['{"level": "ERROR", "code": 3}']
    assert messages(logs.filter_log_events(logGroupName="/filter", filterPattern='"INFO"')) == ["INFO two"]
    assert len(messages(logs.filter_log_events(logGroupIdentifier=f"{ARN}:/filter", logStreamNamePrefix="a", interleaved=True))) == 2
    assert messages(logs.filter_log_events(logGroupName="/filter", startTime=start + 1, endTime=start + 1)) == ["INFO two"]
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/filter", PaginationConfig={"PageSize": 1})
    assert len([event for page in pages for event in page["events"]]) == 3
    assert error(logs.filter_log_events, logGroupName="/filter", filterPattern="{ $.x")["Code"] == "InvalidParameterException"


def test_batches_that_aws_refuses_are_refused(server):
    logs = server.client("logs", parameter_validation=False)
    make(logs, "/batches")
    where = {"logGroupName": "/batches", "logStreamName": "s"}

    def message(*events):
        refused = error(logs.put_log_events, **where, logEvents=[{"timestamp": at, "message": text} for at, text in events])
        assert refused["Code"] == "InvalidParameterException"
        return refused["Message"]

    assert "chronological order" in message((now(), "a"), (now() - 1_000, "b"))
    assert "cannot span more than 24 hours" in message((now() - 25 * 3_600_000, "a"), (now(), "b"))
    assert "Upload too large" in message(*[(now(), "x" * 200_000)] * 6)
    assert "Member must have length greater than or equal to 1" in message((now(), ""))
    assert "Member must have length less than or equal to 10000" in message(*[(now(), "x")] * 10_001)
    hour = 3_600_000
    answer = logs.put_log_events(**where, logEvents=[
        {"timestamp": now(), "message": "kept"}, {"timestamp": now() + 3 * hour, "message": "too new"}])
    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 1}
    answer = logs.put_log_events(**where, logEvents=[{"timestamp": now() - 15 * 24 * hour, "message": "too old"}])
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    assert messages(logs.get_log_events(**where)) == ["kept"]


def test_a_large_batch_of_control_characters_is_taken(logs):
    make(logs, "/large")
    put(logs, "/large", ["\x01" * 100_000] * 10)
    assert len(messages(logs.filter_log_events(logGroupName="/large", limit=1))[0]) == 100_000


def test_acknowledged_events_survive_a_kill(start_server):
    server = start_server()
    logs = server.client("logs")
    make(logs, "/kept")
    put(logs, "/kept", [f"event {number}" for number in range(500)])
    server.kill()
    server.start()
    assert len(messages(logs.get_log_events(logGroupName="/kept", logStreamName="s"))) == 500


def test_tags_are_listed_under_both_forms(logs):
    logs.create_log_group(logGroupName="/tagged", tags={"a": "1"})
    arn = f"{ARN}:/tagged"
    logs.tag_resource(resourceArn=arn, tags={"b": "2"})
    logs.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    assert logs.list_tags_log_group(logGroupName="/tagged")["tags"] == {"b": "2"}
    assert error(logs.list_tags_for_resource, resourceArn=f"{ARN}:/tagged/none")["Code"] == "ResourceNotFoundException"


def test_the_command_line_drives_it(server, logs):
    assert server.aws("logs", "create-log-group", "--log-group-name", "/cli").returncode == 0
    assert server.aws("logs", "create-log-stream", "--log-group-name", "/cli", "--log-stream-name", "s").returncode == 0
    event = f"timestamp={now()},message=hello"
    assert server.aws("logs", "put-log-events", "--log-group-name", "/cli", "--log-stream-name", "s", "--log-events", event).returncode == 0
    done = server.aws("logs", "filter-log-events", "--log-group-name", "/cli", "--query", "events[].message")
    assert json.loads(done.stdout) == ["hello"]
    done = server.aws("logs", "get-log-events", "--log-group-name", "/cli", "--log-stream-name", "none")
    assert "(ResourceNotFoundException) when calling the GetLogEvents operation: The specified log stream does not exist." in done.stderr
