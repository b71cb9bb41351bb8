//! One source from its path to its report: open, see twice, judge, report.

mod given;
mod part;
mod several;

use std::path::{Path, PathBuf};

pub use given::{examine_given, examine_given_folder, sources_in_given, sources_of_given};
pub use part::Part;
pub use several::{StandsFor, sources_at};
use several::{cards_in, has_signs, is_copy, of_several};

use crate::assess::{self, Assessment, Seen};
use crate::catalogue::{self, Catalogue, Looked};
use crate::finding::{Advice, Finding, Rule};
use crate::firmware::{self, Answer, List, Obstacle, Version};
use crate::image::{
    self, Evidence, Extent, Folder, Limits, Memory, OpenError, ReadAt, Sectors, SourceKind,
    Transform, Transformed, Watched,
};
use crate::progress::Progress;
use crate::reader::{self, Inserted};
use crate::report::{self, Card, OptionsReport, PreflightReport, Source};
use crate::text::path_text;

/// How far a source is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// Live folders only.
    Quick,
    /// All files and deleted entries; the whole card too where the device lists no backup and at most
    /// [`AT_ONCE`] bytes have to be read for it.
    #[default]
    Usual,
    /// The whole card always.
    Whole,
}

/// Bytes of a sector; a card has at least one.
const SECTOR: u64 = image::SECTOR as u64;

/// Most bytes that are searched without being asked to, where the device lists no backup: 4 GiB.
pub const AT_ONCE: u64 = 4 << 30;

/// How sources are examined. Made from [`Options::default`], as fields may be added:
/// `Options { hash: true, ..Options::default() }`.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whose rules the device's eye follows.
    pub firmware: Version,
    /// How far to look.
    pub depth: Depth,
    /// Most bytes of non-empty data a compressed image may unpack to.
    pub max_unpacked: u64,
    /// The whole tree, and the fields of each copy, in the report.
    pub inspect: bool,
    /// The hash of the whole source.
    pub hash: bool,
    /// Only this part of each image, as a card of its own.
    pub part: Option<Part>,
    /// Whether the device would take the card for a new backup. A card it would not take is searched whole;
    /// of what has no volume, a folder or a single file, nothing is said.
    pub preflight: bool,
}

impl Default for Options {
    /// The newest firmware that is released, the usual depth, and at most 512 MiB unpacked.
    fn default() -> Self {
        Self {
            firmware: Version::default(),
            depth: Depth::Usual,
            max_unpacked: 512 << 20,
            inspect: false,
            hash: false,
            part: None,
            preflight: false,
        }
    }
}

impl Options {
    /// To recover all there is: the whole card.
    pub fn everything(firmware: Version, max_unpacked: u64) -> Self {
        Self {
            firmware,
            depth: Depth::Whole,
            max_unpacked,
            ..Self::default()
        }
    }

    /// What a line of a report says of them.
    pub fn reported(&self) -> OptionsReport {
        OptionsReport {
            quick: self.depth == Depth::Quick,
            deleted: self.depth != Depth::Quick,
            carve: self.depth == Depth::Whole,
            max_unpacked: self.max_unpacked,
            hash: self.hash,
            redact: false,
            id: None,
            part: self.part.map(|part| part.reported(None)),
        }
    }
}

/// A source with all that was found in it, the bytes of copies included.
#[derive(Debug)]
#[non_exhaustive]
pub struct Examination {
    /// What may be said of it.
    pub report: Source,
    /// What our eye sees.
    pub catalogue: Catalogue,
    /// What the judge says.
    pub assessment: Assessment,
}

impl Examination {
    /// Makes one examination of several, in which copies of one wallet are evidence together whatever source they
    /// are in. Its report is that of the first; the others are returned beside it. `None` if there is none.
    pub fn join(all: Vec<Self>) -> Option<(Self, Vec<Source>)> {
        let mut reports = Vec::new();
        let mut catalogues = Vec::new();
        let mut assessments = Vec::new();
        for one in all {
            reports.push(one.report);
            catalogues.push(one.catalogue);
            assessments.push(one.assessment);
        }
        let catalogue = Catalogue::join(catalogues);
        let assessment = assess::assess_joined(&catalogue, assessments)?;
        let mut reports = reports.into_iter();
        let report = reports.next()?;
        let joined = Self {
            report,
            catalogue,
            assessment,
        };
        Some((joined, reports.collect()))
    }
}

