"""Operations that write, one by one: how each is prepared, called, and seen to have been done once.

Each takes a text that is unique to one try, and clients by service. `repeated` names the errors by which a repetition of a call whose first
attempt was taken may be answered.
"""
import io
import json
import zipfile

import machines

ARN = "arn:aws:{}:us-east-1:000000000000:{}"
PASS = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
OTHER = json.dumps({"StartAt": "Q", "States": {"Q": {"Type": "Pass", "End": True}}})
WAIT = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}})


def archive(text):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr("index.py", text)
    return buffer.getvalue()


class Operation:
    """One operation on one resource."""

    repeated = ()

    def __init__(self, clients, n):
        self.clients, self.n = clients, n
        self.states, self.ssm, self.events, self.sns, self.functions = (
            clients(service) for service in ("stepfunctions", "ssm", "events", "sns", "lambda"))
        self.prepare()

    def prepare(self):
        pass

    def call(self):
        raise NotImplementedError

    def check(self):
        raise NotImplementedError


# State machines and executions


class CreateStateMachine(Operation):
    def call(self):
        self.states.create_state_machine(name=self.n, definition=PASS, roleArn=machines.ROLE)

    def check(self):
        named = [machine for page in self.states.get_paginator("list_state_machines").paginate() for machine in page["stateMachines"]
                 if machine["name"] == self.n]
        assert len(named) == 1 and self.states.describe_state_machine(stateMachineArn=named[0]["stateMachineArn"])["definition"] == PASS


class OnStateMachine(Operation):
    definition = PASS

    def prepare(self):
        self.arn = self.states.create_state_machine(name=self.n, definition=self.definition, roleArn=machines.ROLE)["stateMachineArn"]


class UpdateStateMachine(OnStateMachine):
    def call(self):
        self.states.update_state_machine(stateMachineArn=self.arn, definition=OTHER)

    def check(self):
        assert self.states.describe_state_machine(stateMachineArn=self.arn)["definition"] == OTHER
        execution = self.states.start_execution(stateMachineArn=self.arn)["executionArn"]
        names = [event["stateEnteredEventDetails"]["name"] for event in self.states.get_execution_history(executionArn=execution)["events"]
                 if "stateEnteredEventDetails" in event]
        assert names == ["Q"], "an execution ran the old definition"


class DeleteStateMachine(OnStateMachine):
    def call(self):
        self.states.delete_state_machine(stateMachineArn=self.arn)

    def check(self):
        assert self.arn not in [machine["stateMachineArn"] for page in self.states.get_paginator("list_state_machines").paginate()
                                for machine in page["stateMachines"]]


class TagStateMachine(OnStateMachine):
    def call(self):
        self.states.tag_resource(resourceArn=self.arn, tags=[{"key": "a", "value": "1"}])

    def check(self):
        assert self.states.list_tags_for_resource(resourceArn=self.arn)["tags"] == [{"key": "a", "value": "1"}]


class StartExecution(OnStateMachine):
    repeated = ("ExecutionAlreadyExists",)

    def call(self):
        self.states.start_execution(stateMachineArn=self.arn, name="one")

    def check(self):
        listed = self.states.list_executions(stateMachineArn=self.arn)["executions"]
        assert [(one["name"], one["status"]) for one in listed] == [("one", "SUCCEEDED")]


class StopExecution(OnStateMachine):
    definition = WAIT

    def prepare(self):
        super().prepare()
        self.execution = self.states.start_execution(stateMachineArn=self.arn, name="one")["executionArn"]

    def call(self):
        self.states.stop_execution(executionArn=self.execution, error="Stopped")

    def check(self):
        assert self.states.describe_execution(executionArn=self.execution)["status"] == "ABORTED"
        types = [event["type"] for event in self.states.get_execution_history(executionArn=self.execution)["events"]]
        assert types.count("ExecutionAborted") == 1 and types[-1] == "ExecutionAborted"


