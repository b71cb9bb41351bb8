//! What a person reads of a device.

use std::io::{self, Write};

use anstyle::Style;
use bitbox_backup::device::ListedBackup;
use bitbox_backup::text::escape;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::grid::{self, Cell, Column};
use super::{BAD, BOLD, DIM, GOOD, WARN, WIDEST, paragraph, set, styled, table};
use crate::answers::device::{
    CardFault, CheckedCard, Contradiction, Created, DeviceReport, Unasked,
};
use crate::args::Global;
use crate::privacy;
use bitbox_backup::text::short_id;

/// What a card is worth to whoever uses a passphrase.
const PASSPHRASE: &str = "Passphrases are switched on in this BitBox. A passphrase is in no backup: if one is in use, the \
                          wallet that it opens cannot be recovered from the card without it.";

/// What happens, or has to be done, on standard error. Lines that begin with spaces stay as they are.
pub(crate) fn note(err: &mut impl Write, text: &str) -> io::Result<()> {
    let width = terminal_size::terminal_size_of(std::io::stderr());
    let width = width.map(|(width, _)| usize::from(width.0).clamp(20, WIDEST));
    for line in text.lines() {
        let indent = if line.starts_with(' ') { "     " } else { "" };
        set(err, line, width, "", indent)?;
    }
    err.flush()
}

/// A warning, on standard error.
pub(crate) fn warning(err: &mut impl Write, text: &str) -> io::Result<()> {
    note(err, &format!("{WARN}warning:{WARN:#} {text}"))
}

/// The code to be compared, in the device's layout.
pub(crate) fn pairing_code(out: &mut impl Write, code: &str) -> io::Result<()> {
    writeln!(
        out,
        "\nThis computer and this BitBox are not paired yet. The BitBox shows a code now; it has to be\n\n    \
         {BOLD}{code}{BOLD:#}\n\n\
         Compare every character. If they are the same, confirm on the BitBox; if not, reject there."
    )?;
    out.flush()
}

/// The minute of a time on this computer's clock.
pub(crate) fn local(seconds: u32) -> String {
    table::made_local(Some(seconds))
}

/// Today as the device shows it.
pub(crate) fn today() -> String {
    let now = Timestamp::now().to_zoned(TimeZone::system());
    now.strftime("%a %Y-%m-%d").to_string()
}

/// An id in groups of four, as it is easily compared; in one, and under another name, where it may be shared.
pub(crate) fn grouped(id: &str) -> String {
    let id = escape(id);
    if privacy::is_on() {
        return privacy::text(&id);
    }
    let characters: Vec<_> = id.chars().collect();
    let groups = characters.chunks(4).map(String::from_iter);
    groups.collect::<Vec<_>>().join(" ")
}

pub(crate) fn info(out: &mut impl Write, device: &DeviceReport) -> io::Result<()> {
    head(out, device)?;
    let wallet = match (device.initialized, device.unlocked) {
        (true, true) => "set up, unlocked",
        (true, false) => "set up, locked",
        (false, _) => "none, or none that was backed up yet",
    };
    let genuine = match (device.genuine, &device.doubt) {
        (Some(true), _) => format!("{GOOD}yes{GOOD:#}: certified by the maker"),
        (Some(false), Some(doubt)) => format!("{BAD}not proved{BAD:#}: {doubt}"),
        _ => format!("{WARN}could not be checked{WARN:#}"),
    };
    let print = device.fingerprint.as_deref().unwrap_or("-");
    let passphrases = match device.passphrase_enabled {
        true => "switched on",
        false => "switched off",
    };
    for (key, value) in [
        ("name", device.name.as_str()),
        ("firmware", device.version.as_str()),
        ("edition", device.edition.as_str()),
        ("wallet", wallet),
        ("fingerprint", print),
        ("passphrases", passphrases),
        ("genuine", &genuine),
        ("at", &device.address),
    ] {
        writeln!(out, "  {key:12}{value}")?;
    }
    about_passphrase(out, device)
}

/// That the card alone may not be enough.
fn about_passphrase(out: &mut impl Write, device: &DeviceReport) -> io::Result<()> {
    if device.passphrase_enabled {
        styled(out, WARN, PASSPHRASE, "  ")?;
    }
    Ok(())
}

fn head(out: &mut impl Write, device: &DeviceReport) -> io::Result<()> {
    let name = match device.name.as_str() {
        "" => String::new(),
        name => format!(" \"{name}\""),
    };
    writeln!(out, "{BOLD}{}{name}{BOLD:#}", device.product)
}

