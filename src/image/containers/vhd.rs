//! Virtual disks of fixed size: a raw image with a footer behind it.

use crate::image::{ReadAt, SECTOR, SECTOR_BYTES, Window};

const COOKIE: &[u8] = b"conectix";
const FIXED: u32 = 2;
const TYPE: usize = 60;
const CHECKSUM: usize = 64;

/// The disk without its footer; `None` if there is none, or it is of another type.
pub(crate) fn fixed<R: ReadAt>(image: R) -> Option<Window<R>> {
    let size = image.size().checked_sub(SECTOR_BYTES)?;
    let mut footer = [0; SECTOR];
    image.read_at(size, &mut footer).ok()?;
    let field = |at: usize| Some(u32::from_be_bytes(*footer.get(at..)?.first_chunk()?));
    let bytes = footer.iter().enumerate();
    let bytes = bytes.filter(|(at, _)| !(CHECKSUM..CHECKSUM + 4).contains(at));
    let sum: u32 = bytes.map(|(_, byte)| u32::from(*byte)).sum();
    let is_fixed =
        footer.starts_with(COOKIE) && field(TYPE) == Some(FIXED) && field(CHECKSUM) == Some(!sum);
    (is_fixed && size > 0).then(|| Window::new(image, 0, Some(size)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Memory;

    #[test]
    fn the_footer_is_no_part_of_the_disk() {
        let mut bytes = vec![7; 4096 + 512];
        bytes[4096..].fill(0);
        bytes[4096..4104].copy_from_slice(COOKIE);
        bytes[4096 + TYPE + 3] = 2;
        let sum: u32 = bytes[4096..].iter().map(|byte| u32::from(*byte)).sum();
        bytes[4096 + CHECKSUM..][..4].copy_from_slice(&(!sum).to_be_bytes());
        let disk = fixed(Memory::new(bytes.clone())).unwrap();
        assert_eq!(disk.size(), 4096);
        for at in [4096, 4096 + TYPE + 3, 4096 + CHECKSUM, 4096 + 200] {
            let mut wrong = bytes.clone();
            wrong[at] ^= 1;
            assert!(fixed(Memory::new(wrong)).is_none(), "{at}");
        }
        assert!(fixed(Memory::new(bytes[4096..].to_vec())).is_none());
        assert!(fixed(Memory::new(vec![0; 100])).is_none());
    }
}
