//! Signals, noted and acted upon where the terminal can be put in order first.

use std::io;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGQUIT, SIGTSTP, SIGWINCH};
use signal_hook::flag;

use crate::interrupt;

static ENDED: AtomicBool = AtomicBool::new(false);
static SUSPENDED: AtomicBool = AtomicBool::new(false);
static RESIZED: AtomicBool = AtomicBool::new(false);
/// Whether nobody acts upon the flags: then signals do what they always do.
static UNWATCHED: AtomicBool = AtomicBool::new(true);

/// As long as it lives, no signal ends or stops the program by itself.
pub(super) struct Watch(());

impl Drop for Watch {
    fn drop(&mut self) {
        UNWATCHED.store(true, Ordering::Relaxed);
        interrupt::only_note(false);
    }
}

/// Begins to watch; one place at a time.
pub(super) fn watch() -> io::Result<Watch> {
    static ONCE: Once = Once::new();
    let mut registered = Ok(());
    ONCE.call_once(|| registered = register());
    registered?;
    UNWATCHED.store(false, Ordering::Relaxed);
    SUSPENDED.store(false, Ordering::Relaxed);
    interrupt::only_note(true);
    Ok(Watch(()))
}

fn register() -> io::Result<()> {
    flag::register_conditional_default(SIGQUIT, &UNWATCHED)?;
    flag::register(SIGQUIT, &ENDED)?;
    flag::register_conditional_default(SIGTSTP, &UNWATCHED)?;
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
