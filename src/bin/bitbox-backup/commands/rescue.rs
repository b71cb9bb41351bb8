//! `rescue`: one guided way for somebody with one card and no experience. It composes other commands and
//! shows each as it would be typed, so that a helper can repeat it.

mod belonging;
mod plan;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use bitbox_backup::assess::CardState;
use bitbox_backup::image::{self, FileImage, Limits};
use bitbox_backup::progress::Progress;
use bitbox_backup::reader;
use bitbox_backup::text::{escape, path_text};

use super::no_terminal;
use crate::args::{Global, Record};
use crate::exit::{Exit, Refused};
use crate::render::text;
use crate::terminal::Terminal;
use crate::{interrupt, places};

use plan::{Answered, Plan};

const ON_TERMINAL: &str = "run the program on a terminal";
const STOPPING: &str =
    "stopping; run the same command again to continue; press again to end at once";
/// What somebody has to know before anything is done.
const SAFETY: [&str; 5] = [
    "Whoever reads this card, or a copy of it, can take all the money: it holds the wallet without a password.",
    "Work offline: pull out the network cable, and switch Wi-Fi off, until the copies are destroyed.",
    "Nothing is written to the card. If the computer asks whether to format or repair it, say no.",
    "A card that is dying gets worse with every reading: it is copied first, and the copy is worked on.",
    "Tell nobody what is on it. Whoever offers help and asks for the card or for words is a thief.",
];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The card: a card reader such as /dev/sdb, or an image; asked for if it is not given
    #[arg(value_name = "SOURCE")]
    pub(crate) source: Option<PathBuf>,
    /// The folder for the copy of the card and what is recovered; a new one, or that of an earlier rescue
    #[arg(long, value_name = "DIR", default_value = "bitbox-rescue")]
    pub(crate) to: PathBuf,
    #[command(flatten)]
    pub(crate) record: Record,
}

impl Args {
    /// Asks which card is meant and makes the folder, before the fence stands around both.
    pub(crate) fn settle(&mut self) -> anyhow::Result<()> {
        let terminal = Terminal::open().ok_or_else(|| no_terminal("Which card?", ON_TERMINAL))?;
        talk(&terminal)?;
        let source = match self.source.take() {
            Some(source) => source,
            None => which(&terminal)?,
        };
        can_be_read(&source, &self.to)?;
        places::make_folder(&self.to, &places::protect([&source]))?;
        self.source = Some(source);
        // Everything that is done goes on record, beside what it is done to.
        let log = self.to.join("rescue.log");
        self.record.log.get_or_insert(log);
        Ok(())
    }

    /// What is read.
    pub(crate) fn source(&self) -> &Path {
        self.source.as_deref().unwrap_or(Path::new(""))
    }

    /// Folders of other cards, which are told apart by what is in them.
    pub(crate) fn beside(&self) -> Vec<PathBuf> {
        let beside = belonging::beside(&self.to);
        beside.take_while(|folder| folder.exists()).collect()
    }

    /// What is written.
    pub(crate) fn places(&self) -> Vec<PathBuf> {
        let plan = Plan::new(self.source(), &self.to);
        plan.places()
    }
}

/// Says at once if the card cannot be opened at all, rather than after its first question.
fn can_be_read(source: &Path, folder: &Path) -> anyhow::Result<()> {
    // A file is opened and nothing is read of it; anything else is a folder, or leads into an archive.
    if FileImage::open(source).is_ok() {
        return Ok(());
    }
    let opened = image::open(source, &Limits::default(), |_| true, &Progress::default());
    opened.map(|_| ()).map_err(|error| {
        let mut hint = error.hint_for(source);
        let copy = Plan::new(source, folder).card_image();
        if copy.exists() {
            let again = Plan::new(&copy, folder).again(folder);
            hint = format!("{hint}\nto continue with the card that was copied there: {again}");
        }
        anyhow!("{}: {error}\n{hint}", path_text(source))
    })
}

fn talk(terminal: &Terminal) -> anyhow::Result<()> {
    let mut out = terminal.writer()?;
    writeln!(out, "Before anything is done:\n")?;
    for (number, line) in (1..).zip(SAFETY) {
        text::hanging(&mut out, line, &format!("  {number}. "), "     ")?;
    }
    Ok(writeln!(out)?)
}

