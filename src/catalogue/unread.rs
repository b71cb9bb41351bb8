//! Copies that were not read, and may be whole on the card.

use std::io::ErrorKind;

use super::{Catalogue, CopyState, Node, Problem};
use crate::fat::table::ChainEnd;
use crate::image::{Fault, FolderError};

/// Why copies were not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// The copy of the card is not finished.
    Unfinished,
    /// The image ends before the card does.
    CutShort,
    /// The card or its reader failed.
    Failed,
    /// The computer denies the permission to read them.
    Denied,
}

impl Catalogue {
    /// Why some of these copies were not read; `None` if all were.
    pub(crate) fn unread_among(&self, copies: &[usize]) -> Option<Unread> {
        let copies = copies.iter().filter_map(|copy| self.copies.get(*copy));
        let unread = copies.filter(|copy| copy.state == CopyState::Unreadable);
        let paths: Vec<&str> = unread
            .filter_map(|copy| Some(self.nodes.get(copy.node)?.path.as_str()))
            .collect();
        paths.first()?;
        Some(self.why_unread(&paths))
    }

    /// Why a folder could not be read.
    pub(crate) fn why_unlisted(&self, node: usize) -> Option<Unread> {
        let node = self.nodes.get(node)?;
        Some(self.why_unread(&[&node.path]))
    }

    fn why_unread(&self, paths: &[&str]) -> Unread {
        let is_denied = |trouble: &FolderError| match trouble {
            FolderError::Unknown(cause)
            | FolderError::Unlisted(cause)
            | FolderError::Unreadable(cause) => cause.kind == ErrorKind::PermissionDenied,
            FolderError::Damaged(_) => false,
        };
        let is = |wanted: Fault| {
            self.problems.iter().any(|problem| match problem {
                Problem::Unreadable { what, fault, .. } => {
                    paths.contains(&what.as_str()) && *fault == Some(wanted)
                }
                _ => false,
            })
        };
        let denied = self.problems.iter().any(|problem| match problem {
            Problem::InFolder { path, trouble } => {
                paths.contains(&path.as_str()) && is_denied(trouble)
            }
            _ => false,
        });
        match () {
            () if is(Fault::NotCopied) => Unread::Unfinished,
            () if is(Fault::CutShort) => Unread::CutShort,
            () if denied => Unread::Denied,
            () => Unread::Failed,
        }
    }

    /// Whether what is in a folder could not be read, or not all of it.
    pub(crate) fn is_unlisted(&self, node: &Node) -> bool {
        self.is_path_unlisted(&node.path)
    }

    /// The same of the folder with this path.
    pub(crate) fn is_path_unlisted(&self, folder: &str) -> bool {
        self.problems.iter().any(|problem| match problem {
            Problem::Unreadable { what, .. } => what == folder,
            Problem::Chain { path, end, .. } => path == folder && *end == ChainEnd::Unreadable,
            Problem::InFolder { path, trouble } => match trouble {
                FolderError::Unlisted(_) => path == folder,
                // What is not known to be a file may be one of its copies, or a folder.
                FolderError::Unknown(_) => {
                    path == folder || path.rsplit_once('/').is_some_and(|(up, _)| up == folder)
                }
                FolderError::Unreadable(_) | FolderError::Damaged(_) => false,
            },
            _ => false,
        })
    }
}
