//! Ctrl-C: the first ends the work cleanly, the second at once.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::Exit;
use crate::reports::file::discard_parts;

static STOP: AtomicBool = AtomicBool::new(false);
/// Whether somebody else acts upon it.
static ONLY_NOTE: AtomicBool = AtomicBool::new(false);

/// Set as soon as somebody wants the work to end. From the first call on, Ctrl-C does not end the
/// program by itself.
pub(crate) fn stop() -> anyhow::Result<&'static AtomicBool> {
    stop_saying("stopping after the cards begun; press again to stop at once")
}

/// The same with what is said at the first Ctrl-C.
pub(crate) fn stop_saying(note: &'static str) -> anyhow::Result<&'static AtomicBool> {
    ctrlc::set_handler(move || {
        let again = STOP.swap(true, Ordering::Relaxed);
        if ONLY_NOTE.load(Ordering::Relaxed) {
            return;
        }
        if again {
            discard_parts();
            std::process::exit(Exit::Interrupted as i32);
        }
        let _ = writeln!(anstream::stderr(), "\n{note}");
    })?;
    Ok(&STOP)
}

/// From now on Ctrl-C is only noted: whoever asks [`stopped`] has to put a terminal in order first.
pub(crate) fn only_note() {
    ONLY_NOTE.store(true, Ordering::Relaxed);
}

/// Whether somebody wanted the work to end.
pub(crate) fn stopped() -> bool {
    STOP.load(Ordering::Relaxed)
}
