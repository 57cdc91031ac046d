"""Calls that fail, as boto3 tells it."""
import botocore.exceptions
import pytest


def error(call, **arguments):
    """The error of a boto3 call, as `code: message`."""
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    answer = raised.value.response["Error"]
    return f"{answer['Code']}: {answer['Message']}"
