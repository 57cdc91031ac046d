"""The yardstick that every administrator has: a host reached by OpenSSH, here on loopback under ports and keys of its own."""
import contextlib
import getpass
import os
import pathlib
import shutil
import socket
import subprocess
import time

from .server import free_port

SERVER = "/usr/sbin/sshd"
PORTS = 10  # of one sshd, which takes 16 at most


class SSHHosts:
    """As many ports as there are hosts, of a few sshd; a context manager that ends them by their process ids."""

    def __init__(self, folder, count):
        self.folder = pathlib.Path(folder)
        self.ports = [free_port() for _ in range(count)]
        self.processes = []

    @staticmethod
    def is_possible():
        return os.path.exists(SERVER) and shutil.which("ssh") is not None

    def __enter__(self):
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / f"{name}.key")], check=True)
        shutil.copy(self.folder / "user.key.pub", self.folder / "authorized")
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        with open(self.folder / "sshd.log", "wb") as log:
            for first in range(0, len(self.ports), PORTS):
                self.processes.append(subprocess.Popen(
                    [SERVER, "-D", "-e", "-f", str(self.settings(self.ports[first:first + PORTS]))], stdout=log, stderr=log))
        deadline = time.monotonic() + 30
        while not all(map(answers, self.ports)):
            if any(process.poll() is not None for process in self.processes) or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError(f"sshd does not answer: {(self.folder / 'sshd.log').read_text()[-500:]}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
            process.wait(timeout=30)

    def settings(self, ports):
        """The configuration of the sshd behind these ports."""
        path = self.folder / f"sshd-{ports[0]}"
        path.write_text("\n".join([f"Port {port}" for port in ports] + [
            "ListenAddress 127.0.0.1", f"HostKey {self.folder}/host.key", f"AuthorizedKeysFile {self.folder}/authorized", "StrictModes no",
            "UsePAM no", "PidFile none", "MaxStartups 200", "MaxSessions 100", "PermitRootLogin prohibit-password"]) + "\n")
        return path

    @property
    def options(self):
        """As `ssh` takes them; the hosts' key is not looked up, to the yardstick's favour."""
        return ["-q", "-F", "none", "-i", str(self.folder / "user.key"), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                "-o", "BatchMode=yes", "-o", f"User={getpass.getuser()}"]

    def command(self, script, host=0, more=()):
        return ["ssh", *self.options, *more, "-p", str(self.ports[host]), "127.0.0.1", script]

    @contextlib.contextmanager
    def shared_connection(self):
        """Options that let all commands to the first host share one connection (ControlMaster)."""
        path = self.folder / "master"
        more = ["-o", f"ControlPath={path}"]
        subprocess.run(self.command("true", more=[*more, "-o", "ControlMaster=yes", "-o", "ControlPersist=60"]), check=True)
        try:
            yield more
        finally:
            subprocess.run(self.command("true", more=[*more, "-O", "exit"]), check=False, capture_output=True)


def answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False
