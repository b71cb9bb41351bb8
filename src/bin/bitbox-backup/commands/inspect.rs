//! `inspect`: everything about one card.

use std::path::PathBuf;

use bitbox_backup::examine::{Options, examine_watched, sources_at};
use bitbox_backup::progress::Progress;
use bitbox_backup::report::{Source, Status, Summary};

use super::wallet_selection::Meant;
use crate::advice::NewNames;
use crate::args::{Global, HowFar, Only, Reading, Record};
use crate::exit::Exit;
use crate::render::Report as _;
use crate::render::json;
use crate::terminal::Unanswered;
use crate::{advice, evidence, interrupt, output, privacy, render};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A card image (raw, compressed, split, VHD, in a ZIP or tar), a card reader, a folder, or a single .bin file
    #[arg(value_name = "SOURCE")]
    pub(crate) source: PathBuf,
    #[command(flatten)]
    pub(crate) depth: HowFar,
    /// Show only whether a BitBox02 would make a new backup on this card, why not, and how to fix it
    #[arg(long)]
    pub(crate) preflight: bool,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) only: Only,
    #[command(flatten)]
    pub(crate) record: Record,
}

impl Args {
    /// How the card is read.
    pub(crate) fn options(&self) -> Options {
        Options {
            depth: self.depth.depth(),
            inspect: true,
            only: self.only.prefix(),
            ..self.reading.options()
        }
    }
}

pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let options = Options {
        preflight: args.preflight,
        ..args.options()
    };
    let stopped = Progress::stopped_by(interrupt::stop(super::STOPPING));
    let sources = sources_at(&args.source, &options, &stopped).sources;
    let path = match sources.as_slice() {
        [one] => one,
        _ => &args.source,
    };
    let mut source = render::text::progress_bar::reading(path, global.quiet, |progress| {
        let examined = examine_watched(path, &options, progress);
        examined.map_or_else(|error| Source::not_opened(path, &error), |done| done.report)
    });
    if interrupt::stopped() {
        return Err(Unanswered::Interrupted.into());
    }
    let preflight = source.preflight.as_ref();
    let accepted = preflight.map(|report| report.accepted && report.first().is_none());
    if args.preflight && accepted.is_none() && source.status == Status::Examined {
        anyhow::bail!(
            "{}: it has no volume, so nothing can be said of the card it is from
\
             give the card reader itself, or an image of the whole card",
            source.source
        );
    }
    let meant = Meant::keep(&mut source, &args.only);
    advice::word(&mut source, &NewNames::default());
    let mut summary = Summary::default();
    summary.add(&source);
    evidence::source(&source)?;
    meant.check()?;
    let status = source.status;
    let source = privacy::source(source);
    let out = std::io::BufWriter::new(output::stdout());
    if args.reading.json {
        let out = std::io::BufWriter::new(output::plain());
        let mut answer = json::Sources::new(out, "inspect", args.reading.firmware)?;
        answer.source(&source)?;
        if let Some(outcome) = meant.outcome(Exit::of(&summary)) {
            answer.came_to(outcome);
        }
        answer.end(&summary, &[])?;
    } else if args.preflight {
        render::text::preflight(out, &source, global, args.reading.firmware)?;
    } else {
        render::text::inspect(out, &source, global, args.reading.firmware)?;
    }
    Ok(meant.end(match accepted {
        _ if status == Status::Failed => Exit::of(&summary),
        Some(true) => Exit::Done,
        Some(false) => Exit::Attention,
        None => Exit::of(&summary),
    }))
}
