//! `recover`: backups recovered into a new folder or to the image of a new card.

mod verify;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bitbox_backup::assess::{Backup, State};
use bitbox_backup::examine::Options;
use bitbox_backup::export::{device_time, new_card};
use bitbox_backup::files::{NewFile, NewFolder, Sources, WriteError};
use bitbox_backup::finding::Rest;
use bitbox_backup::recover::{
    Choice, PassedOver, RawReport, Recovered, Recovery, RecoveryReport, RecoveryRun, choose,
};
use bitbox_backup::report::Source;
use bitbox_backup::text::{path_text, quoted};

use super::joint_reading::{self, Together};
use super::wallet_selection::{self, Meant};
use super::{READING, answer, confirmed_plain_text, owner, share};
use crate::advice::{self, NewNames};
use crate::answers::{Answer, Outcome, Status};
use crate::args::{self, Cards, Everything, Global, Only, Reading, Record, Searching};
use crate::exit::Exit;
use crate::output_paths::{not_written, protect, real};
use crate::{evidence, interrupt, output, privacy, render, search_run};
use render::text::recovery::{Run, now, what_next};
pub(crate) use verify::Verified;

const WARNING: &str = "\
What is written holds wallets in plain text: whoever reads it can take
all their money. Write it only to a disk that nobody else reads and that
stays offline, and destroy it afterwards.";
const STOPPING: &str =
    "stopping the search; what is proved so far is written; press again to end at once";

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("place").required(true).multiple(true).args(["to", "card"]))]
#[command(mut_args(args::as_evidence_together))]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) cards: Cards,
    #[command(flatten)]
    pub(crate) everything: Everything,
    /// Write the folder bitbox02 and a report to this folder, which must be new or empty
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
    /// Write the image of a card that a BitBox02 accepts; the file must be new
    #[arg(long, value_name = "NEW.img")]
    pub(crate) card: Option<PathBuf>,
    /// Also write every copy found, intact or not, as it is on the card, to this new folder
    #[arg(long, value_name = "DIR")]
    pub(crate) raw: Option<PathBuf>,
    /// Ask for the wallet's passphrase, with which it has the --xpub, --address, or --fingerprint, or that in the register
    #[arg(long, conflicts_with = "resume")]
    pub(crate) passphrase: bool,
    /// Skip the confirmation prompt
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) searching: Searching,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) only: Only,
    #[command(flatten)]
    pub(crate) record: Record,
}

pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    recovered(args, global).map(|(exit, ..)| exit)
}

/// The same, with what was recovered and what was seen of the card.
pub(crate) fn recovered(
    args: &Args,
    global: &Global,
) -> anyhow::Result<(Exit, RecoveryReport, Source)> {
    let sources = protect(&args.cards.sources);
    check(args, &sources)?;
    interrupt::stop(READING);
    share(args.cards.threads);
    confirmed_plain_text(args.yes, WARNING)?;
    let known = owner::known(&args.searching, args.passphrase)?;
    let options = Options {
        inspect: true,
        ..args.reading.everything()
    };
    let together = joint_reading::read(&args.cards.sources, &options, global)?;
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
    let wanted = wallet_selection::wanted(&args.only, &args.searching);
    let recovery = &searched.recovery;
    let choice =
        choose(recovery, &wanted).map_err(|error| wallet_selection::advised(&error, recovery))?;
    let tried = RecoveryRun {
        source: &first(args),
        sources: &together.sources,
        firmware: args.reading.firmware,
        effort: args.searching.most(),
        interrupted: searched.interrupted,
        length: args.searching.length,
        fits_owner: searched.fits_owner,
        passphrase: searched.passphrase,
    };
    let (assessment, catalogue) = (&examined.assessment, &examined.catalogue);
    let report = RecoveryReport::of(&tried, recovery, &choice, assessment, catalogue);
    let writing = Writing {
        args,
        sources: &sources,
        together: &together,
        report: &report,
    };
    let verified = writing.write(recovery, &choice)?;
    evidence::result(serde_json::to_value(&report)?);
    answer(
        "recover",
        args.reading.json,
        outcome(&report),
        &report,
        |out| {
            privacy::learn(&report);
            render::text::recovery::recovery(out, &report, args, verified, global)?;
            if report.found_nothing() {
                let mut source = examined.report.clone();
                advice::word(&mut source, &NewNames::default());
                render::text::next(out, &source)?;
            }
            Ok(())
        },
    )?;
    if !global.quiet && !report.recovered.is_empty() {
        let mut err = output::stderr();
        let _ = writeln!(err);
        for step in writing.next(verified) {
            let _ = render::text::step(&mut err, &privacy::text(&step), "", "  ");
        }
    }
    let lacks_card = args.card.is_some() && verified == Verified::TooMany;
    let exit = match () {
        () if searched.interrupted => Exit::Interrupted,
        () if report.needs_attention() || !together.is_whole || lacks_card => Exit::Attention,
        () => Exit::Done,
    };
    Ok((exit, report, together.examined.report))
}

