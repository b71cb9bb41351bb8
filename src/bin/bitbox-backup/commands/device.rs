//! `device`: what "Manage backups" of the BitBox's app does, through the device.

pub(super) mod advice;
pub(crate) mod card;
pub(crate) mod check;
mod connect;
pub(crate) mod create;
mod info;
mod list;
mod unpair;
pub(crate) mod verify;

use std::io::Write;

use serde::Serialize;
use serde_json::{Map, Value, json};

use bitbox_backup::device::Notice;
use bitbox_backup::report::SCHEMA;

use crate::args::{self, Global};
use crate::exit::{Exit, Outcome};
use crate::terminal::Terminal;

use super::{agreed, no_terminal};

pub(crate) use connect::{Cable, Connected, DeviceReport, connect, open, talk};

/// What is said at the first Ctrl-C while a device is waited for.
const STOPPING: &str = "stopping: the device is not asked any more, so it drops the request; press again to end at once";

pub(crate) fn run(args: &args::Device, global: &Global) -> anyhow::Result<Exit> {
    match args {
        args::Device::Info(ask) => info::run(ask, global),
        args::Device::List(ask) => list::run(ask, global),
        args::Device::Check(ask) => check::run(ask, global),
        args::Device::Create(create) => create::run(create, global),
        args::Device::Unpair(unpair) => unpair::run(unpair),
    }
}

/// Says what happens, or what has to be done; not on standard output, which has the answer alone.
pub(super) fn say(global: &Global, text: &str) {
    if !global.quiet {
        // Nobody may be listening: that does not keep the device from its work.
        let _ = crate::render::device::note(&mut anstream::stderr(), text);
    }
}

/// What the library has to say while it waits.
fn notice(notice: Notice) {
    let text = match notice {
        Notice::Busy => {
            "The BitBox is busy: finish or cancel what is on its screen, and close other programs that use it."
        }
        Notice::Cleared => "Another program left half a message in the BitBox; it was cleared.",
        _ => return,
    };
    let _ = crate::render::device::note(&mut anstream::stderr(), text);
}

/// Asks whether to go on, on the terminal alone.
fn confirmed(yes: bool, question: &str) -> anyhow::Result<bool> {
    if yes {
        return Ok(true);
    }
    let terminal = Terminal::open().ok_or_else(|| {
        no_terminal(
            &format!("\"{question}\""),
            "run the program on a terminal, or say --yes",
        )
    })?;
    agreed(&terminal, question)
}

/// Prints the answer of a command that did its work: these fields behind the head every answer has.
fn answer(command: &str, fields: Value) -> anyhow::Result<()> {
    answer_with(command, &Outcome::DONE, fields)
}

/// The same, with what kept it from its work.
fn answer_with(command: &str, outcome: &Outcome, fields: Value) -> anyhow::Result<()> {
    #[derive(Serialize)]
    struct Answer<'a> {
        schema: &'a str,
        command: String,
        #[serde(flatten)]
        outcome: &'a Outcome,
        #[serde(flatten)]
        fields: Map<String, Value>,
    }
    let Value::Object(fields) = fields else {
        anyhow::bail!("an answer has fields");
    };
    let answer = Answer {
        schema: SCHEMA,
        command: format!("device {command}"),
        outcome,
        fields,
    };
    let mut out = crate::output::stdout();
    writeln!(out, "{}", serde_json::to_string(&answer)?)?;
    out.flush()?;
    Ok(())
}

/// A backup of the device in JSON; its texts are escaped.
fn backup_json(backup: &bitbox_backup::device::ListedBackup) -> Value {
    json!({
        "id": bitbox_backup::text::escape(&backup.id),
        "timestamp": backup.timestamp,
        "name": bitbox_backup::text::escape(&backup.name),
    })
}
