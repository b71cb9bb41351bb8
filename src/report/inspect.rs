//! What `inspect` shows beyond `list`: the tree, and the fields of each copy.

use super::field::fields;
use super::node::NodeReport;
use super::source::Source;
use crate::assess::Assessment;
use crate::catalogue::Catalogue;

/// Adds what `inspect` shows beyond `list`: the whole tree and the fields of each copy.
pub fn inspect(source: &mut Source, assessment: &Assessment, catalogue: &Catalogue) {
    if let Some(card) = &mut source.card {
        card.tree = Some(catalogue.nodes.iter().map(NodeReport::of).collect());
    }
    for (backup, report) in assessment.backups.iter().zip(&mut source.backups) {
        for (index, copy) in backup.copies.iter().zip(&mut report.copies) {
            if let Some(found) = catalogue.copies.get(*index)
                && found.form.is_none()
            {
                copy.fields = fields(found, catalogue.bytes(*index));
            }
        }
    }
}