/// Examines a source: opens it once, sees it with both eyes, judges and reports.
///
/// ```
/// use bitbox_backup::examine::{Options, examine};
///
/// let path = "testdata/healthy.img.zst".as_ref();
/// # #[cfg(feature = "compressed")]
/// let examination = examine(path, &Options::default())?;
/// # #[cfg(feature = "compressed")]
/// assert_eq!(examination.report.backups.len(), 1);
/// # Ok::<(), bitbox_backup::image::OpenError>(())
/// ```
///
/// # Errors
/// [`OpenError`] if it cannot be opened, or is neither a card, a folder nor a backup file. All else that is
/// wrong with it is in the report.
pub fn examine(path: &Path, options: &Options) -> Result<Examination, OpenError> {
    examine_watched(path, options, &Progress::default())
}

/// The report of a source, whether it can be opened or not.
pub fn report_on(path: &Path, options: &Options) -> Source {
    match examine(path, options) {
        Ok(examination) => examination.report,
        Err(error) => Source::not_opened(path, &error),
    }
}

/// Does what [`examine`] does; others may see in `progress` how far it is, and stop it.
///
/// # Errors
/// Those of [`examine`].
pub fn examine_watched(
    path: &Path,
    options: &Options,
    progress: &Progress<'_>,
) -> Result<Examination, OpenError> {
    let limits = limits(options);
    let before = Inserted::at(path);
    let opened = match options.part {
        Some(Part::Offset(_)) => image::open_raw(path, &limits, progress),
        _ => image::open(path, &limits, is_copy, progress),
    }?;
    let is_reader = opened.identity.kind == SourceKind::BlockDevice;
    let (mut examination, seen) = examine_opened(&path_text(path), opened, options, progress)?;
    let report = &mut examination.report;
    match seen.evidence {
        Some(evidence) => of_evidence(*evidence, options.hash, progress, report),
        None if options.hash => report.hash(image::sha256(path, &seen.identity, progress)),
        None => {}
    }
    if progress.is_stopped() {
        return Err(OpenError::Stopped);
    }
    if is_reader {
        of_reader(path, &before, &seen.gaps, report);
    }
    if let Some(obstacles) = seen.obstacles {
        note_preflight(path, is_reader, &obstacles, &mut examination);
    }
    Ok(examination)
}

fn limits(options: &Options) -> Limits {
    Limits {
        max_unpacked: options.max_unpacked,
    }
}

/// What is known of a source that was looked at, beside what was found in it.
struct Aside {
    identity: image::Identity,
    evidence: Option<Box<Evidence>>,
    gaps: Vec<Extent>,
    obstacles: Option<Vec<Obstacle>>,
}

fn examine_opened(
    name: &str,
    opened: image::Opened,
    options: &Options,
    progress: &Progress<'_>,
) -> Result<(Examination, Aside), OpenError> {
    let image::Opened {
        source,
        identity,
        evidence,
        damage,
    } = opened;
    let (source, part) = part::of(source, options.part)?;
    let mut gaps = Vec::new();
    let mut obstacles = None;
    let mut examination = match source {
        image::Medium::Image(image) if image.size() < SECTOR => {
            return Err(OpenError::TooShort { size: image.size() });
        }
        image::Medium::Image(image) => {
            let image = Watched::new(image, progress);
            let seen = card(name, &image, identity.kind, options);
            gaps = image.gaps();
            obstacles = seen.1;
            seen.0
        }
        image::Medium::Folder(folder) => {
            let on_system = (identity.kind == SourceKind::Folder).then(|| folder.path());
            let cards = on_system.and_then(|path| cards_in(&path));
            let cards = cards.map(|found| found.images).unwrap_or_default();
            of_folder(name, &folder, identity.kind, &cards, options)
        }
        image::Medium::SingleFile(bytes) => {
            let found = || image::foreign_in(&bytes);
            single_file(name, &bytes, options)
                .ok_or_else(|| OpenError::NotABackup { found: found() })?
        }
    };
    if progress.is_stopped() {
        return Err(OpenError::Stopped);
    }
    let report = &mut examination.report;
    report.identify(&identity);
    report.part = part;
    for damaged in damage {
        report.note(&Finding::new(Rule::ImageDamaged, damaged.what, damaged.at));
    }
    let aside = Aside {
        identity,
        evidence,
        gaps,
        obstacles,
    };
    Ok((examination, aside))
}

