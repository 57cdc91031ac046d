"""Real agents as processes on this machine, for what is compared with other ways to reach hosts."""
import os
import pathlib
import shutil
import subprocess
import time

from .server import ServerFailed

START_SECONDS = 120


class Agents:
    """As many `nightshift agent` processes, from one copy of the program; a context manager that ends them by their process ids."""

    def __init__(self, program, server, folder, count, tag):
        self.server, self.folder, self.count, self.tag = server, pathlib.Path(folder) / f"agents-{tag}", count, tag
        self.processes, self.instance_ids = [], []
        self.client = server.client("ssm")
        source = pathlib.Path(program)
        self.folder.mkdir()
        for name in ("nightshift", "nightshift-run"):
            if not source.with_name(name).exists():
                raise ServerFailed(f"{source.with_name(name)} is not there; `make release` builds it")
            shutil.copy2(source.with_name(name), self.folder / name)

    def __enter__(self):
        activation = self.client.create_activation(IamRole="bench", RegistrationLimit=self.count)
        settings = {"NIGHTSHIFT_AGENT_ACTIVATION_ID": activation["ActivationId"], "NIGHTSHIFT_AGENT_ACTIVATION_CODE": activation["ActivationCode"]}
        for number in range(self.count):
            with open(self.folder / f"{number}.log", "wb") as log:
                self.processes.append(subprocess.Popen(
                    [str(self.folder / "nightshift"), "agent", "--server", f"http://127.0.0.1:{self.server.port}", "--data",
                     str(self.folder / str(number)), "--tag", f"bench={self.tag}", "--log-level", "warning"], stdout=log, stderr=log,
                    env={**os.environ, **settings}))
        deadline = time.monotonic() + START_SECONDS
        while len(self.instance_ids) < self.count:
            if time.monotonic() > deadline:
                self.__exit__()
                raise ServerFailed(f"{len(self.instance_ids)} of {self.count} agents are online")
            time.sleep(0.1)
            nodes = self.client.describe_instance_information(
                Filters=[{"Key": "tag:bench", "Values": [self.tag]}, {"Key": "PingStatus", "Values": ["Online"]}], MaxResults=50)
            self.instance_ids = [node["InstanceId"] for node in nodes["InstanceInformationList"]]
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
