//! `self-test`: whether this program computes here what it should.

use std::path::{Path, PathBuf};

use crate::sandbox::{Proof, prove};
use crate::self_test::{self, Check, Mismatch};
use crate::validation::{self, Test};
use bitbox_backup::text::path_text;

use super::answer;
use crate::answers::Outcome;
use crate::answers::self_test::Checked;
use crate::exit::Exit;
use crate::render;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Also run the program on known cards and write what was expected and found to this new file
    #[arg(long, value_name = "FILE")]
    pub(crate) validation: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
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
    let file = args.validation.as_deref().map(path_text);
    let validated = file.as_deref().zip(tests.as_deref());
    let own = Checked::of(&checks, validated, passed);
    answer("self-test", args.json, Outcome::DONE, &own, |out| {
        render::text::self_test::checks(out, &checks)?;
        if let Some((file, tests)) = validated {
            render::text::self_test::validated(out, tests, file)?;
        }
        Ok(())
    })?;
    Ok(if passed { Exit::Done } else { Exit::Attention })
}

/// Whether the fence around this very run holds. A machine that has none is no mismatch, and says so.
fn fence() -> Vec<Check> {
    let level = crate::sandbox::level();
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
