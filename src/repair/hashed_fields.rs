//! The fields in the message that the checksum hashes (docs/format.md 2).

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use super::changed_bit::ChangedBit;
use crate::backup::checksum::{GENERATOR_ROOM, NAME_ROOM};
use crate::backup::wire::Field;

// Where the fields begin, in bytes.
pub(super) const TIMESTAMP: usize = 0;
const MODE: usize = TIMESTAMP + 4;
pub(super) const NAME: usize = MODE + 1;
pub(super) const SEED_LENGTH: usize = NAME + NAME_ROOM;
pub(super) const SEED: usize = SEED_LENGTH + 4;
pub(super) const BIRTHDATE: usize = SEED + 32;
pub(super) const GENERATOR: usize = BIRTHDATE + 4;
pub(super) const LENGTH: usize = GENERATOR + GENERATOR_ROOM;
/// Bytes of the message.
pub(super) const HASHED: usize = LENGTH + 4;

/// The fields of a message. `name` and `generator` need their lengths, which the message does not
/// have.
pub(super) struct HashedFields<'a>(pub(super) &'a [u8]);

impl HashedFields<'_> {
    fn number(&self, at: usize) -> u32 {
        u32::from_le_bytes([0, 1, 2, 3].map(|index| self.0[at + index]))
    }

    pub(super) fn timestamp(&self) -> u32 {
        self.number(TIMESTAMP)
    }

    pub(super) fn birthdate(&self) -> u32 {
        self.number(BIRTHDATE)
    }

    pub(super) fn name(&self, length: usize) -> &[u8] {
        &self.0[NAME..NAME + length]
    }

    pub(super) fn generator(&self, length: usize) -> &[u8] {
        &self.0[GENERATOR..GENERATOR + length]
    }

    pub(super) fn seed(&self) -> [u8; 32] {
        std::array::from_fn(|index| self.0[SEED + index])
    }
}

/// Locates bits of a message, given as byte × 8 + bit, in the fields.
pub(super) fn locate_bits(bits: &[u16]) -> Vec<ChangedBit> {
    let starts = [
        (Field::Length, LENGTH),
        (Field::Generator, GENERATOR),
        (Field::Birthdate, BIRTHDATE),
        (Field::Seed, SEED),
        (Field::SeedLength, SEED_LENGTH),
        (Field::Name, NAME),
        (Field::Mode, MODE),
        (Field::Timestamp, TIMESTAMP),
    ];
    let locate = |bit: &u16| {
        let byte = usize::from(bit / 8);
        let (field, start) = starts.iter().find(|(_, start)| byte >= *start)?;
        Some(ChangedBit {
            field: *field,
            byte: (byte - start) as u16,
            bit: (bit % 8) as u8,
        })
    };
    bits.iter().filter_map(locate).collect()
}
