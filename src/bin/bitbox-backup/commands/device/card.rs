//! The card in the device, as the device sees it.

use anyhow::anyhow;
use bitbox_backup::device::{ApiCode, Error, ListedBackup, Session};

use super::hints;
use crate::answers::device::{BackupAnswer, Unasked};
use crate::args::Connection;
use crate::commands::agreed;
use crate::privacy;
use crate::terminal::Terminal;

const INSERT: &str = "There is no microSD card in the BitBox. Insert it.";

pub(super) struct Seen {
    /// What it lists, or why it lists nothing.
    pub(super) listed: Result<Vec<ListedBackup>, ApiCode>,
    /// The id of its wallet's valid backup, or why there is none.
    pub(super) own: Result<String, ApiCode>,
    pub(super) inserted: bool,
}

impl Seen {
    /// Asks, with nothing on its screen.
    pub(super) fn ask(session: &mut Session) -> Result<Self, Error> {
        let listed = answered(session.list_backups())?;
        let known = listed.iter().flatten().map(BackupAnswer::of);
        known.for_each(|backup| privacy::learn(&backup));
        let own = answered(session.check_backup())?;
        // One error stands for every trouble with a card, also for none.
        let inserted = listed.is_ok() || session.has_card()?;
        Ok(Self {
            listed,
            own,
            inserted,
        })
    }

    /// Why nothing is listed, if nothing could be.
    pub(super) fn unasked(&self) -> Option<Unasked> {
        match self.listed {
            Ok(_) => None,
            Err(_) if self.inserted => Some(Unasked::CardUnreadable),
            Err(_) => Some(Unasked::NoCard),
        }
    }

    /// Whether the device finds a valid backup of its wallet, and does not list it.
    pub(super) fn hides_own(&self) -> bool {
        self.own.is_ok() && self.listed.is_ok() && self.of_own().next().is_none()
    }

    /// The backups of its own wallet that it lists.
    pub(super) fn of_own(&self) -> impl Iterator<Item = &ListedBackup> {
        let own = self.own.as_ref().ok();
        let listed = self.listed.as_ref().into_iter().flatten();
        listed.filter(move |backup| own.is_some_and(|id| *id == backup.id))
    }

    /// The one of its own wallet, or any other if `id` is not known, made at that time.
    pub(super) fn made_at(&self, timestamp: u32) -> Option<&ListedBackup> {
        let listed = self.listed.as_ref().into_iter().flatten();
        let mut fits = listed.filter(|backup| backup.timestamp == timestamp);
        match &self.own {
            Ok(id) => fits.find(|backup| backup.id == *id),
            Err(_) => fits.next(),
        }
    }
}

/// Tells what the device answers from what keeps it from answering.
fn answered<T>(result: Result<T, Error>) -> Result<Result<T, ApiCode>, Error> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) => match error.api() {
            Some(code) => Ok(Err(code)),
            None => Err(error),
        },
    }
}

/// Whether a card is in the device, after somebody was asked for it where that is possible.
pub(super) fn wanted(session: &mut Session, to: &Connection) -> anyhow::Result<bool> {
    loop {
        if session.has_card().map_err(|error| hints::of(&error))? {
            return Ok(true);
        }
        match Terminal::open().filter(|_| !to.yes) {
            Some(terminal) if agreed(&terminal, INSERT)? => {}
            _ => return Ok(false),
        }
    }
}

pub(super) fn missing() -> anyhow::Error {
    anyhow!(
        "there is no microSD card in the BitBox\ninsert the card with the backups, and run this again"
    )
}
