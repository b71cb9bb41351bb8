//! The firmware's `backup.rs`: from three files to one backup (docs/format.md 3.4 and 3.5).

use zeroize::Zeroizing;

use super::crash::Crash;
use super::fatfs_volume::MountedVolume;
use super::restore;
use super::sd;
use super::shown::{Failure, Shown};
use super::trace::{DirectoryOutcome, DirectoryTrace, Hidden, Winner};
use super::version::Version;
use crate::backup::{self, ModeWidth};

/// Why one buffer is not a backup to the device.
enum Reject {
    Refused,
    Crash(Crash),
}

/// `load_from_buffer`: decodes and checks one copy against the name of its directory.
fn load_from_buffer(bytes: &[u8], directory: &[u8], version: Version) -> Result<Shown, Reject> {
    let contents = backup::decode(bytes).map_err(|_| Reject::Refused)?;
    if version.refuses_long_seed() && contents.seed_length() > 32 {
        return Err(Reject::Refused);
    }
    let Some(metadata) = contents.metadata() else {
        return Err(Reject::Crash(Crash::MissingMetadata));
    };
    if !contents.checksum_matches(ModeWidth::Byte).unwrap_or(false) {
        return Err(Reject::Refused);
    }
    if version.compares_id() {
        let id = contents.id().ok_or(Reject::Crash(Crash::SeedLength))?;
        if id.to_string().as_bytes() != directory {
            return Err(Reject::Refused);
        }
    }
    Ok(Shown {
        timestamp: metadata.timestamp,
        name: metadata.name.clone(),
    })
}

/// `load`: what the device makes of one directory.
pub(super) fn load(
    volume: &mut MountedVolume<'_>,
    trace: &mut DirectoryTrace,
    version: Version,
) -> Option<Shown> {
    let result = directory(volume, trace, version);
    let (outcome, shown) = match result {
        Ok((winner, shown)) => (DirectoryOutcome::Listed(winner), Some(shown)),
        Err(Failure::Hidden(why)) => (DirectoryOutcome::Hidden(why), None),
        Err(Failure::Crash(crash)) => (DirectoryOutcome::Crashes(crash), None),
    };
    trace.outcome = outcome;
    shown
}

fn directory(
    volume: &mut MountedVolume<'_>,
    trace: &mut DirectoryTrace,
    version: Version,
) -> Result<(Winner, Shown), Failure> {
    trace.listing = sd::list_subdir(volume, Some(&trace.name)).map_err(Hidden::Unopenable)?;
    let names = &trace.listing.names;
    if trace.listing.opened.is_none() {
        return Err(Hidden::NotADirectory.into());
    }
    if version.reads_all_copies_first()
        && let Some(entry) = names
            .iter()
            .position(|name| std::str::from_utf8(&name.bytes).is_err())
    {
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
        match load_from_buffer(bytes, &trace.name, version) {
            Ok(shown) => return Ok((Winner::Copy(index), shown)),
            Err(Reject::Crash(crash)) => return Err(Failure::Crash(crash)),
            Err(Reject::Refused) => {}
        }
    }
    vote(&copies, trace, version)
}

fn vote(
    copies: &[Zeroizing<Vec<u8>>],
    trace: &DirectoryTrace,
    version: Version,
) -> Result<(Winner, Shown), Failure> {
    let [first, second, third] = copies else {
        return Err(Hidden::NothingPasses.into());
    };
    let voted = backup::majority(first, second, third).ok_or(Hidden::LengthsDiffer)?;
    match load_from_buffer(&voted, &trace.name, version) {
        Ok(shown) => Ok((Winner::Vote, shown)),
        Err(Reject::Crash(crash)) => Err(Failure::Crash(crash)),
        Err(Reject::Refused) => Err(Hidden::NothingPasses.into()),
    }
}
