use std::fs;

use super::*;

fn images_in(folder: &Path, is_copy: fn(&[u8]) -> bool) -> io::Result<Option<Images>> {
    super::images_in(folder, &Limits::default(), is_copy, &Progress::default())
}

#[test]
fn images_are_told_from_what_lies_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str, length: usize| {
        fs::write(folder.path().join(name), vec![0; length]).unwrap();
    };
    make("b.img", 512);
    make("a.IMG.zst", 20);
    make("c.dd", 70_000);
    make("large.bin", 70_000);
    make("d.E01", 700);
    make("d.E02", 700);
    make("d.E04", 700);
    make("b.img.map", 70);
    assert_eq!(
        images_in(Path::new("/no/such/folder"), |_| false).ok(),
        None
    );
    make("backup_0.bin", 131);
    make("README.txt", 700);
    make("empty.img", 0);
    make("notes.zst", 20);
    fs::create_dir(folder.path().join("older")).unwrap();
    let names = |paths: &[PathBuf]| -> Vec<String> {
        let names = paths.iter().map(|path| path.file_name().unwrap());
        names
            .map(|name| name.to_str().unwrap().to_owned())
            .collect()
    };
    let found = images_in(folder.path(), |_| false).unwrap().unwrap();
    assert_eq!(
        names(&found.images),
        ["a.IMG.zst", "b.img", "c.dd", "d.E01", "large.bin"]
    );
    assert_eq!(
        names(&found.others),
        ["README.txt", "backup_0.bin", "d.E04", "notes.zst", "older"]
    );
    assert_eq!(names(&found.unread), ["empty.img"]);
    fs::create_dir(folder.path().join("BITBOX02")).unwrap();
    assert_eq!(images_in(folder.path(), |_| false).unwrap(), None);
}

#[test]
fn cards_are_found_in_folders_and_copies_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let make = |name: &str, length: usize| {
        fs::create_dir_all(at(name).parent().unwrap()).unwrap();
        fs::write(at(name), vec![7; length]).unwrap();
    };
    make("one/bitbox02/id/0.bin", 100);
    make("recup_dir.1/f1.bin", 70_000);
    make("recup_dir.1/f2.iso", 70_000);
    make("recup_dir.1/f3.bin", 100);
    let is_seven = |bytes: &[u8]| bytes.first() == Some(&7);
    assert_eq!(
        images_in(folder.path(), is_seven).unwrap(),
        None,
        "one card"
    );
    make("two/bitbox02/id/0.bin", 100);
    let found = images_in(folder.path(), is_seven).unwrap().unwrap();
    assert_eq!(found.images, [at("one"), at("two")]);
    assert_eq!(found.others, [at("recup_dir.1")]);
    assert!(found.has_copies, "f3.bin");
    assert!(
        !images_in(folder.path(), |_| false)
            .unwrap()
            .unwrap()
            .has_copies
    );
    make("deep/er/a.img", 600);
    make("deep/er/._a.img", 600);
    let mut boots = vec![0; 70_000];
    boots[510..512].copy_from_slice(&[0x55, 0xAA]);
    fs::write(at("recup_dir.1/f1.bin"), boots).unwrap();
    let found = images_in(folder.path(), |_| false).unwrap().unwrap();
    let images = ["deep/er/a.img", "one", "recup_dir.1/f1.bin", "two"];
    assert_eq!(found.images, images.map(at));
    let others = [
        "deep/er/._a.img",
        "recup_dir.1/f2.iso",
        "recup_dir.1/f3.bin",
    ];
    assert_eq!(found.others, others.map(at));
}

#[test]
fn a_split_image_counts_by_its_first_part() {
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str, length: usize| {
        fs::write(folder.path().join(name), vec![0; length]).unwrap();
    };
    let at = |names: &[&str]| -> Vec<PathBuf> {
        names.iter().map(|name| folder.path().join(name)).collect()
    };
    for name in [
        "a.img.aa", "a.img.ab", "b.000", "b.001", "b.002", "c.00", "c.01", "c.02", "xaa", "xab",
    ] {
        make(name, 30 << 10);
    }
    // Neither whole sectors nor the name of an image; a first part alone; what macOS puts beside one.
    for (name, length) in [
        ("notesaa", 700),
        ("notesab", 700),
        ("c.raw.aa", 1024),
        ("._a.img.aa", 1024),
        ("._a.img.ab", 1024),
    ] {
        make(name, length);
    }
    let found = images_in(folder.path(), |_| true).unwrap().unwrap();
    assert_eq!(found.images, at(&["a.img.aa", "b.000", "c.00", "xaa"]));
    let others = ["._a.img.aa", "._a.img.ab", "c.raw.aa", "notesaa", "notesab"];
    assert_eq!(found.others, at(&others));
}

#[test]
fn what_may_be_a_card_and_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("shut")).unwrap();
    let files: [(&str, &[u8]); 6] = [
        ("card.img", &[0; 1024]),
        ("empty.dd", b""),
        ("lost.7z", b"7z\xbc\xaf\x27\x1c and more"),
        ("disk", b"QFI\xfb\0\0\0\x03 and more"),
        ("letter.pdf", b"%PDF-1.4"),
        ("card.img.map", b"# Mapfile"),
    ];
    for (name, bytes) in files {
        fs::write(at(name), bytes).unwrap();
    }
    let shut = Shut(at("shut"));
    let limits = Limits::default();
    let found = cards_in(
        &shut,
        folder.path(),
        &limits,
        |_| false,
        &Progress::default(),
    );
    let found = found.unwrap().unwrap();
    assert_eq!(found.images, [at("card.img")]);
    let unread = ["disk", "empty.dd", "lost.7z", "shut"];
    assert_eq!(found.unread, unread.map(at));
    assert_eq!(found.others, [at("letter.pdf")]);
}

/// The folders of the system, one of which may not be listed.
struct Shut(PathBuf);

impl Tree for Shut {
    fn list(&self, folder: &Path, most: usize) -> io::Result<Vec<(PathBuf, bool)>> {
        match folder == self.0 {
            true => Err(io::ErrorKind::PermissionDenied.into()),
            false => SystemTree.list(folder, most),
        }
    }

    fn is_folder(&self, path: &Path) -> bool {
        SystemTree.is_folder(path)
    }

    fn size(&self, path: &Path) -> u64 {
        SystemTree.size(path)
    }

    fn open(&self, path: &Path) -> Option<Arc<dyn ReadAt>> {
        SystemTree.open(path)
    }

    fn belongings(&self, card: &Path) -> Vec<PathBuf> {
        SystemTree.belongings(card)
    }

    fn has_parts(&self, first: &Path) -> bool {
        SystemTree.has_parts(first)
    }

    fn is_later_part(&self, path: &Path) -> bool {
        SystemTree.is_later_part(path)
    }

    fn is_lone_part(&self, path: &Path) -> bool {
        SystemTree.is_lone_part(path)
    }
}
