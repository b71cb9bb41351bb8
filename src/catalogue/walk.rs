//! Through the directories of a volume.

use std::collections::HashMap;

use zeroize::Zeroizing;

use super::copy::{self, LOOK, Origin};
use super::volume::text;
use super::{Catalogue, Node, Problem, Role, Scope};
use crate::backup::{Id, wire};
use crate::fat::directory::{self, Depth, Entry, Start};
use crate::fat::entry::{DELETED, KANJI_E5};
use crate::fat::geometry::Geometry;
use crate::fat::table::{self, ChainEnd};
use crate::image::{Extent, Sectors};

/// Deepest folder looked into.
const MAX_DEPTH: usize = 24;
/// Most bytes of their paths together.
const MAX_PATHS: usize = 4 << 20;
/// Most directory entries, those of folders met again included, looked at on one card.
const MAX_WORK: usize = 1_000_000;

/// Finds the files and folders of a volume and the copies among them.
pub(super) fn volume(sectors: &Sectors<'_>, index: usize, scope: Scope, catalogue: &mut Catalogue) {
    let Some(geometry) = catalogue
        .volumes
        .get(index)
        .and_then(|volume| volume.geometry)
    else {
        return;
    };
    let mut walk = Walk {
        sectors,
        geometry,
        volume: index,
        scope,
        catalogue,
        owners: HashMap::new(),
        path: Vec::new(),
        work: 0,
        paths: 0,
    };
    walk.directory(Start::Root, None, "", None);
}

pub(super) struct Walk<'a> {
    pub(super) sectors: &'a Sectors<'a>,
    pub(super) geometry: Geometry,
    volume: usize,
    scope: Scope,
    catalogue: &'a mut Catalogue,
    /// Which path claimed a cluster first.
    owners: HashMap<u32, String>,
    /// The start clusters of the folders we are in: a folder in itself is not entered again.
    pub(super) path: Vec<u32>,
    work: usize,
    paths: usize,
}

