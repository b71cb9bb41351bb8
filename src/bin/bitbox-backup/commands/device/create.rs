//! `device create`: a backup on the card in the device, and what is true afterwards.

mod answer;
mod clock;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::anyhow;
use bitbox_backup::device::{ApiCode, Error, ListedBackup};

use crate::answers::device::DeviceReport;
use crate::answers::{Answer, Outcome};
use crate::args::{Ask, Global, Unpacking};
use crate::exit::{self, Exit, Refused};
use crate::fence;
use crate::privacy;
use crate::render::json;
use crate::render::text::device as render;
use crate::terminal::Unanswered;

use super::card::{Seen, Unasked};
use super::connect::only;
use super::verify::{self, Verified};
use super::{Connected, card, confirmed, hints, say, talk};
use answer::created;
use clock::Clock;

/// What is true after all. `None` is what the device could not be asked.
#[derive(Debug, Default)]
pub(crate) struct After {
    /// Whether the new backup is on the card.
    pub(crate) written: Option<bool>,
    /// Whether the device lists it.
    pub(crate) listed: Option<bool>,
    /// The new one, as the device lists it, or as far as it is known.
    pub(crate) id: Option<String>,
    /// Its name.
    pub(crate) name: Option<String>,
    /// The one before, if there was one.
    pub(crate) old: Option<ListedBackup>,
    /// Whether the device still lists that.
    pub(crate) old_listed: Option<bool>,
    /// Why it could not be asked.
    pub(crate) unasked: Option<Unasked>,
    /// What the card in a reader says.
    pub(crate) verified: Option<Verified>,
    /// Somebody wanted the program to end after the backup was made.
    interrupted: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) ask: Ask,
    /// Afterwards read the card in this card reader (or an image or folder) and compare it with the device's answer
    ///
    /// The source is opened before the device is asked anything, so that a typo costs nothing.
    #[arg(long, value_name = "SOURCE")]
    pub(crate) verify: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) unpacking: Unpacking,
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    Clock::now().map_err(|error| clock::advised(&error))?;
    // Connected before a card is read, so that nothing more can be connected while one is.
    let cable = only(&args.ask.connection, global)?;
    if let Some(source) = &args.verify {
        verify::check(source, args.unpacking.limits(), args.ask.connection.yes)?;
    }
    let mut connected = talk(cable, &args.ask.connection, global)?;
    let session = &mut connected.session;
    if !card::wanted(session, &args.ask.connection)? {
        return Err(card::missing());
    }
    let before = Seen::ask(session).map_err(|error| hints::of(&error))?;
    usable(&before)?;
    asked_before(args, &before, global)?;
    say(global, &questions(&connected));
    let clock = fresh(&before)?;
    let session = &mut connected.session;
    let made = session.create_backup(clock.timestamp, clock.offset);
    let mut after = look(&mut connected, &before, clock.timestamp, &made, global);
    // The device is not needed any more: a card is read without a cable to it, and without its keys.
    let report = connected.hang_up();
    if let (Some(source), Some(true)) = (&args.verify, after.written) {
        fence::reading(global);
        read_back(args, source, &mut after, clock.timestamp);
    }
    tell(args, &report, &after, clock.timestamp, made.as_ref().err())
}

