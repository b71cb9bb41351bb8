//! Whether the device could make a new backup on a card, told without writing: its `create` of
//! `backup.rs`, `sd_write_bin` and FatFs beneath it, asked what each step would need
//! (docs/format.md 3 and 4).

mod obstacle;
mod writer;

pub use obstacle::{NotErasable, Obstacle};

use super::answer::{Answer, Crash, List, Listed, MAX_ANSWER, Refusal, answer_size};
use super::fatfs_volume::MountedVolume;
use super::sd::LIST_MAX;
use super::version::Version;
use crate::backup::Id;
use crate::image::Sectors;
use writer::TrialWriter;

/// The longest name of a device, for an answer that grows by one backup.
const LONGEST_NAME: usize = 63;

/// What keeps this firmware from making a new backup on the card; nothing means that it would.
pub fn preflight<'a>(sectors: &'a Sectors<'a>, answer: &Answer, version: Version) -> Vec<Obstacle> {
    let volume = match MountedVolume::mount(sectors, version) {
        Ok(volume) => volume,
        Err(error) => return vec![Obstacle::Mount(error)],
    };
    let mut writer = TrialWriter::new(volume, sectors);
    let first = writer.first_backup(answer);
    let mut obstacles: Vec<_> = first.err().into_iter().collect();
    obstacles.extend(listing(answer, version));
    if obstacles.is_empty() {
        for directory in &answer.directories {
            let name = String::from_utf8_lossy(&directory.name);
            if let Some(id) = Id::from_directory(&name.to_lowercase())
                && name.as_ref() != id.to_string()
            {
                obstacles.push(Obstacle::UpperCase {
                    id,
                    entry: directory.entry,
                });
            } else if let Some(id) = Id::from_directory(&name) {
                // Each wallet is asked about alone: one new backup is wanted, not one of each.
                let used = writer.used.clone();
                let mut writer = TrialWriter::new(writer.volume.again(), sectors);
                writer.used = used;
                obstacles.extend(writer.next_backup(id, &directory.name, version));
            }
        }
    }
    obstacles
}

/// What is wrong with the list, with one more backup in it.
fn listing(answer: &Answer, version: Version) -> Option<Obstacle> {
    let list = match &answer.list {
        List::Ok(list) => list,
        List::Error(Refusal::Mount(_) | Refusal::Unopenable(_)) => return None,
        List::Error(refusal) => return Some(Obstacle::Refused(refusal.clone())),
        List::Crash(crash) => return Some(Obstacle::Crashes(*crash)),
    };
    // Firmware before v9.9.0 lists so many at most.
    if let Some(limit) = version.list_limit().filter(|limit| list.len() >= *limit) {
        return Some(Obstacle::Refused(Refusal::TooMany { limit }));
    }
    if answer.directories.len() >= LIST_MAX {
        return Some(Obstacle::TooManyEntries);
    }
    let mut more = list.clone();
    more.push(Listed {
        id: "0".repeat(64),
        timestamp: u32::MAX,
        name: "x".repeat(LONGEST_NAME),
        directory: 0,
    });
    let size = answer_size(&more);
    let is_long = size > MAX_ANSWER && version.lists_in_rust();
    is_long.then_some(Obstacle::Crashes(Crash::AnswerSize { size }))
}
