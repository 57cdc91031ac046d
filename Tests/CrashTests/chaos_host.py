"""Hosts for agents that a test can cut off and reboot: namespaces of their own where the test is root, else the machine itself."""
import functools
import itertools
import os
import pathlib
import shutil
import signal
import subprocess
import uuid

BOOT_ID = "/proc/sys/kernel/random/boot_id"
_numbers = itertools.count()


@functools.cache
def may_be_isolated():
    """Whether hosts with namespaces can be made here: as root, with the tools, and where containers do not forbid it."""
    if os.geteuid() != 0 or not all(shutil.which(tool) for tool in ("ip", "unshare", "nsenter")):
        return False
    attempt = f"mount --bind /etc/hostname {BOOT_ID} && ip link add chaos0 type veth peer name chaos1"
    return subprocess.run(["unshare", "-m", "-n", "--propagation", "private", "sh", "-c", attempt], capture_output=True, check=False).returncode == 0


class Host:
    """A network namespace behind a pair of virtual interfaces, and a mount namespace with a boot id of its own.

    `prefix` begins the command line of whatever is to run on it. The namespaces end with the last process in them.
    """

    def __init__(self, folder):
        self.boot_id = pathlib.Path(folder) / "boot-id"
        self.boot_id.write_text(f"{uuid.uuid4()}\n")
        self.boots = [self.boot_id.read_text().strip()]
        script = f"mount --bind '{self.boot_id}' {BOOT_ID} && ip link set lo up && echo ready && exec sleep infinity"
        self.holder = subprocess.Popen(
            ["unshare", "-m", "-n", "--propagation", "private", "sh", "-c", script], stdout=subprocess.PIPE, text=True)
        assert self.holder.stdout.readline() == "ready\n", "the host's namespaces cannot be made"
        # 198.18.0.0/15 is for tests of networks (RFC 2544); a subnet of four addresses each.
        number = (os.getpid() * 16 + next(_numbers)) % 32_768
        base = f"198.{18 + number // 16_384}.{number // 64 % 256}"
        self.address, inside = f"{base}.{number % 64 * 4 + 1}", f"{base}.{number % 64 * 4 + 2}"
        self.link = f"nschaos{number}"
        self._ip("link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", str(self.holder.pid))
        self._ip("addr", "add", f"{self.address}/30", "dev", self.link)
        self.set_link("up")
        self.prefix = ["nsenter", "-t", str(self.holder.pid), "-m", "-n", "--"]
        self._ip("addr", "add", f"{inside}/30", "dev", "eth0", prefix=self.prefix)
        self._ip("link", "set", "eth0", "up", prefix=self.prefix)
        self.namespace = os.readlink(f"/proc/{self.holder.pid}/ns/mnt")

    def _ip(self, *arguments, prefix=()):
        subprocess.run([*prefix, "ip", *arguments], check=True, capture_output=True)

    def set_link(self, state):
        """`down` cuts the network: packets are lost without a word."""
        self._ip("link", "set", self.link, state)

    def processes(self):
        """The ids of all processes on this host but the one that holds it."""
        found = []
        for entry in os.listdir("/proc"):
            if entry.isdigit() and int(entry) != self.holder.pid:
                try:
                    if os.readlink(f"/proc/{entry}/ns/mnt") == self.namespace:
                        found.append(int(entry))
                except OSError:
                    pass  # it has ended
        return found

    def power_off(self):
        """Ends everything on the host at once, and what that starts meanwhile, and gives it its next boot id."""
        while processes := self.processes():
            for process in processes:
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            if all(is_over(process) for process in processes):
                break
        self.boots.append(str(uuid.uuid4()))
        # In place: the file that is mounted, not another of its name.
        self.boot_id.write_text(f"{self.boots[-1]}\n")

    def close(self):
        self.power_off()
        self.holder.kill()
        self.holder.wait()


def is_over(process):
    """Whether a process is gone, or waits only for its parent to hear of its end."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True
