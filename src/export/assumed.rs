//! The card a folder is assumed to be on, in memory.

use std::io::{Cursor, Write};

use zeroize::Zeroizing;

use crate::backup::MAX_FILE_SIZE;

/// Bytes of the card a folder is assumed to be on: the smallest FAT32 with clusters of one sector.
const ASSUMED_SIZE: usize = 34 << 20;

/// A file or folder of an assumed card.
pub struct AssumedFile {
    path: String,
    /// `None` for a folder.
    bytes: Option<Zeroizing<Vec<u8>>>,
}

impl AssumedFile {
    /// A folder, by its path from the root.
    pub fn folder(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            bytes: None,
        }
    }

    /// A file of this size. A device reads none over 1024 bytes, so of a longer one only that it is
    /// longer is kept; one that cannot be read is taken for such.
    pub fn file(path: &str, size: u64, bytes: Option<&[u8]>) -> Self {
        let most = usize::try_from(size.min(MAX_FILE_SIZE.saturating_add(1))).unwrap_or(0);
        let mut kept = Zeroizing::new(vec![0; most]);
        match bytes {
            Some(bytes) => kept
                .iter_mut()
                .zip(bytes)
                .for_each(|(to, from)| *to = *from),
            None if size > 0 && size <= MAX_FILE_SIZE => kept.resize(MAX_FILE_SIZE as usize + 1, 0),
            None => {}
        }
        Self {
            path: path.to_owned(),
            bytes: Some(kept),
        }
    }
}

/// A fresh FAT32 card with these files on it, in their order. Names FAT cannot have are left out.
pub fn assumed_card(files: &[AssumedFile]) -> Vec<u8> {
    let mut card = Cursor::new(vec![0; ASSUMED_SIZE]);
    let options = fatfs::FormatVolumeOptions::new()
        .fat_type(fatfs::FatType::Fat32)
        .bytes_per_cluster(512);
    // Writing to memory of the right size does not fail; if it did, the card would just be empty.
    if fatfs::format_volume(&mut card, options).is_ok()
        && let Ok(volume) = fatfs::FileSystem::new(&mut card, fatfs::FsOptions::new())
    {
        for file in files {
            let path = file.path.trim_start_matches('/');
            match &file.bytes {
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