class SendTaskSuccess(Operation):
    repeated = ("TaskTimedOut", "TaskDoesNotExist")

    def prepare(self):
        topic = self.sns.create_topic(Name="tokens-" + self.n)["TopicArn"]
        task = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish.waitForTaskToken", "TimeoutSeconds": 3600, "End": True,
                "Parameters": {"TopicArn": topic, "Message.$": "$$.Task.Token"}}
        ask = {"StartAt": "T", "States": {"T": {**task}}}
        arn = self.states.create_state_machine(name=self.n, definition=json.dumps(ask), roleArn=machines.ROLE)["stateMachineArn"]
        self.execution = self.states.start_execution(stateMachineArn=arn)["executionArn"]
        scheduled = None
        while scheduled is None:
            events = self.states.get_execution_history(executionArn=self.execution)["events"]
            scheduled = next((event for event in events if event["type"] == "TaskScheduled"), None)
        self.token = json.loads(scheduled["taskScheduledEventDetails"]["parameters"])["Message"]

    def call(self):
        self.states.send_task_success(taskToken=self.token, output='{"a": 1}')

    def check(self):
        answer = self.states.describe_execution(executionArn=self.execution)
        assert answer["status"] == "SUCCEEDED" and json.loads(answer["output"]) == {"a": 1}, answer
        types = [event["type"] for event in self.states.get_execution_history(executionArn=self.execution)["events"]]
        assert types.count("TaskSucceeded") == types.count("TaskScheduled") == 1, types


class SendTaskFailure(SendTaskSuccess):
    def call(self):
        self.states.send_task_failure(taskToken=self.token, error="Wrong")

    def check(self):
        assert self.states.describe_execution(executionArn=self.execution)["error"] == "Wrong"


# Parameters and commands


class PutParameter(Operation):
    repeated = ("ParameterAlreadyExists",)

    def call(self):
        self.ssm.put_parameter(Name=self.n, Value="v", Type="SecureString")

    def check(self):
        parameter = self.ssm.get_parameter(Name=self.n, WithDecryption=True)["Parameter"]
        assert (parameter["Value"], parameter["Version"]) == ("v", 1)


class OverwriteParameter(Operation):
    def prepare(self):
        self.ssm.put_parameter(Name=self.n, Value="v", Type="String")

    def call(self):
        self.ssm.put_parameter(Name=self.n, Value="w", Type="String", Overwrite=True)

    def check(self):
        history = self.ssm.get_parameter_history(Name=self.n)["Parameters"]
        assert [one["Version"] for one in history] == list(range(1, len(history) + 1))
        assert {one["Value"] for one in history[1:]} == {"w"} and len(history) in (2, 3)


class LabelParameter(OverwriteParameter):
    def call(self):
        self.ssm.label_parameter_version(Name=self.n, Labels=["x"])

    def check(self):
        assert [one["Labels"] for one in self.ssm.get_parameter_history(Name=self.n)["Parameters"]] == [["x"]]


class DeleteParameter(OverwriteParameter):
    repeated = ("ParameterNotFound",)

    def call(self):
        self.ssm.delete_parameter(Name=self.n)

    def check(self):
        assert self.ssm.get_parameters(Names=[self.n])["InvalidParameters"] == [self.n]


class TagParameter(OverwriteParameter):
    def call(self):
        self.ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=self.n, Tags=[{"Key": "a", "Value": "1"}])

    def check(self):
        assert self.ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=self.n)["TagList"] == [{"Key": "a", "Value": "1"}]


class CreateActivation(Operation):
    def call(self):
        self.activation = self.ssm.create_activation(IamRole="r", DefaultInstanceName=self.n)["ActivationId"]

    def check(self):
        found = [one["ActivationId"] for page in self.ssm.get_paginator("describe_activations").paginate()
                 for one in page["ActivationList"] if one.get("DefaultInstanceName") == self.n]
        # Each call is one of its own; a first one that nobody heard of may be there too.
        assert self.activation in found and len(found) <= 2


