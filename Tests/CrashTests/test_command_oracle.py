"""The checker of the chaos notices what it is there for."""
import collections

import pytest

from command_load import Sent
from command_oracle import Verdict, check_status, fits

Node = collections.namedtuple("Node", "killed rebooted")


def verdict(kind="quick", status="Success", details=None, code=0, began=True, exit_code=0, cancel_asked=False):
    sent = Sent("t", kind, ["mi-1"], 0.0, code=exit_code, id="c", cancel_asked=cancel_asked)
    return Verdict(sent, "mi-1", "c", status, details or status, code, began)


RIGHT = [
    (verdict(), 1, 1),
    (verdict("fails", "Failed", code=7, exit_code=7), 1, 1),
    (verdict("short delivery", "TimedOut", "DeliveryTimedOut", -1, began=False), 0, 0),
    (verdict("times out", "TimedOut", "ExecutionTimedOut", 137), 1, 0),
    (verdict("spread", "Cancelled", "Terminated", -1, began=False), 0, 0),
    (verdict("cancelled", "Cancelled", code=-1, began=False, cancel_asked=True), 0, 0),
    (verdict("stubborn", "Cancelled", code=137, cancel_asked=True), 1, 0),
]
WRONG = [
    (verdict(), 0, 0),  # a success that never ran
    (verdict(), 1, 0),  # and one that did not end
    (verdict(code=3), 1, 1),
    (verdict(status="Failed", code=3), 1, 1),  # an exit code that nobody gave
    (verdict(status="Failed", details="SupervisorLost", code=-1), 1, 0),
    (verdict(status="Failed", details="NodeRebooted", code=-1), 1, 0),
    (verdict("short delivery", "TimedOut", "DeliveryTimedOut", -1), 1, 1),  # not delivered, and it ran
    (verdict(status="TimedOut", details="DeliveryTimedOut", code=-1), 0, 0),  # it had an hour
    (verdict(status="TimedOut", details="ExecutionTimedOut", code=137), 1, 0),
    (verdict("spread", "Cancelled", "Terminated", -1), 1, 1),
    (verdict(status="Cancelled", code=-1), 0, 0),  # nobody has asked
    (verdict("cancelled", "Cancelled", code=-1, began=False, cancel_asked=True), 1, 0),
    (verdict(status="Failed", details="Undeliverable", code=-1), 0, 0),
]


@pytest.mark.parametrize("one, begun, ended", RIGHT)
def test_what_is_right_passes(one, begun, ended):
    check_status(one, Node(set(), set()), begun, ended)


@pytest.mark.parametrize("one, begun, ended", WRONG)
def test_what_is_wrong_is_noticed(one, begun, ended):
    with pytest.raises(AssertionError):
        check_status(one, Node(set(), set()), begun, ended)


@pytest.mark.parametrize("details", ["SupervisorLost", "NodeRebooted"])
def test_what_the_test_itself_did_passes(details):
    check_status(verdict(status="Failed", details=details, code=-1), Node({"c"}, {"c"}), 1, 0)


@pytest.mark.parametrize("found", ["", "a\n", "a\nb\nb\nc\n", "a\nc\nb\n", "b\nc\n", "a\nb\nc\nd\n"])
def test_lost_doubled_and_misplaced_output_is_noticed(found):
    with pytest.raises(AssertionError):
        fits(found, "a\nb\nc\n", True, "output")


@pytest.mark.parametrize("found, is_right", [("a\n", True), ("a\nb\n", True), ("", True), ("b\n", False), ("a\na\n", False)])
def test_of_a_run_that_was_cut_off_a_beginning_is_there(found, is_right):
    if is_right:
        fits(found, "a\nb\nc\n", False, "output")
    else:
        with pytest.raises(AssertionError):
            fits(found, "a\nb\nc\n", False, "output")
