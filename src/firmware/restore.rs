//! `restore_from_directory` of firmware before v9.13.0, in C (docs/format.md 7): the first whole copy ends
//! it, unreadable ones do not stop it, and the damaged ones before it are written over.

use zeroize::Zeroizing;

use super::answer::{Crash, DirectoryOutcome, DirectoryTrace, Hidden, Rewrite, Shown, Winner};
use super::fatfs_volume::MountedVolume;
use super::nanopb::Structures;
use super::replace::replace;
use super::sd;
use super::version::Version;
use crate::backup;

/// What was loaded of a directory before anything is written.
struct Good {
    winner: Winner,
    bytes: Zeroizing<Vec<u8>>,
    /// How many copies came before it, all damaged.
    damaged: usize,
}

/// The backup of a directory of three files.
pub(super) fn restore_from_directory(
    volume: &mut MountedVolume<'_>,
    trace: &mut DirectoryTrace,
    version: Version,
) -> Result<(Winner, Shown), DirectoryOutcome> {
    let mut structures = Structures::default();
    let good = load(volume, trace, &mut structures)?;
    for entry in 0..good.damaged {
        let Some(name) = trace.listing.names.get(entry) else {
            break;
        };
        let touched = replace(volume, &trace.name, &name.bytes, &good.bytes)
            .map_err(|_| Hidden::Unrewritable { entry })?;
        trace.rewritten.push(Rewrite { entry, touched });
    }
    if version.takes_over_from_c() {
        if structures.seed_length() > 32 {
            return Err(Crash::SeedLength.into());
        }
        if std::str::from_utf8(structures.name()).is_err() {
            return Err(Hidden::NothingPasses.into());
        }
    }
    let shown = Shown {
        timestamp: structures.timestamp(),
        name: String::from_utf8_lossy(structures.name()).into_owned(),
    };
    Ok((good.winner, shown))
}

/// `_load_good_and_bad_backup_contents`, and the vote where there is no good one.
fn load(
    volume: &mut MountedVolume<'_>,
    trace: &mut DirectoryTrace,
    structures: &mut Structures,
) -> Result<Good, DirectoryOutcome> {
    let mut copies = Vec::new();
    let mut unreadable = None;
    for (entry, name) in trace.listing.names.iter().enumerate() {
        match sd::load_bin(volume, &trace.name, &name.bytes) {
            Ok(loaded) => {
                trace.files.push(Some(loaded.entry));
                if structures.load(&loaded.bytes) {
                    return Ok(Good {
                        winner: Winner::Copy(entry),
                        bytes: loaded.bytes,
                        damaged: entry,
                    });
                }
                copies.push(loaded.bytes);
            }
            Err(error) => {
                trace.files.push(None);
                unreadable = unreadable.or(Some(Hidden::Unreadable { entry, error }));
            }
        }
    }
    if let Some(why) = unreadable {
        return Err(why.into());
    }
    let [first, second, third] = copies.as_slice() else {
        return Err(Hidden::NothingPasses.into());
    };
    let bytes = backup::majority(first, second, third).ok_or(Hidden::LengthsDiffer)?;
    if !structures.load(&bytes) {
        return Err(Hidden::NothingPasses.into());
    }
    Ok(Good {
        winner: Winner::Vote,
        bytes,
        damaged: copies.len(),
    })
}
