//! What every form of an answer says in the same words.

use std::path::Path;

use bitbox_backup::assess::State;
use bitbox_backup::audit::Skipped;
use bitbox_backup::firmware::Version;
use bitbox_backup::recover::RecoveryReport;
use bitbox_backup::report::{BackupReport, FindingReport, Source, Summary};
use bitbox_backup::text::{bytes, path_text, plural, quoted, short_id};

/// Whose rules these are and how they are known.
pub(crate) fn basis(firmware: Version) -> String {
    let how = match bitbox_backup::report::basis(firmware) {
        "observed" => "verified by running that firmware",
        _ => "read in its source; versions from 9.13.0 on were verified by running them",
    };
    format!("The BitBox's view is that of firmware {firmware}, {how}.")
}

/// Everything counted, in a sentence.
pub(crate) fn counts(summary: &Summary) -> String {
    let failed = match summary.failed {
        0 => String::new(),
        some => format!(", {some} could not be read"),
    };
    let unsearched = match summary.unsearched {
        0 => String::new(),
        some => format!(", {some} not wholly searched"),
    };
    let left_out = match summary.left_out {
        0 => String::new(),
        more => format!(" {}", left_out(more)),
    };
    format!(
        "{}{failed}{unsearched}; {}, {} healthy; {}, {}.{left_out}",
        plural(summary.sources, "source", "sources"),
        plural(summary.backups, "backup", "backups"),
        summary.healthy,
        plural(summary.findings.error, "error", "errors"),
        plural(summary.findings.warning, "warning", "warnings"),
    )
}

/// What lies in a folder of cards and is not examined, the first few by name.
pub(crate) fn skipped(skipped: &Skipped) -> String {
    const SHOWN: usize = 5;
    let Skipped { source, files, .. } = skipped;
    let shown = files.get(..SHOWN).unwrap_or(files).join(", ");
    let more = match files.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{source}: no card images, skipped: {shown}{more}")
}

/// What an interrupted run did not come to.
pub(crate) fn left_out(more: usize) -> String {
    let more = plural(more, "more source was", "more sources were");
    format!("Interrupted: {more} not examined.")
}

/// The first digits of the id.
pub(crate) fn id_cell(backup: &BackupReport) -> String {
    let id = backup.id.as_deref();
    id.map_or_else(|| "?".to_owned(), short_id)
}

/// A wallet in a table: the first digits of its ID, and its name where it has one.
pub(crate) fn called(id: String, name: Option<&str>) -> String {
    match name {
        None | Some("") => id,
        Some(name) => format!("{id} {name}"),
    }
}

/// A wallet in a sentence: the first digits of its ID, and its name where it has one.
fn named(id: String, name: Option<&str>) -> String {
    match name {
        None | Some("") => id,
        Some(name) => format!("{id} \"{name}\""),
    }
}

/// The wallets that were recovered, by name, where they are more than one.
pub(crate) fn each_wallet(report: &RecoveryReport) -> Option<String> {
    let all = report.recovered.iter();
    let named = all.map(|one| named(short_id(&one.id), one.name.as_deref()));
    let named: Vec<_> = named.collect();
    let (count, named) = (named.len(), named.join(", "));
    (count > 1).then(|| format!("each of the {count} wallets, one after the other ({named})"))
}

/// Whether a backup is more than the trace of one.
pub(crate) fn is_live(backup: &&BackupReport) -> bool {
    !backup.state.is_trace()
}

/// Things of the same kind together; the kinds in the order in which they come up.
pub(crate) fn by_kind<K: PartialEq, T>(all: impl Iterator<Item = (K, T)>) -> Vec<(K, Vec<T>)> {
    let mut kinds: Vec<(K, Vec<T>)> = Vec::new();
    for (kind, one) in all {
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, same)) => same.push(one),
            None => kinds.push((kind, vec![one])),
        }
    }
    kinds
}

/// How many backups are in which state.
pub(crate) fn backups(source: &Source) -> String {
    let all = source.backups.iter();
    let mut kinds = by_kind(all.map(|backup| ((backup.state, state(backup)), backup)));
    kinds.sort_by(|(one, _), (other, _)| one.cmp(other));
    let kinds = kinds.iter();
    let kinds = kinds.map(|((_, word), same)| format!("{} {word}", same.len()));
    kinds.collect::<Vec<_>>().join(", ")
}

/// The word for a state. What its bytes led to on a file system that is not read may be no deleted file.
pub(crate) fn state(backup: &BackupReport) -> String {
    match (backup.state, &backup.cause) {
        (State::Deleted, Some(_)) => "carved".to_owned(),
        (state, _) => state.to_string(),
    }
}

/// Every finding of a card; where the card holds several backups, with the one it is about.
pub(crate) fn findings(source: &Source) -> impl Iterator<Item = (&FindingReport, Option<String>)> {
    let several = source.backups.iter().filter(is_live).count() > 1;
    let of_card = source.findings.iter().map(|finding| (finding, None));
    let of_backups = source.backups.iter().flat_map(move |backup| {
        let about = several.then(|| named(id_cell(backup), backup.name.as_deref()));
        let findings = backup.findings.iter();
        findings.map(move |finding| (finding, about.clone()))
    });
    of_card.chain(of_backups)
}

/// Bytes in the largest unit that fits.
pub(crate) fn human(size: u64) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut value = size as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    match unit {
        0 => bytes(size),
        _ => format!("{value:.1} {}", units.get(unit).unwrap_or(&"")),
    }
}

/// `34161152 bytes (32.6 MiB)`.
pub(crate) fn exact_size(size: u64) -> String {
    match size {
        ..1024 => bytes(size),
        _ => format!("{} ({})", bytes(size), human(size)),
    }
}

/// A path as a shell takes it, if it is plain text.
pub(crate) fn shell(path: &Path) -> String {
    let path = path_text(path);
    quoted(&path).unwrap_or(path)
}

/// How the image of a card gets onto a card; the command stands on a line of its own.
pub(crate) fn to_new_card(image: &Path) -> String {
    format!(
        "Take every other card out of this computer first. Write the image of a card to a new card, never to the old one: with an imaging program, or with this \
         command, where sdX is the new card (`bitbox-backup sources` lists them). All that is on sdX is erased.\n\
         dd if={} of=/dev/sdX bs=4M conv=fsync",
        shell(image)
    )
}
