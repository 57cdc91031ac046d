"""The yardstick for many hosts: ansible's ad-hoc commands, from PyPI in a virtual environment of its own, over the yardstick of ssh."""
import os
import pathlib
import subprocess
import sys

PACKAGE = "ansible-core==2.19.14"


def environment():
    """The virtual environment's folder, made on first use."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "nightshift-benchmarks"
    folder = cache / "ansible"
    if not (folder / "bin" / "ansible").exists():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", PACKAGE], check=True)
    return folder


class Ansible:
    """Ad-hoc commands to hosts behind an `SSHHosts`; pipelining and shared connections on, as its documentation advises for speed."""

    def __init__(self, folder, hosts):
        self.program, self.folder = environment() / "bin" / "ansible", pathlib.Path(folder)
        options = " ".join(hosts.options + ["-o", "ControlMaster=auto", "-o", "ControlPersist=60s"])
        lines = [f"host{number} ansible_host=127.0.0.1 ansible_port={port}" for number, port in enumerate(hosts.ports)]
        (self.folder / "inventory").write_text("\n".join(
            [*lines, "[all:vars]", "ansible_python_interpreter=/usr/bin/python3", f"ansible_ssh_common_args='{options}'"]) + "\n")
        (self.folder / "ansible.cfg").write_text(
            f"[defaults]\nhost_key_checking = False\nforks = 20\nlocal_tmp = {self.folder}/tmp\nremote_tmp = {self.folder}/remote\n"
            f"[ssh_connection]\npipelining = True\ncontrol_path_dir = {self.folder}/cp\n")

    def run(self, script, hosts="all", module="command"):
        """Runs it and returns what was printed."""
        done = subprocess.run(
            [str(self.program), hosts, "-i", str(self.folder / "inventory"), "-m", module, "-a", script, "--one-line"], capture_output=True, text=True,
            env={**os.environ, "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"), "LC_ALL": "C.UTF-8"}, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"ansible ended with {done.returncode}: {(done.stdout + done.stderr)[-1000:]}")
        return done.stdout
