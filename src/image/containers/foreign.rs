//! Files that are no image of a card: disks of virtual machines, archives of other kinds, documents.
//!
//! Only what can be no raw image of a medium is refused. A card that was formatted as anything else, or
//! overwritten by it, is a card: deleted backups may lie in what is left of it.

mod begins;
mod forms;

use std::fmt;

pub(crate) use begins::{begins_as_archive, begins_as_container};
use file_format::{FileFormat, Kind};
pub(crate) use forms::is_unmarked;
use zeroize::Zeroizing;

use crate::image::extent::{SECTOR, SECTOR_BYTES};
use crate::image::{Memory, Packing, ReadAt};

/// Bytes of the beginning that are looked at.
const HEAD: u64 = 4096;
/// Most bytes of a text that is searched for copies of a backup.
pub(in crate::image) const MOST_TEXT: u64 = 64 << 20;
/// A file of whole sectors from here on may be what is left of a card that a file was written over.
const MEDIUM_FROM: u64 = 1 << 20;

/// What a file is that is no image of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foreign {
    name: &'static str,
    way: Way,
}

/// How to get at the card in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A command in which `FILE` stands for it, that writes a raw image to the new file `NEW`.
    Convert(&'static str),
    /// A command in which `FILE` stands for it, that unpacks it.
    Unpack(&'static str),
    /// What to do, where no one command does it.
    Words(&'static str),
    /// There is no card in it, as far as is known: what to do otherwise.
    Hint(&'static str),
    /// There is no card in it.
    None,
}

#[cfg_attr(not(feature = "compressed"), allow(dead_code))] // archives
impl Foreign {
    pub(in crate::image) const TAR: Self = Self::new(
        "a tar archive without the image of a card or a backup in it",
        Way::None,
    );
    pub(in crate::image) const ZIP: Self = Self::new(
        "a ZIP archive without the image of a card or a backup in it",
        Way::None,
    );
    pub(in crate::image) const UNREAD_TAR: Self = Self::new(
        "a tar archive that holds what is not read here: sparse files, archives, disk images",
        Way::Unpack("tar -xf FILE"),
    );
    pub(in crate::image) const UNREAD_ZIP: Self = Self::new(
        "a ZIP archive that holds what is not read here: encrypted files, archives, disk images",
        Way::Unpack("7z x FILE"),
    );
    pub(in crate::image) const LARGE_TAR: Self = Self::new(
        "a tar archive with more than 64 MiB of large files, not all of which were searched",
        Way::Unpack("tar -xf FILE"),
    );
    pub(in crate::image) const LARGE_ZIP: Self = Self::new(
        "a ZIP archive with more than 64 MiB of large files, not all of which were searched",
        Way::Unpack("7z x FILE"),
    );
    pub(in crate::image) const ENCRYPTED_ZIP: Self =
        Self::new("an encrypted ZIP archive", Way::Unpack("7z x FILE"));
    pub(in crate::image) const DAMAGED_ZIP: Self = Self::new(
        "a ZIP archive that is damaged beyond use",
        Way::Unpack("7z x FILE"),
    );
    pub(in crate::image) const OTHER_ZIP: Self = Self::new(
        "a ZIP archive compressed with a method that is not read here",
        Way::Unpack("7z x FILE"),
    );
    #[cfg(not(feature = "compressed"))]
    pub(in crate::image) const NO_ZIP: Self = Self::new(
        "a ZIP archive, which this program was built without",
        Way::Unpack("7z x FILE"),
    );
    pub(in crate::image) const OFFICE: Self = Self::new("an Office document", forms::DOCUMENT);
    pub(in crate::image) const OPEN_DOCUMENT: Self =
        Self::new("an OpenDocument file or an e-book", forms::DOCUMENT);
    /// A text that names a backup and holds none.
    const ID: Self = Self::new(
        "a text file with the ID of a backup, and no backup in it",
        Way::Hint(
            "the backup itself is on a card: hold the card against the ID in this file with `bitbox-backup match CARD --id ID`, or \
             recover it with `bitbox-backup recover CARD --id ID --to NEW-FOLDER`",
        ),
    );
    const UNKNOWN: Self = Self::new(
        "a file of an unknown kind, with no sign of a card or a backup in it",
        Way::None,
    );
    const LUKS: Self = Self::new(
        "a container encrypted with LUKS",
        Way::Words(
            "open it with `cryptsetup open --readonly FILE card`, then examine /dev/mapper/card",
        ),
    );
    /// What begins with no known mark, and looks random from one end to the other.
    pub(crate) const RANDOM: Self = Self::new(
        "a file of random data, as encrypted containers are",
        Way::Words(
            "open it with the program that made it, such as VeraCrypt, if you know its password, then examine what is in \
             it",
        ),
    );
    const ZLIB: Self = Self::new(
        "a zlib file",
        Way::Convert("zlib-flate -uncompress < FILE > NEW"),
    );
    pub(in crate::image) const JAVA: Self = Self::new("a Java archive", Way::None);
    pub(in crate::image) const AFF4: Self = Self::new(
        "an AFF4 forensic image",
        Way::Words("export it as a raw image with the program that made it"),
    );
    pub(in crate::image) const CLONEZILLA: Self = Self::new(
        "the folder of a Clonezilla image",
        Way::Words(
            "restore it with Clonezilla to a disk of its own, and examine that, or examine the first part of each image in \
             it (a name with .aa at its end): the answer has the command",
        ),
    );

    const fn new(name: &'static str, way: Way) -> Self {
        Self { name, way }
    }

    /// What it is, with its article.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The command that makes something of it that can be examined; `FILE` in it stands for the file, and `NEW` for
    /// a new one.
    pub const fn command(&self) -> Option<&'static str> {
        match self.way {
            Way::Convert(command) | Way::Unpack(command) => Some(command),
            Way::Words(_) | Way::Hint(_) | Way::None => None,
        }
    }

    /// Whether a card may be in it.
    pub(in crate::image) const fn has_way(&self) -> bool {
        !matches!(self.way, Way::Hint(_) | Way::None)
    }

    /// Whether a command extracts or converts it.
    pub(in crate::image) const fn is_container(&self) -> bool {
        matches!(self.way, Way::Convert(_) | Way::Unpack(_))
    }

    /// What to do, in a clause; `FILE` in it stands for the file, and `NEW` for a new one.
    pub(crate) fn hint(&self) -> String {
        match self.way {
            Way::Convert(command) => {
                let besides = forms::besides(command);
                format!("convert it with `{command}`, then examine NEW{besides}")
            }
            Way::Unpack(command) => {
                format!("unpack it with `{command}`, then examine what was in it")
            }
            Way::Words(words) | Way::Hint(words) => words.to_owned(),
            Way::None => {
                "name the image of a card, a card reader, a folder, or a file backup_….bin"
                    .to_owned()
            }
        }
    }
}

impl From<Packing> for Foreign {
    fn from(packing: Packing) -> Self {
        let name = match packing {
            Packing::Gzip => "a gzip file",
            Packing::Zstd => "a zstd file",
            Packing::Xz => "an xz file",
        };
        Self::new(name, Way::Convert(packing.command()))
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What an image file is, if it is surely no raw image of a medium. Reads its first 4 KiB and its last
/// sector; what cannot be read of them says nothing.
pub(in crate::image) fn foreign(image: &dyn ReadAt) -> Option<Foreign> {
    let size = image.size();
    let mut head = Zeroizing::new(vec![0; usize::try_from(size.min(HEAD)).ok()?]);
    image.read_at(0, &mut head).ok()?;
    // One byte again and again is what a card was overwritten with.
    if is_medium(&head) || head.windows(2).all(|two| two.first() == two.last()) {
        return None;
    }
    let may_be_medium = may_be_medium(size);
    // The last part of an archive may be shorter than a sector.
    let mut tail = Zeroizing::new(vec![0; usize::try_from(size.min(SECTOR_BYTES)).ok()?]);
    let at = size.saturating_sub(SECTOR_BYTES);
    let has_tail = image.read_at(at, &mut tail).is_ok();
    let by_tail = || forms::by_tail(tail.as_slice()).filter(|_| has_tail);
    forms::by_head(&head)
        .or_else(by_tail)
        .or_else(|| by_weak(&head, size).filter(|_| !may_be_medium))
}

/// What a file is that can be no raw image of a medium by its length, and does not begin as one.
pub(in crate::image) fn unknown(image: &dyn ReadAt) -> Option<Foreign> {
    let mut head = Zeroizing::new([0; 2 * SECTOR]);
    let is_none = !image.size().is_multiple_of(SECTOR_BYTES)
        && image.read_at(0, head.as_mut_slice()).is_ok()
        && !is_medium(head.as_slice())
        && head.windows(2).any(|two| two.first() != two.last());
    is_none.then_some(Foreign::UNKNOWN)
}

/// Whether something of so many bytes may be what is left of a card that a file was written over.
pub(in crate::image) fn may_be_medium(size: u64) -> bool {
    size >= MEDIUM_FROM && size.is_multiple_of(SECTOR_BYTES)
}

/// What a small file is that was expected to be a copy of a backup.
pub(crate) fn of_small(bytes: &[u8]) -> Option<Foreign> {
    forms::by_head(bytes).or_else(|| by_weak(bytes, bytes.len() as u64))
}

/// What a small file is whose contents are compressed.
pub(in crate::image) fn packed(bytes: &[u8]) -> Option<Foreign> {
    let is_packed = |found: &Foreign| found.command().is_some() && !found.name.contains("cpio");
    forms::by_head(bytes).filter(is_packed)
}

/// What a file of a card is, by its first bytes, that is compressed or encrypted, or an archive or disk image of a kind
/// that is not looked into there.
pub(crate) fn unopened(head: &[u8]) -> Option<Foreign> {
    let is_encrypted = matches!(head, [b'P', b'K', 3, 4, _, _, flags, ..] if flags & 1 != 0);
    let packing = Packing::of(&Memory::new(head.to_vec())).ok().flatten();
    match packing {
        _ if is_encrypted => Some(Foreign::ENCRYPTED_ZIP),
        // A whole medium may be one, so it is no form that is refused.
        _ if head.starts_with(b"LUKS\xba\xbe") => Some(Foreign::LUKS),
        Some(packing) => Some(packing.into()),
        None => forms::by_head(head).filter(Foreign::has_way),
    }
}

/// Whether what begins so is a card, or may be one whose first sector is lost.
pub(crate) fn may_be_a_card(head: &[u8]) -> bool {
    let is_blank = head.len() >= 2 * SECTOR && head.iter().all(|byte| *byte == 0);
    is_blank || begins_as_medium(&Memory::new(head.to_vec()))
}

/// Whether it begins with a boot sector or a partition table.
pub(in crate::image) fn begins_as_medium(image: &dyn ReadAt) -> bool {
    let mut head = [0; 1024];
    image.read_at(0, &mut head).is_ok() && is_medium(&head)
}

/// By what the beginning of a medium may have too, if rarely.
fn by_weak(head: &[u8], size: u64) -> Option<Foreign> {
    let zlib = || forms::is_zlib(head).then_some(Foreign::ZLIB);
    text(head, size).or_else(zlib).or_else(|| by_crate(head))
}

/// Whether it begins as a medium does: with a boot sector, or a partition table of either kind.
fn is_medium(head: &[u8]) -> bool {
    head.get(510..512) == Some(&[0x55, 0xAA]) || head.get(512..520) == Some(b"EFI PART")
}

/// By the first bytes that a great many formats have.
fn by_crate(head: &[u8]) -> Option<Foreign> {
    let format = FileFormat::from_bytes(head);
    let way = match (format, format.kind()) {
        // What can be the contents of a medium, or was found to be no whole archive.
        (
            FileFormat::ArbitraryBinaryData
            | FileFormat::Empty
            | FileFormat::AmigaDiskFile
            | FileFormat::Iso9660
            | FileFormat::Squashfs
            | FileFormat::TapeArchive,
            _,
        )
        | (_, Kind::Rom) => return None,
        (FileFormat::Ace, _) => Way::Unpack("unace x FILE"),
        (FileFormat::Bzip3, _) => Way::Convert("bzip3 -dc FILE > NEW"),
        (FileFormat::Rzip, _) => Way::Convert("rzip -d -k -o NEW FILE"),
        (FileFormat::Snappy, _) => Way::Convert("snzip -dc FILE > NEW"),
        (
            FileFormat::Alz
            | FileFormat::Seqbox
            | FileFormat::Stuffit
            | FileFormat::StuffitX
            | FileFormat::Zoo,
            _,
        ) => Way::Unpack("unar FILE"),
        (_, Kind::Archive | Kind::Compressed | Kind::Package) => Way::Unpack("7z x FILE"),
        (_, Kind::Executable) => forms::SELF_EXTRACTING,
        (_, Kind::Document | Kind::Ebook | Kind::Presentation | Kind::Spreadsheet) => {
            forms::DOCUMENT
        }
        (_, Kind::Disk) => Way::Convert("qemu-img convert -O raw FILE NEW"),
        _ => Way::None,
    };
    Some(Foreign::new(forms::name_of(format), way))
}

const TEXT: Way = Way::Hint(
    "a backup is read as hexadecimal, octal or decimal numbers, as a dump, or as Base64, Base32, quoted-printable or uuencode: \
     turn any other text back into a file with the program that made it, such as `xxd -r`, and examine that; what is attached \
     to a mail, save first",
);

/// Whether it is text: valid UTF-8 or marked as UTF-16, without control characters.
fn text(head: &[u8], size: u64) -> Option<Foreign> {
    let found = match size {
        0..=MOST_TEXT => Foreign::new("a text file", TEXT),
        _ => Foreign::new(
            "a text of more than 64 MiB, in which nothing was searched",
            Way::Words(
                "split it into parts of which each is searched, with `split -C 60M FILE part.`, then examine them",
            ),
        ),
    };
    if head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]) {
        return Some(found).filter(|_| head.len() > 4);
    }
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character may be cut where the beginning ends.
        Err(error) if error.error_len().is_none() && (head.len() as u64) < size => {
            std::str::from_utf8(head.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    let is_text = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}');
    let found = match has_id(valid) {
        true => Foreign::ID,
        false => found,
    };
    (!valid.is_empty() && valid.chars().all(is_text)).then_some(found)
}

/// Whether a text names a backup or a few by their IDs, 64 hexadecimal digits; a dump has more lines of so many.
fn has_id(text: &str) -> bool {
    let runs = text.split(|c: char| !c.is_ascii_hexdigit());
    let ids = runs.filter(|run| run.len() == 64).count();
    (1..=3).contains(&ids)
}

/// Whether a file begins and ends as texts do, whatever their character set.
pub(in crate::image) fn seems_text(file: &dyn ReadAt) -> bool {
    let is_text = |byte: &u8| !byte.is_ascii_control() || b"\t\n\r\x0C\x1B".contains(byte);
    let mut part = Zeroizing::new([0; SECTOR]);
    let mut seems = |at: u64| {
        file.read_at(at, part.as_mut_slice()).is_ok()
            && (part.iter().all(is_text) || is_utf16(&part))
    };
    seems(0) && file.size().checked_sub(SECTOR_BYTES).is_some_and(seems)
}

/// Whether most pairs of bytes hold one zero, all at the same place, as in a text in UTF-16.
fn is_utf16(part: &[u8; SECTOR]) -> bool {
    let (pairs, _) = part.as_chunks::<2>();
    let zeros = |place: usize| {
        pairs
            .iter()
            .filter(|pair| pair.get(place) == Some(&0))
            .count()
    };
    let (first, second) = (zeros(0), zeros(1));
    let most = first.max(second).saturating_mul(4) > pairs.len().saturating_mul(3);
    most && first.min(second) == 0
}

#[cfg(test)]
mod tests;
