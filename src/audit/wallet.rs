//! One wallet across all cards.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::cards::Cards;
use crate::assess::{PERHAPS_LIVE, State};
use crate::catalogue::Origin;
use crate::finding::{Finding, Rule, Severity};
use crate::report::FindingReport;
use crate::text::{plural, shorten};

/// How well a wallet is backed up, over all cards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum WalletState {
    /// A register expects it and it is nowhere.
    #[default]
    Missing,
    /// No card restores it as it is, or a register is contradicted.
    Danger,
    /// It can be restored, and something needs attention.
    Attention,
    /// It can be restored, from as many cards as wanted.
    Safe,
}

impl fmt::Display for WalletState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl WalletState {
    /// How much it matters; `None` if all is well.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Safe => None,
            Self::Attention => Some(Severity::Warning),
            Self::Missing | Self::Danger => Some(Severity::Error),
        }
    }
}

/// One generation of a wallet on one card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Generation {
    /// Which card: its place in `sources`, from 0.
    pub source: usize,
    /// What it is worth there.
    pub state: State,
    /// How its bytes were found: `live`, or only `deleted` or `carved`.
    #[serde(default = "live")]
    pub origin: Origin,
    /// When it was made: seconds since 1970 UTC.
    pub timestamp: Option<u32>,
    /// How many valid copies lie there.
    pub valid_copies: usize,
    /// Whether the device would restore the wallet from it.
    #[serde(default)]
    pub restores: bool,
    /// Of what its bytes alone led to, where it may be no deleted file: where it lies instead, in a clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// What lines of earlier versions mean.
fn live() -> Origin {
    Origin::Live
}

impl Generation {
    /// Whether it is more than what a deletion or a reformatting left.
    pub fn is_live(&self) -> bool {
        self.origin == Origin::Live
    }
}

/// One wallet: an id and a length of the seed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Wallet {
    /// The id; of a missing wallet as much of it as the register has.
    pub id: String,
    /// How many recovery words.
    pub words: Option<u8>,
    /// What the register calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// How well it is backed up.
    pub state: WalletState,
    /// How its backups were found: `live`, or where none is, `deleted` or `carved`. Null where it is
    /// missing.
    pub origin: Option<Origin>,
    /// The names of its backups, the newest backup's first.
    pub names: Vec<String>,
    /// The cards a live backup of it is on, whatever its state, in the order of `sources`.
    pub cards: Vec<String>,
    /// The cards on which only deleted or carved backups of it are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deleted_on: Vec<String>,
    /// From how many cards the device would restore it; several images of one card count once.
    pub separate_cards: usize,
    /// How many valid copies of its files lie on all cards; several images of one card count as the one with the most.
    pub valid_copies: usize,
    /// When its newest backup was made: seconds since 1970 UTC.
    pub newest: Option<u32>,
    /// When its oldest was.
    pub oldest: Option<u32>,
    /// The firmware that wrote its backups, ascending.
    pub generators: Vec<String>,
    /// Whether a register expects it; `None` without a register.
    pub expected: Option<bool>,
    /// On how many cards the register expects it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_cards: Option<usize>,
    /// The cards the register names for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected_on: Vec<String>,
    /// Each of its backups, by card.
    pub generations: Vec<Generation>,
    /// What is to be said of it across cards.
    pub findings: Vec<FindingReport>,
}

impl Wallet {
    /// What a person calls it: its label with the first digits of its ID, or these and the name of its newest backup.
    pub fn called(&self) -> String {
        let short = shorten(&self.id);
        let words = self.words_if_ambiguous();
        let words = words.map_or_else(String::new, |words| format!("{words} words"));
        if let Some(label) = self.label.as_deref().filter(|label| !label.is_empty()) {
            let about = [short, words].into_iter().filter(|one| !one.is_empty());
            return format!("\"{label}\" ({})", about.collect::<Vec<_>>().join(", "));
        }
        let name = self.names.first().filter(|name| !name.is_empty());
        let name = name.map_or_else(String::new, |name| format!(" \"{name}\""));
        let words = match words.is_empty() {
            true => words,
            false => format!(" ({words})"),
        };
        format!("wallet {short}{name}{words}")
    }

