//! `match`: which cards belong to the connected BitBox02, or to an id shown on another screen.

mod comparison;
mod problem;

use bitbox_backup::backup::Id;
use bitbox_backup::device::{self, Address, ApiCode, DeviceKind};
use bitbox_backup::recover::NotRecoveredReport;
use bitbox_backup::text::{escape, made};

use super::device::{Connected, hints, open, talk};
use super::wallet::card_wallets::{Card, Held, Reading, Roots, outcome};
use super::{answer, share, sources};
use crate::answers::Rules;
use crate::answers::device::DeviceReport;
use crate::answers::matching::{Matched, Matches, Problem};
use crate::args::{Cards, Connection, Everything, Global, Reading as HowRead, Record, values};
use crate::exit::Exit;
use crate::terminal::Unanswered;
use crate::{evidence, interrupt, privacy, render, sandbox};

pub(crate) use comparison::{Found, Known};
use problem::Ambiguous;

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

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) cards: Cards,
    #[command(flatten)]
    pub(crate) everything: Everything,
    /// Ask no device: compare with the ID on another screen that begins with these digits, at least 8; a root
    /// fingerprint is no ID
    #[arg(long, value_name = "UNIQUE-PREFIX", value_parser = values::long_prefix, conflicts_with_all = ["device", "require_genuine", "yes", "remote"])]
    pub(crate) id: Option<String>,
    /// The device to ask; may be given several times [default: every one on USB]
    #[arg(long, value_name = "hid[:PATH]|tcp://HOST:PORT")]
    pub(crate) device: Vec<Address>,
    /// Stop if a device does not prove that it is genuine
    #[arg(long)]
    pub(crate) require_genuine: bool,
    /// Skip every confirmation prompt, except the comparison of the pairing code
    #[arg(long)]
    pub(crate) yes: bool,
    /// Allow tcp to another machine
    #[arg(long)]
    pub(crate) remote: bool,
    #[command(flatten)]
    pub(crate) reading: HowRead,
    #[command(flatten)]
    pub(crate) record: Record,
}

pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let sources = sources(&args.cards)?;
    // The device first: nobody wants to wait for cards to hear that there is none. And what is connected
    // needs no right to connect, which nothing has while cards are read.
    let (against, mut problems) = match &args.id {
        Some(prefix) => {
            let one = Against {
                report: None,
                known: Known::of_id(prefix),
                no_id: None,
            };
            (vec![one], Vec::new())
        }
        None => devices(args, global)?,
    };
    sandbox::reading(global);
    interrupt::stop(super::STOPPING);
    share(args.cards.threads);
    // Of other wallets it is said that they are others; that takes no search.
    let reading = Reading::quick(&args.reading, args.id.as_deref());
    let mut cards = Card::read_all(&sources, &reading, global)?;
    let meant = Card::meant(&cards)?;
    // The roots are wanted for their fingerprints only.
    drop(Roots::of(&mut cards, None));
    let ambiguous = Ambiguous::of(&cards);
    if cards.iter().any(|card| card.failed.is_none()) {
        problems.extend(meant.nothing().as_ref().map(problem::of_nothing));
    }
    problems.extend(ambiguous.problems(args.id.as_deref()));
    let matches = compare(&cards, &against, &ambiguous);
    problems.extend(problem::of_contradictions(&matches, &against, &ambiguous));
    let own = answer_of(args, &cards, &against, &matches, &problems);
    evidence::result(serde_json::to_value(&own)?);
    answer("match", args.reading.json, outcome(&cards), &own, |out| {
        matches.iter().for_each(privacy::learn);
        render::text::matching::matches(out, &cards, &against, &matches, &problems, global)
    })?;
    let belongs = |card: &Card| {
        let mut own = matches.iter().filter(|one| one.source == card.source);
        own.any(Matched::is_there)
    };
    Ok(match () {
        () if cards.iter().all(|card| card.failed.is_some()) => Exit::Impossible,
        () if problems.is_empty() && cards.iter().all(belongs) => Exit::Done,
        () => Exit::Attention,
    })
}

