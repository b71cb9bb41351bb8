mod bounds;

use std::io::{Cursor, Write};
use std::path::PathBuf;

use ::zip::write::SimpleFileOptions;
use ::zip::{CompressionMethod, ZipWriter};

use crate::image::containers::foreign::Foreign;
use crate::image::{
    ArchiveDamage, Extent, FolderError, Limits, Medium, OpenError, Opened, ReadAt, SourceKind,
    members_of, open,
};
use crate::progress::Progress;

/// Most memory that may be unpacked here.
const BUDGET: u64 = 1 << 20;

/// A copy is whatever begins so.
fn is_copy(bytes: &[u8]) -> bool {
    bytes.starts_with(b"copy")
}

/// An image of 200 KiB with a boot sector and noise.
fn card() -> Vec<u8> {
    let mut card = vec![0; 200 << 10];
    let mut state = 1_u64;
    for byte in &mut card[1000..120_000] {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        *byte = (state >> 56) as u8;
    }
    card[510..512].copy_from_slice(&[0x55, 0xaa]);
    card
}

fn zip(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in members {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn deflated(members: &[(&str, &[u8])]) -> Vec<u8> {
    zip(members, CompressionMethod::Deflated)
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = ::tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// A file of these bytes, and what lies below it.
struct File {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl File {
    fn new(bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cards.archive");
        std::fs::write(&path, bytes).unwrap();
        Self {
            _folder: folder,
            path,
        }
    }

    fn members(&self) -> Vec<PathBuf> {
        let limits = Limits::unpacked(BUDGET);
        members_of(&self.path, &limits, is_copy, &Progress::default())
    }

    fn open(&self, below: &str) -> Result<Opened, OpenError> {
        let limits = Limits {
            max_unpacked: BUDGET,
        };
        let path = if below.is_empty() {
            self.path.clone()
        } else {
            self.path.join(below)
        };
        open(&path, &limits, is_copy, &Progress::default())
    }
}

fn image(opened: Opened) -> Box<dyn ReadAt> {
    match opened.source {
        Medium::Image(image) => image,
        other => panic!("{other:?}"),
    }
}

fn bytes(image: &dyn ReadAt) -> Vec<u8> {
    let mut bytes = vec![0; image.size() as usize];
    image.read_at(0, &mut bytes).unwrap();
    bytes
}

fn foreign(bytes: &[u8]) -> Foreign {
    match File::new(bytes).open("") {
        Err(OpenError::Foreign(foreign)) => foreign,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_archive_of_one_image_stands_for_it() {
    let card = card();
    let members = [
        ("__MACOSX/._card.img", &card[..600]),
        ("a/card.img", &card),
        ("notes.txt", b"hello"),
    ];
    let stored = zip(&members, CompressionMethod::Stored);
    for (archive, kind) in [
        (deflated(&members), SourceKind::Zip),
        (stored, SourceKind::Zip),
        (tar(&members), SourceKind::Tar),
        (gzip(&tar(&members)), SourceKind::Tar),
        // Told by its content, and packed once more.
        (deflated(&[("whatever", &card)]), SourceKind::Zip),
        (deflated(&[("card.img.gz", &gzip(&card))]), SourceKind::Zip),
        (tar(&[("card.img.gz", &gzip(&card))]), SourceKind::Tar),
    ] {
        let opened = File::new(&archive).open("").unwrap();
        assert_eq!(opened.identity.kind, kind);
        assert_eq!(opened.identity.size, archive.len() as u64);
        assert_eq!(opened.damage, []);
        let image = image(opened);
        assert!(bytes(&*image) == card);
        assert_eq!(image.gaps(), []);
    }
}

#[test]
fn of_several_each_is_named() {
    let card = card();
    let members = [
        ("a.img", &card[..]),
        ("b/b.dd", &card[..4096]),
        ("x/bitbox02/id/0.bin", b"copy 1"),
    ];
    for archive in [deflated(&members), tar(&members), gzip(&tar(&members))] {
        let file = File::new(&archive);
        let error = file.open("").unwrap_err();
        let images = vec!["a.img".to_owned(), "b/b.dd".to_owned()];
        assert_eq!(
            error,
            OpenError::Several {
                images,
                backups: true
            }
        );
        assert!(error.hint().contains("FILE/a.img"));
        let paths = file.members();
        assert_eq!(
            paths,
            ["a.img", "b/b.dd", "x/"].map(|name| file.path.join(name))
        );
        assert!(bytes(&*image(file.open("a.img").unwrap())) == card);
        assert!(bytes(&*image(file.open("b/b.dd").unwrap())) == card[..4096]);
        for below in ["x", "x/"] {
            let opened = file.open(below).unwrap();
            let Medium::Folder(folder) = opened.source else {
                panic!()
            };
            let entries = folder.contents().entries;
            assert_eq!(entries[0].name, "bitbox02");
        }
        let opened = file.open("x/bitbox02/id/0.bin").unwrap();
        assert!(matches!(&opened.source, Medium::SingleFile(bytes) if bytes[..] == b"copy 1"[..]));
        assert_eq!(file.open("c.img").unwrap_err(), OpenError::NotFound);
        assert_eq!(file.open("a.img/b").unwrap_err(), OpenError::NotFound);
    }
    // Only as far as it may be unpacked.
    let packed = File::new(&gzip(&tar(&members)));
    let within = |most| {
        let limits = Limits::unpacked(most);
        members_of(&packed.path, &limits, is_copy, &Progress::default()).len()
    };
    assert_eq!((within(1 << 12), within(1 << 20)), (0, 3));
    let one = File::new(&tar(&[("a.img", &card)]));
    assert_eq!(one.members(), [""; 0].map(PathBuf::from));
}

#[test]
fn an_archive_of_backups_stands_for_their_folder() {
    let members = [
        ("card/bitbox02/id/1.bin", &b"copy 2"[..]),
        ("card/bitbox02/id/0.bin", b"copy 1"),
        ("card/.DS_Store", b"x"),
        ("__MACOSX/card/._.DS_Store", b"y"),
    ];
    for archive in [deflated(&members), tar(&members)] {
        let opened = File::new(&archive).open("").unwrap();
        let Medium::Folder(root) = opened.source else {
            panic!()
        };
        let names = |folder: &crate::image::Folder| -> Vec<String> {
            folder
                .contents()
                .entries
                .iter()
                .map(|entry| entry.name.clone())
                .collect()
        };
        assert_eq!(names(&root), [".DS_Store", "bitbox02"]);
        let bitbox02 = root.folder(&root.contents().entries[1]);
        let id = bitbox02.folder(&bitbox02.contents().entries[0]);
        assert_eq!(names(&id), ["0.bin", "1.bin"]);
        let file = &id.contents().entries[0];
        assert_eq!(
            (file.size, file.read(4).unwrap().as_slice()),
            (6, &b"copy"[..])
        );
        assert!(
            file.path()
                .ends_with("cards.archive/card/bitbox02/id/0.bin")
        );
    }
    // Loose copies.
    let opened = File::new(&deflated(&[("0.bin", b"copy 1"), ("1.bin", b"copy 2")]))
        .open("")
        .unwrap();
    assert!(matches!(opened.source, Medium::Folder(_)));
}

#[test]
fn what_holds_neither_is_named() {
    let of = |members: &[(&str, &[u8])]| foreign(&deflated(members));
    assert_eq!(of(&[("notes.txt", b"hello")]), Foreign::ZIP);
    assert_eq!(of(&[]), Foreign::ZIP);
    assert_eq!(of(&[("[Content_Types].xml", b"<x/>")]), Foreign::OFFICE);
    assert_eq!(
        of(&[("mimetype", b"application/epub+zip")]),
        Foreign::OPEN_DOCUMENT
    );
    assert_eq!(of(&[("container.description", b"aff4://x")]), Foreign::AFF4);
    assert_eq!(foreign(&tar(&[("notes.txt", b"hello")])), Foreign::TAR);
    let mut encrypted = deflated(&[("card.img", &card())]);
    let list = encrypted
        .windows(4)
        .rposition(|bytes| bytes == b"PK\x01\x02")
        .unwrap();
    encrypted[6] |= 1;
    encrypted[list + 8] |= 1;
    assert_eq!(foreign(&encrypted), Foreign::ENCRYPTED_ZIP);
    assert_eq!(
        foreign(&[&b"PK\x03\x04"[..], &[0; 600]].concat()),
        Foreign::DAMAGED_ZIP
    );
    // A tar archive that was written over a card is a card.
    let mut over = tar(&[("card.img", &card())]);
    over.extend([7; 4096]);
    let opened = File::new(&over).open("").unwrap();
    assert_eq!(opened.identity.kind, SourceKind::Raw);
}

/// What lies behind an archive that was written over a card would be lost in it.
#[test]
fn an_archive_that_was_written_over_a_card_is_a_card() {
    let card = card();
    let long = [&card[..], &[0x91; 1 << 20]].concat();
    for archive in [
        deflated(&[("card.img", &card)]),
        tar(&[("card.img", &card)]),
        b"PK\x03\x04 and nothing of an archive".to_vec(),
    ] {
        let mut over = long.clone();
        over[..archive.len()].copy_from_slice(&archive);
        over.truncate(over.len() / 512 * 512);
        over[510..512].fill(0);
        let opened = File::new(&over).open("").unwrap();
        assert_eq!(opened.identity.kind, SourceKind::Raw);
        // One that is cut short there is none.
        let cut = &archive[..archive.len() * 2 / 3];
        let kind = File::new(cut).open("").map(|opened| opened.identity.kind);
        assert_ne!(kind, Ok(SourceKind::Raw));
    }
}

#[test]
fn a_wrong_checksum_is_said_and_nothing_is_lost() {
    let card = card();
    let mut archive = zip(&[("card.img", &card)], CompressionMethod::Stored);
    let at = archive
        .windows(8)
        .position(|bytes| bytes == &card[2000..2008])
        .unwrap();
    archive[at] ^= 0x10;
    let opened = File::new(&archive).open("").unwrap();
    let [damaged] = &opened.damage[..] else {
        panic!("{:?}", opened.damage)
    };
    assert!(
        damaged.what.contains("card.img") && damaged.what.contains("CRC-32"),
        "{damaged:?}"
    );
    let image = image(opened);
    assert_eq!(
        (image.size(), image.gaps()),
        (card.len() as u64, Vec::new())
    );
}

#[test]
fn what_is_wrong_with_a_copy_is_said_and_the_copy_used() {
    let members = [
        ("bitbox02/id/0.bin", &b"copy 1"[..]),
        ("bitbox02/id/1.bin", b"copy 2, which is longer"),
    ];
    let mut wrong = zip(&members, CompressionMethod::Stored);
    let last = wrong
        .windows(6)
        .position(|bytes| bytes == b"copy 2")
        .unwrap();
    wrong[last + 5] = b'3';
    let whole = tar(&members);
    let header = whole
        .windows(6)
        .position(|bytes| bytes == b"copy 2")
        .unwrap();
    let cut = whole[..header + 10].to_vec();
    for (archive, damage, bytes) in [
        (
            wrong,
            ArchiveDamage::Checksum,
            &b"copy 3, which is longer"[..],
        ),
        (cut, ArchiveDamage::Cut { at: 10 }, b"copy 2, wh"),
    ] {
        let file = File::new(&archive);
        let Medium::Folder(root) = file.open("").unwrap().source else {
            panic!()
        };
        let bitbox02 = root.folder(&root.contents().entries[0]);
        let id = bitbox02.folder(&bitbox02.contents().entries[0]);
        let entries = id.contents().entries;
        assert_eq!(entries[0].trouble, None);
        assert_eq!(entries[1].trouble, Some(FolderError::Damaged(damage)));
        assert_eq!(entries[1].read(100).unwrap().as_slice(), bytes);
        let opened = file.open("bitbox02/id/1.bin").unwrap();
        assert!(matches!(&opened.source, Medium::SingleFile(found) if found[..] == *bytes));
        let said = opened
            .damage
            .iter()
            .filter(|one| one.what.contains("1.bin"));
        assert_eq!(said.count(), 1, "{:?}", opened.damage);
    }
}

#[test]
fn what_is_cut_short_is_used_as_far_as_it_is_there() {
    let card = card();
    let members = [("card.img", &card[..])];
    let whole = [
        deflated(&members),
        zip(&members, CompressionMethod::Stored),
        tar(&members),
        gzip(&tar(&members)),
        gzip(&card),
    ];
    for archive in whole {
        let cut = &archive[..archive.len() * 3 / 5];
        let opened = File::new(cut).open("").unwrap();
        assert!(!opened.damage.is_empty());
        let image = image(opened);
        let [Extent { offset, length }] = image.gaps()[..] else {
            panic!("{:?}", image.gaps())
        };
        assert!(offset > 60_000, "{offset}");
        assert_eq!(offset + length, image.size());
        let mut there = vec![0; (offset / 512 * 512) as usize];
        image.read_at(0, &mut there).unwrap();
        assert!(there == card[..there.len()]);
        assert!(image.read_at(offset, &mut [0]).is_err());
    }
}
