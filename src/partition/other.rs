//! Names of what a volume can hold beside FAT: other file systems, discs, encryption.

use super::{FoundBy, Partition};
use crate::image::{Extent, SECTOR, Sectors, signed_volume};

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
