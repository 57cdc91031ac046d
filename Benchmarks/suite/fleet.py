"""Agents for a server: a fleet of light ones in one process, and a real one with its supervisors."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import time

from .server import REGION, ServerFailed

START_SECONDS = 30


class Fleet:
    """An AgentFleet process with all its agents connected; a context manager that ends it. `nodes` are their instance ids."""

    def __init__(self, program, server, count):
        activation = activate(server, "fleet", count)
        key, secret = server.key
        self.process = subprocess.Popen(
            [str(program), "--server", f"http://127.0.0.1:{server.port}", "--agents", str(count), "--activation-id", activation["ActivationId"],
             "--activation-code", activation["ActivationCode"], "--access-key", key, "--secret-key", secret, "--region", REGION],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        self.connected = self._answer()
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def order(self, *words):
        """Gives an order (AgentFleet.swift lists them) and returns its answer."""
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise ServerFailed(f"AgentFleet ended with {self.process.wait()}")
        return json.loads(line)


class RealAgent:
    """A `nightshift agent` process; a context manager that ends it. It runs from a copy of the program, so that it shares no memory with the server."""

    def __init__(self, program, server, folder):
        source, folder = pathlib.Path(program), pathlib.Path(folder)
        if not source.with_name("nightshift-run").exists():
            raise ServerFailed(f"{source.with_name('nightshift-run')} is not there; `make release` builds it")
        (folder / "agent").mkdir()
        for name in ("nightshift", "nightshift-run"):
            shutil.copy2(source.with_name(name), folder / "agent" / name)
        self.server, self.spool, self.log = server, folder / "agent" / "data" / "spool", folder / "agent" / "log"
        activation = activate(server, "real", 1)
        settings = {"NIGHTSHIFT_AGENT_ACTIVATION_ID": activation["ActivationId"], "NIGHTSHIFT_AGENT_ACTIVATION_CODE": activation["ActivationCode"]}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(folder / "agent" / "nightshift"), "agent", "--server", f"http://127.0.0.1:{server.port}", "--data",
                 str(folder / "agent" / "data"), "--log-level", "warning"], stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **settings})

    def __enter__(self):
        client, deadline = self.server.client("ssm"), time.monotonic() + START_SECONDS
        while True:
            nodes = client.describe_instance_information(Filters=[{"Key": "PingStatus", "Values": ["Online"]}])["InstanceInformationList"]
            if nodes:
                self.instance_id = nodes[0]["InstanceId"]
                return self
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise ServerFailed(f"the agent is not online:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def supervisors(self):
        """The process ids of its running supervisors."""
        found = []
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with contextlib.suppress(OSError):
                    if str(self.spool).encode() in pathlib.Path(f"/proc/{entry}/cmdline").read_bytes():
                        found.append(int(entry))
        return found


def activate(server, name, limit):
    return server.client("ssm").create_activation(IamRole="bench", DefaultInstanceName=name, RegistrationLimit=limit)
