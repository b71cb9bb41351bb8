#!/usr/bin/env python3
"""The maker's Python client (PyPI bitbox02) talks to the emulator.

    vendor.py EMULATOR FOLDER         every step of "Manage backups", each answer checked
    vendor.py --list ADDRESS KEYS     list only, with the keys in that file; what is timed
"""

import json
import os
import re
import socket
import subprocess
import sys
import time

from bitbox02.bitbox02 import BitBox02
from bitbox02.communication import (
    Bitbox02Exception,
    BitBoxNoiseConfig,
    PhysicalLayer,
    UserAbortException,
    u2fhid,
)

SEEDS = {  # public test wallets, docs/format.md 8
    "twelve": "8af64d31126a39b98f59708a3a463e5b",
    "eighteen": "7f" * 24,
    "twenty-four": "ae45d4023afa4a4868775169fea5f5e497f7a1a4d6229ad0239e689b482ed35e",
}
IDS = {
    "twelve": "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2",
    "eighteen": "accf31cb2bd74a1f7eeaac8cbea94227578a139378535de6bb3e701f0ffaea8a",
    "twenty-four": "41233dfbad010723dbbb93514b7b81016b73f8aa35c5148e1b478f60d5750dce",
}


class Tcp(PhysicalLayer):
    """Reports over TCP, as the client's own tools speak to the simulator."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def write(self, data):
        self.socket.sendall(data[1:])  # without the report id of HID

    def read(self, size, timeout_ms):
        report = b""
        while len(report) < size:
            part = self.socket.recv(size - len(report))
            if not part:
                raise EOFError("the device is gone")
            report += part
        return report

    def close(self):
        self.socket.close()


class Keys(BitBoxNoiseConfig):
    """Pairing keys, and the codes that had to be compared."""

    def __init__(self, private=None, devices=()):
        self.private, self.devices, self.codes = private, list(devices), []
        self.genuine = None

    def show_pairing(self, code, device_response):
        self.codes.append(code)
        return device_response()

    def attestation_check(self, result):
        self.genuine = result

    def contains_device_static_pubkey(self, pubkey):
        return pubkey in self.devices

    def add_device_static_pubkey(self, pubkey):
        self.devices.append(pubkey)

    def get_app_static_privkey(self):
        return self.private

    def set_app_static_privkey(self, privkey):
        self.private = privkey

    def save(self, path):
        keys = {"private": self.private.hex(), "devices": [key.hex() for key in self.devices]}
        with open(path, "w", encoding="ascii") as file:
            json.dump(keys, file)

    @classmethod
    def load(cls, path):
        with open(path, encoding="ascii") as file:
            keys = json.load(file)
        return cls(bytes.fromhex(keys["private"]), map(bytes.fromhex, keys["devices"]))


class Emulator:
    """An emulator of its own process; its screens are read when it is stopped."""

    def __init__(self, program, *options):
        command = [program, *options, "tcp://127.0.0.1:0"]
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.address = re.fullmatch(
            r"listening on tcp://(\S+)\n", self.process.stdout.readline()
        ).group(1)

    def connect(self, keys):
        return BitBox02(u2fhid.U2FHid(Tcp(self.address)), None, keys)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        time.sleep(0.1)  # it looks for new screens a hundred times a second
        self.process.terminate()
        self.screens = self.process.stdout.read()
        self.process.stdout.close()
        self.process.wait()


def check(what, found, expected):
    if found != expected:
        sys.exit(f"FAILED: {what}: {found!r} instead of {expected!r}")
    print(f"  {what}: {found!r}")


def pair(program, folder):
    """First contact, second contact, and a device that says 0x00 to everyone."""
    keys = Keys()
    card = os.path.join(folder, "pair.img")
    with Emulator(program, "--new-card", card) as emulator:
        bitbox = emulator.connect(keys)
        check("attestation", keys.genuine, False)
        check("codes compared", len(keys.codes), 1)
        bitbox.close()
        bitbox = emulator.connect(keys)
        check("codes compared, known", len(keys.codes), 1)
        bitbox.close()
    shown = re.search(r"Pairing code: (.*): Confirmed", emulator.screens).group(1)
    check("code on the screen", shown.replace(" / ", "\n"), keys.codes[0])
    stranger = Keys()
    with Emulator(program, "--bluetooth") as emulator:
        emulator.connect(stranger).close()
        check("codes compared, stranger over Bluetooth", len(stranger.codes), 1)
    keys = Keys()
    with Emulator(program, "--refuse", "Pairing code") as emulator:
        try:
            emulator.connect(keys)
            sys.exit("FAILED: a rejected code is no pairing")
        except Exception as why:  # pylint: disable=broad-exception-caught
            print(f"  rejected code: {why!r}")


def info(program):
    options = ["--nova", "--btc-only", "--firmware", "v9.24.0", "--name", "Kasten"]
    with Emulator(program, *options) as emulator:
        transport = u2fhid.U2FHid(Tcp(emulator.address))
        version, platform, edition, unlocked, initialized = BitBox02.get_info(transport)
        transport.close()
        check("version", version, "v9.24.0")
        check("platform", platform.name, "BITBOX02PLUS")
        check("edition", edition.name, "BTCONLY")
        check("unlocked, initialized", (unlocked, initialized), (False, True))
        bitbox = emulator.connect(Keys())
        found = bitbox.device_info()
        bitbox.close()
        check("name", found["name"], "Kasten")
        check("initialized", found["initialized"], True)
        check("passphrase", found["mnemonic_passphrase_enabled"], False)


def backups(program, folder, wallet):
    """No backup, a first one, a second one, aborted ones."""
    card = os.path.join(folder, f"{wallet}.img")
    seed = ["--seed", SEEDS[wallet]]
    with Emulator(program, "--new-card", card, *seed, "--polls", "2") as emulator:
        bitbox = emulator.connect(Keys())
        check("card", bitbox.check_sdcard(), True)
        check("list", list(bitbox.list_backups()), [])
        check("check", bitbox.check_backup(silent=True), None)
        check("create", bitbox.create_backup(), True)
        check("check", bitbox.check_backup(silent=True), IDS[wallet])
        check("check aloud", bitbox.check_backup(), IDS[wallet])
        (first,) = bitbox.list_backups()
        check("listed", first[:2], (IDS[wallet], "My BitBox"))
        bitbox.close()
    for screen in ("Is today?", "Create backup?", "Unlock device", "Name?", "ID?", "Backup valid"):
        if f"{screen}: " not in emulator.screens:
            sys.exit(f"FAILED: no screen {screen!r} in\n{emulator.screens}")
    with Emulator(program, "--card", card, *seed, "--refuse", "Create backup?") as emulator:
        bitbox = emulator.connect(Keys())
        try:
            bitbox.create_backup()
            sys.exit("FAILED: create was rejected")
        except UserAbortException as why:
            check("create, rejected", why.code, 104)
        bitbox.close()
    # A later second, another name: the old copies are replaced.
    with Emulator(program, "--card", card, *seed, "--name", "Again") as emulator:
        bitbox = emulator.connect(Keys())
        check("create again", bitbox.create_backup(), True)
        (again,) = bitbox.list_backups()
        check("listed", again[:2], (IDS[wallet], "Again"))
        if again[2] <= first[2]:
            sys.exit(f"FAILED: {again} is not later than {first}")
        bitbox.close()


def five(program, folder):
    card = os.path.join(folder, "five.img")
    with Emulator(program, "--five-wallets", card) as emulator:
        bitbox = emulator.connect(Keys())
        found = {name: (ident, str(date)) for ident, name, date in bitbox.list_backups()}
        bitbox.close()
    check("five wallets", len(found), 5)
    check("the first", found["My BitBox"], (IDS["twelve"], "2020-09-28 08:30:09"))


def fingerprints(program):
    """The vectors of BIP-39 and BIP-84."""
    for passphrase, expected in ((None, "73c5da0a"), ("TREZOR", "b4e3f5ed")):
        options = ["--seed", "00" * 16] + (["--passphrase", passphrase] if passphrase else [])
        with Emulator(program, *options) as emulator:
            bitbox = emulator.connect(Keys())
            check("fingerprint", bitbox.root_fingerprint().hex(), expected)
            enabled = bitbox.device_info()["mnemonic_passphrase_enabled"]
            check("passphrase", enabled, passphrase is not None)
            bitbox.close()


def errors(program):
    with Emulator(program, "--refuse", "Insert microSD card") as emulator:
        bitbox = emulator.connect(Keys())
        check("card", bitbox.check_sdcard(), False)
        try:
            list(bitbox.list_backups())
            sys.exit("FAILED: there is no card")
        except UserAbortException as why:
            check("no card", why.code, 104)
        bitbox.close()
    with Emulator(program, "--uninitialized") as emulator:
        bitbox = emulator.connect(Keys())
        try:
            bitbox.root_fingerprint()
            sys.exit("FAILED: there is no wallet")
        except Bitbox02Exception as why:
            check("no wallet", why.code, 105)
        bitbox.close()


def main():
    if sys.argv[1] == "--list":
        address, path = sys.argv[2:]
        bitbox = BitBox02(u2fhid.U2FHid(Tcp(address)), None, Keys.load(path))
        for ident, name, date in bitbox.list_backups():
            print(ident, name, date)
        bitbox.close()
        return
    if sys.argv[1] == "--pair":
        address, path = sys.argv[2:]
        keys = Keys()
        BitBox02(u2fhid.U2FHid(Tcp(address)), None, keys).close()
        keys.save(path)
        return
    program, folder = sys.argv[1:]
    pair(program, folder)
    info(program)
    for wallet in SEEDS:
        backups(program, folder, wallet)
    five(program, folder)
    fingerprints(program)
    errors(program)


main()