/// Reaches the devices: those named, or all there are on USB.
/// One that cannot be reached does not keep the others from being asked.
fn devices(args: &Args, global: &Global) -> anyhow::Result<(Vec<Against>, Vec<Problem>)> {
    let mut addresses = args.device.clone();
    if addresses.is_empty() {
        let found = device::found().map_err(|error| hints::open(&error))?;
        let mut firmware = found;
        firmware.retain(|one| one.kind == DeviceKind::Firmware);
        let paths = firmware.into_iter().map(|one| one.path);
        addresses = paths.map(Address::UsbAt).collect();
    }
    if addresses.is_empty() {
        // With the words of who looks for one.
        addresses.push(Address::Usb);
    }
    let several = addresses.len() > 1;
    let connection = |address: &Address| Connection {
        device: address.clone(),
        require_genuine: args.require_genuine,
        yes: args.yes,
        remote: args.remote,
    };
    let mut named = Vec::new();
    for address in addresses {
        // Nothing can be opened twice.
        if !named.contains(&address) {
            named.push(address);
        }
    }
    let open = |address: Address| (open(&address, args.remote), address);
    let cables: Vec<_> = named.into_iter().map(open).collect();
    sandbox::connected(global);
    interrupt::stop(super::STOPPING);
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for (cable, address) in cables {
        if several {
            super::device::say(&format!("{}:", escape(&address.to_string())));
        }
        let connected = match cable.and_then(|cable| talk(cable, &connection(&address))) {
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

/// Asks a device which wallet it holds, and says why it could not be asked for the id.
fn ask(mut connected: Connected) -> anyhow::Result<(Against, Option<anyhow::Error>)> {
    let (id, no_id, unasked) = match connected.session.check_backup() {
        Ok(id) => (id.parse::<Id>().ok(), None, None),
        Err(error) if error.is_stopped() => return Err(hints::of(&error)),
        Err(error) => match error.api() {
            Some(ApiCode::INVALID_INPUT) => (None, Some(NoId::NoCard), None),
            Some(_) => (None, Some(NoId::NoBackup), None),
            None => (None, Some(NoId::NotAsked), Some(hints::of(&error))),
        },
    };
    let fingerprint = connected.report.fingerprint.as_deref();
    let passphrase = connected.report.passphrase_enabled;
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
        for each in proved.chain(missing) {
            let found = ambiguous.found(&each);
            for (index, one) in against.iter().enumerate() {
                let (result, by) = one.known.compare(&found);
                all.push(Matched {
                    device: one.report.as_ref().map(|_| index),
                    device_id: one.known.id(),
                    by,
                    result,
                    ..each.clone()
                });
            }
        }
    }
    all
}

fn proved<'a>(card: &'a Card, held: &'a Held) -> Matched<'a> {
    let offer = &held.offer;
    Matched {
        source: &card.source,
        id: Some(&offer.id),
        name: offer.name.as_deref(),
        timestamp: offer.timestamp,
        created: offer.created.clone(),
        words: Some(offer.words),
        fingerprint: offer.fingerprint.as_deref(),
        state: card.state_of(Some(&offer.id), offer.timestamp),
        proved: true,
        ..Matched::default()
    }
}

fn unproved<'a>(card: &'a Card, missing: &'a NotRecoveredReport) -> Matched<'a> {
    let id = missing.id.as_deref();
    Matched {
        source: &card.source,
        id,
        timestamp: missing.timestamp,
        created: missing.timestamp.and_then(made),
        reason: Some(missing.reason),
        state: card.state_of(id, missing.timestamp),
        ..Matched::default()
    }
}

/// What the cards and devices came to.
fn answer_of<'a>(
    args: &Args,
    cards: &'a [Card],
    against: &'a [Against],
    matches: &'a [Matched<'a>],
    problems: &'a [Problem],
) -> Matches<'a> {
    let devices = against.iter().filter_map(|one| one.report.as_ref());
    let devices: Vec<_> = devices.collect();
    Matches {
        rules: Rules::of(args.reading.firmware),
        device: match devices.as_slice() {
            [only] => Some(only),
            _ => None,
        },
        devices,
        sources: cards.iter().map(Card::answer).collect(),
        matches,
        problems,
    }
}
