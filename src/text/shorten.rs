//! IDs cut to what tells them apart.

/// What stands for the rest of an id.
const LEFT_OUT: char = '…';
/// Digits of an id that stay.
const KEPT: usize = 8;
/// Hex digits in a row that are an id, or enough of one.
const LONG: usize = 32;

/// As much of an ID as is shown: its first eight digits, or all of one that has no more.
pub fn short_id(id: &str) -> String {
    let digits = id.strip_suffix(LEFT_OUT).unwrap_or(id);
    match id.get(..KEPT) {
        Some(short) if digits.len() > KEPT => format!("{short}{LEFT_OUT}"),
        _ => id.to_owned(),
    }
}

/// How many first digits it takes that each of these IDs differs from the others, at least as many as are shown.
pub fn unique_digits<'a>(ids: impl IntoIterator<Item = &'a str>) -> usize {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let next = ids.iter().skip(1);
    let shared = ids.iter().zip(next).map(|(one, other)| {
        let pairs = one.bytes().zip(other.bytes());
        pairs.take_while(|(one, other)| one == other).count()
    });
    let shared = shared.max();
    shared.map_or(KEPT, |shared| shared.saturating_add(1).max(KEPT))
}

/// Cuts every long run of hex digits to its first few.
pub fn shorten(text: &str) -> String {
    let mut short = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        let (before, from) = rest.split_at(start);
        short.push_str(before);
        let end = from.find(|c: char| !c.is_ascii_hexdigit());
        let (run, behind) = from.split_at(end.unwrap_or(from.len()));
        if run.len() < LONG {
            short.push_str(run);
        } else {
            short.extend(run.chars().take(KEPT));
            short.push(LEFT_OUT);
        }
        rest = behind;
    }
    short + rest
}

#[cfg(test)]
mod tests {
    use super::{shorten, unique_digits};

    #[test]
    fn ids_are_told_apart_by_their_first_digits() {
        assert_eq!(unique_digits([]), 8);
        assert_eq!(unique_digits(["5777 82fd", "5777 82fd"]), 8);
        assert_eq!(unique_digits(["577782fdff", "41", "577782fdf0"]), 10);
    }

    #[test]
    fn only_long_runs_are_ids() {
        let id = "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2";
        assert_eq!(
            shorten(&format!("/bitbox02/{id}/backup_0.bin")),
            "/bitbox02/577782fd…/backup_0.bin"
        );
        assert_eq!(shorten(id), "577782fd…");
        assert_eq!(shorten("deadbeef, 1234-ABCD ü"), "deadbeef, 1234-ABCD ü");
        assert_eq!(shorten(""), "");
    }
}
