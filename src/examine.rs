//! One source from its path to its report: open, see twice, judge, report.

use std::path::Path;

use crate::assess::{self, Assessment, Seen};
use crate::backup::{recognise, wire};
use crate::catalogue::{self, Catalogue, Looked};
use crate::finding::{Advice, Finding, Rule};
use crate::firmware::{self, Answer, List, Version};
use crate::image::{
    self, Extent, Folder, Limits, Memory, Opened, Reach, ReadAt, Sectors, SourceKind, Watched,
};
use crate::reader::{self, Inserted};
use crate::report::{self, Card, OptionsReport, PreflightReport, Source};
use crate::text::path_text;
use crate::text::plural;

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

/// How sources are examined.
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
}

impl Default for Options {
    /// The newest firmware, the usual depth, and at most 512 MiB unpacked.
    fn default() -> Self {
        Self {
            firmware: Version::default(),
            depth: Depth::Usual,
            max_unpacked: 512 << 20,
            inspect: false,
            hash: false,
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
        }
    }
}

/// A source with all that was found in it, the bytes of copies included.
#[derive(Debug)]
pub struct Examined {
    /// What may be said of it.
    pub report: Source,
    /// What our eye sees.
    pub catalogue: Catalogue,
    /// What the judge says.
    pub assessment: Assessment,
}

/// Whether a small file is copies of a backup and no image of a card, whatever its name.
fn is_copy(bytes: &[u8]) -> bool {
    // What a boot sector or a partition table ends with.
    let boots = bytes.get(510..512) == Some(&[0x55, 0xAA]);
    !boots && (wire::looks_like_backup(bytes) || !recognise::traces_in_file(bytes).is_empty())
}

/// Examines a source. One that cannot be opened is a report too.
pub fn examine(path: &Path, options: &Options) -> Source {
    match examine_whole(path, options, &Reach::default()) {
        Ok(examined) => examined.report,
        Err(failed) => *failed,
    }
}

/// Examines a source and keeps all that was found. Others may see in `reach` how far it is.
///
/// # Errors
/// The report of a source that cannot be opened.
pub fn examine_whole(
    path: &Path,
    options: &Options,
    reach: &Reach,
) -> Result<Examined, Box<Source>> {
    let name = path_text(path);
    let limits = Limits {
        max_unpacked: options.max_unpacked,
    };
    let before = Inserted::at(path);
    let Opened { source, identity } = image::open(path, &limits, is_copy)
        .map_err(|error| Box::new(Source::failed(&name, &error.to_string(), error.hint())))?;
    let mut gaps = Vec::new();
    let mut examined = match source {
        image::Source::Image(image) if image.size() < SECTOR => {
            let error = format!(
                "it is too short to be a card: {}",
                plural(usize::try_from(image.size()).unwrap_or(0), "byte", "bytes")
            );
            let hint = "a card has sectors of 512 bytes; name the image of the whole card";
            return Err(Box::new(Source::failed(&name, &error, hint)));
        }
        image::Source::Image(image) => {
            let image = Watched::new(image, reach);
            let examined = card(&name, &image, identity.kind, options);
            gaps = image.gaps();
            examined
        }
        image::Source::Folder(folder) => of_folder(&name, &folder, options),
        image::Source::SingleFile(bytes) => {
            single_file(&name, &bytes, options).ok_or_else(|| {
                let error = "it is not a backup of a BitBox02: no sign of one is in it";
                let hint = "name a file backup_….bin, the folder it lies in, or an image of the whole card";
                Box::new(Source::failed(&name, error, hint))
            })?
        }
    };
    let report = &mut examined.report;
    report.identify(&identity);
    if options.hash {
        report.hash(image::sha256(path, &identity));
    }
    if identity.kind == SourceKind::BlockDevice {
        of_reader(path, &before, &gaps, report);
    }
    Ok(examined)
}