/// The columns of what a device lists; where there is no room, MADE (LOCAL) is left out.
const LISTED: [Column<'_>; 4] = [
    Column::new("NAME").wrapping(),
    Column::new("MADE (LOCAL)").left_out(1),
    Column::new("MADE (UTC)"),
    Column::new("ID"),
];

/// The backups the device lists, the newest first.
pub(crate) fn list(
    out: &mut impl Write,
    device: &DeviceReport,
    backups: &[ListedBackup],
    global: &Global,
) -> io::Result<()> {
    head(out, device)?;
    if backups.is_empty() {
        writeln!(out, "  It lists no backup on this card.")?;
    } else {
        let mut sorted: Vec<_> = backups.iter().collect();
        sorted.sort_by(|a, b| b.timestamp.cmp(&a.timestamp).then(a.id.cmp(&b.id)));
        writeln!(out)?;
        let cells = |backup: &&ListedBackup| {
            let name = match escape(&backup.name) {
                name if name.is_empty() => short_id(&escape(&backup.id)),
                name => name,
            };
            vec![
                Cell::new(name),
                Cell::new(local(backup.timestamp)),
                Cell::new(table::made_utc(Some(backup.timestamp))),
                Cell::new(short_id(&escape(&backup.id))),
            ]
        };
        grid::print(out, &LISTED, &sorted, cells, super::width(), global.verbose)?;
    }
    if !global.quiet {
        writeln!(out)?;
        let text = "The device lists only backups it would restore. What else is on the card, and why it is hidden, \
                    `bitbox-backup list CARD` says when the card is in a card reader.";
        styled(out, DIM, text, "")?;
    }
    Ok(())
}

/// What a check came to.
pub(crate) fn check(out: &mut impl Write, checked: &CheckedCard<'_>) -> io::Result<()> {
    head(out, checked.device)?;
    let style = match checked.reason {
        None => GOOD,
        Some(CardFault::NotListed | CardFault::ListFails) => WARN,
        Some(_) => BAD,
    };
    styled(out, style, came_to(checked.reason), "  ")?;
    if let Some(id) = checked.id {
        writeln!(out, "  ID  {}", grouped(id))?;
    }
    if checked.matches {
        about_passphrase(out, checked.device)?;
    }
    Ok(())
}

fn came_to(fault: Option<CardFault>) -> &'static str {
    match fault {
        None => "The card holds a valid backup of this wallet.",
        Some(CardFault::NotListed) => {
            "The card holds a valid backup of this wallet, but the BitBox does not list it, so it could not be restored from this card as it is. Put the card into a card reader, and run `bitbox-backup list CARD`: it says why."
        }
        Some(CardFault::ListFails) => {
            "The card holds a valid backup of this wallet, but the BitBox cannot list what is on the card, so it could not be restored from this card as it is. Put the card into a card reader, and run `bitbox-backup list CARD`: it says why."
        }
        Some(CardFault::NoCard) => {
            "There is no microSD card in the BitBox: insert it, and check again."
        }
        Some(CardFault::CardUnreadable) => {
            "It is not known whether this card holds a backup of this wallet: the BitBox cannot read this card. Put it into a card reader, and run `bitbox-backup list CARD`."
        }
        Some(CardFault::NoBackup) => {
            "The BitBox finds no valid backup on this card. There may be none, or a damaged or hidden one: put the card into a card reader, and run `bitbox-backup list CARD`."
        }
        Some(CardFault::OtherWalletsOnly) => {
            "The BitBox finds valid backups of other wallets only. One of this wallet may be damaged or hidden: put the card into a card reader, and run `bitbox-backup list CARD`."
        }
        Some(CardFault::Aborted) => {
            "It was cancelled on the BitBox: name and ID were not confirmed. If they differ there, do not trust this connection."
        }
        Some(CardFault::Differs) => {
            "The IDs on the two screens differ: the connection may be intercepted. Do not trust this connection."
        }
        Some(CardFault::NoWallet) => {
            "The BitBox holds no wallet that was backed up: there is nothing to check against."
        }
    }
}

