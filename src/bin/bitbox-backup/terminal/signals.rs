//! Signals, noted and acted upon where the terminal can be put in order first.

use std::io;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::flag;

use crate::interrupt;

static ENDED: AtomicBool = AtomicBool::new(false);
static SUSPENDED: AtomicBool = AtomicBool::new(false);
static RESIZED: AtomicBool = AtomicBool::new(false);

/// From the first call on, no signal ends or stops the program by itself.
pub(super) fn watch() -> io::Result<()> {
    static ONCE: Once = Once::new();
    let mut watched = Ok(());
    ONCE.call_once(|| {
        interrupt::only_note();
        watched = register();
    });
    watched
}

fn register() -> io::Result<()> {
    for signal in [SIGHUP, SIGQUIT, SIGTERM] {
        flag::register(signal, &ENDED)?;
    }
    flag::register(SIGTSTP, &SUSPENDED)?;
    flag::register(SIGWINCH, &RESIZED)?;
    Ok(())
}

/// Whether the program is to end.
pub(super) fn ended() -> bool {
    ENDED.load(Ordering::Relaxed) || interrupt::stopped()
}

/// Whether it was to stop for a while, since the last time somebody asked.
pub(super) fn suspended() -> bool {
    SUSPENDED.swap(false, Ordering::Relaxed)
}

/// Whether the terminal has another size, since the last time somebody asked.
pub(super) fn resized() -> bool {
    RESIZED.swap(false, Ordering::Relaxed)
}

/// Stops the program, until somebody lets it go on.
pub(super) fn suspend() -> io::Result<()> {
    signal_hook::low_level::emulate_default_handler(SIGTSTP)
}
