//! What is said and asked before the device is asked for a backup.

use std::time::Duration;

use super::super::card::{self, Seen};
use super::super::{Connected, confirmed, say};
use super::Args;
use super::clock::{self, Clock};
use crate::exit::Refused;
use crate::render::text::device as render;

/// Refuses a card on which no backup could be listed afterwards, before anybody types a password.
pub(super) fn usable(before: &Seen) -> anyhow::Result<()> {
    let Err(code) = before.listed else {
        if before.hides_own() {
            return Err(Refused::error(
                "no backup was made: this card holds a valid backup of this wallet that the BitBox does not list",
                "it would not list a new one either; insert another card and run this again\n\
                 keep this card: `bitbox-backup list CARD`, with the card in a card reader, says why it is not listed",
            ));
        }
        return Ok(());
    };
    if !before.inserted {
        return Err(card::missing());
    }
    Err(Refused::error(
        &format!(
            "no backup was made: the BitBox cannot read this card (error {})",
            code.number()
        ),
        "nothing was changed on it, and it may hold backups that can be recovered: put it into a card reader, and run \
         `bitbox-backup list CARD`\n\
         why the BitBox does not accept it: `bitbox-backup inspect --preflight CARD`",
    ))
}

/// Says what a new backup does to one that is there, and asks.
pub(super) fn asked_before(args: &Args, before: &Seen) -> anyhow::Result<()> {
    let now = Clock::now().map_err(|error| clock::advised(&error))?;
    let listed = before.listed.as_ref().into_iter().flatten();
    let newest = listed.map(|backup| backup.timestamp).max();
    let declined = || {
        Refused::error(
            "no backup was made",
            "nothing was changed on the card; run this again and type yes",
        )
    };
    if let Some(newest) = newest.filter(|newest| *newest > now.timestamp) {
        let question = format!(
            "The card has a backup from {}, which is after what this computer takes for the current time ({}). \
             Make a backup with this date?",
            render::local(newest),
            render::local(now.timestamp)
        );
        if !confirmed(args.ask.connection.yes, "", &question)? {
            return Err(declined());
        }
    }
    let (text, question) = what_it_does(before);
    say(&text);
    if confirmed(args.ask.connection.yes, "", question)? {
        Ok(())
    } else {
        Err(declined())
    }
}

/// What a new backup does to what is on the card, as far as the device sees it, and the question after that.
fn what_it_does(before: &Seen) -> (String, &'static str) {
    if let Some(old) = before.of_own().next() {
        let text = format!(
            "The card already has a valid backup of this wallet, from {}. The device writes the new one \
             first and then erases the old one. If the power is cut in between, it may show neither, though \
             the files are still there: `bitbox-backup recover` finds them. A second card is safer.",
            render::local(old.timestamp)
        );
        return (text, "Replace it?");
    }
    let is_empty = before.listed.as_ref().is_ok_and(Vec::is_empty);
    let text = if is_empty {
        "The BitBox lists no backup on this card. If anything was ever saved on it, stop: a damaged, hidden, or deleted \
         backup may be there, and the new one may overwrite what is left of it. Put the card into a card reader first, \
         and run `bitbox-backup list CARD`."
    } else {
        "The BitBox lists no backup of this wallet on this card. A damaged, hidden, or deleted backup may be there too, \
         and the new one may overwrite what is left of it: `bitbox-backup list CARD` shows it, with the card in a card \
         reader."
    };
    (text.to_owned(), "Make a backup on this card?")
}

/// Now, but in no second in which a backup on the card was made: the device refuses another one in the same
/// (docs/format.md 4-e), and by its time the new one is told from the old.
pub(super) fn fresh(before: &Seen) -> anyhow::Result<Clock> {
    loop {
        let clock = Clock::now().map_err(|error| clock::advised(&error))?;
        if before.made_at(clock.timestamp).is_none() {
            return Ok(clock);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// What the device is going to ask, in its order.
pub(super) fn questions(connected: &Connected) -> String {
    let today = render::today();
    let mut steps = vec![format!("\"Is today?\" Confirm if it shows {today}.")];
    if connected.session.info().version >= bitbox_backup::device::DeviceVersion([9, 26, 3]) {
        steps.push("\"Create backup?\" Hold to confirm.".to_owned());
    }
    steps.push("If it asks for a microSD card, insert it.".to_owned());
    if connected.report.initialized {
        steps.push(
            "Enter the device's password. A wrong one ends this and uses up one of ten attempts; the tenth erases the device."
                .to_owned(),
        );
    }
    steps.push(
        "Wait for \"Backup created\", and leave the card and the cable where they are.".to_owned(),
    );
    let steps = steps.iter().enumerate();
    let steps: Vec<_> = steps
        .map(|(number, step)| format!("  {}. {step}", number + 1))
        .collect();
    format!(
        "The BitBox asks now, on its own screen:\n{}",
        steps.join("\n")
    )
}
