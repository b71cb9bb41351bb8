//! Whether this program does on this machine what it did where it was built: known answers, computed again.
//!
//! The answers are public test wallets and cards that are built into the program (docs/format.md 8). A
//! machine that computes wrongly, an unlucky compiler or a damaged program is found before it is trusted
//! with a card.

mod card;
mod search;

use std::fmt::Display;

use sha2::{Digest, Sha256};

use bitbox_backup::backup::{self, Seed, Words, root_fingerprint};
use bitbox_backup::repair::kernel::Kernel;

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// A short name, lower-case and hyphenated; it never changes.
    pub(crate) name: &'static str,
    /// What was tried, for a person.
    pub(crate) what: &'static str,
    /// What came of it: a word on what was seen, or what is wrong.
    pub(crate) outcome: Result<String, Mismatch>,
}

/// An answer that is not the known one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} should be {expected}, and is {found}")]
pub(crate) struct Mismatch {
    /// Of what.
    pub(crate) what: &'static str,
    /// The known answer.
    pub(crate) expected: String,
    /// What was computed here.
    pub(crate) found: String,
}

/// Tries one thing.
type Try = fn() -> Result<String, Mismatch>;

/// Tries everything; takes less than a second.
pub(crate) fn run() -> Vec<Check> {
    let all: [(_, _, Try); 9] = [
        ("sha-256", "SHA-256 of \"abc\" (FIPS 180)", hash),
        ("ids", "IDs of seeds of 12, 18 and 24 words", ids),
        (
            "words",
            "recovery words (BIP-39) and root fingerprints (BIP-32)",
            words,
        ),
        (
            "decode",
            "a backup file and its checksum, and the same with one bit changed",
            decode,
        ),
        (
            "card",
            "a healthy card, as a BitBox02 lists it",
            card::healthy,
        ),
        (
            "hidden",
            "a card with a stray file, and the backup it hides",
            card::hidden,
        ),
        ("repair", "a backup with two damaged copies", card::damaged),
        (
            "recovery",
            "a deleted backup, recovered with proof",
            card::deleted,
        ),
        (
            "search",
            "a seed with uncertain bits, found by its ID in the same order by every kernel",
            search::found,
        ),
    ];
    all.into_iter()
        .map(|(name, what, check)| Check {
            name,
            what,
            outcome: check(),
        })
        .collect()
}

/// Compares an answer with the known one.
fn same(what: &'static str, found: impl Display, expected: impl Display) -> Result<(), Mismatch> {
    let (found, expected) = (found.to_string(), expected.to_string());
    if found == expected {
        Ok(())
    } else {
        Err(Mismatch {
            what,
            expected,
            found,
        })
    }
}

fn hash() -> Result<String, Mismatch> {
    let found = hex::encode(Sha256::digest(b"abc"));
    same(
        "the hash",
        found,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    )?;
    Ok("as the standard says".to_owned())
}

/// Seeds of equal bytes (docs/format.md 8-a): the byte, how many, the id.
const IDS: [(u8, u32, &str); 3] = [
    (
        1,
        16,
        "2ca3c18f988437806217db3bbee04913cbfaaa7152d4a9c00c80cf3802d0ef6f",
    ),
    (
        2,
        24,
        "57c24fa271ba9c6f4d5f2519c26f52dae8f491423daffb87d1c1002ca8a2b172",
    ),
    (
        3,
        32,
        "89910bac6d7f82e4e97ea2b6449e201dfd793adb75b342a90314d178866c89eb",
    ),
];

fn ids() -> Result<String, Mismatch> {
    for (byte, length, id) in IDS {
        let found = Seed::new(&[byte; 32], length).map(|seed| {
            let mut bytes = [0; 32];
            for (to, from) in bytes.iter_mut().zip(seed.expose()) {
                *to = *from;
            }
            Seed::new(&bytes, length).map(|seed| seed.id().to_string())
        });
        same("the ID", found.flatten().unwrap_or_default(), id)?;
    }
    Ok(format!("{} known ids", IDS.len()))
}

/// Public test wallets (docs/format.md 8-b): words, id, root fingerprint. Never to be used for money.
const WALLETS: [(&str, &str, &str); 2] = [
    (
        "memory raven era cave phone system dice come mechanic split moon repeat",
        "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2",
        "5862f623",
    ),
    (
        "goddess item rack improve shaft occur actress rib emerge salad rich blame model glare lounge \
         stable electric height scrub scrub oyster now dinner oven",
        "4c7005846ffc09f31850201a6fdfff084191164eb318db2c6fe5a39df4a97ba0",
        "b140ba62",
    ),
];

fn words() -> Result<String, Mismatch> {
    for (text, id, fingerprint) in WALLETS {
        let words = Words::read(text).ok();
        let seed = words.as_ref().and_then(Words::seed);
        let found = seed.as_ref().map(|seed| seed.id().to_string());
        same("the ID of the words", found.unwrap_or_default(), id)?;
        let found = words.as_ref().and_then(|words| root_fingerprint(words, ""));
        let found = found.map(|found| found.to_string());
        same(
            "the root fingerprint",
            found.unwrap_or_default(),
            fingerprint,
        )?;
        let again = seed.as_ref().and_then(Words::of);
        let again: Vec<_> = again.iter().flat_map(Words::expose).collect();
        same(
            "whether the words of the seed are the same",
            again.join(" ") == text,
            true,
        )?;
    }
    Ok(format!("{} known wallets", WALLETS.len()))
}

/// The whole file of docs/format.md 8-c.
const FILE: &str = "0a6c0a6a0a2017834e53e17370800c0bc49b49ef3f1309df104d7239db5bbd093c90eefc995112110891bec6fb05\
                    12094d7920426974426f782233081012208af64d31126a39b98f59708a3a463e5b0000000000000000000000000000\
                    00001891bec6fb05220776392e31332e30";

/// Of its 880 bits those that matter: six more are the highest of two numbers of 32 bits in five bytes of
/// seven, which no reader keeps.
const REFUSED: usize = 874;

fn decode() -> Result<String, Mismatch> {
    let bytes = hex::decode(FILE).unwrap_or_default();
    let told = |bytes: &[u8]| match backup::decode(bytes) {
        Ok(contents) => match contents.check() {
            Ok(_) => "valid".to_owned(),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    };
    same("the file", told(&bytes), "valid")?;
    let mut refused = 0;
    for at in 0..bytes.len().saturating_mul(8) {
        let mut changed = bytes.clone();
        if let Some(byte) = changed.get_mut(at / 8) {
            *byte ^= 1 << (at % 8);
        }
        refused += usize::from(told(&changed) != "valid");
    }
    same("how many single-bit changes are refused", refused, REFUSED)?;
    Ok(format!(
        "valid; {refused} of {} single-bit changes refused, as expected",
        bytes.len().saturating_mul(8)
    ))
}

/// Which kernel searches on this machine.
fn kernel() -> &'static str {
    match Kernel::best() {
        Kernel::Avx512 => "AVX-512",
        Kernel::Portable => "portable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_as_known() {
        for check in run() {
            assert!(check.outcome.is_ok(), "{check:?}");
        }
    }

    #[test]
    fn a_wrong_answer_is_told() {
        let error = same("the sum", 2 + 2, 5).unwrap_err();
        assert_eq!(error.to_string(), "the sum should be 5, and is 4");
    }
}
