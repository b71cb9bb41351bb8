//! `device create`: a backup on the card in the device, and what is true afterwards.

mod clock;

use std::io::Write;
use std::path::Path;

use anyhow::anyhow;
use bitbox_backup::device::{Backup, Error, ExchangeError};
use serde_json::{Value, json};

use crate::args::{Create, Global};
use crate::exit::{self, Exit, Refused};
use crate::render::device as render;

use super::card::Seen;
use super::verify::{self, Verified};
use super::{Connected, advice, answer, card, confirmed, connect, say};
use clock::Clock;

/// What the card is like after all.
#[derive(Debug, Default)]
pub(crate) struct After {
    /// Whether the new backup is on the card; `None` if the device could not be asked.
    pub(crate) written: Option<bool>,
    /// Whether the device lists it.
    pub(crate) listed: bool,
    /// The new one, as the device lists it, or as far as it is known.
    pub(crate) id: Option<String>,
    /// Its name.
    pub(crate) name: Option<String>,
    /// The one before, if there was one.
    pub(crate) old: Option<Backup>,
    /// Whether the device still lists that.
    pub(crate) old_listed: bool,
    /// The other witness.
    pub(crate) verified: Option<Verified>,
}

pub(super) fn run(args: &Create, global: &Global) -> anyhow::Result<Exit> {
    Clock::now().map_err(|error| clock::advised(&error))?;
    let mut connected = connect(&args.connection, global)?;
    let session = &mut connected.session;
    if !card::wanted(session, &args.connection)? {
        return Err(card::missing());
    }
    let before = Seen::ask(session).map_err(|error| advice::of(&error))?;
    asked_before(args, &before, global)?;
    if args.verify.is_some() {
        verify::can_ask(args.connection.yes)?;
    }
    say(global, &questions(&connected));
    let clock = Clock::now().map_err(|error| clock::advised(&error))?;
    let session = &mut connected.session;
    let made = session.create_backup(clock.timestamp, clock.offset);
    let mut after = look(&mut connected, &before, clock.timestamp, &made, global);
    if let (Some(source), Some(true)) = (&args.verify, after.written) {
        after.verified = Some(second_witness(args, source, &after, clock.timestamp)?);
    }
    tell(
        args,
        &connected,
        &after,
        clock.timestamp,
        made.as_ref().err(),
    )
}

/// Says what making it anew does to a backup that is there, and asks.
fn asked_before(args: &Create, before: &Seen, global: &Global) -> anyhow::Result<()> {
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
            "The card has a backup from {}, which is after what this computer takes for now ({}). \
             Make a backup with this date?",
            render::local(newest),
            render::local(now.timestamp)
        );
        if !confirmed(args.connection.yes, &question)? {
            return Err(declined());
        }
    }
    let Some(old) = before.of_own().next() else {
        if before.listed.is_err() {
            say(
                global,
                "The device cannot list what is on this card. It may be empty, or formatted in a way the device does not read.",
            );
        }
        return Ok(());
    };
    say(
        global,
        &format!(
            "The card already has a valid backup of this wallet, from {}. The device writes the new one \
             first and then erases the old one. If the power is cut in between, it may show neither, though \
             the files are still there: then make the backup once more, or use `bitbox-backup recover`.",
            render::local(old.timestamp)
        ),
    );
    if confirmed(args.connection.yes, "Replace it?")? {
        Ok(())
    } else {
        Err(declined())
    }
}

/// What the device is going to ask, in its order.
fn questions(connected: &Connected) -> String {
    let today = render::today();
    let mut steps = vec![format!("\"Is today?\" Confirm if it shows {today}.")];
    if connected.session.info().version >= bitbox_backup::device::Version([9, 26, 3]) {
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
        ..After::default()
    };
    let out_of_step = matches!(made, Err(error) if error.api().is_none());
    if out_of_step {
        say(global, "Asking the BitBox what is on the card now.");
        if connected.session.again(&connected.keys).is_err() {
            return after;
        }
    }
    let Ok(seen) = Seen::ask(&mut connected.session) else {
        return after;
    };
    let new = seen.made_at(timestamp);
    after.listed = new.is_some();
    after.written = Some(after.listed || made.is_ok());
    if let Some(new) = new {
        after.id = Some(new.id.clone());
        after.name = Some(new.name.clone());
    } else if let Ok(id) = &seen.own {
        after.id = Some(id.clone());
    }
    let listed = seen.listed.unwrap_or_default();
    after.old_listed = after.old.as_ref().is_some_and(|old| listed.contains(old));
    after
}

/// Holds the card in a reader against what the device says.
fn second_witness(
    args: &Create,
    source: &Path,
    after: &After,
    timestamp: u32,
) -> anyhow::Result<Verified> {
    let expected = Backup {
        id: after.id.clone().unwrap_or_default(),
        timestamp,
        name: after.name.clone().unwrap_or_default(),
    };
    verify::verify(source, &expected, args.connection.yes)
}

/// Prints what is true, and why where something failed.
fn tell(
    args: &Create,
    connected: &Connected,
    after: &After,
    timestamp: u32,
    error: Option<&Error>,
) -> anyhow::Result<Exit> {
    if args.json {
        answer("create", fields(connected, after, timestamp, error))?;
    } else {
        let mut out = anstream::stdout().lock();
        render::created(&mut out, &connected.report, after, timestamp)?;
        out.flush()?;
    }
    let verified = after.verified.as_ref().is_none_or(|one| one.holds());
    let Some(error) = error else {
        let done = after.listed && verified;
        return Ok(if done { Exit::Done } else { Exit::Attention });
    };
    if error.is_stopped() {
        return Ok(Exit::Interrupted);
    }
    let shown = match error.api() {
        Some(bitbox_backup::device::ApiCode::Generic) => anyhow!(
            "{error}\nwas the password wrong? Then one of ten attempts is used up, and the tenth erases the \
             device; if it was right, look at the card with `bitbox-backup inspect` in a reader, or take a new one"
        ),
        _ => advice::of(error),
    };
    exit::failed(&shown);
    // What the device answered is an answer; without one the work could not be done.
    Ok(match error.api() {
        Some(_) => Exit::Attention,
        None => Exit::Impossible,
    })
}

fn fields(connected: &Connected, after: &After, timestamp: u32, error: Option<&Error>) -> Value {
    let escape = |text: &Option<String>| text.as_deref().map(bitbox_backup::report::escape);
    let verified = after.verified.as_ref();
    json!({
        "device": connected.report,
        "written": after.written,
        "id": escape(&after.id),
        "timestamp": timestamp,
        "name": after.name.as_deref().map(bitbox_backup::report::escape),
        "listed": after.listed,
        "verified": verified.map(Verified::holds),
        "differences": verified.map(|one| &one.differences),
        "reason": error.map(reason),
        "code": error.and_then(Error::api).map(|code| code.number()),
        "old": after.old.as_ref().map(super::backup_json),
        "old_listed": after.old.as_ref().map(|_| after.old_listed),
    })
}

/// Why it failed, in a word.
fn reason(error: &Error) -> &'static str {
    use bitbox_backup::device::ApiCode;
    match error.api() {
        Some(ApiCode::UserAbort) => "aborted",
        Some(ApiCode::InvalidState) => "no-wallet",
        Some(_) => "refused",
        None => match error {
            Error::Exchange {
                error: ExchangeError::Stopped,
                ..
            } => "interrupted",
            _ => "connection",
        },
    }
}
