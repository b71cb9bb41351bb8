//! What could not be read or was not looked into, and may hold backups: folders, files, and places; and the steps that
//! look into them.

use super::backup::Backup;
use crate::backup::Id;
use crate::catalogue::{Absent, Catalogue, Node, Origin, Problem, Role};
use crate::finding::Advice;
use crate::image::{FolderError, Foreign};
use crate::partition::FoundBy;

/// Most files that are named each in a step of its own.
const MOST_UNPACKED: usize = 8;

/// Adds an entry for each wallet of which only the name of a folder is known that could not be read: it is no less there.
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

/// The live files that may hold backups and were not looked into.
pub(super) fn unopened(catalogue: &Catalogue) -> impl Iterator<Item = (&str, Foreign)> {
    let problems = catalogue.problems.iter();
    problems.filter_map(|problem| match problem {
        Problem::Unopened { path, what } => Some((path.as_str(), *what)),
        _ => None,
    })
}

/// Why files that a folder shows are not in it.
pub(super) fn absent(catalogue: &Catalogue) -> impl Iterator<Item = Absent> {
    let problems = catalogue.problems.iter();
    problems.filter_map(|problem| match problem {
        Problem::Absent { why, .. } => Some(*why),
        _ => None,
    })
}

/// Where on the card what may hold backups begins, to which no entry leads, and was not looked into.
pub(super) fn unopened_places(catalogue: &Catalogue) -> impl Iterator<Item = (u64, Foreign)> {
    let problems = catalogue.problems.iter();
    problems.filter_map(|problem| match problem {
        Problem::UnopenedAt { offset, what } => Some((*offset, *what)),
        _ => None,
    })
}

/// Adds the steps that look into it.
pub(super) fn look_into(next: &mut Vec<Advice>, catalogue: &Catalogue) {
    let files = unopened(catalogue).take(MOST_UNPACKED);
    next.extend((1_usize..).zip(files).map(unpack));
    let mut places = unopened_places(catalogue);
    if let Some((offset, what)) = places.next() {
        next.push(Advice::UnpackAt {
            offset,
            others: places.count(),
            what: what.name().to_owned(),
            // It has no name before somebody gives it one.
            how: clause(what, "FILE", next.len().saturating_add(1)),
        });
    }
    let opaque = catalogue.opaque();
    next.extend(opaque.map(|volume| Advice::Unlock {
        what: volume.file_system.name().to_owned(),
        is_whole: volume.partition.origin == FoundBy::Superfloppy,
    }));
    next.extend(absent(catalogue).map(|why| match why {
        Absent::Link => Advice::FollowLinks,
        Absent::Cloud => Advice::Download,
    }));
}

fn unpack((number, (path, what)): (usize, (&str, Foreign))) -> Advice {
    let name = path.rsplit('/').next().unwrap_or(path);
    // In quotes a name is found again where names are left out.
    let is_plain = !name.contains(['"', '\\', '$', '`', '!', '%']) && !name.starts_with('-');
    let file = match is_plain {
        true => format!("\"{name}\""),
        false => "FILE".to_owned(),
    };
    Advice::Unpack {
        path: path.to_owned(),
        what: what.name().to_owned(),
        how: clause(what, &file, number),
    }
}

/// How to look into what is called so. What the step of this number makes has another name than what others make.
fn clause(what: Foreign, file: &str, number: usize) -> String {
    let stem = match number {
        0 | 1 => "unpacked".to_owned(),
        _ => format!("unpacked-{number}"),
    };
    let hint = what.hint().replace("NEW", &what.new_name(&stem));
    hint.replace("FILE", file)
}
