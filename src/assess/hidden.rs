//! Why the device does not show what is on the card.

use super::why::Why;
use super::{Backup, Links, holding, stray};
use crate::catalogue::{Catalogue, CopyState, Origin, Role};
use crate::finding::{Advice, Rule, Severity};
use crate::firmware::{
    Answer, DirectoryTrace, Hidden, LIST_MAX, List, LoadError, Outcome, Version, Winner,
};

/// How the device lists a backup, if it does.
pub(super) fn listed_by(
    backup: &Backup,
    catalogue: &Catalogue,
    answer: &Answer,
    links: &Links,
) -> Option<Winner> {
    let List::Ok(list) = &answer.list else {
        return None;
    };
    list.iter().find_map(|listed| {
        let trace = answer.directories.get(listed.directory)?;
        let Outcome::Listed(winner) = trace.outcome else {
            return None;
        };
        match winner {
            Winner::Copy(index) => {
                let name = trace.listing.names.get(index)?;
                let file = trace.files.get(index).copied().flatten();
                let node = links.node(file, &[&trace.name, &name.bytes])?;
                is_in(backup, catalogue, node).then_some(winner)
            }
            Winner::Vote => {
                let folder = links.node(trace.listing.opened, &[&trace.name])?;
                let here = folders(backup, catalogue).contains(&folder);
                let own = backup.id.is_some_and(|id| id.to_string() == listed.id);
                let same = own || backup.repaired.is_some();
                (here && same && backup.timestamp == Some(listed.timestamp)).then_some(winner)
            }
        }
    })
}

/// Whether a file is one of a backup's copies, or another name of the place of one.
fn is_in(backup: &Backup, catalogue: &Catalogue, node: usize) -> bool {
    let role = catalogue.nodes.get(node).map(|node| node.role);
    backup.copies.iter().any(|index| {
        let copy = catalogue.copies.get(*index);
        role == Some(Role::Copy(*index)) || copy.is_some_and(|copy| copy.node == node)
    })
}

/// The folders in which live copies of a backup lie.
fn folders(backup: &Backup, catalogue: &Catalogue) -> Vec<usize> {
    let mut folders = Vec::new();
    for index in &backup.copies {
        let Some(copy) = catalogue
            .copies
            .get(*index)
            .filter(|copy| copy.origin == Origin::Live)
        else {
            continue;
        };
        let folder = catalogue.nodes.get(copy.node).and_then(|node| node.parent);
        if let Some(folder) = folder.filter(|folder| !folders.contains(folder)) {
            folders.push(folder);
        }
    }
    folders
}

/// Adds the finding that hides a backup, with cause and remedy in short.
pub(super) fn explain(
    backup: &mut Backup,
    catalogue: &Catalogue,
    answer: &Answer,
    links: &Links,
    version: Version,
) {
    let folders = folders(backup, catalogue);
    let trace = answer.directories.iter().find(|trace| {
        let opened = links.node(trace.listing.opened, &[&trace.name]);
        let listed = links.node(Some(trace.entry), &[&trace.name]);
        folders
            .iter()
            .any(|folder| opened == Some(*folder) || listed == Some(*folder))
    });
    let why = match trace {
        Some(trace) => of_trace(backup, catalogue, answer, trace, links, version),
        None => of_place(backup, catalogue, answer, &folders),
    };
    why.add_to(backup);
}

