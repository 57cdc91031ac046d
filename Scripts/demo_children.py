"""Server and agent as child processes: started, watched, and ended by their process ids."""
import os
import signal
import subprocess
import time


class DemoFailure(Exception):
    """Something did not go as the demo promises; the message is for its reader."""


class Children:
    """Ends its processes, the last one started first, when its `with` ends."""

    def __init__(self, log_folder):
        self._log_folder = log_folder
        self._running = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for name, process, log in reversed(self._running):
            process.poll()
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(timeout=15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(timeout=5)
            log.close()

    def start(self, name, command):
        """Starts a process whose output goes to a log of its name. Ctrl-C does not reach it: the demo ends it in order."""
        log = open(self._log_folder / f"{name}.log", "ab")
        process = subprocess.Popen(
            [os.fspath(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        self._running.append((name, process, log))

    def check(self):
        """Fails with the end of its log when a process has ended."""
        for name, process, log in self._running:
            if process.poll() is not None:
                end = "\n".join(open(log.name, errors="replace").read().splitlines()[-15:])
                raise DemoFailure(f"the {name} ended with exit code {process.returncode}; the end of {log.name}:\n{end}")

    def wait_until(self, what, condition, timeout=30.0, interval=0.1):
        """The condition's first true value; fails when a process ends or time is up."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            self.check()
            if value := condition():
                return value
            time.sleep(interval)
        raise DemoFailure(f"{what}: not within {timeout:.0f} s")