class SendCommand(Operation):
    node = None  # set by the test

    def call(self):
        self.sent = self.ssm.send_command(InstanceIds=[self.node], DocumentName="AWS-RunShellScript", Comment=self.n,
                                          Parameters={"commands": ["true"]})["Command"]["CommandId"]

    def check(self):
        assert self.ssm.list_command_invocations(CommandId=self.sent)["CommandInvocations"][0]["InstanceId"] == self.node


class CancelCommand(SendCommand):
    def prepare(self):
        self.sent = self.ssm.send_command(InstanceIds=[self.node], DocumentName="AWS-RunShellScript", Comment=self.n,
                                          Parameters={"commands": ["sleep 600"]})["Command"]["CommandId"]

    def call(self):
        self.ssm.cancel_command(CommandId=self.sent)

    def check(self):
        assert self.ssm.list_commands(CommandId=self.sent)["Commands"][0]["Status"] in ("Cancelled", "Cancelling")


# Rules


class PutRule(Operation):
    def call(self):
        self.events.put_rule(Name=self.n, ScheduleExpression="rate(1 day)", Tags=[{"Key": "a", "Value": "1"}])

    def check(self):
        assert self.events.describe_rule(Name=self.n)["ScheduleExpression"] == "rate(1 day)"
        assert self.events.list_tags_for_resource(ResourceARN=ARN.format("events", "rule/" + self.n))["Tags"]


class OnRule(Operation):
    def prepare(self):
        self.events.put_rule(Name=self.n, ScheduleExpression="rate(1 day)")


class DisableRule(OnRule):
    def call(self):
        self.events.disable_rule(Name=self.n)

    def check(self):
        assert self.events.describe_rule(Name=self.n)["State"] == "DISABLED"


class DeleteRule(OnRule):
    def call(self):
        self.events.delete_rule(Name=self.n)

    def check(self):
        assert not self.events.list_rules(NamePrefix=self.n)["Rules"]


class PutTargets(OnRule):
    def call(self):
        assert self.events.put_targets(Rule=self.n, Targets=[{"Id": "t", "Arn": ARN.format("sns", "x")}])["FailedEntryCount"] == 0

    def check(self):
        assert [target["Id"] for target in self.events.list_targets_by_rule(Rule=self.n)["Targets"]] == ["t"]


class RemoveTargets(PutTargets):
    def prepare(self):
        super().prepare()
        super().call()

    def call(self):
        self.events.remove_targets(Rule=self.n, Ids=["t"])

    def check(self):
        assert self.events.list_targets_by_rule(Rule=self.n)["Targets"] == []


# Topics


class CreateTopic(Operation):
    def call(self):
        self.sns.create_topic(Name=self.n)

    def check(self):
        self.sns.get_topic_attributes(TopicArn=ARN.format("sns", self.n))
        arns = [topic["TopicArn"] for page in self.sns.get_paginator("list_topics").paginate() for topic in page["Topics"]]
        assert arns.count(ARN.format("sns", self.n)) == 1


class OnTopic(Operation):
    def prepare(self):
        self.arn = self.sns.create_topic(Name=self.n)["TopicArn"]


class Subscribe(OnTopic):
    def call(self):
        self.sns.subscribe(TopicArn=self.arn, Protocol="email", Endpoint="a@example.com")

    def check(self):
        assert len(self.sns.list_subscriptions_by_topic(TopicArn=self.arn)["Subscriptions"]) == 1


class SetTopicAttributes(OnTopic):
    def call(self):
        self.sns.set_topic_attributes(TopicArn=self.arn, AttributeName="DisplayName", AttributeValue="shown")

    def check(self):
        assert self.sns.get_topic_attributes(TopicArn=self.arn)["Attributes"]["DisplayName"] == "shown"


