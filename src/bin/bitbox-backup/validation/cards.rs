//! Known cards in memory, and what happens to cards.

use std::io;

use bitbox_backup::assess::{self, Assessment, Seen};
use bitbox_backup::catalogue::{self, Catalogue, Looked};
use bitbox_backup::firmware::{self, Version};
use bitbox_backup::image::{
    Extent, Memory, Packing, ReadAt, ReadError, SECTOR, Sectors, SplitReads, SystemError, unpack,
};
use bitbox_backup::progress::Progress;
use bitbox_backup::recover::{self, Effort, Recovery};

/// Most bytes of a card that are not zero.
const MOST: u64 = 1 << 20;
/// What a system says of a sector that it cannot read.
const EIO: i32 = 5;
/// First byte of a deleted directory entry.
const DELETED: u8 = 0xE5;
/// Bytes of a directory entry.
const ENTRY: usize = 32;
/// Attributes of a slot of a long name.
const LONG_NAME: u8 = 0x0F;

/// A card of the program's own.
pub(super) fn known(packed: &[u8]) -> Option<Vec<u8>> {
    let packed = Memory::new(packed.to_vec());
    let pages = unpack(&packed, Packing::Zstd, MOST, &Progress::default()).ok()?;
    let mut card = vec![0; usize::try_from(pages.size()).ok()?];
    pages.read_at(0, &mut card).ok()?;
    Some(card)
}

/// All that the program says of a card.
pub(super) struct Examined {
    pub(super) catalogue: Catalogue,
    pub(super) assessment: Assessment,
    pub(super) recovery: Recovery,
}

/// Looks at all of a card and recovers what needs no search.
pub(super) fn examine(image: &dyn ReadAt) -> Examined {
    let sectors = Sectors::new(image);
    let version = Version::default();
    let answer = firmware::list_backups(&sectors, version);
    let catalogue = catalogue::locate(&sectors, Looked::Surface);
    let sectors = Some(&sectors);
    let assessment = assess::assess(&catalogue, Some(answer), Seen::Card, sectors, version);
    let recovery = recover::recover(&catalogue, &assessment, &Effort::new(0));
    Examined {
        catalogue,
        assessment,
        recovery,
    }
}

/// Where the live copies of a card lie.
pub(super) fn copies(card: &[u8]) -> Vec<Extent> {
    let image = Memory::new(card.to_vec());
    let found = examine(&image).catalogue;
    let copies = found.copies.iter();
    copies
        .filter_map(|copy| copy.extents.first().copied())
        .collect()
}

/// Deletes every file and folder as a computer does: the first byte of each of its entries is marked.
pub(super) fn delete_all(card: &mut [u8]) {
    let image = Memory::new(card.to_vec());
    let nodes = examine(&image).catalogue.nodes;
    for offset in nodes.iter().filter_map(|node| node.offset()) {
        let Ok(mut at) = usize::try_from(offset) else {
            continue;
        };
        mark(card, at);
        // The slots of its long name stand before it.
        while let Some(before) = at.checked_sub(ENTRY)
            && card.get(before.saturating_add(11)) == Some(&LONG_NAME)
        {
            at = before;
            mark(card, at);
        }
    }
}

fn mark(card: &mut [u8], at: usize) {
    if let Some(first) = card.get_mut(at) {
        *first = DELETED;
    }
}

/// Formats a card as a quick format does: its FATs and its root directory become zeros.
pub(super) fn quick_format(card: &mut [u8]) {
    let image = Memory::new(card.to_vec());
    let volumes = examine(&image).catalogue.volumes;
    for geometry in volumes.iter().filter_map(|volume| volume.geometry) {
        let end = geometry.data.saturating_add(geometry.cluster_length);
        fill(card, geometry.fat, end.saturating_sub(geometry.fat));
    }
}

/// Overwrites a part of a card with zeros.
pub(super) fn fill(card: &mut [u8], offset: u64, length: u64) {
    let end = usize::try_from(offset.saturating_add(length));
    if let (Ok(start), Ok(end)) = (usize::try_from(offset), end)
        && let Some(part) = card.get_mut(start..end)
    {
        part.fill(0);
    }
}

/// A card with sectors that cannot be read.
pub(super) struct Worn {
    card: Memory,
    bad: Vec<u64>,
}

/// A card in which the sectors that begin at these bytes cannot be read.
pub(super) fn worn(card: Vec<u8>, bad: &[u64]) -> SplitReads<Worn> {
    SplitReads::new(Worn {
        card: Memory::new(card),
        bad: bad.to_vec(),
    })
}

impl ReadAt for Worn {
    fn size(&self) -> u64 {
        self.card.size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        let end = offset.saturating_add(buf.len() as u64);
        let sector = SECTOR as u64;
        let touches = |bad: &u64| *bad < end && bad.saturating_add(sector) > offset;
        if self.bad.iter().any(touches) {
            return Err(ReadError::Unreadable {
                offset,
                length: buf.len() as u64,
                cause: SystemError {
                    kind: io::ErrorKind::Other,
                    os_error: Some(EIO),
                },
            });
        }
        self.card.read_at(offset, buf)
    }
}
