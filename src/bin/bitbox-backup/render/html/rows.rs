//! The rows of cards and of wallets.

use bitbox_backup::assess::CardState;
use bitbox_backup::audit::{Across, Wallet};
use bitbox_backup::finding::Severity;
use bitbox_backup::report::{FindingReport, Source};
use minijinja::value::Serde;
use minijinja::{Value, context};

use super::words::{card_symbol, severity_symbol, symbol};
use crate::render::phrase;
use bitbox_backup::text::{day, short_id};

/// How many wallets a card's row names, and how many names a wallet's row has.
const MOST_NAMES: usize = 3;

/// What is kept of every card.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Its place among the cards, from 1.
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) state: CardState,
    pub(super) backups: String,
    /// The symbol of its worst finding, where that is an error or a warning.
    pub(super) trouble: Option<&'static str>,
}

impl Row {
    pub(super) fn of(source: &Source, number: usize) -> Self {
        Self {
            number,
            name: source.source.clone(),
            state: source.state,
            backups: phrase::backups(source),
            trouble: source.attention().map(severity_symbol),
        }
    }
}

/// Where more is said of a card.
pub(super) fn link(number: usize, sections: &[bool]) -> String {
    let index = number.checked_sub(1);
    let what = match index.and_then(|index| sections.get(index)) {
        Some(true) => "card",
        _ => "row",
    };
    format!("#{what}-{number}")
}

/// All rows, made into values one after the other.
pub(super) struct Rows {
    rows: Vec<Row>,
    /// What wallets are called, by their numbers less one.
    called: Vec<String>,
    wallets: Vec<Vec<usize>>,
    /// The letters of the groups of copies of each other.
    clones: Vec<Option<String>>,
    sections: Vec<bool>,
}

impl Rows {
    pub(super) fn new(
        rows: Vec<Row>,
        sorted: &[&Wallet],
        across: &Across,
        sections: Vec<bool>,
    ) -> Self {
        let mut wallets = vec![Vec::new(); rows.len()];
        for (index, wallet) in sorted.iter().enumerate() {
            for generation in &wallet.generations {
                if let Some(on) = wallets.get_mut(generation.source)
                    && on.last() != Some(&(index + 1))
                {
                    on.push(index + 1);
                }
            }
        }
        Self {
            called: sorted.iter().map(|wallet| called(wallet)).collect(),
            wallets,
            clones: clone_letters(across, rows.len()),
            sections,
            rows,
        }
    }

    fn value(&self, index: usize, row: &Row) -> Value {
        let wallets = self.wallets.get(index).map_or(&[][..], Vec::as_slice);
        let named = wallets.iter().take(MOST_NAMES).map(|number| {
            let called = self.called.get(number.saturating_sub(1));
            context! { number, called }
        });
        context! {
            number => row.number,
            name => row.name.as_str(),
            state => row.state.name(),
            symbol => card_symbol(row.state),
            trouble => row.trouble,
            backups => row.backups.as_str(),
            wallets => named.collect::<Vec<_>>(),
            more => wallets.len().saturating_sub(MOST_NAMES),
            clone => self.clones.get(index),
            link => link(row.number, &self.sections),
            section => self.sections.get(index),
        }
    }

    pub(super) fn into_value(self) -> Value {
        Value::make_object_iterable(self, |all| {
            let rows = all.rows.iter().enumerate();
            Box::new(rows.map(|(index, row)| all.value(index, row)))
        })
    }
}

/// The letter of the group of copies each card belongs to.
pub(super) fn clone_letters(across: &Across, cards: usize) -> Vec<Option<String>> {
    let mut letters = vec![None; cards];
    for (index, group) in across.clones.iter().enumerate() {
        for member in group.members() {
            if let Some(letter) = letters.get_mut(*member) {
                *letter = Some(group_letter(index));
            }
        }
    }
    letters
}

/// A, B, …, Z, A1, B1, ….
pub(super) fn group_letter(index: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(index % 26).unwrap_or(0));
    match index / 26 {
        0 => letter.to_string(),
        round => format!("{letter}{round}"),
    }
}

/// The first digits of a wallet's ID, and its name where it has one.
pub(super) fn called(wallet: &Wallet) -> String {
    let name = wallet.label.as_ref().or(wallet.names.first());
    phrase::called(short_id(&wallet.id), name.map(String::as_str))
}

/// The wallets' rows, made into values one after the other.
pub(super) fn wallets(sorted: &[&Wallet]) -> Value {
    let wallets: Vec<Wallet> = sorted.iter().map(|wallet| (*wallet).clone()).collect();
    Value::make_object_iterable(wallets, |wallets| {
        let numbered = wallets.iter().enumerate();
        Box::new(numbered.map(|(index, one)| wallet(one, index + 1)))
    })
}

fn wallet(wallet: &Wallet, number: usize) -> Value {
    let state = wallet.state.to_string();
    let names = wallet.names.iter().take(MOST_NAMES).cloned();
    let is_note = |one: &&FindingReport| one.severity == Severity::Info;
    let (notes, findings): (Vec<_>, Vec<_>) = wallet.findings.iter().partition(is_note);
    let findings = findings
        .iter()
        .map(|one| context! { severity => Serde(one.severity), message => one.message.as_str() });
    let notes = notes.iter().map(|one| one.message.clone());
    context! {
        number,
        symbol => symbol(&state, wallet.state.severity()),
        state,
        label => wallet.label.as_deref(),
        names => names.collect::<Vec<_>>(),
        more_names => wallet.names.len().saturating_sub(MOST_NAMES),
        id => wallet.id.as_str(),
        short_id => short_id(&wallet.id),
        words => wallet.words,
        cards => wallet.cards.len(),
        separate_cards => wallet.separate_cards,
        expected => wallet.expected,
        expected_cards => wallet.expected_cards,
        valid_copies => wallet.valid_copies,
        newest => wallet.newest.map(day),
        oldest => wallet.oldest.map(day),
        generators => wallet.generators.clone(),
        findings => findings.collect::<Vec<_>>(),
        notes => notes.collect::<Vec<_>>(),
    }
}
