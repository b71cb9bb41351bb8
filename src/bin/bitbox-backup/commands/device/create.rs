//! `device create`: a backup on the card in the device, and what is true afterwards.

mod after;
mod before;

use std::path::{Path, PathBuf};

use super::card::{self, Seen};
use super::connect::only;
use super::{hints, instruct, talk, verify};
use crate::answers::Outcome;
use crate::answers::device::Created;
use crate::args::{Ask, Global, Unpacking};
use crate::commands::answer;
use crate::exit::{self, Exit};
use crate::render::text::device as render;
use crate::terminal::Unanswered;
use crate::{evidence, privacy, sandbox};
use after::{look, why};
use before::{Clock, asked_before, fresh, questions, usable};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) ask: Ask,
    /// Afterwards read the card in this card reader (or an image or folder) and compare it with the device's answer
    ///
    /// The source is opened before the device is asked anything, so that a typo costs nothing.
    #[arg(long, value_name = "SOURCE")]
    pub(crate) verify: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) unpacking: Unpacking,
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    Clock::now()?;
    // Connected before a card is read, so that nothing more can be connected while one is.
    let to = &args.ask.connection;
    let cable = only(to, global)?;
    if let Some(source) = &args.verify {
        verify::check(source, args.unpacking.limits(), to.yes)?;
    }
    let mut connected = talk(cable, to)?;
    let session = &mut connected.session;
    if !card::wanted(session, to)? {
        return Err(card::missing());
    }
    let before = Seen::ask(session).map_err(|error| hints::of(&error))?;
    usable(&before)?;
    asked_before(args, &before)?;
    instruct(&questions(&connected));
    let clock = fresh(&before)?;
    if args.ask.json {
        exit::may_be_cut_writing("device create");
    }
    let session = &mut connected.session;
    let made = session.create_backup(clock.timestamp, clock.offset);
    let mut after = look(&mut connected, &before, clock.timestamp, &made, global);
    // The device is not needed any more: a card is read without a cable to it, and without its keys.
    drop(connected);
    if let (Some(source), Some(true)) = (&args.verify, after.written) {
        sandbox::reading(global);
        read_back(args, source, &mut after);
    }
    let shown = made.as_ref().err().map(|error| why(error, &after));
    let exit = match &made {
        Ok(()) if after.is_interrupted => Exit::Interrupted,
        Ok(()) => {
            let verified = args.verify.is_none() || after.verified == Some(true);
            match after.listed == Some(true) && after.contradiction.is_none() && verified {
                true => Exit::Done,
                false => Exit::Attention,
            }
        }
        Err(error) if error.is_stopped() => Exit::Interrupted,
        // What the device answered is an answer; without one the work could not be done.
        Err(error) if error.api().is_some() => Exit::Attention,
        Err(_) => Exit::Impossible,
    };
    evidence::result(serde_json::to_value(&after)?);
    let of_error = |error| Outcome::of(exit.into(), error);
    let outcome = shown.as_ref().map_or(Outcome::DONE, of_error);
    answer("device create", args.ask.json, outcome, &after, |out| {
        privacy::learn(&after);
        Ok(render::created(out, &after)?)
    })?;
    if let Some(error) = &shown {
        exit::failed(error);
    }
    Ok(exit)
}

/// Compares the card in a reader with what the device says. Whatever goes wrong with that, the backup was
/// made, and that has to be said.
fn read_back(args: &Args, source: &Path, after: &mut Created) {
    let (limits, yes) = (args.unpacking.limits(), args.ask.connection.yes);
    match verify::verify(source, limits, after, yes) {
        Ok(differences) => {
            after.verified = Some(differences.is_empty());
            after.differences = Some(differences);
        }
        Err(error) => {
            after.is_interrupted = matches!(error.downcast_ref(), Some(Unanswered::Interrupted));
            after.not_verified = Some(format!("{error:#}"));
        }
    }
}
