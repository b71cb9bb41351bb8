//! The firmware's `hww/api/backup.rs`: the list of backups (docs/format.md 3.5).

use super::answer::{Answer, List, Listed, MAX_ANSWER, Refusal, answer_size};
use super::fatfs_directory::Name;
use super::fatfs_volume::MountedVolume;
use super::load_backup;
use super::sd::{self, Listing};
use super::trace::{Crash, DirectoryOutcome, DirectoryTrace};
use super::version::Version;
use crate::fat::codepage;
use crate::image::Sectors;

/// Most bytes of a directory's name that fit into the answer before v9.9.0.
const LONGEST_ID: usize = 64;

/// What `list_backups` of this firmware answers for a card.
pub fn list_backups<'a>(sectors: &'a Sectors<'a>, version: Version) -> Answer {
    let mut answer = list(sectors, version);
    answer.past_end = sectors.asked_past_end();
    answer.not_copied = sectors.asked_not_copied();
    answer
}

fn list<'a>(sectors: &'a Sectors<'a>, version: Version) -> Answer {
    let mut answer = Answer {
        list: List::Ok(Vec::new()),
        volume: None,
        root: None,
        directories: Vec::new(),
        cut_short: None,
        past_end: false,
        not_copied: false,
    };
    let mut volume = match MountedVolume::mount(sectors, version) {
        Ok(volume) => volume,
        Err(error) => {
            answer.list = List::Error(Refusal::Mount(error));
            return answer;
        }
    };
    answer.volume = Some(volume.base().byte());
    let listing = match sd::list_subdir(&mut volume, None) {
        Ok(listing) => listing,
        Err(error) => {
            answer.list = List::Error(Refusal::Unopenable(error));
            return answer;
        }
    };
    answer.root = listing.opened;
    answer.cut_short = listing.cut_short;
    answer.directories = listing.names.into_iter().map(not_reached).collect();
    answer.list = load_all(&mut volume, &mut answer.directories, version);
    answer
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
) -> List {
    if version.lists_in_rust()
        && let Some(entry) = directories
            .iter()
            .position(|dir| std::str::from_utf8(&dir.name).is_err())
    {
        return List::Error(Refusal::NameNotUtf8 { entry });
    }
    let mut list = Vec::new();
    for (index, trace) in directories.iter_mut().enumerate() {
        if let Some(limit) = version.list_limit()
            && list.len() >= limit
        {
            return List::Error(Refusal::TooMany { limit });
        }
        let shown = load_backup::load(volume, trace, version);
        if let DirectoryOutcome::Crashes(crash) = trace.outcome {
            return List::Crash(crash);
        }
        if let Some(shown) = shown {
            if !version.lists_in_rust() && trace.name.len() > LONGEST_ID {
                return List::Error(Refusal::NameTooLong { entry: index });
            }
            let id = String::from_utf8(trace.name.clone())
                .unwrap_or_else(|_| codepage::decode(&trace.name));
            list.push(Listed {
                id,
                timestamp: shown.timestamp,
                name: shown.name,
                directory: index,
            });
        }
    }
    let size = answer_size(&list);
    if version.lists_in_rust() && size > MAX_ANSWER {
        return List::Crash(Crash::AnswerSize { size });
    }
    List::Ok(list)
}
