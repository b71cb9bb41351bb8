//! `list`: the backups on each card.

use bitbox_backup::examine::{self, Options};
use bitbox_backup::report::Summary;
use rayon::prelude::*;

use super::{Json, only, sources};
use crate::args::{Global, List};
use crate::exit::Exit;
use crate::render;

/// How many cards are read before the first of them is printed: bounds what waits for its turn.
const WINDOW: usize = 256;

pub(crate) fn run(args: &List, global: &Global) -> anyhow::Result<Exit> {
    let sources = sources(&args.sources, args.files_from.as_deref())?;
    let options = Options {
        firmware: args.reading.firmware,
        deleted: args.deleted,
        max_unpacked: args.reading.max_unpacked.saturating_mul(1 << 20),
        inspect: false,
        hash: false,
    };
    let threads = args.threads.map_or(0, std::num::NonZeroUsize::get);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()?;
    let progress = render::progress(sources.len(), global);
    let out = std::io::BufWriter::new(anstream::stdout().lock());
    let mut summary = Summary::default();
    let mut printer = if args.reading.json {
        Printer::Json(Json::new(out, "list", &args.reading)?)
    } else {
        Printer::Text(render::Text::new(
            out,
            global,
            sources.len(),
            args.reading.firmware,
        ))
    };
    for window in sources.chunks(WINDOW) {
        let examined: Vec<_> = pool.install(|| {
            let each = window.par_iter().map(|source| {
                let examined = examine::examine(source, &options);
                progress.inc(1);
                examined
            });
            each.collect()
        });
        for mut source in examined {
            only(&mut source, &args.reading)?;
            summary.add(&source);
            match &mut printer {
                Printer::Json(json) => json.source(&source)?,
                Printer::Text(text) => progress.suspend(|| text.source(&source))?,
            }
        }
    }
    progress.finish_and_clear();
    match printer {
        Printer::Json(json) => json.end(&summary)?,
        Printer::Text(text) => text.end(&summary)?,
    }
    Ok(Exit::of(&summary))
}

enum Printer<'a, W: std::io::Write> {
    Json(Json<W>),
    Text(render::Text<'a, W>),
}
