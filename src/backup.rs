//! A backup file: what its bytes say and whether they are whole (docs/format.md 2).
//!
//! Knows nothing of disks. [`decode`] is strict and is what a device does; [`wire`] goes on past
//! damage and says where each field lies.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod checksum;
mod encode;
mod evidence;
pub mod file_name;
pub mod layout;
pub(crate) mod length;
pub mod message;
pub mod recognise;
pub mod seed;
mod splice;
mod vote;
#[cfg(feature = "recover")]
pub mod wallet;
mod wiped;
pub mod wire;
#[cfg(feature = "recover")]
pub mod words;

use prost::Message;

pub use checksum::{Misfit, ModeWidth};
pub use encode::Parts;
pub use file_name::FileName;
pub use length::{fitting_lengths, seed_length};
pub use seed::{Id, Seed, words_of};
pub use splice::{Method, Repaired, vote_or_splice};
pub use vote::majority;
#[cfg(feature = "recover")]
pub use wallet::{Fingerprint, root_fingerprint};
#[cfg(feature = "recover")]
pub use words::{PutAway, Words, WordsError, wipe_stack};

use wiped::Wiped;

use message::{BackupContent, BackupData, BackupMetaData, BackupVersion};

/// Most bytes of a file a device reads as a copy.
pub const MAX_FILE_SIZE: u64 = 1024;

/// Why bytes are not a backup file at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
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

/// Why decoded contents are not a whole backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// There is no metadata; current firmware crashes on such a file.
    #[error("the metadata (time and name) is missing")]
    NoMetadata,
    /// A field does not fit.
    #[error(transparent)]
    Misfit(#[from] Misfit),
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

/// The decoded contents of one copy, not yet checked. Wiped on drop.
#[derive(Debug)]
pub struct Contents {
    content: BackupContent,
    data: BackupData,
}

/// Decodes a copy as a device does: strictly, without looking at the checksum.
pub fn decode(bytes: &[u8]) -> Result<Contents, DecodeError> {
    let backup = message::Backup::decode(Wiped(bytes)).map_err(|_| DecodeError::File)?;
    let Some(BackupVersion::BackupV1(v1)) = backup.backup_version else {
        return Err(DecodeError::NoContent);
    };
    let content = v1.content.ok_or(DecodeError::NoContent)?;
    let data = BackupData::decode(Wiped(&content.data)).map_err(|_| DecodeError::Data)?;
    Ok(Contents { content, data })
}

impl Contents {
    /// Contents put together from fields of several copies; [`Contents::check`] is their judge.
    pub(crate) fn from_parts(content: BackupContent, data: BackupData) -> Self {
        Self { content, data }
    }

    /// The same with missing metadata taken for zeros, as firmware before v9.13.0 does.
    pub(crate) fn with_zero_metadata(mut self) -> Self {
        self.content.metadata.get_or_insert_default();
        self
    }

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
        Ok(checksum::checksum(
            metadata,
            &self.data,
            self.content.length,
            width,
        )?)
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
        let written = u32::try_from(self.content.data.len())
            .ok()?
            .checked_add(2)?;
        Some(if version >= (9, 13) {
            self.content.length == 0
        } else {
            self.content.length == written
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The file of docs/format.md 8.
    pub(crate) const KNOWN: &str = "0a6c0a6a0a2017834e53e17370800c0bc49b49ef3f1309df104d7239db5bbd093c90eefc995112110891bec6fb0512094d7920426974426f782233081012208af64d31126a39b98f59708a3a463e5b000000000000000000000000000000001891bec6fb05220776392e31332e30";

    #[test]
    fn the_known_file_is_whole() {
        let contents = decode(&hex::decode(KNOWN).unwrap()).unwrap();
        assert_eq!(contents.check(), Ok(()));
        assert_eq!(contents.metadata().unwrap().name, "My BitBox");
        assert_eq!(contents.metadata().unwrap().timestamp, 1_601_281_809);
        assert_eq!(contents.seed_length(), 16);
        assert_eq!(contents.birthdate(), Some(1_601_281_809));
        assert_eq!(contents.generator(), "v9.13.0");
        assert_eq!(contents.length_fits_generator(), Some(true));
        assert_eq!(
            contents.id().unwrap().to_string(),
            "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2"
        );
    }

    #[test]
    fn every_flipped_bit_is_noticed_or_means_nothing() {
        let known = hex::decode(KNOWN).unwrap();
        let fields = |bytes: &[u8]| {
            let contents = decode(bytes)
                .ok()
                .filter(|contents| contents.check().is_ok())?;
            let metadata = contents.metadata().cloned();
            Some((
                metadata,
                contents.id(),
                contents.birthdate(),
                contents.generator().to_owned(),
            ))
        };
        let whole = fields(&known);
        let mut harmless = 0;
        for bit in 0..known.len() * 8 {
            let mut bytes = known.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let flipped = fields(&bytes);
            harmless += usize::from(flipped.is_some());
            assert!(
                flipped.is_none() || flipped == whole,
                "bit {bit} flipped unnoticed"
            );
        }
        // The three bits above the 32nd in the last byte of the two five-byte times.
        assert_eq!(harmless, 6);
    }

    #[test]
    fn no_metadata_is_its_own_error() {
        let contents = decode(&[0x0a, 2, 0x0a, 0]).unwrap();
        assert_eq!(contents.check(), Err(CheckError::NoMetadata));
        assert_eq!(decode(&[]).unwrap_err(), DecodeError::NoContent);
        assert_eq!(decode(&[0xff]).unwrap_err(), DecodeError::File);
    }

    #[test]
    fn debug_tells_no_secret() {
        let contents = decode(&hex::decode(KNOWN).unwrap()).unwrap();
        let text = format!("{contents:?}");
        assert_eq!(
            text,
            "Contents { content: BackupContent(..), data: BackupData(..) }"
        );
    }
}
