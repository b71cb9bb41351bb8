//! `--log`: who ran what where, what was read and found, what was written, and how it ended. There is one log a
//! run; nothing in it is redacted, since nobody is sent it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bitbox_backup::files::Sources;
use bitbox_backup::image::belongings;
use bitbox_backup::journal::{
    Event, Journal, JournalError, LogEntry, LoggedEnd, RunPlace, SourceHashes,
};
use bitbox_backup::progress::Progress;
use bitbox_backup::report::Source;
use bitbox_backup::text::{escape, path_text};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::args::{Global, Record};
use crate::exit::Exit;
use crate::output_paths::NotWritten;
use crate::terminal::Unanswered;
use crate::uname::{System, system};
use crate::{interrupt, output, privacy, render};

static LOG: Mutex<Option<Log>> = Mutex::new(None);

struct Log {
    journal: Journal,
    file: PathBuf,
    is_silent: bool,
    /// Whether nobody is shown how far the reading of a source is.
    is_quiet: bool,
    /// What was read, with the hashes from before.
    sources: Vec<(PathBuf, Option<String>)>,
    /// What the run came to so far.
    result: Value,
}

/// What is said if somebody wants the run to end before it has begun.
const HASHING: &str = "stopping; nothing was examined";

/// Who runs the program, and where; to be asked before the fence, inside which the program itself cannot be read.
pub(crate) fn place() -> RunPlace {
    let (host, user) = who();
    let System {
        name,
        release,
        arch,
        ..
    } = system();
    let system = [Some(name), release, Some(arch)].into_iter().flatten();
    let zone = TimeZone::system();
    let offset = || zone.to_offset(jiff::Timestamp::now()).to_string();
    let program = std::env::current_exe().ok();
    RunPlace {
        program_sha256: program.and_then(|path| hash(&path, true)),
        host,
        system: system.collect::<Vec<_>>().join(" "),
        user,
        time_zone: zone.iana_name().map_or_else(offset, str::to_owned),
        folder: std::env::current_dir().ok().as_deref().map(path_text),
    }
}

#[cfg(unix)]
fn who() -> (Option<String>, Option<u32>) {
    let name = rustix::system::uname();
    let host = escape(&name.nodename().to_string_lossy());
    let user = rustix::process::getuid().as_raw();
    (Some(host), Some(user))
}

#[cfg(not(unix))]
fn who() -> (Option<String>, Option<u32>) {
    let host = std::env::var("COMPUTERNAME").ok().map(|name| escape(&name));
    (host, None)
}

/// Opens the log that is asked for, and notes that the run begins, in this place; `protected` is not to be written to,
/// and `hashed` are the sources that are hashed before and after: those whose hash is not an option of the command.
pub(crate) fn begin(
    record: &Record,
    place: Option<RunPlace>,
    protected: &Sources,
    hashed: Vec<PathBuf>,
    global: &Global,
) -> anyhow::Result<()> {
    let Some(file) = record.log.as_deref() else {
        return Ok(());
    };
    let journal = Journal::open(file, protected).map_err(|error| refused(file, &error))?;
    let mut log = Log {
        journal,
        file: file.to_owned(),
        is_silent: record.is_silent,
        is_quiet: global.quiet,
        sources: Vec::new(),
        result: Value::Null,
    };
    let mut started = Event::started(std::env::args_os().skip(1));
    if let Event::Started {
        sandbox,
        place: started_at,
        ..
    } = &mut started
    {
        *sandbox = Some(crate::sandbox::said());
        *started_at = place.map(Box::new);
    }
    log.note(started)?;
    let with_hash = |path: PathBuf| {
        let hash = hash(&path, global.quiet);
        (path, hash)
    };
    log.sources = interrupt::heeded(HASHING, || hashed.into_iter().map(with_hash).collect());
    *lock() = Some(log);
    if interrupt::stopped() {
        cut();
        return Err(Unanswered::Interrupted.into());
    }
    Ok(())
}

/// The SHA-256 of a file that is read, from before the run; one that is kept on record is read once.
pub(crate) fn hash_before(path: &Path, global: &Global) -> Option<String> {
    let log = lock();
    let mut known = log.iter().flat_map(|log| &log.sources);
    let known = known.find(|(known, _)| known == path);
    known.map_or_else(|| hash(path, global.quiet), |(_, hash)| hash.clone())
}

/// Notes a source and what was found on it.
pub(crate) fn source(source: &Source) -> anyhow::Result<()> {
    let mut log = lock();
    let Some(log) = log.as_mut() else {
        return Ok(());
    };
    let mut event = Event::source(source, found(source));
    if let Event::Source { sha256, .. } = &mut event {
        // Of a source in an archive it is the archive that was hashed.
        let known = log
            .sources
            .iter()
            .filter(|(path, _)| Path::new(&source.source).starts_with(path_text(path)))
            .find_map(|(_, hash)| hash.clone());
        *sha256 = sha256.take().or(known);
    }
    log.note(event)
}

pub(crate) fn result(result: Value) {
    if let Some(log) = lock().as_mut() {
        log.result = result;
    }
}

