//! Questions to the person at the terminal, never to a pipe.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};

use anyhow::Context;

/// The terminal this program was started from.
#[cfg(windows)]
const TERMINAL: [&str; 2] = ["CONIN$", "CONOUT$"];
#[cfg(not(windows))]
const TERMINAL: [&str; 2] = ["/dev/tty", "/dev/tty"];

/// Warns, and asks for a `yes` unless it was given already. Whether it may go on.
///
/// # Errors
/// If there is nobody to ask: the question is named.
pub(crate) fn warned(warning: &str, question: &str, yes: bool) -> anyhow::Result<bool> {
    if yes {
        return Ok(true);
    }
    let [from, to] = TERMINAL;
    let open = || {
        let to = OpenOptions::new().write(true).open(to)?;
        std::io::Result::Ok((BufReader::new(File::open(from)?), to))
    };
    let (from, mut to) = open().map_err(|_| {
        anyhow::anyhow!(
            "there is no terminal to ask on: \"{question}\"\nanswer with --yes, or start it from a terminal"
        )
    })?;
    let ask = || {
        write!(to, "{warning}\n{question} Type yes to go on: ")?;
        to.flush()?;
        answer(from)
    };
    ask().context("the terminal cannot be read")
}

/// Whether the next line says yes.
fn answer(from: impl BufRead) -> std::io::Result<bool> {
    let mut line = String::new();
    std::io::Read::take(from, 100).read_line(&mut line)?;
    Ok(line.trim().eq_ignore_ascii_case("yes"))
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[test]
    fn only_yes_is_yes() {
        for (line, yes) in [("yes\n", true), (" YES \n", true), ("yes", true)] {
            assert_eq!(answer(line.as_bytes()).unwrap(), yes, "{line:?}");
        }
        for line in ["", "\n", "y\n", "no\n", "yes please\n", "no\nyes\n"] {
            assert!(!answer(line.as_bytes()).unwrap(), "{line:?}");
        }
    }
}
