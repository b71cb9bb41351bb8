//! `self-test` as text: a line a check, and what follows.

use std::io::{self, Write};

use crate::self_test::Check;
use crate::validation::Test;

use super::{BAD, GOOD, paragraph};

const SOUND: &str = "All known-answer tests passed on this machine.";
const UNSOUND: &str = "A known-answer test failed on this machine: trust none of the program's \
                       answers. Try it on another machine, and report this with the lines above.";

pub(crate) fn checks(out: &mut impl Write, checks: &[Check]) -> io::Result<()> {
    for check in checks {
        match &check.outcome {
            Ok(seen) => {
                writeln!(out, "{GOOD}ok{GOOD:#}      {}", check.what)?;
                paragraph(out, seen, "        ")?;
            }
            Err(error) => {
                writeln!(out, "{BAD}wrong{BAD:#}   {}", check.what)?;
                paragraph(out, &error.to_string(), "        ")?;
            }
        }
    }
    writeln!(out)?;
    let sound = checks.iter().all(|check| check.outcome.is_ok());
    paragraph(out, if sound { SOUND } else { UNSOUND }, "")
}

/// What came of the tests on known cards, and where their report is.
pub(crate) fn validated(out: &mut impl Write, tests: &[Test], file: &str) -> io::Result<()> {
    writeln!(out)?;
    for test in tests.iter().filter(|test| !test.passed()) {
        writeln!(out, "{BAD}failed{BAD:#}  {}: {}", test.name, test.recipe)?;
    }
    let all = tests.len();
    let text = match tests.iter().filter(|test| !test.passed()).count() {
        0 => format!("{GOOD}All {all} tests on known cards passed.{GOOD:#} The report is {file}."),
        failed => format!(
            "{BAD}{failed} of {all} tests on known cards failed.{BAD:#} The report is {file}."
        ),
    };
    paragraph(out, &text, "")
}
