//! The commands: each a composition of the library's verbs.

pub(crate) mod audit;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod inspect;
pub(crate) mod list;
pub(crate) mod log;
pub(crate) mod recover;
pub(crate) mod words;

use std::path::{Path, PathBuf};

use anyhow::Context;
use bitbox_backup::image;
use bitbox_backup::report::Source;

use crate::args::Reading;

/// The sources given, and those of `--files-from` behind them.
fn sources(given: &[PathBuf], files_from: Option<&Path>) -> anyhow::Result<Vec<PathBuf>> {
    let mut sources = given.to_vec();
    if let Some(file) = files_from {
        let more = if file.as_os_str() == "-" {
            image::files_from(std::io::stdin().lock()).context("standard input")?
        } else {
            let reader = std::fs::File::open(file).map(std::io::BufReader::new);
            reader
                .and_then(image::files_from)
                .with_context(|| format!("{}: cannot be read", file.display()))?
        };
        sources.extend(more);
    }
    anyhow::ensure!(
        !sources.is_empty(),
        "no sources: --files-from gave none\nname a card image, a card reader or a folder"
    );
    Ok(sources)
}

/// How many threads share the surface of one card.
fn share(threads: Option<std::num::NonZeroUsize>) {
    if let Some(threads) = threads {
        // It fails only if they were started before, and then they are as many as processors.
        let _ = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .build_global();
    }
}

/// Keeps only the backups of the id asked for, and says where the prefix is not unique.
fn only(source: &mut Source, reading: &Reading) -> anyhow::Result<()> {
    let Some(prefix) = &reading.id else {
        return Ok(());
    };
    let fits = |id: &Option<String>| id.as_ref().is_some_and(|id| id.starts_with(prefix));
    source.backups.retain(|backup| fits(&backup.id));
    let mut ids: Vec<_> = source
        .backups
        .iter()
        .filter_map(|backup| backup.id.clone())
        .collect();
    ids.sort();
    ids.dedup();
    anyhow::ensure!(
        ids.len() < 2,
        "--id {prefix}: {} ids begin so on {}\ngive more of its digits",
        ids.len(),
        source.source
    );
    Ok(())
}
