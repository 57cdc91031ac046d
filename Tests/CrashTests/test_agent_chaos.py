"""Server, agents and network are broken at random under a load of commands; each runs at most once, and each result arrives.

CHAOS_SECONDS sets how long the long run breaks things (600), CRASH_SEED makes another night of it. Where the tests are root, agents live in
network namespaces whose links are cut and on hosts that reboot; else a proxy alone does the harm.
"""
import contextlib
import os
import time

import pytest

import chaos
import command_load
import command_oracle
from chaos_agent import ChaosAgent, install
from chaos_host import may_be_isolated
from polling import until

SECONDS = float(os.environ.get("CHAOS_SECONDS", "600"))
SEED = os.environ.get("CRASH_SEED", "20261121")


@pytest.fixture
def make_agents(tmp_path):
    """Makes agents of a server, each on a host of its own."""
    agents = []

    def make(server, count, **options):
        programs = install(tmp_path / "programs")
        for number in range(count):
            agents.append(ChaosAgent(server, tmp_path / f"agent-{number}", programs, seed=f"{SEED} {number}", **options))
        return agents

    yield make
    for agent in agents:
        agent.close()


def night(server, agents, folder, seconds, **settings):
    """Breaks everything for so many seconds under load; returns how often what was done and how commands ended."""
    load = command_load.CommandLoad(server, [agent.instance_id for agent in agents], folder, SEED)
    breaking = chaos.Chaos(server, agents, SEED, **settings)
    try:
        time.sleep(seconds)
        load.stopping.set()
        breaking.stop()
        load.stop()
        ends = command_oracle.check(load, agents, command_oracle.settle(load, agents, 180))
    except BaseException:
        load.stopping.set()
        breaking.stopping.set()
        (folder / "events.log").write_text(breaking.tell())
        print(f"seed {SEED}; everything that happened is in {folder}; the last events:\n" + "\n".join(breaking.tell().splitlines()[-60:]))
        raise
    (folder / "events.log").write_text(breaking.tell())
    print(f"seed {SEED}: {sum(breaking.counts.values())} disturbances, {len(load.sent)} commands, {sum(ends.values())} ends")
    for table in (breaking.counts, ends):
        for what, count in sorted(table.items()):
            print(f"{count:5}  {what}")
    return breaking.counts, ends


def test_a_short_chaos_runs_nothing_twice_and_loses_nothing(crashing_server, make_agents, tmp_path):
    agents = make_agents(crashing_server, 3)
    done, ends = night(crashing_server, agents, tmp_path, 20, pace=(3.0, 1.0, 1.5), longest=4.0)
    assert ends["Success"] > 5 and sum(done.values()) > 5, (ends, done)


@pytest.mark.acceptance
@pytest.mark.timeout(7200)
def test_a_long_chaos_runs_nothing_twice_and_loses_nothing(crashing_server, make_agents, tmp_path):
    agents = make_agents(crashing_server, 4)
    # Longer than the shortest delivery timeout, than an agent's patience with a silent stream and than three missed heartbeats.
    done, ends = night(crashing_server, agents, tmp_path, SECONDS, longest=50.0)
    assert ends["Success"] > 50 and sum(done.values()) > 50, (ends, done)


# One thing at a time


def send(agent, *lines):
    return agent.send(*lines, CloudWatchOutputConfig={"CloudWatchOutputEnabled": True, "CloudWatchLogGroupName": "/chaos"})


def in_log(agent, command):
    return command_oracle.log_lines(agent.server.client("logs"), f"{command}/{agent.instance_id}/aws-runShellScript/stdout")


@pytest.mark.skipif(not may_be_isolated(), reason="needs root, unshare, nsenter and ip")
@pytest.mark.parametrize("grace", [0, 10], ids=["reset", "shutdown"])
def test_a_reboot_is_reported_and_nothing_runs_again(crashing_server, make_agents, tmp_path, grace):
    agent = make_agents(crashing_server, 1)[0]
    marks = tmp_path / "runs"
    command = send(agent, f"echo ran >> {marks}; echo begun; sleep 60")
    until(lambda: in_log(agent, command) == ["begun"], 20, "it has begun")
    agent.reboot(grace)
    result = agent.wait(command)
    # At a shutdown the supervisor still writes down how it ended the job.
    assert (result["Status"], result["StatusDetails"], result["ResponseCode"]) == ("Failed", "NodeRebooted", 137 if grace else -1)
    assert marks.read_text() == "ran\n" and in_log(agent, command) == ["begun"]
    # What comes afterwards runs in the new boot.
    assert agent.wait(agent.send(f"echo ran >> {marks}"))["Status"] == "Success"
    assert marks.read_text() == "ran\n" * 2


def test_what_ends_while_the_server_is_away_is_told_afterwards(crashing_server, make_agents, tmp_path):
    agent = make_agents(crashing_server, 1)[0]
    marks = tmp_path / "runs"
    codes = [0, 3, 0, 5]
    script = f"echo ran $$ >> {marks}; i=0; while [ $i -lt 500 ]; do echo line $i; i=$((i+1)); done; sleep 2"
    commands = [send(agent, script, f"exit {code}") for code in codes]
    for command in commands:
        agent.wait(command, "InProgress")
    crashing_server.kill()
    # The agent is replaced twice meanwhile; it has nobody but the spool to tell.
    agent.upgrade()
    until(lambda: not agent.supervisors(), 30, "all are over")
    agent.kill()
    agent.start()
    crashing_server.start()
    for command, code in zip(commands, codes):
        result = agent.wait(command)
        assert (result["Status"], result["ResponseCode"]) == ("Failed" if code else "Success", code)
        assert in_log(agent, command) == [f"line {number}" for number in range(500)]
    assert len(marks.read_text().splitlines()) == len(codes)
    until(lambda: not agent.spooled(), 30, "the spool is empty")


def test_a_lost_supervisor_is_reported_and_nothing_runs_again(crashing_server, make_agents, tmp_path):
    agent = make_agents(crashing_server, 1)[0]
    marks = tmp_path / "runs"
    command = send(agent, f"echo ran >> {marks}; echo begun; sleep 60")
    until(lambda: in_log(agent, command) == ["begun"], 20, "it has begun")
    with contextlib.suppress(ProcessLookupError):
        os.kill(agent.supervisors()[0][0], 9)
    result = agent.wait(command)
    assert (result["Status"], result["StatusDetails"], result["ResponseCode"]) == ("Failed", "SupervisorLost", -1)
    assert marks.read_text() == "ran\n"
