//! `list`: the backups on each card.

use bitbox_backup::audit::{Plan, Run, RunEnd};
use bitbox_backup::report::{Source, Summary};

use super::{Chosen, keep, share, sources};
use crate::args::{Global, List};
use crate::exit::Exit;
use crate::reports::json::Json;
use crate::{advice, interrupt, render};

pub(crate) fn run(args: &List, global: &Global) -> anyhow::Result<Exit> {
    share(args.cards.threads);
    let plan = Plan::each(sources(&args.cards)?);
    let options = args.options();
    let progress = render::progress(plan.jobs.len(), global);
    let out = std::io::BufWriter::new(crate::output::stdout());
    let mut summary = Summary::default();
    let mut chosen = Chosen::new(args.only.id.as_deref());
    let mut printer = if args.reading.json {
        Printer::Json(Json::new(out, "list", args.reading.firmware)?)
    } else {
        let firmware = args.reading.firmware;
        Printer::Text(render::Text::new(out, global, plan.jobs.len(), firmware))
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
        RunEnd::Complete => chosen.end(Exit::of(&summary)),
        RunEnd::Interrupted => Exit::Interrupted,
    })
}

enum Printer<'a, W: std::io::Write> {
    Json(Json<W>),
    Text(render::Text<'a, W>),
}
