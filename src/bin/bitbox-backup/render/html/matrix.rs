//! Which wallet is on which card, in blocks of as many cards as a page is wide.

use std::collections::HashSet;

use bitbox_backup::audit::{Across, CloneGroup, Generation, Wallet};
use bitbox_backup::finding::Severity;
use minijinja::{Value, context};

use super::rows::{self, Row, called, group_letter, link};
use super::words::{card_symbol, short_name, symbol};
use bitbox_backup::text::{day, short_id};

/// How many cards stand side by side.
const BLOCK: usize = 24;
/// How many cells are drawn at most; above it only cards and wallets in trouble are.
const MOST_CELLS: usize = 12_000;
/// How many cards of a group of copies are named.
const MOST_NAMED: usize = 12;

/// A card with its wallets: their numbers, and the newest generation of each with how many there are.
struct Column {
    card: usize,
    wallets: Vec<(usize, Generation, usize)>,
}

pub(super) fn matrix(
    cards: &[Row],
    wallets: &[&Wallet],
    across: &Across,
    sections: &[bool],
) -> Value {
    let mut columns = columns(cards.len(), wallets);
    let all = columns.len();
    let only_troubled = cells(&columns) > MOST_CELLS;
    if only_troubled {
        columns.retain(|column| is_troubled(column, cards, wallets));
    }
    let (mut blocks, mut drawn, mut kept) = (Vec::new(), 0, 0);
    let letters = rows::clone_letters(across, cards.len());
    for block in columns.chunks(BLOCK) {
        drawn += cells(block);
        if drawn > MOST_CELLS && !blocks.is_empty() {
            break;
        }
        kept += block.len();
        blocks.push(self::block(block, cards, wallets, &letters, sections));
    }
    let nowhere = (1..).zip(wallets);
    let nowhere = nowhere.filter(|(_, wallet)| wallet.generations.is_empty());
    let nowhere = nowhere.map(|(number, wallet)| context! { number, called => called(wallet) });
    context! { blocks, left_out => all - kept, only_troubled, nowhere => nowhere.collect::<Vec<_>>() }
}

/// The cards that hold any wallet.
fn columns(cards: usize, wallets: &[&Wallet]) -> Vec<Column> {
    let empty = |card| Column {
        card,
        wallets: Vec::new(),
    };
    let mut columns: Vec<_> = (0..cards).map(empty).collect();
    for (index, wallet) in wallets.iter().enumerate() {
        for generation in &wallet.generations {
            let Some(column) = columns.get_mut(generation.source) else {
                continue;
            };
            match column.wallets.last_mut() {
                Some((last, newest, count)) if *last == index => {
                    *count += 1;
                    let age = |one: &Generation| (one.is_live(), one.timestamp, one.state);
                    if age(generation) > age(newest) {
                        *newest = generation.clone();
                    }
                }
                _ => column.wallets.push((index, generation.clone(), 1)),
            }
        }
    }
    columns.retain(|column| !column.wallets.is_empty());
    columns
}

/// The wallets on some cards, in the order in which they come up.
fn on(columns: &[Column]) -> Vec<usize> {
    let wallets = columns.iter().flat_map(|column| &column.wallets);
    let mut seen = HashSet::new();
    wallets
        .map(|(wallet, _, _)| *wallet)
        .filter(|wallet| seen.insert(*wallet))
        .collect()
}

fn cells(columns: &[Column]) -> usize {
    let blocks = columns.chunks(BLOCK);
    blocks.map(|block| block.len() * on(block).len()).sum()
}

fn is_troubled(column: &Column, cards: &[Row], wallets: &[&Wallet]) -> bool {
    let is_bad = |wallet: &&Wallet| wallet.state.severity() == Some(Severity::Error);
    let mut on = column.wallets.iter();
    let card = cards.get(column.card);
    card.is_some_and(|row| row.trouble.is_some())
        || on.any(|(wallet, ..)| wallets.get(*wallet).is_some_and(is_bad))
}

fn block(
    block: &[Column],
    cards: &[Row],
    wallets: &[&Wallet],
    letters: &[Option<String>],
    sections: &[bool],
) -> Value {
    let heads = block.iter().filter_map(|column| {
        let row = cards.get(column.card)?;
        Some(context! {
            number => row.number,
            name => row.name.as_str(),
            short_name => short_name(&row.name),
            state => row.state.name(),
            symbol => card_symbol(row.state),
            trouble => row.trouble,
            clone => letters.get(column.card),
            link => link(row.number, sections),
        })
    });
    let rows = on(block).into_iter().filter_map(|index| {
        let wallet = wallets.get(index)?;
        let state = wallet.state.to_string();
        let cells = block
            .iter()
            .map(|column| cell(column, index, cards, sections));
        Some(context! {
            number => index + 1,
            called => called(wallet),
            short_id => short_id(&wallet.id),
            symbol => symbol(&state, wallet.state.severity()),
            state,
            cells => cells.collect::<Vec<_>>(),
        })
    });
    context! { heads => heads.collect::<Vec<_>>(), rows => rows.collect::<Vec<_>>() }
}

fn cell(column: &Column, wallet: usize, cards: &[Row], sections: &[bool]) -> Option<Value> {
    let mut on = column.wallets.iter();
    let (_, newest, count) = on.find(|(index, _, _)| *index == wallet)?;
    let row = cards.get(column.card)?;
    let state = newest.state.to_string();
    Some(context! {
        symbol => symbol(&state, newest.state.severity()),
        state,
        day => newest.timestamp.map(day),
        count,
        trouble => row.trouble,
        card => row.number,
        link => link(row.number, sections),
    })
}

/// The groups of cards that are copies of each other.
pub(super) fn clones(across: &Across) -> Vec<Value> {
    let groups = across.clones.iter().enumerate();
    let group = |(index, group): (usize, &CloneGroup)| {
        let members = group.members();
        let cards = members.iter().take(MOST_NAMED).map(|member| member + 1);
        context! {
            letter => group_letter(index),
            cards => cards.collect::<Vec<_>>(),
            more => members.len().saturating_sub(MOST_NAMED),
        }
    };
    groups.map(group).collect()
}
