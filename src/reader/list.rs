//! Which card readers and BitBoxes are there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::identity::{BitBoxReport, CardKind, MountReport, PartitionReport, SlotReport};
use super::{Sys, card_behind};
use crate::text::{escape, path_text};

/// Most bytes of a list of mounts that are read.
const MAX_MOUNTS: u64 = 4 << 20;
/// The SCSI type of a drive for discs, which holds no card.
const DISC: u64 = 5;
/// The USB number of every BitBox02, as the system writes it in `HID_ID`: bus, vendor, product.
const BITBOX: &str = "0003:000003EB:00002403";

/// The card readers of the system whose `sys`, `proc` and `run` lie in `root`, by their device's name;
/// `None` where no system tells. Nothing is opened but what the system says of itself.
///
/// Listed are slots with an SD card, whatever they say of being removable, and every other disk that is
/// removable or on USB, with or without a card.
pub fn slots(root: &Path) -> Option<Vec<SlotReport>> {
    let sys = Sys::of(root)?;
    let mounts = mounts(root);
    let mut names: Vec<_> = fs::read_dir(sys.0.join("block")).ok()?.flatten().collect();
    names.sort_by_key(fs::DirEntry::file_name);
    let slot = |entry: &fs::DirEntry| slot(root, &sys, &mounts, entry);
    Some(names.iter().filter_map(slot).collect())
}

/// The places where the block device with these numbers, or another part of the same disk, is mounted
/// such that it can be written, in the system that lies in `root`.
pub fn writable_mounts(root: &Path, major: u32, minor: u32) -> Vec<String> {
    let Some(sys) = Sys::of(root) else {
        return Vec::new();
    };
    let Some(disk) = sys.disk(major, minor) else {
        return Vec::new();
    };
    let mounts = mounts(root);
    let parts = fs::read_dir(&disk).into_iter().flatten().flatten();
    let parts = parts.map(|entry| entry.path());
    let mut folders: Vec<_> = parts
        .filter(|part| part.join("partition").exists())
        .collect();
    folders.sort();
    folders.insert(0, disk);
    let devices = folders.iter().filter_map(|folder| numbers(&sys, folder));
    let mounts = devices.flat_map(|(major, minor)| mounts.of(major, minor));
    let written = mounts.filter(|mount| !mount.read_only);
    written.map(|mount| mount.place).collect()
}

fn slot(root: &Path, sys: &Sys, mounts: &Mounts, entry: &fs::DirEntry) -> Option<SlotReport> {
    let disk = sys.resolve(&entry.path())?;
    let device = sys.resolve(&disk.join("device"))?;
    let (major, minor) = numbers(sys, &disk)?;
    let card = card_behind(root, major, minor)?;
    let is_disc = || sys.number(&device.join("type")) == Some(DISC);
    let listed = match card.kind {
        // eMMC says MMC, and is built in.
        CardKind::Mmc => card.card_type.as_deref() == Some("SD"),
        CardKind::Usb => !is_disc(),
        CardKind::Other => card.removable == Some(true) && !is_disc(),
    };
    if !listed {
        return None;
    }
    let entries = fs::read_dir(&disk).into_iter().flatten().flatten();
    let partitions = entries.filter_map(|entry| partition(root, sys, mounts, &entry.path()));
    let mut partitions: Vec<_> = partitions.collect();
    partitions.sort_by_key(|partition| partition.number);
    let has_card = card.size.is_some_and(|size| size > 0);
    Some(SlotReport {
        path: device_path(&disk),
        has_card,
        file_system: udev(root, major, minor, "ID_FS_TYPE"),
        partition_table: udev(root, major, minor, "ID_PART_TABLE_TYPE").map(|kind| match &*kind {
            "dos" => "MBR".to_owned(),
            "gpt" => "GPT".to_owned(),
            _ => kind,
        }),
        mounts: mounts.of(major, minor),
        partitions,
        card,
    })
}

fn partition(root: &Path, sys: &Sys, mounts: &Mounts, folder: &Path) -> Option<PartitionReport> {
    let number = sys.number(&folder.join("partition"))?;
    let bytes = |name: &str| sys.number(&folder.join(name))?.checked_mul(512);
    let (major, minor) = numbers(sys, folder)?;
    Some(PartitionReport {
        path: device_path(folder),
        number,
        offset: bytes("start")?,
        size: bytes("size")?,
        file_system: udev(root, major, minor, "ID_FS_TYPE"),
        mounts: mounts.of(major, minor),
    })
}

