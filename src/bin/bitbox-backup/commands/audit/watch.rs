//! A card station: one card after the other, each told at a glance, the report growing with each.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use anyhow::Context;
use bitbox_backup::audit::RunEnd;
use bitbox_backup::examine::{self, Options};
use bitbox_backup::files::{GrowingFile, WriteError};
use bitbox_backup::image::Limits;
use bitbox_backup::report::Source;
use bitbox_backup::text::path_text;

use super::Args;
use super::answer::{Answers, Form, result, unwritten};
use super::slot::{Event, Slot};
use super::{form, options};
use crate::advice::NewNames;
use crate::args::Global;
use crate::commands::wallet_selection::Meant;
use crate::evidence;
use crate::exit::{self, Exit};
use crate::output_paths::{not_written, protect};
use crate::render::Report as _;
use crate::render::json::Ndjson;
use crate::render::text::station::Station as Screen;
use crate::{advice, input, interrupt, output};

/// How often a slot is looked at. What is the same twice is ready.
const LOOK: Duration = Duration::from_millis(400);

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let (options, reported) = options(args);
    // A folder is where images are put: each of them is a source, and the folder is none.
    let places = args.list.cards.sources.iter();
    let read: Vec<_> = places
        .clone()
        .filter(|path| !path.is_dir())
        .cloned()
        .collect();
    let mut station = Station::open(form(args, reported, protect(&read), global)?, read)?;
    let stop = interrupt::stop(crate::commands::STOPPING);
    let limits = Limits::unpacked(options.max_unpacked);
    let slots: Vec<_> = places.map(|path| Slot::new(path, limits)).collect();
    let mut screen = Screen::new(slots.iter().map(Slot::name).collect(), global);
    screen.waiting(station.sources.len());
    let (tell, told) = mpsc::channel();
    for slot in slots {
        // A thread each: a reader that hangs stalls no other, and is not waited for at the end.
        let tell = tell.clone();
        std::thread::Builder::new().spawn(move || attend(slot, &options, stop, &tell))?;
    }
    drop(tell);
    let mut meant = Meant::new(args.list.only.id.as_deref());
    while !stop.load(Ordering::Relaxed) {
        match told.recv_timeout(LOOK) {
            Ok(News::Reading(place)) => screen.reading(&place),
            Ok(News::Read(source, path, is_reader)) => {
                let mut source = *source;
                meant.join(Meant::keep(&mut source, &args.list.only));
                advice::word(&mut source, &NewNames::default());
                if let Err(ambiguous) = meant.check() {
                    screen.end();
                    return Err(ambiguous);
                }
                match station.known(&source) {
                    Some(before) => screen.again(&source, &before),
                    None => {
                        let source = station.take(source, path)?;
                        screen.card(source, is_reader);
                    }
                }
                screen.waiting(station.sources.len());
                if station.is_unheard() {
                    break;
                }
            }
            Ok(News::Gone) => screen.waiting(station.sources.len()),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    screen.end();
    station.end()
}

enum News {
    Reading(String),
    Read(Box<Source>, PathBuf, bool),
    Gone,
}

/// Waits at a slot and examines what comes, until nobody listens any more.
fn attend(mut slot: Slot, options: &Options, stop: &AtomicBool, tell: &Sender<News>) {
    while !stop.load(Ordering::Relaxed) {
        for event in slot.look() {
            let news = match event {
                Event::Gone => News::Gone,
                Event::Ready(path) => {
                    if tell.send(News::Reading(path_text(&path))).is_err() {
                        return;
                    }
                    let source = Box::new(examine::report_on(&path, options));
                    News::Read(source, path, slot.is_reader)
                }
            };
            if tell.send(news).is_err() {
                return;
            }
        }
        std::thread::sleep(LOOK);
    }
}

/// What to do where no line can be written any more.
const LINES_END: &str =
    "the lines before stay in it; make room, and run this again with the same file";

/// Everything read so far, and where it is kept.
struct Station<'a> {
    form: Form<'a>,
    /// What was read or is read, and must not be written to.
    read: Vec<PathBuf>,
    sources: Vec<Source>,
    /// Where each card's line goes as soon as it is read; the next is read once it is safe there.
    lines: Option<Ndjson<Box<dyn Write>>>,
    is_on_stdout: bool,
}

