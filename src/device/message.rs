//! Requests and responses (docs/device.md 5): the few of them that backups need.

#![allow(missing_docs)] // prost's own helpers on the messages

use prost::{Message, Oneof};

/// What is asked for.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Request {
    #[prost(oneof = "Ask", tags = "4, 6, 13, 15, 19, 24")]
    pub(super) ask: Option<Ask>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(super) enum Ask {
    #[prost(message, tag = "4")]
    About(Nothing),
    #[prost(message, tag = "6")]
    CreateBackup(CreateBackup),
    #[prost(message, tag = "13")]
    CheckCard(Nothing),
    #[prost(message, tag = "15")]
    ListBackups(Nothing),
    #[prost(message, tag = "19")]
    CheckBackup(CheckBackup),
    #[prost(message, tag = "24")]
    Fingerprint(Nothing),
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Nothing {}

#[derive(Clone, PartialEq, Message)]
pub(super) struct CreateBackup {
    #[prost(uint32, tag = "1")]
    pub(super) timestamp: u32,
    #[prost(int32, tag = "2")]
    pub(super) timezone_offset: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct CheckBackup {
    #[prost(bool, tag = "1")]
    pub(super) silent: bool,
}

/// What is answered; fields nobody here knows are passed over.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Response {
    #[prost(oneof = "Reply", tags = "1, 2, 4, 7, 8, 10, 12")]
    pub(super) answer: Option<Reply>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(super) enum Reply {
    #[prost(message, tag = "1")]
    Success(Nothing),
    #[prost(message, tag = "2")]
    Error(ApiError),
    #[prost(message, tag = "4")]
    About(About),
    #[prost(message, tag = "7")]
    Backups(Backups),
    #[prost(message, tag = "8")]
    Checked(Checked),
    #[prost(message, tag = "10")]
    Card(CardMessage),
    #[prost(message, tag = "12")]
    Fingerprint(FingerprintMessage),
}

/// The text of an error is not read: it says nothing its number does not.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ApiError {
    #[prost(int32, tag = "1")]
    pub(super) code: i32,
}

/// What the device says of itself, as it says it: texts are not escaped.
#[derive(Clone, PartialEq, Eq, Message)]
#[non_exhaustive]
pub struct About {
    /// Its name, which becomes the name of its backups.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Whether it holds a wallet that was backed up.
    #[prost(bool, tag = "2")]
    pub initialized: bool,
    /// The version of its firmware.
    #[prost(string, tag = "3")]
    pub version: String,
    /// Whether a passphrase is asked for besides the password.
    #[prost(bool, tag = "4")]
    pub mnemonic_passphrase_enabled: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Backups {
    #[prost(message, repeated, tag = "1")]
    pub(super) info: Vec<ListedBackup>,
}

/// A backup the device lists, as it says it: texts are not escaped.
#[derive(Clone, PartialEq, Eq, Message)]
#[non_exhaustive]
pub struct ListedBackup {
    /// The wallet's id.
    #[prost(string, tag = "1")]
    pub id: String,
    /// When it was made: seconds since 1970 UTC.
    #[prost(uint32, tag = "2")]
    pub timestamp: u32,
    /// The device's name at the time.
    #[prost(string, tag = "4")]
    pub name: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Checked {
    #[prost(string, tag = "1")]
    pub(super) id: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct CardMessage {
    #[prost(bool, tag = "1")]
    pub(super) inserted: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct FingerprintMessage {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) fingerprint: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_the_documented_bytes() {
        let bytes = |ask| Request { ask: Some(ask) }.encode_to_vec();
        assert_eq!(bytes(Ask::About(Nothing {})), [0x22, 0]);
        assert_eq!(bytes(Ask::CheckCard(Nothing {})), [0x6A, 0]);
        assert_eq!(bytes(Ask::ListBackups(Nothing {})), [0x7A, 0]);
        assert_eq!(bytes(Ask::Fingerprint(Nothing {})), [0xC2, 1, 0]);
        assert_eq!(
            bytes(Ask::CheckBackup(CheckBackup { silent: true })),
            [0x9A, 1, 2, 8, 1]
        );
        let create = CreateBackup {
            timestamp: 1,
            timezone_offset: -1,
        };
        let minus_one = [
            0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1,
        ];
        assert_eq!(
            bytes(Ask::CreateBackup(create)),
            [&[0x32, 13, 8, 1][..], &minus_one].concat()
        );
    }

    #[test]
    fn unknown_fields_are_passed_over() {
        // list_backups { info { id: "a", timestamp: 5, field 9: 1, name: "n" } }
        let answer = [
            0x3A, 12, 0x0A, 10, 0x0A, 1, b'a', 0x10, 5, 0x48, 1, 0x22, 1, b'n',
        ];
        let response = Response::decode(&answer[..]).unwrap();
        let Some(Reply::Backups(backups)) = response.answer else {
            panic!("{response:?}");
        };
        let backup = ListedBackup {
            id: "a".into(),
            timestamp: 5,
            name: "n".into(),
        };
        assert_eq!(backups.info, [backup]);
    }
}
