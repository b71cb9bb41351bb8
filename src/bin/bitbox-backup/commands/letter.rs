//! `letter`: a page for the envelope beside a card, without anything secret.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use bitbox_backup::files::{Mark, Sources};
use bitbox_backup::recover::Effort;
use bitbox_backup::text::path_text;
use std::io::Write;

use super::wallet::held::{Card, Held, Reading, Roots};
use super::{share, sources};
use crate::answers::letter::{FailedSource, Letter, Letters};
use crate::answers::{Answer, Outcome};
use crate::args::{self, Cards, Everything, Global, Only, Record};
use crate::exit::{self, Exit};
use crate::output::file::ReportFile;
use crate::places::protect;
use crate::{interrupt, output, render};

/// By what an earlier letter is known again.
const TEXT: Mark = Mark {
    kind: "a letter",
    beginning: render::letter::BEGINNING.as_bytes(),
    within: b"",
};
const PAGE: Mark = Mark {
    kind: "a letter",
    beginning: b"<!doctype html>",
    within: b"<meta name=\"generator\" content=\"bitbox-backup letter\">",
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) cards: Cards,
    #[command(flatten)]
    pub(crate) everything: Everything,
    /// Write letter-ID.html and letter-ID.txt for each wallet to this folder; without it, print the text
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: args::Reading,
    #[command(flatten)]
    pub(crate) only: Only,
    #[command(flatten)]
    pub(crate) record: Record,
}

pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    interrupt::stop(super::STOPPING);
    share(args.cards.threads);
    let sources = sources(&args.cards)?;
    let mut cards = read(&sources, args, global)?;
    // The roots are wanted for their fingerprints only.
    drop(Roots::of(&mut cards, None));
    let mut letters = letters(&cards);
    if let Some(folder) = &args.to {
        let protected = protect(&sources);
        for letter in &mut letters {
            letter.files = written(letter, folder, &protected)?;
        }
    }
    let exit = exit_of(&cards, &letters, args);
    if args.reading.json {
        let failed = cards.iter().filter_map(failed).collect::<Vec<_>>();
        let outcome = if failed.len() == cards.len() {
            Outcome::no_source()
        } else {
            Outcome::DONE
        };
        let letters = Letters {
            letters: &letters,
            failed,
        };
        render::json::print(&Answer::of("letter", outcome, letters))?;
        return Ok(exit);
    }
    let mut out = std::io::BufWriter::new(output::stdout());
    for (index, letter) in letters.iter().enumerate() {
        match letter.files.as_slice() {
            [] if index > 0 => write!(out, "\n\x0c\n{}", render::letter::text(letter))?,
            [] => write!(out, "{}", render::letter::text(letter))?,
            files => writeln!(out, "{}", files.join("\n"))?,
        }
    }
    out.flush()?;
    Ok(exit)
}

fn read(sources: &[PathBuf], args: &Args, global: &Global) -> anyhow::Result<Vec<Card>> {
    let reading = Reading {
        options: args.reading.everything(),
        prefix: args.only.id.as_deref().unwrap_or_default(),
        others: false,
        effort: Effort::QUICK,
        length: None,
        // It has no --effort to advise.
        speaks: false,
    };
    Card::read_all(sources, &reading, global)
}

/// One letter for each wallet, on however many cards it is, in the order of their IDs.
fn letters(cards: &[Card]) -> Vec<Letter> {
    let mut wallets: BTreeMap<(String, u8), Vec<&Held>> = BTreeMap::new();
    for held in cards.iter().flat_map(|card| &card.wallets) {
        wallets.entry(held.key()).or_default().push(held);
    }
    let letters = wallets.into_values().filter_map(|all| {
        let newest = all.iter().max_by_key(|held| held.offer.timestamp)?;
        let offer = &newest.offer;
        Some(Letter {
            id: offer.id.clone(),
            name: offer.name.clone().filter(|name| !name.is_empty()),
            created: offer.created.clone(),
            words: offer.words,
            fingerprint: offer.fingerprint.clone(),
            cards: all.len(),
            files: Vec::new(),
        })
    });
    letters.collect()
}

fn failed(card: &Card) -> Option<FailedSource<'_>> {
    card.failed.as_ref().map(|(error, hint)| FailedSource {
        source: &card.source,
        error,
        hint,
    })
}

/// Writes a letter as a page and as a text, and answers their names.
fn written(letter: &Letter, folder: &Path, sources: &Sources) -> anyhow::Result<Vec<String>> {
    let name = letter.id.get(..8).unwrap_or(&letter.id);
    let forms = [
        ("html", &PAGE, render::letter::page(letter)?),
        ("txt", &TEXT, render::letter::text(letter)),
    ];
    let write = |(ending, mark, text): (&str, &Mark, String)| {
        // Of one ID there may be wallets of several lengths.
        let place = folder.join(format!("letter-{name}-{}.{ending}", letter.words));
        let mut file = ReportFile::create(&place, sources, mark)?;
        file.write_all(text.as_bytes())?;
        file.finish()?;
        Ok(path_text(&place))
    };
    forms.into_iter().map(write).collect()
}

/// Says what has no letter, and how the command ends.
fn exit_of(cards: &[Card], letters: &[Letter], args: &Args) -> Exit {
    let failures: Vec<_> = cards.iter().filter_map(failed).collect();
    for one in &failures {
        exit::failed(&anyhow!("{}: {}\n{}", one.source, one.error, one.hint));
    }
    if failures.len() == cards.len() {
        return Exit::Impossible;
    }
    if letters.is_empty() {
        let which = match &args.only.id {
            Some(prefix) => {
                format!("--id {prefix}: no wallet that is proved has an ID that begins with it")
            }
            None => {
                "no wallet on these cards is proved, so there is nothing to write a letter about"
                    .to_owned()
            }
        };
        exit::failed(&anyhow!(
            "{which}\nrun `bitbox-backup list` to see what is on the cards"
        ));
    }
    if letters.is_empty() || !failures.is_empty() {
        Exit::Attention
    } else {
        Exit::Done
    }
}
