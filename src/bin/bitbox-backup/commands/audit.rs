//! `audit`: many cards, one line each, then the wallets across all of them.

mod answer;
pub(crate) mod merge;
pub(crate) mod reports;
mod slot;
mod watch;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Mutex;

use bitbox_backup::audit::{Job, Plan, Run, RunEnd};
use bitbox_backup::examine::Options;
use bitbox_backup::files::Sources;
use bitbox_backup::progress::Progress;
use bitbox_backup::report::{BesideReport, Line, OptionsReport, Source};
use bitbox_backup::text::path_text;

use clap::Subcommand;

use self::answer::{Answers, Form, Prepared};
use self::reports::Reports;
use super::wallet_selection::Meant;
use super::{say, share, sources};
use crate::advice::NewNames;
use crate::args::{Examine, Global, help};
use crate::exit::Exit;
use crate::output_paths::protect;
use crate::{advice, input, interrupt, output, privacy, render};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) list: Examine,
    /// Compute the SHA-256 of every whole source
    #[arg(long)]
    pub(crate) hash: bool,
    /// Wait for cards in these readers, or for images in these folders, and read one after the other
    #[arg(long, conflicts_with_all = ["files_from", "resume", "write_register"])]
    pub(crate) watch: bool,
    /// Skip files already covered by this answer of an earlier --ndjson that have not changed since
    #[arg(long, value_name = "FILE.ndjson")]
    pub(crate) resume: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reports: Reports,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make one answer from the lines of several runs of audit --ndjson
    #[command(after_help = help::MORE, after_long_help = help::MERGE)]
    Merge(merge::Args),
}

impl Args {
    pub(crate) fn reports(&self) -> &Reports {
        match &self.command {
            Some(Command::Merge(merge)) => &merge.reports,
            None => &self.reports,
        }
    }
}

pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    match &args.command {
        Some(Command::Merge(merge)) => merge::run(merge, global),
        None if args.watch => watch::run(args, global),
        None => examine(args, global),
    }
}

/// How a source is examined, and how a line says so.
fn options(args: &Args) -> (Options, OptionsReport) {
    let options = Options {
        hash: args.hash,
        ..args.list.options()
    };
    let reported = OptionsReport {
        redact: args.reports.record.redact,
        // Of a redacted line nobody should know which wallet was asked for.
        id: args.list.only.id.clone().filter(|_| !privacy::is_on()),
        ..options.reported()
    };
    (options, reported)
}

fn form<'a>(
    args: &'a Args,
    options: OptionsReport,
    sources: Sources,
    global: &'a Global,
) -> anyhow::Result<Form<'a>> {
    let reading = &args.list.reading;
    Form::new(
        &args.reports,
        reading.json,
        reading.firmware,
        options,
        sources,
        global,
    )
}

fn examine(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    share(args.list.cards.threads);
    let (options, reported) = options(args);
    let stopped = Progress::stopped_by(interrupt::flag());
    let plan = Plan::new(sources(&args.list.cards)?, &options, &stopped);
    say(&plan.notes, global);
    let names = NewNames::of(plan.jobs.iter().map(|job| path_text(&job.path)));
    args.reports
        .spare(args.resume.as_slice(), "the answer that is resumed from")?;
    let known = Known::read(args, &reported, global)?;
    let sources = match args.reports.places().is_empty() {
        true => Sources::none(),
        false => {
            let read = plan.jobs.iter().map(|job| &job.path);
            protect(read.chain(&args.resume).chain(&args.reports.expect))
        }
    };
    let form = form(args, reported, sources, global)?;
    let mut answers = Answers::new(form.clone())?;
    answers.expect(&plan);
    let progress = render::text::progress(plan.jobs.len(), global);
    let run = Run {
        options: &options,
        threads: args.list.cards.threads.map_or(0, NonZeroUsize::get),
        stop: interrupt::stop(super::STOPPING),
        known: &|job| known.take(job),
    };
    let make = |mut source: Source| {
        let on_card = Meant::keep(&mut source, &args.list.only);
        advice::word(&mut source, &names);
        progress.inc(1);
        (Prepared::new(source, &form), on_card)
    };
    // Whether a prefix is unique is known when all cards are read, and nothing is answered before.
    let mut meant = Meant::new(args.list.only.id.as_deref());
    let mut held = Vec::new();
    let ended = run.over(&plan, make, |(prepared, on_card)| {
        meant.join(on_card);
        match args.list.only.id {
            Some(_) => held.push(prepared),
            None => progress.suspend(|| answers.prepared(&prepared))?,
        }
        anyhow::Ok(())
    })?;
    progress.finish_and_clear();
    if let Err(ambiguous) = meant.check() {
        held.iter().try_for_each(Prepared::record)?;
        return Err(ambiguous);
    }
    let mut held = held.iter();
    held.try_for_each(|prepared| answers.prepared(prepared))?;
    if ended == RunEnd::Complete {
        answers.came_to(&meant);
    }
    let exit = answers.end(ended)?;
    Ok(match ended {
        RunEnd::Complete => meant.end(exit),
        RunEnd::Interrupted => exit,
    })
}

/// Reports of an earlier run that may still hold.
#[derive(Default)]
struct Known {
    lines: Mutex<HashMap<String, Line>>,
    firmware: bitbox_backup::firmware::Version,
    options: Option<OptionsReport>,
}

impl Known {
    fn read(args: &Args, options: &OptionsReport, global: &Global) -> anyhow::Result<Self> {
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
            output::say(&format!(
                "note: {file}: {cut}; what is not in it is examined now"
            ));
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
        let beside = BesideReport::of(&job.path);
        let holds = line.still_holds(self.firmware, options, job.status.as_ref()?, &beside);
        holds.then_some(line.source)
    }
}
