"""A Debian kernel and an initramfs that waits for orders, made once and kept."""

import lzma
import os
import re
import shutil
import subprocess
from pathlib import Path

# What the guest loads when it starts, in any order; modules.dep says what each of them needs.
AT_START = """
virtio_pci 9pnet_virtio 9p sdhci-pci mmc_block xhci-pci usb-storage uas sd_mod vfat nls_cp437
nls_iso8859-1 nls_ascii nls_utf8 loop usbhid hid-generic libcomposite usb_f_hid usb_f_mass_storage
""".split()
# What a case loads with parameters of its own.
LATER = ["dummy_hcd", "scsi_debug"]

# The guest does what the host writes into jobs/N.sh of the shared folder, and answers on its second
# serial line; jobs run side by side, so that a cable can be pulled while one of them reads.
INIT = r"""#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /host /shared /bin
/bin/busybox --install -s /bin
export PATH=/bin TZ=UTC LANG=C.UTF-8 HOME=/run/home TMPDIR=/run/tmp
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts
mount -t devpts pts /dev/pts
while read -r module; do insmod "/modules/$module" || echo "no $module"; done < /modules/order
mount -t configfs configfs /sys/kernel/config
mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=131072,cache=loose root /host || poweroff -f
mount -t 9p -o trans=virtio,version=9p2000.L,msize=131072,cache=none shared /shared || poweroff -f
mount -t proc proc /host/proc
mount -t sysfs sys /host/sys
mount --bind /dev /host/dev
mount --bind /dev/pts /host/dev/pts
mount -t tmpfs run /host/run
mkdir -m 700 /host/run/home
mkdir -m 1777 /host/run/tmp
mount --bind /shared /host/mnt
stty -F /dev/ttyS1 raw -echo
exec 3<>/dev/ttyS1
echo ready >&3
while read -r job <&3; do
    (
        sh "/shared/jobs/$job.sh" </dev/null >"/shared/jobs/$job.out" 2>"/shared/jobs/$job.err" 3>&-
        echo "done $job $?" >&3
    ) &
done
poweroff -f
"""


class Impossible(Exception):
    """The bed cannot be made on this machine; its text says why."""


def prepare(folder: Path) -> tuple[Path, Path]:
    """The paths of the kernel and of the initramfs, made in this folder if they are not there."""
    kernel, initramfs = folder / "vmlinux", folder / "initramfs"
    install()
    if not kernel.exists():
        unpacked = fetch(folder / "package")
        image = next(unpacked.glob("boot/vmlinuz-*"))
        packed = folder / "modules"
        shutil.rmtree(packed, ignore_errors=True)
        collect(next(unpacked.glob("**/modules.dep"), None) or depmod(unpacked), packed)
        part = kernel.with_suffix(".part")
        part.write_bytes(unpack_kernel(image.read_bytes()))
        part.rename(kernel)
        shutil.rmtree(folder / "package")
    part = initramfs.with_suffix(".part")
    part.write_bytes(archive(folder / "modules"))
    part.rename(initramfs)
    return kernel, initramfs


def install() -> None:
    """Installs what is missing of qemu, a static busybox and zstd."""
    wanted = {
        "qemu-system-x86_64": "qemu-system-x86",
        "busybox": "busybox-static",
        "zstd": "zstd",
        "mkfs.vfat": "dosfstools",
        "sfdisk": "fdisk",
    }
    missing = [package for program, package in wanted.items() if not shutil.which(program)]
    if not missing:
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise Impossible(f"install {', '.join(missing)}: only root on Debian can be helped here")
    apt("update", "-qq")
    install = ["install", "-y", "-qq", "--no-install-recommends", "--no-remove"]
    try:
        apt(*install, *missing)
    except Impossible:
        # qemu-utils of a later release is in the way of this one's qemu: it gives way to its elder.
        release = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(), re.M)
        if not release:
            raise
        apt(*install, "--allow-downgrades", *missing, f"qemu-utils/{release[1]}")


