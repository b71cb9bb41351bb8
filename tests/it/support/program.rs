//! The program as a person runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The cards that come with the project.
pub fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

/// The names of their images, in order.
pub fn shipped() -> Vec<String> {
    let entries = std::fs::read_dir(testdata()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(".img.zst")).collect();
    names.sort();
    names
}

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

impl Ran {
    /// Its status, and what it wrote to either stream.
    #[track_caller]
    pub fn text(&self) -> String {
        let status = self.status.expect("a signal ended it");
        format!("status {status}\n{}{}", self.out, self.err)
    }

    /// Its answer in JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Waits for a command to end.
pub fn ran(command: &mut Command) -> Ran {
    command.output().unwrap().into()
}

/// Runs the program in a folder.
pub fn run(folder: &Path, arguments: &[&str]) -> Ran {
    ran(program(folder).args(arguments))
}

/// Runs it and reads its answer in JSON.
#[track_caller]
pub fn json(folder: &Path, arguments: &[&str]) -> Value {
    run(folder, arguments).json()
}

/// Takes the terminal of whoever runs the tests away from a program, so that nobody can be asked.
#[cfg(unix)]
#[allow(unsafe_code)] // what a child does before it becomes the program
pub fn without_terminal(program: &mut Command) -> &mut Command {
    use std::os::unix::process::CommandExt;
    let alone = || {
        rustix::process::setsid()?;
        Ok(())
    };
    // SAFETY: only setsid(2) is called there, which may be called between fork and exec.
    unsafe { program.pre_exec(alone) }
}

/// Lets a program hear SIGHUP, which what runs in the background may have been told to ignore.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)] // what a child does before it becomes the program
pub fn hearing_hangups(program: &mut Command) -> &mut Command {
    use std::os::unix::process::CommandExt;
    // SAFETY: only signal(2) is called there, which may be called between fork and exec.
    unsafe { program.pre_exec(hear_hangups) }
}

/// No longer ignores SIGHUP.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
#[expect(clippy::unnecessary_wraps, reason = "as what runs before a program is")]
pub fn hear_hangups() -> std::io::Result<()> {
    // SAFETY: a default action needs no memory of this process.
    unsafe { libc::signal(libc::SIGHUP, libc::SIG_DFL) };
    Ok(())
}

/// Takes root's right to read and write everywhere away from a program; nobody else has it.
#[cfg(unix)]
#[allow(unsafe_code)] // what a child does before it becomes the program
pub fn bound_by_permissions(program: &mut Command) -> &mut Command {
    use std::os::unix::process::CommandExt;
    let bound = || {
        #[cfg(target_os = "linux")]
        if rustix::process::geteuid().is_root() {
            use rustix::thread::{CapabilitySet, remove_capability_from_bounding_set};
            remove_capability_from_bounding_set(CapabilitySet::DAC_OVERRIDE)?;
            remove_capability_from_bounding_set(CapabilitySet::DAC_READ_SEARCH)?;
        }
        Ok(())
    };
    // SAFETY: only geteuid(2) and prctl(2) are called there, which may be called between fork and exec.
    unsafe { program.pre_exec(bound) }
}
