//! Why a log cannot be written.

use std::io;

use super::chain::VerifyError;
use crate::files::WriteError;

/// Why a log cannot be opened or written. The path is not repeated: whoever gave it names it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The folder it should lie in is not there.
    #[error("its folder does not exist")]
    NoFolder,
    /// The system does not let this person write it.
    #[error("permission to write it is denied")]
    Denied,
    /// It is a symbolic link, a folder, a device or a pipe.
    #[error("it is not a regular file")]
    NotAFile,
    /// It would be written to a source.
    #[error("it is on a source, where nothing is written")]
    OnSource,
    /// Another run has it open.
    #[error("another run is writing to it")]
    Locked,
    /// What is in it is no unbroken log, so nothing is added.
    #[error(transparent)]
    Broken(VerifyError),
    /// The line to be written is longer than [`MAX_LINE`](super::MAX_LINE).
    #[error("the line would have {length} bytes, which is too long")]
    TooLong {
        /// How many bytes it would have.
        length: usize,
    },
    /// The system refused.
    #[error("it cannot be {doing}: {cause}")]
    Refused {
        /// What was tried: `opened`, `locked`, `written`.
        doing: &'static str,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// An earlier line could not be written, and this one must not be glued to its remains.
    #[error("an earlier line could not be written")]
    Stopped,
}

impl JournalError {
    /// What a person can do next, in one sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoFolder => "make the folder first, or check the spelling",
            Self::Denied => "name a file you may write",
            Self::OnSource => "name a file on another disk",
            Self::NotAFile => "name a new file, or a log written earlier; links are not followed",
            Self::Locked => "wait until the other run is done, or name another file",
            Self::Broken(_) => {
                "keep this file as it is, for it may be evidence, and name a new one"
            }
            Self::TooLong { .. } => {
                "note less of this source, and keep the full report in a file of its own"
            }
            Self::Refused { .. } | Self::Stopped => {
                "see whether the disk is full or damaged; lines written before are safe"
            }
        }
    }

    pub(super) fn refused(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |cause| match cause.kind() {
            io::ErrorKind::NotFound => Self::NoFolder,
            io::ErrorKind::PermissionDenied => Self::Denied,
            _ => Self::Refused { doing, cause },
        }
    }
}

impl From<WriteError> for JournalError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Link(_) | WriteError::Exists(_) | WriteError::AmongDevices(_) => {
                Self::NotAFile
            }
            WriteError::OnSource(_) => Self::OnSource,
            WriteError::NoFolder(_) => Self::NoFolder,
            WriteError::System { error, .. } => Self::refused("opened")(error),
            error => Self::refused("opened")(io::Error::other(error)),
        }
    }
}
