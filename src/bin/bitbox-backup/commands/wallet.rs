//! `wallet`: the public side of wallets, derived from their backups; with `--find` whose something is.

pub(crate) mod card_wallets;
pub(crate) mod sheet;
pub(crate) mod sought;

use std::io::Write;

use anyhow::anyhow;
use bitbox_backup::backup::wallet::{Target, TargetError};
use rayon::prelude::*;
use serde::Serialize;
use zeroize::Zeroizing;

use super::{no_terminal, share, sources};
use crate::answers::wallet::{CardAnswer, Sheet, Sought, Wallets};
use crate::answers::{Answer, Outcome, Rules};
use crate::args::{Cards, Everything, Global, Only, Reading as HowRead, Record, values};
use crate::exit::Exit;
use crate::terminal::Terminal;
use crate::{interrupt, render};

use card_wallets::{Card, Reading, Roots};

const ON_TERMINAL: &str = "run the program on a terminal; no pipe may give a passphrase";
const PASSPHRASE: &str = "Passphrase of this wallet (nothing of it is shown): ";

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
    let passphrase = passphrase(args)?;
    share(args.cards.threads);
    let sources = sources(&args.cards)?;
    let mut cards = Card::read_all(&sources, &Reading::of(args, global), global)?;
    let meant = Card::meant(&cards)?;
    let roots = Roots::of(&mut cards, passphrase.as_ref().map(|typed| typed.as_str()));
    let found = match &target {
        Some(target) => {
            let sought = sought::sought(args, target, &cards, &roots);
            said_sought(args, global, &cards, &sought)?;
            !sought.found.is_empty()
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

/// Asks for the passphrase, if there is to be one.
fn passphrase(args: &Args) -> anyhow::Result<Option<Zeroizing<String>>> {
    if !args.passphrase {
        return Ok(None);
    }
    let terminal = Terminal::open().ok_or_else(|| no_terminal(PASSPHRASE, ON_TERMINAL))?;
    Ok(Some(terminal.ask_secret(PASSPHRASE, super::passphrase)?))
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

/// Prints the public side of every wallet, and says whether there is any.
fn said_sheets(
    args: &Args,
    global: &Global,
    cards: &[Card],
    roots: &Roots,
) -> anyhow::Result<bool> {
    let sheets = cards.par_iter().map(|card| {
        let wallets = card.wallets.iter();
        let sheets = wallets.filter_map(|held| sheet::sheet(held, roots, args));
        sheets.collect()
    });
    let sheets: Vec<Vec<Sheet<'_>>> = sheets.collect();
    if args.reading.json {
        let sources = cards.iter().zip(&sheets);
        let sources = sources.map(|(card, sheets)| card_answer(card, sheets.iter().collect()));
        print(args, None, sources.collect())?;
    } else {
        let mut out = std::io::BufWriter::new(crate::output::stdout());
        render::text::wallet::sheets(&mut out, cards, &sheets, args, global)?;
        out.flush()?;
    }
    Ok(sheets.iter().any(|sheets| !sheets.is_empty()))
}

/// Prints where it is.
fn said_sought(
    args: &Args,
    global: &Global,
    cards: &[Card],
    sought: &Sought<'_>,
) -> anyhow::Result<()> {
    if args.reading.json {
        let sources = cards.iter().map(|card| {
            let wallets = card.wallets.iter().map(|held| &held.offer);
            card_answer(card, wallets.collect())
        });
        print(args, Some(sought), sources.collect())?;
    } else {
        let mut out = std::io::BufWriter::new(crate::output::stdout());
        render::text::wallet::sought(&mut out, cards, sought, args, global)?;
        out.flush()?;
    }
    Ok(())
}

/// Prints the answer in JSON: of each wallet its public side, or with `--find` only which it is.
fn print<W: Serialize>(
    args: &Args,
    sought: Option<&Sought<'_>>,
    sources: Vec<CardAnswer<'_, W>>,
) -> anyhow::Result<()> {
    let outcome = if sources.iter().all(|source| source.error.is_some()) {
        Outcome::no_source()
    } else {
        Outcome::DONE
    };
    let wallets = Wallets {
        rules: Rules::of(args.reading.firmware),
        passphrase: args.passphrase,
        sought,
        sources,
    };
    render::json::print(&Answer::of("wallet", outcome, wallets))
}

fn card_answer<'a, W>(card: &'a Card, wallets: Vec<&'a W>) -> CardAnswer<'a, W> {
    let failed = card.failed.as_ref();
    CardAnswer {
        source: &card.source,
        error: failed.map(|(error, _)| error.as_str()),
        hint: failed.map(|(_, hint)| hint.as_str()),
        glance: card.glance(),
        wallets,
        not_recovered: &card.missing,
    }
}
