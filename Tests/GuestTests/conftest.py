"""What needs systemd as process 1 and cgroup v2 of a real kernel: packages, units, control groups, reboots, in a Debian guest.

`Scripts/guest-check` runs these tests; `make test` does not, for they need root, qemu, debootstrap, Debian's mirror and minutes.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "APITests"))

FOLDER = os.environ.get("NIGHTSHIFT_GUEST")
collect_ignore_glob = [] if FOLDER else ["test_*.py"]

if FOLDER:
    from guest import Guest, Image
    from host import Host


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """What the guest is given: the packages in two versions, and the Swift runtime of a debug build."""
    build = pathlib.Path(os.environ.get("NIGHTSHIFT_BUILD", ROOT / ".build" / "release"))
    folder = tmp_path_factory.mktemp("files")
    for version in Host.VERSIONS:
        subprocess.run([str(ROOT / "Packaging" / "make-deb"), "--from", str(build), "--output", str(folder), "--version", version, "--quick"],
                       check=True)
    copy_runtime(build / "nightshift", folder / "runtime")
    return folder


def copy_runtime(program, folder):
    """Libraries of the Swift toolchain that a program is linked with; a release build has them within."""
    listing = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False).stdout
    for library in re.findall(r"=> (\S+/swift/\S+)", listing):
        place = folder / library.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, place)


@pytest.fixture(scope="session")
def guest(files):
    """A running guest."""
    image = Image(FOLDER)
    image.make()
    guest = Guest(image, pathlib.Path(FOLDER) / f"run-{os.getpid()}", files)
    try:
        guest.start()
        yield guest
    finally:
        guest.stop()


@pytest.fixture(scope="session")
def host(guest, tmp_path_factory):
    """The guest with the server installed, and what an operator has to talk to it."""
    host = Host(guest, tmp_path_factory.mktemp("host"))
    host.install_server()
    return host
