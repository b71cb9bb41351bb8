//! `list`: the backups on each card.

use std::io::{BufWriter, Write};
use std::num::NonZeroUsize;

use bitbox_backup::audit::{Plan, Run, RunEnd};
use bitbox_backup::progress::Progress;
use bitbox_backup::report::{Source, Summary};
use bitbox_backup::text::path_text;

use super::wallet_selection::Meant;
use super::{say, share, sources};
use crate::advice::NewNames;
use crate::args::{Examine, Global, Record};
use crate::exit::Exit;
use crate::render::Report as _;
use crate::render::json;
use crate::{advice, evidence, interrupt, output, privacy, render};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) examine: Examine,
    #[command(flatten)]
    pub(crate) record: Record,
}

pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    examined(args, global, &mut |_| ())
}

/// The same; `see` is shown each card before it is redacted.
pub(crate) fn examined(
    args: &Args,
    global: &Global,
    see: &mut dyn FnMut(&Source),
) -> anyhow::Result<Exit> {
    share(args.examine.cards.threads);
    let options = args.examine.options();
    let stopped = Progress::stopped_by(interrupt::flag());
    let plan = Plan::new(sources(&args.examine.cards)?, &options, &stopped);
    say(&plan.notes, global);
    let names = NewNames::of(plan.jobs.iter().map(|job| path_text(&job.path)));
    let progress = render::text::progress(plan.jobs.len(), global);
    let mut summary = Summary::default();
    let mut meant = Meant::new(args.examine.only.id.as_deref());
    let firmware = args.examine.reading.firmware;
    let mut printer = if args.examine.reading.json {
        let out = BufWriter::new(output::plain());
        Printer::Json(json::Sources::new(out, "list", firmware)?)
    } else {
        let (out, cards) = (BufWriter::new(output::stdout()), plan.jobs.len());
        Printer::Text(render::text::Text::new(out, global, cards, firmware))
    };
    let run = Run {
        options: &options,
        threads: args.examine.cards.threads.map_or(0, NonZeroUsize::get),
        stop: interrupt::stop(super::STOPPING),
        known: &|_| None,
    };
    let make = |mut source| {
        let meant = Meant::keep(&mut source, &args.examine.only);
        advice::word(&mut source, &names);
        progress.inc(1);
        (source, meant)
    };
    let mut show = |source: Source| {
        summary.add(&source);
        see(&source);
        let source = privacy::source(source);
        match &mut printer {
            Printer::Json(json) => json.source(&source),
            Printer::Text(text) => progress.suspend(|| text.source(&source)),
        }
    };
    // Whether a prefix is unique is known when all cards are read, and nothing is shown before.
    let mut held = Vec::new();
    let ended = run.over(&plan, make, |(source, on_card)| {
        meant.join(on_card);
        evidence::source(&source)?;
        match args.examine.only.id {
            Some(_) => held.push(source),
            None => show(source)?,
        }
        anyhow::Ok(())
    })?;
    meant.check()?;
    held.into_iter().try_for_each(show)?;
    progress.finish_and_clear();
    summary.left_out = plan.jobs.len().saturating_sub(summary.sources);
    match printer {
        Printer::Json(mut json) => {
            if let Some(outcome) = meant.outcome(Exit::of(&summary)) {
                json.came_to(outcome);
            }
            let skipped: Vec<_> = plan.skipped().cloned().collect();
            json.end(&summary, &privacy::of(&skipped).unwrap_or(skipped))?;
        }
        Printer::Text(text) => text.end(&summary)?,
    }
    Ok(match ended {
        RunEnd::Complete => meant.end(Exit::of(&summary)),
        RunEnd::Interrupted => Exit::Interrupted,
    })
}

enum Printer<'a, J: Write, T: Write> {
    Json(json::Sources<J>),
    Text(render::text::Text<'a, T>),
}
