//! What is true after a backup was asked for, whatever the device answered.

use bitbox_backup::device::{ApiCode, Error, ListedBackup};

use super::super::card::{Seen, Unasked};
use super::super::verify::Verified;
use super::super::{Connected, hints, say};
use crate::args::Global;

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
    /// In what the device contradicts itself.
    pub(crate) contradiction: Option<Contradiction>,
    /// Whether there are traces of a new backup that the device does not list.
    traces: bool,
    /// Somebody wanted the program to end after the backup was made.
    pub(super) interrupted: bool,
}

/// In what a device contradicts itself that lists the new backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contradiction {
    /// Its check finds no valid backup of its wallet.
    NotValid,
    /// Its wallet had another ID before.
    OtherId,
}

/// Asks the device what is true now, whatever it answered.
pub(super) fn look(
    connected: &mut Connected,
    before: &Seen,
    timestamp: u32,
    made: &Result<(), Error>,
    global: &Global,
) -> After {
    let mut after = After {
        id: before.own.as_ref().ok().cloned(),
        name: Some(connected.report.name.clone()),
        old: before.of_own().next().cloned(),
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
    match seen.unwrap_or_else(|| ask_again(connected, global)) {
        Ok(seen) => after.take(before, &seen, timestamp),
        Err(error) => {
            let is_gone = hints::is_gone(&error) || made.as_ref().is_err_and(hints::is_gone);
            after.unasked = Some(match () {
                () if made.is_ok() && hints::vanished_at_the_card(&error) => Unasked::Vanished,
                () if is_gone => Unasked::Gone,
                () => Unasked::NoAnswer,
            });
        }
    }
    after
}

impl After {
    /// Takes over what the device sees now.
    fn take(&mut self, before: &Seen, seen: &Seen, timestamp: u32) {
        self.unasked = seen.unasked();
        let new = seen.made_at(timestamp);
        if let Some(new) = new {
            self.id = Some(new.id.clone());
            self.name = Some(new.name.clone());
            self.contradiction = contradiction(before, seen, new);
        } else if let Ok(id) = &seen.own {
            self.id = Some(id.clone());
        }
        let Ok(listed) = &seen.listed else {
            return;
        };
        self.listed = Some(new.is_some());
        self.old_listed = self.old.as_ref().map(|old| listed.contains(old));
        // Old and new files side by side hide both; a valid backup that is not listed was not there before.
        let is_hidden = before.own.is_err() && seen.own.is_ok();
        self.traces = new.is_none() && (self.old_listed == Some(false) || is_hidden);
        self.written = match self.written {
            _ if new.is_some() => Some(true),
            Some(false) if self.traces => None,
            // Beside a new one the old one would not be listed any more.
            None if self.old_listed == Some(true) => Some(false),
            said => said,
        };
    }

    /// What to do after an error, where something is known of the card; the same as the answer says.
    fn next(&self, error: &Error) -> Option<&'static str> {
        let is_generic = error.api() == Some(ApiCode::Generic);
        match self {
            Self {
                unasked: Some(why), ..
            } => Some(why.next()),
            Self {
                listed: Some(true), ..
            } => Some("the new backup is listed: run `bitbox-backup device check`"),
            Self { traces: true, .. } => Some(
                "keep this card: files of the new backup may be on it; insert another card, and run \
                 `bitbox-backup device create`",
            ),
            _ if is_generic => Some(
                "was the password wrong? Then one of ten attempts is used up, and the tenth erases the device; \
                 if it was right, put the card into a card reader, and run `bitbox-backup list CARD`",
            ),
            Self { written: None, .. } => Some(
                "keep this card: the new backup may be on it; put it into a card reader, and run \
                 `bitbox-backup list CARD`",
            ),
            _ => None,
        }
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
            ApiCode::UserAbort | ApiCode::InvalidInput | ApiCode::InvalidState => Some(false),
            _ => None,
        },
    }
}

/// Why no backup was made, with what fits what is known now.
pub(super) fn why(error: &Error, after: &After) -> anyhow::Error {
    match after.next(error) {
        Some(next) if !error.is_stopped() => anyhow::anyhow!("{error}\n{next}"),
        _ => hints::of(error),
    }
}
