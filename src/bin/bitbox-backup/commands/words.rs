//! `words`: which recovery words could be shown; with `--reveal` the words themselves, on a terminal or
//! in a new file and nowhere else.

pub(crate) mod again;
pub(crate) mod offer;
mod reveal;

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use bitbox_backup::backup::{Words, root_fingerprint, wipe_stack};
use bitbox_backup::files::NewFile;
use bitbox_backup::recover::{
    Choice, Missing, NotRecoveredReport, Recovered, Recovery, SourceRun, choose,
};
use bitbox_backup::repair::SearchEstimate;
use bitbox_backup::report::Source;
use bitbox_backup::text::path_text;

use crate::answers::words::{Offer, Offers};
use crate::answers::{Answer, Outcome, Rules, Status};
use crate::args::{self, Cards, Everything, Global, Only, Reading, Record, Searching};
use crate::exit::{Exit, Refused};
use crate::output_paths::{not_written, protect};
use crate::terminal::{Terminal, Unanswered};
use crate::{interrupt, machine, privacy, render, search_run};

use super::joint_reading::{self, NoneRead, Together};
use super::wallet_selection::{self, Meant};
use super::{READING, answer, asked_passphrase, no_terminal, owner, share};

const ON_TERMINAL: &str =
    "run the program on a terminal; no question is answered by a pipe, and no word shown to one";
const STOPPING: &str = "stopping the search; press again to end at once";

#[derive(Debug, clap::Args)]
#[command(mut_args(args::as_evidence_together))]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) cards: Cards,
    #[command(flatten)]
    pub(crate) everything: Everything,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) only: Only,
    #[command(flatten)]
    pub(crate) searching: Searching,
    #[command(flatten)]
    pub(crate) record: Record,
    /// Show the words on the terminal, on a separate screen that is cleared afterwards
    #[arg(long, conflicts_with_all = ["json", "redact"])]
    pub(crate) reveal: bool,
    /// Write the words to this new file instead; best in memory, such as /dev/shm
    #[arg(long, value_name = "NEWFILE", requires = "reveal")]
    pub(crate) to: Option<PathBuf>,
    /// Ask for the wallet's passphrase and show the root fingerprint it gives
    #[arg(long)]
    pub(crate) passphrase: bool,
    /// Skip the confirmation prompt
    #[arg(long, requires = "reveal")]
    pub(crate) yes: bool,
}

pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    // Whatever would end in nothing ends before a secret is in memory.
    let needed = reveal::prompt_needed(args);
    let terminal = Terminal::open();
    if let (Some(prompt), None) = (needed, &terminal) {
        return Err(no_terminal(prompt, ON_TERMINAL));
    }
    let sources = protect(&args.cards.sources);
    match &args.to {
        Some(file) => NewFile::check(file, &sources).map_err(|error| not_written(&error))?,
        None if args.reveal => reveal::check_terminal(std::env::var_os("TERM").as_deref())?,
        None => {}
    }
    interrupt::stop(READING);
    share(args.cards.threads);
    let locked = args.reveal.then(machine::lock_memory);
    let known = owner::known(&args.searching, args.passphrase)?;
    let options = args.reading.everything();
    let read = joint_reading::read(&args.cards.sources, &options, global);
    let together = match read.map_err(|error| error.downcast::<NoneRead>()) {
        Err(Ok(NoneRead(failed))) if args.reading.json => return failed_source(args, &failed),
        Err(Ok(failed)) => return Err(failed.into()),
        Err(Err(error)) => return Err(error),
        Ok(together) => together,
    };
    let examined = &together.examined;
    let id = args.only.id.as_deref();
    Meant::on(id, &examined.assessment).check()?;
    let searched = search_run::search(
        &sources,
        examined,
        &args.searching,
        (id, known),
        STOPPING,
        global,
    )?;
    if searched.interrupted {
        return Err(Unanswered::Interrupted.into());
    }
    if !args.reveal && !args.passphrase {
        return offers(args, global, &searched.recovery, &together);
    }
    let (words, offer, generations) = one(args, &searched.recovery)?;
    if !args.reveal {
        return said(args, global, &[offer], &[], &together);
    }
    // Only what is shown stays in memory.
    drop((searched, together));
    // What was asked for since the first time is locked only now.
    let locked = match locked {
        Some(machine::Locked::All) => machine::Locked::All,
        _ => machine::lock_memory(),
    };
    let words = words.put_away();
    wipe_stack();
    let reveal = reveal::Reveal {
        args,
        global,
        sources: &sources,
        offer: &offer,
        generations,
        words: &words.context("the system gives no random bytes\nrestart the computer")?,
        terminal: terminal.as_ref(),
        machine: machine::look(std::path::Path::new("/"), &|name| std::env::var_os(name)),
        locked,
    };
    reveal.run()
}

