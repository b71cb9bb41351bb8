//! The words of the steps that name files and folders of a card.

use std::collections::BTreeSet;

use bitbox_backup::finding::Place;
use bitbox_backup::text::short_id;

/// Deletes what systems put there from the folder of a backup.
pub(super) fn removing(paths: &[String], is_folder: bool) -> String {
    let (from, then) = match is_folder {
        true => (
            "from the folder",
            "On a card, the BitBox then shows the backup.",
        ),
        false => (
            "from the card with a computer",
            "The BitBox then shows the backup.",
        ),
    };
    let them = if paths.len() == 1 { "it" } else { "them" };
    let paths: Vec<_> = paths.iter().map(String::as_str).collect();
    format!(
        "Delete {} {from}: no copy of a backup is in {them}. {then}",
        listed(&paths)
    )
}

/// All of these paths; of several in one folder their names.
fn listed(paths: &[&str]) -> String {
    let all = |names: &[&str]| {
        let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
        match names.split_last() {
            Some((last, before)) if !before.is_empty() => {
                format!("{} and {last}", before.join(", "))
            }
            _ => names.concat(),
        }
    };
    let split: Vec<_> = paths
        .iter()
        .filter_map(|path| path.rsplit_once('/'))
        .collect();
    let above: BTreeSet<_> = split.iter().map(|(above, _)| above).collect();
    match above.first() {
        Some(folder) if paths.len() > 1 && above.len() == 1 => {
            let names: Vec<_> = split.iter().map(|(_, name)| *name).collect();
            format!("{} in \"{folder}\"", all(&names))
        }
        _ => all(paths),
    }
}

/// What must not happen to a place that holds backups.
fn kept(place: &Place) -> String {
    match place.only.as_slice() {
        [] if place.holds_copies => " Do not remove it: copies of a backup are in it.".to_owned(),
        [] if !place.is_searched => {
            " Check its contents before you remove it: not all of it was searched.".to_owned()
        }
        [] => String::new(),
        ids => {
            let ids: Vec<_> = ids.iter().map(|id| short_id(id)).collect();
            format!(
                " Do not remove it: it holds the only backup of {}.",
                ids.join(", ")
            )
        }
    }
}

pub(super) fn renaming(place: &Place) -> String {
    let name = place.path.rsplit('/').next().unwrap_or_default();
    let to = match &place.to {
        Some(to) if name != to && name.to_lowercase() == to.to_lowercase() => format!(
            "Rename \"{}\" to any other name, and then to \"{to}\", with a computer: many computers do not take upper and \
             lower case of the same letters for two names.",
            place.path
        ),
        Some(to) => format!("Rename \"{}\" to \"{to}\" with a computer.", place.path),
        None => format!(
            "Rename \"{}\" with a computer: a name without accented letters.",
            place.path
        ),
    };
    format!("{to}{}", kept(place))
}

pub(super) fn moving(place: &Place) -> String {
    let to = place.to.as_deref().unwrap_or("/");
    let path = &place.path;
    format!(
        "Move \"{path}\" into \"{to}\" with a computer.{}",
        kept(place)
    )
}

/// Moves what a person put there out of the folder of a backup.
pub(super) fn moving_out(places: &[Place]) -> String {
    let paths: Vec<_> = places.iter().map(|place| place.path.as_str()).collect();
    let to = match places.iter().all(|place| place.to.is_some()) {
        true => "the root of the card",
        false => "a new folder in the root of the card",
    };
    let is_one = match places {
        [one] if one.holds_copies => {
            return format!(
                "Move {} to {to} with a computer.{}",
                listed(&paths),
                kept(one)
            );
        }
        [_] => true,
        _ => false,
    };
    let why = match (is_one, places.iter().all(|place| place.is_searched)) {
        _ if places.iter().any(|place| place.holds_copies) => "copies of a backup are in them",
        (true, false) => "it could not be searched",
        (false, false) => "not all of them could be searched",
        (true, true) => "something that belongs to the wallet may be in it",
        (false, true) => "something that belongs to the wallet may be in them",
    };
    let them = if is_one { "it" } else { "them" };
    format!(
        "Move {} to {to} with a computer, and keep {them}: {why}. The BitBox then shows the backup.",
        listed(&paths)
    )
}
