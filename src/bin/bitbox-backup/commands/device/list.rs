//! `device list`: the backups on the card in the device.

use std::io::Write;

use crate::answers::Answer;
use crate::answers::device::{BackupAnswer, Listed};
use crate::args::{Ask, Global};
use crate::evidence;
use crate::exit::Exit;
use crate::render::json;
use crate::render::text::device as render;

use super::{card, connect, hints};

pub(super) fn run(args: &Ask, global: &Global) -> anyhow::Result<Exit> {
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
    if args.json {
        json::print(&Answer::done("device list", listed))?;
    } else {
        let mut out = crate::output::stdout();
        backups.iter().for_each(card::learn);
        render::list(&mut out, &connected.report, &backups, global)?;
        out.flush()?;
    }
    Ok(Exit::Done)
}
