//! FatFs's mounted volume: `check_fs`, `find_volume`, `mount_volume` and the FAT (docs/format.md 3.1).
//!
//! 32-bit arithmetic wraps as it does there.

mod table;

use std::collections::BTreeMap;

use super::lba32::Lba32;
use super::version::Version;
use crate::fat::cluster::Cluster;
use crate::fat::geometry::{BootSector, FatKind};
use crate::image::{Sector, Sectors};

/// Why FatFs, or the firmware after it, refuses to mount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MountError {
    /// A needed sector cannot be read.
    #[error("sector {lba} cannot be read")]
    Disk {
        /// Which.
        lba: Lba32,
    },
    /// Neither sector 0 nor the start of a primary partition is a FAT boot sector.
    #[error("there is no FAT volume where the device looks for one")]
    NoVolume,
    /// The first boot sector found is refused; later ones are not tried.
    #[error("the boot sector at sector {lba} is refused: {rule}")]
    Geometry {
        /// Where it lies.
        lba: Lba32,
        /// The rule it breaks.
        rule: GeometryRule,
    },
}

/// The rules a boot sector has to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // each says what it is in its message
#[non_exhaustive]
pub enum GeometryRule {
    #[error("bytes per sector is not 512")]
    BytesPerSector,
    #[error("there are neither one nor two FATs")]
    NumFats,
    #[error("sectors per cluster is not a power of two")]
    SectorsPerCluster,
    #[error("the root directory does not fill whole sectors")]
    RootEntries,
    #[error("there are no reserved sectors")]
    ReservedSectors,
    #[error("the volume is smaller than its own tables")]
    TooSmall,
    #[error("the volume has too few clusters")]
    TooFewClusters,
    #[error("the volume has too many clusters")]
    TooManyClusters,
    #[error("it is FAT32 of an unknown revision")]
    FsVersion,
    #[error("it is FAT32, yet has a fixed root directory")]
    RootEntriesOnFat32,
    #[error("it is FAT12 or FAT16 without a root directory")]
    NoRootDirectory,
    #[error("the FAT is too small for the clusters")]
    FatSize,
    #[error("the FATs and the data do not lie one behind the other")]
    Layout,
}

/// An error on the way through directories and chains, by FatFs's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FatError {
    /// `FR_DISK_ERR`: a sector cannot be read.
    #[error("a sector cannot be read")]
    Disk,
    /// `FR_INT_ERR`: a cluster number that cannot be.
    #[error("the chain of clusters is broken")]
    Internal,
    /// `FR_NO_FILE`: no such entry, or the end of the directory.
    #[error("there is no such entry")]
    NoFile,
    /// `FR_NO_PATH`: a part of the path is missing or a file.
    #[error("there is no such path")]
    NoPath,
    /// `FR_INVALID_NAME`: the name cannot be looked up.
    #[error("the name holds characters that cannot be opened")]
    InvalidName,
}

/// What FatFs says of a sector when it looks for a volume.
#[derive(PartialEq)]
enum BootCheck {
    Passes,
    Signed,
    Unsigned,
    Unreadable,
}

/// `dirbase`: where the root directory begins, by its cluster on FAT32, otherwise by its sector.
#[derive(Clone, Copy)]
pub(super) enum RootStart {
    Cluster(Cluster),
    Sector(Lba32),
}

/// The one sector that FatFs holds, and whether it is still to be written.
#[derive(Clone)]
struct Window {
    lba: Lba32,
    sector: Sector,
    dirty: bool,
}

/// A mounted volume and the one sector FatFs has in its window.
pub struct MountedVolume<'a> {
    sectors: &'a Sectors<'a>,
    window: Option<Window>,
    /// What old firmware wrote, in memory only: nothing reaches the card.
    written: BTreeMap<Lba32, Sector>,
    pub(super) kind: FatKind,
    base: Lba32,
    fat_base: Lba32,
    fat_size: u32,
    num_fats: u32,
    pub(super) root: RootStart,
    data_base: Lba32,
    pub(super) root_entries: u16,
    pub(super) cluster_size: u32,
    pub(super) fat_entries: u32,
    /// Whether a separator at the end of a path is ignored; before R0.14b, an empty name comes behind it.
    pub(super) ignores_last_separator: bool,
}

impl std::fmt::Debug for MountedVolume<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at sector {}", self.kind.name(), self.base)
    }
}

fn read<'a>(sectors: &Sectors<'a>, lba: Lba32) -> Option<Sector> {
    sectors.sector(lba.into()).ok()
}

