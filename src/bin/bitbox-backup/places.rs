//! What a command reads and must not write to, where it writes, and what earlier runs left there.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use bitbox_backup::files::{Sources, WriteError, leftovers};
use bitbox_backup::image::belongings;
use bitbox_backup::text::escape;

use crate::args::{Answer, AuditCommand, Command};

/// What is read and must not be written to: these paths, with what belongs to them.
pub(crate) fn protect<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Sources {
    let with = |path: P| {
        let path = path.as_ref();
        let mut all = belongings(path);
        all.push(path.to_owned());
        all
    };
    Sources::of(paths.into_iter().flat_map(with))
}

/// Why something was not written, and what to do about it.
pub(crate) fn not_written(error: &WriteError) -> anyhow::Error {
    anyhow!("{error}\n{}", error.hint())
}

/// Every place that a command may write to.
pub(crate) fn written(command: &Command) -> Vec<PathBuf> {
    let places: Vec<Option<&Path>> = match command {
        Command::Image(image) => vec![Some(&image.to)],
        Command::Recover(recover) => vec![
            recover.to.as_deref(),
            recover.card.as_deref(),
            recover.raw.as_deref(),
            recover.searching.resume.as_deref(),
        ],
        Command::Words(words) => vec![words.to.as_deref(), words.searching.resume.as_deref()],
        Command::Audit(audit) => match &audit.command {
            Some(AuditCommand::Merge(merge)) => of_answer(&merge.answer),
            None => of_answer(&audit.answer),
        },
        Command::SelfTest(test) => vec![test.validation.as_deref()],
        Command::Man(man) => {
            // The pages have names of their own.
            let page = man.to.as_deref().map(|folder| folder.join("page"));
            return page.into_iter().collect();
        }
        _ => Vec::new(),
    };
    places.into_iter().flatten().map(Path::to_owned).collect()
}

/// Whether anything is written but standard output.
pub(crate) fn writes(answer: &Answer) -> bool {
    of_answer(answer).iter().any(Option::is_some)
}

fn of_answer(answer: &Answer) -> Vec<Option<&Path>> {
    let Answer {
        ndjson,
        html,
        csv,
        dfxml,
        min_cards: _,
        expect: _,
        write_register,
        log,
        redact: _,
    } = answer;
    let lines = ndjson.as_deref().filter(|file| *file != Path::new("-"));
    let files = [html, csv, dfxml, write_register, log];
    let mut all: Vec<_> = files.into_iter().map(Option::as_deref).collect();
    all.push(lines);
    all
}

/// The folder a file lies in.
pub(crate) fn folder(place: &Path) -> &Path {
    match place.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Says what interrupted runs left where this one writes.
pub(crate) fn name_leftovers(places: &[PathBuf]) {
    let mut folders: Vec<_> = places.iter().map(|place| folder(place)).collect();
    folders.sort_unstable();
    folders.dedup();
    for left in folders.into_iter().flat_map(leftovers) {
        let _ = writeln!(
            anstream::stderr(),
            "warning: an interrupted run left {}, which may hold wallets in plain text\n         \
             remove it with: {}",
            escape(&left.path().to_string_lossy()),
            escape(&left.removal())
        );
    }
}
