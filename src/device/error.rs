//! Why something did not go as asked, by layer. No error holds what a device said beyond numbers and names
//! of ours.

use std::fmt;

use super::info::InfoError;
use super::key_store::PairingError;
use super::transport::LONGEST;
use super::transport::TransportError;

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
    /// No message went there and back.
    #[error("{step}: {error}")]
    Exchange {
        /// What was being done.
        step: Step,
        /// What went wrong.
        #[source]
        error: ExchangeError,
    },
    /// It runs no firmware that understands this.
    #[error("the device does not know the commands of the firmware: it is in bootloader mode")]
    Bootloader,
    /// What it says of itself is nothing this program knows, or too old or too new.
    #[error("{0}")]
    Info(#[from] InfoError),
    /// An operation failed.
    #[error("{step}: the device refused")]
    Refused {
        /// Which.
        step: Step,
    },
    /// An operation ended in a way nobody knows.
    #[error("{step}: the device answered {status:#04x} where 0x00 or 0x01 was expected")]
    Status {
        /// Which.
        step: Step,
        /// Its first byte.
        status: u8,
    },
    /// An answer has the wrong length.
    #[error("{step}: the answer has {found} bytes instead of {expected}")]
    Length {
        /// To what.
        step: Step,
        /// As docs/device.md has it.
        expected: usize,
        /// As it came.
        found: usize,
    },
    /// The handshake does not work out.
    #[error("{step}: the device's part of the handshake is not valid")]
    Handshake {
        /// Where.
        step: Step,
    },
    /// The answer cannot be decrypted.
    #[error("{step}: the answer cannot be decrypted")]
    Garbled {
        /// To what.
        step: Step,
    },
    /// The answer is no message of the protocol.
    #[error("{step}: the answer is not a message of a BitBox02")]
    Malformed {
        /// To what.
        step: Step,
    },
    /// The answer is one to another question.
    #[error("{step}: the answer is one to another question")]
    Unexpected {
        /// To what.
        step: Step,
    },
    /// The device says no.
    #[error("{step}: the device answered error {}: {code}", .code.number())]
    Api {
        /// To what.
        step: Step,
        /// Which error.
        code: ApiCode,
    },
    /// The system has no random numbers.
    #[error("{step}: this system gives no random numbers")]
    Random {
        /// What for.
        step: Step,
    },
    /// The keys cannot be read or kept.
    #[error("{0}")]
    Keys(#[from] PairingError),
}

impl Error {
    /// Whether somebody wanted the program to end.
    pub fn is_stopped(&self) -> bool {
        let Self::Exchange { error, .. } = self else {
            return false;
        };
        matches!(error, ExchangeError::Stopped)
    }

    /// The device's own error, if it gave one.
    pub fn api(&self) -> Option<ApiCode> {
        match self {
            Self::Api { code, .. } => Some(*code),
            _ => None,
        }
    }
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
    /// No answer at all.
    #[error("no answer within {seconds} seconds")]
    Silent {
        /// How long it was waited.
        seconds: u64,
    },
    /// The answer breaks off.
    #[error("the answer broke off after {have} of {length} bytes")]
    Cut {
        /// What came.
        have: usize,
        /// What was announced.
        length: usize,
    },
    /// Reports of other channels without an end.
    #[error("more than {most} packets of another program came, and no answer")]
    Flood {
        /// Where it was given up.
        most: usize,
    },
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
    /// BUSY, too long.
    #[error("the device was busy with something else for {seconds} seconds")]
    Busy {
        /// How long.
        seconds: u64,
    },
    /// NOTREADY, too long.
    #[error("the device was not done after {} minutes", .seconds / 60)]
    Late {
        /// How long.
        seconds: u64,
    },
    /// The request is longer than the protocol allows.
    #[error("the request has {length} bytes; {LONGEST} fit")]
    TooLong {
        /// Its bytes.
        length: usize,
    },
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
    /// A message of another kind.
    #[error("a packet with command {found:#04x} came instead of an answer")]
    Command {
        /// Its command.
        found: u8,
    },
    /// A report is missing, or came twice.
    #[error("packet {found} of the answer came where packet {expected} was expected")]
    Sequence {
        /// The next one.
        expected: u8,
        /// The one that came.
        found: u8,
    },
    /// It announces more than there can be.
    #[error("the answer announces {length} bytes; the protocol allows {LONGEST}")]
    TooLong {
        /// What it announces.
        length: usize,
    },
}

/// An error frame (docs/device.md 2-a).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorFrame {
    /// 1.
    Command,
    /// 2.
    Parameter,
    /// 3.
    Length,
    /// 4.
    Sequence,
    /// 5.
    Timeout,
    /// 6.
    Busy,
    /// Any other, 0x7F among them.
    Unnamed(u8),
}

impl ErrorFrame {
    /// The one with this number.
    pub(super) fn of(number: u8) -> Self {
        match number {
            1 => Self::Command,
            2 => Self::Parameter,
            3 => Self::Length,
            4 => Self::Sequence,
            5 => Self::Timeout,
            6 => Self::Busy,
            other => Self::Unnamed(other),
        }
    }
}

impl fmt::Display for ErrorFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command => f.write_str("1, unknown command"),
            Self::Parameter => f.write_str("2, wrong parameter"),
            Self::Length => f.write_str("3, wrong length"),
            Self::Sequence => f.write_str("4, packets in the wrong order"),
            Self::Timeout => f.write_str("5, time-out"),
            Self::Busy => f.write_str("6, busy with another program"),
            Self::Unnamed(number) => write!(f, "{number:#04x}"),
        }
    }
}

/// An error of the device's firmware (docs/device.md 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiCode {
    /// 101.
    InvalidInput,
    /// 102.
    Memory,
    /// 103; every trouble with the card.
    Generic,
    /// 104.
    UserAbort,
    /// 105.
    InvalidState,
    /// 106.
    Disabled,
    /// 107.
    Duplicate,
    /// 108.
    NoiseEncrypt,
    /// 109.
    NoiseDecrypt,
    /// Any other.
    Unnamed(i32),
}

impl ApiCode {
    /// The one with this number.
    pub(super) fn of(number: i32) -> Self {
        match number {
            101 => Self::InvalidInput,
            102 => Self::Memory,
            103 => Self::Generic,
            104 => Self::UserAbort,
            105 => Self::InvalidState,
            106 => Self::Disabled,
            107 => Self::Duplicate,
            108 => Self::NoiseEncrypt,
            109 => Self::NoiseDecrypt,
            other => Self::Unnamed(other),
        }
    }

    /// Its number.
    pub fn number(self) -> i32 {
        match self {
            Self::InvalidInput => 101,
            Self::Memory => 102,
            Self::Generic => 103,
            Self::UserAbort => 104,
            Self::InvalidState => 105,
            Self::Disabled => 106,
            Self::Duplicate => 107,
            Self::NoiseEncrypt => 108,
            Self::NoiseDecrypt => 109,
            Self::Unnamed(number) => number,
        }
    }
}

impl fmt::Display for ApiCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidInput => "invalid input",
            Self::Memory => "its memory failed",
            Self::Generic => "it could not do it",
            Self::UserAbort => "cancelled on the device",
            Self::InvalidState => "not possible in its present state",
            Self::Disabled => "disabled",
            Self::Duplicate => "there already",
            Self::NoiseEncrypt => "it could not encrypt",
            Self::NoiseDecrypt => "it could not decrypt",
            Self::Unnamed(_) => "an error this program does not know",
        })
    }
}
