"""The state machines that are measured."""
import json

PASS_STATES = 10


def pass_chain(length=PASS_STATES):
    """Pass states in a row, each putting its result into the input (EngineBenchmark/PassChain.swift is the same)."""
    states = {}
    for index in range(length):
        states[f"S{index}"] = {"Type": "Pass", "Result": {"step": index}, "ResultPath": "$.last"}
        states[f"S{index}"].update({"Next": f"S{index + 1}"} if index + 1 < length else {"End": True})
    return json.dumps({"StartAt": "S0", "States": states}, separators=(",", ":"))


def callback_tasks(length, topic):
    """Tasks in a row that publish to a topic without subscribers and then wait for their token to come back."""
    states = {}
    for index in range(length):
        states[f"T{index}"] = {
            "Type": "Task", "Resource": "arn:aws:states:::sns:publish.waitForTaskToken", "TimeoutSeconds": 3600,
            "Parameters": {"TopicArn": topic, "Message.$": "$$.Task.Token"}, "ResultPath": "$.last"}
        states[f"T{index}"].update({"Next": f"T{index + 1}"} if index + 1 < length else {"End": True})
    return json.dumps({"StartAt": "T0", "States": states})


def wait_until():
    """Waits until the instant in the input's field `at`."""
    return json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "TimestampPath": "$.at", "End": True}}})


def inline_map():
    """A Map over the input's field `items`; each result is about forty bytes."""
    item = {"Type": "Pass", "Parameters": {"item.$": "$", "text": "x" * 20}, "End": True}
    return json.dumps({
        "StartAt": "M",
        "States": {"M": {"Type": "Map", "ItemsPath": "$.items", "End": True,
                         "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "I", "States": {"I": item}}}},
    })


def endless_loop(rounds):
    """Passes through about `rounds` states: two to a round of counting."""
    return json.dumps({
        "StartAt": "Zero",
        "States": {
            "Zero": {"Type": "Pass", "Result": {"i": 0}, "Next": "Add"},
            "Add": {"Type": "Pass", "Parameters": {"i.$": "States.MathAdd($.i, 1)"}, "Next": "Enough"},
            "Enough": {"Type": "Choice", "Choices": [{"Variable": "$.i", "NumericGreaterThanEquals": rounds // 2, "Next": "Done"}],
                       "Default": "Add"},
            "Done": {"Type": "Succeed"},
        },
    })


def start_requests(arn, target, named=False):
    """Start requests that differ in size and text; `named` with random names by the client."""
    inputs = ['{"order":%n%,"items":[1,2,3],"who":"bench"}', '{"order":%n%,"items":[4,5,6],"who":"night"}',
              '{"order":%n%,"items":[7,8],"who":"shift","at":12}', '{"who":"bench","items":[9],"order":%n%,"on":true}']
    name = {"name": "%uuid%"} if named else {}
    return [(target, {"stateMachineArn": arn, "input": text, **name}) for text in inputs]
