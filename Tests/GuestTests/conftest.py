"""What needs systemd as process 1 and cgroup v2 of a real kernel: packages, units, control groups, reboots, in a Debian guest.

`Scripts/guest-check` runs these tests; `make test` does not, for they need root, qemu, debootstrap, Debian's mirror and minutes.
"""
import os
import pathlib
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
def guest(tmp_path_factory):
    """A running guest."""
    image = Image(FOLDER)
    image.make()
    guest = Guest(image, pathlib.Path(FOLDER) / f"run-{os.getpid()}")
    try:
        guest.start()
        yield guest
    finally:
        guest.stop()


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """The packages in two versions: by version, the files."""
    build = pathlib.Path(os.environ.get("NIGHTSHIFT_BUILD", ROOT / ".build" / "release"))
    folder = tmp_path_factory.mktemp("packages")
    for version in Host.VERSIONS:
        subprocess.run([str(ROOT / "Packaging" / "make-deb"), "--from", str(build), "--output", str(folder), "--version", version, "--quick"],
                       check=True)
    return {version: [next(folder.glob(f"{name}_{version}_*.deb")) for name in Host.PACKAGES] for version in Host.VERSIONS}


@pytest.fixture(scope="session")
def host(guest, packages, tmp_path_factory):
    """The guest with the server installed, and what an operator has to talk to it."""
    host = Host(guest, packages, tmp_path_factory.mktemp("host"))
    host.copy_runtime(os.environ.get("NIGHTSHIFT_BUILD", ROOT / ".build" / "release"))
    host.install_server()
    return host
