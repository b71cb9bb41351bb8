//! Archives whose members are looked at: ZIP and tar, also where the whole is compressed.

#[cfg(feature = "compressed")]
mod cursor;
pub(crate) mod error;
mod folder;
mod members;
#[cfg(feature = "compressed")]
mod tar;
#[cfg(feature = "compressed")]
mod zip;

use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::image::damage::mapped::Mapped;
use crate::image::{Foreign, ReadAt, SplitReads, Window};
use crate::progress::Progress;

pub(crate) use error::{ArchiveDamage, ArchiveError};
pub(crate) use folder::tree;
pub(crate) use members::{LARGE, found};

/// Most members of an archive; more are not looked at.
const MOST_MEMBERS: usize = 100_000;
/// Most bytes of a name, and most folders in it.
const MOST_NAME: usize = 4096;
const MOST_DEPTH: usize = 64;
const MOST_NAMES: usize = 64 << 20;

/// An archive, with the names of what is in it.
pub(crate) struct Archive {
    form: Form,
    /// The files in it, in its order.
    pub(crate) members: Vec<Member>,
    /// Whether others are left out: they are too many, or their names too long, too deep, or no path below the archive.
    pub(crate) more: bool,
    /// What is wrong with the archive as a whole.
    pub(crate) damage: Option<ArchiveDamage>,
    /// Whether files lie in it that are not read: encrypted or sparse ones, or such as are compressed by another method.
    pub(crate) has_unread: bool,
}

enum Form {
    Tar(Arc<dyn ReadAt>),
    #[cfg(feature = "compressed")]
    Zip(zip::Zip),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its name with the folders above it, separated by `/`; no part of it is `.` or `..`.
    pub(crate) name: String,
    /// Bytes, as the archive says; 0 where it does not.
    pub(crate) size: u64,
    /// Where its bytes begin in a tar archive; its number in the list of a ZIP archive, and in one without such a list where
    /// its header lies.
    place: u64,
}

/// The members of an archive while they are looked for.
#[derive(Default)]
struct Members {
    found: Vec<Member>,
    names: usize,
    more: bool,
}

impl Members {
    fn add(&mut self, raw: &str, size: u64, place: u64) -> bool {
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

    fn is_full(&self) -> bool {
        self.found.len() >= MOST_MEMBERS
    }
}

/// The bytes of a member, and what is wrong with them.
pub(crate) type WithDamage<T> = (T, Option<ArchiveDamage>);
pub(crate) type SmallMember = WithDamage<Zeroizing<Vec<u8>>>;

impl Archive {
    /// The archive in these bytes; `None` if they are none.
    ///
    /// # Errors
    /// [`ArchiveError`] for one that holds nothing that could be read; [`ArchiveError::Stopped`] if `progress` stopped
    /// it.
    #[cfg(feature = "compressed")]
    pub(crate) fn open(
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

    /// Without the feature `compressed` none is looked into.
    #[cfg(not(feature = "compressed"))]
    pub(crate) fn open(
        image: &Arc<dyn ReadAt>,
        _: &Progress<'_>,
    ) -> Result<Option<Self>, ArchiveError> {
        let mut head = [0; 4];
        let is_read = image.size() >= 22 && image.read_at(0, &mut head).is_ok();
        match is_read && head == *b"PK\x03\x04" {
            true => Err(ArchiveError::Foreign(Foreign::NO_ZIP)),
            false => Ok(None),
        }
    }

    /// Whether it is a ZIP archive; otherwise a tar archive.
    pub(crate) fn is_zip(&self) -> bool {
        !matches!(self.form, Form::Tar(_))
    }

    /// The bytes of a member, as an image.
    ///
    /// # Errors
    /// [`ArchiveError`] if none of them can be had, or they are too many.
    pub(crate) fn take(
        &self,
        member: &Member,
        budget: u64,
        progress: &Progress<'_>,
    ) -> Result<WithDamage<Arc<dyn ReadAt>>, ArchiveError> {
        #[cfg(not(feature = "compressed"))]
        let _ = (budget, progress);
        let (image, damage): WithDamage<Arc<dyn ReadAt>> = match &self.form {
            Form::Tar(image) => {
                let there = Window::new(Arc::clone(image), member.place, Some(member.size));
                let at = there.size();
                let damage = (at < member.size).then_some(ArchiveDamage::Cut { at });
                (Arc::new(there), damage)
            }
            #[cfg(feature = "compressed")]
            Form::Zip(zip) => {
                let (pages, damage) = zip.unpack(member.place, budget, progress)?;
                (Arc::new(pages), damage)
            }
        };
        let image = match damage {
            None | Some(ArchiveDamage::Checksum) => image,
            Some(_) => Arc::new(SplitReads::new(Mapped::cut(image, Some(member.size)))),
        };
        Ok((image, damage))
    }

    /// The bytes of a small member, as far as they are there; `None` if they are more.
    ///
    /// # Errors
    /// [`ArchiveError`] if none of them can be had.
    pub(crate) fn read_small(
        &self,
        member: &Member,
        most: usize,
    ) -> Result<Option<SmallMember>, ArchiveError> {
        match &self.form {
            Form::Tar(image) => {
                let offset = member.place;
                let there = image.size().saturating_sub(offset).min(member.size);
                let length = usize::try_from(there).ok();
                let Some(length) = length.filter(|length| *length <= most) else {
                    return Ok(None);
                };
                let mut bytes = Zeroizing::new(vec![0; length]);
                let read = image.read_at(offset, &mut bytes);
                read.map_err(|_| ArchiveError::NoMember)?;
                let damage = (there < member.size).then_some(ArchiveDamage::Cut { at: there });
                Ok(Some((bytes, damage)))
            }
            #[cfg(feature = "compressed")]
            Form::Zip(zip) => zip.read_small(member.place, most),
        }
    }

    /// Fills `head` with the first bytes of a member; false if they cannot be had.
    fn read_head(&self, member: &Member, head: &mut [u8]) -> bool {
        match &self.form {
            Form::Tar(image) => image.read_at(member.place, head).is_ok(),
            #[cfg(feature = "compressed")]
            Form::Zip(zip) => zip.read_head(member.place, head),
        }
    }
}

/// A name as archives have it, as a path below the archive, which nothing leads out of; `None` for what is too long or too
/// deep, or is none.
fn name(raw: &str) -> Option<String> {
    let parts = raw.split(['/', '\\']);
    let parts: Vec<_> = parts
        .filter(|part| !matches!(*part, "" | "." | ".."))
        .collect();
    let fits = raw.len() <= MOST_NAME && (1..=MOST_DEPTH).contains(&parts.len());
    fits.then(|| parts.join("/"))
}

/// What an archive without a card or a backup is, by what else is in it.
pub(crate) fn foreign_in(archive: &Archive) -> Foreign {
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
pub(crate) fn unread_in(archive: &Archive) -> Option<Foreign> {
    let is_unread = archive.has_unread || members::has_large(archive);
    is_unread.then_some(match archive.is_zip() {
        true => Foreign::UNREAD_ZIP,
        false => Foreign::UNREAD_TAR,
    })
}

/// The archive that a path leads into, and the name of the member in it: `cards.zip/card.img`.
pub(crate) fn into(path: &Path) -> Option<(&Path, String)> {
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
