"""Servers that are killed: the process of APITests, with the crash points of the debug build."""
import contextlib
import datetime
import importlib.util
import os
import pathlib
import subprocess
import sys
import time

import botocore.auth
import pytest

APITESTS = pathlib.Path(__file__).resolve().parents[1] / "APITests"


def load(name):
    """A module of APITests, under a name of its own: both folders have a `conftest`."""
    specification = importlib.util.spec_from_file_location(f"api_{name}", APITESTS / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


_module = load("conftest")
ROOT = _module.ROOT  # for `agents` of APITests
sys.modules.setdefault("polling", load("polling"))  # for `agents`, too: the other folder need not be on the path
free_port = _module.free_port


class CrashingServer(_module.Server):
    """A server that dies at a point, or whenever the test likes, and starts again over the same data.

    `environment` holds the debug build's settings for each start: NIGHTSHIFT_POWER_CUT, NIGHTSHIFT_CLOCK_OFFSET_FILE and the like.
    """

    def __init__(self, data, arguments=(), environment=None, starts=True):
        self.environment = dict(environment or {})
        self.data, self.arguments, self.process = pathlib.Path(data), list(arguments), None
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        if starts:
            self.start()

    def start(self, point=None):
        """Starts the process. With a point it may die before it serves: then False is returned."""
        with changed_environment({**self.environment, **({"NIGHTSHIFT_CRASH_POINT": point} if point else {})}):
            try:
                super().start()
                return True
            except RuntimeError:
                if point is None or self.process.poll() != -9:
                    raise
                return False

    def dies(self, seconds):
        """Waits until the process has died at its point; kills it when it did not in time. Returns whether it did."""
        try:
            self.process.wait(timeout=seconds)
            return True
        except subprocess.TimeoutExpired:
            self.kill()
            return False

    def end(self):
        """Stops it if it still runs."""
        if self.process is not None and self.process.poll() is None:
            self.stop()


@contextlib.contextmanager
def changed_environment(values):
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@pytest.fixture
def crashing_server(tmp_path):
    """A server of the test's own that can be killed and started again."""
    server = CrashingServer(tmp_path / "data")
    yield server
    server.end()


@pytest.fixture
def make_server(tmp_path):
    """Makes servers, each on a data directory that does not exist yet; `starts=False` leaves the first start to the test."""
    made = []

    def make(**options):
        made.append(CrashingServer(tmp_path / f"server-{len(made)}" / "data", **options))
        return made[-1]

    yield make
    for server in made:
        server.end()


class WallClock:
    """The server's wall clock, which the test sets; requests are signed by it, as a client on the same machine does."""

    def __init__(self, file):
        self.file = file
        self.offset = 0
        self.set(0)

    def set(self, offset):
        """So many seconds ahead of the machine's."""
        self.offset = offset
        replacement = self.file.with_suffix(".new")
        replacement.write_text(str(offset))
        replacement.rename(self.file)
        time.sleep(0.02)

    @property
    def now(self):
        return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self.offset)

    def set_to(self, moment):
        self.set(self.offset + round((moment - self.now).total_seconds()))


@pytest.fixture
def wall(tmp_path, monkeypatch):
    clock = WallClock(tmp_path / "clock-offset")
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: clock.now.replace(tzinfo=None) if remove_tzinfo else clock.now)
    return clock