fn device_path(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default();
    path_text(&Path::new("/dev").join(name))
}

fn numbers(sys: &Sys, folder: &Path) -> Option<(u32, u32)> {
    let text = sys.text(&folder.join("dev"))?;
    let (major, minor) = text.split_once(':')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// What udev found when the card came, without another look at it.
fn udev(root: &Path, major: u32, minor: u32, name: &str) -> Option<String> {
    let path = root.join(format!("run/udev/data/b{major}:{minor}"));
    let text = bounded(&path)?;
    let value = |line: &str| {
        line.strip_prefix("E:")?
            .strip_prefix(name)?
            .strip_prefix('=')
            .map(escape)
    };
    text.lines().find_map(value)
}

/// The mounts of this system, by the numbers of their device.
struct Mounts(BTreeMap<(u32, u32), Vec<MountReport>>);

impl Mounts {
    fn of(&self, major: u32, minor: u32) -> Vec<MountReport> {
        self.0.get(&(major, minor)).cloned().unwrap_or_default()
    }
}

/// Reads `/proc/self/mountinfo`: the third word is the device's numbers, the fifth the place, the sixth
/// how it is mounted (proc(5)).
fn mounts(root: &Path) -> Mounts {
    let text = bounded(&root.join("proc/self/mountinfo")).unwrap_or_default();
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.split(' ').skip(2);
        let numbers = words.next().and_then(|numbers| numbers.split_once(':'));
        let place = words.nth(1);
        let options = words.next();
        let (Some((major, minor)), Some(place), Some(options)) = (numbers, place, options) else {
            continue;
        };
        if let (Ok(major), Ok(minor)) = (major.parse(), minor.parse()) {
            all.entry((major, minor)).or_default().push(MountReport {
                place: escape(&unescaped(place)),
                read_only: options.split(',').any(|option| option == "ro"),
            });
        }
    }
    Mounts(all)
}

/// A path as `mountinfo` writes it, where a space is `\040`.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.get(..3);
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        all.push(byte.map_or('\\', char::from));
        all.push_str(part.get(byte.map_or(0, |_| 3)..).unwrap_or_default());
    }
    all
}

fn bounded(path: &Path) -> Option<String> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let file = fs::File::open(path).ok()?;
    file.take(MAX_MOUNTS).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The BitBoxes on USB of the system whose `sys` lies in `root`; `None` where no system tells. The
/// interface for U2F, which every BitBox has too, is left out (docs/device.md 1).
pub fn bitboxes(root: &Path) -> Option<Vec<BitBoxReport>> {
    let sys = Sys::of(root)?;
    let entries = fs::read_dir(sys.0.join("class/hidraw")).ok()?.flatten();
    let found = entries.filter_map(|entry| bitbox(&sys, &entry.path()));
    let mut found: Vec<_> = found.collect();
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Some(found)
}

fn bitbox(sys: &Sys, link: &Path) -> Option<BitBoxReport> {
    let node = sys.resolve(link)?;
    let hid: PathBuf = sys.resolve(&node.join("device"))?;
    let about = bounded(&hid.join("uevent"))?;
    let value = |key: &str| {
        let mut lines = about.lines();
        lines.find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
    };
    if !value("HID_ID")?.eq_ignore_ascii_case(BITBOX) {
        return None;
    }
    let interface = hid.parent().map(|folder| folder.join("bInterfaceNumber"));
    let interface = interface.and_then(|file| sys.text(&file));
    if interface.as_deref().is_some_and(|number| number != "00") {
        return None;
    }
    let usb = sys.usb(&hid);
    let product = usb.as_ref().and_then(|usb| usb.product.clone());
    let product = product.or_else(|| value("HID_NAME").map(escape));
    let version = usb.and_then(|usb| usb.serial);
    let version = version.or_else(|| value("HID_UNIQ").map(escape));
    let is_bootloader = |name: &String| name.ends_with("bootloader") || name.ends_with(" bl");
    Some(BitBoxReport {
        path: device_path(&node),
        bootloader: product.as_ref().is_some_and(is_bootloader),
        product,
        version: version.filter(|version| !version.is_empty()),
    })
}
