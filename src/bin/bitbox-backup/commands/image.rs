//! `image`: a sector-exact copy of a card.

mod reread;

use std::path::PathBuf;

use anyhow::anyhow;
use bitbox_backup::acquire::{
    self, CopyObserver, Ended, ImageReport, ImageTarget, ImageTargetError,
};
use bitbox_backup::files::{Sources, WriteError};
use bitbox_backup::image::{
    self, Evidence, Extent, FileImage, Medium, OpenError, ReadAt, Readings, SourceKind,
};
use bitbox_backup::progress::Progress;
use bitbox_backup::reader::{CardFate, CardIdentity, Inserted};
use bitbox_backup::text::{escape, path_text};
use indicatif::{ProgressBar, ProgressStyle};

use super::{answer, confirmed_plain_text};
use crate::answers::{Outcome, Status};
use crate::args::{Global, Record, Unpacking};
use crate::exit::Exit;
use crate::output_paths::{self, NotWritten, protect};
use crate::{evidence, interrupt, privacy, render};
use reread::{again, keep_readings};

const WARNING: &str = "\
The image of a card holds its wallets in plain text: whoever reads it can take
all their money. Write it only to a disk that nobody else reads and that stays
offline, and destroy it afterwards.";
const STOPPING: &str =
    "stopping; run the same command again to continue; press again to end at once";
const STOPPING_COMPRESSED: &str =
    "stopping; a compressed image cannot be resumed; press again to end at once";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A card reader such as /dev/sdb, or an image
    #[arg(value_name = "SOURCE")]
    pub(crate) source: PathBuf,
    /// Write the image to this file, compressed if the name ends in .zst, and its map to FILE.map
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
    /// How often to retry bad sectors, from both ends in turn
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) retries: u32,
    /// Read the image back from the disk and compare
    #[arg(long)]
    pub(crate) verify: bool,
    /// Read the card a second time and compare: a worn card may give other bytes
    #[arg(long)]
    pub(crate) twice: bool,
    /// Read the card N times and keep each sector that gives other bytes, in FILE.readings: `recover` uses them all
    #[arg(long, value_name = "N", conflicts_with = "twice", value_parser = clap::value_parser!(u32).range(2..=i64::from(Readings::MAX_COUNT)))]
    pub(crate) reads: Option<u32>,
    #[command(flatten)]
    pub(crate) unpacking: Unpacking,
    /// Skip the confirmation prompt
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) record: Record,
}

pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let sources = protect([&args.source]);
    let Card {
        image: source,
        evidence,
        container,
        damage,
    } = open(args)?;
    let ending = args.to.extension();
    let packed = ending.is_some_and(|name| name.eq_ignore_ascii_case("zst"));
    let stop = interrupt::stop(match packed {
        true => STOPPING_COMPRESSED,
        false => STOPPING,
    });
    confirmed_plain_text(args.yes, WARNING)?;
    let drawn = draw(&*source, global);
    let listener = |progress: &Progress<'_>| drawn.set_position(progress.done());
    let bar = Bar {
        drawn: &drawn,
        progress: Progress::stopped_by(stop).heard_by(&listener),
        card: Inserted::at(&args.source),
    };
    let mut report = begin(args, &*source, bar.card.identity().cloned());
    report.container = container.map(|kind| kind.name().to_owned());
    report.container_damage = damage;
    report.compressed = packed;
    let mut ended = match packed {
        true => pack(args, &sources, &*source, &bar, &mut report)?,
        false => copy(args, &sources, &*source, &bar, &mut report)?,
    };
    // Closed, so that what the system kept of it is not read again in its place.
    drop(source);
    if ended == Ended::Through {
        ended = match args.reads {
            Some(reads) => keep_readings(args, reads, &sources, &bar, &mut report)?,
            None if args.twice => again(args, &bar, None, &mut report)?,
            None => ended,
        };
    }
    if let (Some(evidence), Ended::Through) = (evidence, ended) {
        ended = compare(*evidence, &bar, &mut report);
    }
    // Of one that was noticed on the way nothing got into the image.
    report.exchanged = ended == Ended::Through && bar.card.fate(true) == CardFate::Another;
    bar.drawn.finish_and_clear();
    evidence::result(serde_json::to_value(&report)?);
    let outcome = match ended {
        Ended::Stopped => Outcome::because(
            Status::Interrupted,
            "the copy was interrupted".to_owned(),
            Some(render::text::image::to_continue(&report).to_owned()),
        ),
        _ => Outcome::DONE,
    };
    answer("image", args.json, outcome, &report, |out| {
        privacy::learn(&report);
        let mut shown = report.clone();
        if privacy::is_on() {
            // The case is no name that could be replaced in a sentence.
            shown.e01 = privacy::of(&shown.e01).flatten();
            // It may name a member of an archive.
            shown.container_damage.iter_mut().for_each(|damage| {
                "it is cut short or damaged".clone_into(damage);
            });
        }
        Ok(render::text::image::copied(out, &shown, args.verify)?)
    })?;
    Ok(match ended {
        Ended::Stopped => Exit::Interrupted,
        _ if report.is_sound() => Exit::Done,
        _ => Exit::Attention,
    })
}

