//! The findings of a source.

use std::io::Write;

use bitbox_backup::finding::{Rule, Severity};
use bitbox_backup::report::{BackupReport, FindingReport, Source};
use bitbox_backup::text::plural;

use super::{finding, paragraph};
use crate::args::Global;
use crate::render::phrase::id_cell;

/// Prints the findings of a source: without `--verbose` only what matters, and what else may hold a wallet.
pub(super) fn findings(
    out: &mut impl Write,
    source: &Source,
    global: &Global,
) -> anyhow::Result<()> {
    let first = unopened(source).next();
    let wanted = |one: &FindingReport| {
        let is_beside =
            one.rule == Rule::BitBox01.name() || first.is_some_and(|first| first == one);
        global.verbose || one.severity != Severity::Info || is_beside && !source.backups.is_empty()
    };
    if global.quiet || !source.all_findings().any(wanted) {
        return Ok(());
    }
    writeln!(out)?;
    for one in source.findings.iter().filter(|one| wanted(one)) {
        finding(out, one, "", global.verbose)?;
    }
    let several = source.backups.len() > 1;
    for (backup, one) in of_backups(source).filter(|(_, one)| wanted(one)) {
        let about = match several {
            true => format!("{}: ", id_cell(backup)),
            false => String::new(),
        };
        finding(out, one, &about, global.verbose)?;
    }
    let more = unopened(source).count().saturating_sub(1);
    if more > 0 && !global.verbose && !source.backups.is_empty() {
        let more = plural(more, "more file was", "more files were");
        let text = format!("{more} not looked into. --verbose names them.");
        paragraph(out, &text, "  ")?;
    }
    Ok(())
}

/// What else on a card may hold a wallet and was not looked into.
fn unopened(source: &Source) -> impl Iterator<Item = &FindingReport> {
    let name = Rule::FileNotSearched.name();
    source.findings.iter().filter(move |one| one.rule == name)
}

/// The findings of the backups, each once: two backups in one folder have those of the folder in common.
pub(super) fn of_backups(source: &Source) -> impl Iterator<Item = (&BackupReport, &FindingReport)> {
    let all = source.backups.iter().enumerate();
    all.flat_map(|(index, backup)| {
        let before = source.backups.get(..index).unwrap_or_default();
        let is_new = move |one: &&FindingReport| {
            let mut same = before.iter().filter(|other| other.id == backup.id);
            !same.any(|other| other.findings.contains(one))
        };
        let new = backup.findings.iter().filter(is_new);
        new.map(move |one| (backup, one))
    })
}
