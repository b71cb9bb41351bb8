//! Bytes in which line ends were changed.

use zeroize::Zeroizing;

use super::if_whole;

/// Most line ends each of which may or may not have been changed.
const MOST_ENDS: usize = 10;

/// The bytes before LF was turned into CR LF or CR LF into LF, if some choice of ends gives a whole copy.
pub(super) fn restored(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let is_end = |at: &usize| bytes.get(*at) == Some(&b'\n');
    let before = |at: usize| bytes.get(at.checked_sub(1)?);
    let is_pair = |at: &usize| before(*at) == Some(&b'\r');
    let ends = (0..bytes.len()).filter(is_end);
    let (pairs, alone): (Vec<usize>, Vec<usize>) = ends.partition(is_pair);
    let fewer = choices(&pairs).find_map(|gone| {
        let kept = |(at, _): &(usize, &u8)| !gone.contains(&at.saturating_add(1));
        let kept = bytes.iter().enumerate().filter(kept);
        let text: Vec<u8> = kept.map(|(_, byte)| *byte).collect();
        if_whole(Zeroizing::new(text))
    });
    let more = |added: Vec<usize>| {
        let room = bytes.len().saturating_add(added.len());
        let mut text = Zeroizing::new(Vec::with_capacity(room));
        for (at, byte) in bytes.iter().enumerate() {
            text.extend(added.contains(&at).then_some(b'\r'));
            text.push(*byte);
        }
        if_whole(text)
    };
    fewer.or_else(|| choices(&alone).find_map(more))
}

/// Every choice of the ends, the one of all first; of too many only that one. None of no ends.
fn choices(ends: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    let are_few = ends.len() <= MOST_ENDS;
    let all = if are_few { 1_u64 << ends.len() } else { 2 };
    (1..all).rev().map(move |chosen| {
        let ends = ends.iter().enumerate();
        let chosen = ends.filter(|(bit, _)| !are_few || chosen >> bit & 1 == 1);
        chosen.map(|(_, end)| *end).collect()
    })
}
