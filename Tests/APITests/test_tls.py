"""A server behind TLS: with an authority of one's own, from curl, boto3, the AWS CLI and an agent."""
import os
import shutil
import ssl
import subprocess
import urllib.request

import boto3
import pytest
from agents import Agent
from conftest import REGION, ROOT, Server
from polling import until


def openssl(*arguments, text=None):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, input=text, text=True)


class Authority:
    """A certificate authority and a certificate by it, made as docs/operations/agents.md says."""

    def __init__(self, folder):
        self.certificate = folder / "ca.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", 2, "-subj", "/CN=Own CA",
                "-keyout", folder / "ca.key", "-out", self.certificate)
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=nightshift",
                "-keyout", folder / "server.key", "-out", folder / "server.csr")
        openssl("x509", "-req", "-in", folder / "server.csr", "-CA", self.certificate, "-CAkey", folder / "ca.key", "-CAcreateserial", "-days", 2,
                "-extfile", "/dev/stdin", "-out", folder / "server.pem", text="subjectAltName=DNS:localhost,IP:127.0.0.1")
        self.arguments = ("--tls-cert", str(folder / "server.pem"), "--tls-key", str(folder / "server.key"))


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def tls_server(authority, tmp_path_factory):
    context = ssl.create_default_context(cafile=authority.certificate)

    class TLSServer(Server):
        def is_healthy(self):
            try:
                with urllib.request.urlopen(f"https://localhost:{self.port}/health", context=context, timeout=2) as answer:
                    self.url = f"https://localhost:{self.port}"
                    return answer.status == 200
            except OSError:
                return False

        def client(self, service, **_):
            key = self.credentials
            return boto3.client(service, endpoint_url=self.url, region_name=REGION, verify=str(authority.certificate),
                                aws_access_key_id=key.access_key, aws_secret_access_key=key.secret_key)

    server = TLSServer(tmp_path_factory.mktemp("tls") / "data", arguments=authority.arguments)
    yield server
    server.stop()


def test_boto3_verifies_the_server(tls_server):
    tls_server.client("ssm").put_parameter(Name="over-tls", Value="1", Type="String", Overwrite=True)
    assert tls_server.client("ssm").get_parameter(Name="over-tls")["Parameter"]["Value"] == "1"


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
def test_curl_trusts_the_authority_and_no_other(tls_server, authority):
    good = subprocess.run(["curl", "-sS", "--cacert", authority.certificate, f"{tls_server.url}/health"], capture_output=True, check=False)
    assert good.returncode == 0, good.stderr
    bad = subprocess.run(["curl", "-sS", f"{tls_server.url}/health"], capture_output=True, check=False)
    assert bad.returncode == 60  # the certificate cannot be verified


def test_the_aws_cli(tls_server, authority):
    done = tls_server.aws("ssm", "describe-instance-information", "--ca-bundle", str(authority.certificate))
    assert done.returncode == 0, done.stderr


def test_an_agent_trusts_the_authority_of_its_file(tls_server, authority, tmp_path):
    class TLSAgent(Agent):
        def start(self, *arguments):
            super().start("--ca-file", str(authority.certificate), *arguments)

    agent = TLSAgent(tls_server, tmp_path / "agent")
    try:
        assert agent.wait(agent.send("echo over TLS"))["StandardOutputContent"] == "over TLS\n"
    finally:
        agent.stop()


def test_an_agent_refuses_a_server_that_it_cannot_verify(tls_server, tmp_path):
    activation = tls_server.client("ssm").create_activation(IamRole="agent", RegistrationLimit=1)
    program = os.environ.get("NIGHTSHIFT", str(ROOT / ".build" / "debug" / "nightshift"))
    log = tmp_path / "agent.log"
    with open(log, "wb") as output:
        agent = subprocess.Popen(
            [program, "agent", "--server", tls_server.url, "--data", str(tmp_path / "data"), "--activation-id", activation["ActivationId"],
             "--activation-code", activation["ActivationCode"]], stdout=output, stderr=subprocess.STDOUT)
    try:
        until(lambda: "no connection to the server" in log.read_text(), what="the agent complains")
        assert "enrolled" not in log.read_text()
    finally:
        agent.terminate()
        agent.wait(timeout=20)


@pytest.mark.parametrize("arguments, problem", [
    (("--listen", "0.0.0.0:0"), "--insecure"),
    (("--tls-cert", "/nowhere.pem"), "go together"),
    (("--tls-cert", "/nowhere.pem", "--tls-key", "/nowhere.key"), "/nowhere.pem: cannot be read"),
])
def test_plain_text_beyond_loopback_and_half_an_identity_are_refused(tmp_path, arguments, problem):
    program = os.environ.get("NIGHTSHIFT", str(ROOT / ".build" / "debug" / "nightshift"))
    done = subprocess.run([program, "server", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0", *arguments],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0 and problem in done.stderr, done.stderr