/// Notes what an E01 image says of itself, and whether it holds where hashes are asked for.
fn of_evidence(mut evidence: Evidence, hash: bool, progress: &Progress<'_>, report: &mut Source) {
    if hash && let Err(error) = evidence.hash(progress) {
        report.hash(Err(error));
    }
    report.tell_evidence(evidence.report);
}

/// Notes whether the device would take a card for a new backup.
fn note_preflight(
    path: &Path,
    is_reader: bool,
    obstacles: &[Obstacle],
    examination: &mut Examination,
) {
    let card = examination.report.card.as_ref();
    let identity = card.and_then(|card| card.identity.as_ref());
    let read_only = identity.and_then(|identity| identity.read_only) == Some(true);
    // A part of an image tells nothing of the card.
    let is_whole = examination.report.part.is_none();
    let size = card.and_then(|card| card.size).filter(|_| is_whole);
    let mut report = PreflightReport::of(
        obstacles,
        &examination.assessment,
        read_only,
        size.unwrap_or(0),
    );
    if is_reader {
        let answer = examination.assessment.answer.as_ref();
        let volume = answer.and_then(|answer| answer.volume);
        report.volume = match volume.filter(|offset| *offset > 0) {
            Some(offset) => reader::partition_at(path, offset),
            None => Some(path_text(path)),
        };
    }
    examination.report.preflight = Some(report);
}

/// Examines the image of a card that is open already; `name` is what reports call it.
pub fn examine_image(name: &str, image: &dyn ReadAt, options: &Options) -> Examination {
    card(name, image, SourceKind::Raw, options).0
}

/// Notes which card it was, and what its reader and this computer did to it.
fn of_reader(path: &Path, before: &Inserted, gaps: &[Extent], report: &mut Source) {
    report.tell_fate(before.fate(!gaps.is_empty()));
    if let Some(finding) = mounted(&reader::mounted_writable(path)) {
        report.note(&finding);
    }
    if let Some(card) = &mut report.card {
        card.identity = before.identity().cloned();
    }
}

/// The finding for a card that this computer can write to at these places.
fn mounted(places: &[String]) -> Option<Finding> {
    let message = format!("it is mounted and can be written at {}", places.join(", "));
    (!places.is_empty()).then(|| Finding::new(Rule::MountedWritable, message, None))
}

/// How far a card is looked at on which the device sees what it answers.
fn depth(options: &Options, image: &dyn ReadAt, answer: &Answer) -> Looked {
    let lists = matches!(&answer.list, List::Ok(backups) if !backups.is_empty());
    match options.depth {
        Depth::Quick => Looked::Folders,
        Depth::Usual if !lists && holds_at_most(image, AT_ONCE) => Looked::Surface,
        Depth::Usual => Looked::Deleted,
        Depth::Whole => Looked::Surface,
    }
}

/// Whether at most so many bytes of an image may hold anything but zeros.
fn holds_at_most(image: &dyn ReadAt, most: u64) -> bool {
    let (mut at, mut sum) = (0, 0_u64);
    while let Some(data) = image.next_data(at) {
        sum = sum.saturating_add(data.length);
        if sum > most || data.end() <= at {
            return false;
        }
        at = data.end();
    }
    true
}

