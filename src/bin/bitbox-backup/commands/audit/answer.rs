//! Everything that is made of the cards: on standard output, and in files.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use bitbox_backup::audit::{Across, Audit, MissingReport, Plan, Register, RunEnd, Skipped};
use bitbox_backup::files::{GrowingFile, Sources};
use bitbox_backup::firmware::Version;
use bitbox_backup::report::{OptionsReport, Source};
use bitbox_backup::text::path_text;

use super::reports::Reports;
use crate::answers::Outcome;
use crate::args::Global;
use crate::commands::wallet_selection::Meant;
use crate::evidence;
use crate::exit::{self, Exit};
use crate::output;
use crate::output_paths::not_written;
use crate::privacy;
use crate::render::Report;
use crate::render::csv::Csv;
use crate::render::dfxml::Dfxml;
use crate::render::html_file::HtmlFile;
use crate::render::json::{self, Ndjson};
use crate::render::register::NewRegister;
use crate::render::text::audit::Table;

/// What decides how the answer looks.
#[derive(Clone)]
pub(super) struct Form<'a> {
    pub(super) args: &'a Reports,
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
        args: &'a Reports,
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

    fn shown(&self) -> anyhow::Result<Box<dyn Report + 'a>> {
        let firmware = self.firmware;
        let lines = self.args.ndjson.is_some() && self.args.lines_file().is_none();
        let text = BufWriter::new(output::stdout());
        let out = BufWriter::new(output::plain());
        Ok(match (lines, self.json) {
            (true, true) => anyhow::bail!(
                "--json and --ndjson both answer on standard output\nleave one out, or give --ndjson=FILE"
            ),
            (true, false) => Box::new(self.lines(out)),
            (false, true) => Box::new(json::Sources::new(out, "audit", firmware)?),
            (false, false) => Box::new(Table::new(text, self.global, firmware)),
        })
    }

    fn files(&self) -> anyhow::Result<Vec<FileReport<'a>>> {
        let firmware = self.firmware;
        let sources = &self.sources;
        let mut files = Vec::new();
        let mut add = |file: &Path, report| {
            files.push(FileReport {
                name: path_text(file),
                hint: NOTHING_OF_IT,
                report,
            });
        };
        if let Some(file) = &self.args.html {
            add(file, Box::new(HtmlFile::create(file, sources, firmware)?));
        }
        if let Some(file) = &self.args.csv {
            add(file, Box::new(Csv::create(file, sources)?));
        }
        if let Some(file) = &self.args.dfxml {
            // A log has a clock already: whoever asks for one asks when and where.
            let says_where = self.args.record.log.is_some() && !privacy::is_on();
            let deleted = self.options.deleted;
            let dfxml = Dfxml::create(file, sources, firmware, deleted, says_where)?;
            add(file, Box::new(dfxml));
        }
        if let Some(file) = &self.args.write_register {
            let register = NewRegister::create(file, sources, &self.options)?;
            add(file, Box::new(register));
        }
        Ok(files)
    }

    /// A source as the reports may show it.
    pub(super) fn shown_source<'s>(&self, source: &'s Source) -> Cow<'s, Source> {
        match privacy::is_on() {
            true => Cow::Owned(privacy::source(source.clone())),
            false => Cow::Borrowed(source),
        }
    }

    pub(super) fn lines<W: Write>(&self, out: W) -> Ndjson<W> {
        Ndjson {
            out,
            firmware: self.firmware,
            options: self.options.clone(),
        }
    }
}

/// Refuses two reports for one place, of which one would be lost.
fn one_place_each(args: &Reports) -> anyhow::Result<()> {
    let files = [
        args.lines_file(),
        args.html.as_deref(),
        args.csv.as_deref(),
        args.dfxml.as_deref(),
        args.write_register.as_deref(),
        args.expect.as_deref(),
        args.record.log.as_deref(),
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

/// A report in a file of its own. That one cannot be written keeps nothing from the others.
struct FileReport<'a> {
    name: String,
    /// What to do where the disk does not take it.
    hint: &'static str,
    report: Box<dyn Report + 'a>,
}

const NOTHING_OF_IT: &str = "nothing of it was written; give a place on another disk";
const LINES_STAY: &str =
    "the lines before stay in it; make room, and go on with --resume and another --ndjson=FILE";

/// Says why a report cannot be written, with its name; `None` if it could.
fn noted(name: &str, hint: &str, written: anyhow::Result<()>) -> Option<MissingReport> {
    let error = unwritten(name, hint, &written.err()?);
    exit::failed(&error);
    Some(missing(name.to_owned(), &error))
}

fn missing(file: String, error: &anyhow::Error) -> MissingReport {
    let (text, hint) = Outcome::lines(error);
    MissingReport::new(file, text, hint.map(|hint| hint.replace('\n', " ")))
}

/// The error with the name of the file and what to do.
pub(super) fn unwritten(name: &str, hint: &str, error: &anyhow::Error) -> anyhow::Error {
    // What renders and counts on the way says nothing of the file.
    let causes = error.chain();
    let cause = causes
        .filter_map(|one| one.downcast_ref::<io::Error>())
        .last();
    let text = cause.map_or_else(|| format!("{error:#}"), ToString::to_string);
    let text = match text.starts_with(name) {
        true => text,
        false => format!("{name}: cannot be written: {text}"),
    };
    match text.contains('\n') {
        true => anyhow::anyhow!(text),
        false => anyhow::anyhow!("{text}\n{hint}"),
    }
}

/// A source and, where a report wants it, its JSON.
pub(super) struct Prepared {
    source: Source,
    json: Option<Vec<u8>>,
}

impl Prepared {
    /// Does for a source what need not be done in order.
    pub(super) fn new(source: Source, form: &Form<'_>) -> Self {
        let wanted = (form.json || form.args.ndjson.is_some()) && !form.args.record.redact;
        let json = wanted.then(|| serde_json::to_vec(&source).ok()).flatten();
        Self { source, json }
    }

    /// Puts a source on record of which no answer is made.
    pub(super) fn record(&self) -> anyhow::Result<()> {
        evidence::source(&self.source)
    }
}

/// The reports asked for, and what is gathered for their ends.
pub(super) struct Answers<'a> {
    audit: Audit,
    shown: Option<Box<dyn Report + 'a>>,
    files: Vec<FileReport<'a>>,
    not_written: Vec<MissingReport>,
    /// What lies in folders of cards and is not examined.
    skipped: Vec<Skipped>,
    /// How many sources there are, where that is known beforehand.
    sources: usize,
    /// Whether sources go on record: those of a card station do so as each is read.
    is_logged: bool,
    form: Form<'a>,
}

