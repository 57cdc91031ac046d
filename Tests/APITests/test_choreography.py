"""The choreography of Examples/choreography: events on a bus start one execution per order and move it on; what must not happen fails it."""
import importlib.util
import json
import os
import subprocess
import sys

import pytest

from conftest import ROOT, Server
from polling import ended, until

# By its path: each example has a module `deploy`.
_specification = importlib.util.spec_from_file_location("choreography_deploy", ROOT / "Examples" / "choreography" / "deploy.py")
choreography = importlib.util.module_from_spec(_specification)
sys.modules[_specification.name] = choreography
_specification.loader.exec_module(choreography)

SERVICES = {"OrderPlaced": "orders", "PaymentReceived": "payments", "PaymentFailed": "payments", "PaymentRefunded": "payments",
            "StockReserved": "stock", "StockMissing": "stock", "OrderDispatched": "dispatch", "OrderDelivered": "dispatch"}
GOOD = ["PaymentReceived", "StockReserved", "OrderDispatched", "OrderDelivered"]


class Shop:
    """A server with the deployed choreography."""

    def __init__(self, folder):
        self.server = Server(folder / "data")
        self.deployed = choreography.deploy(self.server.client)
        self.states, self.events, self.sqs = (self.server.client(name) for name in ("stepfunctions", "events", "sqs"))

    def publish(self, order, event):
        entry = {"EventBusName": "orders", "Source": f"shop.{SERVICES[event]}", "DetailType": event,
                 "Detail": json.dumps({"order_id": order})}
        assert self.events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    def arn(self, order):
        return self.deployed.state_machine.replace(":stateMachine:", ":execution:") + f":{order}"

    def waits_in(self, order, state):
        """Waits until the order's execution waits in a state."""
        def entered():
            try:
                events = self.states.get_execution_history(executionArn=self.arn(order), maxResults=1000)["events"]
            except self.states.exceptions.ExecutionDoesNotExist:
                return False
            names = [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]
            return names and names[-1] == state and events[-1]["type"] == "TaskSubmitted"

        until(entered, 30, f"order {order} waits in {state}")

    def end(self, order):
        return ended(self.states, self.arn(order), 40)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    shop = Shop(tmp_path_factory.mktemp("choreography"))
    yield shop
    shop.server.stop()


def test_an_order_goes_through_all_its_events(shop):
    shop.publish("1001", "OrderPlaced")
    for state, event in zip(["Await payment", "Await stock", "Await dispatch", "Await delivery"], GOOD):
        shop.waits_in("1001", state)
        shop.publish("1001", event)
    assert shop.end("1001")["status"] == "SUCCEEDED"
    with pytest.raises(shop.server.client("ssm").exceptions.ParameterNotFound):
        shop.server.client("ssm").get_parameter(Name="/orders/1001/token")


def test_an_order_is_started_once_however_often_its_event_comes(shop):
    for _ in range(3):
        shop.publish("1002", "OrderPlaced")
    shop.waits_in("1002", "Await payment")
    shop.publish("1002", "PaymentFailed")
    assert shop.end("1002")["status"] == "SUCCEEDED"
    listed = shop.states.list_executions(stateMachineArn=shop.deployed.state_machine)["executions"]
    assert [one["name"] for one in listed].count("1002") == 1


def test_an_event_that_comes_before_its_step_is_heard_all_the_same(shop):
    shop.publish("1003", "OrderPlaced")
    shop.publish("1003", "PaymentReceived")  # the execution may not even have been started
    shop.waits_in("1003", "Await stock")
    shop.publish("1003", "StockMissing")
    shop.waits_in("1003", "Await refund")
    shop.publish("1003", "PaymentRefunded")
    assert shop.end("1003")["status"] == "SUCCEEDED"


def test_an_unexpected_event_fails_the_order_and_somebody_hears_of_it(shop):
    shop.publish("1004", "OrderPlaced")
    shop.waits_in("1004", "Await payment")
    shop.publish("1004", "OrderDelivered")
    description = shop.end("1004")
    assert (description["status"], description["error"]) == ("FAILED", "Order.UnexpectedEvent")
    assert description["cause"] == "OrderDelivered came for order 1004, where PaymentReceived or PaymentFailed was due"

    def told():
        for message in shop.sqs.receive_message(QueueUrl=shop.deployed.failed_orders, WaitTimeSeconds=5).get("Messages", []):
            event = json.loads(message["Body"])
            if event["detail"]["name"] == "1004":
                return event
        return None

    event = until(told, 30, "the queue for failed orders has a message")
    assert (event["source"], event["detail-type"], event["detail"]["status"]) == (
        "aws.states", "Step Functions Execution Status Change", "FAILED")


def test_orders_go_on_after_the_server_was_killed(shop):
    shop.publish("1005", "OrderPlaced")
    shop.waits_in("1005", "Await payment")
    for state, event in zip(["Await stock", "Await dispatch", "Await delivery"], GOOD):
        shop.publish("1005", event)
        shop.server.kill()  # whatever was under way
        shop.server.start()
        shop.waits_in("1005", state)
    shop.publish("1005", "OrderDelivered")
    assert shop.end("1005")["status"] == "SUCCEEDED"


def test_services_publish_with_the_cli(shop):
    credentials = shop.server.credentials
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}", "AWS_ENDPOINT_URL": shop.server.url, "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": credentials.access_key, "AWS_SECRET_ACCESS_KEY": credentials.secret_key}
    script = ROOT / "Examples" / "choreography" / "publish.sh"
    subprocess.run([script, "orders", "OrderPlaced", "1006", '{"amount": 99}'], env=environment, check=True, timeout=60)
    shop.waits_in("1006", "Await payment")
    assert json.loads(shop.states.describe_execution(executionArn=shop.arn("1006"))["input"])["detail"] == {"order_id": "1006", "amount": 99}
    shop.states.stop_execution(executionArn=shop.arn("1006"))
