//! Wallets whose folder could not be read: nothing but its name is known, and they are no less there.

use super::backup::Backup;
use crate::backup::Id;
use crate::catalogue::{Catalogue, Node, Origin, Problem, Role};
use crate::image::FolderError;

/// Adds an entry for each wallet of which only the name of a folder is known that could not be read.
pub(super) fn add_unread(catalogue: &Catalogue, backups: &mut Vec<Backup>) {
    for (index, node) in catalogue.nodes.iter().enumerate() {
        let Some(id) = wallet_of(catalogue, node) else {
            continue;
        };
        let is_live = |copy: &usize| {
            let copy = catalogue.copies.get(*copy);
            copy.is_some_and(|copy| copy.origin == Origin::Live)
        };
        let is_known = |one: &Backup| {
            one.id.is_some_and(|own| own.is_near(&id))
                && (one.unread_folder.is_some()
                    || one.generator.is_some()
                    || one.repaired.is_some()
                    || one.copies.iter().any(is_live))
        };
        if catalogue.is_unlisted(node) && !backups.iter().any(is_known) {
            backups.push(Backup {
                id: Some(id),
                unread_folder: Some(index),
                ..Backup::default()
            });
        }
    }
}

/// The wallet that the name of a live folder says. Where the computer does not say what an entry is, it may be one.
fn wallet_of(catalogue: &Catalogue, node: &Node) -> Option<Id> {
    if node.is_deleted() {
        return None;
    }
    let above = node.parent.and_then(|above| catalogue.nodes.get(above));
    match node.role {
        Role::Wallet(id) => id,
        Role::Stray if above.is_some_and(|above| above.role == Role::Bitbox02) => {
            node.name.parse().ok()
        }
        _ => None,
    }
}

/// Whether a folder could not be read that leads to backups: what only its bytes led to may be live.
pub(super) fn is_way_unread(catalogue: &Catalogue) -> bool {
    let leads = |node: &Node| matches!(node.role, Role::Bitbox02 | Role::Wallet(_));
    let is_unlisted =
        |node: &Node| !node.is_deleted() && leads(node) && catalogue.is_unlisted(node);
    catalogue.nodes.iter().any(is_unlisted) || catalogue.is_path_unlisted("/")
}

/// Whether a path is that of the folder of all backups, or of the root it lies in.
pub(super) fn is_top(path: &str) -> bool {
    path == "/" || path.eq_ignore_ascii_case("/bitbox02")
}

/// Whether a path is on the way to a backup, or of one.
pub(super) fn is_ours(path: &str) -> bool {
    let top = path.trim_start_matches('/').split('/').next();
    path == "/" || top.is_some_and(|top| top.eq_ignore_ascii_case("bitbox02"))
}

/// Whether the computer could not read something of the backups in a folder, and whether that is for lack of permission.
pub(super) fn refused(catalogue: &Catalogue) -> Option<bool> {
    let causes = catalogue.problems.iter().filter_map(|one| match one {
        Problem::InFolder { path, trouble } if is_ours(path) => match trouble {
            FolderError::Unknown(cause)
            | FolderError::Unlisted(cause)
            | FolderError::Unreadable(cause) => Some(cause.kind),
            FolderError::Damaged(_) => None,
        },
        _ => None,
    });
    let causes: Vec<_> = causes.collect();
    let is_denied = causes.contains(&std::io::ErrorKind::PermissionDenied);
    (!causes.is_empty()).then_some(is_denied)
}
