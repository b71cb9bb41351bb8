//! The 32-byte records of a directory, as the specification lays them out.

use super::{bytes_at, codepage};

/// First byte of the entry behind the last: nothing follows.
pub const END: u8 = 0x00;
/// First byte of a deleted entry.
pub const DELETED: u8 = 0xE5;
/// First byte standing for a real 0xE5.
pub const KANJI_E5: u8 = 0x05;
/// In the order byte of a long-name slot: this is the last part, which comes first.
pub const LAST_LONG: u8 = 0x40;

/// The bits of an entry's attribute byte.
pub mod attr {
    /// Read-only.
    pub const READ_ONLY: u8 = 0x01;
    /// Hidden.
    pub const HIDDEN: u8 = 0x02;
    /// System.
    pub const SYSTEM: u8 = 0x04;
    /// Volume label.
    pub const VOLUME: u8 = 0x08;
    /// Directory.
    pub const DIRECTORY: u8 = 0x10;
    /// Archive.
    pub const ARCHIVE: u8 = 0x20;
    /// All bits a slot of a long name has set.
    pub const LONG_NAME: u8 = 0x0F;
    /// The bits that mean anything.
    pub const MASK: u8 = 0x3F;
}

/// In the reserved byte: the body of the short name is shown in lower case.
pub const LOWER_BODY: u8 = 0x08;
/// In the reserved byte: the extension of the short name is shown in lower case.
pub const LOWER_EXTENSION: u8 = 0x10;

/// Bytes of an entry.
pub const SIZE: usize = 32;

/// One raw entry: a file, a directory, a label, a slot of a long name, or free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawEntry(pub [u8; SIZE]);

impl RawEntry {
    /// The entry at a byte offset of a sector, or `None` past its end.
    pub fn at(sector: &[u8; 512], offset: usize) -> Option<Self> {
        let end = offset.checked_add(SIZE)?;
        sector.get(offset..end)?.try_into().ok().map(Self)
    }

    /// `DIR_Name`, offset 0: 8 bytes of body and 3 of extension, space-padded.
    pub fn name(&self) -> [u8; 11] {
        *self.0.first_chunk().unwrap_or(&[b' '; 11])
    }

    /// The first byte, which tells free entries; the order byte of a long-name slot.
    pub fn first(&self) -> u8 {
        self.0[0]
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.first() == DELETED
    }

    /// `DIR_Attr`, offset 11, its meaningful bits.
    pub fn attr(&self) -> u8 {
        self.0[11] & attr::MASK
    }

    /// `DIR_NTRes`, offset 12: case of the short name.
    pub fn nt_res(&self) -> u8 {
        self.0[12]
    }

    /// `DIR_CrtTimeTenth`, offset 13: hundredths of a second above the even second.
    pub fn create_hundredths(&self) -> u8 {
        self.0[13]
    }

    /// `DIR_CrtTime`, offset 14.
    pub fn create_time(&self) -> u16 {
        u16::from_le_bytes([self.0[14], self.0[15]])
    }

    /// `DIR_CrtDate`, offset 16.
    pub fn create_date(&self) -> u16 {
        u16::from_le_bytes([self.0[16], self.0[17]])
    }

    /// `DIR_LstAccDate`, offset 18.
    pub fn access_date(&self) -> u16 {
        u16::from_le_bytes([self.0[18], self.0[19]])
    }

    /// `DIR_FstClusHI`, offset 20: the high word of the first cluster, on FAT32 only.
    pub fn cluster_high(&self) -> u16 {
        u16::from_le_bytes([self.0[20], self.0[21]])
    }

    /// `DIR_WrtTime`, offset 22.
    pub fn write_time(&self) -> u16 {
        u16::from_le_bytes([self.0[22], self.0[23]])
    }

    /// `DIR_WrtDate`, offset 24.
    pub fn write_date(&self) -> u16 {
        u16::from_le_bytes([self.0[24], self.0[25]])
    }

    /// `DIR_FstClusLO`, offset 26: the low word of the first cluster; 0 in a long-name slot.
    pub fn cluster_low(&self) -> u16 {
        u16::from_le_bytes([self.0[26], self.0[27]])
    }

    /// `DIR_FileSize`, offset 28: bytes.
    pub fn size(&self) -> u32 {
        u32::from_le_bytes([self.0[28], self.0[29], self.0[30], self.0[31]])
    }

    /// Whether attributes are set that mean nothing: no system sets them.
    pub fn has_unknown_attr(&self) -> bool {
        self.0[11] & !attr::MASK != 0
    }

    /// Whether this is a slot of a long name.
    pub fn is_long(&self) -> bool {
        self.attr() == attr::LONG_NAME
    }

    /// Whether this is a deleted slot of a long name of which the attributes were cleared too, as some versions of
    /// Windows did. No deleted file has such an entry: bytes that no short name has, no start cluster, and UTF-16 up to a
    /// NUL and padding.
    pub fn is_cleared_long(&self) -> bool {
        let [_, name @ ..] = self.name();
        let empty = self.is_deleted() && self.0[11] == 0 && self.nt_res() == 0;
        empty && self.cluster_low() == 0 && name.iter().any(|byte| *byte < 0x20) && self.is_text()
    }

    /// Whether the units of a slot are a text, ended by a NUL and padding or not at all.
    fn is_text(&self) -> bool {
        let units = self.long_units();
        let mut parts = units.splitn(2, |unit| *unit == 0);
        let (text, padding) = (parts.next(), parts.next());
        let is_letter = |unit: &u16| !matches!(unit, 0x01..=0x1F | 0xFFFF);
        text.is_some_and(|text| !text.is_empty() && text.iter().all(is_letter))
            && padding.is_none_or(|padding| padding.iter().all(|unit| *unit == 0xFFFF))
    }

    /// `LDIR_Chksum`, offset 13 of a long-name slot: [`short_name_sum`] of its short name.
    pub fn long_sum(&self) -> u8 {
        self.0[13]
    }

    /// The 13 UTF-16 units of a long-name slot.
    pub fn long_units(&self) -> [u16; 13] {
        [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30]
            .map(|at| bytes_at(&self.0, at).map_or(0, u16::from_le_bytes))
    }
}

/// A short name as text; `_` stands for a first byte that is gone.
pub(super) fn short_name(mut name: [u8; 11], nt_res: u8, first_lost: bool) -> String {
    match name[0] {
        _ if first_lost => name[0] = b'_',
        KANJI_E5 => name[0] = DELETED,
        _ => {}
    }
    let (body, extension) = name.split_at(8);
    let text = |bytes: &[u8], lower: u8| {
        let text = codepage::decode(bytes);
        let text = text.trim_end_matches(' ');
        match nt_res & lower {
            0 => text.to_owned(),
            _ => text.to_lowercase(),
        }
    };
    let (body, extension) = (text(body, LOWER_BODY), text(extension, LOWER_EXTENSION));
    match extension.as_str() {
        "" => body,
        extension => format!("{body}.{extension}"),
    }
}

/// The sum that ties the slots of a long name to their short name.
pub fn short_name_sum(name: &[u8; 11]) -> u8 {
    name.iter()
        .fold(0_u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte))
}
