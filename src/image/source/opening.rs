//! Opens sources by their content.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::extra_readings;
use super::{Damaged, Identity, Limits, Medium, Opened, SourceKind};
use crate::image::compressed::unpack_damaged;
use crate::image::containers::archive::{self, Archive};
use crate::image::containers::foreign;
use crate::image::containers::{e01, parts, vhd};
use crate::image::damage::mapped::{Mapped, map_in, map_of};
use crate::image::medium::cached_head::Begun;
use crate::image::{
    E01Error, FileImage, FileNumber, FileType, Folder, FolderEntry, Foreign, OpenError, Packing,
    ReadAt, RescueMap, SplitReads,
};
use crate::progress::Progress;

/// Opens a source, read-only. What it is is told by its content.
///
/// A folder is a folder. A regular file that begins like gzip, zstd or xz is unpacked, one that
/// begins like an E01 image is read with its further segments, and a ZIP or tar archive stands for the image
/// or the backups in it; one of at most 64 KiB that is
/// named `.bin`, or holds copies of a backup by `is_copy`, is a single file; any other, and any block
/// device, is the image of a card, unless it is surely a file of another kind ([`Foreign`](crate::image::Foreign)).
/// In such a file, too, copies are looked for before it is refused ([`Opened::otherwise`]).
/// `cards.zip/card.img` is that member of an archive, `card.img.readings/2` the second reading of a card
/// ([`further_readings`](crate::image::further_readings)). Where a map of GNU ddrescue lies
/// beside an image ([`crate::image::RescueMap`]), what was not read into it is unreadable here too.
/// What is compressed or archived and cut short or damaged is unpacked as far as possible; the rest
/// is a gap. `progress` says how far a compressed image is unpacked, and can stop that.
///
/// # Errors
/// [`OpenError`]. A file whose first bytes cannot be read is an image: damage is for the examiner.
pub fn open(
    path: &Path,
    limits: &Limits,
    is_copy: fn(&[u8]) -> bool,
    progress: &Progress<'_>,
) -> Result<Opened, OpenError> {
    let opening = Opening::new(path, limits, is_copy, progress, Neighbors::OnSystem);
    match FileImage::open(path) {
        Err(OpenError::NotASource {
            found: FileType::Directory,
        }) => open_folder(path),
        Err(error) => {
            match extra_readings::open(path, |image| open(image, limits, is_copy, progress)) {
                Some(opened) => opened,
                None => match archive::into(path) {
                    Some((archive, member)) => {
                        opening.member(archive, &FileImage::open(archive)?.into(), &member)
                    }
                    None => Err(error),
                },
            }
        }
        Ok(file) => opening.file(&file.into()),
    }
}

/// Opens a file for a raw image, whatever it begins like; compressed and E01 images are unpacked. A device, or
/// a member of an archive, is opened as [`open`] does.
///
/// # Errors
/// [`OpenError`].
pub fn open_raw(
    path: &Path,
    limits: &Limits,
    progress: &Progress<'_>,
) -> Result<Opened, OpenError> {
    let opening = Opening::new(path, limits, |_| false, progress, Neighbors::OnSystem);
    let Ok(file) = FileImage::open(path) else {
        return open(path, limits, |_| false, progress);
    };
    let file = StoredFile::from(file);
    match Packing::of(&file.bytes) {
        _ if file.is_device => {}
        Ok(Some(packing)) => {
            let (image, damage) = opening.unpack(&file.bytes, packing)?;
            return opening.unpacked(&file, packing, image, damage);
        }
        _ if e01::is_e01(&file.bytes).is_ok_and(|is_e01| is_e01) => {}
        _ => return opening.image(&file, true),
    }
    opening.file(&file)
}

/// The file that a source is opened from.
pub(super) struct StoredFile {
    pub(super) bytes: Arc<dyn ReadAt>,
    pub(super) modified: Option<SystemTime>,
    pub(super) node: Option<FileNumber>,
    pub(super) is_device: bool,
}

impl From<FileImage> for StoredFile {
    fn from(file: FileImage) -> Self {
        Self {
            modified: file.modified(),
            node: file.node(),
            is_device: file.is_device(),
            bytes: match file.is_device() {
                true => Arc::new(file),
                false => Arc::new(Begun::new(file)),
            },
        }
    }
}

/// Where what belongs to a file is found.
#[derive(Clone, Copy)]
pub(super) enum Neighbors<'a> {
    /// In the folder in which it lies.
    OnSystem,
    /// Nowhere but here: what may be its map.
    Given(&'a [Arc<dyn ReadAt>]),
}

