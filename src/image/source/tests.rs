use super::*;
use crate::image::OpenError;
use crate::image::{Packing, PackingFlaw, UnpackError};
use crate::progress::Progress;
use std::fs;
use std::io::Write;

/// The first bytes of a backup file.
const COPY: [u8; 110] = {
    let mut bytes = [7; 110];
    [bytes[0], bytes[1], bytes[2], bytes[3]] = [0x0a, 0x6c, 0x0a, 0x6a];
    [bytes[4], bytes[5]] = [0x0a, 0x20];
    bytes
};

fn is_copy(bytes: &[u8]) -> bool {
    matches!(bytes, [0x0a, _, 0x0a, _, 0x0a, 0x20, ..])
}

fn opened(name: &str, bytes: &[u8]) -> Result<Opened, OpenError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let limits = Limits {
        max_unpacked: 1 << 20,
    };
    open(&path, &limits, is_copy, &Progress::default())
}

fn kind(name: &str, bytes: &[u8]) -> SourceKind {
    opened(name, bytes).unwrap().identity.kind
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn what_it_is_is_told_by_its_content() {
    assert_eq!(kind("card.img", &[0; 700]), SourceKind::Raw);
    assert_eq!(kind("tiny", &[1]), SourceKind::Raw);
    assert_eq!(kind("0.bin", &COPY), SourceKind::BackupFile);
    assert_eq!(kind("damaged.BIN", &[0xff; 300]), SourceKind::BackupFile);
    assert_eq!(kind("no-name", &COPY), SourceKind::BackupFile);
    assert_eq!(kind("short", &COPY[..6]), SourceKind::BackupFile);
    // Line feeds and letters.
    assert!(matches!(
        opened("shorter", &COPY[..5]),
        Err(OpenError::Foreign(_))
    ));
    assert_eq!(kind(".bin", &[0; 3]), SourceKind::Raw);
    assert_eq!(kind("64k.bin", &[0; 65_536]), SourceKind::BackupFile);
    assert_eq!(kind("card.bin", &[0; 65_537]), SourceKind::Raw);
    let mut sector = COPY.to_vec();
    sector.resize(512, 0);
    assert_eq!(kind("FILE0000.CHK", &sector), SourceKind::BackupFile);
    assert_eq!(kind("card.img", &gzip(&[9; 99])), SourceKind::Gzip);
    assert_eq!(kind("card.bin", &gzip(&[9; 99])), SourceKind::Gzip);
    let folder = tempfile::tempdir().unwrap();
    let folder = open(
        folder.path(),
        &Limits::default(),
        is_copy,
        &Progress::default(),
    )
    .unwrap();
    assert_eq!(folder.identity.kind, SourceKind::Folder);
    assert_eq!(folder.identity.node.is_some(), cfg!(unix));
    assert!(matches!(folder.source, Medium::Folder(_)));
}

#[test]
fn its_bytes_are_there() {
    let Medium::Image(image) = opened("a.gz", &gzip(&[9; 5000])).unwrap().source else {
        panic!();
    };
    let mut buf = [0; 1000];
    image.read_at(4000, &mut buf).unwrap();
    assert_eq!((image.size(), buf), (5000, [9; 1000]));
    let packed = gzip(&[9; 5000]);
    let identity = opened("a.gz", &packed).unwrap().identity;
    assert_eq!(identity.size, packed.len() as u64);
    assert!(identity.modified.is_some());
    let Medium::SingleFile(bytes) = opened("0.bin", &COPY).unwrap().source else {
        panic!();
    };
    assert_eq!(bytes[..], COPY);
    let shown = format!("{:?}", opened("0.bin", &COPY).unwrap());
    assert!(shown.contains("SingleFile(110 bytes)"), "{shown}");
}

#[test]
fn what_is_none_is_an_error_with_a_hint() {
    let of = |name, bytes: &[u8]| opened(name, bytes).unwrap_err();
    assert_eq!(of("empty.bin", &[]), OpenError::Empty);
    assert_eq!(of("empty.gz", &gzip(&[])), OpenError::Empty);
    let nothing = of("a.gz", &gzip(&[9; 5000])[..11]);
    let OpenError::Unpack {
        packing: Packing::Gzip,
        error: UnpackError::Broken { flaw, offset, .. },
    } = nothing
    else {
        panic!("{nothing:?}");
    };
    assert_eq!((flaw, offset), (PackingFlaw::CutShort, 11));
    let random: Vec<u8> = (0..2_000_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8 | 1)
        .collect();
    let large = of("a.gz", &gzip(&random));
    let budget = 1 << 20;
    let (packing, error) = (Packing::Gzip, UnpackError::TooLarge { budget });
    assert_eq!(large, OpenError::Unpack { packing, error });
    assert!(large.hint().contains("--max-unpacked"));
    assert_eq!(large.command(), Some("gzip -dc FILE > NEW"));
    let hint = large.hint_for(Path::new("/no such folder/a.img.gz"));
    assert!(
        hint.contains("`gzip -dc '/no such folder/a.img.gz' > a.img`"),
        "{hint}"
    );
    let missing = open(
        Path::new("/no/such/file"),
        &Limits::default(),
        is_copy,
        &Progress::default(),
    )
    .unwrap_err();
    assert_eq!(missing, OpenError::NotFound);
}

#[cfg(unix)]
#[test]
fn two_paths_to_one_file_are_one_node() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b, c) = (
        folder.path().join("a"),
        folder.path().join("b"),
        folder.path().join("c"),
    );
    fs::write(&a, [1]).unwrap();
    fs::write(&c, [1]).unwrap();
    std::os::unix::fs::symlink(&a, &b).unwrap();
    let node = |path| {
        open(path, &Limits::default(), is_copy, &Progress::default())
            .unwrap()
            .identity
            .node
    };
    assert_eq!(node(&a), node(&b));
    assert_ne!(node(&a), node(&c));
}

