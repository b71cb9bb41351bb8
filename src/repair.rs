//! From several copies to one backup: the vote and the splice, each with its proof.

#![deny(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use zeroize::Zeroizing;

/// The device's bitwise majority of three copies, or `None` if their lengths differ.
///
/// It proves nothing by itself: the result has to pass [`crate::backup::Contents::check`].
pub fn majority(first: &[u8], second: &[u8], third: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if first.len() != second.len() || first.len() != third.len() {
        return None;
    }
    let bytes = first.iter().zip(second).zip(third);
    Some(Zeroizing::new(bytes.map(|((a, b), c)| (a & b) | (a & c) | (b & c)).collect()))
}
