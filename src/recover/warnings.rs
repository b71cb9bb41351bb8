//! What somebody has to know of backups that are recovered.

use super::recovery::Recovered;
use crate::backup::length::{likeliest_length, said_lengths};
use crate::backup::{fitting_lengths, words_of};
use crate::catalogue::Catalogue;
use crate::text::short_id;

/// That what the owner gave is of no wallet that is proved, and what may help: `passphrase` if one was typed.
pub fn fits_none(passphrase: bool) -> [&'static str; 2] {
    match passphrase {
        true => [
            "what you gave with --xpub, --address, or --fingerprint fits no wallet that is proved here: it is of \
             another one, or the passphrase was mistyped",
            "run it again to type the passphrase again",
        ],
        false => [
            "what you gave with --xpub, --address, or --fingerprint fits no wallet that is proved here: it is of \
             another one, or of one with a passphrase",
            "--passphrase asks for the passphrase",
        ],
    }
}

/// What is to be said of those that are chosen, of which one of this length was `asked` for, and where what the owner
/// gave fits none: with a `passphrase`, if one was typed.
pub(super) fn warnings(
    chosen: &[&Recovered],
    asked: Option<u32>,
    (fits_owner, passphrase): (Option<bool>, bool),
    catalogue: &Catalogue,
) -> Vec<String> {
    let unfit = (fits_owner == Some(false)).then(|| {
        let [what, next] = fits_none(passphrase).map(sentence);
        format!("{what} {next}")
    });
    let of_each = chosen.iter().flat_map(|one| {
        [
            not_restored(one),
            other_length(one, asked),
            said_length(one, catalogue),
        ]
    });
    unfit.into_iter().chain(of_each.flatten()).collect()
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
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

/// A length for which there is nothing but somebody's word, and what speaks against it.
fn said_length(one: &Recovered, catalogue: &Catalogue) -> Option<String> {
    let words = one.seed.words().filter(|_| !one.proof.proves_length())?;
    let seed = one.seed.padded();
    let copies = one.copies.iter().map(|copy| catalogue.bytes(*copy));
    let copies: Vec<_> = copies.collect();
    let likeliest = likeliest_length(&seed, &copies);
    let other = |length: u32| words_of(length).filter(|other| *other != words);
    let is_possible = |length: &u32| fitting_lengths(&seed).contains(length);
    let copies_say = match said_lengths(&copies).as_slice() {
        [only] if is_possible(only) => other(*only).map(|words| (words, likeliest == Some(*only))),
        _ => None,
    };
    let against = match (copies_say, likeliest.and_then(other)) {
        (Some((words, true)), _) => format!(" The copies say {words} words, which is likelier."),
        (said, Some(likelier)) => {
            let said = said.map_or_else(String::new, |(words, _)| {
                format!(" The copies say {words} words.")
            });
            format!(
                "{said} {likelier} words are likelier: a random seed does not end in so many zeros."
            )
        }
        (Some((words, false)), None) => format!(" The copies say {words} words."),
        (None, None) => String::new(),
    };
    Some(format!(
        "{}: that it has {words} words is your word alone, and nothing proves it.{against} With another number of words \
         it is another wallet: --xpub, --address, or --fingerprint proves which.",
        short_id(&one.id.to_string())
    ))
}
