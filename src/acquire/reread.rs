//! Whether a card still gives the bytes that are in its image.

use zeroize::Zeroizing;

use super::{ImageTarget, ImageTargetError, SECTOR};
use crate::image::{Extent, ReadAt, Readings, Tried, is_zero, join};
use crate::progress::Progress;

/// Bytes compared at most from the first that are in the image: they hold the tables, the folders and
/// mostly the backups of a card.
const FIRST: u64 = 16 << 20;
/// Bytes compared at once.
const CHUNK: u64 = 1 << 20;

/// Compares the beginning of what is in the image with the card: the sectors that are other bytes now. What cannot be
/// read now is passed over.
///
/// # Errors
/// [`ImageTargetError::OtherCard`] if it [is another card](Reread::is_other_card).
pub fn check(source: &dyn ReadAt, target: &ImageTarget) -> Result<Vec<Extent>, ImageTargetError> {
    let mut read = Reread::default();
    let mut left = FIRST;
    for part in target.map().all(Tried::Done) {
        let mut at = part.offset;
        while at < part.end() && left > 0 {
            let length = part.end().saturating_sub(at).min(CHUNK).min(left);
            compare(source, target, Extent { offset: at, length }, &mut read)?;
            at = at.saturating_add(length);
            left = left.saturating_sub(length);
        }
    }
    match read.differing.first() {
        Some(first) if read.is_other_card() => Err(ImageTargetError::OtherCard {
            path: target.path(),
            offset: first.offset,
        }),
        _ => Ok(join(read.differing)),
    }
}

/// What another reading of a card gave.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reread {
    /// The sectors that are other bytes now, or cannot be read again.
    pub differing: Vec<Extent>,
    /// Bytes of the sectors that were compared and are not zero in the image.
    pub compared: u64,
    /// Whether each sector that is other bytes now, or is not in the image, found room among the readings.
    pub all_kept: bool,
}

impl Default for Reread {
    /// Nothing was compared yet.
    fn default() -> Self {
        Self {
            differing: Vec::new(),
            compared: 0,
            all_kept: true,
        }
    }
}

impl Reread {
    /// Whether it was another card that was read: most of what is in the image is not on it.
    pub fn is_other_card(&self) -> bool {
        let differing: u64 = self.differing.iter().map(|part| part.length).sum();
        differing > self.compared / 2
    }
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
    for part in pieces(0, size, CHUNK) {
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
            for sector in pieces(part.offset, part.end(), SECTOR) {
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

/// The bytes of one sector, in this buffer; `None` if it cannot be read.
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
        let both = first
            .chunks(SECTOR as usize)
            .zip(again.chunks(SECTOR as usize));
        for (sector, (first, again)) in pieces(part.offset, part.end(), SECTOR).zip(both) {
            self.add(sector, Some(first), Some(again), kept.as_deref_mut());
        }
    }

    /// Adds a sector: as it is in the image, and as the card gave it again.
    fn add(
        &mut self,
        sector: Extent,
        first: Option<&[u8]>,
        again: Option<&[u8]>,
        kept: Option<&mut Readings>,
    ) {
        if let Some(first) = first {
            if !is_zero(first) {
                self.compared = self.compared.saturating_add(sector.length);
            }
            if again == Some(first) {
                return;
            }
            self.differing.push(sector);
        }
        if let (Some(kept), Some(again)) = (kept, again) {
            self.all_kept &= kept.push(sector.offset, again);
        }
    }
}

/// Cuts a part into pieces of a length.
fn pieces(from: u64, end: u64, length: u64) -> impl Iterator<Item = Extent> {
    let starts = (from..end).step_by(usize::try_from(length).unwrap_or(1));
    starts.map(move |offset| Extent {
        offset,
        length: end.saturating_sub(offset).min(length),
    })
}

fn compare(
    source: &dyn ReadAt,
    target: &ImageTarget,
    part: Extent,
    read: &mut Reread,
) -> Result<(), ImageTargetError> {
    let length = usize::try_from(part.length).unwrap_or(0);
    let [mut ours, mut theirs] = [(); 2].map(|()| Zeroizing::new(vec![0; length]));
    if source.read_at(part.offset, &mut theirs).is_err() {
        return Ok(());
    }
    target.read(part.offset, &mut ours)?;
    read.add_all(part, &ours, &theirs, None);
    Ok(())
}
