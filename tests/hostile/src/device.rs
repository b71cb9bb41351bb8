//! The other end of a cable, which may say anything at any time.
//!
//! Waiting is real time. So the cable breaks where the library would wait long: after one question
//! whether an answer is ready, and when the device says that it is busy.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bitbox_backup::device::{
    Keys, Paired, REPORT, Report, Transport, TransportError, Unpaired, Waiter,
};
use snow::{Builder, HandshakeState, TransportState};

const PROTOCOL: &str = "Noise_XX_25519_ChaChaPoly_SHA256";
/// The device's static key.
const DEVICE: [u8; 32] = [7; 32];
/// Most reports one answer may take: 1,000 foreign ones, and a whole message.
const MOST_READS: usize = 1000 + 130;
/// Longest message.
const LONGEST: usize = 7609;
/// What a healthy device says of itself.
const INFO: &[u8] = b"\x07v9.27.0\x00\x00\x01\x01";

/// Keys of a computer that knows the device.
static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = Keys::at(folder.path()).expect("keys");
    let device = Device::new(Script::Answers(Vec::new()));
    match pair(device, &keys) {
        Some(Paired::Unknown(pairing)) => {
            let compared = pairing.verify().expect("the device agrees");
            compared.remember(&keys).expect("it is kept");
        }
        other => panic!("{other:?}"),
    }
    Keys::at(folder.path()).expect("keys")
});

fn pair(device: Device, keys: &Keys) -> Option<Paired> {
    Unpaired::greet(Box::new(device), waiter())
        .ok()?
        .handshake(keys)
        .ok()
}

/// Ends the waiting as soon as the device is busy.
fn waiter() -> Waiter {
    static STOP: AtomicBool = AtomicBool::new(false);
    STOP.store(false, Ordering::Relaxed);
    Waiter::new(&STOP, |_| STOP.store(true, Ordering::Relaxed))
}

/// Reports as they come, 64 bytes each: whatever they say, no more than a message is read.
pub fn frame(data: &[u8]) {
    let mut reports = Vec::new();
    for part in data.chunks(REPORT) {
        let mut report = [0; REPORT];
        report[..part.len()].copy_from_slice(part);
        reports.push(report);
    }
    reports.reverse();
    let raw = Raw { reports, reads: 0 };
    if let Ok(mut device) = Unpaired::greet(Box::new(raw), waiter()) {
        let _ = device.attest();
        let _ = device.unlock();
    }
}

/// A device that plays back reports.
struct Raw {
    reports: Vec<Report>,
    reads: usize,
}

impl Transport for Raw {
    fn write(&mut self, report: &Report) -> Result<(), TransportError> {
        self.reads = 0;
        if asks_again(report) {
            return Err(TransportError::Gone);
        }
        Ok(())
    }

    fn read(&mut self, _: Duration) -> Result<Option<Report>, TransportError> {
        self.reads += 1;
        assert!(self.reads <= MOST_READS, "{} reports read", self.reads);
        self.reports.pop().map(Some).ok_or(TransportError::Gone)
    }
}

/// Whether a report asks if the answer is ready by now.
fn asks_again(report: &Report) -> bool {
    report[5..8] == [0, 1, 1]
}

/// Answers to every operation of the handshake and after it; a set bit of the first byte says that
/// this answer is the true one with the given bytes mixed in.
pub fn noise(data: &[u8]) {
    let Some((genuine, mut rest)) = data.split_first() else {
        return;
    };
    let mut answers = Vec::new();
    while let [low, high, bytes @ ..] = rest {
        let length = usize::from(u16::from_le_bytes([*low, *high])) % (LONGEST + 1);
        let (answer, later) = bytes.split_at(length.min(bytes.len()));
        let number = answers.len() as u32;
        answers.push((
            genuine.checked_shr(number).unwrap_or(0) & 1 != 0,
            answer.to_vec(),
        ));
        rest = later;
    }
    answers.reverse();
    let keys = &*KEYS;
    let device = Device::new(Script::Mixed(answers));
    match pair(device, keys) {
        Some(Paired::Known(mut session)) => {
            let _ = session.list_backups();
        }
        Some(Paired::Unknown(pairing)) => {
            assert_eq!(pairing.code().len(), 25, "{}", pairing.code());
            let _ = pairing.verify();
        }
        None => {}
    }
}

/// The plain text of every answer behind a whole handshake.
pub fn message(data: &[u8]) {
    let keys = &*KEYS;
    let device = Device::new(Script::Answers(data.to_vec()));
    let Some(Paired::Known(mut session)) = pair(device, keys) else {
        panic!("a known device is known");
    };
    let about = session.about().ok();
    assert_eq!(about, session.about().ok(), "twice");
    let list = session.list_backups().ok();
    assert!(list.is_none() || about.is_none(), "one answer is two");
    if let Ok(id) = session.check_backup() {
        let hex = id.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(id.len() == 64 && hex, "{id}");
    }
    let _ = session.has_card();
    let _ = session.fingerprint();
    let _ = session.create_backup(1, 0);
}

/// What the device answers.
enum Script {
    /// True ones, and this plain text to every request.
    Answers(Vec<u8>),
    /// These, the last first: whether the true one is mixed in.
    Mixed(Vec<(bool, Vec<u8>)>),
}

