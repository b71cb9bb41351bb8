//! That firmware before v9.13.0 would write to this card by listing it.

use std::collections::BTreeSet;

use super::both_views::{MetFolder, Views};
use crate::catalogue::Role;
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

/// Whether an earlier copy was written over, and with it the folder of a backup or what is in it.
pub(super) fn destroyer(folder: &MetFolder<'_>) -> Option<String> {
    let views = folder.views;
    let own = folder.listed()?;
    let is_own = |node: usize| {
        let parent = views.catalogue.nodes.get(node).and_then(|node| node.parent);
        node == own || parent == Some(own)
    };
    let mut before = views.folders();
    before.find_map(|other| {
        let mut rewritten = other.trace.rewritten.iter();
        let hits = rewritten.any(|rewrite| {
            let entry = other.entry(rewrite.entry).and_then(|entry| entry.node());
            let mut hit = hit(views, entry, rewrite);
            other.trace.entry != folder.trace.entry && hit.any(is_own)
        });
        hits.then(|| other.name())
    })
}

/// The folders and copies that lie in what is freed or written, but for the file itself.
fn hit<'a>(
    views: &'a Views<'_>,
    own: Option<usize>,
    rewrite: &'a Rewrite,
) -> impl Iterator<Item = usize> + 'a {
    let nodes = views.catalogue.nodes.iter().enumerate();
    let matters = |role| matches!(role, Role::Bitbox02 | Role::Wallet(_) | Role::Copy(_));
    let hit = nodes.filter(move |(index, node)| {
        let overlaps = node.extents.iter().any(|extent| {
            let mut touched = rewrite.touched.iter();
            touched.any(|other| extent.offset < other.end() && other.offset < extent.end())
        });
        Some(*index) != own && !node.is_deleted() && matters(node.role) && overlaps
    });
    hit.map(|(index, _)| index)
}

fn destroyed(views: &Views<'_>, own: Option<usize>, rewrite: &Rewrite) -> BTreeSet<String> {
    let nodes = hit(views, own, rewrite).filter_map(|node| views.catalogue.nodes.get(node));
    nodes.map(|node| format!("\"{}\"", node.path)).collect()
}
