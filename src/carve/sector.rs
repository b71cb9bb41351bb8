//! What a sector by itself tells of a file system.

use super::surface::{Recognizer, Surface};
use super::texts::is_digits;
use crate::fat::cluster::Cluster;
use crate::fat::entry::{DELETED, RawEntry, attr};
use crate::fat::geometry::BootSector;
use crate::fat::infer::Fix;
use crate::image::{Extent, begins_as_archive, begins_as_container};

/// Looks at one sector and adds what it is.
#[inline]
pub(super) fn look(sector: &[u8; 512], offset: u64, recognizer: &Recognizer, found: &mut Surface) {
    match sector[0] {
        b'.' => found.dots.extend(dots(sector, offset)),
        0xEB | 0xE9 | 0xE8 if is_boot_sector(sector) => found.boot_sectors.push(offset),
        0xF0 | 0xF8 if is_table(sector) => found.tables.push(offset),
        b'P' if begins_as_archive(sector) => found.archives.push(offset),
        0x1F | 0x28 | 0xFD | b'7' | b'<' | b'B' | b'E' | b'K' | b'Q' | b'R' | b'c' | b'v'
            if begins_as_container(sector) =>
        {
            found.containers.push(offset);
        }
        _ => {}
    }
    if is_digits(sector) {
        found.add_text(Extent {
            offset,
            length: sector.len() as u64,
        });
    }
    let (slots, _) = sector.as_chunks::<32>();
    let long = slots.iter().fold(false, |seen, slot| {
        let cleared = (slot[0] == DELETED) & (slot[11] == 0);
        seen | (((slot[11] & attr::MASK == attr::LONG_NAME) | cleared) & (slot[12] == 0))
    });
    if long && slots.iter().any(|slot| is_name(slot, recognizer)) {
        found.directories.push(offset);
    }
}

fn is_name(slot: &[u8; 32], recognizer: &Recognizer) -> bool {
    let raw = RawEntry(*slot);
    let is_slot = raw.is_long() && slot[12] == 0 && raw.cluster_low() == 0;
    (is_slot || raw.is_cleared_long()) && (recognizer.name)(&raw.long_units())
}

/// Where a directory begins, by its `.`.
fn dots(sector: &[u8; 512], offset: u64) -> Option<Fix> {
    let own = RawEntry::at(sector, 0)?;
    let is_dot = own.name() == *b".          " && own.attr() & attr::DIRECTORY != 0;
    (is_dot && own.size() == 0).then(|| Fix {
        offset,
        cluster: Cluster::of_entry(&own, true),
    })
}

fn is_boot_sector(sector: &[u8; 512]) -> bool {
    let boot = BootSector(sector);
    boot.has_signature()
        && boot.bytes_per_sector() == 512
        && boot.sectors_per_cluster().is_power_of_two()
        && matches!(boot.num_fats(), 1 | 2)
        && boot.reserved_sectors() != 0
        && boot.fat_size() != 0
}

/// Whether a sector begins with the two reserved entries of a FAT, whose upper bits are all ones.
fn is_table(sector: &[u8; 512]) -> bool {
    matches!(sector[..], [_, 0xFF, 0xFF, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_names_itself() {
        let mut sector = [0; 512];
        sector[..11].copy_from_slice(b".          ");
        sector[11] = attr::DIRECTORY;
        sector[26] = 7;
        sector[20] = 1;
        let found = dots(&sector, 512).unwrap();
        assert_eq!((found.offset, found.cluster), (512, Cluster(0x1_0007)));
        sector[1] = b'x';
        assert_eq!(dots(&sector, 512), None);
    }
}
