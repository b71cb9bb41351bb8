//! Why a backup is not brought back, and what would help, in plain words.

use super::not_recovered::{NotRecoveredReport, Reason, copies_of};
use super::recovery::{Missing, NotRecovered, Recovered};
use crate::assess::{Assessment, State};
use crate::backup::{Id, words_of};
use crate::catalogue::Catalogue;
use crate::repair::{SearchEstimate, TargetKind};
use crate::text::plural;
use crate::text::rfc3339;

impl NotRecoveredReport {
    /// What is said of one not brought back, where backups of the wallets `recovered` are.
    pub fn of(
        one: &NotRecovered,
        recovered: &[Id],
        assessment: &Assessment,
        catalogue: &Catalogue,
    ) -> Self {
        let backup = assessment.backups.get(one.backup);
        let copies = backup.map_or(&[][..], |backup| &backup.copies);
        Self {
            wallet_recovered: one.id.is_some_and(|id| recovered.contains(&id)),
            copies: copies_of(copies, catalogue),
            ..not_recovered(one, backup.map(|backup| backup.state))
        }
    }

    /// What is said of one brought back whose words are wanted and whose seed no words stand for.
    pub fn wordless(one: &Recovered, assessment: &Assessment, catalogue: &Catalogue) -> Self {
        let backup = assessment.backups.get(one.backup);
        Self {
            id: Some(one.id.to_string()),
            timestamp: one.timestamp,
            created: one.timestamp.map(rfc3339),
            state: backup.map_or(State::Damaged, |backup| backup.state),
            reason: Reason::Words,
            message: format!(
                "a seed of {} bytes has no recovery words",
                one.seed.length()
            ),
            advice: "`recover` writes its files for a BitBox.".to_owned(),
            tried: None,
            words: Vec::new(),
            search: None,
            wallet_recovered: false,
            copies: copies_of(&one.copies, catalogue),
        }
    }
}

/// All but the copies.
pub(super) fn not_recovered(one: &NotRecovered, state: Option<State>) -> NotRecoveredReport {
    let words: Vec<u8> = match &one.missing {
        Missing::Length(lengths) => lengths
            .iter()
            .filter_map(|length| words_of(*length))
            .collect(),
        _ => Vec::new(),
    };
    let is_erased = state == Some(State::Erased);
    let (reason, message, advice) = why(one, is_erased, &words);
    let search = match &one.missing {
        Missing::Proof { estimate, .. } => *estimate,
        _ => None,
    };
    let tried = match one.missing {
        Missing::Proof { tried, .. } | Missing::Stopped { tried } => Some(tried),
        Missing::Nothing | Missing::Length(_) => None,
    };
    let state = match reason {
        Reason::Erased => State::Erased,
        Reason::Nothing | Reason::Proof => State::Lost,
        Reason::Length | Reason::Stopped | Reason::Words => State::Damaged,
    };
    NotRecoveredReport {
        id: one.id.map(|id| id.to_string()),
        timestamp: one.timestamp,
        created: one.timestamp.map(rfc3339),
        state,
        reason,
        message,
        advice,
        tried,
        words,
        search,
        wallet_recovered: false,
        copies: Vec::new(),
    }
}

/// Why a backup is not brought back, in a word and in a sentence, and what would help. `words` are the
/// numbers of words it may have.
fn why(one: &NotRecovered, is_erased: bool, words: &[u8]) -> (Reason, String, String) {
    match &one.missing {
        Missing::Nothing if is_erased => (
            Reason::Erased,
            "the BitBox erased it when it made a newer backup: its bytes are overwritten"
                .to_owned(),
            "Use the newer backup, or another card: this one cannot be recovered.".to_owned(),
        ),
        Missing::Nothing => (
            Reason::Nothing,
            "nothing of the seed remains in what was found of it".to_owned(),
            "Look for another card of this wallet, or an older image of this one.".to_owned(),
        ),
        Missing::Length(lengths) => {
            let message = format!(
                "its seed is proved by the id, but its length is not: it may have {} words",
                either(words, "or")
            );
            (Reason::Length, message, length_advice(lengths))
        }
        Missing::Proof {
            tried,
            id_known,
            estimate,
            shared,
        } => (
            Reason::Proof,
            unproved(*tried, *id_known, estimate.as_ref()),
            unproved_advice(*id_known, estimate.as_ref(), one.id.filter(|_| *shared)),
        ),
        Missing::Stopped { tried } => (
            Reason::Stopped,
            format!("the search for it was stopped after {}", candidates(*tried)),
            "Run it again; with --resume FILE it continues where it stopped.".to_owned(),
        ),
    }
}

