//! From an address to a session: find the device, let it prove itself, unlock, pair.

use anyhow::Context;
use bitbox_backup::device::{
    self, Address, ApiCode, Genuine, Keys, Paired, Pairing, Session, Transport, Unpaired, Waiter,
};
use bitbox_backup::text::escape;

use crate::answers::device::DeviceReport;
use crate::args::{Connection, Global};
use crate::commands::{agreed, no_terminal};
use crate::exit::Refused;
use crate::render::text::device as render;
use crate::terminal::Terminal;
use crate::{interrupt, privacy, sandbox};

use super::{STOPPING, hints, notice, say};

/// The one question `--yes` does not answer.
const SAME: &str =
    "Is the pairing code the same here and on the BitBox, and did you confirm it there?";

/// The open cable to a device of which nothing was asked yet.
pub(crate) struct Cable {
    transport: Box<dyn Transport>,
    keys: Keys,
    address: Address,
}

/// A device that takes requests.
pub(crate) struct Connected {
    pub(crate) session: Session,
    pub(crate) report: DeviceReport,
    pub(crate) keys: Keys,
}

/// Reaches the device at the connection's address. Whatever a person has to do is said on standard error
/// or asked on the terminal.
pub(crate) fn connect(to: &Connection, global: &Global) -> anyhow::Result<Connected> {
    talk(only(to, global)?, to)
}

/// Opens the cable to the device at the connection's address, and lets no other be opened any more.
pub(crate) fn only(to: &Connection, global: &Global) -> anyhow::Result<Cable> {
    let cable = open(&to.device, to.remote)?;
    sandbox::connected(global);
    Ok(cable)
}

pub(crate) fn open(address: &Address, remote: bool) -> anyhow::Result<Cable> {
    let keys = Keys::of_this_computer().map_err(|error| hints::keys(&error))?;
    let transport = device::open(address, &keys, remote).map_err(|error| hints::open(&error))?;
    Ok(Cable {
        transport,
        keys,
        address: address.clone(),
    })
}

/// Reaches the device at the other end of a cable.
pub(crate) fn talk(cable: Cable, to: &Connection) -> anyhow::Result<Connected> {
    let keys = cable.keys;
    let waiter = Waiter::new(interrupt::stop(STOPPING), notice);
    let mut device = Unpaired::greet(cable.transport, waiter).map_err(|error| hints::of(&error))?;
    judge(device.attest().map_err(|error| hints::of(&error))?, to)?;
    let info = *device.info();
    if !info.unlocked && info.initialized != Some(false) {
        say(
            "On the BitBox: enter its password, if it asks for it. Ten wrong ones erase the device.",
        );
    }
    device.unlock().map_err(|error| hints::of(&error))?;
    let paired = device.handshake(&keys).map_err(|error| hints::of(&error))?;
    let session = match paired {
        Paired::Known(session) => session,
        Paired::Unknown(pairing) => pair(pairing, &keys)?,
    };
    let (session, report) = asked(session, &cable.address).map_err(|error| hints::of(&error))?;
    privacy::learn(&report);
    Ok(Connected {
        session,
        report,
        keys,
    })
}

/// Says what the proof is worth.
fn judge(genuine: Genuine, to: &Connection) -> anyhow::Result<()> {
    let why = match genuine {
        Genuine::Yes => return Ok(()),
        Genuine::No(doubt) => format!("this device did not prove that it is genuine: {doubt}"),
        Genuine::Unchecked => "it could not be checked whether this device is genuine".to_owned(),
    };
    anyhow::ensure!(
        !to.require_genuine,
        "{why}\n--require-genuine was given, so nothing is asked of it; get another device, or ask the maker"
    );
    let _ = render::warning(&mut crate::output::stderr(), &why);
    Ok(())
}

fn pair(pairing: Pairing, keys: &Keys) -> anyhow::Result<Session> {
    let by_hand = "pair once by hand, on a terminal: --yes does not answer this";
    let terminal = Terminal::open().ok_or_else(|| no_terminal(SAME, by_hand))?;
    render::pairing_code(&mut terminal.writer()?, pairing.code()).context("the terminal")?;
    let compared = pairing.verify().map_err(|error| hints::of(&error))?;
    if !agreed(&terminal, SAME)? {
        return Err(Refused::error(
            "the pairing code was not confirmed here",
            "nothing was stored; if the codes differ, somebody may be intercepting the connection",
        ));
    }
    compared.remember(keys).map_err(|error| hints::of(&error))
}

/// Asks for what every answer says of the device.
fn asked(
    mut session: Session,
    address: &Address,
) -> Result<(Session, DeviceReport), device::Error> {
    let about = session.about()?;
    let fingerprint = match session.fingerprint() {
        Ok(print) => Some(print.map(|byte| format!("{byte:02x}")).concat()),
        // A device without a wallet, or with one that was never backed up, has none to tell.
        Err(error) if error.api() == Some(ApiCode::INVALID_STATE) => None,
        Err(error) => return Err(error),
    };
    let info = session.info();
    let (genuine, doubt) = match session.genuine() {
        Genuine::Yes => (Some(true), None),
        Genuine::No(doubt) => (Some(false), Some(doubt.to_string())),
        Genuine::Unchecked => (None, None),
    };
    let report = DeviceReport {
        product: info.platform.to_string(),
        edition: info.edition.to_string(),
        version: info.version.to_string(),
        name: escape(&about.name),
        initialized: about.initialized,
        unlocked: info.unlocked,
        passphrase_enabled: about.mnemonic_passphrase_enabled,
        genuine,
        doubt,
        fingerprint,
        address: escape(&address.to_string()),
    };
    Ok((session, report))
}
