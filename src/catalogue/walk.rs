//! Through the directories of a volume: first all that is live, then what is deleted.

use zeroize::Zeroizing;

use super::copy::{self, Candidate, LOOK, Origin, SMALL};
use super::owner::{Owner, Owners};
use super::volume::text;
use super::{Catalogue, Looked, Node, Problem, Role};
use crate::backup::{Id, wire};
use crate::fat::directory::{self, Depth, Entry, Start};
use crate::fat::entry::{DELETED, KANJI_E5};
use crate::fat::geometry::Geometry;
use crate::fat::table::{self, ChainEnd, Link};
use crate::image::{Extent, Sectors};

/// Deepest folder looked into.
const MAX_DEPTH: usize = 24;
/// Most bytes of their paths together.
const MAX_PATHS: usize = 4 << 20;
/// Most directory entries, those of folders met again included, looked at on one card.
const MAX_WORK: usize = 1_000_000;

/// Finds the files and folders of a volume and the copies among them.
pub(super) fn volume(
    sectors: &Sectors<'_>,
    index: usize,
    looked: Looked,
    catalogue: &mut Catalogue,
) {
    let geometry = catalogue
        .volumes
        .get(index)
        .and_then(|volume| volume.geometry);
    let mut owners = Owners::default();
    if let Some(geometry) = geometry {
        let mut walk = Walk {
            sectors,
            geometry,
            volume: index,
            looked,
            catalogue,
            owners,
            path: Vec::new(),
            pending: Vec::new(),
            work: 0,
            paths: 0,
        };
        walk.directory(Start::Root, None, "", None, Origin::Live);
        for pending in std::mem::take(&mut walk.pending) {
            if walk.is_full(&pending.path) {
                break;
            }
            walk.entry(
                pending.entry,
                pending.folder,
                &pending.path,
                Origin::Deleted,
            );
        }
        owners = walk.owners;
    }
    catalogue.owners.resize_with(index, Owners::default);
    catalogue.owners.push(owners);
}

/// A deleted entry of a live folder. It waits until it is known what every live one owns.
struct Pending {
    entry: Entry,
    folder: Option<usize>,
    path: String,
}

/// A file, as its entry has it.
struct File<'a> {
    node: usize,
    name: &'a str,
    path: &'a str,
    size: u64,
    cluster: u32,
    origin: Origin,
    /// Whether it is named as a copy or lies where copies do.
    expected: bool,
}

