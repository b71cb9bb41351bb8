//! The volumes of a card: which partition holds what, and which boot sector can be used.

use super::found::Catalogue;
use super::problem::Problem;
use super::volume::Volume;
use crate::fat::geometry::{BootSector, FatKind, Geometry};
use crate::fat::{bytes_at, codepage};
use crate::image::{Extent, Sectors};
use crate::partition::{self, FileSystem, FoundBy, Partition, Table};

/// Where a FAT32 volume keeps its backup boot sector when its own does not say: sector 6, as bytes.
const USUAL_BACKUP: u64 = 6 * 512;

/// Most volumes of one card.
const MOST_VOLUMES: usize = 256;

/// Looks at the volume of a partition and adds it to the catalogue.
pub(super) fn open(sectors: &Sectors<'_>, partition: Partition, catalogue: &mut Catalogue) {
    let index = catalogue.volumes.len();
    let start = partition.extent.offset;
    let mut volume = Volume {
        partition,
        file_system: partition::file_system(sectors, start),
        geometry: None,
        by_spare: false,
        label: String::new(),
        root_label: None,
    };
    if volume.file_system == FileSystem::Fat {
        own(sectors, index, &mut volume, catalogue);
    }
    if volume.geometry.is_none() && volume.file_system.unread().is_none() {
        spare(sectors, index, &mut volume, catalogue);
    }
    if matches!(volume.file_system, FileSystem::Unknown | FileSystem::Blank)
        && let Some(other) = partition::by_record(sectors, &partition)
            .or_else(|| partition::other(sectors, partition.extent))
    {
        volume.file_system = FileSystem::Other(other);
    }
    add(sectors, volume, catalogue);
}

/// Adds a volume, and notes what of it lies behind the end of the card.
fn add(sectors: &Sectors<'_>, volume: Volume, catalogue: &mut Catalogue) {
    let size = sectors.image().size();
    let past = |end: u64| end.saturating_sub(size);
    let missing = volume.geometry.map_or(0, |own| past(own.end()));
    let extent = volume.partition.extent;
    let is_unread = volume.file_system.unread().is_some();
    let record = volume.partition.record;
    let record = record.filter(|_| extent.offset < size && extent.end() > size);
    match record {
        _ if missing > 0 => catalogue.note(Problem::VolumePastEnd {
            volume: catalogue.volumes.len(),
            missing,
        }),
        Some(record) if is_unread => catalogue.note(Problem::PartitionCut {
            record,
            extent,
            missing: past(extent.end()),
        }),
        Some(record) => catalogue.note(Problem::PartitionPastEnd {
            record,
            missing: past(extent.end()),
        }),
        None => {}
    }
    catalogue.volumes.push(volume);
}

/// Where partitions usually begin: sectors.
const USUAL_STARTS: [u64; 8] = [63, 128, 2048, 4096, 8192, 16_384, 32_768, 65_536];

/// Where no record leads to a volume, looks for a boot sector at the usual places.
pub(super) fn look_elsewhere(sectors: &Sectors<'_>, catalogue: &mut Catalogue) {
    let is_known = |volume: &Volume| volume.geometry.is_some();
    if catalogue.volumes.iter().any(is_known) {
        return;
    }
    for start in USUAL_STARTS {
        let offset = start.saturating_mul(512);
        if !found(sectors, offset, offset, catalogue) {
            let spare = offset.saturating_add(USUAL_BACKUP);
            found(sectors, offset, spare, catalogue);
        }
    }
}

/// Notes where the image ends before any of its partitions begins.
pub(super) fn note_cut(sectors: &Sectors<'_>, table: &Table, catalogue: &mut Catalogue) {
    let size = sectors.image().size();
    let is_past = |partition: &&Partition| partition.extent.offset >= size;
    let holds = |partition: &&Partition| partition.holds_a_volume();
    let mut partitions = table.partitions.iter().filter(holds);
    let is_known = |volume: &Volume| volume.geometry.is_some();
    if catalogue.volumes.iter().any(is_known) || !partitions.clone().all(|one| is_past(&one)) {
        return;
    }
    let is_plausible = |record: u64| {
        let sector = sectors.sector(record / 512).ok();
        let status = sector.and_then(|sector| sector.get((record % 512) as usize).copied());
        matches!(status, Some(0 | 0x80))
    };
    let cut = partitions.find_map(|partition| {
        let record = partition.record?;
        let is_gpt = matches!(partition.origin, FoundBy::Gpt { .. });
        (partition.extent.length > 0 && (is_gpt || is_plausible(record)))
            .then_some((record, partition.extent))
    });
    if let Some((record, extent)) = cut {
        catalogue.note(Problem::PartitionCut {
            record,
            extent,
            missing: extent.length,
        });
    }
}

