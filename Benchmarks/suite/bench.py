"""What scenarios work with: servers, folders, yardsticks, and the list of figures."""
import contextlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from . import machine, sender
from .results import Figure
from .server import Server


class Skip(Exception):
    """A scenario cannot run here; the text says why."""


class Bench:
    """One run. `quick` shortens everything; the figures are then only for trying the suite."""

    def __init__(self, *, quick, fill, waiting, program, engine_program, agent_fleet, directory):
        self.quick, self.fill, self.waiting = quick, fill, waiting
        self.program, self.engine_program, self.agent_fleet = program, engine_program, agent_fleet
        self.directory = pathlib.Path(directory)
        self.scenario, self.figures, self.details = "", [], {}

    def seconds(self, full, quick=2):
        """How long to measure."""
        return quick if self.quick else full

    @contextlib.contextmanager
    def folder(self):
        """A fresh folder on the disk that is measured, removed afterwards."""
        path = tempfile.mkdtemp(prefix="nightshift-bench-", dir=self.directory)
        try:
            yield pathlib.Path(path)
        finally:
            shutil.rmtree(path, ignore_errors=True)

    @contextlib.contextmanager
    def server(self):
        """A running server on fresh data."""
        with self.folder() as folder, Server(self.program, folder / "data") as server:
            yield server

    def engine(self, command, **options):
        """Runs EngineBenchmark and returns its figures."""
        if not self.engine_program.exists():
            raise Skip(f"{self.engine_program} is not there; `make bench` builds it")
        words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        done = subprocess.run([str(self.engine_program), command, *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip() or f"EngineBenchmark {command} ended with {done.returncode}")
        return json.loads(done.stdout)

    def fleet_program(self):
        """The program of the light agents."""
        if not self.agent_fleet.exists():
            raise Skip(f"{self.agent_fleet} is not there; `make bench` builds it")
        return self.agent_fleet

    def say(self, text):
        """Tells whoever waits what happens."""
        print(f"  {text}", file=sys.stderr, flush=True)

    def figure(self, what, value, unit, **more):
        """Adds a line to the table."""
        figure = Figure(self.scenario, what, value, unit, **more)
        self.figures.append(figure)
        shown = figure.shown()
        self.say(f"{what}: {shown[0]}{' (goal ' + shown[1] + ': ' + shown[2] + ')' if shown[1] else ''}")
        return figure

    def no_figure(self, what, why, is_broken=False):
        """Adds a line that says why there is no figure; of several lines of reason the last."""
        figure = Figure(self.scenario, what, None, "", note=why.strip().splitlines()[-1], is_broken=is_broken)
        self.figures.append(figure)
        self.say(f"{what}: {figure.verdict}: {why}")

    def keep(self, name, result):
        """Keeps raw figures for the JSON file."""
        self.details.setdefault(self.scenario, {})[name] = result

    # Yardsticks

    def hello(self, server, connections):
        """Answers a second of the server's unsigned health route to the same sender over as many connections."""
        seconds = self.seconds(4)
        return sender.send(server, get="/health", connections=connections, count=seconds * 80_000, seconds=seconds)["per_second"]

    def raw_sqlite(self, group, work="pass-chain"):
        """Executions (or steps of tasks) a second of plain SQLite with the engine's rows in groups of this size."""
        with self.folder() as folder:
            result = self.engine("raw", directory=folder, seconds=self.seconds(5), group=max(1, round(group)), work=work)
        self.keep(f"raw SQLite, {work}, groups of {round(group)}", result)
        return result["per_second"]

    def fdatasync(self, appends=False):
        """Durable writes of 4 KiB a second."""
        with self.folder() as folder:
            return machine.fdatasync_rate(folder, self.seconds(2, 1), appends)

    # Loads

    def executions(self, server, requests, *, connections, seconds, rate=0, limit=30_000, **settings):
        """Starts executions and waits until they are all over. Returns the sender's figures with `done_per_second`: those that
        succeeded, by the time until the last was seen to be over; and the size of the groups in which they were committed."""
        database = server.database
        last, groups = database.last_execution(), database.groups()
        began = time.monotonic()
        result = sender.send(
            server, requests, connections=connections, seconds=seconds, rate=rate,
            count=int(seconds * (rate or limit)), **settings)
        slack = time.monotonic() - began - result["seconds"]  # signing, before the sender's clock started
        groups = database.groups() - groups
        while database.count("RUNNING", last) and time.monotonic() - began < 600:
            time.sleep(0.01)
        succeeded = database.count("SUCCEEDED", last)
        if succeeded != result["answered"]:
            raise RuntimeError(f"{result['answered']} executions were accepted and {succeeded} have succeeded")
        over = time.monotonic() - began - slack
        # When all were over as soon as somebody looked, looking took the time.
        result["done_per_second"] = succeeded / (result["seconds"] if over - result["seconds"] < 1 else over)
        result["group"] = succeeded / max(1, groups)
        result["groups_per_second"] = groups / result["seconds"]
        return result
