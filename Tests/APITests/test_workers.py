"""`nightshift worker`: a pool that takes messages from a queue and runs a command for each, as an operator runs it."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from conftest import ROOT
from polling import until

PROGRAM = os.environ.get("NIGHTSHIFT", str(ROOT / ".build" / "debug" / "nightshift"))


class Worker:
    """A running worker; its output goes to files, so that it never blocks."""

    def __init__(self, server, folder, queue, command, *options):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "NIGHTSHIFT_"))}
        self.out, self.err = folder / "out", folder / "err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [PROGRAM, "worker", "--queue", queue, *map(str, options), "--endpoint", server.url, "--data", str(server.data), "--",
                 *map(str, command)],
                stdout=out, stderr=err, env={**kept, "TZ": "UTC", "LC_ALL": "C.UTF-8"})

    def ends(self, seconds=30):
        """Waits for the end; returns the exit code."""
        return self.process.wait(timeout=seconds)

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    @property
    def outcomes(self):
        """The words of each outcome's line: id, end, and what became of the message."""
        lines = [line.split("  ") for line in self.out.read_text().splitlines() if " | " not in line]
        return [(line[0].split(" ")[-1], line[1], line[3]) for line in lines]


@pytest.fixture
def queue(client, request):
    """Makes queues named after the test: `queue()`, `queue("bulk", VisibilityTimeout="2")`, `queue("q.fifo", FifoQueue="true")`."""
    sqs = client("sqs")
    made = []

    def make(name="q", **attributes):
        made.append(sqs.create_queue(QueueName=f"{request.node.name[:60]}-{name}".replace("[", "-").replace("]", ""), Attributes=attributes)["QueueUrl"])
        return made[-1]

    yield make
    for url in made:
        sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def worker(server, tmp_path):
    """Starts workers; those that still run at the test's end are killed."""
    started = []

    def start(queue, command, *options, on=server):
        folder = tmp_path / f"worker-{len(started)}"
        folder.mkdir()
        started.append(Worker(on, folder, queue, command, *options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def script(folder, text):
    path = folder / "command.sh"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def depth(sqs, url):
    """Messages that are visible, hidden and delayed."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return [int(attributes[name]) for name in names]


def test_a_command_gets_the_body_and_what_is_known_of_the_message(client, queue, worker, tmp_path):
    sqs, url = client("sqs"), queue()
    body = '{"school": "Größe 1", "pages": [1, 2]}\n' * 500
    sent = sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes={
        "report-type": {"DataType": "String", "StringValue": "daily"}, "pages": {"DataType": "Number", "StringValue": "12"}})
    command = script(tmp_path, f'cat > {tmp_path}/body; env > {tmp_path}/env; echo done; echo careful >&2')
    running = worker(url, [command, "an argument"], "--once")
    assert running.ends() == 0, running.err.read_text()
    assert (tmp_path / "body").read_text() == body
    environment = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines() if "=" in line)
    assert environment["NIGHTSHIFT_MESSAGE_ID"] == sent["MessageId"]
    assert environment["NIGHTSHIFT_RECEIVE_COUNT"] == "1"
    assert (environment["NIGHTSHIFT_QUEUE"], environment["NIGHTSHIFT_QUEUE_URL"]) == (url.rpartition("/")[2], url)
    assert (environment["NIGHTSHIFT_ATTRIBUTE_REPORT_TYPE"], environment["NIGHTSHIFT_ATTRIBUTE_PAGES"]) == ("daily", "12")
    assert abs(int(environment["NIGHTSHIFT_SENT_AT"]) / 1000 - time.time()) < 60
    assert running.outcomes == [(sent["MessageId"], "exit 0", "deleted")]
    assert f"{sent['MessageId'][-8:]} | done\n" in running.out.read_text()
    assert f"{sent['MessageId'][-8:]} | careful\n" in running.err.read_text()
    assert depth(sqs, url) == [0, 0, 0]


def test_a_failed_message_is_released_at_once_and_comes_again(client, queue, worker, tmp_path):
    sqs, url = client("sqs"), queue(VisibilityTimeout="600")
    sqs.send_message(QueueUrl=url, MessageBody="x")
    command = script(tmp_path, '[ "$NIGHTSHIFT_RECEIVE_COUNT" -ge 3 ] || exit 7')
    running = worker(url, [command], "--exit-when-empty", "--json")
    assert running.ends() == 0
    outcomes = [json.loads(line) for line in running.out.read_text().splitlines()]
    assert [(one["exitCode"], one["fate"], one["receiveCount"]) for one in outcomes] == [
        (7, "released", 1), (7, "released", 2), (0, "deleted", 3)]
    assert depth(sqs, url) == [0, 0, 0]


def test_once_ends_with_the_commands_verdict(client, queue, worker):
    sqs, url = client("sqs"), queue()
    sqs.send_message(QueueUrl=url, MessageBody="x")
    running = worker(url, ["sh", "-c", "kill -9 $$"], "--once", "--retry-delay", "10m")
    assert running.ends() == 1
    assert [outcome[1:] for outcome in running.outcomes] == [("signal 9", "released for 600 s")]
    assert depth(sqs, url) == [0, 1, 0]


def test_messages_stay_hidden_while_their_command_runs(client, queue, worker):
    sqs, url = client("sqs"), queue(VisibilityTimeout="2")
    sqs.send_message(QueueUrl=url, MessageBody="slow")
    running = worker(url, ["sleep", "5"], "--once")
    until(lambda: depth(sqs, url) == [0, 1, 0], 20, "the message is taken")
    began = time.monotonic()
    while running.process.poll() is None and time.monotonic() - began < 20:
        assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1), "the message was shown to others"
    assert running.ends() == 0
    assert [outcome[1:] for outcome in running.outcomes] == [("exit 0", "deleted")]


def test_an_idle_place_takes_the_next_message_while_the_slowest_still_runs(client, queue, worker, tmp_path):
    sqs, url = client("sqs"), queue()
    for n in range(12):
        sqs.send_message(QueueUrl=url, MessageBody="slow" if n == 0 else f"quick {n}")
    command = script(tmp_path, f'body=$(cat)\nif [ "$body" = slow ]; then while [ ! -e {tmp_path}/go ]; do sleep 0.05; done; fi\n')
    running = worker(url, [command], "--concurrency", "2", "--exit-when-empty")
    until(lambda: len(running.outcomes) == 11, 30, "the eleven quick ones are done beside the slow one")
    assert depth(sqs, url) == [0, 1, 0]
    (tmp_path / "go").touch()
    assert running.ends() == 0
    assert {outcome[1:] for outcome in running.outcomes} == {("exit 0", "deleted")}


def test_fifo_groups_are_worked_in_order_and_beside_each_other(client, queue, worker, tmp_path):
    sqs, url = client("sqs"), queue("q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    for n in range(6):
        for group in "ab":
            sqs.send_message(QueueUrl=url, MessageBody=f"{group}{n}", MessageGroupId=group)
    # One of group a fails the first time: those behind it wait until it succeeded.
    command = script(tmp_path, f'body=$(cat); echo "$body $NIGHTSHIFT_MESSAGE_GROUP_ID" >> {tmp_path}/log; sleep 0.1\n'
                               'if [ "$body" = a2 ] && [ "$NIGHTSHIFT_RECEIVE_COUNT" = 1 ]; then exit 1; fi')
    running = worker(url, [command], "--concurrency", "8", "--exit-when-empty")
    assert running.ends(60) == 0
    lines = (tmp_path / "log").read_text().splitlines()
    assert [line.split()[0] for line in lines if line.endswith(" a")] == ["a0", "a1", "a2", "a2", "a3", "a4", "a5"]
    assert [line.split()[0] for line in lines if line.endswith(" b")] == [f"b{n}" for n in range(6)]


def test_the_first_sigterm_lets_commands_end_and_takes_no_more(client, queue, worker, tmp_path):
    sqs, url = client("sqs"), queue()
    sqs.send_message(QueueUrl=url, MessageBody="1")
    running = worker(url, [script(tmp_path, f"touch {tmp_path}/runs; sleep 2; touch {tmp_path}/whole")])
    until((tmp_path / "runs").exists, 20, "the command runs")
    running.signal()
    time.sleep(1.2)
    sqs.send_message(QueueUrl=url, MessageBody="2")
    assert running.ends() == 0
    assert (tmp_path / "whole").exists()
    assert [outcome[1:] for outcome in running.outcomes] == [("exit 0", "deleted")]
    assert depth(sqs, url) == [1, 0, 0]


@pytest.mark.parametrize("way", ["a second signal", "the grace"])
def test_what_still_runs_is_ended_with_its_whole_group_and_released(client, queue, worker, tmp_path, way):
    sqs, url = client("sqs"), queue(VisibilityTimeout="600")
    sqs.send_message(QueueUrl=url, MessageBody="1")
    command = script(tmp_path, f"sleep 600 &\necho $! > {tmp_path}/child; touch {tmp_path}/runs; wait")
    running = worker(url, [command], *(["--grace", "1"] if way == "the grace" else []))
    until((tmp_path / "runs").exists, 20, "the command runs")
    running.signal()
    if way == "a second signal":
        until(lambda: "a second signal ends what runs" in running.err.read_text(), 10, "the first signal was heard")
        running.signal()
    assert running.ends(15) == 0
    assert [outcome[1:] for outcome in running.outcomes] == [("signal 15", "released")]
    assert depth(sqs, url) == [1, 0, 0]
    child = pathlib.Path("/proc") / (tmp_path / "child").read_text().strip()
    until(lambda: not child.exists() or child.joinpath("stat").read_text().split()[2] == "Z", 5, "no descendant stays behind")


def test_a_worker_that_is_killed_leaves_no_command_and_loses_no_message(client, queue, worker, tmp_path):
    sqs, url = client("sqs"), queue(VisibilityTimeout="3")
    sqs.send_message(QueueUrl=url, MessageBody="1")
    command = script(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 600")
    running = worker(url, [command])
    pid = int(until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip(), 20, "the command runs"))
    running.process.kill()
    running.process.wait()
    until(lambda: not pathlib.Path(f"/proc/{pid}").exists() or "Z" in pathlib.Path(f"/proc/{pid}/stat").read_text().split()[2], 5,
          "the command dies with its worker")
    assert sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"][0]["Body"] == "1"


def test_visibility_that_was_lost_is_told(client, queue, worker, tmp_path):
    sqs, url = client("sqs"), queue(VisibilityTimeout="2")
    sqs.send_message(QueueUrl=url, MessageBody="1")
    running = worker(url, [script(tmp_path, f"touch {tmp_path}/runs; sleep 4")], "--once", "--json")
    until((tmp_path / "runs").exists, 20, "the command runs")
    sqs.purge_queue(QueueUrl=url)
    assert running.ends() in (0, 1)
    assert "its visibility was lost while its command runs" in running.err.read_text()
    assert json.loads(running.out.read_text().splitlines()[-1])["visibilityWasLost"]


def test_a_server_that_goes_away_is_waited_for_and_deletes_are_made_good(start_server, worker, tmp_path):
    server = start_server()
    sqs = server.client("sqs")
    url = sqs.create_queue(QueueName="away", Attributes={"VisibilityTimeout": "20"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="1")
    command = script(tmp_path, f"touch {tmp_path}/runs; while [ ! -e {tmp_path}/go ]; do sleep 0.05; done")
    running = worker(url, [command], on=server)
    until((tmp_path / "runs").exists, 20, "the command runs")
    server.kill()
    (tmp_path / "go").touch()
    until(lambda: "the server does not answer" in running.err.read_text(), 20, "it notices")
    server.start()
    until(lambda: [outcome[1:] for outcome in running.outcomes] == [("exit 0", "deleted")], 20, "the delete is made good")
    sqs.send_message(QueueUrl=url, MessageBody="2")
    until(lambda: len(running.outcomes) == 2, 20, "it goes on")
    running.signal()
    assert running.ends() == 0
    assert depth(sqs, url) == [0, 0, 0]


def test_what_the_operator_got_wrong_is_told_at_once(client, queue, worker):
    url = queue()
    missing = worker(url, ["/no/such/program"])
    assert missing.ends() == 1
    assert "cannot run /no/such/program" in missing.err.read_text()
    unknown = worker(url.rpartition("/")[2][:-1], [sys.executable, "-c", ""])
    assert unknown.ends() == 1
    assert "there is no queue" in unknown.err.read_text() and f"Did you mean {url.rpartition('/')[2]}" in unknown.err.read_text()
