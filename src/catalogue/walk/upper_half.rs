//! Start clusters of deleted entries, of which a computer may have cleared the upper half.

use super::state::Walk;
use crate::backup::{layout, wire};
use crate::fat::cluster::Cluster;
use crate::fat::directory::Entry;
use crate::fat::entry::RawEntry;
use crate::fat::geometry::FatKind;

/// Most upper halves of a start cluster that are tried.
const MOST_HALVES: usize = 64;

impl Walk<'_> {
    /// Whether a deleted folder's first cluster still is that folder: its `.` names itself.
    pub(super) fn begins_with_dot(&self, cluster: Cluster) -> bool {
        let offset = self.geometry.cluster_offset(cluster);
        let sector = offset.and_then(|offset| self.sectors.sector(offset / 512).ok());
        let own = sector.and_then(|sector| RawEntry::at(&sector, 0));
        own.is_some_and(|own| {
            let wide = self.geometry.kind == FatKind::Fat32;
            own.name() == *b".          " && Cluster::of_entry(&own, wide) == cluster
        })
    }

    /// The start cluster of a deleted entry of which a computer cleared the upper half, as Windows
    /// does: one at which what the entry is about still begins, first beside its folder.
    pub(super) fn with_upper_half(&self, entry: &Entry) -> Option<Cluster> {
        let halves = self.geometry.clusters.saturating_add(1) >> 16;
        let is_there = |cluster: &Cluster| {
            if entry.is_directory() {
                return self.begins_with_dot(*cluster);
            }
            let offset = self.geometry.cluster_offset(*cluster);
            let sector = offset.and_then(|offset| self.sectors.sector(offset / 512).ok());
            sector.is_some_and(|sector| is_trace(sector.as_slice(), entry.raw.size()))
        };
        let cleared = self.geometry.kind == FatKind::Fat32 && halves > 0 && entry.cluster.0 > 1;
        if !cleared || entry.cluster.upper_half() != 0 || is_there(&entry.cluster) {
            return None;
        }
        let folder = self.path.last().map_or(0, |cluster| cluster.upper_half());
        let all = std::iter::once(folder).chain((1..=halves).take(MOST_HALVES));
        all.map(|half| entry.cluster.with_upper_half(half))
            .find(is_there)
    }
}

/// Whether a sector begins with a file of this size that is a copy or was erased.
fn is_trace(sector: &[u8], size: u32) -> bool {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let bytes = sector.get(..size.min(sector.len())).unwrap_or_default();
    wire::looks_like_backup(bytes)
        || !bytes.is_empty() && bytes.iter().all(|byte| *byte == 0xAC)
        || layout::layout(bytes).is_some()
}
