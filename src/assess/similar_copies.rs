//! Which damaged copies that no folder names belong together.

use std::ops::Range;

use super::backup::Backup;
use super::edit_distance;
use super::generation_key::{GenerationKey, join, proved};
use crate::backup::layout::{self, Layout};
use crate::catalogue::{BackupCopy, Catalogue, CopyState};

/// Most groups of kin a copy without a name is compared with; beyond, each is one of its own.
const MOST_KIN: usize = 256;
/// Most copies of a group it is compared with.
const MOST_COMPARED: usize = 3;

/// Fewest bytes of checksum and seed that must be left in both to compare them.
const FEWEST: usize = 8;
/// Fewest bytes of checksum and seed that must be left in both to compare them so: most of them are then alike.
const FEWEST_EDITED: usize = 24;

/// Whether nothing but its bytes tells whose copy it is, and it is not whole: it was found by them, or lies loose under
/// another name, as recovery programs leave it.
pub(super) fn is_nameless(catalogue: &Catalogue, copy: &BackupCopy) -> bool {
    proved(copy).is_none() && copy.file_name.is_none() && catalogue.wallet_of(copy.node).is_none()
}

/// Joins groups of several sources whose copies are of one backup, where the folder of one of them names no wallet: as
/// a folder's files, readings of one card have no places that show it.
pub(super) fn join_readings(catalogue: &Catalogue, groups: &mut Vec<(GenerationKey, Backup)>) {
    if catalogue.sources() < 2 {
        return;
    }
    let mut joined: Vec<(GenerationKey, Backup)> = Vec::new();
    let mut kins: Vec<Vec<Marks<'_>>> = Vec::new();
    for (key, backup) in groups.drain(..) {
        let compared = match joined.len() < MOST_KIN {
            true => MOST_COMPARED,
            false => 0,
        };
        let own = marks(catalogue, &backup, compared);
        let is_one = |other: &Marks<'_>| own.iter().any(|one| one.is_kin_of(other));
        let is_kin = |others: &Vec<Marks<'_>>| others.iter().any(is_one);
        let is_named = matches!(key, GenerationKey::Named(..));
        let same = joined.iter_mut().zip(&kins).find(|((_, other), kin)| {
            is_named && may_be_reading(catalogue, &backup, other) && is_kin(kin)
        });
        if let Some(((_, other), _)) = same {
            other.copies.extend(&backup.copies);
            other.id = other.id.or(backup.id);
            other.timestamp = other.timestamp.or(backup.timestamp);
        } else {
            joined.push((key, backup));
            kins.push(own);
        }
    }
    *groups = joined;
}

/// What tells the first copies of a backup from others.
fn marks<'a>(catalogue: &'a Catalogue, backup: &Backup, most: usize) -> Vec<Marks<'a>> {
    let copies = backup.copies.iter().take(most);
    let marks = copies.map(|copy| Marks::of(catalogue.bytes(*copy)));
    marks.collect()
}

/// Whether two backups of two sources differ in nothing but their bytes.
fn may_be_reading(catalogue: &Catalogue, one: &Backup, other: &Backup) -> bool {
    let source = |copy: &usize| catalogue.source_of(*copy);
    let known: Vec<_> = other.copies.iter().map(source).collect();
    let mut times = one.timestamp.zip(other.timestamp).into_iter();
    let is_same_time = times.all(|(one, other)| one == other);
    (one.id.is_none() || other.id.is_none())
        && is_same_time
        && !one.copies.iter().any(|copy| known.contains(&source(copy)))
}

