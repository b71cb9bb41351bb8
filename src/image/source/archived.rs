//! Opens what is in an archive.

use std::path::Path;
use std::sync::Arc;

use super::content::{Content, MAX_SINGLE};
use super::opening::{Opening, StoredFile, has_extension, opened};
use super::{Damaged, Medium, Opened, SourceKind};
use crate::image::containers::archive::{self, Archive, ArchiveDamage, ArchiveError, Member};
use crate::image::containers::foreign;
use crate::image::{Folder, OpenError, Packing, ReadAt};

const OTHERS_UNREAD: &str = "other files in the archive are encrypted, sparse, or compressed by a method that is not read, \
    and were not read";

impl Opening<'_> {
    /// The archive in a file, which may be compressed as a whole.
    pub(super) fn archive(
        &self,
        file: &Arc<dyn ReadAt>,
    ) -> Result<Option<(Archive, Vec<Damaged>)>, OpenError> {
        let (image, damage) = match Packing::of(file) {
            Ok(Some(packing)) => self.unpack(file, packing)?,
            _ => (Arc::clone(file), Vec::new()),
        };
        let archive = Archive::open(&image, self.progress)?;
        Ok(archive.map(|archive| (archive, damage)))
    }

    /// What an archive stands for: the one image in it, or the backups.
    pub(super) fn of_archive(
        &self,
        file: &StoredFile,
        archive: &Archive,
        mut damage: Vec<Damaged>,
    ) -> Result<Opened, OpenError> {
        let large = self.limits.large_members();
        let found = archive::found(archive, large, self.is_copy);
        if archive.has_unread && (found.backups || !found.images.is_empty()) {
            damage.push(Damaged::new(OTHERS_UNREAD, None));
        }
        match (found.images.as_slice(), found.backups) {
            ([only], false) => self.of_member(file, archive, *only, damage),
            ([], true) => Ok(self.folder(file, archive, self.path, None, damage)),
            ([], false) => Err(OpenError::Foreign(archive::foreign_in(archive))),
            (images, backups) => {
                let name = |index: &usize| Some(archive.members.get(*index)?.name.clone());
                let images = images.iter().filter_map(name).collect();
                Err(OpenError::Several { images, backups })
            }
        }
    }

    /// A member of an archive that was named.
    pub(super) fn member(
        &self,
        path: &Path,
        file: &StoredFile,
        name: &str,
    ) -> Result<Opened, OpenError> {
        let found = self.archive(&file.bytes)?;
        let (archive, damage) = found.ok_or(OpenError::NotFound)?;
        let mut names = archive.members.iter().map(|member| &member.name);
        if let Some(index) = names.clone().position(|known| known == name) {
            return self.of_member(file, &archive, index, damage);
        }
        let folder = format!("{}/", name.trim_end_matches('/'));
        if !names.any(|known| known.starts_with(&folder)) {
            return Err(OpenError::NotFound);
        }
        Ok(self.folder(file, &archive, path, Some(name), damage))
    }

    /// What is in an archive as a folder at this path.
    fn folder(
        &self,
        file: &StoredFile,
        archive: &Archive,
        path: &Path,
        below: Option<&str>,
        mut damage: Vec<Damaged>,
    ) -> Opened {
        damage.extend(archive.damage.map(of_list));
        let tree = archive::tree(archive, path, below, self.limits.large_members());
        let folder = Medium::Folder(Folder::kept(tree));
        opened(file, kind_of(archive), folder, damage)
    }

    /// A member of an archive as a source.
    fn of_member(
        &self,
        file: &StoredFile,
        archive: &Archive,
        index: usize,
        mut damage: Vec<Damaged>,
    ) -> Result<Opened, OpenError> {
        let member = archive.members.get(index).ok_or(OpenError::NotFound)?;
        damage.extend(archive.damage.map(of_list));
        if member.size <= MAX_SINGLE as u64
            && let Ok(Some((bytes, found))) = archive.read_small(member, MAX_SINGLE)
            && (has_extension(Path::new(&member.name), "bin")
                // What of it is not compressed would give some copies, and not all.
                || foreign::unopened(&bytes).is_none() && (self.is_copy)(&bytes))
        {
            damage.extend(found.map(|found| of_member(&member.name, &found)));
            let source = Medium::SingleFile(bytes);
            return Ok(opened(file, kind_of(archive), source, damage));
        }
        let (image, found) = archive.take(member, self.limits.max_unpacked, self.progress)?;
        damage.extend(found.map(|found| of_member(&member.name, &found)));
        let refused = |error| in_archive(archive, member, error);
        let name = match damage.is_empty() {
            true => Path::new(&member.name),
            false => Path::new(""),
        };
        let content = match Packing::of(&image) {
            Ok(Some(packing)) => {
                let (image, more) = self.unpack(&image, packing).map_err(refused)?;
                damage.extend(more);
                self.content(&name.with_extension(""), &image, |found| {
                    refused(OpenError::ForeignInside { packing, found })
                })
            }
            _ if image.size() == 0 => Err(OpenError::Empty),
            _ => self.content(name, &image, |found| refused(OpenError::Foreign(found))),
        };
        let Content { source, otherwise } = content?;
        Ok(Opened {
            otherwise,
            ..opened(file, kind_of(archive), source, damage)
        })
    }
}

impl From<ArchiveError> for OpenError {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Foreign(foreign) => Self::Foreign(foreign),
            ArchiveError::Pages(error) => Self::Member(error),
            ArchiveError::NoMember => Self::NotFound,
            ArchiveError::Stopped => Self::Stopped,
        }
    }
}

fn kind_of(archive: &Archive) -> SourceKind {
    match archive.is_zip() {
        true => SourceKind::Zip,
        false => SourceKind::Tar,
    }
}

/// Why a member of an archive cannot be examined there.
fn in_archive(archive: &Archive, member: &Member, error: OpenError) -> OpenError {
    match error {
        OpenError::Foreign(_) | OpenError::ForeignInside { .. } | OpenError::Unpack { .. } => {
            OpenError::InArchive {
                name: member.name.clone(),
                is_tar: !archive.is_zip(),
                error: Box::new(error),
            }
        }
        error => error,
    }
}

fn of_list(damage: ArchiveDamage) -> Damaged {
    Damaged::new(format!("the archive is damaged: {damage}"), None)
}

fn of_member(name: &str, damage: &ArchiveDamage) -> Damaged {
    let at = match damage {
        ArchiveDamage::Cut { at } => Some(*at),
        ArchiveDamage::Checksum | ArchiveDamage::NoList => None,
    };
    let name = crate::text::escape(name);
    Damaged::new(format!("{name} in the archive is damaged: {damage}"), at)
}
