//! Files that somebody else has opened, as a browser does for the page of `web`: they are what files of the system
//! are.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bitbox_backup::examine::{
    self, Options, examine_given, examine_given_folder, report_on, sources_at, sources_in_given,
    sources_of_given,
};
use bitbox_backup::image::{
    GivenFile, GivenFolder, GivenSource, Limits, Medium, Memory, OpenError, ReadAt, ReadError,
    SystemError, open_given,
};
use bitbox_backup::progress::Progress;
use bitbox_backup::report::Source;
use serde_json::Value;

use crate::support::program::{self, testdata};

/// The shipped cards, by their paths.
fn shipped() -> Vec<PathBuf> {
    let names = program::shipped().into_iter();
    names.map(|name| testdata().join(name)).collect()
}

fn bytes(path: &Path) -> Arc<dyn ReadAt> {
    Arc::new(Memory::new(std::fs::read(path).unwrap()))
}

fn given(path: &Path) -> GivenFile {
    GivenFile::new(path, bytes(path))
}

fn report(file: &GivenFile) -> Source {
    match examine_given(file, &Options::default(), &Progress::default()) {
        Ok(examination) => examination.report,
        Err(error) => Source::not_opened(&file.name(), &error),
    }
}

/// A report without what only the system knows of a file.
fn plain(source: &Source) -> Value {
    let mut value = serde_json::to_value(source).unwrap();
    for known in ["inode", "modified"] {
        value[known] = Value::Null;
    }
    value
}

#[test]
fn every_shipped_card_is_the_same() {
    for path in shipped() {
        let ours = report(&given(&path));
        let theirs = report_on(&path, &Options::default());
        assert_eq!(plain(&ours), plain(&theirs), "{}", path.display());
    }
}

#[test]
fn what_is_no_card_is_refused_alike() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("empty.img", &b""[..]),
        ("short.img", &[0; 99]),
        ("card.qcow2", b"QFI\xfb\0\0\0\x03 and more"),
        ("notes.bin", b"some text"),
        ("cut.img.gz", b"\x1f\x8b\x08\0\0\0\0\0"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let ours = report(&given(&path));
        let theirs = report_on(&path, &Options::default());
        assert_eq!(plain(&ours), plain(&theirs), "{name}");
        assert!(ours.error.is_some());
    }
    let path = folder.path().join("card.E01");
    let segment = Memory::new(b"EVF\x09\x0d\x0a\xff\x00 and more".to_vec());
    let refused = report(&GivenFile::new(path, Arc::new(segment)));
    assert!(refused.error.unwrap().contains("E01"));
}

#[test]
fn an_archive_stands_for_each_card_in_it() {
    let cards: Vec<_> = shipped().into_iter().take(3).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cards.zip");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for card in &cards {
        let name = card.file_name().unwrap().to_str().unwrap();
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(&std::fs::read(card).unwrap()).unwrap();
    }
    std::fs::write(&path, zip.finish().unwrap().into_inner()).unwrap();
    let (options, progress) = (Options::default(), Progress::default());
    let members = sources_of_given(&given(&path), &options, &progress);
    let paths = sources_at(&path, &options, &progress).sources;
    assert_eq!(members.len(), paths.len());
    for (member, path) in members.iter().zip(&paths) {
        let GivenSource::File(member) = member else {
            panic!("{member:?}");
        };
        assert_eq!(member.name(), *path);
        let theirs = report_on(path, &Options::default());
        assert_eq!(plain(&report(member)), plain(&theirs));
    }
}

#[test]
fn the_map_of_an_image_says_what_is_missing() {
    let image = GivenFile::new("card.img", Arc::new(Memory::new(vec![0; 4096])));
    let mut mapped = image.clone();
    mapped.map = Some(Ok("0 + 1\n0 512 +\n512 3584 -\n".to_owned()));
    let opened =
        |file: &GivenFile| open_given(file, &Limits::default(), |_| false, &Progress::default());
    let gaps = |file: &GivenFile| {
        let Medium::Image(image) = opened(file).unwrap().source else {
            panic!();
        };
        let gaps = image.gaps();
        gaps.iter()
            .map(|gap| (gap.offset, gap.length))
            .collect::<Vec<_>>()
    };
    assert_eq!(gaps(&image), []);
    assert_eq!(gaps(&mapped), [(512, 3584)]);
    mapped.map = Some(Ok("somebody's notes\n".to_owned()));
    assert_eq!(gaps(&mapped), []);
    mapped.map = Some(Ok("0 + 1\n0 512\n".to_owned()));
    assert!(matches!(opened(&mapped), Err(OpenError::Map(_))));
    // A file that the browser no longer gives is no missing one.
    let mut folder = GivenFolder::new("cards");
    folder.add("card.img", Arc::new(Memory::new(vec![0; 4096])), None);
    folder.add("card.img.map", Arc::new(Gone), None);
    let Some(GivenSource::File(mapped)) = folder.source(Path::new("cards/card.img")) else {
        panic!();
    };
    assert!(matches!(opened(&mapped), Err(OpenError::Map(_))));
}

/// A file that can no longer be read.
struct Gone;

impl ReadAt for Gone {
    fn size(&self) -> u64 {
        100
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        Err(ReadError::Unreadable {
            offset,
            length: buf.len() as u64,
            cause: SystemError::from(&std::io::ErrorKind::NotFound.into()),
        })
    }
}

#[test]
fn a_folder_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let examined =
        examine::examine(&testdata().join("healthy.img.zst"), &Options::default()).unwrap();
    let mut ours = GivenFolder::new(folder.path());
    let places = &examined.assessment.backups[0].copies;
    for (copy, index) in examined.report.backups[0].copies.iter().zip(places) {
        let name = copy.path.trim_start_matches('/');
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, examined.catalogue.bytes(*index)).unwrap();
        ours.add(name, bytes(&path), None);
    }
    let ours = examine_given_folder(ours, &Options::default(), &Progress::default()).report;
    let theirs = report_on(folder.path(), &Options::default());
    assert_eq!(ours.backups.len(), 1);
    assert_eq!(plain(&ours), plain(&theirs));
}

#[test]
fn a_folder_of_cards_stands_for_each() {
    let folder = tempfile::tempdir().unwrap();
    let card = std::fs::read(testdata().join("healthy.img.zst")).unwrap();
    let mut ours = GivenFolder::new(folder.path());
    for name in [
        "b.img.zst",
        "a.img.zst",
        "notes.txt",
        "below/c.img.zst",
        "below/c.img.zst.map",
        "old/bitbox02/notes.txt",
        "loose/copy.img.zst.txt",
    ] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(
            &path,
            if name.contains(".zst") {
                &card[..]
            } else {
                b"text"
            },
        )
        .unwrap();
        ours.add(name, bytes(&path), None);
    }
    let (options, progress) = (Options::default(), Progress::default());
    let theirs = sources_at(folder.path(), &options, &progress).sources;
    // The last is the folder itself: a copy can be seen in a compressed card that is named like a text.
    assert_eq!(theirs.len(), 5, "{theirs:?}");
    let ours = sources_in_given(ours, &options, &progress);
    for (one, path) in ours.into_iter().zip(&theirs) {
        let report = match one {
            GivenSource::File(file) => report(&file),
            GivenSource::Folder(folder) => examine_given_folder(folder, &options, &progress).report,
        };
        let theirs = report_on(path, &Options::default());
        assert_eq!(plain(&report), plain(&theirs), "{}", path.display());
    }
}
