//! The arrows between the modules point down only, and the features in the manifest are as documented.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// For each module, the modules it may use. What is not listed may be used by none.
const ROOMS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("finding", &[]),
    ("progress", &[]),
    ("image", &["progress", "text"]),
    ("backup", &[]),
    ("fat", &["image"]),
    ("partition", &["fat", "image"]),
    ("carve", &["fat", "image"]),
    ("reader", &["image", "text"]),
    ("repair", &["backup", "progress"]),
    ("firmware", &["backup", "fat", "image"]),
    ("files", &[]),
    ("export", &["files"]),
    (
        "catalogue",
        &["backup", "carve", "fat", "image", "partition"],
    ),
    ("acquire", &["files", "image", "progress", "reader"]),
    (
        "assess",
        &[
            "backup",
            "catalogue",
            "fat",
            "finding",
            "firmware",
            "image",
            "partition",
            "text",
        ],
    ),
    (
        "report",
        &[
            "assess",
            "backup",
            "catalogue",
            "fat",
            "finding",
            "firmware",
            "image",
            "partition",
            "reader",
            "text",
        ],
    ),
    (
        "examine",
        &[
            "progress",
            "assess",
            "backup",
            "catalogue",
            "finding",
            "firmware",
            "image",
            "partition",
            "reader",
            "report",
            "text",
        ],
    ),
    (
        "recover",
        &[
            "assess",
            "backup",
            "catalogue",
            "firmware",
            "progress",
            "repair",
            "report",
            "text",
        ],
    ),
    ("device", &["files"]),
    ("journal", &["files", "reader", "report", "text"]),
    (
        "audit",
        &[
            "progress",
            "assess",
            "catalogue",
            "examine",
            "finding",
            "image",
            "report",
            "text",
        ],
    ),
];

/// The files of the library: their paths below src/.
pub(super) fn library() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let read = |file: PathBuf| {
        let code = code(&std::fs::read_to_string(&file).unwrap());
        (file.strip_prefix(&root).unwrap().to_owned(), code)
    };
    files
        .into_iter()
        .map(read)
        .filter(|(path, _)| !path.starts_with("bin"))
        .collect()
}

pub(super) fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// A file without its tests and comments.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The rooms a file names by `crate::`.
fn uses(code: &str) -> Vec<String> {
    let named = code.split("crate::").skip(1);
    named
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                .collect()
        })
        .collect()
}

