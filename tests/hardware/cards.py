"""What the program says of cards in slots and readers that are sound, worn, empty, locked or pulled out."""

from case import case, check, check_said, rules
from slots import CARD_BYTES, COPIES, SECTOR

WALLET = "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2"
HEALTHY = "Your backup is complete: it has three intact copies, and the BitBox shows it."
# Read at 4 MiB/s, a card is still being read when this much of it is done: more than the first block of `image`.
SOME_SECTORS = 12_000


def examined(bed, node: str, *, status: int, options: str = "") -> dict:
    """What `list --json` says of one card."""
    answer = bed.program(f"list --json {options} {node}")
    check(answer.status, status, f"status of list {node}: {answer}")
    summary = answer.json["summary"]
    check((summary["sources"], summary["examined"], summary["failed"]), (1, 1, 0), "summary")
    return answer.json["sources"][0]


def check_healthy(source: dict) -> None:
    check(source["verdict"], HEALTHY, "verdict")
    check(source["size"], CARD_BYTES, "size")
    check(source["device_view"]["backups"], [{"id": WALLET, "timestamp": 1601281809, "name": "My BitBox"}])
    [backup] = source["backups"]
    check((backup["state"], [copy["state"] for copy in backup["copies"]]), ("healthy", ["valid"] * 3))
    check([copy["offset"] for copy in backup["copies"]], [sector * SECTOR for sector in COPIES])
    check(rules(source), [], "rules")


def check_why(source: dict, why: str) -> None:
    """What is said of why something cannot be read."""
    said = [found["message"] for found in source["findings"] if found["rule"] == "unreadable-sectors"]
    if not said or not all(message.endswith(f" cannot be read: {why}") for message in said):
        raise AssertionError(f"wanted {why!r}, said {said}")


@case
def slot_with_a_sound_card(bed) -> None:
    check(bed.must("cat /sys/block/mmcblk0/removable"), "0", "an SD slot is not removable")
    check_healthy(examined(bed, "/dev/mmcblk0", status=0))
    check_said(bed.program("list /dev/mmcblk0"), HEALTHY, "healthy  3 valid  577782fd…", status=0)
    check_said(bed.program("inspect /dev/mmcblk0"), HEALTHY, f"block device, {CARD_BYTES} bytes (64.0 MiB)",
               "Volume 0  FAT32 (MBR partition 1, type 0c)", "live valid copy at byte 575488", status=0)


@case
def usb_reader_with_a_sound_card(bed) -> None:
    node = bed.node("READER0001")
    check(bed.must(f"cat /sys/block/{node}/removable"), "1")
    check_healthy(examined(bed, f"/dev/{node}", status=0))
    check_said(bed.program(f"list /dev/{node}"), HEALTHY, status=0)


@case
def which_card_in_the_evidence_log(bed) -> None:
    node = bed.node("READER0001")
    answer = bed.program(f"audit --min-cards 1 --log /run/tmp/evidence.log /dev/mmcblk0 /dev/{node}")
    check(answer.status, 0, str(answer))
    log = bed.must("cat /host/run/tmp/evidence.log")
    cid = bed.must("cat /sys/block/mmcblk0/device/cid")
    for text in [cid, "QEMU!", "READER0001", "QEMU USB HARDDRIVE"]:
        if text not in log:
            raise AssertionError(f"{text} is not in the log: {log}")


@case
def read_only_switch(bed) -> None:
    node = bed.node("READER0002")
    check(bed.must(f"cat /sys/block/{node}/ro"), "1")
    check_healthy(examined(bed, f"/dev/{node}", status=0))
    check_said(bed.program(f"inspect /dev/{node}"), HEALTHY, status=0)


@case
def one_bad_sector(bed) -> None:
    node = bed.node("READER0003")
    check_said(bed.program(f"list /dev/{node}"),
               'Your backup still has 2 intact copies, but the BitBox does not show it: '
               '"backup_Mon_2020-09-28T08-30-09Z_1.bin" cannot be read.',
               "What to do:", f"bitbox-backup image /dev/{node} --to ",
               "hidden  2 valid, 1 unreadable  577782fd…", "error[file-unreadable]", status=1)
    source = examined(bed, f"/dev/{node}", status=1)
    check((source["device_view"]["list"], source["device_view"]["backups"]), ("ok", []))
    [backup] = source["backups"]
    # Through the page cache the whole page would be lost, and with it the other two.
    check([copy["state"] for copy in backup["copies"]], ["valid", "unreadable", "valid"])
    check(rules(source), ["copy-unreadable", "file-unreadable", "unreadable-sectors"])
    check_why(source, "the reader reports an error")
    whole = bed.program(f"recover /dev/{node} --to /run/tmp/worn --yes")
    check_said(whole, "1 backup is recovered", "intact copy", "checksum and ID", status=0)
    check(bed.must(f"ls /host/run/tmp/worn/bitbox02/{WALLET} | wc -l"), "3")