/// The source as it is named where one is: the first.
fn first(args: &Args) -> String {
    let first = args.cards.sources.first();
    first.map(|path| path_text(path)).unwrap_or_default()
}

/// The program and its arguments, as a shell takes them, without what the owner knows of the wallet; where nothing may
/// identify it, also without the beginning of its ID, and without the folder of the program.
fn command() -> Vec<String> {
    const PRIVATE: [&str; 4] = ["--xpub", "--address", "--fingerprint", "--id"];
    let private = if privacy::is_on() {
        &PRIVATE[..]
    } else {
        &PRIVATE[..3]
    };
    let mut is_private = false;
    let mut arguments = std::env::args_os();
    let mut program = PathBuf::from(arguments.next().unwrap_or_default());
    if let Some(name) = program.file_name().filter(|_| privacy::is_on()) {
        program = name.into();
    }
    let arguments = std::iter::once(program.into_os_string()).chain(arguments);
    let arguments = arguments.map(|one| path_text(Path::new(&one)));
    let typed = |word: &str| quoted(word).unwrap_or_else(|| word.to_owned());
    let as_typed = |one: String| match one.split_once('=') {
        Some((option, value)) if one.starts_with("--") => format!("{option}={}", typed(value)),
        _ if one.starts_with('-') => one,
        _ => typed(&one),
    };
    let shown = arguments.map(|one| {
        let option = private.iter().find(|option| one.starts_with(**option));
        let was_private = std::mem::replace(&mut is_private, private.contains(&one.as_str()));
        match option {
            _ if was_private => "…".to_owned(),
            Some(option) if one.contains('=') => format!("{option}=…"),
            _ => as_typed(one),
        }
    });
    shown.collect()
}

/// Refuses places where nothing can be written, before anybody waits for a search.
fn check(args: &Args, sources: &Sources) -> anyhow::Result<()> {
    let places = [&args.to, &args.card, &args.raw].into_iter().flatten();
    let mut known: Vec<PathBuf> = Vec::new();
    for place in places {
        let real = real(place);
        anyhow::ensure!(
            !known.contains(&real),
            "{}: two things cannot be written to one place\ngive each of --to, --card and --raw its own",
            path_text(place)
        );
        known.push(real);
    }
    for folder in [&args.to, &args.raw].into_iter().flatten() {
        NewFolder::check(folder, sources).map_err(|error| not_written(&error))?;
    }
    if let Some(card) = &args.card {
        NewFile::check(card, sources).map_err(|error| not_written(&error))?;
    }
    Ok(())
}

struct Writing<'a> {
    args: &'a Args,
    sources: &'a Sources,
    together: &'a Together,
    report: &'a RecoveryReport,
}

