use super::*;
use crate::files::test_listing::names;
use std::ffi::OsStr;
use std::fs;
use std::sync::Arc;

const MARK: Mark = Mark {
    kind: "a note",
    beginning: b"note ",
    within: b"by us",
};

/// Makes one without a name, as far as the system has such files, or one with.
fn begun(place: &Path, is_named: bool) -> NewFile {
    let mut new = NewFile::replace(place, &Sources::none(), &MARK).unwrap();
    if is_named {
        let (part, file) = named(&new.place).unwrap();
        new.file = file;
        new.part = Some(part);
    }
    new
}

#[test]
fn it_appears_when_it_is_whole() {
    for is_named in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("new");
        let mut new = begun(&place, is_named);
        new.write_bytes(b"whole").unwrap();
        assert_eq!(fs::read(new.reading_path()).unwrap(), b"whole");
        assert!(!place.exists());
        new.finish().unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"whole");
        assert_eq!(names(folder.path()), ["new"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&place).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}

#[test]
fn dropped_it_leaves_nothing() {
    for is_named in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let mut new = begun(&folder.path().join("new"), is_named);
        new.write_bytes(b"half").unwrap();
        drop(new);
        assert_eq!(names(folder.path()), [""; 0]);
        let panicked = std::panic::catch_unwind(|| {
            let _new = begun(&folder.path().join("new"), is_named);
            std::panic::resume_unwind(Box::new(()));
        });
        assert!(panicked.is_err());
        assert_eq!(names(folder.path()), [""; 0]);
    }
}

#[test]
fn what_appears_meanwhile_is_spared() {
    for is_named in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("new");
        let mut new = begun(&place, is_named);
        new.write_bytes(b"ours").unwrap();
        // Even if it carries the mark: it was not there when the run began.
        fs::write(&place, "note by us").unwrap();
        let error = new.finish().unwrap_err();
        assert!(matches!(error, WriteError::Exists(_)), "{error}");
        assert_eq!(fs::read(&place).unwrap(), b"note by us");
        assert_eq!(names(folder.path()), ["new"]);
    }
}

#[test]
fn only_what_carries_the_mark_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("note");
    let replace = || NewFile::replace(&place, &Sources::none(), &MARK);
    for foreign in ["", "note ", "note by them", "by us: note ", "anything"] {
        fs::write(&place, foreign).unwrap();
        let error = replace().unwrap_err();
        assert!(matches!(error, WriteError::Foreign { .. }), "{error}");
    }
    let far = format!("note {}by us", " ".repeat(MARKED as usize));
    fs::write(&place, far).unwrap();
    assert!(replace().is_err(), "far behind the beginning");
    fs::write(&place, "note by us").unwrap();
    for is_named in [false, true, false] {
        let mut new = begun(&place, is_named);
        new.write_bytes(b"note 2 by us").unwrap();
        new.finish().unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"note 2 by us");
        assert_eq!(names(folder.path()), ["note"]);
    }
    fs::remove_file(&place).unwrap();
    fs::create_dir(&place).unwrap();
    assert!(matches!(replace(), Err(WriteError::Foreign { .. })));
}

#[test]
fn what_changed_since_is_spared() {
    for is_named in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("note");
        let changes: [fn(&Path); 4] = [
            |place| fs::write(place, "note by us, and me").unwrap(),
            // The same size, and the time put back.
            |place| {
                let before = fs::metadata(place).unwrap().modified().unwrap();
                fs::write(place, "note by US").unwrap();
                let file = fs::File::options().write(true).open(place).unwrap();
                file.set_modified(before).unwrap();
            },
            |place| {
                let other = place.with_extension("other");
                fs::write(&other, "note by us").unwrap();
                fs::rename(other, place).unwrap();
            },
            |place| fs::remove_file(place).unwrap(),
        ];
        for change in changes {
            // Another name each time: this run knows what it put in a place.
            let _ = fs::remove_file(&place);
            fs::write(&place, "note by us").unwrap();
            let mut new = begun(&place, is_named);
            new.write_bytes(b"note 2 by us").unwrap();
            change(&place);
            let theirs = fs::read(&place).ok();
            let error = new.finish().unwrap_err();
            assert!(matches!(error, WriteError::Changed(_)), "{error}");
            assert_eq!(fs::read(&place).ok(), theirs);
            assert!(names(folder.path()).len() <= 1);
        }
    }
}

