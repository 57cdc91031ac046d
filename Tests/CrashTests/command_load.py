"""Clients that send commands while everything breaks. Each command writes down on its node that it begins and that it ends."""
import dataclasses
import random
import threading
import time

import botocore.exceptions

import ledger as ledgers

GROUP, BUCKET = "/chaos", "chaos-output"
SHOWN = 24_000  # characters of its output that the API shows of a command
SHORT = 30  # seconds: the shortest delivery timeout that Systems Manager takes

# What a command does, and how often of a hundred it is sent.
KINDS = {
    "quick": 28, "fails": 10, "lines": 14, "bulk": 5, "long": 12, "cancelled": 10, "stubborn": 3, "times out": 4, "short delivery": 8,
    "spread": 6,
}


@dataclasses.dataclass
class Sent:
    """A command as its sender knows it."""

    token: str
    kind: str
    nodes: list
    at: float
    code: int = 0
    stdout: str = ""
    stderr: str = ""
    id: str | None = None  # nil until the server has acknowledged it
    cancel_asked: bool = False
    more: dict = dataclasses.field(default_factory=dict)

    @property
    def may_time_out(self):
        return self.kind == "short delivery"


class CommandLoad:
    """Threads that send commands of all kinds to nodes at random, until stopped. A call that fails is not repeated: it may have worked."""

    def __init__(self, server, nodes, folder, seed, threads=3, per_second=4.0):
        self.server, self.nodes, self.folder, self.seed = server, list(nodes), folder, seed
        self.marks = folder / "marks"
        self.marks.touch()
        self.pause = threads / per_second
        self.sent, self.problems = {}, []
        self.lock, self.stopping = threading.Lock(), threading.Event()
        server.client("s3").create_bucket(Bucket=BUCKET)
        self.threads = [threading.Thread(target=self._work, args=(number,)) for number in range(threads)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=120)
        assert not any(thread.is_alive() for thread in self.threads), "a sender hangs"
        assert not self.problems, self.problems[:5]

    def _work(self, number):
        dice, client, count = random.Random(f"{self.seed} sender {number}"), self.server.client("ssm", read_timeout=20), 0
        while not self.stopping.is_set():
            token = f"c{number}-{count}"
            try:
                self._send(client, dice, token)
            except Exception as problem:  # noqa: BLE001 (a thread's failure must reach the test)
                self.problems.append(f"{token}: {problem!r}")
                return
            count += 1
            # Without a server there is nobody to load.
            self.stopping.wait(dice.uniform(0, 2 * self.pause) + (0 if self.sent[token].id else 0.5))

    def _send(self, client, dice, token):
        sent, script, options = self._draw(dice, token)
        with self.lock:
            self.sent[token] = sent
        delay = dice.uniform(0, 2)
        try:
            answer = client.send_command(
                InstanceIds=sent.nodes, DocumentName="AWS-RunShellScript", Comment=token,
                Parameters={"commands": script.split("\n"), **sent.more.get("parameters", {})}, **options)
        except botocore.exceptions.ClientError as error:
            if ledgers.may_pass(error):
                return
            raise
        except (botocore.exceptions.HTTPClientError, botocore.exceptions.EndpointConnectionError):
            return
        sent.id = answer["Command"]["CommandId"]
        if sent.kind in ("cancelled", "stubborn"):
            self.stopping.wait(delay)
            sent.cancel_asked = True
            try:
                client.cancel_command(CommandId=sent.id)
            except botocore.exceptions.ClientError as error:
                if not ledgers.may_pass(error):
                    raise
            except (botocore.exceptions.HTTPClientError, botocore.exceptions.EndpointConnectionError):
                pass

    def _draw(self, dice, token):
        """A command of some kind: what is known of it, its script, and options of its call."""
        kind = dice.choices(list(KINDS), KINDS.values())[0]
        sent = Sent(token, kind, [dice.choice(self.nodes)], time.monotonic())
        body, options = getattr(self, "_" + kind.replace(" ", "_"))(dice, sent)
        if sent.stdout and dice.random() < 0.7:
            options["CloudWatchOutputConfig"] = {"CloudWatchOutputEnabled": True, "CloudWatchLogGroupName": GROUP}
            sent.more["in the log"] = True
        if dice.random() < 0.4:
            options |= {"OutputS3BucketName": BUCKET, "OutputS3KeyPrefix": "night"}
            sent.more["in the bucket"] = True
        mark = f"echo %s {token} $AWS_SSM_INSTANCE_ID $$ >> '{self.marks}'"
        return sent, "\n".join([mark % "BEGIN", body, mark % "END", f"exit {sent.code}"]), options

    # The kinds: the body of the script, and options; they write down what its output will be.

    def _quick(self, dice, sent):
        sent.stdout = f"{sent.token} was here\n"
        return f"echo {sent.token} was here", {}

    def _fails(self, dice, sent):
        sent.code, sent.stdout, sent.stderr = dice.randint(1, 120), f"{sent.token} tries\n", f"{sent.token} gives up\n"
        return f"echo {sent.token} tries; echo {sent.token} gives up >&2", {}

    def _lines(self, dice, sent):
        """Lines on both streams, with pauses."""
        rounds, pause = dice.randint(2, 6), dice.choice([0, 0.1, 0.5])
        sent.stdout = "".join(f"{sent.token} out {number}\n" for number in range(rounds * 50))
        sent.stderr = "".join(f"{sent.token} err {number}\n" for number in range(rounds))
        return (f"n=0; r=0; while [ $r -lt {rounds} ]; do echo {sent.token} err $r >&2; i=0\n"
                f"while [ $i -lt 50 ]; do echo {sent.token} out $n; n=$((n+1)); i=$((i+1)); done; sleep {pause}; r=$((r+1)); done"), {}

    def _bulk(self, dice, sent):
        """Some megabytes."""
        count = dice.randint(10_000, 40_000)
        sent.stdout = "".join(f"{sent.token} {number} {'x' * 40}\n" for number in range(count))
        return f"""awk 'BEGIN {{ for (i = 0; i < {count}; i++) print "{sent.token} " i " {'x' * 40}" }}'""", {}

    def _long(self, dice, sent):
        seconds = dice.randint(3, 12)
        sent.stdout = "".join(f"{sent.token} second {number}\n" for number in range(seconds))
        return f"i=0; while [ $i -lt {seconds} ]; do echo {sent.token} second $i; i=$((i+1)); sleep 1; done", {}

    def _cancelled(self, dice, sent):
        sent.stdout = f"{sent.token} begins\n"
        return f"echo {sent.token} begins; sleep {dice.choice([0, 1, 20])}", {}

    def _stubborn(self, dice, sent):
        """Asked to end, it does not: it is killed, with what it has started."""
        sent.stdout = f"{sent.token} stays\n"
        return f"trap '' TERM; echo {sent.token} stays; (setsid sleep 300 &) ; i=0; while [ $i -lt 60 ]; do sleep 1; i=$((i+1)); done", {}

    def _times_out(self, dice, sent):
        sent.stdout, sent.more["parameters"] = f"{sent.token} waits\n", {"executionTimeout": ["2"]}
        return f"echo {sent.token} waits; sleep 60", {}

    def _short_delivery(self, dice, sent):
        sent.stdout = f"{sent.token} in time\n"
        return f"echo {sent.token} in time", {"TimeoutSeconds": SHORT}

    def _spread(self, dice, sent):
        """To all nodes, one or two at a time; on some it fails, and one failure too many ends it."""
        sent.nodes, sent.code = list(self.nodes), dice.choice([0, 0, 7])
        return "sleep 0.3", {"MaxConcurrency": dice.choice(["1", "2"]), "MaxErrors": dice.choice(["0", "1", "100%"])}