pub(super) struct Opening<'a> {
    pub(super) path: &'a Path,
    pub(super) limits: &'a Limits,
    pub(super) is_copy: fn(&[u8]) -> bool,
    pub(super) progress: &'a Progress<'a>,
    pub(super) beside: Neighbors<'a>,
}

impl<'a> Opening<'a> {
    pub(super) fn new(
        path: &'a Path,
        limits: &'a Limits,
        is_copy: fn(&[u8]) -> bool,
        progress: &'a Progress<'a>,
        beside: Neighbors<'a>,
    ) -> Self {
        Self {
            path,
            limits,
            is_copy,
            progress,
            beside,
        }
    }

    pub(super) fn file(&self, file: &StoredFile) -> Result<Opened, OpenError> {
        if file.is_device {
            let image = SplitReads::new(Arc::clone(&file.bytes));
            let source = Medium::Image(Box::new(image));
            return Ok(opened(file, SourceKind::BlockDevice, source, Vec::new()));
        }
        let in_parts = |error| self.in_parts(file, error);
        let opened = self.regular(file).map_err(in_parts)?;
        Ok(Opened {
            otherwise: opened.otherwise.map(in_parts),
            ..opened
        })
    }

    fn regular(&self, file: &StoredFile) -> Result<Opened, OpenError> {
        let joined = self.joined(file)?;
        let file = joined.as_ref().unwrap_or(file);
        if let Ok(Some(packing)) = Packing::of(&file.bytes) {
            return self.packed(file, packing);
        }
        if let Ok(true) = e01::is_e01(&file.bytes) {
            return self.e01(file);
        }
        if let Some((archive, damage)) = self.archive(&file.bytes)? {
            return self.of_archive(file, &archive, damage);
        }
        if let Some(bytes) = self.copies(self.path, &*file.bytes)? {
            let source = Medium::SingleFile(bytes);
            return Ok(opened(file, SourceKind::BackupFile, source, Vec::new()));
        }
        self.image(file, false)
    }

    /// An E01 image, with what it says of itself.
    fn e01(&self, file: &StoredFile) -> Result<Opened, OpenError> {
        if let Neighbors::Given(_) = self.beside {
            return Err(E01Error::NotBuilt.into());
        }
        let (image, evidence) = match e01::open(self.path, self.progress) {
            Err(E01Error::Stopped) => return Err(OpenError::Stopped),
            opened => opened?,
        };
        let source = Medium::Image(image);
        Ok(Opened {
            evidence: Some(evidence),
            ..opened(file, SourceKind::E01, source, Vec::new())
        })
    }

    /// A raw image as it is: whole, in parts, or with the footer of a virtual disk.
    fn image(&self, file: &StoredFile, is_raw: bool) -> Result<Opened, OpenError> {
        let parts = match self.beside {
            Neighbors::OnSystem => parts::open(self.path, &file.bytes),
            Neighbors::Given(_) => None,
        };
        let (kind, image): (_, Box<dyn ReadAt>) = match parts {
            Some(parts) => (SourceKind::Split, Box::new(parts)),
            None => match vhd::fixed(Arc::clone(&file.bytes)) {
                Some(disk) => (SourceKind::Vhd, Box::new(disk)),
                None => (SourceKind::Raw, Box::new(Arc::clone(&file.bytes))),
            },
        };
        let map = self.map()?;
        let found = foreign::foreign(&*image).filter(|_| !is_raw);
        if let Some(found) = found
            && let Some(bytes) = Self::searched(&*image, found, map.is_some(), OpenError::Foreign)?
        {
            let source = Medium::SingleFile(bytes);
            return Ok(Opened {
                otherwise: Some(OpenError::Foreign(found)),
                ..opened(file, SourceKind::BackupFile, source, Vec::new())
            });
        }
        let later = match is_raw || foreign::begins_as_medium(&*image) {
            true => None,
            false => self.later_part()?,
        };
        let lacks = "a part of the split image is missing or too short";
        let first = image.gaps().into_iter().take(1);
        let damage = first.map(|gap| Damaged::new(lacks, Some(gap.offset)));
        let damage = damage.collect();
        let unknown = match is_raw || map.is_some() {
            true => None,
            false => foreign::unknown(&*image).map(OpenError::Foreign),
        };
        let image = match map {
            Some(map) => Mapped::with_map(image, map),
            None => Mapped::new(image, Vec::new()),
        };
        let source = Medium::Image(Box::new(SplitReads::new(image)));
        Ok(Opened {
            otherwise: found.map(OpenError::Foreign).or(later).or(unknown),
            ..opened(file, kind, source, damage)
        })
    }

