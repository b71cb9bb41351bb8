//! The words themselves: what it means, what this machine is like, the question, and only then they.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use crate::machine::{self, Locked, Machine, Storage};
use anyhow::{Context, ensure};
use bitbox_backup::backup::PutAway;
use bitbox_backup::files::{NewFile, Sources};
use bitbox_backup::text::path_text;

use super::super::{agreed, no_terminal};
use super::Args;
use super::ON_TERMINAL;
use crate::answers::words::Offer;
use crate::args::Global;
use crate::exit::Exit;
use crate::output_paths::{folder, not_written};
use crate::render;
use crate::terminal::{Closed, Page, Terminal};

/// How long the words stay without a key.
const IDLE: Duration = Duration::from_secs(5 * 60);

/// A wallet whose words are to be shown, and everything that matters for that.
pub(super) struct Reveal<'a> {
    pub(super) args: &'a Args,
    pub(super) global: &'a Global,
    pub(super) sources: &'a Sources,
    pub(super) offer: &'a Offer,
    pub(super) generations: usize,
    pub(super) words: &'a PutAway,
    pub(super) terminal: Option<&'a Terminal>,
    pub(super) machine: Machine,
    pub(super) locked: Locked,
}

/// What would be asked or shown on a terminal, if anything.
pub(super) fn prompt_needed(args: &Args) -> Option<&'static str> {
    if args.passphrase {
        Some("Passphrase of this wallet")
    } else if args.reveal && args.to.is_none() {
        Some("Show the words?")
    } else if args.reveal && !args.yes {
        Some("Write the words to a file?")
    } else {
        None
    }
}

/// Refuses a terminal of which nothing can be cleared.
pub(super) fn check_terminal(name: Option<&OsStr>) -> anyhow::Result<()> {
    ensure!(
        name.is_some_and(|name| !name.is_empty() && name != "dumb"),
        "\"Show the words?\": this terminal cannot clear what it showed (TERM is dumb or not set)\n\
         use another terminal, or write the words to a new file with --to"
    );
    Ok(())
}

impl Reveal<'_> {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        match self.terminal {
            Some(terminal) => {
                let width = terminal.size().columns;
                self.warn(&mut terminal.writer()?, width)?;
            }
            None => self.warn(&mut anstream::stderr(), render::text::WIDEST)?,
        }
        if !self.args.yes && !self.agreed()? {
            let _ = writeln!(anstream::stderr(), "nothing was shown");
            return Ok(Exit::Attention);
        }
        match &self.args.to {
            Some(file) => self.write(file),
            None => self.show(),
        }
    }

    /// What it means, what is best, and what this machine is like.
    fn warn(&self, out: &mut impl Write, width: usize) -> std::io::Result<()> {
        let (machine, verbose) = (&self.machine, self.global.verbose);
        let mut risks = render::text::machine::risks(machine, self.locked, verbose);
        if let Some(file) = &self.args.to {
            let storage = machine::storage(folder(file));
            risks.extend(render::text::machine::storage(storage));
        }
        let asked = !self.args.yes;
        render::text::words::warning(out, self.offer, &risks, self.global, asked, width)
    }

    fn agreed(&self) -> anyhow::Result<bool> {
        let words = format!("the {} words of {}", self.offer.words, self.offer.title());
        let question = match &self.args.to {
            None => format!("Show {words} on this terminal?"),
            Some(file) => format!("Write {words} to {}?", path_text(file)),
        };
        agreed(self.terminal(&question)?, &question)
    }

    fn terminal(&self, question: &str) -> anyhow::Result<&Terminal> {
        let missing = || no_terminal(question, ON_TERMINAL);
        self.terminal.ok_or_else(missing)
    }

    fn show(&self) -> anyhow::Result<Exit> {
        let terminal = self.terminal("Show the words?")?;
        let minutes = IDLE.as_secs() / 60;
        let page = |size| {
            let page = |words: &_| {
                render::text::words::page(self.offer, self.generations, words, size, minutes)
            };
            self.words.with(page).unwrap_or_else(Page::new)
        };
        let closed = terminal.show(&page, IDLE)?;
        let mut err = anstream::stderr();
        match closed {
            Closed::Key if self.global.quiet => {}
            Closed::Key => drop(writeln!(err, "the screen was cleared")),
            Closed::Late => drop(writeln!(
                err,
                "the screen was cleared: no key was pressed for {minutes} minutes"
            )),
            Closed::Interrupted => return Ok(Exit::Interrupted),
        }
        Ok(Exit::Done)
    }

    fn write(&self, file: &Path) -> anyhow::Result<Exit> {
        let text = |words: &_| render::text::words::file(self.offer, words);
        let text = self.words.with(text);
        let text = text.context("the words could not be restored")?;
        let new = NewFile::create(file, self.sources);
        let written = new.and_then(|mut new| {
            new.write_bytes(text.as_bytes())?;
            new.finish()
        });
        written.map_err(|error| not_written(&error))?;
        if !self.global.quiet {
            let after = match machine::storage(folder(file)) {
                Some(Storage::Memory) => "remove it when you have written them down",
                _ => "removing it leaves traces on the disk",
            };
            let (file, count) = (path_text(file), self.offer.words);
            writeln!(
                crate::output::stdout(),
                "The {count} words are in {file}, which only you can read; {after}."
            )?;
        }
        Ok(Exit::Done)
    }
}
