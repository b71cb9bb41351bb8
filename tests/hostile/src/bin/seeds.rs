//! Writes the seeds in `fuzz/corpus`, or checks the ones that are there: `seeds [--check]`.
//!
//! Files whose name begins with `seed-` are made here; all others are what fuzzing found.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use hostile::{TARGETS, seeds};

fn main() -> ExitCode {
    let check = std::env::args()
        .nth(1)
        .is_some_and(|argument| argument == "--check");
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus"));
    for (target, _) in TARGETS {
        if let Err(problem) = one(&corpus.join(target), target, check) {
            eprintln!("seeds: {problem}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn one(folder: &Path, target: &str, check: bool) -> Result<(), String> {
    let failed = |path: &Path, error| format!("{}: {error}", path.display());
    let seeds: Vec<_> = seeds::of(target)
        .into_iter()
        .map(|(name, bytes)| (format!("seed-{name}"), bytes))
        .collect();
    if !check {
        fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    }
    for file in fs::read_dir(folder).map_err(|error| failed(folder, error))? {
        let path = file.map_err(|error| failed(folder, error))?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        if name.starts_with("seed-") && !seeds.iter().any(|(seed, _)| *seed == name) {
            if check {
                return Err(format!("{}: nothing makes this seed", path.display()));
            }
            fs::remove_file(&path).map_err(|error| failed(&path, error))?;
        }
    }
    for (name, bytes) in seeds {
        let path = folder.join(name);
        let same = fs::read(&path).is_ok_and(|found| found == bytes);
        if check && !same {
            return Err(format!("{}: differs from what is made", path.display()));
        }
        if !same {
            fs::write(&path, bytes).map_err(|error| failed(&path, error))?;
        }
    }
    Ok(())
}
