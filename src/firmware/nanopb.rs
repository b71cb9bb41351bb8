//! How firmware before v9.13.0 decodes a copy: nanopb into C structures (docs/format.md 7).
//!
//! It keeps what prost refuses, and refuses what prost takes. The wallet's data is a structure of its
//! own, which a copy without `data` leaves as the copy before it filled it.

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::backup::checksum::{GENERATOR_ROOM, NAME_ROOM};

/// The structures `Backup` and `BackupData` of the firmware.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub(super) struct Structures {
    content: Content,
    data: Data,
}

#[derive(Zeroize)]
struct Content {
    checksum: [u8; 32],
    timestamp: u32,
    name: [u8; NAME_ROOM],
    mode: u8,
    length: u32,
}

#[derive(Zeroize)]
struct Data {
    seed_length: u32,
    seed: [u8; 32],
    birthdate: u32,
    generator: [u8; GENERATOR_ROOM],
}

impl Default for Content {
    fn default() -> Self {
        Self {
            checksum: [0; 32],
            timestamp: 0,
            name: [0; NAME_ROOM],
            mode: 0,
            length: 0,
        }
    }
}

impl Default for Data {
    fn default() -> Self {
        Self {
            seed_length: 0,
            seed: [0; 32],
            birthdate: 0,
            generator: [0; GENERATOR_ROOM],
        }
    }
}

impl Structures {
    /// `restore_from_buffer` and the checksum behind it: whether a copy is whole.
    pub(super) fn load(&mut self, bytes: &[u8]) -> bool {
        self.content.zeroize();
        self.backup(bytes).is_some() && self.checksum() == self.content.checksum
    }

    /// `timestamp` of the copy.
    pub(super) fn timestamp(&self) -> u32 {
        self.content.timestamp
    }

    /// `name` of the copy, up to its first NUL.
    pub(super) fn name(&self) -> &[u8] {
        let name = &self.content.name;
        let end = name.iter().position(|byte| *byte == 0);
        name.get(..end.unwrap_or(name.len())).unwrap_or_default()
    }

    /// `seed_length` of the copy.
    pub(super) fn seed_length(&self) -> u32 {
        self.data.seed_length
    }

    fn checksum(&self) -> [u8; 32] {
        let (content, data) = (&self.content, &self.data);
        let mut hash = Sha256::new();
        hash.update(content.timestamp.to_le_bytes());
        hash.update([content.mode]);
        hash.update(content.name);
        hash.update(data.seed_length.to_le_bytes());
        hash.update(data.seed);
        hash.update(data.birthdate.to_le_bytes());
        hash.update(data.generator);
        hash.update(content.length.to_le_bytes());
        hash.finalize().into()
    }

    /// `Backup` and the `BackupV1` in it.
    fn backup(&mut self, bytes: &[u8]) -> Option<()> {
        each_field(bytes, |number, value| match number {
            1 => each_field(value.message()?, |number, value| match number {
                1 => self.content(value.message()?),
                _ => Some(()),
            }),
            _ => Some(()),
        })
    }

    /// `BackupContent`; one that comes a second time begins with zeros.
    fn content(&mut self, bytes: &[u8]) -> Option<()> {
        self.content.zeroize();
        each_field(bytes, |number, value| match number {
            1 => value.fixed(&mut self.content.checksum),
            2 => self.metadata(value.message()?),
            3 => value.number(&mut self.content.length),
            // The mode counts as it is so far: `metadata` may come behind.
            4 if self.content.mode != 0 => None,
            4 => self.data(value.message()?),
            _ => Some(()),
        })
    }

    fn metadata(&mut self, bytes: &[u8]) -> Option<()> {
        let content = &mut self.content;
        (content.timestamp, content.mode) = (0, 0);
        content.name.zeroize();
        each_field(bytes, |number, value| match number {
            1 => value.number(&mut content.timestamp),
            2 => value.text(&mut content.name),
            3 => {
                let mut mode = 0;
                value.number(&mut mode)?;
                content.mode = u8::try_from(mode).ok()?;
                Some(())
            }
            _ => Some(()),
        })
    }

    fn data(&mut self, bytes: &[u8]) -> Option<()> {
        self.data.zeroize();
        let data = &mut self.data;
        each_field(bytes, |number, value| match number {
            1 => value.number(&mut data.seed_length),
            2 => value.fixed(&mut data.seed),
            3 => value.number(&mut data.birthdate),
            4 => value.text(&mut data.generator),
            _ => Some(()),
        })
    }
}

/// The value of a field, by its wire type.
enum Value<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    Fixed,
}

impl<'a> Value<'a> {
    fn message(&self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Varint(_) | Self::Fixed => None,
        }
    }

    /// A number of 32 bits; a larger one is an error.
    fn number(&self, to: &mut u32) -> Option<()> {
        match self {
            Self::Varint(value) => *to = u32::try_from(*value).ok()?,
            Self::Bytes(_) | Self::Fixed => return None,
        }
        Some(())
    }

    /// Bytes of a fixed length; none at all are zeros.
    fn fixed(&self, to: &mut [u8]) -> Option<()> {
        match self.message()? {
            [] => to.fill(0),
            bytes if bytes.len() == to.len() => to.copy_from_slice(bytes),
            _ => return None,
        }
        Some(())
    }

    /// A text that leaves room for the NUL behind it. What lay behind stays; UTF-8 is not looked at.
    fn text(&self, to: &mut [u8]) -> Option<()> {
        let bytes = self.message()?;
        *to.get_mut(bytes.len())? = 0;
        to.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(())
    }
}

/// Goes through the fields of a message; `None` is an error.
fn each_field<'a>(
    mut bytes: &'a [u8],
    mut take: impl FnMut(u32, Value<'a>) -> Option<()>,
) -> Option<()> {
    while !bytes.is_empty() {
        let key = u32::try_from(varint(&mut bytes)?).ok()?;
        let value = match key & 7 {
            0 => Value::Varint(varint(&mut bytes)?),
            1 => skip(&mut bytes, 8)?,
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                let (value, rest) = bytes.split_at_checked(length)?;
                bytes = rest;
                Value::Bytes(value)
            }
            5 => skip(&mut bytes, 4)?,
            // Groups are unknown to nanopb.
            _ => return None,
        };
        match key >> 3 {
            0 => return None,
            number => take(number, value)?,
        }
    }
    Some(())
}

fn skip<'a>(bytes: &mut &'a [u8], length: usize) -> Option<Value<'a>> {
    *bytes = bytes.get(length..)?;
    Some(Value::Fixed)
}

/// A number of at most ten bytes.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..70_u32).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7F).wrapping_shl(shift);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
