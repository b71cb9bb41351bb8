//! Several sources read as one: readings of one card, and cards of one wallet, are evidence together.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use bitbox_backup::examine::{self, Examination, Options};
use bitbox_backup::image::{self, OpenError};
use bitbox_backup::progress::Progress;
use bitbox_backup::recover::SourceRun;
use bitbox_backup::report::{Source, WhatWasRead};

use super::stayed;
use crate::args::Global;
use crate::terminal::Unanswered;
use crate::{evidence, exit, interrupt, render};

/// What was read of all sources.
pub(super) struct Together {
    pub(super) examined: Examination,
    /// All sources, those that could not be read last.
    pub(super) sources: Vec<SourceRun>,
    /// What of each card was read, and its size: for the report beside the files.
    pub(super) read: Vec<(Option<u64>, Option<WhatWasRead>)>,
    /// Whether all of them could be read, and stayed what they were.
    pub(super) is_whole: bool,
}

/// No source could be read: the first, of which nothing is said yet.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}\n{}", .0.source, error_of(.0).0, error_of(.0).1)]
pub(super) struct NoneRead(pub(super) Box<Source>);

/// Reads all sources.
///
/// # Errors
/// [`NoneRead`], or that somebody wanted the program to end.
pub(super) fn read(
    paths: &[PathBuf],
    options: &Options,
    global: &Global,
) -> anyhow::Result<Together> {
    let mut read = Vec::new();
    let mut failed: Vec<Source> = Vec::new();
    let stopped = Progress::stopped_by(interrupt::flag());
    let paths: Vec<_> = paths
        .iter()
        .flat_map(|path| examine::sources_at(path, options, &stopped).sources)
        // What a worn card gave when it was read again.
        .flat_map(|path| {
            let further = image::further_readings(&path);
            [path].into_iter().chain(further)
        })
        .collect();
    for path in once_each(&paths) {
        let examine = |progress: &Progress<'_>| examine::examine_watched(path, options, progress);
        match render::text::progress_bar::reading(path, global.quiet, examine) {
            Ok(examined) => read.push(examined),
            Err(OpenError::Stopped) => return Err(Unanswered::Interrupted.into()),
            Err(error) => failed.push(Source::not_opened(path, &error)),
        }
        if interrupt::stopped() {
            return Err(Unanswered::Interrupted.into());
        }
    }
    let mut is_whole = failed.is_empty();
    let Some((examined, others)) = Examination::join(read) else {
        return Err(none_is_read(failed));
    };
    let reports: Vec<&Source> = [&examined.report].into_iter().chain(&others).collect();
    for report in &reports {
        crate::privacy::learn_inside(report);
        evidence::source(report)?;
        is_whole &= stayed(report);
    }
    for one in &failed {
        say(one);
        evidence::source(one)?;
    }
    let what = |one: &&Source| {
        let card = one.card.as_ref();
        (one.size, card.and_then(|card| card.read.clone()))
    };
    Ok(Together {
        read: reports.iter().map(what).collect(),
        sources: SourceRun::all(&reports, &failed, &examined.catalogue),
        examined,
        is_whole,
    })
}

/// Says of all sources but the first, which the error is about, why they could not be read.
fn none_is_read(failed: Vec<Source>) -> anyhow::Error {
    if let Err(error) = failed.iter().try_for_each(evidence::source) {
        return error;
    }
    let mut failed = failed.into_iter();
    let Some(first) = failed.next() else {
        return anyhow!("no source was given\nname a card image");
    };
    failed.for_each(|one| say(&one));
    NoneRead(Box::new(first)).into()
}

fn say(failed: &Source) {
    let (error, hint) = error_of(failed);
    exit::failed(&anyhow!("{}: {error}\n{hint}", failed.source));
}

/// Why a source could not be read, and what to do.
pub(super) fn error_of(failed: &Source) -> (&str, &str) {
    let error = failed.error.as_deref().unwrap_or_default();
    (error, failed.hint.as_deref().unwrap_or_default())
}

/// The sources without those that are the same file: the same bytes twice are no second reading.
fn once_each(paths: &[PathBuf]) -> Vec<&Path> {
    let mut known = HashSet::new();
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let paths = paths.iter().map(PathBuf::as_path);
    paths.filter(|path| known.insert(real(path))).collect()
}
