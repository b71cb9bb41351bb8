//! `words`: which recovery words could be shown; with `--reveal` the words themselves, on a terminal or
//! in a new file and nowhere else.

mod choice;
pub(crate) mod offer;
mod place;
mod reveal;

use std::io::Write;

use anyhow::{Context, anyhow};
use bitbox_backup::backup::{Words, root_fingerprint};
use bitbox_backup::examine::{self, Options};
use bitbox_backup::machine;
use bitbox_backup::recover::Recovery;
use bitbox_backup::report::{SCHEMA, Source, basis, path_text};
use serde_json::json;
use zeroize::Zeroizing;

use crate::args::{self, Global};
use crate::exit::{self, Exit};
use crate::terminal::{Terminal, Unanswered};
use crate::{effort, render};

use choice::Wanted;
use offer::{Offer, Refusal};

const STOPPING: &str = "stopping the search; press again to end at once";
const PASSPHRASE: &str = "Passphrase of this wallet (nothing of it is shown): ";

pub(crate) fn run(args: &args::Words, global: &Global) -> anyhow::Result<Exit> {
    // Whatever would end in nothing ends before a secret is in memory.
    let needed = reveal::prompt_needed(args);
    let terminal = Terminal::open();
    if let (Some(prompt), None) = (needed, &terminal) {
        return Err(no_terminal(prompt));
    }
    match &args.to {
        Some(file) => place::check(file, &args.source)?,
        None if args.reveal => reveal::check_terminal(std::env::var_os("TERM").as_deref())?,
        None => {}
    }
    let locked = args.reveal.then(machine::lock_memory);
    let options = Options {
        firmware: args.reading.firmware,
        deleted: true,
        carve: true,
        max_unpacked: args.reading.max_unpacked.saturating_mul(1 << 20),
        inspect: false,
        hash: false,
    };
    let examined = match examine::examine_whole(&args.source, &options) {
        Ok(examined) => examined,
        Err(failed) => return failed_source(args, &failed),
    };
    let id = args.reading.id.as_deref();
    let searched = effort::search(
        &args.source,
        &examined,
        &args.searching,
        id,
        STOPPING,
        global,
    )?;
    if searched.interrupted {
        return Ok(Exit::Interrupted);
    }
    let done = if args.reveal || args.passphrase {
        one(args, global, &searched.recovery, terminal.as_ref(), locked)
    } else {
        offers(args, global, &searched.recovery)
    };
    match done.map_err(|error| error.downcast::<Unanswered>()) {
        Err(Ok(Unanswered::Interrupted)) => Ok(Exit::Interrupted),
        Err(Ok(other)) => Err(other.into()),
        Err(Err(error)) => Err(error),
        Ok(exit) => Ok(exit),
    }
}

fn no_terminal(prompt: &str) -> anyhow::Error {
    anyhow!(
        "{prompt}: there is no terminal to ask this on\n\
         run the program on a terminal; it answers no question from a pipe, and shows no word to one"
    )
}

fn failed_source(args: &args::Words, failed: &Source) -> anyhow::Result<Exit> {
    let error = failed.error.as_deref().unwrap_or_default();
    let hint = failed.hint.as_deref().unwrap_or_default();
    if !args.reading.json {
        return Err(anyhow!("{}: {error}\n{hint}", failed.source));
    }
    answer(args, Some((error, hint)), &[], &[])?;
    Ok(Exit::Impossible)
}

/// Says what could be shown.
fn offers(args: &args::Words, global: &Global, recovery: &Recovery) -> anyhow::Result<Exit> {
    let begins = |id: &str| {
        args.reading
            .id
            .as_ref()
            .is_none_or(|prefix| id.starts_with(prefix))
    };
    let wallets = choice::wallets(recovery);
    let offers = wallets.iter().filter_map(|all| Offer::of(recovery, all));
    let offers: Vec<_> = offers
        .filter(|offer| begins(&offer.id))
        .filter(|offer| {
            let time = args.searching.timestamp;
            time.is_none_or(|time| offer.generations.contains(&Some(time)))
        })
        .collect();
    let mut refusals = Refusal::all(recovery);
    refusals.retain(|one| one.id.as_deref().is_none_or(begins));
    said(args, global, &offers, &refusals)
}

