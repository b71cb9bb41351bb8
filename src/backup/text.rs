//! A copy that went through a text: hexadecimal, Base64, another character set, other line ends.
//!
//! Each rule is inverted, and what comes out counts if it is a whole copy: its checksum is the gate, so a wrong guess
//! gives nothing. Where there is none, what has the tags and lengths of one counts as what is left of it, as anywhere on
//! a card: somebody may have mistyped a digit.

mod charset;
mod columns;
mod digits;
mod escapes;
mod lines;
mod mail;
mod restored;

use zeroize::Zeroizing;

use super::MAX_FILE_SIZE;
use super::contents::whole;
use super::recognize::{Trace, TraceKind, traces_in_file};

/// Bytes of a text that are looked into at once; a longer one is looked into stretch by stretch.
const STRETCH: usize = 64 << 10;
/// Bytes of a stretch that the next one begins with: more than any text of a copy has.
const OVERLAP: usize = 16 << 10;
/// Fewest bytes of a copy.
const LEAST_COPY: usize = 64;
/// Most bytes that a copy in a text may have gained.
const MOST_GAINED: usize = 12;
/// How many rules are inverted one after the other: Base64 of UTF-16 of hexadecimal.
const MOST_LAYERS: usize = 3;
/// How many more in a long text: Base64 of hexadecimal.
const LONG_LAYERS: usize = 1;
/// Most copies taken from one text.
const MOST_COPIES: usize = 1000;

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
    /// A dump or a table of numbers: hexadecimal, octal, decimal or binary.
    Dump,
    /// An HTML page.
    Html,
    /// Escapes, as programming languages and addresses have them.
    Escaped,
    /// uuencode.
    Uuencode,
    /// Base32.
    Base32,
    /// UTF-16.
    Utf16,
    /// UTF-8, made of bytes that were taken for letters.
    CharacterSet,
    /// Other line ends.
    LineEnds,
    /// Bytes without zeros.
    NoZeros,
}

impl TextForm {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hexadecimal => "hexadecimal text",
            Self::Decimal => "a list of decimal numbers",
            Self::Base64 => "Base64 text",
            Self::QuotedPrintable => "quoted-printable text",
            Self::Dump => "a dump or a list of numbers",
            Self::Html => "HTML text",
            Self::Escaped => "text with escapes",
            Self::Uuencode => "uuencoded text",
            Self::Base32 => "Base32 text",
            Self::Utf16 => "UTF-16 text",
            Self::CharacterSet => "text in another character set",
            Self::LineEnds => "text with other line ends",
            Self::NoZeros => "bytes without their zeros",
        }
    }
}

/// A copy, and the text it was found in.
pub type FromText = (Zeroizing<Vec<u8>>, TextForm);

/// The whole copies that bytes hold as a text, each once, or if there is none what is left of copies in it; nothing if
/// they hold one as it is.
pub fn copies_in_text(bytes: &[u8]) -> Vec<FromText> {
    let mut found = Found::default();
    if bytes.len() < LEAST_COPY {
        return Vec::new();
    } else if bytes.len() <= STRETCH {
        invert(bytes, MOST_LAYERS, &mut found);
    } else if let Some(text) = charset::from_utf16(bytes) {
        in_stretches(&text, &mut found);
        found.name(TextForm::Utf16);
    } else {
        in_stretches(bytes, &mut found);
    }
    match found.whole.is_empty() {
        true => found.damaged,
        false => found.whole,
    }
}

/// What was found in a text so far.
#[derive(Default)]
struct Found {
    whole: Vec<FromText>,
    /// What is left of copies in the one reading that gives the surest: another one gives the same ones with other errors.
    damaged: Vec<FromText>,
    /// How sure they are: how many bytes fit that a layout fixes.
    fits: u32,
}

impl Found {
    /// Adds whole copies that are not known yet.
    fn add(&mut self, copies: impl IntoIterator<Item = Zeroizing<Vec<u8>>>, form: TextForm) {
        add(&mut self.whole, copies.into_iter().map(|copy| (copy, form)));
    }

    /// Takes what is left of copies in a reading, if they are surer.
    fn take(&mut self, damaged: Vec<FromText>, fits: u32) {
        if fits > self.fits {
            (self.damaged, self.fits) = (damaged, fits);
        }
    }

    /// Says that all of it was found in a text of this form.
    fn name(&mut self, form: TextForm) {
        let all = self.whole.iter_mut().chain(&mut self.damaged);
        all.for_each(|(_, of)| *of = form);
    }
}

/// Adds copies that are not known yet.
fn add(all: &mut Vec<FromText>, copies: impl IntoIterator<Item = FromText>) {
    for (copy, form) in copies {
        if all.len() < MOST_COPIES && !all.iter().any(|(known, _)| *known == copy) {
            all.push((copy, form));
        }
    }
}

/// Inverts the rules of digits in each stretch of a long text, the other rules only in what they give.
fn in_stretches(text: &[u8], found: &mut Found) {
    let mut rest = text;
    while !rest.is_empty() {
        let stretch = rest.get(..STRETCH).unwrap_or(rest);
        let mut here = Found::default();
        invert_each(of_digits(stretch), LONG_LAYERS, &mut here);
        if here.whole.is_empty() {
            invert_each(of_columns(stretch), 0, &mut here);
        }
        add(&mut found.whole, here.whole);
        add(&mut found.damaged, here.damaged);
        let is_last = stretch.len() == rest.len();
        let next = lines::next_stretch(stretch, OVERLAP);
        rest = rest.get(next..).filter(|_| !is_last).unwrap_or_default();
    }
}

