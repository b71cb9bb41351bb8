//! A table for a person with a spreadsheet, and for scripts; described in docs/csv.md.

use std::path::Path;

use bitbox_backup::audit::Across;
use bitbox_backup::files::{Mark, Sources};
use bitbox_backup::finding::Severity;
use bitbox_backup::report::{BackupReport, FindingReport, Source};
use csv::Terminator;

use super::report::{Report, word};
use crate::output::file::ReportFile;
use crate::privacy;
use crate::spreadsheet::guard;

/// The names of the columns that all versions write, in their order.
const HEAD: &str = "source,status,card_state,verdict,id,words,name,timestamp,created,birthdate,\
    generator,state,copies_valid,copies_other,written_by,repaired_by,cause,errors,warnings,\
    card_errors,card_warnings,severity,rule,problem,advice,kind,card_size,size,modified,inode,\
    sha256,also";
/// By what an earlier table is known again.
const MARK: Mark = Mark {
    kind: "a CSV report",
    beginning: HEAD.as_bytes(),
    within: b"",
};

/// The names of the columns: what came later stands behind the others.
fn columns() -> impl Iterator<Item = &'static str> {
    HEAD.split(',').chain(["redacted"])
}

pub(crate) struct Csv {
    out: csv::Writer<ReportFile>,
}

impl Csv {
    pub(crate) fn create(place: &Path, sources: &Sources) -> anyhow::Result<Self> {
        let mut out = csv::WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .from_writer(ReportFile::create(place, sources, &MARK)?);
        out.write_record(columns())?;
        Ok(Self { out })
    }
}

impl Report for Csv {
    fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        if source.backups.is_empty() {
            self.out.write_record(row(source, None))?;
        }
        for backup in &source.backups {
            self.out.write_record(row(source, Some(backup)))?;
        }
        Ok(())
    }

    fn end(self: Box<Self>, _: &Across) -> anyhow::Result<()> {
        let file = self.out.into_inner().map_err(|error| error.into_error())?;
        file.finish()
    }
}

/// A backup on a card, or a card without any.
fn row(source: &Source, backup: Option<&BackupReport>) -> Vec<String> {
    let mut row = vec![
        guard(&source.source),
        word(&source.status),
        source.state.name().to_owned(),
        text(source.verdict.as_deref()),
    ];
    row.extend(about(backup));
    let mine = backup.map_or(&[][..], |backup| &backup.findings);
    row.extend([
        count(mine, Severity::Error),
        count(mine, Severity::Warning),
        count(&source.findings, Severity::Error),
        count(&source.findings, Severity::Warning),
    ]);
    row.extend(worst(source, mine));
    let card = source.card.as_ref();
    row.extend([
        text(card.map(|card| &*card.kind)),
        number(card.and_then(|card| card.size)),
        number(source.size),
        text(source.modified.as_deref()),
        number(source.inode),
        text(source.sha256.as_deref()),
        guard(&source.also.join(" | ")),
        privacy::is_on().to_string(),
    ]);
    row
}

/// The backup of a row; empty where the card has none.
fn about(backup: Option<&BackupReport>) -> [String; 13] {
    let Some(backup) = backup else {
        return Default::default();
    };
    let valid = backup.copies.iter().filter(|copy| copy.is_intact_file());
    let valid = valid.count();
    [
        text(backup.id.as_deref()),
        number(backup.words),
        text(backup.name.as_deref()),
        number(backup.timestamp),
        text(backup.created.as_deref()),
        number(backup.birthdate),
        text(backup.generator.as_deref()),
        backup.state.to_string(),
        valid.to_string(),
        (backup.copies.len() - valid).to_string(),
        backup.written_by.map_or_else(String::new, |by| word(&by)),
        backup.repaired_by.map_or_else(String::new, |by| word(&by)),
        text(backup.cause.as_deref()),
    ]
}

fn count(findings: &[FindingReport], severity: Severity) -> String {
    let counted = findings.iter().filter(|one| one.severity == severity);
    counted.count().to_string()
}

/// The worst that is to be said of a row: severity, rule, problem, advice; the backup's before the
/// card's.
fn worst(source: &Source, mine: &[FindingReport]) -> [String; 4] {
    if let Some(error) = &source.error {
        let hint = text(source.hint.as_deref());
        return ["error".to_owned(), String::new(), guard(error), hint];
    }
    let all = mine.iter().chain(&source.findings);
    let Some(worst) = all.min_by_key(|finding| finding.severity) else {
        return Default::default();
    };
    [
        word(&worst.severity),
        guard(&worst.rule),
        guard(&worst.message),
        guard(&worst.advice),
    ]
}

/// A text that nobody takes for a formula.
fn text(text: Option<&str>) -> String {
    guard(text.unwrap_or_default())
}

/// A number of ours stays a number.
fn number<N: ToString>(number: Option<N>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_described() {
        let page = include_str!("../../../../docs/csv.md");
        for column in columns() {
            assert!(page.contains(&format!("`{column}`")), "{column}");
        }
    }

    #[test]
    fn a_table_carries_its_mark() {
        let head = columns().collect::<Vec<_>>().join(",");
        assert!(head.as_bytes().starts_with(MARK.beginning), "{head}");
    }

    #[test]
    fn a_row_has_as_many_cells_as_there_are_columns() {
        let source = Source::failed("-x.img", "no", "none");
        let row = row(&source, None);
        assert_eq!(row.len(), columns().count());
        assert_eq!(row[..3], ["'-x.img", "failed", "failed"]);
    }
}
