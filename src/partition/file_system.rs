//! What a volume holds: FAT, or by its name another file system, a disc, encryption.

use super::{FoundBy, Partition};
use crate::fat::geometry::BootSector;
use crate::image::{Extent, SECTOR, Sectors, signed_volume};

/// What a volume begins like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileSystem {
    /// A FAT boot sector.
    Fat,
    /// exFAT.
    ExFat,
    /// NTFS.
    Ntfs,
    /// ext2, ext3 or ext4.
    Ext,
    /// HFS+ or APFS.
    Apple,
    /// Another file system, a disc, or encryption, by its name.
    Other(&'static str),
    /// The first sectors are all zero or all 0xFF.
    Blank,
    /// Nothing known.
    Unknown,
    /// It cannot be read.
    Unreadable,
}

/// What a volume holds that is nothing else, and looks random from one end to the other.
pub(super) const RANDOM: &str = "random data: encrypted, or overwritten with it";
/// What is in a card that an Android phone uses as storage of its own.
pub(super) const ADOPTED: &str = "the encrypted storage of an Android phone";
/// The type of its partition in a GUID partition table: 193D1EA4-B3CA-11E4-B075-10604B889DCF.
const ANDROID_EXPAND: &[u8; 16] =
    b"\xa4\x1e\x3d\x19\xca\xb3\xe4\x11\xb0\x75\x10\x60\x4b\x88\x9d\xcf";
/// Sectors looked at to see that all is random.
const SAMPLES: u64 = 8;
/// Fewest different values among the 512 bytes of a random sector: 221 are expected, give or take 6.
const DIFFERENT: usize = 180;

/// What holds its contents encrypted or compressed, by its name.
const OPAQUE: &[&str] = &[
    "LUKS encryption",
    "BitLocker encryption",
    "SquashFS",
    "cramfs",
    "EROFS",
    "JFFS2",
    "UBI",
    "UBIFS",
    "Reiser4",
    "ZFS",
    "Btrfs",
    "bcachefs",
    RANDOM,
    ADOPTED,
];

impl FileSystem {
    /// Whether what is in it cannot be found by its bytes: it is encrypted, or may be compressed.
    pub fn is_opaque(self) -> bool {
        matches!(self, Self::Other(name) if OPAQUE.contains(&name))
    }

    /// The name of a file system that is known and not read; `None` for FAT, what is none, and what is not known.
    pub fn unread(self) -> Option<&'static str> {
        match self {
            Self::ExFat | Self::Ntfs | Self::Ext | Self::Apple | Self::Other(_) => {
                Some(self.name())
            }
            Self::Fat | Self::Blank | Self::Unknown | Self::Unreadable => None,
        }
    }

    /// Its name for a person.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fat => "FAT",
            Self::ExFat => "exFAT",
            Self::Ntfs => "NTFS",
            Self::Ext => "ext2/3/4",
            Self::Apple => "HFS+ or APFS",
            Self::Other(name) => name,
            Self::Blank => "blank",
            Self::Unknown => "unknown",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Whether a boot sector is plausibly FAT, more tolerant than a device.
pub fn looks_like_fat(boot: &BootSector<'_>) -> bool {
    let jump = matches!(boot.jump(), 0xEB | 0xE9 | 0xE8);
    let sizes = matches!(boot.bytes_per_sector(), 512 | 1024 | 2048 | 4096);
    let has_fats = (1..=4).contains(&boot.num_fats());
    let evidence = [
        jump,
        sizes,
        boot.sectors_per_cluster().is_power_of_two(),
        boot.reserved_sectors() != 0 && has_fats && boot.fat_size() != 0,
        boot.has_signature(),
        boot.total_sectors() != 0,
    ];
    let kept = evidence.iter().filter(|kept| **kept).count();
    sizes && kept >= 5 || jump && boot.says_fat32() && boot.has_signature()
}

/// What the volume at a byte offset begins like. Reads at most its first three sectors.
pub fn file_system(sectors: &Sectors<'_>, offset: u64) -> FileSystem {
    let lba = offset / 512;
    let Ok(first) = sectors.sector(lba) else {
        return FileSystem::Unreadable;
    };
    match first.get(3..11) {
        Some(b"EXFAT   ") => return FileSystem::ExFat,
        Some(b"NTFS    ") => return FileSystem::Ntfs,
        Some(b"-FVE-FS-") => return FileSystem::Other("BitLocker encryption"),
        _ => {}
    }
    if looks_like_fat(&BootSector(&first)) {
        return FileSystem::Fat;
    }
    if first.get(32..36) == Some(b"NXSB") {
        return FileSystem::Apple;
    }
    if let Ok(third) = sectors.sector(lba.saturating_add(2)) {
        if third.get(56..58) == Some(&[0x53, 0xEF]) {
            return FileSystem::Ext;
        }
        if matches!(third.get(..2), Some(b"H+" | b"HX")) {
            return FileSystem::Apple;
        }
    }
    match [0, 0xFF]
        .iter()
        .any(|fill| first.iter().all(|byte| byte == fill))
    {
        true => FileSystem::Blank,
        false => FileSystem::Unknown,
    }
}

/// What the volume in an extent holds, where it begins neither like FAT nor like what is told by its first
/// sectors. Reads a handful of sectors.
pub fn other(sectors: &Sectors<'_>, extent: Extent) -> Option<&'static str> {
    let start = extent.offset;
    let is_there = |at: u64, magic: &[u8]| {
        let place = start.saturating_add(at);
        let within = place.checked_rem(SECTOR as u64).unwrap_or(0) as usize;
        let sector = sectors.sector(place / 512).ok();
        let rest = sector.as_ref().and_then(|sector| sector.get(within..));
        rest.is_some_and(|rest| rest.starts_with(magic))
    };
    signed_volume(is_there).or_else(|| is_random(sectors, extent).then_some(RANDOM))
}

/// What a partition holds by the type that its record gives it, where that is certain.
pub fn by_record(sectors: &Sectors<'_>, partition: &Partition) -> Option<&'static str> {
    let record = partition.record?;
    let sector = sectors.sector(record / 512).ok()?;
    let at = record.checked_rem(SECTOR as u64).unwrap_or(0) as usize;
    let kind = sector.get(at..at.saturating_add(16))?;
    let is_gpt = matches!(partition.origin, FoundBy::Gpt { .. });
    (is_gpt && kind == ANDROID_EXPAND).then_some(ADOPTED)
}

/// Whether sectors from one end to the other look random.
fn is_random(sectors: &Sectors<'_>, extent: Extent) -> bool {
    let first = extent.offset / 512;
    let last = (extent.end() / 512).min(sectors.count());
    let count = last.saturating_sub(first);
    let step = count.checked_div(SAMPLES).unwrap_or(0);
    step > 0
        && (0..SAMPLES).all(|number| {
            let lba = first.saturating_add(number.saturating_mul(step));
            let sector = sectors.sector(lba);
            sector.is_ok_and(|sector| is_random_sector(&sector))
        })
}

/// Whether the bytes of a sector look random, as what is encrypted does.
pub fn is_random_sector(sector: &[u8; SECTOR]) -> bool {
    let mut seen = [false; 256];
    for byte in sector {
        if let Some(seen) = seen.get_mut(usize::from(*byte)) {
            *seen = true;
        }
    }
    seen.iter().filter(|seen| **seen).count() >= DIFFERENT
}