/// What is true after a backup was made, or not.
pub(crate) fn created(out: &mut impl Write, after: &Created) -> io::Result<()> {
    head(out, &after.device)?;
    let (style, text) = outcome(after, &local(after.timestamp));
    styled(out, style, &text, "  ")?;
    if let Some(text) = about_old(after) {
        paragraph(out, &text, "  ")?;
    }
    if after.listed == Some(true) {
        let name = after.name.as_deref().unwrap_or_default();
        let id = after.id.as_deref().map(grouped).unwrap_or_default();
        writeln!(out, "  name  {name}\n  ID    {id}")?;
    }
    if after.written != Some(false) {
        about_passphrase(out, &after.device)?;
    }
    if after.verified == Some(true) {
        let text =
            "The card in the reader agrees: the same ID, time, and name, three valid copies.";
        styled(out, GOOD, text, "  ")?;
    }
    for difference in after.differences.iter().flatten() {
        let text = format!("{BAD}The card in the reader does not agree:{BAD:#} {difference}");
        paragraph(out, &text, "  ")?;
    }
    let Some(why) = &after.not_verified else {
        return Ok(());
    };
    let text = format!(
        "{WARN}The card was not read in the reader, which says nothing about the backup:{WARN:#} {}. \
         Put the card into the reader, and run `bitbox-backup list CARD`.",
        escape(why.lines().next().unwrap_or_default())
    );
    paragraph(out, &text, "  ")
}

/// What became of the new backup.
fn outcome(after: &Created, at: &str) -> (Style, String) {
    if let Some(contradiction) = after.contradiction {
        return (BAD, contradicts(contradiction).to_owned());
    }
    let (why, next) = after.not_asked.map(unasked).unwrap_or_default();
    let text = match (after.written, after.listed) {
        (_, Some(true)) => format!("The backup of {at} is on the card, and the device lists it."),
        (Some(true), Some(false)) => format!(
            "The device says that the backup of {at} was made, but does not list it, so it could not be restored \
             from this card as it is. Keep this card, insert another one, and run `bitbox-backup device create`. \
             Why it is not listed: put this card into a card reader, and run `bitbox-backup list CARD`."
        ),
        (Some(true), None) => format!(
            "The device says that the backup of {at} was made. Whether it lists it could not be asked: {why}. {next}"
        ),
        (Some(false), None) if after.not_asked.is_some() => {
            format!("No new backup was made. The card could not be asked for: {why}. {next}")
        }
        (Some(false), _) => "No new backup is listed on the card.".to_owned(),
        (None, Some(false)) if after.old_listed != Some(false) => {
            "No new backup is listed on the card. Whether one is there that it does not list is not known.".to_owned()
        }
        (None, Some(false)) => {
            "It is not known whether the new backup is on the card: the device lists neither it nor the old one."
                .to_owned()
        }
        (None, None) => format!(
            "It is not known what is on the card now: the device could not be asked, because {why}. {next}"
        ),
    };
    let style = match (after.written, after.listed) {
        (_, Some(true)) => GOOD,
        (Some(true), None) => WARN,
        _ => BAD,
    };
    (style, text)
}

/// Why the device could not be asked, and what to do next as a sentence.
fn unasked(why: Unasked) -> (&'static str, String) {
    let (why, next) = why.words();
    let mut next = format!("{next}.");
    if let Some(first) = next.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    (why, next)
}

/// What it means that the device contradicts itself.
fn contradicts(contradiction: Contradiction) -> &'static str {
    match contradiction {
        Contradiction::NotValid => {
            "The BitBox contradicts itself: it lists the new backup, but its check finds no valid backup of this wallet on \
             the card. Do not rely on this backup: put the card into a card reader, and run `bitbox-backup list CARD`."
        }
        Contradiction::OtherId => {
            "The BitBox contradicts itself: the new backup has another ID than its wallet had before. Do not trust this \
             connection or this backup: put the card into a card reader, and run `bitbox-backup list CARD`."
        }
    }
}

/// What became of the backup before.
fn about_old(after: &Created) -> Option<String> {
    let old = after.old.as_ref()?;
    let made = local(old.timestamp);
    if after.listed == Some(true) {
        return None;
    }
    Some(match after.old_listed {
        Some(true) => format!("The one of {made} is still there, valid and listed."),
        Some(false) => format!(
            "The one of {made} is not listed any more: an interrupted re-creation leaves old and new files \
             side by side, and the BitBox shows neither. The wallet is still in the BitBox: insert another card, and run \
             `bitbox-backup device create`. Keep this card: `bitbox-backup recover` finds what is left on it in a \
             card reader."
        ),
        None => format!("Whether the one of {made} is still listed could not be asked either."),
    })
}
