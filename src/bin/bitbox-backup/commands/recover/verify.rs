//! What was written is read again, as any source is, before it is called recovered.

use std::path::Path;

use anyhow::anyhow;
use bitbox_backup::examine::{self, Examination, Options};
use bitbox_backup::finding::Rule;
use bitbox_backup::recover::{Mismatch, Recovered, verify_written};
use bitbox_backup::text::path_text;

use super::Args;

/// Whether a device lists all of it at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verified {
    Listed,
    /// There are more backups than a device lists: they belong on several cards.
    TooMany,
}

/// Reads a folder again. It may hold more backups than one card should.
pub(super) fn folder(
    written: &Path,
    chosen: &[&Recovered],
    args: &Args,
) -> anyhow::Result<Verified> {
    let name = path_text(args.to.as_deref().unwrap_or(written));
    let seen = read(written, &name, args)?;
    match verify_written(&seen.catalogue, &seen.assessment, chosen) {
        Ok(()) => Ok(Verified::Listed),
        Err(Mismatch::NoList) if is_too_much(seen.assessment.reason) => Ok(Verified::TooMany),
        Err(mismatch) => Err(wrong(&mismatch, &name, chosen, args)),
    }
}

/// Whether fewer of the same backups could be listed.
fn is_too_much(reason: Option<Rule>) -> bool {
    matches!(reason, Some(Rule::AnswerSize | Rule::TooMany))
}

pub(super) fn card(written: &Path, chosen: &[&Recovered], args: &Args) -> anyhow::Result<()> {
    let name = path_text(args.card.as_deref().unwrap_or(written));
    let seen = read(written, &name, args)?;
    verify_written(&seen.catalogue, &seen.assessment, chosen)
        .map_err(|mismatch| wrong(&mismatch, &name, chosen, args))
}

fn read(written: &Path, name: &str, args: &Args) -> anyhow::Result<Examination> {
    let options = Options {
        firmware: args.reading.firmware,
        ..Options::default()
    };
    examine::examine(written, &options).map_err(|error| {
        anyhow!("{name}: what was written cannot be read again: {error}\nnothing was kept; give a place on another disk")
    })
}

/// What is said of files that came out otherwise.
fn wrong(mismatch: &Mismatch, name: &str, chosen: &[&Recovered], args: &Args) -> anyhow::Error {
    match mismatch {
        Mismatch::NoList => anyhow!(
            "{name}: a BitBox02 cannot list these {} backups on one card\nwrite them one at a time, with --id, or into a folder with --to",
            chosen.len()
        ),
        Mismatch::NotListed(id) => anyhow!(
            "{name}: a BitBox02 with firmware {} would not list {id} from these files\n\
             give --raw to get its copies as they are on the card, and --id to write another backup",
            args.reading.firmware
        ),
        other => anyhow!(
            "{name}: what was written is not what it should be: {other}\nnothing was kept; give a place on another disk"
        ),
    }
}
