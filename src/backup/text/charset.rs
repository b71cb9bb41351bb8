//! Bytes that were taken for letters of a character set and written as Unicode.

use zeroize::Zeroizing;

/// The upper half of code page 437.
pub(super) const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}";
/// The upper half of code page 850.
pub(super) const CP850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{AD}±‗¾¶§÷¸°¨·¹³²■\u{A0}";
/// The upper half of Mac OS Roman.
pub(super) const MAC_ROMAN: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{A0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{F8FF}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";
/// From 0x80 to 0x9F of Windows-1252; what has no letter there is taken as in Latin-1.
const CP1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ";

/// The bytes of a text in UTF-8 by each character set that has all of its letters.
pub(super) fn from_utf8(bytes: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Vec::new();
    };
    if text.is_ascii() {
        return Vec::new();
    }
    let sets = [CP1252, CP437, CP850, MAC_ROMAN]
        .into_iter()
        .filter_map(|set| {
            let upper: Vec<char> = set.chars().collect();
            let byte = |letter: char| {
                if letter.is_ascii() {
                    return u8::try_from(letter).ok();
                }
                match upper.iter().position(|own| *own == letter) {
                    Some(place) => u8::try_from(place.saturating_add(0x80)).ok(),
                    // Behind its letters Windows-1252 is Latin-1.
                    None if set == CP1252 => u8::try_from(letter).ok(),
                    None => None,
                }
            };
            let bytes: Option<Vec<u8>> = text.chars().map(byte).collect();
            bytes.map(Zeroizing::new)
        });
    sets.collect()
}

/// A text in UTF-16, of either order, as UTF-8.
pub(super) fn from_utf16(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (units, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    // Without a mark it is told by its zeros.
    let zeros = |place: usize| {
        let zeros = units.iter().filter(|unit| unit.get(place) == Some(&0));
        zeros.count()
    };
    let most = units.len().saturating_mul(3) / 4;
    let little = match units.first()? {
        [0xFF, 0xFE] => true,
        [0xFE, 0xFF] => false,
        _ if zeros(1) >= most && zeros(0) < most => true,
        _ if zeros(0) >= most && zeros(1) < most => false,
        _ => return None,
    };
    let units = units.iter().map(|unit| match little {
        true => u16::from_le_bytes(*unit),
        false => u16::from_be_bytes(*unit),
    });
    let text: Result<String, _> =
        char::decode_utf16(units.skip_while(|unit| *unit == 0xFEFF)).collect();
    text.ok().map(|text| Zeroizing::new(text.into_bytes()))
}
