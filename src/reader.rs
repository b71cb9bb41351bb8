//! Which physical card is behind a block device, as far as the system knows without asking it again.
//!
//! Linux tells it in `/sys`, which is only looked at: no command is sent to the card, and nothing is
//! written. A slot shows the card itself, with its CID. Behind USB only the reader shows: its serial
//! number stays the same whatever card is in it, so it is told apart from a card's.

mod identity;
mod inserted;
mod list;

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::text::{escape, path_text};

pub use identity::{
    BitBoxReport, CardFate, CardIdentity, CardKind, MountReport, PartitionReport, SlotReport,
    UsbReader,
};
pub use inserted::Inserted;
pub use list::{bitboxes, slots, writable_mounts};

/// Most folders looked at between a device and the root: no chain of hubs is half as deep.
const MAX_LEVELS: usize = 32;
/// Most bytes of an attribute that are read, and most characters of it that are kept.
const MAX_TEXT: usize = 256;

/// The card behind the block device at this path; `None` for anything else, and on systems other
/// than Linux. A card may be exchanged at any time: whoever needs to know asks before and after, and
/// compares.
pub fn of(path: &Path) -> Option<CardIdentity> {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::{FileTypeExt, MetadataExt};
        let metadata = fs::metadata(path).ok()?;
        let number = metadata.rdev();
        let is_device = metadata.file_type().is_block_device();
        let (major, minor) = (rustix::fs::major(number), rustix::fs::minor(number));
        is_device.then(|| card_behind(Path::new("/"), major, minor))?
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = path;
        None
    }
}

/// The device of the partition that begins at this byte of the disk at this path; none on systems other
/// than Linux.
pub fn partition_at(disk: &Path, offset: u64) -> Option<String> {
    let slots = slots(Path::new("/"))?.into_iter();
    let mut disks = slots.filter(|slot| slot.path == path_text(disk));
    let parts = disks.next()?.partitions.into_iter();
    let mut parts = parts.filter(|part| part.offset == offset);
    parts.next().map(|part| part.path)
}

/// Where the card behind the block device at this path, or any part of it, is mounted such that it can be
/// written; none on systems other than Linux.
pub fn mounted_writable(path: &Path) -> Vec<String> {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt;
        let number = fs::metadata(path).map_or(0, |metadata| metadata.rdev());
        let (major, minor) = (rustix::fs::major(number), rustix::fs::minor(number));
        writable_mounts(Path::new("/"), major, minor)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = path;
        Vec::new()
    }
}

/// The card behind the block device, or a partition of it, with these numbers, in the system whose
/// `sys` lies in `root`.
pub fn card_behind(root: &Path, major: u32, minor: u32) -> Option<CardIdentity> {
    let sys = Sys::of(root)?;
    let disk = sys.disk(major, minor)?;
    let device = sys.resolve(&disk.join("device"));
    let about = |name: &str| sys.text(&device.as_ref()?.join(name));
    let usb = device.as_deref().and_then(|device| sys.usb(device));
    let cid = about("cid");
    let is_mmc = cid.is_some();
    let [name, vendor] = match is_mmc {
        true => ["name", "manfid"],
        false => ["model", "vendor"],
    };
    let yes = |name: &str| sys.number(&disk.join(name)).map(|number| number != 0);
    Some(CardIdentity {
        kind: match (is_mmc, &usb) {
            (true, _) => CardKind::Mmc,
            (false, Some(_)) => CardKind::Usb,
            (false, None) => CardKind::Other,
        },
        cid,
        serial: about("serial"),
        model: about(name),
        vendor: about(vendor),
        oem: about("oemid"),
        made: about("date"),
        // Of SCSI it is a number, which says nothing here.
        card_type: about("type").filter(|_| is_mmc),
        reader: usb,
        diskseq: sys.number(&disk.join("diskseq")),
        size: sys
            .number(&disk.join("size"))
            .and_then(|sectors| sectors.checked_mul(512)),
        read_only: yes("ro"),
        removable: yes("removable"),
    })
}

/// The folder `sys`, which nothing that is read here lies outside of.
struct Sys(PathBuf);

impl Sys {
    fn of(root: &Path) -> Option<Self> {
        fs::canonicalize(root.join("sys")).ok().map(Self)
    }

    /// A path with all links followed, if it leads nowhere else.
    fn resolve(&self, path: &Path) -> Option<PathBuf> {
        let path = fs::canonicalize(path).ok()?;
        path.starts_with(&self.0).then_some(path)
    }

    /// The folder of the disk with these numbers; a partition leads to the disk it is on.
    fn disk(&self, major: u32, minor: u32) -> Option<PathBuf> {
        let link = self.0.join(format!("dev/block/{major}:{minor}"));
        let block = self.resolve(&link)?;
        match block.join("partition").exists() {
            true => block.parent().map(Path::to_owned),
            false => Some(block),
        }
    }

    /// The nearest USB device a device is in.
    fn usb(&self, device: &Path) -> Option<UsbReader> {
        let around = device.ancestors().take(MAX_LEVELS);
        let mut around = around.take_while(|folder| folder.starts_with(&self.0));
        let usb = around.find(|folder| folder.join("idVendor").exists())?;
        let about = |name: &str| self.text(&usb.join(name));
        Some(UsbReader {
            vendor_id: about("idVendor"),
            product_id: about("idProduct"),
            manufacturer: about("manufacturer"),
            product: about("product"),
            serial: about("serial"),
        })
    }

    /// An attribute as harmless text; `None` if it is not there or says nothing.
    fn text(&self, path: &Path) -> Option<String> {
        let mut bytes = Vec::new();
        let file = File::open(self.resolve(path)?).ok()?;
        file.take(MAX_TEXT as u64).read_to_end(&mut bytes).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        (!text.is_empty()).then(|| escape(text))
    }

    fn number(&self, path: &Path) -> Option<u64> {
        self.text(path)?.parse().ok()
    }
}

#[cfg(all(test, unix))]
mod tests;
