//! `log verify`: what it prints, exactly, and what it finds.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use crate::support::program::{self, Ran, ran};

use bitbox_backup::files::Sources;
use bitbox_backup::journal::{Event, Hash, Journal, JournalError, LogEntry};
use bitbox_backup::report::Source;

/// A folder with a log in it.
struct Log {
    folder: tempfile::TempDir,
    head: Hash,
}

/// The log open for adding. A program that another test starts at this moment holds the lock too,
/// until it is itself.
fn opened(path: &Path) -> Journal {
    for _ in 0..100 {
        match Journal::open(path, &Sources::none()) {
            Err(JournalError::Locked) => std::thread::sleep(Duration::from_millis(20)),
            opened => return opened.unwrap(),
        }
    }
    panic!("{} stays locked", path.display());
}

impl Log {
    /// With no log yet.
    fn none() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            head: Hash::NONE,
        }
    }

    /// A log of so many lines.
    fn of(lines: u64) -> Self {
        let mut log = Self::none();
        log.add(lines);
        log
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("audit.log")
    }

    fn add(&mut self, lines: u64) {
        let mut journal = opened(&self.path());
        for number in 0..lines {
            self.head = journal.append(&entry(number)).unwrap();
        }
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.path()).unwrap()
    }

    fn write(&self, bytes: &[u8]) {
        std::fs::write(self.path(), bytes).unwrap();
    }

    fn verify(&self, arguments: &[&str]) -> String {
        run(self.folder.path(), arguments).text()
    }

    fn status(&self, head: Option<Hash>) -> i32 {
        let head = head.map(|head| format!("--head={head}"));
        let arguments: Vec<_> = head.as_deref().into_iter().collect();
        run(self.folder.path(), &arguments).status.unwrap()
    }

    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        run(self.folder.path(), &[&["--json"], arguments].concat()).json()
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Ran {
    program::run(
        folder,
        &[&["log", "verify", "audit.log"], arguments].concat(),
    )
}

/// A run's beginning, then sources.
fn entry(number: u64) -> LogEntry {
    let event = match number {
        0 => Event::started(["audit", "card.img"]),
        _ => {
            let report = Source::failed("card.img", "it is gone", "look for it");
            let result = serde_json::to_value(&report).unwrap();
            Event::source(&report, result)
        }
    };
    LogEntry {
        time: UNIX_EPOCH + Duration::from_secs(1_601_281_809 + number),
        event,
    }
}

const SPAN: &str = "from 2020-09-28T08:30:09Z to 2020-09-28T08:30:11Z";
const ALONE: &str = "That proves only that nothing was changed by accident: whoever can write the file \
                     could have rewritten all of it. Write the head down, away from this machine; \
                     later, --head with it proves every line up to it.";
const KEEP: &str = "Keep the file as it is, for it may be evidence, and look for a copy of it that fits \
                    the head you wrote down.";

#[test]
fn an_unbroken_log() {
    let log = Log::of(3);
    let head = log.head;
    assert_eq!(
        log.verify(&[]),
        format!(
            "status 0\naudit.log\n  The log is consistent: 3 lines, {SPAN}.\n  \
             head: {head}\n  {ALONE}\n"
        )
    );
    assert_eq!(
        log.verify(&["--head", &head.to_string().to_uppercase()]),
        format!(
            "status 0\naudit.log\n  Every line is as it was when the head was written down: \
             3 lines, {SPAN}.\n  head: {head}\n"
        )
    );
    assert_eq!(
        log.json(&[]),
        serde_json::json!({
            "schema": "bitbox-backup/1", "command": "log verify", "redacted": false,
            "status": "done", "error": null, "hint": null, "lines": 3,
            "head": head.to_string(), "torn": [], "behind": null, "intact": true, "broken": null
        })
    );
}

#[test]
fn lines_behind_the_head_are_not_proved() {
    let mut log = Log::of(2);
    let before = log.head;
    log.add(1);
    assert_eq!(
        log.verify(&["--head", &before.to_string()]),
        format!(
            "status 0\naudit.log\n  Up to line 2 every line is as it was when the head was \
             written down; what follows it (1 line) fits and is not proved: 3 lines, from \
             2020-09-28T08:30:09Z to 2020-09-28T08:30:09Z.\n  head: {}\n",
            log.head
        )
    );
    assert_eq!(log.json(&["--head", &before.to_string()])["behind"], 1);
    // Broken behind the head.
    log.write(&[&log.bytes()[..], b"junk\n"].concat());
    assert_eq!(
        log.verify(&["--head", &before.to_string()]),
        format!(
            "status 1\naudit.log\n  error: line 4 is no line of a log\n  Up to line 2 every line is \
             as it was when the head was written down.\n  what to do: {KEEP}\n"
        )
    );
}

