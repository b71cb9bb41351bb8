//! Why a backup is not recovered, and what would help, in plain words.

use super::not_recovered::{NotRecoveredReport, Reason, copies_of};
use super::recovery::{Missing, NotRecovered, Recovered};
use super::why_not_proved::{Against, candidates, unproved, unproved_advice};
use crate::assess::{Assessment, State};
use crate::backup::{Id, words_of};
use crate::catalogue::{Catalogue, Unread};
use crate::text::{rfc3339, short_id};

impl NotRecoveredReport {
    /// What is said of one not recovered, where backups of the wallets `recovered` are.
    pub fn of(
        one: &NotRecovered,
        recovered: &[Id],
        assessment: &Assessment,
        catalogue: &Catalogue,
    ) -> Self {
        let backup = assessment.backups.get(one.backup);
        let has_place = |copy: &usize| catalogue.place_of(*copy).is_some();
        let is_file = !one.copies.is_empty() && !one.copies.iter().any(has_place);
        let mut report = Self {
            wallet_recovered: one.id.is_some_and(|id| recovered.contains(&id)),
            copies: copies_of(&one.copies, catalogue),
            ..not_recovered(one, backup.map(|backup| backup.state), is_file)
        };
        let folder = backup.and_then(|backup| backup.unread_folder);
        let folder = folder.and_then(|node| catalogue.why_unlisted(node));
        if let Some(unread) = folder.or_else(|| catalogue.unread_among(&one.copies)) {
            report.add_unread(unread);
        }
        report
    }

    /// Says of one that it may be whole on the card.
    fn add_unread(&mut self, unread: Unread) {
        match self.reason {
            Reason::Nothing => {
                self.reason = Reason::Unread;
                unread.message().clone_into(&mut self.message);
            }
            Reason::Proof => {}
            _ => return,
        }
        self.state = State::Damaged;
        self.advice = format!("{} {}", unread.advice(), self.advice);
    }

    /// What is said of one recovered whose words are wanted and whose seed no words stand for.
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
pub(super) fn not_recovered(
    one: &NotRecovered,
    state: Option<State>,
    is_file: bool,
) -> NotRecoveredReport {
    let words: Vec<u8> = match &one.missing {
        Missing::Length(lengths) => lengths
            .iter()
            .filter_map(|length| words_of(*length))
            .collect(),
        _ => Vec::new(),
    };
    let is_erased = state == Some(State::Erased);
    let (reason, message, advice) = why(one, (is_erased, is_file), &words);
    let search = match &one.missing {
        Missing::Proof { estimate, .. } => *estimate,
        _ => None,
    };
    let tried = match one.missing {
        Missing::Proof { tried, .. }
        | Missing::OtherInFolder { tried, .. }
        | Missing::Stopped { tried } => Some(tried),
        Missing::Nothing | Missing::Length(_) => None,
    };
    let state = match reason {
        Reason::Erased => State::Erased,
        Reason::Nothing | Reason::Proof => State::Lost,
        Reason::Length | Reason::Stopped | Reason::Unread | Reason::Words => State::Damaged,
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

/// Why a backup is not recovered, in a word and in a sentence, and what would help, where it `is_erased`, or `is_file`:
/// without a place on a card. `words` are the numbers of words it may have.
fn why(
    one: &NotRecovered,
    (is_erased, is_file): (bool, bool),
    words: &[u8],
) -> (Reason, String, String) {
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
                "its seed is proved by the ID, but its length is not: it may have {} words",
                either(words, "or")
            );
            (Reason::Length, message, length_advice(lengths))
        }
        Missing::Proof {
            tried,
            id_known,
            estimate,
            owner,
            passphrase,
            words: has_words,
            shared,
        } => {
            let against = Against {
                id_known: *id_known,
                owner: *owner,
                passphrase: *passphrase,
                words: *has_words,
                is_file,
            };
            (
                Reason::Proof,
                unproved(*tried, against, estimate.as_ref()),
                unproved_advice(*tried, against, estimate.as_ref(), one.id.filter(|_| *shared)),
            )
        }
        Missing::OtherInFolder { tried, found } => (
            Reason::Proof,
            format!(
                "a folder is named for this wallet, but the copies in it are of another one, {}; none of {} near \
                 them has the right ID",
                short_id(&found.to_string()),
                candidates(*tried)
            ),
            "Look for another card of this wallet. Somebody may have changed the seed and the checksum in these \
             copies, put copies of another wallet into the folder, or renamed it."
                .to_owned(),
        ),
        Missing::Stopped { tried } => (
            Reason::Stopped,
            format!("the search for it was stopped after {}", candidates(*tried)),
            "Run it again. With --resume FILE a search can be stopped and goes on there next time."
                .to_owned(),
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

/// `12 or 24`, `12, 18 or 24`.
pub(super) fn either(words: &[u8], last: &str) -> String {
    let words: Vec<_> = words.iter().map(u8::to_string).collect();
    match words.as_slice() {
        [] => "an unknown number of".to_owned(),
        [one] => one.clone(),
        [most @ .., end] => format!("{} {last} {end}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(either(&[12, 18, 24], "or"), "12, 18 or 24");
        assert_eq!(either(&[12, 24], "and"), "12 and 24");
    }
}
