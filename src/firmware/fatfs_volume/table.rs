//! The FAT of a mounted volume, and the sectors that old firmware writes (docs/format.md 7).

use super::{FatError, Lba32, MountedVolume, Window};
use crate::fat::cluster::Cluster;
use crate::fat::geometry::FatKind;
use crate::image::{Extent, SECTOR, Sector};

/// Where in the FAT the link of a cluster lies: in two bytes, or in four.
struct LinkPlace {
    at: u32,
    /// Which bits are its own, and how far up they begin.
    mask: u32,
    shift: u32,
}

impl LinkPlace {
    fn bytes(&self) -> impl Iterator<Item = u32> + use<> {
        let (at, length) = (self.at, if self.mask > 0xFFFF { 4 } else { 2 });
        (0..length).map(move |offset| at.wrapping_add(offset))
    }
}

impl MountedVolume<'_> {
    /// `get_fat`: what the FAT says of a cluster: the next one of its chain, or a number that is none.
    /// A cluster outside the FAT is [`FatError::Internal`].
    pub(in crate::firmware) fn link(&mut self, cluster: Cluster) -> Result<Cluster, FatError> {
        let place = self.link_place(cluster)?;
        let mut bytes = [0; 4];
        for (byte, at) in bytes.iter_mut().zip(place.bytes()) {
            *byte = self.fat_byte(at)?;
        }
        let link = u32::from_le_bytes(bytes) & place.mask;
        Ok(Cluster(link >> place.shift))
    }

    fn link_place(&self, cluster: Cluster) -> Result<LinkPlace, FatError> {
        let number = cluster.0;
        if number < 2 || number >= self.fat_entries {
            return Err(FatError::Internal);
        }
        let (at, mask, shift) = match self.kind {
            FatKind::Fat12 if number & 1 == 1 => (number.wrapping_add(number / 2), 0xFFF0, 4),
            FatKind::Fat12 => (number.wrapping_add(number / 2), 0x0FFF, 0),
            FatKind::Fat16 => (number.wrapping_mul(2), 0xFFFF, 0),
            FatKind::Fat32 => (number.wrapping_mul(4), 0x0FFF_FFFF, 0),
        };
        Ok(LinkPlace { at, mask, shift })
    }

    fn fat_byte(&mut self, at: u32) -> Result<u8, FatError> {
        let sector = self.window(self.fat_base.wrapping_add(at / 512))?;
        Ok(sector.get((at % 512) as usize).copied().unwrap_or(0))
    }

    /// `put_fat`: what the FAT says of a cluster from now on.
    pub(in crate::firmware) fn put_link(
        &mut self,
        cluster: Cluster,
        link: u32,
    ) -> Result<(), FatError> {
        let place = self.link_place(cluster)?;
        let (masks, link) = (place.mask.to_le_bytes(), link << place.shift);
        for ((at, mask), byte) in place.bytes().zip(masks).zip(link.to_le_bytes()) {
            let byte = self.fat_byte(at)? & !mask | byte & mask;
            let lba = self.fat_base.wrapping_add(at / 512);
            self.change(lba, (at % 512) as usize, &[byte])?;
        }
        Ok(())
    }

    /// Changes bytes of a sector in the window.
    pub(in crate::firmware) fn change(
        &mut self,
        lba: Lba32,
        at: usize,
        bytes: &[u8],
    ) -> Result<(), FatError> {
        let mut sector = *self.window(lba)?;
        let end = at.saturating_add(bytes.len());
        let place = sector.get_mut(at..end).ok_or(FatError::Internal)?;
        place.copy_from_slice(bytes);
        self.put_window(lba, sector);
        Ok(())
    }

    fn put_window(&mut self, lba: Lba32, sector: [u8; SECTOR]) {
        self.window = Some(Window {
            lba,
            sector: Sector::from(sector),
            dirty: true,
        });
    }

    /// Whether the card ends before a sector.
    pub(in crate::firmware) fn ends_before(&self, lba: Lba32) -> bool {
        u64::from(lba) >= self.sectors.count()
    }

    /// Takes a sector over what is in the window, without reading it: what lies behind the bytes is
    /// what the window held.
    pub(in crate::firmware) fn write_over(
        &mut self,
        lba: Lba32,
        bytes: &[u8],
    ) -> Result<(), FatError> {
        if self.ends_before(lba) {
            return Err(FatError::Disk);
        }
        self.flush();
        let held = self.window.as_ref();
        let mut sector = held.map_or([0; SECTOR], |window| *window.sector);
        let place = sector.get_mut(..bytes.len()).ok_or(FatError::Internal)?;
        place.copy_from_slice(bytes);
        self.put_window(lba, sector);
        Ok(())
    }

    /// `sync_window`: what was changed in the window is written, in both FATs.
    pub(in crate::firmware) fn flush(&mut self) {
        let Some(window) = self.window.as_mut().filter(|window| window.dirty) else {
            return;
        };
        window.dirty = false;
        let (lba, sector) = (window.lba, window.sector.clone());
        if self.num_fats == 2 && lba.0.wrapping_sub(self.fat_base.0) < self.fat_size {
            let mirror = lba.wrapping_add(self.fat_size);
            self.written.insert(mirror, sector.clone());
        }
        self.written.insert(lba, sector);
    }

    /// Mounts again: what was still to be written is lost.
    pub(in crate::firmware) fn forget_window(&mut self) {
        self.window = None;
    }

    /// Where a cluster lies, in bytes of the card.
    pub(in crate::firmware) fn extent(&self, cluster: Cluster) -> Option<Extent> {
        Some(Extent {
            offset: self.first_sector(cluster)?.byte(),
            length: u64::from(self.cluster_size).saturating_mul(SECTOR as u64),
        })
    }
}
