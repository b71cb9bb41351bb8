//! `rescue`: one guided way for somebody with one card and no experience. It composes other commands and
//! shows each as it would be typed, so that a helper can repeat it.

mod belonging;
mod came;
mod left;
mod pasted;
mod plan;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use bitbox_backup::image::{self, FileImage, Limits};
use bitbox_backup::progress::Progress;
use bitbox_backup::reader;
use bitbox_backup::text::{escape, path_text};

use super::no_terminal;
use crate::args::{Global, Record};
use crate::exit::{self, Exit, Refused};
use crate::output_paths::NotWritten;
use crate::render::{phrase, text};
use crate::terminal::Terminal;
use crate::{interrupt, output, output_paths, privacy};

use came::Came;
use plan::{Plan, Step};

const WHICH: &str = "Which card?";
const DO_THIS: &str = "Do this now?";
/// What is said of a whole backup that lies on no card.
const OF_FILES: &str = "These are the files of a backup, and they are complete, but they are no card, and a BitBox restores from \
     a card only. The next step makes the image of one.";
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
        let question = match self.source {
            Some(_) => DO_THIS,
            None => WHICH,
        };
        let terminal = Terminal::open().ok_or_else(|| no_terminal(question, ON_TERMINAL))?;
        talk(&terminal)?;
        let source = match self.source.take() {
            Some(source) => {
                can_be_read(&source, &self.to)?;
                source
            }
            None => which(&terminal, &self.to)?,
        };
        let sources = output_paths::protect([&source]);
        self.source = Some(source);
        output_paths::make_folder(&self.to, &sources)?;
        // Everything that is done goes on record, beside what it is done to.
        if self.record.log.is_none() {
            self.record.log = Some(self.to.join("rescue.log"));
            self.record.is_silent = true;
        }
        Ok(())
    }

    /// The error with what to do about it here: what is written has no other places than in the folder.
    pub(crate) fn advised(&self, error: anyhow::Error) -> anyhow::Error {
        let Some(NotWritten {
            what,
            elsewhere: true,
            ..
        }) = error.downcast_ref()
        else {
            return error;
        };
        let again = Plan::new(self.source(), &self.to).again(Path::new("/other/disk/rescue"));
        anyhow!("{what}\ngive a folder on another disk, with room, where you may write: {again}")
    }

    pub(crate) fn source(&self) -> &Path {
        self.source.as_deref().unwrap_or(Path::new(""))
    }

    /// Folders of other cards, which are told apart by what is in them.
    pub(crate) fn beside(&self) -> Vec<PathBuf> {
        let beside = belonging::beside(&self.to);
        beside.take_while(|folder| folder.exists()).collect()
    }

    pub(crate) fn places(&self) -> Vec<PathBuf> {
        Plan::new(self.source(), &self.to).places()
    }
}

/// Says at once if the card cannot be opened at all, rather than after its first question.
fn can_be_read(source: &Path, folder: &Path) -> anyhow::Result<()> {
    // A file is opened and nothing is read of it; anything else is a folder, or leads into an archive.
    if FileImage::open(source).is_ok() {
        return Ok(());
    }
    let opened = image::open(source, &Limits::default(), |_| true, &Progress::default());
    let Err(error) = opened else {
        return Ok(());
    };
    let mut hint = error.hint_for(source);
    let copy = plan::card_image(folder);
    if copy.exists() {
        let again = Plan::new(&copy, folder).again(folder);
        hint = format!("{hint}\nto continue with the card that was copied there: {again}");
    }
    Err(anyhow!("{}: {error}\n{hint}", path_text(source)))
}

fn talk(terminal: &Terminal) -> anyhow::Result<()> {
    let mut out = terminal.writer()?;
    writeln!(out, "Before anything is done:\n")?;
    for (number, line) in (1..).zip(SAFETY) {
        text::hanging(&mut out, line, &format!("  {number}. "), "     ")?;
    }
    Ok(writeln!(out)?)
}

/// Asks which card it is, until one can be read.
fn which(terminal: &Terminal, folder: &Path) -> anyhow::Result<PathBuf> {
    let slots = reader::slots(Path::new("/")).unwrap_or_default();
    let cards: Vec<_> = slots.into_iter().filter(|slot| slot.has_card).collect();
    let mut out = terminal.writer()?;
    if cards.is_empty() {
        let none = "No card is in a reader. Insert it and run this again, or give an image of it.";
        text::hanging(&mut out, none, "", "")?;
    }
    for (number, slot) in (1..).zip(&cards) {
        let (path, card) = (escape(&slot.path), &slot.card);
        let model = escape(card.model.as_deref().unwrap_or("card"));
        let size = card.size.map(phrase::human).unwrap_or_default();
        writeln!(out, "  {number}  {path}  {model} {size}")?;
    }
    let kinds = "Type its number, or the path of a card reader or an image.";
    text::hanging(&mut out, kinds, "", "")?;
    loop {
        let answer = terminal.ask(&format!("{WHICH} "))?;
        let typed = answer.trim();
        let numbered = typed.parse::<usize>().ok();
        let source = match numbered.and_then(|number| cards.get(number.checked_sub(1)?)) {
            Some(slot) => PathBuf::from(&slot.path),
            None if typed.is_empty() || is_stop(typed) => {
                return Err(Refused::error(
                    "no card was chosen",
                    "run this again, or name the card: bitbox-backup rescue /dev/sdX",
                ));
            }
            None => pasted::path(&answer),
        };
        let Err(error) = can_be_read(&source, folder) else {
            return Ok(source);
        };
        exit::failed(&error);
    }
}

pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    interrupt::stop(STOPPING);
    let terminal = Terminal::open().ok_or_else(|| no_terminal(DO_THIS, ON_TERMINAL))?;
    let plan = Plan::new(args.source(), &args.to);
    let of_this_card = belonging::check(&plan, global);
    let guided = of_this_card.and_then(|()| guide(&plan, &terminal, global));
    guided.map_err(|error| args.advised(error))
}

fn guide(plan: &Plan, terminal: &Terminal, global: &Global) -> anyhow::Result<Exit> {
    let steps = plan.steps();
    let mut came = Came::default();
    for (number, step) in (1..).zip(&steps) {
        if interrupt::stopped() {
            return Ok(Exit::Interrupted);
        }
        let which = format!("{number} of {}", steps.len());
        show(terminal, &format!("Step {which}"), step)?;
        let answer = ask(terminal, step.can_be_skipped);
        match answer.inspect_err(|_| say_stopped(plan, &which))? {
            "yes" => {}
            "skip" => {
                came.skipped = true;
                continue;
            }
            _ => {
                say_stopped(plan, &which);
                return Ok(Exit::Attention);
            }
        }
        let done = step.run(global)?;
        let (exit, has_looked) = (done.exit, !done.seen.is_empty());
        came.add(done);
        if exit == Exit::Interrupted || interrupt::stopped() {
            return Ok(Exit::Interrupted);
        }
        if exit == Exit::Impossible {
            return Err(anyhow!(
                "this step could not be done\nwhat it says above is what to do next; then continue with: {}",
                plan.again(&plan.folder)
            ));
        }
        if let (true, Some(incomplete)) = (exit != Exit::Done, step.incomplete) {
            came.lacks_some = true;
            say(terminal, incomplete)?;
        }
        if came.is_fine && !came.is_off_card {
            break;
        }
        if came.is_fine && has_looked && came.report.is_none() {
            say(terminal, OF_FILES)?;
        }
    }
    end(terminal, &came.left(plan))?;
    Ok(came.exit())
}

fn say(terminal: &Terminal, what: &str) -> anyhow::Result<()> {
    let mut out = terminal.writer()?;
    writeln!(out)?;
    Ok(text::hanging(&mut out, what, "  ", "  ")?)
}

/// A step before it is done: what it is, and its command as it is typed.
fn show(terminal: &Terminal, number: &str, step: &Step) -> anyhow::Result<()> {
    let mut out = terminal.writer()?;
    writeln!(out)?;
    let what = privacy::text(&format!("{number}: {}", step.what));
    text::hanging(&mut out, &what, "", "")?;
    writeln!(out)?;
    if let Some(before) = &step.before {
        text::hanging(&mut out, &privacy::text(before), "  ", "  ")?;
        writeln!(out)?;
    }
    Ok(writeln!(out, "  {}\n", privacy::text(&step.line()))?)
}

/// Asks until the answer is yes, skip, or stop.
fn ask(terminal: &Terminal, can_be_skipped: bool) -> anyhow::Result<&'static str> {
    let question = match can_be_skipped {
        true => "Type yes, skip, or stop: ",
        false => "Type yes or stop: ",
    };
    loop {
        let answer = terminal.ask(&format!("{DO_THIS} {question}"))?;
        match answer.trim().to_lowercase().as_str() {
            "yes" | "y" => return Ok("yes"),
            "skip" if can_be_skipped => return Ok("skip"),
            word if is_stop(word) => return Ok("stop"),
            _ => {}
        }
    }
}

/// Whether an answer ends the whole.
fn is_stop(answer: &str) -> bool {
    let words = ["stop", "no", "q", "quit"];
    words.contains(&answer.trim().to_lowercase().as_str())
}

/// Says how far it came, and how to go on.
fn say_stopped(plan: &Plan, which: &str) {
    let again = privacy::text(&plan.again(&plan.folder));
    output::say(&format!(
        "Stopped before step {which}: what was done before is kept, and the card is as it was.\nContinue with: {again}"
    ));
}

fn end(terminal: &Terminal, left: &[String]) -> anyhow::Result<()> {
    let mut out = terminal.writer()?;
    writeln!(out, "\nWhat is left to do:\n")?;
    for (number, step) in (1..).zip(left) {
        text::step(
            &mut out,
            &privacy::text(step),
            &format!("  {number}. "),
            "     ",
        )?;
    }
    Ok(())
}
