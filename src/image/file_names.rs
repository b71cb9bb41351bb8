//! What a file is by its name alone.

use std::path::Path;

use crate::image::{Packing, SECTOR_BYTES};

/// Extensions that images of cards have, before that of a compression.
pub(crate) const EXTENSIONS: [&str; 9] =
    ["img", "dd", "raw", "ima", "iso", "bin", "001", "e01", "s01"];
/// Most bytes of a `.bin` file that is a copy of a backup rather than an image.
const SMALL: u64 = 64 << 10;

/// Whether a file has the name of an archive that is looked into: ZIP, or tar, compressed or not.
pub fn has_archive_name(path: &Path) -> bool {
    let lower = |part: Option<&std::ffi::OsStr>| {
        part.and_then(|part| part.to_str())
            .map(str::to_ascii_lowercase)
            .unwrap_or_default()
    };
    match lower(path.extension()).as_str() {
        "zip" | "tar" | "tgz" | "txz" | "tzst" => true,
        packed if Packing::EXTENSIONS.contains(&packed) => {
            lower(path.file_stem()).ends_with(".tar")
        }
        _ => false,
    }
}

const MOST_NUMBERS: u32 = 1000;

/// The name that `name` makes of a stem, or of the stem with the first number, that is no other's and that no file has.
pub fn free_name(
    stem: &str,
    name: impl Fn(&str) -> String,
    is_others: impl Fn(&str) -> bool,
) -> String {
    let is_there = |name: &String| Path::new(name).symlink_metadata().is_ok();
    let numbered = (2..MOST_NUMBERS).map(|number| format!("{stem}-{number}"));
    let numbered = numbered.filter(|stem| !is_others(stem));
    let stems = std::iter::once(stem.to_owned()).chain(numbered);
    let free = stems.map(|stem| name(&stem)).find(|name| !is_there(name));
    free.unwrap_or_else(|| name(stem))
}

/// Extensions of virtual disks, which are named as what they are where they cannot be read.
const VIRTUAL: [&str; 10] = [
    "vhd", "vhdx", "vmdk", "vdi", "qcow", "qcow2", "dmg", "aff", "aff4", "ex01",
];
/// Extensions of compressions that are not read.
const PACKED: [&str; 6] = ["bz2", "7z", "rar", "lz4", "lz", "lzma"];

/// Extensions that files of many other programs have, too.
const SHARED: [&str; 2] = ["iso", "bin"];

fn extension(path: &Path) -> Option<String> {
    let extension = path.extension()?.to_str()?;
    Some(extension.to_ascii_lowercase())
}

/// Whether no other program names its files like this image.
pub(crate) fn is_surely_image_name(path: &Path) -> bool {
    extension(path).is_some_and(|extension| !SHARED.contains(&extension.as_str()))
}

pub(crate) fn is_aside(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.as_encoded_bytes().starts_with(b"._")
}

/// Whether a file of so many bytes has the name of an image, and not one sector.
pub(crate) fn is_short_image(path: &Path, size: u64) -> bool {
    size < SECTOR_BYTES && is_image_name(path, SECTOR_BYTES)
}

/// Whether a file of so many bytes may be the first part of a split image by its name, whatever lies beside it: what
/// is split has the name of an image, or consists of whole sectors.
pub(crate) fn is_first_part_name(path: &Path, size: u64) -> bool {
    let is_whole = size >= SECTOR_BYTES && size.is_multiple_of(SECTOR_BYTES);
    !is_aside(path) && (is_whole || is_image_name(&path.with_extension(""), size))
}

/// Whether a file of so many bytes has the name of an image. What macOS puts beside each file has none.
pub(crate) fn is_image_name(path: &Path, size: u64) -> bool {
    let is_known = |name: String| EXTENSIONS.contains(&&*name) || VIRTUAL.contains(&&*name);
    let named = |path: &Path| extension(path).is_some_and(is_known);
    if is_aside(path) {
        return false;
    }
    match extension(path).as_deref() {
        Some("bin") => size > SMALL,
        Some(packed) if Packing::EXTENSIONS.contains(&packed) || PACKED.contains(&packed) => {
            named(Path::new(path.file_stem().unwrap_or_default()))
        }
        _ => size >= SECTOR_BYTES && named(path),
    }
}
