//! What may be asked of a device, and when (docs/device.md 4): [`Unpaired`] → ([`Pairing`] → [`Compared`])
//! → [`Session`].

use std::time::Duration;

use prost::Message;

use super::Waiter;
use super::attestation::{self, Doubt, Genuine};
use super::error::{ApiCode, Error, ErrorFrame, ExchangeError, Failure, FrameError, Step};
use super::hww::{DEVICE, Hww, PERSON};
use super::info::Info;
use super::key_store::Keys;
use super::message::{
    About, Ask, CheckBackup, CreateBackup, ListedBackup, Nothing, Reply, Request, Response,
};
use super::noise::{Channel, Failed, Handshake};
use super::transport::Transport;

/// Success of an operation, and its failure.
const SUCCESS: u8 = 0;
const FAILURE: u8 = 1;
/// From `u`: there is no wallet to unlock.
const UNINITIALIZED: u8 = 2;

/// A device that answered, and with which nothing is agreed yet.
#[derive(Debug)]
pub struct Unpaired {
    link: Hww,
    info: Info,
    genuine: Genuine,
}

/// What a handshake came to.
#[derive(Debug)]
pub enum Paired {
    /// This computer and the device know each other.
    Known(Session),
    /// They do not: a person has to compare a code.
    Unknown(Pairing),
}

/// Keys are agreed on with somebody: only a person who compares the code can say with whom.
#[derive(Debug)]
pub struct Pairing {
    session: Session,
}

/// The code was confirmed on the device; whether it was the same here, a person has to say.
#[derive(Debug)]
pub struct Compared {
    session: Session,
}

/// A device that takes requests.
#[derive(Debug)]
pub struct Session {
    link: Hww,
    info: Info,
    genuine: Genuine,
    channel: Channel,
}

/// Says in which step something failed.
fn during<F: Into<Failure>>(step: Step) -> impl Fn(F) -> Error {
    move |failure| Error::Step {
        step,
        failure: failure.into(),
    }
}

/// The answer to an operation, without its status byte.
fn operation(
    link: &mut Hww,
    step: Step,
    payload: &[u8],
    patience: Duration,
) -> Result<Vec<u8>, Error> {
    let mut answer = link.request(payload, patience).map_err(during(step))?;
    let failure = match answer.first() {
        Some(&SUCCESS) => return Ok(answer.split_off(1)),
        Some(&FAILURE) => Failure::Refused,
        Some(&status) => Failure::Status(status),
        None => ExchangeError::Empty.into(),
    };
    Err(during(step)(failure))
}

impl Unpaired {
    /// Asks a device which it is.
    ///
    /// # Errors
    /// If it does not answer, or is none this program can talk to.
    pub fn greet(transport: Box<dyn Transport>, waiter: Waiter) -> Result<Self, Error> {
        let mut link = Hww::new(transport, waiter);
        let answer = link.info().map_err(|error| match error {
            ExchangeError::Frame(FrameError::Reported(ErrorFrame::COMMAND)) => Error::Bootloader,
            error => during(Step::Info)(error),
        })?;
        let info = Info::read(&answer)?;
        Ok(Self {
            link,
            info,
            genuine: Genuine::Unchecked,
        })
    }

    /// What it says of itself.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Lets it prove that the maker made it. Everything works without this proof too.
    ///
    /// # Errors
    /// If it does not answer.
    pub fn attest(&mut self) -> Result<Genuine, Error> {
        let step = Step::Attestation;
        let mut challenge = [0; 32];
        getrandom::fill(&mut challenge).map_err(|_| during(step)(Failure::Random))?;
        let payload = [&b"a"[..], &challenge].concat();
        self.genuine = match operation(&mut self.link, step, &payload, DEVICE) {
            Ok(answer) => match attestation::check(&challenge, &answer) {
                Ok(()) => Genuine::Yes,
                Err(doubt) => Genuine::No(doubt),
            },
            Err(Error::Step { failure, .. }) => match failure {
                Failure::Refused => Genuine::No(Doubt::Refused),
                Failure::Exchange(ExchangeError::Nack) => Genuine::Unchecked,
                failure => return Err(during(step)(failure)),
            },
            Err(error) => return Err(error),
        };
        Ok(self.genuine)
    }

