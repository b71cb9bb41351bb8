//! A new folder, whole or not there.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use super::device_time;
use super::place::{Place, WriteError, move_new, new_file, new_folder, sync_folder};

/// A folder that is built beside its place, or inside it where an empty folder is there already.
/// Dropped before [`NewFolder::finish`], nothing remains of it.
#[derive(Debug)]
pub struct NewFolder {
    /// Where it is built.
    temp: PathBuf,
    /// Where it will be.
    place: PathBuf,
    /// Whether its place is there already, empty.
    inside: bool,
    /// The folders in it, the outer before the inner.
    folders: BTreeSet<PathBuf>,
    finished: bool,
}

impl NewFolder {
    /// Begins a folder for this place, which is not there or is an empty folder.
    ///
    /// # Errors
    /// If something else is there, or it is on the source.
    pub fn create(place: &Path, source: &Path) -> Result<Self, WriteError> {
        let given = Place::of(place, source)?;
        let inside = match &given.found {
            None => false,
            Some(found) if found.is_dir() => true,
            Some(_) => return Err(WriteError::Exists(place.to_owned())),
        };
        if inside {
            let mut names = fs::read_dir(&given.path).map_err(WriteError::system(place))?;
            if names.next().is_some() {
                return Err(WriteError::NotEmpty(place.to_owned()));
            }
        }
        let around = if inside { &given.path } else { &given.parent };
        let (temp, ()) = given.beside(around, new_folder)?;
        Ok(Self {
            temp,
            place: given.path,
            inside,
            folders: BTreeSet::new(),
            finished: false,
        })
    }

    /// Whether it could be begun there; nothing remains of the trial.
    ///
    /// # Errors
    /// Those of [`NewFolder::create`].
    pub fn check(place: &Path, source: &Path) -> Result<(), WriteError> {
        Self::create(place, source).map(drop)
    }

    /// Where it is being built.
    pub fn path(&self) -> &Path {
        &self.temp
    }

    /// Writes a file by its path in the folder, with `/` between names. What a device would have
    /// written bears the device's time.
    ///
    /// # Errors
    /// If it is there already or cannot be written.
    pub fn file(&mut self, path: &str, bytes: &[u8], of_device: bool) -> Result<(), WriteError> {
        let shown = self.place.join(path);
        let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        if path.is_empty() || !Path::new(path).components().all(plain) {
            return Err(WriteError::NoName(shown));
        }
        let mut folder = PathBuf::new();
        for part in Path::new(path).parent().into_iter().flatten() {
            folder.push(part);
            if self.folders.insert(folder.clone()) {
                new_folder(&self.temp.join(&folder)).map_err(WriteError::system(&shown))?;
            }
        }
        let write = || {
            let mut file = new_file(&self.temp.join(path))?;
            file.write_all(bytes)?;
            if of_device {
                // A disk that keeps no such times is no reason to lose the file.
                let _ = file.set_modified(device_time());
            }
            file.sync_all()
        };
        write().map_err(WriteError::system(&shown))
    }

    /// Moves the folder to its place, once all of it is safe on the disk.
    ///
    /// # Errors
    /// If that fails; then nothing remains.
    pub fn finish(mut self) -> Result<(), WriteError> {
        let cannot = |error| WriteError::system(&self.place)(error);
        for folder in self.folders.iter().rev() {
            let path = self.temp.join(folder);
            if folder.starts_with("bitbox02") && cfg!(unix) {
                let _ = File::open(&path).map(|folder| folder.set_modified(device_time()));
            }
            sync_folder(&path).map_err(cannot)?;
        }
        sync_folder(&self.temp).map_err(cannot)?;
        if self.inside {
            self.move_contents()?;
            // What is in its place is not taken back because the disk may not know it yet.
            let _ = sync_folder(&self.place);
        } else {
            move_new(&self.temp, &self.place).map_err(cannot)?;
            let _ = sync_folder(self.place.parent().unwrap_or(&self.place));
        }
        self.finished = true;
        Ok(())
    }

    /// Moves what is in the folder one folder up: what is on the card last, so that where it is
    /// everything is. If a name is taken, everything moved goes again.
    fn move_contents(&self) -> Result<(), WriteError> {
        let cannot = |error| WriteError::system(&self.place)(error);
        let names = fs::read_dir(&self.temp).map_err(cannot)?;
        let names: Result<Vec<_>, _> = names.map(|entry| Ok(entry?.file_name())).collect();
        let mut names = names.map_err(cannot)?;
        names.sort_by_key(|name| (name == "bitbox02", name.clone()));
        for (moved, name) in names.iter().enumerate() {
            let to = self.place.join(name);
            if let Err(error) = move_new(&self.temp.join(name), &to) {
                for back in names.iter().take(moved) {
                    // Dropping the folder removes what is in it.
                    let _ = fs::rename(self.place.join(back), self.temp.join(back));
                }
                return Err(WriteError::system(&to)(error));
            }
        }
        fs::remove_dir(&self.temp).map_err(cannot)
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if !self.finished {
            // Nothing more can be done where even that fails.
            let _ = fs::remove_dir_all(&self.temp);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_nowhere_else() {
        let around = tempfile::tempdir().unwrap();
        let source = around.path().join("card.img");
        fs::write(&source, "x").unwrap();
        let mut folder = NewFolder::create(&around.path().join("new"), &source).unwrap();
        for path in ["../x", "/x", "", ".", "a/../../x"] {
            let error = folder.file(path, b"x", false).unwrap_err();
            assert!(matches!(error, WriteError::NoName(_)), "{path}: {error}");
        }
        folder.file("a/x", b"x", false).unwrap();
        let twice = folder.file("a/x", b"x", false).unwrap_err();
        assert!(matches!(twice, WriteError::Exists(_)));
        drop(folder);
        assert_eq!(fs::read_dir(around.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_name_that_appears_meanwhile_is_spared() {
        let around = tempfile::tempdir().unwrap();
        let source = around.path().join("card.img");
        fs::write(&source, "x").unwrap();
        let place = around.path().join("new");
        for empty in [false, true] {
            if empty {
                fs::remove_dir_all(&place).unwrap();
                fs::create_dir(&place).unwrap();
            }
            let mut folder = NewFolder::create(&place, &source).unwrap();
            folder.file("a", b"x", false).unwrap();
            folder.file("b", b"x", false).unwrap();
            fs::create_dir_all(&place).unwrap();
            fs::write(place.join("b"), "theirs").unwrap();
            let error = folder.finish().unwrap_err();
            assert!(matches!(error, WriteError::Exists(_)), "{error}");
            assert_eq!(fs::read(place.join("b")).unwrap(), b"theirs");
            assert_eq!(fs::read_dir(&place).unwrap().count(), 1);
            assert_eq!(fs::read_dir(around.path()).unwrap().count(), 2);
        }
    }
}