#[test]
fn a_broken_log_names_its_first_broken_line() {
    let log = Log::of(3);
    let whole = String::from_utf8(log.bytes()).unwrap();
    log.write(whole.replacen("card.img", "card.iso", 1).as_bytes());
    let message =
        "line 2 does not carry the hash of the line before it: one of the two was changed";
    assert_eq!(
        log.verify(&[]),
        format!("status 1\naudit.log\n  error: {message}\n  what to do: {KEEP}\n")
    );
    assert_eq!(
        log.json(&["--head", &log.head.to_string()]),
        serde_json::json!({
            "schema": "bitbox-backup/1", "command": "log verify", "redacted": false,
            "status": "done", "error": null, "hint": null, "lines": null, "head": null,
            "torn": null, "behind": null, "intact": false,
            "broken": { "line": 2, "what": message }
        })
    );
}

#[test]
fn a_log_cut_back_is_told_by_its_head() {
    let log = Log::of(3);
    let bytes = log.bytes();
    let lines: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    log.write(&lines[..2].concat());
    assert_eq!(log.status(None), 0);
    assert_eq!(
        log.verify(&["--head", &log.head.to_string()]),
        format!(
            "status 1\naudit.log\n  error: no line has the hash that was given as head\n  \
             The log is consistent (2 lines), so it was replaced or cut back, or the \
             head is that of another log.\n  \
             what to do: Compare the digits with those you wrote down. {KEEP}\n"
        )
    );
    let answer = log.json(&["--head", &log.head.to_string()]);
    assert_eq!(
        (&answer["lines"], &answer["intact"]),
        (&2.into(), &false.into())
    );
    assert!(answer["broken"]["line"].is_null() && answer["behind"].is_null());
}

#[test]
fn every_changed_byte_and_every_moved_line_is_found() {
    let log = Log::of(2);
    let whole = log.bytes();
    for at in (0..whole.len()).step_by(3).chain([whole.len() - 1]) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        log.write(&bytes);
        assert_eq!(log.status(Some(log.head)), 1, "byte {at}");
    }
    let log = Log::of(4);
    let whole = log.bytes();
    let lines: Vec<_> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    for order in [
        &[1, 2, 3][..],
        &[0, 2, 3],
        &[0, 1, 2],
        &[0, 2, 1, 3],
        &[1, 0, 2, 3],
        &[0, 1, 1, 2, 3],
        &[0, 1, 2, 3, 3],
        &[0, 1, 2, 3, 0],
        &[],
    ] {
        let moved: Vec<_> = order.iter().map(|index| lines[*index]).collect();
        log.write(&moved.concat());
        assert_eq!(log.status(Some(log.head)), 1, "{order:?}");
    }
    log.write(&whole);
    assert_eq!(log.status(Some(log.head)), 0);
}

#[test]
fn a_torn_line_stays_and_is_told() {
    let mut log = Log::of(3);
    let whole = log.bytes();
    log.write(&whole[..whole.len() - 40]);
    let torn = "Cut off while written, as by a power cut, and so incomplete: line 3.";
    assert!(log.verify(&[]).contains(torn), "{}", log.verify(&[]));
    log.add(2);
    assert_eq!(&log.bytes()[..whole.len() - 40], &whole[..whole.len() - 40]);
    let found = log.verify(&["--head", &log.head.to_string()]);
    assert!(
        found.starts_with("status 0\n") && found.contains(torn),
        "{found}"
    );
    assert_eq!(log.json(&[])["torn"], serde_json::json!([3]));
    // Without the next line's word it is a broken one.
    let text = String::from_utf8(log.bytes()).unwrap();
    log.write(text.replace("\"after_torn_line\":true,", "").as_bytes());
    let found = log.verify(&[]);
    let message = "error: line 3 is not whole, and the next line does not say that it was torn\n";
    assert!(
        found.starts_with("status 1\n") && found.contains(message),
        "{found}"
    );
}

