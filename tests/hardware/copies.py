"""What `sources` shows of the machine, what `image` copies from it, and as whom."""

from bitbox import plug_in, pull_and_end, start_at_terminal
from cards import HEALTHY, SOME_SECTORS, WALLET, check_healthy, examined, plug_in_empty_reader, reading, unplug_empty_reader
from case import case, check, check_said
from slots import CARD_BYTES, COPIES, SECTOR


def readers(bed) -> dict:
    """What `sources --json` says, by device."""
    answer = bed.program("sources --json")
    check(answer.status, 0, str(answer))
    return {reader["path"]: reader for reader in answer.json["readers"]}


def made(bed, arguments: str, *, status: int) -> dict:
    """The answer of `image`."""
    answer = bed.program(f"image --json --yes {arguments}")
    check(answer.status, status, str(answer))
    return answer.json


@case
def sources_show_every_slot_and_reader(bed) -> None:
    found = readers(bed)
    slot = found["/dev/mmcblk0"]
    check((slot["has_card"], slot["card"]["kind"], slot["card"]["card_type"]), (True, "mmc", "SD"))
    check(slot["card"]["cid"], bed.must("cat /sys/block/mmcblk0/device/cid"))
    check((slot["card"]["size"], slot["card"]["model"]), (CARD_BYTES, "QEMU!"))
    [partition] = slot["partitions"]
    check((partition["path"], partition["number"], partition["offset"], partition["mounts"]),
          ("/dev/mmcblk0p1", 1, 32256, []))
    for number, locked in enumerate([False, True, False, False], 1):
        reader = found[f"/dev/{bed.node(f'READER000{number}')}"]
        check((reader["has_card"], reader["card"]["kind"], reader["card"]["read_only"]), (True, "usb", locked))
        check(reader["card"]["reader"]["serial"], f"READER000{number}")
    check(len(found), 6, "readers")
    check_said(bed.program("sources"), "Card readers", "/dev/mmcblk0", "64.00 MiB", "BitBoxes", "none", status=0)


@case
def sources_warn_of_a_mounted_card(bed) -> None:
    bed.load("scsi_debug", f"dev_size_mb={CARD_BYTES >> 20} removable=1")
    node = bed.disk("scsi_debug")
    bed.must(f"cat /dev/{bed.node('READER0001')} > /dev/{node}; blockdev --rereadpt /dev/{node}")
    bed.until(f"[ -b /dev/{node}1 ]")
    bed.must(f"mkdir /host/run/card; mount -t vfat /dev/{node}1 /host/run/card")
    try:
        # scsi_debug is on no bus a reader hangs on; what is mounted is told all the same when it is read.
        mounts = readers(bed).get(f"/dev/{node}", {}).get("partitions", [])
        if mounts:
            check(mounts[0]["mounts"], [{"place": "/run/card", "read_only": False}])
            check_said(bed.program("sources"), "mounted so that programs may write to it", status=0)
        answer = bed.program(f"list /dev/{node}")
        check_said(answer, "mounted", status=0)
    finally:
        bed.must("umount /host/run/card; rmmod scsi_debug")


@case
def sources_show_a_reader_without_a_card(bed) -> None:
    node = plug_in_empty_reader(bed)
    check(readers(bed)[f"/dev/{node}"]["has_card"], False)
    check_said(bed.program("sources"), f"/dev/{node}", "no card", status=0)
    check_said(bed.program(f"image /dev/{node} --to /run/tmp/none.img --yes"), "there is no card in the reader",
               "put the card in", status=2)
    bed.must("[ ! -e /host/run/tmp/none.img ]")
    unplug_empty_reader(bed)


@case
def sources_show_a_bitbox(bed) -> None:
    emulator = plug_in(bed, "--new-card", "/run/tmp/shown.img")
    answer = bed.program("sources --json").json
    [device] = answer["devices"]
    check((device["product"], device["version"], device["bootloader"]), ("BitBox02", "v9.27.0", False))
    check(bed.must(f"cat /sys/class/hidraw/{device['path'].rsplit('/', 1)[-1]}/device/../bInterfaceNumber"), "00")
    check_said(bed.program("sources"), "BitBoxes", device["path"], "BitBox02", "v9.27.0", status=0)
    pull_and_end(bed, emulator)


@case
def image_of_a_sound_card(bed) -> None:
    said = made(bed, "--verify /dev/mmcblk0 --to /run/tmp/sd.img", status=0)
    check((said["complete"], said["ended"], said["verified"], said["unreadable"]), (True, "through", True, []))
    check((said["exchanged"], said["resumed"], said["size"]), (False, False, CARD_BYTES))
    check(said["sha256"], bed.slots.cards["sd"], "the hash of the card")
    check(bed.must("sha256sum < /host/run/tmp/sd.img").split()[0], said["sha256"], "the hash of the file")
    check(bed.must("stat -c %a /host/run/tmp/sd.img"), "600")
    check_healthy(examined(bed, "/run/tmp/sd.img", status=0))
    again = bed.program("image /dev/mmcblk1 --to /run/tmp/sd.img --yes")
    check(again.status != 0, True, f"written over: {again}")
    bed.must("rm /host/run/tmp/sd.img*")


