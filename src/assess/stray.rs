//! What lies among the copies of a backup and does not belong there.

use std::collections::{BTreeSet, HashSet};

use super::why::Why;
use super::{Backup, Links, holding};
use crate::catalogue::{Catalogue, Origin, Role};
use crate::finding::{Advice, Finding, Place, Rule};
use crate::firmware::{Answer, DirectoryTrace, LIST_MAX};
use crate::text::{plural, rfc3339};

/// Why a folder does not hold exactly three entries.
pub(super) fn entry_count(
    backup: &Backup,
    catalogue: &Catalogue,
    trace: &DirectoryTrace,
    links: &Links,
    count: usize,
    offset: Option<u64>,
) -> Why {
    let folder = links.node(trace.listing.opened, &[&trace.name]);
    let strays: Vec<_> = trace
        .listing
        .names
        .iter()
        .filter_map(|name| {
            let node = links.node(Some(name.entry), &[&trace.name, &name.bytes])?;
            let is_copy = matches!(catalogue.nodes.get(node)?.role, Role::Copy(_));
            (!is_copy).then_some(node)
        })
        .collect();
    let message = format!(
        "its folder holds {} instead of 3",
        plural(count, "entry", "entries")
    );
    let rule = Rule::EntryCount;
    if count < 3 {
        let cause = match count {
            0 => "the BitBox finds none of its three files",
            1 => "the BitBox finds only one of its three files",
            _ => "the BitBox finds only two of its three files",
        };
        return Why::new(rule, message, offset, cause);
    }
    if count >= LIST_MAX {
        let message = "its folder holds 200 entries or more, perhaps in a loop";
        let cause = "its folder holds 200 entries or more";
        return Why::new(rule, message, offset, cause);
    }
    if !strays.is_empty() && count.saturating_sub(strays.len()) == 3 {
        return of_strays(catalogue, &strays, &message, offset);
    }
    let times: BTreeSet<_> = catalogue
        .copies
        .iter()
        .filter(|copy| {
            catalogue
                .nodes
                .get(copy.node)
                .is_some_and(|node| node.parent == folder)
                && copy.origin == Origin::Live
        })
        .filter_map(|copy| copy.file_name)
        .map(|name| name.timestamp)
        .collect();
    if let Some(begun) = backup.begun {
        let when = begun.map_or_else(String::new, |time| format!(" of {}", rfc3339(time)));
        let cut = format!("a new backup{when} was begun, and nothing of it was written");
        let cause = "a new backup was begun, and nothing of it was written";
        return Why::new(rule, message, offset, cause)
            .and(Finding::new(Rule::InterruptedRecreate, cut, offset))
            .fixed_by(Some(Advice::CreateHere));
    }
    if times.len() > 1 {
        let cut = format!(
            "the folder holds copies of {} backups: making a new one was interrupted",
            times.len()
        );
        return Why::new(rule, message, offset, "making a new backup was interrupted")
            .and(Finding::new(Rule::InterruptedRecreate, cut, offset))
            .fixed_by(Some(Advice::CreateHere));
    }
    let cause = format!("its folder holds {count} entries instead of 3");
    Why::new(rule, message, offset, cause)
}

/// Three copies, and beside them what makes the folder hold more than three entries.
fn of_strays(catalogue: &Catalogue, strays: &[usize], message: &str, offset: Option<u64>) -> Why {
    let nodes = || strays.iter().filter_map(|node| catalogue.nodes.get(*node));
    let names: Vec<_> = nodes().map(|node| format!("\"{}\"", node.name)).collect();
    let shown = names
        .get(..names.len().min(3))
        .unwrap_or_default()
        .join(", ");
    let more = if names.len() > 3 { " and others" } else { "" };
    let (belong, cause) = match names.len() {
        1 => ("does not belong", format!("{shown} lies in its folder")),
        n => (
            "do not belong",
            format!("{n} foreign files lie in its folder"),
        ),
    };
    let message = format!("{message}: {shown}{more} {belong} there");
    let places: Vec<Place> = strays
        .iter()
        .filter_map(|node| holding::place(catalogue, *node, Some("/")))
        .collect();
    let kept = |place: &&Place| place.holds_copies || !place.is_searched;
    let fix = match places.iter().find(kept) {
        Some(place) => Advice::Move(place.clone()),
        None => Advice::Remove(places.into_iter().map(|place| place.path).collect()),
    };
    Why::new(Rule::EntryCount, message, offset, cause).fixed_by(Some(fix))
}

/// Files and folders among the backups that are none, as far as the device counts them.
pub(super) fn strays(catalogue: &Catalogue, answer: &Answer, links: &Links) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A loop shows the same entries again and again: each is told once.
    let mut seen = HashSet::new();
    let mut folders = HashSet::new();
    for trace in &answer.directories {
        let entries = trace.listing.names.iter().map(|name| {
            (
                name.entry,
                links.node(Some(name.entry), &[&trace.name, &name.bytes]),
            )
        });
        if folders.insert(trace.entry) {
            findings.extend(empty_folder(catalogue, trace, links));
        }
        let own = (trace.entry, links.node(Some(trace.entry), &[&trace.name]));
        for (offset, node) in std::iter::once(own).chain(entries) {
            let Some(found) = node.and_then(|node| catalogue.nodes.get(node)) else {
                continue;
            };
            if found.role == Role::Stray && seen.insert(node) {
                let kind = if found.is_directory { "folder" } else { "file" };
                let message = format!("the {kind} {} is no backup", found.path);
                findings.push(Finding::new(Rule::StrayFile, message, links.place(offset)));
            }
        }
    }
    findings
}

/// A wallet's folder without a live copy in it.
fn empty_folder(catalogue: &Catalogue, trace: &DirectoryTrace, links: &Links) -> Option<Finding> {
    let folder = links.node(Some(trace.entry), &[&trace.name])?;
    let node = catalogue.nodes.get(folder)?;
    let Role::Wallet(Some(id)) = node.role else {
        return None;
    };
    let mut live = catalogue
        .copies
        .iter()
        .filter(|copy| copy.origin == Origin::Live);
    let here = live
        .any(|copy| catalogue.nodes.get(copy.node).and_then(|node| node.parent) == Some(folder));
    let offset = links.place(trace.entry);
    (!here).then(|| {
        Finding::new(
            Rule::EmptyFolder,
            format!("the folder of the wallet {id} holds no copy of a backup"),
            offset,
        )
    })
}
