//! Long names put together from their slots, also where the short entry they belong to is gone.

use super::entry::{DELETED, LAST_LONG, RawEntry, short_name_sum};

/// A slot of a long name.
pub(super) struct Slot {
    pub(super) raw: RawEntry,
    /// Bytes from the start of the card.
    pub(super) offset: u64,
}

/// A long name whose short entry is gone or belongs to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// The name, as stored.
    pub name: String,
    /// Where its slots lie, first part of the name first: bytes from the start of the card.
    pub slots: Vec<u64>,
    /// Whether they are deleted.
    pub deleted: bool,
    /// The sum that ties them to their short name: parts of one name have the same.
    pub sum: u8,
    /// Which part of the whole name this begins with, counted from 1, as its slot says; deleted slots do not.
    pub first_part: Option<u8>,
}

/// The names in slots that lie one behind the other without a short entry of theirs.
///
/// A name's last part comes first. It starts over where the sum changes, where a live slot says it is
/// the last part, and where a slot ends with padding, as only a last part does.
pub(super) fn orphans(slots: &[Slot]) -> Vec<Orphan> {
    let mut found: Vec<Vec<&Slot>> = Vec::new();
    for slot in slots {
        let padded = slot.raw.long_units().contains(&0);
        let deleted = slot.raw.first() == DELETED;
        let last = !deleted && slot.raw.first() & LAST_LONG != 0;
        match found.last_mut() {
            Some(name)
                if !padded
                    && !last
                    && name.last().is_some_and(|before| {
                        before.raw.long_sum() == slot.raw.long_sum()
                            && (before.raw.first() == DELETED) == deleted
                    }) =>
            {
                name.push(slot);
            }
            _ => found.push(vec![slot]),
        }
    }
    let named = found.into_iter().map(|slots| {
        let units = slots.iter().rev().flat_map(|slot| slot.raw.long_units());
        let units: Vec<u16> = units.take_while(|unit| *unit != 0).take(255).collect();
        Orphan {
            name: String::from_utf16_lossy(&units),
            slots: slots.iter().rev().map(|slot| slot.offset).collect(),
            deleted: slots.iter().all(|slot| slot.raw.first() == DELETED),
            sum: slots.first().map_or(0, |slot| slot.raw.long_sum()),
            first_part: slots.last().and_then(|slot| {
                (slot.raw.first() != DELETED).then_some(slot.raw.first() & !LAST_LONG)
            }),
        }
    });
    named.filter(|orphan| !orphan.name.is_empty()).collect()
}

/// The units of slots in the order of the name, up to the NUL.
fn units(slots: &[Slot]) -> Vec<u16> {
    let units = slots.iter().rev().flat_map(|slot| slot.raw.long_units());
    units.take_while(|unit| *unit != 0).take(255).collect()
}

/// The long name of a live entry if its slots are whole: in order, with the right sum; and how many
/// slots it has.
pub(super) fn live(raw: &RawEntry, slots: &[Slot]) -> Option<(String, Option<u8>, usize)> {
    let sum = short_name_sum(&raw.name());
    let mut expected = u8::try_from(slots.len()).ok()?;
    for (index, slot) in slots.iter().enumerate() {
        let mark = if index == 0 { LAST_LONG } else { 0 };
        let sound = slot.raw.first() == expected | mark
            && slot.raw.long_sum() == sum
            && slot.raw.cluster_low() == 0;
        if !sound {
            return None;
        }
        expected = expected.saturating_sub(1);
    }
    let name = String::from_utf16_lossy(&units(slots));
    (!name.is_empty()).then_some((name, None, slots.len()))
}

/// The long name of a deleted entry and the first byte of its short name.
///
/// Deleting overwrites the order bytes and the first byte of the short name; the slots' sum gives
/// that byte back, and slots with another sum belong to another entry.
pub(super) fn deleted(raw: &RawEntry, slots: &[Slot]) -> Option<(String, Option<u8>, usize)> {
    // This is no entry, and the slots before it are those of another one.
    (!raw.has_unknown_attr()).then_some(())?;
    let sum = slots.last()?.raw.long_sum();
    let own = slots
        .iter()
        .rev()
        .take_while(|slot| slot.raw.long_sum() == sum && slot.raw.cluster_low() == 0)
        .count();
    let own = slots.get(slots.len().saturating_sub(own)..)?;
    let mut short = raw.name();
    // Every sum has its byte: it proves something only if that byte can begin a short name.
    let can_begin = |byte: &u8| {
        *byte > 0x20 && !byte.is_ascii_lowercase() && !b"\"*+,./:;<=>?[\\]|\x7F".contains(byte)
    };
    let first = (0x20..=u8::MAX).filter(can_begin).find(|first| {
        short[0] = *first;
        short_name_sum(&short) == sum
    })?;
    let name = String::from_utf16_lossy(&units(own));
    (!name.is_empty()).then_some((name, Some(first), own.len()))
}