/// A card that is copied, and what an E01 image says of itself.
struct Card {
    image: Box<dyn ReadAt>,
    evidence: Option<Box<Evidence>>,
    /// What the file is, where it is neither a card nor a raw image of one.
    container: Option<SourceKind>,
    /// What is wrong with that file, escaped.
    damage: Vec<String>,
}

/// The bytes of the card: of a device as they are, so that bad sectors are tried again.
fn open(args: &Args) -> anyhow::Result<Card> {
    let path = &*args.source;
    let failed =
        |error: OpenError| anyhow!("{}: {error}\n{}", path_text(path), error.hint_for(path));
    let file = FileImage::open(path).ok();
    if let Some(file) = file.filter(FileImage::is_device) {
        return Ok(Card {
            image: Box::new(file),
            evidence: None,
            container: None,
            damage: Vec::new(),
        });
    }
    let limits = args.unpacking.limits();
    let opened = image::open(path, &limits, |_| false, &until_stopped()).map_err(failed)?;
    if let (Medium::SingleFile(_), Some(error)) = (&opened.source, opened.otherwise) {
        return Err(failed(error));
    }
    match opened.source {
        Medium::Image(image) => Ok(Card {
            image,
            evidence: opened.evidence,
            container: match opened.identity.kind {
                SourceKind::Raw | SourceKind::BlockDevice => None,
                kind => Some(kind),
            },
            damage: opened.damage.iter().map(|one| escape(&one.what)).collect(),
        }),
        Medium::Folder(_) | Medium::SingleFile(_) => Err(anyhow!(
            "{}: is not a card but files from one\nname the card reader itself, such as /dev/sdb: \
             `bitbox-backup sources` lists them",
            path_text(path)
        )),
    }
}

/// While a file is opened nothing is shown, and it can be stopped.
fn until_stopped() -> Progress<'static> {
    Progress::stopped_by(interrupt::flag())
}

fn begin(args: &Args, source: &dyn ReadAt, card: Option<CardIdentity>) -> ImageReport {
    ImageReport {
        source: path_text(&args.source),
        file: path_text(&args.to),
        written: false,
        compressed: false,
        map: None,
        size: source.size(),
        sha256: None,
        complete: false,
        ended: Ended::Through,
        unreadable: Vec::new(),
        resumed: false,
        cut_at: None,
        verified: None,
        differing: None,
        readings: None,
        card,
        exchanged: false,
        container: None,
        container_damage: Vec::new(),
        e01: None,
    }
}

/// Compares the hashes that an E01 image holds with those of its contents. Why one cannot be computed is said.
fn compare(mut evidence: Evidence, bar: &Bar<'_>, report: &mut ImageReport) -> Ended {
    bar.says("comparing stored hashes");
    let hashed = evidence.hash(&bar.progress);
    report.e01 = Some(Box::new(evidence.report));
    if let Err(error) = hashed {
        if bar.progress.is_stopped() {
            return Ended::Stopped;
        }
        let source = &report.source;
        crate::exit::failed(&anyhow!(
            "{source}: its hashes cannot be computed: {error}\nverify it with `ewfverify`, and look for another copy of it"
        ));
    }
    Ended::Through
}

