"""A release server on a data directory of its own, ended by its process id."""
import configparser
import http.client
import os
import pathlib
import socket
import subprocess
import time

import boto3
import botocore.config

from .database import Database

REGION = "us-east-1"
ROLE = "arn:aws:iam::000000000000:role/bench"


class ServerFailed(Exception):
    """The server did not do what the bench needs."""


class Server:
    """A server process; a context manager that ends it."""

    def __init__(self, program, data, environment=None, database=None):
        """environment: settings as `NIGHTSHIFT_NAME`; database: looks into the server's database (SQLite in its data directory)."""
        self.program, self.data, self.environment = program, pathlib.Path(data), environment or {}
        self.database = database or Database(self.data)
        self.port, self.process, self.start_seconds = free_port(), None, None
        self.log_path = self.data.parent / (self.data.name + ".log")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, patience=300):
        """Starts the process; `start_seconds` is the time to its first good answer on /health."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "server", "--listen", f"127.0.0.1:{self.port}", "--data", str(self.data), "--log-level", "warning"],
                stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **self.environment})
        while not self.is_healthy():
            if self.process.poll() is not None:
                raise ServerFailed(f"the server ended with {self.process.returncode}:\n{self.log()}")
            if time.monotonic() - began > patience:
                self.kill()
                raise ServerFailed(f"the server did not serve within {patience} s:\n{self.log()}")
            time.sleep(0.001)
        self.start_seconds = time.monotonic() - began

    def is_healthy(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        """Asks the process to end and waits for it."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        """Ends the process as a crash does."""
        self.process.kill()
        self.process.wait()

    def log(self):
        return self.log_path.read_text(errors="replace")[-3000:]

    @property
    def key(self):
        """The administrator's access key and secret."""
        file = configparser.ConfigParser(interpolation=None)
        file.read(self.data / "admin-credentials")
        section = file["nightshift"]
        return section["aws_access_key_id"], section["aws_secret_access_key"]

    def client(self, service="stepfunctions"):
        """A boto3 client for what is not measured."""
        key, secret = self.key
        config = botocore.config.Config(
            retries={"max_attempts": 0}, inject_host_prefix=False, connect_timeout=5, read_timeout=120)
        return boto3.client(
            service, endpoint_url=f"http://127.0.0.1:{self.port}", region_name=REGION, aws_access_key_id=key,
            aws_secret_access_key=secret, config=config)

    def create_machine(self, name, definition, kind="STANDARD"):
        """Makes a state machine; returns its ARN."""
        return self.client().create_state_machine(name=name, definition=definition, roleArn=ROLE, type=kind)["stateMachineArn"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
