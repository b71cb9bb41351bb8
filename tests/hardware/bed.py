"""A machine with card readers that does as it is told: qemu, its monitor, and the guest within."""

import json
import os
import select
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from slots import Slots

# Far more than anything here takes; what is met sooner is not waited for.
PATIENCE = 120


@dataclass
class Answer:
    """What a command in the guest ended with."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        try:
            return json.loads(self.out)
        except ValueError:
            raise AssertionError(f"no JSON (status {self.status}): {self.out}{self.err}") from None

    def __str__(self) -> str:
        return f"status {self.status}\n--- stdout\n{self.out}--- stderr\n{self.err}---"


class Line:
    """A socket of qemu's, read line by line."""

    def __init__(self, path: Path, alive) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.buffer = b""
        self.alive = alive
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.socket.connect(str(path))
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > until or not alive():
                    raise RuntimeError(f"qemu does not listen at {path}") from None
                time.sleep(0.05)

    def send(self, text: str) -> None:
        self.socket.sendall(text.encode() + b"\n")

    def read(self, until: float) -> str:
        while b"\n" not in self.buffer:
            wait = until - time.monotonic()
            ready, _, _ = select.select([self.socket], [], [], max(wait, 0))
            if not ready:
                raise TimeoutError("the guest does not answer")
            got = self.socket.recv(65536)
            if not got:
                raise RuntimeError("qemu ended")
            self.buffer += got
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode(errors="replace").strip()