/// Refuses a card on which no backup could be listed afterwards, before anybody types a password.
fn usable(before: &Seen) -> anyhow::Result<()> {
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
fn asked_before(args: &Args, before: &Seen, global: &Global) -> anyhow::Result<()> {
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
    let Some(old) = before.of_own().next() else {
        return Ok(());
    };
    say(
        global,
        &format!(
            "The card already has a valid backup of this wallet, from {}. The device writes the new one \
             first and then erases the old one. If the power is cut in between, it may show neither, though \
             the files are still there: `bitbox-backup recover` finds them. A second card is safer.",
            render::local(old.timestamp)
        ),
    );
    if confirmed(args.ask.connection.yes, "", "Replace it?")? {
        Ok(())
    } else {
        Err(declined())
    }
}

/// Now, but in no second in which a backup on the card was made: the device refuses another one in the same
/// (docs/format.md 4-e), and by its time the new one is told from the old.
fn fresh(before: &Seen) -> anyhow::Result<Clock> {
    loop {
        let clock = Clock::now().map_err(|error| clock::advised(&error))?;
        if before.made_at(clock.timestamp).is_none() {
            return Ok(clock);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// What the device is going to ask, in its order.
fn questions(connected: &Connected) -> String {
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

/// Asks the device what is true now, whatever it answered.
fn look(
    connected: &mut Connected,
    before: &Seen,
    timestamp: u32,
    made: &Result<(), Error>,
    global: &Global,
) -> After {
    let old = before.of_own().next().cloned();
    let mut after = After {
        id: before.own.as_ref().ok().cloned(),
        name: Some(connected.report.name.clone()),
        old,
        written: said_written(made),
        ..After::default()
    };
    let mut seen = match made {
        Err(error) if error.api().is_none() => None,
        _ => Some(Seen::ask(&mut connected.session)),
    };
    if let Some(Err(error)) = &seen
        && error.is_stopped()
    {
        after.interrupted = true;
        seen = None;
    }
    // Both sides may have counted differently.
    let seen = seen.map_or_else(|| ask_again(connected, global), Some);
    let seen = match seen {
        Some(Ok(seen)) => seen,
        Some(Err(error)) if made.is_ok() && hints::vanished_at_the_card(&error) => {
            after.unasked = Some(Unasked::Vanished);
            return after;
        }
        Some(Err(_)) | None => {
            after.unasked = Some(Unasked::Gone);
            return after;
        }
    };
    after.unasked = seen.unasked();
    let new = seen.made_at(timestamp);
    if let Some(new) = new {
        after.id = Some(new.id.clone());
        after.name = Some(new.name.clone());
    } else if let Ok(id) = &seen.own {
        after.id = Some(id.clone());
    }
    if let Ok(listed) = &seen.listed {
        after.listed = Some(new.is_some());
        after.old_listed = after.old.as_ref().map(|old| listed.contains(old));
        after.written = match (new, after.written) {
            (Some(_), _) => Some(true),
            // Old and new files side by side: the device lists neither, whatever was written.
            (None, None) if after.old_listed == Some(false) => None,
            (None, None) => Some(false),
            (None, said) => said,
        };
    }
    after
}

/// Asks the device after an exchange that broke off; `None` if it does not answer any more.
fn ask_again(connected: &mut Connected, global: &Global) -> Option<Result<Seen, Error>> {
    say(global, "Asking the BitBox what is on the card now.");
    connected.session.again(&connected.keys).ok()?;
    Some(Seen::ask(&mut connected.session))
}

/// What the device's own answer tells of whether the backup was written; `None` if nothing.
fn said_written(made: &Result<(), Error>) -> Option<bool> {
    match made {
        Ok(()) => Some(true),
        // These come before anything is written.
        Err(error) => match error.api()? {
            ApiCode::UserAbort | ApiCode::InvalidInput | ApiCode::InvalidState => Some(false),
            _ => None,
        },
    }
}

/// Compares the card in a reader with what the device says. Whatever goes wrong with that, the backup was
/// made, and that has to be said.
fn read_back(args: &Args, source: &Path, after: &mut After, timestamp: u32) {
    let expected = verify::Expected {
        id: after.id.as_deref(),
        timestamp,
        name: after.name.as_deref().unwrap_or_default(),
    };
    let verified = verify::verify(
        source,
        args.unpacking.limits(),
        &expected,
        args.ask.connection.yes,
    );
    after.verified = Some(verified.unwrap_or_else(|error| {
        after.interrupted = matches!(error.downcast_ref(), Some(Unanswered::Interrupted));
        Verified::Unread(format!("{error:#}"))
    }));
}

/// Prints what is true, and why where something failed.
fn tell(
    args: &Args,
    device: &DeviceReport,
    after: &After,
    timestamp: u32,
    error: Option<&Error>,
) -> anyhow::Result<Exit> {
    let shown = error.map(|error| why(error, after));
    let exit = match error {
        None if after.interrupted => Exit::Interrupted,
        None => {
            let verified = after.verified.as_ref();
            let verified = verified.is_none_or(|one| one.agrees() == Some(true));
            if after.listed == Some(true) && verified {
                Exit::Done
            } else {
                Exit::Attention
            }
        }
        Some(error) if error.is_stopped() => Exit::Interrupted,
        // What the device answered is an answer; without one the work could not be done.
        Some(error) if error.api().is_some() => Exit::Attention,
        Some(_) => Exit::Impossible,
    };
    if args.ask.json {
        let outcome = shown
            .as_ref()
            .map_or(Outcome::DONE, |error| Outcome::of(exit.into(), error));
        let created = created(device, after, timestamp, error);
        json::print(&Answer::of("device create", outcome, created))?;
    } else {
        let mut out = crate::output::stdout();
        privacy::learn(&created(device, after, timestamp, error));
        render::created(&mut out, device, after, timestamp)?;
        out.flush()?;
    }
    if let Some(error) = &shown {
        exit::failed(error);
    }
    Ok(exit)
}

/// Why no backup was made, with what fits what is known now.
fn why(error: &Error, after: &After) -> anyhow::Error {
    if error.api() != Some(ApiCode::Generic) {
        return hints::of(error);
    }
    let hint = match after {
        After {
            unasked: Some(Unasked::NoCard),
            ..
        } => "the card was taken out: insert the same card, and run `bitbox-backup device check`",
        After {
            unasked: Some(_), ..
        } => {
            "keep this card: put it into a card reader, and run `bitbox-backup list CARD`; \
             make the backup on another card"
        }
        After { written: None, .. } => {
            "keep this card: writing was interrupted; insert another card, and run `bitbox-backup device create`"
        }
        _ => {
            "was the password wrong? Then one of ten attempts is used up, and the tenth erases the device; \
             if it was right, put the card into a card reader, and run `bitbox-backup list CARD`"
        }
    };
    anyhow!("{error}\n{hint}")
}
