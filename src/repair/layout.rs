//! Where each field of a backup file lies, told by what a device writes and by nothing else.
//!
//! A device leaves out what is zero and writes the rest in one order (docs/format.md 2), so a file
//! is described by a handful of numbers. All shapes are tried and each is held against the bytes:
//! the tags and lengths it wants are in the copies, or they are not.

use crate::backup::wire::Field;

/// Longest name a device writes.
const MAX_NAME: usize = 64;
/// Longest generator there is room for.
const MAX_GENERATOR: usize = 20;

/// What a byte of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A tag or a length: always this byte.
    Fixed(u8),
    /// Part of a field: which, and the index of the byte in it as stored.
    Part(Field, u8),
}

/// The shape of a file: everything that decides where its fields lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    /// Bytes of the name; 0 leaves the field out.
    pub(super) name: usize,
    /// Whether the obsolete `length` is there.
    pub(super) length: bool,
    /// Whether there is a birthdate.
    pub(super) birthdate: bool,
    /// Bytes of the generator; 0 leaves the field out.
    pub(super) generator: usize,
}

impl Shape {
    /// Every shape a device can write.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..=MAX_NAME).flat_map(|name| {
            (0..=MAX_GENERATOR).flat_map(move |generator| {
                [(false, false), (false, true), (true, false), (true, true)]
                    .into_iter()
                    .map(move |(length, birthdate)| Self {
                        name,
                        length,
                        birthdate,
                        generator,
                    })
            })
        })
    }

    /// What is unlikely about it before any byte is looked at, in nats.
    pub(super) fn cost(self) -> f64 {
        let generator = match self.generator {
            6..=8 => 0.0,
            9..=12 => 4.0,
            _ => 7.0,
        };
        let name = match self.name {
            0 => 5.0,
            1..=20 => 0.0,
            _ => 2.0,
        };
        // Firmware before v9.13.0 wrote a length, in names of releases of up to seven characters.
        let length = if self.length { 1.5 } else { 0.0 };
        let birthdate = if self.birthdate { 0.0 } else { 2.0 };
        generator + name + length + birthdate
    }

    /// What the obsolete `length` says in such a file: the length of `data` plus 2.
    pub(super) fn length_value(self) -> u32 {
        if self.length {
            u32::try_from(self.data().saturating_add(2)).unwrap_or(0)
        } else {
            0
        }
    }

    fn data(self) -> usize {
        let birthdate = if self.birthdate { 6 } else { 0 };
        36_usize
            .saturating_add(birthdate)
            .saturating_add(field(self.generator))
    }

    /// The role of every byte, in order.
    pub(super) fn roles(self) -> Vec<Role> {
        let mut data = Vec::with_capacity(80);
        number(&mut data, 0x08, Field::SeedLength, 1);
        bytes(&mut data, 0x12, Field::Seed, 32);
        if self.birthdate {
            number(&mut data, 0x18, Field::Birthdate, 5);
        }
        bytes(&mut data, 0x22, Field::Generator, self.generator);
        let mut metadata = Vec::with_capacity(80);
        number(&mut metadata, 0x08, Field::Timestamp, 5);
        bytes(&mut metadata, 0x12, Field::Name, self.name);
        let mut content = Vec::with_capacity(200);
        bytes(&mut content, 0x0A, Field::Checksum, 32);
        message(&mut content, 0x12, &metadata);
        if self.length {
            let value = u8::try_from(self.length_value()).unwrap_or(0);
            content.extend([Role::Fixed(0x18), Role::Fixed(value)]);
        }
        message(&mut content, 0x22, &data);
        let mut v1 = Vec::with_capacity(200);
        message(&mut v1, 0x0A, &content);
        let mut file = Vec::with_capacity(200);
        message(&mut file, 0x0A, &v1);
        file
    }
}

/// Bytes of a field of text with its tag and length; none if it is empty.
fn field(length: usize) -> usize {
    if length == 0 {
        0
    } else {
        length.saturating_add(2)
    }
}

fn part(field: Field, index: usize) -> Role {
    Role::Part(field, u8::try_from(index).unwrap_or(u8::MAX))
}

fn number(roles: &mut Vec<Role>, tag: u8, field: Field, length: usize) {
    roles.push(Role::Fixed(tag));
    roles.extend((0..length).map(|index| part(field, index)));
}

fn bytes(roles: &mut Vec<Role>, tag: u8, field: Field, length: usize) {
    if length > 0 {
        length_of(roles, tag, length);
        roles.extend((0..length).map(|index| part(field, index)));
    }
}

fn message(roles: &mut Vec<Role>, tag: u8, inside: &[Role]) {
    length_of(roles, tag, inside.len());
    roles.extend_from_slice(inside);
}

fn length_of(roles: &mut Vec<Role>, tag: u8, length: usize) {
    roles.push(Role::Fixed(tag));
    let low = u8::try_from(length & 0x7F).unwrap_or(0);
    if length > 127 {
        let high = u8::try_from(length >> 7).unwrap_or(0);
        roles.extend([Role::Fixed(low | 0x80), Role::Fixed(high)]);
    } else {
        roles.push(Role::Fixed(low));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::{Contents, Parts};

    #[test]
    fn every_shape_is_where_a_file_of_it_has_its_fields() {
        for shape in Shape::all().filter(|shape| shape.generator > 5) {
            let name = "n".repeat(shape.name);
            let generator = "g".repeat(shape.generator);
            let parts = Parts {
                timestamp: 1_601_281_809,
                name: &name,
                seed_length: 32,
                seed: &[0xEE; 32],
                birthdate: if shape.birthdate { 1_601_281_809 } else { 0 },
                generator: &generator,
                with_length: shape.length,
            };
            let file = Contents::new(&parts).unwrap().encode();
            let roles = shape.roles();
            assert_eq!(roles.len(), file.len(), "{shape:?}");
            for (role, byte) in roles.iter().zip(file.iter()) {
                match role {
                    Role::Fixed(fixed) => assert_eq!(fixed, byte, "{shape:?}"),
                    Role::Part(Field::Seed, _) => assert_eq!(*byte, 0xEE),
                    Role::Part(Field::Name, _) => assert_eq!(*byte, b'n'),
                    Role::Part(Field::Generator, _) => assert_eq!(*byte, b'g'),
                    Role::Part(Field::SeedLength, _) => assert_eq!(*byte, 32),
                    Role::Part(..) => {}
                }
            }
        }
    }
}
