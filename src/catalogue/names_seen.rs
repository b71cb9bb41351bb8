//! Ids and times in names, wherever on the card a name is: what damaged copies can be tried against. Of some only a few
//! slots of a long name are left.

use super::copy::Origin;
use super::found::Catalogue;
use super::node::{Sighting, TimeSeen};
use crate::backup::{DamagedId, FileName, Id};
use crate::carve;
use crate::fat::directory::Entry;
use crate::fat::long_name::Orphan;

/// Characters of a slot.
const SLOT: usize = 13;
/// Characters of the name of a wallet's folder.
const NAME: usize = 64;
/// Most parts of one name that are put together.
const MOST_PARTS: usize = 6;
/// Most ways to put them together that are kept.
const MOST_WAYS: usize = 64;

/// Most ids, and most times, kept of one card.
const MAX_SIGHTINGS: usize = 20_000;
/// Most damaged ids kept of one card.
const MAX_DAMAGED_IDS: usize = 64;
/// Most ids taken from the text of one file.
const MOST_IN_FILE: usize = 16;

impl Catalogue {
    /// Notes what a name says.
    pub(super) fn see(&mut self, name: &str, offset: Option<u64>, origin: Origin) {
        match name.parse::<Id>() {
            Ok(id) if self.ids.len() < MAX_SIGHTINGS => {
                self.ids.push(Sighting { id, offset, origin });
            }
            Ok(_) => {}
            Err(_) => self.see_damaged(DamagedId::list_from_name(name)),
        }
        if let Some(FileName { timestamp, .. }) = FileName::parse(name)
            && self.times.len() < MAX_SIGHTINGS
        {
            self.times.push(TimeSeen {
                timestamp,
                offset,
                origin,
            });
        }
    }

    /// Notes what the parts of names without an entry say, all those of one directory.
    pub(super) fn see_parts(&mut self, orphans: &[Orphan], entries: &[Entry]) {
        self.see_damaged(list_damaged_ids(orphans, entries));
    }

    fn see_damaged(&mut self, ids: impl IntoIterator<Item = DamagedId>) {
        for id in ids {
            if self.damaged_ids.len() < MAX_DAMAGED_IDS && !self.damaged_ids.contains(&id) {
                self.damaged_ids.push(id);
            }
        }
    }

    /// Notes an id that stands in a text, unless it is known.
    pub(super) fn see_text(&mut self, text: &str, offset: Option<u64>, origin: Origin) {
        let id = text.parse::<Id>();
        if id.is_ok_and(|id| !self.ids.iter().any(|seen| seen.id == id)) {
            self.see(text, offset, origin);
        }
    }

    /// Notes the ids that stand as a text in a file: a note, a list, another archive.
    pub(super) fn see_in_file(&mut self, bytes: &[u8], origin: Origin) {
        let ids = carve::ids_in(bytes, 0..bytes.len());
        for (_, id) in ids.iter().take(MOST_IN_FILE) {
            self.see_text(id, None, origin);
        }
    }
}

/// Lists what IDs the slots of a directory may be left of. Parts of one name have one sum; where a part belongs its
/// slot says, or, if it is deleted, every place is tried.
fn list_damaged_ids(orphans: &[Orphan], entries: &[Entry]) -> Vec<DamagedId> {
    let mut sums: Vec<u8> = orphans.iter().map(|orphan| orphan.sum).collect();
    sums.sort_unstable();
    sums.dedup();
    let mut found = Vec::new();
    for sum in sums {
        let own = orphans.iter().filter(|orphan| orphan.sum == sum).cloned();
        let parts: Vec<_> = own
            .chain(entries.iter().filter_map(|entry| beginning(entry, sum)))
            .filter(|part| !list_starts(part).is_empty())
            .collect();
        let mut ways: Vec<Vec<(usize, &str)>> = vec![Vec::new()];
        for part in parts.iter().take(MOST_PARTS) {
            let longer: Vec<_> = list_starts(part)
                .into_iter()
                .flat_map(|start| add_part(&ways, start, &part.name))
                .collect();
            ways.extend(longer);
            ways.truncate(MOST_WAYS);
        }
        let length = |way: &Vec<(usize, &str)>| -> usize {
            way.iter().map(|(_, name)| name.chars().count()).sum()
        };
        // What has most of the name first.
        ways.sort_by_key(|way| std::cmp::Reverse(length(way)));
        found.extend(ways.iter().filter_map(|way| DamagedId::from_parts(way)));
    }
    found
}

