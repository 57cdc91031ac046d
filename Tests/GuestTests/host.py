"""A guest with Nightshift on it: server and agent on one host, reached over TLS from outside."""
import configparser
import io
import pathlib
import re

import boto3
import botocore.config
from polling import until

REGION = "us-east-1"
SLOW = 300  # an emulated processor


class Host:
    """Installs packages and speaks to the server in the guest."""

    PACKAGES = ("nightshift-common", "nightshift", "nightshift-agent")
    VERSIONS = ("0.1.0~first", "0.1.0~second")
    ENDED = ("Success", "Failed", "TimedOut", "Cancelled")

    def __init__(self, guest, folder):
        self.guest, self.folder = guest, pathlib.Path(folder)
        self.authority = self.folder / "ca.pem"
        self.ssm = self.instance = None
        # The Swift runtime of a debug build goes where its programs look for it.
        self.guest.run(f"if [ -d {guest.FILES}/runtime ]; then cp -a {guest.FILES}/runtime/. /; fi")

    def files(self, version, *names):
        return " ".join(f"{self.guest.FILES}/{name}_{version}_*.deb" for name in names)

    def install(self, version, *names):
        return self.guest.run(f"DEBIAN_FRONTEND=noninteractive dpkg -i {self.files(version, *names)}", seconds=900)

    def install_server(self):
        """The server's package, then TLS by an authority of its own, as docs/operations/agents.md says."""
        self.install(self.VERSIONS[0], "nightshift-common", "nightshift")
        self.guest.run(f"""set -e; cd /root
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj '/CN=Own CA' -keyout ca.key -out ca.pem
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=guest -keyout server.key -out server.csr
            printf 'subjectAltName=DNS:localhost,DNS:guest,IP:127.0.0.1' > san
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.pem
            install -o nightshift -m 0400 server.key /etc/nightshift/server.key; install -m 0644 server.pem /etc/nightshift/server.pem
            printf 'NIGHTSHIFT_LISTEN=0.0.0.0:7070\\nNIGHTSHIFT_TLS_CERTIFICATE=/etc/nightshift/server.pem\\n' >> /etc/nightshift/server.env
            printf 'NIGHTSHIFT_TLS_KEY=/etc/nightshift/server.key\\n' >> /etc/nightshift/server.env
            systemctl restart nightshift""")
        self.authority.write_text(self.guest.run("cat /root/ca.pem").stdout)
        self.connect()

    def connect(self):
        file = configparser.ConfigParser(interpolation=None)
        until(lambda: self.guest.run("test -s /var/lib/nightshift/admin-credentials", check=False).returncode == 0, SLOW, "credentials")
        file.read_file(io.StringIO(self.guest.run("cat /var/lib/nightshift/admin-credentials").stdout))
        key = file["nightshift"]
        self.ssm = boto3.client(
            "ssm", endpoint_url=f"https://localhost:{self.guest.api_port}", region_name=REGION, verify=str(self.authority),
            aws_access_key_id=key["aws_access_key_id"], aws_secret_access_key=key["aws_secret_access_key"],
            config=botocore.config.Config(retries={"max_attempts": 20, "mode": "standard"}, read_timeout=SLOW))
        until(self.answers, SLOW, "the server answers")

    def answers(self):
        try:
            return self.ssm.describe_instance_information() is not None
        except Exception:  # whatever it is, it does not answer yet
            return False

    # Nodes and commands

    def activation(self):
        made = self.ssm.create_activation(IamRole="agent", RegistrationLimit=5)
        return f"--activation-id {made['ActivationId']} --activation-code {made['ActivationCode']}"

    def enrol(self, program="nightshift"):
        """`nightshift agent install`, until the node is Online; returns what it said."""
        said = self.guest.run(
            f"{program} agent install --server https://localhost:7070 --ca-file /root/ca.pem --tag role=guest {self.activation()}", seconds=600).stdout
        self.instance = re.search(r"mi-[0-9a-f]+", said).group()
        self.wait_until_online()
        return said

    def node(self):
        nodes = self.ssm.describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": [self.instance]}])
        return nodes["InstanceInformationList"][0]

    def wait_until_online(self):
        until(lambda: self.answers() and self.node()["PingStatus"] == "Online", SLOW, "the agent is online")

    def send(self, *commands, document="AWS-RunShellScript", timeout=3600, **parameters):
        values = {"commands": list(commands), "executionTimeout": [str(timeout)], **{name: [value] for name, value in parameters.items()}}
        return self.ssm.send_command(InstanceIds=[self.instance], DocumentName=document, Parameters=values)["Command"]["CommandId"]

    def result(self, command):
        return self.ssm.get_command_invocation(CommandId=command, InstanceId=self.instance)

    def wait(self, command):
        def ended():
            result = self.result(command)
            return result if result["Status"] in self.ENDED else None

        return until(ended, SLOW, f"{command} has ended")

    def start_job(self, name, seconds=3600, lines="true"):
        """A job that runs until /tmp/NAME.go exists; returns its command once it runs. It notes each start in /tmp/NAME.starts."""
        self.guest.run(f"rm -f /tmp/{name}.*")
        command = self.send(
            f"echo $$ >> /tmp/{name}.starts; echo begun; {lines}", f"until [ -e /tmp/{name}.go ]; do sleep 0.2; done; echo ended", timeout=seconds)
        until(lambda: self.guest.run(f"test -s /tmp/{name}.starts", check=False).returncode == 0, SLOW, f"{name} runs")
        return command

    def finish_job(self, name, command):
        """Lets it end; returns its result."""
        self.guest.run(f"touch /tmp/{name}.go")
        return self.wait(command)

    def starts(self, name):
        return self.guest.text(f"wc -l < /tmp/{name}.starts")

    def agent_pid(self):
        return self.guest.text("systemctl show --property MainPID --value nightshift-agent")

    def version(self):
        return self.guest.text("dpkg-query --show --showformat '${Version}' nightshift-agent")
