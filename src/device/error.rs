//! Why something did not go as asked, by layer. No error holds what a device said beyond numbers and names
//! of ours.

use std::fmt;

use super::info::InfoError;
use super::key_store::PairingError;
use super::transport::{LONGEST, TransportError};

/// What was being done with the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// INFO.
    Info,
    /// Operation `a`.
    Attestation,
    /// Operation `u`.
    Unlock,
    /// Operations `h` and `H`.
    Handshake,
    /// Operation `v`.
    Pairing,
    /// Request `device_info`.
    About,
    /// Request `check_sdcard`.
    Card,
    /// Request `list_backups`.
    List,
    /// Request `check_backup`.
    Check,
    /// Request `create_backup`.
    Create,
    /// Request `fingerprint`.
    Fingerprint,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "asking which device it is",
            Self::Attestation => "asking the device to prove that it is genuine",
            Self::Unlock => "unlocking the device",
            Self::Handshake => "agreeing on keys with the device",
            Self::Pairing => "comparing the pairing code",
            Self::About => "asking for the device's name",
            Self::Card => "asking whether a card is in the device",
            Self::List => "listing the backups",
            Self::Check => "checking the backup",
            Self::Create => "making the backup",
            Self::Fingerprint => "asking for the wallet's fingerprint",
        })
    }
}

