"""The yardstick for queues, buses and objects: moto's server from PyPI, in a virtual environment of its own.

It answers the same requests from memory, without durability and without looking at signatures: what people use today to have these services on
one machine.
"""
import contextlib
import http.client
import os
import pathlib
import subprocess
import sys
import time

import boto3
import botocore.config

from .server import REGION, free_port

PACKAGE = "moto[server]"


def environment():
    """The virtual environment's folder, made on first use."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "nightshift-benchmarks"
    folder = cache / "moto"
    if not (folder / "bin" / "moto_server").exists():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", PACKAGE], check=True)
    return folder


class Moto:
    """A running moto server; looks to `sender` and scenarios as the product's own does."""

    key = ("AKIAMOTO", "secret")

    def __init__(self):
        self.port = free_port()
        program = environment() / "bin" / "moto_server"
        self.process = subprocess.Popen(
            [str(program), "-H", "127.0.0.1", "-p", str(self.port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError("moto's server does not answer")
            time.sleep(0.05)

    def answers(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(connection):
            try:
                connection.request("GET", "/moto-api/")
                return connection.getresponse().status == 200
            except OSError:
                return False

    def client(self, service):
        config = botocore.config.Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"})
        return boto3.client(
            service, endpoint_url=f"http://127.0.0.1:{self.port}", region_name=REGION, aws_access_key_id=self.key[0],
            aws_secret_access_key=self.key[1], config=config)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


@contextlib.contextmanager
def running(bench):
    """A moto server, or None when there is no package index to take it from."""
    try:
        server = Moto()
    except (OSError, RuntimeError, subprocess.SubprocessError) as problem:
        bench.say(f"no yardstick: {problem}")
        server = None
    try:
        yield server
    finally:
        if server is not None:
            server.stop()
