//! What must not be written to: the sources of a run, by whatever way they can be reached.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::Path;

use super::file_identity::{Known, KnownNode};
use super::handle::FolderHandle;

#[cfg(target_os = "linux")]
use super::mounts::{InFileSystem, Mounts};
#[cfg(target_os = "linux")]
use super::underlying_devices;

/// Most bytes of a file that is a copy of a backup rather than the image of a card.
#[cfg(target_os = "linux")]
const MAX_COPY: u64 = 64 << 10;

/// The sources of a run, as the system knows them: not by their paths but by their numbers, file
/// systems, devices and the files behind loop devices.
///
/// Refused is a place that is a source (by a hard or symbolic link too); that lies in a folder that
/// is read, however that folder is mounted; or whose file system lies on a device that is read or in
/// an image that is read. Of a folder that is a whole file system, or that lies on a card, the whole
/// file system is refused; of any other folder only the folder. What is, or lies in, a folder `bitbox02` in the
/// root of a file system stands for that card, whatever the file system is.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Files and devices.
    nodes: HashSet<KnownNode>,
    /// Folders: nothing is written in them.
    folders: HashSet<KnownNode>,
    /// The same by their place in their file systems.
    #[cfg(target_os = "linux")]
    within: Vec<InFileSystem>,
    /// Devices: no file system whose bytes end up on one of them is written to.
    #[cfg(unix)]
    devices: HashSet<u64>,
    /// Devices that a source is built on: no file system directly on one of them is written to.
    #[cfg(target_os = "linux")]
    beneath: HashSet<u64>,
    /// True paths, where files have no numbers.
    #[cfg(not(unix))]
    paths: Vec<std::path::PathBuf>,
}

impl Sources {
    /// No source: a command that reads none.
    pub fn none() -> Self {
        Self::default()
    }

    /// Those at these paths, as they are now. What is not there is passed over.
    pub fn of<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Self {
        let mut sources = Self::default();
        #[cfg(target_os = "linux")]
        let mounts = Mounts::read();
        for path in paths {
            #[cfg(target_os = "linux")]
            sources.add(path.as_ref(), &mounts);
            #[cfg(not(target_os = "linux"))]
            sources.add(path.as_ref());
        }
        sources
    }

    /// Whether something new in this folder, or what is found in its place, would be on a source.
    pub(super) fn hold(
        &self,
        folder: &FolderHandle,
        name: Option<&OsStr>,
        found: Option<&Known>,
    ) -> bool {
        let found = found.and_then(|known| known.node);
        if found.is_some_and(|node| self.nodes.contains(&node) || self.folders.contains(&node)) {
            return true;
        }
        let around = folder.around();
        around.iter().any(|node| self.folders.contains(node)) || self.hold_elsewhere(folder, name)
    }
}

#[cfg(target_os = "linux")]
impl Sources {
    fn add(&mut self, path: &Path, mounts: &Mounts) {
        use std::os::unix::fs::{FileTypeExt, MetadataExt};
        let Ok(metadata) = std::fs::metadata(path) else {
            return;
        };
        let node = KnownNode {
            device: metadata.dev(),
            inode: metadata.ino(),
        };
        if metadata.is_dir() {
            self.folders.insert(node);
            self.add_folder(path, node, mounts);
            return;
        }
        self.nodes.insert(node);
        if metadata.is_file() && metadata.len() <= MAX_COPY {
            let true_path = std::fs::canonicalize(path).unwrap_or_default();
            let mut around = true_path.ancestors();
            let is_card = |folder: &&Path| folder.file_name().is_some_and(is_bitbox02);
            if let Some(folder) = around.find(is_card) {
                self.add_card(folder, mounts);
            }
        } else if metadata.file_type().is_block_device() {
            // Of a card no other part is written to either.
            let disk = underlying_devices::disk_of(Path::new("/"), metadata.rdev());
            self.devices.extend([metadata.rdev(), disk]);
            self.add_flow(metadata.rdev());
        }
    }

    fn add_folder(&mut self, path: &Path, node: KnownNode, mounts: &Mounts) {
        let Some(place) = place_of(path, mounts) else {
            return;
        };
        if is_card(&place, mounts) {
            self.add_disk(&place);
        } else if place.is_whole() {
            for device in devices_of(node.device, &place) {
                self.devices.insert(device);
                self.add_flow(device);
            }
        }
        self.within.push(place);
    }

    /// A card is a source as a whole, whatever of it is read.
    fn add_card(&mut self, path: &Path, mounts: &Mounts) {
        let place = place_of(path, mounts);
        if let Some(place) = place.filter(|place| is_card(place, mounts)) {
            self.add_disk(&place);
        }
    }

    fn add_disk(&mut self, place: &InFileSystem) {
        for device in devices_of(place.mount.device, place) {
            let disk = underlying_devices::disk_of(Path::new("/"), device);
            self.devices.extend([device, disk]);
            self.add_flow(device);
        }
    }

    /// Of a loop device the file behind it is the source too.
    fn add_flow(&mut self, device: u64) {
        let flow = underlying_devices::below(Path::new("/"), device, false);
        self.nodes.extend(flow.files);
        self.beneath.extend(flow.devices);
    }

