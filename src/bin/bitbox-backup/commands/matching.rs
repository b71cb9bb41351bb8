//! `match`: which cards belong to the connected BitBox02, or to an id shown on another screen.

mod comparison;
mod problem;

use std::io::Write;
use std::path::PathBuf;

use bitbox_backup::backup::Id;
use bitbox_backup::device::{self, Address, ApiCode, Kind};
use bitbox_backup::recover::NotRecoveredReport;
use bitbox_backup::report::{SCHEMA, basis};
use bitbox_backup::text::{escape, rfc3339};
use rayon::prelude::*;
use serde::Serialize;

use super::device::{Cable, Connected, DeviceReport, advice, open, talk};
use super::wallet::held::{Card, Held, Reading, Roots};
use super::{share, sources};
use crate::args::{Connection, Global, Match};
use crate::exit::{Exit, Outcome};
use crate::terminal::Unanswered;
use crate::{fence, interrupt, render};

pub(crate) use comparison::{By, Found, Known, Verdict};
use problem::Ambiguous;
pub(crate) use problem::Problem;

/// What cards are held against: a device, or an id somebody read elsewhere.
#[derive(Debug)]
pub(crate) struct Against {
    /// What it says of itself; `None` of an id.
    pub(crate) report: Option<DeviceReport>,
    pub(crate) known: Known,
    /// Why a device gave no id.
    pub(crate) no_id: Option<NoId>,
}

/// Why a device gave no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoId {
    /// No card is in it.
    NoCard,
    /// The card in it holds no valid backup of its wallet that it can read.
    NoBackup,
    /// It could not be asked.
    NotAsked,
}

/// One backup held against one device or id.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Matched<'a> {
    pub(crate) source: &'a str,
    pub(crate) id: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
    pub(crate) timestamp: Option<u32>,
    pub(crate) created: Option<String>,
    pub(crate) words: Option<u8>,
    pub(crate) fingerprint: Option<&'a str>,
    /// Whether the backup can be brought back; of one that cannot only its folder's name is known.
    pub(crate) proved: bool,
    /// Which of the devices, from 0; `None` of an id.
    pub(crate) device: Option<usize>,
    pub(crate) device_id: Option<String>,
    pub(crate) by: Option<By>,
    pub(crate) result: Verdict,
}

pub(crate) fn run(args: &Match, global: &Global) -> anyhow::Result<Exit> {
    let sources = sources(&args.cards)?;
    // The device first: nobody wants to wait for cards to hear that there is none. And what is connected
    // needs no right to connect, which nothing has while cards are read.
    let (against, mut problems) = match &args.id {
        Some(prefix) => {
            let known = Known::of_id(prefix);
            let (report, no_id) = (None, None);
            let one = Against {
                report,
                known,
                no_id,
            };
            (vec![one], Vec::new())
        }
        None => devices(args, global)?,
    };
    fence::reading(global);
    interrupt::stop(super::STOPPING);
    share(args.cards.threads);
    let Some(mut cards) = read(&sources, args, global) else {
        return Err(Unanswered::Interrupted.into());
    };
    // The roots are wanted for their fingerprints only.
    drop(Roots::of(&mut cards, None));
    let ambiguous = Ambiguous::of(&cards, args.id.as_deref());
    problems.extend(problem::of_ids(&cards, args.id.as_deref(), &ambiguous));
    let matches = compare(&cards, &against, &ambiguous);
    let mut out = std::io::BufWriter::new(crate::output::stdout());
    if args.reading.json {
        let answer = Answer::of(args, &cards, &against, &matches, &problems);
        serde_json::to_writer(&mut out, &answer)?;
        writeln!(out)?;
    } else {
        render::matching::matches(&mut out, &cards, &against, &matches, &problems, global)?;
    }
    out.flush()?;
    let failed = cards.iter().all(|card| card.failed.is_some());
    let belongs = |card: &Card| {
        let mut own = matches.iter().filter(|one| one.source == card.source);
        own.any(|one| one.result.belongs())
    };
    Ok(match () {
        () if failed => Exit::Impossible,
        () if problems.is_empty() && cards.iter().all(belongs) => Exit::Done,
        () => Exit::Attention,
    })
}

