//! The signals of Unix.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;
use signal_hook::iterator::Signals;

/// How long the work may take to end after SIGTERM or SIGHUP. Whoever sends them does not wait long:
/// a system that shuts down kills what is still there after some seconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is asked after that whether a terminal is in order.
const TICK: Duration = Duration::from_millis(50);

/// Signals are caught and wait for whoever acts upon them.
pub(crate) struct Handlers(Signals);

impl Handlers {
    /// Catches the signals. To be called before the sandbox, which forbids what it needs.
    pub(crate) fn install() -> io::Result<Self> {
        // Without a handler a file that grows over its limit ends the program; with one the write
        // fails, and what was begun is removed.
        flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
        let wanted = [SIGINT, SIGTERM, SIGHUP].into_iter();
        // A closed window that was to be ignored, as `nohup` has it, stays ignored. Shells ignore SIGINT for
        // whatever runs in the background; a program that is told to end by it ends nevertheless.
        let wanted = wanted.filter(|signal| *signal != SIGHUP || !is_ignored(*signal));
        Ok(Self(Signals::new(wanted)?))
    }

    /// Acts upon them from now on. To be called inside the sandbox, since it starts a thread.
    pub(crate) fn watch(mut self) -> io::Result<()> {
        let named = std::thread::Builder::new().name("signals".to_owned());
        let watch = move || {
            for signal in self.0.forever() {
                super::arrived(u8::try_from(signal).unwrap_or(super::INTERRUPT));
                // Ends with the program, unless that is done before.
                if signal != SIGINT && std::thread::Builder::new().spawn(end_late).is_err() {
                    super::end_at_once();
                }
            }
        };
        named.spawn(watch).map(drop)
    }
}

/// Ends the program if it has not ended by itself after a while.
fn end_late() {
    std::thread::sleep(PATIENCE);
    // Whoever shows something puts the screen in order first.
    while super::ONLY_NOTE.load(Ordering::Relaxed) {
        std::thread::sleep(TICK);
    }
    super::end_at_once();
}

/// Whether this signal is ignored, as far as the system says.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    let ignored = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok());
    let bit = u32::try_from(signal)
        .ok()
        .and_then(|signal| signal.checked_sub(1));
    let bit = bit.and_then(|bit| 1_u64.checked_shl(bit)).unwrap_or(0);
    ignored.unwrap_or(0) & bit != 0
}
