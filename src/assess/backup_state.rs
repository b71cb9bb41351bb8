//! What a generation of a backup is worth, and what of it can be proved at once.

use super::backup::{Backup, State};
use super::hidden::ListedBy;
use crate::backup::layout::ends_before_seed;
use crate::backup::{self, DamagedId, Id, Repaired, Seed};
use crate::catalogue::{BackupCopy, Catalogue, CopyState, Facts, Origin};
use crate::image::{SECTOR, Sectors};

/// Most places in the copies of one card at which a seed is looked for that a known ID proves; a copy has some 300.
const MOST_PLACES: usize = 1 << 15;

/// The seeds that the IDs known on a card prove, as long as there is no search.
pub(super) struct KnownSeeds {
    ids: Vec<Id>,
    damaged: Vec<DamagedId>,
    places: usize,
}

impl KnownSeeds {
    pub(super) fn on(catalogue: &Catalogue) -> Self {
        let ids = catalogue.known_ids(&[]);
        let near = ids.iter().copied().map(DamagedId::from);
        Self {
            damaged: catalogue.damaged_ids.iter().copied().chain(near).collect(),
            ids,
            places: MOST_PLACES,
        }
    }

    /// The seed that lies intact in one of these copies.
    fn seed_in(&mut self, copies: &[&[u8]]) -> Option<Repaired> {
        if self.damaged.is_empty() {
            return None;
        }
        let is_near = |id: &Id| self.damaged.iter().any(|near| near.proves(id).is_some());
        let is_known = |id: &Id| self.ids.contains(id) || is_near(id);
        let copies = copies.iter().copied();
        let (bytes, id) = backup::find_intact_seed(copies, is_known, &mut self.places)?;
        let seed = Seed::new(&bytes, 32)?;
        let length = None;
        Some(Repaired::Seed { id, seed, length })
    }
}

/// Where no live copy is valid, tries to prove the backup from what is there.
pub(super) fn repair(catalogue: &Catalogue, backup: &mut Backup, known: &mut KnownSeeds) {
    let is_valid = |(_, copy): (usize, &BackupCopy)| copy.state == CopyState::Valid;
    if backup.copies_in(catalogue).any(is_valid) {
        return;
    }
    let damaged = |live: bool| -> Vec<_> {
        let found = backup.copies_of(catalogue, live, CopyState::Damaged);
        found.map(|(index, _)| catalogue.bytes(index)).collect()
    };
    let mut prove = |copies: &[&[u8]]| {
        backup::vote_or_splice(copies, backup.id).or_else(|| known.seed_in(copies))
    };
    let live = prove(&damaged(true));
    let is_live = live.is_some();
    let repaired = live.or_else(|| prove(&damaged(false)));
    let Some(repaired) = repaired else { return };
    backup.repaired_live = is_live;
    backup.repaired = Some(repaired.method());
    match repaired {
        Repaired::Whole(_, contents) => {
            let facts = Facts::of(&contents);
            let copies = std::mem::take(&mut backup.copies);
            *backup = Backup {
                copies,
                repaired: backup.repaired,
                repaired_live: backup.repaired_live,
                begun: backup.begun,
                ..Backup::of_facts(&facts)
            };
        }
        Repaired::Seed { id, seed, .. } => {
            // A time from the file names of another wallet says nothing.
            let is_own = |named: Id| named.is_near(&id);
            backup.timestamp = backup.timestamp.filter(|_| backup.id.is_none_or(is_own));
            backup.id = Some(id);
            backup.seed_length = seed_length(catalogue, &backup.copies, id, &seed);
        }
    }
}

/// The length of a seed that only `id` proves, from its own copies and from every other of that id
/// on the card; `None` is a question.
pub(crate) fn seed_length(
    catalogue: &Catalogue,
    own: &[usize],
    id: Id,
    seed: &Seed,
) -> Option<u32> {
    let padded = seed.padded();
    let copies = catalogue.copies.iter().enumerate();
    let copies = copies.filter(|(index, copy)| {
        let proved = copy.facts.as_ref().and_then(|facts| facts.id);
        let folder = || catalogue.wallet_of(copy.node).and_then(|(_, id)| id);
        own.contains(index) || proved.or_else(folder) == Some(id)
    });
    let bytes: Vec<_> = copies.map(|(index, _)| catalogue.bytes(index)).collect();
    backup::seed_length(&padded, &bytes)
}

/// Whether a byte means nothing: a file that was begun, erased or wiped holds it.
fn is_blank(byte: &u8) -> bool {
    matches!(byte, 0 | 0xFF | 0xAC)
}

/// Whether a byte of the seed may be left in a damaged copy, or behind its end in its sector.
fn may_hold_seed(bytes: &[u8], copy: &BackupCopy, sectors: Option<&Sectors<'_>>) -> bool {
    let last = bytes.iter().rposition(|byte| !is_blank(byte));
    let Some(left) = last.and_then(|last| bytes.get(..=last)) else {
        return false;
    };
    !ends_before_seed(left) || sectors.is_some_and(|sectors| has_more(copy, sectors))
}

/// Whether anything stands behind the end of a copy in its sector: its size may be wrong.
fn has_more(copy: &BackupCopy, sectors: &Sectors<'_>) -> bool {
    let size = SECTOR as u64;
    let ends = copy.extents.iter().map(|extent| extent.end());
    let mut within = ends.filter(|end| !end.is_multiple_of(size));
    within.any(|end| {
        let behind = usize::try_from(end % size).unwrap_or(0);
        let sector = sectors.sector(end / size).ok();
        let rest = sector.as_ref().and_then(|sector| sector.get(behind..));
        rest.is_none_or(|rest| !rest.iter().all(is_blank))
    })
}

/// The state of docs' list: the first that fits.
pub(super) fn state(
    catalogue: &Catalogue,
    backup: &Backup,
    listed: Option<ListedBy>,
    sectors: Option<&Sectors<'_>>,
) -> State {
    let count = |live, state| backup.count(catalogue, live, state);
    let valid = count(true, CopyState::Valid);
    let holds_seed = |live: bool| {
        backup.copies_in(catalogue).any(|(index, copy)| {
            let unread = copy.state == CopyState::Unreadable;
            (copy.origin == Origin::Live) == live
                && (unread
                    || copy.state == CopyState::Damaged
                        && may_hold_seed(catalogue.bytes(index), copy, sectors))
        })
    };
    let erased = |live| count(live, CopyState::Erased) > 0;
    match listed {
        // Copies elsewhere are none of those that the device reads.
        Some(ListedBy { whole: 3, .. }) => State::Healthy,
        Some(_) => State::Degraded,
        None if valid > 0 || backup.repaired_live => State::Hidden,
        None if count(false, CopyState::Valid) > 0 || backup.repaired.is_some() => State::Deleted,
        None if backup.unread_folder.is_some() || holds_seed(true) => State::Damaged,
        None if holds_seed(false) => State::Deleted,
        None if erased(true) || erased(false) && count(true, CopyState::Foreign) == 0 => {
            State::Erased
        }
        None => State::Lost,
    }
}
