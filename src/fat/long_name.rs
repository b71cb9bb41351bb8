//! Long names put together from their slots, also where the short entry they belong to is gone.

use super::entry::{LAST_LONG, RawEntry, short_name_sum};

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
        let deleted = slot.raw.is_deleted();
        let begins =
            slot.raw.long_units().contains(&0) || !deleted && slot.raw.first() & LAST_LONG != 0;
        let goes_on = |before: &&Slot| {
            before.raw.long_sum() == slot.raw.long_sum() && before.raw.is_deleted() == deleted
        };
        match found.last_mut() {
            Some(name) if !begins && name.last().is_some_and(goes_on) => name.push(slot),
            _ => found.push(vec![slot]),
        }
    }
    let named = found.into_iter().filter_map(|slots| {
        let first = slots.last()?.raw;
        Some(Orphan {
            name: name(slots.iter().copied())?,
            slots: slots.iter().rev().map(|slot| slot.offset).collect(),
            deleted: first.is_deleted(),
            sum: first.long_sum(),
            first_part: (!first.is_deleted()).then_some(first.first() & !LAST_LONG),
        })
    });
    named.collect()
}

/// The name in slots, of which the last part comes first, up to the NUL.
fn name<'a>(slots: impl DoubleEndedIterator<Item = &'a Slot>) -> Option<String> {
    let units = slots.rev().flat_map(|slot| slot.raw.long_units());
    let units: Vec<u16> = units.take_while(|unit| *unit != 0).take(255).collect();
    (!units.is_empty()).then(|| String::from_utf16_lossy(&units))
}

/// A long name, the first byte of the short one if that is lost, and the slots of the long one.
type LongName<'a> = (String, Option<u8>, &'a [Slot]);

/// The long name of a live entry if its slots are whole: in order, with the right sum.
pub(super) fn live<'a>(raw: &RawEntry, slots: &'a [Slot]) -> Option<LongName<'a>> {
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
    Some((name(slots.iter())?, None, slots))
}

/// The long name of a deleted entry and the first byte of its short name.
///
/// Deleting overwrites the order bytes and the first byte of the short name; the slots' sum gives
/// that byte back, and slots with another sum belong to another entry.
pub(super) fn deleted<'a>(raw: &RawEntry, slots: &'a [Slot]) -> Option<LongName<'a>> {
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
    Some((name(own.iter())?, Some(first), own))
}
