"""Hands an event to the execution of its order, by the task token that the execution keeps under the order's number.

An event may be faster than the execution that shall hear of it: then the token is that of the step before, or there is none yet, and a moment
later the right one is there. Who finds none at all fails, and is invoked again (an asynchronous invocation is retried twice).
"""
import json
import os
import time

import boto3

workflows, parameters = boto3.client("stepfunctions"), boto3.client("ssm")
PATIENCE = float(os.environ.get("PATIENCE_SECONDS", "10"))


def lambda_handler(event, context):
    order = event["detail"]["order_id"]
    told = {"id": event["id"], "detail-type": event["detail-type"], "detail": event["detail"]}
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        kept = token_of(order)
        if kept is not None:
            if kept["after"] == event["id"]:
                return {"order_id": order, "heard": "before"}
            try:
                workflows.send_task_success(taskToken=kept["token"], output=json.dumps(told))
                return {"order_id": order, "heard": event["detail-type"]}
            except (workflows.exceptions.TaskTimedOut, workflows.exceptions.TaskDoesNotExist, workflows.exceptions.InvalidToken):
                pass  # The step before has been told; the next one is about to keep its token.
        time.sleep(0.1)
    raise RuntimeError(f"order {order} waits for no event; {event['detail-type']} {event['id']} was not heard")


def token_of(order):
    """The token that the order's execution waits with, and the event that brought it there; None when there is none."""
    try:
        return json.loads(parameters.get_parameter(Name=f"/orders/{order}/token")["Parameter"]["Value"])
    except parameters.exceptions.ParameterNotFound:
        return None
