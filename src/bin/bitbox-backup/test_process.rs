//! Tests that change what all threads of a program share: each runs in a process of its own.

use std::process::Command;

/// Runs an ignored test of this program, by its full name, in a process of its own.
#[track_caller]
pub(crate) fn run(test: &str) {
    let ran = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--test-threads=1"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(said.contains("1 passed"), "{said}");
}
