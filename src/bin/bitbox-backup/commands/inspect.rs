//! `inspect`: everything about one card.

use bitbox_backup::examine::{self, Options};
use bitbox_backup::report::Summary;

use super::only;
use crate::args::{Global, Inspect};
use crate::exit::Exit;
use crate::render;
use crate::reports::json::Json;

pub(crate) fn run(args: &Inspect, global: &Global) -> anyhow::Result<Exit> {
    let options = Options {
        firmware: args.reading.firmware,
        deleted: true,
        carve: args.carve,
        max_unpacked: args.reading.max_unpacked.saturating_mul(1 << 20),
        inspect: true,
        hash: false,
    };
    let mut source = render::reading::reading(&args.source, global, |reach| {
        examine::examine_whole(&args.source, &options, reach)
            .map_or_else(|failed| *failed, |examined| examined.report)
    });
    only(&mut source, &args.reading)?;
    let mut summary = Summary::default();
    summary.add(&source);
    let out = std::io::BufWriter::new(anstream::stdout().lock());
    if args.reading.json {
        let mut json = Json::new(out, "inspect", args.reading.firmware)?;
        json.source(&source)?;
        json.end(&summary)?;
    } else {
        render::inspect(out, &source, global, args.reading.firmware)?;
    }
    Ok(Exit::of(&summary))
}
