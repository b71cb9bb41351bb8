//! What is not in its place yet, so that it can be removed whatever ends the program.

use std::ffi::{OsStr, OsString};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::file_identity::{Known, KnownKind};
use super::handle::FolderHandle;
use super::leftovers::new_name;

/// Most names tried for what is being built.
const TRIES: usize = 100;
/// Most folders within each other that are removed; the program makes three.
const MAX_DEPTH: usize = 16;

/// All of it. Whoever makes or moves something holds the lock, so that the last moment of the
/// program comes before or after that and never in between.
static ALL: Mutex<Vec<Arc<Part>>> = Mutex::new(Vec::new());

fn all() -> MutexGuard<'static, Vec<Arc<Part>>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does something to what is being built that must not happen in the program's last moment.
pub(super) fn undisturbed<T>(doing: impl FnOnce() -> T) -> T {
    let _all = all();
    doing()
}

#[derive(Debug)]
struct Part {
    folder: Arc<FolderHandle>,
    name: OsString,
    /// What it was when it was made: nothing else is removed.
    made: Known,
}

impl Part {
    fn remove(&self) {
        let Ok(Some(found)) = self.folder.look(&self.name) else {
            return;
        };
        match self.made.kind {
            _ if !found.is_same_file(&self.made) || found.kind != self.made.kind => {}
            KnownKind::Folder => remove_folder(&self.folder, &self.name, 0),
            _ => drop(self.folder.remove_file(&self.name)),
        }
    }
}

/// Removes a folder with all that is in it. Nothing more can be done where that fails: the next run
/// names it.
fn remove_folder(around: &FolderHandle, name: &OsStr, depth: usize) {
    if let Ok(folder) = around.open_folder(name) {
        for name in folder.names().unwrap_or_default() {
            match folder.look(&name) {
                Ok(Some(found)) if found.kind == KnownKind::Folder => {
                    if depth < MAX_DEPTH {
                        remove_folder(&folder, &name, depth.saturating_add(1));
                    }
                }
                _ => drop(folder.remove_file(&name)),
            }
        }
    }
    let _ = around.remove_folder(name);
}

/// As long as it lives, something has a name of its own beside its place; dropping it removes that.
#[derive(Debug)]
pub(super) struct Unfinished(Arc<Part>);

impl Unfinished {
    pub(super) fn make<T>(
        folder: &Arc<FolderHandle>,
        make: impl Fn(&OsStr) -> io::Result<T>,
    ) -> io::Result<(Self, T)> {
        let mut all = all();
        for _ in 0..TRIES {
            let name = new_name()?;
            let made = match make(&name) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                made => made?,
            };
            let part = Arc::new(Part {
                made: folder.look(&name)?.ok_or(io::ErrorKind::NotFound)?,
                folder: Arc::clone(folder),
                name,
            });
            all.push(Arc::clone(&part));
            return Ok((Self(part), made));
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    pub(super) fn name(&self) -> &OsStr {
        &self.0.name
    }

    pub(super) fn folder(&self) -> &FolderHandle {
        &self.0.folder
    }

    /// Moves it: from then on nobody removes it. An error leaves it where it is.
    pub(super) fn moved(
        &self,
        to: impl FnOnce(&FolderHandle, &OsStr) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut all = all();
        to(&self.0.folder, &self.0.name)?;
        all.retain(|part| !Arc::ptr_eq(part, &self.0));
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let mut all = all();
        let before = all.len();
        all.retain(|part| !Arc::ptr_eq(part, &self.0));
        if all.len() < before {
            self.0.remove();
        }
    }
}

/// Removes all that is not in its place yet, and lets nothing more be made: for the last moment of
/// a program that ends in the midst of its work. Whoever still writes waits for the end.
pub fn discard_unfinished() {
    let mut all = all();
    for part in all.drain(..) {
        part.remove();
    }
    std::mem::forget(all);
}
