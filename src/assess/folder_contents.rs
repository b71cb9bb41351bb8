//! What a file or folder holds, before anything is said of removing or renaming it.

use std::collections::{BTreeSet, HashSet};

use crate::catalogue::{BackupCopy, Catalogue, CopyState, Origin};
use crate::finding::Place;

/// A file or folder by its node, as a place to be renamed or moved.
pub(super) fn place(catalogue: &Catalogue, node: usize, to: Option<&str>) -> Option<Place> {
    let path = catalogue.nodes.get(node)?.path.clone();
    let (mut inside, mut outside) = (BTreeSet::new(), BTreeSet::new());
    let mut holds_copies = false;
    for copy in &catalogue.copies {
        let is_here = is_below(catalogue, copy.node, node);
        holds_copies |= is_here && has_seed(copy);
        if is_here && has_seed(copy) {
            inside.extend(wallet(catalogue, copy));
        } else if !is_here && is_whole(copy) {
            outside.extend(wallet(catalogue, copy));
        }
    }
    let nodes = catalogue.nodes.iter().enumerate();
    let mut here = nodes.filter(|(other, _)| is_below(catalogue, *other, node));
    Some(Place {
        path,
        to: to.map(str::to_owned),
        holds_copies,
        is_searched: here.all(|(_, node)| catalogue.is_searched(node)),
        only: inside.difference(&outside).cloned().collect(),
    })
}

/// Whether a copy lies directly in this folder.
pub(super) fn is_in(catalogue: &Catalogue, copy: &BackupCopy, folder: usize) -> bool {
    let node = catalogue.nodes.get(copy.node);
    node.is_some_and(|node| node.parent == Some(folder))
}

/// The nodes in which copies of backups are, at whatever depth.
pub(super) fn holders(catalogue: &Catalogue) -> HashSet<usize> {
    let mut holders = HashSet::new();
    for copy in catalogue.copies.iter().filter(|copy| has_seed(copy)) {
        let mut at = Some(copy.node);
        while let Some(node) = at.filter(|node| holders.insert(*node)) {
            at = catalogue.nodes.get(node).and_then(|found| found.parent);
        }
    }
    holders
}

/// Whether a copy may hold anything of a seed.
fn has_seed(copy: &BackupCopy) -> bool {
    !matches!(copy.state, CopyState::Erased | CopyState::Foreign) && copy.size > 0
}

/// Whether nothing was ever written to a file's place, as far as its bytes tell.
pub(super) fn is_unwritten(catalogue: &Catalogue, copy: usize) -> bool {
    let found = catalogue.copies.get(copy);
    let readable = found.is_some_and(|copy| copy.state != CopyState::Unreadable);
    let bytes = catalogue.bytes(copy);
    readable && bytes.iter().all(|byte| matches!(byte, 0 | 0xFF))
}

/// Whether a copy by itself keeps its wallet safe.
pub(super) fn is_whole(copy: &BackupCopy) -> bool {
    copy.origin == Origin::Live && copy.state == CopyState::Valid
}

/// The wallet a copy belongs to, by its own id or else its folder's.
fn wallet(catalogue: &Catalogue, copy: &BackupCopy) -> Option<String> {
    let own = |copy: &BackupCopy| copy.facts.as_ref().and_then(|facts| facts.id);
    let of_folder = || {
        let named = catalogue.wallet_of(copy.node)?.1?;
        let mut known = catalogue.copies.iter().filter_map(own);
        Some(known.find(|own| named.is_near(own)).unwrap_or(named))
    };
    own(copy).or_else(of_folder).map(|id| id.to_string())
}

fn is_below(catalogue: &Catalogue, node: usize, above: usize) -> bool {
    // Folders are pushed before what is in them, so that the numbers go down.
    let parent = |node: &usize| {
        let parent = catalogue.nodes.get(*node).and_then(|found| found.parent);
        parent.filter(|parent| parent < node)
    };
    std::iter::successors(Some(node), parent).any(|node| node == above)
}

/// Names that systems give to what they put into folders by themselves, in lower case.
const OF_SYSTEM: [&str; 10] = [
    ".ds_store",
    ".apdisk",
    ".directory",
    ".fseventsd",
    ".metadata_never_index",
    ".nomedia",
    ".spotlight-v100",
    "desktop.ini",
    "system volume information",
    "thumbs.db",
];

/// Whether a system put something of this name into a folder by itself, and nobody misses it.
pub(super) fn is_of_system(name: &str) -> bool {
    name.starts_with("._") || OF_SYSTEM.contains(&name.to_lowercase().as_str())
}
