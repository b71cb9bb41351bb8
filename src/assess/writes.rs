//! That firmware before v9.13.0 would write to this card by listing it.

use std::collections::BTreeSet;

use super::views::{MetFolder, Views};
use crate::catalogue::{BackupCopy, CopyState};
use crate::finding::{Finding, Rule, Severity};
use crate::firmware::Rewrite;

/// Every copy that the firmware would write over.
pub(super) fn findings(views: &Views<'_>) -> Vec<Finding> {
    let folders = views.folders();
    let each = folders.flat_map(|folder| {
        let rewritten = folder.trace.rewritten.iter();
        rewritten.map(move |rewrite| finding(views, &folder, rewrite))
    });
    each.collect()
}

fn finding(views: &Views<'_>, folder: &MetFolder<'_>, rewrite: &Rewrite) -> Finding {
    let file = folder.entry_name(rewrite.entry);
    let message = format!(
        "firmware {} would write to this card here: it replaces \"{file}\" in the folder {}",
        views.version,
        folder.name()
    );
    let entry = folder.entry(rewrite.entry);
    let place = entry.and_then(|entry| entry.place());
    let lost = destroyed(views, entry.and_then(|entry| entry.node()), rewrite);
    if lost.is_empty() {
        return Finding::new(Rule::CopyRewritten, message, place);
    }
    let lost: Vec<_> = lost.into_iter().collect();
    let message = format!("{message}, and destroys {}", lost.join(", "));
    Finding::new(Rule::CopyRewritten, message, place).at(Severity::Error)
}

/// The paths of other copies that lie in what is freed or written.
fn destroyed(views: &Views<'_>, own: Option<usize>, rewrite: &Rewrite) -> BTreeSet<String> {
    let catalogue = views.catalogue;
    let is_hit = |copy: &&BackupCopy| {
        let holds = !matches!(copy.state, CopyState::Erased | CopyState::Foreign);
        let hit = copy.extents.iter().any(|extent| {
            let mut touched = rewrite.touched.iter();
            touched.any(|other| extent.offset < other.end() && other.offset < extent.end())
        });
        Some(copy.node) != own && holds && hit
    };
    let copies = catalogue.copies.iter().filter(is_hit);
    copies
        .filter_map(|copy| catalogue.nodes.get(copy.node))
        .map(|node| format!("\"{}\"", node.path))
        .collect()
}
