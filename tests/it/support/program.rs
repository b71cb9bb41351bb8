//! The program as a person runs it.

use std::path::Path;
use std::process::{Command, Output};

/// The program, in a folder, in a known time zone.
pub fn program(folder: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_bitbox-backup"));
    program
        .current_dir(folder)
        .env("TZ", "Europe/Zurich")
        .env_remove("NO_COLOR");
    program
}

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self {
            status: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// Runs the program in a folder.
pub fn run(folder: &Path, arguments: &[&str]) -> Ran {
    program(folder).args(arguments).output().unwrap().into()
}

/// Runs it and reads its answer in JSON.
pub fn json(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let ran = run(folder, arguments);
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}
