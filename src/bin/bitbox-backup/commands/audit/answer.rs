//! Everything that is made of the cards: on standard output, and in files.

use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use bitbox_backup::audit::{Across, Audit};
use bitbox_backup::firmware::Version;
use bitbox_backup::report::{OptionsReport, Source, path_text, redact};

use crate::args::{Answer, Global};
use crate::exit::Exit;
use crate::reports::html::Html;
use crate::reports::json::Json;
use crate::reports::ndjson::Ndjson;
use crate::reports::table::Table;
use crate::reports::{Head, Report};

/// The reports asked for, and what is gathered for their ends.
pub(super) struct Answers<'a> {
    audit: Audit,
    reports: Vec<Box<dyn Report + 'a>>,
    redact: bool,
}

impl<'a> Answers<'a> {
    pub(super) fn new(
        args: &'a Answer,
        json: bool,
        firmware: Version,
        options: &OptionsReport,
        global: &'a Global,
    ) -> anyhow::Result<Self> {
        let head = Head { firmware };
        let mut reports: Vec<Box<dyn Report + 'a>> = Vec::new();
        let lines = |out: Box<dyn Write>| Ndjson {
            out,
            firmware,
            options: options.clone(),
        };
        let out = BufWriter::new(anstream::stdout());
        match &args.ndjson {
            Some(file) if file.as_os_str() != "-" => {
                reports.push(Box::new(lines(Box::new(growing(file)?))));
            }
            Some(_) => {
                anyhow::ensure!(
                    !json,
                    "--json and --ndjson both answer on standard output\nleave one out, or give --ndjson=FILE"
                );
                reports.push(Box::new(lines(Box::new(BufWriter::new(std::io::stdout())))));
            }
            None => {}
        }
        if let Some(place) = &args.html {
            reports.push(Box::new(Html::create(place, head)?));
        }
        if json {
            reports.push(Box::new(Json::new(out, "audit", firmware)?));
        } else if args.ndjson.as_deref() != Some(Path::new("-")) {
            reports.push(Box::new(Table::new(out, global, head)));
        }
        Ok(Self {
            audit: Audit::new(args.min_cards.get(), None),
            reports,
            redact: args.redact,
        })
    }

    pub(super) fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        self.audit.add(source);
        let redacted = self.redact.then(|| redact(source));
        let shown = redacted.as_ref().unwrap_or(source);
        for report in &mut self.reports {
            report.source(shown)?;
        }
        Ok(())
    }

    pub(super) fn end(self) -> anyhow::Result<Exit> {
        let across = self.audit.across();
        let shown = if self.redact {
            &across.redacted()
        } else {
            &across
        };
        for report in self.reports {
            report.end(shown)?;
        }
        Ok(exit(&across))
    }
}

fn exit(across: &Across) -> Exit {
    Exit::of(&across.summary)
}

/// A new file that grows by lines, so that a run that is cut off can be resumed from it.
fn growing(file: &Path) -> anyhow::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(file).with_context(|| {
        format!(
            "{}: cannot be made; an existing file is never overwritten",
            path_text(file)
        )
    })
}
