//! GUID partition tables.

use super::{FoundBy, Partition, extent, u32_at};
use crate::fat::bytes_at;
use crate::image::Sectors;

/// Most entries looked at.
const MOST: u32 = 128;

/// The partitions of a table with this header.
pub(super) fn entries(sectors: &Sectors<'_>, header: &[u8; 512]) -> Vec<Partition> {
    let mut found = Vec::new();
    let table = extent(u64_at(header, 72), 0).offset;
    let count = u32_at(header, 80).min(MOST);
    let size = u64::from(u32_at(header, 84));
    if !(128..=4096).contains(&size) || size % 128 != 0 {
        return found;
    }
    for index in 0..u64::from(count) {
        let at = table.saturating_add(index.saturating_mul(size));
        let Ok(sector) = sectors.sector(at / 512) else {
            return found;
        };
        let within = (at % 512) as usize;
        if bytes_at(sector.as_slice(), within) == Some([0; 16]) {
            continue;
        }
        let start = u64_at(&sector, within.saturating_add(32));
        let last = u64_at(&sector, within.saturating_add(40));
        let length = last.saturating_sub(start).saturating_add(1);
        let number = u8::try_from(index.saturating_add(1)).unwrap_or(u8::MAX);
        found.push(Partition {
            origin: FoundBy::Gpt { number },
            extent: extent(start, length),
            record: Some(at),
        });
    }
    found
}

fn u64_at(sector: &[u8; 512], at: usize) -> u64 {
    bytes_at(sector, at).map_or(0, u64::from_le_bytes)
}
