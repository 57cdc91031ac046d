"""`nightshift agent install` and `uninstall`: what they write, below a root of the test's own."""
import os
import pathlib
import stat
import subprocess

import pytest
from conftest import ROOT
from polling import until

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
UNITS = "etc/systemd/system"


def nightshift(*arguments, environment=None):
    program = os.environ.get("NIGHTSHIFT", str(ROOT / ".build" / "debug" / "nightshift"))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NIGHTSHIFT_AGENT_")}
    return subprocess.run(
        [program, "agent", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False, env=clean | (environment or {}))


def install(root, *arguments, **options):
    return nightshift("install", "--root", root, "--server", "https://nightshift.example:7070", *arguments, **options)


ACTIVATION = ("--activation-id", "1d2c3b4a-0000-4000-8000-000000000000", "--activation-code", "Secret+code")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_settings_activation_and_units_are_written(tmp_path):
    authorities = tmp_path / "ca.pem"
    authorities.write_text(CERTIFICATE)
    done = install(tmp_path, *ACTIVATION, "--tag", "role=batch night", "--tag", "site=a/b", "--capacity", "4", "--ca-file", authorities,
                   "--default-user", "jobs", "--deny-root", "--key-rotation-days", "7", "--program", "/opt/nightshift/nightshift")
    assert done.returncode == 0, done.stderr
    settings = tmp_path / "etc/nightshift/agent.env"
    assert settings.read_text().splitlines()[1:] == [
        'NIGHTSHIFT_AGENT_SERVER="https://nightshift.example:7070"',
        'NIGHTSHIFT_AGENT_DATA="/var/lib/nightshift-agent"',
        'NIGHTSHIFT_AGENT_ACTIVATION_FILE="/etc/nightshift/agent.activation"',
        'NIGHTSHIFT_AGENT_CA_FILE="/etc/nightshift/agent-ca.pem"',
        'NIGHTSHIFT_AGENT_DEFAULT_USER="jobs"',
        'NIGHTSHIFT_AGENT_DENY_ROOT="yes"',
        'NIGHTSHIFT_AGENT_KEY_ROTATION_DAYS="7"',
        'NIGHTSHIFT_AGENT_CAPACITY="4"',
        'NIGHTSHIFT_AGENT_TAGS="role=batch night,site=a/b"',
    ]
    activation = tmp_path / "etc/nightshift/agent.activation"
    assert activation.read_text() == f"{ACTIVATION[1]} {ACTIVATION[3]}\n"
    assert (mode(settings), mode(activation)) == (0o600, 0o600)
    assert (tmp_path / "etc/nightshift/agent-ca.pem").read_text() == CERTIFICATE
    assert ACTIVATION[3] not in settings.read_text()
    unit = (tmp_path / UNITS / "nightshift-agent.service").read_text()
    assert "ExecStart=/opt/nightshift/nightshift agent\n" in unit
    assert "KillMode=process\n" in unit and "Restart=always\n" in unit
    assert "Delegate=cpu memory pids\n" in (tmp_path / UNITS / "nightshift-jobs.service").read_text()


def test_the_unit_hands_no_sandbox_to_jobs(tmp_path):
    install(tmp_path, *ACTIVATION)
    unit = (tmp_path / UNITS / "nightshift-agent.service").read_text()
    directives = {line.split("=")[0] for line in unit.splitlines() if "=" in line and not line.startswith("#")}
    inherited = {name for name in directives if name.startswith(("Protect", "Private", "Restrict", "Limit", "Capability", "OOMScore", "Nice"))}
    assert not inherited and "NoNewPrivileges" not in directives


def test_print_shows_all_but_the_activation_and_writes_nothing(tmp_path):
    done = install(tmp_path, *ACTIVATION, "--print")
    assert done.returncode == 0, done.stderr
    assert "[Service]" in done.stdout and "NIGHTSHIFT_AGENT_SERVER" in done.stdout and "mode 600" in done.stdout
    assert ACTIVATION[3] not in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_packages_units_are_left_alone(tmp_path):
    packaged = tmp_path / "lib/systemd/system"
    packaged.mkdir(parents=True)
    (packaged / "nightshift-agent.service").write_text("the package's\n")
    assert install(tmp_path, *ACTIVATION).returncode == 0
    assert not (tmp_path / UNITS).exists()


def test_a_package_holds_the_units_alone(tmp_path):
    done = nightshift("install", "--only-units", "--root", tmp_path, "--unit-directory", "/lib/systemd/system", "--program", "/usr/bin/nightshift")
    assert done.returncode == 0, done.stderr
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == [
        "lib/systemd/system/nightshift-agent.service", "lib/systemd/system/nightshift-jobs.service"]


def test_settings_are_quoted_as_systemd_reads_them(tmp_path):
    assert install(tmp_path, *ACTIVATION, "--tag", 'x=a"b\\c$d').returncode == 0
    assert 'NIGHTSHIFT_AGENT_TAGS="x=a\\"b\\\\c\\$d"' in (tmp_path / "etc/nightshift/agent.env").read_text()


@pytest.mark.parametrize("arguments, problem", [
    (("--server", "nightshift.example"), "the server's URL must begin with"),
    (("--activation-id", "x"), "an activation needs both"),
    (("--data", "relative"), "needs an absolute path"),
    (("--ca-file", "/nowhere/ca.pem"), "cannot be read"),
    (("--ca-file", "/etc/hostname"), "no certificate in it"),
    (("--capacity", "0"), "1 to 1000"),
    (("--tag", "x"), "expected KEY=VALUE"),
    (("--tag", "x=1\n2"), "control characters"),
    (("--log-level", "loud"), "no such level"),
])
def test_what_is_wrong_is_said_and_nothing_is_written(tmp_path, arguments, problem):
    done = nightshift("install", "--root", tmp_path, *arguments)
    assert done.returncode == 2 and problem in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_host_that_is_not_enrolled_needs_an_activation(tmp_path):
    done = install(tmp_path)
    assert done.returncode == 1 and "this host is not enrolled" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(pathlib.Path("/run/systemd/system").exists(), reason="systemd runs here")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gets that far")
def test_without_systemd_it_says_what_to_do():
    done = nightshift("install", "--server", "http://127.0.0.1:1", *ACTIVATION)
    assert done.returncode == 1 and "systemd does not run here" in done.stderr and "--print" in done.stderr


def test_uninstall_removes_what_was_installed_and_keeps_the_identity(tmp_path):
    install(tmp_path, *ACTIVATION, "--data", "/srv/agent")
    identity = tmp_path / "srv/agent/identity"
    identity.parent.mkdir(parents=True)
    identity.write_text("{}")
    done = nightshift("uninstall", "--root", tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [identity]
    assert nightshift("uninstall", "--root", tmp_path, "--purge", "--data", "/srv/agent").returncode == 0
    assert not identity.exists()


def test_the_activation_is_erased_once_the_host_is_enrolled(server, tmp_path):
    activation = server.client("ssm").create_activation(IamRole="agent", RegistrationLimit=1)
    file = tmp_path / "agent.activation"
    file.write_text(f"{activation['ActivationId']} {activation['ActivationCode']}\n")
    program = os.environ.get("NIGHTSHIFT", str(ROOT / ".build" / "debug" / "nightshift"))
    settings = {"NIGHTSHIFT_AGENT_SERVER": server.url, "NIGHTSHIFT_AGENT_DATA": str(tmp_path / "data"),
                "NIGHTSHIFT_AGENT_ACTIVATION_FILE": str(file), "NIGHTSHIFT_AGENT_TAGS": "a=1,b=2"}
    agent = subprocess.Popen([program, "agent"], env=os.environ | settings)
    try:
        until(lambda: not file.exists(), what="the activation is erased")
        assert b"mi-" in (tmp_path / "data" / "identity").read_bytes()
    finally:
        agent.terminate()
        agent.wait(timeout=20)


def test_an_agent_without_activation_ends_for_good(tmp_path):
    """Its unit does not start it again then (RestartPreventExitStatus)."""
    assert nightshift("--data", tmp_path / "data").returncode == 78
