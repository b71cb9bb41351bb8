//! Whole cards in few bytes: a base and changes to it.
//!
//! The first byte chooses the base, the second what is looked for. Then come changes, each one byte
//! that says what kind and some that say where and what; input that ends early means zeros. So a
//! mutated byte is a mutated card that still has its structure, and megabytes of zeros cost nothing.

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use bitbox_backup::catalogue::Looked;
use bitbox_backup::image::{ReadAt, ReadError};
use fixtures::card::Card;
use fixtures::recipes;

/// Most changes to one card.
const MOST_CHANGES: usize = 64;
/// Largest card of which the whole surface is searched.
const MOST_SEARCHED: u64 = 1 << 20;
/// What a card may be lengthened to, above its own size.
const MOST_ADDED: u64 = 8192;

/// Recipes that are bases, by name. Their order is part of the encoding: add behind the last.
pub const BASES: &[&str] = &[
    "clusters_33",
    "mbr_logical_partition",
    "gpt_only",
    "chain_first_fat_counts",
    "chain_high_nibble_links_fat32",
    "chain_loop_of_two",
    "chain_link_into_copy",
    "chain_entry_over_sector_edge",
    "boot_only_backup_left",
    "deleted_files",
    "deleted_everything",
    "erased_by_device",
    "quick_format",
    "both_fats_zero",
    "only_data_left",
    "bitbox01_and_backup",
    "used_card",
    "boot_mirroring_off_fat32",
    "short_accent_by_chance_beside",
    "boot_root_entries_16_fat12",
];

/// A base: its card and the sectors of it that are not zero.
struct Base {
    card: Card,
    used: Vec<u64>,
}

static BASE: LazyLock<Vec<Base>> = LazyLock::new(|| {
    let all: Vec<_> = recipes::all().collect();
    let named = |name: &&str| {
        let found = all.iter().find(|recipe| recipe.name == *name);
        let card = found
            .unwrap_or_else(|| panic!("no recipe {name}"))
            .card
            .clone();
        let used = used(&card);
        Base { card, used }
    };
    BASES.iter().map(named).collect()
});

/// The sectors that are not zero; sector 0 in any case.
fn used(card: &Card) -> Vec<u64> {
    let mut used = BTreeSet::from([0]);
    for (offset, page) in card.pages() {
        for (index, sector) in (0..).zip(page.chunks(512)) {
            let lba = offset / 512 + index;
            if lba < card.size() / 512 && sector.iter().any(|byte| *byte != 0) {
                used.insert(lba);
            }
        }
    }
    used.into_iter().collect()
}

/// A card built from an input, as an image that counts what is read of it.
pub struct Built {
    /// The card.
    pub card: Card,
    /// What to look for.
    pub looked: Looked,
    /// Sectors that cannot be read.
    bad: BTreeSet<u64>,
    read: Mutex<Read>,
}

#[derive(Default)]
struct Read {
    sectors: BTreeSet<u64>,
    bytes: u64,
}

/// What is left of an input; zeros where it ends.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        let (now, later) = self.0.split_at(N.min(self.0.len()));
        bytes[..now.len()].copy_from_slice(now);
        self.0 = later;
        bytes
    }

    fn byte(&mut self) -> u8 {
        let [byte] = self.take();
        byte
    }

    fn long(&mut self) -> u64 {
        u32::from_le_bytes(self.take()).into()
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let (now, later) = self.0.split_at(most.min(self.0.len()));
        self.0 = later;
        now.to_vec()
    }
}

impl Built {
    /// The card an input means; every input means one.
    pub fn of(input: &[u8]) -> Self {
        let mut input = Input(input);
        let base = &BASE[usize::from(input.byte()) % BASE.len()];
        let flags = input.byte();
        let mut built = Self {
            card: base.card.clone(),
            looked: match flags & 7 {
                4.. if base.card.size() <= MOST_SEARCHED => Looked::Surface,
                flags if flags & 1 != 0 => Looked::Deleted,
                _ => Looked::Folders,
            },
            bad: BTreeSet::new(),
            read: Mutex::default(),
        };
        for _ in 0..MOST_CHANGES {
            if input.0.is_empty() {
                break;
            }
            built.change(&mut input, &base.used);
        }
        built
    }

    fn change(&mut self, input: &mut Input<'_>, used: &[u64]) {
        let kind = input.byte() % 8;
        let known = |input: &mut Input<'_>| used[usize::from(input.byte()) % used.len()];
        match kind {
            0..=3 => {
                let sector = known(input);
                self.patch(sector, input);
            }
            4 => {
                let sector = input.long() % (self.card.size() / 512).max(1);
                self.patch(sector, input);
            }
            5 => {
                let sector = known(input);
                let mut bytes = input.bytes(512);
                bytes.resize(512, 0);
                self.put(sector * 512, &bytes);
            }
            6 => {
                let sector = known(input);
                self.bad.insert(sector);
            }
            _ => {
                let size = input.long() % (self.card.size() + MOST_ADDED);
                self.card.set_len(size);
            }
        }
    }

    fn patch(&mut self, sector: u64, input: &mut Input<'_>) {
        let at = u16::from_le_bytes(input.take()) % 512;
        let length = usize::from(input.byte() % 33).min(512 - usize::from(at));
        let bytes = input.bytes(length);
        self.put(sector * 512 + u64::from(at), &bytes);
    }

    /// Writes what lies within the card.
    fn put(&mut self, offset: u64, bytes: &[u8]) {
        let room = self.card.size().saturating_sub(offset);
        let length = room.min(bytes.len() as u64) as usize;
        if length > 0 {
            self.card.write_at(offset, &bytes[..length]);
        }
    }

    /// How many different sectors were read, and how many bytes in all.
    pub fn reads(&self) -> (usize, u64) {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        (read.sectors.len(), read.bytes)
    }

    fn is_bad(&self, offset: u64, length: u64) -> bool {
        let sectors = offset / 512..(offset + length).div_ceil(512);
        self.bad.range(sectors).next().is_some()
    }
}

impl ReadAt for Built {
    fn size(&self) -> u64 {
        self.card.size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        let length = buf.len() as u64;
        let size = self.card.size();
        if offset.checked_add(length).is_none_or(|end| end > size) {
            return Err(ReadError::PastEnd {
                offset,
                length,
                size,
            });
        }
        {
            let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
            read.bytes += length;
            read.sectors
                .extend(offset / 512..(offset + length).div_ceil(512));
        }
        if self.is_bad(offset, length) {
            return Err(ReadError::Unreadable {
                offset,
                length,
                cause: bitbox_backup::image::SystemError {
                    kind: std::io::ErrorKind::Other,
                    os_error: Some(5),
                },
            });
        }
        self.card.read_at(offset, buf);
        Ok(())
    }
}

impl witness::Sectors for Built {
    fn count(&self) -> u64 {
        self.card.size() / 512
    }

    fn read(&self, lba: u32, buf: &mut [u8; 512]) -> bool {
        let lba = u64::from(lba);
        lba < witness::Sectors::count(self)
            && !self.bad.contains(&lba)
            && self.card.read_at(lba * 512, buf) == 512
    }
}
