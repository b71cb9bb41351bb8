//! `letter`: a page for the envelope beside a card, without anything secret.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use bitbox_backup::assess::State;
use bitbox_backup::audit::counted_as;
use bitbox_backup::files::{Mark, OwnFile, Sources};
use bitbox_backup::finding::Rest;
use bitbox_backup::recover::Reason;
use bitbox_backup::report::{BackupReport, ListedReport};
use bitbox_backup::text::{made, path_text, unique_digits};

use super::wallet::card_wallets::{Card, Held, Reading, Roots, outcome};
use super::wallet_selection::Meant;
use super::{answer, share, sources};
use crate::answers::letter::{FailedSource, Letter, Letters, NotListed};
use crate::args::{self, Cards, Everything, Global, Only, Record};
use crate::exit::{self, Exit};
use crate::output::file::ReportFile;
use crate::output_paths::{NotWritten, make_folder, not_written, protect};
use crate::{interrupt, output, privacy, render};

/// Most bytes of a letter.
const MAX_LETTER: u64 = 1 << 20;
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
    // A letter says what else is on its card.
    let reading = Reading::quick(&args.reading, args.only.id.as_deref());
    let mut cards = Card::read_all(&sources, &reading, global)?;
    let meant = Card::meant(&cards)?;
    // The roots are wanted for their fingerprints only.
    drop(Roots::of(&mut cards, None));
    let (mut letters, not_listed) = letters(&cards, args.only.id.as_deref().unwrap_or_default());
    if let Some(folder) = args.to.as_ref().filter(|_| !letters.is_empty()) {
        let protected = protect(&sources);
        make_folder(folder, &protected)?;
        letters
            .iter()
            .try_for_each(|letter| check(letter, folder, &protected))?;
        for letter in &mut letters {
            letter.files = written(letter, folder, &protected)?;
        }
    }
    let own = Letters {
        letters: &letters,
        not_listed: &not_listed,
        failed: cards.iter().filter_map(failed).collect(),
    };
    let exit = exit_of(&own, cards.len(), &meant);
    answer("letter", args.reading.json, outcome(&cards), &own, |out| {
        for (index, letter) in letters.iter().enumerate() {
            match letter.files.as_slice() {
                [] if index > 0 => write!(out, "\n\x0c\n{}", render::letter::text(letter))?,
                [] => write!(out, "{}", render::letter::text(letter))?,
                files => writeln!(out, "{}", files.join("\n"))?,
            }
        }
        Ok(())
    })?;
    Ok(exit)
}

/// The number of a card, a wallet on it, and its newest backup there.
type OnCard<'a> = (usize, &'a Held, &'a ListedReport);

/// One letter for each wallet that a BitBox lists and whose ID begins so, on however many cards it does, in the order of
/// their IDs; and on which cards it does not.
fn letters(cards: &[Card], prefix: &str) -> (Vec<Letter>, Vec<NotListed>) {
    let mut wallets: BTreeMap<_, Vec<OnCard<'_>>> = BTreeMap::new();
    let mut not_listed = Vec::new();
    for (index, card) in cards.iter().enumerate() {
        let meant = card.wallets.iter();
        for held in meant.filter(|held| held.offer.id.starts_with(prefix)) {
            match card.listed(held) {
                _ if !card.is_card => not_listed.push(on_no_card(card, held)),
                Some(listed) => {
                    let wallet = wallets.entry(held.key()).or_default();
                    wallet.push((index, held, listed));
                }
                None => not_listed.push(not_shown(card, held)),
            }
        }
    }
    let digits = unique_digits(wallets.keys().map(|(id, _)| id.as_str()));
    let reports: Vec<_> = cards.iter().map(|card| &card.report).collect();
    let counted = counted_as(&reports);
    let letters = wallets.into_values().filter_map(|all| {
        let (_, held, newest) = all.iter().max_by_key(|(.., listed)| listed.timestamp)?;
        let offer = &held.offer;
        // Clones are one card.
        let own: BTreeSet<_> = all.iter().map(|(card, ..)| counted.get(*card)).collect();
        let on = || all.iter().filter_map(|(card, ..)| cards.get(*card));
        // With three intact copies.
        let is_healthy = |backup: &BackupReport| {
            backup.id.as_ref() == Some(&offer.id) && backup.state == State::Healthy
        };
        Some(Letter {
            prefix: offer.id.get(..digits).unwrap_or(&offer.id).to_owned(),
            id: offer.id.clone(),
            name: Some(newest.name.clone()).filter(|name| !name.is_empty()),
            created: made(newest.timestamp),
            words: offer.words,
            fingerprint: offer.fingerprint.clone(),
            cards: own.len(),
            is_degraded: !on().any(|card| card.report.backups.iter().any(is_healthy)),
            others: others(on(), held),
            rest: rest(on()),
            files: Vec::new(),
        })
    });
    (letters.collect(), not_listed)
}

