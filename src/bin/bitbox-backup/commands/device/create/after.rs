//! What is true after a backup was asked for, whatever the device answered.

use bitbox_backup::device::{ApiCode, Error, ListedBackup};
use bitbox_backup::text::escape;

use super::super::card::Seen;
use super::super::{Connected, hints, say};
use crate::answers::device::{BackupAnswer, Contradiction, Created, Unasked};
use crate::args::Global;

/// Asks the device what is true now, whatever it answered.
pub(super) fn look(
    connected: &mut Connected,
    before: &Seen,
    timestamp: u32,
    made: &Result<(), Error>,
    global: &Global,
) -> Created {
    let error = made.as_ref().err();
    let mut after = Created {
        device: connected.report.clone(),
        written: said_written(made),
        id: before.own.as_ref().ok().map(|id| escape(id)),
        timestamp,
        name: Some(connected.report.name.clone()),
        listed: None,
        not_asked: None,
        verified: None,
        differences: None,
        not_verified: None,
        reason: error.map(reason),
        code: error.and_then(Error::api).map(|code| code.0),
        old: before.of_own().next().map(BackupAnswer::of),
        old_listed: None,
        contradiction: None,
        has_traces: false,
        is_interrupted: false,
    };
    let mut seen = match made {
        Err(error) if error.api().is_none() => None,
        _ => Some(Seen::ask(&mut connected.session)),
    };
    if let Some(Err(error)) = &seen
        && error.is_stopped()
    {
        after.is_interrupted = true;
        seen = None;
    }
    // Both sides may have counted differently.
    match seen.unwrap_or_else(|| ask_again(connected, global)) {
        Ok(seen) => take(&mut after, before, &seen),
        Err(error) => {
            let is_gone = hints::is_gone(&error) || made.as_ref().is_err_and(hints::is_gone);
            after.not_asked = Some(match () {
                () if made.is_ok() && hints::vanished_at_the_card(&error) => {
                    Unasked::DeviceVanished
                }
                () if is_gone => Unasked::DeviceGone,
                () => Unasked::NoAnswer,
            });
        }
    }
    after
}

/// Takes over what the device sees now.
fn take(after: &mut Created, before: &Seen, seen: &Seen) {
    after.not_asked = seen.unasked();
    let new = seen.made_at(after.timestamp);
    if let Some(new) = new {
        after.id = Some(escape(&new.id));
        after.name = Some(escape(&new.name));
        after.contradiction = contradiction(before, seen, new);
        let contradicts = after.contradiction.map(|one| match one {
            Contradiction::NotValid => "not-valid",
            Contradiction::OtherId => "differs",
        });
        after.reason = after.reason.or(contradicts);
    } else if let Ok(id) = &seen.own {
        after.id = Some(escape(id));
    }
    let Ok(listed) = &seen.listed else {
        return;
    };
    after.listed = Some(new.is_some());
    after.old_listed = before.of_own().next().map(|old| listed.contains(old));
    // Old and new files side by side hide both; a valid backup that is not listed was not there before.
    let is_hidden = before.own.is_err() && seen.own.is_ok();
    after.has_traces = new.is_none() && (after.old_listed == Some(false) || is_hidden);
    after.written = match after.written {
        _ if new.is_some() => Some(true),
        Some(false) if after.has_traces => None,
        // Beside a new one the old one would not be listed any more.
        None if after.old_listed == Some(true) => Some(false),
        said => said,
    };
}

/// What to do after an error, where something is known of the card; the same as the answer says.
fn next(after: &Created, error: &Error) -> Option<&'static str> {
    if let Some(why) = after.not_asked {
        return Some(why.words().1);
    }
    Some(match error.api() {
        _ if after.listed == Some(true) => {
            "the new backup is listed: run `bitbox-backup device check`"
        }
        _ if after.has_traces => {
            "keep this card: files of the new backup may be on it; insert another card, and run \
             `bitbox-backup device create`"
        }
        Some(ApiCode::GENERIC) => {
            "was the password wrong? Then one of ten attempts is used up, and the tenth erases the device; \
             if it was right, put the card into a card reader, and run `bitbox-backup list CARD`"
        }
        _ if after.written.is_none() => {
            "keep this card: the new backup may be on it; put it into a card reader, and run \
             `bitbox-backup list CARD`"
        }
        _ => return None,
    })
}

/// Why no backup was made, in a word.
fn reason(error: &Error) -> &'static str {
    match error.api() {
        Some(ApiCode::USER_ABORT) => "aborted",
        Some(ApiCode::INVALID_STATE) => "no-wallet",
        Some(_) => "refused",
        None if error.is_stopped() => "interrupted",
        None => "connection",
    }
}

/// In what the device contradicts itself about a new backup that it lists.
fn contradiction(before: &Seen, seen: &Seen, new: &ListedBackup) -> Option<Contradiction> {
    match (&before.own, &seen.own) {
        (_, Err(_)) => Some(Contradiction::NotValid),
        (Ok(id), _) if *id != new.id => Some(Contradiction::OtherId),
        _ => None,
    }
}

/// Asks the device after an exchange that broke off.
fn ask_again(connected: &mut Connected, global: &Global) -> Result<Seen, Error> {
    if !global.quiet {
        say("Asking the BitBox what is on the card now.");
    }
    connected.session.again(&connected.keys)?;
    Seen::ask(&mut connected.session)
}

/// What the device's own answer tells of whether the backup was written; `None` if nothing.
fn said_written(made: &Result<(), Error>) -> Option<bool> {
    match made {
        Ok(()) => Some(true),
        // These come before anything is written.
        Err(error) => match error.api()? {
            ApiCode::USER_ABORT | ApiCode::INVALID_INPUT | ApiCode::INVALID_STATE => Some(false),
            _ => None,
        },
    }
}

/// Why no backup was made, with what fits what is known now.
pub(super) fn why(error: &Error, after: &Created) -> anyhow::Error {
    match next(after, error) {
        Some(next) if !error.is_stopped() => anyhow::anyhow!("{error}\n{next}"),
        _ => hints::of(error),
    }
}