fn read(sources: &[PathBuf], args: &Match, global: &Global) -> Option<Vec<Card>> {
    let progress = render::progress(sources.len(), global);
    let reading = Reading {
        options: args.reading.everything(),
        // Of other wallets it is said that they are others; that takes no search.
        prefix: args.id.as_deref().unwrap_or_default(),
        others: true,
        effort: bitbox_backup::recover::Effort::QUICK,
        length: None,
        // It has no --effort to advise.
        speaks: false,
    };
    let read = |source: &PathBuf| {
        let card = (!interrupt::stopped()).then(|| Card::read(source, &reading));
        progress.inc(1);
        card
    };
    let cards: Option<Vec<_>> = sources.par_iter().map(read).collect();
    progress.finish_and_clear();
    cards.filter(|_| !interrupt::stopped())
}

/// Reaches the devices: those named, or all there are on USB.
/// One that cannot be reached does not keep the others from being asked.
fn devices(args: &Match, global: &Global) -> anyhow::Result<(Vec<Against>, Vec<Problem>)> {
    let mut addresses = args.device.clone();
    if addresses.is_empty() {
        let found = device::found().map_err(|error| advice::open(&error))?;
        let firmware = found.into_iter().filter(|one| one.kind == Kind::Firmware);
        addresses = firmware.map(|one| Address::UsbAt(one.path)).collect();
    }
    if addresses.is_empty() {
        // With the words of who looks for one.
        addresses.push(Address::Usb);
    }
    let several = addresses.len() > 1;
    let mut named = Vec::new();
    for address in addresses {
        // Nothing can be opened twice.
        if !named.contains(&address) {
            named.push(address);
        }
    }
    let open = |address: Address| (open(&address, args.remote), address);
    let cables: Vec<_> = named.into_iter().map(open).collect();
    fence::connected(global);
    interrupt::stop(super::STOPPING);
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for (cable, address) in cables {
        if several {
            super::device::say(global, &format!("{}:", escape(&address.to_string())));
        }
        let connected = match cable.and_then(|cable| reach(cable, &address, args, global)) {
            Err(error) if several && error.downcast_ref::<Unanswered>().is_none() => {
                problems.push(Problem::of_device(None, &address, &error));
                continue;
            }
            connected => connected?,
        };
        let (one, unasked) = ask(connected)?;
        let problem = unasked.map(|error| Problem::of_device(Some(all.len()), &address, &error));
        problems.extend(problem);
        all.push(one);
    }
    if all.is_empty() {
        let why: Vec<_> = problems.iter().map(Problem::line).collect();
        anyhow::bail!("none of these devices could be reached\n{}", why.join("\n"));
    }
    Ok((all, problems))
}

fn reach(
    cable: Cable,
    address: &Address,
    args: &Match,
    global: &Global,
) -> anyhow::Result<(Connected, bool)> {
    let connection = Connection {
        device: address.clone(),
        require_genuine: args.require_genuine,
        yes: args.yes,
        remote: args.remote,
    };
    let mut connected = talk(cable, &connection, global)?;
    let about = connected.session.about();
    let about = about.map_err(|error| advice::of(&error))?;
    Ok((connected, about.mnemonic_passphrase_enabled))
}

/// Asks a device which wallet it holds, and says why it could not be asked for the id.
fn ask(
    (mut connected, passphrase): (Connected, bool),
) -> anyhow::Result<(Against, Option<anyhow::Error>)> {
    let (id, no_id, unasked) = match connected.session.check_backup() {
        Ok(id) => (id.parse::<Id>().ok(), None, None),
        Err(error) if error.is_stopped() => return Err(advice::of(&error)),
        Err(error) => match error.api() {
            Some(ApiCode::InvalidInput) => (None, Some(NoId::NoCard), None),
            Some(_) => (None, Some(NoId::NoBackup), None),
            None => (None, Some(NoId::NotAsked), Some(advice::of(&error))),
        },
    };
    let fingerprint = connected.report.fingerprint.as_deref();
    let against = Against {
        known: Known::of_device(id, fingerprint, passphrase),
        no_id,
        report: Some(connected.report),
    };
    Ok((against, unasked))
}

