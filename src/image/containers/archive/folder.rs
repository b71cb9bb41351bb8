//! The small members of an archive as a folder.

use std::path::Path;
use std::sync::Arc;

use super::members::{Reader, is_beside};
use super::{Archive, Member};
use crate::image::medium::memory_folder::{Kept, KeptFolder};
use crate::image::{Memory, ReadAt};

/// Most files and folders that are kept.
const MOST_KEPT: usize = 200_000;

/// The members below a folder of the archive, or those of the folder that holds `bitbox02`, as a folder at
/// this path. Of those over 64 KiB so many bytes are kept as `large` says.
pub(crate) fn tree(archive: &Archive, path: &Path, below: Option<&str>, large: u64) -> KeptFolder {
    let members = || archive.members.iter().filter(|member| !is_beside(member));
    let root = match below {
        Some(below) => format!("{}/", below.trim_end_matches('/')),
        None => card_root(members()),
    };
    let root = if root == "/" { String::new() } else { root };
    let mut folder = KeptFolder::new(path.join(&root), true);
    let mut more = archive.more;
    let mut reader = Reader::of(archive, large);
    for member in members() {
        if folder.count() >= MOST_KEPT {
            more = true;
            break;
        }
        let Some(name) = member.name.strip_prefix(&root) else {
            continue;
        };
        let read = reader.small(member).or_else(|| reader.large(member));
        // A length of 0 may be one that is not known.
        more |= read.is_none() && member.size == 0;
        let (bytes, damage) = read.unzip();
        let kept = Kept {
            size: bytes
                .as_ref()
                .map_or(member.size, |bytes| bytes.len() as u64),
            bytes: bytes.map(|bytes| Arc::new(Memory::new(bytes)) as Arc<dyn ReadAt>),
            modified: None,
            damage: damage.flatten(),
        };
        folder.insert(name, kept);
    }
    if more {
        folder.leave_out("");
    }
    folder
}

/// The folder that holds `bitbox02`, the outermost of several, with a slash; empty if there is none.
fn card_root<'a>(members: impl Iterator<Item = &'a Member>) -> String {
    let roots = members.filter_map(|member| {
        let parts: Vec<_> = member.name.split('/').collect();
        let (_, folders) = parts.split_last()?;
        let is_card = |folder: &&str| folder.eq_ignore_ascii_case("bitbox02");
        let at = folders.iter().position(is_card)?;
        let above = parts.get(..at)?.iter();
        Some(above.map(|part| format!("{part}/")).collect::<String>())
    });
    let depth = |root: &String| root.matches('/').count();
    roots.min_by_key(depth).unwrap_or_default()
}
