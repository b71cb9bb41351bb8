//! Which members of an archive are images of cards, and which are copies of backups.

use std::path::Path;

use super::{Archive, Member, SmallMember};
use crate::image::containers::foreign::of_small;
use crate::image::file_names::{is_aside, is_image_name};
use crate::image::{Memory, Packing};

/// Most bytes of a member that is looked into for copies of backups.
pub(super) const SMALL: usize = 64 << 10;
/// Most bytes of larger ones that are.
pub(crate) const LARGE: u64 = 64 << 20;
/// Most bytes of small members that are looked into, and as how many one counts at least.
const MOST_LOOKED: u64 = 64 << 20;
const LEAST: usize = 512;
/// Most large members whose first sector is looked at, where none has the name of an image.
const MOST_HEADS: usize = 64;

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Holdings {
    /// The numbers of the members that are images.
    pub(crate) images: Vec<usize>,
    /// Whether others are, or hold, copies of backups.
    pub(crate) backups: bool,
}

/// What is in an archive, by names and by content. `is_copy` tells copies of backups; where there are none otherwise, they
/// are looked for in `large` bytes of larger members, too.
pub(crate) fn found(archive: &Archive, large: u64, is_copy: fn(&[u8]) -> bool) -> Holdings {
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
    let mut reader = Reader::of(archive, large);
    let holds = |read: Option<SmallMember>| read.is_some_and(|(bytes, _)| is_copy(&bytes));
    let backups = members().any(|(index, member)| {
        !images.contains(&index)
            && !is_beside(member)
            && member.size <= SMALL as u64
            && (is_in_backups(member) || holds(reader.small(member)))
    });
    let backups =
        backups || images.is_empty() && members().any(|(_, member)| holds(reader.large(member)));
    Holdings { images, backups }
}

/// Whether archives, or images of a kind that is read once it is unpacked or converted, are among the members.
pub(super) fn has_packed(archive: &Archive) -> bool {
    let files = archive.members.iter().filter(|member| !is_beside(member));
    let mut first = files.take(MOST_HEADS);
    first.any(|member| is_packed(archive, member))
}

/// Whether images, or archives, are among the members that are too large to be looked into as in a folder.
pub(super) fn has_large(archive: &Archive) -> bool {
    let members = archive.members.iter();
    let large = members.filter(|member| member.size > SMALL as u64);
    let mut large = large.take(MOST_HEADS);
    large.any(|member| {
        is_image(member) || begins_like_a_card(archive, member) || is_packed(archive, member)
    })
}

/// Whether a member is an archive, or an image of a kind that is read once it is unpacked or converted.
fn is_packed(archive: &Archive, member: &Member) -> bool {
    let mut head = [0; 512];
    let length = usize::try_from(member.size).unwrap_or(usize::MAX);
    let Some(head) = head.get_mut(..length.min(512)) else {
        return false;
    };
    let is_there = member.size > 0 && archive.read_head(member, head);
    let packing = Packing::of(&Memory::new(head.to_vec()));
    let is_packed =
        packing.is_ok_and(|packing| packing.is_some()) || head.starts_with(b"PK\x03\x04");
    is_there && (is_packed || of_small(head).is_some_and(|found| found.command().is_some()))
}

/// Whether a member lies in a folder in which a BitBox02 or a BitBox01 keeps its backups.
fn is_in_backups(member: &Member) -> bool {
    let mut folders = member.name.split('/');
    folders.next_back();
    folders.any(|folder| {
        let mut names = ["bitbox02", "digitalbitbox"].into_iter();
        names.any(|name| folder.eq_ignore_ascii_case(name))
    })
}

/// Reads members of an archive, until they are too many bytes: what is read counts, whatever their sizes are said to be.
pub(super) struct Reader<'a> {
    archive: &'a Archive,
    /// Of small members.
    left: u64,
    /// Of larger ones.
    large: u64,
}

impl<'a> Reader<'a> {
    /// Of larger members so many bytes are read.
    pub(super) fn of(archive: &'a Archive, large: u64) -> Self {
        Self {
            archive,
            left: MOST_LOOKED,
            large: large.min(LARGE),
        }
    }

    /// The bytes of a member; `None` if they are more than 64 KiB, cannot be had, or too many were read before.
    pub(super) fn small(&mut self, member: &Member) -> Option<SmallMember> {
        if member.size > SMALL as u64 || self.left == 0 {
            return None;
        }
        let small = self.archive.read_small(member, SMALL);
        let read = match &small {
            Ok(Some((bytes, _))) => bytes.len(),
            Ok(None) => SMALL,
            Err(_) => 0,
        };
        self.left = self.left.saturating_sub(read.max(LEAST) as u64);
        small.ok().flatten()
    }

    /// The bytes of a member of more than 64 KiB, or of a length that is not known; `None` if they cannot be had, or are
    /// more than are left.
    pub(super) fn large(&mut self, member: &Member) -> Option<SmallMember> {
        let most = match member.size {
            0 => self.large,
            size => size,
        };
        if most <= SMALL as u64 || most > self.large || is_beside(member) {
            return None;
        }
        let read = self.archive.read_small(member, usize::try_from(most).ok()?);
        let read = read.ok().flatten();
        let length = read.as_ref().map_or(most, |(bytes, _)| bytes.len() as u64);
        self.large = self.large.saturating_sub(length.max(SMALL as u64));
        read.filter(|(bytes, _)| bytes.len() > SMALL)
    }
}

/// Whether larger members are more than are searched.
pub(super) fn has_larger(archive: &Archive) -> bool {
    let sizes = archive.members.iter().map(|member| member.size);
    let large = sizes.filter(|size| *size > SMALL as u64);
    large.fold(0, u64::saturating_add) > LARGE
}

fn is_image(member: &Member) -> bool {
    !is_beside(member) && is_image_name(Path::new(&member.name), member.size)
}

pub(super) fn is_beside(member: &Member) -> bool {
    let name = &member.name;
    name.split('/').next() == Some("__MACOSX") || is_aside(Path::new(name))
}

fn begins_like_a_card(archive: &Archive, member: &Member) -> bool {
    let mut head = [0; 512];
    archive.read_head(member, &mut head) && head.ends_with(&[0x55, 0xAA])
}
