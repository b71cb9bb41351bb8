//! Files that are the parts of one.

use std::path::Path;
use std::sync::Arc;

use super::opening::{Neighbors, Opening, StoredFile, has_extension};
use crate::image::containers::parts;
use crate::image::file_names::has_archive_name;
use crate::image::{Foreign, OpenError, Packing, ReadAt};

impl Opening<'_> {
    /// A file whose first part this is, where it is compressed or an archive. Parts of a raw image are an image.
    pub(super) fn joined(&self, file: &StoredFile) -> Result<Option<StoredFile>, OpenError> {
        let Neighbors::OnSystem = self.beside else {
            return Ok(None);
        };
        // The first part may lie where this program may not read.
        let whole = self.path.with_extension("");
        let mut packed = Packing::EXTENSIONS.iter();
        let is_packed_name = packed.any(|packed| has_extension(&whole, packed));
        if (is_packed_name || has_archive_name(&whole))
            && let Some(first) = parts::first_of(self.path)
        {
            return Err(OpenError::LaterPart { first });
        }
        let parts = parts::open(self.path, &file.bytes).filter(|_| is_packed(&*file.bytes));
        Ok(parts.map(|parts| StoredFile {
            bytes: Arc::new(parts),
            ..*file
        }))
    }

    /// Why a file cannot be examined, if it may be the first part of one, or a backup of a BitBox01.
    pub(super) fn in_parts(&self, file: &StoredFile, error: OpenError) -> OpenError {
        let is_document = || {
            let mut head = [0; 5];
            file.bytes.read_at(0, &mut head).is_ok() && &head == b"%PDF-"
        };
        if is_of_bitbox01(self.path) && is_document() {
            return OpenError::Foreign(Foreign::BITBOX01);
        }
        let Neighbors::OnSystem = self.beside else {
            return error;
        };
        match parts::open(self.path, &file.bytes) {
            Some(parts) => {
                let behind = parts::parts_behind(self.path).collect();
                error.in_parts(behind, !parts.gaps().is_empty())
            }
            None => error,
        }
    }

    /// Refuses a later part of a split image whose first part lies beside it. What is said of one whose first part does
    /// not, and of a part of a split ZIP archive, where nothing is in it.
    pub(super) fn later_part(&self) -> Result<Option<OpenError>, OpenError> {
        if parts::last_of_zip(self.path).is_some() {
            return Ok(Some(OpenError::Foreign(Foreign::PART_OF_ZIP)));
        }
        let is_on_system = matches!(self.beside, Neighbors::OnSystem);
        match parts::first_of(self.path).filter(|_| is_on_system) {
            Some(first) => Err(OpenError::LaterPart { first }),
            None => {
                let is_there = |part: &Path| is_on_system && part.is_file();
                Ok(parts::is_later(self.path, is_there).then_some(OpenError::NoFirstPart))
            }
        }
    }
}

/// Whether a document lies where a BitBox01 writes its backups, or is named as they are: by a name and a time.
fn is_of_bitbox01(path: &Path) -> bool {
    let folder = path.parent().and_then(Path::file_name);
    let is_there = folder.is_some_and(|folder| folder.eq_ignore_ascii_case("digitalbitbox"));
    let name = path.file_stem().and_then(|name| name.to_str());
    let mut numbers = name.unwrap_or_default().rsplit('-');
    let is_time = [2, 2, 2, 2, 2, 4].iter().all(|length| {
        let number = numbers.next().unwrap_or_default();
        number.len() == *length && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    has_extension(path, "pdf") && (is_there || is_time && numbers.next().is_some())
}

/// Whether a file begins as a compressed one or a ZIP archive.
fn is_packed(file: &dyn ReadAt) -> bool {
    let mut head = [0; 4];
    let is_zip = file.read_at(0, &mut head).is_ok() && head.starts_with(b"PK");
    is_zip || Packing::of(file).is_ok_and(|packing| packing.is_some())
}
