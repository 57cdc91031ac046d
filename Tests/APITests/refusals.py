"""Calls that fail, as boto3 tells it."""
import botocore.exceptions
import pytest


def refusal(call, **arguments):
    """The error of a boto3 call: its `Code` and `Message`."""
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]


def error(call, **arguments):
    """The error of a boto3 call, as `code: message`."""
    answer = refusal(call, **arguments)
    return f"{answer['Code']}: {answer['Message']}"