/// Every backup against every device.
fn compare<'a>(
    cards: &'a [Card],
    against: &[Against],
    ambiguous: &Ambiguous<'_>,
) -> Vec<Matched<'a>> {
    let mut all = Vec::new();
    for card in cards {
        let proved = card.wallets.iter().map(|held| proved(card, held));
        let missing = card.missing.iter().filter(|one| !one.wallet_recovered);
        let missing = missing.map(|one| unproved(card, one));
        for bare in proved.chain(missing) {
            let found = Found {
                id: bare.id,
                fingerprint: bare.fingerprint,
                ambiguous: bare.id.is_some_and(|id| ambiguous.has(id)),
            };
            for (index, one) in against.iter().enumerate() {
                let (result, by) = one.known.compare(&found);
                all.push(Matched {
                    device: one.report.as_ref().map(|_| index),
                    device_id: one.known.id(),
                    by,
                    result,
                    ..bare.clone()
                });
            }
        }
    }
    all
}

fn proved<'a>(card: &'a Card, held: &'a Held) -> Matched<'a> {
    let offer = &held.offer;
    Matched {
        id: Some(&offer.id),
        name: offer.name.as_deref(),
        timestamp: offer.timestamp,
        created: offer.created.clone(),
        words: Some(offer.words),
        fingerprint: offer.fingerprint.as_deref(),
        proved: true,
        ..Matched::bare(card)
    }
}

fn unproved<'a>(card: &'a Card, missing: &'a NotRecoveredReport) -> Matched<'a> {
    Matched {
        id: missing.id.as_deref(),
        timestamp: missing.timestamp,
        created: missing.timestamp.map(rfc3339),
        ..Matched::bare(card)
    }
}

impl<'a> Matched<'a> {
    fn bare(card: &'a Card) -> Self {
        Self {
            source: &card.source,
            id: None,
            name: None,
            timestamp: None,
            created: None,
            words: None,
            fingerprint: None,
            proved: false,
            device: None,
            device_id: None,
            by: None,
            result: Verdict::Unknown,
        }
    }
}

/// The answer in JSON.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    schema: &'static str,
    command: &'static str,
    firmware: String,
    basis: &'static str,
    #[serde(flatten)]
    outcome: Outcome,
    /// The only one; `None` with `--id` and of several.
    device: Option<&'a DeviceReport>,
    devices: Vec<&'a DeviceReport>,
    sources: Vec<SourceAnswer<'a>>,
    matches: &'a [Matched<'a>],
    problems: &'a [Problem],
}

#[derive(Debug, Serialize)]
struct SourceAnswer<'a> {
    source: &'a str,
    error: Option<&'a str>,
    hint: Option<&'a str>,
}

impl<'a> Answer<'a> {
    fn of(
        args: &Match,
        cards: &'a [Card],
        against: &'a [Against],
        matches: &'a [Matched<'a>],
        problems: &'a [Problem],
    ) -> Self {
        let devices: Vec<_> = against
            .iter()
            .filter_map(|one| one.report.as_ref())
            .collect();
        let sources = cards.iter().map(|card| {
            let failed = card.failed.as_ref();
            SourceAnswer {
                source: &card.source,
                error: failed.map(|(error, _)| error.as_str()),
                hint: failed.map(|(_, hint)| hint.as_str()),
            }
        });
        Self {
            schema: SCHEMA,
            command: "match",
            firmware: args.reading.firmware.to_string(),
            basis: basis(args.reading.firmware),
            outcome: if cards.iter().all(|card| card.failed.is_some()) {
                let error = anyhow::anyhow!(
                    "no source could be read\nthe error and the hint of each source say why"
                );
                Outcome::of(&error, Exit::Impossible)
            } else {
                Outcome::DONE
            },
            device: match devices.as_slice() {
                [only] => Some(only),
                _ => None,
            },
            devices,
            sources: sources.collect(),
            matches,
            problems,
        }
    }
}
