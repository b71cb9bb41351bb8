//! `list`: the backups on each card.

use std::collections::BTreeSet;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use bitbox_backup::assess::CardState;
use bitbox_backup::audit::{Plan, Run, RunEnd};
use bitbox_backup::finding::{Advice, Rest};
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
use crate::{advice, evidence, interrupt, output, output_paths, privacy, render};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) examine: Examine,
    #[command(flatten)]
    pub(crate) record: Record,
}

pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    examined(args, global).map(|(exit, _)| exit)
}

/// What was seen of a card.
pub(crate) struct Seen {
    pub(crate) state: CardState,
    /// Whether it ends before its volume does.
    pub(crate) is_cut: bool,
    /// Whether it is a copy that is not finished.
    pub(crate) is_unfinished: bool,
    /// Whether it is a card, in a reader, mounted, or in an image, rather than files from one.
    pub(crate) is_card: bool,
    /// Steps that no further command of this program replaces: what to unpack, and that the card is to be kept.
    pub(crate) by_hand: Vec<String>,
    /// What is on it beside the backups that can be proved.
    pub(crate) rest: Vec<Rest>,
    /// The files that hold copies; `None` if one is not found again by its name.
    pub(crate) files: Option<BTreeSet<PathBuf>>,
}

impl Seen {
    pub(crate) fn of(source: &Source) -> Self {
        let steps = source.advice.iter().zip(&source.next);
        let by_hand = steps.filter(|(step, _)| {
            matches!(
                step,
                Advice::Unpack { .. }
                    | Advice::UnpackAt { .. }
                    | Advice::Unlock { .. }
                    | Advice::FollowLinks
                    | Advice::Download
                    | Advice::KeepBitBox01 { .. }
            )
        });
        Self {
            state: source.state,
            is_cut: source.advice.contains(&Advice::WholeImage),
            is_unfinished: source.advice.contains(&Advice::FinishImage),
            is_card: output_paths::is_card(source),
            by_hand: by_hand.map(|(_, words)| words.text.clone()).collect(),
            rest: source.rest.clone(),
            files: files(source),
        }
    }
}

/// The files that hold copies: the source itself, or those in a folder, archives among them.
fn files(source: &Source) -> Option<BTreeSet<PathBuf>> {
    let root = Path::new(&source.source);
    let file = |path: &str| {
        let place = root.join(path.trim_start_matches('/'));
        let mut around = place
            .ancestors()
            .take_while(|place| place.starts_with(root));
        around.find(|place| place.is_file()).map(Path::to_owned)
    };
    let copies = source.backups.iter().flat_map(|backup| &backup.copies);
    copies.map(|copy| file(&copy.path)).collect()
}

/// The same, and what was seen of each card.
pub(crate) fn examined(args: &Args, global: &Global) -> anyhow::Result<(Exit, Vec<Seen>)> {
    share(args.examine.cards.threads);
    let options = args.examine.options();
    let stopped = Progress::stopped_by(interrupt::flag());
    let plan = Plan::new(sources(&args.examine.cards)?, &options, &stopped);
    say(&plan.notes, global);
    let names = NewNames::of(plan.jobs.iter().map(|job| path_text(&job.path)));
    let progress = render::text::progress(plan.jobs.len(), global);
    let mut summary = Summary::default();
    let mut seen = Vec::new();
    let mut meant = Meant::new(args.examine.only.id.as_deref());
    let mut printer = if args.examine.reading.json {
        let out = BufWriter::new(output::plain());
        Printer::Json(json::Sources::new(
            out,
            "list",
            args.examine.reading.firmware,
        )?)
    } else {
        let firmware = args.examine.reading.firmware;
        let out = BufWriter::new(output::stdout());
        Printer::Text(render::text::Text::new(
            out,
            global,
            plan.jobs.len(),
            firmware,
        ))
    };
    let run = Run {
        options: &options,
        threads: args
            .examine
            .cards
            .threads
            .map_or(0, std::num::NonZeroUsize::get),
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
        seen.push(Seen::of(&source));
        let source = privacy::source(source);
        match &mut printer {
            Printer::Json(json) => json.source(&source),
            Printer::Text(text) => progress.suspend(|| text.source(&source)),
        }
    };
    // Whether a prefix is unique is known when all cards are read, and nothing is shown before.
    let is_held = args.examine.only.id.is_some();
    let mut held = Vec::new();
    let ended = run.over(&plan, make, |(source, on_card)| {
        meant.join(on_card);
        evidence::source(&source)?;
        match is_held {
            true => held.push(source),
            false => show(source)?,
        }
        anyhow::Ok(())
    })?;
    meant.check()?;
    held.into_iter().try_for_each(show)?;
    progress.finish_and_clear();
    summary.left_out = plan.jobs.len().saturating_sub(summary.sources);
    match printer {
        Printer::Json(mut json) => {
            let outcome = meant.outcome(Exit::of(&summary));
            outcome
                .into_iter()
                .for_each(|outcome| json.came_to(outcome));
            let skipped: Vec<_> = plan.skipped().cloned().collect();
            json.end(&summary, &privacy::of(&skipped).unwrap_or(skipped))?;
        }
        Printer::Text(text) => text.end(&summary)?,
    }
    let exit = match ended {
        RunEnd::Complete => meant.end(Exit::of(&summary)),
        RunEnd::Interrupted => Exit::Interrupted,
    };
    Ok((exit, seen))
}

enum Printer<'a, J: Write, T: Write> {
    Json(json::Sources<J>),
    Text(render::text::Text<'a, T>),
}