    /// A compressed image, or a compressed archive.
    fn packed(&self, file: &StoredFile, packing: Packing) -> Result<Opened, OpenError> {
        let (image, damage) = self.unpack(&file.bytes, packing)?;
        if let Some(archive) = Archive::open(&image, self.progress)? {
            return self.of_archive(file, &archive, damage);
        }
        let ends = damage.iter().filter_map(|damaged| damaged.at).min();
        let is_little = ends.is_some_and(|at| at < file.bytes.size() / 2);
        if is_little && foreign::may_be_medium(file.bytes.size()) {
            // A card over which a compressed file was written.
            return Ok(Opened {
                otherwise: Some(OpenError::Foreign(packing.into())),
                ..self.image(file, true)?
            });
        }
        // Of a copy that is cut the name alone says nothing.
        let name = match damage.is_empty() {
            true => self.path.with_extension(""),
            false => PathBuf::new(),
        };
        let content = self.content(&name, &image, |found| OpenError::ForeignInside {
            packing,
            found,
        })?;
        let opened = match content.source {
            Medium::Image(_) => self.unpacked(file, packing, image, damage)?,
            source => opened(file, packing.into(), source, damage),
        };
        Ok(Opened {
            otherwise: content.otherwise,
            ..opened
        })
    }

    /// A compressed image, whatever is in it.
    fn unpacked(
        &self,
        file: &StoredFile,
        packing: Packing,
        image: Arc<dyn ReadAt>,
        damage: Vec<Damaged>,
    ) -> Result<Opened, OpenError> {
        let image: Box<dyn ReadAt> = match self.map()? {
            Some(map) => Box::new(SplitReads::new(Mapped::with_map(Box::new(image), map))),
            None => Box::new(image),
        };
        Ok(opened(file, packing.into(), Medium::Image(image), damage))
    }

    /// What unpacks of a compressed image, with the rest as a gap.
    pub(super) fn unpack(
        &self,
        image: &dyn ReadAt,
        packing: Packing,
    ) -> Result<(Arc<dyn ReadAt>, Vec<Damaged>), OpenError> {
        let refused = |error| OpenError::Unpack { packing, error };
        let most = self.limits.max_unpacked;
        let unpacked = unpack_damaged(image, packing, most, self.progress).map_err(refused)?;
        let at = unpacked.pages.size();
        match unpacked.flaw {
            None if at == 0 => Err(OpenError::Empty),
            None => Ok((Arc::new(unpacked.pages), Vec::new())),
            Some(flaw) if at == 0 => Err(refused(flaw)),
            Some(flaw) => {
                let damage = Damaged::new(flaw.to_string(), Some(at));
                // Of what only its checksum or its length is wrong nothing is missing.
                let image: Arc<dyn ReadAt> = match flaw.is_cut() {
                    true => Arc::new(SplitReads::new(Mapped::cut(unpacked.pages, unpacked.size))),
                    false => Arc::new(unpacked.pages),
                };
                Ok((image, vec![damage]))
            }
        }
    }

    /// The map of the image, where there is one.
    fn map(&self) -> Result<Option<RescueMap>, OpenError> {
        match self.beside {
            Neighbors::OnSystem => Ok(map_of(self.path)?),
            Neighbors::Given(files) => Ok(map_in(files)?),
        }
    }
}

pub(super) fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}

pub(super) fn opened(
    file: &StoredFile,
    kind: SourceKind,
    source: Medium,
    damage: Vec<Damaged>,
) -> Opened {
    let identity = Identity {
        kind,
        size: file.bytes.size(),
        modified: file.modified,
        node: file.node,
    };
    Opened {
        damage,
        ..Opened::new(source, identity)
    }
}

/// What Clonezilla leaves in the folder of an image.
const CLONEZILLA: &str = "clonezilla-img";

fn open_folder(path: &Path) -> Result<Opened, OpenError> {
    let folder = Folder::open(path)?;
    let names = folder.contents().entries;
    let is = |entry: &FolderEntry, name| entry.name.eq_ignore_ascii_case(name);
    let has = |name| names.iter().any(|entry| is(entry, name));
    if has(CLONEZILLA) && !has("bitbox02") {
        return Err(OpenError::Foreign(Foreign::CLONEZILLA));
    }
    let (node, modified) = folder.identity();
    let identity = Identity {
        kind: SourceKind::Folder,
        size: 0,
        modified,
        node,
    };
    Ok(Opened::new(Medium::Folder(folder), identity))
}
