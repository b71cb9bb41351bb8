//! Whether a card still gives the bytes that are in its image.

use zeroize::Zeroizing;

use super::{ImageTarget, ImageTargetError, SECTOR};
use crate::image::{Extent, ReadAt, Tried, join};
use crate::progress::Progress;

/// Bytes compared at most from the first that are in the image: they hold the tables, the folders and
/// mostly the backups of a card.
const FIRST: u64 = 16 << 20;
/// Bytes compared at once.
const CHUNK: u64 = 1 << 20;

/// Compares the beginning of what is in the image with the card. What cannot be read now is passed over.
///
/// # Errors
/// [`ImageTargetError::OtherCard`] where they differ.
pub(super) fn check(source: &dyn ReadAt, target: &ImageTarget) -> Result<(), ImageTargetError> {
    let mut left = FIRST;
    for part in target.map().all(Tried::Done) {
        let mut at = part.offset;
        while at < part.end() && left > 0 {
            let length = part.end().saturating_sub(at).min(CHUNK).min(left);
            compare(source, target, Extent { offset: at, length })?;
            at = at.saturating_add(length);
            left = left.saturating_sub(length);
        }
    }
    Ok(())
}

/// Reads the card once more and compares it with the whole of its image: the sectors that are other bytes
/// now, or cannot be read again. What is not in the image is passed over. `None` if told to stop.
pub fn differing(
    source: &dyn ReadAt,
    image: &dyn ReadAt,
    progress: &Progress<'_>,
) -> Option<Vec<Extent>> {
    let [mut again, mut first] = [(); 2].map(|()| Zeroizing::new(vec![0; CHUNK as usize]));
    let mut same = |part: Extent| {
        let length = usize::try_from(part.length).unwrap_or(0);
        let (Some(again), Some(first)) = (again.get_mut(..length), first.get_mut(..length)) else {
            return Some(false);
        };
        image.read_at(part.offset, first).ok()?;
        Some(source.read_at(part.offset, again).is_ok() && again == first)
    };
    let mut differs = Vec::new();
    let size = image.size().min(source.size());
    progress.set_total(size);
    for part in pieces(0, size, CHUNK) {
        if progress.is_stopped() {
            return None;
        }
        if same(part) != Some(true) {
            let sectors = pieces(part.offset, part.end(), SECTOR);
            differs.extend(sectors.filter(|sector| same(*sector) == Some(false)));
        }
        progress.set_done(part.end());
    }
    Some(join(differs))
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
) -> Result<(), ImageTargetError> {
    let length = usize::try_from(part.length).unwrap_or(0);
    let [mut ours, mut theirs] = [(); 2].map(|()| Zeroizing::new(vec![0; length]));
    if source.read_at(part.offset, &mut theirs).is_err() {
        return Ok(());
    }
    target.read(part.offset, &mut ours)?;
    let differs = ours.iter().zip(theirs.iter()).position(|(a, b)| a != b);
    differs.map_or(Ok(()), |at| {
        Err(ImageTargetError::OtherCard {
            path: target.path(),
            offset: part.offset.saturating_add(at as u64),
        })
    })
}
