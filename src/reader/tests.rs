use super::*;
use crate::reader::CardFate;
use std::os::unix::fs::symlink;

/// A system's `sys`, laid out as Linux does.
struct Fake(tempfile::TempDir);

impl Fake {
    fn new() -> Self {
        let fake = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(fake.0.path().join("sys/dev/block")).unwrap();
        fake
    }

    fn write(&self, folder: &str, attributes: &[(&str, &str)]) {
        let folder = self.0.path().join("sys/devices").join(folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in attributes {
            fs::write(folder.join(name), text).unwrap();
        }
    }

    fn link(&self, from: &str, to: &str) {
        symlink(to, self.0.path().join("sys").join(from)).unwrap();
    }

    fn card(&self, major: u32, minor: u32) -> Option<CardIdentity> {
        card_behind(self.0.path(), major, minor)
    }
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A card in a slot, with one partition.
fn slot() -> Fake {
    let fake = Fake::new();
    let card = "platform/soc/3f300000.mmc/mmc_host/mmc0/mmc0:aaaa";
    fake.write(
        card,
        &[
            ("cid", "035344534331364780c5b4f3a7010ab1\n"),
            ("serial", "0xc5b4f3a7\n"),
            ("name", "SC16G\n"),
            ("manfid", "0x000003\n"),
            ("oemid", "0x5344\n"),
            ("date", "10/2016\n"),
            ("type", "SD\n"),
        ],
    );
    let disk = format!("{card}/block/mmcblk0");
    fake.write(
        &disk,
        &[
            ("size", "31116288\n"),
            ("ro", "0\n"),
            ("removable", "0\n"),
            ("diskseq", "9\n"),
        ],
    );
    fake.write(
        &format!("{disk}/mmcblk0p1"),
        &[("partition", "1\n"), ("size", "8192\n")],
    );
    fake.link(&format!("devices/{disk}/device"), "../../../mmc0:aaaa");
    fake.link("dev/block/179:0", &format!("../../devices/{disk}"));
    fake.link(
        "dev/block/179:1",
        &format!("../../devices/{disk}/mmcblk0p1"),
    );
    fake
}

const USB: &str = "pci0000:00/0000:00:14.0/usb1/1-2/1-2.3";

/// A card reader behind a hub.
fn usb(product: &str) -> Fake {
    let fake = Fake::new();
    fake.write(
        "pci0000:00/0000:00:14.0/usb1",
        &[("idVendor", "1d6b\n"), ("serial", "hub\n")],
    );
    fake.write(
        "pci0000:00/0000:00:14.0/usb1/1-2",
        &[("idVendor", "05e3\n")],
    );
    fake.write(
        USB,
        &[
            ("idVendor", "14cd\n"),
            ("idProduct", "1212\n"),
            ("manufacturer", "Generic\n"),
            ("product", product),
            ("serial", "121220160204\n"),
        ],
    );
    let scsi = format!("{USB}/1-2.3:1.0/host2/target2:0:0/2:0:0:0");
    fake.write(
        &scsi,
        &[
            ("vendor", "Mass    \n"),
            ("model", "Storage Device  \n"),
            ("type", "0\n"),
        ],
    );
    let disk = format!("{scsi}/block/sdb");
    fake.write(
        &disk,
        &[("size", "62333952\n"), ("ro", "1\n"), ("removable", "1\n")],
    );
    fake.link(&format!("devices/{disk}/device"), "../../../2:0:0:0");
    fake.link("dev/block/8:16", &format!("../../devices/{disk}"));
    fake
}

#[test]
fn a_card_in_a_slot_and_its_partition() {
    let fake = slot();
    let card = CardIdentity {
        kind: CardKind::Mmc,
        cid: text("035344534331364780c5b4f3a7010ab1"),
        serial: text("0xc5b4f3a7"),
        model: text("SC16G"),
        vendor: text("0x000003"),
        oem: text("0x5344"),
        made: text("10/2016"),
        card_type: text("SD"),
        reader: None,
        diskseq: Some(9),
        size: Some(31_116_288 * 512),
        read_only: Some(false),
        removable: Some(false),
    };
    assert_eq!(fake.card(179, 0), Some(card.clone()));
    assert_eq!(fake.card(179, 1), Some(card.clone()));
    assert_eq!(fake.card(179, 2), None);
    let json = serde_json::to_string(&card).unwrap();
    assert!(
        json.starts_with("{\"kind\":\"mmc\",\"cid\":\"0353"),
        "{json}"
    );
    assert_eq!(serde_json::from_str::<CardIdentity>(&json).unwrap(), card);
}

#[test]
fn a_usb_reader_is_not_the_card() {
    let card = usb("SD Card Reader\n").card(8, 16).unwrap();
    let reader = UsbReader {
        vendor_id: text("14cd"),
        product_id: text("1212"),
        manufacturer: text("Generic"),
        product: text("SD Card Reader"),
        serial: text("121220160204"),
    };
    let expected = CardIdentity {
        kind: CardKind::Usb,
        cid: None,
        serial: None,
        model: text("Storage Device"),
        vendor: text("Mass"),
        oem: None,
        made: None,
        card_type: None,
        reader: Some(reader),
        diskseq: None,
        size: Some(62_333_952 * 512),
        read_only: Some(true),
        removable: Some(true),
    };
    assert_eq!(card, expected);
}

#[test]
fn a_disk_and_what_has_no_device() {
    let fake = Fake::new();
    let nvme = "pci0000:00/0000:01:00.0/nvme/nvme0";
    fake.write(nvme, &[("model", "Disk 1TB   \n"), ("serial", " S1 \n")]);
    fake.write(
        &format!("{nvme}/nvme0n1"),
        &[("size", "18446744073709551615")],
    );
    fake.link(&format!("devices/{nvme}/nvme0n1/device"), "../../nvme0");
    fake.link("dev/block/259:0", &format!("../../devices/{nvme}/nvme0n1"));
    let card = fake.card(259, 0).unwrap();
    assert_eq!(card.kind, CardKind::Other);
    assert_eq!((card.model, card.serial), (text("Disk 1TB"), text("S1")));
    assert_eq!(card.size, None, "too large for bytes");
    fake.write("virtual/block/loop0", &[("ro", "x")]);
    fake.link("dev/block/7:0", "../../devices/virtual/block/loop0");
    let card = fake.card(7, 0).unwrap();
    assert_eq!(
        (card.kind, card.model, card.read_only),
        (CardKind::Other, None, None)
    );
}

#[test]
fn hostile_text_is_bounded_and_harmless() {
    let product = |text: &str| usb(text).card(8, 16).unwrap().reader.unwrap().product;
    assert_eq!(product("\x1b[31m\u{202e}x\n"), text("\\x1b[31m\\u{202e}x"));
    assert_eq!(product(&"a".repeat(100_000)), Some("a".repeat(MAX_TEXT)));
    assert_eq!(product(" \0\n"), None);
}

#[test]
fn nothing_outside_sys_is_read() {
    let fake = slot();
    fs::write(fake.0.path().join("secret"), "secret").unwrap();
    let card = fake
        .0
        .path()
        .join("sys/devices/platform/soc/3f300000.mmc/mmc_host/mmc0/mmc0:aaaa");
    fs::remove_file(card.join("name")).unwrap();
    symlink(fake.0.path().join("secret"), card.join("name")).unwrap();
    assert_eq!(fake.card(179, 0).unwrap().model, None);
    fs::create_dir(fake.0.path().join("elsewhere")).unwrap();
    fake.link("dev/block/1:1", "../../../elsewhere");
    fake.link("dev/block/1:2", "1:2");
    assert_eq!((fake.card(1, 1), fake.card(1, 2)), (None, None));
}

#[test]
fn what_is_no_device_has_no_card() {
    let file = tempfile::NamedTempFile::new().unwrap();
    assert_eq!(of(file.path()), None);
    assert_eq!(of(Path::new("/dev/null")), None);
    assert_eq!(of(Path::new("/no/such/device")), None);
    assert_eq!(card_behind(Path::new("/no/such/root"), 8, 16), None);
}

/// Puts a disk where the list of disks is, and gives it and its partitions their numbers.
fn listed(fake: &Fake, disk: &str, numbers: &[(&str, &str)]) {
    let name = disk.rsplit('/').next().unwrap();
    fs::create_dir_all(fake.0.path().join("sys/block")).unwrap();
    fake.link(&format!("block/{name}"), &format!("../devices/{disk}"));
    for (folder, numbers) in numbers {
        fake.write(&format!("{disk}/{folder}"), &[("dev", numbers)]);
    }
}

#[test]
fn slots_with_what_is_in_them() {
    let fake = slot();
    let disk = "platform/soc/3f300000.mmc/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0";
    listed(&fake, disk, &[("", "179:0\n"), ("mmcblk0p1", "179:1\n")]);
    fake.write(&format!("{disk}/mmcblk0p1"), &[("start", "2048\n")]);
    let root = fake.0.path();
    fs::create_dir_all(root.join("run/udev/data")).unwrap();
    fs::write(
        root.join("run/udev/data/b179:1"),
        "S:disk\nE:ID_FS_TYPE=vfat\n",
    )
    .unwrap();
    fs::write(
        root.join("run/udev/data/b179:0"),
        "E:ID_PART_TABLE_TYPE=dos\n",
    )
    .unwrap();
    fs::create_dir_all(root.join("proc/self")).unwrap();
    let mounts = "22 1 179:1 / /media/my\\040card rw,nosuid shared:1 - vfat /dev/mmcblk0p1 rw\n\
                  23 1 8:1 / / ro - ext4 /dev/sda1 ro\nnonsense\n";
    fs::write(root.join("proc/self/mountinfo"), mounts).unwrap();
    let found = slots(root).unwrap();
    assert_eq!(found.len(), 1);
    let slot = &found[0];
    assert_eq!((slot.path.as_str(), slot.has_card), ("/dev/mmcblk0", true));
    assert!(slot.is_written() && slot.mounts.is_empty());
    assert_eq!(slot.partition_table.as_deref(), Some("MBR"));
    let part = &slot.partitions[0];
    assert_eq!((part.path.as_str(), part.number), ("/dev/mmcblk0p1", 1));
    assert_eq!((part.offset, part.size), (1 << 20, 8192 * 512));
    assert_eq!(part.file_system.as_deref(), Some("vfat"));
    assert_eq!(part.mounts[0].place, "/media/my card");
    assert!(!part.mounts[0].read_only);
    // Memory that is built in is no card.
    fake.write(
        "platform/soc/3f300000.mmc/mmc_host/mmc0/mmc0:aaaa",
        &[("type", "MMC\n")],
    );
    assert_eq!(slots(root), Some(Vec::new()));
    assert_eq!(slots(&root.join("nowhere")), None);
}

#[test]
fn an_empty_reader_is_one() {
    let fake = usb("Card Reader\n");
    let disk = format!("{USB}/1-2.3:1.0/host2/target2:0:0/2:0:0:0/block/sdb");
    listed(&fake, &disk, &[("", "8:16\n")]);
    fake.write(&disk, &[("size", "0\n")]);
    let found = slots(fake.0.path()).unwrap();
    assert_eq!(
        (found[0].path.as_str(), found[0].has_card),
        ("/dev/sdb", false)
    );
    // A drive for discs holds no card.
    fake.write(
        &format!("{USB}/1-2.3:1.0/host2/target2:0:0/2:0:0:0"),
        &[("type", "5\n")],
    );
    assert_eq!(slots(fake.0.path()), Some(Vec::new()));
}

#[test]
fn bitboxes_by_their_first_interface() {
    let fake = Fake::new();
    fs::create_dir_all(fake.0.path().join("sys/class/hidraw")).unwrap();
    let usb = "pci0000:00/usb1/1-1";
    fake.write(
        usb,
        &[
            ("idVendor", "03eb\n"),
            ("idProduct", "2403\n"),
            ("product", "BitBox02BTC\n"),
            ("serial", "v9.26.5\n"),
        ],
    );
    for (number, name) in [("00", "hidraw3"), ("01", "hidraw4")] {
        let interface = format!("{usb}/1-1:1.{number}");
        fake.write(&interface, &[("bInterfaceNumber", number)]);
        let hid = format!("{interface}/0003:03EB:2403.000{number}");
        let about =
            "DRIVER=hid-generic\nHID_ID=0003:000003EB:00002403\nHID_NAME=Shift BitBox02BTC\n";
        fake.write(&hid, &[("uevent", about)]);
        let node = format!("{hid}/hidraw/{name}");
        fake.write(&node, &[("dev", "240:3\n")]);
        fake.link(
            &format!("devices/{node}/device"),
            &format!("../../../0003:03EB:2403.000{number}"),
        );
        fake.link(
            &format!("class/hidraw/{name}"),
            &format!("../../devices/{node}"),
        );
    }
    let found = bitboxes(fake.0.path()).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].path, "/dev/hidraw3");
    assert_eq!(found[0].product.as_deref(), Some("BitBox02BTC"));
    assert_eq!(found[0].version.as_deref(), Some("v9.26.5"));
    assert!(!found[0].bootloader);
}

