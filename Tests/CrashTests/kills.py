"""When a server is killed: at any moment, and at the points that its debug build knows (Sources/nightshift/Server/CrashPoint.swift)."""
import collections
import json
import time

import ledger as ledgers

# Where it dies, and of which occurrences one is drawn. The first ones of a life are those of its start and recovery.
POINTS = {
    "before a commit": ("before-commit:{}", 10, 150),
    "before a commit of the start or of recovery": ("before-commit:{}", 1, 8),
    "after a commit, before anybody hears": ("after-commit:{}", 10, 150),
    "after a commit of the start or of recovery": ("after-commit:{}", 1, 8),
    "at a read": ("read:{}", 3, 40),
    "before an effect is marked as started": ("before-commit:{}:UPDATE outbox", 1, 4),
    "after an effect was marked, before it leaves": ("after-commit:{}:UPDATE outbox", 1, 4),
    "after an effect, before its outcome is stored": ("before-commit:{}:DELETE FROM outbox", 1, 8),
    "after an effect's outcome was stored": ("after-commit:{}:DELETE FROM outbox", 1, 8),
    "after a delivery, before it is written down": ("before-commit:{}:DELETE FROM delivery", 1, 4),
    "after a delivery was marked, before it leaves": ("after-commit:{}:UPDATE delivery", 1, 4),
    "at a snapshot, before it is stored": ("before-commit:{}:INSERT INTO snapshot", 1, 4),
    "at a snapshot, after it is stored": ("after-commit:{}:INSERT INTO snapshot", 1, 4),
    "before a timer is armed or fires": ("before-commit:{}:timer", 1, 60),
    "before something is pruned": ("before-commit:{}:DELETE FROM inbox", 1, 1),
    "after something was pruned": ("after-commit:{}:DELETE FROM inbox", 1, 1),
    "before a step of a command is stored": ("before-commit:{}:command_invocation", 1, 3),
    "after a step of a command was stored": ("after-commit:{}:command_invocation", 1, 3),
    "in the middle of a write to the log": ("wal-write:{}", 1, 1500),
    "before the log is synchronised": ("sync:{}", 1, 200),
    "during a checkpoint": ("checkpoint-write:{}", 1, 40),
}

# What `make test` has time for.
ESSENTIAL = [
    "before a commit", "after a commit, before anybody hears", "after a commit of the start or of recovery", "at a read",
    "before an effect is marked as started", "after an effect was marked, before it leaves", "after an effect, before its outcome is stored",
    "after a delivery, before it is written down", "at a snapshot, before it is stored", "after something was pruned",
    "before a step of a command is stored", "in the middle of a write to the log", "during a checkpoint",
]


def at_random(dice, named=POINTS, count=0):
    """Points of all kinds in `named` once each, and `count` more kills, half of them at no point at all; as (kind, point, seconds)."""
    chosen = [draw(dice, kind) for kind in named]
    for _ in range(count):
        chosen.append(("at any moment", None, dice.uniform(0.05, 1.5)) if dice.random() < 0.5 else draw(dice, dice.choice(list(POINTS))))
    dice.shuffle(chosen)
    return chosen


def draw(dice, kind):
    form, first, last = POINTS[kind]
    return kind, form.format(dice.randint(first, last)), 8


def disturb(server, kills, before_start=lambda: None):
    """Kills the server once per entry. Returns per kind how often it died there, and how often a point was not reached."""
    died = collections.Counter()
    server.kill()
    for kind, point, seconds in kills:
        before_start()
        if not server.start(point):
            died[kind] += 1
        elif point is None:
            time.sleep(seconds)
            server.kill()
            died[kind] += 1
        else:
            died[kind if server.dies(seconds) else f"not reached: {kind}"] += 1
    before_start()
    server.start()
    return died


def references(server, arns):
    """What an undisturbed execution of each machine does."""
    client = server.client("stepfunctions")
    started = {name: client.start_execution(stateMachineArn=arn, name="reference", input=json.dumps({"n": 0}))["executionArn"]
               for name, arn in arns.items()}
    shapes = {}
    for name, arn in started.items():
        ledgers.await_ends(client, [ledgers.Started(name, "reference", 0, arn, None)])
        events = ledgers.history(client, arn)
        ledgers.check_history(events)
        shapes[name] = ledgers.shape(events)
    return shapes
