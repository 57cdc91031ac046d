"""A live `nightshift agent` for tests."""
import os
import pathlib
import subprocess

from conftest import ROOT
from polling import until

START_SECONDS = 30


class Agent:
    """An agent process of a server. `start` after `stop` or `kill` goes on with the same identity, without the activation."""

    def __init__(self, server, folder, tags=()):
        self.server = server
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.arguments = [argument for tag in tags for argument in ("--tag", tag)]
        self.process = None
        self.ssm = server.client("ssm")
        activation = self.ssm.create_activation(IamRole="agent", RegistrationLimit=1, DefaultInstanceName=self.folder.name)
        self.start("--activation-id", activation["ActivationId"], "--activation-code", activation["ActivationCode"])
        filters = [{"Key": "ActivationIds", "Values": [activation["ActivationId"]]}]
        self.instance_id = until(
            lambda: next((node["InstanceId"] for node in self.nodes(filters)), None), START_SECONDS, "the agent enrols")
        self.wait_until_online()

    def start(self, *arguments):
        program = os.environ.get("NIGHTSHIFT", str(ROOT / ".build" / "debug" / "nightshift"))
        with open(self.folder / "agent.log", "ab") as log:
            self.process = subprocess.Popen(
                [program, "agent", "--server", self.server.url, "--data", str(self.folder / "data"), *self.arguments, *arguments],
                stdout=log, stderr=subprocess.STDOUT)

    def nodes(self, filters):
        return self.ssm.describe_instance_information(Filters=filters)["InstanceInformationList"]

    def wait_until_online(self):
        filters = [{"Key": "InstanceIds", "Values": [self.instance_id]}, {"Key": "PingStatus", "Values": ["Online"]}]
        until(lambda: self.nodes(filters), START_SECONDS, "the agent is online")

    def kill(self):
        """Ends the process at once; the commands' supervisors live on."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=20)

    # What tests do with it.

    def send(self, *commands, timeout=None, **more):
        """Sends a script and returns the command's id."""
        parameters = {"commands": list(commands), **({"executionTimeout": [str(timeout)]} if timeout else {})}
        return self.ssm.send_command(
            InstanceIds=[self.instance_id], DocumentName="AWS-RunShellScript", Parameters=parameters, **more)["Command"]["CommandId"]

    def result(self, command):
        return self.ssm.get_command_invocation(CommandId=command, InstanceId=self.instance_id)

    def wait(self, command, *statuses, seconds=30):
        """Waits until a command has one of the statuses, else until it has ended, and returns its result."""
        wanted = statuses or ("Success", "Failed", "TimedOut", "Cancelled")

        def reached():
            result = self.result(command)
            return result if result["Status"] in wanted else None

        return until(reached, seconds, f"{command} is {' or '.join(wanted)}")
