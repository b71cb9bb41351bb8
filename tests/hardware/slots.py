"""What is plugged into the machine: images of cards, and the qemu devices that hold them."""

import hashlib
import json
import subprocess
from pathlib import Path

SECTOR = 512
# A card's size has to be a power of two.
CARD_BYTES = 64 << 20

# The files of testdata/healthy.img.zst, one sector each; `inspect` of that image tells them.
COPIES = [575488 // SECTOR, 576000 // SECTOR, 576512 // SECTOR]


class Slots:
    """Makes the cards, and says what qemu needs to be told."""

    def __init__(self, work: Path, testdata: Path) -> None:
        self.work, self.testdata = work, testdata
        self.cards: dict[str, str] = {}
        self.devices: list[str] = []

    def card(self, name: str, recipe: str) -> Path:
        """The image of a card; whatever the guest does with it, it must stay as it is."""
        path = self.work / f"{name}.img"
        with open(path, "wb") as file:
            packed = self.testdata / f"{recipe}.img.zst"
            subprocess.run(["zstd", "-dcq", packed], stdout=file, check=True)
            file.truncate(CARD_BYTES)
        self.cards[name] = hash_of(path)
        return path

    def changed(self) -> list[str]:
        """The cards that somebody wrote to."""
        return [name for name, hash in self.cards.items() if hash_of(self.work / f"{name}.img") != hash]

    def beginning(self, name: str, length: int) -> str:
        """The hash of the first bytes of a card."""
        with open(self.work / f"{name}.img", "rb") as file:
            return hashlib.sha256(file.read(length)).hexdigest()

    def drive(self, name: str, recipe: str, *, read_only=False, bad_sector=None, group=None) -> None:
        """A card as a drive of qemu's, with this name."""
        node = {"driver": "file", "filename": str(self.card(name, recipe)), "read-only": read_only}
        if bad_sector is not None:
            fault = {"event": "none", "iotype": "read", "sector": bad_sector, "errno": 5}
            node = {"driver": "blkdebug", "image": node, "inject-error": [fault], "read-only": read_only}
        if group:
            node = {"driver": "throttle", "throttle-group": group, "file": node, "read-only": read_only}
        node = {"driver": "raw", "node-name": name, "file": node, "read-only": read_only}
        self.devices += ["-blockdev", json.dumps(node)]

    def slow(self, group: str, bytes_a_second: int) -> None:
        """A limit that drives can be put under, so that something lasts long enough to be disturbed."""
        limits = {"bps-read": bytes_a_second}
        self.devices += ["-object", json.dumps({"qom-type": "throttle-group", "id": group, "limits": limits})]

    def slot(self, drive: str) -> None:
        """A built-in SD slot with this card: /dev/mmcblk0, then 1."""
        self.devices += ["-device", f"sdhci-pci,id=slot-{drive}", "-device", f"sd-card,id={drive}-card,drive={drive}"]

    def reader(self, drive: str, serial: str, port: int) -> None:
        """A USB card reader with this card."""
        self.devices += ["-device", f"usb-storage,id=reader-{drive},bus=xhci.0,port={port},drive={drive},"
                                    f"removable=on,serial={serial}"]


def hash_of(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
