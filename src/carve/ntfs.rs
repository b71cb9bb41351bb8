//! Records of NTFS, whose small files lie within them: in the last two bytes of each sector stands a number, and what
//! belongs there is kept at the beginning of the record.

use zeroize::Zeroizing;

use super::ext;
use crate::fat::bytes_at;
use crate::image::{Extent, ReadAt, ReadError, SECTOR};

/// Most bytes of a record; one of a card has 1024.
const MOST: u64 = 4096;
/// Sectors of it.
const MOST_SECTORS: usize = 8;

/// Puts the bytes that belong there at the end of every sector of the records that begin in these bytes, which begin where
/// a sector does. What does not hold together is left as it is.
pub(super) fn restore(bytes: &mut [u8]) {
    for at in (0..bytes.len()).step_by(SECTOR) {
        let rest = bytes.get_mut(at..).unwrap_or_default();
        if rest.starts_with(b"FILE") {
            restore_record(rest);
        }
    }
}

/// The record at the beginning of these bytes.
fn restore_record(record: &mut [u8]) -> Option<()> {
    let word = |record: &[u8], at: usize| bytes_at(record, at).map(u16::from_le_bytes);
    // The number, and then two bytes for each sector.
    let list = usize::from(word(record, 4)?);
    let sectors = usize::from(word(record, 6)?).checked_sub(1)?;
    let number = word(record, list)?;
    let fits = list >= 40 && list.is_multiple_of(2) && (1..=MOST_SECTORS).contains(&sectors);
    if !fits || list.checked_add(sectors.saturating_mul(2))? > SECTOR {
        return None;
    }
    for sector in 1..=sectors {
        let kept = word(record, list.saturating_add(sector.saturating_mul(2)))?;
        let end = sector.saturating_mul(SECTOR).saturating_sub(2);
        if word(record, end) != Some(number) {
            return None;
        }
        let place = record.get_mut(end..end.saturating_add(2))?;
        place.copy_from_slice(&kept.to_le_bytes());
    }
    Some(())
}

/// The bytes of an extent; of what lies in a record of NTFS, or in an inode of ext4, those that belong there.
///
/// # Errors
/// [`ReadError`].
pub fn read_restored(image: &dyn ReadAt, extent: Extent) -> Result<Zeroizing<Vec<u8>>, ReadError> {
    let length = usize::try_from(extent.length).unwrap_or(0);
    let mut bytes = Zeroizing::new(vec![0; length]);
    image.read_at(extent.offset, &mut bytes)?;
    let sector = SECTOR as u64;
    let within = extent.offset.checked_rem(sector).unwrap_or(0);
    let is_clear = within.saturating_add(extent.length) <= sector.saturating_sub(2);
    if is_clear && !ext::may_be_in_inode(extent.offset) {
        return Ok(bytes);
    }
    let first = extent.offset.saturating_sub(within);
    let start = first.saturating_sub(MOST.saturating_sub(sector));
    let end = extent.end().saturating_add(MOST).min(image.size());
    let room = usize::try_from(end.saturating_sub(start)).unwrap_or(0);
    let mut around = Zeroizing::new(vec![0; room]);
    if image.read_at(start, &mut around).is_ok() {
        restore(&mut around);
        ext::restore(&mut around);
        let from = usize::try_from(extent.offset.saturating_sub(start)).unwrap_or(0);
        if let Some(own) = around.get(from..from.saturating_add(length)) {
            bytes.copy_from_slice(own);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Memory;

    /// A record of two sectors with these last bytes, in their places or as they are stored.
    fn record(stored: bool) -> Vec<u8> {
        let mut record = vec![0x11; 1024];
        record[..8].copy_from_slice(b"FILE\x30\0\x03\0");
        record[48..54].copy_from_slice(b"\x07\0abcd");
        for (end, own) in [(510, b"ab"), (1022, b"cd")] {
            record[end..end + 2].copy_from_slice(if stored { b"\x07\0" } else { own });
        }
        record
    }

    #[test]
    fn the_last_bytes_of_sectors_come_from_the_list() {
        let card = [vec![0; 512], record(true), vec![0; 512]].concat();
        let whole = [vec![0; 512], record(false), vec![0; 512]].concat();
        let mut bytes = card.clone();
        restore(&mut bytes);
        assert_eq!(bytes, whole);
        restore(&mut bytes);
        assert_eq!(bytes, whole, "once is enough");
        let image = Memory::new(card);
        for (offset, length) in [(600, 600), (1020, 4), (1530, 6), (512, 100), (0, 2048)] {
            let extent = Extent { offset, length };
            let own = &whole[offset as usize..(offset + length) as usize];
            assert_eq!(
                read_restored(&image, extent).unwrap().as_slice(),
                own,
                "{offset}"
            );
        }
    }

    #[test]
    fn what_is_no_record_stays_as_it_is() {
        for (at, byte) in [(510, 9), (6, 0), (6, 200), (4, 0xFF), (5, 2), (0, 0)] {
            let mut bytes = record(true);
            bytes[at] = byte;
            let before = bytes.clone();
            restore(&mut bytes);
            assert_eq!(bytes, before, "{at}");
        }
        let mut cut = record(true)[..600].to_vec();
        restore(&mut cut);
    }
}
