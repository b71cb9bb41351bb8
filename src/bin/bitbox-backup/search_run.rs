//! The search for what is damaged: how hard, from where on, and a bar while it lasts.

mod duration;
mod resume;
pub(crate) mod speed;

use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use bitbox_backup::assess::Assessment;
use bitbox_backup::backup::Id;
use bitbox_backup::backup::wallet::Owned;
use bitbox_backup::examine::Examination;
use bitbox_backup::files::Sources;
use bitbox_backup::progress::Progress;
use bitbox_backup::recover::{self, Effort, Recovered, Recovery, SearchEvent, SharedEffort};
use bitbox_backup::repair::SearchEstimate;
use bitbox_backup::text::{made, short_id};
use indicatif::{ProgressBar, ProgressStyle};

pub(crate) use self::duration::Asked;
use self::resume::Resume;
use crate::args::{Global, Searching};
use crate::commands::owner::Knowledge;
use crate::{interrupt, output, privacy, render};

/// A search that covers less, in millionths, takes minutes for nothing: 0.01 %.
const LEAST: u32 = 100;

#[derive(Debug)]
pub(crate) struct Searched {
    pub(crate) recovery: Recovery,
    pub(crate) interrupted: bool,
    /// Whether what the owner gave fits a wallet that is proved; `None` if nothing was given, or nothing is proved.
    pub(crate) fits_owner: Option<bool>,
    /// Whether a passphrase was given with that.
    pub(crate) passphrase: bool,
}

/// Recovers what can be proved with the effort asked for. A whole `id` is one more to try against, and what is
/// `known` of the wallet a proof, or a limit of the search; `note` is said at the first Ctrl-C.
pub(crate) fn search(
    sources: &Sources,
    examined: &Examination,
    args: &Searching,
    (id, known): (Option<&str>, Knowledge),
    note: &'static str,
    global: &Global,
) -> anyhow::Result<Searched> {
    let mut effort = Effort::new(args.most());
    // Whoever names an effort wants it to be made.
    effort.least_ppm = if args.effort.is_none() { LEAST } else { 0 };
    // Of a prefix nothing can be proved.
    let whole = id.and_then(|id| id.parse::<Id>().ok());
    effort.ids = known.ids.into_iter().chain(whole).collect();
    effort.ids.sort_unstable();
    effort.ids.dedup();
    effort.length = args.length;
    effort.wanted = id.map(str::to_owned);
    effort.owned = known.owned;
    effort.words = known.words;
    let mut resume = None;
    if let Some(file) = &args.resume {
        let read = Resume::read(file, sources, examined, &effort)?;
        effort.tried_before = read.tried_before();
        resume = Some(read);
    }
    let recovery = search_with_bar(examined, &effort, interrupt::stop(note), global);
    let fits_owner = fits_owner(&recovery, &known.given, id);
    let passphrase = known.given.iter().any(Owned::has_passphrase);
    if fits_owner == Some(false) {
        let [what, next] = recover::fits_none(passphrase);
        output::say(&format!("warning: {what}\n         {next}"));
    }
    if let Some(resume) = &mut resume {
        resume.write(&recovery)?;
    }
    Ok(Searched {
        recovery,
        interrupted: interrupt::stopped(),
        fits_owner,
        passphrase,
    })
}

/// Whether what the owner gave fits one of the wallets that were proved: it stops nothing, and may be of another one.
fn fits_owner(recovery: &Recovery, given: &[Owned], id: Option<&str>) -> Option<bool> {
    let is_wanted = |one: &&Recovered| id.is_none_or(|id| one.id.to_string().starts_with(id));
    let mut proved = recovery.recovered.iter().filter(is_wanted).peekable();
    proved.peek().filter(|_| !given.is_empty())?;
    let fits = |one: &Recovered| given.iter().any(|owned| owned.proves(&one.seed));
    Some(proved.any(fits))
}

