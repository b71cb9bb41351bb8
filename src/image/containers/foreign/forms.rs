//! Forms by name: what the crate lacks or names otherwise, each with what unpacks it.

use file_format::{FileFormat, Kind};

use super::Way::{self, Convert, Hint, Join, Unpack, Words};
use super::{Foreign, SEVEN};

const RAW: Way = Convert("qemu-img convert -O raw FILE NEW");
const ZPAQ: Way = Unpack("zpaq x FILE -to NEW");
const DMG: Way = if cfg!(target_vendor = "apple") {
    Convert("hdiutil convert FILE -format UDTO -o NEW && mv NEW.cdr NEW")
} else {
    Convert("dmg2img FILE NEW")
};
const MAC: Way = Words(
    "convert it on a Mac with `hdiutil convert FILE -format UDTO -o card`, then examine card.cdr",
);

/// First bytes, what begins so, and how to get at what is in it.
const HEADS: &[(&[u8], &str, Way)] = &[
    (b"QFI\xfb\0\0\0\x01", "a QCOW disk image", RAW),
    (b"QED\0", "a QED disk image", RAW),
    (b"COWD", "a VMDK disk image", RAW),
    (
        b"# Disk DescriptorFile",
        "the descriptor of a VMDK disk image",
        RAW,
    ),
    (b"vhdxfile", "a VHDX disk image", RAW),
    (b"conectix", "a dynamic VHD disk image", RAW),
    (b"WithoutFreeSpace", "a Parallels disk image", RAW),
    (b"WithouFreSpacExt", "a Parallels disk image", RAW),
    (
        b"bitbox-backup readings",
        "a file of further readings of a card",
        Words("name the image that they lie beside: `recover` and `words` use both"),
    ),
    (b"encrcdsa", "an encrypted Apple disk image", MAC),
    (b"sprs", "an Apple sparse disk image", MAC),
    (
        b"AFF10\r\n\0",
        "an AFF forensic image",
        Convert("affconvert -r -o NEW FILE"),
    ),
    (b"EVF\x09\r\n\xff\0", "an E01 image", TAKE_OUT),
    (b"EVF2\r\n\x81\0", "an Ex01 forensic image", EWF),
    (b"LVF\x09\r\n\xff\0", "an L01 logical forensic image", EWF),
    (b"LEF2\r\n\x81\0", "an Lx01 logical forensic image", EWF),
    (
        b"partclone-image",
        "a partclone image",
        Convert("partclone.restore -C --restore_raw_file -s FILE -o NEW"),
    ),
    (
        b"\0ntfsclone-image",
        "an ntfsclone image",
        Convert("ntfsclone --restore-image --output NEW FILE"),
    ),
    (b"PaRtImAgE-VoLuMe", "a Partimage image", PROGRAM),
    (b"FsArCh_", "an FSArchiver archive", PROGRAM),
    (b"FsA0", "an FSArchiver archive", PROGRAM),
    (b"\xfe\xef\x01", "a Ghost image", PROGRAM),
    (b"\xce\x24\xb9\xa2", "an Acronis image (TIB)", PROGRAM),
    (
        b"\x3a\xff\x26\xed",
        "an Android sparse image",
        Convert("simg2img FILE NEW"),
    ),
    (b"MSWIM\0\0\0", "a Windows imaging (WIM) archive", SEVEN),
    (b"Rar!\x1a\x07", "a RAR archive", SEVEN),
    (b"7kSt\xa0\x31\x83\xd3", "a ZPAQ archive", ZPAQ),
    (b"zPQ\x01\x01", "a ZPAQ archive", ZPAQ),
    (b"zPQ\x02\x01", "a ZPAQ archive", ZPAQ),
    (b"MSCF\0\0\0\0", "a cabinet archive", SEVEN),
    (b"070701", "a cpio archive", SEVEN),
    (
        b"\x89LZO\0\r\n\x1a\n",
        "an lzop file",
        Convert("lzop -dc FILE > NEW"),
    ),
    (b"LRZI\0", "an lrzip file", Convert("lrzip -d -o NEW FILE")),
    (b"\x04\x22\x4d\x18", "an LZ4 file", LZ4),
    (b"\x02\x21\x4c\x18", "an LZ4 file", LZ4),
    (
        b"Salted__",
        "a file encrypted with openssl",
        Words(
            "decrypt it with `openssl enc -d -in FILE -out NEW` and the options it was encrypted with, then examine NEW",
        ),
    ),
    (
        b"-----BEGIN PGP MESSAGE-----",
        "a file encrypted with OpenPGP",
        GPG,
    ),
    (b"\x8c\x0d\x04", "a file encrypted with OpenPGP", GPG),
    (
        b"age-encryption.org/v1\n-> scrypt",
        "a file encrypted with age",
        Convert("age -d -o NEW FILE"),
    ),
    (b"age-encryption.org/v1", "a file encrypted with age", AGE),
    (
        b"-----BEGIN AGE ENCRYPTED FILE-----",
        "a file encrypted with age",
        AGE,
    ),
    (b"%PDF-", "a PDF document", DOCUMENT),
    (b"\xff\xd8\xff", "a JPEG picture", Way::None),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", Way::None),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an Office document",
        DOCUMENT,
    ),
    (b"\x7fELF", "a program", SELF_EXTRACTING),
];

