"""Objects: one of a gigabyte in and out, against what the disk does by itself, and what it costs in memory."""
import contextlib
import hashlib
import os
import pathlib
import time

from .. import machine, moto, wire
from ..server import ServerFailed

GIGABYTE, BLOCK = 1 << 30, 1 << 20
SHARE, GROWTH_MB = 0.5, 64


def run(bench):
    """PUT and GET of one object of 1 GB over one connection, its bytes not in the cache; memory; many small objects."""
    size = 64 * BLOCK if bench.quick else GIGABYTE
    with moto.running(bench) as yardstick, bench.server() as server, bench.folder() as folder:
        source = folder / "source"
        digest = write_source(source, size)
        wrote, read = disk(folder, source, size)
        server.client("s3").create_bucket(Bucket="bench")
        small = transfer(server, source, min(size, 64 * BLOCK), "/bench/small", None)
        reset_peak(server.pid)
        before = machine.resident_bytes(server.pid)
        large = transfer(server, source, size, "/bench/large", digest, server.data)
        peak = machine.peak_bytes(server.pid)
        beside = None
        if yardstick is not None:
            yardstick.client("s3").create_bucket(Bucket="bench")
            beside = transfer(yardstick, source, min(size, 64 * BLOCK), "/bench/small", None)
        bench.keep("seconds", {"small": small, "large": large, "moto": beside, "disk": (size / wrote, size / read)})

        def beside_moto(index):
            return {"moto, 64 MB": 64 * BLOCK / beside[index] / 1e6} if beside and not bench.quick else {}

        name = f"{size / GIGABYTE:g} GB"
        bench.figure(f"PUT of {name}, share of the disk's own rate", size / large[0] / wrote, "", at_least=SHARE)
        bench.figure(f"GET of {name}, share of the disk's own rate", size / large[1] / read, "", at_least=SHARE)
        bench.figure(f"PUT of {name}", size / large[0] / 1e6, "MB/s", yardsticks={"disk": wrote / 1e6, "MD5": md5_rate() / 1e6, **beside_moto(0)})
        bench.figure(f"GET of {name}", size / large[1] / 1e6, "MB/s", yardsticks={"disk": read / 1e6, **beside_moto(1)})
        bench.figure(f"both: resident memory, the most above {before / 1e6:.0f} MB", (peak - before) / 1e6, "MB", at_most=GROWTH_MB)


def write_source(path, size):
    """Writes a file of random bytes; returns its MD5."""
    digest, block = hashlib.md5(usedforsecurity=False), os.urandom(BLOCK)
    with open(path, "wb") as file:
        for number in range(size // BLOCK):
            part = number.to_bytes(8, "big") + block[8:]
            digest.update(part)
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def disk(folder, source, size):
    """What the disk does by itself: bytes a second written in blocks of 1 MB until fsync has returned, and read that are not in the cache."""
    block = os.urandom(BLOCK)
    with open(folder / "raw", "wb", buffering=0) as file:
        began = time.monotonic()
        for _ in range(size // BLOCK):
            file.write(block)
        os.fsync(file.fileno())
        wrote = size / (time.monotonic() - began)
    os.unlink(folder / "raw")
    forget(source)
    with open(source, "rb", buffering=0) as file:
        began = time.monotonic()
        while file.read(BLOCK):
            pass
        return wrote, size / (time.monotonic() - began)


def md5_rate():
    """What one core makes of MD5, which every ETag needs."""
    block, began = os.urandom(64 * BLOCK), time.monotonic()
    hashlib.md5(block, usedforsecurity=False).digest()
    return len(block) / (time.monotonic() - began)


def forget(path):
    """Takes a file's pages out of the cache."""
    file = os.open(path, os.O_RDONLY)
    with contextlib.closing(os.fdopen(file, "rb")):
        os.fsync(file)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


def transfer(server, source, size, path, digest, data=None):
    """PUT and GET of a file's beginning; the seconds of both. With `data` the server's own files are taken out of the cache in between."""
    with open(source, "rb") as file:  # the client's disk must not count
        while file.read(BLOCK):
            pass
    with contextlib.closing(wire.connect(server)) as connection, open(source, "rb") as file:
        began = time.monotonic()
        connection.sendall(wire.signed_object(server, "PUT", path, size))
        connection.sendfile(file, 0, size)
        wire.read_head(connection)
        put = time.monotonic() - began
    if data is not None:
        for stored in pathlib.Path(data, "objects").rglob("*"):
            if stored.is_file():
                forget(stored)
    buffer = bytearray(BLOCK)
    with contextlib.closing(wire.connect(server)) as connection:
        began = time.monotonic()
        connection.sendall(wire.signed_object(server, "GET", path))
        length, rest = wire.read_head(connection)
        got = len(rest)
        while got < length:
            count = connection.recv_into(buffer)
            if count == 0:
                raise ServerFailed(f"an object of {length} bytes ended after {got}")
            got += count
        get = time.monotonic() - began
    if got != size:
        raise ServerFailed(f"an object of {size} bytes came back with {got}")
    if digest is not None:
        etag = server.client("s3").head_object(Bucket="bench", Key=path.rpartition("/")[2])["ETag"]
        if etag != f'"{digest}"':
            raise ServerFailed(f"the object's ETag is {etag}, the MD5 is {digest}")
    return put, get


def reset_peak(pid):
    """Lets the kernel count the most resident memory from now on (proc(5), clear_refs)."""
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5\n")
