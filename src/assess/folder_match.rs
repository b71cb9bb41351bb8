//! Which whole backup a copy that is not whole is of: by its folder and its name, otherwise by its bytes.

use std::collections::BTreeMap;

use super::backup::Backup;
use super::generation_key::GenerationKey;
use super::similar_copies::Marks;
use crate::backup::Id;
use crate::catalogue::{BackupCopy, Catalogue};

/// Most backups of one folder that a copy is compared with by its bytes.
const MOST_COMPARED: usize = 256;

/// Whether the ID in a folder's name is nearly that of a wallet, of which it is then.
#[cfg(feature = "audit")]
pub(crate) fn is_nearly(named: &str, own: &str) -> bool {
    let ids = named.parse::<Id>().ok().zip(own.parse().ok());
    ids.is_some_and(|(named, own)| named.is_near(&own))
}

/// Groups of copies, those of whole ones first.
type Groups = [(GenerationKey, Backup)];

/// Where a copy lies, and what the names there say.
struct Place {
    /// The folder of a wallet, or the one that the copy lies loose in.
    folder: Option<usize>,
    id: Option<Id>,
    time: Option<u32>,
}

impl Place {
    fn of(catalogue: &Catalogue, copy: &BackupCopy) -> Self {
        let wallet = catalogue.wallet_of(copy.node);
        let parent = || catalogue.nodes.get(copy.node)?.parent;
        let folder = wallet.map(|(node, _)| node).or_else(parent);
        Self {
            folder: folder.map(|node| catalogue.folder_in_all(node)),
            id: wallet.and_then(|(_, id)| id),
            time: copy.file_name.map(|name| name.timestamp),
        }
    }
}

fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

/// Finds the whole backup that a copy is of.
pub(super) struct ByPlace<'a> {
    catalogue: &'a Catalogue,
    /// Of copies that were compared.
    marks: BTreeMap<usize, Marks<'a>>,
}

impl<'a> ByPlace<'a> {
    pub(super) fn new(catalogue: &'a Catalogue) -> Self {
        Self {
            catalogue,
            marks: BTreeMap::new(),
        }
    }

    /// The group of the whole copies that a copy which is not whole belongs to; `None` if there is none, or no telling
    /// which of several.
    ///
    /// The name of a folder may be damaged, too. The time in a file's name, which is the backup's own, tells as much:
    /// a BitBox makes no two backups in one second.
    pub(super) fn group_of(&mut self, groups: &Groups, index: usize) -> Option<usize> {
        let place = Place::of(self.catalogue, self.catalogue.copies.get(index)?);
        let whole = groups.iter().enumerate();
        let whole = whole.filter_map(|(group, (key, backup))| match key {
            GenerationKey::Proved(id, _, time) => Some((group, *id, *time, backup)),
            _ => None,
        });
        let is_wallet = |id: Id| whole.clone().any(|(_, own, ..)| own == id);
        let is_other = place.id.is_some_and(is_wallet);
        let fits = |id: Id, time: u32, backup: &Backup| {
            let here = || self.copy_in(&place, backup).is_some();
            let is_own = place.id.is_some_and(|named| named.is_near(&id));
            match place.time {
                Some(named) => named == time && (is_own || !is_other && here()),
                None => (is_own || place.id.is_none()) && here(),
            }
        };
        let fitting = whole.clone();
        let fitting = fitting.filter(|(_, id, time, backup)| fits(*id, *time, backup));
        if let Some((group, ..)) = only(fitting) {
            return Some(group);
        }
        let here =
            whole.filter_map(|(group, .., backup)| Some((group, self.copy_in(&place, backup)?)));
        let here: Vec<_> = here.take(MOST_COMPARED).collect();
        let kin = here.into_iter();
        only(kin.filter(|(_, copy)| self.are_kin(*copy, index))).map(|(group, _)| group)
    }

    /// A copy of a backup that lies in the same folder.
    fn copy_in(&self, place: &Place, backup: &Backup) -> Option<usize> {
        let is_here = |copy: &BackupCopy| Place::of(self.catalogue, copy).folder == place.folder;
        let mut copies = backup.copies_in(self.catalogue);
        Some(copies.find(|(_, copy)| is_here(copy))?.0)
    }

    fn are_kin(&mut self, one: usize, other: usize) -> bool {
        for copy in [one, other] {
            let bytes = self.catalogue.bytes(copy);
            self.marks.entry(copy).or_insert_with(|| Marks::of(bytes));
        }
        let marks = self.marks.get(&one).zip(self.marks.get(&other));
        marks.is_some_and(|(one, other)| one.is_kin_of(other))
    }
}
