//! Files that somebody else has opened, as a browser does for the page of `web`: they are what files of the system
//! are.

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

use crate::support::cards::zip;
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
    for known in ["inode", "modified", "beside"] {
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
    let member = |card: &PathBuf| {
        let name = card.file_name().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read(card).unwrap())
    };
    let members: Vec<_> = cards.iter().map(member).collect();
    let members: Vec<_> = members
        .iter()
        .map(|(name, bytes)| (&**name, &**bytes))
        .collect();
    std::fs::write(&path, zip(&members)).unwrap();
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
        let is_card = |report: &Source| {
            report
                .card
                .as_ref()
                .is_some_and(|card| !card.volumes.is_empty())
        };
        assert!(is_card(&theirs), "{path:?}");
    }
}

#[test]
fn the_map_of_an_image_says_what_is_missing() {
    let image = GivenFile::new("card.img", Arc::new(Memory::new(vec![0; 4096])));
    let map = |text: &str| -> Arc<dyn ReadAt> { Arc::new(Memory::new(text.as_bytes().to_vec())) };
    let mut mapped = image.clone();
    mapped.maps = vec![map("0 + 1\n0 512 +\n512 3584 -\n")];
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
    mapped.maps = vec![map("somebody's notes\n")];
    assert_eq!(gaps(&mapped), []);
    mapped.maps.push(map("0 + 1\n0 4096 -\n"));
    assert_eq!(gaps(&mapped), [(0, 4096)]);
    mapped.maps = vec![map("0 + 1\n0 512\n")];
    assert!(matches!(opened(&mapped), Err(OpenError::Map(_))));
}

/// A file that cannot be read.
struct Unreadable;

impl ReadAt for Unreadable {
    fn size(&self) -> u64 {
        512
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        Err(ReadError::Unreadable {
            offset,
            length: buf.len() as u64,
            cause: SystemError::from(&std::io::ErrorKind::Other.into()),
        })
    }
}

#[test]
fn without_its_map_an_image_is_not_examined() {
    let (options, progress) = (Options::default(), Progress::default());
    let card = bytes(&testdata().join("healthy.img.zst"));
    let mut image = GivenFile::new("card.img.zst", Arc::clone(&card));
    image.maps = vec![Arc::new(Unreadable)];
    let mut folder = GivenFolder::new("cards");
    folder.add("card.img.zst", card, None);
    folder.add("card.img.zst.map", Arc::new(Unreadable), None);
    let Some(GivenSource::File(below)) = sources_in_given(folder, &options, &progress).pop() else {
        panic!();
    };
    for image in [image, below] {
        let error = report(&image).error.unwrap();
        assert!(error.starts_with("the map beside it cannot be used: it cannot be read: "));
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
fn a_folder_that_is_not_all_listed_is_not_empty() {
    let folder = |unlisted: &[&str]| {
        let mut folder = GivenFolder::new("card");
        folder.add("notes.txt", Arc::new(Memory::new(b"text".to_vec())), None);
        unlisted.iter().for_each(|name| folder.add_unlisted(name));
        folder
    };
    let left_out = |folder: GivenFolder| {
        let examined = examine_given_folder(folder, &Options::default(), &Progress::default());
        let findings = examined.report.findings.into_iter();
        let mut messages = findings.map(|finding| finding.message);
        messages.find(|message| message.starts_with("not all of "))
    };
    let said = |path: &str| Some(format!("not all of {path} was examined"));
    assert_eq!(left_out(folder(&[])), None);
    assert_eq!(left_out(folder(&[""])), said("/"));
    let below = folder(&["old/bitbox02"]);
    let Some(GivenSource::Folder(old)) = below.source(Path::new("card/old")) else {
        panic!();
    };
    assert_eq!(left_out(old), said("/bitbox02"));
    assert_eq!(left_out(below), said("/old/bitbox02"));
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
    // A compressed card is one, also where it is named like a text or a map.
    assert_eq!(theirs.len(), 6, "{theirs:?}");
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
