//! Inodes of ext4 that hold a small file: its first 60 bytes where others have block numbers, and the rest behind, as an
//! extended attribute.

use crate::fat::bytes_at;
use crate::image::SECTOR;

/// Every inode begins at a multiple of it; smaller ones hold no attributes.
const STEP: usize = 256;
const _: () = assert!(SECTOR.is_multiple_of(STEP));
/// Where the contents begin.
pub(super) const CONTENTS: u64 = 40;
/// Bytes of them before the rest.
const FIRST: usize = 60;
/// Most bytes of the largest inode that is looked at.
const MOST: usize = 1024;
/// Marks an inode that holds its file.
const INLINE: u32 = 0x1000_0000;
/// Marks the attributes of an inode.
const ATTRIBUTES: u32 = 0xEA02_0000;
/// Most attributes of an inode.
const MOST_ATTRIBUTES: usize = 16;

/// Puts the rest of each file behind its first bytes, in the inodes in these bytes, which begin where a sector does. What
/// does not hold together is left as it is.
pub(super) fn restore(bytes: &mut [u8]) {
    for at in (0..bytes.len()).step_by(STEP) {
        restore_inode(bytes.get_mut(at..).unwrap_or_default());
    }
}

/// Whether what begins at this byte of a card may lie in an inode.
pub(super) fn may_be_in_inode(offset: u64) -> bool {
    offset.checked_rem(STEP as u64) == Some(CONTENTS)
}

/// The inode at the beginning of these bytes.
fn restore_inode(bytes: &mut [u8]) -> Option<()> {
    let end = bytes.len().min(MOST);
    let inode = bytes.get_mut(..end)?;
    let word = |at: usize| bytes_at(inode, at).map(u16::from_le_bytes).map(usize::from);
    let long = |at: usize| bytes_at(inode, at).map(u32::from_le_bytes);
    if long(32)? & INLINE == 0 {
        return None;
    }
    let size = usize::try_from(long(4)?).ok()?;
    let attributes = word(128)?.checked_add(128)?;
    if long(attributes)? != ATTRIBUTES {
        return None;
    }
    let first = attributes.checked_add(4)?;
    let mut at = first;
    for _ in 0..MOST_ATTRIBUTES {
        // Its name's length and kind, where its value is and of how many bytes, and its name: `system.data`.
        let name = usize::from(*inode.get(at)?);
        let kind = *inode.get(at.checked_add(1)?)?;
        let own = at.checked_add(16)?;
        if (name, kind) == (0, 0) {
            return None;
        }
        if kind == 7 && inode.get(own..own.checked_add(name)?) == Some(b"data") {
            let value = first.checked_add(word(at.checked_add(2)?)?)?;
            let length = usize::try_from(long(at.checked_add(8)?)?).ok()?;
            let contents = FIRST.checked_add(length)?;
            let behind = usize::try_from(CONTENTS).ok()?.checked_add(FIRST)?;
            let target = behind.checked_add(length)?;
            let rest = value..value.checked_add(length)?;
            if size > contents || inode.get(rest.clone()).is_none() || target > inode.len() {
                return None;
            }
            inode.copy_within(rest, behind);
            return Some(());
        }
        at = own.checked_add(name.next_multiple_of(4))?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::carve::read_restored;
    use crate::image::{Extent, Memory};

    /// An inode with a file of 100 bytes, the last 40 of which are at its end.
    fn inode() -> Vec<u8> {
        let mut inode = vec![0; STEP];
        inode[4] = 100;
        inode[32..36].copy_from_slice(&INLINE.to_le_bytes());
        inode[40..100].fill(1);
        inode[128] = 32;
        inode[160..164].copy_from_slice(&ATTRIBUTES.to_le_bytes());
        // Another attribute is before it.
        inode[164..184].copy_from_slice(b"\x03\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0abc\0");
        inode[184..204].copy_from_slice(b"\x04\x07\x34\0\0\0\0\0\x28\0\0\0\0\0\0\0data");
        inode[216..].fill(2);
        inode
    }

    #[test]
    fn a_file_in_an_inode_is_put_together() {
        let card = [vec![0; 512], inode(), inode()].concat();
        let image = Memory::new(card.clone());
        for at in [512, 768] {
            let extent = Extent {
                offset: at + CONTENTS,
                length: 100,
            };
            let file = read_restored(&image, extent).unwrap();
            assert_eq!(file.as_slice(), [vec![1; 60], vec![2; 40]].concat());
        }
        let mut bytes = card;
        restore(&mut bytes);
        assert_eq!(bytes[552..652], [vec![1; 60], vec![2; 40]].concat());
    }

    #[test]
    fn what_is_no_such_inode_stays_as_it_is() {
        for (at, byte) in [
            (35, 0),
            (4, 101),
            (128, 0xFF),
            (129, 0xFF),
            (160, 1),
            (184, 0xFF),
            (185, 1),
            (186, 0xFF),
            (193, 0xFF),
            (200, b'x'),
        ] {
            let mut bytes = inode();
            bytes[at] = byte;
            let before = bytes.clone();
            restore(&mut bytes);
            assert_eq!(bytes, before, "{at}");
        }
        for length in 0..STEP {
            let mut cut = inode()[..length].to_vec();
            restore(&mut cut);
            assert_eq!(cut, inode()[..length], "{length}");
        }
    }
}
