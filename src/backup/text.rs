//! A copy that went through a text: hexadecimal, Base64, another character set, other line ends.
//!
//! Each rule is inverted, and what comes out counts only if it is a whole copy: its checksum is the gate,
//! so a wrong guess gives nothing.

mod charset;
mod digits;
mod lines;
mod mail;

use zeroize::Zeroizing;

use super::recognise::{TraceKind, traces_in_file};
use super::{MAX_FILE_SIZE, decode};

/// Most bytes of a text that is looked into.
const MOST_TEXT: usize = 64 << 10;
/// Fewest bytes of a copy.
const LEAST_COPY: usize = 64;
/// How many rules are inverted one after the other: Base64 of UTF-16 of hexadecimal.
const MOST_LAYERS: usize = 3;

/// What a copy was turned into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextForm {
    /// Hexadecimal digits: plain, spaced, a dump, or an array of a programming language.
    Hexadecimal,
    /// Decimal numbers in brackets.
    Decimal,
    /// Base64.
    Base64,
    /// Quoted-printable.
    QuotedPrintable,
    /// UTF-16.
    Utf16,
    /// UTF-8, made of bytes that were taken for letters.
    CharacterSet,
    /// Other line ends.
    LineEnds,
}

impl TextForm {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hexadecimal => "hexadecimal text",
            Self::Decimal => "a list of decimal numbers",
            Self::Base64 => "Base64 text",
            Self::QuotedPrintable => "quoted-printable text",
            Self::Utf16 => "UTF-16 text",
            Self::CharacterSet => "text in another character set",
            Self::LineEnds => "text with other line ends",
        }
    }
}

/// A whole copy, and the text it was found in.
pub type FromText = (Zeroizing<Vec<u8>>, TextForm);

/// The whole copies that bytes hold as a text; none if they hold one as it is.
pub fn copies_in_text(bytes: &[u8]) -> Vec<FromText> {
    let mut found = Vec::new();
    if bytes.len() >= LEAST_COPY && bytes.len() <= MOST_TEXT {
        invert(bytes, MOST_LAYERS, &mut found);
    }
    found
}

/// Inverts each rule; the outermost is the form.
fn invert(bytes: &[u8], layers: usize, found: &mut Vec<FromText>) {
    let Some(layers) = layers.checked_sub(1) else {
        return;
    };
    if bytes.len() as u64 <= 2 * MAX_FILE_SIZE {
        let restored = lines::restored(bytes, is_whole);
        found.extend(restored.map(|copy| (copy, TextForm::LineEnds)));
    }
    for (form, texts) in readings(bytes) {
        for text in texts.iter().filter(|text| text.len() >= LEAST_COPY) {
            if !found.is_empty() {
                return;
            }
            found.extend(whole(text).map(|copy| (copy, form)));
            if found.is_empty() {
                let before = found.len();
                invert(text, layers, found);
                for (_, inner) in found.iter_mut().skip(before) {
                    *inner = form;
                }
            }
        }
    }
}

/// What bytes are as a text of each form.
fn readings(bytes: &[u8]) -> Vec<(TextForm, Vec<Zeroizing<Vec<u8>>>)> {
    let mut readings = vec![
        (
            TextForm::Utf16,
            charset::from_utf16(bytes).into_iter().collect(),
        ),
        (TextForm::CharacterSet, charset::from_utf8(bytes)),
    ];
    if bytes
        .iter()
        .all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7E))
    {
        readings.extend([
            (TextForm::Hexadecimal, digits::hexadecimal(bytes)),
            (TextForm::Decimal, digits::decimal(bytes)),
            (TextForm::Base64, mail::base64(bytes)),
            (
                TextForm::QuotedPrintable,
                mail::quoted_printable(bytes).into_iter().collect(),
            ),
        ]);
    }
    readings
}

/// The whole copies in bytes.
fn whole(bytes: &[u8]) -> impl Iterator<Item = Zeroizing<Vec<u8>>> {
    let traces = traces_in_file(bytes).into_iter();
    let whole = traces.filter(|trace| trace.kind == TraceKind::Whole);
    whole.filter_map(|trace| Some(Zeroizing::new(bytes.get(trace.range)?.to_vec())))
}

fn is_whole(bytes: &[u8]) -> bool {
    decode(bytes).is_ok_and(|contents| contents.check().is_ok())
}

#[cfg(test)]
mod tests;