pub(super) struct Walk<'a> {
    pub(super) sectors: &'a Sectors<'a>,
    pub(super) geometry: Geometry,
    volume: usize,
    looked: Looked,
    catalogue: &'a mut Catalogue,
    owners: Owners,
    /// The start clusters of the folders we are in: a folder in itself is not entered again.
    pub(super) path: Vec<u32>,
    pending: Vec<Pending>,
    work: usize,
    paths: usize,
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
            self.catalogue.note(Problem::TooMuch { path: shown(path) });
            return;
        }
        let depth = if self.looked >= Looked::Deleted {
            Depth::Deleted
        } else {
            Depth::Live
        };
        let found = directory::read(
            self.sectors,
            &self.geometry,
            start,
            depth,
            wire::looks_like_backup,
        );
        self.work = self
            .work
            .saturating_add(found.entries.len())
            .saturating_add(1);
        self.note_trouble(&found, path, offset, origin);
        let read = if found.clusters.is_empty() {
            vec![Extent {
                offset: self.geometry.root,
                length: self.geometry.root_length,
            }]
        } else {
            extents(&self.geometry, &found.clusters)
        };
        self.catalogue.directories.extend(read);
        if origin == Origin::Live {
            self.claim(node, path, &found.clusters);
            self.compare_tables(path, &found.clusters);
        }
        if let Some(node) = node.and_then(|node| self.catalogue.nodes.get_mut(node)) {
            node.extents = extents(&self.geometry, &found.clusters);
        }
        for entry in found.entries {
            if self.is_full(path) {
                return;
            }
            let deleted = entry.deleted || entry.behind_end;
            if entry.is_label() {
                self.label(&entry, start);
                continue;
            }
            if deleted && origin == Origin::Live {
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

    /// Whether no more files and folders are taken; then it is noted.
    fn is_full(&mut self, path: &str) -> bool {
        let full = self.catalogue.is_full()
            || self.paths >= MAX_PATHS
            || self.pending.len() >= super::MAX_NODES;
        if full {
            self.catalogue.note(Problem::TooMuch { path: shown(path) });
        }
        full
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
            let problem = Problem::unreadable(shown(path), extent, self.sectors.image());
            self.catalogue.note(problem);
        }
        for extent in joined(&found.foreign) {
            self.catalogue.note(Problem::NotADirectory {
                path: shown(path),
                offset: extent.offset,
            });
        }
        if found.cut {
            self.catalogue.note(Problem::TooMuch { path: shown(path) });
        }
        if found.second_fat {
            self.second_fat(path);
        }
        for orphan in &found.orphans {
            let origin = if orphan.deleted {
                Origin::Deleted
            } else {
                origin
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

    fn second_fat(&mut self, path: &str) {
        let problem = Problem::SecondFat {
            volume: self.volume,
            path: shown(path),
            offset: self.geometry.fat.saturating_add(self.geometry.fat_length),
        };
        self.catalogue.note(problem);
    }

    fn entry(
        &mut self,
        mut entry: Entry,
        parent: Option<usize>,
        parent_path: &str,
        origin: Origin,
    ) {
        let parent_role = parent
            .and_then(|parent| self.catalogue.nodes.get(parent))
            .map(|parent| parent.role);
        let is_directory = entry.is_directory();
        let role = role(parent_role, &[&entry.name, &entry.short_name], is_directory);
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
            path: path.clone(),
            name: name.clone(),
            parent,
            volume: Some(self.volume),
            is_directory,
            size: if is_directory { 0 } else { size },
            entry: Some(entry),
            role,
            extents: Vec::new(),
            origin,
        });
        if !is_directory {
            let in_wallet = matches!(parent_role, Some(Role::Bitbox02 | Role::Wallet(_)));
            self.file(&File {
                node,
                name: &name,
                path: &path,
                size,
                cluster,
                origin,
                expected: copy::is_expected(&name, size, in_wallet),
            });
            return;
        }
        let again = self.path.contains(&cluster);
        if !again && (origin == Origin::Live || self.is_still_there(cluster)) {
            self.path.push(cluster);
            let start = if cluster == 0 {
                Start::Root
            } else {
                Start::Cluster(cluster)
            };
            self.directory(start, Some(node), &path, Some(offset), origin);
            self.path.pop();
        }
    }

    /// Whether a deleted folder's first cluster still is that folder and belongs to no live one.
    fn is_still_there(&self, cluster: u32) -> bool {
        !self.owners.has(cluster) && self.begins_with_dot(cluster)
    }

    /// Reads a file, and adds the copies in it.
    fn file(&mut self, file: &File<'_>) {
        let most = if file.expected { LOOK } else { SMALL };
        let wanted = file.expected || self.looked >= Looked::Deleted && file.size <= SMALL;
        if !wanted || (file.size == 0 && !file.expected) {
            self.claim_all(file);
            return;
        }
        let length = file.size.min(most);
        if file.size > most {
            self.claim_all(file);
        }
        let needed =
            usize::try_from(length.div_ceil(self.geometry.cluster_length)).unwrap_or(usize::MAX);
        let clusters = match file.origin {
            _ if file.size == 0 => Vec::new(),
            Origin::Live => self.live_chain(file, needed),
            Origin::Deleted | Origin::Carved => self.deleted_run(file.cluster, needed),
        };
        let clusters_all = extents(&self.geometry, &clusters);
        let runs = limited(clusters_all.clone(), length);
        if let Some(node) = self.catalogue.nodes.get_mut(file.node) {
            node.extents.clone_from(&runs);
        }
        let whole = clusters.len() == needed;
        if file.origin == Origin::Deleted && file.size > 0 && self.owners.has(file.cluster) {
            // A live file has its place now: nothing of it is there.
            return;
        }
        let bytes = if whole { self.bytes(&runs, file) } else { None };
        let Some(bytes) = bytes else {
            self.unreadable(file, runs);
            return;
        };
        self.add(file, &runs, &clusters_all, &bytes);
    }

    /// Adds the copies in the bytes of a file.
    fn add(&mut self, file: &File<'_>, runs: &[Extent], clusters: &[Extent], bytes: &[u8]) {
        let candidate = |extents, bytes| Candidate {
            node: file.node,
            name: file.name,
            size: file.size,
            origin: file.origin,
            extents,
            bytes,
        };
        let first = candidate(runs, bytes);
        let mut found = if self.looked >= Looked::Deleted {
            first.copies()
        } else {
            first.itself().into_iter().collect()
        };
        let is_whole = |copy: &(copy::BackupCopy, _)| copy.0.state == copy::CopyState::Valid;
        if file.expected && self.looked >= Looked::Deleted && !found.iter().any(is_whole) {
            // Its entry may say a size that is too small.
            let all = limited(clusters.to_vec(), SMALL);
            if all != runs
                && let Some(bytes) = self.bytes(&all, file)
            {
                let more = candidate(&all, &bytes).copies();
                if more.iter().any(is_whole) {
                    found = more;
                }
            }
        }
        if file.origin == Origin::Live && !found.is_empty() {
            self.look_at_table(file);
        }
        for (copy, bytes) in found {
            self.catalogue.add_copy(copy, bytes);
        }
    }

    /// Adds a file that is named as a copy and cannot be read.
    fn unreadable(&mut self, file: &File<'_>, runs: Vec<Extent>) {
        let (node, name, size) = (file.node, file.name, file.size);
        let copy = copy::examine(node, name, size, file.origin, runs, None);
        if let Some(copy) = copy.filter(|_| file.expected) {
            self.catalogue.add_copy(copy, Zeroizing::default());
        }
    }

    /// The clusters a deleted file most likely had: one behind the other, as long as no live file owns
    /// them now.
    fn deleted_run(&self, start: u32, needed: usize) -> Vec<u32> {
        let last = start.saturating_add(u32::try_from(needed).unwrap_or(u32::MAX));
        (start..last)
            .take_while(|cluster| !self.owners.has(*cluster))
            .filter(|cluster| self.geometry.cluster_offset(*cluster).is_some())
            .collect()
    }

    fn live_chain(&mut self, file: &File<'_>, needed: usize) -> Vec<u32> {
        let (chain, second) = if self.looked >= Looked::Deleted {
            table::chain_by_both(self.sectors, &self.geometry, file.cluster, needed)
        } else {
            (
                table::chain(self.sectors, &self.geometry, file.cluster, needed),
                false,
            )
        };
        self.claim(Some(file.node), file.path, &chain.clusters);
        if !file.expected {
            return chain.clusters;
        }
        if second {
            self.second_fat(file.path);
        }
        if chain.clusters.len() < needed {
            let offset = self.catalogue.nodes.get(file.node).and_then(Node::offset);
            self.catalogue.note(Problem::Chain {
                path: shown(file.path),
                end: chain.end,
                offset,
            });
        }
        self.compare_tables(file.path, &chain.clusters);
        chain.clusters
    }

    /// Notes all that a live file owns which is not read: it tells whose the bytes are that are found
    /// there, and what nobody owns.
    fn claim_all(&mut self, file: &File<'_>) {
        if file.origin != Origin::Live || file.size == 0 || self.looked == Looked::Folders {
            return;
        }
        let most = file.size.div_ceil(self.geometry.cluster_length);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let chain = table::chain(self.sectors, &self.geometry, file.cluster, most);
        self.claim(Some(file.node), file.path, &chain.clusters);
    }

    /// Notes whose clusters these are.
    fn claim(&mut self, owner: Owner, path: &str, clusters: &[u32]) {
        for cluster in clusters {
            let Some(other) = self.owners.claim(*cluster, owner) else {
                continue;
            };
            let other = other.and_then(|node| self.catalogue.nodes.get(node));
            let problem = Problem::CrossLink {
                path: shown(path),
                other: other.map_or_else(|| shown(""), |node| shown(&node.path)),
                offset: self.geometry.cluster_offset(*cluster).unwrap_or(0),
            };
            self.catalogue.note(problem);
        }
    }

    /// Notes where the FATs disagree about clusters.
    fn compare_tables(&mut self, path: &str, clusters: &[u32]) {
        let few = clusters.get(..clusters.len().min(1024)).unwrap_or_default();
        for difference in table::differences(self.sectors, &self.geometry, few) {
            let problem = Problem::FatsDiffer {
                volume: self.volume,
                path: shown(path),
                difference,
            };
            self.catalogue.note(problem);
        }
    }

    /// Notes where the FAT has the cluster of a live copy as free.
    fn look_at_table(&mut self, file: &File<'_>) {
        let link = table::link(self.sectors, &self.geometry, 0, file.cluster);
        if file.size > 0 && link == Ok(Link::Free) {
            let (offset, _) = self.geometry.link_offset(0, file.cluster);
            self.catalogue.note(Problem::FreeCluster {
                path: shown(file.path),
                offset,
            });
        }
    }

    fn bytes(&mut self, runs: &[Extent], file: &File<'_>) -> Option<Zeroizing<Vec<u8>>> {
        let length: u64 = runs.iter().map(|run| run.length).sum();
        let mut bytes = Zeroizing::new(vec![0; usize::try_from(length).ok()?]);
        let mut rest = bytes.as_mut_slice();
        for run in runs {
            let (now, later) = rest.split_at_mut_checked(usize::try_from(run.length).ok()?)?;
            let read = if file.expected {
                self.sectors.read(run.offset, now)
            } else {
                // Not kept: foreign files would take the room of directories and tables.
                self.sectors.image().read_at(run.offset, now)
            };
            if read.is_err() {
                let path = shown(file.path);
                let problem = Problem::unreadable(path, *run, self.sectors.image());
                self.catalogue.note(problem);
                return None;
            }
            rest = later;
        }
        Some(bytes)
    }
}

/// What a file or folder has to do with backups, by its names, long and short, and its folder's role.
pub(super) fn role(parent: Option<Role>, names: &[&str], is_directory: bool) -> Role {
    // Deleting takes the first byte of a short name; `_` stands in its place.
    let same = |own: &str, name: &str| match own.strip_prefix('_') {
        Some(rest) => name
            .get(1..)
            .is_some_and(|name| rest.eq_ignore_ascii_case(name)),
        None => own.eq_ignore_ascii_case(name),
    };
    let named = |name: &str| names.iter().any(|own| same(own, name));
    let id = || names.iter().find_map(|name| name.parse::<Id>().ok());
    match parent {
        None if is_directory && named("bitbox02") => Role::Bitbox02,
        None if is_directory && named("digitalbitbox") => Role::BitBox01,
        Some(Role::Bitbox02) if is_directory => Role::Wallet(id()),
        Some(Role::Bitbox02 | Role::Wallet(_)) => Role::Stray,
        Some(Role::BitBox01) => Role::BitBox01,
        _ if is_directory => id().map_or(Role::Other, |id| Role::Wallet(Some(id))),
        _ => Role::Other,
    }
}

fn shown(path: &str) -> String {
    if path.is_empty() {
        "/".to_owned()
    } else {
        path.to_owned()
    }
}

/// The runs of bytes of clusters, neighbours joined.
pub(super) fn extents(geometry: &Geometry, clusters: &[u32]) -> Vec<Extent> {
    let runs = clusters
        .iter()
        .filter_map(|cluster| geometry.cluster_offset(*cluster));
    joined(
        &runs
            .map(|offset| Extent {
                offset,
                length: geometry.cluster_length,
            })
            .collect::<Vec<_>>(),
    )
}

fn joined(extents: &[Extent]) -> Vec<Extent> {
    let mut joined: Vec<Extent> = Vec::new();
    for extent in extents {
        match joined.last_mut() {
            Some(last) if last.end() == extent.offset => {
                last.length = last.length.saturating_add(extent.length)
            }
            _ => joined.push(*extent),
        }
    }
    joined
}

/// The first `length` bytes of runs.
pub(super) fn limited(runs: Vec<Extent>, length: u64) -> Vec<Extent> {
    let mut left = length;
    let runs = runs.into_iter().map(|run| {
        let length = run.length.min(left);
        left = left.saturating_sub(length);
        Extent {
            offset: run.offset,
            length,
        }
    });
    runs.filter(|run| run.length > 0).collect()
}
