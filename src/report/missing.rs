//! Why a backup is not brought back, and what would help, in plain words.

use super::recovery::copies_of;
use super::{NotRecoveredReport, Reason, rfc3339};
use crate::assess::{Assessment, State};
use crate::backup::{Id, words_of};
use crate::catalogue::Catalogue;
use crate::recover::{Missing, NotRecovered, Recovered};

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
                "no recovery words stand for a seed of {} bytes",
                one.seed.length()
            ),
            advice: "`recover` writes its files for a BitBox.".to_owned(),
            tried: None,
            words: Vec::new(),
            wallet_recovered: false,
            copies: copies_of(&one.copies, catalogue),
        }
    }
}

/// All but the copies.
pub(super) fn not_recovered(one: &NotRecovered, state: Option<State>) -> NotRecoveredReport {
    let mut words = Vec::new();
    let (reason, message, advice) = match &one.missing {
        Missing::Nothing if state == Some(State::Erased) => (
            Reason::Erased,
            "the BitBox erased it when it made a newer backup: its bytes are overwritten"
                .to_owned(),
            "Use the newer backup, or another card: nothing brings this one back.",
        ),
        Missing::Nothing => (
            Reason::Nothing,
            "nothing of the seed remains in what was found of it".to_owned(),
            "Look for another card of this wallet, or an older image of this one.",
        ),
        Missing::Length(lengths) => {
            words = lengths
                .iter()
                .filter_map(|length| words_of(*length))
                .collect();
            let message = format!(
                "its seed is there, proved by the id, but nothing tells whether it has {} words",
                either(&words, "or")
            );
            let advice = "Say it with --length 16, 24 or 32, for 12, 18 or 24 words. A seed ends in so many \
                          zeros only if someone made it so: the fewest words are almost surely right.";
            (Reason::Length, message, advice)
        }
        Missing::Proof {
            tried,
            id_known: true,
        } => (
            Reason::Proof,
            format!(
                "its copies are damaged, and among {} tried none has the right id or checksum",
                candidates(*tried)
            ),
            "Another card of the same wallet helps most: a part that is damaged here may be whole there. \
             Else try longer, with --effort deep.",
        ),
        Missing::Proof { tried, .. } => (
            Reason::Proof,
            format!(
                "its copies are damaged, the wallet's id is not known, and among {} tried none has the \
                 right checksum",
                candidates(*tried)
            ),
            "Give the wallet's id with --id, or a register with --expect: the folder on another card is \
             named by it. Else try longer, with --effort deep.",
        ),
        Missing::Stopped { tried } => (
            Reason::Stopped,
            format!("the search for it was stopped after {}", candidates(*tried)),
            "Run it again; with --resume FILE it goes on where it stopped.",
        ),
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
        advice: advice.to_owned(),
        tried,
        words,
        wallet_recovered: false,
        copies: Vec::new(),
    }
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
    fn numbers_are_readable() {
        assert_eq!(candidates(1), "1 candidate");
        assert_eq!(candidates(999), "999 candidates");
        assert_eq!(candidates(8_388_608), "8,388,608 candidates");
        assert_eq!(either(&[12, 18, 24], "or"), "12, 18 or 24");
        assert_eq!(either(&[12, 24], "and"), "12 and 24");
    }
}
