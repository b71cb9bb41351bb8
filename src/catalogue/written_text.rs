//! Texts among backups: under the name of a file that a system made may be somebody's recovery words.

use crate::backup::text::may_be_text;

/// Whether somebody may have written this. Systems write sections, as in `desktop.ini`, XML, and numbers, as of a volume, or
/// nothing that is a text.
pub(super) fn is_written(bytes: &[u8]) -> bool {
    // Marks of UTF-8 and UTF-16, and the upper halves of its characters.
    let is_mark = |byte: &u8| {
        matches!(byte, 0xEF | 0xBB | 0xBF | 0xFE | 0xFF | 0) || byte.is_ascii_whitespace()
    };
    let first = bytes.iter().find(|byte| !is_mark(byte));
    let is_number =
        |byte: &u8| is_mark(byte) || matches!(byte, b'-' | b'{' | b'}') || byte.is_ascii_hexdigit();
    first.is_some_and(|first| !matches!(first, b'[' | b'<'))
        && !bytes.iter().all(is_number)
        && may_be_text(bytes)
}

#[cfg(test)]
mod tests {
    use super::is_written;

    #[test]
    fn what_systems_write_is_no_text_of_a_person() {
        let utf16 = |text: &str| -> Vec<u8> {
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            [0xFF, 0xFE].into_iter().chain(units).collect()
        };
        for system in [
            &b"\0\0\0\x01Bud1\0\0\x10\0"[..],
            b"\0\x05\x16\x07\0\x02\0\0Mac OS X",
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0",
            b"\r\n[.ShellClassInfo]\r\nIconIndex=1\r\n",
            b"<?xml version=\"1.0\"?>",
            &utf16("\r\n[.ShellClassInfo]"),
            &utf16("{0A1B2C3D-1234-5678-9ABC-DEF012345678}"),
            b"0A1B2C3D-1234-5678-9ABC-DEF012345678",
            &[0; 6148],
            b"",
        ] {
            assert!(!is_written(system), "{system:?}");
        }
        for person in [
            &b"purity concert above invest"[..],
            b"my passphrase: hunter2\r\n",
            &utf16("purity concert"),
        ] {
            assert!(is_written(person), "{person:?}");
        }
    }
}
