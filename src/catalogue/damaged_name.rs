//! IDs of which only some slots of a long name are left.

use crate::backup::DamagedId;
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

/// Lists what IDs the slots of a directory may be left of. Parts of one name have one sum; where a part belongs its
/// slot says, or, if it is deleted, every place is tried.
pub(super) fn list_damaged_ids(orphans: &[Orphan], entries: &[Entry]) -> Vec<DamagedId> {
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
    use crate::backup::Id;

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