class TagTopic(OnTopic):
    def call(self):
        self.sns.tag_resource(ResourceArn=self.arn, Tags=[{"Key": "a", "Value": "1"}])

    def check(self):
        assert self.sns.list_tags_for_resource(ResourceArn=self.arn)["Tags"] == [{"Key": "a", "Value": "1"}]


class Publish(OnTopic):
    def prepare(self):
        super().prepare()
        # A function needs no confirmation; that there is none by this name does not matter.
        self.sns.subscribe(TopicArn=self.arn, Protocol="lambda", Endpoint=ARN.format("lambda", "function:absent"))

    def call(self):
        self.sns.publish(TopicArn=self.arn, Message=self.n)

    def check(self):
        pass


class DeleteTopic(Publish):
    def call(self):
        self.sns.delete_topic(TopicArn=self.arn)

    def check(self):
        assert self.arn not in [topic["TopicArn"] for page in self.sns.get_paginator("list_topics").paginate() for topic in page["Topics"]]


# Functions


class CreateFunction(Operation):
    repeated = ("ResourceConflictException",)

    def call(self):
        self.functions.create_function(
            FunctionName=self.n, Runtime="python3.12", Role=machines.ROLE, Handler="index.handler",
            Code={"ZipFile": archive("def handler(event, context): return 1")})

    def check(self):
        assert self.functions.get_function(FunctionName=self.n)["Configuration"]["FunctionName"] == self.n
        names = [one["FunctionName"] for page in self.functions.get_paginator("list_functions").paginate() for one in page["Functions"]]
        assert names.count(self.n) == 1


class OnFunction(CreateFunction):
    repeated = ()

    def prepare(self):
        CreateFunction.call(self)


class UpdateFunctionConfiguration(OnFunction):
    def call(self):
        self.functions.update_function_configuration(FunctionName=self.n, Description="new")

    def check(self):
        assert self.functions.get_function_configuration(FunctionName=self.n)["Description"] == "new"


class UpdateFunctionCode(OnFunction):
    def call(self):
        self.digest = self.functions.update_function_code(
            FunctionName=self.n, ZipFile=archive("def handler(event, context): return 2"))["CodeSha256"]

    def check(self):
        assert self.functions.get_function_configuration(FunctionName=self.n)["CodeSha256"] == self.digest


class PublishVersion(OnFunction):
    def call(self):
        self.functions.publish_version(FunctionName=self.n)

    def check(self):
        versions = [one["Version"] for one in self.functions.list_versions_by_function(FunctionName=self.n)["Versions"]]
        assert versions == ["$LATEST", "1"]


class AddPermission(OnFunction):
    repeated = ("ResourceConflictException",)

    def call(self):
        self.functions.add_permission(FunctionName=self.n, StatementId="s", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com")

    def check(self):
        assert len(json.loads(self.functions.get_policy(FunctionName=self.n)["Policy"])["Statement"]) == 1


class PutFunctionConcurrency(OnFunction):
    def call(self):
        self.functions.put_function_concurrency(FunctionName=self.n, ReservedConcurrentExecutions=3)

    def check(self):
        assert self.functions.get_function_concurrency(FunctionName=self.n)["ReservedConcurrentExecutions"] == 3


class InvokeEvent(OnFunction):
    def call(self):
        assert self.functions.invoke(FunctionName=self.n, InvocationType="Event", Payload="{}")["StatusCode"] == 202


class DeleteFunction(OnFunction):
    repeated = ("ResourceNotFoundException",)

    def call(self):
        self.functions.delete_function(FunctionName=self.n)

    def check(self):
        assert self.n not in [one["FunctionName"] for page in self.functions.get_paginator("list_functions").paginate() for one in page["Functions"]]


def concrete(base=Operation):
    """All operations of the table."""
    for kind in base.__subclasses__():
        yield from concrete(kind)
        if not kind.__name__.startswith("On"):
            yield kind
