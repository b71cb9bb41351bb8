//! The checksum over all fields of a backup (docs/format.md 2).

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::message::{BackupData, BackupMetaData};

/// Most bytes of a name the checksum has room for.
pub const NAME_ROOM: usize = 64;
/// Most bytes of a generator the checksum has room for.
pub const GENERATOR_ROOM: usize = 20;

/// Which of the two ways of hashing `mode` made a checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModeWidth {
    /// One byte: every device.
    Byte,
    /// Four bytes: the firmware's own test fixtures before mid-2022, which no device accepts.
    Word,
}

/// A field does not fit where the checksum wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misfit {
    /// `seed` is not 32 bytes.
    #[error("the seed field is {have} bytes, not 32")]
    Seed {
        /// Bytes found.
        have: usize,
    },
    /// `name` is over 64 bytes.
    #[error("the name is {have} bytes, more than 64")]
    Name {
        /// Bytes found.
        have: usize,
    },
    /// `generator` is over 20 bytes.
    #[error("the generator is {have} bytes, more than 20")]
    Generator {
        /// Bytes found.
        have: usize,
    },
}

/// Computes the checksum: SHA-256 over 133 bytes (136 for [`ModeWidth::Word`]).
///
/// Fails as the firmware does, in its order: name, seed, generator.
pub fn checksum(
    metadata: &BackupMetaData,
    data: &BackupData,
    length: u32,
    width: ModeWidth,
) -> Result<[u8; 32], Misfit> {
    let name =
        padded::<NAME_ROOM>(metadata.name.as_bytes()).map_err(|have| Misfit::Name { have })?;
    if data.seed.len() != 32 {
        return Err(Misfit::Seed {
            have: data.seed.len(),
        });
    }
    let generator = padded::<GENERATOR_ROOM>(data.generator.as_bytes())
        .map_err(|have| Misfit::Generator { have })?;
    let mode = metadata.mode.to_le_bytes();
    let mut hash = Sha256::new();
    hash.update(metadata.timestamp.to_le_bytes());
    match width {
        ModeWidth::Byte => hash.update([mode[0]]),
        ModeWidth::Word => hash.update(mode),
    }
    hash.update(name.as_ref());
    hash.update(data.seed_length.to_le_bytes());
    hash.update(&data.seed);
    hash.update(data.birthdate.to_le_bytes());
    hash.update(generator.as_ref());
    hash.update(length.to_le_bytes());
    Ok(hash.finalize().into())
}

fn padded<const ROOM: usize>(text: &[u8]) -> Result<Zeroizing<[u8; ROOM]>, usize> {
    let mut room = Zeroizing::new([0; ROOM]);
    match room.get_mut(..text.len()) {
        Some(to) => {
            to.copy_from_slice(text);
            Ok(room)
        }
        None => Err(text.len()),
    }
}
