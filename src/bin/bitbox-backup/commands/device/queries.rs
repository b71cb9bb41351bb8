//! `device info`, `list`, `check`, and `unpair`: what is asked of a device, or forgotten of it, and changes no card.

use std::io::Write;

use bitbox_backup::device::{ApiCode, Keys, Session};
use bitbox_backup::text::{escape, plural};

use super::card::{self, Seen};
use super::{connect, hints, say};
use crate::answers::Outcome;
use crate::answers::device::{BackupAnswer, CardFault, CheckedCard, Info, Listed, Unpaired};
use crate::args::{Ask, Global};
use crate::commands::{answer, confirmed};
use crate::exit::{Exit, Refused};
use crate::render::text::device as render;
use crate::{evidence, privacy};

/// `device info`: which device it is.
pub(super) fn info(args: &Ask, global: &Global) -> anyhow::Result<Exit> {
    let connected = connect(&args.connection, global)?;
    let device = &connected.report;
    let info = Info { device };
    evidence::result(serde_json::to_value(&info)?);
    answer("device info", args.json, Outcome::DONE, &info, |out| {
        Ok(render::info(out, device)?)
    })?;
    Ok(Exit::Done)
}

/// `device list`: the backups on the card in the device.
pub(super) fn list(args: &Ask, global: &Global) -> anyhow::Result<Exit> {
    let mut connected = connect(&args.connection, global)?;
    let session = &mut connected.session;
    if !card::wanted(session, &args.connection)? {
        return Err(card::missing());
    }
    let backups = match session.list_backups() {
        Ok(backups) => backups,
        // One error stands for every trouble with a card, also for one that was just taken out.
        Err(error) if error.api().is_some() && !session.has_card().unwrap_or(true) => {
            return Err(card::missing());
        }
        Err(error) => return Err(hints::of(&error)),
    };
    let listed = Listed {
        device: &connected.report,
        backups: backups.iter().map(BackupAnswer::of).collect(),
    };
    evidence::result(serde_json::to_value(&listed)?);
    answer("device list", args.json, Outcome::DONE, &listed, |out| {
        listed.backups.iter().for_each(privacy::learn);
        Ok(render::list(out, &connected.report, &backups, global)?)
    })?;
    Ok(Exit::Done)
}

/// `device check`: whether the card in the device holds a valid backup of its wallet.
pub(super) fn check(args: &Ask, global: &Global) -> anyhow::Result<Exit> {
    let mut connected = connect(&args.connection, global)?;
    let (reason, id) = checked(&mut connected.session, args)?;
    let checked = CheckedCard {
        device: &connected.report,
        id: id.as_deref(),
        matches: matches!(
            reason,
            None | Some(CardFault::NotListed | CardFault::ListFails)
        ),
        reason,
    };
    evidence::result(serde_json::to_value(&checked)?);
    answer("device check", args.json, Outcome::DONE, &checked, |out| {
        Ok(render::check(out, &checked)?)
    })?;
    Ok(match reason {
        None => Exit::Done,
        Some(_) => Exit::Attention,
    })
}

/// Why the card is not as it should be, and the ID of the wallet's backup if the device finds one.
fn checked(
    session: &mut Session,
    args: &Ask,
) -> anyhow::Result<(Option<CardFault>, Option<String>)> {
    if !card::wanted(session, &args.connection)? {
        return Ok((Some(CardFault::NoCard), None));
    }
    let seen = Seen::ask(session).map_err(|error| hints::of(&error))?;
    let id = match &seen.own {
        Ok(id) => id.clone(),
        Err(code) => return Ok((Some(no_backup(*code, &seen)), None)),
    };
    let name = seen.of_own().next().map(|backup| backup.name.as_str());
    say(&on_both_screens(&id, name));
    let fault = match session.check_backup_on_screen() {
        // Whoever confirmed there compared with what is shown here; only what is listed can be restored there.
        Ok(shown) if shown == id => match &seen.listed {
            Err(_) => Some(CardFault::ListFails),
            Ok(_) => seen.hides_own().then_some(CardFault::NotListed),
        },
        Ok(_) => Some(CardFault::Differs),
        Err(error) => Some(match error.api() {
            Some(ApiCode::USER_ABORT) => CardFault::Aborted,
            // It was valid a moment ago.
            Some(ApiCode::GENERIC) => CardFault::CardUnreadable,
            Some(code) => no_backup(code, &seen),
            None => return Err(hints::of(&error)),
        }),
    };
    Ok((fault, Some(id)))
}

fn on_both_screens(id: &str, name: Option<&str>) -> String {
    if privacy::is_on() {
        return "The card holds a valid backup of this wallet. The BitBox shows its name and ID now. --redact hides them \
                here: confirm on the BitBox, and run this without --redact to compare them."
            .to_owned();
    }
    let name = name.map_or_else(String::new, |name| format!("\n  name  {}", escape(name)));
    format!(
        "The card holds a valid backup of this wallet. The BitBox shows its name and ID now: compare, and \
         confirm there if they are the same.{name}\n  ID    {}",
        render::grouped(id)
    )
}

/// Why the device finds no backup of its wallet.
fn no_backup(code: ApiCode, seen: &Seen) -> CardFault {
    match (code, &seen.listed) {
        (ApiCode::INVALID_INPUT, _) => CardFault::NoCard,
        (ApiCode::INVALID_STATE, _) => CardFault::NoWallet,
        (_, Err(_)) if !seen.inserted => CardFault::NoCard,
        (_, Err(_)) => CardFault::CardUnreadable,
        (_, Ok(listed)) if listed.is_empty() => CardFault::NoBackup,
        (_, Ok(_)) => CardFault::OtherWalletsOnly,
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Unpair {
    /// Skip the confirmation prompt
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `device unpair`: forgets the pairing on this computer.
pub(super) fn unpair(args: &Unpair) -> anyhow::Result<Exit> {
    let question =
        "This computer forgets every BitBox it was paired with, and its own key. Continue?";
    if !confirmed(args.yes, "", question)? {
        return Err(Refused::error(
            "nothing was forgotten",
            "run this again and type yes",
        ));
    }
    let forgotten = Keys::forget_all().map_err(|error| hints::keys(&error))?;
    let (json, own) = (args.json, Unpaired { forgotten });
    answer("device unpair", json, Outcome::DONE, &own, |out| {
        let devices = plural(forgotten, "device", "devices");
        Ok(writeln!(
            out,
            "{devices} and this computer's own key are forgotten: next time a code has to be compared."
        )?)
    })?;
    Ok(Exit::Done)
}
