//! One source from its path to its report: open, see twice, judge, report.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::assess::{self, Assessment, Seen};
use crate::backup::wire;
use crate::catalogue::{self, Catalogue, Scope};
use crate::export;
use crate::firmware::{self, Version};
use crate::image::{self, Folder, Identity, Limits, Memory, Opened, ReadAt, Sectors};
use crate::report::{self, Card, Source, WhatWasRead};

/// How sources are examined.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whose rules the device's eye follows.
    pub firmware: Version,
    /// Deleted entries too.
    pub deleted: bool,
    /// Most bytes of non-empty data a compressed image may unpack to.
    pub max_unpacked: u64,
    /// The whole tree, and the card from the outside in.
    pub inspect: bool,
}

impl Default for Options {
    /// The newest firmware, live files only, and at most 512 MiB unpacked.
    fn default() -> Self {
        Self {
            firmware: Version::default(),
            deleted: false,
            max_unpacked: 512 << 20,
            inspect: false,
        }
    }
}

/// Examines a source. One that cannot be opened is a report too.
pub fn examine(path: &Path, options: &Options) -> Source {
    let name = shown(path);
    let limits = Limits {
        max_unpacked: options.max_unpacked,
    };
    match image::open(path, &limits, wire::looks_like_backup) {
        Ok(Opened { source, identity }) => match source {
            image::Source::Image(image) => card(&name, &*image, &identity, options),
            image::Source::Folder(folder) => of_folder(&name, &folder, options),
            image::Source::SingleFile(bytes) => single_file(&name, &bytes, options),
        },
        Err(error) => Source::failed(&name, &error.to_string(), error.hint()),
    }
}

/// A path as text; bytes that are no text as `\xNN`.
fn shown(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

fn scope(options: &Options) -> Scope {
    Scope {
        deleted: options.deleted,
        whole_tree: options.inspect,
    }
}

fn card(name: &str, image: &dyn ReadAt, identity: &Identity, options: &Options) -> Source {
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
    told(name, &catalogue, &assessment, options, || Card {
        size: Some(image.size()),
        read: Some(what_was_read(&sectors)),
        ..Card::new(identity.kind.name())
    })
}

/// The report of a source that was looked at; the card itself only where it is inspected.
fn told(
    name: &str,
    catalogue: &Catalogue,
    assessment: &Assessment,
    options: &Options,
    card: impl FnOnce() -> Card,
) -> Source {
    let mut source = Source::examined(name, assessment, catalogue, options.deleted);
    if options.inspect {
        report::inspect(&mut source, assessment, catalogue, card());
    }
    source
}

/// The hash of the different sectors read, in ascending order.
fn what_was_read(sectors: &Sectors<'_>) -> WhatWasRead {
    let mut hash = Sha256::new();
    let mut count = 0_u64;
    for lba in sectors.read_so_far() {
        if let Ok(sector) = sectors.sector(lba) {
            hash.update(sector.as_slice());
            count += 1;
        }
    }
    WhatWasRead {
        sectors: count,
        bytes: count * 512,
        sha256: hex::encode(hash.finalize()),
    }
}

fn of_folder(name: &str, folder: &Folder, options: &Options) -> Source {
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
    told(name, &catalogue, &assessment, options, || {
        Card::new("folder")
    })
}

fn single_file(name: &str, bytes: &[u8], options: &Options) -> Source {
    let catalogue = catalogue::single_file(name, bytes);
    let assessment = assess::assess(&catalogue, None, Seen::SingleFile, None, options.firmware);
    told(name, &catalogue, &assessment, options, || Card::new("file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn names_of_sources_are_harmless() {
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(std::ffi::OsStr::from_bytes(b"no\xffwhere\x1b[31m.img"));
        let source = examine(path, &Options::default());
        assert_eq!(source.source, "no\\xffwhere\\x1b[31m.img");
        assert_eq!(source.status, "failed");
    }
}