/// A card, and what stands against a new backup on it, where that was asked for.
fn card(
    name: &str,
    image: &dyn ReadAt,
    kind: SourceKind,
    options: &Options,
) -> (Examination, Option<Vec<Obstacle>>) {
    let sectors = Sectors::new(image);
    let answer = firmware::list_backups(&sectors, options.firmware);
    let obstacles = options
        .preflight
        .then(|| firmware::preflight(&sectors, &answer, options.firmware));
    let mut looked = depth(options, image, &answer);
    if obstacles
        .as_ref()
        .is_some_and(|obstacles| !obstacles.is_empty())
    {
        // What is advised may erase the card: that it holds no backup is looked for everywhere.
        looked = Looked::Surface;
    }
    let mut catalogue = catalogue::locate(&sectors, looked);
    if options.depth == Depth::Whole && catalogue.is_bare() && holds_at_most(image, AT_ONCE) {
        catalogue = in_other_order(image).unwrap_or(catalogue);
    }
    let assessment = assess::assess(
        &catalogue,
        Some(answer),
        Seen::Card,
        Some(&sectors),
        options.firmware,
    );
    let card = Card::new(kind.name().into(), &catalogue, Some(&sectors));
    (
        report_card(name, catalogue, assessment, card, options),
        obstacles,
    )
}

/// What is in a dump that a tool wrote inverted or in another order, if an intact copy of a backup is in it.
fn in_other_order(image: &dyn ReadAt) -> Option<Catalogue> {
    Transform::list(image).iter().find_map(|transform| {
        let dump = Transformed::new(image, transform);
        let found = catalogue::locate(&Sectors::new(&dump), Looked::Surface);
        found.of_transformed(&transform.to_string())
    })
}

/// A folder, with the files a card with its contents would have. What of it are cards of their own is left out.
fn of_folder(
    name: &str,
    folder: &Folder,
    kind: SourceKind,
    cards: &[PathBuf],
    options: &Options,
) -> Examination {
    let looked = match options.depth {
        Depth::Quick => Looked::Folders,
        Depth::Usual | Depth::Whole => Looked::Deleted,
    };
    let (catalogue, files) = catalogue::folder(folder, looked, cards);
    let assumed = Memory::new(firmware::assumed_card(
        files.iter().map(|file| (file.path(), file.bytes())),
    ));
    let sectors = Sectors::new(&assumed);
    let answer = firmware::list_backups(&sectors, options.firmware);
    let assessment = assess::assess(
        &catalogue,
        Some(answer),
        Seen::AssumedCard,
        None,
        options.firmware,
    );
    let card = Card::new(kind.name().into(), &catalogue, None);
    let mut examination = report_card(name, catalogue, assessment, card, options);
    if !cards.is_empty() {
        of_several(cards.len(), &mut examination.report);
    }
    examination
}

/// A single file; `None` if nothing in it is or was a copy of a backup.
fn single_file(name: &str, bytes: &[u8], options: &Options) -> Option<Examination> {
    let catalogue = catalogue::single_file(name, bytes);
    // A name alone makes no copy of what is surely something else.
    let is_foreign = || !has_signs(bytes) && image::foreign_in(bytes).is_some();
    if catalogue.copies.is_empty() || is_foreign() {
        return None;
    }
    let assessment = assess::assess(&catalogue, None, Seen::SingleFile, None, options.firmware);
    let card = Card::new(SourceKind::BackupFile.name().into(), &catalogue, None);
    Some(report_card(name, catalogue, assessment, card, options))
}

/// A source that was looked at, with its report.
fn report_card(
    name: &str,
    catalogue: Catalogue,
    assessment: Assessment,
    card: Card,
    options: &Options,
) -> Examination {
    let mut report = Source::examined(name, &assessment, &catalogue, card);
    if report.card.as_ref().map(|card| &*card.kind) != Some(SourceKind::BlockDevice.name()) {
        // It is an image, or files: nothing of it wears out.
        report.advice.retain(|one| *one != Advice::Image);
    }
    if options.inspect {
        report::inspect(&mut report, &assessment, &catalogue);
    }
    Examination {
        report,
        catalogue,
        assessment,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_card_that_can_be_written_is_named() {
        assert_eq!(mounted(&[]), None);
        let finding = mounted(&["/media/card".to_owned(), "/mnt".to_owned()]).unwrap();
        assert_eq!(finding.rule.name(), "mounted-writable");
        assert!(finding.message.ends_with("at /media/card, /mnt"));
    }

    #[test]
    fn names_of_sources_are_harmless() {
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(std::ffi::OsStr::from_bytes(b"no\xffwhere\x1b[31m.img"));
        let source = report_on(path, &Options::default());
        assert_eq!(source.source, "no\\xffwhere\\x1b[31m.img");
        assert_eq!(source.status, report::Status::Failed);
    }
}
