"""Sends prepared requests: compiles the C program beside on first use, writes its plan, reads its figures."""
import hashlib
import json
import os
import pathlib
import subprocess
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent.parent / "sender"
START = "AWSStepFunctions.StartExecution"


def program():
    """The compiled program's path, in the user's cache; compiled again when its source has changed."""
    files = sorted(SOURCE.glob("*.[ch]"))
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "nightshift-benchmarks"
    built = cache / f"sender-{digest}"
    if not built.exists():
        cache.mkdir(parents=True, exist_ok=True)
        fresh = cache / f"sender-{digest}.{os.getpid()}"
        sources = [str(file) for file in files if file.suffix == ".c"]
        subprocess.run([os.environ.get("CC", "cc"), "-O2", "-std=gnu17", "-o", str(fresh), *sources], check=True)
        fresh.rename(built)
    return str(built)


class SendFailed(Exception):
    """The sender gave up, or requests were refused."""


def send(server, requests=(), *, get=None, connections=1, count=1, seconds=0, rate=0, values=None, tokens=None, allow_errors=False,
         **settings):
    """Sends requests and returns the sender's figures.

    requests: pairs of target and body, used in turn; `get` a path instead, unsigned. At most `count`, for at most `seconds`; `rate` a
    second, or as fast as they are answered. tokens: root key in hexadecimal, account, execution numbers. Other settings go into the
    plan as they are.
    """
    key, secret = server.key
    with tempfile.TemporaryDirectory(prefix="nightshift-sender-") as folder:
        lines = ["host 127.0.0.1", f"port {server.port}", f"access-key {key}", f"secret-key {secret}", f"connections {connections}",
                 f"count {count}", f"seconds {seconds}", f"rate {rate}"]
        lines += [f"{name.replace('_', '-')} {value}" for name, value in settings.items()]
        if values is not None:
            lines.append(f"values {write_lines(folder, 'values', values)}")
        if tokens is not None:
            root, account, executions = tokens
            lines.append(f"tokens {root} {account} {write_lines(folder, 'executions', executions)}")
        lines += [f"request {target} {body if isinstance(body, str) else json.dumps(body)}" for target, body in requests]
        if get:
            lines.append(f"get {get}")
        plan = write_lines(folder, "plan", lines)
        done = subprocess.run([program(), plan], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SendFailed(done.stderr.strip() or f"the sender ended with {done.returncode}")
    result = json.loads(done.stdout)
    if result["errors"] and not allow_errors:
        raise SendFailed(f"{result['errors']} of {result['answered']} requests failed; the first: {result['first_error']}")
    return result


def write_lines(folder, name, lines):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    return path
