//! Requests and the waiting for them (docs/device.md 3).
//!
//! A real device drops an operation it has not been asked about for 500 ms. So to abort one, nothing is
//! sent: there is no other way.

use std::time::{Duration, Instant};

use super::error::{ErrorFrame, ExchangeError, FrameError};
use super::frame::{self, Assembler, Taken};
use super::transport::{LONGEST, Transport};
use super::{Notice, Waiter};

const NEW: u8 = 0;
const RETRY: u8 = 1;
const INFO: u8 = b'i';
const ACK: u8 = 0;
const NOT_READY: u8 = 1;
const BUSY: u8 = 2;
const NACK: u8 = 3;

/// How long any one message may take to arrive. Deriving a key or writing a slow card keeps a device from
/// answering for a few seconds.
const ANSWER: Duration = Duration::from_secs(20);
/// The slowest polling; the first polls come faster, so that what is quick is quick.
const POLL: Duration = Duration::from_millis(200);
const FIRST_POLL: Duration = Duration::from_millis(5);
/// After BUSY.
const AGAIN: Duration = Duration::from_secs(1);
/// How often at most.
const TIMES: u64 = 30;
/// How soon a wish to end is noticed.
const TICK: Duration = Duration::from_millis(50);
/// Reports of other channels between two of ours, at most.
const MOST_FOREIGN: usize = 1000;

/// How long an operation may take, whatever the device answers meanwhile, that waits for the device alone.
pub(super) const DEVICE: Duration = Duration::from_secs(2 * 60);
/// The same of one that waits for somebody before the device.
pub(super) const PERSON: Duration = Duration::from_secs(30 * 60);

/// When an operation has taken too long.
#[derive(Clone, Copy)]
struct Deadline {
    at: Duration,
    patience: Duration,
}

/// Time. Tests let hours of it pass in a moment.
trait Clock: Send {
    /// Since some moment.
    fn now(&self) -> Duration;
    /// Waits.
    fn sleep(&self, long: Duration);
}

/// The system's time, since this moment.
struct System(Instant);

impl Clock for System {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, long: Duration) {
        std::thread::sleep(long);
    }
}

/// The device's hardware-wallet interface.
pub(super) struct Hww {
    transport: Box<dyn Transport>,
    clock: Box<dyn Clock>,
    waiter: Waiter,
    /// Whether an interruption ends the waiting; not while the outcome of an interrupted request is found out.
    heeds: bool,
    /// Whether nothing has been answered yet.
    first: bool,
}

impl std::fmt::Debug for Hww {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hww").finish_non_exhaustive()
    }
}

impl Hww {
    pub(super) fn new(transport: Box<dyn Transport>, waiter: Waiter) -> Self {
        Self {
            transport,
            clock: Box::new(System(Instant::now())),
            waiter,
            heeds: true,
            first: true,
        }
    }

    /// From now on an interruption that has come no longer ends the waiting.
    pub(super) fn ignore_interrupts(&mut self) {
        self.heeds = false;
    }

    /// Says nothing for so long that a device drops what is pending.
    pub(super) fn let_go(&self) {
        self.clock.sleep(Duration::from_millis(800));
    }

    /// INFO: the answer, which has no status byte.
    pub(super) fn info(&mut self) -> Result<Vec<u8>, ExchangeError> {
        let deadline = self.deadline(DEVICE);
        self.patiently(deadline, |hww| {
            let answer = hww.exchange(&[INFO])?;
            match answer.as_slice() {
                [] => Err(ExchangeError::Empty),
                [BUSY] => Ok(None),
                [NACK] => Err(ExchangeError::Nack),
                _ => Ok(Some(answer)),
            }
        })
    }

    /// Sends a payload and waits until it is answered.
    pub(super) fn request(
        &mut self,
        payload: &[u8],
        patience: Duration,
    ) -> Result<Vec<u8>, ExchangeError> {
        let message = [&[NEW], payload].concat();
        if message.len() > LONGEST {
            return Err(ExchangeError::TooLong(message.len()));
        }
        let deadline = self.deadline(patience);
        self.patiently(deadline, |hww| {
            let mut answer = hww.exchange(&message)?;
            let mut pause = FIRST_POLL;
            let mut pending = false;
            loop {
                let status = *answer.first().ok_or(ExchangeError::Empty)?;
                match status {
                    ACK => return Ok(Some(answer.split_off(1))),
                    NOT_READY => pending = true,
                    BUSY => return Ok(None),
                    NACK if pending => return Err(ExchangeError::Dropped),
                    NACK => return Err(ExchangeError::Nack),
                    other => return Err(ExchangeError::Unknown(other)),
                }
                hww.in_time(deadline)?;
                hww.pause(pause)?;
                pause = pause.saturating_mul(2).min(POLL);
                answer = hww.exchange(&[RETRY])?;
            }
        })
    }