/// Why the device did not do something.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something failed on the way to it.
    #[error("{step}: {failure}")]
    Step {
        /// What was being done.
        step: Step,
        /// What went wrong.
        #[source]
        failure: Failure,
    },
    /// It runs no firmware that understands this.
    #[error("the device does not know the commands of the firmware: it is in bootloader mode")]
    Bootloader,
    /// What it says of itself is nothing this program knows, or too old or too new.
    #[error("{0}")]
    Info(#[from] InfoError),
    /// The keys cannot be read or kept.
    #[error("{0}")]
    Keys(#[from] PairingError),
}

impl Error {
    /// Whether somebody wanted the program to end.
    pub fn is_stopped(&self) -> bool {
        matches!(self.exchange(), Some(ExchangeError::Stopped))
    }

    /// Why no message went there and back, if none did.
    pub fn exchange(&self) -> Option<&ExchangeError> {
        match self {
            Self::Step {
                failure: Failure::Exchange(error),
                ..
            } => Some(error),
            _ => None,
        }
    }

    /// The device's own error, if it gave one.
    pub fn api(&self) -> Option<ApiCode> {
        match self {
            Self::Step {
                failure: Failure::Api(code),
                ..
            } => Some(*code),
            _ => None,
        }
    }
}

/// What went wrong in a step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// No message went there and back.
    #[error("{0}")]
    Exchange(#[from] ExchangeError),
    /// The operation failed.
    #[error("the device refused")]
    Refused,
    /// The operation ended in a way nobody knows, with this first byte.
    #[error("the device answered {0:#04x} where 0x00 or 0x01 was expected")]
    Status(u8),
    /// The answer has the wrong length.
    #[error("the answer has {found} bytes instead of {expected}")]
    Length {
        /// As docs/device.md has it.
        expected: usize,
        /// As it came.
        found: usize,
    },
    /// The handshake does not work out.
    #[error("the device's part of the handshake is not valid")]
    Handshake,
    /// The answer cannot be decrypted.
    #[error("the answer cannot be decrypted")]
    Garbled,
    /// The answer is no message of the protocol.
    #[error("the answer is not a message of a BitBox02")]
    Malformed,
    /// The answer is one to another question.
    #[error("the answer is one to another question")]
    Unexpected,
    /// The device says no.
    #[error("the device answered error {0}")]
    Api(ApiCode),
    /// The system has no random numbers.
    #[error("this system gives no random numbers")]
    Random,
}

/// Why no message went there and back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// The cable.
    #[error("{0}")]
    Transport(#[from] TransportError),
    /// The frames.
    #[error("{0}")]
    Frame(#[from] FrameError),
    /// No answer at all, in so many seconds.
    #[error("no answer within {0} seconds")]
    Silent(u64),
    /// The answer breaks off.
    #[error("the answer broke off after {have} of {length} bytes")]
    Cut {
        /// What came.
        have: usize,
        /// What was announced.
        length: usize,
    },
    /// Reports of other channels without an end; it was given up after so many.
    #[error("more than {0} packets of another program came, and no answer")]
    Flood(usize),
    /// The answer has no byte.
    #[error("the answer is empty")]
    Empty,
    /// It begins like none.
    #[error("the answer begins with {0:#04x}, which means nothing")]
    Unknown(u8),
    /// NACK.
    #[error("the device does not take it")]
    Nack,
    /// NACK to a request that was pending.
    #[error("the device gave up on it")]
    Dropped,
    /// BUSY for so many seconds, too long.
    #[error("the device was busy with something else for {0} seconds")]
    Busy(u64),
    /// NOTREADY for so many seconds, too long.
    #[error("the device was not done after {} minutes", .0 / 60)]
    Late(u64),
    /// The request has more bytes than the protocol allows.
    #[error("the request has {0} bytes; {LONGEST} fit")]
    TooLong(usize),
    /// Somebody wanted it to end.
    #[error("interrupted")]
    Stopped,
}

/// Why reports make no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The device reports an error.
    #[error("the device reported an error of the connection: {0}")]
    Reported(ErrorFrame),
    /// A message of another kind, with this command.
    #[error("a packet with command {0:#04x} came instead of an answer")]
    Command(u8),
    /// A report is missing, or came twice.
    #[error("packet {found} of the answer came where packet {expected} was expected")]
    Sequence {
        /// The next one.
        expected: u8,
        /// The one that came.
        found: u8,
    },
    /// It announces more than there can be.
    #[error("the answer announces {0} bytes; the protocol allows {LONGEST}")]
    TooLong(usize),
}

/// An error frame (docs/device.md 2-a), by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorFrame(pub u8);

impl ErrorFrame {
    /// Unknown command.
    pub const COMMAND: Self = Self(1);
    /// Wrong parameter.
    pub const PARAMETER: Self = Self(2);
    /// Wrong length.
    pub const LENGTH: Self = Self(3);
    /// Packets in the wrong order.
    pub const SEQUENCE: Self = Self(4);
    /// Busy with another program.
    pub const BUSY: Self = Self(6);
}

impl fmt::Display for ErrorFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            1 => "1, unknown command",
            2 => "2, wrong parameter",
            3 => "3, wrong length",
            4 => "4, packets in the wrong order",
            5 => "5, time-out",
            6 => "6, busy with another program",
            number => return write!(f, "{number:#04x}"),
        })
    }
}

/// An error of the device's firmware (docs/device.md 5.3), by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiCode(pub i32);

impl ApiCode {
    /// What was sent is not valid here.
    pub const INVALID_INPUT: Self = Self(101);
    /// Every trouble with the card.
    pub const GENERIC: Self = Self(103);
    /// Somebody cancelled on the device.
    pub const USER_ABORT: Self = Self(104);
    /// Not in the state that it is in.
    pub const INVALID_STATE: Self = Self(105);
    /// Switched off, or not in this edition.
    pub const DISABLED: Self = Self(106);
    /// It could not encrypt.
    pub const NOISE_ENCRYPT: Self = Self(108);
    /// It could not decrypt.
    pub const NOISE_DECRYPT: Self = Self(109);
}

impl fmt::Display for ApiCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.0 {
            101 => "invalid input",
            102 => "its memory failed",
            103 => "it could not do it",
            104 => "cancelled on the device",
            105 => "not possible in its present state",
            106 => "disabled",
            107 => "there already",
            108 => "it could not encrypt",
            109 => "it could not decrypt",
            _ => "an error this program does not know",
        };
        write!(f, "{}: {text}", self.0)
    }
}
