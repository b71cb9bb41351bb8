//! What a person reads of the public side of wallets.

use std::io::Write;

use anstyle::AnsiColor;
use bitbox_backup::backup::wallet::Script;
use bitbox_backup::text::plural;

use super::grid::{self, Cell, Column};
use super::{BOLD, DIM, paragraph, proof, recovery, table};
use crate::answers::wallet::{Account, Place, Sheet, Sought};
use crate::answers::words::Offer;
use crate::args::Global;
use crate::commands::wallet::Args;
use crate::commands::wallet::card_wallets::Card;
use bitbox_backup::text::short_id;

/// What everybody is told who sees them.
const PRIVATE: &str = "These are public keys: nothing can be spent with them. But whoever sees an xpub or a \
    descriptor sees every address of that account, past and future, and all that is on them: \
    show it only to those who need it.";
/// Why what is known may be missing.
const PASSPHRASE: &str = "A passphrase may be in use: it is in no backup and makes another wallet of the same \
    words. --passphrase asks for it.";

/// `wallet` without `--find`.
pub(crate) fn sheets(
    out: &mut impl Write,
    cards: &[Card],
    sheets: &[Vec<Sheet<'_>>],
    args: &Args,
    global: &Global,
) -> anyhow::Result<()> {
    for (index, (card, sheets)) in cards.iter().zip(sheets).enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{BOLD}{}{BOLD:#}", card.source)?;
        if failed(out, card)? {
            continue;
        }
        if sheets.is_empty() {
            let text = match &args.only.id {
                None => "No wallet can be shown from this card: no backup on it is proved.",
                // Others were not asked for.
                Some(_) => "The wallet cannot be shown from this card: no backup of it is proved.",
            };
            paragraph(out, text, "  ")?;
        }
        for (number, one) in sheets.iter().enumerate() {
            if number > 0 {
                writeln!(out)?;
            }
            sheet(out, one)?;
        }
        if !global.quiet {
            recovery::not_recovered(out, &card.missing, global.verbose)?;
        }
    }
    if !global.quiet && sheets.iter().any(|sheets| !sheets.is_empty()) {
        writeln!(out)?;
        paragraph(out, PRIVATE, "")?;
        if !args.passphrase {
            let text = "This is the wallet without a passphrase. A passphrase is in no backup and makes \
                another wallet: if the fingerprint is not the one you know, try --passphrase.";
            paragraph(out, &format!("{DIM}{text}{DIM:#}"), "")?;
        }
    }
    Ok(())
}

/// Says of a source that could not be read why; whether it was one.
fn failed(out: &mut impl Write, card: &Card) -> std::io::Result<bool> {
    let Some((error, hint)) = &card.failed else {
        return Ok(false);
    };
    let style = AnsiColor::Red.on_default().bold();
    writeln!(out, "  {style}error:{style:#} {error}")?;
    paragraph(out, &format!("{DIM}what to do:{DIM:#} {hint}"), "  ")?;
    Ok(true)
}

fn sheet(out: &mut impl Write, sheet: &Sheet<'_>) -> std::io::Result<()> {
    let offer = sheet.offer;
    let made = match offer.timestamp {
        Some(_) => format!("made {} UTC", table::made_utc(offer.timestamp)),
        None => "made at an unknown time".to_owned(),
    };
    let text = format!(
        "{BOLD}{}{BOLD:#}: {} words, {made}; {}: {}",
        offer.title(),
        offer.words,
        proof::method(offer.method),
        proof::seed_and_length(&offer.proof),
    );
    paragraph(out, &text, "  ")?;
    let prints = [
        (&offer.fingerprint, ""),
        (
            &offer.fingerprint_with_passphrase,
            " with the passphrase typed, and so is all below",
        ),
    ];
    for (print, with) in prints {
        if let Some(print) = print {
            writeln!(out, "  root fingerprint {BOLD}{print}{BOLD:#}{with}")?;
        }
    }
    for one in &sheet.accounts {
        account(out, one)?;
    }
    let title = "key for multisig";
    writeln!(out, "\n  {BOLD}Bitcoin, {title}{BOLD:#}")?;
    for one in &sheet.multisig {
        writeln!(out, "    {DIM}{:17}{DIM:#}  {}", one.path, one.key)?;
    }
    if let Some(ethereum) = &sheet.ethereum {
        writeln!(out, "\n  {BOLD}Ethereum{BOLD:#}")?;
        writeln!(
            out,
            "    {DIM}{:17}{DIM:#}  {}",
            ethereum.path, ethereum.address
        )?;
    }
    Ok(())
}

fn account(out: &mut impl Write, account: &Account) -> std::io::Result<()> {
    let kind = match account.script {
        Script::P2wpkh => "native SegWit (BIP 84)",
        Script::P2tr => "Taproot (BIP 86)",
        Script::P2shP2wpkh => "wrapped SegWit (BIP 49)",
        _ => "",
    };
    writeln!(
        out,
        "\n  {BOLD}Bitcoin, {kind}{BOLD:#}  {DIM}{}{DIM:#}",
        account.path
    )?;
    let form = match account.script {
        Script::P2wpkh => "zpub",
        _ => "ypub",
    };
    let slip132 = account.slip132.iter().map(|key| (form, key));
    for (name, value) in [("xpub", &account.xpub)]
        .into_iter()
        .chain(slip132)
        .chain([("descriptor", &account.descriptor)])
    {
        writeln!(out, "    {DIM}{name:12}{DIM:#}{value}")?;
    }
    for (index, one) in account.addresses.iter().enumerate() {
        writeln!(
            out,
            "    {DIM}{:12}{DIM:#}{}",
            format!("receive {index}"),
            one.address
        )?;
    }
    Ok(())
}

/// `wallet --find`.
pub(crate) fn sought(
    out: &mut impl Write,
    cards: &[Card],
    sought: &Sought<'_>,
    args: &Args,
    global: &Global,
) -> anyhow::Result<()> {
    for card in cards.iter().filter(|card| card.failed.is_some()) {
        writeln!(out, "{BOLD}{}{BOLD:#}", card.source)?;
        failed(out, card)?;
        writeln!(out)?;
    }
    let wanted = &sought.wanted;
    writeln!(out, "{BOLD}{}{BOLD:#}", wanted.wanted)?;
    let what = wanted.what();
    let wallets: usize = cards.iter().map(|card| card.wallets.len()).sum();
    if sought.found.is_empty() {
        let style = AnsiColor::Magenta.on_default().bold();
        let text = match wallets {
            0 => format!("This is {what}. There is no wallet here to search."),
            _ => format!(
                "This is {what}. {style}No wallet here has it{style:#}: {}, {} each with {} addresses to receive \
                 and as many for change.",
                plural(wallets, "backup", "backups"),
                plural(wanted.accounts as usize, "account", "accounts"),
                wanted.gap
            ),
        };
        paragraph(out, &text, "  ")?;
        for reason in reasons(cards, sought, args) {
            paragraph(out, &reason, "  ")?;
        }
        return Ok(());
    }
    paragraph(out, &format!("This is {what}. It belongs to:"), "  ")?;
    writeln!(out)?;
    places(out, &sought.found, global.verbose)?;
    if wanted.script == Some(Script::P2pkh.name()) && !global.quiet {
        let text = "A BitBox02 makes no such addresses: other software did, from the same words.";
        writeln!(out)?;
        paragraph(out, &format!("{DIM}{text}{DIM:#}"), "  ")?;
    }
    Ok(())
}

/// The columns of places; where there is no room, MADE (UTC) is left out first, then FINGERPRINT.
const PLACES: [Column<'_>; 5] = [
    Column::new("CARD").wrapping(),
    Column::new("WALLET").wrapping(),
    Column::new("FINGERPRINT").left_out(2),
    Column::new("MADE (UTC)").left_out(1),
    Column::new("WHERE"),
];

fn places(out: &mut impl Write, found: &[Place<'_>], all: bool) -> std::io::Result<()> {
    let cells = |place: &Place<'_>| {
        vec![
            Cell::new(place.source),
            Cell::new(place.offer.title()),
            Cell::new(fingerprint(place.offer)),
            Cell::new(table::made_utc(place.offer.timestamp)),
            Cell::new(&place.path),
        ]
    };
    grid::print(out, &PLACES, found, cells, super::width(), all)
}

/// That of the wallet it was found in.
fn fingerprint(offer: &Offer) -> String {
    let with = offer.fingerprint_with_passphrase.as_ref();
    let print = with.or(offer.fingerprint.as_ref());
    print.cloned().unwrap_or_default()
}

/// Why nothing may be found although it is there.
fn reasons(cards: &[Card], sought: &Sought<'_>, args: &Args) -> Vec<String> {
    let mut reasons = Vec::new();
    if args.passphrase {
        reasons.push(
            "The passphrase may be another one: any is accepted and makes a wallet of its own. Without \
             --passphrase the wallets without one are searched."
                .to_owned(),
        );
    } else {
        reasons.push(PASSPHRASE.to_owned());
    }
    if sought.wanted.script == Some(Script::P2shP2wpkh.name()) {
        reasons.push(
            "An address that begins like this may also be one of several keys together (multisig), which no single wallet can \
             confirm."
                .to_owned(),
        );
    }
    let matters = |card: &Card| card.missing.iter().filter(|one| one.matters()).count();
    let missing: usize = cards.iter().map(matters).sum();
    if missing > 0 {
        let which: Vec<_> = cards
            .iter()
            .flat_map(|card| &card.missing)
            .filter(|one| one.matters())
            .filter_map(|one| one.id.as_deref().map(short_id))
            .collect();
        let which = match which.as_slice() {
            [] => String::new(),
            some => format!(" ({})", some.join(", ")),
        };
        let mut searches = cards
            .iter()
            .flat_map(|card| &card.missing)
            .filter_map(|one| one.search);
        let longer = match searches.any(|search| search.is_worth_more()) {
            true => ": try --effort normal",
            false => "",
        };
        reasons.push(format!(
            "{}{which} could not be recovered with this effort, and may have it{longer}.",
            plural(missing, "damaged backup", "damaged backups")
        ));
    }
    reasons
}