#[test]
fn arrows_point_down_only() {
    let rooms: BTreeMap<_, _> = ROOMS.iter().copied().collect();
    let mut unused: Vec<(&str, &str)> = Vec::new();
    for (room, allowed) in ROOMS {
        unused.extend(allowed.iter().map(|used| (*room, *used)));
    }
    let mut wrong = Vec::new();
    for (path, code) in library() {
        let room = path
            .iter()
            .next()
            .unwrap()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs");
        if room == "lib" {
            continue;
        }
        let allowed = rooms
            .get(room)
            .unwrap_or_else(|| panic!("{room} is no room of the table"));
        for used in uses(&code) {
            unused.retain(|arrow| *arrow != (room, used.as_str()));
            if used != room && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(unused.is_empty(), "allowed and not used: {unused:?}");
}

#[test]
fn only_some_rooms_touch_files() {
    let allowed = [
        "acquire", "device", "export", "files", "image", "journal", "reader",
    ];
    for (path, code) in library() {
        let path = path.to_str().unwrap();
        for io in ["std::fs", "std::net", "std::process", " File::"] {
            assert!(
                allowed.iter().any(|room| path.starts_with(room)) || !code.contains(io),
                "{path} uses {io}"
            );
        }
    }
}

/// Every call that makes, opens for writing, moves or removes something stands in the one room that
/// keeps the promises about writing.
#[test]
fn only_one_room_writes() {
    /// Files that open something else for writing, and what.
    const OTHERS: [(&str, &str); 6] = [
        ("device/lock.rs", "the node of a device, to lock it"),
        ("bin/bitbox-backup/terminal.rs", "the terminal"),
        ("bin/bitbox-backup/terminal/none.rs", "the console"),
        ("export.rs", "folders of a card, by fatfs"),
        ("firmware/assumed.rs", "the same in memory"),
        (
            "bin/bitbox-backup/sandbox/seccomp/allowed.rs",
            "the numbers of system calls",
        ),
    ];
    let calls = [
        "OpenOptions",
        "File::options",
        "File::create",
        "create_new(true",
        "fs::write",
        "fs::copy",
        "fs::rename",
        "fs::hard_link",
        "remove_file",
        "remove_dir",
        "create_dir",
        "DirBuilder",
        "set_permissions",
        "tempfile",
        "renameat",
        "unlinkat",
        "linkat",
        "mkdirat",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let path = file.strip_prefix(&root).unwrap().to_str().unwrap();
        let elsewhere = OTHERS.iter().any(|(other, _)| path == *other);
        if path.starts_with("files") || path.ends_with("tests.rs") || elsewhere {
            continue;
        }
        let code = code(&std::fs::read_to_string(&file).unwrap());
        // `ReportFile::create` is none of them.
        let is_called = |call: &str| {
            let mut places = code.match_indices(call).map(|(at, _)| &code[..at]);
            places.any(|before| !before.ends_with(char::is_alphanumeric))
        };
        let found = calls.iter().filter(|call| is_called(call));
        wrong.extend(found.map(|call| format!("{path} uses {call}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn metadata() -> serde_json::Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--all-features",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The packages the program and the library are built of, with normal dependencies only.
fn built_of(metadata: &serde_json::Value) -> Vec<serde_json::Value> {
    let packages = metadata["packages"].as_array().unwrap();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let root = packages
        .iter()
        .find(|package| package["name"] == "bitbox-backup")
        .unwrap();
    let mut wanted = vec![root["id"].clone()];
    let mut at = 0;
    while at < wanted.len() {
        let node = nodes.iter().find(|node| node["id"] == wanted[at]).unwrap();
        for dependency in node["deps"].as_array().unwrap() {
            let normal = dependency["dep_kinds"]
                .as_array()
                .unwrap()
                .iter()
                .any(|kind| kind["kind"].is_null());
            if normal && !wanted.contains(&dependency["pkg"]) {
                wanted.push(dependency["pkg"].clone());
            }
        }
        at += 1;
    }
    packages
        .iter()
        .filter(|package| wanted.contains(&package["id"]))
        .cloned()
        .collect()
}

#[test]
fn rust_version_is_the_highest_among_the_dependencies_and_of_avx512() {
    /// The release that made the AVX-512 of `repair::kernel` stable.
    const AVX512: (u32, u32) = (1, 89);
    let metadata = metadata();
    let number = |package: &serde_json::Value| {
        let version = package["rust_version"].as_str()?;
        let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap());
        Some((parts.next()?, parts.next().unwrap_or(0)))
    };
    let packages = built_of(&metadata);
    let highest = packages
        .iter()
        .filter(|package| package["name"] != "bitbox-backup")
        .filter_map(number)
        .chain([AVX512])
        .max();
    let own = packages
        .iter()
        .find(|package| package["name"] == "bitbox-backup")
        .and_then(number);
    assert_eq!(own, highest);
}

#[test]
fn every_dependency_is_permissive_and_says_why_it_is_there() {
    for package in built_of(&metadata()) {
        let licence = package["license"].as_str().unwrap_or("none");
        let permissive = [
            "MIT",
            "Apache-2.0",
            "BSD",
            "ISC",
            "Zlib",
            "Unicode-3.0",
            "Unlicense",
            "0BSD",
            "CC0-1.0",
        ];
        assert!(
            permissive.iter().any(|name| licence.contains(name)),
            "{}: {licence}",
            package["name"]
        );
    }
    let manifest =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let mut in_dependencies = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies");
        } else if in_dependencies && line.contains('=') && !line.starts_with('#') {
            assert!(line.contains(" # "), "no reason given: {line}");
        }
    }
}