    fn deadline(&self, patience: Duration) -> Deadline {
        let at = self.clock.now().saturating_add(patience);
        Deadline { at, patience }
    }

    fn in_time(&self, deadline: Deadline) -> Result<(), ExchangeError> {
        if self.clock.now() < deadline.at {
            return Ok(());
        }
        Err(ExchangeError::Late(deadline.patience.as_secs()))
    }

    /// Tries again as long as the device is busy: `None` says so. The deadline is one for all attempts: a
    /// device that is at work and busy by turns does not start over.
    fn patiently(
        &mut self,
        deadline: Deadline,
        attempt: impl Fn(&mut Self) -> Result<Option<Vec<u8>>, ExchangeError>,
    ) -> Result<Vec<u8>, ExchangeError> {
        // After a wish to end it may stay busy with what was given up.
        let times = if self.heeds { TIMES } else { 3 };
        for time in 0..times {
            if let Some(answer) = attempt(self)? {
                return Ok(answer);
            }
            if time == 0 {
                (self.waiter.notice)(Notice::Busy);
            }
            self.in_time(deadline)?;
            self.pause(AGAIN)?;
        }
        Err(ExchangeError::Busy(times.saturating_mul(AGAIN.as_secs())))
    }

    /// Waits, if nobody wants an end.
    fn pause(&self, long: Duration) -> Result<(), ExchangeError> {
        let mut left = long;
        while !left.is_zero() {
            self.go_on()?;
            let part = left.min(TICK);
            self.clock.sleep(part);
            left = left.saturating_sub(part);
        }
        self.go_on()
    }

    fn go_on(&self) -> Result<(), ExchangeError> {
        if self.heeds && self.waiter.is_stopped() {
            return Err(ExchangeError::Stopped);
        }
        Ok(())
    }

    /// One message there and one back.
    fn exchange(&mut self, message: &[u8]) -> Result<Vec<u8>, ExchangeError> {
        self.go_on()?;
        let first = std::mem::take(&mut self.first);
        self.send(message)?;
        match self.receive() {
            Err(ExchangeError::Frame(FrameError::Reported(
                ErrorFrame::SEQUENCE | ErrorFrame::BUSY,
            ))) if first => {
                // Half a message of a program that ended in the midst of it (docs/device.md 2-b).
                for report in frame::clearing() {
                    self.transport.write(&report)?;
                }
                // It is answered by error 1, which says nothing here.
                match self.receive() {
                    Ok(_) | Err(ExchangeError::Frame(_)) => {}
                    Err(error) => return Err(error),
                }
                (self.waiter.notice)(Notice::Cleared);
                self.send(message)?;
                self.receive()
            }
            answer => answer,
        }
    }

    fn send(&mut self, message: &[u8]) -> Result<(), ExchangeError> {
        for report in frame::reports(message) {
            self.transport.write(&report)?;
        }
        Ok(())
    }

    fn receive(&mut self) -> Result<Vec<u8>, ExchangeError> {
        let until = self.clock.now().saturating_add(ANSWER);
        let mut assembler = Assembler::default();
        let mut foreign = 0_usize;
        loop {
            self.go_on()?;
            if self.clock.now() >= until {
                return Err(match assembler.progress() {
                    Some((have, length)) => ExchangeError::Cut { have, length },
                    None => ExchangeError::Silent(ANSWER.as_secs()),
                });
            }
            let Some(report) = self.transport.read(TICK)? else {
                continue;
            };
            match assembler.take(&report)? {
                Taken::Whole(message) => return Ok(message),
                Taken::More => {}
                Taken::Foreign => {
                    foreign = foreign.saturating_add(1);
                    if foreign > MOST_FOREIGN {
                        return Err(ExchangeError::Flood(MOST_FOREIGN));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
