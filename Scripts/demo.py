#!/usr/bin/env python3
"""`make demo`: the nightly batch on a server and an agent of its own, once to success and once to failure.

Everything lives in .demo/, which is emptied at the start. DEMO_EXIT=1 ends after the two runs: exit code 0 when both outcomes and the mail
were as promised, else 1. Without it the server stays up until Ctrl-C.
"""
import fcntl
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request

import boto3
import botocore.config
import botocore.exceptions

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "Examples" / "nightly-batch"
DEMO = ROOT / ".demo"
BINARY = ROOT / ".build" / "debug" / "nightshift"
SUPPORT = "support@example.com"
REGION = "us-east-1"
sys.path.insert(0, str(EXAMPLE))

from demo_children import Children, DemoFailure  # noqa: E402
from demo_follow import Follower, paint  # noqa: E402
from demo_mailbox import Mailbox, text  # noqa: E402
from deploy import deploy  # noqa: E402


def headline(words):
    print(f"\n{paint(1, '== ' + words)}", flush=True)


def main():
    # A closed terminal or `kill` must end server and agent too.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    lock = prepare_folder()
    try:
        with Mailbox() as mailbox, Children(DEMO) as children:
            Demo(mailbox, children).run()
    except DemoFailure as failure:
        print(f"\ndemo: {failure}", file=sys.stderr)
        return 1
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, urllib.error.URLError) as error:
        print(f"\ndemo: a call to the server failed: {error}\n      the server's log is {DEMO / 'server.log'}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: stopped")
    finally:
        lock.close()
    return 0