impl Foreign {
    pub(crate) const BITBOX01: Self = Self::new(
        "a document as the BitBox01 writes its backups",
        Hint("keep it: this program cannot read backups of a BitBox01; restore it with a BitBox01"),
    );
}

/// Of text only plain text is read.
pub(super) const DOCUMENT: Way = Hint(
    "`bitbox-backup list` reads some of the text in documents; if it finds nothing, copy what is written in it into a plain \
     text (.txt), and examine that",
);
pub(super) const SELF_EXTRACTING: Way = Hint(
    "if it is an archive that unpacks itself, unpack it with `7z x FILE -oNEW`, and examine what is in NEW",
);
const AGE: Way = Words(
    "decrypt it with `age -d -i KEY -o NEW FILE`, where KEY is the file of the key, or without `-i KEY` if it has a passphrase, \
     then examine NEW",
);

const GPG: Way = Convert("gpg -o NEW -d FILE");
const EWF: Way = Words(
    "export it as a raw image with the program that made it, or with `ewfexport -u -f raw -t NEW FILE`, which adds \
     .raw to the name",
);
const PARTS: Way = Join(
    "put all of its parts (.z01, .z02 and on) beside it, join them with `zip -s 0 FILE --out NEW`, and examine NEW",
);
pub(super) const PART_OF_ZIP: Way = Join(
    "put all of its parts into one folder (.z01, .z02 and on, and .zip), join them with `zip -s 0 LAST.zip --out NEW`, where \
     LAST.zip is the part that ends in .zip, and examine NEW",
);
pub(super) const CUT: Way = Words(
    "copy it again from where it came, and examine that: a backup may be in the part that is missing",
);
pub(super) const UNACE: Way =
    Words("unpack it with `unace x FILE` in a new folder, and examine what was in it");
const TAKE_OUT: Way = Words("examine it in one folder with its further segments");
const PROGRAM: Way = Words(
    "restore it with the program that made it, to a file and not to a card, and examine that file",
);
const LZ4: Way = Convert("lz4 -dc FILE > NEW");

type Closer = fn(&[u8]) -> bool;

/// Forms that few or weak first bytes mark, which are looked at more closely.
const CLOSER: &[(Closer, &str, Way)] = &[
    (
        is_encrypted_qcow2,
        "an encrypted QCOW2 disk image",
        Words(
            "decrypt it with `qemu-img convert --object secret,id=key,file=PASSWORD --image-opts \
             driver=qcow2,file.filename=FILE,encrypt.key-secret=key -O raw NEW`, where PASSWORD is a file with its password \
             and nothing else, then examine NEW",
        ),
    ),
    (is_qcow2, "a QCOW2 disk image", RAW),
    (is_vdi, "a VDI disk image", RAW),
    (
        is_extent_of_vmdk,
        "a part of a VMDK disk image",
        Words(
            "convert the whole with `qemu-img convert -O raw WHOLE.vmdk NEW`, where WHOLE.vmdk is the small file beside it \
             that is named without -s and a number, then examine NEW",
        ),
    ),
    (|head| head.starts_with(b"KDMV"), "a VMDK disk image", RAW),
    (is_seven, "a 7z archive", SEVEN),
    (is_bzip2, "a bzip2 file", Convert("bzip2 -dc FILE > NEW")),
    (
        is_lzma,
        "an LZMA file",
        Convert("xz --format=lzma -dc FILE > NEW"),
    ),
    (is_lzip, "an lzip file", Convert("lzip -dc FILE > NEW")),
    (
        is_compress,
        "a file compressed with compress",
        Convert("gzip -dc < FILE > NEW"),
    ),
    (
        is_bmap,
        "a block map (bmap)",
        Hint("it says which blocks of an image are used: examine the image that lies beside it"),
    ),
];

pub(super) fn besides(command: &str) -> &'static str {
    match command.split(' ').next() {
        Some("zlib-flate") => " (zlib-flate is part of qpdf)",
        Some("bzip2") => {
            "; if it reports an error, the file is damaged: examine what it wrote nevertheless, and each file that \
             `bzip2recover FILE` makes of it"
        }
        Some("bzip3" | "gzip" | "lz4" | "lzip" | "lzop" | "xz" | "zstd") => {
            "; if it reports an error, the file is damaged: examine what it wrote nevertheless"
        }
        _ => "",
    }
}

pub(super) fn by_head(head: &[u8]) -> Option<Foreign> {
    let plain = HEADS.iter().find(|(magic, ..)| head.starts_with(magic));
    let plain = plain.map(|(_, name, way)| (name, way));
    let closer = || CLOSER.iter().find(|(is, ..)| is(head));
    let found = plain.or_else(|| closer().map(|(_, name, way)| (name, way)));
    found.map(|(name, way)| Foreign::new(name, *way))
}

