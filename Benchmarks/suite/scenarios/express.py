"""Express executions: nothing of a synchronous one is written; an asynchronous one writes the row of its start."""
import json

import botocore.exceptions

from .. import definitions, sender
from ..bench import Skip

GOAL = 12_000
SYNC = "AWSStepFunctions.StartSyncExecution"


def make_machine(server, name, definition):
    """Makes an Express state machine and runs it once. Where the server refuses, the scenario is skipped."""
    try:
        arn = server.create_machine(name, definition, "EXPRESS")
        server.client().start_sync_execution(stateMachineArn=arn, input='{"order":1}')
    except botocore.exceptions.ClientError as refusal:
        raise Skip(f"the server refuses Express executions: {refusal}") from refusal
    return arn


def run(bench):
    """Express executions of the pass chain over HTTP: StartSyncExecution, and StartExecution."""
    with bench.server() as server:
        arn = make_machine(server, "express", definitions.pass_chain())
        prove(server, arn)
        for connections in (16, 64):
            hello = bench.hello(server, connections)
            for target, name in ((SYNC, "StartSyncExecution"), (sender.START, "StartExecution")):
                seconds = bench.seconds(8)
                result = sender.send(
                    server, definitions.start_requests(arn, target), connections=connections, count=seconds * 30_000, seconds=seconds)
                bench.keep(f"{name}, {connections} connections", result)
                bench.figure(
                    f"{name}, {connections} connections", result["per_second"], "executions/s",
                    at_least=GOAL if target == SYNC else None, yardsticks={"hello": hello},
                    note=f"p50 {result['ms']['p50']:.2f} ms, p99 {result['ms']['p99']:.2f} ms")


def prove(server, arn):
    """Every answer to StartSyncExecution tells a success with the chain's last result."""
    path = f"{server.data.parent}/answers"
    sender.send(server, definitions.start_requests(arn, SYNC), connections=16, count=500, answers=path)
    with open(path, encoding="utf-8") as answers:
        for line in answers:
            answer = json.loads(line)
            if answer["status"] != "SUCCEEDED" or json.loads(answer["output"])["last"]["step"] != definitions.PASS_STATES - 1:
                raise RuntimeError(f"StartSyncExecution answered {line}")
