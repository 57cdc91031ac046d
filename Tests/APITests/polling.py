"""Waiting for what happens by itself."""
import time

SECONDS = 30


def until(condition, seconds=SECONDS, what="what was waited for"):
    """Polls until the condition gives something true, and returns that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def ended(states, execution, seconds=SECONDS):
    """The description of an execution once it has ended."""
    def description():
        answer = states.describe_execution(executionArn=execution)
        return answer if answer["status"] != "RUNNING" else None

    return until(description, seconds, f"{execution} has ended")