    fn hold_elsewhere(&self, folder: &FolderHandle, _: Option<&OsStr>) -> bool {
        let Some(node) = folder.known().ok().and_then(|known| known.node) else {
            return false;
        };
        let own = match Mounts::read().place(folder) {
            Some(place) if self.within.iter().any(|folder| place.is_within(folder)) => return true,
            Some(place) => devices_of(node.device, &place),
            None => vec![node.device],
        };
        own.iter().any(|device| {
            let flow = underlying_devices::below(Path::new("/"), *device, true);
            self.beneath.contains(device)
                || !flow.devices.is_disjoint(&self.devices)
                || !flow.files.is_disjoint(&self.nodes)
        })
    }
}

#[cfg(target_os = "linux")]
fn place_of(folder: &Path, mounts: &Mounts) -> Option<InFileSystem> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let open = rustix::fs::open(folder, flags, Mode::empty()).ok()?;
    mounts.place(open)
}

/// The numbers of a file system: that of its files, that of its mount, that of the device mounted.
/// Btrfs gives each a number of its own.
#[cfg(target_os = "linux")]
fn devices_of(device: u64, place: &InFileSystem) -> Vec<u64> {
    let mut devices = vec![device, place.mount.device];
    devices.extend(mounted(place));
    devices.sort_unstable();
    devices.dedup();
    devices
}

#[cfg(target_os = "linux")]
fn mounted(place: &InFileSystem) -> Option<u64> {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let source = &place.mount.source;
    let metadata = std::fs::metadata(source).ok()?;
    let is_device = source.is_absolute() && metadata.file_type().is_block_device();
    is_device.then(|| metadata.rdev())
}

/// The name of the folder on a card in which backups are.
fn is_bitbox02(name: &OsStr) -> bool {
    name.eq_ignore_ascii_case("bitbox02")
}

/// Whether a folder lies on a card: a file system that a BitBox02 could read, one that is laid out as a card, or something
/// that is put in and taken out. What the system itself lies on is none.
#[cfg(target_os = "linux")]
fn is_card(place: &InFileSystem, mounts: &Mounts) -> bool {
    let root = Path::new("/");
    let disk = |device| underlying_devices::disk_of(root, device);
    let device = mounted(place).unwrap_or(place.mount.device);
    if mounts.root_device().map(disk) == Some(disk(device)) {
        return false;
    }
    let kind = place.mount.kind.as_str();
    let is_fat = matches!(kind, "vfat" | "msdos" | "exfat");
    let is_in_memory = matches!(kind, "tmpfs" | "ramfs" | "overlay");
    let in_root = place.path.iter().nth(1);
    let is_laid_out = in_root.is_some_and(is_bitbox02) && !is_in_memory;
    is_fat || is_laid_out || underlying_devices::is_removable(root, device)
}

#[cfg(all(unix, not(target_os = "linux")))]
impl Sources {
    fn add(&mut self, path: &Path) {
        use std::os::unix::fs::{FileTypeExt, MetadataExt};
        let Ok(metadata) = std::fs::metadata(path) else {
            return;
        };
        let node = KnownNode {
            device: metadata.dev(),
            inode: metadata.ino(),
        };
        self.devices.extend(card_around(path));
        if !metadata.is_dir() {
            self.nodes.insert(node);
            let kind = metadata.file_type();
            if kind.is_block_device() || kind.is_char_device() {
                self.devices.insert(metadata.rdev());
            }
            return;
        }
        self.folders.insert(node);
        // The root of what is mounted: often a whole card.
        let around = std::fs::metadata(path.join(".."));
        if around.is_ok_and(|around| around.dev() != node.device) {
            self.devices.insert(node.device);
        }
    }

    fn hold_elsewhere(&self, folder: &FolderHandle, _: Option<&OsStr>) -> bool {
        let node = folder.known().ok().and_then(|known| known.node);
        node.is_some_and(|node| self.devices.contains(&node.device))
    }
}

/// The file system in whose root lies a folder `bitbox02` that a source is, or lies in.
#[cfg(all(unix, not(target_os = "linux")))]
fn card_around(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    let real = path.canonicalize().ok()?;
    let mut around = real.ancestors();
    let folder = around.find(|folder| folder.file_name().is_some_and(is_bitbox02))?;
    let device = |path: &Path| std::fs::metadata(path).map(|found| found.dev()).ok();
    let root = folder.parent()?;
    let own = device(root)?;
    (device(root.parent()?)? != own).then_some(own)
}

#[cfg(not(unix))]
impl Sources {
    fn add(&mut self, path: &Path) {
        let Ok(real) = dunce::canonicalize(path) else {
            return;
        };
        let mut around = real.ancestors();
        let folder = around.find(|folder| folder.file_name().is_some_and(is_bitbox02));
        // A drive with the folder of a card in its root is a card, unless the system is on it.
        let drive = folder.and_then(Path::parent).filter(|drive| {
            let system = std::env::var_os("SystemDrive").unwrap_or_default();
            drive.parent().is_none() && !drive.starts_with(Path::new(&system))
        });
        self.paths.extend(drive.map(Path::to_owned));
        self.paths.push(real);
    }

    fn hold_elsewhere(&self, folder: &FolderHandle, name: Option<&OsStr>) -> bool {
        let folder = folder.reading_path();
        let place = name.map_or_else(|| folder.clone(), |name| folder.join(name));
        self.paths.iter().any(|source| {
            // Hard links too, where the system shows them.
            place.starts_with(source) || same_file::is_same_file(&place, source).unwrap_or(false)
        })
    }
}
