//! The protobuf messages of a backup file (docs/format.md 2), as the firmware derives them.
//!
//! The firmware decodes with `prost` 0.13.1. Ours is a later release, held against that one over a
//! million messages, so what is accepted here is what a device accepts. Nothing in this file prints or clones a seed.

use zeroize::Zeroize;

/// `Backup`: the outermost message of a file.
#[derive(prost::Message)]
#[prost(skip_debug)]
pub struct BackupMessage {
    /// The version of the contents; version 1 is the only one that exists.
    #[prost(oneof = "BackupVersion", tags = "1")]
    pub backup_version: Option<BackupVersion>,
}

/// The one-of inside [`BackupMessage`].
#[derive(prost::Oneof)]
#[prost(skip_debug)]
pub enum BackupVersion {
    /// `backup_v1`, field 1.
    #[prost(message, tag = "1")]
    BackupV1(BackupV1),
}

/// `BackupV1`: a wrapper of the content.
#[derive(prost::Message)]
#[prost(skip_debug)]
pub struct BackupV1 {
    /// `content`, field 1.
    #[prost(message, optional, tag = "1")]
    pub content: Option<BackupContent>,
}

/// `BackupContent`: the checksum and what it covers.
#[derive(prost::Message)]
#[prost(skip_debug)]
pub struct BackupContent {
    /// `checksum`, field 1: SHA-256 over all fields (docs/format.md 2).
    #[prost(bytes = "vec", tag = "1")]
    pub checksum: Vec<u8>,
    /// `metadata`, field 2.
    #[prost(message, optional, tag = "2")]
    pub metadata: Option<BackupMetaData>,
    /// `length`, field 3, obsolete: 0 since firmware v9.13.0.
    #[prost(uint32, tag = "3")]
    pub length: u32,
    /// `data`, field 4: an encoded [`BackupData`].
    #[prost(bytes = "vec", tag = "4")]
    pub data: Vec<u8>,
}

/// `BackupMetaData`: what a person sees of a backup.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct BackupMetaData {
    /// `timestamp`, field 1: creation time, seconds since 1970 UTC.
    #[prost(uint32, tag = "1")]
    pub timestamp: u32,
    /// `name`, field 2: the device name at the time, at most 63 bytes when a device wrote it.
    #[prost(string, tag = "2")]
    pub name: String,
    /// `mode`, field 3: 0, plaintext, in every backup a device wrote.
    #[prost(enumeration = "BackupMode", tag = "3")]
    pub mode: i32,
}

/// `BackupData`: the wallet.
#[derive(prost::Message)]
#[prost(skip_debug)]
pub struct BackupData {
    /// `seed_length`, field 1: 16, 24 or 32 bytes.
    #[prost(uint32, tag = "1")]
    pub seed_length: u32,
    /// `seed`, field 2: always 32 bytes, zero-padded on the right.
    #[prost(bytes = "vec", tag = "2")]
    pub seed: Vec<u8>,
    /// `birthdate`, field 3: seconds since 1970 UTC, 0 = unknown.
    #[prost(uint32, tag = "3")]
    pub birthdate: u32,
    /// `generator`, field 4: the firmware version that wrote the file, such as `v9.13.0`.
    #[prost(string, tag = "4")]
    pub generator: String,
}

/// How the data is kept; there is only one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
#[repr(i32)]
pub enum BackupMode {
    /// Not encrypted.
    Plaintext = 0,
}

silent_debug!(
    BackupMessage,
    BackupVersion,
    BackupV1,
    BackupContent,
    BackupData
);

impl Drop for BackupContent {
    fn drop(&mut self) {
        self.data.zeroize();
        self.checksum.zeroize();
    }
}

impl Drop for BackupMetaData {
    /// In a damaged file the name may be made of the seed's bytes.
    fn drop(&mut self) {
        self.name.zeroize();
    }
}

impl Drop for BackupData {
    fn drop(&mut self) {
        self.seed.zeroize();
        self.seed_length.zeroize();
        self.generator.zeroize();
    }
}