/// Notes what was written and how the run ended, and prints the head to write down.
pub(crate) fn end(exit: Exit, written: &[PathBuf], secret: &[PathBuf]) -> anyhow::Result<()> {
    let Some(mut log) = lock().take() else {
        return Ok(());
    };
    for path in written.iter().flat_map(|place| files(place, 3)) {
        if path != log.file {
            let size = path.metadata().map(|file| file.len()).unwrap_or_default();
            log.note(Event::Written {
                path: path_text(&path),
                size,
                sha256: match secret.contains(&path) {
                    true => None,
                    false => hash(&path, log.is_quiet),
                },
            })?;
        }
    }
    let end = Some(log.ended(exit));
    let result = log.result.take();
    log.note(match exit {
        Exit::Interrupted => Event::Interrupted { result, end },
        _ => Event::Finished { result, end },
    })?;
    if log.is_silent {
        return Ok(());
    }
    let head = log.journal.head();
    let file = privacy::text(&path_text(&log.file));
    let open = match privacy::is_on() {
        true => "it is not redacted, do not send it; ",
        false => "",
    };
    let text = format!(
        "evidence log {file}: {open}write down its head, it proves every line up to now:\n{head}"
    );
    let _ = render::text::step(&mut anstream::stderr(), &text, "", "");
    Ok(())
}

/// Notes that a signal ended the run at once.
pub(crate) fn cut() {
    if let Some(mut log) = output::try_lock(&LOG).and_then(|mut log| log.take()) {
        let end = Some(LoggedEnd {
            status: Exit::Interrupted.status(),
            signal: interrupt::signal(),
            sources: Vec::new(),
        });
        let result = log.result.take();
        let _ = log.note(Event::Interrupted { result, end });
    }
}

fn lock() -> MutexGuard<'static, Option<Log>> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Log {
    fn note(&mut self, event: Event) -> anyhow::Result<()> {
        let entry = LogEntry {
            time: SystemTime::now(),
            event,
        };
        let noted = self.journal.append(&entry);
        noted.map(drop).map_err(|error| refused(&self.file, &error))
    }

    fn ended(&self, exit: Exit) -> LoggedEnd {
        let sources = self.sources.iter().map(|(path, before)| {
            // Who wants the program to end does not wait for a hash.
            let after = match exit {
                Exit::Interrupted => None,
                _ => hash(path, self.is_quiet),
            };
            let both = before.as_ref().zip(after.as_ref());
            SourceHashes {
                path: path_text(path),
                before: before.clone(),
                unchanged: both.map(|(one, other)| one == other),
                after,
            }
        });
        LoggedEnd {
            status: exit.status(),
            signal: interrupt::signal(),
            sources: sources.collect(),
        }
    }
}

fn refused(file: &Path, error: &JournalError) -> anyhow::Error {
    let elsewhere = !matches!(error, JournalError::Locked | JournalError::Broken(_));
    let what = format!("{}: {error}", path_text(file));
    NotWritten::error(what, error.hint(), elsewhere)
}

/// The SHA-256 of a file in hex, or of the archive that a path leads into. Of a card reader there is none: a
/// dying card is not read twice for a log.
fn hash(path: &Path, is_quiet: bool) -> Option<String> {
    let mut archives = belongings(path).into_iter();
    let archive = archives.find(|file| path != file && path.starts_with(file));
    let path = archive.as_deref().unwrap_or(path);
    let found = path.metadata().ok().filter(|found| found.is_file())?;
    let file = File::open(path).ok()?;
    render::text::progress_bar::reading(path, is_quiet, |progress| {
        progress.set_total(found.len());
        hash_of(file, progress)
    })
}

fn hash_of(mut file: File, progress: &Progress<'_>) -> Option<String> {
    let (mut hash, mut bytes) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        if progress.is_stopped() {
            return None;
        }
        match file.read(&mut bytes) {
            Ok(0) => return Some(hex::encode(hash.finalize())),
            Ok(count) => {
                hash.update(bytes.get(..count)?);
                progress.add_done(count as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

/// The files at a place: itself, or those in the folder, in order.
fn files(place: &Path, depth: u8) -> Vec<PathBuf> {
    let Ok(found) = place.symlink_metadata() else {
        return Vec::new();
    };
    let deeper = match depth.checked_sub(1) {
        _ if found.is_file() => return vec![place.to_owned()],
        Some(deeper) if found.is_dir() => deeper,
        _ => return Vec::new(),
    };
    let entries = std::fs::read_dir(place).into_iter().flatten().flatten();
    let mut inside: Vec<_> = entries.map(|entry| entry.path()).collect();
    inside.sort();
    inside.iter().flat_map(|path| files(path, deeper)).collect()
}

/// What was found on a source, in short.
fn found(source: &Source) -> Value {
    let backups = source.backups.iter().map(|backup| {
        json!({
            "id": backup.id,
            "words": backup.words,
            "timestamp": backup.timestamp,
            "state": backup.state,
        })
    });
    let findings = source.all_findings().map(|finding| {
        json!({
            "rule": finding.rule,
            "severity": finding.severity,
            "offset": finding.offset,
        })
    });
    json!({
        "status": source.status,
        "error": source.error,
        "e01": source.e01,
        "read": source.card.as_ref().and_then(|card| card.read.as_ref()),
        "device_list": source.device_view.as_ref().map(|view| view.list),
        "backups": backups.collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_says_how_far_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.img");
        std::fs::write(&path, vec![0; 3 << 20]).unwrap();
        let progress = Progress::default();
        let hash = hash_of(File::open(&path).unwrap(), &progress);
        assert_eq!(hash, Some(hex::encode(Sha256::digest(vec![0; 3 << 20]))));
        assert_eq!(progress.done(), 3 << 20);
    }
}
