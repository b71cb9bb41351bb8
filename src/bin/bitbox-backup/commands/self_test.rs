//! `self-test`: whether the program does on this machine what it did on ours.

mod answers;

use std::io::Write;
use std::path::Path;

use bitbox_backup::report::SCHEMA;
use bitbox_backup::sandbox::prove;
use serde::Serialize;

use crate::args::{Global, SelfTest};
use crate::exit::Exit;
use crate::sandbox;

/// One thing that was tried.
#[derive(Debug, Serialize)]
struct Step {
    /// What was tried.
    name: &'static str,
    /// How it went.
    result: Outcome,
    /// What was seen.
    detail: String,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Passed,
    Failed,
    /// This machine has no such thing.
    Missing,
}

/// The answer in JSON.
#[derive(Serialize)]
struct Answer<'a> {
    schema: &'static str,
    command: &'static str,
    version: &'static str,
    passed: bool,
    steps: &'a [Step],
}

pub(crate) fn run(args: &SelfTest, _: &Global) -> anyhow::Result<Exit> {
    let mut steps: Vec<_> = answers::ALL.iter().map(step).collect();
    steps.extend(fence());
    let passed = steps.iter().all(|step| step.result != Outcome::Failed);
    let mut out = std::io::BufWriter::new(anstream::stdout().lock());
    if args.json {
        let answer = Answer {
            schema: SCHEMA,
            command: "self-test",
            version: env!("CARGO_PKG_VERSION"),
            passed,
            steps: &steps,
        };
        serde_json::to_writer_pretty(&mut out, &answer)?;
        writeln!(out)?;
    } else {
        for step in &steps {
            let result = match step.result {
                Outcome::Passed => "ok",
                Outcome::Failed => "FAILED",
                Outcome::Missing => "missing",
            };
            writeln!(out, "{result:8} {:24} {}", step.name, step.detail)?;
        }
    }
    out.flush()?;
    Ok(if passed { Exit::Done } else { Exit::Attention })
}

/// Tries one thing.
fn step((name, trial): &answers::Trial) -> Step {
    let (result, detail) = match trial() {
        Ok(seen) => (Outcome::Passed, seen),
        Err(error) => (Outcome::Failed, format!("{error:#}")),
    };
    Step {
        name,
        result,
        detail,
    }
}

/// Whether the sandbox holds.
fn fence() -> Vec<Step> {
    let Some(level) = sandbox::level() else {
        return vec![Step {
            name: "sandbox",
            result: Outcome::Missing,
            detail: "switched off by --no-sandbox".to_owned(),
        }];
    };
    let found = prove(Path::new("/etc/passwd"), Path::new("/bin/true"));
    let step = |name, stands: bool, holds: bool, detail: &str| Step {
        name,
        result: match (stands, holds) {
            (_, true) => Outcome::Passed,
            (false, false) => Outcome::Missing,
            (true, false) => Outcome::Failed,
        },
        detail: format!("{detail} (sandbox: {level})"),
    };
    vec![
        step(
            "sandbox: files",
            level.landlock.is_some(),
            found.files,
            "another file cannot be opened",
        ),
        step(
            "sandbox: network",
            level.seccomp,
            found.network,
            "no socket can be had",
        ),
        step(
            "sandbox: programs",
            level.seccomp,
            found.programs,
            "no program can be started",
        ),
    ]
}