#[test]
fn where_a_card_can_be_written() {
    let fake = slot();
    let disk = "platform/soc/3f300000.mmc/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0";
    listed(&fake, disk, &[("", "179:0\n"), ("mmcblk0p1", "179:1\n")]);
    let root = fake.0.path();
    fs::create_dir_all(root.join("proc/self")).unwrap();
    let mounted = |options: &str| {
        let line = format!("22 1 179:1 / /media/card {options} - vfat /dev/mmcblk0p1 rw\n");
        fs::write(root.join("proc/self/mountinfo"), line).unwrap();
        [(179, 0), (179, 1)].map(|(major, minor)| writable_mounts(root, major, minor))
    };
    assert_eq!(mounted("rw,nosuid"), [["/media/card"], ["/media/card"]]);
    assert_eq!(mounted("ro,nosuid"), [[""; 0], [""; 0]]);
}

#[test]
fn what_becomes_of_a_card() {
    let card = slot().card(179, 0).unwrap();
    assert_eq!(card.fate(Some(&card)), CardFate::There);
    assert_eq!(card.fate(None), CardFate::Gone);
    let mut now = card.clone();
    now.diskseq = Some(10);
    assert_eq!(card.fate(Some(&now)), CardFate::Another);
    now.size = Some(0);
    assert_eq!(card.fate(Some(&now)), CardFate::Gone);
}
