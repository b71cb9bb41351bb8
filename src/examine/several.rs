//! Paths that stand for several sources: folders and archives of cards.

use std::path::{Path, PathBuf};

use super::options::{Options, limits};
use crate::backup::recognize::{self, TraceKind};
use crate::backup::{text, wire};
use crate::catalogue::LARGE;
use crate::finding::Advice;
use crate::image::{self, Foreign, Images, OpenError};
use crate::progress::Progress;
use crate::report::Source;
use crate::text::plural;

/// Whether a small file is copies of a backup and no image of a card, whatever its name.
pub(super) fn is_copy(bytes: &[u8]) -> bool {
    // What a boot sector or a partition table ends with.
    let boots = bytes.get(510..512) == Some(&[0x55, 0xAA]);
    !boots && has_signs(bytes)
}

/// Most bytes of a file in which fragments are a sign of a copy; in a longer one they may stand by chance.
const SMALL: usize = 64 << 10;

/// Whether anything in a file is or was a copy of a backup.
pub(super) fn has_signs(bytes: &[u8]) -> bool {
    let is_sign = |kind| match bytes.len() > SMALL {
        true => matches!(kind, TraceKind::Whole | TraceKind::Header),
        false => true,
    };
    let mut traces = recognize::traces_in_file(bytes).into_iter();
    wire::looks_like_backup(bytes)
        || traces.any(|trace| is_sign(trace.kind))
        || !text::copies_in_text(bytes).is_empty()
        || !text::attached_in_text(bytes).is_empty()
}

/// Why a small file is refused in which no sign of a backup is.
pub(super) fn no_backup(bytes: &[u8]) -> OpenError {
    let mut attached = text::attached_in_text(bytes).into_iter();
    let is_unread = |bytes| image::archive_of(Path::new(""), bytes, LARGE).1.is_some();
    match attached.any(is_unread) {
        true => OpenError::Foreign(Foreign::ATTACHED),
        false => OpenError::no_backup(bytes),
    }
}

/// The cards in a folder that stands for several, at any depth; `None` for anything else.
pub(super) fn cards_in(
    folder: &Path,
    options: &Options,
    progress: &Progress<'_>,
) -> Option<Images> {
    let images = image::images_in(folder, &limits(options), is_copy, progress);
    images.ok().flatten()
}

/// What a path stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StandsFor {
    /// The sources to examine.
    pub sources: Vec<PathBuf>,
    /// What else lies in a folder of cards, which is not looked at.
    pub left_out: Vec<PathBuf>,
}

/// The sources that a path stands for: each card in a folder or archive of several, and the folder itself where copies
/// of backups lie beside them; otherwise the path. `progress` can stop it; then the path is what there is.
pub fn sources_at(path: &Path, options: &Options, progress: &Progress<'_>) -> StandsFor {
    let found = Some(path).filter(|path| path.is_dir());
    let (paths, left_out) = match found.and_then(|path| cards_in(path, options, progress)) {
        Some(mut found) => {
            found.images.append(&mut found.unread);
            found.images.sort();
            if found.has_copies {
                found.images.push(path.to_owned());
                found.others.clear();
            }
            (found.images, found.others)
        }
        None => (vec![path.to_owned()], Vec::new()),
    };
    // Only files with the name of an archive are looked into: `cards.zip/a.img` and `cards.zip/b.img` lead into one.
    let each = paths.into_iter().flat_map(|path| {
        let members = match image::has_archive_name(&path) {
            true => image::members_of(&path, &limits(options), is_copy, progress),
            false => Vec::new(),
        };
        match members.is_empty() {
            true => vec![path],
            false => members,
        }
    });
    StandsFor {
        sources: each.collect(),
        left_out,
    }
}

/// Says that what is in the cards in a folder is not what is in the folder.
pub(super) fn of_several(cards: usize, report: &mut Source) {
    let (one, many) = (
        "card image or copy of a card",
        "card images or copies of cards",
    );
    let left = plural(cards, one, many);
    let own = match cards {
        1 => "is a source of its own",
        _ => "are sources of their own",
    };
    let left = format!("{left} in this folder {own} and not examined here.");
    report.verdict = Some(match report.verdict.take() {
        Some(verdict) if !report.backups.is_empty() => format!("{verdict} {left}"),
        _ => left,
    });
    report.advice.push(Advice::EachImage);
}
