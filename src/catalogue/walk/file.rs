//! A file of a volume: where its bytes lie, and the copies in them.

use std::path::Path;

use zeroize::Zeroizing;

use crate::backup::FileName;
use crate::backup::text::may_be_text;

use super::state::Walk;
use crate::catalogue::copy::{CopyState, CopyWithBytes, LOOK, Looked, Origin, SMALL};
use crate::catalogue::node::Node;
use crate::catalogue::problem::{Problem, shown};
use crate::catalogue::runs::{extents, limited, there};
use crate::catalogue::{container, folder};
use crate::fat::cluster::Cluster;
use crate::fat::table::{self, Link};
use crate::image::{
    Extent, Fault, Foreign, SECTOR, archive_of, begins_as_archive, has_archive_name, is_unmarked,
    unopened,
};
use crate::partition::is_random_sector;

/// Bytes from which on a file may be an encrypted container; those of VeraCrypt have 292 KiB at least.
const CONTAINER_FROM: u64 = 256 << 10;
/// Sectors of a file that are looked at to see that all of it is random.
const SAMPLES: usize = 32;

/// A file, as its entry has it.
pub(super) struct File<'a> {
    pub(super) node: usize,
    pub(super) name: &'a str,
    pub(super) path: &'a str,
    pub(super) size: u64,
    pub(super) cluster: Cluster,
    pub(super) origin: Origin,
    /// Whether it is named as a copy or lies where copies do.
    pub(super) expected: bool,
}