impl Writing<'_> {
    /// Writes what was chosen to each place asked for: all of it built and held against what it
    /// should be, before the first is moved to its place. Answers whether a device lists all of it at once.
    fn write(&self, recovery: &Recovery, choice: &Choice) -> anyhow::Result<Verified> {
        let chosen = choice.chosen.iter();
        let chosen: Vec<&Recovered> = chosen
            .filter_map(|index| recovery.recovered.get(*index))
            .collect();
        let not_written = |error: WriteError| not_written(&error);
        let wanted = !chosen.is_empty();
        let to = self.args.to.as_deref().filter(|_| wanted);
        let folder = to.map(|place| self.folder(place, &chosen)).transpose()?;
        let (folder, verified) = folder.map_or((None, Verified::Listed), |(folder, verified)| {
            (Some(folder), verified)
        });
        // What no card holds is in the folder.
        let wanted = wanted && verified == Verified::Listed;
        let card = self.args.card.as_deref().filter(|_| wanted);
        let card = card
            .map(|place| {
                let card = new_card(place, self.sources, &files(&chosen));
                let card = card.map_err(not_written)?;
                verify::card(&card.reading_path(), &chosen, self.args)?;
                anyhow::Ok(card)
            })
            .transpose()?;
        let raw = self.args.raw.as_deref();
        let raw = raw.map(|place| self.raw(place)).transpose()?;
        for folder in folder.into_iter().chain(raw) {
            folder.finish().map_err(not_written)?;
        }
        if let Some(card) = card {
            card.finish().map_err(not_written)?;
        }
        Ok(verified)
    }

    fn folder(&self, place: &Path, chosen: &[&Recovered]) -> anyhow::Result<(NewFolder, Verified)> {
        let mut folder = self.begin(place)?;
        for (path, bytes) in files(chosen) {
            add_file(&mut folder, &path, bytes, Some(device_time()))?;
        }
        // Before anything else is in it: the device counts every file.
        let verified = verify::folder(&folder.reading_path(), chosen, self.args)?;
        if verified == Verified::TooMany {
            let card = self.args.card.as_deref();
            let without = card.map_or_else(String::new, |card| {
                format!("; {} is not written", path_text(card))
            });
            output::say(&format!(
                "warning: a BitBox02 cannot list these {} backups on one card: make a card for each wallet{without}",
                chosen.len()
            ));
        }
        let own = Answer::of("recover", outcome(self.report), self.report);
        let json = render::json::bytes(&own)?;
        add_file(&mut folder, "recovery-report.json", &json, None)?;
        let run = Run {
            date: now(),
            command: command(),
            read: self.together.read.clone(),
            next: self.next(verified),
        };
        let text = privacy::bytes(render::text::recovery::text(self.report, &run)?);
        add_file(&mut folder, "recovery-report.txt", &text, None)?;
        Ok((folder, verified))
    }

    fn next(&self, verified: Verified) -> Vec<String> {
        what_next(self.args, self.report, verified, &self.rest())
    }

    /// What is on the card beside what was recovered, or is said of in the report.
    fn rest(&self) -> Vec<Rest> {
        let assessment = &self.together.examined.assessment;
        let is_left = |one: &Backup| {
            let prefix = self.args.only.id.as_deref();
            let is_other = |prefix| one.id.is_none_or(|id| !id.to_string().starts_with(prefix));
            !matches!(one.state, State::Erased | State::Lost) && prefix.is_some_and(is_other)
        };
        let mut passed_over = self.report.not_chosen.iter();
        let others = passed_over.any(|one| one.why == PassedOver::OtherLength)
            || assessment.backups.iter().any(is_left);
        let rest = assessment.verdict.rest.iter().copied();
        let rest = rest.filter(|one| *one != Rest::Unproved);
        others
            .then_some(Rest::Backups)
            .into_iter()
            .chain(rest)
            .collect()
    }

    /// Every copy found, as it lies, with a list of where.
    fn raw(&self, place: &Path) -> anyhow::Result<NewFolder> {
        let mut folder = self.begin(place)?;
        let examined = &self.together.examined;
        let (assessment, catalogue) = (&examined.assessment, &examined.catalogue);
        let report = RawReport::of(&first(self.args), assessment, catalogue);
        for (index, copy) in report.copies.iter().enumerate() {
            if let Some(file) = &copy.file {
                add_file(&mut folder, file, catalogue.bytes(index), None)?;
            }
        }
        let list = render::json::bytes(&Answer::done("recover --raw", &report))?;
        add_file(&mut folder, "copies.json", &list, None)?;
        let text = render::text::recovery::raw(&report)?;
        add_file(&mut folder, "copies.txt", &privacy::bytes(text), None)?;
        Ok(folder)
    }

    fn begin(&self, place: &Path) -> anyhow::Result<NewFolder> {
        NewFolder::create(place, self.sources).map_err(|error| not_written(&error))
    }
}

/// Three equal files of each backup.
fn files<'a>(chosen: &[&'a Recovered]) -> Vec<(String, &'a [u8])> {
    let three = |one: &&'a Recovered| one.paths().map(|path| (path, one.file.as_slice()));
    chosen.iter().flat_map(three).collect()
}

fn add_file(
    folder: &mut NewFolder,
    path: &str,
    bytes: &[u8],
    modified: Option<SystemTime>,
) -> anyhow::Result<()> {
    let written = folder.add_file(path, bytes, modified);
    written.map_err(|error| not_written(&error))
}

/// How it ended, as it is printed and as it is written beside the files.
fn outcome(report: &RecoveryReport) -> Outcome {
    if !report.interrupted {
        return Outcome::DONE;
    }
    Outcome::because(
        Status::Interrupted,
        "the search was interrupted before its end".to_owned(),
        Some(
            "what was proved until then is here; run it again: with the same --resume FILE it continues"
                .to_owned(),
        ),
    )
}
