//! What was proved, held against what was on the card.
#![allow(unreachable_pub)] // a part of tests and of a bench

use bitbox_backup::backup::{Contents, Seed};
use fixtures::backup::Backup;

/// Which field is wrong in a backup that the checksum proves, if any.
pub fn wrong_field(contents: &Contents, truth: &Backup) -> Option<&'static str> {
    let metadata = contents.metadata();
    let right = [
        (
            "seed",
            contents
                .seed()
                .is_some_and(|seed| padded(&seed) == truth.seed),
        ),
        ("length", contents.seed_length() == truth.seed_length),
        (
            "id",
            contents.id().is_some_and(|id| id.to_string() == truth.id()),
        ),
        ("name", metadata.is_some_and(|of| of.name == truth.name)),
        (
            "time",
            metadata.is_some_and(|of| of.timestamp == truth.timestamp),
        ),
        (
            "birthdate",
            contents.birthdate().unwrap_or(0) == truth.birthdate,
        ),
        ("generator", contents.generator() == truth.generator),
        ("file", *contents.encode() == truth.encode()),
    ];
    right
        .into_iter()
        .find(|(_, right)| !right)
        .map(|(field, _)| field)
}

/// Which is wrong of a seed that an id proves, if any.
pub fn wrong_seed(seed: &Seed, length: Option<u32>, truth: &Backup) -> Option<&'static str> {
    let right = [
        ("seed", padded(seed) == truth.seed),
        (
            "length",
            length.is_none_or(|length| length == truth.seed_length),
        ),
    ];
    right
        .into_iter()
        .find(|(_, right)| !right)
        .map(|(field, _)| field)
}

fn padded(seed: &Seed) -> Vec<u8> {
    let mut bytes = seed.expose().to_vec();
    bytes.resize(32, 0);
    bytes
}