/// `check_fs`: whether a sector passes as a boot sector.
fn check_fs(sectors: &Sectors<'_>, lba: Lba32, version: Version) -> BootCheck {
    let Some(sector) = read(sectors, lba) else {
        return BootCheck::Unreadable;
    };
    let boot = BootSector(&sector);
    if version.has_fatfs_r013c() {
        return check_fs_r013c(&boot);
    }
    if matches!(boot.jump(), 0xEB | 0xE9 | 0xE8) {
        if boot.has_signature() && boot.says_fat32() {
            return BootCheck::Passes;
        }
        let least = if version.has_fatfs_r016() { 64 } else { 128 };
        if boot.bytes_per_sector() == 512
            && boot.sectors_per_cluster().is_power_of_two()
            && boot.reserved_sectors() != 0
            && matches!(boot.num_fats(), 1 | 2)
            && boot.root_entries() != 0
            && (boot.total_sectors_16() >= least || boot.total_sectors_32() >= 0x1_0000)
            && boot.fat_size_16() != 0
        {
            return BootCheck::Passes;
        }
    }
    if boot.has_signature() {
        BootCheck::Signed
    } else {
        BootCheck::Unsigned
    }
}

/// `check_fs` of R0.13c: the mark and the type string decide, and nothing else.
fn check_fs_r013c(boot: &BootSector<'_>) -> BootCheck {
    let says = |at: usize, what: &[u8]| boot.0.get(at..).is_some_and(|rest| rest.starts_with(what));
    let jumps = matches!(boot.jump(), 0xEB | 0xE9 | 0xE8);
    match boot.has_signature() {
        false => BootCheck::Unsigned,
        true if jumps && (says(54, b"FAT") || says(82, b"FAT32")) => BootCheck::Passes,
        true => BootCheck::Signed,
    }
}

/// `find_volume`: the sector of the first boot sector that passes. It is final, whatever follows.
fn find_volume(sectors: &Sectors<'_>, version: Version) -> Result<Lba32, MountError> {
    match check_fs(sectors, Lba32::ZERO, version) {
        BootCheck::Passes => return Ok(Lba32::ZERO),
        BootCheck::Unreadable => return Err(MountError::Disk { lba: Lba32::ZERO }),
        BootCheck::Unsigned => return Err(MountError::NoVolume),
        BootCheck::Signed => {}
    }
    let mbr = read(sectors, Lba32::ZERO).ok_or(MountError::Disk { lba: Lba32::ZERO })?;
    let mut last = MountError::NoVolume;
    for index in 0..4_usize {
        let at = 446 + 16 * index + 8;
        let start = mbr.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        let start = Lba32(u32::from_le_bytes(start.unwrap_or_default()));
        last = MountError::NoVolume;
        let unused = version.has_fatfs_r013c() && mbr.get(at.wrapping_sub(4)) == Some(&0);
        if start == Lba32::ZERO || unused {
            continue;
        }
        match check_fs(sectors, start, version) {
            BootCheck::Passes => return Ok(start),
            BootCheck::Unreadable => last = MountError::Disk { lba: start },
            BootCheck::Signed | BootCheck::Unsigned => {}
        }
    }
    Err(last)
}

fn keep(kept: bool, rule: GeometryRule) -> Result<(), GeometryRule> {
    if kept { Ok(()) } else { Err(rule) }
}

/// The width of the FAT's entries, which follows from the number of clusters.
fn kind(clusters: u32, version: Version) -> Result<FatKind, GeometryRule> {
    let fewest = if version.has_fatfs_r016() { 33 } else { 1 };
    keep(clusters >= fewest, GeometryRule::TooFewClusters)?;
    match clusters {
        ..=0xFF5 => Ok(FatKind::Fat12),
        0xFF6..=0xFFF5 => Ok(FatKind::Fat16),
        0xFFF6..=0x0FFF_FFF5 => Ok(FatKind::Fat32),
        _ => Err(GeometryRule::TooManyClusters),
    }
}

/// Bytes that the FAT needs for so many entries.
fn bytes_of_fat(kind: FatKind, entries: u32) -> u32 {
    match kind {
        FatKind::Fat32 => entries.wrapping_mul(4),
        FatKind::Fat16 => entries.wrapping_mul(2),
        FatKind::Fat12 => (entries.wrapping_mul(3) / 2).wrapping_add(entries & 1),
    }
}

impl<'a> MountedVolume<'a> {
    /// `mount_volume`, and the firmware's own check of the geometry behind it.
    pub fn mount(sectors: &'a Sectors<'a>, version: Version) -> Result<Self, MountError> {
        let base = find_volume(sectors, version)?;
        let sector = read(sectors, base).ok_or(MountError::Disk { lba: base })?;
        Self::from_boot_sector(sectors, &BootSector(&sector), base, version)
            .map_err(|rule| MountError::Geometry { lba: base, rule })
    }

