//! FatFs's names: how an entry is called in a listing and how a path is looked up
//! (docs/format.md 3.2 and 3.3).

use super::fatfs_volume::FatError;
use crate::fat::codepage;
use crate::fat::entry::{DELETED, KANJI_E5, LAST_LONG, LOWER_BODY, LOWER_EXTENSION, RawEntry};

/// `FF_MAX_LFN`: most characters of a long name.
const MAX_LONG: usize = 255;

/// FatFs's buffer of a long name: 256 UTF-16 units, some of which it may never have written.
pub(super) struct LongName([Option<u16>; MAX_LONG + 1]);

impl LongName {
    /// A fresh buffer. On the device it holds what the stack held, which matches nothing here.
    pub(super) fn unwritten() -> Self {
        Self([None; MAX_LONG + 1])
    }

    fn put(&mut self, at: usize, unit: u16) -> bool {
        self.0.get_mut(at).is_some_and(|place| {
            *place = Some(unit);
            true
        })
    }

    fn get(&self, at: usize) -> Option<u16> {
        self.0.get(at).copied().flatten()
    }

    /// `pick_lfn`: takes a slot's characters, or says that the slot is not valid.
    pub(super) fn pick(&mut self, slot: &RawEntry) -> bool {
        let order = slot.first() & !LAST_LONG;
        all_units(slot, order, |at, unit| self.put(at, unit))
    }

    /// `cmp_lfn`: whether a slot's characters are those of the name looked for.
    pub(super) fn matches(&self, slot: &RawEntry) -> bool {
        all_units(slot, slot.first() & 0x3F, |at, unit| {
            self.get(at).map(codepage::upper) == Some(codepage::upper(unit))
        })
    }

    /// The long name in code-page bytes, or `None` where FatFs falls back to the short one.
    fn listed(&self) -> Option<Vec<u8>> {
        let units = self
            .0
            .iter()
            .map_while(|unit| unit.filter(|unit| *unit != 0));
        let name = units.map(|unit| codepage::from_unit(unit).filter(|byte| *byte != 0));
        let name: Vec<u8> = name.collect::<Option<_>>()?;
        (!name.is_empty() && name.len() <= MAX_LONG).then_some(name)
    }
}

/// Whether a slot of this order is valid, and each of its characters fits at its place in the name, with the NUL behind
/// the last one.
fn all_units(slot: &RawEntry, order: u8, mut fits: impl FnMut(usize, u16) -> bool) -> bool {
    let Some(before) = usize::from(order).checked_sub(1) else {
        return false;
    };
    if slot.cluster_low() != 0 {
        return false;
    }
    let mut at = before.saturating_mul(13);
    let mut previous = 1;
    for unit in slot.long_units() {
        let is_valid = match previous {
            0 => unit == 0xFFFF,
            _ => {
                previous = unit;
                fits(at, unit)
            }
        };
        if !is_valid {
            return false;
        }
        at = at.saturating_add(1);
    }
    slot.first() & LAST_LONG == 0 || previous == 0 || fits(at, 0)
}

/// `get_fileinfo`: the name a listing gives an entry, in code-page bytes. Empty ends the listing.
pub(super) fn listed_name(entry: &RawEntry, long: Option<&LongName>) -> Vec<u8> {
    if let Some(name) = long.and_then(LongName::listed) {
        return name;
    }
    let mut short = Vec::new();
    for (index, byte) in entry.name().into_iter().enumerate() {
        if byte == b' ' {
            continue;
        }
        if index == 8 {
            short.push(b'.');
        }
        short.push(if byte == KANJI_E5 { DELETED } else { byte });
    }
    if short.is_empty() {
        return b"?".to_vec();
    }
    let mut lower = LOWER_BODY;
    let shown = short.into_iter().take_while(|byte| *byte != 0).map(|byte| {
        if byte == b'.' {
            lower = LOWER_EXTENSION;
        }
        if entry.nt_res() & lower != 0 {
            byte.to_ascii_lowercase()
        } else {
            byte
        }
    });
    shown.collect()
}

/// One part of a path, ready to be looked up.
pub(super) struct WantedName {
    /// The 11 bytes of the short name, if the part fits 8.3 without loss.
    pub(super) short: Option<[u8; 11]>,
    /// Whether it is the last part.
    pub(super) last: bool,
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'/' | b'\\')
}

/// `create_name`: takes one part off the path and leaves its long form in `long`.
pub(super) fn create_name(
    path: &mut &[u8],
    long: &mut LongName,
    ignores_last_separator: bool,
) -> Result<WantedName, FatError> {
    let mut length = 0_usize;
    let mut rest = *path;
    let ends = loop {
        let (byte, behind) = rest
            .split_first()
            .map_or((0, rest), |(byte, behind)| (*byte, behind));
        rest = behind;
        if byte < b' ' {
            break true;
        }
        if is_separator(byte) {
            break false;
        }
        if b"*:<>|\"?\x7F".contains(&byte) || length >= MAX_LONG {
            return Err(FatError::InvalidName);
        }
        let unit = u16::try_from(u32::from(codepage::to_char(byte))).unwrap_or(0);
        long.put(length, unit);
        length = length.saturating_add(1);
    };
    let mut last = ends;
    if !ends {
        while rest.first().copied().is_some_and(is_separator) {
            rest = rest.get(1..).unwrap_or_default();
        }
        last = ignores_last_separator && rest.first().is_none_or(|byte| *byte < b' ');
    }
    *path = rest;

    let trimmed = |unit: Option<u16>| matches!(unit, Some(0x20 | 0x2E));
    while length > 0 && trimmed(long.get(length.saturating_sub(1))) {
        length = length.saturating_sub(1);
    }
    long.put(length, 0);
    if length == 0 {
        return Err(FatError::InvalidName);
    }
    let units: Vec<u16> = (0..length).filter_map(|at| long.get(at)).collect();
    Ok(WantedName {
        short: short_form(&units),
        last,
    })
}

/// The 8.3 form of a name, or `None` if it does not fit without loss.
fn short_form(name: &[u16]) -> Option<[u8; 11]> {
    let dot = u16::from(b'.');
    if matches!(name.first(), Some(first) if *first == dot || *first == u16::from(b' ')) {
        return None;
    }
    let (body, extension) = match name.iter().rposition(|unit| *unit == dot) {
        Some(at) => (name.get(..at)?, name.get(at.checked_add(1)?..)?),
        None => (name, &[][..]),
    };
    let mut short = [b' '; 11];
    let (body_room, extension_room) = short.split_at_mut(8);
    for (part, room) in [(body, body_room), (extension, extension_room)] {
        if part.len() > room.len() {
            return None;
        }
        for (unit, place) in part.iter().zip(room) {
            let byte = codepage::fold_short_name(codepage::from_unit(*unit)?).to_ascii_uppercase();
            if b" .+,;=[]".contains(&byte) {
                return None;
            }
            *place = byte;
        }
    }
    if short.first() == Some(&DELETED) {
        short[0] = KANJI_E5;
    }
    Some(short)
}
