//! Reads of whole blocks into aligned memory, as devices want them where no cache lies between.

use std::fs::File;
use std::io;

use zeroize::Zeroizing;

/// Where buffers begin in memory; enough for every device.
const IN_MEMORY: usize = 4096;

/// Fills `buf` from `offset` by one read of whole `block`s, clipped to `size`, in aligned memory.
///
/// # Errors
/// What the system says, `InvalidInput` for a block size of 0 or a range outside `size`.
pub(crate) fn read_exact_at(
    file: &File,
    block: u64,
    size: u64,
    offset: u64,
    buf: &mut [u8],
) -> io::Result<()> {
    let invalid = || io::Error::from(io::ErrorKind::InvalidInput);
    let before = offset.checked_rem(block).ok_or_else(invalid)?;
    let start = offset.saturating_sub(before);
    let end = offset.checked_add(buf.len() as u64);
    let end = end.and_then(|end| end.checked_next_multiple_of(block));
    let end = end.ok_or_else(invalid)?.min(size);
    let length = end.checked_sub(start).ok_or_else(invalid)?;
    let length = usize::try_from(length).map_err(|_| invalid())?;
    let room = length.checked_add(IN_MEMORY).ok_or_else(invalid)?;
    let mut scratch = Zeroizing::new(vec![0_u8; room]);
    let skip = scratch.as_ptr().align_offset(IN_MEMORY);
    let aligned = scratch.get_mut(skip..);
    let blocks = aligned.and_then(|aligned| aligned.get_mut(..length));
    let blocks = blocks.ok_or_else(invalid)?;
    crate::image::medium::positioned_read::read_exact_at(file, start, blocks)?;
    let tail = blocks.get(before as usize..);
    let wanted = tail.and_then(|tail| tail.get(..buf.len()));
    buf.copy_from_slice(wanted.ok_or_else(invalid)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn any_range_is_cut_out_of_whole_blocks() {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..10_000_u32).map(|i| (i % 251) as u8).collect();
        file.write_all(&bytes).unwrap();
        for (offset, length) in [
            (0, 10_000),
            (511, 2),
            (512, 512),
            (4095, 1),
            (9_999, 1),
            (7, 0),
        ] {
            for block in [512, 4096] {
                let mut buf = vec![0; length];
                read_exact_at(&file, block, 10_000, offset as u64, &mut buf).unwrap();
                assert_eq!(buf, bytes[offset..][..length], "{offset} {length} {block}");
            }
        }
        assert!(read_exact_at(&file, 0, 10_000, 0, &mut [0]).is_err());
        assert!(read_exact_at(&file, 512, 10_000, 9_999, &mut [0; 2]).is_err());
        assert!(read_exact_at(&file, 512, 10_000, u64::MAX, &mut [0; 2]).is_err());
    }
}
