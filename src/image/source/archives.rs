//! What is in archives, asked before any of it is opened as a source.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::Limits;
use super::content::MAX_SINGLE;
use super::opening::{Neighbors, Opening};
use crate::image::compressed::unpack_beginning;
use crate::image::containers::archive::{self, Archive};
use crate::image::containers::foreign;
use crate::image::containers::volume::begins_as_volume;
use crate::image::medium::memory_folder::{Kept, KeptFolder};
use crate::image::{
    FileImage, Folder, FolderEntry, Foreign, Memory, OpenError, Packing, ReadAt, has_archive_name,
};
use crate::progress::Progress;

/// Bytes with which a card begins: its boot sector, the header of a partition table, or of most other file systems.
const HEAD: usize = 4096;

/// Whether a file begins as a card does or as a volume of another file system, compressed or not. The first sector of a card may be lost: what is
/// compressed and begins with nothing but zeros is an image, too.
pub(super) fn is_card(file: &Arc<dyn ReadAt>) -> bool {
    let Ok(Some(packing)) = Packing::of(file) else {
        return foreign::begins_as_medium(&**file) || begins_as_volume(&**file);
    };
    let head = unpack_beginning(&**file, packing, HEAD);
    foreign::may_be_a_card(&head) || begins_as_volume(&Memory::new(head.to_vec()))
}

/// The first bytes of what is compressed here, so many at most; `None` where nothing is, in a form that is read.
pub(crate) fn unpacked_beginning(file: &dyn ReadAt, most: usize) -> Option<Zeroizing<Vec<u8>>> {
    let packing = Packing::of(file).ok()??;
    Some(unpack_beginning(file, packing, most))
}

/// How much is done to ask what a file is.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) limits: &'a Limits,
    pub(super) progress: &'a Progress<'a>,
}

impl<'a> Asking<'a> {
    /// Whether images, or a folder `bitbox02`, are in an archive, by their names.
    pub(super) fn holds_cards(self, path: &Path, file: &Arc<dyn ReadAt>) -> bool {
        let archive = self.archive(path, file).ok().flatten();
        let found = archive.map(|archive| archive::found(&archive, 0, |_| false));
        found.is_some_and(|found| found.backups || !found.images.is_empty())
    }

    /// Whether a file is compressed, an archive, or an image of a kind that is named, with what to do, where it is opened.
    pub(super) fn is_packed(self, path: &Path, file: &Arc<dyn ReadAt>) -> bool {
        if !has_archive_name(path) {
            return Packing::of(file).is_ok_and(|packing| packing.is_some()) || has_way(file);
        }
        match self.archive(path, file) {
            Ok(Some(archive)) => archive::foreign_in(&archive).has_way(),
            Ok(None) => has_way(file),
            Err(_) => true,
        }
    }

    /// Whether a card may be in a file, and it has to be extracted or converted first.
    pub(super) fn must_be_unpacked(self, path: &Path, file: &Arc<dyn ReadAt>) -> bool {
        match has_archive_name(path) {
            false => has_way(file),
            true if file.size() > MOST_IN_FOLDER => begins_as_any_archive(&**file),
            true => self.is_packed(path, file),
        }
    }

    /// The archive in a file, where there is one.
    pub(super) fn archive(
        self,
        path: &Path,
        file: &Arc<dyn ReadAt>,
    ) -> Result<Option<Archive>, OpenError> {
        let found = self.opening(path).archive(file)?;
        Ok(found.map(|(archive, _)| archive))
    }

