//! `device unpair`: forgets the pairing on this computer.

use std::io::Write;

use bitbox_backup::device::Keys;

use crate::answers::Answer;
use crate::answers::device::Unpaired;
use crate::exit::{Exit, Refused};
use crate::render::json;

use super::{confirmed, hints};

const QUESTION: &str =
    "This computer forgets every BitBox it was paired with, and its own key. Continue?";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Skip the confirmation prompt
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if !confirmed(args.yes, "", QUESTION)? {
        return Err(Refused::error(
            "nothing was forgotten",
            "run this again and type yes",
        ));
    }
    let forgotten = Keys::forget_all().map_err(|error| hints::keys(&error))?;
    if args.json {
        json::print(&Answer::done("device unpair", Unpaired { forgotten }))?;
    } else {
        let mut out = crate::output::stdout();
        let devices = bitbox_backup::text::plural(forgotten, "device", "devices");
        writeln!(
            out,
            "{devices} and this computer's own key are forgotten: next time a code has to be compared."
        )?;
    }
    Ok(Exit::Done)
}
