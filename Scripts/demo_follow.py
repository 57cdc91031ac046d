"""Shows an execution while it runs: states as they are entered, the command's output lines as they come."""
import json
import sys
import time

IS_TERMINAL = sys.stdout.isatty()


def paint(code, text):
    """The text in a colour, on a terminal."""
    return f"\033[{code}m{text}\033[0m" if IS_TERMINAL else text


class Follower:
    """One execution, watched through the public API alone: its history and its command's log streams."""

    OUTPUT_LOG_GROUP = "/aws/ssm/AWS-RunShellScript"

    def __init__(self, workflows, logs, execution):
        self._workflows, self._logs, self._execution = workflows, logs, execution
        self._last_event, self._entered, self._started = 0, {}, None
        self._seen_lines = set()
        self.command_id = None

    def run(self, check, timeout=120.0):
        """Prints until the execution has ended and returns its description, or None when it did not end in time."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            check()
            # Asked before the history is read, so that nothing of an ended execution is missed.
            description = self._workflows.describe_execution(executionArn=self._execution)
            self._show_events()
            self._show_output()
            if description["status"] != "RUNNING":
                return description
            time.sleep(0.2)
        return None

    def _show_events(self):
        pages = self._workflows.get_paginator("get_execution_history").paginate(executionArn=self._execution)
        for event in (event for page in pages for event in page["events"]):
            if event["id"] > self._last_event:
                self._last_event = event["id"]
                self._show_event(event)

    def _show_event(self, event):
        kind, at = event["type"], event["timestamp"]
        self._started = self._started or at
        moment = f"{(at - self._started).total_seconds():7.2f} s"
        if kind.endswith("StateEntered"):
            name = event["stateEnteredEventDetails"]["name"]
            self._entered[name] = at
            print(f"{moment}  {paint(36, '▶ ' + name)}")
        elif kind.endswith("StateExited"):
            details = event["stateExitedEventDetails"]
            took = (at - self._entered.get(details["name"], at)).total_seconds()
            print(f"{moment}  {paint(32, '✔ ' + details['name'])} ({took:.2f} s){self._remark(details)}")
        elif kind.startswith("Execution") and kind != "ExecutionStarted":
            print(f"{moment}  {paint(1, kind)}")
        elif kind.endswith(("Failed", "TimedOut")):
            details = next((value for name, value in event.items() if name.endswith("EventDetails")), {})
            print(f"{moment}  {paint(31, kind)} {details.get('error', '')} {details.get('cause', '')}".rstrip())
        sys.stdout.flush()

    def _remark(self, details):
        """What the batch's own states are worth telling about."""
        output = json.loads(details.get("output") or "{}")
        if details["name"] == "RunCommand-Run":
            self.command_id = output["RunCommand-Run-Result"]["commandId"]
            return f"  command {self.command_id}"
        if details["name"] == "RunCommand-GetStatus":
            return f"  status {output['RunCommand-GetStatus-Result']['RunCommandStatus']}"
        return ""

    def _show_output(self):
        """Lines that the agent has sent since the last look."""
        if not self.command_id:
            return
        try:
            pages = self._logs.get_paginator("filter_log_events").paginate(
                logGroupName=self.OUTPUT_LOG_GROUP, logStreamNamePrefix=self.command_id
            )
            for line in (line for page in pages for line in page["events"]):
                if line["eventId"] not in self._seen_lines:
                    self._seen_lines.add(line["eventId"])
                    colour = 31 if line["logStreamName"].endswith("stderr") else 90
                    print(f"{'':9}  {paint(colour, '│ ' + line['message'].rstrip())}", flush=True)
        except self._logs.exceptions.ResourceNotFoundException:
            pass  # The group is made with its first line.

    @property
    def line_count(self):
        return len(self._seen_lines)
