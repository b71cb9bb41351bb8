//! Everything that is made of the cards: on standard output, and in files.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{BufWriter, Write};
use std::path::Path;

use bitbox_backup::audit::{Audit, Ended, Register};
use bitbox_backup::files::{GrowingFile, Sources};
use bitbox_backup::firmware::Version;
use bitbox_backup::report::{OptionsReport, Source, redact};
use bitbox_backup::text::path_text;

use crate::args::{Answer, Global};
use crate::commands::Chosen;
use crate::exit::Exit;
use crate::output;
use crate::places::not_written;
use crate::reports::csv::Csv;
use crate::reports::dfxml::{Dfxml, Environment};
use crate::reports::html::Html;
use crate::reports::json::Json;
use crate::reports::log::Log;
use crate::reports::ndjson::Ndjson;
use crate::reports::register::NewRegister;
use crate::reports::table::Table;
use crate::reports::{Head, Report};

/// What decides how the answer looks.
#[derive(Clone)]
pub(super) struct Form<'a> {
    pub(super) args: &'a Answer,
    json: bool,
    pub(super) firmware: Version,
    pub(super) options: OptionsReport,
    global: &'a Global,
    register: Option<Register>,
    /// What no report may be written on.
    pub(super) sources: Sources,
}

impl<'a> Form<'a> {
    /// Reads the register, so that what is wrong with it is said before any card is read.
    pub(super) fn new(
        args: &'a Answer,
        json: bool,
        firmware: Version,
        options: OptionsReport,
        sources: Sources,
        global: &'a Global,
    ) -> anyhow::Result<Self> {
        one_place_each(args)?;
        let register = args.expect.as_deref().map(crate::input::register::read);
        Ok(Self {
            args,
            json,
            firmware,
            options,
            global,
            register: register.transpose()?,
            sources,
        })
    }

    /// The report on standard output.
    fn shown(&self) -> anyhow::Result<Box<dyn Report + 'a>> {
        let firmware = self.firmware;
        let lines = self.args.ndjson.as_deref() == Some(Path::new(STDOUT));
        let out = BufWriter::new(output::stdout());
        Ok(match (lines, self.json) {
            (true, true) => anyhow::bail!(
                "--json and --ndjson both answer on standard output\nleave one out, or give --ndjson=FILE"
            ),
            (true, false) => Box::new(self.lines(BufWriter::new(output::plain()))),
            (false, true) => Box::new(Json::new(out, "audit", firmware)?),
            (false, false) => Box::new(Table::new(out, self.global, Head { firmware })),
        })
    }

    /// The reports in files of their own.
    fn files(&self) -> anyhow::Result<Vec<Box<dyn Report + 'a>>> {
        let head = Head {
            firmware: self.firmware,
        };
        let sources = &self.sources;
        let mut files: Vec<Box<dyn Report + 'a>> = Vec::new();
        if let Some(file) = &self.args.html {
            files.push(Box::new(Html::create(file, sources, head)?));
        }
        if let Some(file) = &self.args.csv {
            files.push(Box::new(Csv::create(file, sources)?));
        }
        if let Some(file) = &self.args.dfxml {
            // A log has a clock already: whoever asks for one asks when and where.
            let environment = self.args.log.is_some().then(Environment::now);
            let deleted = self.options.deleted;
            let dfxml = Dfxml::create(file, sources, head, deleted, environment)?;
            files.push(Box::new(dfxml));
        }
        if let Some(file) = &self.args.write_register {
            files.push(Box::new(NewRegister::create(file, sources, &self.options)?));
        }
        Ok(files)
    }

    /// A source as the reports may show it.
    pub(super) fn shown_source<'s>(&self, source: &'s Source) -> Cow<'s, Source> {
        if self.args.redact {
            Cow::Owned(redact(source))
        } else {
            Cow::Borrowed(source)
        }
    }

    fn lines<W: Write>(&self, out: W) -> Ndjson<W> {
        Ndjson {
            out,
            firmware: self.firmware,
            options: self.options.clone(),
        }
    }
}

/// Refuses two reports for one place, of which one would be lost.
fn one_place_each(args: &Answer) -> anyhow::Result<()> {
    let files = [
        lines_file(args),
        args.html.as_deref(),
        args.csv.as_deref(),
        args.dfxml.as_deref(),
        args.write_register.as_deref(),
        args.expect.as_deref(),
        args.log.as_deref(),
    ];
    let mut places = HashSet::new();
    for file in files.into_iter().flatten() {
        anyhow::ensure!(
            places.insert(std::path::absolute(file).unwrap_or_else(|_| file.to_owned())),
            "{}: is used for two reports\ngive each report a file of its own",
            path_text(file)
        );
    }
    Ok(())
}