class Bed:
    """A running machine. Leaving it switches it off."""

    def __init__(self, work: Path, kernel: Path, initramfs: Path, slots: Slots, programs: Path) -> None:
        self.work, self.slots = work, slots
        self.programs = programs
        self.jobs = work / "shared/jobs"
        shutil.rmtree(work / "shared", ignore_errors=True)
        self.jobs.mkdir(parents=True)
        self.sockets = Path(f"/tmp/hardware-{os.getpid()}")  # a socket's path has 107 characters at most
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        self.count = 0
        self.ended: dict[int, int] = {}
        share = "local,security_model=none,multidevs=remap"
        command = [
            "timeout", "--kill-after=5", "1200", "qemu-system-x86_64",
            # /dev/kvm may be there and hang: only what always works is used.
            "-accel", "tcg", "-cpu", "max", "-machine", "q35", "-smp", "1", "-m", "768",
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-kernel", str(kernel), "-initrd", str(initramfs),
            "-append", "console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off",
            "-serial", f"file:{work}/console.log",
            "-chardev", f"socket,id=agent,path={self.sockets}/agent,server=on,wait=off",
            "-serial", "chardev:agent",
            "-qmp", f"unix:{self.sockets}/qmp,server=on,wait=off",
            "-virtfs", f"{share},path=/,mount_tag=root,readonly=on",
            "-virtfs", f"{share},path={work}/shared,mount_tag=shared",
            "-device", "qemu-xhci,id=xhci,p2=15,p3=15",
            *slots.devices,
        ]
        self.log = open(work / "qemu.log", "w")
        self.qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        try:
            alive = lambda: self.qemu.poll() is None
            self.agent = Line(self.sockets / "agent", alive)
            self.monitor = Line(self.sockets / "qmp", alive)
            self.monitor.read(time.monotonic() + PATIENCE)
            self.qmp("qmp_capabilities")
            while self.agent.read(time.monotonic() + PATIENCE) != "ready":
                pass
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> "Bed":
        return self

    def __exit__(self, *_) -> None:
        if self.qemu.poll() is None:
            self.qemu.terminate()
            self.qemu.wait(10)
        self.log.close()
        shutil.rmtree(self.sockets, ignore_errors=True)

    def qmp(self, command: str, **arguments) -> dict:
        """Asks qemu."""
        self.monitor.send(json.dumps({"execute": command, "arguments": arguments}))
        while True:
            answer = json.loads(self.monitor.read(time.monotonic() + PATIENCE))
            if "error" in answer:
                raise AssertionError(f"qemu: {command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def hmp(self, command: str) -> str:
        """Asks qemu as a person does."""
        return self.qmp("human-monitor-command", **{"command-line": command})

    def start(self, script: str) -> int:
        """Begins a shell script in the guest."""
        self.count += 1
        (self.jobs / f"{self.count}.sh").write_text(script)
        self.agent.send(str(self.count))
        return self.count

    def said(self, job: int) -> str:
        """What a job has said so far."""
        return "".join(
            path.read_text(errors="replace")
            for end in ("out", "err")
            if (path := self.jobs / f"{job}.{end}").exists()
        )

    def wait(self, job: int, patience: float = PATIENCE) -> Answer:
        """The end of a job."""
        until = time.monotonic() + patience
        while job not in self.ended:
            try:
                word, *numbers = self.agent.read(until).split()
            except TimeoutError:
                raise AssertionError(f"it hangs: {self.said(job)}") from None
            if word == "done":
                self.ended[int(numbers[0])] = int(numbers[1])
        read = lambda end: (self.jobs / f"{job}.{end}").read_text(errors="replace")
        return Answer(self.ended[job], read("out"), read("err"))

    def run(self, script: str, patience: float = PATIENCE) -> Answer:
        """A shell script in the guest, to its end."""
        return self.wait(self.start(script), patience)

    def must(self, script: str) -> str:
        """The same where it has to succeed; what it said, without the last line's end."""
        answer = self.run(script)
        if answer.status:
            raise AssertionError(f"{script}\n{answer}")
        return answer.out.strip()

    def until(self, condition: str, patience: float = PATIENCE) -> None:
        """Waits for a condition of the guest's shell; nothing here counts on a pause being long enough."""
        answer = self.run(
            f"end=$(($(date +%s) + {int(patience)})); until {condition}; do "
            "[ $(date +%s) -lt $end ] || exit 1; usleep 20000; done", patience + 30)
        if answer.status:
            raise AssertionError(f"never: {condition}\n{answer}")

    def load(self, module: str, parameters: str) -> None:
        """Loads a module of the guest's kernel, if it is not there."""
        self.must(f"[ -d /sys/module/{module} ] || insmod /modules/{module}.ko {parameters}")

    def command(self, arguments: str) -> str:
        """The program as root runs it, with the host's own files around it."""
        return f"exec chroot /host {self.programs}/bitbox-backup {arguments}"

    def of_host(self, command: str) -> str:
        """A command of the host's own, in the guest."""
        return f"/bin/chroot /host /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin {command}"

    def program(self, arguments: str) -> Answer:
        """The program to its end."""
        return self.run(self.command(arguments))

    def node(self, serial: str) -> str:
        """The disk in the USB reader with this serial number, as soon as it is there."""
        return self.disk_where(f'[ "$(cat $d/device/../../../../serial 2>&-)" = {serial} ]')

    def disk(self, model: str) -> str:
        """The SCSI disk of this model, as soon as it is there."""
        return self.disk_where(f'[ "$(echo $(cat $d/device/model))" = {model} ]')

    def disk_where(self, condition: str) -> str:
        # Names are given in the order in which the disks answer: another one at every start.
        found = f"(for d in $(realpath /sys/block/sd*); do if {condition}; then basename $d; exit 0; fi; done; exit 1)"
        self.until(f"{found} > /tmp-node")
        name = self.must("cat /tmp-node")
        self.until(f"[ -b /dev/{name} ]")
        return name

    def plug(self, drive: str, serial: str, port: int) -> None:
        """Plugs in a USB reader with this drive as its card."""
        self.qmp("device_add", driver="usb-storage", id=f"reader-{drive}", bus="xhci.0", port=str(port),
                 drive=drive, removable=True, serial=serial)

    def exchange(self, old: str, new: str) -> None:
        """Takes the card out of a reader and puts another one in, while the reader stays."""
        reader = next(block["qdev"] for block in self.qmp("query-block")
                      if block.get("inserted", {}).get("node-name") == old)
        self.qmp("blockdev-open-tray", id=reader, force=True)
        self.qmp("blockdev-remove-medium", id=reader)
        self.qmp("blockdev-insert-medium", id=reader, **{"node-name": new})
        self.qmp("blockdev-close-tray", id=reader)
