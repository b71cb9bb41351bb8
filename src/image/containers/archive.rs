//! Archives whose members are looked at: ZIP and tar, also where the whole is compressed.

#[cfg(feature = "compressed")]
mod cursor;
pub(in crate::image) mod error;
mod folder;
mod members;
#[cfg_attr(not(feature = "compressed"), path = "archive/tar_none.rs")]
mod tar;
#[cfg_attr(not(feature = "compressed"), path = "archive/zip_none.rs")]
mod zip;

use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::image::containers::foreign::Foreign;
use crate::image::containers::window::Window;
use crate::image::damage::truncated::Cut;
use crate::image::{Pages, ReadAt, SplitReads};
use crate::progress::Progress;

pub(in crate::image) use error::{ArchiveDamage, ArchiveError};
pub(in crate::image) use folder::tree;
pub(in crate::image) use members::{LARGE, found};

/// Most members of an archive; more are not looked at.
const MOST_MEMBERS: usize = 100_000;
/// Most bytes of a name, and most folders in it.
const MOST_NAME: usize = 4096;
const MOST_DEPTH: usize = 64;
/// Most bytes of all names.
const MOST_NAMES: usize = 64 << 20;

/// An archive, with the names of what is in it.
pub(in crate::image) struct Archive {
    form: Form,
    /// The files in it, in its order.
    pub(in crate::image) members: Vec<Member>,
    /// Whether others are left out: they are too many, or their names too long, too deep, or no path below the archive.
    pub(in crate::image) more: bool,
    /// What is wrong with the archive as a whole.
    pub(in crate::image) damage: Option<ArchiveDamage>,
    /// Whether files lie in it that are not read: encrypted or sparse ones, or such as are compressed by another method.
    pub(in crate::image) has_unread: bool,
}

enum Form {
    Tar(Arc<dyn ReadAt>),
    Zip(zip::Zip),
}

/// A file in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::image) struct Member {
    /// Its name with the folders above it, separated by `/`; no part of it is `.` or `..`.
    pub(in crate::image) name: String,
    /// Bytes, as the archive says; 0 where it does not.
    pub(in crate::image) size: u64,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The number of a member in the list of a ZIP archive.
    Listed(usize),
    /// Where the header of a member lies in a ZIP archive without such a list.
    Header(u64),
    /// Where the bytes of a member of a tar archive begin.
    At(u64),
}

/// The members of an archive while they are looked for.
#[derive(Default)]
struct Members {
    found: Vec<Member>,
    /// Bytes of their names.
    names: usize,
    /// Whether others are left out.
    more: bool,
}

impl Members {
    /// Adds a file; false if it is left out.
    fn add(&mut self, raw: &str, size: u64, place: Place) -> bool {
        let left = MOST_NAMES.saturating_sub(self.names);
        let name = name(raw).filter(|name| !self.is_full() && name.len() <= left);
        let Some(name) = name else {
            self.more = true;
            return false;
        };
        self.names = self.names.saturating_add(name.len());
        self.found.push(Member { name, size, place });
        true
    }

    /// Whether there are as many as are looked at.
    fn is_full(&self) -> bool {
        self.found.len() >= MOST_MEMBERS
    }
}

/// The bytes of a member.
pub(in crate::image) struct TakenMember {
    pub(in crate::image) image: Box<dyn ReadAt>,
    /// What is wrong with them.
    pub(in crate::image) damage: Option<ArchiveDamage>,
}

/// The bytes of a small member.
pub(in crate::image) struct SmallMember {
    pub(in crate::image) bytes: Zeroizing<Vec<u8>>,
    /// What is wrong with them.
    pub(in crate::image) damage: Option<ArchiveDamage>,
}

impl Archive {
    /// The archive in these bytes; `None` if they are none.
    ///
    /// # Errors
    /// [`ArchiveError`] for one that holds nothing that could be read; [`ArchiveError::Stopped`] if `progress` stopped
    /// it.
    pub(in crate::image) fn open(
        image: &Arc<dyn ReadAt>,
        progress: &Progress<'_>,
    ) -> Result<Option<Self>, ArchiveError> {
        if zip::begins(&**image)
            && let Some(archive) = zip::open(image, progress)?
        {
            return Ok(Some(archive));
        }
        if zip::ends(&**image)
            && let Ok(Some(archive)) = zip::open(image, progress)
            && archive.damage.is_none()
        {
            return Ok(Some(archive));
        }
        let archive = tar::open(image, progress);
        match progress.is_stopped() {
            true => Err(ArchiveError::Stopped),
            false => Ok(archive),
        }
    }

    /// Whether it is a ZIP archive; otherwise a tar archive.
    pub(in crate::image) fn is_zip(&self) -> bool {
        matches!(self.form, Form::Zip(_))
    }

    /// The bytes of a member, as an image.
    ///
    /// # Errors
    /// [`ArchiveError`] if none of them can be had, or they are too many.
    pub(in crate::image) fn take(
        &self,
        member: &Member,
        budget: u64,
        progress: &Progress<'_>,
    ) -> Result<TakenMember, ArchiveError> {
        match (&self.form, member.place) {
            (Form::Tar(image), Place::At(offset)) => Ok(of_tar(image, offset, member.size)),
            (Form::Zip(zip), place) => {
                let (pages, damage) = zip.unpack(place, budget, progress)?;
                Ok(whole_or_cut(pages, damage, member.size))
            }
            (Form::Tar(_), _) => Err(ArchiveError::NoMember),
        }
    }

