//! The FAT of a mounted volume, and the sectors that old firmware writes (docs/format.md 7).

use super::{FatError, Lba32, MountedVolume, Window};
use crate::fat::cluster::Cluster;
use crate::fat::geometry::FatKind;
use crate::image::{SECTOR, Sector};

impl MountedVolume<'_> {
    /// `get_fat`: what the FAT says of a cluster: the next one of its chain, or a number that is none.
    /// A cluster outside the FAT is [`FatError::Internal`].
    pub(in crate::firmware) fn link(&mut self, cluster: Cluster) -> Result<Cluster, FatError> {
        if cluster.0 < 2 || cluster.0 >= self.fat_entries {
            return Err(FatError::Internal);
        }
        self.link_of(cluster.0).map(Cluster)
    }

    fn link_of(&mut self, cluster: u32) -> Result<u32, FatError> {
        match self.kind {
            FatKind::Fat12 => {
                let at = cluster.wrapping_add(cluster / 2);
                let low = self.fat_byte(at)?;
                let high = self.fat_byte(at.wrapping_add(1))?;
                let pair = u32::from(low) | u32::from(high) << 8;
                Ok(if cluster & 1 == 1 {
                    pair >> 4
                } else {
                    pair & 0xFFF
                })
            }
            FatKind::Fat16 => {
                let at = cluster.wrapping_mul(2);
                let low = self.fat_byte(at)?;
                let high = self.fat_byte(at.wrapping_add(1))?;
                Ok(u32::from(low) | u32::from(high) << 8)
            }
            FatKind::Fat32 => {
                let at = cluster.wrapping_mul(4);
                let mut bytes = [0; 4];
                for (byte, offset) in bytes.iter_mut().zip(0..) {
                    *byte = self.fat_byte(at.wrapping_add(offset))?;
                }
                Ok(u32::from_le_bytes(bytes) & 0x0FFF_FFFF)
            }
        }
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
        if cluster.0 < 2 || cluster.0 >= self.fat_entries {
            return Err(FatError::Internal);
        }
        let cluster = cluster.0;
        match self.kind {
            FatKind::Fat12 => {
                let at = cluster.wrapping_add(cluster / 2);
                let [low, high, ..] = link.to_le_bytes();
                let old = self.fat_byte(at)?;
                let first = match cluster & 1 {
                    1 => old & 0x0F | low << 4,
                    _ => low,
                };
                self.put_fat_byte(at, first)?;
                let old = self.fat_byte(at.wrapping_add(1))?;
                let second = match cluster & 1 {
                    1 => low >> 4 | high << 4,
                    _ => old & 0xF0 | high & 0x0F,
                };
                self.put_fat_byte(at.wrapping_add(1), second)
            }
            FatKind::Fat16 => {
                let at = cluster.wrapping_mul(2);
                let [low, high, ..] = link.to_le_bytes();
                self.put_fat_byte(at, low)?;
                self.put_fat_byte(at.wrapping_add(1), high)
            }
            FatKind::Fat32 => {
                let at = cluster.wrapping_mul(4);
                let top = self.fat_byte(at.wrapping_add(3))?;
                let link = link & 0x0FFF_FFFF | u32::from(top & 0xF0) << 24;
                for (byte, offset) in link.to_le_bytes().into_iter().zip(0..) {
                    self.put_fat_byte(at.wrapping_add(offset), byte)?;
                }
                Ok(())
            }
        }
    }

    fn put_fat_byte(&mut self, at: u32, byte: u8) -> Result<(), FatError> {
        self.change(
            self.fat_base.wrapping_add(at / 512),
            (at % 512) as usize,
            &[byte],
        )
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
        self.window = Some(Window {
            lba,
            sector: Sector::from(sector),
            dirty: true,
        });
        Ok(())
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
        let mut sector = self
            .window
            .as_ref()
            .map_or([0; SECTOR], |window| *window.sector);
        let place = sector.get_mut(..bytes.len()).ok_or(FatError::Internal)?;
        place.copy_from_slice(bytes);
        self.window = Some(Window {
            lba,
            sector: Sector::from(sector),
            dirty: true,
        });
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
    pub(in crate::firmware) fn extent(&self, cluster: Cluster) -> Option<crate::image::Extent> {
        Some(crate::image::Extent {
            offset: self.first_sector(cluster)?.byte(),
            length: u64::from(self.cluster_size).saturating_mul(SECTOR as u64),
        })
    }
}
