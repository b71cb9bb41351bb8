//! The role of each byte of a file under a layout: a tag or length that can have only one value, or
//! part of a field.

use crate::backup::checksum::{GENERATOR_ROOM, NAME_ROOM};
use crate::backup::layout::Layout;
use crate::backup::wire::Field;

/// The role of one byte of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteRole {
    /// A tag or a length: always this byte.
    Fixed(u8),
    /// Part of a field: which one, and the index of the byte in the field as stored.
    Part(Field, u8),
}

impl ByteRole {
    /// The only value a byte can have: tags, lengths, and the zeros after a short seed.
    pub(super) fn known_value(self, seed_length: u32) -> Option<u8> {
        match self {
            Self::Fixed(fixed) => Some(fixed),
            Self::Part(Field::Seed, index) if u32::from(index) >= seed_length => Some(0),
            Self::Part(Field::SeedLength, _) => u8::try_from(seed_length).ok(),
            Self::Part(..) => None,
        }
    }

    /// The log-likelihood ratios of 1 to 0 of a byte before any copy is compared.
    pub(super) fn prior(self) -> [f64; 8] {
        let like = |byte: u8, sure: f64| {
            std::array::from_fn(|bit| if byte >> bit & 1 == 1 { sure } else { -sure })
        };
        let none = [0.0; 8];
        match self {
            // All bytes of a varint but the last have the highest bit set; times are between 2014 and
            // 2048.
            Self::Part(Field::Timestamp | Field::Birthdate, 0..=3) => {
                [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 12.0]
            }
            Self::Part(Field::Timestamp | Field::Birthdate, _) => {
                [0.0, 0.0, 2.0, -2.0, -12.0, -12.0, -12.0, -12.0]
            }
            Self::Part(Field::Name, _) => [0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 1.0, -3.0],
            Self::Part(Field::Generator, 0) => like(b'v', 5.0),
            Self::Part(Field::Generator, 1) => like(b'9', 4.0),
            Self::Part(Field::Generator, 2) => like(b'.', 4.0),
            Self::Part(Field::Generator, _) => [0.0, 0.0, 0.0, -0.5, 1.5, 5.0, -5.0, -5.0],
            _ => none,
        }
    }
}

/// Every layout a device can write, including those with generators of any length.
pub(super) fn list_layouts() -> impl Iterator<Item = Layout> {
    (0..=NAME_ROOM).flat_map(|name| {
        (0..=GENERATOR_ROOM).flat_map(move |generator| {
            [(0, 0), (0, 6), (2, 0), (2, 6)]
                .into_iter()
                .map(move |(length, birthdate)| Layout {
                    name,
                    length,
                    birthdate,
                    generator,
                })
        })
    })
}

/// How unlikely a layout is before any byte is compared, in nats.
pub(super) fn layout_cost(layout: Layout) -> f64 {
    let generator = match layout.generator {
        6..=8 => 0.0,
        9..=12 => 4.0,
        _ => 7.0,
    };
    let name = match layout.name {
        0 => 5.0,
        1..=20 => 0.0,
        _ => 2.0,
    };
    // Only firmware before v9.13.0 wrote a length.
    let length = if layout.length > 0 { 1.5 } else { 0.0 };
    let birthdate = if layout.birthdate > 0 { 0.0 } else { 2.0 };
    generator + name + length + birthdate
}

/// The role of every byte of a file, in order.
pub(super) fn list_roles(layout: Layout) -> Vec<ByteRole> {
    let mut data = Vec::with_capacity(80);
    push_number(&mut data, 0x08, Field::SeedLength, 1);
    push_bytes(&mut data, 0x12, Field::Seed, 32);
    if layout.birthdate > 0 {
        push_number(&mut data, 0x18, Field::Birthdate, 5);
    }
    push_bytes(&mut data, 0x22, Field::Generator, layout.generator);
    let mut metadata = Vec::with_capacity(80);
    push_number(&mut metadata, 0x08, Field::Timestamp, 5);
    push_bytes(&mut metadata, 0x12, Field::Name, layout.name);
    let mut content = Vec::with_capacity(200);
    push_bytes(&mut content, 0x0A, Field::Checksum, 32);
    push_message(&mut content, 0x12, &metadata);
    if layout.length > 0 {
        let value = u8::try_from(layout.length_value()).unwrap_or(0);
        content.extend([ByteRole::Fixed(0x18), ByteRole::Fixed(value)]);
    }
    push_message(&mut content, 0x22, &data);
    let mut v1 = Vec::with_capacity(200);
    push_message(&mut v1, 0x0A, &content);
    let mut file = Vec::with_capacity(200);
    push_message(&mut file, 0x0A, &v1);
    file
}

fn part(field: Field, index: usize) -> ByteRole {
    ByteRole::Part(field, u8::try_from(index).unwrap_or(u8::MAX))
}

fn push_number(roles: &mut Vec<ByteRole>, tag: u8, field: Field, length: usize) {
    roles.push(ByteRole::Fixed(tag));
    roles.extend((0..length).map(|index| part(field, index)));
}

fn push_bytes(roles: &mut Vec<ByteRole>, tag: u8, field: Field, length: usize) {
    if length > 0 {
        push_length(roles, tag, length);
        roles.extend((0..length).map(|index| part(field, index)));
    }
}

fn push_message(roles: &mut Vec<ByteRole>, tag: u8, inside: &[ByteRole]) {
    push_length(roles, tag, inside.len());
    roles.extend_from_slice(inside);
}

fn push_length(roles: &mut Vec<ByteRole>, tag: u8, length: usize) {
    roles.push(ByteRole::Fixed(tag));
    let low = u8::try_from(length & 0x7F).unwrap_or(0);
    if length > 127 {
        let high = u8::try_from(length >> 7).unwrap_or(0);
        roles.extend([ByteRole::Fixed(low | 0x80), ByteRole::Fixed(high)]);
    } else {
        roles.push(ByteRole::Fixed(low));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::{Contents, Parts};

    #[test]
    fn the_roles_of_every_layout_match_its_file() {
        for layout in list_layouts().filter(|layout| layout.generator > 5) {
            let name = "n".repeat(layout.name);
            let generator = "g".repeat(layout.generator);
            let parts = Parts {
                timestamp: 1_601_281_809,
                name: &name,
                seed_length: 32,
                seed: &[0xEE; 32],
                birthdate: if layout.birthdate > 0 {
                    1_601_281_809
                } else {
                    0
                },
                generator: &generator,
                with_length: layout.length > 0,
            };
            let file = Contents::new(&parts).unwrap().encode();
            let found = list_roles(layout);
            assert_eq!(
                (found.len(), layout.total()),
                (file.len(), file.len()),
                "{layout:?}"
            );
            for (role, byte) in found.iter().zip(file.iter()) {
                match role {
                    ByteRole::Fixed(fixed) => assert_eq!(fixed, byte, "{layout:?}"),
                    ByteRole::Part(Field::Seed, _) => assert_eq!(*byte, 0xEE),
                    ByteRole::Part(Field::Name, _) => assert_eq!(*byte, b'n'),
                    ByteRole::Part(Field::Generator, _) => assert_eq!(*byte, b'g'),
                    ByteRole::Part(Field::SeedLength, _) => assert_eq!(*byte, 32),
                    ByteRole::Part(..) => {}
                }
            }
        }
    }
}
