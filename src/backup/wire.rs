//! Where the fields of a backup file lie, found even in a damaged one.
//!
//! A walker over protobuf's wire format that knows the messages of docs/format.md 2 and goes on
//! past damage. It never decides whether a device accepts a file; [`super::decode`] does.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A field of a backup file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// SHA-256 over all fields.
    Checksum,
    /// When the backup was made.
    Timestamp,
    /// The device's name.
    Name,
    /// How the data is kept.
    Mode,
    /// Obsolete.
    Length,
    /// How many bytes of the seed count.
    SeedLength,
    /// The secret.
    Seed,
    /// When the wallet was made.
    Birthdate,
    /// The firmware that wrote the file.
    Generator,
}

impl fmt::Display for Field {
    /// Its name in the protobuf definition.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// One field found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FoundField {
    /// Which.
    pub field: Field,
    /// Where its value lies in the file: after tag and length, bytes.
    pub range: Range<usize>,
    /// The value, for fields that are numbers.
    pub number: Option<u64>,
}

/// The message a level of nesting is.
#[derive(Clone, Copy)]
enum Level {
    Backup,
    V1,
    Content,
    MetaData,
    Data,
}

enum Kind {
    Message(Level),
    Bytes(Field),
    Varint(Field),
}

impl Level {
    fn kind(self, number: u64) -> Option<Kind> {
        Some(match (self, number) {
            (Self::Backup, 1) => Kind::Message(Self::V1),
            (Self::V1, 1) => Kind::Message(Self::Content),
            (Self::Content, 1) => Kind::Bytes(Field::Checksum),
            (Self::Content, 2) => Kind::Message(Self::MetaData),
            (Self::Content, 3) => Kind::Varint(Field::Length),
            (Self::Content, 4) => Kind::Message(Self::Data),
            (Self::MetaData, 1) => Kind::Varint(Field::Timestamp),
            (Self::MetaData, 2) => Kind::Bytes(Field::Name),
            (Self::MetaData, 3) => Kind::Varint(Field::Mode),
            (Self::Data, 1) => Kind::Varint(Field::SeedLength),
            (Self::Data, 2) => Kind::Bytes(Field::Seed),
            (Self::Data, 3) => Kind::Varint(Field::Birthdate),
            (Self::Data, 4) => Kind::Bytes(Field::Generator),
            _ => return None,
        })
    }
}

/// Finds the fields of a file, in file order, each with its place.
///
/// A message that runs past its parent is read up to the parent's end; whatever cannot be read
/// ends its message and the walk goes on behind it.
pub fn fields(bytes: &[u8]) -> Vec<FoundField> {
    let mut found = Vec::new();
    walk(bytes, 0..bytes.len(), Level::Backup, &mut found);
    found
}

/// Whether the bytes begin as a backup file does: `0a LL 0a LL 0a 20` with fitting lengths.
///
/// Tells a damaged backup from a foreign file; it proves nothing.
pub fn looks_like_backup(bytes: &[u8]) -> bool {
    fields(bytes).iter().any(|found| match found.field {
        Field::Checksum | Field::Seed => found.range.len() == 32,
        Field::Generator => bytes.get(found.range.start) == Some(&b'v'),
        _ => false,
    })
}

fn walk(bytes: &[u8], range: Range<usize>, level: Level, found: &mut Vec<FoundField>) {
    let mut at = range.start;
    while at < range.end {
        let Some((key, next)) = varint(bytes, at, range.end) else {
            return;
        };
        let kind = level.kind(key >> 3);
        // The number itself, or how many bytes follow it.
        let number = matches!(key & 7, 0 | 2).then(|| varint(bytes, next, range.end));
        let number = number.flatten();
        at = match (key & 7, number) {
            (0, Some((number, end))) => {
                if let Some(Kind::Varint(field)) = kind {
                    found.push(FoundField {
                        field,
                        range: next..end,
                        number: Some(number),
                    });
                }
                end
            }
            (1, _) => next.saturating_add(8),
            (2, Some((length, start))) => {
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                let end = start.saturating_add(length).min(range.end);
                match kind {
                    Some(Kind::Message(level)) => walk(bytes, start..end, level, found),
                    Some(Kind::Bytes(field)) => found.push(FoundField {
                        field,
                        range: start..end,
                        number: None,
                    }),
                    _ => {}
                }
                end
            }
            (5, _) => next.saturating_add(4),
            _ => return,
        };
    }
}

/// Reads a varint at `at`, and where it ends.
fn varint(bytes: &[u8], at: usize, end: usize) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (index, byte) in bytes.get(at..end)?.iter().take(10).enumerate() {
        let shift = u32::try_from(index).ok()?.checked_mul(7)?;
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Some((value, at.checked_add(index)?.checked_add(1)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_field_of_the_known_file() {
        let bytes = hex::decode(crate::backup::tests::KNOWN).unwrap();
        let found = fields(&bytes);
        let names: Vec<_> = found.iter().map(|found| found.field.to_string()).collect();
        let all = [
            "checksum",
            "timestamp",
            "name",
            "seed_length",
            "seed",
            "birthdate",
            "generator",
        ];
        assert_eq!(names, all);
        assert_eq!(&bytes[found[2].range.clone()], b"My BitBox");
        assert_eq!(found[3].number, Some(16));
        assert_eq!(found[4].range.len(), 32);
        assert!(looks_like_backup(&bytes));
    }

    #[test]
    fn a_truncated_file_keeps_its_first_fields() {
        let bytes = hex::decode(crate::backup::tests::KNOWN).unwrap();
        let found = fields(&bytes[..60]);
        assert_eq!(found[0].field, Field::Checksum);
        assert_eq!(found[2].field, Field::Name);
    }

    #[test]
    fn any_bytes_end() {
        for seed in 0..2_000_u32 {
            let bytes: Vec<u8> = (0..64_u32)
                .map(|i| (seed.wrapping_mul(2_654_435_761).wrapping_add(i * 40_503) >> 11) as u8)
                .collect();
            fields(&bytes);
        }
        assert!(!looks_like_backup(b"Bud1 .DS_Store"));
    }
}
