//! What somebody has to know of backups that are recovered.

use super::recovery::Recovered;
use crate::backup::words_of;
use crate::text::short_id;

/// What the owner gave is of no wallet that is proved.
const OF_ANOTHER: &str = "What you gave with --xpub, --address, or --fingerprint fits no wallet that is proved here: it is of \
     another one, or of one with another passphrase. --passphrase asks for the passphrase.";

/// What is to be said of those that are chosen, of which one of this length was `asked` for.
pub(super) fn warnings(
    chosen: &[&Recovered],
    asked: Option<u32>,
    fits_owner: Option<bool>,
) -> Vec<String> {
    let unfit = (fits_owner == Some(false)).then(|| OF_ANOTHER.to_owned());
    let of_each = chosen
        .iter()
        .flat_map(|one| [not_restored(one), other_length(one, asked)]);
    unfit.into_iter().chain(of_each.flatten()).collect()
}

/// A seed that a BitBox lists and does not restore.
fn not_restored(one: &Recovered) -> Option<String> {
    let length = one.seed.length();
    words_of(length).is_none().then(|| {
        format!(
            "{}: no BitBox restores this backup, though it lists it: its seed has {length} bytes, and those that can be \
             restored have 16, 24, or 32.",
            short_id(&one.id.to_string())
        )
    })
}

/// A length that was asked for, and that this one does not have.
fn other_length(one: &Recovered, asked: Option<u32>) -> Option<String> {
    let length = one.seed.length();
    asked.filter(|asked| *asked != length).map(|asked| {
        format!(
            "{}: its seed has {length} bytes, which is proved: --length {asked} does not change it.",
            short_id(&one.id.to_string())
        )
    })
}
