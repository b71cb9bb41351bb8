//! Devices that would keep a program for ever.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use super::super::transport::{REPORT, Report, TransportError};
use super::*;

/// Time that passes only where somebody waits.
#[derive(Clone, Default)]
struct Time(Arc<Mutex<Duration>>);

impl Clock for Time {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, long: Duration) {
        *self.0.lock().unwrap() += long;
    }
}

/// A device that answers each message with one byte, after a while.
struct Hostile<F> {
    time: Time,
    /// How long each answer takes.
    delay: Duration,
    /// The byte, by the time and what was asked.
    answer: F,
    pending: VecDeque<u8>,
}

impl<F: FnMut(Duration, u8) -> u8 + Send> Transport for Hostile<F> {
    fn write(&mut self, report: &Report) -> Result<(), TransportError> {
        // A first report has the command behind the channel; requests here have no next ones.
        assert_eq!(report[4], 0xC1);
        let byte = (self.answer)(self.time.now(), report[7]);
        self.pending.push_back(byte);
        Ok(())
    }

    fn read(&mut self, within: Duration) -> Result<Option<Report>, TransportError> {
        let Some(byte) = self.pending.pop_front() else {
            self.time.sleep(within);
            return Ok(None);
        };
        self.time.sleep(self.delay);
        let mut report = [0; REPORT];
        report[..8].copy_from_slice(&[0xFF, 0, 0, 0, 0xC1, 0, 1, byte]);
        Ok(Some(report))
    }
}

/// Asks such a device: what came of it, and after how long.
fn asked(
    patience: Duration,
    delay: Duration,
    answer: impl FnMut(Duration, u8) -> u8 + Send + 'static,
) -> (ExchangeError, Duration) {
    let time = Time::default();
    let transport = Hostile {
        time: time.clone(),
        delay,
        answer,
        pending: VecDeque::new(),
    };
    let mut hww = Hww::new(Box::new(transport), Waiter::silent());
    hww.clock = Box::new(time.clone());
    let error = hww.request(b"n", patience).unwrap_err();
    (error, time.now())
}

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn work_and_busyness_by_turns_do_not_add_up() {
    for (patience, limit) in [(DEVICE, MINUTE * 2), (PERSON, MINUTE * 30)] {
        // Nearly as long as is waited, then busy, so that the message is sent again.
        let mut begun = Duration::ZERO;
        let turn = limit - MINUTE;
        let (error, took) = asked(patience, Duration::ZERO, move |now, asked| {
            if asked == NEW {
                begun = now;
            }
            if now - begun < turn { NOT_READY } else { BUSY }
        });
        assert!(matches!(error, ExchangeError::Late(_)), "{error}");
        assert!(took >= limit && took < limit + MINUTE, "{took:?}");
    }
}

#[test]
fn slow_answers_do_not_add_up() {
    for byte in [NOT_READY, BUSY] {
        let slow = ANSWER - TICK;
        let (error, took) = asked(DEVICE, slow, move |_, _| byte);
        assert!(matches!(error, ExchangeError::Late(_)), "{error}");
        assert!(took < MINUTE * 2 + ANSWER * 2, "{took:?}");
    }
}

#[test]
fn a_person_has_time() {
    let (error, took) = asked(PERSON, Duration::ZERO, |now, _| {
        if now < MINUTE * 29 { NOT_READY } else { NACK }
    });
    assert!(matches!(error, ExchangeError::Dropped), "{error}");
    assert!(took >= MINUTE * 29);
}

#[test]
fn a_busy_device_is_given_up_after_half_a_minute() {
    let (error, took) = asked(PERSON, Duration::ZERO, |_, _| BUSY);
    assert!(matches!(error, ExchangeError::Busy(30)), "{error}");
    assert_eq!(took, Duration::from_secs(30));
}
