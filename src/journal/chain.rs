//! The chain of lines, followed from the first to the last.

use std::io::{self, BufRead, Read};

use serde::Deserialize;

use super::Hash;
use super::entry::start_of;

/// Most bytes of a line, its line feed not counted.
pub const MAX_LINE: usize = 8 << 20;

/// A line of that length and its line feed.
const READ_AT_MOST: u64 = MAX_LINE as u64 + 1;

/// Most torn lines that are told one by one: what a log can make us remember is bounded, and no
/// machine loses its power that often.
const MAX_TORN: usize = 10_000;

/// What an unbroken log is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// How many lines it has, torn ones counted.
    pub lines: u64,
    /// The numbers of the lines that were cut while they were written.
    pub torn: Vec<u64>,
    /// The hash of the last line: what to write down.
    pub head: Hash,
    /// How many lines stand behind the head that was given; nothing proves those. `None` if no
    /// head was given.
    pub behind: Option<u64>,
    /// The time in the first whole line, in RFC 3339 UTC.
    pub first: Option<String>,
    /// The time in the last whole line.
    pub last: Option<String>,
}

/// Why a log is not what it should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The chain is broken.
    #[error("line {line} {flaw}")]
    Broken {
        /// The first line that does not fit.
        line: u64,
        /// What is wrong with it.
        #[source]
        flaw: LineFlaw,
        /// How many lines the given head still proves; `None` if it was not met.
        proved: Option<u64>,
    },
    /// The log is consistent in itself, but no line has the hash that was given.
    #[error("no line has the hash that was given as head")]
    OtherHead {
        /// What the log is in itself.
        found: Box<Verified>,
    },
    /// It cannot be read to its end.
    #[error("line {line} cannot be read: {cause}")]
    Unreadable {
        /// The line that was being read.
        line: u64,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineFlaw {
    /// It is no JSON of our form, nor the beginning of the line that belongs there.
    #[error("is no line of a log")]
    Form,
    /// It begins like the line that belongs there, and the next one does not say that it was torn.
    #[error("is not whole, and the next line does not say that it was torn")]
    Cut,
    /// It carries the number of another line.
    #[error("says that it is line {found}")]
    Number {
        /// The number it carries.
        found: u64,
    },
    /// It does not carry the hash of the line before it.
    #[error("does not carry the hash of the line before it: one of the two was changed")]
    Previous,
    /// It is longer than any line we write.
    #[error("is longer than {} MiB", MAX_LINE >> 20)]
    TooLong,
    /// More lines are torn than power cuts explain.
    #[error("is one torn line too many: there are more than {MAX_TORN}")]
    TooManyTorn,
}

/// Proves that a log is unbroken, and, with a head written down earlier, that every line up to it is
/// as it was then. Reads line by line, and shows nothing of what a line says.
///
/// # Errors
/// [`VerifyError`]; for a broken log the first line that does not fit.
pub fn verify(reader: impl BufRead, head: Option<Hash>) -> Result<Verified, VerifyError> {
    let mut met = head.filter(|head| *head == Hash::NONE).map(|_| 0);
    let chain = HashChain::follow(reader, |chain| {
        if head == Some(chain.found.head) {
            met = Some(chain.found.lines);
        }
    });
    let chain = chain.map_err(|error| match error {
        VerifyError::Broken { line, flaw, .. } => VerifyError::Broken {
            line,
            flaw,
            proved: met,
        },
        error => error,
    })?;
    let mut found = chain.found;
    found.behind = met.map(|met| found.lines.saturating_sub(met));
    if head.is_some() && met.is_none() {
        let found = Box::new(found);
        return Err(VerifyError::OtherHead { found });
    }
    Ok(found)
}

/// Where the chain stands after the lines read so far.
#[derive(Debug)]
pub(super) struct HashChain {
    pub(super) found: Verified,
    /// Whether the last line has its line feed; true where there is none.
    pub(super) ended: bool,
    /// The first of the lines at the end that are torn: the next whole line has to say so.
    unsaid: Option<u64>,
}

impl Default for HashChain {
    fn default() -> Self {
        Self {
            found: Verified::default(),
            ended: true,
            unsaid: None,
        }
    }
}

/// What of a line makes the chain. Later versions may add fields, so unknown ones are passed over.
#[derive(Deserialize)]
struct Link {
    line: u64,
    previous: String,
    #[serde(default)]
    after_torn_line: bool,
    time: String,
}

impl HashChain {
    /// Follows the chain to its end, calling `at_line` behind each line.
    pub(super) fn follow(
        mut reader: impl BufRead,
        mut at_line: impl FnMut(&Self),
    ) -> Result<Self, VerifyError> {
        let mut chain = Self::default();
        let mut raw = Vec::new();
        loop {
            let line = chain.found.lines.saturating_add(1);
            raw.clear();
            let read = reader
                .by_ref()
                .take(READ_AT_MOST)
                .read_until(b'\n', &mut raw);
            read.map_err(|cause| VerifyError::Unreadable { line, cause })?;
            if raw.is_empty() {
                return Ok(chain);
            }
            let ended = raw.pop_if(|byte| *byte == b'\n').is_some();
            if raw.len() > MAX_LINE {
                return Err(broken(line, LineFlaw::TooLong));
            }
            chain.add(line, &raw, ended)?;
            chain.found.lines = line;
            chain.found.head = Hash::of(&raw);
            chain.ended = ended;
            at_line(&chain);
        }
    }

    /// Whether the line to be written next has to say that it comes after a torn one.
    pub(super) fn is_torn(&self) -> bool {
        self.unsaid.is_some() || !self.ended
    }

    /// Takes the line that was written into the chain.
    pub(super) fn wrote(&mut self, line: &[u8]) {
        self.found.lines = self.found.lines.saturating_add(1);
        self.found.head = Hash::of(line);
        self.unsaid = None;
        self.ended = true;
    }

    /// Holds a line against the chain.
    fn add(&mut self, number: u64, raw: &[u8], ended: bool) -> Result<(), VerifyError> {
        let Some(link) = Link::of(raw) else {
            if !is_start(raw, &start_of(number, self.found.head)) {
                return Err(self.cut().unwrap_or(broken(number, LineFlaw::Form)));
            }
            self.unsaid.get_or_insert(number);
            return self.is_torn_at(number);
        };
        if link.after_torn_line {
            let before = number.checked_sub(1).filter(|before| *before > 0);
            self.is_torn_at(before.ok_or(broken(number, LineFlaw::Form))?)?;
            self.unsaid = None;
        }
        if let Some(stop) = self.cut() {
            return Err(stop);
        }
        if link.line != number {
            let found = link.line;
            return Err(broken(number, LineFlaw::Number { found }));
        }
        if link.previous != self.found.head.to_string() {
            return Err(broken(number, LineFlaw::Previous));
        }
        self.found.first.get_or_insert_with(|| link.time.clone());
        self.found.last = Some(link.time);
        // It may be whole, yet it is not said that nothing of it is missing.
        match ended {
            true => Ok(()),
            false => self.is_torn_at(number),
        }
    }

    /// A torn line that nothing behind it speaks of.
    fn cut(&self) -> Option<VerifyError> {
        self.unsaid.map(|line| broken(line, LineFlaw::Cut))
    }

    fn is_torn_at(&mut self, number: u64) -> Result<(), VerifyError> {
        let torn = &mut self.found.torn;
        if torn.last() == Some(&number) {
            return Ok(());
        }
        if torn.len() == MAX_TORN {
            return Err(broken(number, LineFlaw::TooManyTorn));
        }
        torn.push(number);
        Ok(())
    }
}

fn broken(line: u64, flaw: LineFlaw) -> VerifyError {
    VerifyError::Broken {
        line,
        flaw,
        proved: None,
    }
}

impl Link {
    fn of(raw: &[u8]) -> Option<Self> {
        let mut link: Self = serde_json::from_str(std::str::from_utf8(raw).ok()?).ok()?;
        // As we would write it: the only text of a line that is ever shown.
        let time: jiff::Timestamp = link.time.parse().ok()?;
        link.time = time.to_string();
        Some(link)
    }
}

/// Whether a line is one that a power cut left of the line that starts so: as far as it goes the
/// same. A file system may have filled up what it lost with zeros.
fn is_start(raw: &[u8], start: &str) -> bool {
    let zeros = raw.iter().rev().take_while(|byte| **byte == 0).count();
    let left = raw.len().saturating_sub(zeros);
    let mut both = raw.iter().take(left).zip(start.bytes());
    left > 0 && both.all(|(a, b)| *a == b)
}

#[cfg(test)]
mod tests;