impl<'a> Station<'a> {
    /// Begins, or goes on where an earlier run with the same file of lines ended.
    fn open(form: Form<'a>, read: Vec<PathBuf>) -> anyhow::Result<Self> {
        // What cannot be written is said before any card is read.
        drop(Answers::files(form.clone())?);
        let mut sources = Vec::new();
        let out: Option<Box<dyn Write>> = match form.args.lines_file() {
            Some(file) if file.exists() => Some(Box::new(resumed(file, &form, &mut sources)?)),
            Some(file) => {
                let lines = GrowingFile::create(file, &form.sources, true);
                Some(Box::new(lines.map_err(|error| not_written(&error))?))
            }
            None if form.args.ndjson.is_some() => Some(Box::new(output::plain())),
            None => None,
        };
        Ok(Self {
            is_on_stdout: out.is_some() && form.args.lines_file().is_none(),
            lines: out.map(|out| form.lines(out)),
            form,
            read,
            sources,
        })
    }

    /// The earlier report of this very card, where it has a number of its own that tells so.
    fn known(&self, source: &Source) -> Option<String> {
        let cid = |source: &Source| source.card.as_ref()?.identity.as_ref()?.cid.clone();
        let this = cid(source)?;
        let read = |source: &Source| source.card.as_ref().and_then(|card| card.read.clone());
        let before = self
            .sources
            .iter()
            .find(|before| cid(before).as_ref() == Some(&this) && read(before) == read(source))?;
        Some(before.source.clone())
    }

    /// Takes in a card: the lines first, since they alone would be missed.
    fn take(&mut self, mut source: Source, path: PathBuf) -> anyhow::Result<&Source> {
        if !self.read.contains(&path) {
            self.read.push(path);
        }
        // A card that has just come may be mounted where the reports are.
        self.form.sources = protect(&self.read);
        let number = self.sources.len() + 1;
        source.source = format!("{}#{number}", source.source);
        if let Some(lines) = &mut self.lines {
            let written = lines.source(&self.form.shown_source(&source));
            written.map_err(|error| {
                let name = self
                    .form
                    .args
                    .lines_file()
                    .map_or("standard output".into(), path_text);
                unwritten(&name, LINES_END, &error)
            })?;
        }
        evidence::source(&source)?;
        self.sources.push(source);
        // The next card may find room again.
        if let Err(error) = Answers::files(self.form.clone()).and_then(|files| self.answer(files)) {
            exit::failed(&error);
        }
        self.sources.last().context("a card was just taken in")
    }

    /// Whether all that is told goes to standard output, and nobody reads it any more.
    fn is_unheard(&self) -> bool {
        self.is_on_stdout && output::is_closed()
    }

    fn answer(&self, mut answers: Answers<'_>) -> anyhow::Result<()> {
        for source in &self.sources {
            answers.source(source)?;
        }
        answers.end(RunEnd::Complete).map(drop)
    }

    fn end(self) -> anyhow::Result<Exit> {
        if !self.is_on_stdout {
            self.answer(Answers::shown(self.form.clone())?)?;
        }
        let mut audit = bitbox_backup::audit::Audit::new(1, None);
        self.sources.iter().for_each(|source| audit.add(source));
        evidence::result(result(&audit.across()));
        Ok(Exit::Interrupted)
    }
}

/// Opens the file of lines of an earlier run; a line that was cut off is taken off.
fn resumed(file: &Path, form: &Form<'_>, sources: &mut Vec<Source>) -> anyhow::Result<GrowingFile> {
    let name = path_text(file);
    let read = |reader: &mut dyn std::io::Read| {
        let cut = input::lines_in(reader, &name, |line| {
            anyhow::ensure!(
                line.firmware == form.firmware.to_string() && line.options == form.options,
                "it was begun with another firmware or other options\nuse the same, or another file"
            );
            sources.push(line.source);
            Ok(())
        })?;
        if let Some(cut) = &cut {
            output::say(&format!("note: {name}: {cut}"));
        }
        anyhow::Ok(cut.map_or(u64::MAX, |cut| cut.whole))
    };
    let lines = GrowingFile::resume(file, &form.sources, read);
    lines.map_err(|error| match error.downcast_ref::<WriteError>() {
        Some(error) => not_written(error),
        None => error,
    })
}
