//! The firmware's `hww/api/backup.rs`: the list of backups (docs/format.md 3.5).

use super::answer::{
    Answer, Crash, DirectoryOutcome, DirectoryTrace, List, Listed, MAX_ANSWER, Refusal, answer_size,
};
use super::fatfs_directory::Name;
use super::fatfs_volume::MountedVolume;
use super::load_backup;
use super::sd::{self, Listing};
use super::version::Version;
use crate::fat::codepage;
use crate::image::Sectors;

/// Most bytes of a directory's name that fit into the answer before v9.9.0.
const LONGEST_ID: usize = 64;

/// What `list_backups` of this firmware answers for a card.
pub fn list_backups<'a>(sectors: &'a Sectors<'a>, version: Version) -> Answer {
    let mut answer = Answer {
        list: List::Ok(Vec::new()),
        volume: None,
        root: None,
        directories: Vec::new(),
        cut_short: None,
        past_end: false,
        not_copied: false,
    };
    answer.list = list(sectors, version, &mut answer).unwrap_or_else(List::Error);
    answer.past_end = sectors.asked_past_end();
    answer.not_copied = sectors.asked_not_copied();
    answer
}

/// The list, with how the device came to it; the error is why there is none.
fn list(sectors: &Sectors<'_>, version: Version, answer: &mut Answer) -> Result<List, Refusal> {
    let mut volume = MountedVolume::mount(sectors, version).map_err(Refusal::Mount)?;
    answer.volume = Some(volume.base().byte());
    let listing = sd::list_subdir(&mut volume, None).map_err(Refusal::Unopenable)?;
    answer.root = listing.opened;
    answer.cut_short = listing.cut_short;
    answer.directories = listing.names.into_iter().map(not_reached).collect();
    load_all(&mut volume, &mut answer.directories, version)
}

fn not_reached(name: Name) -> DirectoryTrace {
    DirectoryTrace {
        name: name.bytes,
        entry: name.entry,
        listing: Listing::default(),
        files: Vec::new(),
        rewritten: Vec::new(),
        outcome: DirectoryOutcome::NotReached,
    }
}

/// Goes through the directories in order, as the device does.
fn load_all(
    volume: &mut MountedVolume<'_>,
    directories: &mut [DirectoryTrace],
    version: Version,
) -> Result<List, Refusal> {
    let is_not_utf8 = |trace: &DirectoryTrace| std::str::from_utf8(&trace.name).is_err();
    let not_utf8 = directories.iter().position(is_not_utf8);
    if let Some(entry) = not_utf8.filter(|_| version.lists_in_rust()) {
        return Err(Refusal::NameNotUtf8 { entry });
    }
    let mut list = Vec::new();
    for (index, trace) in directories.iter_mut().enumerate() {
        if let Some(limit) = version.list_limit()
            && list.len() >= limit
        {
            return Err(Refusal::TooMany { limit });
        }
        let shown = load_backup::load(volume, trace, version);
        if let DirectoryOutcome::Crashes(crash) = trace.outcome {
            return Ok(List::Crash(crash));
        }
        if let Some(shown) = shown {
            if !version.lists_in_rust() && trace.name.len() > LONGEST_ID {
                return Err(Refusal::NameTooLong { entry: index });
            }
            let id = std::str::from_utf8(&trace.name).map(str::to_owned);
            list.push(Listed {
                id: id.unwrap_or_else(|_| codepage::decode(&trace.name)),
                timestamp: shown.timestamp,
                name: shown.name,
                directory: index,
            });
        }
    }
    let size = answer_size(&list);
    if version.lists_in_rust() && size > MAX_ANSWER {
        return Ok(List::Crash(Crash::AnswerSize { size }));
    }
    Ok(List::Ok(list))
}
