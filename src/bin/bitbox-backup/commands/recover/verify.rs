//! What was written is read again, as any source is, before it is called recovered.

use std::path::Path;

use anyhow::{anyhow, ensure};
use bitbox_backup::assess::State;
use bitbox_backup::catalogue::CopyState;
use bitbox_backup::examine::{self, Examination, Options};
use bitbox_backup::finding::Rule;
use bitbox_backup::recover::Recovered;
use bitbox_backup::report::ListStatus;
use bitbox_backup::text::path_text;

use super::Args;

/// Whether a device lists all of it at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verified {
    /// It does.
    Listed,
    /// There are more backups than its answer holds: they belong on several cards.
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
    let view = seen.report.device_view.as_ref();
    let reason = view.and_then(|view| view.reason.as_deref());
    if reason == Some(Rule::AnswerSize.name()) {
        copies(&seen, &name, chosen)?;
        return Ok(Verified::TooMany);
    }
    listed(&seen, &name, chosen, args)?;
    copies(&seen, &name, chosen)?;
    Ok(Verified::Listed)
}

/// Reads a card again.
pub(super) fn card(written: &Path, chosen: &[&Recovered], args: &Args) -> anyhow::Result<()> {
    let name = path_text(args.card.as_deref().unwrap_or(written));
    let seen = read(written, &name, args)?;
    listed(&seen, &name, chosen, args)?;
    copies(&seen, &name, chosen)
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

/// What is said of a file that came out otherwise.
fn wrong(name: &str, what: &str) -> String {
    format!(
        "{name}: what was written is not what it should be: {what}\nnothing was kept; give a place on another disk"
    )
}

/// A device must list exactly these backups.
fn listed(
    seen: &Examination,
    name: &str,
    chosen: &[&Recovered],
    args: &Args,
) -> anyhow::Result<()> {
    let view = seen.report.device_view.as_ref();
    let view = view.ok_or_else(|| anyhow!(wrong(name, "it is no card")))?;
    ensure!(
        view.list == ListStatus::Ok,
        "{name}: a BitBox02 cannot list these {} backups on one card\nwrite them one at a time, with --id, or into a folder with --to",
        chosen.len()
    );
    let mut listed: Vec<_> = view
        .backups
        .iter()
        .map(|one| (one.id.clone(), one.timestamp))
        .collect();
    let mut wanted: Vec<_> = chosen
        .iter()
        .map(|one| (one.id.to_string(), one.timestamp.unwrap_or(0)))
        .collect();
    listed.sort();
    wanted.sort();
    if let Some((id, _)) = wanted.iter().find(|one| !listed.contains(one)) {
        anyhow::bail!(
            "{name}: a BitBox02 with firmware {} would not list {id} from these files\n\
             give --raw to get its copies as they are on the card, and --id to write another backup",
            args.reading.firmware
        );
    }
    ensure!(listed == wanted, wrong(name, "the BitBox lists others too"));
    let backups = &seen.assessment.backups;
    let healthy = backups.iter().all(|backup| backup.state == State::Healthy);
    ensure!(healthy, wrong(name, "not every backup in it is healthy"));
    Ok(())
}

/// Three copies of each backup, and every byte as it should be.
fn copies(seen: &Examination, name: &str, chosen: &[&Recovered]) -> anyhow::Result<()> {
    let copies = &seen.catalogue.copies;
    ensure!(
        copies.len() == 3 * chosen.len(),
        wrong(name, "there are not three copies of each backup")
    );
    for (index, copy) in copies.iter().enumerate() {
        let id = copy.facts.as_ref().and_then(|facts| facts.id);
        let meant = chosen.iter().find(|one| Some(one.id) == id);
        let same = meant.is_some_and(|one| one.file.as_slice() == seen.catalogue.bytes(index));
        ensure!(
            copy.state == CopyState::Valid && same,
            wrong(name, "a copy has other bytes")
        );
    }
    Ok(())
}
