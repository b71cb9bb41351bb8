//! The firmware's protobuf messages, as far as listing needs them.

use crate::Listed;

/// A backup file.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Backup {
    #[prost(oneof = "BackupVersion", tags = "1")]
    pub(crate) backup_version: Option<BackupVersion>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum BackupVersion {
    #[prost(message, tag = "1")]
    BackupV1(BackupV1),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct BackupV1 {
    #[prost(message, optional, tag = "1")]
    pub(crate) content: Option<BackupContent>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct BackupContent {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) checksum: Vec<u8>,
    #[prost(message, optional, tag = "2")]
    pub(crate) metadata: Option<BackupMetaData>,
    #[prost(uint32, tag = "3")]
    pub(crate) length: u32,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) data: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct BackupMetaData {
    #[prost(uint32, tag = "1")]
    pub(crate) timestamp: u32,
    #[prost(string, tag = "2")]
    pub(crate) name: String,
    #[prost(enumeration = "BackupMode", tag = "3")]
    pub(crate) mode: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub(crate) enum BackupMode {
    Plaintext = 0,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct BackupData {
    #[prost(uint32, tag = "1")]
    pub(crate) seed_length: u32,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) seed: Vec<u8>,
    #[prost(uint32, tag = "3")]
    pub(crate) birthdate: u32,
    #[prost(string, tag = "4")]
    pub(crate) generator: String,
}

/// The answer to a request over USB; only the one to `list_backups`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Response {
    #[prost(oneof = "AnyResponse", tags = "7")]
    pub(crate) response: Option<AnyResponse>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum AnyResponse {
    #[prost(message, tag = "7")]
    ListBackups(ListBackupsResponse),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ListBackupsResponse {
    #[prost(message, repeated, tag = "1")]
    pub(crate) info: Vec<BackupInfo>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct BackupInfo {
    #[prost(string, tag = "1")]
    pub(crate) id: String,
    #[prost(uint32, tag = "2")]
    pub(crate) timestamp: u32,
    #[prost(string, tag = "4")]
    pub(crate) name: String,
}

impl Response {
    /// The response with this list.
    pub(crate) fn list_backups(list: &[Listed]) -> Self {
        let info = |Listed {
                        id,
                        timestamp,
                        name,
                    }: &Listed| BackupInfo {
            id: id.clone(),
            timestamp: *timestamp,
            name: name.clone(),
        };
        let info = list.iter().map(info).collect();
        Self {
            response: Some(AnyResponse::ListBackups(ListBackupsResponse { info })),
        }
    }
}