/// Asks which card it is.
fn which(terminal: &Terminal) -> anyhow::Result<PathBuf> {
    let slots = reader::slots(Path::new("/")).unwrap_or_default();
    let cards: Vec<_> = slots.into_iter().filter(|slot| slot.has_card).collect();
    let mut out = terminal.writer()?;
    if cards.is_empty() {
        writeln!(
            out,
            "No card is in a reader. Insert it and run this again, or give an image of it."
        )?;
    }
    for (number, slot) in (1..).zip(&cards) {
        let size = slot.card.size.map(crate::render::phrase::human);
        let model = slot.card.model.as_deref().unwrap_or("card");
        let size = size.unwrap_or_default();
        writeln!(
            out,
            "  {number}  {}  {} {size}",
            escape(&slot.path),
            escape(model)
        )?;
    }
    let answer =
        terminal.ask("Which card? Type its number, or the path of a card reader or an image: ")?;
    let answer = answer.trim();
    let numbered = answer.parse::<usize>().ok();
    let chosen = numbered.and_then(|number| cards.get(number.checked_sub(1)?));
    match chosen {
        Some(slot) => Ok(PathBuf::from(&slot.path)),
        None if answer.is_empty() => Err(Refused::error(
            "no card was chosen",
            "run this again, or name the card: bitbox-backup rescue /dev/sdX",
        )),
        None => Ok(PathBuf::from(answer)),
    }
}

pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    interrupt::stop(STOPPING);
    let terminal = Terminal::open().ok_or_else(|| no_terminal("Do this now?", ON_TERMINAL))?;
    let plan = Plan::new(args.source(), &args.to);
    belonging::check(&plan, |folder| plan.again(folder))?;
    if interrupt::stopped() {
        return Ok(Exit::Interrupted);
    }
    let steps = plan.steps();
    let mut worst = Exit::Done;
    let mut skipped = false;
    let (mut is_whole, mut has_none) = (true, false);
    for (number, step) in (1..).zip(&steps) {
        let mut out = terminal.writer()?;
        writeln!(out, "\nStep {number} of {}: {}\n", steps.len(), step.what)?;
        if let Some(before) = &step.before {
            text::hanging(&mut out, before, "  ", "  ")?;
            writeln!(out)?;
        }
        writeln!(out, "  {}\n", step.line())?;
        match ask(&terminal)? {
            Answered::Yes => {}
            Answered::Skip => {
                skipped = true;
                continue;
            }
            Answered::Stop => return Ok(stopped(&plan)),
        }
        let (exit, states) = step.run(global)?;
        let mut states = states.iter().peekable();
        has_none |= is_whole && states.peek().is_some() && states.all(has_no_backup);
        if exit == Exit::Interrupted || interrupt::stopped() {
            return Ok(Exit::Interrupted);
        }
        if exit == Exit::Impossible {
            return Err(anyhow!(
                "this step could not be done\n{}",
                "what it says above is what to do next; run the same command again to continue"
            ));
        }
        if exit != Exit::Done {
            worst = exit;
            if let Some(incomplete) = step.incomplete {
                is_whole = false;
                writeln!(out)?;
                text::hanging(&mut out, incomplete, "  ", "  ")?;
            }
        }
    }
    end(&terminal, &plan.left(skipped, has_none))?;
    Ok(worst)
}

/// Whether nothing is on a card, of which all was searched.
fn has_no_backup(state: &CardState) -> bool {
    matches!(state, CardState::Empty | CardState::Unusable)
}

fn ask(terminal: &Terminal) -> anyhow::Result<Answered> {
    loop {
        let answer = terminal.ask("Do this now? Type yes, skip, or stop: ")?;
        match answer.trim().to_lowercase().as_str() {
            "yes" | "y" => return Ok(Answered::Yes),
            "skip" => return Ok(Answered::Skip),
            "stop" | "no" | "q" => return Ok(Answered::Stop),
            _ => {}
        }
    }
}

fn stopped(plan: &Plan) -> Exit {
    let again = plan.again(&plan.folder);
    let _ = writeln!(anstream::stderr(), "Stopped. Continue with: {again}");
    Exit::Attention
}

/// What is left to do by hand.
fn end(terminal: &Terminal, left: &[String]) -> anyhow::Result<()> {
    let mut out = terminal.writer()?;
    writeln!(out, "\nWhat is left to do:\n")?;
    for (number, step) in (1..).zip(left) {
        text::step(&mut out, step, &format!("  {number}. "), "     ")?;
    }
    Ok(())
}
