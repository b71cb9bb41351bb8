//! The options with which a search finds again what it found.

use std::fmt::Write as _;
use std::path::Path;

use bitbox_backup::backup::Method;
use bitbox_backup::recover::{Effort, SeedProof};

use super::Args;
use crate::answers::words::Offer;
use crate::privacy;
use crate::render::phrase::shell;

const ID_DIGITS: usize = 64;

/// Whether the ID on the command line proved it: a prefix of it proves nothing.
pub(crate) fn is_id_given(args: &Args, offer: &Offer) -> bool {
    let given = args.only.id.as_deref();
    was_searched(offer)
        && offer.proof.seed == SeedProof::Id
        && given.is_some_and(|given| given.len() == ID_DIGITS && given == offer.id)
}

/// What was said on the command line and this wallet is not found without, each with a space before it. What an intact
/// copy, the vote, or the splice gave needs nothing.
pub(crate) fn options(args: &Args, offer: &Offer) -> String {
    if !was_searched(offer) {
        return String::new();
    }
    let searching = &args.searching;
    let mut text = String::new();
    let mut add = |option: &str, value: &Path| {
        let value = if privacy::is_on() {
            "…".to_owned()
        } else {
            shell(value)
        };
        // Writing to a String does not fail.
        let _ = write!(text, " {option}{value}");
    };
    for (option, value) in [
        ("--xpub ", &searching.xpub),
        ("--address ", &searching.address),
        ("--fingerprint ", &searching.fingerprint),
    ] {
        value.iter().for_each(|value| add(option, Path::new(value)));
    }
    searching
        .expect
        .iter()
        .for_each(|file| add("--expect ", file));
    match &searching.known_words {
        Some(Some(file)) => add("--known-words=", file),
        Some(None) => text.push_str(" --known-words"),
        None => {}
    }
    let is_owner = matches!(
        offer.proof.seed,
        SeedProof::Xpub | SeedProof::Address | SeedProof::Fingerprint
    );
    if args.passphrase && is_owner {
        text.push_str(" --passphrase");
    }
    match searching.effort {
        None => {}
        Some(Effort::NORMAL) => text.push_str(" --effort normal"),
        Some(Effort::QUICK) => text.push_str(" --effort quick"),
        Some(Effort::DEEP) => text.push_str(" --effort deep"),
        // Writing to a String does not fail.
        Some(number) => drop(write!(text, " --effort {number}")),
    }
    text
}

/// Whether it took a search.
fn was_searched(offer: &Offer) -> bool {
    !matches!(offer.method, Method::Copy | Method::Vote | Method::Splice)
}
