//! Files that are no image of a card: disks of virtual machines, archives of other kinds, documents.
//!
//! Only what can be no raw image of a medium is refused. A card that was formatted as anything else, or
//! overwritten by it, is a card: deleted backups may lie in what is left of it.

mod begins;
mod forms;
mod texts;

use std::fmt;

pub(crate) use begins::{begins_as_archive, begins_as_container, document};
use file_format::{FileFormat, Kind};
pub(crate) use forms::is_unmarked;
pub(crate) use texts::seems_text;
use zeroize::Zeroizing;

use Way::{Convert, Hint, Join, Unpack, Words};

use crate::image::containers::volume::begins_as_volume;
use crate::image::{Memory, Packing, ReadAt, SECTOR, SECTOR_BYTES};

const HEAD: u64 = 4096;
/// Most bytes of a text that is searched for copies of a backup.
pub(crate) const MOST_TEXT: u64 = 64 << 20;
/// A file of whole sectors from here on may be what is left of a card that a file was written over.
const MEDIUM_FROM: u64 = 1 << 20;

/// Bytes that the smallest card has, and a file system on it.
const SMALLEST: u64 = 64 << 10;

/// What a file is that is no image of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foreign {
    name: &'static str,
    way: Way,
}

/// Unpack a tar archive, and all that 7-Zip knows, into the new folder `NEW`: what is in them may have the name of what
/// lies beside them.
const UNTAR: Way = Unpack("mkdir NEW && tar -xf FILE -C NEW");
const SEVEN: Way = Unpack("7z x FILE -oNEW");

