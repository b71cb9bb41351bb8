//! Files and folders that somebody else has opened, such as a browser.

use super::{Examination, Options, examine_opened, is_copy, limits, of_folder};
use crate::image::{self, GivenFile, GivenFolder, OpenError, SourceKind};
use crate::progress::Progress;
use crate::text::path_text;

/// Examines a file that somebody else has opened; whatever of its options needs a path is not done: its hash
/// and whether a device would take it.
///
/// # Errors
/// Those of [`examine`].
pub fn examine_given(
    file: &GivenFile,
    options: &Options,
    progress: &Progress<'_>,
) -> Result<Examination, OpenError> {
    let opened = image::open_given(file, &limits(options), is_copy, progress)?;
    let name = path_text(&file.name());
    examine_opened(&name, opened, options, progress).map(|(examination, _)| examination)
}

/// The sources in an archive that somebody else has opened, where it stands for several; see [`members`](super::members).
pub fn members_of_given(file: &GivenFile) -> Vec<GivenFile> {
    match image::has_archive_name(&file.path) {
        true => image::members_of_given(file, is_copy),
        false => Vec::new(),
    }
}

/// Examines a folder of files that somebody else has opened.
pub fn examine_given_folder(folder: GivenFolder, options: &Options) -> Examination {
    let folder = folder.into_folder();
    let name = path_text(&folder.path());
    of_folder(&name, &folder, SourceKind::Folder, options)
}
