//! tar archives: the headers are read here, block by block, and their fields by the crate. The crate's own
//! walk takes long names and extensions into memory whatever their size.

use std::sync::Arc;

use ::tar::{EntryType, Header, PaxExtensions};

use super::{Archive, ArchiveDamage, Form, Members};
use crate::image::{ReadAt, SECTOR};
use crate::progress::Progress;

const BLOCK: u64 = SECTOR as u64;
/// Most bytes of a long name or of the extensions of one member.
const MOST_EXTENSION: u64 = 64 << 10;
/// Most bytes behind the end: tapes are written in records of up to 1 MiB.
const MOST_PADDING: u64 = 1 << 20;

/// What stands before a member and belongs to it.
#[derive(Default)]
struct Extensions {
    name: Option<String>,
    size: Option<u64>,
    /// Its bytes do not lie there as they are.
    sparse: bool,
}

/// The archive, if all of the image is one: what a medium holds behind it would be lost. `None` too if `progress`
/// stops it.
pub(super) fn open(image: &Arc<dyn ReadAt>, progress: &Progress<'_>) -> Option<Archive> {
    let mut members = Members::default();
    let (mut damage, mut has_unread) = (None, false);
    let mut extensions = Extensions::default();
    let (mut at, mut headers) = (0_u64, 0_usize);
    while !progress.is_stopped() {
        let Some(block) = block(&**image, at) else {
            // Without its last blocks, or with a part of one.
            damage =
                damage.or_else(|| (headers > 0).then_some(ArchiveDamage::Cut { at: image.size() }));
            break;
        };
        if block.iter().all(|byte| *byte == 0) {
            if !is_padding(&**image, at) {
                return None;
            }
            break;
        }
        let header = Header::from_byte_slice(&block);
        if !is_right(header) {
            return None;
        }
        headers = headers.saturating_add(1);
        let kind = header.entry_type();
        let is_extension = matches!(
            kind,
            EntryType::GNULongName
                | EntryType::GNULongLink
                | EntryType::XHeader
                | EntryType::XGlobalHeader
        );
        let size = extensions.size.filter(|_| !is_extension);
        let size = size.or_else(|| header.entry_size().ok())?;
        let data = at.checked_add(BLOCK)?;
        if is_extension {
            extend(&mut extensions, &**image, kind, data, size);
        } else {
            let extensions = std::mem::take(&mut extensions);
            has_unread |= extensions.sparse || kind == EntryType::GNUSparse;
            add_member(&mut members, header, extensions, data, size);
        }
        let end = data.checked_add(size)?;
        if end > image.size() {
            damage = Some(ArchiveDamage::Cut { at: image.size() });
            break;
        }
        at = end.checked_next_multiple_of(BLOCK)?;
    }
    (headers > 0).then(|| Archive {
        form: Form::Tar(Arc::clone(image)),
        members: members.found,
        more: members.more,
        damage,
        has_unread,
    })
}

fn block(image: &dyn ReadAt, at: u64) -> Option<[u8; SECTOR]> {
    let mut block = [0; SECTOR];
    image.read_at(at, &mut block).ok().map(|()| block)
}

/// Whether its checksum is right, and it has the mark of POSIX or GNU, or is one of the seventh edition of Unix, which has
/// none.
fn is_right(header: &Header) -> bool {
    let bytes = header.as_bytes();
    let sum = bytes.iter().enumerate().map(|(at, byte)| match at {
        148..156 => u32::from(b' '),
        _ => u32::from(*byte),
    });
    let sum: u32 = sum.sum();
    let is_old = || {
        let is_octal = |byte: &u8| matches!(byte, b'0'..=b'7' | b' ' | 0);
        let numbers = bytes.get(100..156).unwrap_or_default();
        let behind = bytes.get(257..).unwrap_or_default();
        bytes.first().is_some_and(|first| !first.is_ascii_control())
            && numbers.iter().all(is_octal)
            && behind.iter().all(|byte| matches!(byte, 0 | b'0'))
    };
    (bytes.get(257..262) == Some(b"ustar") || is_old())
        && header.cksum().is_ok_and(|stored| stored == sum)
}

/// Whether only zeros follow, and not as many as a medium has.
fn is_padding(image: &dyn ReadAt, at: u64) -> bool {
    let left = image.size().saturating_sub(at);
    let length = usize::try_from(left.min(MOST_PADDING)).unwrap_or(0);
    let mut rest = vec![0; length];
    left <= MOST_PADDING
        && image.read_at(at, &mut rest).is_ok()
        && rest.iter().all(|byte| *byte == 0)
}

fn extend(extensions: &mut Extensions, image: &dyn ReadAt, kind: EntryType, at: u64, size: u64) {
    if size > MOST_EXTENSION {
        return;
    }
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
    if image.read_at(at, &mut bytes).is_err() {
        return;
    }
    match kind {
        EntryType::GNULongName => {
            let end = bytes.iter().position(|byte| *byte == 0);
            let text = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
            extensions.name = Some(String::from_utf8_lossy(text).into_owned());
        }
        EntryType::XHeader => {
            for record in PaxExtensions::new(&bytes).flatten() {
                let value = String::from_utf8_lossy(record.value_bytes());
                match record.key() {
                    Ok("path") => extensions.name = Some(value.into_owned()),
                    Ok("size") => extensions.size = value.parse().ok(),
                    Ok(key) if key.starts_with("GNU.sparse") => extensions.sparse = true,
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// Adds a member, if it is a file whose bytes lie there as they are.
fn add_member(members: &mut Members, header: &Header, extensions: Extensions, at: u64, size: u64) {
    let is_file = matches!(
        header.entry_type(),
        EntryType::Regular | EntryType::Continuous
    );
    if !is_file || extensions.sparse {
        return;
    }
    let own = || String::from_utf8_lossy(&header.path_bytes()).into_owned();
    let name = extensions.name.unwrap_or_else(own);
    // The oldest archives have no other mark of a folder.
    if !name.ends_with('/') {
        members.add(&name, size, at);
    }
}