@case
def medium_error(bed) -> None:
    bed.load("scsi_debug", f"dev_size_mb={CARD_BYTES >> 20} removable=1 "
             f"medium_error_start={COPIES[0]} medium_error_count=2")
    node = bed.disk("scsi_debug")
    bed.must(f"cat /dev/{bed.node('READER0001')} > /dev/{node}; echo 2 > /sys/bus/pseudo/drivers/scsi_debug/opts; "
             "echo 3 > /proc/sys/vm/drop_caches")
    answer = bed.run(f"dd if=/dev/{node} of=/dev/null bs={SECTOR} skip={COPIES[0]} count=1")
    check(answer.status, 1, "the fault is not there")
    check_said(bed.program(f"list /dev/{node}"), "Your backup still has 1 intact copy, but the BitBox does not show it",
               "What to do:", "2 unreadable, 1 valid  577782fd…", status=1)
    source = examined(bed, f"/dev/{node}", status=1)
    check([copy["state"] for copy in source["backups"][0]["copies"]], ["unreadable", "unreadable", "valid"])
    check_why(source, "the card reports that its memory is bad there")
    check(source["backups"][0]["state"], "hidden")
    bed.must("echo 0 > /sys/bus/pseudo/drivers/scsi_debug/opts; rmmod scsi_debug")


@case
def lying_card(bed) -> None:
    check_said(bed.program("list /dev/mmcblk1"),
               "Your backup still works, but only 2 of its 3 copies are intact.",
               "degraded  1 damaged, 2 valid  577782fd…", "warning[copy-damaged]", status=0)
    source = examined(bed, "/dev/mmcblk1", status=0)
    check([copy["state"] for copy in source["backups"][0]["copies"]], ["damaged", "valid", "valid"])
    check(rules(source), ["copy-damaged", "fewer-than-three-copies"])


def plug_in_empty_reader(bed) -> str:
    """The node of a USB reader without a card."""
    bed.load("dummy_hcd", "num=2")
    bed.must("""
        set -e
        if ! cd /sys/kernel/config/usb_gadget/reader 2>&-; then
            mkdir /sys/kernel/config/usb_gadget/reader && cd /sys/kernel/config/usb_gadget/reader
            echo 0x1d6b > idVendor; echo 0x0104 > idProduct
            mkdir strings/0x409 configs/c.1 functions/mass_storage.0
            echo EMPTY0001 > strings/0x409/serialnumber; echo Reader > strings/0x409/product
            echo 1 > functions/mass_storage.0/lun.0/removable
            ln -s functions/mass_storage.0 configs/c.1/
        fi
        echo dummy_udc.1 > UDC""")
    return bed.node("EMPTY0001")


def unplug_empty_reader(bed) -> None:
    bed.must("echo > /sys/kernel/config/usb_gadget/reader/UDC")


@case
def reader_without_a_card(bed) -> None:
    empty, full = plug_in_empty_reader(bed), bed.node("READER0001")
    check_said(bed.program(f"list /dev/{empty}"), "error: there is no card in the reader",
               "what to do: put the card in, or take it out and in again", status=2)
    answer = bed.program(f"list --json /dev/{empty} /dev/{full}")
    check(answer.status, 1, str(answer))
    nothing, card = answer.json["sources"]
    check((nothing["status"], nothing["error"], nothing["device_view"]),
          ("failed", "there is no card in the reader", None))
    check_healthy(card)
    unplug_empty_reader(bed)


def reading(bed, node: str, arguments: str) -> int:
    """A job of the program that has begun to read the whole card, and is far from its end."""
    before = int(bed.must(f"awk '{{print $3}}' /sys/block/{node}/stat"))
    job = bed.start(bed.command(arguments))
    bed.until(f"[ $(awk '{{print $3}}' /sys/block/{node}/stat) -gt {before + SOME_SECTORS} ]")
    return job


@case
def usb_reader_pulled_and_put_back(bed) -> None:
    node = bed.node("READER0004")
    job = reading(bed, node, f"list --carve /dev/{node}")
    bed.qmp("device_del", id="reader-pull")
    check_said(bed.wait(job), "What to do:", "error[card-changed]", status=1)
    check_said(bed.program(f"list /dev/{node}"), "error: there is no such file, device or folder", status=2)
    bed.until(f"[ ! -e /sys/block/{node} ]")
    bed.plug("pull", "READER0004", 4)
    check_healthy(examined(bed, f"/dev/{bed.node('READER0004')}", status=0))


