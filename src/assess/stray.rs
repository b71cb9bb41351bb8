//! What lies among the copies of a backup and does not belong there.

use std::collections::HashSet;

use super::why::{FRESH, Why};
use super::{Backup, Links, plural};
use crate::catalogue::{Catalogue, CopyState, Origin, Role};
use crate::finding::{Finding, Rule};
use crate::firmware::{Answer, DirectoryTrace, LIST_MAX};

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
            (!is_copy).then(|| catalogue.nodes.get(node).map(|node| node.name.clone()))?
        })
        .collect();
    let own = super::generation::count(catalogue, backup, true, CopyState::Valid);
    let message = format!(
        "its folder holds {} instead of 3",
        plural(count, "entry", "entries")
    );
    let rule = Rule::EntryCount;
    if count < 3 {
        let cause = match count {
            0 => "the device finds none of its three files".to_owned(),
            1 => "the device finds only one of its three files".to_owned(),
            _ => "the device finds only two of its three files".to_owned(),
        };
        return Why::new(rule, message, offset, cause, FRESH);
    }
    if count >= LIST_MAX {
        return Why::new(
            rule,
            "its folder holds 200 entries or more, perhaps in a loop",
            offset,
            "its folder holds 200 entries or more",
            FRESH,
        );
    }
    let copies = count - strays.len().min(count);
    if !strays.is_empty() && copies == 3 {
        let shown = strays
            .iter()
            .take(3)
            .map(|name| format!("\"{name}\""))
            .collect::<Vec<_>>()
            .join(", ");
        let more = if strays.len() > 3 { " and others" } else { "" };
        let cause = match strays.len() {
            1 => "of a stray file".to_owned(),
            n => format!("of {n} stray files"),
        };
        let message = format!(
            "{message}: {shown}{more} {} there",
            if strays.len() == 1 {
                "does not belong"
            } else {
                "do not belong"
            }
        );
        return Why::new(
            rule,
            message,
            offset,
            cause,
            format!("remove {shown}{more}, or {FRESH}"),
        );
    }
    let times: std::collections::BTreeSet<_> = catalogue
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
    if times.len() > 1 {
        let cut = format!(
            "the folder holds copies of {} backups, as an interrupted re-creation leaves them",
            times.len()
        );
        let remedy = if own > 0 {
            "create the backup again with the BitBox"
        } else {
            FRESH
        };
        return Why::new(
            rule,
            message,
            offset,
            "a re-creation was interrupted",
            remedy,
        )
        .and(Finding::new(Rule::InterruptedRecreate, cut, offset));
    }
    Why::new(
        rule,
        message,
        offset,
        format!("its folder holds {count} entries instead of 3"),
        FRESH,
    )
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