pub(crate) fn is_unmarked(head: &[u8]) -> bool {
    FileFormat::from_bytes(head) == FileFormat::ArbitraryBinaryData && by_head(head).is_none()
}

pub(super) fn by_tail(tail: &[u8]) -> Option<Foreign> {
    if tail.starts_with(b"koly\0\0\0\x04") {
        return Some(Foreign::new("an Apple disk image (dmg)", DMG));
    }
    if is_last_part_of_zip(tail) {
        return Some(Foreign::new("the last part of a split ZIP archive", PARTS));
    }
    tail.ends_with(b"cdsaencr")
        .then_some(Foreign::new("an encrypted Apple disk image", MAC))
}

/// Whether it ends with the record at the end of a ZIP archive, and that is in a later part than the first.
fn is_last_part_of_zip(tail: &[u8]) -> bool {
    let record = tail.windows(4).rposition(|four| four == b"PK\x05\x06");
    let record = record.and_then(|at| tail.get(at..));
    matches!(record, Some([_, _, _, _, low, high, list_low, list_high, ..])
        if [low, high] != [&0, &0] && [low, high] >= [list_low, list_high])
        && record.is_some_and(|record| record.len() >= 22)
}

/// A block of bzip2 begins with the digits of pi, the end of an empty one with those of its root.
fn is_bzip2(head: &[u8]) -> bool {
    matches!(head, [b'B', b'Z', b'h', b'1'..=b'9', block @ ..]
        if block.starts_with(b"\x31\x41\x59\x26\x53\x59") || block.starts_with(b"\x17\x72\x45\x38\x50\x90"))
}

/// Properties as encoders write them, a dictionary of 2^n or 2^n + 2^(n-1) bytes, and a length that is
/// unknown or below 1 TiB. Its first byte of data is always 0.
fn is_lzma(head: &[u8]) -> bool {
    let [0x5d, a, b, c, d, size @ ..] = head else {
        return false;
    };
    let dictionary = u32::from_le_bytes([*a, *b, *c, *d]);
    let top = dictionary.checked_ilog2().unwrap_or(0);
    let round = dictionary.is_power_of_two()
        || top > 0 && dictionary == (3_u64 << top.saturating_sub(1)) as u32;
    let Some((size, [0, ..])) = size.split_first_chunk() else {
        return false;
    };
    let size = u64::from_le_bytes(*size);
    (12..=30).contains(&top) && round && (size == u64::MAX || size < 1 << 40)
}

/// Clusters of 512 bytes to 2 MiB.
fn is_qcow2(head: &[u8]) -> bool {
    let magic = head.starts_with(b"QFI\xfb\0\0\0") && matches!(head.get(7), Some(2 | 3));
    let bits = head.get(20..24);
    magic && bits.is_none_or(|bits| matches!(bits, [0, 0, 0, 9..=21]))
}

fn is_encrypted_qcow2(head: &[u8]) -> bool {
    is_qcow2(head) && matches!(head.get(32..36), Some([0, 0, 0, 1 | 2]))
}

fn is_vdi(head: &[u8]) -> bool {
    head.get(0x40..0x44) == Some(b"\x7f\x10\xda\xbe")
}

/// One that has no description of itself.
fn is_extent_of_vmdk(head: &[u8]) -> bool {
    head.starts_with(b"KDMV") && head.get(512) == Some(&0)
}

/// Two bytes that say how it is packed, the second of which makes both a multiple of 31.
pub(super) fn is_zlib(head: &[u8]) -> bool {
    matches!(head, [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..])
}

/// What is behind its packed bytes is below 256 TiB from the start.
fn is_seven(head: &[u8]) -> bool {
    head.starts_with(b"7z\xbc\xaf\x27\x1c") && head.get(18..20).is_none_or(|top| top == [0, 0])
}

fn is_lzip(head: &[u8]) -> bool {
    matches!(head, [b'L', b'Z', b'I', b'P', 0 | 1, size, ..] if (12..=29).contains(&(size & 0x1f)))
}

fn is_compress(head: &[u8]) -> bool {
    matches!(head, [0x1f, 0x9d, flags, ..] if (9..=16).contains(&(flags & 0x1f)) && flags & 0x60 == 0)
}

fn is_bmap(head: &[u8]) -> bool {
    head.starts_with(b"<?xml") && head.windows(5).any(|bytes| bytes == b"<bmap")
}

pub(super) fn name_of(format: FileFormat) -> &'static str {
    match format.kind() {
        Kind::Archive => "an archive of a kind that is not read here",
        Kind::Compressed => "a compressed file of a kind that is not read here",
        Kind::Disk => "a disk image of a kind that is not read here",
        Kind::Audio => "a sound file",
        Kind::Database => "a database",
        Kind::Document | Kind::Ebook => "a document",
        Kind::Executable => "a program",
        Kind::Font => "a font",
        Kind::Image | Kind::Diagram => "a picture",
        Kind::Package => "a software package",
        Kind::Presentation => "a presentation",
        Kind::Spreadsheet => "a spreadsheet",
        Kind::Video => "a video",
        _ => "a file of another kind",
    }
}