/// Groups copies that nothing names: with the whole copies they were equal to, or with each other.
pub(super) fn group_nameless(catalogue: &Catalogue, groups: &mut Vec<(GenerationKey, Backup)>) {
    let all = catalogue.copies.iter().enumerate();
    let nameless: Vec<_> = all
        .filter(|(_, copy)| is_nameless(catalogue, copy))
        .collect();
    if nameless.is_empty() {
        // Most cards have none, and to look where things lie in a copy takes longer than all the rest.
        return;
    }
    let kins = groups.iter().enumerate().take(MOST_KIN);
    let mut kins: Vec<(usize, Vec<Marks<'_>>)> = kins
        .map(|(group, (_, backup))| (group, marks(catalogue, backup, MOST_COMPARED)))
        .collect();
    for (index, copy) in nameless {
        if copy.state == CopyState::Erased {
            join(groups, GenerationKey::Erased, index, Backup::default);
            continue;
        }
        let marks = Marks::of(catalogue.bytes(index));
        let same_place = place_group(catalogue, groups, index);
        let kin = kins.iter_mut().find(|(group, all)| {
            let alike = |one: &Marks<'_>| {
                one.is_kin_of(&marks) || same_place == Some(*group) && one.is_reading_of(&marks)
            };
            all.iter().any(alike)
        });
        if let Some((group, all)) = kin {
            if let Some((_, backup)) = groups.get_mut(*group) {
                backup.copies.push(index);
            }
            if all.len() < 2 * MOST_COMPARED {
                all.push(marks);
            }
        } else {
            let group = groups.len();
            join(groups, GenerationKey::Kin(group), index, Backup::default);
            if kins.len() < 2 * MOST_KIN {
                kins.push((group, vec![marks]));
            }
        }
    }
}

/// Divides copies that one name holds together into those that are alike: copies of one backup.
#[cfg(feature = "recover")]
pub(crate) fn split_kin(catalogue: &Catalogue, copies: &[usize]) -> Vec<Vec<usize>> {
    let mut kins: Vec<(Vec<usize>, Vec<Marks<'_>>)> = Vec::new();
    for copy in copies {
        let marks = Marks::of(catalogue.bytes(*copy));
        let (near, far): (Vec<_>, Vec<_>) = kins
            .into_iter()
            .partition(|(_, all)| all.iter().any(|one| one.is_kin_of(&marks)));
        kins = far;
        let mut joined = (vec![*copy], vec![marks]);
        for (copies, marks) in near {
            joined.0.extend(copies);
            joined.1.extend(marks);
        }
        joined.0.sort_unstable();
        kins.push(joined);
    }
    let mut parts: Vec<_> = kins.into_iter().map(|(copies, _)| copies).collect();
    // What most copies are of first.
    parts.sort_by_key(|copies| (std::cmp::Reverse(copies.len()), copies.first().copied()));
    parts
}

/// Whether two files are copies of one backup, as far as that can be told.
#[cfg(feature = "recover")]
pub(crate) fn is_kin(first: &[u8], second: &[u8]) -> bool {
    Marks::of(first).is_kin_of(&Marks::of(second))
}

/// Whether two files are copies of backups of two wallets: in two different seeds half of the bits differ. `None` if too
/// little of a seed is left in both.
pub(super) fn have_other_seeds(first: &[u8], second: &[u8]) -> Option<bool> {
    let (first, second) = (Marks::of(first), Marks::of(second));
    let (compared, differing) = compare(first.part(Layout::seed), second.part(Layout::seed));
    (compared >= FEWEST)
        .then(|| u64::from(differing).saturating_mul(4) > (compared as u64).saturating_mul(8))
}

/// The group with another reading of this copy: one that begins at the same place of the same card.
fn place_group(
    catalogue: &Catalogue,
    groups: &[(GenerationKey, Backup)],
    copy: usize,
) -> Option<usize> {
    if catalogue.sources() < 2 {
        return None;
    }
    let place = catalogue.place_of(copy)?;
    groups.iter().position(|(_, backup)| {
        let mut copies = backup.copies.iter();
        copies.any(|other| catalogue.place_of(*other) == Some(place))
    })
}

/// What of a copy tells it from others: its checksum and its seed, where they lie in it.
pub(super) struct Marks<'a> {
    bytes: &'a [u8],
    layout: Option<Layout>,
}

