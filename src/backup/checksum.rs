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

/// Why decoded contents are not a whole backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// There is no metadata; current firmware crashes on such a file.
    #[error("the metadata (time and name) is missing")]
    NoMetadata,
    /// A field does not fit where the checksum wants it.
    #[error("the {field} is {have} bytes, {fits}")]
    Misfit {
        /// Which one.
        field: &'static str,
        /// Bytes found.
        have: usize,
        /// How many would fit.
        fits: &'static str,
    },
    /// `seed_length` is over 32.
    #[error("the seed length is over 32")]
    SeedLength,
    /// The stored checksum is another.
    #[error("the checksum does not match")]
    Checksum,
    /// The checksum matches only with `mode` hashed as four bytes.
    #[error("the checksum is of a test variant (mode as four bytes) that no device accepts")]
    TestVariant,
}

/// Computes the checksum: SHA-256 over 133 bytes (136 for [`ModeWidth::Word`]).
///
/// Fails as the firmware does, in its order: name, seed, generator.
pub fn checksum(
    metadata: &BackupMetaData,
    data: &BackupData,
    length: u32,
    width: ModeWidth,
) -> Result<[u8; 32], CheckError> {
    let misfit = |field, have, fits| CheckError::Misfit { field, have, fits };
    let name = padded::<NAME_ROOM>(&metadata.name)
        .ok_or_else(|| misfit("name", metadata.name.len(), "more than 64"))?;
    if data.seed.len() != 32 {
        return Err(misfit("seed field", data.seed.len(), "not 32"));
    }
    let generator = padded::<GENERATOR_ROOM>(&data.generator)
        .ok_or_else(|| misfit("generator", data.generator.len(), "more than 20"))?;
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

fn padded<const ROOM: usize>(text: &str) -> Option<Zeroizing<[u8; ROOM]>> {
    let mut room = Zeroizing::new([0; ROOM]);
    room.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    Some(room)
}
