//! Everything found: the catalogue, which alone owns the bytes of copies.

use std::collections::HashMap;

use zeroize::Zeroizing;

use super::copy::{BackupCopy, CandidateFile, CopyState, CopyWithBytes, Looked, Origin, SMALL};
use super::node::{Node, Role, Sighting, TimeSeen, is_written};
use super::problem::{Problem, shown};
use super::volume::{Owners, Volume};
use crate::backup::{DamagedId, Id};
use crate::image::{Extent, Foreign, ReadAt};
use crate::partition::Table;

/// Most files and folders taken from one card.
pub(super) const MAX_NODES: usize = 20_000;
/// Most copies taken from one card; a device sees at most 600.
const MAX_COPIES: usize = 6000;
/// Most ids that a damaged copy is tried against.
const MOST_IDS: usize = 256;
/// Most problems noted of one card.
const MAX_PROBLEMS: usize = 1000;

/// Where one of several sources begins in a joined catalogue.
#[derive(Clone, Copy, Debug)]
pub(super) struct JoinedSource {
    /// Its first copy.
    pub(super) copy: usize,
    /// The first source that is a reading of the same card; its own number if there is none before.
    pub(super) card: usize,
}

/// Everything found.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Catalogue {
    /// The division of the card; `None` for a folder or a file.
    pub table: Option<Table>,
    /// Its volumes, FAT or not.
    pub volumes: Vec<Volume>,
    /// Files and folders.
    pub nodes: Vec<Node>,
    /// Copies of backups, in the order they were found: by volume and directory.
    pub copies: Vec<BackupCopy>,
    /// What is wrong, in the order it was found.
    pub problems: Vec<Problem>,
    /// Every id in a name, live, deleted or left over: what a damaged copy can be tried against.
    pub ids: Vec<Sighting>,
    /// IDs of which digits are lost or wrong, in names: near enough they prove a seed too.
    pub damaged_ids: Vec<DamagedId>,
    /// Every time in the name of a copy.
    pub times: Vec<TimeSeen>,
    /// How far was looked.
    pub looked: Looked,
    /// Whether small files were searched by their contents, whatever their names.
    pub by_content: bool,
    /// How the bytes of a dump that is altered were read, such as "bits inverted"; `None` for one that is not.
    pub transform: Option<String>,
    /// Whether everything there is was searched, and could be read.
    pub complete: bool,
    /// Whether only a part of an image was given, and nothing is known of the rest.
    pub is_part: bool,
    /// The parts of the card that were read as directories.
    pub(super) directories: Vec<Extent>,
    pub(super) contents: Vec<Zeroizing<Vec<u8>>>,
    /// The copy that begins at a place: bytes from the start of the card, and its index.
    pub(super) places: HashMap<u64, usize>,
    /// Which live file or folder owns which cluster, by volume.
    pub(super) owners: Vec<Owners>,
    /// Where each source begins, if several were joined.
    pub(super) parts: Vec<JoinedSource>,
    /// For each node the folder that stands for it in all sources, and its card, if several were joined.
    pub(super) folders: Vec<(usize, usize)>,
}

impl Catalogue {
    /// The bytes of a copy, a secret. Empty for one that cannot be read.
    pub fn bytes(&self, copy: usize) -> &[u8] {
        self.contents.get(copy).map_or(&[], |bytes| bytes)
    }

    /// The wallet folder a node lies in or is.
    pub fn wallet_of(&self, node: usize) -> Option<(usize, Option<Id>)> {
        let found = self.nodes.get(node)?;
        match found.role {
            Role::Wallet(id) => Some((node, id)),
            _ => self.wallet_of(found.parent?),
        }
    }

