//! Names of what a volume can hold beside FAT: other file systems, discs, encryption.

use super::{FoundBy, Lba, Partition};
use crate::image::{Extent, SECTOR, Sectors};

/// Where in a volume a signature lies, what it is, and whose.
const SIGNATURES: &[(u64, &[u8], &str)] = &[
    (0, b"LUKS\xba\xbe", "LUKS encryption"),
    (0, b"XFSB", "XFS"),
    (0, b"hsqs", "SquashFS"),
    (3, b"ReFS\0\0\0\0", "ReFS"),
    (512, b"LABELONE", "LVM"),
    (1024, b"BD", "HFS"),
    (1024, b"\x10\x20\xf5\xf2", "F2FS"),
    (1024, b"\xe2\xe1\xf5\xe0", "EROFS"),
    (1024 + 6, b"\x34\x34", "NILFS2"),
    (4096 - 10, b"SWAPSPACE2", "Linux swap"),
    (4096 - 10, b"SWAP-SPACE", "Linux swap"),
    (4096, b"\xfc\x4e\x2b\xa9", "Linux RAID"),
    (4096 + 24, b"\xc6\x85\x73\xf6\x4e\x1a\x45\xca", "bcachefs"),
    (32_768, b"JFS1", "JFS"),
    (65_536 + 52, b"ReIsEr", "ReiserFS"),
    (65_536 + 64, b"_BHRfS_M", "Btrfs"),
];
/// What a volume holds that is nothing else, and looks random from one end to the other.
pub(super) const RANDOM: &str = "random data: encrypted, or overwritten with it";
/// Where the descriptors of a disc begin, one every 2 KiB.
const DISC: u64 = 32_768;
/// What is in a card that an Android phone uses as storage of its own.
pub(super) const ADOPTED: &str = "the encrypted storage of an Android phone";
/// The type of its partition in a GUID partition table: 193D1EA4-B3CA-11E4-B075-10604B889DCF.
const ANDROID_EXPAND: &[u8; 16] =
    b"\xa4\x1e\x3d\x19\xca\xb3\xe4\x11\xb0\x75\x10\x60\x4b\x88\x9d\xcf";
/// Sectors looked at to see that all is random.
const SAMPLES: u64 = 8;
/// Fewest different values among the 512 bytes of a random sector: 221 are expected, give or take 6.
const DIFFERENT: usize = 180;

/// What the volume in an extent holds, where it begins neither like FAT nor like what is told by its first
/// sectors. Reads a handful of sectors.
pub fn other(sectors: &Sectors<'_>, extent: Extent) -> Option<&'static str> {
    let start = extent.offset;
    let is_there = |at: u64, magic: &[u8]| {
        let place = start.saturating_add(at);
        let within = place.checked_rem(SECTOR as u64).unwrap_or(0) as usize;
        let sector = sectors.sector(Lba::of(place).0).ok();
        sector.is_some_and(|sector| {
            sector
                .get(within..)
                .is_some_and(|rest| rest.starts_with(magic))
        })
    };
    if let Some(disc) = disc(is_there) {
        return Some(disc);
    }
    let found = SIGNATURES
        .iter()
        .find(|(at, magic, _)| is_there(*at, magic));
    found
        .map(|(.., name)| *name)
        .or_else(|| is_random(sectors, extent).then_some(RANDOM))
}

/// What a partition holds by the type that its record gives it, where that is certain.
pub fn by_record(sectors: &Sectors<'_>, partition: &Partition) -> Option<&'static str> {
    let record = partition.record?;
    let sector = sectors.sector(Lba::of(record).0).ok()?;
    let at = record.checked_rem(SECTOR as u64).unwrap_or(0) as usize;
    let kind = sector.get(at..at.saturating_add(16))?;
    let is_gpt = matches!(partition.origin, FoundBy::Gpt { .. });
    (is_gpt && kind == ANDROID_EXPAND).then_some(ADOPTED)
}

/// A disc: by descriptors of UDF among the first ones, or of ISO 9660.
fn disc(is_there: impl Fn(u64, &[u8]) -> bool) -> Option<&'static str> {
    let step = |number: u64| {
        DISC.saturating_add(number.saturating_mul(2048))
            .saturating_add(1)
    };
    let is_iso = is_there(step(0), b"CD001");
    if !is_iso && !is_there(step(0), b"BEA01") {
        return None;
    }
    let is_udf = (0..8).any(|number| is_there(step(number), b"NSR0"));
    Some(match (is_iso, is_udf) {
        (true, true) => "ISO 9660 and UDF",
        (true, false) => "ISO 9660",
        (false, _) => "UDF",
    })
}

/// Whether sectors from one end to the other look random.
fn is_random(sectors: &Sectors<'_>, extent: Extent) -> bool {
    let first = Lba::of(extent.offset).0;
    let last = Lba::of(extent.end()).0.min(sectors.count());
    let count = last.saturating_sub(first);
    let step = count.checked_div(SAMPLES).unwrap_or(0);
    step > 0
        && (0..SAMPLES).all(|number| {
            let lba = first.saturating_add(number.saturating_mul(step));
            sectors
                .sector(lba)
                .is_ok_and(|sector| is_random_sector(&sector))
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
