//! The commands: each a composition of the library's verbs.

pub(crate) mod audit;
pub(crate) mod device;
pub(crate) mod diff;
pub(crate) mod image;
pub(crate) mod inspect;
mod joint_reading;
pub(crate) mod letter;
pub(crate) mod list;
pub(crate) mod log;
pub(crate) mod man;
pub(crate) mod matching;
pub(crate) mod owner;
pub(crate) mod recover;
pub(crate) mod rescue;
pub(crate) mod self_test;
pub(crate) mod sources;
pub(crate) mod wallet;
mod wallet_selection;
pub(crate) mod words;

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use bitbox_backup::audit::Note;
use bitbox_backup::image::files_from;
use bitbox_backup::report::Source;
use serde::Serialize;
use serde_json::json;
use zeroize::Zeroizing;

use crate::answers::{Answer, Outcome};
use crate::args::{Cards, Global};
use crate::output::{Output, stderr, stdout};
use crate::terminal::Terminal;
use crate::{exit, privacy, render};

type Text = BufWriter<Output<anstream::Stdout>>;

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

/// Prints what a command came to: in JSON, or as the text that `write` makes of it.
fn answer<T: Serialize>(
    command: &'static str,
    json: bool,
    outcome: Outcome,
    own: &T,
    write: impl FnOnce(&mut Text) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    if json {
        return render::json::print(&Answer::of(command, outcome, own));
    }
    let mut out = BufWriter::new(stdout());
    write(&mut out)?;
    Ok(out.flush()?)
}

/// Says on stderr what a person should know of the sources beforehand.
fn say(notes: &[Note], global: &Global) {
    if global.quiet {
        return;
    }
    for note in notes {
        let text = match note {
            Note::Same { path, other } => {
                privacy::learn(&json!({ "source": [path, other] }));
                format!("{other} is the same as {path}; it is examined once")
            }
            Note::NotImages(skipped) => {
                privacy::learn(skipped);
                render::phrase::skipped(skipped)
            }
            _ => continue,
        };
        let _ = writeln!(stderr(), "note: {text}");
    }
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

/// Why nothing goes on where nobody can be asked, with what else would do.
fn no_terminal(question: &str, instead: &str) -> anyhow::Error {
    let question = question.trim_end().trim_end_matches(':');
    anyhow!("there is no terminal to ask this on: {question}\n{instead}")
}

/// Asks whether to go on, on the terminal alone, once it is said what that means.
fn confirmed(yes: bool, warning: &str, question: &str) -> anyhow::Result<bool> {
    if yes {
        return Ok(true);
    }
    let terminal = Terminal::open()
        .ok_or_else(|| no_terminal(question, "run the program on a terminal, or say --yes"))?;
    if !warning.is_empty() {
        writeln!(terminal.writer()?, "{warning}")?;
    }
    agreed(&terminal, question)
}

/// Asks for the passphrase of a wallet: any text is one.
fn asked_passphrase(instead: &str) -> anyhow::Result<Zeroizing<String>> {
    const QUESTION: &str = "Passphrase of this wallet (nothing of it is shown): ";
    let terminal = Terminal::open().ok_or_else(|| no_terminal(QUESTION, instead))?;
    let read = |typed: &str| Ok(Zeroizing::new(typed.to_owned()));
    Ok(terminal.ask_secret(QUESTION, read)?)
}

/// Asks before wallets are written, once it is said what that means.
fn confirmed_plain_text(yes: bool, warning: &str) -> anyhow::Result<()> {
    match confirmed(yes, warning, "Write wallets in plain text?")? {
        true => Ok(()),
        false => Err(exit::Refused::error(
            "nothing was written",
            "run this again and type yes",
        )),
    }
}

/// Asks whether to go on; anything but a yes is a no.
fn agreed(terminal: &Terminal, question: &str) -> anyhow::Result<bool> {
    let answer = terminal.ask(&format!("{question} Type yes: "))?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}
