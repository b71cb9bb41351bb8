//! Files and folders that somebody else has opened, such as a browser.

use super::examine_opened;
use super::kinds::{Examination, of_folder};
use super::options::{Options, limits};
use super::several::is_copy;
use crate::image::{self, GivenFile, GivenFolder, GivenSource, OpenError, SourceKind};
use crate::progress::Progress;
use crate::text::path_text;

/// Examines a file that somebody else has opened; whatever of its options needs a path is not done: its hash
/// and whether a device would take it.
///
/// # Errors
/// Those of [`examine`](super::examine()).
pub fn examine_given(
    file: &GivenFile,
    options: &Options,
    progress: &Progress<'_>,
) -> Result<Examination, OpenError> {
    let opened = image::open_given(file, &limits(options), is_copy, progress)?;
    let name = path_text(&file.name());
    examine_opened(&name, opened, options, progress).map(|(examination, _)| examination)
}

/// The sources that a folder stands for: each card in one of several, and the folder itself where copies of backups
/// lie beside them; otherwise the folder. See [`sources_at`](super::sources_at).
pub fn sources_in_given(
    folder: GivenFolder,
    options: &Options,
    progress: &Progress<'_>,
) -> Vec<GivenSource> {
    let Some(found) = folder.images(&limits(options), is_copy, progress) else {
        return vec![GivenSource::Folder(folder)];
    };
    let mut cards: Vec<_> = found.images.iter().chain(&found.unread).collect();
    cards.sort();
    let cards = cards.into_iter().filter_map(|path| folder.source(path));
    let mut sources: Vec<_> = cards
        .flat_map(|card| match card {
            GivenSource::File(file) => sources_of_given(&file, options, progress),
            folder @ GivenSource::Folder(_) => vec![folder],
        })
        .collect();
    if found.has_copies {
        sources.push(GivenSource::Folder(folder));
    }
    sources
}

/// The sources that a file stands for: each of several cards in an archive, otherwise the file.
pub fn sources_of_given(
    file: &GivenFile,
    options: &Options,
    progress: &Progress<'_>,
) -> Vec<GivenSource> {
    let members = match image::has_archive_name(&file.path) {
        true => image::members_of_given(file, &limits(options), is_copy, progress),
        false => Vec::new(),
    };
    match members.is_empty() {
        true => vec![GivenSource::File(file.clone())],
        false => members.into_iter().map(GivenSource::File).collect(),
    }
}

/// Examines a folder of files that somebody else has opened.
pub fn examine_given_folder(
    folder: GivenFolder,
    options: &Options,
    progress: &Progress<'_>,
) -> Examination {
    let cards = folder.images(&limits(options), is_copy, progress);
    let cards = cards.map(|found| found.images);
    let folder = folder.into_folder();
    let name = path_text(&folder.path());
    let kind = SourceKind::Folder;
    of_folder(&name, &folder, kind, &cards.unwrap_or_default(), options)
}
