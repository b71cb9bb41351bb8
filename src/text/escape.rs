//! Names from hostile cards made harmless for a terminal and a report.

use std::fmt::Write;
use std::path::Path;

/// A path as text, escaped; bytes that are no text as `\xNN`. Paths that differ give texts that differ: a backslash that
/// would begin such an escape is one itself, `\x5c`, but on Windows, where it is in no name.
pub fn path_text(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        let (mut begins, mut valid) = (String::new(), chunk.valid());
        while let Some((before, behind)) = valid.split_once('\\') {
            begins.push_str(before);
            begins.push_str(if cfg!(unix) && is_escape(behind) {
                "\\x5c"
            } else {
                "\\"
            });
            valid = behind;
        }
        text.push_str(&escape(&(begins + valid)));
        for byte in chunk.invalid() {
            let written = write!(text, "\\x{byte:02x}");
            debug_assert!(written.is_ok(), "a String takes everything");
        }
    }
    text
}

/// Whether what stands behind a backslash makes an escape of it.
fn is_escape(behind: &str) -> bool {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let two = behind.strip_prefix('x').and_then(|rest| rest.get(..2));
    let code = behind.strip_prefix("u{");
    let code = code.and_then(|rest| rest.split_once('}'));
    two.is_some_and(is_hex) || code.is_some_and(|(code, _)| is_hex(code))
}

/// Escapes control characters as `\xNN`, and invisible and direction-changing ones as `\u{…}`.
pub fn escape(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned(); // as nearly always
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        let code = u32::from(c);
        let written = match code {
            0..=0x1F | 0x7F..=0x9F => write!(escaped, "\\x{code:02x}"),
            _ if is_trick(c) || is_no_character(code) => write!(escaped, "\\u{{{code:x}}}"),
            _ => escaped.write_char(c),
        };
        debug_assert!(written.is_ok(), "a String takes everything");
    }
    escaped
}

/// Whether a code point stands for no character and never will.
fn is_no_character(code: u32) -> bool {
    matches!(code, 0xFDD0..=0xFDEF) || code & 0xFFFE == 0xFFFE
}

/// Whether a character is invisible, turns the direction of text, or is of private use.
fn is_trick(c: char) -> bool {
    matches!(c,
        '\u{00A0}' | '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFF}' | '\u{E000}'..='\u{F8FF}'
        | '\u{E0000}'..='\u{E0FFF}' | '\u{F0000}'..='\u{10FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_escape_sequence_survives() {
        assert_eq!(escape("a\x1b[31mb\n"), "a\\x1b[31mb\\x0a");
        assert_eq!(escape("\u{202E}gpj.exe"), "\\u{202e}gpj.exe");
        assert_eq!(escape("Für Mama 🎉 日本"), "Für Mama 🎉 日本");
    }

    #[test]
    #[cfg(unix)]
    fn paths_that_differ_are_shown_so() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        for (path, shown) in [
            (&b"a\xE9.img"[..], "a\\xe9.img"),
            (b"a\\xe9.img", "a\\x5cxe9.img"),
            (b"a\\x5cxe9.img", "a\\x5cx5cxe9.img"),
            (b"a\\\xE9.img", "a\\\\xe9.img"),
            (b"a\\\\xe9.img", "a\\\\x5cxe9.img"),
            ("\u{202E}.img".as_bytes(), "\\u{202e}.img"),
            (b"\\u{202e}.img", "\\x5cu{202e}.img"),
            (b"a\\b\\xylophone\\u{.img", "a\\b\\xylophone\\u{.img"),
        ] {
            assert_eq!(path_text(Path::new(OsStr::from_bytes(path))), shown);
        }
    }

    #[test]
    fn everything_that_is_left_may_stand_in_xml() {
        for c in '\0'..=char::MAX {
            let no_character =
                u32::from(c) & 0xFFFE == 0xFFFE || ('\u{FDD0}'..='\u{FDEF}').contains(&c);
            let allowed = |c: char| !c.is_control() && (!no_character || c.is_ascii());
            assert!(escape(&c.to_string()).chars().all(allowed), "{c:?}");
        }
    }
}
