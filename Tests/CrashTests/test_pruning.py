"""The server dies while it forgets what ended long ago: an execution is there whole or not at all, and what runs stays."""
import json

import ledger as ledgers
import machines

DAY = 86_400
FORGETTING = "DELETE FROM history_chunk"
DEATHS = [f"before-commit:1:{FORGETTING}", f"after-commit:1:{FORGETTING}", f"after-commit:2:{FORGETTING}", "checkpoint-write:3"]


def test_a_death_while_executions_are_forgotten_leaves_none_in_part(make_server, wall):
    server = make_server(environment={"NIGHTSHIFT_CLOCK_OFFSET_FILE": str(wall.file), "NIGHTSHIFT_POWER_CUT": "lost"})
    client = server.client("stepfunctions")
    arns = machines.create(client, ["chain", "long"])
    ask = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish.waitForTaskToken", "End": True,
           "Parameters": {"TopicArn": server.client("sns").create_topic(Name="nobody")["TopicArn"], "Message.$": "$$.Task.Token"}}
    arns["running"] = client.create_state_machine(
        name="running", definition=json.dumps({"StartAt": "T", "States": {"T": ask}}), roleArn=machines.ROLE)["stateMachineArn"]
    started = []
    for machine, count in [("running", 3), ("long", 8), ("chain", 230), ("running", 3)]:
        for n in range(count):
            name = f"{machine}-{len(started)}"
            answer = client.start_execution(stateMachineArn=arns[machine], name=name, input=json.dumps({"n": n}))
            started.append(ledgers.Started(machine, name, n, answer["executionArn"], answer["startDate"]))
    closed = [one for one in started if one.machine != "running"]
    ledgers.await_ends(client, closed)
    server.kill()
    wall.set(91 * DAY)

    left = [len(closed)]
    for death in DEATHS:
        if server.start(death):
            server.dies(5)
        # Looked at on a day on which nothing is old.
        wall.set(0)
        server.start()
        left.append(whole(client, closed))
        server.kill()
        wall.set(91 * DAY)
    assert left == sorted(left, reverse=True) and left[1] == left[0] > left[2], left
    server.start()
    ledgers.within(60, lambda: whole(client, closed) == 0, "all that ended is forgotten")
    for one in started:
        if one.machine == "running":
            assert client.describe_execution(executionArn=one.arn)["status"] == "RUNNING"
            ledgers.history(client, one.arn)
    again = client.start_execution(stateMachineArn=arns["chain"], name=closed[-1].name, input="{}")
    assert again["startDate"] > closed[-1].start_date, "the name is not free"


def whole(client, executions):
    """How many are still there; each of those whole."""
    count = 0
    for number, one in enumerate(executions):
        try:
            answer = client.describe_execution(executionArn=one.arn)
            events = ledgers.history(client, one.arn) if one.machine == "chain" and number % 10 == 0 else None
        except client.exceptions.ExecutionDoesNotExist:
            continue
        count += 1
        assert json.loads(answer["output"]) == machines.MACHINES[one.machine][1](one.n), one
        if events:
            ledgers.check_history(events)
    return count
