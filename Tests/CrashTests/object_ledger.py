"""Clients that write, replace, delete and read objects while the server is killed, and what must be true of what they read.

Each key has one writer, so it is known at any time what may stand there: what was acknowledged last, or what was tried since. Whatever is read
is one of those, whole: its MD5 is its ETag.
"""
import hashlib
import random
import threading
import time

import botocore.exceptions

import ledger as ledgers

BUCKET, MISSING = "crash", "missing"
PART = 5 << 20  # the smallest part that is not the last


class Key:
    """What may stand under a key: the last acknowledged state, and those tried since."""

    def __init__(self, name):
        self.name = name
        self.possible = [MISSING]
        self.lock = threading.Lock()

    def tries(self, state):
        with self.lock:
            self.possible.append(state)

    def has(self, state):
        with self.lock:
            # What was tried before may not come back.
            self.possible = self.possible[self.possible.index(state):]

    def snapshot(self):
        with self.lock:
            return list(self.possible)


class ObjectLedger:
    """The load, and what is known of it."""

    def __init__(self, server, seed, writers=3, keys=6):
        self.server, self.seed = server, seed
        self.keys = {number: [Key(f"folder-{number}/{n}") for n in range(keys)] for number in range(writers)}
        self.problems, self.writes, self.reads = [], 0, 0
        self.running = threading.Event()
        self.running.set()
        jobs = [(self.write, number) for number in self.keys] + [(self.read, number) for number in range(2)]
        self.threads = [threading.Thread(target=self.guard, args=job) for job in jobs]
        for thread in self.threads:
            thread.start()

    def guard(self, job, argument):
        try:
            job(argument)
        except Exception as problem:  # noqa: BLE001 (a thread's failure must reach the test)
            self.problems.append(f"{job.__name__} {argument}: {problem!r}")

    def write(self, number):
        s3 = self.server.client("s3")
        dice, count = random.Random(f"{self.seed} {number}"), 0
        while self.running.is_set():
            key, count = dice.choice(self.keys[number]), count + 1
            if dice.random() < 0.1:
                self.attempt(key, MISSING, s3.delete_object, Bucket=BUCKET, Key=key.name)
            elif dice.random() < 0.03:
                self.put_in_parts(s3, key, f"{key.name} {count}".encode(), dice)
            else:
                size = dice.choice([0, 10, 1_000, 70_000, 3_000_000])
                body = f"{key.name} {count} ".encode() + dice.randbytes(size)
                self.attempt(key, etag_of(body), s3.put_object, Bucket=BUCKET, Key=key.name, Body=body)
            time.sleep(0.01)

    def put_in_parts(self, s3, key, start, dice):
        parts = [start + dice.randbytes(PART), dice.randbytes(1_000)]
        digests = b"".join(hashlib.md5(part, usedforsecurity=False).digest() for part in parts)
        state = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-2"

        def upload():
            upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key.name)["UploadId"]
            done = [{"PartNumber": n, "ETag": s3.upload_part(Bucket=BUCKET, Key=key.name, UploadId=upload, PartNumber=n, Body=part)["ETag"]}
                    for n, part in enumerate(parts, 1)]
            s3.complete_multipart_upload(Bucket=BUCKET, Key=key.name, UploadId=upload, MultipartUpload={"Parts": done})

        self.attempt(key, state, upload)

    def attempt(self, key, state, call, **arguments):
        """One try, unlike a sender's: what became of it stays open until the next one succeeds."""
        key.tries(state)
        try:
            call(**arguments)
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as problem:
            if isinstance(problem, botocore.exceptions.ClientError) and not ledgers.may_pass(problem):
                raise
            time.sleep(0.1)
            return
        key.has(state)
        self.writes += 1

    def read(self, number):
        s3, dice = self.server.client("s3"), random.Random(f"{self.seed} read {number}")
        while self.running.is_set():
            self.look(s3, dice.choice(dice.choice(list(self.keys.values()))))
            time.sleep(0.01)

    def look(self, s3, key):
        """Reads an object; returns whether that succeeded."""
        before = key.snapshot()
        try:
            answer = s3.get_object(Bucket=BUCKET, Key=key.name)
            body = answer["Body"].read()
        except s3.exceptions.NoSuchKey:
            state = MISSING
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as problem:
            if isinstance(problem, botocore.exceptions.ClientError) and not ledgers.may_pass(problem):
                raise
            return False
        else:
            state = answer["ETag"].strip('"')
            whole = "-" in state or state == etag_of(body)
            if not whole or not body.startswith(key.name.encode()):
                self.problems.append(f"{key.name}: {len(body)} bytes that are not those of {state}")
        self.reads += 1
        if state not in before and state not in key.snapshot():
            self.problems.append(f"{key.name}: {state} stands there, which is none of {before}")
        return True

    def stop(self):
        self.running.clear()
        for thread in self.threads:
            thread.join(timeout=90)

    def check(self):
        """Reads everything once more, and compares the list with it."""
        s3 = self.server.client("s3")
        keys = [key for some in self.keys.values() for key in some]
        for key in keys:
            assert self.look(s3, key), f"{key.name} cannot be read"
        assert not self.problems, self.problems[:5]
        listed = {one["Key"]: one["ETag"].strip('"') for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
                  for one in page.get("Contents", [])}
        for key in keys:
            assert listed.get(key.name, MISSING) in key.possible, key.name
        assert self.writes > 50, "hardly anything was written"
        print(f"{self.writes} writes were acknowledged, {self.reads} objects were read whole")


def etag_of(body):
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
