#!/usr/bin/env python3
"""Deploys the choreography: a bus, the state machine of an order, two functions, the rules, and a queue for orders that failed.

Plain boto3, nothing of Nightshift's own: with other credentials and no AWS_ENDPOINT_URL it deploys the same to AWS. Run it again to update.

    AWS_ENDPOINT_URL=http://127.0.0.1:7070 AWS_SHARED_CREDENTIALS_FILE=DATA/admin-credentials AWS_PROFILE=nightshift \\
    AWS_DEFAULT_REGION=us-east-1 ./deploy.py
"""
import argparse
import dataclasses
import io
import json
import pathlib
import zipfile

import boto3

HERE = pathlib.Path(__file__).resolve().parent
# Where permissions come from on AWS; Nightshift checks the form of a role's ARN alone.
ROLE = "arn:aws:iam::000000000000:role/choreography"
BUS, MACHINE, FAILED = "orders", "order", "failed-orders"


@dataclasses.dataclass(frozen=True)
class Deployment:
    """What was deployed."""

    bus: str
    state_machine: str
    failed_orders: str


def deploy(client, role=ROLE):
    """Deploys everything; `client` makes a boto3 client by its service's name."""
    events, queues = client("events"), client("sqs")
    try:
        bus = events.create_event_bus(Name=BUS)["EventBusArn"]
    except events.exceptions.ResourceAlreadyExistsException:
        bus = events.describe_event_bus(Name=BUS)["Arn"]
    machine = put_state_machine(client("stepfunctions"), (HERE / "state-machine.asl.json").read_text(), role)
    functions = client("lambda")
    arns = {
        "start-order": put_function(functions, "start-order", "start_order.py", {"STATE_MACHINE_ARN": machine}, role),
        "resume-order": put_function(functions, "resume-order", "resume_order.py", {}, role),
    }
    for rule in json.loads((HERE / "rules.json").read_text()):
        arn = events.put_rule(
            Name=rule["Name"], Description=rule["Description"], EventBusName=BUS, EventPattern=json.dumps(rule["EventPattern"]))["RuleArn"]
        allow(functions, rule["Function"], arn)
        events.put_targets(Rule=rule["Name"], EventBusName=BUS, Targets=[{"Id": "function", "Arn": arns[rule["Function"]]}])
    # The service's own event of an order that failed, on the default bus.
    queue = queues.create_queue(QueueName=FAILED)["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["aws.states"], "detail-type": ["Step Functions Execution Status Change"],
               "detail": {"status": ["FAILED", "TIMED_OUT", "ABORTED"], "stateMachineArn": [machine]}}
    rule = events.put_rule(Name="order-failed", EventPattern=json.dumps(pattern))["RuleArn"]
    queues.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy(arn, rule))})
    events.put_targets(Rule="order-failed", Targets=[{"Id": "queue", "Arn": arn}])
    return Deployment(bus, machine, queue)


def put_state_machine(workflows, definition, role):
    """Creates the state machine or gives it the new definition; returns its ARN."""
    for page in workflows.get_paginator("list_state_machines").paginate():
        for machine in page["stateMachines"]:
            if machine["name"] == MACHINE:
                workflows.update_state_machine(stateMachineArn=machine["stateMachineArn"], definition=definition, roleArn=role)
                return machine["stateMachineArn"]
    return workflows.create_state_machine(name=MACHINE, definition=definition, roleArn=role)["stateMachineArn"]


def put_function(functions, name, file, environment, role):
    """Creates the function or brings it up to date; returns its ARN when it can be invoked."""
    code, handler = zipped(file), file.removesuffix(".py") + ".lambda_handler"
    configuration = {"Handler": handler, "Role": role, "Runtime": "python3.12", "Timeout": 30, "Environment": {"Variables": environment}}
    try:
        functions.create_function(FunctionName=name, Code={"ZipFile": code}, **configuration)
    except functions.exceptions.ResourceConflictException:
        functions.update_function_code(FunctionName=name, ZipFile=code)
        functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        functions.update_function_configuration(FunctionName=name, **configuration)
    functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return functions.get_function(FunctionName=name)["Configuration"]["FunctionArn"]


def allow(functions, name, rule):
    """Lets a rule invoke a function; AWS asks for that, Nightshift keeps it."""
    try:
        functions.add_permission(
            FunctionName=name, StatementId="rule", Action="lambda:InvokeFunction", Principal="events.amazonaws.com", SourceArn=rule)
    except functions.exceptions.ResourceConflictException:
        pass


def policy(queue, rule):
    """Lets a rule send to a queue; AWS asks for that, Nightshift keeps it."""
    return {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}}}]}


def zipped(file):
    """One file of `functions/` as a deployment package."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(HERE / "functions" / file, file)
    return package.getvalue()


def main():
    parser = argparse.ArgumentParser(description="Deploy the choreography.")
    parser.add_argument("--role", default=ROLE, help="role of functions and state machine (default: %(default)s)")
    print(json.dumps(dataclasses.asdict(deploy(boto3.client, parser.parse_args().role)), indent=2))


if __name__ == "__main__":
    main()
