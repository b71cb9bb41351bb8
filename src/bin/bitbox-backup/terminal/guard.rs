//! A terminal in another mode than it was, put back in order whatever happens but SIGKILL.

use std::fs::File;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, Once, PoisonError, TryLockError};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// Goes to the alternate screen, hides the cursor, clears.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[2J\x1b[H";
/// Clears the screen and what scrolled off it, shows the cursor, goes back to the screen before.
const LEAVE: &[u8] = b"\x1b[0m\x1b[2J\x1b[3J\x1b[H\x1b[?25h\x1b[?1049l";

struct Saved {
    tty: File,
    mode: Termios,
    /// Whether it shows the alternate screen.
    screen: bool,
}

/// The terminal that is to be put in order.
static SAVED: Mutex<Option<Saved>> = Mutex::new(None);

/// As long as it lives, a terminal is in another mode; dropping it puts it back in order.
pub(super) struct Guard(());

impl Guard {
    /// Shows nothing of what is typed. What was typed before is forgotten, and at the end what nobody read.
    pub(super) fn no_echo(tty: &File) -> io::Result<Self> {
        Self::new(tty, |mode| mode.local_modes.remove(LocalModes::ECHO), false)
    }

    /// Changes the mode and goes to the alternate screen. What was typed before is forgotten, and at the end what
    /// nobody read.
    pub(super) fn screen(tty: &File, change: impl FnOnce(&mut Termios)) -> io::Result<Self> {
        Self::new(tty, change, true)
    }

    fn new(tty: &File, change: impl FnOnce(&mut Termios), screen: bool) -> io::Result<Self> {
        restore_on_panic();
        let before = tcgetattr(tty)?;
        let mut mode = before.clone();
        change(&mut mode);
        *lock() = Some(Saved {
            tty: tty.try_clone()?,
            mode: before,
            screen,
        });
        let guard = Self(()); // from here on an error puts it back
        tcsetattr(tty, OptionalActions::Flush, &mode)?;
        if screen {
            let mut tty = tty;
            tty.write_all(ENTER)?;
        }
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(saved) = lock().take() {
            restore(&saved);
        }
    }
}

/// Whether a terminal is to be put in order: nobody else, such as a panic, has done it.
pub(super) fn is_held() -> bool {
    lock().is_some()
}

fn lock() -> MutexGuard<'static, Option<Saved>> {
    SAVED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A panic puts the terminal back in order before it prints anything.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // Whoever holds the lock is in the midst of doing it.
            let saved = match SAVED.try_lock() {
                Ok(mut saved) => saved.take(),
                Err(TryLockError::Poisoned(saved)) => saved.into_inner().take(),
                Err(TryLockError::WouldBlock) => None,
            };
            if let Some(saved) = saved {
                restore(&saved);
            }
            before(panic);
        }));
    });
}

/// Puts a terminal back in order. One that is gone needs nothing.
fn restore(saved: &Saved) {
    if saved.screen {
        let mut tty = &saved.tty;
        let _ = tty
            .write_all(&blanks(tty))
            .and_then(|()| tty.write_all(LEAVE));
    }
    // A line too much, such as the rest of a paste, would be shown, or run by the shell.
    let _ = tcsetattr(&saved.tty, OptionalActions::Flush, &saved.mode);
}

/// Blanks over every character: some terminals and multiplexers keep what is merely cleared.
fn blanks(tty: &File) -> Vec<u8> {
    let size = super::size(tty);
    let mut text = b"\x1b[0m".to_vec();
    for row in 1..=size.rows {
        text.extend(format!("\x1b[{row};1H").bytes());
        text.extend(std::iter::repeat_n(b' ', size.columns));
    }
    text
}
