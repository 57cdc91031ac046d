"""Files beside the database: whoever was told that something is done has it on the disk, its bytes and its names.

The server runs over a layer that writes down what it does to its files (file_log.c). What was written and not synchronised, or named in a
directory that was not synchronised, a power cut may take away; when a call is answered there must be nothing of that kind.
"""
import os
import pathlib
import shutil
import subprocess

import pytest

import operations

# What a start can do without: scratch space, caches, the lock's name, and the supervision of runtime processes.
EXPENDABLE = ("/lock", "/temporary", "/scratch", "/index", "/processes", "/sandbox", ".tmp", "/functions/run", "/functions/tmp")


class FileLog:
    """What a power cut would take away, from the log of what a server did."""

    def __init__(self, path):
        self.path = path
        self.read = 0
        self.unsynced = {}  # bytes of files
        self.unnamed = {}  # names in directories

    def lost(self):
        """What would be lost now."""
        with open(self.path, encoding="utf-8") as log:
            log.seek(self.read)
            for line in log:
                self.take(*line.rstrip("\n").split("\t"))
            self.read = log.tell()
        return sorted(f"{what} of {path}" for what, paths in (("the bytes", self.unsynced), ("the name", self.unnamed))
                      for path in paths if not any(part in path for part in EXPENDABLE))

    def take(self, event, path, rest):
        if event in ("create", "mkdir"):
            self.unnamed[path] = True
        elif event == "write":
            self.unsynced[path] = True
        elif event in ("rename", "link"):
            if self.unsynced.pop(path, None) if event == "rename" else path in self.unsynced:
                self.unsynced[rest] = True
            if event == "rename":
                self.unnamed.pop(path, None)
            self.unnamed[rest] = True
        elif event == "unlink":
            self.unsynced.pop(path, None)
            self.unnamed.pop(path, None)
        elif event == "syncfs":
            self.unsynced.clear()
            self.unnamed.clear()
        elif event == "sync" and rest == "-1":
            self.unnamed = {name: True for name in self.unnamed if os.path.dirname(name) != path}
        elif event == "sync":
            self.unsynced.pop(path, None)


@pytest.fixture(scope="module")
def layer(tmp_path_factory):
    """The layer, compiled."""
    compiler = next((found for found in map(shutil.which, ("cc", "clang", "gcc")) if found), None)
    if compiler is None:
        pytest.skip("needs a C compiler")
    library = tmp_path_factory.mktemp("layer") / "file_log.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, pathlib.Path(__file__).with_name("file_log.c"), "-ldl"], check=True)
    return library


@pytest.fixture
def logged(make_server, layer, tmp_path):
    """A server whose files are watched, in a directory that it makes itself, with its parents."""
    log = tmp_path / "file-log"
    data = tmp_path / "server-0" / "data"
    server = make_server(starts=False)
    assert server.data == data
    data.parent.mkdir()
    server.environment = {"LD_PRELOAD": str(layer), "NIGHTSHIFT_FILE_LOG": str(log), "NIGHTSHIFT_FILE_LOG_ROOT": str(data)}
    server.start()
    return server, FileLog(log)


def test_the_first_start_is_on_the_disk_when_it_serves(logged):
    server, log = logged
    assert (server.data / "admin-credentials").exists() and (server.data / "master.key").exists()
    # Folders for functions are made again, and are on the disk before any code in them is acknowledged.
    assert [one for one in log.lost() if "/functions" not in one] == []


def test_logs_and_functions_are_on_the_disk_when_they_are_acknowledged(logged):
    server, log = logged
    logs, functions = server.client("logs"), server.client("lambda")
    before = log.lost()

    def after(call, **arguments):
        answer = call(**arguments)
        assert [one for one in log.lost() if one not in before] == [], call.__name__
        return answer

    after(logs.create_log_group, logGroupName="group")
    after(logs.create_log_stream, logGroupName="group", logStreamName="stream")
    for n in range(3):
        after(logs.put_log_events, logGroupName="group", logStreamName="stream", logEvents=[{"timestamp": 1795000000000 + n, "message": "m"}])
    after(logs.put_retention_policy, logGroupName="group", retentionInDays=7)
    after(logs.tag_log_group, logGroupName="group", tags={"a": "1"})
    after(logs.delete_log_stream, logGroupName="group", logStreamName="stream")
    after(logs.delete_log_group, logGroupName="group")
    code = operations.archive("def handler(event, context): return 1")
    after(functions.create_function, FunctionName="f", Runtime="python3.12", Role=operations.machines.ROLE, Handler="index.handler",
          Code={"ZipFile": code})
    after(functions.update_function_code, FunctionName="f", ZipFile=operations.archive("def handler(event, context): return 2"))
    assert log.read > 0, "nothing was watched"
