"""What the program does with a BitBox02 on a USB cable, and when the cable is pulled.

The cable is real to the kernel: a gadget with the two HID interfaces of a BitBox02 on a dummy USB bus. The
emulator answers at the gadget's end, the program asks through /dev/hidraw.
"""

import json

from case import case, check, check_said

# 64 bytes in, 64 bytes out, no report ids.
REPORTS = "0901a10109201500 26ff0075089540 8102 09211500 26ff0075089540 9102 c0"
HWW, U2F = "06ffff" + REPORTS, "06d0f1" + REPORTS
GADGET = "/sys/kernel/config/usb_gadget/bitbox"
VERSION = "v9.27.0"
SAME = "Is the pairing code the same"


def octal(text: str) -> str:
    """Bytes as the guest's printf takes them."""
    return "".join(f"\\{byte:03o}" for byte in bytes.fromhex(text))


def plug_in(bed, *options: str) -> int:
    """Plugs a BitBox02 in; its emulator's job."""
    bed.load("dummy_hcd", "num=2")
    bed.must(f"""
        set -e
        if [ ! -d {GADGET} ]; then
            mkdir {GADGET} && cd {GADGET}
            echo 0x03eb > idVendor; echo 0x2403 > idProduct
            mkdir strings/0x409 configs/c.1
            echo {VERSION} > strings/0x409/serialnumber
            echo BitBox02 > strings/0x409/product
            echo 'Shift Crypto' > strings/0x409/manufacturer
            for hid in 0 1; do
                mkdir functions/hid.g$hid
                echo 64 > functions/hid.g$hid/report_length
            done
            printf '{octal(HWW)}' > functions/hid.g0/report_desc
            printf '{octal(U2F)}' > functions/hid.g1/report_desc
            ln -s functions/hid.g0 configs/c.1/; ln -s functions/hid.g1 configs/c.1/
        fi
        echo dummy_udc.0 > {GADGET}/UDC""")
    bed.until("[ -c /dev/hidg0 ] && [ $(cat /sys/class/hidraw/*/device/uevent | grep -c BitBox02) = 2 ]")
    bed.until('for n in $(ls /sys/class/hidraw); do [ -c /dev/$n ] || exit 1; done')
    job = bed.start(f"echo $$ > /run-emulator; exec chroot /host {bed.programs}/emulator {' '.join(options)} /dev/hidg0")
    bed.until(f"grep -q listening /shared/jobs/{job}.out || ! kill -0 $(cat /run-emulator)")
    return job


def pull(bed) -> None:
    bed.must(f'[ -z "$(cat {GADGET}/UDC)" ] || echo > {GADGET}/UDC')


def pull_and_end(bed, emulator: int) -> None:
    pull(bed)
    bed.run("kill $(cat /run-emulator)")
    bed.wait(emulator)
    bed.until("[ -z \"$(ls /sys/class/hidraw)\" ]")


def start_at_terminal(bed, arguments: str, question: str, answers: list[str]) -> int:
    """The program on a terminal of its own, where somebody answers a question each time it is asked; its job."""
    program = f"{bed.programs}/bitbox-backup {arguments} >/mnt/jobs/answer"
    typed = "".join(
        f"""until [ "$(grep -o '{question}' /shared/jobs/screen 2>&- | wc -l)" -ge {count} ]; do
                kill -0 $$ || exit; usleep 50000; done; echo '{answer}'; """
        for count, answer in enumerate(answers, 1))
    return bed.start(f"""
        rm -f /shared/jobs/screen /shared/jobs/answer
        ({typed}) | chroot /host script -qfec '{program}' /mnt/jobs/screen >&2
        status=$?; cat /shared/jobs/answer; exit $status""")


def at_terminal(bed, arguments: str, question: str, answer: str):
    """The same to its end."""
    return bed.wait(start_at_terminal(bed, arguments, question, [answer]))


@case
def no_bitbox(bed) -> None:
    check_said(bed.program("device list"), "no BitBox", "plug it in", status=2)


@case
def bitbox_paired_and_its_backups_listed(bed) -> None:
    emulator = plug_in(bed, "--five-wallets", "/run/tmp/bitbox-card.img")
    check(bed.must("cat /sys/class/hidraw/*/device/../bInterfaceNumber").split(), ["00", "01"], "interfaces")
    # Without a terminal nobody can compare the code, and nothing is kept.
    answer = bed.program("device list")
    check_said(answer, "pairing code", status=2)
    answer = at_terminal(bed, "device list --json", SAME, "yes")
    check(answer.status, 0, str(answer))
    said = json.loads(answer.out)
    check(said["command"], "device list")
    check((said["device"]["product"], said["device"]["version"]), ("BitBox02", VERSION.lstrip("v")))
    check(len(said["backups"]), 5, "backups")
    # Known from now on.
    again = bed.program("device list --json")
    check(again.status, 0, str(again))
    check(again.json["backups"], said["backups"])
    bed.names = [backup["id"] for backup in said["backups"]]
    pull_and_end(bed, emulator)


@case
def backup_made_through_the_cable(bed) -> None:
    emulator = plug_in(bed, "--new-card", "/run/tmp/new-card.img")
    bed.run(f"rm -rf /host/run/home/.config")
    answer = at_terminal(bed, "device create --json --yes", SAME, "yes")
    check(answer.status, 0, str(answer))
    made = json.loads(answer.out)
    check((made["written"], made["listed"]), (True, True))
    listed = bed.program("device list --json")
    check([backup["id"] for backup in listed.json["backups"]], [made["id"]])
    pull_and_end(bed, emulator)
    # The card of the device, in the computer.
    card = bed.program("list --json /run/tmp/new-card.img")
    check(card.status, 0, str(card))
    [backup] = card.json["sources"][0]["backups"]
    check((backup["id"], backup["timestamp"], backup["state"]), (made["id"], made["timestamp"], "healthy"))


@case
def unplugged_while_it_asks_whether_to_make_a_backup(bed) -> None:
    # Each screen of the device stays for some seconds.
    emulator = plug_in(bed, "--new-card", "/run/tmp/cut-card.img", "--polls", "25")
    bed.run("rm -rf /host/run/home/.config")
    job = start_at_terminal(bed, "device create --yes", SAME, ["yes"])
    bed.until("grep -q 'Is today?' /shared/jobs/screen 2>&-")
    pull(bed)
    check_said(bed.wait(job), "it is gone", "plug it in again", status=2)
    pull_and_end(bed, emulator)
    # Nothing was written, or all of it.
    card = bed.program("list --json /run/tmp/cut-card.img").json["sources"][0]
    check([backup["state"] for backup in card["backups"]], [], "backups")


@case
def bitbox_unplugged_while_it_is_locked(bed) -> None:
    emulator = plug_in(bed, "--new-card", "/run/tmp/pulled-card.img", "--polls", "100000")
    job = bed.start(bed.command("device create --yes"))
    bed.until(f"grep -q 'On the BitBox' /shared/jobs/{job}.err || ! sleep 0.05")
    pull(bed)
    answer = bed.wait(job)
    check_said(answer, "error: unlocking the device: the device is gone", "plug the BitBox in again and run this again", status=2)
    pull_and_end(bed, emulator)
    check_said(bed.program("device list"), "no BitBox", status=2)