    fn from_boot_sector(
        sectors: &'a Sectors<'a>,
        boot: &BootSector<'_>,
        base: Lba32,
        version: Version,
    ) -> Result<Self, GeometryRule> {
        use GeometryRule as Rule;
        keep(boot.bytes_per_sector() == 512, Rule::BytesPerSector)?;
        let fat_size = boot.fat_size();
        let num_fats = u32::from(boot.num_fats());
        keep(matches!(num_fats, 1 | 2), Rule::NumFats)?;
        let fats = fat_size.wrapping_mul(num_fats);
        let cluster_size = u32::from(boot.sectors_per_cluster());
        keep(cluster_size.is_power_of_two(), Rule::SectorsPerCluster)?;
        let root_entries = boot.root_entries();
        keep(root_entries.is_multiple_of(16), Rule::RootEntries)?;
        let total = boot.total_sectors();
        let reserved = u32::from(boot.reserved_sectors());
        keep(reserved != 0, Rule::ReservedSectors)?;

        let system = reserved
            .wrapping_add(fats)
            .wrapping_add(u32::from(root_entries / 16));
        keep(total >= system, Rule::TooSmall)?;
        let clusters = total.wrapping_sub(system) / cluster_size;
        let kind = kind(clusters, version)?;
        let fat_entries = clusters.wrapping_add(2);
        let fat_base = base.wrapping_add(reserved);
        let data_base = base.wrapping_add(system);
        let root = match kind {
            FatKind::Fat32 => {
                keep(boot.fs_version() == 0, Rule::FsVersion)?;
                keep(root_entries == 0, Rule::RootEntriesOnFat32)?;
                RootStart::Cluster(boot.root_cluster())
            }
            FatKind::Fat16 | FatKind::Fat12 => {
                keep(root_entries != 0, Rule::NoRootDirectory)?;
                RootStart::Sector(fat_base.wrapping_add(fats))
            }
        };
        let needed = bytes_of_fat(kind, fat_entries);
        keep(fat_size >= needed.wrapping_add(511) / 512, Rule::FatSize)?;

        if version.checks_geometry() {
            keep(
                fat_size != 0 && base <= fat_base && fat_base <= data_base,
                Rule::Layout,
            )?;
            let end = u64::from(fat_base)
                .saturating_add(u64::from(fat_size).saturating_mul(u64::from(num_fats)));
            keep(end <= u64::from(data_base), Rule::Layout)?;
        }
        Ok(Self {
            sectors,
            window: None,
            written: BTreeMap::new(),
            kind,
            base,
            fat_base,
            fat_size,
            num_fats,
            root,
            data_base,
            root_entries,
            cluster_size,
            fat_entries,
            ignores_last_separator: !version.has_fatfs_r013c(),
        })
    }

    /// The volume's first sector.
    pub fn base(&self) -> Lba32 {
        self.base
    }

    /// The same volume with nothing in its window.
    pub(super) fn again(&self) -> Self {
        Self {
            window: None,
            written: self.written.clone(),
            ..*self
        }
    }

    /// Whether its root directory has a fixed number of entries.
    pub(super) fn has_fixed_root(&self) -> bool {
        self.kind != FatKind::Fat32
    }

    /// What FSInfo says: how many clusters are free, and behind which to look for one. `None` where FatFs
    /// does not look at it: it must lie in the sector behind the boot sector.
    pub(super) fn fs_info(&mut self) -> Option<(u32, Cluster)> {
        if self.kind != FatKind::Fat32 {
            return None;
        }
        let boot = self.window(self.base).ok()?;
        if BootSector(&boot).fs_info() != 1 {
            return None;
        }
        let sector = self.window(self.base.wrapping_add(1)).ok()?;
        let number = |at: usize| {
            let bytes = sector.get(at..at.checked_add(4)?)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?))
        };
        let signed = sector.get(510..) == Some(&[0x55, 0xAA])
            && number(0) == Some(0x4161_5252)
            && number(484) == Some(0x6141_7272);
        signed.then_some((number(488)?, Cluster(number(492)?)))
    }

    /// `move_window`: the sector at `lba`, read unless it is in the window already.
    pub(super) fn window(&mut self, lba: Lba32) -> Result<Sector, FatError> {
        if let Some(window) = &self.window
            && window.lba == lba
        {
            return Ok(window.sector.clone());
        }
        self.flush();
        self.window = None;
        let sector = match self.written.get(&lba) {
            Some(sector) => sector.clone(),
            None => read(self.sectors, lba).ok_or(FatError::Disk)?,
        };
        self.window = Some(Window {
            lba,
            sector: sector.clone(),
            dirty: false,
        });
        Ok(sector)
    }

    /// `clst2sect`: the first sector of a cluster, or `None` where FatFs says 0.
    pub(super) fn first_sector(&self, cluster: Cluster) -> Option<Lba32> {
        let index = cluster.0.wrapping_sub(2);
        if index >= self.fat_entries.wrapping_sub(2) {
            return None;
        }
        let sector = self
            .data_base
            .wrapping_add(self.cluster_size.wrapping_mul(index));
        (sector != Lba32::ZERO).then_some(sector)
    }
}
