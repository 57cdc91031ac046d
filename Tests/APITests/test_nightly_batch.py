"""The story: a product that only a shell script can start is run, watched, and on failure mailed about.

Functions and state machine are those of Examples/nightly-batch, the published text's own with its placeholders filled in.
"""
import contextlib
import json
import re
import sys
import urllib.request

import pytest

from agents import Agent
from conftest import ROOT, Server

sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "Examples" / "nightly-batch")]

from demo_mailbox import Mailbox, text  # noqa: E402
from deploy import deploy  # noqa: E402
from polling import until

SUBJECT = "Attention Required ! Batch Job Failure"


class Night:
    """Server, agent, mailbox and the deployed batch."""

    def __init__(self, folder, command, arguments=()):
        self.ends = contextlib.ExitStack()
        try:
            self.set_up(folder, command, arguments)
        except BaseException:
            self.ends.close()
            raise

    def set_up(self, folder, command, arguments):
        self.mailbox = self.ends.enter_context(Mailbox())
        self.server = Server(
            folder / "server" / "data",
            arguments=["--smtp", f"127.0.0.1:{self.mailbox.port}", "--mail-from", "nightshift@example.com", "--python", sys.executable,
                       *arguments])
        self.ends.callback(lambda: self.server.stop())
        self.agent = Agent(self.server, folder / "agent")
        self.ends.callback(lambda: self.agent.stop())
        self.deployed = deploy(self.server.client, self.agent.instance_id, command, "support@example.com")
        mail = self.mailbox.wait(lambda mail: "ConfirmSubscription" in text(mail), timeout=30)
        assert mail, "no mail asked for the confirmation"
        link = re.search(r"https?://[^\s<>\"]*Action=ConfirmSubscription[^\s<>\"]*", text(mail))[0]
        assert urllib.request.urlopen(link, timeout=10).status == 200
        self.workflows = self.server.client("stepfunctions")

    def start(self, name, seconds=1):
        return self.workflows.start_execution(
            stateMachineArn=self.deployed.state_machine, name=name, input=json.dumps({"timeoutSeconds": seconds}))["executionArn"]

    def describe(self, execution):
        return self.workflows.describe_execution(executionArn=execution)

    def end(self, execution, seconds=90):
        def ended():
            description = self.describe(execution)
            return description if description["status"] != "RUNNING" else None

        return until(ended, seconds, f"{execution} ends")

    def statuses(self, execution):
        """What the choice saw, in order."""
        events = self.workflows.get_execution_history(executionArn=execution, maxResults=1000)["events"]
        inputs = [json.loads(event["stateEnteredEventDetails"]["input"]) for event in events if event["type"] == "ChoiceStateEntered"]
        return [entry["RunCommand-GetStatus-Result"]["RunCommandStatus"] for entry in inputs]

    def last_event(self, execution):
        return self.workflows.get_execution_history(executionArn=execution, reverseOrder=True, maxResults=1)["events"][0]["type"]

@pytest.fixture
def night(tmp_path):
    """Makes nights: `night("echo done")`."""
    made = []

    def make(command):
        made.append(Night(tmp_path, command))
        return made[-1]

    yield make
    for entry in made:
        entry.ends.close()


def test_success_passes_the_choice_while_pending_and_in_progress(night, tmp_path):
    batch = night(f"echo line >> {tmp_path}/marks; sleep 4; echo INDEX COMPLETE")
    batch.agent.stop()
    execution = batch.start("first-night")
    until(lambda: "Pending" in batch.statuses(execution), 60, "a look while the agent is away")
    batch.agent.start()
    description = batch.end(execution)
    assert description["status"] == "SUCCEEDED"
    result = json.loads(description["output"])["RunCommand-GetStatus-Result"]
    assert result == {"RunCommandStatus": "Success", "RunCommandResponseCode": 0, "RunCommandOutput": "INDEX COMPLETE\n"}
    seen = batch.statuses(execution)
    assert set(seen) == {"Pending", "InProgress", "Success"}
    assert (tmp_path / "marks").read_text() == "line\n"


def test_failure_mails_the_support_team_with_the_log(night):
    batch = night("echo crawling; echo no such host >&2; exit 3")
    execution = batch.start("second-night")
    description = batch.end(execution)
    assert description["status"] == "FAILED"
    mail = batch.mailbox.wait(lambda mail: mail["Subject"] == SUBJECT, timeout=30)
    assert mail, "no mail came"
    body = text(mail)
    sent = json.loads(body[: body.rindex("}") + 1])
    result = sent["Input"]["RunCommand-GetStatus-Result"]
    assert result["RunCommandStatus"] == "Failed" and result["RunCommandResponseCode"] == 3
    assert "crawling" in result["RunCommandOutput"] and "no such host" in result["RunCommandOutput"]
    assert sent["Body"].startswith("There is a failure in a batch job.")


def test_a_killed_server_loses_nothing_and_runs_nothing_twice(night, tmp_path):
    batch = night(f"echo ran >> {tmp_path}/marks; sleep 6; echo done")
    execution = batch.start("killed-night", seconds=2)
    until(lambda: (tmp_path / "marks").exists(), 60, "the command runs")
    for _ in range(3):
        # A function that is under way when the server dies is not called again: the machine has no Retry, as on AWS.
        until(lambda: batch.last_event(execution) == "WaitStateEntered", 60, "the machine waits")
        batch.server.kill()
        batch.server.start()
    assert batch.end(execution)["status"] == "SUCCEEDED"
    assert (tmp_path / "marks").read_text() == "ran\n"


def test_a_mail_survives_a_kill_between_the_failure_and_its_sending(night):
    batch = night("exit 1")
    port = batch.mailbox.port
    batch.mailbox.close()
    execution = batch.start("mail-night")
    assert batch.end(execution)["status"] == "FAILED"
    batch.server.kill()
    batch.mailbox = batch.ends.enter_context(Mailbox(port))
    batch.server.start()
    assert batch.mailbox.wait(lambda mail: mail["Subject"] == SUBJECT, timeout=60), "the mail was lost"
