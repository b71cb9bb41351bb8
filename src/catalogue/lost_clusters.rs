//! Clusters that the FAT has as used and no live file or folder owns: what is left where the way to a
//! folder or file is lost.

use super::cluster_owner::Owners;
use super::found::Catalogue;
use super::problem::Problem;
use super::runs::extents;
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
    let mut all = Vec::new();
    for index in 0..catalogue.volumes.len() {
        let geometry = catalogue
            .volumes
            .get(index)
            .and_then(|volume| volume.geometry);
        if let (Some(geometry), Some(owners)) = (geometry, catalogue.owners.get(index))
            && let Some(free) = free_clusters(sectors, &geometry)
            && u64::from(geometry.clusters.saturating_sub(free)) == owners.count()
        {
            // The free-space record of the volume leaves no room for any.
            continue;
        } else if let Some(geometry) = geometry {
            let (lost, unreadable) = lost(sectors, &geometry, catalogue.owners.get(index));
            if let Some(extent) = unreadable {
                catalogue.note(Problem::unreadable("the FAT", extent, sectors.image()));
            }
            all.extend(lost);
        }
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
    if geometry.kind != FatKind::Fat32 {
        return None;
    }
    // FSI_LeadSig, FSI_StrucSig and FSI_Free_Count, in the sector behind the boot sector.
    let info = sectors
        .sector((geometry.start / 512).saturating_add(1))
        .ok()?;
    let says = info.starts_with(b"RRaA") && info.get(484..488) == Some(b"rrAa");
    let count = info
        .get(488..492)?
        .try_into()
        .ok()
        .map(u32::from_le_bytes)?;
    (says && count <= geometry.clusters).then_some(count)
}

/// The lost clusters of a volume, and the first part of its FAT that cannot be read.
fn lost(
    sectors: &Sectors<'_>,
    geometry: &Geometry,
    owners: Option<&Owners>,
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
        let Some(chunk) = bytes.get_mut(..usize::try_from(length).unwrap_or(0)) else {
            break;
        };
        if chunk.is_empty() {
            break;
        }
        match image.read_at(start, chunk) {
            Ok(()) => {
                let before = start.saturating_sub(geometry.fat).checked_div(width);
                found.add_all(before.unwrap_or(0), chunk, width);
            }
            Err(_) => {
                unreadable.get_or_insert(Extent {
                    offset: start,
                    length,
                });
            }
        }
        at = start.saturating_add(length);
    }
    (extents(geometry, &found.clusters), unreadable)
}

struct Lost<'a> {
    geometry: &'a Geometry,
    owners: Option<&'a Owners>,
    clusters: Vec<Cluster>,
    /// How many more are kept.
    left: u64,
}

impl Lost<'_> {
    fn add(&mut self, cluster: Cluster, is_used: bool) {
        let owned = self.owners.is_some_and(|owners| owners.has(cluster));
        if is_used && !owned && self.left > 0 && self.geometry.cluster_offset(cluster).is_some() {
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
        let next = self
            .extents
            .partition_point(|extent| extent.end() <= offset);
        self.extents.get(next..)?.iter().find_map(|extent| {
            // What the image has as empty is not read.
            let data = self.image.next_data(extent.offset.max(offset))?;
            let start = data.offset.max(extent.offset).max(offset);
            let length = data.end().min(extent.end()).checked_sub(start)?;
            (length > 0).then_some(Extent {
                offset: start,
                length,
            })
        })
    }
}
