//! A bit that the search changed.

use serde::{Deserialize, Serialize};

use crate::backup::wire::Field;

/// A bit that differs from the most likely value: its place, not its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChangedBit {
    /// The field.
    pub field: Field,
    /// The byte of the field's value; numbers are counted from the lowest byte.
    pub byte: u16,
    /// The bit, 0 the lowest.
    pub bit: u8,
}

impl ChangedBit {
    /// Lists bits of one field, given as byte × 8 + bit.
    pub(super) fn list_in_field(field: Field, bits: &[u16]) -> Vec<Self> {
        let locate = |bit: &u16| Self {
            field,
            byte: bit / 8,
            bit: (bit % 8) as u8,
        };
        bits.iter().map(locate).collect()
    }
}
