//! The boot sector of a FAT volume: its fields, and the layout that follows from them.

use super::bytes_at;
use super::cluster::Cluster;

/// The fields of a boot sector (BPB), each by its name in the specification. Units are sectors
/// unless said otherwise.
#[derive(Clone, Copy)]
pub struct BootSector<'a>(pub &'a [u8; 512]);

impl BootSector<'_> {
    fn u16_at(&self, at: usize) -> u16 {
        bytes_at(self.0, at).map_or(0, u16::from_le_bytes)
    }

    fn u32_at(&self, at: usize) -> u32 {
        bytes_at(self.0, at).map_or(0, u32::from_le_bytes)
    }

    /// `BS_JmpBoot`, offset 0: the first byte of the jump.
    pub fn jump(&self) -> u8 {
        self.0[0]
    }

    /// `BPB_BytsPerSec`, offset 11: bytes.
    pub fn bytes_per_sector(&self) -> u16 {
        self.u16_at(11)
    }

    /// `BPB_SecPerClus`, offset 13.
    pub fn sectors_per_cluster(&self) -> u8 {
        self.0[13]
    }

    /// `BPB_RsvdSecCnt`, offset 14.
    pub fn reserved_sectors(&self) -> u16 {
        self.u16_at(14)
    }

    /// `BPB_NumFATs`, offset 16: a count.
    pub fn num_fats(&self) -> u8 {
        self.0[16]
    }

    /// `BPB_RootEntCnt`, offset 17: a count of entries; 0 on FAT32.
    pub fn root_entries(&self) -> u16 {
        self.u16_at(17)
    }

    /// `BPB_TotSec16`, offset 19.
    pub fn total_sectors_16(&self) -> u16 {
        self.u16_at(19)
    }

    /// `BPB_FATSz16`, offset 22.
    pub fn fat_size_16(&self) -> u16 {
        self.u16_at(22)
    }

    /// `BPB_HiddSec`, offset 28: sectors before the volume.
    pub fn hidden_sectors(&self) -> u32 {
        self.u32_at(28)
    }

    /// `BPB_TotSec32`, offset 32.
    pub fn total_sectors_32(&self) -> u32 {
        self.u32_at(32)
    }

    /// `BPB_FATSz32`, offset 36.
    pub fn fat_size_32(&self) -> u32 {
        self.u32_at(36)
    }

    /// `BPB_FSVer`, offset 42: FAT32 only.
    pub fn fs_version(&self) -> u16 {
        self.u16_at(42)
    }

    /// `BPB_RootClus`, offset 44: a cluster number; FAT32 only.
    pub fn root_cluster(&self) -> Cluster {
        Cluster(self.u32_at(44))
    }

    /// `BPB_FSInfo`, offset 48: a sector of the volume; FAT32 only.
    pub fn fs_info(&self) -> u16 {
        self.u16_at(48)
    }

    /// `BPB_BkBootSec`, offset 50: a sector of the volume; FAT32 only.
    pub fn backup_boot_sector(&self) -> u16 {
        self.u16_at(50)
    }

    /// `BS_VolID`: the volume serial number, at offset 67 on FAT32, else at 39.
    pub fn serial(&self, fat32: bool) -> u32 {
        self.u32_at(if fat32 { 67 } else { 39 })
    }

    /// `BS_VolLab`: the label as the boot sector has it, at offset 71 on FAT32, else at 43.
    pub fn label(&self, fat32: bool) -> [u8; 11] {
        bytes_at(self.0, if fat32 { 71 } else { 43 }).unwrap_or([b' '; 11])
    }

    /// Whether `BS_FilSysType` at offset 82 says `FAT32   `.
    pub fn says_fat32(&self) -> bool {
        self.0.get(82..90) == Some(b"FAT32   ")
    }

    /// Whether the sector ends in 55 AA, offset 510.
    pub fn has_signature(&self) -> bool {
        self.u16_at(510) == 0xAA55
    }

    /// `BPB_FATSz16`, or `BPB_FATSz32` where it is 0.
    pub fn fat_size(&self) -> u32 {
        match self.fat_size_16() {
            0 => self.fat_size_32(),
            size => u32::from(size),
        }
    }

    /// `BPB_TotSec16`, or `BPB_TotSec32` where it is 0.
    pub fn total_sectors(&self) -> u32 {
        match self.total_sectors_16() {
            0 => self.total_sectors_32(),
            total => u32::from(total),
        }
    }
}

/// The width of a FAT's entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FatKind {
    /// 12 bits.
    Fat12,
    /// 16 bits.
    Fat16,
    /// 28 of 32 bits.
    Fat32,
}

impl FatKind {
    /// `FAT12`, `FAT16` or `FAT32`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fat12 => "FAT12",
            Self::Fat16 => "FAT16",
            Self::Fat32 => "FAT32",
        }
    }
}

