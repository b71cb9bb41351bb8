//! `self-test`: whether this program computes here what it should.

use std::io::{BufWriter, Write};
use std::path::Path;

use crate::fence::{Proof, prove};
use crate::self_test::{self, Check, Mismatch};
use crate::validation::{self, Test};
use bitbox_backup::report::SCHEMA;
use bitbox_backup::text::path_text;
use serde_json::{Value, json};

use crate::args::SelfTest;
use crate::exit::Exit;
use crate::render;

pub(crate) fn run(args: &SelfTest) -> anyhow::Result<Exit> {
    let mut checks = self_test::run();
    checks.extend(fence());
    let tests = match &args.validation {
        Some(file) => {
            let tests = validation::run();
            validation::write(file, &tests, &checks)?;
            Some(tests)
        }
        None => None,
    };
    let passed = checks.iter().all(|check| check.outcome.is_ok())
        && tests.iter().flatten().all(Test::passed);
    let mut out = BufWriter::new(crate::output::stdout());
    if args.json {
        writeln!(out, "{:#}", answer(args, &checks, tests.as_deref(), passed))?;
    } else {
        render::self_test::checks(&mut out, &checks)?;
        if let (Some(tests), Some(file)) = (&tests, &args.validation) {
            render::self_test::validated(&mut out, tests, &path_text(file))?;
        }
    }
    out.flush()?;
    Ok(if passed { Exit::Done } else { Exit::Attention })
}

/// Whether the fence around this very run holds. A machine that has none is no mismatch, and says so.
fn fence() -> Vec<Check> {
    let level = crate::fence::level();
    let found = prove(level, Path::new("/etc/passwd"), Path::new("/bin/true"));
    found.iter().map(check).collect()
}

fn check(proof: &Proof) -> Check {
    Check {
        name: proof.name,
        what: proof.what,
        outcome: match (proof.stands, proof.forbidden) {
            (_, None) => Ok("switched off by --no-sandbox".to_owned()),
            (_, Some(true)) => Ok("forbidden".to_owned()),
            (false, Some(false)) => Ok("allowed: this system cannot forbid it".to_owned()),
            (true, Some(false)) => Err(Mismatch {
                what: proof.what,
                expected: "forbidden".to_owned(),
                found: "allowed".to_owned(),
            }),
        },
    }
}

fn answer(args: &SelfTest, checks: &[Check], tests: Option<&[Test]>, passed: bool) -> Value {
    let told = |check: &Check| {
        json!({
            "name": check.name,
            "what": check.what,
            "passed": check.outcome.is_ok(),
            "seen": check.outcome.as_ref().ok(),
            "error": check.outcome.as_ref().err().map(ToString::to_string),
        })
    };
    let mut answer = json!({
        "schema": SCHEMA,
        "command": "self-test",
        "version": env!("CARGO_PKG_VERSION"),
        "passed": passed,
        "checks": checks.iter().map(told).collect::<Vec<_>>(),
    });
    if let (Some(tests), Some(file), Some(answer)) =
        (tests, &args.validation, answer.as_object_mut())
    {
        answer.insert("validation".to_owned(), json!(path_text(file)));
        answer.insert("tests".to_owned(), json!(tests));
    }
    answer
}
