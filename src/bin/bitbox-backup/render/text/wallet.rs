//! What a person reads of the public side of wallets.

use std::io::{self, Write};

use bitbox_backup::backup::wallet::Script;
use bitbox_backup::text::plural;

use super::grid::{self, Cell, Column};
use super::{BOLD, DIM, WARN, failed, paragraph, proof, recovery, styled, table};
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
const OTHER_PASSPHRASE: &str = "The passphrase may be another one: any is accepted and makes a wallet of its own. \
    Without --passphrase the wallets without one are searched.";

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
        if let Some((error, hint)) = &card.failed {
            failed(out, error, hint)?;
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
            styled(out, DIM, text, "")?;
        }
    }
    Ok(())
}

fn sheet(out: &mut impl Write, sheet: &Sheet<'_>) -> io::Result<()> {
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
    if let Some(print) = &offer.fingerprint {
        writeln!(out, "  root fingerprint {BOLD}{print}{BOLD:#}")?;
    }
    if let Some(print) = &offer.fingerprint_with_passphrase {
        let with = "with the passphrase typed, and so is all below";
        writeln!(out, "  root fingerprint {BOLD}{print}{BOLD:#} {with}")?;
    }
    for one in &sheet.accounts {
        account(out, one)?;
    }
    writeln!(out, "\n  {BOLD}Bitcoin, key for multisig{BOLD:#}")?;
    for one in &sheet.multisig {
        writeln!(out, "    {DIM}{:17}{DIM:#}  {}", one.path, one.key)?;
    }
    if let Some(ethereum) = &sheet.ethereum {
        writeln!(out, "\n  {BOLD}Ethereum{BOLD:#}")?;
        let (path, address) = (&ethereum.path, &ethereum.address);
        writeln!(out, "    {DIM}{path:17}{DIM:#}  {address}")?;
    }
    Ok(())
}

fn account(out: &mut impl Write, account: &Account) -> io::Result<()> {
    let (kind, slip132) = match account.script {
        Script::P2wpkh => ("native SegWit (BIP 84)", "zpub"),
        Script::P2tr => ("Taproot (BIP 86)", ""),
        Script::P2shP2wpkh => ("wrapped SegWit (BIP 49)", "ypub"),
        _ => ("", ""),
    };
    let path = &account.path;
    writeln!(out, "\n  {BOLD}Bitcoin, {kind}{BOLD:#}  {DIM}{path}{DIM:#}")?;
    let mut fact = |name: &str, value| writeln!(out, "    {DIM}{name:12}{DIM:#}{value}");
    fact("xpub", &account.xpub)?;
    if let Some(key) = &account.slip132 {
        fact(slip132, key)?;
    }
    fact("descriptor", &account.descriptor)?;
    let mut addresses = account.addresses.iter().enumerate();
    addresses.try_for_each(|(index, one)| fact(&format!("receive {index}"), &one.address))
}

/// `wallet --find`.
pub(crate) fn sought(
    out: &mut impl Write,
    cards: &[Card],
    sought: &Sought<'_>,
    args: &Args,
    global: &Global,
) -> anyhow::Result<()> {
    for card in cards {
        if let Some((error, hint)) = &card.failed {
            writeln!(out, "{BOLD}{}{BOLD:#}", card.source)?;
            failed(out, error, hint)?;
            writeln!(out)?;
        }
    }
    let wanted = &sought.wanted;
    writeln!(out, "{BOLD}{}{BOLD:#}", wanted.wanted)?;
    let what = wanted.what();
    let wallets: usize = cards.iter().map(|card| card.wallets.len()).sum();
    if sought.found.is_empty() {
        let text = match wallets {
            0 => format!("This is {what}. There is no wallet here to search."),
            _ => format!(
                "This is {what}. {WARN}No wallet here has it{WARN:#}: {}, {} each with {} addresses to receive \
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
        styled(out, DIM, text, "  ")?;
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

fn places(out: &mut impl Write, found: &[Place<'_>], all: bool) -> io::Result<()> {
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
    let passphrase = if args.passphrase {
        OTHER_PASSPHRASE
    } else {
        PASSPHRASE
    };
    let mut reasons = vec![passphrase.to_owned()];
    if sought.wanted.script == Some(Script::P2shP2wpkh.name()) {
        reasons.push(
            "An address that begins like this may also be one of several keys together (multisig), which no single wallet can \
             confirm."
                .to_owned(),
        );
    }
    let all = || cards.iter().flat_map(|card| &card.missing);
    let missing = all().filter(|one| one.matters()).count();
    if missing > 0 {
        let which = all().filter(|one| one.matters());
        let which: Vec<_> = which
            .filter_map(|one| one.id.as_deref().map(short_id))
            .collect();
        let which = match which.as_slice() {
            [] => String::new(),
            some => format!(" ({})", some.join(", ")),
        };
        let mut searches = all().filter_map(|one| one.search);
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
