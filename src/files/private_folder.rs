//! A folder of this user's own, for the keys that this computer and its devices know each other by.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::error::WriteError;
use super::handle::FolderHandle;
use super::leftovers::is_unfinished_name;
use super::new_file::NewFile;
use super::place::NewPlace;
use super::sources::Sources;

/// Makes a folder and those around it, for its owner only, if it is not there.
///
/// # Errors
/// The system's.
pub fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Takes from a folder the rights of everybody but its owner.
///
/// # Errors
/// The system's.
#[cfg(unix)]
pub fn restrict_to_owner(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

/// Opens an empty file that is only there to be locked, or makes it; a link in its place is refused.
///
/// # Errors
/// The system's.
pub fn open_lock_file(folder: &Path, name: &str) -> io::Result<File> {
    FolderHandle::open(folder)?.open_to_lock(name.as_ref())
}

/// Puts a file in its place in such a folder: whole, or what was there stays. Whoever calls it holds
/// a lock, so that what an interrupted run left there is known to be in nobody's use and goes.
///
/// # Errors
/// The system's, and whatever else is in its place.
pub fn replace_private(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
    let place = NewPlace::of_file(&folder.join(name), &Sources::none())?;
    remove_leftovers(&place.folder);
    let known = place.found;
    let mut new = NewFile::over(place, known)?;
    new.write_bytes(bytes)?;
    new.finish()
}

/// Removes a file from such a folder; false if there was none.
///
/// # Errors
/// The system's.
pub fn remove_private(folder: &Path, name: &str) -> io::Result<bool> {
    let folder = Arc::new(FolderHandle::open(folder)?);
    remove_leftovers(&folder);
    match folder.remove_file(name.as_ref()) {
        Ok(()) => folder.sync().map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn remove_leftovers(folder: &FolderHandle) {
    for name in folder.names().unwrap_or_default() {
        if is_unfinished_name(&name) {
            let _ = folder.remove_file(&name);
        }
    }
}
