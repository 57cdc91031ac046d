"""Servers that are killed: the process of APITests, with crash points of the debug build."""
import importlib.util
import os
import pathlib
import subprocess

import pytest

_path = pathlib.Path(__file__).resolve().parents[1] / "APITests" / "conftest.py"
_spec = importlib.util.spec_from_file_location("nightshift_server", _path)
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)


class CrashingServer(_module.Server):
    """A server that dies at a point, or whenever the test likes, and starts again over the same data."""

    def start(self, point=None):
        """Starts the process. With a point it may die before it serves: then False is returned."""
        if point is None:
            super().start()
            return True
        os.environ["NIGHTSHIFT_CRASH_POINT"] = point
        try:
            super().start()
            return True
        except RuntimeError:
            if self.process.poll() != -9:
                raise
            return False
        finally:
            del os.environ["NIGHTSHIFT_CRASH_POINT"]

    def dies(self, seconds):
        """Waits until the process has died at its point; kills it when it did not in time. Returns whether it did."""
        try:
            self.process.wait(timeout=seconds)
            return True
        except subprocess.TimeoutExpired:
            self.kill()
            return False


@pytest.fixture
def crashing_server(tmp_path):
    """A server of the test's own that can be killed and started again."""
    server = CrashingServer(tmp_path / "data")
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def fresh_server(tmp_path):
    """Makes servers on data directories that do not exist yet, without starting them."""
    made = []

    def make():
        server = CrashingServer.__new__(CrashingServer)
        server.data = tmp_path / f"fresh-{len(made)}" / "data"
        server.port = _module.free_port()
        server.url = f"http://127.0.0.1:{server.port}"
        server.arguments = []
        server.process = None
        made.append(server)
        return server

    yield make
    for server in made:
        if server.process is not None and server.process.poll() is None:
            server.stop()
