//! Contents as the bytes of a file, in the order and style of a device (docs/format.md 2).

use prost::Message;
use zeroize::{Zeroize, Zeroizing};

use super::checksum::{CheckError, ModeWidth};
use super::contents::Contents;
use super::message::{
    BackupContent, BackupData, BackupMessage, BackupMetaData, BackupV1, BackupVersion,
};

/// What a backup is made of, its checksum apart.
pub struct Parts<'a> {
    /// When the backup was made: seconds since 1970 UTC, 0 if that is unknown.
    pub timestamp: u32,
    /// The device's name, at most 64 bytes; empty if it is unknown.
    pub name: &'a str,
    /// How many bytes of the seed count: 16, 24 or 32.
    pub seed_length: u32,
    /// The seed, padded with zeros.
    pub seed: &'a [u8; 32],
    /// When the wallet was made: seconds since 1970 UTC, 0 if that is unknown.
    pub birthdate: u32,
    /// What wrote the file, at most 20 bytes.
    pub generator: &'a str,
    /// Whether the obsolete `length` field is written, as firmware before v9.13.0 does.
    pub with_length: bool,
}

impl Contents {
    /// Contents made of these parts, with their checksum.
    ///
    /// # Errors
    /// If a part has no room in the checksum.
    pub fn new(parts: &Parts<'_>) -> Result<Self, CheckError> {
        let data = BackupData {
            seed_length: parts.seed_length,
            seed: parts.seed.to_vec(),
            birthdate: parts.birthdate,
            generator: parts.generator.to_owned(),
        };
        let encoded = data.encode_to_vec();
        let length = match parts.with_length {
            true => u32::try_from(encoded.len()).unwrap_or(0).saturating_add(2),
            false => 0,
        };
        let content = BackupContent {
            checksum: Vec::new(),
            metadata: Some(BackupMetaData {
                timestamp: parts.timestamp,
                name: parts.name.to_owned(),
                mode: 0,
            }),
            length,
            data: encoded,
        };
        let mut contents = Self { content, data };
        contents.content.checksum = contents.checksum(ModeWidth::Byte)?.to_vec();
        Ok(contents)
    }

    /// The bytes a device would write for these contents. A secret.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut backup = BackupMessage {
            backup_version: Some(BackupVersion::BackupV1(BackupV1 {
                content: Some(BackupContent {
                    checksum: self.content.checksum.clone(),
                    metadata: self.content.metadata.clone(),
                    length: self.content.length,
                    data: self.data.encode_to_vec(),
                }),
            })),
        };
        // Room for the largest file, so that no shorter buffer is left behind unwiped.
        let mut bytes = Zeroizing::new(Vec::with_capacity(super::MAX_FILE_SIZE as usize));
        if backup.encode(&mut *bytes).is_err() {
            bytes.zeroize();
        }
        backup.clear();
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::{decode, tests::KNOWN};

    #[test]
    fn decoding_and_encoding_is_the_identity() {
        let known = hex::decode(KNOWN).unwrap();
        assert_eq!(decode(&known).unwrap().encode().as_slice(), known);
    }

    #[test]
    fn the_known_file_is_made_of_its_parts() {
        let seed = hex::decode("8af64d31126a39b98f59708a3a463e5b").unwrap();
        let mut padded = [0; 32];
        padded[..16].copy_from_slice(&seed);
        let parts = Parts {
            timestamp: 1_601_281_809,
            name: "My BitBox",
            seed_length: 16,
            seed: &padded,
            birthdate: 1_601_281_809,
            generator: "v9.13.0",
            with_length: false,
        };
        let contents = Contents::new(&parts).unwrap();
        assert_eq!(hex::encode(contents.encode()), KNOWN);
        let older = Contents::new(&Parts {
            generator: "v9.12.0",
            with_length: true,
            ..parts
        });
        let older = older.unwrap();
        assert_eq!(
            (older.length(), older.length_fits_generator()),
            (53, Some(true))
        );
        let decoded = decode(&older.encode()).unwrap();
        assert_eq!(decoded.check(), Ok(()));
        assert_eq!(decoded.length(), 53);
    }
}
