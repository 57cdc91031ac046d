"""Starts the state machine of an order that was placed. The order's number is the execution's name, so an event that comes twice starts one."""
import json
import os

import boto3

workflows = boto3.client("stepfunctions")


def lambda_handler(event, context):
    order = event["detail"]["order_id"]
    try:
        started = workflows.start_execution(
            stateMachineArn=os.environ["STATE_MACHINE_ARN"], name=order, input=json.dumps(event))
    except workflows.exceptions.ExecutionAlreadyExists:
        return {"order_id": order, "execution": None}
    return {"order_id": order, "execution": started["executionArn"]}