impl Walk<'_> {
    fn directory(&mut self, start: Start, node: Option<usize>, path: &str, offset: Option<u64>) {
        if self.path.len() >= MAX_DEPTH || self.work >= MAX_WORK {
            self.catalogue.note(Problem::TooMuch { path: shown(path) });
            return;
        }
        let depth = if self.scope.deleted || self.scope.carve {
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
                Origin::Live
            };
            let offset = orphan.slots.first().copied();
            self.catalogue.see(&orphan.name, offset, origin);
        }
        let read = if found.clusters.is_empty() {
            vec![Extent {
                offset: self.geometry.root,
                length: self.geometry.root_length,
            }]
        } else {
            extents(&self.geometry, &found.clusters)
        };
        self.catalogue.directories.extend(read);
        if let Some(end) = found.end.filter(|end| *end != ChainEnd::End) {
            self.catalogue.note(Problem::Chain {
                path: shown(path),
                end,
                offset,
            });
        }
        let deleted = node
            .and_then(|node| self.catalogue.nodes.get(node))
            .is_some_and(Node::is_deleted);
        if !deleted {
            self.claim(path, &found.clusters);
        }
        if let Some(node) = node.and_then(|node| self.catalogue.nodes.get_mut(node)) {
            node.extents = extents(&self.geometry, &found.clusters);
        }
        for entry in found.entries {
            if self.catalogue.is_full() || self.paths >= MAX_PATHS {
                self.catalogue.note(Problem::TooMuch { path: shown(path) });
                return;
            }
            if entry.is_label() {
                self.label(&entry, start);
            } else {
                self.entry(entry, node, path);
            }
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

    fn entry(&mut self, mut entry: Entry, parent: Option<usize>, parent_path: &str) {
        let parent_role = parent
            .and_then(|parent| self.catalogue.nodes.get(parent))
            .map(|parent| parent.role);
        let is_directory = entry.is_directory();
        let role = role(parent_role, &[&entry.name, &entry.short_name], is_directory);
        let path = format!("{parent_path}/{}", entry.name);
        let deleted = entry.deleted || entry.behind_end;
        self.paths = self.paths.saturating_add(path.len());
        if deleted && let Some(cluster) = self.with_upper_half(&entry) {
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
            carved: false,
        });
        if is_directory {
            let wanted = self.scope.whole_tree
                || matches!(role, Role::Bitbox02 | Role::Wallet(_) | Role::BitBox01);
            if wanted
                && !self.path.contains(&cluster)
                && (!deleted || self.begins_with_dot(cluster))
            {
                self.path.push(cluster);
                let start = if cluster == 0 {
                    Start::Root
                } else {
                    Start::Cluster(cluster)
                };
                self.directory(start, Some(node), &path, Some(offset));
                self.path.pop();
            }
        } else if copy::is_candidate(
            &name,
            size,
            matches!(parent_role, Some(Role::Bitbox02 | Role::Wallet(_))),
        ) {
            self.candidate(node, &name, &path, size, cluster, deleted);
        }
    }

    /// Reads a file that may be a copy and adds it if it is.
    fn candidate(
        &mut self,
        node: usize,
        name: &str,
        path: &str,
        size: u64,
        cluster: u32,
        deleted: bool,
    ) {
        let length = size.min(LOOK);
        let needed =
            usize::try_from(length.div_ceil(self.geometry.cluster_length)).unwrap_or(usize::MAX);
        let clusters = if size == 0 {
            Vec::new()
        } else if deleted {
            let last = cluster.saturating_add(u32::try_from(needed).unwrap_or(u32::MAX));
            (cluster..last)
                .filter(|cluster| self.geometry.cluster_offset(*cluster).is_some())
                .collect()
        } else {
            self.live_chain(node, path, cluster, needed)
        };
        let runs = limited(extents(&self.geometry, &clusters), length);
        let bytes = (clusters.len() == needed || size == 0)
            .then(|| self.bytes(&runs, path))
            .flatten();
        if let Some(node) = self.catalogue.nodes.get_mut(node) {
            node.extents.clone_from(&runs);
        }
        let origin = if deleted {
            Origin::Deleted
        } else {
            Origin::Live
        };
        let copy = copy::examine(
            node,
            name,
            size,
            origin,
            runs,
            bytes.as_ref().map(|bytes| bytes.as_slice()),
        );
        if let Some(copy) = copy {
            self.catalogue.add_copy(copy, bytes.unwrap_or_default());
        }
    }

    fn live_chain(&mut self, node: usize, path: &str, cluster: u32, needed: usize) -> Vec<u32> {
        let (chain, second) = if self.scope.deleted || self.scope.carve {
            table::chain_by_both(self.sectors, &self.geometry, cluster, needed)
        } else {
            (
                table::chain(self.sectors, &self.geometry, cluster, needed),
                false,
            )
        };
        if second {
            self.second_fat(path);
        }
        if chain.clusters.len() < needed {
            let offset = self.catalogue.nodes.get(node).and_then(Node::offset);
            self.catalogue.note(Problem::Chain {
                path: shown(path),
                end: chain.end,
                offset,
            });
        }
        self.claim(path, &chain.clusters);
        chain.clusters
    }

    /// Notes whose clusters these are, and where the FATs disagree about them.
    fn claim(&mut self, path: &str, clusters: &[u32]) {
        for cluster in clusters {
            match self.owners.get(cluster) {
                Some(other) if other != path => {
                    let offset = self.geometry.cluster_offset(*cluster).unwrap_or(0);
                    let problem = Problem::CrossLink {
                        path: shown(path),
                        other: shown(other),
                        offset,
                    };
                    self.catalogue.note(problem);
                }
                Some(_) => {}
                None => {
                    self.owners.insert(*cluster, path.to_owned());
                }
            }
        }
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

    fn bytes(&mut self, runs: &[Extent], path: &str) -> Option<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(Vec::new());
        for run in runs {
            let start = bytes.len();
            let end = start.saturating_add(usize::try_from(run.length).ok()?);
            bytes.resize(end, 0);
            if self
                .sectors
                .read(run.offset, bytes.get_mut(start..end)?)
                .is_err()
            {
                let problem = Problem::unreadable(shown(path), *run, self.sectors.image());
                self.catalogue.note(problem);
                return None;
            }
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
