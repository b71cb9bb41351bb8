//! `words`: which recovery words could be shown; with `--reveal` the words themselves, on a terminal or
//! in a new file and nowhere else.

pub(crate) mod again;
pub(crate) mod offer;
mod reveal;

use std::io::Write;
use std::path::PathBuf;

use crate::machine;
use anyhow::{Context, anyhow};
use bitbox_backup::backup::{Words, root_fingerprint, wipe_stack};
use bitbox_backup::files::NewFile;
use bitbox_backup::recover::{Choice, Missing, Recovery, Wanted, choose};
use bitbox_backup::repair::SearchEstimate;
use bitbox_backup::report::Source;
use bitbox_backup::text::path_text;
use zeroize::Zeroizing;

use crate::answers::words::{Offer, Offers};
use crate::answers::{Answer, Outcome, Rules, Status};
use crate::args::{self, Cards, Everything, Global, Only, Reading, Record, Searching};
use crate::exit::{Exit, Refused};
use crate::output_paths::{not_written, protect};
use crate::terminal::{Terminal, Unanswered};
use crate::{interrupt, privacy, render, search_run};

use super::joint_reading::{self, Together};
use super::wallet_selection::Meant;
use super::{READING, choice_errors, no_terminal, owner, share};
use bitbox_backup::recover::{NotRecoveredReport, SourceRun};

const ON_TERMINAL: &str =
    "run the program on a terminal; no question is answered by a pipe, and no word shown to one";
const STOPPING: &str = "stopping the search; press again to end at once";
const PASSPHRASE: &str = "Passphrase of this wallet (nothing of it is shown): ";

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
    let together = match joint_reading::read(&args.cards.sources, &options, global)? {
        Ok(together) => together,
        Err(failed) => return failed_source(args, &failed),
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
    let one = one(args, &searched.recovery, terminal.as_ref())?;
    if !args.reveal {
        return said(args, global, &[one.offer], &[], &together);
    }
    // Only what is shown stays in memory.
    drop((searched, together));
    // What was asked for since the first time is locked only now.
    let locked = match locked {
        Some(machine::Locked::All) => machine::Locked::All,
        _ => machine::lock_memory(),
    };
    let words = one.words.put_away();
    wipe_stack();
    let reveal = reveal::Reveal {
        args,
        global,
        sources: &sources,
        offer: &one.offer,
        generations: one.generations,
        words: &words.context("the system gives no random bytes\nrestart the computer")?,
        terminal: terminal.as_ref(),
        machine: machine::look(std::path::Path::new("/"), &|name| std::env::var_os(name)),
        locked,
    };
    reveal.run()
}

/// The single wallet that is meant.
struct One {
    words: Words,
    offer: Offer,
    /// How many backups of it there are.
    generations: usize,
}

fn failed_source(args: &Args, failed: &Source) -> anyhow::Result<Exit> {
    let (error, hint) = joint_reading::error_of(failed);
    if !args.reading.json {
        return Err(anyhow!("{}: {error}\n{hint}", failed.source));
    }
    let hint = (!hint.is_empty()).then(|| hint.to_owned());
    let outcome = Outcome::because(Status::Failed, error.to_owned(), hint);
    let sources = [SourceRun::failed(failed)];
    answer(args, outcome, &[], &[], &sources)?;
    Ok(Exit::Impossible)
}

/// Says what could be shown.
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
    let offers = wallets.iter().filter_map(|all| offer::offer(recovery, all));
    let offers: Vec<_> = offers
        .filter(|offer| offer.id.starts_with(prefix))
        .filter(|offer| {
            let time = args.searching.timestamp;
            time.is_none_or(|time| offer.generations.contains(&Some(time)))
        })
        .collect();
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

/// Prints what could be shown.
fn said(
    args: &Args,
    global: &Global,
    offers: &[Offer],
    missing: &[NotRecoveredReport],
    together: &Together,
) -> anyhow::Result<Exit> {
    if args.reading.json {
        answer(args, Outcome::DONE, offers, missing, &together.sources)?;
    } else {
        offers.iter().for_each(privacy::learn);
        let mut out = std::io::BufWriter::new(crate::output::stdout());
        let verdict = &together.examined.assessment.verdict.sentence;
        render::text::words::offers(&mut out, args, offers, missing, verdict, global)?;
        out.flush()?;
    }
    Ok(if offers.is_empty() || !together.is_whole {
        Exit::Attention
    } else {
        Exit::Done
    })
}

/// The answer in JSON.
fn answer(
    args: &Args,
    outcome: Outcome,
    offers: &[Offer],
    missing: &[NotRecoveredReport],
    sources: &[SourceRun],
) -> anyhow::Result<()> {
    let first = args.cards.sources.first();
    let offers = Offers {
        rules: Rules::of(args.reading.firmware),
        source: first.map(|path| path_text(path)).unwrap_or_default(),
        sources,
        wallets: offers,
        not_recovered: missing,
    };
    render::json::print(&Answer::of("words", outcome, offers))
}

/// The single wallet whose words are to be shown, or whose passphrase is to be checked; if there is none,
/// how the program ends.
fn one(args: &Args, recovery: &Recovery, terminal: Option<&Terminal>) -> anyhow::Result<One> {
    let mut wanted = Wanted::default();
    wanted.id.clone_from(&args.only.id);
    wanted.timestamp = args.searching.timestamp;
    wanted.length = args.searching.length;
    let chosen = match choose(recovery, &wanted) {
        Ok(choice) => choice
            .only(recovery)
            .map(|only| only.ok_or_else(|| nothing(recovery, &choice))),
        Err(error) => Err(error),
    };
    let chosen = match chosen {
        Ok(Ok(chosen)) => chosen,
        Err(error) if choice_errors::is_open(&error) => {
            return Err(choice_errors::advised(&error, recovery));
        }
        Err(error) => return Err(Refused::because(&choice_errors::advised(&error, recovery))),
        Ok(Err(nothing)) => return Err(Refused::because(&nothing)),
    };
    let wallet = offer::wallets(recovery)
        .into_iter()
        .find(|all| all.contains(&chosen));
    let generations = wallet.map_or(1, |all| all.len());
    let one = recovery
        .recovered
        .get(chosen)
        .context("no wallet was chosen")?;
    let (Some(words), Some(mut offer)) = (Words::of(&one.seed), offer::of_one(one)) else {
        return Err(Refused::because(&anyhow!(
            "there are no words that could be shown: a seed of {} bytes has none\n\
             `recover` writes its files for a BitBox",
            one.seed.length()
        )));
    };
    if args.passphrase {
        let terminal = terminal.ok_or_else(|| no_terminal(PASSPHRASE, ON_TERMINAL))?;
        let passphrase: Zeroizing<String> = terminal.ask_secret(PASSPHRASE, super::passphrase)?;
        let print = root_fingerprint(&words, &passphrase);
        offer.fingerprint_with_passphrase = print.map(|print| print.to_string());
    }
    Ok(One {
        words,
        offer,
        generations,
    })
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
    let is_worth_more = |estimate: &Option<SearchEstimate>| {
        estimate.is_some_and(|estimate| estimate.is_worth_more())
    };
    let hint = if estimates.iter().any(is_worth_more) {
        "something remains: try with --effort deep, or give its ID with --id or --expect"
    } else if estimates.is_empty() {
        "run `inspect` to see what is on the card"
    } else {
        "something remains: give its ID with --id or --expect"
    };
    anyhow!("there are no words that could be shown\n{hint}")
}