/// Inverts each rule; the outermost is the form.
fn invert(bytes: &[u8], layers: usize, found: &mut Found) {
    let Some(layers) = layers.checked_sub(1) else {
        return;
    };
    if bytes.len() as u64 <= 2 * MAX_FILE_SIZE {
        found.add(restored::with_other_ends(bytes), TextForm::LineEnds);
        found.add(restored::with_zeros(bytes), TextForm::NoZeros);
    }
    if bytes.len() as u64 <= 4 * MAX_FILE_SIZE {
        found.add(digits::one_more_or_less(bytes), TextForm::Hexadecimal);
        found.add(digits::unknown_digits(bytes), TextForm::Hexadecimal);
    }
    invert_each(of_digits(bytes), layers, found);
    if found.whole.is_empty() {
        found.add(mail::one_more_or_less(bytes), TextForm::Base64);
    }
    invert_each(of_letters(bytes), layers, found);
    // Only where nothing else gives a copy: so many readings are made of no text within a text.
    if found.whole.is_empty() {
        invert_each(of_columns(bytes), 0, found);
    }
}

/// Adds the copies in each text, or what its own rules give where there are no whole ones.
fn invert_each(readings: Vec<Reading>, layers: usize, found: &mut Found) {
    for (form, texts) in readings {
        for text in texts.iter().filter(|text| text.len() >= LEAST_COPY) {
            let mut traces = traces_in_file(text);
            keep_gained(&mut traces, text.len());
            let of = |wanted: fn(&TraceKind) -> bool| -> Vec<FromText> {
                let traces = traces.iter().filter(move |trace| wanted(&trace.kind));
                let bytes = traces.filter_map(|trace| text.get(trace.range.clone()));
                bytes.map(|bytes| (bytes.to_vec().into(), form)).collect()
            };
            let whole = of(|kind| *kind == TraceKind::Whole);
            if !whole.is_empty() {
                add(&mut found.whole, whole);
                continue;
            }
            let mut inner = Found::default();
            invert(text, layers, &mut inner);
            inner.name(form);
            add(&mut found.whole, inner.whole);
            found.take(inner.damaged, inner.fits);
            let damaged = of(|kind| matches!(kind, TraceKind::Header | TraceKind::Part(_)));
            let fits = traces.iter().map(|trace| fits(trace.kind)).sum();
            found.take(damaged, fits);
        }
    }
}

/// Lets the only trace of a text reach to its end, a few bytes behind it: what lies there was moved by a byte that the
/// copy gained.
fn keep_gained(traces: &mut [Trace], end: usize) {
    if let [trace] = traces
        && trace.kind != TraceKind::Whole
        && end.saturating_sub(trace.range.end) <= MOST_GAINED
    {
        trace.range.end = end;
    }
}

/// How many bytes fit that a layout fixes.
fn fits(kind: TraceKind) -> u32 {
    match kind {
        TraceKind::Part(fits) => fits,
        TraceKind::Header => 100,
        TraceKind::Erased | TraceKind::Whole => 0,
    }
}

/// What bytes are as texts of a form.
type Reading = (TextForm, Vec<Zeroizing<Vec<u8>>>);

/// What bytes are as a text of another character set.
fn of_letters(bytes: &[u8]) -> Vec<Reading> {
    let utf16 = charset::from_utf16(bytes).into_iter();
    vec![
        (TextForm::Utf16, utf16.collect()),
        (TextForm::CharacterSet, charset::from_utf8(bytes)),
    ]
}

/// Whether a file that begins so may be a text, in UTF-16 or in a character set in which bytes without the upper bit
/// are ASCII.
pub fn may_be_text(head: &[u8]) -> bool {
    let utf16 = || head.get(..head.len() & !1).and_then(charset::from_utf16);
    has_no_control(head) || utf16().is_some_and(|text| has_no_control(&text))
}

fn has_no_control(bytes: &[u8]) -> bool {
    let is_text =
        |byte: &u8| !byte.is_ascii_control() || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B);
    bytes.iter().all(is_text)
}

/// What a text has in Base64 that begins as a file which holds others, or as a compressed one: what is attached to a mail.
pub fn attached_in_text(bytes: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    match has_no_control(bytes) {
        true => mail::attached(bytes),
        false => Vec::new(),
    }
}

/// What bytes are as a text of digits, in whatever language they are surrounded by.
fn of_digits(bytes: &[u8]) -> Vec<Reading> {
    if !has_no_control(bytes) {
        return Vec::new();
    }
    let one = |text: Option<_>| text.into_iter().collect();
    vec![
        (TextForm::Hexadecimal, digits::hexadecimal(bytes)),
        (TextForm::Decimal, digits::decimal(bytes)),
        (TextForm::Base64, mail::base64(bytes)),
        (
            TextForm::QuotedPrintable,
            one(mail::quoted_printable(bytes)),
        ),
        (TextForm::Escaped, one(escapes::unescaped(bytes))),
        (TextForm::Html, one(escapes::without_markup(bytes))),
    ]
}

/// What bytes are as columns, and by rules that fit many a text.
fn of_columns(bytes: &[u8]) -> Vec<Reading> {
    if !has_no_control(bytes) {
        return Vec::new();
    }
    vec![
        (TextForm::Dump, columns::columns(bytes)),
        (TextForm::Base64, mail::base64_in_columns(bytes)),
        (TextForm::Uuencode, vec![escapes::uuencoded(bytes)]),
        (TextForm::Base32, vec![escapes::base32(bytes)]),
    ]
}

/// The bytes, if they are a whole copy.
fn if_whole(bytes: Zeroizing<Vec<u8>>) -> Option<Zeroizing<Vec<u8>>> {
    whole(&bytes).map(|_| bytes)
}

/// The bytes of hexadecimal digits.
fn from_hex(digits: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    hex::decode(digits).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests;