    /// Unlocks it: somebody enters the password on the device, if it is locked.
    ///
    /// # Errors
    /// If it does not answer or stays locked.
    pub fn unlock(&mut self) -> Result<(), Error> {
        match operation(&mut self.link, Step::Unlock, b"u", PERSON) {
            Ok(_) => self.info.unlocked = true,
            Err(Error::Step {
                failure: Failure::Status(UNINITIALIZED),
                ..
            }) => self.info.initialized = Some(false),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Agrees on keys.
    ///
    /// # Errors
    /// If that does not work out.
    pub fn handshake(mut self, keys: &Keys) -> Result<Paired, Error> {
        let (channel, wants) = handshake(&mut self.link, keys)?;
        let known = keys.knows(&channel.device);
        let session = Session {
            link: self.link,
            info: self.info,
            genuine: self.genuine,
            channel,
        };
        // The device's word alone waives nothing: whoever sits in between would waive it, too.
        Ok(if known && !wants {
            Paired::Known(session)
        } else {
            Paired::Unknown(Pairing { session })
        })
    }
}

/// The three messages; whether the device wants the code compared.
fn handshake(link: &mut Hww, keys: &Keys) -> Result<(Channel, bool), Error> {
    let step = Step::Handshake;
    let failed = |_: Failed| during(step)(Failure::Handshake);
    operation(link, step, b"h", DEVICE)?;
    let mut send = |message: &[u8], expected: usize| {
        let payload = [b"H", message].concat();
        let answer = operation(link, step, &payload, DEVICE)?;
        let found = answer.len();
        match found == expected {
            true => Ok(answer),
            false => Err(during(step)(Failure::Length { expected, found })),
        }
    };
    let mut noise = Handshake::begin(keys.private()).map_err(failed)?;
    let one = noise.write().map_err(failed)?;
    let two = send(&one, 96)?;
    noise.read(&two).map_err(failed)?;
    let three = noise.write().map_err(failed)?;
    let last = send(&three, 1)?;
    let wants = match last.first() {
        Some(0) => false,
        Some(1) => true,
        Some(&status) => return Err(during(step)(Failure::Status(status))),
        None => return Err(during(step)(Failure::Handshake)),
    };
    let channel = noise.end().map_err(failed)?;
    Ok((channel, wants))
}

impl Pairing {
    /// What a person compares with the device's screen: `AAAAA BBBBB / CCCCC DDDDD`.
    pub fn code(&self) -> &str {
        &self.session.channel.code
    }

    /// What the device says of itself.
    pub fn info(&self) -> &Info {
        &self.session.info
    }

    /// Lets the device show the code and waits until it is confirmed there.
    ///
    /// # Errors
    /// If it does not answer, or the code is rejected on the device.
    pub fn verify(mut self) -> Result<Compared, Error> {
        let link = &mut self.session.link;
        operation(link, Step::Pairing, b"v", PERSON)?;
        let session = self.session;
        Ok(Compared { session })
    }
}

impl Compared {
    /// Begins to talk, and keeps the device's key: to be called only when a person said that the code was
    /// the same on both screens.
    ///
    /// # Errors
    /// If the key cannot be kept.
    pub fn remember(self, keys: &Keys) -> Result<Session, Error> {
        keys.remember(&self.session.channel.device)?;
        Ok(self.session)
    }
}

impl Session {
    /// What the device says of itself.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Whether it proved to be genuine.
    pub fn genuine(&self) -> Genuine {
        self.genuine
    }

    /// Its name and state.
    ///
    /// # Errors
    /// If it does not answer as it should.
    pub fn about(&mut self) -> Result<About, Error> {
        match self.ask(Step::About, Ask::About(Nothing {}), DEVICE)? {
            Reply::About(about) => Ok(about),
            _ => Err(during(Step::About)(Failure::Unexpected)),
        }
    }

    /// Whether a card is in its slot.
    ///
    /// # Errors
    /// If it does not answer as it should.
    pub fn has_card(&mut self) -> Result<bool, Error> {
        match self.ask(Step::Card, Ask::CheckCard(Nothing {}), DEVICE)? {
            Reply::Card(card) => Ok(card.inserted),
            _ => Err(during(Step::Card)(Failure::Unexpected)),
        }
    }

    /// The backups it would restore, in its own order.
    ///
    /// # Errors
    /// If it does not answer as it should; [`ApiCode::GENERIC`] if it cannot read the card.
    pub fn list_backups(&mut self) -> Result<Vec<ListedBackup>, Error> {
        match self.ask(Step::List, Ask::ListBackups(Nothing {}), DEVICE)? {
            Reply::Backups(backups) => Ok(backups.info),
            _ => Err(during(Step::List)(Failure::Unexpected)),
        }
    }

    /// The id of its wallet's backup on the card, if that is valid; nothing appears on its screen.
    ///
    /// # Errors
    /// [`ApiCode::INVALID_INPUT`] without a card, `GENERIC` without a valid backup of this wallet.
    pub fn check_backup(&mut self) -> Result<String, Error> {
        self.check(true, DEVICE)
    }

    /// The same, and the device shows name and id for somebody to confirm.
    ///
    /// # Errors
    /// Those of [`Session::check_backup`], and [`ApiCode::USER_ABORT`].
    pub fn check_backup_on_screen(&mut self) -> Result<String, Error> {
        self.check(false, PERSON)
    }

    fn check(&mut self, silent: bool, patience: Duration) -> Result<String, Error> {
        let ask = Ask::CheckBackup(CheckBackup { silent });
        let failure = match self.ask(Step::Check, ask, patience)? {
            // 32 bytes in hexadecimal digits.
            Reply::Checked(checked) if hex::decode(&checked.id).is_ok_and(|id| id.len() == 32) => {
                return Ok(checked.id);
            }
            Reply::Checked(_) => Failure::Malformed,
            _ => Failure::Unexpected,
        };
        Err(during(Step::Check)(failure))
    }

    /// Makes a backup on the card. Somebody answers the device's questions meanwhile.
    ///
    /// # Errors
    /// [`ApiCode::USER_ABORT`] if it was cancelled there, `GENERIC` for a wrong password or any
    /// trouble with the card. After an error the backup may have been written nevertheless.
    pub fn create_backup(&mut self, timestamp: u32, timezone_offset: i32) -> Result<(), Error> {
        let ask = Ask::CreateBackup(CreateBackup {
            timestamp,
            timezone_offset,
        });
        match self.ask(Step::Create, ask, PERSON)? {
            Reply::Success(_) => Ok(()),
            _ => Err(during(Step::Create)(Failure::Unexpected)),
        }
    }

    /// The root fingerprint of the open wallet, with its passphrase if one is in use. It needs no card.
    ///
    /// # Errors
    /// If it does not answer as it should; [`ApiCode::INVALID_STATE`] without a wallet.
    pub fn fingerprint(&mut self) -> Result<[u8; 4], Error> {
        let step = Step::Fingerprint;
        match self.ask(step, Ask::Fingerprint(Nothing {}), DEVICE)? {
            Reply::Fingerprint(print) => {
                let print = print.fingerprint.as_slice().try_into();
                print.map_err(|_| during(step)(Failure::Malformed))
            }
            _ => Err(during(step)(Failure::Unexpected)),
        }
    }

    /// Agrees on new keys after an exchange that broke off, which both sides may have counted differently.
    /// A request that is pending is dropped. From here on an interruption no longer ends the waiting: what comes
    /// now tells what is true.
    ///
    /// # Errors
    /// If that does not work out, or with the keys of another device.
    pub fn again(&mut self, keys: &Keys) -> Result<(), Error> {
        self.link.ignore_interrupts();
        self.link.let_go();
        let (channel, wants) = handshake(&mut self.link, keys)?;
        if wants || channel.device != self.channel.device {
            return Err(during(Step::Handshake)(Failure::Refused));
        }
        self.channel = channel;
        Ok(())
    }

    /// One request, one response.
    fn ask(&mut self, step: Step, ask: Ask, patience: Duration) -> Result<Reply, Error> {
        let request = Request { ask: Some(ask) }.encode_to_vec();
        let garbled = |_: Failed| during(step)(Failure::Garbled);
        let secret = self.channel.encrypt(&request).map_err(garbled)?;
        let payload = [b"n", secret.as_slice()].concat();
        let answer = operation(&mut self.link, step, &payload, patience)?;
        let answer = self.channel.decrypt(&answer).map_err(garbled)?;
        let response = Response::decode(answer.as_slice());
        let response = response.map_err(|_| during(step)(Failure::Malformed))?;
        match response.answer {
            Some(Reply::Error(error)) => Err(during(step)(Failure::Api(ApiCode(error.code)))),
            Some(answer) => Ok(answer),
            None => Err(during(step)(Failure::Unexpected)),
        }
    }
}
