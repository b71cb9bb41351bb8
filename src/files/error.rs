//! Why something was not written.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use super::leftovers::Leftover;

/// Why something was not written. Nothing remains of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// Something is there.
    #[error("{}: is there already, and nothing is overwritten", .0.display())]
    Exists(PathBuf),
    /// A folder is there that is not empty.
    #[error("{}: this folder is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// A folder is there in which an earlier run left something.
    #[error("{}: this folder is not empty: an interrupted run left {} in it", .folder.display(), .left.name())]
    LeftInside {
        /// The folder.
        folder: PathBuf,
        /// What was left.
        left: Leftover,
    },
    /// A link is there.
    #[error("{}: is a link, and links are not followed", .0.display())]
    Link(PathBuf),
    /// What is there is not a file of this kind that the program wrote.
    #[error("{}: what is there is not {kind} that this program wrote", .path.display())]
    Foreign {
        /// The place.
        path: PathBuf,
        /// What would be written.
        kind: &'static str,
    },
    /// What is there was changed since the run began.
    #[error("{}: was changed by somebody else while this program ran", .0.display())]
    Changed(PathBuf),
    /// Another run writes to it.
    #[error("{}: another run is writing to it", .0.display())]
    Busy(PathBuf),
    /// It is no name of a file or folder.
    #[error("{}: is no name for something new", .0.display())]
    NoName(PathBuf),
    /// The folder for it is not there.
    #[error("{}: there is no such folder to write into", .0.display())]
    NoFolder(PathBuf),
    /// It is among the devices of the system.
    #[error("{}: is among the devices of this computer, where no file is written", .0.display())]
    AmongDevices(PathBuf),
    /// It would be written to the source.
    #[error("{}: is on the source, where nothing is written", .0.display())]
    OnSource(PathBuf),
    /// The system refused.
    #[error("{}: cannot be written: {error}", .path.display())]
    System {
        /// What was written.
        path: PathBuf,
        /// Why it was not.
        #[source]
        error: io::Error,
    },
}

impl WriteError {
    /// The system's error, with what it is about.
    pub(super) fn system(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| match error.kind() {
            io::ErrorKind::AlreadyExists => Self::Exists(path),
            _ => Self::System { path, error },
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Cow<'static, str> {
        let hint = match self {
            Self::Exists(_) | Self::NoName(_) => "give a name that does not exist yet",
            Self::NotEmpty(_) => "give a folder that does not exist yet, or an empty one",
            Self::LeftInside { left, .. } => {
                let command = left.removal();
                return format!("it may hold wallets in plain text; remove it with: {command}")
                    .into();
            }
            Self::Link(_) => "give the place the link leads to, or another one",
            Self::Foreign { .. } | Self::Changed(_) => "name another file",
            Self::Busy(_) => "wait until the other run is done, or give another name",
            Self::NoFolder(_) => "make it first, or give a place in a folder that exists",
            Self::AmongDevices(_) => {
                "give a place in a folder on a disk: nothing is written to a device, connected or not"
            }
            Self::OnSource(_) => "give another name, in a folder that is not on the source",
            Self::System { error, .. } => match error.kind() {
                io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::FileTooLarge => {
                    "there is no room for it: nothing was written; give a place on another disk"
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "give a place where you may write"
                }
                _ => "nothing was written; give a place on another disk",
            },
        };
        hint.into()
    }
}
