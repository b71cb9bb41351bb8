//! The validation report as a text file.

use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use bitbox_backup::files::Sources;
use bitbox_backup::text::exact;
use sha2::{Digest, Sha256};

use super::{Requirement, Test};
use crate::output::file::ReportFile;
use crate::self_test::Check;
use crate::uname::{System, system};

const INTRODUCTION: &str = "\
Each card below is built in memory from a card that is built into the program, by
the recipe that is named. The program then lists it, searches all of it, recovers
what it can, and this report compares what it found with what is known of the
card. Nothing is taken from an earlier run. The requirements follow those that
NIST's Computer Forensics Tool Testing program and SWGDE have for programs that
read media and recover deleted files.";

const LIMITS: &str = "\
This report does not cover what the system, a write blocker, or a card reader does
to a card, nor E01 images. docs/testing.md names the tests of these, and who else's
programs the answers are compared with.";

/// Writes the report to a new file; what is there already is never replaced.
pub(crate) fn write(place: &Path, tests: &[Test], checks: &[Check]) -> anyhow::Result<()> {
    let mut file = ReportFile::create_new(place, &Sources::none())?;
    head(&mut file, tests, checks)?;
    for requirement in Requirement::ALL {
        writeln!(file, "\n\n{}", requirement.text())?;
        for test in tests.iter().filter(|one| one.requirement == requirement) {
            self::test(&mut file, test)?;
        }
    }
    writeln!(file, "\n\nKnown answers, and the sandbox.")?;
    for check in checks {
        match &check.outcome {
            Ok(seen) => writeln!(file, "\n  passed  {}\n          {seen}", check.what)?,
            Err(error) => writeln!(file, "\n  FAILED  {}\n          {error}", check.what)?,
        }
    }
    writeln!(file, "\n\n{LIMITS}")?;
    file.finish()
}

fn head(out: &mut impl Write, tests: &[Test], checks: &[Check]) -> io::Result<()> {
    let failed = tests.iter().filter(|test| !test.passed()).count()
        + checks.iter().filter(|check| check.outcome.is_err()).count();
    let all = tests.len() + checks.len();
    let System {
        name,
        release,
        version,
        arch,
    } = system();
    let parts = [Some(name), release, version, Some(arch)];
    let system: Vec<_> = parts.into_iter().flatten().collect();
    writeln!(out, "Validation report of bitbox-backup\n")?;
    writeln!(out, "program   bitbox-backup {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "file      {}", own_hash())?;
    writeln!(out, "system    {}", system.join(" "))?;
    writeln!(out, "date      {}", exact(SystemTime::now()))?;
    match failed {
        0 => writeln!(out, "result    all {all} tests passed\n")?,
        _ => writeln!(out, "result    {failed} of {all} tests FAILED\n")?,
    }
    writeln!(out, "{INTRODUCTION}")
}

/// The hash of the program that runs, where it may look at itself.
fn own_hash() -> String {
    const NOT_READ: &str =
        "not read: the sandbox keeps the program from its own file; hash it with sha256sum";
    let own = std::env::current_exe().and_then(std::fs::read);
    own.map_or_else(
        |_| NOT_READ.to_owned(),
        |bytes| format!("SHA-256 {}", hex::encode(Sha256::digest(bytes))),
    )
}

fn test(out: &mut impl Write, test: &Test) -> io::Result<()> {
    let result = if test.passed() { "passed" } else { "FAILED" };
    writeln!(out, "\n  {result}  {}", test.name)?;
    writeln!(out, "          card      {}", test.recipe)?;
    let sha256 = test.sha256.as_deref().unwrap_or("it could not be built");
    writeln!(out, "          SHA-256   {sha256}")?;
    for one in &test.results {
        writeln!(out, "          {}", one.what)?;
        writeln!(out, "            expected  {}", one.expected)?;
        writeln!(out, "            found     {}", one.found)?;
    }
    Ok(())
}
