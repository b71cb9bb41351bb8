//! `self-test`: whether this program computes here what it should.

use std::io::{BufWriter, Write};

use bitbox_backup::report::SCHEMA;
use bitbox_backup::self_test::{self, Check};
use serde_json::{Value, json};

use crate::args::SelfTest;
use crate::exit::Exit;
use crate::render;

pub(crate) fn run(args: &SelfTest) -> anyhow::Result<Exit> {
    let checks = self_test::run();
    let passed = checks.iter().all(|check| check.outcome.is_ok());
    let mut out = BufWriter::new(anstream::stdout().lock());
    if args.json {
        writeln!(out, "{:#}", answer(&checks, passed))?;
    } else {
        render::self_test::checks(&mut out, &checks)?;
    }
    out.flush()?;
    Ok(if passed { Exit::Done } else { Exit::Attention })
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
