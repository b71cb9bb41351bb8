//! The card a folder is assumed to be on, in memory.

use std::io::{Cursor, Write};

/// Bytes of the card a folder is assumed to be on: the smallest FAT32 with clusters of one sector.
const ASSUMED_SIZE: usize = 34 << 20;

/// A fresh FAT32 card with these files on it, each with its path from the root, in their order; one
/// without bytes is a folder. Names that FAT cannot have are left out.
pub fn assumed_card<'a>(files: impl Iterator<Item = (&'a str, Option<&'a [u8]>)>) -> Vec<u8> {
    let mut card = Cursor::new(vec![0; ASSUMED_SIZE]);
    let options = fatfs::FormatVolumeOptions::new()
        .fat_type(fatfs::FatType::Fat32)
        .bytes_per_cluster(512);
    // Writing to memory of the right size does not fail; if it did, the card would just be empty.
    if fatfs::format_volume(&mut card, options).is_ok()
        && let Ok(volume) = fatfs::FileSystem::new(&mut card, fatfs::FsOptions::new())
    {
        for (path, bytes) in files {
            let path = path.trim_start_matches('/');
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
