//! A folder of cards, and the program run in it.

use std::io::Write;
use std::path::{Path, PathBuf};

use fixtures::backup::Backup;
use fixtures::fat::{Fat, Layout};
use fixtures::wallet;

use super::program::{Ran, run};

/// The folder.
pub struct Cards(pub tempfile::TempDir);

impl Cards {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn put(&self, name: &str, fat: &Fat) {
        fat.card.write_to(self.path(name)).unwrap();
    }

    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        run(self.folder(), arguments)
    }
}

/// Where the seed of a backup is in the bytes of its file.
pub fn seed_offset(file: &[u8], backup: &Backup) -> usize {
    let mut places = file.windows(backup.seed.len());
    places.position(|bytes| bytes == backup.seed).unwrap()
}

/// Three cards: two with one wallet, one with two others.
pub fn drawer() -> Cards {
    let cards = Cards::new();
    cards.put("first.img", &card(1, &[wallet::twelve()]));
    cards.put("again.img", &card(2, &[wallet::twelve_again()]));
    cards.put(
        "others.img",
        &card(3, &[wallet::abandon(), wallet::twenty_four()]),
    );
    cards
}

/// A card with these backups; the serial number tells it from others.
pub fn card(serial: u32, backups: &[Backup]) -> Fat {
    let mut fat = Layout {
        serial,
        ..Layout::FAT12.with_clusters(400)
    }
    .format();
    for backup in backups {
        fat.save(backup);
    }
    fat
}

/// Saves a backup in a folder that is seen as a card: the path of the last copy.
pub fn save_in(folder: &Path, backup: &Backup) -> PathBuf {
    let wallet = folder.join("bitbox02").join(backup.id());
    std::fs::create_dir_all(&wallet).unwrap();
    let paths = [0, 1, 2].map(|number| wallet.join(backup.file_name(number)));
    for path in &paths {
        std::fs::write(path, backup.encode()).unwrap();
    }
    let [.., last] = paths;
    last
}

/// An archive of these members.
pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    ruzstd::encoding::compress_to_vec(bytes, level)
}

/// What a source's steps are, in the words of the contract.
pub fn actions(source: &serde_json::Value) -> Vec<&str> {
    let next = source["next"].as_array().unwrap().iter();
    next.map(|one| one["action"].as_str().unwrap()).collect()
}

/// A text without its line breaks and indents.
pub fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
