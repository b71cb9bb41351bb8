#!/usr/bin/env python3
"""How long *list* takes from start to end with pairing known: the maker's client and ours.

    time.py PYTHON EMULATOR FOLDER [PROGRAM]
"""

import os
import pty
import re
import select
import statistics
import subprocess
import sys
import time

RUNS = 15
MOST = 1.2  # times the maker's client


def start(emulator, card):
    command = [emulator, "--unlocked", "--five-wallets", card, "tcp://127.0.0.1:0"]
    # pylint: disable=consider-using-with
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    return process, re.fullmatch(r"listening on tcp://(\S+)\n", line).group(1)


def measure(name, command, environment):
    """Seconds of each run; every run must list the five wallets."""
    runs = []
    for _ in range(RUNS):
        begun = time.monotonic()
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        runs.append(time.monotonic() - begun)
        listed = done.stdout.count(b"577782fd") + done.stdout.count(b"4c700584")
        if done.returncode != 0 or listed < 2:
            sys.exit(f"FAILED: {name}: {done}")
    print(f"  {name}: median {statistics.median(runs):.3f} s, best {min(runs):.3f} s, {RUNS} runs")
    return runs


def pair_by_hand(command, environment):
    """Runs a program on a terminal and says yes whenever it waits for an answer."""
    process, terminal = pty.fork()
    if process == 0:
        os.execve(command[0], command, environment)
    said = b""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 0.5)[0]:
            os.write(terminal, b"yes\n")
            continue
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        said += part
    _, status = os.waitpid(process, 0)
    if status != 0:
        sys.exit(f"FAILED: pairing by hand: {said.decode(errors='replace')}")


def main():
    python, emulator, folder, *program = sys.argv[1:]
    vendor = os.path.join(os.path.dirname(os.path.abspath(__file__)), "vendor.py")
    keys = os.path.join(folder, "keys.json")
    process, address = start(emulator, os.path.join(folder, "time.img"))
    try:
        subprocess.run([python, vendor, "--pair", address, keys], check=True)
        command = [python, vendor, "--list", address, keys]
        theirs = measure("the maker's Python client", command, os.environ)
        if not program:
            print("  bitbox-backup: NOT RUN, there is no program with `device list`")
            return
        environment = {**os.environ, "XDG_CONFIG_HOME": os.path.join(folder, "config")}
        command = [program[0], "device", "list", "--device", f"tcp://{address}"]
        pair_by_hand(command, environment)
        ours = measure("bitbox-backup device list", command + ["--json"], environment)
        times = statistics.median(ours) / statistics.median(theirs)
        print(f"  {times:.2f} times the maker's client (at most {MOST})")
        if times > MOST:
            sys.exit("FAILED: too slow")
    finally:
        process.terminate()
        process.wait()


main()
