//! `match`: which cards belong to the connected BitBox02, or to an id read off another screen.

mod comparison;

use std::io::Write;
use std::path::PathBuf;

use bitbox_backup::backup::Id;
use bitbox_backup::device::{self, Address, Kind};
use bitbox_backup::report::{SCHEMA, basis, escape, rfc3339};
use rayon::prelude::*;
use serde::Serialize;

use super::device::{DeviceReport, advice, connect_to};
use super::wallet::held::{Card, Held, Reading, Roots};
use super::{share, sources};
use crate::args::{Connection, Global, Match};
use crate::exit::Exit;
use crate::{interrupt, render};

pub(crate) use comparison::{By, Known, Verdict};

/// What cards are held against: a device, or an id somebody read elsewhere.
#[derive(Debug)]
pub(crate) struct Against {
    /// What it says of itself; `None` of an id.
    pub(crate) report: Option<DeviceReport>,
    pub(crate) known: Known,
}

/// One backup held against one device or id.
#[derive(Debug, Serialize)]
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
    interrupt::stop(super::STOPPING)?;
    share(args.cards.threads);
    let sources = sources(&args.cards)?;
    // The device first: nobody wants to wait for cards to hear that there is none.
    let against = match &args.id {
        Some(prefix) => vec![Against {
            report: None,
            known: Known::of_id(prefix),
        }],
        None => devices(args, global)?,
    };
    let Some(mut cards) = read(&sources, args, global) else {
        return Ok(Exit::Interrupted);
    };
    // The roots are wanted for their fingerprints only.
    drop(Roots::of(&mut cards, None));
    if let Some(prefix) = &args.id {
        unique(prefix, &cards)?;
    }
    let matches = compare(&cards, &against);
    let mut out = std::io::BufWriter::new(anstream::stdout().lock());
    if args.reading.json {
        serde_json::to_writer(&mut out, &Answer::of(args, &cards, &against, &matches))?;
        writeln!(out)?;
    } else {
        render::matching::matches(&mut out, &cards, &against, &matches, global)?;
    }
    out.flush()?;
    let failed = cards.iter().filter(|card| card.failed.is_some()).count();
    let belongs = |card: &Card| {
        let mut own = matches.iter().filter(|one| one.source == card.source);
        own.any(|one| one.result.belongs())
    };
    Ok(match () {
        () if failed == cards.len() => Exit::Impossible,
        () if cards.iter().all(belongs) => Exit::Done,
        () => Exit::Attention,
    })
}

fn read(sources: &[PathBuf], args: &Match, global: &Global) -> Option<Vec<Card>> {
    let progress = render::progress(sources.len(), global);
    let reading = Reading {
        options: args.reading.everything(),
        prefix: "",
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

/// Refuses a prefix that two wallets share.
fn unique(prefix: &str, cards: &[Card]) -> anyhow::Result<()> {
    let mut ids: Vec<_> = cards.iter().flat_map(ids).collect();
    ids.retain(|id| id.starts_with(prefix));
    ids.sort_unstable();
    ids.dedup();
    anyhow::ensure!(
        ids.len() < 2,
        "--id {prefix}: {} ids on these cards begin so\ngive more of its digits",
        ids.len()
    );
    Ok(())
}

fn ids(card: &Card) -> impl Iterator<Item = &str> {
    let proved = card.wallets.iter().map(|held| held.offer.id.as_str());
    let missing = card.missing.iter().filter_map(|one| one.id.as_deref());
    proved.chain(missing)
}

/// Reaches the devices: those named, or all there are on USB.
fn devices(args: &Match, global: &Global) -> anyhow::Result<Vec<Against>> {
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
    let mut all = Vec::new();
    for address in addresses {
        if several {
            super::device::say(global, &format!("{}:", escape(&address.to_string())));
        }
        all.push(ask(&address, args, global)?);
    }
    Ok(all)
}

/// Asks a device which wallet it holds.
fn ask(address: &Address, args: &Match, global: &Global) -> anyhow::Result<Against> {
    let connection = Connection {
        device: address.clone(),
        require_genuine: args.require_genuine,
        yes: args.yes,
        remote: args.remote,
    };
    let mut connected = connect_to(address, &connection, global)?;
    let id = match connected.session.check_backup() {
        Ok(id) => id.parse::<Id>().ok(),
        // Without a card, or without a backup of its wallet on it, it tells none.
        Err(error) if error.api().is_some() => None,
        Err(error) => return Err(advice::of(&error)),
    };
    let about = connected.session.about();
    let about = about.map_err(|error| advice::of(&error))?;
    Ok(Against {
        known: Known::of_device(
            id,
            connected.report.fingerprint.as_deref(),
            about.mnemonic_passphrase_enabled,
        ),
        report: Some(connected.report),
    })
}

/// Every backup against every device.
fn compare<'a>(cards: &'a [Card], against: &[Against]) -> Vec<Matched<'a>> {
    let mut all = Vec::new();
    for card in cards {
        for held in &card.wallets {
            for (index, one) in against.iter().enumerate() {
                all.push(proved(card, held, index, one));
            }
        }
        for missing in card.missing.iter().filter(|one| !one.wallet_recovered) {
            for (index, one) in against.iter().enumerate() {
                let id = missing.id.as_deref();
                let (result, by) = one.known.compare(id, None);
                all.push(Matched {
                    source: &card.source,
                    id,
                    name: None,
                    timestamp: missing.timestamp,
                    created: missing.timestamp.map(rfc3339),
                    words: None,
                    fingerprint: None,
                    proved: false,
                    device: one.report.as_ref().map(|_| index),
                    device_id: one.known.id(),
                    by,
                    result,
                });
            }
        }
    }
    all
}

fn proved<'a>(card: &'a Card, held: &'a Held, index: usize, against: &Against) -> Matched<'a> {
    let offer = &held.offer;
    let fingerprint = offer.fingerprint.as_deref();
    let (result, by) = against.known.compare(Some(&offer.id), fingerprint);
    Matched {
        source: &card.source,
        id: Some(&offer.id),
        name: offer.name.as_deref(),
        timestamp: offer.timestamp,
        created: offer.created.clone(),
        words: Some(offer.words),
        fingerprint,
        proved: true,
        device: against.report.as_ref().map(|_| index),
        device_id: against.known.id(),
        by,
        result,
    }
}

/// The answer in JSON.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    schema: &'static str,
    command: &'static str,
    firmware: String,
    basis: &'static str,
    /// The only one; `None` with `--id` and of several.
    device: Option<&'a DeviceReport>,
    devices: Vec<&'a DeviceReport>,
    sources: Vec<SourceAnswer<'a>>,
    matches: &'a [Matched<'a>],
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
            device: match devices.as_slice() {
                [only] => Some(only),
                _ => None,
            },
            devices,
            sources: sources.collect(),
            matches,
        }
    }
}
