//! What a person sees of the commands on shipped cards, word for word, in `tests/snapshots`.
//!
//! Add a line to [`SESSIONS`], then `BLESS=1 cargo test --test it snapshots::` writes its file; review it
//! with `git diff`.

use std::path::Path;

use crate::support::blessed;
use crate::support::program::{run, testdata};

/// The name of each file, and what is run in the folder of the shipped cards.
const SESSIONS: &[(&str, &[&str])] = &[
    ("list-healthy", &["list", "healthy.img.zst"]),
    ("list-several-wallets", &["list", "several-wallets.img.zst"]),
    ("list-deleted", &["list", "deleted-by-computer.img.zst"]),
    (
        "list-deleted-carve",
        &["list", "--carve", "deleted-by-computer.img.zst"],
    ),
    ("list-crash", &["list", "metadata-crash.img.zst"]),
    ("list-nothing-there", &["list", "nowhere.img"]),
    (
        "inspect-stray-ds-store",
        &["inspect", "stray-ds-store.img.zst"],
    ),
    (
        "inspect-preflight-exfat",
        &["inspect", "--preflight", "exfat.img.zst"],
    ),
    (
        "audit-three-cards",
        &[
            "audit",
            "healthy.img.zst",
            "one-copy-damaged.img.zst",
            "blank.img.zst",
        ],
    ),
    (
        "recover-damaged",
        &[
            "recover",
            "all-damaged-vote.img.zst",
            "--yes",
            "--to",
            "OUT",
        ],
    ),
    (
        "recover-nothing",
        &[
            "recover",
            "erased-by-device.img.zst",
            "--yes",
            "--to",
            "OUT",
        ],
    ),
];

#[test]
fn what_a_person_sees_is_as_it_was() {
    let mut wrong = Vec::new();
    for (name, arguments) in SESSIONS {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("recovered").display().to_string();
        let real: Vec<_> = arguments
            .iter()
            .map(|argument| {
                if *argument == "OUT" {
                    place.as_str()
                } else {
                    argument
                }
            })
            .collect();
        let mut ran = run(&testdata(), &real);
        for text in [&mut ran.out, &mut ran.err] {
            *text = text
                .replace(&place, "OUT")
                .replace(&folder.path().display().to_string(), "TMP");
        }
        let seen = blessed::session(arguments, &ran);
        wrong.extend(blessed::compare(&format!("snapshots/{name}.txt"), &seen));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_snapshot_has_its_session() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = SESSIONS
            .iter()
            .any(|(known, _)| format!("{known}.txt") == name);
        assert!(known, "{name}");
    }
}

#[test]
fn differences_are_readable() {
    let old = "a\nb\nc\nd\n";
    assert_eq!(blessed::difference(old, old), "");
    assert_eq!(
        blessed::difference(old, "a\nB\nc\nd\n"),
        "    2 - b\n    2 + B\n"
    );
    assert_eq!(
        blessed::difference(old, "a\nc\nd\ne\n"),
        "    2 - b\n    4 + e\n"
    );
}
