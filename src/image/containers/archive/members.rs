//! Which members of an archive are images of cards, and which are copies of backups.

use std::path::Path;

use super::{Archive, Member};
use crate::image::named::is_image_name;

/// Most bytes of a member that is looked into for copies of backups.
pub(super) const SMALL: usize = 64 << 10;
/// Most bytes of small members that are looked into.
const MOST_LOOKED: u64 = 64 << 20;
/// Most large members whose first sector is looked at, where none has the name of an image.
const MOST_HEADS: usize = 64;

/// What is in an archive.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::image) struct Found {
    /// The numbers of the members that are images.
    pub(in crate::image) images: Vec<usize>,
    /// Whether others are, or hold, copies of backups.
    pub(in crate::image) backups: bool,
}

/// What is in an archive, by names and by content. `is_copy` tells copies of backups.
pub(in crate::image) fn found(archive: &Archive, is_copy: fn(&[u8]) -> bool) -> Found {
    let members = || archive.members.iter().enumerate();
    let named = members().filter(|(_, member)| is_image(member));
    let mut images: Vec<_> = named.map(|(index, _)| index).collect();
    if images.is_empty() {
        // A length of 0 may be one that is not known.
        let large = members().filter(|(_, member)| {
            (member.size > SMALL as u64 || member.size == 0) && !is_beside(member)
        });
        let boots = large
            .take(MOST_HEADS)
            .filter(|(_, member)| begins_like_a_card(archive, member));
        images.extend(boots.map(|(index, _)| index));
    }
    let mut left = MOST_LOOKED;
    let backups = members().any(|(index, member)| {
        if images.contains(&index) || is_beside(member) || member.size > SMALL as u64 {
            return false;
        }
        let Some(rest) = left.checked_sub(member.size.max(512)) else {
            return false;
        };
        left = rest;
        is_backup(archive, member, is_copy)
    });
    Found { images, backups }
}

/// Whether a member is a copy of a backup: by its folder or its content.
fn is_backup(archive: &Archive, member: &Member, is_copy: fn(&[u8]) -> bool) -> bool {
    let mut folders = member.name.split('/');
    folders.next_back();
    folders.any(|folder| folder.eq_ignore_ascii_case("bitbox02"))
        || archive
            .read_small(member, SMALL)
            .is_ok_and(|small| small.is_some_and(|small| is_copy(&small.bytes)))
}

fn is_image(member: &Member) -> bool {
    !is_beside(member) && is_image_name(Path::new(&member.name), member.size)
}

/// What macOS puts beside each file.
pub(super) fn is_beside(member: &Member) -> bool {
    let mut parts = member.name.split('/');
    parts.next() == Some("__MACOSX")
        || member
            .name
            .rsplit('/')
            .next()
            .is_some_and(|name| name.starts_with("._"))
}

/// Whether it begins with a boot sector or a partition table.
fn begins_like_a_card(archive: &Archive, member: &Member) -> bool {
    let mut head = [0; 512];
    archive.read_head(member, &mut head) && head.ends_with(&[0x55, 0xAA])
}
