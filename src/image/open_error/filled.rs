//! Sentences and commands in which `FILE` stands for a file and `NEW` for a new one.

use std::path::{Path, PathBuf};

use crate::image::containers::archive;
use crate::text::{escape, path_text, quoted};

/// Joins the parts `FILE` to the new file `NEW`.
pub(super) const JOIN: &str = match cfg!(windows) {
    true => "copy /b FILE NEW",
    false => "cat FILE > NEW",
};

/// The parts of a file as [`JOIN`] takes them; `None` where one is no plain text.
pub(super) fn joined(first: &str, behind: &[PathBuf]) -> Option<String> {
    let behind = behind.iter().map(|part| quoted(&path_text(part)));
    let parts: Option<Vec<_>> = std::iter::once(quoted(first)).chain(behind).collect();
    Some(parts?.join(if cfg!(windows) { "+" } else { " " }))
}

/// A sentence or command with what `FILE` and `NEW` stand for, and `STEM` for the new file without its extension.
pub(super) fn filled(template: &str, file: &str, new: &str) -> String {
    let without_extension = new.rsplit_once('.').map_or(new, |(stem, _)| stem);
    let parts: Vec<_> = template
        .split("FILE")
        .map(|part| part.replace("NEW", new).replace("STEM", without_extension))
        .collect();
    parts.join(file)
}

/// A path as a shell takes it, or that of the archive into which it leads; `None` where it is no plain text.
pub(super) fn file(path: &str) -> Option<String> {
    let archive = archive::into(Path::new(path)).and_then(|(archive, _)| archive.to_str());
    quoted(archive.unwrap_or(path))
}

/// The name of a file in an archive, as a shell takes it, in quotes: so it is found again where names are left out.
/// `None` where it is no plain text.
pub(super) fn member(name: &str) -> Option<String> {
    let is_plain = escape(name) == name && !name.starts_with('-');
    let is_plain = is_plain && !name.contains(['"', '$', '`', '\\', '!', '%']);
    is_plain.then(|| format!("\"{name}\""))
}
