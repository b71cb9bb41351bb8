//! The evidence log: what was examined when, and what was found, line by line.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::anyhow;
use bitbox_backup::audit::{Across, Ended};
use bitbox_backup::files::Sources;
use bitbox_backup::journal::{Entry, Event, Journal, JournalError};
use bitbox_backup::report::Source;
use bitbox_backup::text::path_text;
use serde_json::{Value, json};

/// `--log FILE`.
pub(crate) struct Log {
    journal: Journal,
    file: PathBuf,
}

impl Log {
    /// Opens the log and notes that a run begins.
    pub(crate) fn begin(file: &Path, sources: &Sources) -> anyhow::Result<Self> {
        let journal = Journal::open(file, sources).map_err(|error| told(file, &error))?;
        let mut log = Self {
            journal,
            file: file.to_owned(),
        };
        let started = Event::started(std::env::args_os().skip(1));
        log.note(started.in_sandbox(crate::fence::said()))?;
        Ok(log)
    }

    /// Notes a source and what was found.
    pub(crate) fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        self.note(Event::source(source, found(source)))
    }

    /// Notes the end of the run, and prints the head to write down.
    pub(crate) fn end(mut self, across: &Across, ended: Ended) -> anyhow::Result<()> {
        let result = json!({ "summary": across.summary, "wallets": across.wallet_counts });
        self.note(match ended {
            Ended::Complete => Event::Finished { result },
            Ended::Interrupted => Event::Interrupted { result },
        })?;
        let head = self.journal.head();
        let file = path_text(&self.file);
        let _ = writeln!(
            anstream::stderr(),
            "evidence log {file}: write down its head, it proves every line up to now:\n{head}"
        );
        Ok(())
    }

    fn note(&mut self, event: Event) -> anyhow::Result<()> {
        let entry = Entry {
            time: SystemTime::now(),
            event,
        };
        let noted = self.journal.append(&entry);
        noted.map(drop).map_err(|error| told(&self.file, &error))
    }
}

fn told(file: &Path, error: &JournalError) -> anyhow::Error {
    anyhow!("{}: {error}\n{}", path_text(file), error.hint())
}

/// What was found on a source, in short.
fn found(source: &Source) -> Value {
    let backups = source.backups.iter().map(|backup| {
        json!({
            "id": backup.id,
            "words": backup.words,
            "timestamp": backup.timestamp,
            "state": backup.state,
        })
    });
    let findings = source.all_findings().map(|finding| {
        json!({
            "rule": finding.rule,
            "severity": finding.severity,
            "offset": finding.offset,
        })
    });
    json!({
        "status": source.status,
        "error": source.error,
        "e01": source.e01,
        "read": source.card.as_ref().and_then(|card| card.read.as_ref()),
        "device_list": source.device_view.as_ref().map(|view| view.list),
        "backups": backups.collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
    })
}