impl<'a> Marks<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            layout: layout::layout(bytes),
        }
    }

    fn part(&self, of: impl Fn(&Layout) -> Range<usize>) -> &'a [u8] {
        let range = self.layout.as_ref().map(of).unwrap_or_default();
        let end = range.end.min(self.bytes.len());
        self.bytes.get(range.start..end).unwrap_or_default()
    }

    /// Whether both are copies of one backup, as far as that can be told: in two different ones half
    /// of the bits of the checksum differ, and of another wallet's half of the seed's too.
    pub(super) fn is_kin_of(&self, other: &Self) -> bool {
        self.is_alike(other, 4) || self.is_edited(other)
    }

    /// Whether both are one backup of which each lost or gained bytes, at whatever places.
    fn is_edited(&self, other: &Self) -> bool {
        let left = |one: &Self| {
            let parts = [one.part(Layout::checksum), one.part(Layout::seed)];
            let bytes = parts.into_iter().flatten();
            bytes.filter(|byte| !is_blank(**byte)).count()
        };
        left(self) >= FEWEST_EDITED
            && left(other) >= FEWEST_EDITED
            && edit_distance::is_edited(self.bytes, other.bytes)
    }

    /// Whether both are readings of one copy, of which it is known that they lie at one place: two readings with
    /// 15 % of flipped bits differ in a quarter of them, and two wallets in half.
    fn is_reading_of(&self, other: &Self) -> bool {
        self.is_alike(other, 3)
    }

    /// Whether at most one in `most` of the compared bits differs.
    fn is_alike(&self, other: &Self, most: u64) -> bool {
        let parts = if self.layout.is_some() && other.layout.is_some() {
            let compare = |of: fn(&Layout) -> Range<usize>| compare(self.part(of), other.part(of));
            vec![compare(Layout::checksum), compare(Layout::seed)]
        } else if self.bytes.len() == other.bytes.len() {
            // Half of a file is the same in all: what is left must differ the less.
            vec![compare(self.bytes, other.bytes)]
        } else {
            return false;
        };
        let sum = |of: fn(&(usize, u32)) -> u64| parts.iter().map(of).sum::<u64>();
        let (compared, differing) = (sum(|part| part.0 as u64), sum(|part| u64::from(part.1)));
        let bits = compared.saturating_mul(8);
        let worse = |(bytes, differing): &(usize, u32)| {
            *bytes >= 6
                && u64::from(*differing).saturating_mul(3) > (*bytes as u64).saturating_mul(8)
        };
        let share = if parts.len() == 1 { 2 * most } else { most };
        compared >= FEWEST as u64
            && differing.saturating_mul(share) <= bits
            && !parts.iter().any(worse)
    }
}

/// How many bytes are left in both, and how many of their bits differ.
fn compare(first: &[u8], second: &[u8]) -> (usize, u32) {
    let pairs = first.iter().zip(second);
    let left = pairs.filter(|(a, b)| !is_blank(**a) && !is_blank(**b));
    left.fold((0, 0), |(bytes, bits), (a, b)| {
        (
            bytes.saturating_add(1),
            bits.saturating_add((a ^ b).count_ones()),
        )
    })
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | 0xFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<u8> {
        hex::decode(crate::backup::tests::KNOWN).unwrap()
    }

    #[test]
    fn few_bits_make_kin_and_another_wallet_does_not() {
        let mut first = known();
        let mut second = known();
        first[70] ^= 0x11;
        second[20] ^= 0x81;
        second[..8].fill(0);
        assert!(Marks::of(&first).is_kin_of(&Marks::of(&second)));
        let mut other = known();
        for at in (6..38).chain(63..79) {
            other[at] = other[at].wrapping_mul(77).wrapping_add(31);
        }
        assert!(!Marks::of(&first).is_kin_of(&Marks::of(&other)));
    }

    #[test]
    fn nothing_left_is_no_kin() {
        let zeros = vec![0; 110];
        assert!(!Marks::of(&zeros).is_kin_of(&Marks::of(&zeros)));
        assert!(!Marks::of(&[]).is_kin_of(&Marks::of(&known())));
    }

    #[test]
    fn bytes_lost_at_different_places_leave_kin() {
        let whole = known();
        let without = |places: &[usize]| {
            let mut copy = whole.clone();
            for at in places {
                copy.remove(*at);
            }
            copy
        };
        for (one, other) in [
            (&[12][..], &[30][..]),
            (&[70, 20], &[9]),
            (&[], &[8, 40, 66]),
        ] {
            assert!(Marks::of(&without(one)).is_kin_of(&Marks::of(&without(other))));
        }
        let mut other = known();
        for byte in &mut other[6..38] {
            *byte = byte.wrapping_mul(77).wrapping_add(31);
        }
        assert!(!Marks::of(&without(&[12])).is_kin_of(&Marks::of(&other)));
        // Half a byte lost, and another half behind it.
        let mut digits: String = hex::encode(&whole);
        digits.remove(140);
        digits.remove(30);
        let typed = hex::decode(digits).unwrap();
        assert!(Marks::of(&typed).is_kin_of(&Marks::of(&without(&[12]))));
        let mut blank = without(&[12]);
        blank[4..38].fill(0);
        assert!(!Marks::of(&blank).is_edited(&Marks::of(&blank)));
    }
}