def apt(*arguments: str) -> None:
    run = subprocess.run(
        ["apt-get", *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    if run.returncode:
        raise Impossible(f"apt-get {' '.join(arguments)}:\n{run.stdout[-2000:]}")


def fetch(folder: Path) -> Path:
    """Debian's own kernel, unpacked and not installed. Its cloud kernel has neither MMC nor USB."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    def ask() -> list[str]:
        answer = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], capture_output=True, text=True)
        return re.findall(r"Depends: (linux-image-\S+)", answer.stdout)
    names = ask()
    if not names:
        apt("update", "-qq")
        names = ask()
    if not names:
        raise Impossible("apt-cache knows no linux-image-amd64")
    run = subprocess.run(["apt-get", "download", "-qq", names[0]], cwd=folder, capture_output=True, text=True)
    packages = list(folder.glob("*.deb"))
    if not packages:
        raise Impossible(f"apt-get download {names[0]}: {run.stderr}")
    subprocess.run(["dpkg", "-x", packages[0], folder / "unpacked"], check=True)
    packages[0].unlink()
    return folder / "unpacked"


def depmod(unpacked: Path) -> Path:
    """Debian's package comes without modules.dep."""
    modules = next(unpacked.glob("**/kernel/drivers")).parents[1]
    base = unpacked if (unpacked / "lib/modules").exists() else unpacked / "usr"
    depmod = ["depmod"] if shutil.which("depmod") else ["busybox", "depmod"]
    subprocess.run([*depmod, "-b", base, modules.name], check=True)
    return modules / "modules.dep"


def collect(dependencies: Path, folder: Path) -> None:
    """Copies the modules wanted and what they need, and writes the order to load them in."""
    needs: dict[str, tuple[str, list[str]]] = {}
    for line in dependencies.read_text().splitlines():
        path, _, others = line.partition(":")
        needs[name_of(path)] = (path, [name_of(other) for other in others.split()])
    order: list[str] = []
    later: list[str] = []

    def add(name: str, to: list[str]) -> None:
        if name not in needs or name in order or name in later:
            return  # built in, or there already
        for other in reversed(needs[name][1]):
            add(other, order)
        to.append(name)

    for name in AT_START:
        add(name.replace("-", "_"), order)
    for name in LATER:
        add(name, later)
    if missing := [name for name in LATER if name not in later]:
        raise Impossible(f"the kernel has no {', '.join(missing)}")
    folder.mkdir(parents=True)
    for name in order + later:
        path = dependencies.parent / needs[name][0]
        content = path.read_bytes()
        if path.suffix == ".xz":
            content = lzma.decompress(content)
        (folder / f"{name}.ko").write_bytes(content)
    (folder / "order").write_text("".join(f"{name}.ko\n" for name in order))


def name_of(path: str) -> str:
    return Path(path).name.split(".ko")[0].replace("-", "_")


def unpack_kernel(image: bytes) -> bytes:
    """The ELF file within a compressed kernel: it starts in half the time under emulation."""
    for start in re.finditer(re.escape(b"\xfd7zXZ\0"), image):
        try:
            content = lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(image[start.start():])
        except lzma.LZMAError:
            continue
        if content.startswith(b"\x7fELF"):
            return content
    return image  # compressed in another way: qemu starts that too


def archive(modules: Path) -> bytes:
    """An initramfs: busybox, the modules, and what to do."""
    busybox = Path(shutil.which("busybox") or "").resolve().read_bytes()
    if b"/ld-linux" in busybox[:8192]:  # where an ELF file names its loader
        raise Impossible("busybox is not a static one: install busybox-static")
    entries = [("bin", 0o040755, b""), ("modules", 0o040755, b""), ("init", 0o100755, INIT.encode()),
               ("bin/busybox", 0o100755, busybox)]
    entries += [(f"modules/{path.name}", 0o100644, path.read_bytes()) for path in sorted(modules.iterdir())]
    entries.append(("TRAILER!!!", 0, b""))
    out = bytearray()
    for number, (name, mode, content) in enumerate(entries, 1):
        fields = [number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        out += b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
        out += bytes(-len(out) % 4)
        out += content
        out += bytes(-len(out) % 4)
    return bytes(out)