fn failed_source(args: &Args, failed: &Source) -> anyhow::Result<Exit> {
    let (error, hint) = joint_reading::error_of(failed);
    let hint = (!hint.is_empty()).then(|| hint.to_owned());
    let outcome = Outcome::because(Status::Failed, error.to_owned(), hint);
    let sources = [SourceRun::failed(failed)];
    let own = offers_of(args, &[], &[], &sources);
    render::json::print(&Answer::of("words", outcome, own))?;
    Ok(Exit::Impossible)
}

fn offers(
    args: &Args,
    global: &Global,
    recovery: &Recovery,
    together: &Together,
) -> anyhow::Result<Exit> {
    let id = args.only.id.as_deref();
    let meant = Meant::among(id, recovery);
    meant.check()?;
    let prefix = id.unwrap_or_default();
    let wallets = offer::wallets(recovery);
    let mut offers: Vec<_> = wallets
        .iter()
        .filter_map(|all| offer::with_fingerprint(all))
        .collect();
    let time = args.searching.timestamp;
    offers.retain(|offer| {
        let has_time = time.is_none() || offer.generations.contains(&time);
        has_time && offer.id.starts_with(prefix)
    });
    let mut missing = offer::missing(recovery, &together.examined);
    missing.retain(|one| one.id.as_deref().is_none_or(|id| id.starts_with(prefix)));
    if offers.is_empty()
        && missing.is_empty()
        && let Some(nothing) = meant.nothing()
    {
        return Err(nothing);
    }
    said(args, global, &offers, &missing, together)
}

fn said(
    args: &Args,
    global: &Global,
    offers: &[Offer],
    missing: &[NotRecoveredReport],
    together: &Together,
) -> anyhow::Result<Exit> {
    let own = offers_of(args, offers, missing, &together.sources);
    answer("words", args.reading.json, Outcome::DONE, &own, |out| {
        offers.iter().for_each(privacy::learn);
        let verdict = &together.examined.assessment.verdict.sentence;
        render::text::words::offers(out, args, offers, missing, verdict, global)
    })?;
    Ok(match offers.is_empty() || !together.is_whole {
        true => Exit::Attention,
        false => Exit::Done,
    })
}

fn offers_of<'a>(
    args: &Args,
    wallets: &'a [Offer],
    not_recovered: &'a [NotRecoveredReport],
    sources: &'a [SourceRun],
) -> Offers<'a> {
    let first = args.cards.sources.first();
    Offers {
        rules: Rules::of(args.reading.firmware),
        source: first.map(|path| path_text(path)).unwrap_or_default(),
        sources,
        wallets,
        not_recovered,
    }
}

/// The single wallet whose words are to be shown, or whose passphrase is to be checked, and how many backups of it there
/// are; if there is none, how the program ends.
fn one(args: &Args, recovery: &Recovery) -> anyhow::Result<(Words, Offer, usize)> {
    let wanted = wallet_selection::wanted(&args.only, &args.searching);
    let chosen = choose(recovery, &wanted).and_then(|choice| {
        let only = choice.only(recovery)?;
        Ok(only.ok_or_else(|| Refused::because(&nothing(recovery, &choice))))
    });
    let chosen = chosen.map_err(|error| {
        let advised = wallet_selection::advised(&error, recovery);
        match wallet_selection::is_open(&error) {
            true => advised,
            false => Refused::because(&advised),
        }
    })??;
    let one = recovery.recovered.get(chosen);
    let one = one.context("no wallet was chosen")?;
    let has_it = |all: &&Vec<&Recovered>| all.iter().any(|each| std::ptr::eq(*each, one));
    let generations = offer::wallets(recovery)
        .iter()
        .find(has_it)
        .map_or(1, Vec::len);
    let offer = offer::with_fingerprint(&[one]);
    let (Some(words), Some(mut offer)) = (Words::of(&one.seed), offer) else {
        return Err(Refused::because(&anyhow!(
            "there are no words that could be shown: a seed of {} bytes has none\n\
             `recover` writes its files for a BitBox",
            one.seed.length()
        )));
    };
    if args.passphrase {
        let print = root_fingerprint(&words, &asked_passphrase(ON_TERMINAL)?);
        offer.fingerprint_with_passphrase = print.map(|print| print.to_string());
    }
    Ok((words, offer, generations))
}

/// Why there is no wallet to choose, and what to do next.
fn nothing(recovery: &Recovery, choice: &Choice) -> anyhow::Error {
    let left = choice.not_recovered.iter();
    let left = left.filter_map(|index| recovery.not_recovered.get(*index));
    let estimates: Vec<_> = left
        .filter_map(|one| match one.missing {
            Missing::Proof { estimate, .. } => Some(estimate),
            _ => None,
        })
        .collect();
    let mut known = estimates.iter().flatten();
    let hint = if known.any(SearchEstimate::is_worth_more) {
        "something remains: try with --effort deep, or give its ID with --id or --expect"
    } else if estimates.is_empty() {
        "run `inspect` to see what is on the card"
    } else {
        "something remains: give its ID with --id or --expect"
    };
    anyhow!("there are no words that could be shown\n{hint}")
}
