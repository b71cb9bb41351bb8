//! Cards in memory: formatted and filled by the crate `fatfs`, then damaged by hand.

use std::collections::BTreeSet;
use std::io::{Cursor, Write};

use fatfs::{FatType, FileSystem, FormatVolumeOptions, FsOptions};
use witness::{Answer, Sectors};

pub(crate) struct Card {
    pub(crate) bytes: Vec<u8>,
    pub(crate) unreadable: BTreeSet<u32>,
}

impl Sectors for Card {
    fn count(&self) -> u64 {
        self.bytes.len() as u64 / 512
    }

    fn read(&self, lba: u32, buf: &mut [u8; 512]) -> bool {
        let start = lba as usize * 512;
        buf.copy_from_slice(&self.bytes[start..start + 512]);
        !self.unreadable.contains(&lba)
    }
}

impl Card {
    /// An empty volume that fills the card; `cluster` is in sectors.
    pub(crate) fn new(kind: FatType, sectors: u32, cluster: u32) -> Self {
        let mut bytes = vec![0; sectors as usize * 512];
        let options = FormatVolumeOptions::new()
            .fat_type(kind)
            .bytes_per_cluster(cluster * 512)
            .max_root_dir_entries(if kind == FatType::Fat32 { 0 } else { 64 });
        fatfs::format_volume(Cursor::new(&mut bytes), options).expect("the size suits the kind");
        Self {
            bytes,
            unreadable: BTreeSet::new(),
        }
    }

    /// The usual one of these tests: FAT16, one sector a cluster.
    pub(crate) fn fat16() -> Self {
        Self::new(FatType::Fat16, 8192, 1)
    }

    /// Writes files and the directories above them, in this order.
    pub(crate) fn write<'a>(&mut self, files: impl IntoIterator<Item = (String, &'a [u8])>) {
        let volume = FileSystem::new(Cursor::new(&mut self.bytes), FsOptions::new()).expect("FAT");
        let root = volume.root_dir();
        for (path, content) in files {
            for (end, _) in path.match_indices('/') {
                root.create_dir(&path[..end]).expect("there is room");
            }
            let mut file = root.create_file(&path).expect("there is room");
            file.write_all(content).expect("there is room");
        }
    }

    /// Writes three copies of a backup.
    pub(crate) fn back_up(&mut self, id: &str, file: &[u8]) {
        self.put_copies(id, &[file, file, file]);
    }

    /// Writes these copies of a backup.
    pub(crate) fn put_copies(&mut self, id: &str, copies: &[&[u8]]) {
        let path = |n| format!("bitbox02/{id}/backup_Mon_2020-09-28T08-30-09Z_{n}.bin");
        self.write(copies.iter().enumerate().map(|(n, copy)| (path(n), *copy)));
    }

    /// Where these bytes lie for the n-th time.
    pub(crate) fn find(&self, bytes: &[u8], n: usize) -> usize {
        let places = self.bytes.windows(bytes.len()).enumerate();
        let mut found = places.filter(|(_, window)| *window == bytes);
        found.nth(n).expect("it is on the card").0
    }

    /// The first cluster of `/bitbox02`, and where it begins.
    pub(crate) fn bitbox02(&self) -> (u16, usize) {
        let entry = self.find(b"BITBOX02   ", 0);
        let cluster = u16::from_le_bytes([self.bytes[entry + 26], self.bytes[entry + 27]]);
        // A directory begins with the entry of itself.
        let mut itself = *b".          \x10\0\0";
        itself[11] = 0x10;
        let place = (0..).map(|n| self.find(&itself[..12], n));
        let own = |place: &usize| self.bytes[place + 26..place + 28] == cluster.to_le_bytes();
        (
            cluster,
            place.into_iter().find(own).expect("it is on the card"),
        )
    }

    /// Links a FAT16 cluster to another one, in the first FAT.
    pub(crate) fn link(&mut self, from: u16, to: u16) {
        let reserved = u16::from_le_bytes([self.bytes[14], self.bytes[15]]);
        let place = usize::from(reserved) * 512 + usize::from(from) * 2;
        self.bytes[place..place + 2].copy_from_slice(&to.to_le_bytes());
    }

    /// The card with this one as a partition of it.
    pub(crate) fn in_partition(self, lba: u32) -> Self {
        let mut bytes = vec![0; lba as usize * 512];
        bytes[446 + 8..446 + 12].copy_from_slice(&lba.to_le_bytes());
        bytes[510..512].copy_from_slice(&[0x55, 0xAA]);
        bytes.extend(self.bytes);
        Self { bytes, ..self }
    }

    /// Asks the witness, and holds that it did not want to write.
    pub(crate) fn answer(&self) -> Answer {
        let answer = witness::list_backups(self);
        assert_eq!(witness::refused_writes(), 0);
        answer
    }
}
