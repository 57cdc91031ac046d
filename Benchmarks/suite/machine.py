"""What a run was made on, and figures of processes."""
import os
import pathlib
import platform
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")


def describe(directory):
    """Processor, cores, kernel, memory, and the file system that holds `directory`."""
    return {
        "cpu": field("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "memory": f"{int((field('/proc/meminfo', 'MemTotal') or '0 kB').split()[0]) / 2**20:.0f} GiB",
        "file_system": file_system(directory),
        "load_at_start": os.getloadavg()[0],
    }


def field(path, name):
    for line in pathlib.Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return None


def file_system(directory):
    """Type and device of the file system under a directory, as the kernel lists it."""
    real, best = os.path.realpath(directory), ("", "unknown", "")
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        device, point, kind = line.split()[:3]
        point = point.replace("\\040", " ")
        if (real == point or real.startswith(point.rstrip("/") + "/")) and len(point) >= len(best[0]):
            best = (point, kind, device)
    return f"{best[1]} on {best[2]}"


def revision():
    """The commit that is checked out, with a mark when files differ from it."""
    def git(*arguments):
        return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False).stdout.strip()
    commit = git("rev-parse", "--short=12", "HEAD") or "unknown"
    return commit + (" with changes" if git("status", "--porcelain", "--untracked-files=no", "--", "Sources", "Package.swift") else "")


def resident_bytes(pid):
    """Memory of a process that is in RAM."""
    return int(field(f"/proc/{pid}/status", "VmRSS").split()[0]) * 1024


def peak_bytes(pid):
    """The most that `resident_bytes` was."""
    return int(field(f"/proc/{pid}/status", "VmHWM").split()[0]) * 1024


def proportional_bytes(pid):
    """Memory of a process in RAM, of what it shares with others its share."""
    return int(field(f"/proc/{pid}/smaps_rollup", "Pss").split()[0]) * 1024


def processor_seconds(pid):
    """User and system time of a process so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def fdatasync_rate(directory, seconds=1.0, appends=False):
    """How often a second 4 KiB can be made durable: the bound of everything that commits.

    Written over blocks that a file of 8 MiB has already, or appended; appending costs more, as the file's length changes too.
    """
    path = os.path.join(directory, "fdatasync")
    file, block, count, size = os.open(path, os.O_RDWR | os.O_CREAT, 0o600), b"x" * 4096, 0, 8 << 20
    try:
        if not appends:
            os.write(file, b"y" * size)
            os.fsync(file)
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            os.pwrite(file, block, count * 4096 % size if not appends else count * 4096)
            os.fdatasync(file)
            count += 1
        return count / (time.monotonic() - began)
    finally:
        os.close(file)
        os.unlink(path)