/// What else is on the cards of a wallet, each once.
fn others<'a>(cards: impl Iterator<Item = &'a Card>, own: &Held) -> Vec<String> {
    let mut others = BTreeSet::new();
    let mut is_damaged = false;
    for card in cards {
        let held = card.wallets.iter().filter(|held| held.key() != own.key());
        others.extend(held.map(|held| held.offer.title()));
        let mut missing = card.missing.iter();
        is_damaged |= missing.any(|one| one.matters() && one.reason != Reason::Nothing);
    }
    let damaged = is_damaged.then(|| "a damaged backup".to_owned());
    others.into_iter().chain(damaged).collect()
}

/// What is on the cards of a wallet beside wallets.
fn rest<'a>(cards: impl Iterator<Item = &'a Card>) -> Vec<Rest> {
    let all = cards.flat_map(|card| &card.report.rest).copied();
    // Among the others it is named already.
    let all: BTreeSet<_> = all.filter(|one| *one != Rest::Unproved).collect();
    all.into_iter().collect()
}

/// Of a wallet that nobody would find with a BitBox and this card.
fn not_shown(card: &Card, held: &Held) -> NotListed {
    const FIRST: &str = "recover it first, and write the letter for the new card";
    // Nothing is known of the view of a device where what it reads is missing.
    let is_known = card.report.device_view.is_some();
    let why = match is_known {
        true => "the BitBox does not show this backup",
        false => "whether the BitBox shows this backup is not known from this image",
    };
    NotListed {
        source: card.source.clone(),
        id: held.offer.id.clone(),
        name: held.offer.name.clone(),
        words: held.offer.words,
        error: format!("{}: {why}, so it has no letter", held.offer.title()),
        hint: match &card.recover {
            _ if !is_known => {
                "write the letter for the card itself, or for a copy of all of it".to_owned()
            }
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

/// Its forms, each with its place.
fn forms(letter: &Letter, folder: &Path) -> anyhow::Result<[(PathBuf, &'static Mark, String); 2]> {
    // Of one ID there may be wallets of several lengths.
    let stem = format!("letter-{}-{}", letter.prefix, letter.words);
    let place = |ending: &str| folder.join(format!("{stem}.{ending}"));
    Ok([
        (place("html"), &PAGE, render::letter::page(letter)?),
        (place("txt"), &TEXT, render::letter::text(letter)),
    ])
}

/// Refuses to replace a letter with another content: somebody may have written into it.
fn check(letter: &Letter, folder: &Path, sources: &Sources) -> anyhow::Result<()> {
    for (place, mark, text) in forms(letter, folder)? {
        let opened = OwnFile::open(&place, sources, MAX_LETTER);
        let (_, found) = opened.map_err(|error| not_written(&error))?;
        let is_changed =
            |found: &[u8]| found.starts_with(mark.beginning) && found != text.as_bytes();
        if found.is_some_and(|found| is_changed(&found)) {
            let place = path_text(&place);
            return Err(NotWritten::error(
                format!(
                    "{place}: is there already with another content, and somebody may have written into it"
                ),
                "give another folder with --to, or move this letter away",
                true,
            ));
        }
    }
    Ok(())
}

/// Writes a letter as a page and as a text, and answers their names.
fn written(letter: &Letter, folder: &Path, sources: &Sources) -> anyhow::Result<Vec<String>> {
    let write = |(place, mark, text): (PathBuf, &Mark, String)| {
        let mut file = ReportFile::create(&place, sources, mark)?;
        file.write_all(text.as_bytes())?;
        file.finish()?;
        Ok(path_text(&place))
    };
    forms(letter, folder)?.into_iter().map(write).collect()
}

/// Says what has no letter, and how the command ends.
fn exit_of(answer: &Letters<'_>, cards: usize, meant: &Meant) -> Exit {
    let (letters, not_listed) = (answer.letters, answer.not_listed);
    for letter in letters.iter().filter(|letter| letter.is_degraded) {
        let prefix = privacy::text(&letter.prefix);
        output::say(&format!(
            "warning: {prefix}: copies of this backup are damaged or missing: make a new backup on a fresh card, and write \
             the letter for that"
        ));
    }
    for one in not_listed {
        exit::failed(&anyhow!("{}: {}\n{}", one.source, one.error, one.hint));
    }
    for one in &answer.failed {
        exit::failed(&anyhow!("{}: {}\n{}", one.source, one.error, one.hint));
    }
    if answer.failed.len() == cards {
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
    if letters.is_empty() || !not_listed.is_empty() || !answer.failed.is_empty() {
        Exit::Attention
    } else {
        Exit::Done
    }
}