/// How a person can say which length it is.
fn length_advice(lengths: &[u32]) -> String {
    let choices: Vec<_> = lengths
        .iter()
        .filter_map(|length| Some(format!("{length} for {} words", words_of(*length)?)))
        .collect();
    let fewest = lengths.first().and_then(|length| words_of(*length));
    format!(
        "Say how many words you wrote down with --length: {}. A random seed does not end in so many \
         zeros: it has {} words unless somebody chose it by hand.",
        choices.join(", "),
        fewest.unwrap_or_default()
    )
}

/// Why a search proved nothing.
fn unproved(tried: u64, id_known: bool, estimate: Option<&SearchEstimate>) -> String {
    let unknown = if id_known {
        ""
    } else {
        ", and the wallet's id is not known"
    };
    if estimate.is_some_and(is_nothing) {
        return format!("{NOTHING}: no search was started");
    }
    let missing = estimate.map_or_else(|| "its copies are damaged".to_owned(), what_is_missing);
    if estimate.is_some_and(|estimate| !estimate.is_feasible) {
        return format!("too much is missing for a search ({missing}){unknown}: none was started");
    }
    let proof = if id_known {
        "the right id or checksum"
    } else {
        "the right checksum"
    };
    format!(
        "{missing}{unknown}; none of {} has {proof}",
        candidates(tried)
    )
}

/// What would help a search that proved nothing; `alone` is the wallet if other searches had a part of its effort.
fn unproved_advice(id_known: bool, estimate: Option<&SearchEstimate>, alone: Option<Id>) -> String {
    let first = if id_known {
        "Another card of the same wallet helps most: a part that is damaged here may be intact there."
    } else {
        "Give the wallet's id with --id, or a register with --expect: the folder on another card is \
         named by it."
    };
    let then = match (estimate, alone) {
        (Some(estimate), _) if !estimate.is_feasible => {
            " A longer search has no chance.".to_owned()
        }
        (Some(estimate), _) if is_hopeless(estimate) => {
            " A longer search has next to no chance.".to_owned()
        }
        (estimate, Some(id)) => {
            let needed = estimate.filter(|estimate| !estimate.is_covered());
            let needed = needed.and_then(|estimate| estimate.needed_budget);
            let effort = needed.map_or_else(String::new, |needed| format!(" --effort {needed}"));
            let id = id.to_string();
            format!(
                " The other backups had a part of the effort: search for this one alone, with --id {}{effort}.",
                id.get(..8).unwrap_or_default()
            )
        }
        (Some(estimate), None) if estimate.is_covered() => {
            " Nearly everything likely was tried; --effort deep tries what is less likely."
                .to_owned()
        }
        (
            Some(SearchEstimate {
                needed_budget: Some(effort),
                ..
            }),
            None,
        ) => format!(" Or search longer: --effort {effort} covers nearly all possibilities."),
        (_, None) => " Or search longer, with --effort deep.".to_owned(),
    };
    let more = estimate.map_or_else(String::new, what_more_adds);
    format!("{first}{more}{then}")
}

