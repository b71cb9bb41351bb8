//! The fence around the program: what it keeps out, and that no command runs into it.
#![cfg(target_os = "linux")]

#[path = "support/mod.rs"]
mod support;

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::Command;

use bitbox_backup::sandbox::{Access, enter, prove};
use support::program::{json, program, run};

const HEALTHY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/healthy.img.zst");

/// Runs this in a thread of its own: the fence stands around that thread alone.
fn alone<T: Send>(inside: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(inside).join().unwrap())
}

#[test]
fn nothing_else_can_be_opened_connected_or_started() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["in", "other"] {
        std::fs::write(path(name), name).unwrap();
    }
    std::fs::create_dir(path("out")).unwrap();
    alone(|| {
        let access = Access::none().read(&path("in")).write(&path("out/new"));
        let level = enter(&access);
        assert!(level.is_whole(), "this kernel has no sandbox: {level}");
        let proof = prove(Path::new("/etc/passwd"), Path::new("/bin/true"));
        assert!(proof.files && proof.network && proof.programs, "{proof:?}");
        assert_eq!(std::fs::read(path("in")).unwrap(), b"in");
        for (name, what) in [("in", "written"), ("beside", "made")] {
            let refused = std::fs::write(path(name), "x").unwrap_err();
            assert_eq!(
                refused.kind(),
                std::io::ErrorKind::PermissionDenied,
                "{what}"
            );
        }
        assert!(std::fs::read(path("other")).is_err());
        assert!(std::fs::remove_file(path("other")).is_err());
        std::fs::write(path("out/part"), "x").unwrap();
        std::fs::rename(path("out/part"), path("out/new")).unwrap();
        // What runs in the same process later is inside too.
        let later = alone(|| std::fs::read(path("other")).is_err());
        assert!(later);
    });
    // Outside nothing has changed.
    assert_eq!(std::fs::read(path("other")).unwrap(), b"other");
}

#[test]
fn the_network_is_open_only_where_it_is_needed() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    alone(|| {
        enter(&Access::none().network());
        std::net::TcpStream::connect(address).unwrap();
        let proof = prove(Path::new("/etc/passwd"), Path::new("/bin/true"));
        assert!(proof.files && proof.programs, "{proof:?}");
    });
    alone(|| {
        enter(&Access::none());
        assert!(std::net::TcpStream::connect(address).is_err());
    });
}

#[test]
fn links_in_a_folder_lead_on() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let card = elsewhere.path().join("card.img.zst");
    std::fs::copy(HEALTHY, &card).unwrap();
    std::os::unix::fs::symlink(&card, folder.path().join("a.img.zst")).unwrap();
    let with = run(Path::new("/"), &["audit", folder.path().to_str().unwrap()]);
    let without = run(
        Path::new("/"),
        &["audit", "--no-sandbox", folder.path().to_str().unwrap()],
    );
    assert_eq!((with.status, &with.out), (without.status, &without.out));
    assert!(with.out.contains("1 card"), "{with:?}");
}

