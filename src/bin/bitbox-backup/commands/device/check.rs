//! `device check`: whether the card in the device holds a valid backup of its wallet.

use std::io::Write;

use bitbox_backup::device::{ApiCode, Session};

use crate::answers::Answer;
use crate::answers::device::CheckedCard;
use crate::args::{Ask, Global};
use crate::evidence;
use crate::exit::Exit;
use crate::privacy;
use crate::render::json;
use crate::render::text::device as render;

use super::{card, connect, hints, say};

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The card holds a valid backup of this wallet.
    Matches,
    /// It holds one, and the device does not list it, so it cannot be chosen when restoring.
    Unlisted,
    /// The same, and the device can list nothing on this card.
    ListFails,
    /// There is no card.
    NoCard,
    /// The device cannot read the card.
    Unreadable,
    /// It lists nothing on it.
    NoBackup,
    /// It lists backups of other wallets only.
    Others,
    /// Somebody cancelled on the device.
    Aborted,
    /// The device gave another id the second time.
    Differs,
    /// The device holds no wallet that was ever backed up.
    NoWallet,
}

impl Verdict {
    /// Whether the device finds a valid backup of its wallet.
    pub(crate) fn matches(self) -> bool {
        matches!(self, Self::Matches | Self::Unlisted | Self::ListFails)
    }

    /// Its name in JSON; `None` if all is well.
    pub(crate) fn reason(self) -> Option<&'static str> {
        match self {
            Self::Matches => None,
            Self::Unlisted => Some("not-listed"),
            Self::ListFails => Some("list-fails"),
            Self::NoCard => Some("no-card"),
            Self::Unreadable => Some("card-unreadable"),
            Self::NoBackup => Some("no-backup"),
            Self::Others => Some("other-wallets-only"),
            Self::Aborted => Some("aborted"),
            Self::Differs => Some("differs"),
            Self::NoWallet => Some("no-wallet"),
        }
    }
}

pub(super) fn run(args: &Ask, global: &Global) -> anyhow::Result<Exit> {
    let mut connected = connect(&args.connection, global)?;
    let (verdict, id) = check(&mut connected.session, args)?;
    let checked = CheckedCard {
        device: &connected.report,
        id: id.as_deref(),
        matches: verdict.matches(),
        reason: verdict.reason(),
    };
    evidence::result(serde_json::to_value(&checked)?);
    if args.json {
        json::print(&Answer::done("device check", checked))?;
    } else {
        let mut out = crate::output::stdout();
        render::check(&mut out, &connected.report, verdict, id.as_deref())?;
        out.flush()?;
    }
    Ok(if verdict == Verdict::Matches {
        Exit::Done
    } else {
        Exit::Attention
    })
}

fn check(session: &mut Session, args: &Ask) -> anyhow::Result<(Verdict, Option<String>)> {
    if !card::wanted(session, &args.connection)? {
        return Ok((Verdict::NoCard, None));
    }
    let seen = card::Seen::ask(session).map_err(|error| hints::of(&error))?;
    let id = match &seen.own {
        Ok(id) => id.clone(),
        Err(code) => return Ok((why(*code, &seen), None)),
    };
    let name = seen.of_own().next().map(|backup| backup.name.clone());
    say(&on_both_screens(&id, name.as_deref()));
    match session.check_backup_on_screen() {
        // Whoever confirmed there compared with what is shown here.
        Ok(shown) if shown == id => Ok((found(&seen), Some(id))),
        Ok(_) => Ok((Verdict::Differs, Some(id))),
        Err(error) => match error.api() {
            Some(ApiCode::UserAbort) => Ok((Verdict::Aborted, Some(id))),
            // It was valid a moment ago.
            Some(ApiCode::Generic) => Ok((Verdict::Unreadable, Some(id))),
            Some(code) => Ok((why(code, &seen), Some(id))),
            None => Err(hints::of(&error)),
        },
    }
}

/// What a valid backup is worth: only what the device lists can be chosen there to be restored.
fn found(seen: &card::Seen) -> Verdict {
    match &seen.listed {
        Err(_) => Verdict::ListFails,
        Ok(_) if seen.hides_own() => Verdict::Unlisted,
        Ok(_) => Verdict::Matches,
    }
}

/// What a person compares.
fn on_both_screens(id: &str, name: Option<&str>) -> String {
    if privacy::is_on() {
        return "The card holds a valid backup of this wallet. The BitBox shows its name and ID now. --redact hides them \
                here: confirm on the BitBox, and run this without --redact to compare them."
            .to_owned();
    }
    let name = match name {
        Some(name) => format!("\n  name  {}", bitbox_backup::text::escape(name)),
        None => String::new(),
    };
    format!(
        "The card holds a valid backup of this wallet. The BitBox shows its name and ID now: compare, and \
         confirm there if they are the same.{name}\n  ID    {}",
        render::grouped(id)
    )
}

/// Why the device finds no backup of its wallet.
fn why(code: ApiCode, seen: &card::Seen) -> Verdict {
    match (code, &seen.listed) {
        (ApiCode::InvalidInput, _) => Verdict::NoCard,
        (ApiCode::InvalidState, _) => Verdict::NoWallet,
        (_, Err(_)) if !seen.inserted => Verdict::NoCard,
        (_, Err(_)) => Verdict::Unreadable,
        (_, Ok(listed)) if listed.is_empty() => Verdict::NoBackup,
        (_, Ok(_)) => Verdict::Others,
    }
}