#[test]
fn lists_of_sources() {
    let list = |bytes: &[u8]| files_from(bytes);
    let paths = list(b"a.img\n\nb c.img\r\n\r\n-\nlast").unwrap();
    assert_eq!(paths, ["a.img", "b c.img", "-", "last"].map(PathBuf::from));
    assert!(list(b"").unwrap().is_empty());
    // As editors and shells of Windows write them.
    let wanted = ["a.img", "Grüße.img"].map(PathBuf::from);
    let text = "a.img\r\nGrüße.img\r\n";
    assert_eq!(list(format!("\u{FEFF}{text}").as_bytes()).unwrap(), wanted);
    let wide = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(unit).collect()
    };
    for mut bytes in [wide(u16::to_le_bytes), wide(u16::to_be_bytes)] {
        assert_eq!(list(&bytes).unwrap(), wanted);
        bytes.pop();
        assert!(list(&bytes).is_err(), "half a unit");
    }
    let line = |length: u64| vec![b'a'; length as usize];
    for end in [&b""[..], b"\n", b"\r\n"] {
        assert_eq!(list(&[&line(MAX_LINE), end].concat()).unwrap().len(), 1);
        assert!(list(&[&line(MAX_LINE + 1), end].concat()).is_err());
    }
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_stay_as_they_are() {
    use std::os::unix::ffi::OsStrExt;
    let paths = files_from(&b"a\xff \n"[..]).unwrap();
    assert_eq!(paths[0].as_os_str().as_bytes(), b"a\xff ");
}

