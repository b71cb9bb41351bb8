use super::*;
use crate::files::test_listing::names;
use std::fs;

fn create(place: &Path) -> Result<NewFolder, WriteError> {
    NewFolder::create(place, &Sources::none())
}

#[test]
fn paths_lead_nowhere_else() {
    let around = tempfile::tempdir().unwrap();
    let mut folder = create(&around.path().join("new")).unwrap();
    for path in ["../x", "/x", "", ".", "a/../../x"] {
        let error = folder.add_file(path, b"x", None).unwrap_err();
        assert!(matches!(error, WriteError::NoName(_)), "{path}: {error}");
    }
    folder.add_file("a/x", b"x", None).unwrap();
    let twice = folder.add_file("a/x", b"x", None).unwrap_err();
    assert!(matches!(twice, WriteError::Exists(_)));
    drop(folder);
    assert_eq!(names(around.path()), [""; 0]);
}

#[test]
fn a_name_that_appears_meanwhile_is_spared() {
    let around = tempfile::tempdir().unwrap();
    let place = around.path().join("new");
    for empty in [false, true] {
        if empty {
            fs::remove_dir_all(&place).unwrap();
            fs::create_dir(&place).unwrap();
        }
        let mut folder = create(&place).unwrap();
        folder.add_file("a", b"x", None).unwrap();
        folder.add_file("b", b"x", None).unwrap();
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("b"), "theirs").unwrap();
        let error = folder.finish().unwrap_err();
        assert!(matches!(error, WriteError::Exists(_)), "{error}");
        assert_eq!(fs::read(place.join("b")).unwrap(), b"theirs");
        assert_eq!(names(&place), ["b"]);
        assert_eq!(names(around.path()), ["new"]);
    }
}

#[test]
fn what_an_interrupted_run_left_is_named() {
    let around = tempfile::tempdir().unwrap();
    let left = ".bitbox-backup-0123456789abcdef.part";
    fs::create_dir(around.path().join(left)).unwrap();
    let error = create(around.path()).unwrap_err();
    assert!(matches!(error, WriteError::LeftInside { .. }));
    assert!(error.to_string().contains(left), "{error}");
    let removal = format!("rm -r -- {}/{left}", around.path().display());
    assert!(error.hint().contains(&removal), "{}", error.hint());
    fs::remove_dir(around.path().join(left)).unwrap();
    create(around.path()).unwrap().finish().unwrap();
    fs::write(around.path().join("theirs"), "x").unwrap();
    let error = create(around.path()).unwrap_err();
    assert!(matches!(error, WriteError::NotEmpty(_)), "{error}");
}

/// The folder around it may be moved while it is built: what is new moves with it.
#[cfg(unix)]
#[test]
fn a_folder_that_is_moved_takes_it_along() {
    let around = tempfile::tempdir().unwrap();
    let [folder, moved] = ["folder", "moved"].map(|name| around.path().join(name));
    fs::create_dir_all(folder.join("empty")).unwrap();
    let mut new: Vec<_> = ["new", "empty", "fails"]
        .iter()
        .map(|name| create(&folder.join(name)).unwrap())
        .collect();
    for new in &mut new {
        new.add_file("bitbox02/id/0.bin", b"x", None).unwrap();
    }
    fs::rename(&folder, &moved).unwrap();
    fs::create_dir(&folder).unwrap();
    for new in &mut new {
        new.add_file("bitbox02/id/1.bin", b"y", None).unwrap();
        let written = new.reading_path().join("bitbox02/id/1.bin");
        assert_eq!(fs::read(written).unwrap(), b"y");
    }
    drop(new.pop());
    new.into_iter().for_each(|new| new.finish().unwrap());
    assert_eq!(names(&folder), [""; 0]);
    assert_eq!(names(&moved), ["empty", "new"]);
    for name in ["empty", "new"] {
        assert_eq!(names(&moved.join(name)), ["bitbox02"]);
        let wallet = moved.join(name).join("bitbox02/id");
        assert_eq!(names(&wallet), ["0.bin", "1.bin"]);
    }
}

/// A file that somebody else puts in place of what is being built is not removed with it.
#[cfg(unix)]
#[test]
fn only_what_was_made_is_removed() {
    let around = tempfile::tempdir().unwrap();
    let new = create(&around.path().join("new")).unwrap();
    let part = names(around.path()).remove(0);
    fs::rename(around.path().join(&part), around.path().join("elsewhere")).unwrap();
    fs::create_dir(around.path().join(&part)).unwrap();
    fs::write(around.path().join(&part).join("theirs"), "x").unwrap();
    drop(new);
    assert_eq!(names(&around.path().join(&part)), ["theirs"]);
}