    /// The IDs that a damaged copy is tried against: these first, then that of each name on the card.
    pub(crate) fn known_ids(&self, first: &[Id]) -> Vec<Id> {
        let folders = self.nodes.iter().filter_map(|node| match node.role {
            Role::Wallet(id) => id,
            _ => None,
        });
        let seen = self.ids.iter().map(|seen| seen.id);
        let mut ids = Vec::new();
        for id in first.iter().copied().chain(folders).chain(seen) {
            if ids.len() >= MOST_IDS {
                break;
            }
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    /// Whether nothing was found but fragments: no intact copy, none that a name leads to, and no name of one.
    pub(crate) fn is_bare(&self) -> bool {
        let is_fragment =
            |copy: &BackupCopy| copy.state != CopyState::Valid && copy.origin == Origin::Carved;
        self.copies.iter().all(is_fragment)
            && self.ids.is_empty()
            && self.damaged_ids.is_empty()
            && self.times.is_empty()
    }

    /// How many copies are in this state.
    pub(crate) fn count(&self, state: CopyState) -> usize {
        let copies = self.copies.iter();
        copies.filter(|copy| copy.state == state).count()
    }

    /// What is left of what was found in a dump that was transformed in this way: its copies. No device and no
    /// computer sees them where they are, so they count as found by their bytes.
    pub(crate) fn of_transformed(self, transform: &str) -> Self {
        let mut found = Self {
            looked: self.looked,
            by_content: self.by_content,
            complete: self.complete,
            is_part: self.is_part,
            ids: self.ids,
            damaged_ids: self.damaged_ids,
            times: self.times,
            transform: Some(transform.to_owned()),
            ..Self::default()
        };
        for (mut copy, bytes) in self.copies.into_iter().zip(self.contents) {
            let node = self.nodes.get(copy.node);
            let path = node.map_or("", |node| node.path.as_str());
            let path = format!("({transform}){path}");
            copy.origin = Origin::Carved;
            copy.node = found.nodes.len();
            found.nodes.push(Node {
                size: copy.size,
                role: Role::Copy(found.copies.len()),
                extents: copy.extents.clone(),
                ..Node::new(path.clone(), path, Origin::Carved)
            });
            found.copies.push(copy);
            found.contents.push(bytes);
        }
        found
    }

    /// Notes a problem; when there are too many, that there are more.
    pub(super) fn note(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        } else if self.problems.len() == MAX_PROBLEMS {
            self.problems.push(Problem::TooMuch { path: shown("") });
        }
    }

    /// Notes that there is more than is looked at.
    pub(super) fn too_much(&mut self, path: &str) {
        self.note(Problem::TooMuch { path: shown(path) });
    }

    /// Notes a part of an image that was asked for in vain.
    pub(super) fn unreadable(&mut self, what: &str, extent: Extent, image: &dyn ReadAt) {
        self.note(Problem::unreadable(shown(what), extent, image));
    }

    /// Notes once that there is more than is looked at.
    pub(super) fn too_much_once(&mut self, path: &str) {
        let problem = Problem::TooMuch { path: shown(path) };
        if !self.problems.contains(&problem) {
            self.note(problem);
        }
    }

    /// Notes a live file that may hold backups and is not looked into.
    pub(super) fn unopened(&mut self, path: &str, what: Option<Foreign>, origin: Origin) {
        if let Some(what) = what.filter(|_| origin == Origin::Live) {
            let path = shown(path);
            self.note(Problem::Unopened { path, what });
        }
    }

    /// Whether no more files and folders are taken.
    pub(super) fn is_full(&self) -> bool {
        self.nodes.len() >= MAX_NODES
    }

    pub(super) fn push(&mut self, node: Node) -> usize {
        self.see(&node.name, node.offset(), node.origin);
        self.nodes.push(node);
        self.nodes.len().saturating_sub(1)
    }

    /// Adds a copy. Copies are counted by place: of two that begin at one place a whole one counts,
    /// otherwise the first.
    pub(super) fn add_copy(&mut self, (copy, bytes): CopyWithBytes) {
        let place = copy.extents.first().map(|extent| extent.offset);
        let known = place.and_then(|place| self.places.get(&place)).copied();
        // Of one text that holds several, each copy has the place of the text.
        let is_another = |known: usize| {
            let form = self.copies.get(known).and_then(|known| known.form);
            copy.form.is_some() && form.is_some() && self.bytes(known) != bytes.as_slice()
        };
        if let Some(known) = known.filter(|known| !is_another(*known)) {
            self.same_place(known, copy, bytes);
            return;
        }
        if self.copies.len() >= MAX_COPIES {
            self.too_much_once("");
            return;
        }
        self.holds(copy.node, self.copies.len());
        if let Some(place) = place {
            self.places.insert(place, self.copies.len());
        }
        self.copies.push(copy);
        self.contents.push(bytes);
    }

    /// A second name, entry or finding of a place at which a copy is known.
    fn same_place(&mut self, known: usize, copy: BackupCopy, bytes: Zeroizing<Vec<u8>>) {
        self.holds(copy.node, known);
        let fits = self.fit(&copy);
        let known_fits = self.copies.get(known).map_or(0, |first| self.fit(first));
        let (Some(first), Some(contents)) =
            (self.copies.get_mut(known), self.contents.get_mut(known))
        else {
            return;
        };
        if first.state != CopyState::Valid && copy.state == CopyState::Valid {
            let known = std::mem::replace(first, copy);
            if known.origin < first.origin {
                (first.node, first.origin, first.file_name) =
                    (known.node, known.origin, known.file_name);
            }
            *contents = bytes;
        } else if first.state == copy.state && copy.origin <= first.origin && fits > known_fits {
            (first.node, first.origin, first.file_name) = (copy.node, copy.origin, copy.file_name);
        }
    }

    /// How well the name of a copy fits it: best in the folder of its own wallet, then under a copy's name.
    fn fit(&self, copy: &BackupCopy) -> u8 {
        let own = copy.facts.as_ref().and_then(|facts| facts.id);
        let folder = self.wallet_of(copy.node).and_then(|(_, id)| id);
        match (own, folder) {
            (Some(own), Some(folder)) if own == folder => 2,
            _ => u8::from(copy.file_name.is_some()),
        }
    }

    /// Notes that a file holds a copy; of several the first.
    fn holds(&mut self, node: usize, copy: usize) {
        if let Some(node) = self.nodes.get_mut(node)
            && !matches!(node.role, Role::Copy(_))
        {
            node.role = Role::Copy(copy);
        }
    }

    /// The live file that owns the cluster at a place: bytes from the start of the card.
    pub(crate) fn owner(&self, offset: u64) -> Option<usize> {
        let volumes = self.volumes.iter().zip(&self.owners);
        let mut owners = volumes.filter_map(|(volume, owners)| {
            let cluster = volume.geometry?.cluster_at(offset)?;
            owners.of(cluster)
        });
        owners.next()
    }

    /// Whether a file's contents were searched for copies.
    pub fn is_searched(&self, node: &Node) -> bool {
        let unread = |problem: &Problem| match problem {
            Problem::Unreadable { what, .. } => *what == node.path,
            Problem::InFolder { path, .. }
            | Problem::TooMuch { path }
            | Problem::Unopened { path, .. } => *path == node.path,
            _ => false,
        };
        let size = node.size == 0
            || self.by_content && node.size <= SMALL
            || self.looked == Looked::Surface && self.complete;
        size && !self.problems.iter().any(unread)
    }

    /// Whether a volume of the card holds what cannot be found by its bytes.
    pub fn is_opaque(&self) -> bool {
        self.opaque().next().is_some()
    }

    /// The volumes that hold what cannot be found by its bytes.
    pub(crate) fn opaque(&self) -> impl Iterator<Item = &Volume> {
        let volumes = self.volumes.iter();
        volumes.filter(|volume| volume.file_system.is_opaque())
    }

    /// Notes whether what is in a file is a text as a person writes it.
    pub(super) fn note_text(&mut self, node: usize, bytes: &[u8]) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.is_text = is_written(bytes);
        }
    }

    /// Whether these bytes are a copy already known. What is whole is covered only by what is whole:
    /// it may lie within a file that is something else, or behind an entry that says another size.
    pub(super) fn covers(&self, extent: Extent, whole: bool) -> bool {
        self.copies.iter().any(|copy| {
            let overlaps =
                |known: &Extent| known.offset < extent.end() && extent.offset < known.end();
            (!whole || copy.state == CopyState::Valid) && copy.extents.iter().any(overlaps)
        })
    }

    /// A file that has a node, with where its bytes lie and these themselves.
    pub(super) fn candidate<'a>(
        &'a self,
        node: usize,
        extents: &'a [Extent],
        bytes: &'a [u8],
    ) -> CandidateFile<'a> {
        let own = self.nodes.get(node);
        CandidateFile {
            node,
            name: own.map_or("", |own| &own.name),
            size: own.map_or(0, |own| own.size),
            origin: own.map_or(Origin::Carved, |own| own.origin),
            extents,
            bytes,
        }
    }

    /// Whether these bytes are all that a device reads of this file.
    pub(crate) fn is_all_of(&self, copy: &BackupCopy, node: usize) -> bool {
        let begin = |extents: &[Extent]| extents.first().map(|extent| extent.offset);
        self.nodes.get(node).is_some_and(|node| {
            copy.form.is_none()
                && node.size == copy.size
                && begin(&node.extents) == begin(&copy.extents)
        })
    }

    /// The size that the directory entry of an intact copy has, where that is another than the copy's: of a live file in
    /// the folder of a wallet.
    pub(crate) fn other_size(&self, copy: &BackupCopy) -> Option<u64> {
        let node = self.nodes.get(copy.node)?;
        let is_read = copy.origin == Origin::Live
            && copy.state == CopyState::Valid
            && copy.form.is_none()
            && !node.is_directory
            && self.wallet_of(copy.node).is_some();
        (is_read && node.size != copy.size).then_some(node.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_beyond_the_bound_are_said_once_and_not_kept() {
        let mut catalogue =
            crate::catalogue::single_file("backup_Mon_2020-09-28T08-30-09Z_0.bin", b"x");
        let copy = catalogue.copies[0].clone();
        for _ in 0..MAX_COPIES + 10 {
            catalogue.add_copy((copy.clone(), Zeroizing::default()));
        }
        assert_eq!(catalogue.copies.len(), MAX_COPIES);
        let path = "/".to_owned();
        assert_eq!(catalogue.problems, [Problem::TooMuch { path }]);
    }
}
