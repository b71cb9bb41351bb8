//! What a byte of a copy costs: how unlikely it is in its role, in nats.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use super::role::ByteRole;
use crate::backup::wire::Field;

/// One flipped bit, before anything is known of the copy: a rate of 3 in 100.
const FLIP: f64 = 3.5;
/// Any byte of the seed, of a checksum or of foreign bytes: one of 256 values.
pub(super) const ANY_BYTE: f64 = 5.545;
/// The most a byte costs in any role.
const MOST: f64 = 12.0;

/// The cost of a byte in the place of another one.
pub(super) fn flip_cost(byte: u8, wanted: u8) -> f64 {
    FLIP * f64::from((byte ^ wanted).count_ones())
}

/// The cost of a byte where other copies have `known`.
pub(super) fn known_cost(byte: u8, known: u8) -> f64 {
    (0.2 + flip_cost(byte, known)).min(MOST)
}

/// The cost of a byte in a role of which only is known that it is one from 0x80 on.
pub(super) fn replaced_cost(role: ByteRole) -> f64 {
    match role {
        ByteRole::Fixed(0..0x80) => MOST,
        ByteRole::Fixed(_) => 0.2,
        ByteRole::Part(..) => role_cost(role, 0xE0),
    }
}

/// The cost of a byte in a role.
pub(super) fn role_cost(role: ByteRole, byte: u8) -> f64 {
    let nearest = |wanted: &[u8]| {
        wanted
            .iter()
            .map(|want| flip_cost(byte, *want))
            .fold(f64::MAX, f64::min)
    };
    let cost = match role {
        ByteRole::Fixed(fixed) => 0.2 + flip_cost(byte, fixed),
        ByteRole::Part(Field::SeedLength, _) => 1.0 + nearest(&[16, 24, 32]),
        ByteRole::Part(Field::Timestamp | Field::Birthdate, 0..=3) => {
            4.85 + if byte & 0x80 == 0 { FLIP } else { 0.0 }
        }
        ByteRole::Part(Field::Timestamp | Field::Birthdate, _) => 1.5 + flip_cost(byte & 0xF0, 0),
        ByteRole::Part(Field::Generator, 0) => 0.2 + flip_cost(byte, b'v'),
        ByteRole::Part(Field::Generator, 1) => 0.5 + flip_cost(byte, b'9'),
        ByteRole::Part(Field::Generator, 2) => 0.5 + flip_cost(byte, b'.'),
        ByteRole::Part(Field::Generator, _) => {
            2.5 + flip_cost(byte & 0xF0, 0x30).min(flip_cost(byte, b'.'))
        }
        ByteRole::Part(Field::Name, _) => {
            4.3 + if byte & 0x80 == 0 { 0.0 } else { FLIP / 2.0 }
                + if byte & 0x60 == 0 { FLIP / 2.0 } else { 0.0 }
        }
        ByteRole::Part(..) => ANY_BYTE,
    };
    cost.min(MOST)
}