/// Adds the volume whose boot sector lies at `offset` on the surface, unless it is known or lies in
/// one that is. `tables` are places where a FAT begins.
pub(super) fn add_found(
    sectors: &Sectors<'_>,
    offset: u64,
    tables: &[u64],
    catalogue: &mut Catalogue,
) {
    let Ok(sector) = sectors.sector(offset / 512) else {
        return;
    };
    let boot = BootSector(&sector);
    let reserved = u64::from(boot.reserved_sectors()).saturating_mul(512);
    let has_table = |start: &u64| tables.contains(&start.saturating_add(reserved));
    let says = |start: &u64| u64::from(boot.hidden_sectors()).saturating_mul(512) == *start;
    let spare = offset.checked_sub(USUAL_BACKUP);
    let spare = spare.filter(|_| boot.says_fat32());
    let mut starts = [Some(offset), spare].into_iter().flatten();
    let start = starts.clone().find(has_table).or_else(|| starts.find(says));
    let start = start.unwrap_or(offset);
    found(sectors, start, offset, catalogue);
}

/// Adds the volume that begins at `start` if the sector at `offset` is its boot sector.
fn found(sectors: &Sectors<'_>, start: u64, offset: u64, catalogue: &mut Catalogue) -> bool {
    let known = |volume: &Volume| {
        let own = volume.geometry.map(|own| own.start..own.end());
        own.is_some_and(|own| own.contains(&start) || own.contains(&offset))
    };
    let Ok(sector) = sectors.sector(offset / 512) else {
        return false;
    };
    let boot = BootSector(&sector);
    if catalogue.volumes.iter().any(known)
        || catalogue.volumes.len() >= MOST_VOLUMES
        || !partition::looks_like_fat(&boot)
        || !boot.has_signature()
    {
        return false;
    }
    let Some(geometry) = Geometry::new(&boot, start) else {
        return false;
    };
    let partition = Partition {
        origin: FoundBy::Found,
        extent: Extent {
            offset: start,
            length: geometry.length,
        },
        record: None,
    };
    let volume = Volume {
        partition,
        file_system: FileSystem::Fat,
        geometry: Some(geometry),
        by_spare: start != offset,
        label: label(&boot, geometry.kind == FatKind::Fat32),
        root_label: None,
    };
    add(sectors, volume, catalogue);
    true
}

fn own(sectors: &Sectors<'_>, index: usize, volume: &mut Volume, catalogue: &mut Catalogue) {
    let start = volume.partition.extent.offset;
    let Ok(sector) = sectors.sector(start / 512) else {
        return;
    };
    let boot = BootSector(&sector);
    volume.geometry = Geometry::new(&boot, start);
    let is_fat32 = |geometry: Geometry| geometry.kind == FatKind::Fat32;
    let fat32 = volume.geometry.is_some_and(is_fat32);
    volume.label = label(&boot, fat32);
    if !fat32 {
        return;
    }
    let at = |sector: u16| {
        start.saturating_add(u64::from(sector).saturating_mul(u64::from(boot.bytes_per_sector())))
    };
    if !matches!(boot.backup_boot_sector(), 0 | 0xFFFF) {
        let offset = at(boot.backup_boot_sector());
        let backup = sectors.sector(offset / 512);
        if backup.is_ok_and(|backup| *backup != *sector) {
            catalogue.note(Problem::BootSectorsDiffer {
                volume: index,
                offset,
            });
        }
    }
    let info = at(1);
    if boot.fs_info() == 1 && free_count(sectors, info / 512) == Some(0) {
        catalogue.note(Problem::NothingFree {
            volume: index,
            offset: info.saturating_add(488),
        });
    }
}

/// Tries the backup boot sector of a FAT32 volume.
fn spare(sectors: &Sectors<'_>, index: usize, volume: &mut Volume, catalogue: &mut Catalogue) {
    let start = volume.partition.extent.offset;
    let offset = start.saturating_add(USUAL_BACKUP);
    let Ok(sector) = sectors.sector(offset / 512) else {
        return;
    };
    let boot = BootSector(&sector);
    let is_one = partition::looks_like_fat(&boot) && boot.says_fat32();
    let Some(geometry) = Geometry::new(&boot, start).filter(|_| is_one) else {
        return;
    };
    volume.file_system = FileSystem::Fat;
    volume.geometry = Some(geometry);
    volume.by_spare = true;
    volume.label = label(&boot, true);
    catalogue.note(Problem::BackupBootSector {
        volume: index,
        offset,
    });
    if sectors.sector(start / 512).is_err() {
        let extent = Extent {
            offset: start,
            length: 512,
        };
        catalogue.unreadable("the boot sector", extent, sectors.image());
    }
}

fn label(boot: &BootSector<'_>, fat32: bool) -> String {
    text(&boot.label(fat32))
}

/// The text of a label as stored.
pub(super) fn text(label: &[u8; 11]) -> String {
    codepage::decode(label).trim_matches([' ', '\0']).to_owned()
}

/// `FSI_Free_Count` of FSInfo, if `FSI_LeadSig` and `FSI_StrucSig` say that this sector is one.
pub(super) fn free_count(sectors: &Sectors<'_>, sector: u64) -> Option<u32> {
    let info = sectors.sector(sector).ok()?;
    let is_one = info.starts_with(b"RRaA") && info.get(484..488) == Some(b"rrAa");
    let count = bytes_at(info.as_slice(), 488).map(u32::from_le_bytes);
    count.filter(|_| is_one)
}
