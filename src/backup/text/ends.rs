//! Bytes in which line ends were changed.

use zeroize::Zeroizing;

/// Most line ends each of which may or may not have been changed.
const MOST_ENDS: usize = 10;

/// The bytes before LF was turned into CR LF or CR LF into LF, if some choice of ends passes.
pub(super) fn restored(bytes: &[u8], passes: impl Fn(&[u8]) -> bool) -> Option<Zeroizing<Vec<u8>>> {
    let pairs = places(bytes, |before, here| here == b'\n' && before == Some(b'\r'));
    let alone = places(bytes, |before, here| here == b'\n' && before != Some(b'\r'));
    let drop = |place: usize| place.checked_sub(1);
    choices(pairs.len())
        .find_map(|chosen| {
            let gone: Vec<_> = picked(&pairs, chosen).filter_map(drop).collect();
            let kept = bytes
                .iter()
                .enumerate()
                .filter(|(at, _)| !gone.contains(at));
            let text = Zeroizing::new(kept.map(|(_, byte)| *byte).collect::<Vec<_>>());
            passes(&text).then_some(text)
        })
        .or_else(|| {
            choices(alone.len()).find_map(|chosen| {
                let added: Vec<_> = picked(&alone, chosen).collect();
                let mut text =
                    Zeroizing::new(Vec::with_capacity(bytes.len().saturating_add(added.len())));
                for (at, byte) in bytes.iter().enumerate() {
                    if added.contains(&at) {
                        text.push(b'\r');
                    }
                    text.push(*byte);
                }
                passes(&text).then_some(text)
            })
        })
}

fn places(bytes: &[u8], is: impl Fn(Option<u8>, u8) -> bool) -> Vec<usize> {
    let mut before = None;
    let mut places = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        if is(before, *byte) {
            places.push(at);
        }
        before = Some(*byte);
    }
    places
}

/// Every choice of the ends, the one of all first; of too many only that one. None of no ends.
fn choices(ends: usize) -> impl Iterator<Item = u64> {
    let all = match ends {
        0..=MOST_ENDS => 1_u64.wrapping_shl(u32::try_from(ends).unwrap_or(0)),
        _ => 2,
    };
    (1..all)
        .rev()
        .map(move |chosen| if ends > MOST_ENDS { u64::MAX } else { chosen })
}

fn picked(places: &[usize], chosen: u64) -> impl Iterator<Item = usize> {
    let bit = move |index: usize| {
        let shift = u32::try_from(index).unwrap_or(u32::MAX);
        chosen == u64::MAX || chosen.checked_shr(shift).is_some_and(|bits| bits & 1 == 1)
    };
    places
        .iter()
        .enumerate()
        .filter(move |(index, _)| bit(*index))
        .map(|(_, place)| *place)
}
