//! One source from its path to its report: open, see twice, judge, report.

mod given;
mod kinds;
mod options;
mod several;

use std::path::{Path, PathBuf};

pub use given::{examine_given, examine_given_folder, sources_in_given, sources_of_given};
pub use kinds::{Examination, examine_image};
use kinds::{card, of_folder, single_file};
pub use options::{AT_ONCE, Depth, IdPrefix, Options, Part};
use options::{limits, more_unpacked, part_of};
pub use several::{StandsFor, sources_at};
use several::{cards_in, is_copy};

use crate::finding::{Finding, Rule};
use crate::firmware::Obstacle;
use crate::image::{self, Evidence, Extent, OpenError, ReadAt, SourceKind, Watched};
use crate::progress::Progress;
use crate::reader::{self, Inserted};
use crate::report::{BesideReport, PreflightReport, Source};
use crate::text::path_text;

/// Bytes of a sector; a card has at least one.
const SECTOR: u64 = image::SECTOR as u64;

/// Examines a source: opens it once, makes both views of it, judges and reports.
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
    report.beside = BesideReport::of(path);
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

/// What is known of a source that was looked at, beside what was found in it.
struct Aside {
    identity: image::Identity,
    evidence: Option<Box<Evidence>>,
    gaps: Vec<Extent>,
    obstacles: Option<Vec<Obstacle>>,
}

/// What is to be refused is searched before.
fn deep_enough(options: Options) -> Options {
    match options.depth {
        Depth::Quick => Options {
            depth: Depth::Usual,
            ..options
        },
        _ => options,
    }
}

/// The images of cards in a folder of this system.
fn cards_beside(
    folder: &image::Folder,
    kind: SourceKind,
    options: &Options,
    progress: &Progress<'_>,
) -> Vec<PathBuf> {
    let found = match kind {
        SourceKind::Folder => cards_in(&folder.path(), options, progress),
        _ => None,
    };
    found.map_or_else(Vec::new, |found| [found.images, found.unread].concat())
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
        otherwise,
    } = opened;
    let (source, part) = part_of(source, options.part)?;
    let options = &match otherwise {
        Some(_) => deep_enough(*options),
        None => *options,
    };
    let mut gaps = Vec::new();
    let mut obstacles = None;
    let mut examination = match source {
        image::Medium::Image(image) if image.size() < SECTOR => {
            return Err(OpenError::TooShort { size: image.size() });
        }
        image::Medium::Image(image) => {
            let image = Watched::new(image, progress);
            let seen = card(name, &image, identity.kind, options);
            let is_bare = seen.0.catalogue.is_bare() && !progress.is_stopped();
            if let Some(error) = otherwise.filter(|_| is_bare) {
                return Err(error);
            }
            gaps = image.gaps();
            obstacles = seen.1;
            seen.0
        }
        image::Medium::Folder(folder) => {
            let cards = cards_beside(&folder, identity.kind, options, progress);
            of_folder(name, &folder, identity.kind, &cards, options)
        }
        image::Medium::SingleFile(bytes) => single_file(name, &bytes, options)
            .ok_or_else(|| otherwise.unwrap_or_else(|| several::no_backup(&bytes)))?,
    };
    if progress.is_stopped() {
        return Err(OpenError::Stopped);
    }
    let report = &mut examination.report;
    report.identify(&identity);
    report.part = part;
    report.max_unpacked = more_unpacked(options, identity.kind);
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
    let assessment = &examination.assessment;
    let mut report = PreflightReport::of(obstacles, assessment, read_only, size.unwrap_or(0));
    if is_reader {
        let answer = assessment.answer.as_ref();
        let volume = answer.and_then(|answer| answer.volume);
        report.volume = match volume.filter(|offset| *offset > 0) {
            Some(offset) => reader::partition_at(path, offset),
            None => Some(path_text(path)),
        };
    }
    examination.report.preflight = Some(report);
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
        assert_eq!(source.status, crate::report::Status::Failed);
    }
}
