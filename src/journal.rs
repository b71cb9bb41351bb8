//! The evidence log: a file that is only ever added to, each line carrying the hash of the one before.
//!
//! A line is a JSON object ended by a line feed. Its `line` is its number, its `previous` the
//! SHA-256 of the line before, line feed included, and zeros in the first line. The hash of the
//! last line is the **head**; a person writes it down, away from the machine.
//!
//! # What it proves
//!
//! With a head written down, [`verify`] proves that every line up to the one with that hash is as it
//! was on that day: not changed, none taken out, put in or moved. SHA-256 has no known collisions,
//! so nobody can make another log with that head.
//!
//! # What it does not prove
//!
//! Without a head it proves only that the log is consistent in itself: whoever can write the file
//! can write a whole new one. The same holds for all lines behind the last head that was written
//! down, which can be forged or cut off. Nor does the chain prove that a line was true when it was
//! written, or that its time was: the clock is the machine's.
//!
//! # Power cuts
//!
//! A line is written by one call and brought to the disk before the next is begun. One that was cut
//! all the same is not removed, for it is evidence too: the next run ends it with a line feed, goes
//! on with the chain over its bytes as they are, and says so in its first line by
//! `"after_torn_line":true`. A torn line is, as far as it goes, the line that belongs there, and is
//! the last or followed by a line that says so; any other that is not whole breaks the chain.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod chain;
mod entry;
mod error;
mod hash;

use std::fs::{File, TryLockError};
use std::io::{self, BufReader, Write};
use std::path::Path;

pub use chain::{LineFlaw, MAX_LINE, Verified, VerifyError, verify};
pub use entry::{Event, LogEntry, LoggedEnd, RunPlace, SourceHashes, SourceIdentity};
pub use error::JournalError;
pub use hash::{Hash, NoHash};

use crate::files::{Sources, open_log};
use chain::HashChain;

/// A log open for adding lines, locked against other runs until it is dropped.
#[derive(Debug)]
pub struct Journal {
    file: File,
    chain: HashChain,
    /// A write failed: nobody knows what of it is in the file.
    stopped: bool,
}

impl Journal {
    /// Opens a log, or makes a new one that only its owner can read, and verifies all of it.
    ///
    /// # Errors
    /// [`JournalError`]: links are not followed, only regular files are taken, a second run does not
    /// wait for the first, and nothing is added to a source, to a broken chain or to a file that is no
    /// log.
    pub fn open(path: &Path, sources: &Sources) -> Result<Self, JournalError> {
        let file = open_log(path, sources)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::Locked),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(JournalError::refused("locked")(error)),
        }
        let chain = HashChain::follow(BufReader::new(&file), |_| {});
        let chain = chain.map_err(JournalError::Broken)?;
        Ok(Self {
            file,
            chain,
            stopped: false,
        })
    }

    /// The hash of the last line, to be written down; [`Hash::NONE`] while there is no line.
    pub fn head(&self) -> Hash {
        self.chain.found.head
    }

    /// Adds a line, and returns once it is on the disk. Answers the new head.
    ///
    /// # Errors
    /// [`JournalError`]. After a failed write no more lines are taken: reopened, the log deals
    /// with what was left of it.
    pub fn append(&mut self, entry: &LogEntry) -> Result<Hash, JournalError> {
        if self.stopped {
            return Err(JournalError::Stopped);
        }
        let number = self.chain.found.lines.saturating_add(1);
        let line = entry::line_of(entry, number, self.head(), self.chain.is_torn());
        let line = line.map_err(|error| JournalError::refused("written")(error.into()))?;
        if line.len() > MAX_LINE {
            let length = line.len();
            return Err(JournalError::TooLong { length });
        }
        // One call, the end of a torn line included, so that a cut leaves one torn line at most.
        let end = if self.chain.ended { "" } else { "\n" };
        let written = [end.as_bytes(), &line, b"\n"].concat();
        self.stopped = true;
        self.file
            .write_all(&written)
            .and_then(|()| self.file.sync_data())
            .map_err(JournalError::refused("written"))?;
        self.stopped = false;
        self.chain.wrote(&line);
        Ok(self.head())
    }
}

#[cfg(test)]
mod tests;
