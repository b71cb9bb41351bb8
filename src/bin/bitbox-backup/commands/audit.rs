//! `audit`: many cards, one line each, then the wallets across all of them.

mod answer;
mod merge;
mod slot;
mod watch;

use std::collections::HashMap;
use std::io::Write;
use std::sync::Mutex;

use bitbox_backup::audit::{Job, Note, Plan, Run};
use bitbox_backup::examine::Options;
use bitbox_backup::files::Sources;
use bitbox_backup::report::{Line, OptionsReport, Source};
use bitbox_backup::text::{escape, path_text};

use self::answer::{Answers, Form, Prepared};
use super::{keep, share, sources};
use crate::args::{Audit, AuditCommand, Global};
use crate::exit::Exit;
use crate::places::{protect, writes};
use crate::{advice, input, interrupt, render};

pub(crate) fn run(args: &Audit, global: &Global) -> anyhow::Result<Exit> {
    match &args.command {
        Some(AuditCommand::Merge(merge)) => merge::run(merge, global),
        None if args.watch => watch::run(args, global),
        None => examine(args, global),
    }
}

/// How a source is examined, and how a line says so.
fn options(args: &Audit) -> (Options, OptionsReport) {
    let options = Options {
        hash: args.hash,
        ..args.list.options()
    };
    let reported = OptionsReport {
        redact: args.answer.redact,
        id: args.list.only.id.clone(),
        ..options.reported()
    };
    (options, reported)
}

fn form<'a>(
    args: &'a Audit,
    options: OptionsReport,
    sources: Sources,
    global: &'a Global,
) -> anyhow::Result<Form<'a>> {
    let reading = &args.list.reading;
    Form::new(
        &args.answer,
        reading.json,
        reading.firmware,
        options,
        sources,
        global,
    )
}

fn examine(args: &Audit, global: &Global) -> anyhow::Result<Exit> {
    share(args.list.cards.threads);
    let plan = Plan::new(sources(&args.list.cards)?);
    say(&plan.notes, global);
    let (options, reported) = options(args);
    let known = Known::read(args, &reported, global)?;
    let sources = if writes(&args.answer) {
        let read = plan.jobs.iter().map(|job| &job.path);
        protect(read.chain(&args.resume).chain(&args.answer.expect))
    } else {
        Sources::none()
    };
    let form = form(args, reported, sources, global)?;
    let mut answers = Answers::new(form.clone())?;
    answers.expect(plan.jobs.len());
    let progress = render::progress(plan.jobs.len(), global);
    let run = Run {
        options: &options,
        threads: args
            .list
            .cards
            .threads
            .map_or(0, std::num::NonZeroUsize::get),
        stop: interrupt::stop(super::STOPPING),
        known: &|job| known.take(job),
    };
    let make = |mut source: Source| {
        advice::word(&mut source);
        keep(&mut source, &args.list.only);
        progress.inc(1);
        Prepared::new(source, &form)
    };
    let ended = run.over(&plan, make, |prepared| {
        progress.suspend(|| answers.prepared(&prepared))
    })?;
    progress.finish_and_clear();
    answers.end(ended)
}

/// Says on stderr what a person should know of the sources beforehand.
fn say(notes: &[Note], global: &Global) {
    if global.quiet {
        return;
    }
    let mut err = anstream::stderr();
    for note in notes {
        let _ = match note {
            Note::Same { path, other } => {
                writeln!(
                    err,
                    "note: {other} is the same as {path}; it is examined once"
                )
            }
            Note::NotImages { folder, others } => {
                const SHOWN: usize = 5;
                let shown: Vec<_> = others.iter().take(SHOWN).map(String::as_str).collect();
                let more = match others.len().saturating_sub(SHOWN) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                let shown = shown.join(", ");
                writeln!(
                    err,
                    "note: {folder}: no card images, skipped: {shown}{more}"
                )
            }
            _ => Ok(()),
        };
    }
}

/// Reports of an earlier run that may still hold.
#[derive(Default)]
struct Known {
    lines: Mutex<HashMap<String, Line>>,
    firmware: bitbox_backup::firmware::Version,
    options: Option<OptionsReport>,
}

impl Known {
    fn read(args: &Audit, options: &OptionsReport, global: &Global) -> anyhow::Result<Self> {
        let Some(file) = &args.resume else {
            return Ok(Self::default());
        };
        let mut lines = HashMap::new();
        let cut = input::lines(file, |line| {
            lines.insert(line.source.source.clone(), line);
            Ok(())
        })?;
        if let (Some(cut), false) = (cut, global.quiet) {
            let file = path_text(file);
            let _ = writeln!(
                anstream::stderr(),
                "note: {file}: {}; what is not in it is examined now",
                escape(&cut.to_string())
            );
        }
        Ok(Self {
            lines: Mutex::new(lines),
            firmware: args.list.reading.firmware,
            options: Some(options.clone()),
        })
    }

    /// The report of a source, where nothing says that it has changed.
    fn take(&self, job: &Job) -> Option<Source> {
        let options = self.options.as_ref()?;
        let mut lines = self.lines.lock().ok()?;
        let line = lines.remove(&path_text(&job.path))?;
        let holds = line.still_holds(self.firmware, options, job.status.as_ref()?);
        holds.then_some(line.source)
    }
}