#[cfg(unix)]
#[test]
fn what_this_run_wrote_and_somebody_changed_is_spared() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("note");
    begun(&place, false).finish().unwrap();
    fs::write(&place, "note by us, and me").unwrap();
    let error = NewFile::replace(&place, &Sources::none(), &MARK).unwrap_err();
    assert!(matches!(error, WriteError::Changed(_)), "{error}");
}

/// The folder around it may be moved while it is written: what is new moves with it.
#[cfg(unix)]
#[test]
fn a_folder_that_is_moved_takes_it_along() {
    for is_named in [false, true] {
        let around = tempfile::tempdir().unwrap();
        let [folder, moved] = ["folder", "moved"].map(|name| around.path().join(name));
        fs::create_dir(&folder).unwrap();
        let [mut ends, fails] = ["ends", "fails"].map(|name| begun(&folder.join(name), is_named));
        ends.write_bytes(b"whole").unwrap();
        fs::rename(&folder, &moved).unwrap();
        // Somebody else's folder by now.
        fs::create_dir(&folder).unwrap();
        assert_eq!(fs::read(ends.reading_path()).unwrap(), b"whole");
        ends.finish().unwrap();
        drop(fails);
        assert_eq!(names(&moved), ["ends"]);
        assert_eq!(names(&folder), [""; 0]);
    }
}

/// On file systems that cannot name a file later it is copied.
#[cfg(unix)]
#[test]
fn a_copy_has_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("new");
    let mut new = begun(&place, false);
    new.write_bytes(&[7; 100_000]).unwrap();
    let (part, _) = copied(&new.place, &new.file).unwrap();
    move_new(&new.place, &part).unwrap();
    drop((part, new));
    assert!(fs::read(&place).unwrap() == [7; 100_000]);
    assert_eq!(names(folder.path()), ["new"]);
}

#[test]
fn a_scratch_file_has_no_name() {
    let folder = tempfile::tempdir().unwrap();
    let new = begun(&folder.path().join("new"), true);
    let mut scratch = new.scratch().unwrap();
    scratch.write_all(b"for a while").unwrap();
    drop(new);
    assert_eq!(names(folder.path()), [""; 0]);
}

/// Where a call to move without replacing is missing.
#[cfg(unix)]
#[test]
fn a_second_name_replaces_nothing_either() {
    use super::super::handle::FolderHandle;
    let folder = tempfile::tempdir().unwrap();
    let handle = Arc::new(FolderHandle::open(folder.path()).unwrap());
    let [from, to, taken] = ["from", "to", "taken"].map(OsStr::new);
    for is_folder in [false, true] {
        let make = |name: &OsStr| {
            if is_folder {
                fs::create_dir(folder.path().join(name)).unwrap();
            } else {
                fs::write(folder.path().join(name), name.as_encoded_bytes()).unwrap();
            }
        };
        make(from);
        fs::write(folder.path().join(taken), "theirs").unwrap();
        let error = handle.move_by_link(from, &handle, taken).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(folder.path().join(taken)).unwrap(), b"theirs");
        handle.move_by_link(from, &handle, to).unwrap();
        assert_eq!(names(folder.path()), ["taken", "to"]);
        let to = folder.path().join(to);
        let removed = if is_folder {
            fs::remove_dir(to)
        } else {
            fs::remove_file(to)
        };
        removed.unwrap();
    }
}
