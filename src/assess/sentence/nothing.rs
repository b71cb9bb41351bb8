//! The sentence on a card on which nothing was found.

use crate::assess::assessment::{Assessment, Seen};
use crate::assess::rest::is_bitbox01_deleted;
use crate::assess::unread::{absent, unopened, unopened_places};
use crate::assess::verdict::{is_unfinished, is_unread};
use crate::catalogue::{Absent, Catalogue, LARGE as MOST_SEARCHED, Looked, Node};
use crate::finding::Rule;
use crate::text::plural;

/// Nothing found: what that is worth.
pub(super) fn nothing(assessment: &Assessment, catalogue: &Catalogue) -> String {
    let bitbox01 = is_bitbox01_deleted(assessment);
    let left = left(catalogue);
    let is_file = |node: &Node| !node.is_directory && !node.is_deleted() && node.size > 0;
    let has_others = bitbox01.is_none()
        && left.is_none()
        && assessment.seen == Seen::Card
        && catalogue.nodes.iter().any(is_file);
    let what = match bitbox01 {
        Some(false) => {
            "No backup of a BitBox02 was found, only files of a BitBox01, an older device with another format"
        }
        Some(true) => {
            "No backup of a BitBox02 was found, only deleted files of a BitBox01, an older device with another format"
        }
        None if has_others => "No backup of a BitBox02 was found",
        None => "No backup was found",
    };
    let unread = is_unread(assessment);
    let how = match (assessment.seen, assessment.looked) {
        (Seen::AssumedCard, _) if unread => {
            "in this folder, parts of which could not be read; deleted files of the card it came from were not searched"
        }
        (Seen::AssumedCard, _) if catalogue.nodes.iter().any(|node| node.size > MOST_SEARCHED) => {
            "in this folder; files over 64 MiB and deleted files of the card it came from were not searched"
        }
        (Seen::AssumedCard, _) => {
            "in this folder; deleted files of the card it came from were not searched"
        }
        (_, _) if catalogue.is_part => "in this part of the image; the rest was not searched",
        (_, Looked::Surface) if assessment.verdict.complete => "whole card searched",
        (_, Looked::Surface) if is_unfinished(assessment, catalogue) => {
            "the copy of the card is not finished, and what is missing was not searched"
        }
        (_, Looked::Surface) if assessment.is_cut_short() => "the image ends before the card does",
        (_, Looked::Surface) if unread => "parts of the card could not be read",
        (_, Looked::Surface) if catalogue.is_opaque() && !assessment.has(Rule::TooMuch) => {
            "whole card searched, but not what is encrypted or compressed on it"
        }
        (_, Looked::Surface) => "not all of the card was examined",
        (_, Looked::Deleted) => {
            "in its folders and deleted entries; the rest of the card was not searched"
        }
        (_, Looked::Folders) => "in its live folders; the rest of the card was not searched",
    };
    let how = match left {
        Some(how) if assessment.looked == Looked::Surface && !unread => how,
        Some(left) if assessment.seen == Seen::AssumedCard => {
            how.replacen("in this folder", &format!("in this folder; {left}"), 1)
        }
        _ => how.to_owned(),
    };
    match has_others {
        true => format!("{what} ({how}). Other files are on the card."),
        false => format!("{what} ({how})."),
    }
}

/// What was not looked into, by its path or its place.
fn left(catalogue: &Catalogue) -> Option<String> {
    if let Some(why) = absent(catalogue).next() {
        return Some(match why {
            Absent::Link => "links in it were not followed".to_owned(),
            Absent::Cloud => "files of it are in iCloud and not on this computer".to_owned(),
        });
    }
    let mut files = unopened(catalogue).map(|(path, _)| path);
    let mut places = unopened_places(catalogue).map(|(offset, _)| offset);
    if let Some(path) = files.next() {
        let others = files.count().saturating_add(places.count());
        let more = match others {
            0 => String::new(),
            n => format!(" and {}", plural(n, "other file", "other files")),
        };
        return Some(format!("\"{path}\"{more} could not be looked into"));
    }
    let offset = places.next()?;
    let more = match places.count() {
        0 => String::new(),
        n => format!(" and at {}", plural(n, "other place", "other places")),
    };
    Some(format!(
        "what begins at byte {offset}{more} was not looked into"
    ))
}
