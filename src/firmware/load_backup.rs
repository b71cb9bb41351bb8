//! The firmware's `backup.rs`: from three files to one backup (docs/format.md 3.4 and 3.5).

use zeroize::Zeroizing;

use super::answer::{Crash, DirectoryOutcome, DirectoryTrace, Hidden, Shown, Winner};
use super::fatfs_directory::Name;
use super::fatfs_volume::MountedVolume;
use super::restore;
use super::sd;
use super::version::Version;
use crate::backup::{self, ModeWidth};

/// `load_from_buffer`: decodes and checks one copy against the name of its directory. `None` if it is refused.
fn load_from_buffer(
    bytes: &[u8],
    directory: &[u8],
    version: Version,
) -> Result<Option<Shown>, Crash> {
    let Ok(contents) = backup::decode(bytes) else {
        return Ok(None);
    };
    if version.refuses_long_seed() && contents.seed_length() > 32 {
        return Ok(None);
    }
    let metadata = contents.metadata().ok_or(Crash::MissingMetadata)?;
    if !contents.checksum_matches(ModeWidth::Byte).unwrap_or(false) {
        return Ok(None);
    }
    if version.compares_id() {
        let id = contents.id().ok_or(Crash::SeedLength)?;
        if id.to_string().as_bytes() != directory {
            return Ok(None);
        }
    }
    Ok(Some(Shown {
        timestamp: metadata.timestamp,
        name: metadata.name.clone(),
    }))
}

/// `load`: what the device makes of one directory.
pub(super) fn load(
    volume: &mut MountedVolume<'_>,
    trace: &mut DirectoryTrace,
    version: Version,
) -> Option<Shown> {
    let (outcome, shown) = match directory(volume, trace, version) {
        Ok((winner, shown)) => (DirectoryOutcome::Listed(winner), Some(shown)),
        Err(outcome) => (outcome, None),
    };
    trace.outcome = outcome;
    shown
}

fn directory(
    volume: &mut MountedVolume<'_>,
    trace: &mut DirectoryTrace,
    version: Version,
) -> Result<(Winner, Shown), DirectoryOutcome> {
    trace.listing = sd::list_subdir(volume, Some(&trace.name)).map_err(Hidden::Unopenable)?;
    let names = &trace.listing.names;
    if trace.listing.opened.is_none() {
        return Err(Hidden::NotADirectory.into());
    }
    let is_not_utf8 = |name: &Name| std::str::from_utf8(&name.bytes).is_err();
    let not_utf8 = names.iter().position(is_not_utf8);
    if let Some(entry) = not_utf8.filter(|_| version.reads_all_copies_first()) {
        return Err(Hidden::NameNotUtf8 { entry }.into());
    }
    if names.len() != 3 {
        return Err(Hidden::EntryCount { count: names.len() }.into());
    }
    if !version.reads_all_copies_first() {
        return restore::restore_from_directory(volume, trace, version);
    }
    let mut copies = Vec::new();
    for (entry, name) in names.iter().enumerate() {
        let loaded = sd::load_bin(volume, &trace.name, &name.bytes)
            .map_err(|error| Hidden::Unreadable { entry, error })?;
        trace.files.push(Some(loaded.entry));
        copies.push(loaded.bytes);
    }
    for (index, bytes) in copies.iter().enumerate() {
        if let Some(shown) = load_from_buffer(bytes, &trace.name, version)? {
            return Ok((Winner::Copy(index), shown));
        }
    }
    vote(&copies, trace, version)
}

fn vote(
    copies: &[Zeroizing<Vec<u8>>],
    trace: &DirectoryTrace,
    version: Version,
) -> Result<(Winner, Shown), DirectoryOutcome> {
    let [first, second, third] = copies else {
        return Err(Hidden::NothingPasses.into());
    };
    let voted = backup::majority(first, second, third).ok_or(Hidden::LengthsDiffer)?;
    let shown = load_from_buffer(&voted, &trace.name, version)?;
    Ok((Winner::Vote, shown.ok_or(Hidden::NothingPasses)?))
}