/// What is left of the name of a deleted entry: up to a lost slot its slots are still its own. Which sum they have,
/// it no longer says.
fn beginning(entry: &Entry, sum: u8) -> Option<Orphan> {
    (entry.deleted && entry.has_long_name).then(|| Orphan {
        name: entry.name.clone(),
        slots: Vec::new(),
        deleted: true,
        sum,
        first_part: Some(1),
    })
}

/// Each of these ways with one more part, where the place of that is free.
fn add_part<'a>(
    ways: &[Vec<(usize, &'a str)>],
    start: usize,
    part: &'a str,
) -> Vec<Vec<(usize, &'a str)>> {
    let end = |start: usize, name: &str| start.saturating_add(name.chars().count());
    let is_free =
        |(other, name): &(usize, &str)| end(start, part) <= *other || end(*other, name) <= start;
    let fitting = ways.iter().filter(|way| way.iter().all(is_free));
    fitting
        .map(|way| [way.as_slice(), &[(start, part)]].concat())
        .collect()
}

/// The characters of the whole name at which a part may begin.
fn list_starts(part: &Orphan) -> Vec<usize> {
    let length = part.name.chars().count();
    let is_hex = part.name.bytes().filter(u8::is_ascii_hexdigit).count();
    if length > NAME || is_hex.saturating_mul(4) < length.saturating_mul(3) {
        return Vec::new();
    }
    let fits = |start: &usize| start.saturating_add(length) <= NAME;
    if let Some(first) = part.first_part {
        let before = usize::from(first).checked_sub(1);
        let start = before.map(|before| before.saturating_mul(SLOT));
        return start.filter(fits).into_iter().collect();
    }
    // Only the last part of a name is shorter than its slot.
    if !length.is_multiple_of(SLOT) {
        let start = NAME.saturating_sub(length);
        return Some(start)
            .filter(|start| start.is_multiple_of(SLOT))
            .into_iter()
            .collect();
    }
    (0..NAME).step_by(SLOT).filter(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &str = "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2";

    fn part(range: std::ops::Range<usize>, first_part: Option<u8>) -> Orphan {
        Orphan {
            name: KNOWN[range].to_owned(),
            slots: Vec::new(),
            deleted: first_part.is_none(),
            sum: 7,
            first_part,
        }
    }

    fn best(orphans: &[Orphan]) -> Option<u32> {
        let id: Id = KNOWN.parse().unwrap();
        let found = list_damaged_ids(orphans, &[]);
        let distances = found.iter().filter_map(|damaged| damaged.proves(&id));
        distances.map(|distance| distance.known_bits).max()
    }

    #[test]
    fn parts_before_and_after_a_lost_slot_are_one_id() {
        for lost in 0..5 {
            let (start, end) = (lost * SLOT, ((lost + 1) * SLOT).min(NAME));
            let left = 256 - 4 * (end - start) as u32;
            for is_deleted in [false, true] {
                let first = |at: usize| (!is_deleted).then_some((at / SLOT + 1) as u8);
                let both = [part(end..NAME, first(end)), part(0..start, first(0))];
                let both: Vec<_> = both
                    .into_iter()
                    .filter(|one| !one.name.is_empty())
                    .collect();
                assert_eq!(best(&both), Some(left), "{lost} {is_deleted}");
                // Parts of another name do not help.
                let mut other = both.clone();
                for one in &mut other {
                    one.sum = 9;
                    one.name = one.name.chars().rev().collect();
                }
                assert_eq!(best(&[other, both].concat()), Some(left), "{lost}");
            }
        }
    }

    #[test]
    fn too_little_is_nothing() {
        assert_eq!(best(&[part(0..13, Some(1)), part(52..64, Some(5))]), None);
        let mut text = part(0..26, Some(1));
        text.name = "a_note_of_twenty-six_lett.".to_owned();
        assert!(list_damaged_ids(&[text], &[]).is_empty());
        let many: Vec<_> = (0..50).map(|_| part(0..26, None)).collect();
        assert!(list_damaged_ids(&many, &[]).len() <= MOST_WAYS);
    }
}
