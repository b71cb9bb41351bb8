//! Through the directories of a volume: first all that is live, then what is deleted.

mod file;
mod state;

use self::file::File;
use self::state::{Pending, Walk};
use super::copy::{Looked, Origin};
use super::find_volumes::text;
use super::found::Catalogue;
use super::node::{Node, Role, is_expected};
use super::problem::{Problem, shown};
use super::runs::{extents, joined};
use super::volume::Owners;
use crate::backup::{layout, wire};
use crate::fat::cluster::Cluster;
use crate::fat::directory::{self, Entry, ListDepth, Start};
use crate::fat::entry::{DELETED, KANJI_E5, RawEntry};
use crate::fat::geometry::FatKind;
use crate::fat::table::ChainEnd;
use crate::image::{Extent, Sectors};

/// Deepest folder looked into.
const MAX_DEPTH: usize = 24;
/// Most directory entries, those of folders met again included, looked at on one card.
const MAX_WORK: usize = 1_000_000;
/// Most upper halves of a start cluster that are tried.
const MOST_HALVES: usize = 64;

/// Finds the files and folders of a volume and the copies among them.
pub(super) fn volume(
    sectors: &Sectors<'_>,
    index: usize,
    looked: Looked,
    catalogue: &mut Catalogue,
) {
    let volume = catalogue.volumes.get(index);
    let geometry = volume.and_then(|volume| volume.geometry);
    let mut owners = Owners::default();
    if let Some(geometry) = geometry {
        let mut walk = Walk::new(sectors, geometry, index, looked, catalogue);
        walk.directory(Start::Root, None, "", None, Origin::Live);
        for pending in std::mem::take(&mut walk.pending) {
            if walk.is_full(&pending.path) {
                break;
            }
            let Pending { entry, folder, .. } = pending;
            walk.entry(entry, folder, &pending.path, Origin::Deleted);
        }
        owners = walk.owners;
    }
    catalogue.owners.resize_with(index, Owners::default);
    catalogue.owners.push(owners);
}

impl Walk<'_> {
    fn directory(
        &mut self,
        start: Start,
        node: Option<usize>,
        path: &str,
        offset: Option<u64>,
        origin: Origin,
    ) {
        if self.path.len() >= MAX_DEPTH || self.work >= MAX_WORK {
            self.catalogue.too_much(path);
            return;
        }
        let depth = match self.looked {
            Looked::Folders => ListDepth::Live,
            Looked::Deleted | Looked::Surface => ListDepth::Deleted,
        };
        let (sectors, geometry) = (self.sectors, &self.geometry);
        let found = directory::read(sectors, geometry, start, depth, wire::looks_like_backup);
        let work = found.entries.len().saturating_add(1);
        self.work = self.work.saturating_add(work);
        self.note_trouble(&found, path, offset, origin);
        let own = extents(&self.geometry, &found.clusters);
        match found.clusters.is_empty() {
            true => self.catalogue.directories.push(Extent {
                offset: self.geometry.root,
                length: self.geometry.root_length,
            }),
            false => self.catalogue.directories.extend(&own),
        }
        if origin == Origin::Live {
            self.claim(node, path, &found.clusters);
            self.compare_tables(path, &found.clusters);
        }
        if let Some(node) = node.and_then(|node| self.catalogue.nodes.get_mut(node)) {
            node.extents = own;
        }
        for entry in found.entries {
            if self.is_full(path) {
                return;
            }
            let deleted = entry.deleted || entry.behind_end;
            if entry.is_label() {
                self.label(&entry, start);
            } else if deleted && origin == Origin::Live {
                self.pending.push(Pending {
                    entry,
                    folder: node,
                    path: path.to_owned(),
                });
            } else {
                self.entry(entry, node, path, origin);
            }
        }
    }

    /// Notes what of a folder could not be read as it should.
    fn note_trouble(
        &mut self,
        found: &directory::Directory,
        path: &str,
        offset: Option<u64>,
        origin: Origin,
    ) {
        for extent in joined(&found.unreadable) {
            let image = self.sectors.image();
            self.catalogue.unreadable(path, extent, image);
        }
        for extent in joined(&found.foreign) {
            self.catalogue.note(Problem::NotADirectory {
                path: shown(path),
                offset: extent.offset,
            });
        }
        if found.cut {
            self.catalogue.too_much(path);
        }
        if found.second_fat {
            self.second_fat(path);
        }
        self.catalogue.see_parts(&found.orphans, &found.entries);
        for orphan in &found.orphans {
            let origin = match orphan.deleted {
                true => Origin::Deleted,
                false => origin,
            };
            let offset = orphan.slots.first().copied();
            self.catalogue.see(&orphan.name, offset, origin);
        }
        // The chain of a deleted folder is free: that is no damage.
        if let Some(end) = found.end.filter(|end| *end != ChainEnd::End)
            && origin == Origin::Live
        {
            self.catalogue.note(Problem::Chain {
                path: shown(path),
                end,
                offset,
            });
        }
    }

    /// Keeps the volume's label, which is the first live one of the root directory.
    fn label(&mut self, entry: &Entry, start: Start) {
        if start == Start::Root
            && !entry.deleted
            && !entry.behind_end
            && let Some(volume) = self.catalogue.volumes.get_mut(self.volume)
        {
            let mut name = entry.raw.name();
            if let [first @ KANJI_E5, ..] = &mut name {
                *first = DELETED;
            }
            let _ = volume.root_label.get_or_insert_with(|| text(&name));
        }
    }

    fn entry(
        &mut self,
        mut entry: Entry,
        parent: Option<usize>,
        parent_path: &str,
        origin: Origin,
    ) {
        let above = parent.and_then(|parent| self.catalogue.nodes.get(parent));
        let parent_role = above.map(|above| above.role);
        let is_directory = entry.is_directory();
        let role = Role::of(parent_role, &[&entry.name, &entry.short_name], is_directory);
        let path = format!("{parent_path}/{}", entry.name);
        self.paths = self.paths.saturating_add(path.len());
        if origin == Origin::Deleted
            && let Some(cluster) = self.with_upper_half(&entry)
        {
            entry.cluster = cluster;
        }
        let (cluster, offset) = (entry.cluster, entry.offset);
        let size = u64::from(entry.raw.size());
        let name = entry.name.clone();
        let node = self.catalogue.push(Node {
            parent,
            volume: Some(self.volume),
            is_directory,
            size: if is_directory { 0 } else { size },
            entry: Some(entry),
            role,
            ..Node::new(path.clone(), name.clone(), origin)
        });
        if !is_directory {
            self.file(&File {
                node,
                name: &name,
                path: &path,
                size,
                cluster,
                origin,
                expected: is_expected(&name, size, parent_role),
            });
            return;
        }
        let again = self.path.contains(&cluster);
        if !again && (origin == Origin::Live || self.is_still_there(cluster)) {
            self.path.push(cluster);
            let start = match cluster {
                Cluster::NONE => Start::Root,
                cluster => Start::Cluster(cluster),
            };
            self.directory(start, Some(node), &path, Some(offset), origin);
            self.path.pop();
        }
    }

    /// Whether a deleted folder's first cluster still is that folder and belongs to no live one.
    fn is_still_there(&self, cluster: Cluster) -> bool {
        !self.owners.has(cluster) && self.begins_with_dot(cluster)
    }

    /// Whether a deleted folder's first cluster still is that folder: its `.` names itself.
    fn begins_with_dot(&self, cluster: Cluster) -> bool {
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
    fn with_upper_half(&self, entry: &Entry) -> Option<Cluster> {
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