    /// The bytes of a small member, as far as they are there; `None` if they are more.
    ///
    /// # Errors
    /// [`ArchiveError`] if none of them can be had.
    pub(in crate::image) fn read_small(
        &self,
        member: &Member,
        most: usize,
    ) -> Result<Option<SmallMember>, ArchiveError> {
        match (&self.form, member.place) {
            (Form::Tar(image), Place::At(offset)) => {
                let there = image.size().saturating_sub(offset).min(member.size);
                let length = usize::try_from(there).ok();
                let Some(length) = length.filter(|length| *length <= most) else {
                    return Ok(None);
                };
                let mut bytes = Zeroizing::new(vec![0; length]);
                let read = image.read_at(offset, &mut bytes);
                read.map_err(|_| ArchiveError::NoMember)?;
                let damage = (there < member.size).then_some(ArchiveDamage::Cut { at: there });
                Ok(Some(SmallMember { bytes, damage }))
            }
            (Form::Zip(zip), place) => zip.read_small(place, most),
            (Form::Tar(_), _) => Err(ArchiveError::NoMember),
        }
    }
}

impl Archive {
    /// Fills `head` with the first bytes of a member; false if they cannot be had.
    fn read_head(&self, member: &Member, head: &mut [u8]) -> bool {
        match (&self.form, member.place) {
            (Form::Tar(image), Place::At(offset)) => image.read_at(offset, head).is_ok(),
            (Form::Zip(zip), place) => zip.read_head(place, head),
            (Form::Tar(_), _) => false,
        }
    }
}

/// A member of a tar archive lies there as it is.
fn of_tar(image: &Arc<dyn ReadAt>, offset: u64, size: u64) -> TakenMember {
    let there = Window::new(Arc::clone(image), offset, Some(size));
    if there.size() == size {
        return TakenMember {
            image: Box::new(there),
            damage: None,
        };
    }
    let damage = ArchiveDamage::Cut { at: there.size() };
    TakenMember {
        image: Box::new(SplitReads::new(Cut::new(there, Some(size)))),
        damage: Some(damage),
    }
}

fn whole_or_cut(pages: Pages, damage: Option<ArchiveDamage>, size: u64) -> TakenMember {
    let image: Box<dyn ReadAt> = match damage {
        None | Some(ArchiveDamage::Checksum) => Box::new(pages),
        Some(_) => Box::new(SplitReads::new(Cut::new(pages, Some(size)))),
    };
    TakenMember { image, damage }
}

/// A name as archives have it, as a path below the archive, which nothing leads out of; `None` for what is too long or too
/// deep, or is none.
fn name(raw: &str) -> Option<String> {
    let parts: Vec<_> = raw
        .split(['/', '\\'])
        .filter(|part| !matches!(*part, "" | "." | ".."))
        .collect();
    let fits = raw.len() <= MOST_NAME && (1..=MOST_DEPTH).contains(&parts.len());
    fits.then(|| parts.join("/"))
}

/// What an archive without a card or a backup is, by what else is in it.
pub(in crate::image) fn foreign_in(archive: &Archive) -> Foreign {
    let has = |name: &str| archive.members.iter().any(|member| member.name == name);
    let is_unread = archive.has_unread || members::has_packed(archive);
    match archive.is_zip() {
        false if is_unread => Foreign::UNREAD_TAR,
        false if archive.damage.is_some() => Foreign::CUT_TAR,
        false if members::has_larger(archive) => Foreign::LARGE_TAR,
        false => Foreign::TAR,
        _ if has("[Content_Types].xml") => Foreign::OFFICE,
        _ if has("mimetype") => Foreign::OPEN_DOCUMENT,
        _ if has("container.description") || has("information.turtle") => Foreign::AFF4,
        _ if has("META-INF/MANIFEST.MF") => Foreign::JAVA,
        _ if is_unread => Foreign::UNREAD_ZIP,
        _ if archive.damage.is_some() => Foreign::CUT_ZIP,
        _ if members::has_larger(archive) => Foreign::LARGE_ZIP,
        _ => Foreign::ZIP,
    }
}

/// What an archive is of which not all was looked into as a folder: members that are encrypted or sparse, or large ones
/// that are archives or images.
pub(in crate::image) fn unread_in(archive: &Archive) -> Option<Foreign> {
    let is_unread = archive.has_unread || members::has_large(archive);
    is_unread.then_some(match archive.is_zip() {
        true => Foreign::UNREAD_ZIP,
        false => Foreign::UNREAD_TAR,
    })
}

/// The archive that a path leads into, and the name of the member in it: `cards.zip/card.img`.
pub(in crate::image) fn into(path: &Path) -> Option<(&Path, String)> {
    let above = path.ancestors().skip(1);
    let mut above = above.take_while(|above| !above.as_os_str().is_empty());
    let (archive, is_file) =
        above.find_map(|above| Some((above, above.metadata().ok()?.is_file())))?;
    let below = path.strip_prefix(archive).ok()?.to_str()?;
    let member = below.replace(std::path::MAIN_SEPARATOR, "/");
    is_file.then_some((archive, member))
}

#[cfg(all(test, feature = "compressed"))]
mod tests;
