//! Whether a card still gives the bytes that are in its image.

use std::ops::Range;

use zeroize::Zeroizing;

use super::{ImageTarget, ImageTargetError, SECTOR, pieces};
use crate::image::{Extent, ReadAt, Readings, Tried, join};
use crate::progress::Progress;

/// Bytes compared at most from the first that are in the image: they hold the tables, the folders and
/// mostly the backups of a card.
const FIRST: u64 = 16 << 20;
/// Bytes of them compared at once.
const FEW: u64 = 64 << 10;
const CHUNK: u64 = 1 << 20;

/// Compares the beginning of what is in the image with the card: the sectors that are other bytes now. What cannot be
/// read now is passed over.
///
/// # Errors
/// [`ImageTargetError::OtherCard`] if it [is another card](Reread::other_card).
pub fn check(source: &dyn ReadAt, target: &ImageTarget) -> Result<Vec<Extent>, ImageTargetError> {
    let done = target.map().all(Tried::Done);
    let read = beginning(source, &done, |at, bytes| target.read(at, bytes).is_ok());
    match read.other_card() {
        Some(offset) => Err(ImageTargetError::OtherCard {
            path: target.path(),
            offset,
        }),
        None => Ok(join(read.differing)),
    }
}

/// Whether an image is of this card, as far as the beginning of both can be read. Of two that are empty nothing says so.
pub fn is_of(image: &dyn ReadAt, card: &dyn ReadAt) -> bool {
    let (offset, length) = (0, image.size());
    let whole = [Extent { offset, length }];
    let read = beginning(card, &whole, |at, bytes| image.read_at(at, bytes).is_ok());
    length == card.size() && read.compared > 0 && read.other_card().is_none()
}

/// Compares the first bytes of these parts. What `image` cannot give, or the card, is passed over.
fn beginning(
    card: &dyn ReadAt,
    parts: &[Extent],
    image: impl Fn(u64, &mut [u8]) -> bool,
) -> Reread {
    let [mut again, mut first] = [(); 2].map(|()| Zeroizing::new(vec![0; FEW as usize]));
    let mut read = Reread::default();
    let mut left = FIRST;
    for part in parts.iter().flat_map(|part| pieces(*part, FEW)) {
        left = left.saturating_sub(part.length);
        let length = usize::try_from(part.length).unwrap_or(0);
        let (Some(again), Some(first)) = (again.get_mut(..length), first.get_mut(..length)) else {
            break;
        };
        if card.read_at(part.offset, again).is_ok() && image(part.offset, first) {
            read.add_all(part, first, again, None);
        }
        if left == 0 {
            break;
        }
    }
    read
}

/// What another reading of a card gave.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reread {
    /// The sectors that are other bytes now, or cannot be read again.
    pub differing: Vec<Extent>,
    /// Bytes of the sectors that were compared and are not empty in the image.
    pub compared: u64,
    /// Of these the bytes of sectors that are not empty now either.
    pub found: u64,
    /// Where the first sector is that holds other contents now.
    pub other: Option<u64>,
    /// Whether each sector that is other bytes now, or is not in the image, found room among the readings.
    pub all_kept: bool,
}

impl Default for Reread {
    fn default() -> Self {
        Self {
            differing: Vec::new(),
            compared: 0,
            found: 0,
            other: None,
            all_kept: true,
        }
    }
}

impl Reread {
    /// Where it shows that another card was read, or this one with what was written to it since: a sector holds other
    /// contents, or all of them are empty.
    pub fn other_card(&self) -> Option<u64> {
        let is_empty = self.compared > 0 && self.found == 0;
        let emptied = self.differing.first().filter(|_| is_empty);
        self.other.or(emptied.map(|first| first.offset))
    }
}

/// Whether a sector holds other contents than in another reading, and did not just rot, or was read as empty. Rot scatters
/// over a sector, at worst over a quarter of its bits, where each reading has 15 % of them wrong. Contents stand in runs:
/// of a checksum or a seed half of the bits differ, and every backup has a checksum; an entry of a directory that was empty
/// has 50 bits; of a boot sector the ID of the volume is another.
fn is_other_content(first: &[u8], again: &[u8]) -> bool {
    /// Bytes of a checksum, and of an entry of a directory.
    const RUN: usize = 32;
    if first.iter().all(is_empty) || again.iter().all(is_empty) {
        return false;
    }
    let differing = |(one, other): (&u8, &u8)| (one ^ other).count_ones();
    let all: Vec<u32> = first.iter().zip(again).map(differing).collect();
    let sum = |bits: &[u32]| bits.iter().sum::<u32>();
    let id = volume_id(first).and_then(|bytes| all.get(bytes));
    let id = id.map_or(0, sum);
    let is_other_volume = id > 4 && id > sum(&all).saturating_sub(id) / 8;
    // What holds something in both says how much of a run rots; where little is written, rot of the rest says nothing.
    let both = first.chunks(RUN).zip(again.chunks(RUN));
    let in_both = both.map(|(one, other)| !one.iter().all(is_empty) && !other.iter().all(is_empty));
    let runs = all.chunks(RUN).map(sum).zip(in_both);
    let runs = runs.filter_map(|(bits, in_both)| in_both.then_some(bits));
    let mut runs: Vec<u32> = runs.collect();
    runs.sort_unstable();
    // So many bits of a run differ by rot, as far as other contents are not most of the sector.
    let rot = runs.get(runs.len().saturating_sub(1) / 2);
    let rot = rot.copied().unwrap_or(0);
    // Eight standard deviations above, where rot is worst.
    let most = rot.saturating_add(rot / 4).saturating_add(40);
    is_other_volume || rot > 90 || all.windows(RUN).any(|run| sum(run) > most)
}

