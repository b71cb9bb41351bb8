//! The decoded contents of a copy, and whether they are a whole backup.

use prost::Message;
use prost::bytes::{Buf, Bytes};
use zeroize::Zeroizing;

use super::checksum::{self, CheckError, ModeWidth};
use super::message::{self, BackupContent, BackupData, BackupMetaData, BackupVersion};
use super::seed::{Id, Seed};

/// Most bytes of a file a device reads as a copy.
pub const MAX_FILE_SIZE: u64 = 1024;

/// Why bytes are not a backup file at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The outer messages do not decode.
    #[error("the file does not decode as a backup")]
    File,
    /// There is no `backup_v1` or no `content` in it.
    #[error("the file decodes, but holds no backup content")]
    NoContent,
    /// The `data` field does not decode.
    #[error("the wallet data inside the file does not decode")]
    Data,
}

/// The decoded contents of one copy, not yet checked. Wiped on drop.
#[derive(Debug)]
pub struct Contents {
    pub(super) content: BackupContent,
    pub(super) data: BackupData,
}

/// Decodes a copy as a device does: strictly, without looking at the checksum.
pub fn decode(bytes: &[u8]) -> Result<Contents, DecodeError> {
    let backup = message::BackupMessage::decode(Wiped(bytes)).map_err(|_| DecodeError::File)?;
    let Some(BackupVersion::BackupV1(v1)) = backup.backup_version else {
        return Err(DecodeError::NoContent);
    };
    let content = v1.content.ok_or(DecodeError::NoContent)?;
    let data = BackupData::decode(Wiped(&content.data)).map_err(|_| DecodeError::Data)?;
    Ok(Contents { content, data })
}

/// Decodes a copy that is a whole backup; `None` for any other bytes.
pub(crate) fn whole(bytes: &[u8]) -> Option<Contents> {
    let contents = decode(bytes).ok();
    contents.filter(|contents| contents.check().is_ok())
}

/// The bytes of a message that holds a secret, of which no copy is left behind.
///
/// `prost` copies each field of bytes into a block of its own before it copies it into the message
/// (`prost::encoding::bytes::merge`), and frees that block as it is: a seed would stay in memory. Here
/// that block is wiped.
struct Wiped<'a>(&'a [u8]);

impl Buf for Wiped<'_> {
    fn remaining(&self) -> usize {
        self.0.len()
    }

    fn chunk(&self) -> &[u8] {
        self.0
    }

    fn advance(&mut self, count: usize) {
        self.0 = self.0.get(count..).unwrap_or_default();
    }

    fn copy_to_bytes(&mut self, count: usize) -> Bytes {
        let part = self.0.get(..count).unwrap_or_default();
        self.advance(count);
        Bytes::from_owner(Zeroizing::new(part.to_vec()))
    }
}

impl Contents {
    /// Time, name and mode, if the file has them.
    pub fn metadata(&self) -> Option<&BackupMetaData> {
        self.content.metadata.as_ref()
    }

    /// `seed_length` as stored, whatever it is.
    pub fn seed_length(&self) -> u32 {
        self.data.seed_length
    }

    /// Seconds since 1970 UTC, or `None` when unknown (0).
    pub fn birthdate(&self) -> Option<u32> {
        (self.data.birthdate != 0).then_some(self.data.birthdate)
    }

    /// The firmware version that wrote the file, as it says.
    pub fn generator(&self) -> &str {
        &self.data.generator
    }

    /// The obsolete `length` field: 0 since firmware v9.13.0.
    pub fn length(&self) -> u32 {
        self.content.length
    }

    /// The stored seed, or `None` if the field is not 32 bytes or `seed_length` is over 32.
    pub fn seed(&self) -> Option<Seed> {
        let bytes = self.data.seed.as_slice().try_into().ok()?;
        Seed::new(bytes, self.data.seed_length)
    }

    /// The id of the stored seed; see [`Contents::seed`] for when there is none.
    pub fn id(&self) -> Option<Id> {
        self.seed().map(|seed| seed.id())
    }

    /// Computes the checksum as `width` wants it.
    pub fn checksum(&self, width: ModeWidth) -> Result<[u8; 32], CheckError> {
        let metadata = self.metadata().ok_or(CheckError::NoMetadata)?;
        let length = self.content.length;
        checksum::checksum(metadata, &self.data, length, width)
    }

    /// Whether the stored checksum is the one that `width` gives.
    pub fn checksum_matches(&self, width: ModeWidth) -> Result<bool, CheckError> {
        Ok(self.checksum(width)?.as_slice() == self.content.checksum.as_slice())
    }

    /// Whether this is a whole backup: every field fits and the checksum is right.
    pub fn check(&self) -> Result<(), CheckError> {
        if self.data.seed_length > 32 {
            return Err(CheckError::SeedLength);
        }
        if self.checksum_matches(ModeWidth::Byte)? {
            return Ok(());
        }
        if self.checksum_matches(ModeWidth::Word)? {
            return Err(CheckError::TestVariant);
        }
        Err(CheckError::Checksum)
    }

    /// Whether `length` fits the generator: it is 0 exactly from v9.13.0 on, and length of `data`
    /// plus 2 before. `None` when the generator is no version.
    pub fn length_fits_generator(&self) -> Option<bool> {
        let mut parts = self.data.generator.strip_prefix('v')?.splitn(3, '.');
        let mut number = || parts.next()?.split('-').next()?.parse::<u32>().ok();
        let version = (number()?, number()?);
        let written = u32::try_from(self.content.data.len()).ok()?;
        let expected = match version >= (9, 13) {
            true => 0,
            false => written.checked_add(2)?,
        };
        Some(self.content.length == expected)
    }
}
