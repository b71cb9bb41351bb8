//! What lies on a surface and holds other things, where no entry leads to it: archives are opened, anything else is noted.

use std::path::Path;

use zeroize::Zeroizing;

use super::copy::{CopyWithBytes, Origin};
use super::folder;
use super::found::Catalogue;
use super::node::Node;
use super::problem::Problem;
use super::volume::Volume;
use crate::backup::recognize;
use crate::carve;
use crate::image::{
    Extent, Foreign, SECTOR, Sectors, Window, archive_of, begins_as_archive, may_be_a_card,
    unopened, unpacked_beginning,
};

/// Most bytes of an archive to which no entry leads: where it ends, nothing says. No whole sectors, which may be a card.
const MOST_ARCHIVE: u64 = (1 << 20) - 1;
/// Bytes of what is compressed that are looked at.
const BEGINNING: usize = 64 << 10;
/// Most of what is not looked into that is noted.
const MOST_NOTED: usize = 64;

/// Adds what an archive holds to which no entry leads.
pub(super) fn add_archive(sectors: &Sectors<'_>, offset: u64, catalogue: &mut Catalogue) {
    let begins = |node: &Node| node.extents.first().is_some_and(|at| at.offset == offset);
    let is_known = catalogue.owner(offset).is_some() || catalogue.nodes.iter().any(begins);
    if is_known || catalogue.is_full() {
        return;
    }
    let left = sectors.image().size().saturating_sub(offset);
    let length = left.saturating_sub(1).min(MOST_ARCHIVE);
    let extent = Extent { offset, length };
    let Ok(bytes) = carve::read_restored(sectors.image(), extent) else {
        return;
    };
    let (archive, unread) = archive_of(Path::new("archive"), bytes, 0);
    let copies = catalogue.copies.len();
    if let Some(archive) = archive {
        let node = catalogue.push_nameless(extent);
        folder::inside(catalogue, &archive, node);
        if catalogue.copies.len() == copies {
            // Nothing that is worth a line.
            catalogue.nodes.truncate(node);
        }
    }
    if let Some(what) = unread.filter(|_| catalogue.copies.len() == copies) {
        unread_at(offset, what, catalogue);
    }
}

/// Notes what holds others and is not looked into, where no live file is known to be that.
pub(super) fn note(sectors: &Sectors<'_>, offset: u64, catalogue: &mut Catalogue) {
    if catalogue.owner(offset).is_some() {
        return;
    }
    let mut head = Zeroizing::new([0; SECTOR]);
    let read = sectors.image().read_at(offset, head.as_mut_slice());
    let Some(what) = read.ok().and_then(|()| unopened(head.as_slice())) else {
        return;
    };
    let rest = Window::new(sectors.image(), offset, None);
    let beginning = unpacked_beginning(&rest, BEGINNING);
    // Systems keep many a small file compressed. What does not even begin to unpack may be damaged, or is unpacked by
    // another build of this program.
    if beginning.is_none_or(|bytes| bytes.is_empty() || may_hold_backups(&bytes)) {
        unread_at(offset, what, catalogue);
    }
}

/// Whether what begins so may be a card, an archive, or copies of a backup.
fn may_hold_backups(bytes: &[u8]) -> bool {
    may_be_a_card(bytes) || begins_as_archive(bytes) || !recognize::traces_in_file(bytes).is_empty()
}

/// Notes what lies there and may hold backups.
pub(super) fn unread_at(offset: u64, what: Foreign, catalogue: &mut Catalogue) {
    let is_unopened = |problem: &&Problem| matches!(problem, Problem::UnopenedAt { .. });
    if catalogue.problems.iter().filter(is_unopened).count() < MOST_NOTED {
        catalogue.note(Problem::UnopenedAt { offset, what });
    }
}

impl Catalogue {
    /// Whether a copy of these bytes was found within a file that is an archive.
    pub(super) fn holds_equal(&self, archive: usize, bytes: &[u8]) -> bool {
        let parent = |node: &usize| self.nodes.get(*node)?.parent;
        let lies_in = |node: usize| {
            let mut folders = std::iter::successors(parent(&node), parent);
            folders.any(|folder| folder == archive)
        };
        let mut copies = self.copies.iter().zip(&self.contents);
        copies.any(|(copy, known)| known.as_slice() == bytes && lies_in(copy.node))
    }

    /// Adds the copies in a file that are not in an archive within it, too.
    pub(super) fn add_others(&mut self, node: usize, found: Vec<CopyWithBytes>) {
        for copy in found {
            if !self.holds_equal(node, &copy.1) {
                self.add_copy(copy);
            }
        }
    }

    /// Adds a node for bytes that no entry leads to and no live file owns.
    pub(super) fn push_nameless(&mut self, extent: Extent) -> usize {
        let lies_in = |volume: &Volume| {
            let geometry = volume.geometry;
            geometry.is_some_and(|own| (own.data..own.end()).contains(&extent.offset))
        };
        let name = format!("(at byte {})", extent.offset);
        self.push(Node {
            volume: self.volumes.iter().position(lies_in),
            size: extent.length,
            extents: vec![extent],
            ..Node::new(name.clone(), name, Origin::Carved)
        })
    }
}
