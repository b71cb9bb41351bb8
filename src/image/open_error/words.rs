//! What errors say of what is there, and what to do: sentences and commands in which `FILE` stands for a file and `NEW` for
//! a new one.

use std::path::{Path, PathBuf};

use crate::image::Foreign;
use crate::image::containers::archive;
use crate::text::{escape, path_text, plural, quoted};

/// What to do where nothing is at a path.
pub(super) const NOT_FOUND: &str = match cfg!(windows) {
    true => {
        r"check the spelling; Disk Management shows the number of a card reader, 1 for \\.\PhysicalDrive1"
    }
    false if cfg!(target_vendor = "apple") => {
        "check the spelling; a card reader shows in `diskutil list` once a card is in it"
    }
    false => "check the spelling; a card reader shows in lsblk once a card is in it",
};
/// What to do where something else than a source is there.
pub(super) const NOT_A_SOURCE: &str = match cfg!(windows) {
    true => {
        r"name a card image, a card reader such as \\.\PhysicalDrive1, a folder, or a .bin file"
    }
    false => "name a card image, a card reader such as /dev/sdb, a folder, or a .bin file",
};

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
    let parts = template.split("FILE");
    let parts = parts.map(|part| part.replace("NEW", new).replace("STEM", without_extension));
    parts.collect::<Vec<_>>().join(file)
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

pub(super) fn partitions(there: &[u32]) -> String {
    let all: Vec<_> = there.iter().map(u32::to_string).collect();
    match all.is_empty() {
        true => "it has none".to_owned(),
        false => format!("it has {}", all.join(", ")),
    }
}

pub(super) fn several(images: usize, backups: bool) -> String {
    let images = plural(images, "card image", "card images");
    match backups {
        true => format!("{images} and of backups beside"),
        false => images,
    }
}

pub(super) fn what(found: Option<Foreign>) -> String {
    found.map_or_else(String::new, |found| format!("{found} and "))
}

pub(super) fn parts(behind: usize, lacks: bool) -> String {
    match lacks {
        true => "it is split, and a part of it is missing or too short".to_owned(),
        false => format!("it is in {} parts", behind.saturating_add(1)),
    }
}
