//! What a person is asked before the device is asked for a backup, and the time that is sent to it.

use std::time::Duration;

use bitbox_backup::device::DeviceVersion;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::card::{self, Seen};
use super::super::{Connected, say};
use super::Args;
use crate::commands::confirmed;
use crate::exit::Refused;
use crate::render::text::device as render;

/// 2025-01-01 UTC: this program is younger.
const EARLIEST: i64 = 1_735_689_600;
const LATEST: i64 = 4_102_444_800;
/// The offsets the device takes (docs/device.md 6.3), in seconds.
const WESTMOST: i32 = -12 * 3600;
const EASTMOST: i32 = 14 * 3600;

/// What this computer takes for now, as it is sent to the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    /// Seconds since 1970 UTC.
    pub(super) timestamp: u32,
    /// Seconds east of UTC.
    pub(super) offset: i32,
}

impl Clock {
    pub(super) fn now() -> anyhow::Result<Self> {
        let now = Timestamp::now();
        Self::judged(now, TimeZone::system().to_offset(now).seconds())
    }

    fn judged(now: Timestamp, offset: i32) -> anyhow::Result<Self> {
        let possible = now.as_second();
        let possible = u32::try_from(possible)
            .ok()
            .filter(|_| (EARLIEST..LATEST).contains(&possible));
        let Some(timestamp) = possible else {
            anyhow::bail!(
                "the clock of this computer is wrong: it shows {now}\n\
                 the date becomes part of the backup: set the clock, and run this again"
            );
        };
        anyhow::ensure!(
            (WESTMOST..=EASTMOST).contains(&offset),
            "the time zone of this computer is wrong: it is {} h from UTC\n\
             the device takes -12 to +14 hours: set the time zone (TZ), and run this again",
            f64::from(offset) / 3600.0
        );
        Ok(Self { timestamp, offset })
    }
}

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
            code.0
        ),
        "nothing was changed on it, and it may hold backups that can be recovered: put it into a card reader, and run \
         `bitbox-backup list CARD`\n\
         why the BitBox does not accept it: `bitbox-backup inspect --preflight CARD`",
    ))
}

/// Says what a new backup does to one that is there, and asks.
pub(super) fn asked_before(args: &Args, before: &Seen) -> anyhow::Result<()> {
    let now = Clock::now()?;
    let confirm = |question: &str| match confirmed(args.ask.connection.yes, "", question)? {
        true => Ok(()),
        false => Err(Refused::error(
            "no backup was made",
            "nothing was changed on the card; run this again and type yes",
        )),
    };
    let listed = before.listed.as_ref().into_iter().flatten();
    let newest = listed.map(|backup| backup.timestamp).max();
    if let Some(newest) = newest.filter(|newest| *newest > now.timestamp) {
        confirm(&format!(
            "The card has a backup from {}, which is after what this computer takes for the current time ({}). \
             Make a backup with this date?",
            render::local(newest),
            render::local(now.timestamp)
        ))?;
    }
    let (text, question) = what_it_does(before);
    say(&text);
    confirm(question)
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
        let clock = Clock::now()?;
        if before.made_at(clock.timestamp).is_none() {
            return Ok(clock);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

pub(super) fn questions(connected: &Connected) -> String {
    let today = render::today();
    let mut steps = vec![format!("\"Is today?\" Confirm if it shows {today}.")];
    if connected.session.info().version >= DeviceVersion([9, 26, 3]) {
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
    let numbered = (1..).zip(steps);
    let numbered = numbered.map(|(number, step)| format!("\n  {number}. {step}"));
    let steps = numbered.collect::<String>();
    format!("The BitBox asks now, on its own screen:{steps}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_refused() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        for wrong in [0, EARLIEST - 1, LATEST, i64::from(u32::MAX)] {
            let error = Clock::judged(at(wrong), 0).unwrap_err().to_string();
            assert!(error.starts_with("the clock of this computer"), "{error}");
        }
        for wrong in [WESTMOST - 1, EASTMOST + 1] {
            let error = Clock::judged(at(EARLIEST), wrong).unwrap_err().to_string();
            assert!(
                error.starts_with("the time zone of this computer"),
                "{error}"
            );
        }
        for offset in [WESTMOST, 0, EASTMOST] {
            let judged = Clock::judged(at(EARLIEST), offset).unwrap();
            let timestamp = EARLIEST as u32;
            assert_eq!(judged, Clock { timestamp, offset });
        }
    }
}