    fn opening(self, path: &'a Path) -> Opening<'a> {
        let none = Neighbors::Given(&[]);
        Opening::new(path, self.limits, |_| false, self.progress, none)
    }
}

/// Whether a file is of a kind that has to be converted first.
fn has_way(file: &dyn ReadAt) -> bool {
    foreign::foreign(file).is_some_and(|found| found.has_way())
}

/// Whether a file begins as a ZIP or tar archive, or as what is compressed.
fn begins_as_any_archive(file: &dyn ReadAt) -> bool {
    let mut head = [0; 512];
    Packing::of(file).is_ok_and(|packing| packing.is_some())
        || file.read_at(0, &mut head).is_ok() && foreign::begins_as_archive(&head)
}

/// The sources in an archive, as paths that lead into it, where it stands for several; none for whatever is
/// no archive, or stands for one source.
pub fn members_of(
    path: &Path,
    limits: &Limits,
    is_copy: fn(&[u8]) -> bool,
    progress: &Progress<'_>,
) -> Vec<PathBuf> {
    let file = FileImage::open(path).ok();
    let archive = file.filter(|file| !file.is_device()).and_then(|file| {
        let file: Arc<dyn ReadAt> = Arc::new(file);
        Asking { limits, progress }.archive(path, &file).ok()?
    });
    let members = archive.map(|archive| members_in(&archive, path, limits, is_copy));
    members.unwrap_or_default()
}

/// The sources in an archive at this path, where it stands for several.
pub(super) fn members_in(
    archive: &Archive,
    path: &Path,
    limits: &Limits,
    is_copy: fn(&[u8]) -> bool,
) -> Vec<PathBuf> {
    let found = archive::found(archive, limits.large_members(), is_copy);
    let images = found.images.iter();
    let images = images.filter_map(|index| archive.members.get(*index));
    let mut paths: Vec<_> = images.map(|member| path.join(&member.name)).collect();
    if found.backups {
        paths.push(archive::tree(archive, path, None, 0).path);
    }
    match paths.len() {
        0 | 1 => Vec::new(),
        _ => paths,
    }
}

/// Most bytes of an archive in a folder that is looked into.
const MOST_IN_FOLDER: u64 = 64 << 20;

/// What is in an archive or a document that lies in a folder, as a folder, with so many bytes of larger files at most, `None`
/// if that is none or a large one; and what it is, if not all of it is looked into.
pub(crate) fn archive_in(entry: &FolderEntry, large: u64) -> (Option<Folder>, Option<Foreign>) {
    let path = entry.path();
    let head = entry.read(HEAD as u64).unwrap_or_default();
    let begins = foreign::begins_as_archive(&head);
    if !begins && !has_archive_name(&path) && foreign::document(&head).is_none() {
        return (None, None);
    }
    if entry.size > MOST_IN_FOLDER {
        let what = match head.starts_with(b"PK") {
            true => Foreign::LARGE_ZIP,
            false => Foreign::LARGE_TAR,
        };
        return (None, Some(what).filter(|_| begins));
    }
    match entry.read(MOST_IN_FOLDER) {
        Ok(bytes) => archive_of(&path, bytes, large),
        Err(_) => (None, None),
    }
}

/// What is in an archive of these bytes, as a folder at its path, with so many bytes of larger files at most, `None` if they are none that can be read; and what it
/// is, if not all of it is looked into.
pub(crate) fn archive_of(
    path: &Path,
    bytes: Zeroizing<Vec<u8>>,
    large: u64,
) -> (Option<Folder>, Option<Foreign>) {
    let file: Arc<dyn ReadAt> = Arc::new(Memory::new(bytes));
    let limits = &Limits::unpacked(MOST_IN_FOLDER);
    let progress = &Progress::default();
    let asking = Asking { limits, progress };
    match asking.archive(path, &file) {
        Ok(Some(archive)) => {
            let large = limits.large_members().min(large);
            let folder = Folder::kept(archive::tree(&archive, path, Some(""), large));
            (Some(folder), archive::unread_in(&archive))
        }
        Err(OpenError::Foreign(foreign)) => (None, Some(foreign).filter(Foreign::has_way)),
        Ok(None) | Err(_) => match Packing::of(&file) {
            Ok(Some(packing)) => only_file(&asking.opening(path), &file, packing, large),
            _ => (None, foreign::foreign(&*file).filter(Foreign::has_way)),
        },
    }
}

/// What a compressed file unpacks to, as the only file of a folder, if it is no longer than what is searched; what it is, if
/// it is longer, is damaged, or unpacks to a card.
fn only_file(
    opening: &Opening<'_>,
    file: &dyn ReadAt,
    packing: Packing,
    large: u64,
) -> (Option<Folder>, Option<Foreign>) {
    let unread = Some(Foreign::from(packing));
    let Ok((bytes, damage)) = opening.unpack(file, packing) else {
        return (None, unread);
    };
    let most = large.max(MAX_SINGLE as u64);
    if bytes.size() > most || !damage.is_empty() || is_card(&bytes) {
        return (None, unread);
    }
    let mut folder = KeptFolder::new(opening.path.to_owned(), true);
    folder.insert("unpacked", Kept::of(bytes, None));
    (Some(Folder::kept(folder)), None)
}
