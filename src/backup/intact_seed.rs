//! A seed that lies intact in a damaged copy, whatever became of all around it.

use zeroize::Zeroizing;

use super::length::LENGTHS;
use super::seed::{Id, Seed};

/// The first 32 bytes, padded with zeros, that are a seed whose ID is known, of at most `places` that are looked
/// at; those are taken off.
pub(crate) fn find_intact_seed<'a>(
    copies: impl IntoIterator<Item = &'a [u8]>,
    is_known: impl Fn(&Id) -> bool,
    places: &mut usize,
) -> Option<(Zeroizing<[u8; 32]>, Id)> {
    let windows = copies.into_iter().flat_map(|copy| {
        LENGTHS
            .into_iter()
            .flat_map(|length| copy.windows(length as usize))
    });
    for window in windows.filter(|window| window.iter().any(|byte| *byte != 0)) {
        *places = places.checked_sub(1)?;
        let mut bytes = Zeroizing::new([0; 32]);
        bytes.get_mut(..window.len())?.copy_from_slice(window);
        let id = Seed::new(&bytes, 32)?.id();
        if is_known(&id) {
            return Some((bytes, id));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_found_with_nothing_intact_around_it() {
        let copy = hex::decode(crate::backup::tests::KNOWN).unwrap();
        let seed = super::super::decode(&copy).unwrap().seed().unwrap();
        let at = copy
            .windows(16)
            .position(|window| window == &seed.expose()[..16])
            .unwrap();
        let mut damaged = vec![0x55; copy.len()];
        damaged[at..at + 16].copy_from_slice(&copy[at..at + 16]);
        let is_known = |id: &Id| *id == seed.id();
        let found = |copy: &[u8], mut places: usize| {
            find_intact_seed([copy], is_known, &mut places).map(|(bytes, _)| bytes)
        };
        assert_eq!(found(&damaged, 1000).unwrap(), seed.padded());
        assert!(found(&damaged, at).is_none(), "only so many places");
        damaged[at] ^= 1;
        assert!(found(&damaged, 1000).is_none());
        assert!(found(&[0; 300], 0).is_none());
    }
}