/// A backup the device never meets in `bitbox02`.
fn of_place(backup: &Backup, catalogue: &Catalogue, answer: &Answer, folders: &[usize]) -> Why {
    let folder = folders
        .first()
        .and_then(|folder| catalogue.nodes.get(*folder));
    let first = backup
        .copies
        .first()
        .and_then(|copy| catalogue.copies.get(*copy))
        .and_then(|copy| catalogue.nodes.get(copy.node));
    let offset = folder.or(first).and_then(|node| node.offset());
    if let List::Error(_) | List::Crash(_) = &answer.list
        && answer.directories.is_empty()
    {
        return not_reached(answer, offset);
    }
    let mounted = answer
        .volume
        .zip(folder.or(first).and_then(|node| node.volume))
        .is_none_or(|(mounted, volume)| {
            catalogue
                .volumes
                .get(volume)
                .is_some_and(|volume| volume.partition.extent.offset == mounted)
        });
    let in_folder = folder.is_some_and(|node| {
        node.parent
            .and_then(|parent| catalogue.nodes.get(parent))
            .is_some_and(|parent| parent.role == Role::Bitbox02)
    });
    if mounted && in_folder && answer.directories.len() >= LIST_MAX {
        let message = format!("its folder comes after the first {LIST_MAX} names in bitbox02");
        return Why::new(
            Rule::ListLimit,
            message,
            offset,
            "it comes after the first 200 names in bitbox02",
        );
    }
    if mounted && in_folder {
        let cause = match answer.cut_short {
            Some(error) => format!("the listing of bitbox02 ends early: {error}"),
            None => "the BitBox does not see its folder in bitbox02".to_owned(),
        };
        return Why::new(Rule::ListCutShort, cause.clone(), offset, cause);
    }
    let path = folder.or(first).map_or("/", |node| node.path.as_str());
    let message = if mounted {
        format!("it lies in {path}; the BitBox looks only in /bitbox02/<id>")
    } else {
        format!("it lies in {path} of a volume that the BitBox does not mount")
    };
    let wallet = folders.first().filter(|folder| {
        let node = catalogue.nodes.get(**folder);
        node.is_some_and(|node| matches!(node.role, Role::Wallet(Some(_))))
    });
    let fix = wallet
        .filter(|_| mounted)
        .and_then(|folder| holding::place(catalogue, *folder, Some("/bitbox02")));
    let cause = if mounted {
        "it does not lie in the folder bitbox02 in the root of the card"
    } else {
        "it lies on a volume that the BitBox does not use"
    };
    Why::new(Rule::OutsideFolder, message, offset, cause).fixed_by(fix.map(Advice::Move))
}

fn not_reached(answer: &Answer, offset: Option<u64>) -> Why {
    let cause = match answer.list {
        List::Crash(_) => "the BitBox crashes before it shows any backup",
        _ => "the BitBox cannot list this card",
    };
    Why::new(Rule::NotReached, cause, offset, cause)
}

/// A backup in a folder the device came to, or would have come to.
fn of_trace(
    backup: &Backup,
    catalogue: &Catalogue,
    answer: &Answer,
    trace: &DirectoryTrace,
    links: &Links,
    version: Version,
) -> Why {
    let name = links.folder_name(catalogue, trace);
    let offset = links.place(trace.entry);
    let entry = |index: usize| trace.listing.names.get(index);
    let entry_name = |index: usize| links.entry_name(catalogue, trace, index);
    let entry_node = |index: usize| {
        let name = entry(index)?;
        links.node(Some(name.entry), &[&trace.name, &name.bytes])
    };
    let entry_offset = |index: usize| {
        entry(index)
            .map(|name| name.entry)
            .and_then(|offset| links.place(offset))
    };
    let failed = !matches!(answer.list, List::Ok(_));
    match &trace.outcome {
        Outcome::NotReached | Outcome::Crashes(_) => not_reached(answer, offset),
        Outcome::Listed(_) if failed => not_reached(answer, offset),
        Outcome::Listed(_) => other_shown(backup, catalogue, trace, links, offset),
        Outcome::Hidden(hidden) => match hidden {
            Hidden::EntryCount { count } => {
                stray::entry_count(backup, catalogue, trace, links, *count, offset)
            }
            Hidden::NameNotUtf8 { entry } => {
                let file = entry_name(*entry);
                let message =
                    format!("\"{file}\" in its folder has a letter beyond ASCII in its name");
                let fix = entry_node(*entry).and_then(|node| holding::place(catalogue, node, None));
                Why::new(
                    Rule::NameNotUtf8,
                    message,
                    entry_offset(*entry),
                    format!("the name \"{file}\" has an accented letter"),
                )
                .fixed_by(fix.map(Advice::Rename))
            }
            Hidden::Unreadable { entry, error } => {
                let file = entry_name(*entry);
                let (rule, what) = match error {
                    LoadError::Open(_) => {
                        (Rule::FileUnopenable, "cannot be opened by its own name")
                    }
                    LoadError::NotAFile => (Rule::SubFolder, "is a folder"),
                    LoadError::TooLarge { .. } => (Rule::FileTooLarge, "is over 1024 bytes"),
                    LoadError::Read(_) => (Rule::FileUnreadable, "cannot be read"),
                };
                let fix = entry_node(*entry)
                    .filter(|_| matches!(error, LoadError::NotAFile | LoadError::TooLarge { .. }))
                    .and_then(|node| holding::place(catalogue, node, Some("/")))
                    .map(Advice::Move);
                Why::new(
                    rule,
                    format!("\"{file}\" {what}: {error}"),
                    entry_offset(*entry),
                    format!("\"{file}\" {what}"),
                )
                .fixed_by(fix)
            }
            Hidden::NotADirectory => {
                let twice = trace
                    .listing
                    .opened
                    .is_some_and(|opened| opened != trace.entry);
                let rule = if twice {
                    Rule::SameFolderTwice
                } else {
                    Rule::FolderUnopenableWallet
                };
                Why::new(
                    rule,
                    format!("the folder \"{name}\" is not found by its own name"),
                    offset,
                    "its folder cannot be opened by its name",
                )
            }
            Hidden::Unopenable(error) => Why::new(
                Rule::FolderUnopenableWallet,
                format!("the folder \"{name}\" cannot be opened: {error}"),
                offset,
                "its folder cannot be opened",
            ),
            Hidden::Unrewritable { entry } => {
                let file = entry_name(*entry);
                Why::new(
                    Rule::Unrewritable,
                    format!("\"{file}\" is broken and cannot be rewritten by firmware {version}"),
                    entry_offset(*entry),
                    format!("\"{file}\" cannot be rewritten"),
                )
            }
            Hidden::LengthsDiffer | Hidden::NothingPasses => {
                let folder = links.node(trace.listing.opened, &[&trace.name]);
                nothing_passes(backup, catalogue, hidden, folder, &name, offset)
            }
        },
    }
}

