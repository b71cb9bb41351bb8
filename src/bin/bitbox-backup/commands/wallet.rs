//! `wallet`: the public side of wallets, derived from their backups; with `--find` whose something is.

pub(crate) mod held;
pub(crate) mod sheet;
pub(crate) mod sought;

use std::io::Write;
use std::path::PathBuf;

use anyhow::anyhow;
use bitbox_backup::backup::wallet::{Target, TargetError};
use bitbox_backup::recover::NotRecoveredReport;
use bitbox_backup::report::{SCHEMA, basis};
use rayon::prelude::*;
use serde::Serialize;
use zeroize::Zeroizing;

use super::{no_terminal, share, sources};
use crate::args::{self, Global};
use crate::exit::{self, Exit};
use crate::terminal::{Terminal, Unanswered};
use crate::{interrupt, render};

use held::{Card, Reading, Roots};
use sheet::Sheet;
use sought::Sought;

const ON_TERMINAL: &str = "run the program on a terminal; no pipe may give a passphrase";
const PASSPHRASE: &str = "Passphrase of this wallet (nothing of it is shown): ";

pub(crate) fn run(args: &args::Wallet, global: &Global) -> anyhow::Result<Exit> {
    // What cannot be looked for is said before a card is read.
    let target = args.find.as_deref().map(Target::read).transpose();
    let target = target.map_err(|error| not_sought(&error))?;
    interrupt::stop(super::STOPPING);
    let passphrase = passphrase(args)?;
    share(args.cards.threads);
    let sources = sources(&args.cards)?;
    let progress = render::progress(sources.len(), global);
    let read = |source: &PathBuf| {
        let card = (!interrupt::stopped()).then(|| Card::read(source, &Reading::of(args, global)));
        progress.inc(1);
        card
    };
    let cards: Option<Vec<_>> = sources.par_iter().map(read).collect();
    progress.finish_and_clear();
    let Some(mut cards) = cards.filter(|_| !interrupt::stopped()) else {
        return Err(Unanswered::Interrupted.into());
    };
    let roots = Roots::of(&mut cards, passphrase.as_ref().map(|typed| typed.as_str()));
    let found = match &target {
        Some(target) => {
            let sought = Sought::of(args, target, &cards, &roots);
            said_sought(args, global, &cards, &sought)?;
            !sought.found.is_empty()
        }
        None => said_sheets(args, global, &cards, &roots)?,
    };
    if let (Some(prefix), false) = (&args.only.id, cards.iter().any(Card::has_wallets)) {
        exit::failed(&anyhow!(
            "--id {prefix}: no backup that is proved has an ID that begins with it\n\
             run it without --id to see every wallet"
        ));
    }
    let failed = cards.iter().filter(|card| card.failed.is_some()).count();
    Ok(match () {
        () if failed == cards.len() => Exit::Impossible,
        () if failed > 0 || !found => Exit::Attention,
        () => Exit::Done,
    })
}

/// Asks for the passphrase, if there is to be one.
fn passphrase(args: &args::Wallet) -> anyhow::Result<Option<Zeroizing<String>>> {
    if !args.passphrase {
        return Ok(None);
    }
    let terminal =
        Terminal::open().ok_or_else(|| no_terminal(PASSPHRASE.trim_end(), ON_TERMINAL))?;
    Ok(Some(terminal.ask(PASSPHRASE, true)?))
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
    args: &args::Wallet,
    global: &Global,
    cards: &[Card],
    roots: &Roots,
) -> anyhow::Result<bool> {
    let sheets = cards.par_iter().map(|card| {
        let wallets = card.wallets.iter();
        let sheets = wallets.filter_map(|held| Sheet::of(held, roots, args));
        sheets.collect()
    });
    let sheets: Vec<Vec<Sheet<'_>>> = sheets.collect();
    let mut out = std::io::BufWriter::new(crate::output::stdout());
    if args.reading.json {
        let sources = cards.iter().zip(&sheets);
        let sources = sources.map(|(card, sheets)| CardAnswer::of(card, sheets.iter().collect()));
        Answer::of(args, None, sources.collect()).write(&mut out)?;
    } else {
        render::wallet::sheets(&mut out, cards, &sheets, args, global)?;
    }
    out.flush()?;
    Ok(sheets.iter().any(|sheets| !sheets.is_empty()))
}

/// Prints where it is.
fn said_sought(
    args: &args::Wallet,
    global: &Global,
    cards: &[Card],
    sought: &Sought<'_>,
) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(crate::output::stdout());
    if args.reading.json {
        let sources = cards.iter().map(|card| {
            let wallets = card.wallets.iter().map(|held| &held.offer);
            CardAnswer::of(card, wallets.collect())
        });
        Answer::of(args, Some(sought), sources.collect()).write(&mut out)?;
    } else {
        render::wallet::sought(&mut out, cards, sought, args, global)?;
    }
    out.flush()?;
    Ok(())
}

/// The answer in JSON: of each wallet its public side, or with `--find` only which it is.
#[derive(Debug, Serialize)]
struct Answer<'a, W> {
    schema: &'static str,
    command: &'static str,
    firmware: String,
    basis: &'static str,
    passphrase: bool,
    #[serde(flatten)]
    sought: Option<&'a Sought<'a>>,
    sources: Vec<CardAnswer<'a, W>>,
}

#[derive(Debug, Serialize)]
struct CardAnswer<'a, W> {
    source: &'a str,
    error: Option<&'a str>,
    hint: Option<&'a str>,
    wallets: Vec<&'a W>,
    not_recovered: &'a [NotRecoveredReport],
}

impl<'a, W: Serialize> Answer<'a, W> {
    fn of(
        args: &args::Wallet,
        sought: Option<&'a Sought<'a>>,
        sources: Vec<CardAnswer<'a, W>>,
    ) -> Self {
        Self {
            schema: SCHEMA,
            command: "wallet",
            firmware: args.reading.firmware.to_string(),
            basis: basis(args.reading.firmware),
            passphrase: args.passphrase,
            sought,
            sources,
        }
    }

    fn write(&self, out: &mut impl Write) -> anyhow::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        Ok(writeln!(out)?)
    }
}

impl<'a, W> CardAnswer<'a, W> {
    fn of(card: &'a Card, wallets: Vec<&'a W>) -> Self {
        let failed = card.failed.as_ref();
        Self {
            source: &card.source,
            error: failed.map(|(error, _)| error.as_str()),
            hint: failed.map(|(_, hint)| hint.as_str()),
            wallets,
            not_recovered: &card.missing,
        }
    }
}
