//! `list`: the backups on each card.

use bitbox_backup::audit::{Ended, Plan, Run};
use bitbox_backup::report::{Source, Summary};

use super::{Chosen, keep, share, sources};
use crate::args::{Cards, Global, HowFar, Only, Reading};
use crate::exit::Exit;
use crate::render::json;
use crate::{advice, interrupt, render};
use bitbox_backup::examine::Options;

#[derive(Debug, clap::Args)]
#[group(skip)] // it is a part of the arguments of `audit`, too
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) cards: Cards,
    #[command(flatten)]
    pub(crate) depth: HowFar,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) only: Only,
}

impl Args {
    /// How the cards are read.
    pub(crate) fn options(&self) -> Options {
        Options {
            depth: self.depth.depth(),
            ..self.reading.options()
        }
    }
}

pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    share(args.cards.threads);
    let plan = Plan::each(sources(&args.cards)?);
    let options = args.options();
    let progress = render::text::progress(plan.jobs.len(), global);
    let out = std::io::BufWriter::new(crate::output::stdout());
    let mut summary = Summary::default();
    let mut chosen = Chosen::new(args.only.id.as_deref());
    let mut printer = if args.reading.json {
        Printer::Json(json::Sources::new(out, "list", args.reading.firmware)?)
    } else {
        let firmware = args.reading.firmware;
        Printer::Text(render::text::Text::new(
            out,
            global,
            plan.jobs.len(),
            firmware,
        ))
    };
    let run = Run {
        options: &options,
        threads: args.cards.threads.map_or(0, std::num::NonZeroUsize::get),
        stop: interrupt::stop(super::STOPPING),
        known: &|_| None,
    };
    let make = |mut source| {
        advice::word(&mut source);
        keep(&mut source, &args.only);
        progress.inc(1);
        source
    };
    let ended = run.over(&plan, make, |source: Source| {
        chosen.note(&source);
        summary.add(&source);
        match &mut printer {
            Printer::Json(json) => json.source(&source),
            Printer::Text(text) => progress.suspend(|| text.source(&source)),
        }
    })?;
    progress.finish_and_clear();
    summary.left_out = plan.jobs.len().saturating_sub(summary.sources);
    match printer {
        Printer::Json(json) => json.end(&summary)?,
        Printer::Text(text) => text.end(&summary)?,
    }
    Ok(match ended {
        Ended::Complete => chosen.end(Exit::of(&summary)),
        Ended::Interrupted => Exit::Interrupted,
    })
}

enum Printer<'a, W: std::io::Write> {
    Json(json::Sources<W>),
    Text(render::text::Text<'a, W>),
}
