//! The search for what is damaged: how hard, from where on, and a bar while it lasts.

mod pace;
mod resume;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use bitbox_backup::assess::Assessment;
use bitbox_backup::backup::Id;
use bitbox_backup::examine::Examination;
use bitbox_backup::files::Sources;
use bitbox_backup::recover::{self, Effort, Progress, Recovery};
use bitbox_backup::repair::SearchEstimate;
use bitbox_backup::text::rfc3339;
use indicatif::{ProgressBar, ProgressStyle};

pub(crate) use self::pace::Asked;
use self::resume::Resume;
use crate::args::{Global, Searching};
use crate::{input, interrupt, render};

/// What came of a search.
#[derive(Debug)]
pub(crate) struct Searched {
    pub(crate) recovery: Recovery,
    /// Whether somebody stopped it.
    pub(crate) interrupted: bool,
}

/// Brings back what can be proved with the effort asked for. A whole `id` is one more to try against;
/// `note` is said at the first Ctrl-C.
pub(crate) fn search(
    sources: &Sources,
    examined: &Examination,
    args: &Searching,
    id: Option<&str>,
    note: &'static str,
    global: &Global,
) -> anyhow::Result<Searched> {
    let effort = Effort {
        candidates: args.effort,
        ids: ids(args, id)?,
        length: args.length,
    };
    let resume = args.resume.as_deref();
    let mut resume = resume
        .map(|file| Resume::read(file, sources, examined, &effort))
        .transpose()?;
    let watch = Watch {
        bar: Mutex::new(Bar {
            drawn: ProgressBar::hidden(),
            backup: None,
            began: Instant::now(),
        }),
        assessment: &examined.assessment,
        stop: interrupt::stop(note),
        resume: resume.as_ref(),
        id,
        quiet: global.quiet,
    };
    let recovery = recover::recover(&examined.catalogue, &examined.assessment, &effort, &watch);
    watch.bar().drawn.finish_and_clear();
    if let Some(resume) = &mut resume {
        resume.write(&recovery)?;
    }
    Ok(Searched {
        recovery,
        interrupted: interrupt::stopped(),
    })
}

/// The ids to try against.
fn ids(args: &Searching, id: Option<&str>) -> anyhow::Result<Vec<Id>> {
    let register = args.expect.as_deref().map(input::register::read);
    let register = register.transpose()?;
    let expected = register.iter().flat_map(|register| register.whole_ids());
    // Of a prefix nothing can be proved.
    let mut ids: Vec<Id> = id
        .into_iter()
        .chain(expected)
        .filter_map(|id| id.parse().ok())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Looks on: a bar on a terminal, Ctrl-C, and how far an earlier run came.
struct Watch<'a> {
    bar: Mutex<Bar>,
    assessment: &'a Assessment,
    stop: &'a AtomicBool,
    resume: Option<&'a Resume>,
    /// The first digits of the only ID that is wanted.
    id: Option<&'a str>,
    quiet: bool,
}

/// One bar, for the backup that is searched for.
struct Bar {
    drawn: ProgressBar,
    backup: Option<usize>,
    /// When this run began to search for it.
    began: Instant,
}

impl Watch<'_> {
    fn bar(&self) -> std::sync::MutexGuard<'_, Bar> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn name(&self, backup: usize) -> String {
        name(self.assessment, backup)
    }
}

/// Which backup it is, for whoever waits.
pub(crate) fn name(assessment: &Assessment, backup: usize) -> String {
    let found = assessment.backups.get(backup);
    let id = found.and_then(|backup| backup.id);
    let id = id.map(|id| {
        let id = id.to_string();
        id.chars().take(8).chain(['…']).collect::<String>()
    });
    let made = found.and_then(|backup| backup.timestamp).map(rfc3339);
    let day = made.map(|made| made.chars().take(10).collect::<String>());
    match (id, day) {
        (Some(id), Some(day)) => format!("{id} of {day}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "a backup".to_owned(),
    }
}

/// Says on standard error what a search is up against, before it begins.
pub(crate) fn announce(name: &str, estimate: &SearchEstimate, effort: Asked) {
    if let Some(text) = pace::announcement(estimate, effort, &|| pace::measured(estimate.target)) {
        let mut err = anstream::stderr();
        let _ = render::paragraph(&mut err, &format!("{name}: {text}"), "");
    }
}

/// Says on standard error how long all searches of a card take, before the first begins.
pub(crate) fn announce_all(name: &str, searches: usize, first: &SearchEstimate, total: u64) {
    let text = pace::total(searches, total, || pace::measured(first.target));
    let mut err = anstream::stderr();
    let _ = render::paragraph(&mut err, &format!("{name}{text}"), "");
}

impl Progress for Watch<'_> {
    fn shares(&self, searches: usize, first: &SearchEstimate, total: u64) {
        if !self.quiet {
            announce_all("", searches, first, total);
        }
    }

    fn begins(&self, backup: usize, estimate: &SearchEstimate, most: u64) {
        if !self.quiet {
            let asked = Asked {
                most,
                before: self.tried_before(backup).min(most),
            };
            self.bar().drawn.finish_and_clear();
            announce(&self.name(backup), estimate, asked);
        }
    }

    fn wanted(&self) -> Option<&str> {
        self.id
    }

    fn tried(&self, backup: usize, tried: u64, most: u64) {
        if self.quiet {
            return;
        }
        let before = self.tried_before(backup);
        let mut bar = self.bar();
        if bar.backup != Some(backup) {
            bar.drawn.finish_and_clear();
            // The bar takes what the texts leave of the line.
            let style = ProgressStyle::with_template("{prefix} {wide_bar} {msg}");
            bar.drawn = ProgressBar::new(most)
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
                .with_prefix(self.name(backup));
            bar.backup = Some(backup);
            bar.began = Instant::now();
        }
        let now = pace::Now {
            tried,
            before: before.min(tried),
            most,
            elapsed: bar.began.elapsed(),
        };
        bar.drawn.set_length(most);
        bar.drawn.set_position(tried);
        bar.drawn.set_message(now.line());
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn tried_before(&self, backup: usize) -> u64 {
        self.resume.map_or(0, |resume| resume.tried(backup))
    }
}
