"""Each write of each operation fails, before it is applied or after it was; whoever called recovers, and calls again."""
import json
import time

import botocore.exceptions
import pytest

import conftest
import ledger as ledgers
import operations

TABLE = sorted(operations.concrete(), key=lambda kind: kind.__name__)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A server whose store fails when the test says so, with an agent's identity that commands can be sent to."""
    folder = tmp_path_factory.mktemp("faults")
    order = folder / "order"
    server = conftest.CrashingServer(folder / "data", environment={"NIGHTSHIFT_STORE_FAULT_FILE": str(order)})
    server.order = order
    agent = conftest.load("agents").Agent(server, folder / "agent")
    agent.stop()
    operations.SendCommand.node = agent.instance_id
    yield server
    server.end()


def clients_of(server):
    made = {}

    def client(service):
        if service not in made:
            made[service] = server.client(service)
        return made[service]

    return client


def revive(server):
    """Starts the server again if it ended, as it must when it no longer knows what is stored."""
    if server.process.poll() is not None:
        server.start()


def once(server, operation):
    """Calls once; returns the error that passes, if any."""
    try:
        operation.call()
        return None
    except (botocore.exceptions.EndpointConnectionError, botocore.exceptions.HTTPClientError) as error:
        return error
    except botocore.exceptions.ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500, f"a fault of the store is told as the caller's: {error}"
        return error


def again(server, operation):
    """Calls until it is done; an error that says that it was done before is as good."""
    deadline = time.monotonic() + 30
    while True:
        revive(server)
        try:
            return operation.call()
        except (botocore.exceptions.EndpointConnectionError, botocore.exceptions.HTTPClientError) as error:
            problem = error
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in operation.repeated:
                return None
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500, f"a repetition is refused: {error}"
            problem = error
        assert time.monotonic() < deadline, f"a repetition never works: {problem}"
        time.sleep(0.1)


@pytest.mark.parametrize("fault", ["before", "after"])
@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.__name__)
def test_an_operation_whose_write_fails_can_be_repeated(faulty, kind, fault):
    server = faulty
    reached = 0
    for index in range(1, 5):
        revive(server)
        server.order.unlink(missing_ok=True)
        operation = kind(clients_of(server), f"{kind.__name__}-{fault}-{index}")
        server.order.write_text(f"{fault} {index}")
        error = once(server, operation)
        if error is None and server.order.exists():
            server.order.unlink(missing_ok=True)
            break
        reached += 1
        server.order.unlink(missing_ok=True)
        if error is not None:
            again(server, operation)
        revive(server)
        ledgers.within(20, lambda: holds(operation), f"{kind.__name__} is done after its write {index} failed {fault}")
    assert reached, "the operation wrote nothing"


def holds(operation):
    """The check, which may have to wait for what goes on in the background."""
    try:
        operation.check()
        return True
    except (AssertionError, KeyError) as problem:
        holds.problem = problem
        return False


def test_what_the_server_said_is_what_the_next_start_says(faulty):
    """Nothing of a failed write stays in memory alone: all is there after a kill."""
    server = faulty
    done = []
    for kind in TABLE:
        for fault in ("before", "after"):
            revive(server)
            server.order.unlink(missing_ok=True)
            operation = kind(clients_of(server), f"{kind.__name__}-{fault}-durable")
            server.order.write_text(f"{fault} 1")
            once(server, operation)
            server.order.unlink(missing_ok=True)
            again(server, operation)
            done.append(operation)
    server.kill()
    server.start()
    for operation in done:
        ledgers.within(20, lambda: holds(operation), f"{operation.n}: {getattr(holds, 'problem', None)}")


@pytest.mark.parametrize("number", [1, 10])
def test_a_fault_of_the_disk_ends_the_server(crashing_server, number):
    """After a synchronisation that failed nobody knows what is on the disk: the process must end, and read it."""
    server = crashing_server
    client = server.client("ssm")
    client.put_parameter(Name="before", Value="v", Type="String")
    server.kill()
    acknowledged = ["before"]
    if starts(server, f"sync-error:{number}"):
        for n in range(100):
            try:
                client.put_parameter(Name=f"p{n}", Value="v", Type="String")
                acknowledged.append(f"p{n}")
            except (botocore.exceptions.ClientError, botocore.exceptions.HTTPClientError):
                break
        assert len(acknowledged) < 100, "no synchronisation failed"
        ledgers.within(15, lambda: server.process.poll() is not None, "the process ends by itself")
    server.start()
    for name in acknowledged:
        assert client.get_parameter(Name=name)["Parameter"]["Value"] == "v"


def starts(server, point):
    """Whether it starts at all."""
    try:
        return server.start(point)
    except RuntimeError:
        return False


def test_a_task_waits_for_the_store_that_it_needs(faulty):
    """A full disk or a lost connection is no outcome of a task: the same call is made again, and takes effect once."""
    server = faulty
    revive(server)
    states, topics = server.client("stepfunctions"), server.client("sns")
    topic = topics.create_topic(Name="patient")["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=operations.ARN.format("lambda", "function:absent"))
    task = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": {"TopicArn": topic, "Message": "m"}, "End": True}
    arn = states.create_state_machine(
        name="patient", definition=json.dumps({"StartAt": "T", "States": {"T": task}}), roleArn=operations.machines.ROLE)["stateMachineArn"]
    for index in range(1, 4):
        server.order.write_text(f"before {index}")
        started = ledgers.Started("patient", f"p{index}", 0, arn.replace(":stateMachine:", ":execution:") + f":p{index}", None)
        for attempt in ledgers.attempts():
            with attempt:
                states.start_execution(stateMachineArn=arn, name=started.name)
                break
        answer = ledgers.await_ends(states, [started], seconds=20)[started.arn]
        server.order.unlink(missing_ok=True)
        assert answer["status"] == "SUCCEEDED", (index, answer)
        events = ledgers.history(states, started.arn)
        ledgers.check_history(events)
        ledgers.check_tasks(events)
