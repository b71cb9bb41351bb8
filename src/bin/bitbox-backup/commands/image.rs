//! `image`: a sector-exact copy of a card.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::anyhow;
use bitbox_backup::acquire::ImageReport;
use bitbox_backup::acquire::{self, Copied, Ended, Target, TargetError, Watch};
use bitbox_backup::files::{Sources, WriteError};
use bitbox_backup::image::{self, Extent, FileImage, Limits, OpenError, ReadAt, Source};
use bitbox_backup::progress::Progress;
use bitbox_backup::reader::Inserted;
use bitbox_backup::reader::{CardIdentity, Fate};
use bitbox_backup::report::SCHEMA;
use bitbox_backup::text::path_text;
use indicatif::{ProgressBar, ProgressStyle};

use super::warned;
use crate::args::{Global, Image};
use crate::exit::Exit;
use crate::places::{self, protect};
use crate::{interrupt, render};

const WARNING: &str = "\
The image of a card holds its wallets in plain text: whoever reads it can take
all their money. Write it only to a disk that nobody else reads and that stays
offline, and destroy it afterwards.";
const QUESTION: &str = "Write wallets in plain text?";
const STOPPING: &str =
    "stopping; run the same command again to continue; press again to end at once";

pub(crate) fn run(args: &Image, global: &Global) -> anyhow::Result<Exit> {
    let sources = protect([&args.source]);
    let source = open(&args.source)?;
    let stop = interrupt::stop(STOPPING);
    if !args.yes && !warned(WARNING, QUESTION)? {
        return Err(super::unwanted());
    }
    let bar = Bar::new(args, &*source, stop, global);
    let mut report = begin(args, &*source, bar.card.identity().cloned());
    let packed = args
        .to
        .extension()
        .is_some_and(|name| name.eq_ignore_ascii_case("zst"));
    let mut ended = if packed {
        pack(args, &sources, &*source, &bar, &mut report)?
    } else {
        copy(args, &sources, &*source, &bar, &mut report)?
    };
    // Closed, so that what the system kept of it is not read again in its place.
    drop(source);
    if args.twice && ended == Ended::Through {
        match again(args, &bar)? {
            Some(differing) => report.differing = Some(ImageReport::pairs(differing)),
            None => ended = Ended::Stopped,
        }
    }
    // Of one that was noticed on the way nothing got into the image.
    report.exchanged = ended == Ended::Through && bar.card.fate(true) == Fate::Another;
    bar.drawn.finish_and_clear();
    let mut out = BufWriter::new(crate::output::stdout());
    if args.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        render::image::copied(&mut out, &report)?;
    }
    out.flush()?;
    Ok(match ended {
        Ended::Stopped => Exit::Interrupted,
        _ if report.is_sound() => Exit::Done,
        _ => Exit::Attention,
    })
}

/// The bytes of the card: of a device as they are, so that bad sectors are tried again.
fn open(path: &Path) -> anyhow::Result<Box<dyn ReadAt>> {
    let failed =
        |error: OpenError| anyhow!("{}: {error}\n{}", path_text(path), error.hint_for(path));
    let file = FileImage::open(path);
    if let Ok(file) = file
        && file.is_device()
    {
        return Ok(Box::new(file));
    }
    let opened =
        image::open(path, &Limits::default(), |_| false, &Progress::default()).map_err(failed)?;
    match opened.source {
        Source::Image(image) => Ok(image),
        Source::Folder(_) | Source::SingleFile(_) => Err(anyhow!(
            "{}: is not a card but files from one\nname the card reader itself, such as /dev/sdb: \
             `bitbox-backup sources` lists them",
            path_text(path)
        )),
    }
}

fn begin(args: &Image, source: &dyn ReadAt, card: Option<CardIdentity>) -> ImageReport {
    ImageReport {
        schema: SCHEMA.to_owned(),
        command: "image".to_owned(),
        source: path_text(&args.source),
        file: path_text(&args.to),
        map: None,
        size: source.size(),
        sha256: None,
        complete: false,
        ended: ImageReport::ended(Ended::Through).to_owned(),
        unreadable: Vec::new(),
        resumed: false,
        verified: None,
        differing: None,
        card,
        exchanged: false,
    }
}