#[test]
fn what_is_empty_and_what_is_no_log() {
    let log = Log::none();
    log.write(b"");
    assert_eq!(
        log.verify(&[]),
        format!(
            "status 0\naudit.log\n  The log is empty: nothing was written yet, or all of it was \
         removed.\n  head: {}\n",
            "0".repeat(64)
        )
    );
    let junk: Vec<u8> = (0..100_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    for bytes in [&junk[..], b"\x1b[31mred\n", b"notes", &[0; 5000]] {
        log.write(bytes);
        assert_eq!(
            log.verify(&[]),
            format!(
                "status 1\naudit.log\n  error: line 1 is no line of a log\n  what to do: Check that \
                 this is the file you mean: a log written by --log. {KEEP}\n"
            )
        );
    }
    log.write(&vec![b'{'; 20 << 20]);
    let found = log.verify(&[]);
    assert!(
        found.contains("error: line 1 is longer than 8 MiB\n"),
        "{found}"
    );
}

#[test]
fn ten_thousand_lines() {
    // Written at once: each line apart would wait for the disk ten thousand times.
    let mut text = String::new();
    let mut head = "0".repeat(64);
    for line in 1..=10_000 {
        let start = text.len();
        text += &format!(
            "{{\"line\":{line},\"previous\":\"{head}\",\"time\":\"2020-09-28T08:30:09Z\"}}\n"
        );
        head = sha256(&text.as_bytes()[start..]);
    }
    let mut log = Log::none();
    log.write(text.as_bytes());
    assert_eq!(log.json(&["--head", &head])["lines"], 10_000);
    log.add(1);
    let answer = log.json(&["--head", &head]);
    assert_eq!(
        (&answer["lines"], &answer["behind"]),
        (&10_001.into(), &1.into())
    );
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(bytes))
}

#[test]
fn what_cannot_be_read_or_asked() {
    let log = Log::none();
    assert_eq!(
        log.verify(&[]),
        "status 2\nerror: audit.log: it cannot be opened: No such file or directory (os error 2)\n       \
         name a log written by --log, and check that you may read it\n"
    );
    std::fs::create_dir(log.path()).unwrap();
    let found = log.verify(&[]);
    assert!(
        found.starts_with("status 2\nerror: audit.log: line 1 cannot be read: "),
        "{found}"
    );
    for head in ["", "0", &"g".repeat(64), &"0".repeat(66)] {
        let found = log.verify(&["--head", head]);
        assert!(found.starts_with("status 2\n"), "{found}");
        assert!(
            head.is_empty() || found.contains("a hash is 64 hex digits"),
            "{found}"
        );
    }
}

#[test]
fn a_log_being_written_can_be_verified_and_not_written_twice() {
    let log = Log::of(1);
    let mut journal = opened(&log.path());
    let head = journal.append(&entry(1)).unwrap();
    assert!(matches!(
        Journal::open(&log.path(), &Sources::none()),
        Err(JournalError::Locked)
    ));
    assert_eq!(log.status(Some(head)), 0);
}

#[cfg(unix)]
#[test]
fn the_page_tells_how_to_verify_by_hand() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/log.md");
    let page = std::fs::read_to_string(page).unwrap();
    let scripts: Vec<_> = page
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    let [head, walk] = scripts[..] else {
        panic!("{scripts:?}")
    };
    let mut log = Log::of(3);
    let shell = |log: &Log, script: &str| {
        let ran = ran(Command::new("sh")
            .args(["-c", script])
            .env("LOG", log.path()));
        assert_eq!(ran.err, "");
        ran.out
    };
    assert_eq!(shell(&log, head), format!("{}  -\n", log.head));
    assert_eq!(shell(&log, walk), format!("3 lines, head {}\n", log.head));
    let whole = log.bytes();
    log.write(
        String::from_utf8(whole.clone())
            .unwrap()
            .replacen("card.img", "card.iso", 1)
            .as_bytes(),
    );
    assert!(shell(&log, walk).starts_with("line 2 does not fit; "));
    log.write(&whole[..whole.len() - 40]);
    log.add(1);
    assert_eq!(shell(&log, walk), format!("4 lines, head {}\n", log.head));
}
