//! Copies that are one generation.

use super::backup::Backup;
use crate::backup::Id;
use crate::catalogue::{BackupCopy, Facts};

/// What makes two copies one generation.
#[derive(PartialEq)]
pub(super) enum GenerationKey {
    /// Valid copies: their own id, seed length and time.
    Proved(Id, u32, u32),
    /// Others: their folder, the id it names, and the time in their file name.
    Named(Option<usize>, Option<Id>, Option<u32>),
    /// Traces of erased files that nothing names.
    Erased,
    /// Damaged copies that nothing names: the number of their kin.
    Kin(usize),
}

pub(super) fn proved(copy: &BackupCopy) -> Option<(Id, &Facts, u32)> {
    let facts = copy.facts.as_ref()?;
    Some((facts.id?, facts, facts.timestamp?))
}

pub(super) fn join(
    groups: &mut Vec<(GenerationKey, Backup)>,
    key: GenerationKey,
    copy: usize,
    new: impl FnOnce() -> Backup,
) {
    match groups.iter_mut().find(|(other, _)| *other == key) {
        Some((_, backup)) => backup.copies.push(copy),
        None => groups.push((
            key,
            Backup {
                copies: vec![copy],
                ..new()
            },
        )),
    }
}
