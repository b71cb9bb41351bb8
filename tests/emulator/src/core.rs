//! The device behind the cable: reports in, reports out.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::card::Slot;
use crate::device::Device;
use crate::fault::{Fault, What, When};
use crate::frame::{self, Assembler, Received, Report};
use crate::noise::Noise;
use crate::operation;
use crate::screen::Screen;

const ACK: u8 = 0;
const NOT_READY: u8 = 1;
const BUSY: u8 = 2;
const NACK: u8 = 3;

/// What came over the cable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A client connected.
    Connected,
    /// It went away.
    Disconnected,
    /// INFO.
    Info,
    /// An operation, by its letter; 0 for an empty one.
    Operation(u8),
    /// A request, by the name of docs/device.md 5, or `other`.
    Request(&'static str),
    /// RETRY.
    Retry,
    /// CANCEL.
    Cancel,
    /// A request that came while another was pending.
    Interrupted,
    /// Nothing came for too long, and the operation was dropped.
    Dropped,
    /// A half-sent message was cleared.
    Cleared,
}

/// Everything that outlives a packet, and what was shown. The screens have a lock of their own, so
/// that one can be dropped while the state is locked.
#[derive(Clone)]
pub(crate) struct Shared(
    pub(crate) Arc<Mutex<State>>,
    pub(crate) Arc<Mutex<Vec<Screen>>>,
);

/// The device's state.
pub(crate) struct State {
    pub(crate) device: Device,
    pub(crate) noise: Noise,
    /// The name of the request being carried out, or carried out last.
    pub(crate) request: Option<&'static str>,
    pub(crate) events: Vec<Event>,
    /// It panicked, lost its power or wiped itself.
    pub(crate) off: bool,
}

/// The lock, whatever happened to its last holder.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// The first fault that fits, used up once.
    fn strike(&mut self, fits: impl Fn(&Fault) -> bool) -> Option<What> {
        let mut faults = self.device.faults.iter_mut();
        let fault = faults.find(|fault| fault.times > 0 && fits(fault))?;
        fault.times -= 1;
        Some(fault.what.clone())
    }

    /// The response a test wants instead of the device's own.
    pub(crate) fn put_words_into_its_mouth(&mut self) -> Option<Vec<u8>> {
        let request = self.request?;
        let fits = |fault: &Fault| {
            fault.when == When::Request(request) && matches!(fault.what, What::Respond(_))
        };
        match self.strike(fits)? {
            What::Respond(response) => Some(response),
            _ => None,
        }
    }
}

/// What is to be done on the cable.
pub(crate) enum Out {
    Send(Report),
    /// Part of a report.
    SendPart(Vec<u8>),
    /// This report without end.
    Flood(Report),
    Wait(Duration),
    Hang,
}

type Task = Pin<Box<dyn Future<Output = Vec<u8>>>>;

/// An operation that was begun and whose answer was not yet fetched.
struct Pending {
    task: Task,
    moments: Vec<When>,
}

/// The device.
pub(crate) struct Core {
    pub(crate) shared: Shared,
    assembler: Assembler,
    pending: Option<Pending>,
    last: Instant,
    answered: usize,
}

impl Core {
    pub(crate) fn new(device: Device) -> Self {
        let state = State {
            device,
            noise: Noise::Nothing,
            request: None,
            events: Vec::new(),
            off: false,
        };
        Self {
            shared: Shared(Arc::new(Mutex::new(state)), Arc::default()),
            assembler: Assembler::default(),
            pending: None,
            last: Instant::now(),
            answered: 0,
        }
    }

    pub(crate) fn record(&self, event: Event) {
        lock(&self.shared.0).events.push(event);
    }

    pub(crate) fn is_off(&self) -> bool {
        lock(&self.shared.0).off
    }

    /// Drops the pending operation if nothing came for too long.
    pub(crate) fn tick(&mut self) {
        let patience = lock(&self.shared.0).device.patience;
        if self.pending.is_some() && patience.is_some_and(|most| self.last.elapsed() > most) {
            self.pending = None;
            self.record(Event::Dropped);
        }
    }

    /// Takes one report.
    pub(crate) fn take(&mut self, report: &Report) -> Vec<Out> {
        self.tick();
        let (cid, message) = match self.assembler.take(report) {
            Received::Nothing => return Vec::new(),
            Received::Error(cid, code) => return vec![Out::Send(frame::error(cid, code))],
            Received::Message(cid, frame::COMMAND, message) => (cid, message),
            Received::Message(cid, ..) => {
                self.record(Event::Cleared);
                return vec![Out::Send(frame::error(cid, 1))];
            }
        };
        if lock(&self.shared.0).device.bootloader {
            return vec![Out::Send(frame::error(cid, 1))];
        }
        let (answer, moments) = self.answer(&message);
        if self.is_off() {
            return vec![Out::Hang];
        }
        self.spoil(cid, answer, &moments)
    }

    /// The answer to a message, HWW status included, and the moments it is.
    fn answer(&mut self, message: &[u8]) -> (Vec<u8>, Vec<When>) {
        let message_number = When::Message(self.answered);
        self.answered += 1;
        let (answer, mut moments) = match message.split_first() {
            Some((1, [])) => {
                self.record(Event::Retry);
                self.last = Instant::now();
                let (answer, mut moments) = self.poll();
                if answer.first() != Some(&NACK) {
                    moments.push(When::Retry);
                }
                (answer, moments)
            }
            Some((2, [])) => {
                self.record(Event::Cancel);
                (vec![NACK], Vec::new())
            }
            _ if self.pending.is_some() => {
                self.record(Event::Interrupted);
                (vec![BUSY], Vec::new())
            }
            Some((b'i', _)) => {
                self.record(Event::Info);
                (self.info(), vec![When::Info])
            }
            Some((0, payload)) => self.begin(payload, message_number),
            _ => (vec![NACK], Vec::new()),
        };
        moments.push(message_number);
        (answer, moments)
    }