/// Every command does inside what it does outside.
#[test]
fn no_command_runs_into_it() {
    let inside = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let commands: &[&[&str]] = &[
        &["list", HEALTHY],
        &["list", "--json", "--deleted", "--carve", HEALTHY],
        &["inspect", "--carve", HEALTHY],
        &["list", "--files-from", "list.txt"],
        &[
            "audit",
            HEALTHY,
            "--ndjson=lines.ndjson",
            "--csv",
            "a.csv",
            "--html",
            "a.html",
        ],
        &[
            "audit",
            HEALTHY,
            "--dfxml",
            "a.xml",
            "--hash",
            "--write-register",
            "r.toml",
        ],
        &[
            "audit",
            HEALTHY,
            "--resume",
            "lines.ndjson",
            "--expect",
            "r.toml",
            "--log",
            "a.log",
        ],
        &["audit", "merge", "lines.ndjson", "--html", "b.html"],
        &["diff", "lines.ndjson", "lines.ndjson"],
        &["log", "verify", "a.log"],
        &[
            "recover", HEALTHY, "--yes", "--to", "new", "--raw", "raw", "--card", "new.img",
        ],
        &[
            "recover",
            HEALTHY,
            "--yes",
            "--to",
            "empty",
            "--resume",
            "how-far.json",
        ],
        &["words", HEALTHY],
        &["words", HEALTHY, "--expect", "r.toml", "--json"],
        &["words", HEALTHY, "--reveal", "--yes", "--to", "words.txt"],
        &["completions", "bash"],
    ];
    for folder in [&inside, &outside] {
        std::fs::create_dir(folder.path().join("empty")).unwrap();
        std::fs::write(folder.path().join("list.txt"), HEALTHY).unwrap();
    }
    for command in commands {
        let with = run(inside.path(), command);
        let without = run(outside.path(), &[command, &["--no-sandbox"][..]].concat());
        assert_eq!(
            with.status, without.status,
            "{command:?}: {with:?}\n{without:?}"
        );
        assert!(matches!(with.status, Some(0 | 1)), "{command:?}: {with:?}");
        assert_eq!(
            with.out.lines().count(),
            without.out.lines().count(),
            "{command:?}"
        );
    }
    let names = |folder: &Path| {
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(inside.path()), names(outside.path()));
    assert!(inside.path().join("empty/bitbox02").is_dir());
}

#[test]
fn how_far_it_goes_is_said_and_noted() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), &["-v", "audit", HEALTHY, "--log", "a.log"]);
    let line = ran.err.lines().find(|line| line.starts_with("sandbox: "));
    let level = line.unwrap().strip_prefix("sandbox: ").unwrap();
    assert!(level.contains(" and seccomp; no network"), "{level}");
    let log = std::fs::read_to_string(folder.path().join("a.log")).unwrap();
    let first: serde_json::Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!(first["sandbox"], level);
    let off = run(folder.path(), &["-v", "--no-sandbox", "list", HEALTHY]);
    assert!(off.err.contains("sandbox: off\n"), "{off:?}");
}

#[test]
fn the_self_test_tries_it() {
    let answer = json(Path::new("/"), &["self-test", "--json"]);
    assert_eq!(answer["passed"], true, "{answer:#}");
    let steps = answer["steps"].as_array().unwrap();
    for name in ["sandbox: files", "sandbox: network", "sandbox: programs"] {
        let step = steps.iter().find(|step| step["name"] == name).unwrap();
        assert_eq!(step["result"], "passed", "{step}");
    }
    let off = json(Path::new("/"), &["self-test", "--json", "--no-sandbox"]);
    assert!(off["steps"].to_string().contains("missing"), "{off:#}");
}

/// A crash writes nothing down, whatever the person's limits allow.
#[test]
fn a_crash_leaves_no_core() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("list");
    let made = Command::new("mkfifo").arg(&fifo).status().unwrap();
    assert!(made.success());
    for signal in ["SEGV", "ABRT"] {
        // It waits for the list of its sources, with its limits set.
        let mut child = program(folder.path());
        child
            .args(["list", "--files-from", "list"])
            .process_group(0);
        let mut child = child.spawn().unwrap();
        let limits = format!("/proc/{}/limits", child.id());
        let waits = || {
            let limits = std::fs::read_to_string(&limits).unwrap();
            let core = limits
                .lines()
                .find(|line| line.starts_with("Max core file size"));
            core.is_some_and(|core| core.split_whitespace().nth(4) == Some("0"))
        };
        for _ in 0..500 {
            if waits() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert!(waits());
        let id = child.id().to_string();
        // Rust's own handler looks at the first SEGV, and leaves the second to the system.
        let ended = loop {
            Command::new("kill")
                .args(["-s", signal, &id])
                .stderr(std::process::Stdio::null())
                .status()
                .unwrap();
            std::thread::sleep(std::time::Duration::from_millis(50));
            if let Some(ended) = child.try_wait().unwrap() {
                break ended;
            }
        };
        assert!(ended.signal().is_some() && !ended.core_dumped(), "{ended}");
    }
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "only the list is there");
}