/// Examines a card, and says whether the device would take it for a new backup. Of what has no volume,
/// a folder or a single file, nothing is said.
///
/// # Errors
/// The report of a source that cannot be opened.
pub fn preflight(path: &Path, options: &Options, reach: &Reach) -> Result<Examined, Box<Source>> {
    let mut examined = examine_whole(path, options, reach)?;
    let limits = Limits {
        max_unpacked: options.max_unpacked,
    };
    let name = path_text(path);
    let Opened { source, identity } = image::open(path, &limits, is_copy)
        .map_err(|error| Box::new(Source::failed(&name, &error.to_string(), error.hint())))?;
    let (image::Source::Image(image), Some(answer)) = (source, &examined.assessment.answer) else {
        return Ok(examined);
    };
    let sectors = Sectors::new(&*image);
    let obstacles = firmware::preflight(&sectors, answer, options.firmware);
    if !obstacles.is_empty() && examined.assessment.looked != Looked::Surface {
        // What is advised may erase the card: that it holds no backup is looked for everywhere.
        let whole = Options {
            depth: Depth::Whole,
            ..*options
        };
        examined = examine_whole(path, &whole, reach)?;
    }
    let card = examined.report.card.as_ref();
    let read_only = card
        .and_then(|card| card.identity.as_ref())
        .and_then(|identity| identity.read_only);
    let mut report = PreflightReport::of(&obstacles, &examined.assessment, read_only == Some(true));
    if identity.kind == SourceKind::BlockDevice {
        let volume = examined.assessment.answer.as_ref();
        let volume = volume.and_then(|answer| answer.volume);
        report.volume = match volume.filter(|offset| *offset > 0) {
            Some(offset) => reader::partition_at(path, offset),
            None => Some(name),
        };
    }
    examined.report.preflight = Some(report);
    Ok(examined)
}

/// Examines the image of a card that is open already; `name` is what reports call it.
pub fn examine_image(name: &str, image: &dyn ReadAt, options: &Options) -> Examined {
    card(name, image, SourceKind::Raw, options)
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

fn card(name: &str, image: &dyn ReadAt, kind: SourceKind, options: &Options) -> Examined {
    let sectors = Sectors::new(image);
    let answer = firmware::list_backups(&sectors, options.firmware);
    let catalogue = catalogue::locate(&sectors, depth(options, image, &answer));
    let assessment = assess::assess(
        &catalogue,
        Some(answer),
        Seen::Card,
        Some(&sectors),
        options.firmware,
    );
    let card = Card::new(kind.name().into(), &catalogue, Some(&sectors));
    told(name, catalogue, assessment, card, options)
}

fn of_folder(name: &str, folder: &Folder, options: &Options) -> Examined {
    let looked = match options.depth {
        Depth::Quick => Looked::Folders,
        Depth::Usual | Depth::Whole => Looked::Deleted,
    };
    let (catalogue, files) = catalogue::folder(folder, looked);
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
    let card = Card::new(SourceKind::Folder.name().into(), &catalogue, None);
    let mut examined = told(name, catalogue, assessment, card, options);
    if matches!(image::images_in(&folder.path()), Ok(Some(_))) {
        // What is in them is not what is in the folder.
        examined.report.advice.insert(0, Advice::EachImage);
    }
    examined
}

/// A single file; `None` if nothing in it is or was a copy of a backup.
fn single_file(name: &str, bytes: &[u8], options: &Options) -> Option<Examined> {
    let catalogue = catalogue::single_file(name, bytes);
    if catalogue.copies.is_empty() {
        return None;
    }
    let assessment = assess::assess(&catalogue, None, Seen::SingleFile, None, options.firmware);
    let card = Card::new(SourceKind::BackupFile.name().into(), &catalogue, None);
    Some(told(name, catalogue, assessment, card, options))
}

/// A source that was looked at, with its report.
fn told(
    name: &str,
    catalogue: Catalogue,
    assessment: Assessment,
    card: Card,
    options: &Options,
) -> Examined {
    let mut report = Source::examined(name, &assessment, &catalogue, card);
    if report.card.as_ref().map(|card| &*card.kind) != Some(SourceKind::BlockDevice.name()) {
        // It is an image, or files: nothing of it wears out.
        report.advice.retain(|one| *one != Advice::Image);
    }
    if options.inspect {
        report::inspect(&mut report, &assessment, &catalogue);
    }
    Examined {
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
        let source = examine(path, &Options::default());
        assert_eq!(source.source, "no\\xffwhere\\x1b[31m.img");
        assert_eq!(source.status, report::Status::Failed);
    }
}