/// Searches, with a bar on a terminal, until `stop` is set.
fn search_with_bar(
    examined: &Examination,
    effort: &Effort,
    stop: &AtomicBool,
    global: &Global,
) -> Recovery {
    let (catalogue, assessment) = (&examined.catalogue, &examined.assessment);
    let progress = Progress::stopped_by(stop);
    if global.quiet {
        return recover::recover_watched(catalogue, assessment, effort, &progress, &|_| ());
    }
    let bar = Mutex::new(Bar {
        drawn: ProgressBar::hidden(),
        name: String::new(),
        before: 0,
        began: None,
    });
    let bar = || bar.lock().unwrap_or_else(PoisonError::into_inner);
    let listener = |progress: &Progress<'_>| bar().draw(progress.done(), progress.total());
    let progress = progress.heard_by(&listener);
    let hear = |event: SearchEvent<'_>| {
        let (backup, estimate) = match event {
            SearchEvent::Begins { backup, estimate } => (backup, estimate),
            SearchEvent::Shares(shares) => return announce_all("", &shares, effort),
            _ => return,
        };
        let before = effort.tried_before.get(backup).copied().unwrap_or(0);
        let mut bar = bar();
        bar.drawn.finish_and_clear();
        bar.name = name(assessment, backup);
        bar.before = before.min(progress.total());
        bar.began = None;
        if let Some(estimate) = estimate {
            let asked = Asked {
                most: progress.total(),
                before: bar.before,
                by_owner: by_owner(effort),
            };
            announce(&bar.name, estimate, asked, effort);
        }
    };
    let recovery = recover::recover_watched(catalogue, assessment, effort, &progress, &hear);
    bar().drawn.finish_and_clear();
    recovery
}

/// How many candidates are tried against the strongest that the owner knows.
fn by_owner(effort: &Effort) -> Option<u64> {
    let owned = effort.owned(1).into_iter();
    let (_, most) = owned.min_by_key(|(owned, _)| owned.kind())?;
    // Half of them without the words that somebody remembers.
    Some(match effort.words {
        Some(_) => most.div_ceil(2),
        None => most,
    })
}

/// One bar, for the backup that is searched for.
struct Bar {
    drawn: ProgressBar,
    name: String,
    /// How many candidates an earlier run tried for it.
    before: u64,
    /// When this run began to try some.
    began: Option<Instant>,
}

impl Bar {
    fn draw(&mut self, tried: u64, most: u64) {
        if self.began.is_none() {
            // The bar takes what the texts leave of the line.
            let style = ProgressStyle::with_template("{prefix} {wide_bar} {msg}");
            self.drawn = ProgressBar::new(most)
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
                .with_prefix(privacy::text(&self.name));
        }
        let now = duration::Now {
            tried,
            before: self.before.min(tried),
            most,
            elapsed: self.began.get_or_insert_with(Instant::now).elapsed(),
        };
        self.drawn.set_length(most);
        self.drawn.set_position(tried);
        self.drawn.set_message(now.line());
    }
}

pub(crate) fn name(assessment: &Assessment, backup: usize) -> String {
    let found = assessment.backups.get(backup);
    let id = found.and_then(|backup| backup.id);
    let id = id.map(|id| short_id(&id.to_string()));
    let made = found.and_then(|backup| backup.timestamp).and_then(made);
    let day = made.map(|made| made.chars().take(10).collect::<String>());
    match (id, day) {
        (Some(id), Some(day)) => format!("{id} of {day}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "a backup".to_owned(),
    }
}

/// Says on standard error what a search is up against, before it begins.
pub(crate) fn announce(name: &str, estimate: &SearchEstimate, asked: Asked, effort: &Effort) {
    let rate = || speed::of(estimate.target, effort);
    if let Some(text) = duration::announcement(estimate, asked, &rate) {
        say_paragraph(&format!("{name}: {text}"));
    }
}

/// Says on standard error how long all searches of a card take, before the first begins.
pub(crate) fn announce_all(name: &str, shares: &SharedEffort, effort: &Effort) {
    let rate = || speed::of(shares.first.target, effort);
    let text = duration::total(shares.searches, shares.candidates, rate);
    say_paragraph(&format!("{name}{text}"));
}

fn say_paragraph(text: &str) {
    let _ = render::text::paragraph(&mut output::stderr(), text, "");
}
