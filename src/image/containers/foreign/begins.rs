//! What holds others, by its first bytes.

use super::{Foreign, forms};

/// Whether a file begins as a ZIP or tar archive does that people make; documents and programs that are ZIP archives
/// begin with a member that says so.
pub(crate) fn begins_as_archive(head: &[u8]) -> bool {
    const NAME: usize = 30; // in a local header
    const OF_DOCUMENTS: [&[u8]; 5] = [
        b"[Content_Types]",
        b"mimetype",
        b"META-INF",
        b"AndroidManifest",
        b"_rels/",
    ];
    let first = head.get(NAME..).unwrap_or_default();
    let is_zip = head.starts_with(b"PK\x03\x04");
    let is_document = OF_DOCUMENTS.iter().any(|name| first.starts_with(name));
    is_zip && !is_document || head.get(257..262) == Some(b"ustar")
}

/// The document that a file is which begins so, if its text is compressed.
pub(crate) fn document(head: &[u8]) -> Option<Foreign> {
    const NAME: usize = 30; // in a local header
    let first = head.get(NAME..).filter(|_| head.starts_with(b"PK\x03\x04"));
    match first {
        Some([b'[', b'C', ..] | [b'_', b'r', b'e', b'l', b's', ..]) => Some(Foreign::OFFICE),
        Some([b'm', b'i', b'm', b'e', b't', b'y', b'p', b'e', ..]) => Some(Foreign::OPEN_DOCUMENT),
        Some(_) => None,
        None => forms::by_head(head).filter(|found| found.way == forms::DOCUMENT),
    }
}

/// Whether a sector begins as something does that holds others compressed, encrypted, or as the disk of a virtual machine:
/// by a mark that no other contents begin with by chance.
pub(crate) fn begins_as_container(head: &[u8]) -> bool {
    const MARKS: [&[u8]; 12] = [
        b"\xFD7zXZ\0",
        b"7z\xBC\xAF\x27\x1C",
        b"Rar!\x1A\x07",
        b"EVF\x09\x0D\x0A\xFF\0",
        b"EVF2\x0D\x0A\x81\0",
        b"QFI\xFB\0\0\0",
        b"KDMV\x01\0\0\0",
        b"KDMV\x03\0\0\0",
        b"vhdxfile",
        b"conectix",
        b"cxsparse",
        b"<<< ",
    ];
    match head {
        // Flags that there are, what a compressor says of itself, and a system that there is.
        [
            0x1F,
            0x8B,
            8,
            0..=0x1F,
            _,
            _,
            _,
            _,
            0 | 2 | 4,
            0..=13 | 0xFF,
            ..,
        ] => true,
        [0x28, 0xB5, 0x2F, 0xFD, frame, ..] => frame & 0x08 == 0,
        [b'B', b'Z', b'h', b'1'..=b'9', block @ ..] => block.starts_with(b"1AY&SY"),
        _ => MARKS.iter().any(|mark| head.starts_with(mark)),
    }
}
