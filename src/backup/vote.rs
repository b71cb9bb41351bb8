//! What a BitBox02 does with three copies of which none is whole.

use zeroize::Zeroizing;

/// The device's bitwise majority of three copies, or `None` if their lengths differ.
///
/// It proves nothing by itself: the result has to pass [`super::Contents::check`].
pub fn majority(first: &[u8], second: &[u8], third: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if first.len() != second.len() || first.len() != third.len() {
        return None;
    }
    let bytes = first.iter().zip(second).zip(third);
    Some(Zeroizing::new(
        bytes
            .map(|((a, b), c)| (a & b) | (a & c) | (b & c))
            .collect(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<u8> {
        hex::decode(crate::backup::tests::KNOWN).unwrap()
    }

    #[test]
    fn the_vote_of_three_equal_buffers_is_the_identity() {
        let known = known();
        assert_eq!(majority(&known, &known, &known).unwrap().as_slice(), known);
        assert_eq!(majority(&known, &known, &known[1..]), None);
    }
}
