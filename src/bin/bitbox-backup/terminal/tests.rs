//! A terminal without a person.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::*;
use crate::test_process;

/// A terminal, and the side on which the person would be.
fn pair() -> (Terminal, File) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&person).unwrap();
    unlockpt(&person).unwrap();
    let name = ptsname(&person, Vec::new()).unwrap();
    let tty = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap());
    (Terminal { tty: tty.unwrap() }, File::from(person))
}

fn page() -> Page {
    let mut page = Page::new();
    page.line(["a ", "secret"]);
    page
}

fn got(mut person: &File) -> String {
    let (mut text, mut bytes) = (String::new(), [0; 4096]);
    // It comes in pieces; then nothing comes for a while.
    while poll(&mut [PollFd::new(person, PollFlags::IN)], Some(&TICK)).unwrap() > 0 {
        let count = person.read(&mut bytes).unwrap();
        text.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    text
}

/// There is one terminal a program, and a panic of any test puts it back in order.
#[test]
fn in_a_process_of_its_own() {
    test_process::run("terminal::tests::a_screen_ends_by_itself_and_by_a_panic");
}

#[test]
#[ignore = "run by in_a_process_of_its_own"]
fn a_screen_ends_by_itself_and_by_a_panic() {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    static IN_ORDER: AtomicBool = AtomicBool::new(false);
    // What prints a panic comes after what puts the terminal back in order.
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        IN_ORDER.store(!guard::is_held(), Ordering::Relaxed);
        print(panic);
    }));
    let (terminal, person) = pair();
    let before = rustix::termios::tcgetattr(&terminal.tty).unwrap();
    let closed = terminal.show(&|_| page(), Duration::from_millis(100));
    assert_eq!(closed.unwrap(), Closed::Late);
    let shown = got(&person);
    assert!(shown.contains("a secret"), "{shown:?}");
    assert!(
        shown.ends_with("\x1b[2J\x1b[3J\x1b[H\x1b[?25h\x1b[?1049l"),
        "{shown:?}"
    );

    let (terminal, person) = pair();
    let ended = std::panic::catch_unwind(|| {
        let panics = |_| -> Page { panic!("while a page is made") };
        let _ = terminal.show(&panics, Duration::from_secs(60));
    });
    assert!(ended.is_err());
    assert_eq!(PANICS.load(Ordering::Relaxed), 1);
    assert!(IN_ORDER.load(Ordering::Relaxed));
    let shown = got(&person);
    assert!(shown.ends_with("\x1b[?1049l"), "{shown:?}");
    let after = rustix::termios::tcgetattr(&terminal.tty).unwrap();
    assert_eq!(after.local_modes, before.local_modes);
    assert_eq!(after.input_modes, before.input_modes);
}
