//! How many digits differ between two copies that may have lost or gained some.

use zeroize::Zeroizing;

/// Most hexadecimal digits lost, gained, or changed between two copies of one backup that are compared as texts.
const MOST_EDITS: usize = 12;

/// Whether two files differ in few digits. Half a byte that was lost while a copy was typed moves all that follows.
pub(super) fn is_edited(first: &[u8], second: &[u8]) -> bool {
    has_few_edits(&digits(first), &digits(second))
}

fn digits(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut digits = Zeroizing::new(Vec::with_capacity(2_usize.saturating_mul(bytes.len())));
    for byte in bytes {
        digits.extend([byte >> 4, byte & 0xF]);
    }
    digits
}

/// Whether at most [`MOST_EDITS`] digits were lost, gained, or changed between the two: their Levenshtein distance, of
/// which only the band that can hold so few is computed.
fn has_few_edits(first: &[u8], second: &[u8]) -> bool {
    const BAND: usize = 2 * MOST_EDITS + 1;
    const FAR: usize = MOST_EDITS + 1;
    if first.len().abs_diff(second.len()) > MOST_EDITS {
        return false;
    }
    // Of every row the edits up to column row - MOST_EDITS + place.
    let mut row: [usize; BAND] = std::array::from_fn(|place| match place.checked_sub(MOST_EDITS) {
        Some(gained) => gained,
        None => FAR,
    });
    for (at, byte) in first.iter().enumerate() {
        let mut next = [FAR; BAND];
        for place in 0..BAND {
            let Some(column) = (at.saturating_add(1).saturating_add(place)).checked_sub(MOST_EDITS)
            else {
                continue;
            };
            let get = |row: &[usize; BAND], place: Option<usize>| {
                place
                    .and_then(|place| row.get(place).copied())
                    .unwrap_or(FAR)
            };
            let changed = match column.checked_sub(1).and_then(|before| second.get(before)) {
                Some(other) => get(&row, Some(place)).saturating_add(usize::from(other != byte)),
                None => FAR,
            };
            let lost = get(&row, place.checked_add(1)).saturating_add(1);
            let gained = get(&next, place.checked_sub(1)).saturating_add(1);
            if let Some(edits) = next.get_mut(place) {
                *edits = changed.min(lost).min(gained).min(FAR);
            }
        }
        if next.iter().all(|edits| *edits >= FAR) {
            return false;
        }
        row = next;
    }
    let end = second
        .len()
        .saturating_add(MOST_EDITS)
        .checked_sub(first.len());
    end.and_then(|place| row.get(place))
        .is_some_and(|edits| *edits < FAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_edits_are_counted_as_a_full_table_counts_them() {
        // Levenshtein's distance without a band.
        fn edits(first: &[u8], second: &[u8]) -> usize {
            let mut row: Vec<usize> = (0..=second.len()).collect();
            for (at, byte) in first.iter().enumerate() {
                let mut next = vec![at + 1];
                for (column, other) in second.iter().enumerate() {
                    let changed = row[column] + usize::from(byte != other);
                    next.push(changed.min(row[column + 1] + 1).min(next[column] + 1));
                }
                row = next;
            }
            row[second.len()]
        }
        let mut random = 1_u32;
        let mut draw = |below: usize| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) as usize % below
        };
        let mut few = 0;
        for _ in 0..2000 {
            let first: Vec<u8> = (0..draw(60)).map(|_| draw(3) as u8).collect();
            let mut second = first.clone();
            for _ in 0..draw(24) {
                let at = draw(second.len() + 1);
                match draw(3) {
                    0 => second.insert(at, draw(3) as u8),
                    1 if at < second.len() => drop(second.remove(at)),
                    _ if at < second.len() => second[at] = draw(3) as u8,
                    _ => {}
                }
            }
            let expected = edits(&first, &second) <= MOST_EDITS;
            few += usize::from(expected);
            assert_eq!(has_few_edits(&first, &second), expected);
        }
        assert!((500..1900).contains(&few), "{few}");
    }
}
