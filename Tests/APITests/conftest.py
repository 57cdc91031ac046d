"""A live `nightshift server` for tests that drive it as AWS clients do.

The server's program is `.build/debug/nightshift` unless NIGHTSHIFT names another one. Each session starts one on a free port of the
loopback with a data directory of its own, and ends it by its process id. Tests that kill the server start their own with `start_server`.
"""
import configparser
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
REGION = "us-east-1"
START_SECONDS = 30


class Server:
    """A server process and how to reach it."""

    def __init__(self, data, port=None, arguments=()):
        self.data = pathlib.Path(data)
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.arguments = list(arguments)
        self.process = None
        self.start()

    def launch(self):
        """Starts the process, which does not serve yet."""
        program = os.environ.get("NIGHTSHIFT", str(ROOT / ".build" / "debug" / "nightshift"))
        self.data.parent.mkdir(parents=True, exist_ok=True)
        with open(self.data.parent / (self.data.name + ".log"), "ab") as log:
            self.process = subprocess.Popen(
                [program, "server", "--listen", f"127.0.0.1:{self.port}", "--data", str(self.data), "--python", sys.executable,
                 *self.arguments],
                stdout=log, stderr=subprocess.STDOUT)

    def start(self):
        """Starts the process and returns when it serves; also after `kill`, on the same port and data."""
        self.launch()
        deadline = time.monotonic() + START_SECONDS
        while not self.is_healthy():
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.log()}")
            if time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"the server did not serve within {START_SECONDS} s:\n{self.log()}")
            time.sleep(0.02)

    def is_healthy(self):
        try:
            with urllib.request.urlopen(self.url + "/health", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def kill(self):
        """Ends the process at once, as a crash does."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Asks the process to end and waits for it; returns its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def log(self):
        return (self.data.parent / (self.data.name + ".log")).read_text(errors="replace")[-4000:]

    @property
    def credentials(self):
        """The access key of the first start, as botocore's value."""
        file = configparser.ConfigParser(interpolation=None)
        file.read(self.data / "admin-credentials")
        section = file["nightshift"]
        return botocore.credentials.Credentials(section["aws_access_key_id"], section["aws_secret_access_key"])

    def client(self, service, **options):
        """A boto3 client; options go into its configuration."""
        credentials = self.credentials
        config = botocore.config.Config(
            **{"retries": {"max_attempts": 0}, "inject_host_prefix": False, "connect_timeout": 5, "read_timeout": 60, **options})
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key, config=config)

    def aws(self, *arguments):
        """Runs the AWS CLI; returns the finished process with its output as text."""
        credentials = self.credentials
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "AWS_ACCESS_KEY_ID": credentials.access_key, "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
            "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": self.url, "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": "",
            # No resolver knows "sync-127.0.0.1".
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        # The virtual environment's own, whatever the PATH says.
        program = str(pathlib.Path(sys.executable).with_name("aws"))
        return subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False)

    def raw(self, service, *, method="POST", path="/", headers=None, body=b"", sign=True, credentials=None, region=REGION):
        """Sends one request that boto3 would not: whatever body, target or signature. Returns the answer's status, headers, text."""
        request = botocore.awsrequest.AWSRequest(
            method=method, url=self.url + path, headers=headers or {}, data=body)
        if sign:
            botocore.auth.SigV4Auth(credentials or self.credentials, service, region).add_auth(request)
        prepared = request.prepare()
        sent = urllib.request.Request(prepared.url, method=method, headers=dict(prepared.headers), data=body or None)
        try:
            with urllib.request.urlopen(sent, timeout=30) as answer:
                return Answer(answer.status, answer.headers, answer.read().decode())
        except urllib.error.HTTPError as answer:
            return Answer(answer.code, answer.headers, answer.read().decode())

    def json(self, target, body, **options):
        """Sends a request of a JSON service, such as `AWSStepFunctions.StartExecution`, with any text as its body."""
        service = {"AWSStepFunctions": "states", "AmazonSSM": "ssm", "AWSEvents": "events", "Logs_20140328": "logs",
                   "AmazonSQS": "sqs"}.get(target.split(".")[0], "states")
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"}
        return self.raw(service, headers=headers, body=text.encode() if isinstance(text, str) else text, **options)


class Answer:
    """An HTTP answer."""

    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def code(self):
        """The error's code without its namespace, in the JSON protocols."""
        return self.json["__type"].rpartition("#")[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The session's server. Tests share it, so they name what they make after themselves."""
    server = Server(tmp_path_factory.mktemp("server") / "data")
    yield server
    server.stop()


@pytest.fixture
def start_server(tmp_path):
    """Starts servers of the test's own: `start_server("--smtp", "127.0.0.1:2525")`."""
    started = []

    def start(*arguments):
        server = Server(tmp_path / f"server-{len(started)}" / "data", arguments=arguments)
        started.append(server)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture
def client(server):
    """Makes boto3 clients for the session's server: `client("stepfunctions")`."""
    return server.client