fn copy(
    args: &Image,
    sources: &Sources,
    source: &dyn ReadAt,
    bar: &Bar<'_>,
    report: &mut ImageReport,
) -> anyhow::Result<Ended> {
    let target = Target::open(&args.to, sources, source.size(), data(source));
    let mut target = target.map_err(|error| not_written(&error))?;
    report.resumed = target.resumed();
    let copied = acquire::copy(source, &mut target, args.retries, bar);
    let Copied { ended, sha256, .. } = copied.map_err(|error| not_written(&error))?;
    report.ended = ImageReport::ended(ended).to_owned();
    report.unreadable = ImageReport::unreadable(target.map());
    report.complete = report.unreadable.is_empty();
    report.map = Some(path_text(target.map_path()));
    report.sha256 = sha256;
    if ended == Ended::Through && (args.verify || report.sha256.is_none()) {
        bar.says("reading back");
        let stopped = || bar.is_stopped();
        let found = target
            .read_back(&stopped)
            .map_err(|error| not_written(&error))?;
        let Some(found) = found else {
            return Ok(Ended::Stopped);
        };
        let first = report.sha256.get_or_insert_with(|| found.clone());
        report.verified = args.verify.then(|| *first == found);
    }
    Ok(ended)
}

fn pack(
    args: &Image,
    sources: &Sources,
    source: &dyn ReadAt,
    bar: &Bar<'_>,
    report: &mut ImageReport,
) -> anyhow::Result<Ended> {
    let packed = acquire::pack(source, &args.to, sources, args.retries, bar);
    let packed = packed.map_err(|error: WriteError| places::not_written(&error))?;
    report.ended = ImageReport::ended(packed.ended).to_owned();
    if packed.ended != Ended::Through {
        return Ok(packed.ended);
    }
    report.unreadable = ImageReport::unreadable(&packed.map);
    report.complete = report.unreadable.is_empty();
    report.sha256 = Some(packed.sha256.clone());
    report.map = packed.map_path.as_deref().map(path_text);
    if args.verify {
        bar.says("reading back");
        let again = image::open(
            &args.to,
            &Limits {
                max_unpacked: u64::MAX,
            },
            |_| false,
            &Progress::default(),
        );
        let again = again.ok().and_then(|opened| match opened.source {
            Source::Image(image) => acquire::hash(&*image),
            _ => None,
        });
        report.verified = Some(again.is_some() && again == report.sha256);
    }
    Ok(packed.ended)
}

/// Reads the card once more and tells where it is not what its image says; `None` if told to stop.
fn again(args: &Image, bar: &Bar<'_>) -> anyhow::Result<Option<Vec<Extent>>> {
    bar.says("second reading");
    let source = open(&args.source)?;
    let limits = Limits {
        max_unpacked: u64::MAX,
    };
    let image = image::open(&args.to, &limits, |_| false, &Progress::default());
    let image = image.map_err(|error| anyhow!("{}: {error}", path_text(&args.to)))?;
    let Source::Image(image) = image.source else {
        return Err(anyhow!("{}: is no longer an image", path_text(&args.to)));
    };
    Ok(acquire::differing(&*source, &*image, bar))
}

/// Bytes that may have to be written.
fn data(source: &dyn ReadAt) -> u64 {
    let (mut at, mut bytes) = (0, 0_u64);
    while let Some(part) = source.next_data(at) {
        bytes = bytes.saturating_add(part.length);
        at = part.end();
    }
    bytes
}

fn not_written(error: &TargetError) -> anyhow::Error {
    anyhow!("{error}\n{}", error.hint())
}

/// What a person sees meanwhile.
struct Bar<'a> {
    drawn: ProgressBar,
    stop: &'a AtomicBool,
    card: Inserted,
}

impl<'a> Bar<'a> {
    fn new(args: &'a Image, source: &dyn ReadAt, stop: &'a AtomicBool, global: &Global) -> Self {
        let drawn = if global.quiet {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(source.size())
        };
        let style = ProgressStyle::with_template(
            "{bar:16} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left{msg}",
        );
        Self {
            drawn: drawn.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())),
            stop,
            card: Inserted::at(&args.source),
        }
    }

    fn says(&self, what: &str) {
        self.drawn.set_message(format!("; {what}"));
    }
}

impl Watch for Bar<'_> {
    fn came_to(&self, done: u64, bad: u64, pass: u32) {
        self.drawn.set_position(done);
        if bad > 0 || pass > 1 {
            let sectors = bad.div_ceil(512);
            self.says(&format!("pass {pass}, {sectors} bad sectors"));
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn is_there(&self, failed: bool) -> bool {
        self.card.fate(failed) == Fate::There
    }
}