    fn info(&self) -> Vec<u8> {
        let device = &lock(&self.shared.0).device;
        let initialized = device.wallet.is_initialized();
        let unlocked = device.wallet != crate::Wallet::Uninitialized && !device.locked;
        let unlocked = unlocked || matches!(device.wallet, crate::Wallet::Seeded { .. });
        let mut info = vec![device.version.len() as u8];
        info.extend_from_slice(device.version.as_bytes());
        info.extend([
            device.platform as u8,
            device.edition as u8,
            u8::from(unlocked),
        ]);
        if device.is_at_least([9, 20, 0]) {
            info.push(u8::from(initialized));
        }
        info
    }

    /// NEW: begins an operation and looks whether it is done.
    fn begin(&mut self, payload: &[u8], message_number: When) -> (Vec<u8>, Vec<When>) {
        let letter = payload.first().copied().unwrap_or(0);
        self.record(Event::Operation(letter));
        let mut moments = vec![When::Operation(letter)];
        if letter == b'H' {
            moments.push(When::Handshake(payload.len() - 1));
        }
        let mut state = lock(&self.shared.0);
        let struck = state.strike(|fault| {
            matches!(fault.what, What::Busy | What::Nack)
                && (moments.contains(&fault.when) || fault.when == message_number)
        });
        state.request = None;
        drop(state);
        match struck {
            Some(What::Busy) => return (vec![BUSY], Vec::new()),
            Some(_) => return (vec![NACK], Vec::new()),
            None => {}
        }
        let task = operation::process(self.shared.clone(), payload.to_vec());
        self.pending = Some(Pending {
            task: Box::pin(task),
            moments,
        });
        self.last = Instant::now();
        self.poll()
    }

    /// Lets the pending operation go on.
    fn poll(&mut self) -> (Vec<u8>, Vec<When>) {
        let Some(pending) = &mut self.pending else {
            return (vec![NACK], Vec::new());
        };
        let mut context = Context::from_waker(Waker::noop());
        match pending.task.as_mut().poll(&mut context) {
            Poll::Pending => (vec![NOT_READY], Vec::new()),
            Poll::Ready(answer) => {
                let mut moments = std::mem::take(&mut pending.moments);
                moments.extend(lock(&self.shared.0).request.map(When::Request));
                self.pending = None;
                ([&[ACK], &*answer].concat(), moments)
            }
        }
    }

    /// The reports of an answer, with what goes wrong with it.
    fn spoil(&mut self, cid: u32, mut answer: Vec<u8>, moments: &[When]) -> Vec<Out> {
        let what = lock(&self.shared.0).strike(|fault| {
            let elsewhere = matches!(fault.what, What::Busy | What::Respond(_));
            moments.contains(&fault.when) && !elsewhere
        });
        let Some(what) = what else {
            return sent(&frame::reports(cid, frame::COMMAND, &answer));
        };
        match &what {
            What::Garble => *answer.last_mut().expect("there is a status") ^= 1,
            What::Short(length) => answer.truncate(*length),
            What::Long(length) => answer.resize(*length, 0),
            What::Replace(other) => answer.clone_from(other),
            What::Nack => answer = vec![NACK],
            What::TakeCard => lock(&self.shared.0).device.slot = Slot::Empty,
            What::ErrorFrame(code) => return sent(&[frame::error(cid, *code)]),
            _ => {}
        }
        let reports = frame::reports(cid, frame::COMMAND, &answer);
        spoil_frames(cid, reports, &what)
    }
}

fn sent(reports: &[Report]) -> Vec<Out> {
    reports.iter().copied().map(Out::Send).collect()
}

/// What goes wrong with the frames of an answer.
fn spoil_frames(cid: u32, mut reports: Vec<Report>, what: &What) -> Vec<Out> {
    let foreign = frame::reports(!cid, frame::COMMAND, &[NOT_READY])[0];
    let mut before = Vec::new();
    match what {
        What::WrongSequence => {
            let last = reports.last_mut().expect("there is one");
            last[4] = (last[4] & 0x7F).wrapping_add(3);
        }
        What::WrongChannel => reports.iter_mut().for_each(|report| report[0] ^= 1),
        What::WrongCommand => reports[0][4] = 0xC2,
        What::Length(length) => reports[0][5..7].copy_from_slice(&length.to_be_bytes()),
        What::Flood(usize::MAX) => return vec![Out::Flood(foreign)],
        What::Flood(count) => before = sent(&vec![foreign; *count]),
        What::Stall(frames) => reports.truncate(*frames),
        What::Delay(delay) => before.push(Out::Wait(*delay)),
        What::Disconnect { frames, bytes } => {
            let part = reports.get(*frames).map(|next| next[..*bytes].to_vec());
            reports.truncate(*frames);
            let mut out = sent(&reports);
            out.extend(part.map(Out::SendPart));
            out.push(Out::Hang);
            return out;
        }
        _ => {}
    }
    before.extend(sent(&reports));
    before
}
