"""The server is killed under load, at random and at named points; nothing that was acknowledged is lost or done twice."""
import random
import time

import machines
import ledger as ledgers


def references(server, arns):
    """What an undisturbed execution of each machine does."""
    client = server.client("stepfunctions")
    started = {name: client.start_execution(stateMachineArn=arn, name="reference", input='{"n": 0}')["executionArn"]
               for name, arn in arns.items()}
    shapes = {}
    for name, arn in started.items():
        ledgers.await_ends(client, [ledgers.Started(name, "reference", 0, arn, None)])
        events = ledgers.history(client, arn)
        ledgers.check_history(events)
        shapes[name] = ledgers.shape(events)
    return shapes


def disturb(server, kills):
    """Kills the server as often as there are entries: a point of the debug build, or None for any moment."""
    server.kill()
    for point, seconds in kills:
        if server.start(point):
            if point is None:
                time.sleep(seconds)
                server.kill()
            else:
                server.dies(seconds)
    server.start()


def test_kills_under_load_lose_nothing_and_double_nothing(crashing_server):
    server = crashing_server
    arns = machines.create(server.client("stepfunctions"))
    shapes = references(server, arns)
    dice = random.Random(20261121)
    kills = [(None, dice.uniform(0.1, 1.5)) for _ in range(6)]
    kills += [(f"before-commit:{dice.randrange(10, 150)}", 5) for _ in range(4)]
    kills += [(f"after-commit:{dice.randrange(10, 150)}", 5) for _ in range(4)]
    kills += [(f"read:{dice.randrange(3, 40)}", 5) for _ in range(4)]
    kills += [(f"{point}:{count}", 5) for point in ("before-commit", "after-commit") for count in (1, 2)]
    dice.shuffle(kills)
    ledger = ledgers.Ledger(server, arns)
    try:
        time.sleep(0.5)
        disturb(server, kills)
    finally:
        ledger.stop()
    ledgers.check(server, ledger, shapes)


def test_an_idle_server_that_is_killed_goes_on_with_what_waits(crashing_server):
    server = crashing_server
    arns = machines.create(server.client("stepfunctions"))
    client = server.client("stepfunctions")
    started = [client.start_execution(stateMachineArn=arns["wait"], name=f"w{n}", input='{"n": 1}') for n in range(20)]
    for _ in range(3):
        server.kill()
        server.start()
    # While it runs the same start answers the same execution; once it is closed its name is taken.
    for n, first in enumerate(started):
        try:
            again = client.start_execution(stateMachineArn=arns["wait"], name=f"w{n}", input='{"n": 1}')
            assert (again["executionArn"], again["startDate"]) == (first["executionArn"], first["startDate"])
        except client.exceptions.ExecutionAlreadyExists:
            pass
    ends = ledgers.await_ends(client, [ledgers.Started("wait", f"w{n}", 1, one["executionArn"], None) for n, one in enumerate(started)])
    assert {end["status"] for end in ends.values()} == {"SUCCEEDED"}


def test_a_kill_during_the_very_first_start_leaves_a_directory_that_starts(fresh_server):
    for point in ["before-commit:1", "after-commit:1", "before-commit:2", "after-commit:2", "before-commit:3", "after-commit:3",
                  "before-commit:4", "after-commit:4", "read:1", "read:3", "read:5"]:
        server = fresh_server()
        if server.start(point):
            server.kill()
        server.start()
        assert server.client("stepfunctions").list_state_machines()["stateMachines"] == []
        server.stop()