/// Where the ID of the volume is, in a boot sector of FAT.
fn volume_id(sector: &[u8]) -> Option<Range<usize>> {
    let has = |at: usize, what: &[u8]| sector.get(at..).is_some_and(|rest| rest.starts_with(what));
    let mut kinds = [(82, 67..71), (54, 39..43)].into_iter();
    let id = kinds.find_map(|(kind, id)| has(kind, b"FAT").then_some(id));
    id.filter(|_| has(510, &[0x55, 0xAA]))
}

/// Whether a byte is as it is where nothing was written, or where it was wiped.
fn is_empty(byte: &u8) -> bool {
    matches!(byte, 0 | 0xFF)
}

/// Reads the card once more and compares it with the whole of its image. What is not in the image is no difference.
/// `kept` takes the sectors that the image does not have like this, as those of its last reading. `None` if
/// told to stop.
pub fn reread(
    source: &dyn ReadAt,
    image: &dyn ReadAt,
    mut kept: Option<&mut Readings>,
    progress: &Progress<'_>,
) -> Option<Reread> {
    let [mut again, mut first] = [(); 2].map(|()| Zeroizing::new(vec![0; CHUNK as usize]));
    let mut read = Reread::default();
    let size = image.size().min(source.size());
    progress.set_total(size);
    for part in pieces(Extent::between(0, size), CHUNK) {
        if progress.is_stopped() {
            return None;
        }
        let length = usize::try_from(part.length).unwrap_or(0);
        let (again, first) = (again.get_mut(..length)?, first.get_mut(..length)?);
        let [in_image, on_card] = [
            image.read_at(part.offset, first),
            source.read_at(part.offset, again),
        ];
        if in_image.is_ok() && on_card.is_ok() {
            read.add_all(part, first, again, kept.as_deref_mut());
        } else {
            for sector in pieces(part, SECTOR) {
                let first = read_one(image, sector, first);
                let again = read_one(source, sector, again);
                read.add(sector, first, again, kept.as_deref_mut());
            }
        }
        progress.set_done(part.end());
    }
    read.differing = join(read.differing);
    Some(read)
}

fn read_one<'a>(from: &dyn ReadAt, sector: Extent, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    let bytes = buffer.get_mut(..usize::try_from(sector.length).ok()?)?;
    from.read_at(sector.offset, bytes).is_ok().then_some(bytes)
}

impl Reread {
    /// Adds the sectors of a part: as they are in the image, and as the card gave them again.
    fn add_all(
        &mut self,
        part: Extent,
        first: &[u8],
        again: &[u8],
        mut kept: Option<&mut Readings>,
    ) {
        let again = again.chunks(SECTOR as usize);
        let both = first.chunks(SECTOR as usize).zip(again);
        for (sector, (first, again)) in pieces(part, SECTOR).zip(both) {
            self.add(sector, Some(first), Some(again), kept.as_deref_mut());
        }
    }

    fn add(
        &mut self,
        sector: Extent,
        first: Option<&[u8]>,
        again: Option<&[u8]>,
        kept: Option<&mut Readings>,
    ) {
        if let Some(first) = first {
            if !first.iter().all(is_empty) {
                self.compared = self.compared.saturating_add(sector.length);
                if !again.is_some_and(|again| again.iter().all(is_empty)) {
                    self.found = self.found.saturating_add(sector.length);
                }
            }
            if again == Some(first) {
                return;
            }
            self.differing.push(sector);
            if self.other.is_none() && again.is_some_and(|again| is_other_content(first, again)) {
                self.other = Some(sector.offset);
            }
        }
        if let (Some(kept), Some(again)) = (kept, again) {
            self.all_kept &= kept.push(sector.offset, again);
        }
    }
}

#[cfg(test)]
mod tests;