/// Where the parts of a volume lie, read tolerantly. Offsets are bytes from the start of the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// How wide the FAT's entries are.
    pub kind: FatKind,
    /// The volume's first byte.
    pub start: u64,
    /// Bytes of the volume, as its boot sector says.
    pub length: u64,
    /// The first FAT's first byte.
    pub fat: u64,
    /// Bytes of one FAT.
    pub fat_length: u64,
    /// How many FATs there are.
    pub num_fats: u8,
    /// The fixed root directory's first byte; on FAT32 where it would lie.
    pub root: u64,
    /// Bytes of the fixed root directory; 0 on FAT32.
    pub root_length: u64,
    /// The root directory's first cluster; FAT32 only.
    pub root_cluster: Cluster,
    /// The first byte of cluster 2.
    pub data: u64,
    /// Bytes of a cluster.
    pub cluster_length: u64,
    /// How many clusters there are; they are numbered from 2.
    pub clusters: u32,
    /// The volume serial number.
    pub serial: u32,
}

impl Geometry {
    /// The layout that follows from a boot sector for a volume that starts at `start` bytes; `None` if its
    /// sizes of sectors, clusters or tables make no sense, or if it is smaller than its own tables.
    pub fn new(boot: &BootSector<'_>, start: u64) -> Option<Self> {
        let sector = u64::from(boot.bytes_per_sector());
        let cluster = u64::from(boot.sectors_per_cluster());
        let fat_size = u64::from(boot.fat_size());
        let fats = boot.num_fats();
        if !matches!(sector, 512 | 1024 | 2048 | 4096) || !(1..=4).contains(&fats) || fat_size == 0
        {
            return None;
        }
        let cluster_length = sector.saturating_mul(cluster.max(1));
        let root_length = u64::from(boot.root_entries())
            .saturating_mul(32)
            .next_multiple_of(sector);
        let reserved = u64::from(boot.reserved_sectors().max(1)).saturating_mul(sector);
        let fat_length = fat_size.saturating_mul(sector);
        let tables = reserved
            .saturating_add(fat_length.saturating_mul(u64::from(fats)))
            .saturating_add(root_length);
        let length = u64::from(boot.total_sectors()).saturating_mul(sector);
        let clusters = length.checked_sub(tables)?.checked_div(cluster_length)?;
        let kind = match clusters {
            _ if boot.fat_size_16() == 0 && root_length == 0 => FatKind::Fat32,
            ..=4085 => FatKind::Fat12,
            4086..=65_525 => FatKind::Fat16,
            _ => FatKind::Fat32,
        };
        let fat32 = kind == FatKind::Fat32;
        let root = start.saturating_add(tables.saturating_sub(root_length));
        Some(Self {
            kind,
            start,
            length,
            fat: start.saturating_add(reserved),
            fat_length,
            num_fats: fats,
            root,
            root_length: if fat32 { 0 } else { root_length },
            root_cluster: match fat32 {
                true => boot.root_cluster(),
                false => Cluster::NONE,
            },
            data: root.saturating_add(root_length),
            cluster_length,
            clusters: u32::try_from(clusters).unwrap_or(u32::MAX).min(0x0FFF_FFF5),
            serial: boot.serial(fat32),
        })
    }

    /// Where the volume ends, as its boot sector says.
    pub(crate) fn end(&self) -> u64 {
        self.start.saturating_add(self.length)
    }

    /// How many clusters so many bytes need.
    pub(crate) fn clusters_of(&self, bytes: u64) -> usize {
        usize::try_from(bytes.div_ceil(self.cluster_length)).unwrap_or(usize::MAX)
    }

    /// The first byte of a cluster, or `None` if the volume has no such cluster.
    pub fn cluster_offset(&self, cluster: Cluster) -> Option<u64> {
        let index = cluster.index().filter(|index| *index < self.clusters)?;
        u64::from(index)
            .checked_mul(self.cluster_length)?
            .checked_add(self.data)
    }

    /// The cluster a byte lies in, or `None` if it lies in none.
    pub fn cluster_at(&self, offset: u64) -> Option<Cluster> {
        let index = offset
            .checked_sub(self.data)?
            .checked_div(self.cluster_length)?;
        let cluster = Cluster(u32::try_from(index).ok()?.checked_add(2)?);
        self.cluster_offset(cluster).map(|_| cluster)
    }

    /// Where the entry of a cluster lies in a FAT, bytes from the start of the card, and its first
    /// bit (4 for the odd entries of FAT12).
    pub fn link_offset(&self, copy: u8, cluster: Cluster) -> (u64, u8) {
        let before = self.fat_length.saturating_mul(u64::from(copy));
        let fat = self.fat.saturating_add(before);
        let cluster = u64::from(cluster.0);
        let (bytes, bit) = match self.kind {
            FatKind::Fat12 if cluster % 2 == 1 => (cluster.saturating_add(cluster / 2), 4),
            FatKind::Fat12 => (cluster.saturating_add(cluster / 2), 0),
            FatKind::Fat16 => (cluster.saturating_mul(2), 0),
            FatKind::Fat32 => (cluster.saturating_mul(4), 0),
        };
        (fat.saturating_add(bytes), bit)
    }
}
