//! `wallet`: the public side of wallets, derived from their backups; with `--find` whose something is.

pub(crate) mod card_wallets;
mod derived;

use anyhow::anyhow;
use bitbox_backup::backup::wallet::{Target, TargetError};
use rayon::prelude::*;

use super::{answer, asked_passphrase, share, sources};
use crate::answers::Rules;
use crate::answers::wallet::{CardAnswer, Sheet, Sought, Wallets};
use crate::args::{Cards, Everything, Global, Only, Reading as HowRead, Record, values};
use crate::exit::Exit;
use crate::{interrupt, render};

use card_wallets::{Card, Reading, Roots, outcome};

const ON_TERMINAL: &str = "run the program on a terminal; no pipe may give a passphrase";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) cards: Cards,
    #[command(flatten)]
    pub(crate) everything: Everything,
    /// Say which wallet on which card this address, extended public key, or root fingerprint belongs to
    #[arg(long, value_name = "ADDRESS|XPUB|FINGERPRINT", conflicts_with_all = ["account", "addresses"])]
    pub(crate) find: Option<String>,
    /// The account, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..100))]
    pub(crate) account: u32,
    /// How many receive addresses to show
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(..=1000))]
    pub(crate) addresses: u32,
    /// Ask for the wallet's passphrase, which makes another wallet of the same words
    #[arg(long)]
    pub(crate) passphrase: bool,
    /// How many candidates to try for a damaged backup: quick (2^23), normal (2^30), deep (2^40), or a number such as 2^35
    #[arg(long, value_name = "EFFORT", default_value = "quick", value_parser = values::effort)]
    pub(crate) effort: u64,
    /// Length of the seed in bytes, if nothing else proves it: 16, 24, or 32, for 12, 18, or 24 words
    #[arg(long, value_name = "BYTES", value_parser = values::length)]
    pub(crate) length: Option<u32>,
    #[command(flatten)]
    pub(crate) reading: HowRead,
    #[command(flatten)]
    pub(crate) only: Only,
    #[command(flatten)]
    pub(crate) record: Record,
}

pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    // What cannot be looked for is said before a card is read.
    let target = args.find.as_deref().map(Target::read).transpose();
    let target = target.map_err(|error| not_sought(&error))?;
    interrupt::stop(super::STOPPING);
    let passphrase = match args.passphrase {
        true => Some(asked_passphrase(ON_TERMINAL)?),
        false => None,
    };
    share(args.cards.threads);
    let sources = sources(&args.cards)?;
    let mut cards = Card::read_all(&sources, &Reading::of(args, global), global)?;
    let meant = Card::meant(&cards)?;
    let roots = Roots::of(&mut cards, passphrase.as_ref().map(|typed| typed.as_str()));
    let found = match &target {
        Some(target) => {
            let sought = derived::sought(args, target, &cards, &roots);
            said_sought(args, global, &cards, &sought)?
        }
        None => said_sheets(args, global, &cards, &roots)?,
    };
    let failed = cards.iter().filter(|card| card.failed.is_some()).count();
    Ok(meant.end(match () {
        () if failed == cards.len() => Exit::Impossible,
        () if failed > 0 || !found => Exit::Attention,
        () => Exit::Done,
    }))
}

/// Why nothing is looked for, and what to do. What was typed is not repeated: it may be a secret.
fn not_sought(error: &TargetError) -> anyhow::Error {
    let hint = match error {
        TargetError::Checksum | TargetError::Character { .. } => {
            "copy it again from where you have it, whole, and do not type it"
        }
        TargetError::Secret => {
            "never give a secret to a command: it is in the history of this shell now; clear that, and \
             look for an address or an xpub instead"
        }
        TargetError::SeveralKeys => {
            "look for the extended public key of one of its signers instead, as its software shows it"
        }
        TargetError::Version { .. } => "a wallet's addresses begin with bc1q or bc1p",
        TargetError::Depth { .. } => "give the key of an account, as a wallet exports it",
        _ => {
            "give an address (bc1…, 3…, 1…, tb1…, ltc1…, 0x…), an extended public key (xpub…, ypub…, zpub…) \
             or a root fingerprint (8 hex digits)"
        }
    };
    anyhow!("--find: {error}\n{hint}")
}

fn said_sheets(
    args: &Args,
    global: &Global,
    cards: &[Card],
    roots: &Roots,
) -> anyhow::Result<bool> {
    let sheets = cards.par_iter().map(|card| {
        let wallets = card.wallets.iter();
        let sheets = wallets.filter_map(|held| derived::sheet(held, roots, args));
        sheets.collect()
    });
    let sheets: Vec<Vec<Sheet<'_>>> = sheets.collect();
    let wallets = sheets.iter().map(|sheets| sheets.iter().collect());
    let own = wallets_of(args, cards, wallets, None);
    answer("wallet", args.reading.json, outcome(cards), &own, |out| {
        render::text::wallet::sheets(out, cards, &sheets, args, global)
    })?;
    Ok(sheets.iter().any(|sheets| !sheets.is_empty()))
}

fn said_sought(
    args: &Args,
    global: &Global,
    cards: &[Card],
    sought: &Sought<'_>,
) -> anyhow::Result<bool> {
    let wallets = cards.iter().map(|card| card.wallets.iter());
    let offers = wallets.map(|wallets| wallets.map(|held| &held.offer).collect());
    let own = wallets_of(args, cards, offers, Some(sought));
    answer("wallet", args.reading.json, outcome(cards), &own, |out| {
        render::text::wallet::sought(out, cards, sought, args, global)
    })?;
    Ok(!sought.found.is_empty())
}

/// The answer: of each wallet its public side, or with `--find` only which it is.
fn wallets_of<'a, W>(
    args: &Args,
    cards: &'a [Card],
    wallets: impl Iterator<Item = Vec<&'a W>>,
    sought: Option<&'a Sought<'a>>,
) -> Wallets<'a, W> {
    let sources = cards.iter().zip(wallets).map(|(card, wallets)| CardAnswer {
        source: card.answer(),
        wallets,
        not_recovered: &card.missing,
    });
    Wallets {
        rules: Rules::of(args.reading.firmware),
        passphrase: args.passphrase,
        sought,
        sources: sources.collect(),
    }
}
