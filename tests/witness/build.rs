//! Compiles ChaN's FatFs from the registry's copy of `fatfs-embedded`, with our own `ffconf.h`.
//!
//! Nothing of FatFs is in this repository: the crate is a dependency that is downloaded but never
//! built, and `cargo metadata` says where its sources lie.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the sources lie in `fatfs-embedded`.
const SOURCE: &str = "fatfs/source";
/// Those that are compiled or included; its `ffconf.h` and `diskio.c` are not.
const FILES: [&str; 4] = ["ff.c", "ff.h", "ffunicode.c", "diskio.h"];
/// A manifest that names the crate, for when ours has no lock file beside it.
const FINDER: &str = "[package]\nname = \"finder\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
    [workspace]\n\
    [target.'cfg(any())'.dependencies]\n\
    fatfs-embedded = { version = \"=0.1.0\", default-features = false }\n";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=c");
    let out = PathBuf::from(variable("OUT_DIR"));
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR"));

    // FatFs includes "ffconf.h" from its own folder first, so everything moves beside ours.
    let source = find_source(&here, &out).unwrap_or_else(|why| panic!("no FatFs sources: {why}"));
    let fatfs = out.join("fatfs");
    fs::create_dir_all(&fatfs).expect("OUT_DIR can be written");
    for file in FILES {
        copy(&source.join(file), &fatfs.join(file));
    }
    copy(&here.join("c/ffconf.h"), &fatfs.join("ffconf.h"));
    date_new_directories(&fatfs.join("ff.c"));

    cc::Build::new()
        .include(&fatfs)
        .file(fatfs.join("ff.c"))
        .file(fatfs.join("ffunicode.c"))
        .file(here.join("c/sd.c"))
        .flag_if_supported("-funsigned-char") // as on the device's ARM
        // FatFs compares names with what lay on its stack before; this makes it lie the same always.
        .flag_if_supported("-ftrivial-auto-var-init=pattern")
        .opt_level(2)
        .warnings(false)
        .compile("fatfs_witness");
}

/// R0.16 gives a new directory a creation date, R0.15 does not; this is all that differs in what
/// the two write here.
fn date_new_directories(path: &Path) {
    const R0_15: &str = "st_dword(dj.dir + DIR_ModTime, tm);\t/* Created time */";
    const R0_16: &str = "st_dword(dj.dir + DIR_CrtTime, tm); st_dword(dj.dir + DIR_ModTime, tm);";
    let source = fs::read(path).expect("it was copied just now");
    let source = String::from_utf8_lossy(&source);
    assert_eq!(source.matches(R0_15).count(), 1, "f_mkdir is another one");
    fs::write(path, source.replace(R0_15, R0_16)).expect("OUT_DIR can be written");
}

/// The folder of the registry's `ff.c`.
///
/// First as this build itself resolved it, with the lock file of the workspace it belongs to; then
/// the same with leave to download; then, without such a lock file, from a manifest of its own in
/// `OUT_DIR`, so that no file appears outside it.
fn find_source(here: &Path, out: &Path) -> Result<PathBuf, String> {
    let own = here.join("Cargo.toml");
    let mut said = String::new();
    for flags in [&["--locked", "--offline"][..], &["--locked"]] {
        match packages(&own, flags) {
            Ok(manifests) => return pick(&manifests),
            Err(why) => said = why,
        }
    }
    let finder = out.join("finder");
    fs::create_dir_all(finder.join("src")).expect("OUT_DIR can be written");
    fs::write(finder.join("src/lib.rs"), "").expect("OUT_DIR can be written");
    fs::write(finder.join("Cargo.toml"), FINDER).expect("OUT_DIR can be written");
    for flags in [&["--offline"][..], &[]] {
        match packages(&finder.join("Cargo.toml"), flags) {
            Ok(manifests) => return pick(&manifests),
            Err(why) => said = format!("{said}\n{why}"),
        }
    }
    Err(said)
}

fn pick(manifests: &[PathBuf]) -> Result<PathBuf, String> {
    let mut folders = manifests
        .iter()
        .filter_map(|manifest| Some(manifest.parent()?.join(SOURCE)));
    folders
        .find(|folder| folder.join("ff.c").is_file())
        .ok_or_else(|| "cargo metadata names no package that holds them".to_owned())
}

/// The manifests of all packages that `cargo metadata` names for this one.
fn packages(manifest: &Path, flags: &[&str]) -> Result<Vec<PathBuf>, String> {
    let output = Command::new(variable("CARGO"))
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(manifest)
        .args(flags)
        .output()
        .map_err(|error| format!("cargo metadata does not start: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let json = String::from_utf8_lossy(&output.stdout);
    Ok(json
        .split("\"manifest_path\":\"")
        .skip(1)
        .map(json_string)
        .map(PathBuf::from)
        .collect())
}

/// The JSON string that `text` begins with, up to its quote; a path needs no escape but these.
fn json_string(text: &str) -> String {
    let mut string = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => string.extend(characters.next()),
            other => string.push(other),
        }
    }
    string
}

fn variable(name: impl AsRef<OsStr>) -> OsString {
    let name = name.as_ref();
    env::var_os(name).unwrap_or_else(|| panic!("cargo sets {}", name.display()))
}

/// Copies by content, so that a read-only or old source makes neither a read-only nor an old copy.
fn copy(from: &Path, to: &Path) {
    let bytes = fs::read(from).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    fs::write(to, bytes).unwrap_or_else(|error| panic!("{}: {error}", to.display()));
}
