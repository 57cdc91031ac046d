"""Commands on hosts, beside ssh and ansible: a hundred on one host, and one on twenty."""
import concurrent.futures
import subprocess
import time

from ..bench import Skip
from ..remote_agents import Agents
from ..remote_ansible import Ansible
from ..remote_ssh import SSHHosts
from ..server import ServerFailed

HOSTS, COMMANDS, AT_ONCE = 20, 100, 12
SCRIPT = "echo night"
DOCUMENT = "AWS-RunShellScript"
PATIENCE = 300


def run(bench):
    """All over loopback on this machine, each with its output back at the caller. ssh: a connection for each command, and one that is shared;
    ansible: ad-hoc commands with pipelining and shared connections. A command of Nightshift is durable before it is accepted, runs under a
    supervisor, and its result and output are stored; theirs are gone with the terminal."""
    if not SSHHosts.is_possible():
        raise Skip("needs openssh-server and openssh-client")
    commands = 10 if bench.quick else COMMANDS
    with bench.folder() as folder, SSHHosts(folder, HOSTS) as hosts:
        ansible = Ansible(folder, hosts)
        beside = {"one": one_by_one(bench, hosts, ansible, commands), "many": at_once(hosts, commands), "hosts": everywhere(bench, hosts, ansible)}
        bench.keep("yardsticks, s", beside)
        with bench.server() as server:
            nightshift(bench, server, folder, commands, beside)


def nightshift(bench, server, folder, commands, beside):
    with Agents(bench.program, server, folder, 1, "one") as agents:
        client, node = agents.client, agents.instance_ids[0]
        send(client, [node])  # the first one warms it up
        bench.figure(f"{commands} commands on one host, each after the one before", timed(lambda: [send(client, [node]) for _ in range(commands)]), "s",
                     yardsticks=beside["one"])
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            seconds = timed(lambda: list(pool.map(lambda _: send(client, [node]), range(commands))))
        bench.figure(f"{commands} commands on one host, {AT_ONCE} at a time", seconds, "s", yardsticks=beside["many"])
    with Agents(bench.program, server, folder, HOSTS, "all") as agents:
        send(agents.client, agents.instance_ids)
        seconds = [timed(lambda: send(agents.client, agents.instance_ids)) for _ in range(3)]
        bench.keep("one command on all, s", seconds)
        bench.figure(f"one command on {HOSTS} hosts", sorted(seconds)[1], "s", yardsticks=beside["hosts"])


def send(client, nodes):
    """One command, until every result is known and its output read."""
    command = client.send_command(InstanceIds=nodes, DocumentName=DOCUMENT, Parameters={"commands": [SCRIPT]})["Command"]["CommandId"]
    deadline = time.monotonic() + PATIENCE
    while True:
        found = client.list_command_invocations(CommandId=command, Details=True, MaxResults=50)["CommandInvocations"]
        if len(found) == len(nodes) and all(one["Status"] not in ("Pending", "InProgress", "Delayed") for one in found):
            break
        if time.monotonic() > deadline:
            raise ServerFailed(f"a command did not end: {found}")
        time.sleep(0.005)
    for one in found:
        if one["CommandPlugins"][0]["Output"] != "night\n":
            raise ServerFailed(f"the output of a command: {one}")


def one_by_one(bench, hosts, ansible, commands):
    def ssh(more=()):
        for _ in range(commands):
            check(hosts.command(SCRIPT, more=more))

    apart = timed(ssh)
    with hosts.shared_connection() as more:
        shared = timed(lambda: ssh(more))
    # A process of a second for each command: a few show it.
    few = 2 if bench.quick else 20
    ansible.run(SCRIPT, "host0")
    adhoc = timed(lambda: [ansible.run(SCRIPT, "host0") for _ in range(few)]) / few * commands
    return {"ssh": apart, "ssh, one connection": shared, "ansible": adhoc}


def at_once(hosts, commands):
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        apart = timed(lambda: list(pool.map(lambda _: check(hosts.command(SCRIPT)), range(commands))))
        with hosts.shared_connection() as more:
            # A session for each command; sshd's own limit (MaxSessions) is above what runs at a time.
            shared = timed(lambda: list(pool.map(lambda _: check(hosts.command(SCRIPT, more=more)), range(commands))))
    return {"ssh": apart, "ssh, one connection": shared}


def everywhere(bench, hosts, ansible):
    rounds = 1 if bench.quick else 3
    with concurrent.futures.ThreadPoolExecutor(HOSTS) as pool:
        ssh = sorted(timed(lambda: list(pool.map(lambda host: check(hosts.command(SCRIPT, host)), range(HOSTS)))) for _ in range(rounds))
    ansible.run(SCRIPT)  # opens the connections that the next ones share
    adhoc = sorted(timed(lambda: ansible.run(SCRIPT)) for _ in range(rounds))
    return {"ssh, 20 at a time": ssh[rounds // 2], "ansible, 20 forks": adhoc[rounds // 2]}


def check(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.stdout != "night\n":
        raise RuntimeError(f"ssh ended with {done.returncode}: {done.stderr[-300:]}")


def timed(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began
