"""The report workers of Examples/report-workers: two pools over two queues, a dead-letter queue, and the way back."""
import os
import subprocess
import sys

import pytest

from conftest import ROOT
from polling import until

HERE = ROOT / "Examples" / "report-workers"
PROGRAM = os.environ.get("NIGHTSHIFT", str(ROOT / ".build" / "debug" / "nightshift"))


class Reports:
    """The example on the session's server, as somebody with a shell drives it."""

    def __init__(self, server):
        self.sqs, self.s3 = server.client("sqs"), server.client("s3")
        credentials = server.credentials
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}", "AWS_ENDPOINT_URL": server.url, "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": credentials.access_key, "AWS_SECRET_ACCESS_KEY": credentials.secret_key, "NIGHTSHIFT": PROGRAM,
            "SECONDS_PER_SCHOOL": "0.05", "AWS_CONFIG_FILE": os.devnull}

    def run(self, script, *arguments):
        done = subprocess.run(
            [HERE / script, *arguments], env=self.environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def reports(self):
        return {one["Key"] for one in self.s3.list_objects_v2(Bucket="reports").get("Contents", [])}

    def waiting(self, name):
        url = self.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        return int(self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
                   ["Attributes"]["ApproximateNumberOfMessages"])


@pytest.fixture
def example(server):
    example = Reports(server)
    for _ in range(2):  # safe to run again
        example.run("set-up.sh")
    return example


def test_both_pools_make_their_reports_and_what_fails_waits_to_be_put_back(example):
    assert example.run("request.py", "--id", "spring", "north", "south") == "spring reports-small\n"
    assert example.run("request.py", "--id", "all", *[f"school-{n}" for n in range(6)]) == "all reports-large\n"
    example.run("request.py", "--id", "broken", "north", "unknown")
    output = example.run("work.sh", "--exit-when-empty")
    assert "report spring: 2 schools" in output and "report all: 6 schools" in output
    assert example.reports() == {"spring.csv", "all.csv"}
    body = example.s3.get_object(Bucket="reports", Key="spring.csv")["Body"].read().decode()
    assert [line.split(",")[0] for line in body.splitlines()] == ["school", "north", "south"]

    # The third receive was the last: the next one finds it in the dead-letter queue.
    until(lambda: example.sqs.receive_message(QueueUrl=example.sqs.get_queue_url(QueueName="reports-small")["QueueUrl"]) and
          example.waiting("reports-failed") == 1, 20, "the broken request is in the dead-letter queue")
    dead = example.sqs.get_queue_url(QueueName="reports-failed")["QueueUrl"]
    arn = example.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    example.sqs.start_message_move_task(SourceArn=arn)
    until(lambda: example.waiting("reports-small") == 1 and example.waiting("reports-failed") == 0, 20, "it went back to its queue")