/// Prints what could be shown.
fn said(
    args: &args::Words,
    global: &Global,
    offers: &[Offer],
    refusals: &[Refusal],
) -> anyhow::Result<Exit> {
    if args.reading.json {
        answer(args, None, offers, refusals)?;
    } else {
        let mut out = std::io::BufWriter::new(anstream::stdout().lock());
        render::words::offers(&mut out, &args.source, offers, refusals, global)?;
        out.flush()?;
    }
    Ok(if offers.is_empty() {
        Exit::Attention
    } else {
        Exit::Done
    })
}

/// The answer in JSON.
fn answer(
    args: &args::Words,
    failed: Option<(&str, &str)>,
    offers: &[Offer],
    refusals: &[Refusal],
) -> anyhow::Result<()> {
    let head = json!({
        "schema": SCHEMA,
        "command": "words",
        "firmware": args.reading.firmware.to_string(),
        "basis": basis(args.reading.firmware),
        "source": path_text(&args.source),
        "error": failed.map(|failed| failed.0),
        "hint": failed.map(|failed| failed.1),
    });
    let head = head.to_string();
    let mut out = std::io::BufWriter::new(anstream::stdout().lock());
    writeln!(out, "{},", head.trim_end_matches('}'))?;
    writeln!(out, "\"wallets\":{},", serde_json::to_string(offers)?)?;
    writeln!(
        out,
        "\"not_recovered\":{}}}",
        serde_json::to_string(refusals)?
    )?;
    out.flush()?;
    Ok(())
}

/// Does what needs a single wallet: shows its words, or checks a passphrase.
fn one(
    args: &args::Words,
    global: &Global,
    recovery: &Recovery,
    terminal: Option<&Terminal>,
    locked: Option<machine::Locked>,
) -> anyhow::Result<Exit> {
    let wanted = Wanted {
        id: args.reading.id.as_deref(),
        timestamp: args.searching.timestamp,
        length: args.searching.length,
    };
    let chosen = match choice::choose(recovery, &wanted) {
        Ok(chosen) => chosen,
        Err(error) if error.is_usage() => return Err(error.into()),
        Err(error) => {
            exit::failed(&error.into());
            return Ok(Exit::Attention);
        }
    };
    let wallet = choice::wallets(recovery)
        .into_iter()
        .find(|all| all.contains(&chosen));
    let generations = wallet.map_or(1, |all| all.len());
    let one = recovery
        .recovered
        .get(chosen)
        .context("no wallet was chosen")?;
    let words = Words::of(&one.seed).context("no wallet has a seed of this length")?;
    let mut offer = Offer::one(one).context("no wallet has a seed of this length")?;
    if args.passphrase {
        let terminal = terminal.ok_or_else(|| no_terminal(PASSPHRASE.trim_end()))?;
        let passphrase: Zeroizing<String> = terminal.ask(PASSPHRASE, true)?;
        let print = root_fingerprint(&words, &passphrase);
        offer.fingerprint_with_passphrase = print.map(|print| print.to_string());
    }
    if !args.reveal {
        return said(args, global, &[offer], &[]);
    }
    // What was asked for since the first time is locked only now.
    let locked = match locked {
        Some(machine::Locked::All) => machine::Locked::All,
        _ => machine::lock_memory(),
    };
    let reveal = reveal::Reveal {
        args,
        global,
        offer: &offer,
        generations,
        words: &words,
        terminal,
        machine: machine::look(std::path::Path::new("/"), &|name| std::env::var_os(name)),
        locked,
    };
    reveal.run()
}
