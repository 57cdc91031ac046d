#!/usr/bin/env python3
"""Deploys the nightly batch: two functions, a topic with its mail subscription, the state machine, the nightly rule.

Plain boto3, nothing of Nightshift's own: with other credentials and no AWS_ENDPOINT_URL it deploys the same to AWS. Run it again to update.

    AWS_ENDPOINT_URL=http://127.0.0.1:7070 AWS_SHARED_CREDENTIALS_FILE=DATA/admin-credentials AWS_PROFILE=nightshift \\
    AWS_DEFAULT_REGION=us-east-1 ./deploy.py --instance-id mi-… --mail support@example.com \\
        --command '/opt/crawler/crawler.sh /opt/crawler/sites.txt'
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
ROLE = "arn:aws:iam::000000000000:role/nightly-batch"


@dataclasses.dataclass(frozen=True)
class Deployment:
    """What was deployed, by ARN."""

    send_command: str
    get_status: str
    topic: str
    state_machine: str
    rule: str


def deploy(client, instance_id, command, mail, command_timeout=3600, role=ROLE):
    """Deploys everything; `client` makes a boto3 client by its service's name. The mail's owner still has to confirm the subscription."""
    environment = {"INSTANCE_ID": instance_id, "TIMEOUT_SECONDS": str(command_timeout), "BATCH_COMMAND": command}
    send_command = put_function(client("lambda"), "SendCommand", "send_command.py", environment, role)
    get_status = put_function(client("lambda"), "GetStatus", "get_status.py", {}, role)
    sns = client("sns")
    topic = sns.create_topic(Name="nightly-batch-support")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=mail, ReturnSubscriptionArn=True)
    definition = fill_in(
        "state-machine.asl.json", SendCommandFunctionArn=send_command, GetStatusFunctionArn=get_status, SupportTopicArn=topic
    )
    state_machine = put_state_machine(client("stepfunctions"), "nightly-batch", definition, role)
    events = client("events")
    rule = events.put_rule(**json.loads((HERE / "rule.json").read_text()))["RuleArn"]
    events.put_targets(**json.loads(fill_in("rule-targets.json", StateMachineArn=state_machine, RoleArn=role)))
    return Deployment(send_command, get_status, topic, state_machine, rule)


def put_function(functions, name, file, environment, role):
    """Creates the function or brings it up to date; returns its ARN when it can be invoked."""
    code, handler = zipped(file), file.removesuffix(".py") + ".lambda_handler"
    configuration = {"Handler": handler, "Role": role, "Runtime": "python3.11", "Timeout": 30, "Environment": {"Variables": environment}}
    try:
        functions.create_function(FunctionName=name, Code={"ZipFile": code}, **configuration)
    except functions.exceptions.ResourceConflictException:
        functions.update_function_code(FunctionName=name, ZipFile=code)
        functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        functions.update_function_configuration(FunctionName=name, **configuration)
    functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return functions.get_function(FunctionName=name)["Configuration"]["FunctionArn"]


def put_state_machine(workflows, name, definition, role):
    """Creates the state machine or gives it the new definition; returns its ARN."""
    for page in workflows.get_paginator("list_state_machines").paginate():
        for machine in page["stateMachines"]:
            if machine["name"] == name:
                arn = machine["stateMachineArn"]
                workflows.update_state_machine(stateMachineArn=arn, definition=definition, roleArn=role)
                return arn
    return workflows.create_state_machine(name=name, definition=definition, roleArn=role)["stateMachineArn"]


def zipped(file):
    """One file of `functions/` as a deployment package."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(HERE / "functions" / file, file)
    return package.getvalue()


def fill_in(file, **values):
    """A file of this folder with its ${placeholders} replaced. JSONPath's single `$` stays."""
    text = (HERE / file).read_text()
    for name, value in values.items():
        text = text.replace("${%s}" % name, value)
    return text


def main():
    parser = argparse.ArgumentParser(description="Deploy the nightly batch.")
    parser.add_argument("--instance-id", required=True, help="the managed node on which the batch runs")
    parser.add_argument("--command", required=True, help="the batch's command line there")
    parser.add_argument("--mail", required=True, help="who is told when it fails")
    parser.add_argument("--role", default=ROLE, help="role of functions, state machine and rule (default: %(default)s)")
    arguments = parser.parse_args()
    deployment = deploy(boto3.client, arguments.instance_id, arguments.command, arguments.mail, role=arguments.role)
    print(json.dumps(dataclasses.asdict(deployment), indent=2))


if __name__ == "__main__":
    main()
