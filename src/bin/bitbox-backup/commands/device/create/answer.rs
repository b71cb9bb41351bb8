//! What is true afterwards, as an answer.

use bitbox_backup::device::{ApiCode, Error};
use bitbox_backup::text::escape;

use super::super::card::Unasked;
use super::super::verify::Verified;
use super::{After, Contradiction};
use crate::answers::device::{BackupAnswer, Created, DeviceReport};

/// What is true of the new backup, and why it failed if it did.
pub(super) fn created<'a>(
    device: &'a DeviceReport,
    after: &'a After,
    timestamp: u32,
    error: Option<&Error>,
) -> Created<'a> {
    let escaped = |text: &Option<String>| text.as_deref().map(escape);
    let (differences, not_verified) = match &after.verified {
        None => (None, None),
        Some(Verified::Agrees) => (Some(&[][..]), None),
        Some(Verified::Differs(differences)) => (Some(&**differences), None),
        Some(Verified::Unread(why)) => (None, Some(escape(why))),
    };
    Created {
        device,
        written: after.written,
        id: escaped(&after.id),
        timestamp,
        name: escaped(&after.name),
        listed: after.listed,
        not_asked: after.unasked.map(not_asked),
        verified: after.verified.as_ref().and_then(Verified::agrees),
        differences,
        not_verified,
        reason: error.map(reason).or(after.contradiction.map(contradicts)),
        code: error.and_then(Error::api).map(ApiCode::number),
        old: after.old.as_ref().map(BackupAnswer::of),
        old_listed: after.old_listed,
    }
}

/// Why the device could not be asked, in a word.
fn not_asked(why: Unasked) -> &'static str {
    match why {
        Unasked::Gone => "device-gone",
        Unasked::NoAnswer => "no-answer",
        Unasked::Vanished => "device-vanished",
        Unasked::NoCard => "no-card",
        Unasked::Unreadable => "card-unreadable",
    }
}

/// In what the device contradicts itself, in a word.
fn contradicts(contradiction: Contradiction) -> &'static str {
    match contradiction {
        Contradiction::NotValid => "not-valid",
        Contradiction::OtherId => "differs",
    }
}

/// Why it failed, in a word.
fn reason(error: &Error) -> &'static str {
    match error.api() {
        Some(ApiCode::UserAbort) => "aborted",
        Some(ApiCode::InvalidState) => "no-wallet",
        Some(_) => "refused",
        None if error.is_stopped() => "interrupted",
        None => "connection",
    }
}
