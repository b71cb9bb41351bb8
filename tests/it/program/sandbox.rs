//! The fence around the program: what it keeps out, and that no command runs into it.
#![cfg(target_os = "linux")]

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::Command;

use crate::support::program::{Ran, hearing_hangups, json, program, run};

const HEALTHY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/healthy.img.zst");

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
    let checks = answer["checks"].as_array().unwrap();
    let tried: Vec<_> = checks
        .iter()
        .filter(|check| check["what"].as_str().unwrap().starts_with("the sandbox"))
        .collect();
    let names: Vec<_> = tried.iter().map(|check| check["name"].as_str()).collect();
    for name in [
        "files",
        "network",
        "programs",
        "sockets",
        "processes",
        "namespaces",
        "mounts",
        "ipc",
        "attributes",
        "owners",
        "other-processes",
        "dumps",
        "code",
        "devices",
        "kernel",
    ] {
        let name = format!("sandbox-{name}");
        assert!(names.contains(&Some(&name)), "{name}: {names:?}");
    }
    for check in tried {
        assert_eq!(check["passed"], true, "{check}");
        assert_eq!(check["seen"], "forbidden", "{check}");
    }
    let off = json(Path::new("/"), &["self-test", "--json", "--no-sandbox"]);
    assert!(!off.to_string().contains("forbidden"), "{off:#}");
}

/// What wakes the thread that acts upon signals works inside.
#[test]
fn a_signal_ends_the_program_inside() {
    let folder = tempfile::tempdir().unwrap();
    for (signal, status) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let mut station = program(folder.path());
        hearing_hangups(&mut station);
        station.args(["audit", "--watch", ".", "--ndjson=lines.ndjson", "-q"]);
        let mut station = station.stdout(std::process::Stdio::null()).spawn().unwrap();
        let id = station.id().to_string();
        let waits = || {
            // The thread for signals, after the fence.
            let tasks = std::fs::read_dir(format!("/proc/{id}/task")).unwrap();
            let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
            tasks.count() > 1 && status.contains("Seccomp:\t2")
        };
        for _ in 0..500 {
            if waits() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert!(waits());
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.unwrap().success());
        let mut ended = None;
        for _ in 0..1000 {
            ended = station.try_wait().unwrap();
            if ended.is_some() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let _ = station.kill();
        let ended = ended.unwrap_or_else(|| panic!("{signal} was not heard"));
        assert_eq!(ended.code(), Some(status), "{signal}");
        let _ = std::fs::remove_file(folder.path().join("lines.ndjson"));
    }
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

/// Root's rights are gone while the program waits at a card station, and its files are its caller's.
#[test]
#[ignore = "only root has rights to give up; .ci/run and .ci/full try it"]
fn as_root_who_called_is_who_reads() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    assert!(rustix::process::geteuid().is_root(), "run it as root");
    const NOBODY: u32 = 65_534;
    let folder = tempfile::tempdir().unwrap();
    let open = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(folder.path(), open).unwrap();
    let (seen, secret) = (
        folder.path().join("a.img.zst"),
        folder.path().join("b.img.zst"),
    );
    for (path, mode) in [(&seen, 0o644), (&secret, 0o600)] {
        std::fs::copy(HEALTHY, path).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let called = || {
        let mut program = program(folder.path());
        let caller = NOBODY.to_string();
        program.env("SUDO_UID", &caller).env("SUDO_GID", &caller);
        program
    };
    let mut audit = called();
    audit.args(["audit", "a.img.zst", "b.img.zst", "--csv", "a.csv"]);
    let audit: Ran = audit.output().unwrap().into();
    let owner = std::fs::metadata(folder.path().join("a.csv")).unwrap();
    assert_eq!((owner.uid(), owner.gid()), (NOBODY, NOBODY), "{audit:?}");
    assert_eq!(
        audit.status,
        Some(1),
        "what only root may read is not read: {audit:?}"
    );

    let mut station = called();
    station.args(["audit", "--watch", ".", "--ndjson=lines.ndjson", "-q"]);
    let mut station = station.stdout(std::process::Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", station.id());
    let field = |name: &str| {
        let text = std::fs::read_to_string(&status).unwrap();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace()
            .skip(1)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    for _ in 0..500 {
        if field("Seccomp:") == ["2"] {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let nobody = vec![NOBODY.to_string(); 4];
    let found = [field("Uid:"), field("Gid:")];
    let rights = [field("CapPrm:"), field("CapEff:"), field("CapInh:")];
    let groups = field("Groups:");
    station.kill().unwrap();
    station.wait().unwrap();
    assert_eq!(found, [nobody.clone(), nobody]);
    // Number 2 is CAP_DAC_READ_SEARCH.
    let [read, none] = ["0000000000000004", "0000000000000000"];
    assert_eq!(rights, [[read], [read], [none]]);
    assert!(groups.is_empty(), "{groups:?}");
}