/// A source and, where a report wants it, its JSON.
pub(super) struct Prepared {
    source: Source,
    json: Option<Vec<u8>>,
}

impl Prepared {
    /// Does for a source what need not be done in order.
    pub(super) fn new(source: Source, form: &Form<'_>) -> Self {
        let wanted = (form.json || form.args.ndjson.is_some()) && !form.args.redact;
        let json = wanted.then(|| serde_json::to_vec(&source).ok()).flatten();
        Self { source, json }
    }
}

/// What stands for standard output.
const STDOUT: &str = "-";

/// The reports asked for, and what is gathered for their ends.
pub(super) struct Answers<'a> {
    audit: Audit,
    /// On standard output.
    shown: Option<Box<dyn Report + 'a>>,
    /// In files.
    files: Vec<Box<dyn Report + 'a>>,
    log: Option<Log>,
    /// How many sources there are, where that is known beforehand.
    sources: usize,
    chosen: Chosen,
    form: Form<'a>,
}

impl<'a> Answers<'a> {
    /// Everything that was asked for.
    pub(super) fn new(form: Form<'a>) -> anyhow::Result<Self> {
        let mut files = form.files()?;
        if let Some(file) = lines_file(form.args) {
            let lines = GrowingFile::create(file, &form.sources, false);
            let lines = lines.map_err(|error| not_written(&error))?;
            files.push(Box::new(form.lines(lines)));
        }
        let log = form.args.log.as_deref();
        let log = log
            .map(|file| Log::begin(file, &form.sources))
            .transpose()?;
        let shown = form.shown()?;
        Ok(Self {
            log,
            ..Self::with(form, Some(shown), files)
        })
    }

    /// The report on standard output only.
    pub(super) fn shown(form: Form<'a>) -> anyhow::Result<Self> {
        let shown = form.shown()?;
        Ok(Self::with(form, Some(shown), Vec::new()))
    }

    /// The reports in files of their own only, without the growing ones.
    pub(super) fn files(form: Form<'a>) -> anyhow::Result<Self> {
        let files = form.files()?;
        Ok(Self::with(form, None, files))
    }

    fn with(
        form: Form<'a>,
        shown: Option<Box<dyn Report + 'a>>,
        files: Vec<Box<dyn Report + 'a>>,
    ) -> Self {
        Self {
            audit: Audit::new(form.args.min_cards.get(), form.register.clone()),
            shown,
            files,
            log: None,
            sources: 0,
            chosen: Chosen::new(form.options.id.as_deref()),
            form,
        }
    }

    pub(super) fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        self.each(source, None)
    }

    /// The same for a source of which all was prepared that can be in parallel.
    pub(super) fn prepared(&mut self, prepared: &Prepared) -> anyhow::Result<()> {
        self.each(&prepared.source, prepared.json.as_deref())
    }

    fn each(&mut self, source: &Source, json: Option<&[u8]>) -> anyhow::Result<()> {
        self.chosen.note(source);
        self.audit.add(source);
        let source = &*self.form.shown_source(source);
        if let Some(log) = &mut self.log {
            log.source(source)?;
        }
        let tell = |report: &mut Box<dyn Report + 'a>| match json {
            Some(json) => report.prepared(source, json),
            None => report.source(source),
        };
        self.files.iter_mut().try_for_each(tell)?;
        self.shown.as_mut().map_or(Ok(()), tell)
    }

    /// Says how many sources there are, so that the end can say how many were not come to.
    pub(super) fn expect(&mut self, sources: usize) {
        self.sources = sources;
    }

    pub(super) fn end(self, ended: Ended) -> anyhow::Result<Exit> {
        let mut across = self.audit.across();
        across.summary.left_out = self.sources.saturating_sub(across.summary.sources);
        let shown = if self.form.args.redact {
            &across.redacted()
        } else {
            &across
        };
        for report in self.files {
            report.end(shown)?;
        }
        if let Some(log) = self.log {
            log.end(&across, ended)?;
        }
        if let Some(report) = self.shown {
            report.end(shown)?;
        }
        Ok(match ended {
            Ended::Complete => self.chosen.end(Exit::of(&across.summary)),
            Ended::Interrupted => Exit::Interrupted,
        })
    }
}

/// The file that grows by lines, if one was asked for.
pub(super) fn lines_file(args: &Answer) -> Option<&Path> {
    let file = args.ndjson.as_deref();
    file.filter(|file| *file != Path::new(STDOUT))
}
