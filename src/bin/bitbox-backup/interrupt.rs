//! Ctrl-C: the first ends the work cleanly, the second at once.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::exit::Exit;
use crate::reports::file::discard_parts;

static STOP: AtomicBool = AtomicBool::new(false);
/// Whether somebody else acts upon it.
static ONLY_NOTE: AtomicBool = AtomicBool::new(false);
/// What is said at the first; `None` as long as Ctrl-C ends the program by itself.
static NOTE: Mutex<Option<&'static str>> = Mutex::new(None);

/// Set as soon as somebody wants the work to end; `note` is said then. From the first call on, Ctrl-C
/// does not end the program by itself; a later one changes what is said.
pub(crate) fn stop(note: &'static str) -> anyhow::Result<&'static AtomicBool> {
    let before = said().replace(note);
    if before.is_none() {
        ctrlc::set_handler(interrupted)?;
    }
    Ok(&STOP)
}

fn said() -> std::sync::MutexGuard<'static, Option<&'static str>> {
    NOTE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn interrupted() {
    let again = STOP.swap(true, Ordering::Relaxed);
    if ONLY_NOTE.load(Ordering::Relaxed) {
        return;
    }
    if again {
        discard_parts();
        std::process::exit(Exit::Interrupted as i32);
    }
    let note = said().unwrap_or_default();
    let _ = writeln!(anstream::stderr(), "\n{note}");
}

/// Whether Ctrl-C is only noted: whoever asks [`stopped`] has to put a terminal in order first.
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
