"""Objects while the server is killed: what was acknowledged reads back whole, what was not is old or new, never half.

CRASH_KILLS sets how often the long run kills (`make crash-test`); CRASH_SEED makes another night of it.
"""
import os
import random

import pytest

import kills
import object_ledger

KILLS = int(os.environ.get("CRASH_KILLS", "40"))
SEED = int(os.environ.get("CRASH_SEED", "20261121"))

POINTS = {
    "before an object's row is stored": ("before-commit:{}:object", 1, 20),
    "after an object's row was stored, before anybody hears": ("after-commit:{}:object", 1, 20),
    "at a read": ("read:{}", 1, 30),
    "in the middle of a write to the log": ("wal-write:{}", 1, 200),
    "before the log is synchronised": ("sync:{}", 1, 40),
}


def planned(dice, count):
    chosen = [(kind, form.format(dice.randint(first, last)), 8) for kind, (form, first, last) in POINTS.items()]
    chosen += [("at any moment", None, dice.uniform(0.05, 2)) for _ in range(count)]
    dice.shuffle(chosen)
    return chosen


def disturbed(make_server, deaths):
    server = make_server()
    server.client("s3").create_bucket(Bucket=object_ledger.BUCKET)
    ledger = object_ledger.ObjectLedger(server, SEED)
    try:
        died = kills.disturb(server, deaths)
    finally:
        ledger.stop()
    ledger.check()
    for kind, count in sorted(died.items()):
        print(f"{count:5}  {kind}")
    return server, died


def files(server):
    return [path for path in (server.data / "objects").rglob("*") if path.is_file()]


def test_an_object_is_old_or_new_and_never_half_whenever_the_server_dies(make_server):
    server, died = disturbed(make_server, planned(random.Random(SEED), 5))
    assert not [kind for kind in died if kind.startswith("not reached")], died
    # What no row names is swept away by the next start.
    s3 = server.client("s3")
    for upload in s3.list_multipart_uploads(Bucket=object_ledger.BUCKET).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=object_ledger.BUCKET, Key=upload["Key"], UploadId=upload["UploadId"])
    objects = s3.list_objects_v2(Bucket=object_ledger.BUCKET).get("Contents", [])
    server.stop()
    server.start()
    assert sum(path.stat().st_size for path in files(server)) == sum(one["Size"] for one in objects)


@pytest.mark.acceptance
@pytest.mark.timeout(7200)
def test_objects_survive_hundreds_of_deaths(make_server):
    disturbed(make_server, planned(random.Random(f"{SEED} long"), KILLS))
