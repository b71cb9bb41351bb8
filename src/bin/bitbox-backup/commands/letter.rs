//! `letter`: a page for the envelope beside a card, without anything secret.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use bitbox_backup::files::{Mark, Sources};
use bitbox_backup::report::ListedReport;
use bitbox_backup::text::{made, path_text, unique_digits};
use std::io::Write;

use super::meant::Meant;
use super::wallet::card_wallets::{Card, Held, Reading, Roots};
use super::{share, sources};
use crate::answers::letter::{FailedSource, Letter, Letters, NotListed};
use crate::answers::{Answer, Outcome};
use crate::args::{self, Cards, Everything, Global, Only, Record};
use crate::exit::{self, Exit};
use crate::output::file::ReportFile;
use crate::places::{make_folder, protect};
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
    /// Write letter-ID-WORDS.html and letter-ID-WORDS.txt for each wallet to this folder, which is made if need be; without it, print the text
    #[arg(long, value_name = "DIR", conflicts_with = "redact")]
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
    let meant = Card::meant(&cards)?;
    // The roots are wanted for their fingerprints only.
    drop(Roots::of(&mut cards, None));
    let (mut letters, not_listed) = letters(&cards);
    if let Some(folder) = args.to.as_ref().filter(|_| !letters.is_empty()) {
        let protected = protect(&sources);
        make_folder(folder, &protected)?;
        for letter in &mut letters {
            letter.files = written(letter, folder, &protected)?;
        }
    }
    let exit = exit_of(&cards, &letters, &not_listed, &meant);
    if args.reading.json {
        let failed = cards.iter().filter_map(failed).collect::<Vec<_>>();
        let outcome = if failed.len() == cards.len() {
            Outcome::no_source()
        } else {
            Outcome::DONE
        };
        let letters = Letters {
            letters: &letters,
            not_listed: &not_listed,
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
    let reading = Reading::quick(&args.reading, args.only.id.as_deref());
    Card::read_all(sources, &reading, global)
}

/// One letter for each wallet that a BitBox lists, on however many cards it does, in the order of their IDs;
/// and on which cards it does not.
fn letters(cards: &[Card]) -> (Vec<Letter>, Vec<NotListed>) {
    let mut wallets: BTreeMap<(String, u8), Vec<(&Held, &ListedReport)>> = BTreeMap::new();
    let mut not_listed = Vec::new();
    for card in cards {
        for held in &card.wallets {
            match card.listed(held) {
                _ if !card.is_card => not_listed.push(on_no_card(card, held)),
                Some(listed) => wallets.entry(held.key()).or_default().push((held, listed)),
                None => not_listed.push(not_shown(card, held)),
            }
        }
    }
    let digits = unique_digits(wallets.keys().map(|(id, _)| id.as_str()));
    let letters = wallets.into_values().filter_map(|all| {
        let (held, newest) = all.iter().max_by_key(|(_, listed)| listed.timestamp)?;
        let offer = &held.offer;
        Some(Letter {
            prefix: offer.id.get(..digits).unwrap_or(&offer.id).to_owned(),
            id: offer.id.clone(),
            name: Some(newest.name.clone()).filter(|name| !name.is_empty()),
            created: made(newest.timestamp),
            words: offer.words,
            fingerprint: offer.fingerprint.clone(),
            cards: all.len(),
            files: Vec::new(),
        })
    });
    (letters.collect(), not_listed)
}

/// Of a wallet that nobody would find with a BitBox and this card.
fn not_shown(card: &Card, held: &Held) -> NotListed {
    const FIRST: &str = "recover it first, and write the letter for the new card";
    NotListed {
        source: card.source.clone(),
        id: held.offer.id.clone(),
        name: held.offer.name.clone(),
        words: held.offer.words,
        error: format!(
            "{}: the BitBox does not show this backup, so it has no letter",
            held.offer.title()
        ),
        hint: match &card.recover {
            Some(command) => format!("{FIRST}: {command}"),
            None => format!("{FIRST}; `bitbox-backup list` says what to do with this card"),
        },
    }
}

/// Of a wallet whose files lie beside no letter: the card has to be made first.
fn on_no_card(card: &Card, held: &Held) -> NotListed {
    const FIRST: &str = "make a card from them first, and write the letter for that";
    let title = held.offer.title();
    NotListed {
        error: format!("{title}: these are files and no card, so there is no card for a letter"),
        hint: match &card.recover {
            Some(command) => format!("{FIRST}: {command}"),
            None => FIRST.to_owned(),
        },
        ..not_shown(card, held)
    }
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
    let name = &letter.prefix;
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
fn exit_of(cards: &[Card], letters: &[Letter], not_listed: &[NotListed], meant: &Meant) -> Exit {
    for one in not_listed {
        exit::failed(&anyhow!("{}: {}\n{}", one.source, one.error, one.hint));
    }
    let failures: Vec<_> = cards.iter().filter_map(failed).collect();
    for one in &failures {
        exit::failed(&anyhow!("{}: {}\n{}", one.source, one.error, one.hint));
    }
    if failures.len() == cards.len() {
        return Exit::Impossible;
    }
    if letters.is_empty() && not_listed.is_empty() {
        exit::failed(&meant.nothing().unwrap_or_else(|| {
            anyhow!(
                "no wallet on these cards is proved, so there is nothing to write a letter about\n\
                 run `bitbox-backup list` to see what is on the cards"
            )
        }));
    }
    if letters.is_empty() || !not_listed.is_empty() || !failures.is_empty() {
        Exit::Attention
    } else {
        Exit::Done
    }
}