impl<'a> Answers<'a> {
    pub(super) fn new(form: Form<'a>) -> anyhow::Result<Self> {
        let mut answers = Self::files(form)?;
        let form = &answers.form;
        if let Some(file) = form.args.lines_file() {
            let lines = GrowingFile::create(file, &form.sources, false);
            let lines = lines.map_err(|error| not_written(&error))?;
            answers.files.push(FileReport {
                name: path_text(file),
                hint: LINES_STAY,
                report: Box::new(form.lines(lines)),
            });
        }
        answers.shown = Some(form.shown()?);
        answers.is_logged = true;
        Ok(answers)
    }

    /// The report on standard output only.
    pub(super) fn shown(form: Form<'a>) -> anyhow::Result<Self> {
        Ok(Self {
            shown: Some(form.shown()?),
            ..Self::none(form)
        })
    }

    /// The reports in files of their own only, without the growing ones.
    pub(super) fn files(form: Form<'a>) -> anyhow::Result<Self> {
        Ok(Self {
            files: form.files()?,
            ..Self::none(form)
        })
    }

    fn none(form: Form<'a>) -> Self {
        Self {
            audit: Audit::new(form.args.min_cards.get(), form.register.clone()),
            shown: None,
            files: Vec::new(),
            not_written: Vec::new(),
            skipped: Vec::new(),
            sources: 0,
            is_logged: false,
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
        self.audit.add(source);
        if self.is_logged
            && let Err(error) = evidence::source(source)
        {
            self.is_logged = false;
            exit::failed(&error);
            let log = self.form.args.record.log.as_deref();
            let log = log.map(path_text).unwrap_or_default();
            self.not_written.push(missing(log, &error));
        }
        let source = &*self.form.shown_source(source);
        let tell = |report: &mut Box<dyn Report + 'a>| match json {
            Some(json) => report.prepared(source, json),
            None => report.source(source),
        };
        self.files.retain_mut(|file| {
            let written = tell(&mut file.report);
            let lost = noted(&file.name, file.hint, written);
            let is_written = lost.is_none();
            self.not_written.extend(lost);
            is_written
        });
        self.shown.as_mut().map_or(Ok(()), tell)
    }

    /// Says which sources there are, so that the end can say how many were not come to, and what is none.
    pub(super) fn expect(&mut self, plan: &Plan) {
        self.sources = plan.jobs.len();
        self.skipped = plan.skipped().cloned().collect();
    }

    /// Notes that nothing is meant, where that is so.
    pub(super) fn came_to(&mut self, meant: &Meant) {
        let outcome = meant.outcome(Exit::of(&self.audit.across().summary));
        if let (Some(report), Some(outcome)) = (&mut self.shown, outcome) {
            report.came_to(outcome);
        }
    }

    pub(super) fn end(self, ended: RunEnd) -> anyhow::Result<Exit> {
        let mut across = self.audit.across();
        across.summary.left_out = self.sources.saturating_sub(across.summary.sources);
        across.skipped = self.skipped;
        let mut lost = self.not_written;
        let redacted = privacy::of(&across);
        let shown = redacted.as_ref().unwrap_or(&across);
        for FileReport { name, hint, report } in self.files {
            let ended = report.end(shown);
            lost.extend(noted(&name, hint, ended));
        }
        across.not_written = lost;
        if self.is_logged {
            evidence::result(result(&across));
        }
        let is_whole = across.not_written.is_empty();
        let redacted = privacy::of(&across);
        let shown = redacted.as_ref().unwrap_or(&across);
        if let Some(report) = self.shown {
            report.end(shown)?;
        }
        Ok(match ended {
            RunEnd::Complete if !is_whole => Exit::Impossible,
            RunEnd::Complete => Exit::of(&across.summary),
            RunEnd::Interrupted => Exit::Interrupted,
        })
    }
}

/// What an audit came to, in short.
pub(super) fn result(across: &Across) -> serde_json::Value {
    serde_json::json!({ "summary": across.summary, "wallets": across.wallet_counts })
}
