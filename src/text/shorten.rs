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

/// Cuts every long run of hex digits to its first few.
pub fn shorten(text: &str) -> String {
    let mut short = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        let (before, from) = rest.split_at(start);
        short.push_str(before);
        let length = from
            .find(|c: char| !c.is_ascii_hexdigit())
            .unwrap_or(from.len());
        let (run, behind) = from.split_at(length);
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
    use super::shorten;

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
