//! Why a search proved nothing, and what would help, in plain words.

use super::effort::Effort;
use crate::backup::Id;
use crate::backup::wallet::OwnerProof;
use crate::repair::{SearchEstimate, TargetKind};
use crate::text::plural;

/// What candidates were tried against.
#[derive(Clone, Copy, Default)]
pub(super) struct Against {
    pub(super) id_known: bool,
    /// What the owner gave, and how many candidates were tried against it.
    pub(super) owner: Option<(OwnerProof, u64)>,
    /// Whether a passphrase was given with that.
    pub(super) passphrase: bool,
    /// Whether somebody remembers words.
    pub(super) words: bool,
    /// Whether the copies are files without a place on a card.
    pub(super) is_file: bool,
}

impl Against {
    /// What no candidate has.
    fn proof(self) -> String {
        let all = match self.id_known {
            true => "the right ID or checksum",
            false => "the right checksum",
        };
        match self.owner {
            Some((owner, tried)) => format!(
                "{all}, and none of the likeliest {} has the right {}",
                candidates(tried),
                owner_word(owner)
            ),
            None => all.to_owned(),
        }
    }
}

/// What the owner gave, in a word.
fn owner_word(owner: OwnerProof) -> &'static str {
    match owner {
        OwnerProof::Xpub => "xpub",
        OwnerProof::Address => "address",
        OwnerProof::Fingerprint => "fingerprint",
    }
}

/// Why a search proved nothing.
pub(super) fn unproved(tried: u64, against: Against, estimate: Option<&SearchEstimate>) -> String {
    let unknown = if against.id_known {
        ""
    } else {
        ", and the wallet's whole ID is not known"
    };
    let none = format!("none of {} has {}", candidates(tried), against.proof());
    if estimate.is_some_and(is_nothing) {
        return match against.owner.filter(|_| tried > 0) {
            Some((owner, tried)) => format!(
                "{NOTHING}; none of {} has the right {}",
                candidates(tried),
                owner_word(owner)
            ),
            None => format!("{NOTHING}: no search was started"),
        };
    }
    let missing = estimate.map_or_else(
        || "its copies are damaged".to_owned(),
        |estimate| {
            // Nobody tries more than all.
            let all = 1_u64.checked_shl(estimate.possibilities_log2);
            let tried = match (estimate.target, against.owner) {
                (TargetKind::Owner, Some((_, tried))) => tried,
                _ => tried,
            };
            match all.is_some_and(|all| tried > all) {
                true => what_is_damaged(estimate),
                false => what_is_missing(estimate),
            }
        },
    );
    if estimate.is_some_and(|estimate| !estimate.is_feasible) {
        let tried = match tried {
            0 => ": none was started".to_owned(),
            _ => format!("; {none}"),
        };
        return format!("too much is missing for a search ({missing}){unknown}{tried}");
    }
    format!("{missing}{unknown}; {none}")
}

/// What would help a search that proved nothing; `alone` is the wallet if searches for others had a part of its effort.
pub(super) fn unproved_advice(
    tried: u64,
    against: Against,
    estimate: Option<&SearchEstimate>,
    alone: Option<Id>,
) -> String {
    let first = match (against.id_known, against.owner) {
        (true, _) => {
            "Another card of the same wallet helps most: a part that is damaged here may be intact there."
        }
        (false, None) => {
            "Give all 64 digits of the wallet's ID with --id, a register with --expect, or what you know of the wallet \
             with --xpub, --address, or --fingerprint. The folder on another card is named by the ID."
        }
        (false, Some(_)) => {
            "Give all 64 digits of the wallet's ID with --id, or a register with --expect: the folder on another card \
             is named by the ID."
        }
    };
    let owner = against.owner.map_or_else(String::new, |(owner, _)| {
        let passphrase = match against.passphrase {
            true => "the passphrase may be mistyped",
            false => "of the one with a passphrase: --passphrase asks for that",
        };
        format!(
            " The {} may be of another wallet, or {passphrase}.",
            owner_word(owner)
        )
    });
    let words = if against.words {
        " The remembered words may be wrong, or at wrong places: put ? for each that is not certain."
    } else {
        ""
    };
    let more = estimate.map_or_else(String::new, |estimate| {
        what_more_adds(estimate, against.is_file)
    });
    format!(
        "{first}{owner}{words}{more}{}",
        longer(tried, estimate, alone)
    )
}

