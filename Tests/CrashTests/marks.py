"""The ledger outside: what functions, commands, webhooks and mails did in the world, whatever the server remembers."""
import collections
import http.server
import json
import pathlib
import queue
import tempfile
import threading
import urllib.request

from aiosmtpd.controller import Controller


class Marks:
    """A web address for functions and webhooks, a mailbox, and a file for commands, all outside of the server."""

    def __init__(self, free_port):
        self.lock = threading.Lock()
        self.marks = collections.defaultdict(list)
        self.tokens = queue.Queue()
        self.confirmations = queue.Queue()
        self.folder = tempfile.TemporaryDirectory(prefix="nightshift-marks-")
        self.commands = pathlib.Path(self.folder.name) / "commands"
        self.commands.touch()
        ledger = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if len(body) < int(self.headers["Content-Length"]):
                    return  # who posted died meanwhile
                ledger.posted(json.loads(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.web.server_port}/"
        threading.Thread(target=self.web.serve_forever, daemon=True).start()
        self.mail_port = free_port()
        self.mail = Controller(self, hostname="127.0.0.1", port=self.mail_port)
        self.mail.start()

    def close(self):
        self.web.shutdown()
        self.web.server_close()
        self.mail.stop()
        self.folder.cleanup()

    def add(self, kind, name, value):
        with self.lock:
            self.marks[kind, name].append(value)

    def of(self, kind, name):
        """The marks of one kind that an execution left, in order."""
        if kind == "command":
            return [line for line in self.commands.read_text().splitlines() if line == name]
        with self.lock:
            return list(self.marks[kind, name])

    def posted(self, body):
        """What was posted: a function's mark, a topic's message or its question."""
        if "kind" in body:
            self.add(body["kind"], body["name"], body.get("attempt"))
        elif body["Type"] == "SubscriptionConfirmation":
            self.confirmations.put(body["SubscribeURL"])
        elif body["Message"].startswith("{"):
            event = json.loads(body["Message"])
            self.add("tick", event["resources"][0].rpartition("/")[2], event["time"])
        else:
            words = body["Message"].split(" ")
            self.add("webhook", words[0], body["MessageId"])
            if len(words) == 2:
                self.tokens.put((words[0], words[1]))

    async def handle_DATA(self, _server, _session, envelope):
        import email
        import email.policy
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text = mail.get_body(("plain",)).get_content()
        if "ConfirmSubscription" in text:
            self.confirmations.put(next(word for word in text.split() if "Action=ConfirmSubscription" in word))
        else:
            self.add("mail", text.split()[0], mail["Message-ID"])
        return "250 taken"

    def confirm(self):
        """Opens the next link by which a subscription is confirmed."""
        with urllib.request.urlopen(self.confirmations.get(timeout=30), timeout=10) as answer:
            assert answer.status == 200
