//! `device create`: a backup on the card in the device, and what is true afterwards.

mod after;
mod answer;
mod before;
mod clock;

use std::io::Write;
use std::path::{Path, PathBuf};

use bitbox_backup::device::Error;

use crate::answers::device::DeviceReport;
use crate::answers::{Answer, Outcome};
use crate::args::{Ask, Global, Unpacking};
use crate::evidence;
use crate::exit::{self, Exit};
use crate::privacy;
use crate::render::json;
use crate::render::text::device as render;
use crate::sandbox;
use crate::terminal::Unanswered;

use super::card::Seen;
use super::connect::only;
use super::verify::{self, Verified};
use super::{card, hints, instruct, talk};
use after::{look, why};
use answer::created;
use before::{asked_before, fresh, questions, usable};
use clock::Clock;

pub(crate) use after::{After, Contradiction};

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
    Clock::now().map_err(|error| clock::advised(&error))?;
    // Connected before a card is read, so that nothing more can be connected while one is.
    let cable = only(&args.ask.connection, global)?;
    if let Some(source) = &args.verify {
        verify::check(source, args.unpacking.limits(), args.ask.connection.yes)?;
    }
    let mut connected = talk(cable, &args.ask.connection)?;
    let session = &mut connected.session;
    if !card::wanted(session, &args.ask.connection)? {
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
    let report = connected.hang_up();
    if let (Some(source), Some(true)) = (&args.verify, after.written) {
        sandbox::reading(global);
        read_back(args, source, &mut after, clock.timestamp);
    }
    tell(args, &report, &after, clock.timestamp, made.as_ref().err())
}

/// Compares the card in a reader with what the device says. Whatever goes wrong with that, the backup was
/// made, and that has to be said.
fn read_back(args: &Args, source: &Path, after: &mut After, timestamp: u32) {
    let expected = verify::Expected {
        id: after.id.as_deref(),
        timestamp,
        name: after.name.as_deref().unwrap_or_default(),
    };
    let verified = verify::verify(
        source,
        args.unpacking.limits(),
        &expected,
        args.ask.connection.yes,
    );
    after.verified = Some(verified.unwrap_or_else(|error| {
        after.interrupted = matches!(error.downcast_ref(), Some(Unanswered::Interrupted));
        Verified::Unread(format!("{error:#}"))
    }));
}

/// Prints what is true, and why where something failed.
fn tell(
    args: &Args,
    device: &DeviceReport,
    after: &After,
    timestamp: u32,
    error: Option<&Error>,
) -> anyhow::Result<Exit> {
    let shown = error.map(|error| why(error, after));
    let exit = match error {
        None if after.interrupted => Exit::Interrupted,
        None => {
            let verified = after.verified.as_ref();
            let verified = verified.is_none_or(|one| one.agrees() == Some(true));
            if after.listed == Some(true) && after.contradiction.is_none() && verified {
                Exit::Done
            } else {
                Exit::Attention
            }
        }
        Some(error) if error.is_stopped() => Exit::Interrupted,
        // What the device answered is an answer; without one the work could not be done.
        Some(error) if error.api().is_some() => Exit::Attention,
        Some(_) => Exit::Impossible,
    };
    let created = created(device, after, timestamp, error);
    evidence::result(serde_json::to_value(&created)?);
    if args.ask.json {
        let outcome = shown
            .as_ref()
            .map_or(Outcome::DONE, |error| Outcome::of(exit.into(), error));
        json::print(&Answer::of("device create", outcome, created))?;
    } else {
        let mut out = crate::output::stdout();
        privacy::learn(&created);
        render::created(&mut out, device, after, timestamp)?;
        out.flush()?;
    }
    if let Some(error) = &shown {
        exit::failed(error);
    }
    Ok(exit)
}
