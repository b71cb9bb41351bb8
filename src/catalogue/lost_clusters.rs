//! Clusters that the FAT has as used and no live file or folder owns: what is left where the way to a
//! folder or file is lost.

use super::find_volumes::free_count;
use super::found::Catalogue;
use super::runs::extents;
use super::volume::Owners;
use crate::carve::Surface;
use crate::fat::cluster::Cluster;
use crate::fat::geometry::{FatKind, Geometry};
use crate::fat::table::{self, Link};
use crate::image::{Extent, ReadAt, ReadError, Sectors};

/// Bytes of a FAT read at once.
const CHUNK: u64 = 64 << 10;
/// Most bytes of lost clusters that are searched.
const MOST: u64 = 64 << 20;

/// What lies in the lost clusters of all volumes.
pub(super) fn surface(sectors: &Sectors<'_>, catalogue: &mut Catalogue) -> Surface {
    let (mut all, mut unread) = (Vec::new(), Vec::new());
    let volumes = catalogue.volumes.iter().map(|volume| volume.geometry);
    for (geometry, owners) in volumes.zip(&catalogue.owners) {
        let Some(geometry) = geometry else {
            continue;
        };
        // The free-space record of a volume may leave no room for any.
        let free = free_clusters(sectors, &geometry);
        let used = free.map(|free| u64::from(geometry.clusters.saturating_sub(free)));
        if used != Some(owners.count()) {
            let (lost, unreadable) = lost(sectors, &geometry, owners);
            unread.extend(unreadable);
            all.extend(lost);
        }
    }
    for extent in unread {
        catalogue.unreadable("the FAT", extent, sectors.image());
    }
    all.sort_unstable();
    if all.is_empty() {
        return Surface::default();
    }
    super::surface::surface(&Parts {
        image: sectors.image(),
        extents: all,
    })
}

/// How many clusters are free, as FSInfo of a FAT32 volume says.
fn free_clusters(sectors: &Sectors<'_>, geometry: &Geometry) -> Option<u32> {
    (geometry.kind == FatKind::Fat32).then_some(())?;
    let free = free_count(sectors, (geometry.start / 512).saturating_add(1));
    free.filter(|free| *free <= geometry.clusters)
}

/// The lost clusters of a volume, and the first part of its FAT that cannot be read.
fn lost(
    sectors: &Sectors<'_>,
    geometry: &Geometry,
    owners: &Owners,
) -> (Vec<Extent>, Option<Extent>) {
    let mut found = Lost {
        geometry,
        owners,
        clusters: Vec::new(),
        left: MOST.checked_div(geometry.cluster_length).unwrap_or(0),
    };
    let last = geometry.clusters.saturating_add(1);
    let width = match geometry.kind {
        FatKind::Fat12 => {
            for cluster in (2..=last).map(Cluster) {
                let link = table::link(sectors, geometry, 0, cluster);
                found.add(cluster, matches!(link, Ok(Link::Next(_) | Link::End)));
            }
            return (extents(geometry, &found.clusters), None);
        }
        FatKind::Fat16 => 2_u64,
        FatKind::Fat32 => 4,
    };
    let image = sectors.image();
    let end = u64::from(last)
        .saturating_add(1)
        .saturating_mul(width)
        .min(geometry.fat_length)
        .saturating_add(geometry.fat);
    let mut bytes = vec![0; CHUNK as usize];
    let mut unreadable = None;
    let mut at = geometry.fat;
    while let Some(data) = image.next_data(at).filter(|data| data.offset < end) {
        let start = data.offset.max(at);
        let start = start.saturating_sub(start % 512);
        let length = data.end().min(end).saturating_sub(start).min(CHUNK);
        let chunk = bytes.get_mut(..usize::try_from(length).unwrap_or(0));
        let Some(chunk) = chunk.filter(|chunk| !chunk.is_empty()) else {
            break;
        };
        match image.read_at(start, chunk) {
            Ok(()) => {
                let before = start.saturating_sub(geometry.fat).checked_div(width);
                found.add_all(before.unwrap_or(0), chunk, width);
            }
            Err(_) => {
                unreadable.get_or_insert(Extent::from((start, length)));
            }
        }
        at = start.saturating_add(length);
    }
    (extents(geometry, &found.clusters), unreadable)
}

struct Lost<'a> {
    geometry: &'a Geometry,
    owners: &'a Owners,
    clusters: Vec<Cluster>,
    /// How many more are kept.
    left: u64,
}

impl Lost<'_> {
    fn add(&mut self, cluster: Cluster, is_used: bool) {
        let is_lost = is_used && !self.owners.has(cluster);
        if is_lost && self.left > 0 && self.geometry.cluster_offset(cluster).is_some() {
            self.left = self.left.saturating_sub(1);
            self.clusters.push(cluster);
        }
    }

    /// The entries of a part of a FAT that begins with that of cluster `first`.
    fn add_all(&mut self, first: u64, entries: &[u8], width: u64) {
        if entries.iter().all(|byte| *byte == 0) {
            return;
        }
        let bad = if width == 2 { 0xFFF7 } else { 0x0FFF_FFF7 };
        let entries = entries.chunks_exact(usize::try_from(width).unwrap_or(4));
        for (cluster, entry) in (first..).zip(entries) {
            let value = match *entry {
                [a, b] => u32::from(u16::from_le_bytes([a, b])),
                [a, b, c, d] => u32::from_le_bytes([a, b, c, d]) & 0x0FFF_FFFF,
                _ => 0,
            };
            let cluster = Cluster(u32::try_from(cluster).unwrap_or(0));
            self.add(cluster, value > 1 && value != bad);
        }
    }
}

/// An image of which only some parts are searched.
struct Parts<'a> {
    image: &'a dyn ReadAt,
    /// Ascending.
    extents: Vec<Extent>,
}

impl ReadAt for Parts<'_> {
    fn size(&self) -> u64 {
        self.image.size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        self.image.read_at(offset, buf)
    }

    fn next_data(&self, offset: u64) -> Option<Extent> {
        let is_before = |extent: &Extent| extent.end() <= offset;
        let next = self.extents.partition_point(is_before);
        self.extents.get(next..)?.iter().find_map(|extent| {
            // What the image has as empty is not read.
            let data = self.image.next_data(extent.offset.max(offset))?;
            let start = data.offset.max(extent.offset).max(offset);
            let length = data.end().min(extent.end()).checked_sub(start)?;
            (length > 0).then_some(Extent::from((start, length)))
        })
    }
}