    /// The number of its words, where another wallet has the same ID.
    pub fn words_if_ambiguous(&self) -> Option<u8> {
        let rule = Rule::SameIdTwoLengths.name();
        let shares = self.findings.iter().any(|finding| finding.rule == rule);
        self.words.filter(|_| shares)
    }

    /// Whether any live backup of it was found.
    pub fn is_live(&self) -> bool {
        self.origin == Some(Origin::Live)
    }

    /// The worst finding's severity.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).min()
    }

    pub(super) fn find_advising(&mut self, rule: Rule, message: String, advice: &'static str) {
        let mut report = FindingReport::of(&Finding::new(rule, message, None));
        report.advice = advice.into();
        self.findings.push(report);
    }

    pub(super) fn find(&mut self, rule: Rule, message: String) {
        let finding = Finding::new(rule, message, None);
        self.findings.push(FindingReport::of(&finding));
    }

    /// Says that only deleted or carved backups of it are left.
    fn deleted(&mut self, cards: &Cards<'_>) {
        let all = self.on(|_| true);
        let on = cards.list(&all);
        let causes = self.generations.iter().map(|one| one.cause.as_deref());
        let causes: Option<Vec<_>> = causes.collect();
        let message = match (causes.as_deref(), self.origin) {
            (Some([first, more @ ..]), _) if more.iter().all(|one| one == first) => {
                format!("no card restores it as it is: on {on}, {first}")
            }
            (Some(_), _) => {
                format!(
                    "no card restores it as it is: its backups were found by their contents, on {on}"
                )
            }
            (None, Some(Origin::Carved)) => {
                format!("no file system leads to a backup of it any more; what is left is on {on}")
            }
            _ => format!("no card restores it: its only backup is deleted, on {on}"),
        };
        let is_known = !causes.is_some_and(|causes| causes.contains(&PERHAPS_LIVE));
        let is_alone = all.iter().all(|card| cards.destroyable.contains(card));
        let advice = match (is_known, is_alone) {
            (true, true) => {
                "Recover it to another place before anything is written to this card. Where it is not wanted, destroy the \
                 card: whoever finds it can recover the wallet too."
            }
            (true, false) => {
                "Recover it to another place before anything is written to this card, and keep the card as safe as a wallet: \
                 whoever finds it may recover the wallet too."
            }
            (false, _) => {
                "Read the card whole first: a part of it is missing here. Recover the wallet to another place before \
                 anything is written to this card."
            }
        };
        self.find_advising(Rule::NoCardRestores, message, advice);
    }

    /// Compares its backups on all cards.
    pub(super) fn judge(&mut self, cards: &Cards<'_>) {
        self.valid_copies = self.copies_apart(cards);
        if !self.is_live() {
            return self.deleted(cards);
        }
        // Of sources that are one card the best names it.
        let mut restoring = self.on(|one| one.restores);
        restoring.sort_by_key(|card| self.state_on(*card));
        let mut separate = cards.separate(&restoring);
        separate.sort_unstable();
        self.separate_cards = separate.len();
        if restoring.is_empty() {
            let on = cards.list(&self.on(Generation::is_live));
            let message = match self.cards.len() {
                1 => format!("the only card it is on ({on}) does not restore it as it is"),
                n => format!("none of the {n} cards it is on ({on}) restores it as it is"),
            };
            self.find(Rule::NoCardRestores, message);
        } else if separate.len() < cards.wanted {
            let message = format!(
                "it can be restored from {} only ({}); {} wanted",
                plural(separate.len(), "card", "cards"),
                cards.list(&separate),
                match cards.wanted {
                    1 => "1 is".to_owned(),
                    n => format!("{n} are"),
                }
            );
            self.find(Rule::FewCards, message);
        }
        self.compare_files(cards);
        self.compare_generations(cards);
        if self.names.len() > 1 {
            let names = self.names.iter().map(|name| format!("\"{name}\""));
            let names: Vec<_> = names.collect();
            let (count, names) = (names.len(), names.join(", "));
            let message = format!("its backups have {count} names: {names}");
            self.find(Rule::NamesDiffer, message);
        }
    }

    /// The best of its backups on a card that the device would restore.
    fn state_on(&self, card: usize) -> Option<State> {
        let on = self.generations.iter();
        let on = on.filter(|one| one.source == card && one.restores);
        on.map(|one| one.state).min()
    }

    /// How many valid copies there are of it: of sources that are one card those of the one with the most.
    fn copies_apart(&self, cards: &Cards<'_>) -> usize {
        let mut on_source = BTreeMap::new();
        for one in &self.generations {
            let copies: &mut usize = on_source.entry(one.source).or_default();
            *copies = copies.saturating_add(one.valid_copies);
        }
        let mut on_card = BTreeMap::new();
        for (source, copies) in on_source {
            let most: &mut usize = on_card.entry(cards.alike.counted_as(source)).or_default();
            *most = copies.max(*most);
        }
        on_card.into_values().sum()
    }

    /// The cards with a backup that fits, ascending.
    fn on(&self, fits: impl Fn(&Generation) -> bool) -> Vec<usize> {
        let on = self.generations.iter().filter(|one| fits(one));
        let mut on: Vec<_> = on.map(|one| one.source).collect();
        on.sort_unstable();
        on.dedup();
        on
    }

    fn compare_files(&mut self, cards: &Cards<'_>) {
        let mine = self.on(Generation::is_live);
        for group in cards.alike.clones_among(&mine) {
            let message = format!("{} {}", cards.list(group.members()), group.why());
            self.find(Rule::ClonedCards, message);
        }
        let same = mine.iter().copied();
        let mut same: Vec<_> = same
            .filter_map(|card| cards.alike.same_files_as(card))
            .collect();
        same.sort_unstable();
        same.dedup();
        for cards_alike in same {
            let message = format!("{} hold the same files", cards.list(cards_alike));
            self.find(Rule::SameFiles, message);
        }
        for card in mine {
            if let Some(other) = cards.alike.beside(card) {
                let message = format!(
                    "{} is no card, and {} holds the same backup: nothing shows that these are two \
                     cards, so they count as one",
                    cards.name(card),
                    cards.name(other)
                );
                let finding = Finding::new(Rule::SameFiles, message, None).at(Severity::Warning);
                self.findings.push(FindingReport::of(&finding));
            }
        }
    }

    fn compare_generations(&mut self, cards: &Cards<'_>) {
        let (Some(newest), Some(oldest)) = (self.newest, self.oldest) else {
            return;
        };
        if newest == oldest {
            return;
        }
        let up_to_date = self.on(|one| one.is_live() && one.timestamp == Some(newest));
        let is_older = |one: &Generation| one.timestamp.is_some_and(|time| time < newest);
        let mut stale = self.on(|one| one.is_live() && is_older(one));
        stale.retain(|card| !up_to_date.contains(card));
        let day = crate::text::day;
        let message = if stale.is_empty() {
            format!("its backups are of {} to {}", day(oldest), day(newest))
        } else {
            format!(
                "its newest backup is of {}; {} {} only older ones",
                day(newest),
                cards.list(&stale),
                if stale.len() == 1 { "holds" } else { "hold" }
            )
        };
        self.find(Rule::GenerationsDiffer, message);
    }

    /// Notes that a register does not know it, or only with another number of words.
    pub(super) fn unknown(&mut self, other: Option<u8>) {
        self.expected = Some(false);
        let message = match other {
            None => "it is not in the register".to_owned(),
            Some(words) => format!("it is in the register with {words} words only"),
        };
        self.find(Rule::UnknownWallet, message);
    }

    pub(super) fn conclude(&mut self) {
        self.findings.sort_by_key(|finding| finding.severity);
        if self.state != WalletState::Missing {
            self.state = match self.worst() {
                Some(Severity::Error) => WalletState::Danger,
                Some(Severity::Warning) => WalletState::Attention,
                _ => WalletState::Safe,
            };
        }
    }
}
