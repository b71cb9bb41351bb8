//! Whether a card is the one an image was begun with.

use zeroize::Zeroizing;

use super::{Target, TargetError};
use crate::image::{Extent, ReadAt, Tried};

/// Bytes compared at most from the first that are in the image: they hold the tables, the folders and
/// mostly the backups of a card.
const FIRST: u64 = 16 << 20;
/// Bytes compared at once.
const CHUNK: u64 = 1 << 20;

/// Compares the beginning of what is in the image with the card. What cannot be read now is passed over.
///
/// # Errors
/// [`TargetError::OtherCard`] where they differ.
pub(super) fn check(source: &dyn ReadAt, target: &Target) -> Result<(), TargetError> {
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

fn compare(source: &dyn ReadAt, target: &Target, part: Extent) -> Result<(), TargetError> {
    let length = usize::try_from(part.length).unwrap_or(0);
    let [mut ours, mut theirs] = [(); 2].map(|()| Zeroizing::new(vec![0; length]));
    if source.read_at(part.offset, &mut theirs).is_err() {
        return Ok(());
    }
    target.read(part.offset, &mut ours)?;
    let differs = ours.iter().zip(theirs.iter()).position(|(a, b)| a != b);
    differs.map_or(Ok(()), |at| {
        Err(TargetError::OtherCard {
            path: target.path().to_owned(),
            offset: part.offset.saturating_add(at as u64),
        })
    })
}