enum Stage {
    None,
    Begun(Box<HandshakeState>),
    Done(Box<TransportState>),
}

/// A device that knows its part of the handshake.
struct Device {
    script: Script,
    stage: Stage,
    /// The message so far, and how long it gets.
    asked: Vec<u8>,
    length: usize,
    answers: Vec<Report>,
}

impl Device {
    fn new(script: Script) -> Self {
        Self {
            script,
            stage: Stage::None,
            asked: Vec::new(),
            length: 0,
            answers: Vec::new(),
        }
    }

    /// The true answer to an operation.
    fn answer(&mut self, asked: &[u8]) -> Vec<u8> {
        match asked {
            [b'i', ..] => INFO.to_vec(),
            [0, b'h'] => {
                let responder = Builder::new(PROTOCOL.parse().expect("a protocol"))
                    .prologue(PROTOCOL.as_bytes())
                    .and_then(|builder| builder.local_private_key(&DEVICE))
                    .and_then(Builder::build_responder);
                self.stage = Stage::Begun(Box::new(responder.expect("a responder")));
                vec![0, 0]
            }
            [0, b'H', message @ ..] => self.handshake(message),
            [0, b'n', message @ ..] => self.request(message),
            [0, b'v'] => vec![0, 0],
            _ => vec![3],
        }
    }

    fn handshake(&mut self, message: &[u8]) -> Vec<u8> {
        let mut buffer = [0; 256];
        match std::mem::replace(&mut self.stage, Stage::None) {
            Stage::Begun(mut state) => {
                if state.read_message(message, &mut buffer).is_err() {
                    return vec![0, 1];
                }
                if state.is_handshake_finished() {
                    let done = state.into_transport_mode().expect("it is finished");
                    self.stage = Stage::Done(Box::new(done));
                    return vec![0, 0, 0];
                }
                let length = state.write_message(&[], &mut buffer).expect("a message");
                self.stage = Stage::Begun(state);
                [&[0, 0], &buffer[..length]].concat()
            }
            _ => vec![0, 1],
        }
    }

    fn request(&mut self, message: &[u8]) -> Vec<u8> {
        let Stage::Done(state) = &mut self.stage else {
            return vec![0, 1];
        };
        let mut plain = vec![0; message.len()];
        if state.read_message(message, &mut plain).is_err() {
            return vec![0, 1];
        }
        let text = match &self.script {
            Script::Answers(text) => &text[..text.len().min(LONGEST - 18)],
            Script::Mixed(_) => &[],
        };
        let mut secret = vec![0; text.len() + 16];
        let length = state.write_message(text, &mut secret).expect("it fits");
        [&[0, 0], &secret[..length]].concat()
    }

    /// The answer as the script has it; `None` if there is none any more.
    fn scripted(&mut self, asked: &[u8]) -> Option<Vec<u8>> {
        let answer = self.answer(asked);
        match &mut self.script {
            Script::Answers(_) => Some(answer),
            Script::Mixed(_) if asked.first() == Some(&b'i') => Some(answer),
            Script::Mixed(answers) => match answers.pop()? {
                (false, bytes) => Some(bytes),
                (true, bytes) => {
                    let mut mixed = answer;
                    mixed
                        .iter_mut()
                        .zip(bytes)
                        .for_each(|(to, from)| *to ^= from);
                    Some(mixed)
                }
            },
        }
    }
}

impl Transport for Device {
    fn write(&mut self, report: &Report) -> Result<(), TransportError> {
        if asks_again(report) {
            return Err(TransportError::Gone);
        }
        if self.asked.is_empty() {
            self.length = usize::from(u16::from_be_bytes([report[5], report[6]]));
            self.asked.extend(&report[7..]);
        } else {
            self.asked.extend(&report[5..]);
        }
        if self.asked.len() < self.length {
            return Ok(());
        }
        let mut asked = std::mem::take(&mut self.asked);
        asked.truncate(self.length);
        let answer = self.scripted(&asked).ok_or(TransportError::Gone)?;
        self.answers = framed(&answer);
        self.answers.reverse();
        Ok(())
    }

    fn read(&mut self, _: Duration) -> Result<Option<Report>, TransportError> {
        self.answers.pop().map(Some).ok_or(TransportError::Gone)
    }
}

/// A message in reports, as a device sends it.
pub(crate) fn framed(message: &[u8]) -> Vec<Report> {
    let message = &message[..message.len().min(LONGEST)];
    let (first, rest) = message.split_at(message.len().min(57));
    let mut report = [0; REPORT];
    report[..5].copy_from_slice(&[0xFF, 0, 0, 0, 0xC1]);
    report[5..7].copy_from_slice(&(message.len() as u16).to_be_bytes());
    report[7..7 + first.len()].copy_from_slice(first);
    let mut reports = vec![report];
    for (sequence, part) in (0..).zip(rest.chunks(59)) {
        let mut report = [0; REPORT];
        report[..5].copy_from_slice(&[0xFF, 0, 0, 0, sequence]);
        report[5..5 + part.len()].copy_from_slice(part);
        reports.push(report);
    }
    reports
}
