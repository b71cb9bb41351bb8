//! Code page 850, in which the device's FatFs keeps short names and returns all names.

/// The characters of the bytes 0x80 to 0xFF; below, the code page is ASCII.
const UPPER_HALF: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{AD}±‗¾¶§÷¸°¨·¹³²■\u{A0}";

/// What FatFs makes of the bytes 0x80 to 0xFF in a short name: letters upper-cased and most accents
/// stripped (docs/format.md 3.3).
const SHORT_NAME_FOLD: [u8; 128] = [
    0x43, 0x55, 0x45, 0x41, 0x41, 0x41, 0x41, 0x43, 0x45, 0x45, 0x45, 0x49, 0x49, 0x49, 0x41, 0x41,
    0x45, 0x92, 0x92, 0x4f, 0x4f, 0x4f, 0x55, 0x55, 0x59, 0x4f, 0x55, 0x4f, 0x9c, 0x4f, 0x9e, 0x9f,
    0x41, 0x49, 0x4f, 0x55, 0xa5, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf,
    0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0x41, 0x41, 0x41, 0xb8, 0xb9, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf,
    0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0x41, 0x41, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf,
    0xd1, 0xd1, 0x45, 0x45, 0x45, 0x49, 0x49, 0x49, 0x49, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0x49, 0xdf,
    0x4f, 0xe1, 0x4f, 0x4f, 0x4f, 0x4f, 0xe6, 0xe8, 0xe8, 0x55, 0x55, 0x55, 0x59, 0x59, 0xee, 0xef,
    0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff,
];

/// The character of a code-page byte.
pub fn to_char(byte: u8) -> char {
    match byte.checked_sub(0x80) {
        None => char::from(byte),
        Some(index) => {
            let mut upper = UPPER_HALF.chars();
            upper.nth(usize::from(index)).unwrap_or('\u{FFFD}')
        }
    }
}

/// The code-page byte of a UTF-16 unit, if the code page has it.
pub fn from_unit(unit: u16) -> Option<u8> {
    if unit < 0x80 {
        return u8::try_from(unit).ok();
    }
    let mut upper = UPPER_HALF.chars();
    let index = upper.position(|c| u32::from(c) == u32::from(unit))?;
    u8::try_from(index).ok()?.checked_add(0x80)
}

/// A name in code-page bytes as text.
pub fn decode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| to_char(*byte)).collect()
}

/// The byte FatFs puts in a short name for a code-page byte from 0x80 on; others stay.
pub fn fold_short_name(byte: u8) -> u8 {
    let index = byte.checked_sub(0x80).map(usize::from);
    let folded = index.and_then(|index| SHORT_NAME_FOLD.get(index));
    folded.copied().unwrap_or(byte)
}

/// FatFs's one-to-one upper-casing of a UTF-16 unit, exact wherever either side is in the code page.
///
/// It is simple Unicode upper-casing, except that the micro sign, dotless i and long s stay
/// (docs/format.md 3.3).
pub fn upper(unit: u16) -> u16 {
    if let Ok(ascii @ 0..=0x7F) = u8::try_from(unit) {
        return u16::from(ascii.to_ascii_uppercase());
    }
    if matches!(unit, 0x00B5 | 0x0131 | 0x017F) {
        return unit;
    }
    let Some(c) = char::from_u32(u32::from(unit)) else {
        return unit;
    };
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => u16::try_from(u32::from(single)).unwrap_or(unit),
        _ => unit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_agree() {
        for byte in 0..=u8::MAX {
            let unit = u16::try_from(u32::from(to_char(byte))).unwrap();
            assert_eq!(from_unit(unit), Some(byte));
        }
        assert_eq!(UPPER_HALF.chars().count(), 128);
        assert_eq!(decode(b"K\x94ln"), "Köln");
        assert_eq!(from_unit(0x20AC), None); // the euro sign came with code page 858
    }

    #[test]
    fn upper_casing_has_its_exceptions() {
        let upper = |c: char| char::from_u32(u32::from(upper(c as u16))).unwrap();
        for (from, to) in [
            ('a', 'A'),
            ('é', 'É'),
            ('ÿ', 'Ÿ'),
            ('ƒ', 'Ƒ'),
            ('ß', 'ß'),
            ('ı', 'ı'),
            ('µ', 'µ'),
            ('ſ', 'ſ'),
        ] {
            assert_eq!(upper(from), to);
        }
    }
}
