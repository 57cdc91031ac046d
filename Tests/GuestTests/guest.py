"""A Debian guest in qemu: systemd as process 1, cgroup v2, a kernel of its own. Driven over ssh on a forwarded port of loopback."""
import os
import pathlib
import shutil
import socket
import subprocess
import time

from polling import until

RELEASE = "bookworm"
MIRROR = "http://deb.debian.org/debian"
KERNEL = "linux-image-cloud-amd64"
PACKAGES = ["systemd-sysv", "dbus", "udev", "kmod", "openssh-server", "iproute2", "netbase", "ca-certificates", "adduser", "procps",
            "initramfs-tools", "libsqlite3-0", "zlib1g", "libstdc++6", "tzdata", "python3-minimal", "openssl", KERNEL]
IMAGE_SIZE = "6G"
BOOT_SECONDS = 600  # without KVM it is slow


class Image:
    """What guests are made of, kept in a folder between runs: a root file system by debootstrap, a key for ssh, the disk."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.root, self.key, self.disk = self.folder / "root", self.folder / "key", self.folder / "disk.ext4"

    def make(self):
        """Makes what is missing; needs root, debootstrap, and Debian's mirror the first time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.key.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key)], check=True)
        if not self.disk.exists():
            if not (self.root / "etc/debian_version").exists():
                subprocess.run(["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", RELEASE, str(self.root), MIRROR],
                               check=True, stdout=subprocess.DEVNULL)
            self.configure()
            subprocess.run(["mkfs.ext4", "-q", "-F", "-d", str(self.root), str(self.disk), IMAGE_SIZE], check=True)

    def configure(self):
        """Network by DHCP, root by this key, the console on the serial line."""
        files = {
            "etc/hostname": "guest\n",
            "etc/hosts": "127.0.0.1 localhost guest\n",
            "etc/fstab": f"/dev/vda / ext4 defaults 0 1\n/dev/vdb {Guest.FILES} ext4 ro,nofail 0 0\n",
            "etc/resolv.conf": "nameserver 10.0.2.3\n",
            "etc/systemd/network/10-all.network": "[Match]\nName=e*\n[Network]\nDHCP=yes\n",
            "root/.ssh/authorized_keys": self.key.with_suffix(".pub").read_text(),
            # The journal must outlive a reboot, for whoever looks for the reason of a failure.
            "etc/systemd/journald.conf.d/keep.conf": "[Journal]\nStorage=persistent\n",
        }
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (self.root / "root/.ssh").chmod(0o700)
        (self.root / Guest.FILES[1:]).mkdir(parents=True, exist_ok=True)
        subprocess.run(["chroot", str(self.root), "systemctl", "enable", "--quiet", "systemd-networkd", "ssh"], check=True)

    @property
    def kernel(self):
        return next((self.root / "boot").glob("vmlinuz-*"))

    @property
    def initrd(self):
        return next((self.root / "boot").glob("initrd.img-*"))


class Guest:
    """A running guest on a copy of the image's disk: what it writes is gone with the folder. It sees `files`, a folder, as FILES."""

    FILES = "/media/files"

    def __init__(self, image, folder, files):
        self.image, self.folder, self.files = image, pathlib.Path(folder), pathlib.Path(files)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.disk = self.folder / "disk.ext4"
        self.port, self.api_port, self.process = free_port(), free_port(), None

    @property
    def acceleration(self):
        """Emulation works everywhere; NIGHTSHIFT_GUEST_KVM=1 asks for KVM, which is not worth it where it is itself emulated."""
        if os.environ.get("NIGHTSHIFT_GUEST_KVM"):
            return ["-accel", "kvm", "-cpu", "host,arch-capabilities=off"]
        return ["-accel", "tcg,thread=multi", "-cpu", "max"]

    def start(self):
        if not self.disk.exists():
            subprocess.run(["cp", "--sparse=always", str(self.image.disk), str(self.disk)], check=True)
            # A disk, since an emulated processor takes minutes to decrypt what ssh brings.
            subprocess.run(["mkfs.ext4", "-q", "-F", "-d", str(self.files), str(self.folder / "files.ext4"), IMAGE_SIZE], check=True)
        with open(self.folder / "qemu.log", "ab") as log:
            self.process = subprocess.Popen(
                ["qemu-system-x86_64", "-M", "q35", *self.acceleration, "-smp", "2", "-m", "1536", "-display", "none", "-no-user-config",
                 "-kernel", str(self.image.kernel), "-initrd", str(self.image.initrd),
                 "-append", "root=/dev/vda rw console=ttyS0 panic=-1", "-serial", f"file:{self.folder}/console.log",
                 "-drive", f"file={self.disk},if=virtio,format=raw",
                 "-drive", f"file={self.folder}/files.ext4,if=virtio,format=raw,readonly=on",
                 "-nic", f"user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:{self.port}-:22,hostfwd=tcp:127.0.0.1:{self.api_port}-:7070",
                 "-device", "virtio-rng-pci"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self.wait_until_up()

    def wait_until_up(self):
        def is_up():
            if self.process.poll() is not None:
                raise RuntimeError(f"qemu ended: {(self.folder / 'qemu.log').read_text()}")
            return self.run("true", check=False, patience=10).returncode == 0

        until(is_up, BOOT_SECONDS, "the guest answers")

    def ssh(self, patience=120):
        """ssh with what it needs to reach the guest; all calls share one connection."""
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "BatchMode=yes", f"ConnectTimeout={patience}", "ServerAliveInterval=10",
                   "ServerAliveCountMax=30", "ControlMaster=auto", f"ControlPath={self.folder}/ssh", "ControlPersist=600"]
        return ["ssh", "-q", "-i", str(self.image.key), "-p", str(self.port),
                *[word for option in options for word in ("-o", option)]]

    def hang_up(self):
        """Ends the shared connection."""
        subprocess.run([*self.ssh(), "-O", "exit", "root@127.0.0.1"], capture_output=True, check=False)

    def run(self, command, check=True, seconds=300, patience=120):
        """Runs a shell command as root in the guest; returns the finished process with its output as text."""
        done = subprocess.run([*self.ssh(patience), "root@127.0.0.1", command], capture_output=True, text=True, timeout=seconds, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"in the guest, {command!r} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def text(self, command):
        """What a command prints, without white space around it."""
        return self.run(command).stdout.strip()

    def boot_id(self):
        return self.text("cat /proc/sys/kernel/random/boot_id")

    def reboot(self, command):
        """Restarts the guest by a command (`systemctl reboot`; `echo b > /proc/sysrq-trigger` for a crash), waits until it is another boot."""
        before = self.boot_id()
        # In a second, so that this call has its answer and the connection can be ended.
        self.run(f"systemd-run --quiet --on-active=1 sh -c '{command}'")
        self.hang_up()

        def is_another():
            done = self.run("cat /proc/sys/kernel/random/boot_id", check=False, patience=10)
            return done.returncode == 0 and done.stdout.strip() != before

        until(is_another, BOOT_SECONDS, "the guest has booted again")

    def stop(self):
        """Ends qemu by its process id."""
        self.hang_up()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