#[test]
fn of_what_is_cut_short_the_rest_is_a_gap() {
    let card: Vec<u8> = (0..100_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let packed = gzip(&card);
    let opened = opened("a.img.gz", &packed[..packed.len() / 2]).unwrap();
    let [damaged] = &opened.damage[..] else {
        panic!("{:?}", opened.damage);
    };
    assert!(damaged.what.contains("cut short"), "{damaged:?}");
    let at = damaged.at.unwrap();
    let Medium::Image(image) = opened.source else {
        panic!();
    };
    assert!((40_000..60_000).contains(&at), "{at}");
    assert_eq!(image.size(), (at / 512 + 1) * 512);
    let length = image.size() - at;
    assert_eq!(image.gaps(), [crate::image::Extent { offset: at, length }]);
    let mut sectors = vec![0; (at / 512 * 512) as usize];
    image.read_at(0, &mut sectors).unwrap();
    assert!(sectors == card[..sectors.len()]);
}

#[test]
fn a_file_of_another_kind_is_refused_by_name() {
    for name in ["card.img", "card.qcow2"] {
        let error = opened(name, b"QFI\xfb\0\0\0\x03 and more").unwrap_err();
        assert_eq!(
            error.to_string(),
            "this is a QCOW2 disk image, not the image of a card"
        );
        assert_eq!(error.command(), Some("qemu-img convert -O raw FILE NEW"));
    }
    // Unless somebody says that it is one.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.img");
    fs::write(&path, b"QFI\xfb\0\0\0\x03 and more").unwrap();
    let raw = open_raw(&path, &Limits::default(), &Progress::default()).unwrap();
    assert_eq!(raw.identity.kind, SourceKind::Raw);
}

#[test]
fn what_a_compressed_file_holds_is_refused_by_name_too() {
    let refused = |bytes: &[u8]| opened("card.img.gz", &gzip(bytes)).unwrap_err();
    let disk = refused(b"QFI\xfb\0\0\0\x03 and more");
    assert_eq!(
        disk.to_string(),
        "this is a QCOW2 disk image compressed with gzip, not the image of a card"
    );
    assert_eq!(disk.command(), Some("gzip -dc FILE > NEW"));
    let text = refused(b"a text");
    assert!(text.to_string().contains("a text file"), "{text}");
    assert_eq!(text.command(), None);
    let twice = refused(&gzip(&vec![0; 1024]));
    assert!(twice.to_string().contains("a gzip file"), "{twice}");
    // A card is one whatever it begins like, and so is what holds a copy.
    assert!(opened("a.gz", &gzip(&vec![0; 1024])).is_ok());
    let mut card = vec![b'a'; 1024];
    card[510..512].copy_from_slice(&[0x55, 0xAA]);
    assert!(opened("a.gz", &gzip(&card)).is_ok());
    assert!(opened("a.gz", &gzip(&COPY)).is_ok());
}

#[test]
fn what_belongs_to_many_is_what_belongs_to_each() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = (0..MANY + 2)
        .map(|number| folder.path().join(format!("card-{number}.img")))
        .collect();
    for path in &paths {
        fs::write(path, "card").unwrap();
    }
    for name in [
        "card-1.img.map",
        "card-2.map",
        "card-3.mapfile",
        "card-4.img.readings",
        "card.map",
    ] {
        fs::write(folder.path().join(name), "beside").unwrap();
    }
    let each: Vec<PathBuf> = paths.iter().flat_map(|path| belongings(path)).collect();
    assert_eq!(each.len(), 4, "{each:?}");
    assert_eq!(belongings_of(&paths), each);
    assert_eq!(belongings_of(&paths[..5]), each);
    let nowhere: Vec<PathBuf> = (0..MANY).map(|_| "no/such/card.img".into()).collect();
    assert_eq!(belongings_of(&nowhere), Vec::<PathBuf>::new());
}

/// What is opened, and why it is refused where nothing is in it.
fn unless(name: &str, bytes: &[u8]) -> (SourceKind, bool, Option<String>) {
    let opened = opened(name, bytes).unwrap();
    let is_image = matches!(opened.source, Medium::Image(_));
    let otherwise = opened.otherwise.map(|error| error.to_string());
    (opened.identity.kind, is_image, otherwise)
}

/// A card whose beginning was overwritten.
fn overwritten(with: &[u8]) -> Vec<u8> {
    let mut card = vec![0; 1 << 20];
    for (at, byte) in card.iter_mut().enumerate() {
        *byte = (at as u32).wrapping_mul(2_654_435_761).to_be_bytes()[0];
    }
    card[..with.len()].copy_from_slice(with);
    card
}

