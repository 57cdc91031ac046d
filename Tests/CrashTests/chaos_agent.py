"""An agent that is killed, stopped, upgraded, cut off and rebooted."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

import conftest
import chaos_host
from faulty_proxy import FaultyProxy

_agents = conftest.load("agents")


def install(folder, count=2):
    """So many copies of the program and its supervisor, for upgrades in place; returns the programs' paths."""
    source = pathlib.Path(os.environ.get("NIGHTSHIFT", conftest.ROOT / ".build" / "debug" / "nightshift"))
    programs = []
    for number in range(count):
        copy = pathlib.Path(folder) / f"program-{number}"
        copy.mkdir(parents=True)
        for name in ("nightshift", "nightshift-run"):
            shutil.copy2(source.with_name(name), copy / name)
        programs.append(copy / "nightshift")
    return programs


class ChaosAgent(_agents.Agent):
    """An agent on a host of its own, where that can be had, behind a proxy of its own."""

    def __init__(self, server, folder, programs, seed=0, is_isolated=True):
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True)
        self.programs = list(programs)
        self.host = chaos_host.Host(folder) if is_isolated and chaos_host.may_be_isolated() else None
        self.proxy = FaultyProxy(server.port, self.host.address if self.host else "127.0.0.1", seed)
        self.killed = set()  # commands whose supervisor the test has killed
        self.rebooted = set()  # commands that were on this host when it was rebooted
        try:
            super().__init__(server, folder)
        except BaseException:
            self.close()
            raise

    @property
    def name(self):
        return self.folder.name

    def start(self, *arguments):
        prefix = self.host.prefix if self.host else []
        # The proxy of an isolated host is not on its loopback, and speaks no TLS.
        arguments = (*arguments, *(["--insecure"] if self.host else []))
        with open(self.folder / "agent.log", "ab") as log:
            self.process = subprocess.Popen(
                [*prefix, str(self.programs[0]), "agent", "--server", self.proxy.url, "--data", str(self.folder / "data"), *self.arguments,
                 *arguments], stdout=log, stderr=subprocess.STDOUT)

    def upgrade(self):
        """Stops the agent in order and starts it from another copy of its program."""
        self.programs.append(self.programs.pop(0))
        self.process.terminate()
        try:
            code = self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not stop within 40 s") from None
        self.start()
        return code

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def spooled(self):
        """The names of the attempts in the spool."""
        with contextlib.suppress(FileNotFoundError):
            return sorted(os.listdir(self.folder / "data" / "spool"))
        return []

    def supervisors(self):
        """Process id and command of each supervisor of this agent."""
        found, spool = [], str(self.folder / "data" / "spool")
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            with contextlib.suppress(OSError):
                words = pathlib.Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
                if words[0].endswith(b"/nightshift-run") and words[1].decode().startswith(spool) and not chaos_host.is_over(int(entry)):
                    found.append((int(entry), command_of(os.path.basename(words[1].decode()))))
        return found

    def scripts(self):
        """The process ids of the scripts that run on this host; none where it is not isolated, for they could be anybody's."""
        found = []
        for process in self.host.processes() if self.host else ():
            with contextlib.suppress(OSError):
                if b"/proc/self/fd/3" in pathlib.Path(f"/proc/{process}/cmdline").read_bytes() and not chaos_host.is_over(process):
                    found.append(process)
        return found

    def kill_supervisor(self, dice):
        """Kills a supervisor, which no command survives; returns its command, or None when there is none."""
        running = self.supervisors()
        if not running:
            return None
        process, command = dice.choice(sorted(running))
        self.killed.add(command)  # before: it may end by itself in between
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        return command

    def reboot(self, grace=0.0):
        """Ends all processes on the host and starts the agent in another boot. With a grace the host is shut down: first the agent ends, then
        its supervisors are asked to and have so many seconds."""
        self.rebooted.update(command_of(attempt) for attempt in self.spooled())
        if grace:
            self.kill()
            for process, _ in self.supervisors():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGTERM)
            deadline = time.monotonic() + grace
            while self.supervisors() and time.monotonic() < deadline:
                time.sleep(0.02)
        self.host.power_off()
        self.process.wait()
        # What was recorded between the look and the end.
        self.rebooted.update(command_of(attempt) for attempt in self.spooled())
        self.start()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for process, _ in self.supervisors():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)  # it ends its job, too
        self.proxy.close()
        if self.host:
            self.host.close()

    def log(self):
        return (self.folder / "agent.log").read_text(errors="replace")


def command_of(attempt):
    return attempt.rpartition(".")[0]
