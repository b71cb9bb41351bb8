//! The sentence on backups of which nothing is live and that can be recovered.

use crate::assess::assessment::Assessment;
use crate::assess::verdict::is_partial;
use crate::catalogue::{Catalogue, CopyState};
use crate::text::plural;

/// What can be recovered, and where it was found.
pub(super) fn recoverable(assessment: &Assessment, catalogue: &Catalogue) -> String {
    let backups = assessment.backups.iter();
    let found: Vec<_> = backups.filter(|backup| backup.is_recoverable()).collect();
    let mut wallets: Vec<_> = found.iter().map(|one| (one.id, one.seed_length)).collect();
    wallets.sort();
    wallets.dedup();
    match (found.first(), wallets.len()) {
        (_, n) if n != 1 && catalogue.transform.is_some() => {
            format!("{n} wallets can be recovered: their backups were found in this image.")
        }
        (Some(first), 1) => {
            let whole = first.count(catalogue, false, CopyState::Valid);
            let what = match whole {
                0 => "its damaged copies prove it".to_owned(),
                n => format!(
                    "{} found",
                    plural(n, "intact copy was", "intact copies were")
                ),
            };
            match (first.unread_on, &first.in_file) {
                (_, Some(path)) => format!(
                    "Your backup can be recovered: {what} in the file \"{path}\", which the BitBox does not look into."
                ),
                (Some(name), None) => format!(
                    "Your backup can be recovered: {what} on {name}, a file system that is not read."
                ),
                (None, None) if catalogue.transform.is_some() => {
                    format!("Your backup can be recovered: {what} in this image.")
                }
                (None, None) if is_partial(catalogue) => {
                    format!("Your backup can be recovered: {what}.")
                }
                (None, None) => {
                    format!("Your backup can be recovered: it was deleted or lost, and {what}.")
                }
            }
        }
        (_, n) if found.iter().any(|backup| backup.unread_on.is_some()) => format!(
            "{n} wallets can be recovered: their backups were found by their contents, on a file system that is not read \
             or where they were deleted or lost."
        ),
        (_, n) if found.iter().any(|backup| backup.in_file.is_some()) => format!(
            "{n} wallets can be recovered: their backups were found by their contents, in files that the BitBox does \
             not look into or where they were deleted or lost."
        ),
        (_, n) if is_partial(catalogue) => {
            format!("{n} wallets can be recovered: their backups were found by their contents.")
        }
        (_, n) => format!("{n} wallets can be recovered: their backups were deleted or lost."),
    }
}