/// How to get at the card in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A command in which `FILE` stands for it, that writes a raw image to the new file `NEW`.
    Convert(&'static str),
    /// A command in which `FILE` stands for it, that unpacks it into the new folder `NEW`.
    Unpack(&'static str),
    /// What to do, where no one command does it.
    Words(&'static str),
    /// The same where the parts of a ZIP archive are joined to the new one `NEW`.
    Join(&'static str),
    /// There is no card in it, as far as is known: what to do otherwise.
    Hint(&'static str),
    /// There is no card in it.
    None,
}

#[cfg_attr(not(feature = "compressed"), allow(dead_code))] // archives
impl Foreign {
    pub(crate) const TAR: Self = Self::new(
        "a tar archive without the image of a card or a backup in it",
        Way::None,
    );
    pub(crate) const ZIP: Self = Self::new(
        "a ZIP archive without the image of a card or a backup in it",
        Way::None,
    );
    pub(crate) const UNREAD_TAR: Self = Self::new(
        "a tar archive that holds what is not read here: sparse files, archives, disk images",
        UNTAR,
    );
    pub(crate) const UNREAD_ZIP: Self = Self::new(
        "a ZIP archive that holds what is not read here: encrypted files, other methods of compression, archives, disk images",
        SEVEN,
    );
    pub(crate) const LARGE_TAR: Self = Self::new(
        "a tar archive with more than 64 MiB of large files, not all of which were searched",
        UNTAR,
    );
    pub(crate) const LARGE_ZIP: Self = Self::new(
        "a ZIP archive with more than 64 MiB of large files, not all of which were searched",
        SEVEN,
    );
    pub(crate) const ENCRYPTED_ZIP: Self = Self::new("an encrypted ZIP archive", SEVEN);
    pub(crate) const DAMAGED_ZIP: Self =
        Self::new("a ZIP archive that is damaged beyond use", SEVEN);
    pub(crate) const OTHER_ZIP: Self = Self::new(
        "a ZIP archive compressed with a method that is not read here",
        SEVEN,
    );
    #[cfg(not(feature = "compressed"))]
    pub(crate) const NO_ZIP: Self =
        Self::new("a ZIP archive, which this program was built without", SEVEN);
    pub(crate) const PART_OF_ZIP: Self =
        Self::new("a part of a split ZIP archive", forms::PART_OF_ZIP);
    /// What a text carries is taken out of it before it is unpacked.
    pub(crate) const ATTACHED: Self = Self::new(
        "a text that carries a compressed file or an archive, as Base64",
        Words(
            "save what it carries as a file, as a mail program does with what is attached, or where it holds nothing but Base64 \
             with `base64 -d FILE > NEW`, and examine that",
        ),
    );
    pub(crate) const SQUASHFS: Self =
        Self::new("a SquashFS image", Unpack("unsquashfs -d NEW FILE"));
    pub(crate) const CUT_TAR: Self = Self::new(
        "a tar archive that is cut short, without the image of a card or a backup in what is left of it",
        forms::CUT,
    );
    pub(crate) const CUT_ZIP: Self = Self::new(
        "a ZIP archive that is cut short or damaged, without the image of a card or a backup in what is left of it",
        forms::CUT,
    );
    pub(crate) const OFFICE: Self = Self::new("an Office document", forms::DOCUMENT);
    pub(crate) const OPEN_DOCUMENT: Self =
        Self::new("an OpenDocument file or an e-book", forms::DOCUMENT);
    /// A text that names a backup and holds none.
    const ID: Self = Self::new(
        "a text file with the ID of a backup, and no backup in it",
        Hint(
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
        Words("open it with `cryptsetup open --readonly FILE card`, then examine /dev/mapper/card"),
    );
    /// What begins with no known mark, and looks random from one end to the other.
    pub(crate) const RANDOM: Self = Self::new(
        "a file of random data, as encrypted containers are",
        Words(
            "open it with the program that made it, such as VeraCrypt, if you know its password, then examine what is in \
             it",
        ),
    );
    const ZLIB: Self = Self::new(
        "a zlib file",
        Convert("zlib-flate -uncompress < FILE > NEW"),
    );
    pub(crate) const JAVA: Self = Self::new("a Java archive", Way::None);
    pub(crate) const AFF4: Self = Self::new(
        "an AFF4 forensic image",
        Words("export it as a raw image with the program that made it"),
    );
    pub(crate) const CLONEZILLA: Self = Self::new(
        "the folder of a Clonezilla image",
        Words(
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
    /// a new one, or a new folder.
    pub const fn command(&self) -> Option<&'static str> {
        match self.way {
            Convert(command) | Unpack(command) => Some(command),
            Words(_) | Join(_) | Hint(_) | Way::None => None,
        }
    }

    /// The name of the new file or folder that its command writes.
    pub(crate) fn new_name(&self, stem: &str) -> String {
        let end = match self.way {
            Unpack(_) => "-files",
            Join(_) => "-joined.zip",
            _ => ".img",
        };
        format!("{stem}{end}")
    }

    /// Whether a card may be in it.
    pub(crate) const fn has_way(&self) -> bool {
        !matches!(self.way, Hint(_) | Way::None)
    }

    /// What to do, in a clause; `FILE` in it stands for the file, and `NEW` for a new one.
    pub(crate) fn hint(&self) -> String {
        match self.way {
            Convert(command) => {
                let besides = forms::besides(command);
                format!("convert it with `{command}`, then examine NEW{besides}")
            }
            Unpack(command) => {
                format!("unpack it with `{command}`, then examine what is in NEW")
            }
            Words(words) | Join(words) | Hint(words) => words.to_owned(),
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
        Self::new(name, Convert(packing.command()))
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What an image file is, if it is surely no raw image of a medium. Reads its first 4 KiB and its last
/// sector; what cannot be read of them says nothing.
pub(crate) fn foreign(image: &dyn ReadAt) -> Option<Foreign> {
    let size = image.size();
    let mut head = Zeroizing::new(vec![0; usize::try_from(size.min(HEAD)).ok()?]);
    image.read_at(0, &mut head).ok()?;
    if is_medium(&head) {
        return None;
    }
    let may_be_medium = may_be_medium(size);
    // The last part of an archive may be shorter than a sector.
    let mut tail = Zeroizing::new(vec![0; usize::try_from(size.min(SECTOR_BYTES)).ok()?]);
    let at = size.saturating_sub(SECTOR_BYTES);
    let has_tail = image.read_at(at, &mut tail).is_ok();
    let by_tail = || forms::by_tail(tail.as_slice()).filter(|_| has_tail);
    // One byte again and again is what a card was overwritten with.
    if head.windows(2).all(|two| two.first() == two.last()) {
        return by_tail();
    }
    forms::by_head(&head)
        .or_else(by_tail)
        .or_else(|| by_weak(&head, size).filter(|_| !may_be_medium))
}

/// What a file is that can be no raw image of a medium by its length, and does not begin as one.
pub(crate) fn unknown(image: &dyn ReadAt) -> Option<Foreign> {
    if image.size() < SMALLEST {
        let is_volume = begins_as_medium(image) || begins_as_volume(image);
        return (!is_volume && !is_blank(image)).then_some(Foreign::UNKNOWN);
    }
    let mut head = Zeroizing::new([0; 2 * SECTOR]);
    let is_none = !image.size().is_multiple_of(SECTOR_BYTES)
        && image.read_at(0, head.as_mut_slice()).is_ok()
        && !is_medium(head.as_slice())
        && head.windows(2).any(|two| two.first() != two.last());
    is_none.then_some(Foreign::UNKNOWN)
}

/// Whether all bytes of a small file are the same, as on a blank card.
fn is_blank(image: &dyn ReadAt) -> bool {
    let length = usize::try_from(image.size().min(SMALLEST)).unwrap_or(0);
    let mut bytes = Zeroizing::new(vec![0; length]);
    image.read_at(0, bytes.as_mut_slice()).is_ok()
        && bytes.windows(2).all(|two| two.first() == two.last())
}

/// Whether something of so many bytes may be what is left of a card that a file was written over.
pub(crate) fn may_be_medium(size: u64) -> bool {
    size >= MEDIUM_FROM && size.is_multiple_of(SECTOR_BYTES)
}

/// What a small file is that was expected to be a copy of a backup.
pub(crate) fn of_small(bytes: &[u8]) -> Option<Foreign> {
    forms::by_head(bytes).or_else(|| by_weak(bytes, bytes.len() as u64))
}

/// What a small file is whose contents are compressed.
pub(crate) fn packed(bytes: &[u8]) -> Option<Foreign> {
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
        _ if head.starts_with(b"hsqs") => Some(Foreign::SQUASHFS),
        Some(packing) => Some(packing.into()),
        None => forms::by_head(head).filter(Foreign::has_way),
    }
}

/// Whether what begins so is a card, or may be one whose first sector is lost.
pub(crate) fn may_be_a_card(head: &[u8]) -> bool {
    let is_blank = head.len() >= 2 * SECTOR && head.iter().all(|byte| *byte == 0);
    is_blank || begins_as_medium(&Memory::new(head.to_vec()))
}

pub(crate) fn begins_as_medium(image: &dyn ReadAt) -> bool {
    let mut head = [0; 1024];
    image.read_at(0, &mut head).is_ok() && is_medium(&head)
}

/// By what the beginning of a medium may have too, if rarely.
fn by_weak(head: &[u8], size: u64) -> Option<Foreign> {
    let zlib = || forms::is_zlib(head).then_some(Foreign::ZLIB);
    texts::text(head, size)
        .or_else(zlib)
        .or_else(|| by_crate(head))
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
        (FileFormat::Ace, _) => forms::UNACE,
        (FileFormat::Bzip3, _) => Convert("bzip3 -dc FILE > NEW"),
        (FileFormat::Rzip, _) => Convert("rzip -d -k -o NEW FILE"),
        (FileFormat::Snappy, _) => Convert("snzip -dc FILE > NEW"),
        (
            FileFormat::Alz
            | FileFormat::Seqbox
            | FileFormat::Stuffit
            | FileFormat::StuffitX
            | FileFormat::Zoo,
            _,
        ) => Unpack("unar -o NEW FILE"),
        (_, Kind::Archive | Kind::Compressed | Kind::Package) => SEVEN,
        (_, Kind::Executable) => forms::SELF_EXTRACTING,
        (_, Kind::Document | Kind::Ebook | Kind::Presentation | Kind::Spreadsheet) => {
            forms::DOCUMENT
        }
        (_, Kind::Disk) => Convert("qemu-img convert -O raw FILE NEW"),
        _ => Way::None,
    };
    Some(Foreign::new(forms::name_of(format), way))
}

#[cfg(test)]
mod tests;