/// Whether a longer search would help.
fn longer(tried: u64, estimate: Option<&SearchEstimate>, alone: Option<Id>) -> String {
    let needed = estimate.filter(|estimate| !estimate.is_covered());
    let needed = needed.and_then(SearchEstimate::reachable_budget);
    match (estimate, alone) {
        (Some(estimate), _) if is_nothing(estimate) => String::new(),
        (Some(estimate), _) if !estimate.is_feasible => {
            " A longer search has no chance.".to_owned()
        }
        (Some(estimate), _) if is_hopeless(estimate) => {
            " A longer search has next to no chance.".to_owned()
        }
        (_, Some(id)) => {
            let effort = needed.map_or_else(String::new, |needed| format!(" --effort {needed}"));
            let id = id.to_string();
            format!(
                " The other backups had a part of the effort: search for this one alone, with --id {}{effort}.",
                id.get(..8).unwrap_or_default()
            )
        }
        (Some(estimate), None) if !estimate.is_worth_more() => match estimate.needed_budget {
            Some(needed) => format!(
                " A longer search has little chance: nearly all possibilities take {}.",
                years(needed)
            ),
            None => {
                " A longer search has little chance: nearly all possibilities are more than any computer can try.".to_owned()
            }
        },
        (Some(estimate), None) if estimate.covered_ppm.is_none() => {
            let deeper = match tried < Effort::DEEP / 2 {
                true => ": --effort deep tries more",
                false => "",
            };
            format!(
                " Nothing shows where the error is: it may be the same in every copy. Nobody knows how likely a longer \
                 search finds it{deeper}."
            )
        }
        (Some(estimate), None) => match (needed, estimate.needed_budget) {
            (Some(effort), _) => {
                format!(" Or search longer: --effort {effort} covers nearly all possibilities.")
            }
            (None, Some(needed)) => {
                let time = years(needed);
                match tried < Effort::DEEP / 2 {
                    true => format!(
                        " Or search longer, with --effort deep; nearly all possibilities take {time}."
                    ),
                    false => format!(
                        " A longer search has little chance: nearly all possibilities take {time}."
                    ),
                }
            }
            (None, None) if tried < Effort::DEEP / 2 => {
                " Or search longer, with --effort deep.".to_owned()
            }
            (None, None) => String::new(),
        },
        // Nothing is known of its chance.
        (None, None) => String::new(),
    }
}

/// What so many candidates mean, more than a computer tries in a year: how long exactly is a matter of the computer.
fn years(candidates: u64) -> String {
    let log2 = candidates
        .max(2)
        .saturating_sub(1)
        .ilog2()
        .saturating_add(1);
    format!("an effort of about 2^{log2}, years of a computer's time")
}

/// What another reading of the card, or another card, would add.
fn what_more_adds(estimate: &SearchEstimate, is_file: bool) -> String {
    let now = estimate.possibilities_log2;
    let left = |log2: u32| match log2 {
        0 => "so few possibilities that it is found at once".to_owned(),
        log2 => format!("about 2^{log2} possibilities"),
    };
    let (reading, card) = (estimate.with_reading_log2, estimate.with_card_log2);
    match (reading < now, card < now) {
        (true, _) if is_file => format!(
            " Another copy of this file, with other errors, may leave {}; another card as damaged as this file {}. Give \
             both together: recover FIRST SECOND.",
            left(reading),
            left(card)
        ),
        (false, true) if is_file => format!(
            " Another card as damaged as this file may leave {}. Give both together: recover FIRST SECOND.",
            left(card)
        ),
        (true, _) => format!(
            " Another reading of this card, with other errors, may leave {}; another card as damaged as this one {}. \
             `image --reads 5` keeps several readings of a card; or give them together: recover FIRST SECOND.",
            left(reading),
            left(card)
        ),
        (false, true) => format!(
            " Another reading of this card adds nothing; another card as damaged as this one may leave {}. Give both \
             together: recover FIRST SECOND.",
            left(card)
        ),
        (false, false) => String::new(),
    }
}

/// Whether even 2^40 candidates would be next to nothing.
fn is_hopeless(estimate: &SearchEstimate) -> bool {
    const HOPELESS: u32 = 64;
    estimate.needed_budget.is_none()
        && estimate.covered_ppm.is_some_and(|covered| covered < 100)
        && estimate.possibilities_log2 > HOPELESS
}

/// What is said where a candidate could be held against nothing.
const NOTHING: &str = "no ID is known and too little of the checksum is left to prove anything";

/// Whether a candidate can be held against nothing.
fn is_nothing(estimate: &SearchEstimate) -> bool {
    !estimate.is_feasible && estimate.possibilities_log2 == 0
}

/// What of a backup is missing, and how many possibilities that leaves.
pub fn what_is_missing(estimate: &SearchEstimate) -> String {
    if is_nothing(estimate) {
        return NOTHING.to_owned();
    }
    let what = what_is_damaged(estimate);
    if estimate.covered_ppm.is_none() {
        return what;
    }
    let log2 = estimate.possibilities_log2;
    let exact = estimate.uncertain_bits == 0 && log2 == estimate.missing_bytes.saturating_mul(8);
    match log2 {
        0 => what,
        _ if exact => format!("{what}: 2^{log2} possibilities"),
        _ => format!("{what}: about 2^{log2} possibilities"),
    }
}

/// What of a backup is missing or uncertain.
fn what_is_damaged(estimate: &SearchEstimate) -> String {
    let of = match estimate.target {
        TargetKind::Id | TargetKind::Owner => "its seed",
        TargetKind::Checksum => "it",
    };
    let bytes = estimate.missing_bytes as usize;
    let bits = estimate.uncertain_bits as usize;
    let are = |count: usize| if count == 1 { "is" } else { "are" };
    let missing = format!(
        "{} of {of} {} missing",
        plural(bytes, "byte", "bytes"),
        are(bytes)
    );
    let uncertain = |of: &str| {
        format!(
            "{}{of} {} uncertain",
            plural(bits, "bit", "bits"),
            are(bits)
        )
    };
    match (bytes, bits) {
        (0, 0) => "its copies are damaged".to_owned(),
        (_, 0) => missing,
        (0, _) => uncertain(&format!(" of {of}")),
        (_, _) => format!("{missing} and {}", uncertain("")),
    }
}

/// A number of candidates, in groups of three digits.
pub(super) fn candidates(tried: u64) -> String {
    let digits = tried.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len().saturating_sub(index)).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    let word = if tried == 1 {
        "candidate"
    } else {
        "candidates"
    };
    format!("{text} {word}")
}

#[cfg(test)]
mod tests;