/// What another reading of the card, or another card, would add.
fn what_more_adds(estimate: &SearchEstimate) -> String {
    let now = estimate.possibilities_log2;
    let left = |log2: u32| match log2 {
        0 => "almost nothing".to_owned(),
        log2 => format!("about 2^{log2} possibilities"),
    };
    let (reading, card) = (estimate.with_reading_log2, estimate.with_card_log2);
    match (reading < now, card < now) {
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
        && estimate.covered_ppm < 100
        && estimate.possibilities_log2 > HOPELESS
}

/// What is said where a candidate could be held against nothing.
const NOTHING: &str = "no id is known and too little of the checksum is left to prove anything";

/// Whether a candidate can be held against nothing.
fn is_nothing(estimate: &SearchEstimate) -> bool {
    !estimate.is_feasible && estimate.possibilities_log2 == 0
}

/// What of a backup is missing, and how many possibilities that leaves.
pub fn what_is_missing(estimate: &SearchEstimate) -> String {
    if is_nothing(estimate) {
        return NOTHING.to_owned();
    }
    let of = match estimate.target {
        TargetKind::Id => "its seed",
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
    let what = match (bytes, bits) {
        (0, 0) => "its copies are damaged".to_owned(),
        (_, 0) => missing,
        (0, _) => uncertain(&format!(" of {of}")),
        (_, _) => format!("{missing} and {}", uncertain("")),
    };
    let exact =
        bits == 0 && estimate.possibilities_log2 == estimate.missing_bytes.saturating_mul(8);
    let about = if exact { "" } else { "about " };
    format!(
        "{what}: {about}2^{} possibilities",
        estimate.possibilities_log2
    )
}

/// `12 or 24`, `12, 18 or 24`.
pub(super) fn either(words: &[u8], last: &str) -> String {
    let words: Vec<_> = words.iter().map(u8::to_string).collect();
    match words.as_slice() {
        [] => "an unknown number of".to_owned(),
        [one] => one.clone(),
        [most @ .., end] => format!("{} {last} {end}", most.join(", ")),
    }
}

/// A number of candidates, in groups of three digits.
fn candidates(tried: u64) -> String {
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
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_in_numbers() {
        let mut estimate = SearchEstimate {
            target: TargetKind::Id,
            missing_bytes: 4,
            uncertain_bits: 0,
            possibilities_log2: 32,
            with_reading_log2: 0,
            with_card_log2: 0,
            covered_ppm: 1953,
            needed_budget: Some(4_311_744_512),
            is_feasible: true,
        };
        assert_eq!(
            what_is_missing(&estimate),
            "4 bytes of its seed are missing: 2^32 possibilities"
        );
        let said = unproved(8_388_608, true, Some(&estimate));
        assert!(said.ends_with("; none of 8,388,608 candidates has the right id or checksum"));
        assert!(
            unproved_advice(true, Some(&estimate), None).contains("--effort 4311744512 covers")
        );
        estimate.covered_ppm = 1_000_000;
        let alone = Id::from_directory(&"5f".repeat(32));
        assert!(unproved_advice(true, Some(&estimate), alone).contains("--id 5f5f5f5f."));
        assert!(unproved_advice(true, Some(&estimate), None).contains("--effort deep tries"));
        let beyond = SearchEstimate {
            covered_ppm: 0,
            needed_budget: None,
            possibilities_log2: 96,
            ..estimate
        };
        assert!(unproved_advice(true, Some(&beyond), None).ends_with("next to no chance."));
        estimate.is_feasible = false;
        assert!(unproved(0, true, Some(&estimate)).contains("none was started"));
        estimate.missing_bytes = 1;
        estimate.uncertain_bits = 1;
        estimate.target = TargetKind::Checksum;
        assert_eq!(
            what_is_missing(&estimate),
            "1 byte of it is missing and 1 bit is uncertain: about 2^32 possibilities"
        );
        estimate.possibilities_log2 = 0;
        let said = unproved(0, false, Some(&estimate));
        assert_eq!(said, format!("{NOTHING}: no search was started"));
        estimate.possibilities_log2 = 32;
        estimate.missing_bytes = 0;
        assert_eq!(
            what_is_missing(&estimate),
            "1 bit of it is uncertain: about 2^32 possibilities"
        );
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!(candidates(1), "1 candidate");
        assert_eq!(candidates(999), "999 candidates");
        assert_eq!(candidates(8_388_608), "8,388,608 candidates");
        assert_eq!(either(&[12, 18, 24], "or"), "12, 18 or 24");
        assert_eq!(either(&[12, 24], "and"), "12 and 24");
    }
}
