//! The commands: each a composition of the library's verbs.

pub(crate) mod audit;
mod choice;
pub(crate) mod completions;
pub(crate) mod device;
pub(crate) mod diff;
pub(crate) mod image;
pub(crate) mod inspect;
pub(crate) mod list;
pub(crate) mod log;
pub(crate) mod man;
pub(crate) mod matching;
pub(crate) mod recover;
pub(crate) mod self_test;
pub(crate) mod sources;
pub(crate) mod wallet;
pub(crate) mod words;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use bitbox_backup::image::files_from;
use bitbox_backup::report::Source;

use crate::args::{Cards, Only};
use crate::exit;
use crate::terminal::Terminal;

/// What is said at the first Ctrl-C while many cards are read.
const STOPPING: &str = "stopping after the cards begun; press again to stop at once";
/// The same while one is.
const READING: &str = "stopping when the card is read; press again to end at once";

/// The sources given, and those of `--files-from` behind them.
pub(crate) fn sources(cards: &Cards) -> anyhow::Result<Vec<PathBuf>> {
    let mut sources = cards.sources.clone();
    if let Some(file) = cards.files_from.as_deref() {
        let more = if file.as_os_str() == "-" {
            files_from(std::io::stdin().lock()).context("standard input")?
        } else {
            let reader = std::fs::File::open(file).map(std::io::BufReader::new);
            reader
                .and_then(files_from)
                .with_context(|| format!("{}: cannot be read", file.display()))?
        };
        sources.extend(more);
    }
    anyhow::ensure!(
        !sources.is_empty(),
        "no sources: --files-from gave none\nname a card image, a card reader or a folder"
    );
    Ok(sources)
}

/// Whether the card stayed where it was while it was read. If not it says so: what follows is of a part of
/// it, or of two cards.
fn stayed(report: &Source) -> bool {
    let left = report.left();
    if let Some((message, advice)) = left {
        exit::failed(&anyhow!("{}: {message}\n{advice}", report.source));
    }
    left.is_none()
}

/// How many threads share the surface of one card.
fn share(threads: Option<std::num::NonZeroUsize>) {
    if let Some(threads) = threads {
        // It fails only if they were started before, and then they are as many as processors.
        let _ = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .build_global();
    }
}

/// Keeps only the backups of the id asked for, and says where the prefix is not unique.
fn only(source: &mut Source, only: &Only) -> anyhow::Result<()> {
    let Some(prefix) = &only.id else {
        return Ok(());
    };
    only.keep(source);
    let mut ids: Vec<_> = source
        .backups
        .iter()
        .filter_map(|backup| backup.id.clone())
        .collect();
    ids.sort();
    ids.dedup();
    anyhow::ensure!(
        ids.len() < 2,
        "--id {prefix}: {} ids begin so on {}\ngive more of its digits",
        ids.len(),
        source.source
    );
    Ok(())
}

/// Why nothing goes on where nobody can be asked, with what else would do.
fn no_terminal(question: &str, instead: &str) -> anyhow::Error {
    anyhow!("{question}: there is no terminal to ask this on\n{instead}")
}

/// Says what it means, and asks whether to go on.
fn warned(warning: &str, question: &str) -> anyhow::Result<bool> {
    let terminal = Terminal::open().ok_or_else(|| {
        no_terminal(
            &format!("\"{question}\""),
            "run the program on a terminal, or say --yes",
        )
    })?;
    writeln!(terminal.writer()?, "{warning}")?;
    agreed(&terminal, question)
}

/// What is said where somebody does not want wallets to be written.
fn unwanted() -> anyhow::Error {
    exit::Refused::error("nothing was written", "run this again and type yes")
}

/// Asks whether to go on; anything but a yes is a no.
fn agreed(terminal: &Terminal, question: &str) -> anyhow::Result<bool> {
    let answer = terminal.ask(&format!("{question} Type yes: "), false)?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}
