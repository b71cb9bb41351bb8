use super::*;
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

struct Log {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Log {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.log");
        Self {
            _folder: folder,
            path,
        }
    }

    fn open(&self) -> Result<Journal, JournalError> {
        Journal::open(&self.path, &Sources::none())
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }

    fn write(&self, bytes: &[u8]) {
        std::fs::write(&self.path, bytes).unwrap();
    }

    /// Opens the log and adds so many lines.
    fn add(&self, lines: u64) -> Hash {
        let mut journal = self.open().unwrap();
        for number in 0..lines {
            journal.append(&entry(number)).unwrap();
        }
        journal.head()
    }
}

fn entry(number: u64) -> LogEntry {
    LogEntry {
        time: UNIX_EPOCH + Duration::from_secs(1_601_281_809 + number),
        event: Event::Finished {
            result: json!({ "number": number }),
            end: None,
        },
    }
}

#[test]
fn runs_follow_each_other() {
    let log = Log::new();
    assert_eq!(log.open().unwrap().head(), Hash::NONE);
    let first = log.add(3);
    let second = log.add(2);
    let found = verify(&log.bytes()[..], Some(first)).unwrap();
    assert_eq!(
        (found.lines, found.head, found.behind),
        (5, second, Some(2))
    );
    let text = String::from_utf8(log.bytes()).unwrap();
    assert!(
        text.starts_with("{\"line\":1,\"previous\":\"0000"),
        "{text}"
    );
    assert!(!text.contains("torn"));
}

#[test]
fn any_cut_is_healed_and_said() {
    let whole = {
        let log = Log::new();
        log.add(3);
        log.bytes()
    };
    for cut in 1..whole.len() {
        let log = Log::new();
        log.write(&whole[..cut]);
        let before = verify(&whole[..cut], None).unwrap();
        let mut journal = log.open().unwrap();
        assert_eq!(log.bytes(), &whole[..cut], "opening writes nothing");
        journal.append(&entry(9)).unwrap();
        drop(journal);
        log.add(1);
        assert_eq!(&log.bytes()[..cut], &whole[..cut], "nothing is lost");
        let after = verify(&log.bytes()[..], Some(before.head)).unwrap();
        assert_eq!(
            (after.behind, after.torn),
            (Some(2), before.torn),
            "cut at {cut}"
        );
    }
}

#[test]
fn nothing_is_added_to_what_is_no_unbroken_log() {
    let log = Log::new();
    log.add(3);
    let broken = String::from_utf8(log.bytes())
        .unwrap()
        .replace("\"number\":1", "\"number\":7");
    for (bytes, message) in [
        (
            broken.as_bytes(),
            "line 3 does not carry the hash of the line before it: one of the two was changed",
        ),
        (b"my notes", "line 1 is no line of a log"),
        (&[0; 4096], "line 1 is no line of a log"),
        (&vec![b'{'; MAX_LINE + 1], "line 1 is longer than 8 MiB"),
    ] {
        log.write(bytes);
        let error = log.open().unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(error.hint().contains("keep this file"));
        assert!(log.bytes() == bytes);
    }
}

#[test]
fn one_run_at_a_time() {
    let log = Log::new();
    let journal = log.open().unwrap();
    let error = log.open().unwrap_err();
    assert!(matches!(error, JournalError::Locked), "{error}");
    assert_eq!(error.to_string(), "another run is writing to it");
    drop(journal);
    log.add(1);
}

#[test]
fn a_line_too_long_is_refused_and_the_next_is_not() {
    let log = Log::new();
    let mut journal = log.open().unwrap();
    let mut long = entry(1);
    long.event = Event::Interrupted {
        result: "a".repeat(MAX_LINE).into(),
        end: None,
    };
    let error = journal.append(&long).unwrap_err();
    assert!(matches!(error, JournalError::TooLong { length } if length > MAX_LINE));
    journal.append(&entry(2)).unwrap();
    assert_eq!(verify(&log.bytes()[..], None).unwrap().lines, 1);
}

#[cfg(unix)]
#[test]
fn only_regular_files_and_only_for_the_owner() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let log = Log::new();
    log.add(1);
    let mode = std::fs::metadata(&log.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let beside = |name: &str| log.path.with_file_name(name);
    symlink(&log.path, beside("link")).unwrap();
    symlink("nowhere", beside("dangling")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(beside("socket")).unwrap();
    let folder = log.path.parent().unwrap().to_owned();
    for path in [
        beside("link"),
        beside("dangling"),
        beside("socket"),
        folder,
        "/dev/null".into(),
    ] {
        let error = Journal::open(&path, &Sources::none()).unwrap_err();
        assert!(matches!(error, JournalError::NotAFile), "{path:?}: {error}");
    }
    assert!(!beside("nowhere").exists());
    let error = Journal::open(&beside("no/such/folder"), &Sources::none()).unwrap_err();
    assert!(matches!(error, JournalError::NoFolder), "{error}");
    let error = Journal::open(&log.path.join("below-a-file"), &Sources::none()).unwrap_err();
    assert!(matches!(error, JournalError::NoFolder), "{error}");
    let sources = Sources::of([&log.path]);
    let error = Journal::open(&log.path, &sources).unwrap_err();
    assert!(matches!(error, JournalError::OnSource), "{error}");
    let sources = Sources::of(log.path.parent());
    let error = Journal::open(&beside("new"), &sources).unwrap_err();
    assert!(matches!(error, JournalError::OnSource), "{error}");
    assert!(!beside("new").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn after_a_failed_write_no_line_is_glued_on() {
    let log = Log::new();
    let mut journal = log.open().unwrap();
    journal.append(&entry(1)).unwrap();
    let head = journal.head();
    journal.file = File::options().write(true).open("/dev/full").unwrap();
    let error = journal.append(&entry(2)).unwrap_err();
    assert!(
        matches!(
            error,
            JournalError::Refused {
                doing: "written",
                ..
            }
        ),
        "{error}"
    );
    assert!(error.hint().contains("disk is full"));
    assert!(matches!(
        journal.append(&entry(3)),
        Err(JournalError::Stopped)
    ));
    assert_eq!(journal.head(), head);
}