def prepare_folder():
    """Empties .demo and holds it, so that no second demo takes it from under a running server."""
    DEMO.mkdir(mode=0o700, exist_ok=True)
    lock = open(DEMO / "lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"demo: another demo is running in {DEMO}")
    for entry in DEMO.iterdir():
        if entry.name != "lock":
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    if not BINARY.exists():
        sys.exit(f"demo: {BINARY} is missing; `make demo` builds it")
    return lock


class Demo:
    """The story, step by step."""

    def __init__(self, mailbox, children):
        self.mailbox, self.children = mailbox, children
        self.url = f"http://127.0.0.1:{free_port(preferred=7070)}"
        self.credentials = DEMO / "server" / "admin-credentials"
        self.sites = DEMO / "sites.txt"
        self.command_ids = []

    def run(self):
        self.start_server()
        instance_id = self.enrol_agent()
        self.deploy(instance_id)
        self.run_to_success()
        self.run_to_failure()
        self.show_doors(instance_id)
        if os.environ.get("DEMO_EXIT") == "1":
            print("\ndemo: both outcomes and the mail were as promised")
            return
        print(f"\nThe server runs on {self.url} until Ctrl-C.", flush=True)
        while True:
            self.children.check()
            time.sleep(1)

    # Steps

    def start_server(self):
        headline("Server")
        started = time.monotonic()
        self.children.start("server", [
            BINARY, "server", "--listen", self.url.removeprefix("http://"), "--data", DEMO / "server",
            "--smtp", f"127.0.0.1:{self.mailbox.port}", "--mail-from", "nightshift@example.com", "--python", sys.executable,
        ])  # fmt: skip
        self.children.wait_until("the server answers /health", self.is_healthy)
        print(f"{self.url} is healthy after {time.monotonic() - started:.2f} s")
        print(f"data in {DEMO / 'server'}, mail to port {self.mailbox.port}, logs beside the data")

        # Only this server's credentials count here, whatever the caller's environment holds.
        for name in [name for name in os.environ if name.startswith("AWS_") and name != "AWS_CA_BUNDLE"]:
            del os.environ[name]
        os.environ |= {
            "AWS_SHARED_CREDENTIALS_FILE": str(self.credentials), "AWS_CONFIG_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
        }  # fmt: skip
        session = boto3.Session(profile_name="nightshift", region_name=REGION)
        settings = botocore.config.Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3})
        self.client = lambda service: session.client(service, endpoint_url=self.url, config=settings)

    def enrol_agent(self):
        headline("Agent")
        ssm = self.client("ssm")
        activation = ssm.create_activation(IamRole="nightshift-agent", DefaultInstanceName="crawler-1", RegistrationLimit=1)
        self.children.start("agent", [
            BINARY, "agent", "--server", self.url, "--activation-id", activation["ActivationId"],
            "--activation-code", activation["ActivationCode"], "--data", DEMO / "agent", "--tag", "role=crawler",
        ])  # fmt: skip

        def online():
            nodes = ssm.describe_instance_information()["InstanceInformationList"]
            return next((node for node in nodes if node["PingStatus"] == "Online"), None)

        node = self.children.wait_until("the agent is online", online)
        print(f"{node['InstanceId']} ({node.get('Name') or node.get('ComputerName', 'no name')}) is {node['PingStatus']}")
        return node["InstanceId"]

    def deploy(self, instance_id):
        headline("Deploying Examples/nightly-batch")
        shutil.copy(EXAMPLE / "sites.txt", self.sites)
        command = shlex.join(["sh", str(EXAMPLE / "crawler.sh"), str(self.sites)])
        self.deployed = deploy(self.client, instance_id, command, SUPPORT)
        for arn in vars(self.deployed).values():
            print(arn)

        mail = self.mailbox.wait(lambda mail: "ConfirmSubscription" in text(mail), timeout=30)
        link = mail and re.search(r"https?://[^\s<>\"]*Action=ConfirmSubscription[^\s<>\"]*", text(mail))
        if not link:
            raise DemoFailure("no mail with a link that confirms the subscription came")
        print(f"mail to {mail['To']}: \"{mail['Subject']}\"; opening its link")
        open_loopback(link[0])
        subscriptions = self.client("sns").list_subscriptions_by_topic(TopicArn=self.deployed.topic)["Subscriptions"]
        if not any(entry["SubscriptionArn"].startswith("arn:") for entry in subscriptions):
            raise DemoFailure(f"the subscription is not confirmed: {subscriptions}")

    def run_to_success(self):
        headline("First night: all sites can be reached")
        description = self.follow("first-night")
        if description["status"] != "SUCCEEDED":
            raise DemoFailure(f"the first night ended {description['status']}, not SUCCEEDED")
        result = json.loads(description["output"])["RunCommand-GetStatus-Result"]
        if "INDEX COMPLETE" not in result["RunCommandOutput"]:
            raise DemoFailure(f"the batch's output did not arrive: {result}")

    def run_to_failure(self):
        headline("Second night: one site cannot be reached")
        self.sites.write_text(self.sites.read_text() + "gone.invalid\n")
        description = self.follow("second-night")
        if description["status"] != "FAILED":
            raise DemoFailure(f"the second night ended {description['status']}, not FAILED")

        subject = "Attention Required ! Batch Job Failure"
        mail = self.mailbox.wait(lambda mail: mail["Subject"] == subject, timeout=30)
        if not mail:
            raise DemoFailure(f"no mail with the subject '{subject}' came")
        headline("The mail that the support team received")
        for name in ("From", "To", "Subject", "Date", "Message-ID"):
            print(f"{name}: {mail[name]}")
        print("\n" + "\n".join("  " + line for line in text(mail).rstrip().splitlines()))
        if "gone.invalid: no such host" not in text(mail):
            raise DemoFailure("the mail does not hold the batch's output")

    def follow(self, name):
        workflows = self.client("stepfunctions")
        execution = workflows.start_execution(
            stateMachineArn=self.deployed.state_machine, name=name, input=json.dumps({"timeoutSeconds": 2})
        )["executionArn"]
        print(execution)
        follower = Follower(workflows, self.client("logs"), execution)
        description = follower.run(self.children.check)
        if description is None:
            raise DemoFailure(f"{execution} did not end in time")
        if follower.line_count == 0:
            raise DemoFailure("no output line of the command was seen")
        self.command_ids.append(follower.command_id)
        return description

    def show_doors(self, instance_id):
        headline("Look for yourself, with the AWS CLI")
        execution = self.deployed.state_machine.replace(":stateMachine:", ":execution:") + ":second-night"
        machine = self.deployed.state_machine
        print(f"export AWS_SHARED_CREDENTIALS_FILE={shlex.quote(str(self.credentials))} AWS_PROFILE=nightshift AWS_DEFAULT_REGION={REGION}")
        aws = f"{shlex.quote(str(ROOT / '.venv' / 'bin' / 'aws'))} --endpoint-url {self.url}"
        for title, command in [
            ("executions", f"stepfunctions list-executions --state-machine-arn {machine}"),
            ("what happened, step by step", f"stepfunctions get-execution-history --execution-arn {execution}"),
            ("the command and its output", f"ssm get-command-invocation --command-id {self.command_ids[-1]} --instance-id {instance_id}"),
            ("the host", "ssm describe-instance-information"),
            ("a function", "lambda get-function --function-name SendCommand"),
            ("its log", "logs filter-log-events --log-group-name /aws/lambda/SendCommand"),
            ("who gets the mail", f"sns list-subscriptions-by-topic --topic-arn {self.deployed.topic}"),
            ("when it runs next", "events list-rules"),
            ("run it again", f"stepfunctions start-execution --state-machine-arn {machine} --input '{{\"timeoutSeconds\": 2}}'"),
        ]:
            print(f"{paint(90, '# ' + title)}\n{aws} {command}")

    def is_healthy(self):
        try:
            return open_loopback(f"{self.url}/health", timeout=2) == 200 and self.credentials.exists()
        except (urllib.error.URLError, OSError):
            return False


def open_loopback(url, timeout=10):
    """Opens a link as a browser on this machine would, past any proxy; returns the status."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=timeout) as answer:
        return answer.status


def free_port(preferred):
    """The preferred port, or any other when it is taken."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return probe.getsockname()[1]
            except OSError:
                continue
    raise DemoFailure("no port is free on 127.0.0.1")


if __name__ == "__main__":
    sys.exit(main())