@case
def image_of_a_worn_card(bed) -> None:
    node = bed.node("READER0003")
    said = made(bed, f"/dev/{node} --to /run/tmp/worn.img", status=1)
    check((said["complete"], said["unreadable"]), (False, [[COPIES[1] * SECTOR, SECTOR]]))
    lines = [line.split() for line in bed.must("cat /host/run/tmp/worn.img.map").splitlines() if line[0] != "#"]
    check([line for line in lines[1:] if line[2] == "-"], [[f"0x{COPIES[1] * SECTOR:08X}", f"0x{SECTOR:08X}", "-"]])
    # The image with its map is a card whose gap is known.
    source = examined(bed, "/run/tmp/worn.img", status=1)
    check([copy["state"] for copy in source["backups"][0]["copies"]], ["valid", "unreadable", "valid"])
    check_said(bed.program(f"image /dev/{node} --to /run/tmp/worn.img --yes"),
               f"{SECTOR} of the {CARD_BYTES} bytes", "cannot be read", "what to do: run it again with --retries 20",
               status=1)
    bed.must("rm /host/run/tmp/worn.img*")


@case
def image_of_a_card_pulled_and_put_back(bed) -> None:
    node = bed.node("READER0004")
    job = reading(bed, node, f"image /dev/{node} --to /run/tmp/pulled.img --yes")
    bed.qmp("device_del", id="reader-pull")
    check_said(bed.wait(job), "The card or its reader was removed.",
               "what to do: put the card back in and run the same command again", status=1)
    bed.until(f"[ ! -e /sys/block/{node} ]")
    # Another card of the same size in the same reader must not be mixed in.
    bed.plug("other", "READER0004", 4)
    node = bed.node("READER0004")
    answer = bed.program(f"image /dev/{node} --to /run/tmp/pulled.img --yes")
    check_said(answer, "another card", status=2)
    bed.qmp("device_del", id="reader-other")
    bed.until(f"[ ! -e /sys/block/{node} ]")
    bed.plug("pull", "READER0004", 4)
    said = made(bed, f"/dev/{bed.node('READER0004')} --to /run/tmp/pulled.img", status=0)
    check((said["complete"], said["resumed"], said["ended"]), (True, True, "through"))
    check(bed.must("sha256sum < /host/run/tmp/pulled.img").split()[0], bed.slots.cards["pull"], "the hash of the file")
    bed.must("rm /host/run/tmp/pulled.img*")


@case
def image_of_a_card_exchanged_meanwhile(bed) -> None:
    node = bed.node("READER0004")
    job = reading(bed, node, f"image /dev/{node} --to /run/tmp/mixed.img --yes")
    bed.exchange("pull", "other")
    answer = bed.wait(job)
    check(answer.status, 1, str(answer))
    check_said(answer, "was removed", "what to do: ")
    check("parts of two" in answer.out, False, str(answer))
    # Not a byte of the second card is in it.
    read = int(answer.out.split("was removed.")[1].split()[0])
    check(bed.must(f"head -c {read} /host/run/tmp/mixed.img | sha256sum").split()[0],
          bed.slots.beginning("pull", read), "what was read")
    bed.exchange("other", "pull")
    bed.must("rm /host/run/tmp/mixed.img*")


@case
def what_sudo_makes_belongs_to_its_user(bed) -> None:
    bed.must("mkdir /host/run/tmp/user && chown 1000:1000 /host/run/tmp/user")
    sudo = "SUDO_UID=1000 SUDO_GID=1000 "
    bed.must("[ $(stat -c %u:%a /dev/mmcblk0) = 0:600 ]")
    answer = bed.run(sudo + bed.command("-v list /dev/mmcblk0"))
    check_said(answer, HEALTHY, "sandbox: ", "user 1000", status=0)
    answer = bed.run(sudo + bed.command("recover /dev/mmcblk0 --to /run/tmp/user/saved --yes"))
    check_said(answer, "1 backup is recovered", status=0)
    owners = bed.must(f"stat -c '%u:%g %a' /host/run/tmp/user/saved/bitbox02/{WALLET}/*").splitlines()
    check(owners, ["1000:1000 600"] * 3)
    answer = bed.run(sudo + bed.command("image /dev/mmcblk0 --to /run/tmp/user/sd.img --yes"))
    check_said(answer, "are in the image", status=0)
    check(bed.must("stat -c '%u:%g %a' /host/run/tmp/user/sd.img"), "1000:1000 600")
    # Root's own folders stay closed to it.
    bed.must("mkdir -m 700 /host/run/tmp/root")
    answer = bed.run(sudo + bed.command("recover /dev/mmcblk0 --to /run/tmp/root/saved --yes"))
    check(answer.status, 2, str(answer))
    bed.must("[ ! -e /host/run/tmp/root/saved ]; rm -r /host/run/tmp/user")


@case
def rescue_of_a_card_pulled_and_put_back(bed) -> None:
    """The guided way says what to do, and begins where it stopped."""
    node = bed.node("READER0004")
    before = int(bed.must(f"awk '{{print $3}}' /sys/block/{node}/stat"))
    rescue = "rescue --to /run/tmp/rescue"
    job = start_at_terminal(bed, f"{rescue} /dev/{node}", "Type yes", ["yes", "stop"])
    bed.until(f"[ $(awk '{{print $3}}' /sys/block/{node}/stat) -gt {before + SOME_SECTORS} ]")
    bed.qmp("device_del", id="reader-pull")
    answer = bed.wait(job)
    check_said(answer, "The card or its reader was removed.", "put it back in, type stop", status=1)
    bed.until(f"[ ! -e /sys/block/{node} ]")
    bed.plug("pull", "READER0004", 4)
    again = f"{rescue} /dev/{bed.node('READER0004')}"
    answer = bed.wait(start_at_terminal(bed, again, "Type yes", ["yes", "yes"]), 300)
    check_said(answer, "Nothing needs to be recovered", "/run/tmp/rescue/card.img", status=0)
    check(bed.must("sha256sum < /host/run/tmp/rescue/card.img").split()[0], bed.slots.cards["pull"], "the copy")
    check(examined(bed, "/run/tmp/rescue/card.img", status=0)["state"], "healthy")
    bed.must("rm -r /host/run/tmp/rescue")