fn copy(
    args: &Args,
    sources: &Sources,
    source: &dyn ReadAt,
    bar: &Bar<'_>,
    report: &mut ImageReport,
) -> anyhow::Result<Ended> {
    let target = ImageTarget::open(&args.to, sources, source.size(), data(source));
    let mut target = target.map_err(|error| not_written(&error))?;
    report.written = true;
    report.resumed = target.resumed();
    report.cut_at = target.cut_at();
    // A worn card gives other bytes than are in the image: nothing of it is to be added but its readings.
    if args.reads.is_some() && target.resumed() && target.map().missing().is_empty() {
        return finish(args, &target, bar, report);
    }
    let copied = acquire::copy(source, &mut target, args.retries, &bar.progress, bar);
    let copied = copied.map_err(|error| not_written(&error))?;
    report.ended = copied.ended;
    report.sha256 = copied.sha256;
    if !copied.differing.is_empty() {
        report.add_differing(copied.differing);
    }
    finish(args, &target, bar, report)
}

/// What is in the image, and its hash.
fn finish(
    args: &Args,
    target: &ImageTarget,
    bar: &Bar<'_>,
    report: &mut ImageReport,
) -> anyhow::Result<Ended> {
    report.unreadable = target.map().missing();
    report.complete = report.unreadable.is_empty();
    report.map = Some(path_text(target.map_path()));
    if report.ended == Ended::Through && (args.verify || report.sha256.is_none()) {
        bar.says("reading back");
        let found = target.read_back(&bar.progress);
        let Some(found) = found.map_err(|error| not_written(&error))? else {
            return Ok(Ended::Stopped);
        };
        // Without a hash from the card there is nothing to compare with.
        let same = report.sha256.as_ref().map(|first| *first == found);
        report.verified = same.filter(|_| args.verify);
        report.sha256.get_or_insert(found);
    }
    Ok(report.ended)
}

fn pack(
    args: &Args,
    sources: &Sources,
    source: &dyn ReadAt,
    bar: &Bar<'_>,
    report: &mut ImageReport,
) -> anyhow::Result<Ended> {
    let (progress, retries) = (&bar.progress, args.retries);
    let packed = acquire::pack(source, &args.to, sources, retries, progress, bar);
    let packed = packed.map_err(|error: WriteError| output_paths::not_written(&error))?;
    report.ended = packed.ended;
    if packed.ended != Ended::Through {
        let (offset, length) = (0, report.size);
        report.unreadable = vec![Extent { offset, length }];
        return Ok(packed.ended);
    }
    report.written = true;
    report.unreadable = packed.map.missing();
    report.complete = report.unreadable.is_empty();
    report.sha256 = Some(packed.sha256.clone());
    report.map = packed.map_path.as_deref().map(path_text);
    if args.verify {
        bar.says("reading back");
        let again = acquire::read_back_packed(&args.to, &bar.progress);
        if bar.progress.is_stopped() {
            return Ok(Ended::Stopped);
        }
        report.verified = Some(again == report.sha256);
    }
    Ok(packed.ended)
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

pub(super) fn not_written(error: &ImageTargetError) -> anyhow::Error {
    if let ImageTargetError::Place(error) = error {
        return output_paths::not_written(error);
    }
    NotWritten::error(error, error.hint(), true)
}

/// What a person sees meanwhile.
struct Bar<'a> {
    drawn: &'a ProgressBar,
    progress: Progress<'a>,
    card: Inserted,
}

fn draw(source: &dyn ReadAt, global: &Global) -> ProgressBar {
    let drawn = match global.quiet {
        true => ProgressBar::hidden(),
        false => ProgressBar::new(source.size()),
    };
    let style = ProgressStyle::with_template(
        "{bar:16} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left{msg}",
    );
    drawn.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

impl Bar<'_> {
    fn says(&self, what: &str) {
        self.drawn.set_message(format!("; {what}"));
    }
}

impl CopyObserver for Bar<'_> {
    fn is_there(&self, failed: bool) -> bool {
        self.card.fate(failed) == CardFate::There
    }

    fn report_bad(&self, bad: u64, pass: u32) {
        if bad > 0 || pass > 1 {
            let sectors = bad.div_ceil(512);
            self.says(&format!("pass {pass}, {sectors} bad sectors"));
        }
    }
}
