//! The card a folder is assumed to be on, in memory.

use std::collections::HashMap;
use std::io::{Cursor, Write};

use super::sd::LIST_MAX;

/// Bytes of the card a folder is assumed to be on: the smallest FAT32 with clusters of one sector.
const ASSUMED_SIZE: usize = 34 << 20;

/// Most entries of one folder: more than the device looks at.
const MOST_ENTRIES: usize = 2 * LIST_MAX;

/// A fresh FAT32 card with these files on it, each with its path from the root, in their order; one
/// without bytes is a folder. Names that FAT cannot have are left out, and so is what the device does not look at.
pub fn assumed_card<'a>(files: impl Iterator<Item = (&'a str, Option<&'a [u8]>)>) -> Vec<u8> {
    let mut card = Cursor::new(vec![0; ASSUMED_SIZE]);
    let options = fatfs::FormatVolumeOptions::new()
        .fat_type(fatfs::FatType::Fat32)
        .bytes_per_cluster(512);
    // Writing to memory of the right size does not fail; if it did, the card would just be empty.
    if fatfs::format_volume(&mut card, options).is_ok()
        && let Ok(volume) = fatfs::FileSystem::new(&mut card, fatfs::FsOptions::new())
    {
        let mut entries: HashMap<&str, usize> = HashMap::new();
        for (path, bytes) in files {
            let path = path.trim_start_matches('/');
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let count = entries.entry(folder).or_default();
            *count = count.saturating_add(1);
            // Each is looked for among all of its folder before it is made. The device looks for its own by name.
            let is_its_own = path.eq_ignore_ascii_case("bitbox02");
            if *count > MOST_ENTRIES && !is_its_own {
                continue;
            }
            match bytes {
                None => drop(volume.root_dir().create_dir(path)),
                Some(bytes) => {
                    if let Ok(mut to) = volume.root_dir().create_file(path) {
                        let _ = to.write_all(bytes).and_then(|()| to.flush());
                    }
                }
            }
        }
        let _ = volume.unmount();
    }
    card.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firmware::{List, NEWEST, list_backups};
    use crate::image::{Memory, Sectors};

    #[test]
    fn what_the_device_looks_for_is_there_whatever_lies_before_it() {
        let backup = fixtures::wallet::twelve();
        let file = backup.encode();
        let folder = format!("/bitbox02/{}", backup.id());
        let photos: Vec<String> = (0..3 * MOST_ENTRIES)
            .map(|number| format!("/{number}.jpg"))
            .collect();
        let photos = photos.iter().map(|path| (path.as_str(), Some(&file[..])));
        let copies = [0, 1, 2].map(|copy| format!("{folder}/{}", backup.file_name(copy)));
        let copies = copies.iter().map(|path| (path.as_str(), Some(&file[..])));
        let folders = ["/bitbox02", &folder].map(|path| (path, None));
        let card = assumed_card(photos.chain(folders).chain(copies));
        let card = Memory::new(card);
        let answer = list_backups(&Sectors::new(&card), NEWEST);
        let List::Ok(listed) = answer.list else {
            panic!("{answer:?}")
        };
        assert_eq!(listed.len(), 1);
    }
}