#[test]
fn a_file_over_a_card_is_searched_before_it_is_refused() {
    let png = Some("this is a PNG picture, not the image of a card".to_owned());
    let card = overwritten(b"\x89PNG\r\n\x1a\n");
    assert_eq!(
        unless("card.img", &card),
        (SourceKind::Raw, true, png.clone())
    );
    // Of an odd length, or short, it is a file in which copies may be.
    let length = |length: usize| unless("a.png", &card[..length]);
    assert_eq!(
        length(200_001),
        (SourceKind::BackupFile, false, png.clone())
    );
    assert_eq!(length(352_256), (SourceKind::BackupFile, false, png));
    assert!(matches!(
        opened("a.png", &card[..4096]),
        Err(OpenError::Foreign(_))
    ));
    let elf = Some("this is a program, not the image of a card".to_owned());
    let card = overwritten(b"\x7fELF\x02\x01\x01");
    assert_eq!(unless("card.img", &card), (SourceKind::Raw, true, elf));
    // What is compressed would give some copies, and not all; what only begins so is none.
    let seven = overwritten(b"7z\xbc\xaf\x27\x1c\0\x04\0\0\0\0\0\0\0\0\0\0\0\0");
    assert!(matches!(
        opened("card.img", &seven),
        Err(OpenError::Foreign(_))
    ));
    let seven = overwritten(b"7z\xbc\xaf\x27\x1c\0\x04");
    assert_eq!(unless("card.img", &seven), (SourceKind::Raw, true, None));
    let gzip = overwritten(&gzip(&[9; 9000]));
    let none = Some("this is a gzip file, not the image of a card".to_owned());
    assert_eq!(unless("card.img", &gzip), (SourceKind::Raw, true, none));
}

#[test]
fn what_is_in_one_compressed_file_is_that_file() {
    let single = |kind| (kind, false, None);
    assert_eq!(unless("b.bin.gz", &gzip(&COPY)), single(SourceKind::Gzip));
    assert_eq!(unless("b.gz", &gzip(&COPY)), single(SourceKind::Gzip));
    assert_eq!(
        unless("b.bin.gz", &gzip(&[0xff; 300])),
        single(SourceKind::Gzip)
    );
    // A text that begins as a copy does.
    let text = [&COPY[..6], " hello\n".repeat(20_000).as_bytes()].concat();
    assert_eq!(unless("b.gz", &gzip(&text)), single(SourceKind::Gzip));
    let error = opened("b.gz", &gzip("hello\n".repeat(20_000).as_bytes())).unwrap_err();
    let expected = "this is a text file compressed with gzip, not the image of a card";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_later_part_without_the_first_is_searched_and_said_to_be_one() {
    let part = overwritten(b"in the middle");
    let later = "it is a later part of a split image, and the first part is missing".to_owned();
    for name in ["card.img.002", "card.img.part2"] {
        assert_eq!(
            unless(name, &part),
            (SourceKind::Raw, true, Some(later.clone()))
        );
    }
    assert_eq!(unless("card.img.001", &part), (SourceKind::Raw, true, None));
}

#[test]
fn what_is_surely_no_card_is_refused_where_nothing_is_in_it() {
    let unknown = "this is a file of an unknown kind, with no sign of a card or a backup in it, not the image of a card";
    let unknown = Some(unknown.to_owned());
    let noise = overwritten(&[0x9d, 0xff, 0xff]);
    assert_eq!(
        unless("card.img.br", &noise[..4752]),
        (SourceKind::Raw, true, unknown.clone())
    );
    // No card is so short.
    assert_eq!(
        unless("card.img", &noise[..4608]),
        (SourceKind::Raw, true, unknown)
    );
    // What is blank may be the beginning of one.
    for blank in [&[0; 4752][..], &[0; 70_000]] {
        assert_eq!(unless("card.img", blank), (SourceKind::Raw, true, None));
    }
    let said = |head: &[u8]| {
        let error = opened("a", &overwritten(head)[..4752]).unwrap_err();
        (error.to_string(), error.command())
    };
    let is = |name: &str| format!("this is {name}, not the image of a card");
    assert_eq!(
        said(b"x\x01\x01"),
        (
            is("a zlib file"),
            Some("zlib-flate -uncompress < FILE > NEW")
        )
    );
    assert_eq!(said(b"FsA0FsB0FSAr"), (is("an FSArchiver archive"), None));
    assert_eq!(said(b"\xfe\xef\x01\0"), (is("a Ghost image"), None));
    let age = b"age-encryption.org/v1\n-> scrypt AAAA";
    assert_eq!(
        said(age),
        (is("a file encrypted with age"), Some("age -d -o NEW FILE"))
    );
    let age = b"-----BEGIN AGE ENCRYPTED FILE-----\n";
    assert_eq!(said(age), (is("a file encrypted with age"), None));
}
