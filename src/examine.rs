//! One source from its path to its report: open, see twice, judge, report.

use std::path::Path;

use crate::assess::{self, Assessment, Seen};
use crate::backup::wire;
use crate::catalogue::{self, Catalogue, Scope};
use crate::export;
use crate::finding::{Finding, Rule};
use crate::firmware::{self, Version};
use crate::image::{
    self, Extent, Folder, Limits, Memory, Opened, Reach, ReadAt, Sectors, SourceKind, Watched,
};
use crate::reader::{self, Inserted};
use crate::report::{self, Card, OptionsReport, Place, PreflightReport, Source, System};

/// How sources are examined.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whose rules the device's eye follows.
    pub firmware: Version,
    /// Deleted entries too.
    pub deleted: bool,
    /// The whole surface, for backups at any place; deleted entries too.
    pub carve: bool,
    /// Most bytes of non-empty data a compressed image may unpack to.
    pub max_unpacked: u64,
    /// The whole tree, and the fields of each copy.
    pub inspect: bool,
    /// The hash of the whole source.
    pub hash: bool,
}

impl Default for Options {
    /// The newest firmware, live files only, and at most 512 MiB unpacked.
    fn default() -> Self {
        Self {
            firmware: Version::default(),
            deleted: false,
            carve: false,
            max_unpacked: 512 << 20,
            inspect: false,
            hash: false,
        }
    }
}

impl Options {
    /// All that may be brought back: deleted entries, and the whole surface.
    pub fn everything(firmware: Version, max_unpacked: u64) -> Self {
        Self {
            firmware,
            deleted: true,
            carve: true,
            max_unpacked,
            ..Self::default()
        }
    }

    /// What a line of a report says of them.
    pub fn reported(&self) -> OptionsReport {
        OptionsReport {
            deleted: self.deleted || self.carve,
            carve: self.carve,
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
    let name = report::path_text(path);
    let limits = Limits {
        max_unpacked: options.max_unpacked,
    };
    let before = Inserted::at(path);
    let Opened { source, identity } = image::open(path, &limits, wire::looks_like_backup)
        .map_err(|error| Box::new(Source::failed(&name, &error.to_string(), error.hint())))?;
    let mut gaps = Vec::new();
    let mut examined = match source {
        image::Source::Image(image) => {
            let image = Watched::new(image, reach);
            let examined = card(&name, &image, identity.kind, options);
            gaps = image.gaps();
            examined
        }
        image::Source::Folder(folder) => of_folder(&name, &folder, options),
        image::Source::SingleFile(bytes) => single_file(&name, &bytes, options),
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
    let name = report::path_text(path);
    let Opened { source, identity } = image::open(path, &limits, wire::looks_like_backup)
        .map_err(|error| Box::new(Source::failed(&name, &error.to_string(), error.hint())))?;
    let (image::Source::Image(image), Some(answer)) = (source, &examined.assessment.answer) else {
        return Ok(examined);
    };
    let sectors = Sectors::new(&*image);
    let obstacles = firmware::preflight(&sectors, answer, options.firmware);
    let is_device = identity.kind == SourceKind::BlockDevice;
    if is_device && !obstacles.is_empty() && !options.carve {
        // What is offered may erase the card: that it holds no backup is looked for everywhere.
        let carve = Options {
            carve: true,
            ..*options
        };
        examined = examine_whole(path, &carve, reach)?;
    }
    let card = examined.report.card.as_ref();
    let volume = match examined
        .assessment
        .answer
        .as_ref()
        .and_then(|answer| answer.volume)
    {
        Some(offset) if offset > 0 => reader::partition_at(path, offset),
        _ => Some(name.clone()),
    };
    let place = Place {
        device: is_device.then_some(name.as_str()),
        volume: volume.as_deref().filter(|_| is_device),
        size: image.size(),
        identity: card.and_then(|card| card.identity.as_ref()),
        system: System::here(),
    };
    let report = PreflightReport::of(&obstacles, &examined.assessment, &place);
    examined.report.preflight = Some(report);
    Ok(examined)
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

fn scope(options: &Options) -> Scope {
    Scope {
        deleted: options.deleted || options.carve,
        carve: options.carve,
        whole_tree: options.inspect,
    }
}

fn card(name: &str, image: &dyn ReadAt, kind: SourceKind, options: &Options) -> Examined {
    let sectors = Sectors::new(image);
    let answer = firmware::list_backups(&sectors, options.firmware);
    let catalogue = catalogue::locate(&sectors, scope(options));
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
    let (catalogue, files) = catalogue::folder(folder, scope(options));
    let assumed = Memory::new(export::assumed_card(&files));
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
    told(name, catalogue, assessment, card, options)
}

fn single_file(name: &str, bytes: &[u8], options: &Options) -> Examined {
    let catalogue = catalogue::single_file(name, bytes);
    let assessment = assess::assess(&catalogue, None, Seen::SingleFile, None, options.firmware);
    let card = Card::new(SourceKind::BackupFile.name().into(), &catalogue, None);
    told(name, catalogue, assessment, card, options)
}

/// A source that was looked at, with its report.
fn told(
    name: &str,
    catalogue: Catalogue,
    assessment: Assessment,
    card: Card,
    options: &Options,
) -> Examined {
    let mut report = Source::examined(
        name,
        &assessment,
        &catalogue,
        card,
        options.deleted || options.carve,
    );
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