/// The folder is listed, but not this backup of it.
fn other_shown(
    backup: &Backup,
    catalogue: &Catalogue,
    trace: &DirectoryTrace,
    links: &Links,
    offset: Option<u64>,
) -> Why {
    let here = links.node(trace.listing.opened, &[&trace.name]);
    if !folders(backup, catalogue)
        .iter()
        .any(|folder| here == Some(*folder))
    {
        let message = format!(
            "another folder named \"{}\" stands before it, and the BitBox opens that one",
            links.folder_name(catalogue, trace)
        );
        return Why::new(
            Rule::SameFolderTwice,
            message,
            offset,
            "another folder has the same name",
        );
    }
    // A warning elsewhere, but here it hides this backup.
    Why::new(
        Rule::OlderShown,
        "the BitBox shows another copy in this folder, which stands first",
        offset,
        "the BitBox shows another backup from the same folder",
    )
    .at(Severity::Error)
}

fn nothing_passes(
    backup: &Backup,
    catalogue: &Catalogue,
    hidden: &Hidden,
    folder: Option<usize>,
    name: &str,
    offset: Option<u64>,
) -> Why {
    let id = backup.id.map(|id| id.to_string());
    let whole = super::generation::count(catalogue, backup, true, CopyState::Valid) > 0;
    let renamed = |id: &str| folder.and_then(|node| holding::place(catalogue, node, Some(id)));
    match id {
        Some(id) if whole && name.eq_ignore_ascii_case(&id) && name != id => Why::new(
            Rule::FolderUpperCase,
            format!("its folder is named \"{name}\", in upper case"),
            offset,
            "its folder is named in upper case",
        )
        .fixed_by(renamed(&id).map(Advice::Rename)),
        Some(id) if whole && name != id => Why::new(
            Rule::FolderRenamed,
            format!("its folder is named \"{name}\", not {id}"),
            offset,
            "its folder has another name than the ID",
        )
        .fixed_by(renamed(&id).map(Advice::Rename)),
        _ if whole => Why::new(
            Rule::CopySizeDiffers,
            "a whole copy is in its files, but their directory entries say another size",
            offset,
            "the directory entries say a wrong size of its files",
        ),
        _ if matches!(hidden, Hidden::LengthsDiffer) => Why::new(
            Rule::LengthsDiffer,
            "no copy is whole, and their lengths differ",
            offset,
            "all copies are damaged",
        ),
        _ => Why::new(
            Rule::NothingPasses,
            "neither a copy nor their majority is whole",
            offset,
            "all copies are damaged",
        ),
    }
}