impl Walk<'_> {
    /// Reads a file, and adds the copies in it.
    pub(super) fn file(&mut self, file: &File<'_>) {
        self.archive(file);
        let most = if file.expected { LOOK } else { SMALL };
        let wanted = file.expected || self.looked >= Looked::Deleted && file.size <= SMALL;
        if !wanted || (file.size == 0 && !file.expected) {
            self.claim_all(file);
            self.long_text(file);
            return;
        }
        let length = file.size.min(most);
        if file.size > most {
            self.claim_all(file);
        }
        let needed = self.geometry.clusters_of(length);
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
        if file.size > 0 && self.is_overwritten(file) {
            return;
        }
        let bytes = match clusters.len() == needed {
            true => self.bytes(&runs, file),
            false => None,
        };
        match bytes {
            Some(bytes) => self.add(file, &runs, &clusters_all, &bytes),
            None => {
                let unread = self.catalogue.candidate(file.node, &runs, &[]).unread();
                if let Some(copy) = unread.filter(|_| file.expected) {
                    self.catalogue.add_copy(copy);
                }
            }
        }
    }

    /// Whether a live file has the place of a deleted one now: nothing of it is there.
    fn is_overwritten(&self, file: &File<'_>) -> bool {
        file.origin == Origin::Deleted && self.owners.has(file.cluster)
    }

    /// Looks into a file that is an archive, whatever its name.
    fn archive(&mut self, file: &File<'_>) {
        if file.size == 0 || self.looked < Looked::Deleted || self.is_overwritten(file) {
            return;
        }
        let is_named = file.origin == Origin::Live && has_archive_name(Path::new(file.name));
        if !is_named && !self.begins_as_archive(file) {
            return;
        }
        let (count, bytes) = self.archives;
        let (Some(count), Some(left)) = (count.checked_sub(1), bytes.checked_sub(file.size)) else {
            return self.catalogue.too_much(file.path);
        };
        self.archives = (count, left);
        let Some((runs, bytes)) = self.all_of(file) else {
            return;
        };
        let (archive, unread) = archive_of(Path::new(file.name), bytes, 0);
        if let Some(archive) = archive {
            folder::inside(self.catalogue, &archive, file.node);
        }
        if let Some(node) = self.catalogue.nodes.get_mut(file.node)
            && node.extents.is_empty()
        {
            node.extents = runs;
        }
        self.catalogue.unopened(file.path, unread, file.origin);
        if let Some(what) = unread.filter(|_| file.origin != Origin::Live)
            && let Some(offset) = self.geometry.cluster_offset(file.cluster)
        {
            container::unread_at(offset, what, self.catalogue);
        }
    }

    /// Whether the first sector of a file, other than one that is named as a copy, is that of an archive.
    fn begins_as_archive(&self, file: &File<'_>) -> bool {
        let begins = |head: Zeroizing<[u8; SECTOR]>| begins_as_archive(head.as_slice());
        FileName::parse(file.name).is_none() && self.head(file).is_some_and(begins)
    }

    /// The first sector of a file.
    fn head(&self, file: &File<'_>) -> Option<Zeroizing<[u8; SECTOR]>> {
        let mut head = Zeroizing::new([0; SECTOR]);
        let offset = self.geometry.cluster_offset(file.cluster)?;
        let read = self.sectors.image().read_at(offset, head.as_mut_slice());
        read.is_ok().then_some(head)
    }

    /// Where a file lies, as far as that can be told, and its bytes; where its chain breaks off, what there is of it.
    fn all_of(&mut self, file: &File<'_>) -> Option<(Vec<Extent>, Zeroizing<Vec<u8>>)> {
        let needed = self.geometry.clusters_of(file.size);
        let (sectors, geometry) = (self.sectors, &self.geometry);
        let clusters = match file.origin {
            Origin::Live => {
                let (chain, _) = table::chain_by_both(sectors, geometry, file.cluster, needed);
                chain.clusters
            }
            Origin::Deleted | Origin::Carved => self.deleted_run(file.cluster, needed),
        };
        let runs = limited(extents(&self.geometry, &clusters), file.size);
        runs.first()?;
        let bytes = self.bytes(&runs, file)?;
        Some((runs, bytes))
    }

    /// Whether a live file that begins so is random from one end to the other, as an encrypted container is: whole
    /// sectors, and no mark of any known kind.
    fn is_random(&self, file: &File<'_>, head: &[u8; SECTOR]) -> bool {
        let may_be = file.origin == Origin::Live
            && file.size >= CONTAINER_FROM
            && file.size.is_multiple_of(SECTOR as u64)
            && is_random_sector(head)
            && is_unmarked(head);
        if !may_be {
            return false;
        }
        let all = self.geometry.clusters_of(file.size);
        let clusters = table::chain(self.sectors, &self.geometry, file.cluster, all).clusters;
        let step = clusters.len().div_ceil(SAMPLES).max(1);
        clusters.len() == all
            && clusters.iter().step_by(step).all(|cluster| {
                let mut sector = Zeroizing::new([0; SECTOR]);
                let offset = self.geometry.cluster_offset(*cluster);
                let image = self.sectors.image();
                offset.is_some_and(|offset| image.read_at(offset, sector.as_mut_slice()).is_ok())
                    && is_random_sector(&sector)
            })
    }

    /// Adds the copies in a file that is a text, such as a mail, and too long to be one copy.
    fn long_text(&mut self, file: &File<'_>) {
        if self.looked < Looked::Deleted || file.size <= SMALL || self.is_overwritten(file) {
            return;
        }
        let Some(head) = self.head(file) else {
            return;
        };
        if !has_archive_name(Path::new(file.name)) {
            let what = unopened(head.as_slice());
            let what = what.or_else(|| self.is_random(file, &head).then_some(Foreign::RANDOM));
            self.catalogue.unopened(file.path, what, file.origin);
        }
        if !may_be_text(head.as_slice()) {
            return;
        }
        let Some(left) = self.texts.checked_sub(file.size) else {
            return self.catalogue.too_much(file.path);
        };
        self.texts = left;
        let Some((runs, bytes)) = self.all_of(file) else {
            return;
        };
        folder::attached(self.catalogue, &bytes, file.node);
        let texts = self.catalogue.candidate(file.node, &runs, &bytes).texts();
        self.catalogue.add_others(file.node, texts);
    }

    /// Adds the copies in the bytes of a file.
    fn add(&mut self, file: &File<'_>, runs: &[Extent], clusters: &[Extent], bytes: &[u8]) {
        self.catalogue.note_text(file.node, bytes);
        let is_deep = self.looked >= Looked::Deleted;
        if is_deep {
            self.catalogue.see_in_file(bytes, file.origin);
        }
        if is_deep && !has_archive_name(Path::new(file.name)) {
            self.catalogue
                .unopened(file.path, unopened(bytes), file.origin);
        }
        let first = self.catalogue.candidate(file.node, runs, bytes);
        let mut found = match is_deep {
            true => first.copies(),
            false => first.itself().into_iter().collect(),
        };
        let is_whole = |(copy, _): &CopyWithBytes| copy.state == CopyState::Valid;
        if file.expected && is_deep && !found.iter().any(is_whole) {
            // Its entry may say a size that is too small.
            let all = limited(clusters.to_vec(), SMALL);
            if all != runs
                && let Some(bytes) = self.bytes(&all, file)
            {
                let more = self.catalogue.candidate(file.node, &all, &bytes).copies();
                if more.iter().any(is_whole) {
                    found = more;
                }
            }
        }
        if file.origin == Origin::Live && !found.is_empty() {
            self.look_at_table(file);
        }
        if is_deep {
            folder::attached(self.catalogue, bytes, file.node);
        }
        self.catalogue.add_others(file.node, found);
    }

    /// The clusters a deleted file most likely had: one behind the other, as long as no live file owns
    /// them now.
    fn deleted_run(&self, start: Cluster, needed: usize) -> Vec<Cluster> {
        let needed = u32::try_from(needed).unwrap_or(u32::MAX);
        let last = start.0.saturating_add(needed);
        (start.0..last)
            .map(Cluster)
            .take_while(|cluster| !self.owners.has(*cluster))
            .filter(|cluster| self.geometry.cluster_offset(*cluster).is_some())
            .collect()
    }

    fn live_chain(&mut self, file: &File<'_>, needed: usize) -> Vec<Cluster> {
        let (sectors, geometry) = (self.sectors, &self.geometry);
        let (chain, second) = match self.looked {
            Looked::Folders => (table::chain(sectors, geometry, file.cluster, needed), false),
            _ => table::chain_by_both(sectors, geometry, file.cluster, needed),
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
        let most = self.geometry.clusters_of(file.size);
        let chain = table::chain(self.sectors, &self.geometry, file.cluster, most);
        self.claim(Some(file.node), file.path, &chain.clusters);
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

    /// The bytes of a file; of one behind whose beginning the image ends, that beginning.
    fn bytes(&mut self, runs: &[Extent], file: &File<'_>) -> Option<Zeroizing<Vec<u8>>> {
        let length: u64 = runs.iter().map(|run| run.length).sum();
        let mut bytes = Zeroizing::new(vec![0; usize::try_from(length).ok()?]);
        let mut rest = bytes.as_mut_slice();
        let mut read_so_far = 0_u64;
        for run in runs {
            let (now, later) = rest.split_at_mut_checked(usize::try_from(run.length).ok()?)?;
            let read = if file.expected {
                self.sectors.read(run.offset, now)
            } else {
                // Not kept: foreign files would take the room of directories and tables.
                self.sectors.image().read_at(run.offset, now)
            };
            if let Err(error) = read {
                let is_cut = matches!(error.fault(), Fault::CutShort | Fault::NotCopied);
                let there = if is_cut { self.beginning(*run, now) } else { 0 };
                let missing = Extent {
                    offset: run.offset.saturating_add(there),
                    length: run.length.saturating_sub(there),
                };
                let image = self.sectors.image();
                self.catalogue.unreadable(file.path, missing, image);
                let length = read_so_far.saturating_add(there);
                bytes.truncate(usize::try_from(length).ok()?);
                return (length > 0 && is_cut).then_some(bytes);
            }
            rest = later;
            read_so_far = read_so_far.saturating_add(run.length);
        }
        Some(bytes)
    }

    /// Reads what there is of a run in which the image ends; how many bytes that are.
    fn beginning(&self, run: Extent, bytes: &mut [u8]) -> u64 {
        let image = self.sectors.image();
        let there = there(run, image);
        let length = usize::try_from(there.length).unwrap_or(0);
        let own = bytes.get_mut(..length).unwrap_or_default();
        match image.read_at(run.offset, own) {
            Ok(()) => own.len() as u64,
            Err(_) => 0,
        }
    }
}
