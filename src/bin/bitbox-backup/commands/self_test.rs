//! `self-test`: whether this program computes here what it should.

use std::io::{BufWriter, Write};
use std::path::Path;

use bitbox_backup::report::SCHEMA;
use bitbox_backup::sandbox::prove;
use bitbox_backup::self_test::{self, Check, Mismatch};
use serde_json::{Value, json};

use crate::args::SelfTest;
use crate::exit::Exit;
use crate::{render, sandbox};

pub(crate) fn run(args: &SelfTest) -> anyhow::Result<Exit> {
    let mut checks = self_test::run();
    checks.extend(fence());
    let passed = checks.iter().all(|check| check.outcome.is_ok());
    let mut out = BufWriter::new(crate::output::stdout());
    if args.json {
        writeln!(out, "{:#}", answer(&checks, passed))?;
    } else {
        render::self_test::checks(&mut out, &checks)?;
    }
    out.flush()?;
    Ok(if passed { Exit::Done } else { Exit::Attention })
}

/// Whether the fence around this very run holds. A machine that has none is no mismatch, and says so.
fn fence() -> Vec<Check> {
    let level = sandbox::level();
    let found = level.map(|_| prove(Path::new("/etc/passwd"), Path::new("/bin/true")));
    let files = level.is_some_and(|level| level.landlock.is_some());
    let calls = level.is_some_and(|level| level.seccomp);
    let check = |name, what, stands: bool, holds: Option<bool>| Check {
        name,
        what,
        outcome: match (stands, holds) {
            (_, None) => Ok("switched off by --no-sandbox".to_owned()),
            (_, Some(true)) => Ok("forbidden".to_owned()),
            (false, Some(false)) => Ok("allowed: this system cannot forbid it".to_owned()),
            (true, Some(false)) => Err(Mismatch {
                what,
                expected: "forbidden".to_owned(),
                found: "allowed".to_owned(),
            }),
        },
    };
    vec![
        check(
            "sandbox-files",
            "the sandbox: to open another file",
            files,
            found.map(|found| found.files),
        ),
        check(
            "sandbox-network",
            "the sandbox: to have a socket",
            calls,
            found.map(|found| found.network),
        ),
        check(
            "sandbox-programs",
            "the sandbox: to start a program",
            calls,
            found.map(|found| found.programs),
        ),
    ]
}

fn answer(checks: &[Check], passed: bool) -> Value {
    let told = |check: &Check| {
        json!({
            "name": check.name,
            "what": check.what,
            "passed": check.outcome.is_ok(),
            "seen": check.outcome.as_ref().ok(),
            "error": check.outcome.as_ref().err().map(ToString::to_string),
        })
    };
    json!({
        "schema": SCHEMA,
        "command": "self-test",
        "version": env!("CARGO_PKG_VERSION"),
        "passed": passed,
        "checks": checks.iter().map(told).collect::<Vec<_>>(),
    })
}