@case
def pulled_out_while_more_than_a_list_is_wanted(bed) -> None:
    """What was read before is brought back, and is said to be a part."""
    for arguments, texts, status in [
        ("recover /dev/{} --to /run/tmp/part --yes", ["1 backup is recovered"], 1),
        ("words /dev/{}", ["The recovery words of 1 wallet can be shown"], 1),
        ("wallet /dev/{}", [], 2),
        ("match /dev/{} --id " + WALLET, [], 2),
    ]:
        node = bed.node("READER0004")
        job = reading(bed, node, arguments.format(node))
        bed.qmp("device_del", id="reader-pull")
        answer = bed.wait(job)
        check_said(answer, *texts, status=status)
        check_said(answer, "the card was taken out while it was read, or its reader was unplugged")
        bed.until(f"[ ! -e /sys/block/{node} ]")
        bed.plug("pull", "READER0004", 4)
    check(bed.must(f"ls /host/run/tmp/part/bitbox02/{WALLET} | wc -l"), "3")
    bed.node("READER0004")


@case
def another_card_under_the_same_name(bed) -> None:
    node = bed.node("READER0004")
    job = reading(bed, node, f"list --json --carve /dev/{node}")
    bed.exchange("pull", "other")
    answer = bed.wait(job)
    check(answer.status, 1, str(answer))
    source = answer.json["sources"][0]
    check(source["status"], "examined")
    if "card-changed" not in rules(source):
        raise AssertionError(f"nothing is said of the other card: {rules(source)}")
    # Nothing of the second card got into the answer about the first.
    check([backup["id"] for backup in source["backups"]], [WALLET])
    names = {backup["name"] for backup in examined(bed, f"/dev/{node}", status=0)["backups"]}
    check(len(names), 5, "wallets of the other card")
    bed.exchange("other", "pull")
    check_healthy(examined(bed, f"/dev/{node}", status=0))


@case
def card_pulled_out_of_the_slot_and_put_back(bed) -> None:
    job = reading(bed, "mmcblk0", "list --carve /dev/mmcblk0")
    bed.qmp("eject", id="sd-card", force=True)
    check_said(bed.wait(job), "What to do:", "error[card-changed]", status=1)
    bed.until("[ ! -e /sys/block/mmcblk0 ]")
    check_said(bed.program("list /dev/mmcblk0"), "error: there is no such file, device or folder", status=2)
    bed.qmp("blockdev-insert-medium", id="sd-card", **{"node-name": "sd"})
    bed.qmp("blockdev-close-tray", id="sd-card")
    bed.until("[ -e /dev/mmcblk0 ]")
    check_healthy(examined(bed, "/dev/mmcblk0", status=0))


def preflight(bed, node: str, *, status: int) -> dict:
    """What is said of a card before a backup is made on it."""
    answer = bed.program(f"inspect --preflight --json /dev/{node}")
    check(answer.status, status, str(answer))
    return answer.json["sources"][0]["preflight"]


@case
def what_is_said_to_mend_a_card_does(bed) -> None:
    bed.load("scsi_debug", f"dev_size_mb={CARD_BYTES >> 20} removable=1")
    node = bed.disk("scsi_debug")
    bed.must("echo start=2048,type=c | " + bed.of_host(f"sfdisk -q /dev/{node}"))
    bed.until(f"[ -b /dev/{node}1 ]")
    bed.must(bed.of_host(f"mkfs.vfat -F 32 -s 1 /dev/{node}1"))
    check(preflight(bed, node, status=0)["accepted"], True, "a card as it comes")
    bed.must(f"printf '\\0\\0\\0\\0' | dd of=/dev/{node}1 bs=1 seek=1000 conv=notrunc")
    said = preflight(bed, node, status=1)
    check((said["reasons"][0]["reason"], said["commands"]),
          ("fsinfo-free-count", [f"sudo fsck.vfat -a /dev/{node}1"]))
    bed.run(bed.of_host(said["commands"][0].removeprefix("sudo ")))  # its status says that it wrote
    check(preflight(bed, node, status=0)["accepted"], True, "after fsck.vfat")
    bed.must(f"dd if=/dev/zero of=/dev/{node} bs=1M count=4")
    said = preflight(bed, node, status=1)
    check(len(said["commands"]), 1, said)
    bed.must(bed.of_host(said["commands"][0].removeprefix("sudo ")))
    check(preflight(bed, node, status=0)["accepted"], True, "after mkfs.vfat")
    bed.must("rmmod scsi_debug")
