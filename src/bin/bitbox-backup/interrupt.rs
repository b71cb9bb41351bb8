//! Signals that end the program: the first ends the work cleanly, the second at once, and neither
//! leaves anything half-written.

#[cfg(unix)]
mod signals;
/// Ctrl-C where there are no signals.
#[cfg(not(unix))]
mod signals {
    use std::io;

    pub(crate) struct Handlers;

    impl Handlers {
        /// Nothing has to be done beforehand.
        #[allow(clippy::unnecessary_wraps)] // as on systems with signals
        pub(crate) fn install() -> io::Result<Self> {
            Ok(Self)
        }

        /// Acts upon Ctrl-C from now on.
        pub(crate) fn watch(self) -> io::Result<()> {
            ctrlc::set_handler(|| super::arrived(super::INTERRUPT)).map_err(io::Error::other)
        }
    }
}

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

use bitbox_backup::files::discard_unfinished;

use crate::{evidence, output};

pub(crate) use signals::Handlers;

/// The number of SIGINT, which Ctrl-C sends.
const INTERRUPT: u8 = 2;

static STOP: AtomicBool = AtomicBool::new(false);
/// The first signal that came; 0 as long as none did.
static SIGNAL: AtomicU8 = AtomicU8::new(0);
/// Whether somebody else acts upon it.
static ONLY_NOTE: AtomicBool = AtomicBool::new(false);
/// What is said at the first; `None` as long as a signal ends the program at once.
static NOTE: Mutex<Option<&'static str>> = Mutex::new(None);

/// Set as soon as somebody wants the work to end; `note` is said then. From the first call on, a
/// signal does not end the program by itself; a later one changes what is said.
pub(crate) fn stop(note: &'static str) -> &'static AtomicBool {
    *said() = Some(note);
    &STOP
}

/// Does work that looks by itself whether somebody wants it to end; `note` is said then.
pub(crate) fn heeded<T>(note: &'static str, work: impl FnOnce() -> T) -> T {
    let before = said().replace(note);
    let done = work();
    *said() = before;
    done
}

fn said() -> std::sync::MutexGuard<'static, Option<&'static str>> {
    NOTE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Acts upon a signal, in a thread of its own.
fn arrived(signal: u8) {
    let first = SIGNAL.compare_exchange(0, signal, Ordering::Relaxed, Ordering::Relaxed);
    STOP.store(true, Ordering::Relaxed);
    if ONLY_NOTE.load(Ordering::Relaxed) {
        return;
    }
    let note = *said();
    match note {
        Some(note) if first.is_ok() => {
            let _ = writeln!(anstream::stderr(), "\n{note}");
        }
        _ => end_at_once(),
    }
}

/// Removes what is not in its place yet, and ends the program.
fn end_at_once() -> ! {
    discard_unfinished();
    evidence::cut();
    let is_begun = output::end_open(
        r#""status":"interrupted","error":"it was interrupted a second time","hint":"run it again"}"#,
    );
    if !is_begun {
        output::cut();
    }
    std::process::exit(i32::from(status()));
}

/// Whether a signal is only noted: whoever asks [`stopped`] has to put a terminal in order first.
#[cfg(unix)]
pub(crate) fn only_note(only: bool) {
    ONLY_NOTE.store(only, Ordering::Relaxed);
}

/// What is set as soon as somebody wants the work to end.
pub(crate) fn flag() -> &'static AtomicBool {
    &STOP
}

/// Whether somebody wanted the work to end.
pub(crate) fn stopped() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// The first signal that came.
pub(crate) fn signal() -> Option<u8> {
    Some(SIGNAL.load(Ordering::Relaxed)).filter(|signal| *signal != 0)
}

/// With what status an interrupted program ends: 130 after Ctrl-C, 143 after SIGTERM, 129 after
/// SIGHUP, as shells have it.
pub(crate) fn status() -> u8 {
    let signal = match SIGNAL.load(Ordering::Relaxed) {
        // On a terminal without signals by keys Ctrl-C is a key.
        0 => INTERRUPT,
        signal => signal,
    };
    128_u8.saturating_add(signal)
}
