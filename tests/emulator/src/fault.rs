//! What goes wrong on the cable, on purpose.

use std::time::Duration;

/// One thing that goes wrong at one moment.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The answer it happens to.
    pub when: When,
    /// What happens to it.
    pub what: What,
    /// How many times it may still happen.
    pub times: u32,
}

impl Fault {
    /// Once.
    pub fn once(when: When, what: What) -> Self {
        Self::times(when, what, 1)
    }

    /// So many times in a row, each at the next such moment.
    pub fn times(when: When, what: What, times: u32) -> Self {
        Self { when, what, times }
    }

    /// Every time.
    pub fn always(when: When, what: What) -> Self {
        Self::times(when, what, u32::MAX)
    }
}

/// The answer to which a fault happens.
///
/// The names of requests are those of docs/device.md 5: `list_backups`, `check_sdcard` … For an
/// operation and a request it is the final answer, not a NOTREADY on the way there.
/// [`What::Busy`] and [`What::Nack`] meet a NEW before it is looked into, so for them only
/// [`When::Message`], [`When::Operation`] and [`When::Handshake`] do (encrypted requests are
/// `When::Operation(b'n')`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The n-th message the device ever answers, from 0, whatever it is.
    Message(usize),
    /// To INFO.
    Info,
    /// To an operation: `b'a'`, `b'u'`, `b'h'`, `b'H'`, `b'v'`.
    Operation(u8),
    /// To the first (32 bytes) or the last (64 bytes) of the host's handshake messages.
    Handshake(usize),
    /// To an encrypted request.
    Request(&'static str),
    /// To RETRY while an operation is pending.
    Retry,
}

/// What happens to an answer.
#[derive(Clone, Debug)]
pub enum What {
    /// An error frame in its place: 1 to 7, 0x7F.
    ErrorFrame(u8),
    /// The last bit of its last byte is flipped: a ciphertext that does not decrypt.
    Garble,
    /// A later frame has the wrong sequence number; a single frame comes as a later one.
    WrongSequence,
    /// Its frames bear another channel.
    WrongChannel,
    /// Its first frame has another command.
    WrongCommand,
    /// The first frame claims this length.
    Length(u16),
    /// The message is cut to so many bytes, in frames that say so.
    Short(usize),
    /// The message is filled with zeros to so many bytes, in frames that say so.
    Long(usize),
    /// Another message in its place, HWW status byte included.
    Replace(Vec<u8>),
    /// Another response in its place, encrypted as it should be (only for requests; see
    /// [`wire`](crate::wire) for some).
    Respond(Vec<u8>),
    /// BUSY, and the request is dropped.
    Busy,
    /// NACK, and the request is dropped.
    Nack,
    /// So many frames of a foreign channel before it; `usize::MAX` never ends.
    Flood(usize),
    /// Only so many of its frames come, and nothing after that until the next message.
    Stall(usize),
    /// So many of its frames and so many bytes of the next one come, then the cable is pulled.
    Disconnect {
        /// Whole frames.
        frames: usize,
        /// Bytes after them.
        bytes: usize,
    },
    /// It comes so much later.
    Delay(Duration),
    /// It comes, and the card is taken out.
    TakeCard,
}
