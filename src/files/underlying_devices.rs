//! Where the bytes of a file system end up: through mapped devices, loop devices and partitions, by
//! what Linux tells in `/sys`.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::file_identity::KnownNode;

/// Most devices that one is built on; there are no such towers.
const MOST: usize = 64;

/// The devices and files that are written where one device is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Flow {
    /// The device itself, what it is built on, and the whole disks these are parts of.
    pub(super) devices: HashSet<u64>,
    pub(super) files: HashSet<KnownNode>,
}

/// Looks below a device. With `through_files` a loop device leads on to the device its file lies
/// on: that is written too, though little of it.
pub(super) fn below(root: &Path, device: u64, through_files: bool) -> Flow {
    let mut flow = Flow::default();
    let mut next = vec![device];
    while let Some(device) = next.pop() {
        if flow.devices.len() >= MOST || !flow.devices.insert(device) {
            continue;
        }
        let Some(known) = folder_of(root, device) else {
            continue;
        };
        next.extend(disk_around(&known));
        let slaves = fs::read_dir(known.join("slaves")).into_iter().flatten();
        next.extend(
            slaves
                .flatten()
                .filter_map(|slave| number_in(&slave.path())),
        );
        if let Some(file) = backing_file(root, &known) {
            flow.files.insert(file);
            next.extend(through_files.then_some(file.device));
        }
    }
    flow
}

/// The whole disk that a device is a part of, or the device itself.
pub(super) fn disk_of(root: &Path, device: u64) -> u64 {
    let known = folder_of(root, device);
    let disk = known.and_then(|known| disk_around(&known));
    disk.unwrap_or(device)
}

/// Whether a device is a card or a stick, or a part of one: something that is put in and taken out.
pub(super) fn is_removable(root: &Path, device: u64) -> bool {
    let Some(disk) = folder_of(root, disk_of(root, device)) else {
        return false;
    };
    let says = |name: &str, wanted: &str| {
        fs::read_to_string(disk.join(name)).is_ok_and(|text| text.trim() == wanted)
    };
    // A slot for SD cards reports removable as 0.
    says("removable", "1") || says("device/type", "SD")
}

fn folder_of(root: &Path, device: u64) -> Option<PathBuf> {
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    fs::canonicalize(root.join(format!("sys/dev/block/{major}:{minor}"))).ok()
}

fn disk_around(known: &Path) -> Option<u64> {
    let is_part = known.join("partition").exists();
    is_part.then(|| number_in(known.parent()?)).flatten()
}

fn number_in(folder: &Path) -> Option<u64> {
    let text = fs::read_to_string(folder.join("dev")).ok()?;
    let (major, minor) = text.trim().split_once(':')?;
    let (major, minor) = (major.parse().ok()?, minor.parse().ok()?);
    Some(rustix::fs::makedev(major, minor))
}

fn backing_file(root: &Path, known: &Path) -> Option<KnownNode> {
    let path = fs::read_to_string(known.join("loop/backing_file")).ok()?;
    let path = path.trim_end_matches('\n').trim_start_matches('/');
    let metadata = fs::metadata(root.join(path)).ok()?;
    Some(KnownNode {
        device: metadata.dev(),
        inode: metadata.ino(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::makedev;

    /// A device: its number, where it stands, and attributes.
    type Device<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

    /// A system with these devices.
    fn system(devices: &[Device<'_>]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let dev = root.path().join("sys/dev/block");
        fs::create_dir_all(&dev).unwrap();
        for (number, place, attributes) in devices {
            let folder = root.path().join("sys/devices").join(place);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("dev"), format!("{number}\n")).unwrap();
            std::os::unix::fs::symlink(&folder, dev.join(number)).unwrap();
            for (name, text) in *attributes {
                let file = folder.join(name);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                match text.strip_prefix("-> ") {
                    Some(to) => {
                        let to = root.path().join("sys/devices").join(to);
                        std::os::unix::fs::symlink(to, file).unwrap();
                    }
                    None => fs::write(file, text).unwrap(),
                }
            }
        }
        root
    }

    #[test]
    fn through_mapped_devices_loops_and_partitions() {
        let root = system(&[
            ("8:16", "usb/sdb", &[("removable", "1\n")]),
            ("8:17", "usb/sdb/sdb1", &[("partition", "1\n")]),
            ("253:0", "dm-0", &[("slaves/sdb1", "-> usb/sdb/sdb1")]),
            ("7:0", "loop0", &[("loop/backing_file", "/home/card.img\n")]),
            ("253:1", "dm-1", &[("slaves/loop0", "-> loop0")]),
            (
                "179:0",
                "mmc/mmcblk0",
                &[("removable", "0\n"), ("device/type", "SD\n")],
            ),
        ]);
        fs::create_dir(root.path().join("home")).unwrap();
        let image = root.path().join("home/card.img");
        fs::write(&image, "x").unwrap();
        let image = fs::metadata(image).unwrap();
        let root = root.path();
        let set = |numbers: &[(u32, u32)]| -> HashSet<u64> {
            numbers.iter().map(|(a, b)| makedev(*a, *b)).collect()
        };
        let mapped = below(root, makedev(253, 0), true);
        assert_eq!(mapped.devices, set(&[(253, 0), (8, 17), (8, 16)]));
        assert!(mapped.files.is_empty());
        let looped = below(root, makedev(253, 1), false);
        assert_eq!(looped.devices, set(&[(253, 1), (7, 0)]));
        let node = KnownNode {
            device: image.dev(),
            inode: image.ino(),
        };
        assert_eq!(looped.files, HashSet::from([node]));
        let through = below(root, makedev(253, 1), true);
        assert!(through.devices.contains(&image.dev()));
        assert_eq!(disk_of(root, makedev(8, 17)), makedev(8, 16));
        assert_eq!(disk_of(root, makedev(9, 9)), makedev(9, 9));
        for (device, removable) in [((8, 17), true), ((179, 0), true), ((7, 0), false)] {
            assert_eq!(is_removable(root, makedev(device.0, device.1)), removable);
        }
    }
}
