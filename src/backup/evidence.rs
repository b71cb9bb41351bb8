//! How much evidence bytes give that they are, or were, a copy of a backup.
//!
//! A damaged copy without a name has no checksum to prove it. What is left are the bytes whose value
//! its layout fixes: tags, lengths, the form of two times and of the firmware version. Each of them
//! scores, in half bits, by how well it fits. The scores are those of a likelihood ratio: a copy with
//! flipped bits and overwritten stretches against uniformly random bytes. The mean of such a ratio
//! over random bytes is at most 1, so a total of *n* bits is met at most once in 2^*n* places
//! (Markov's inequality), whatever pattern of damage leads to it. What is left to count is how many
//! hypotheses are tried at a place; [`needed`] has them all. The tests compute each of these bounds.
//!
//! Natural data is not random, and other programs use the same encoding: tags, a hash of 32 bytes, a
//! time or a version are common in it. What is not common are the lengths of one layout, each in its
//! place: two of them have to fit. And no single part of a copy is enough, however well it fits:
//! something has to fit up to the seed, and something around it. Zero bytes score only as the padding
//! of a seed with a fitting tag on either side, and a copy needs at least one control character that
//! no text holds.

use super::layout::{Layout, low};

/// Evidence in half bits.
pub(super) type HalfBits = i32;

/// What a trace without a checksum needs where a sector begins, in bits: 64 GiB have 2^27 such places.
const AT_SECTOR: HalfBits = 2 * 59;
/// What it needs anywhere else, where a file hardly ever begins and where most of the data of other
/// programs lies. 64 GiB have 2^36 places; 67 bits are enough for random bytes.
const ELSEWHERE: HalfBits = 2 * 80;
/// Layouts tried at a place, with each form of a version: 2^12 at most.
const HYPOTHESES: HalfBits = 2 * 12;
/// What an overwritten stretch costs: all possible ones are 2^9.5.
const STRETCH: HalfBits = 21;
/// What it costs if it begins where the copy begins, or ends where it ends: all possible ones are
/// 2^5.3 each.
const STRETCH_AT_END: HalfBits = 14;
/// What it costs that there may be any number of stretches.
const STRETCHES: HalfBits = 4;
/// What the zero bytes that pad a short seed score, if a fitting tag bounds them on both sides.
const PADDING: HalfBits = 2 * 16;
/// What a part of a copy must score by itself: the bytes up to the seed, and those from its tags on. Its
/// tags and its length alone are enough for either.
const PART: HalfBits = 2 * 20;
/// How many of the lengths that differ from layout to layout must fit, that of the seed included.
const LENGTHS: usize = 2;
/// What the bytes up to the seed must score if fewer lengths fit.
const FEWER_LENGTHS: HalfBits = 2 * 40;

/// Most bytes cut out behind a header.
const MOST_CUT: usize = 64;
/// What it costs that as many may be cut out.
const CUT: HalfBits = 2 * 6;

/// What the bytes of a copy must score at a place where a sector begins, or anywhere else.
pub(super) fn needed(at_sector: bool) -> HalfBits {
    let place = if at_sector { AT_SECTOR } else { ELSEWHERE };
    place.saturating_add(HYPOTHESES + STRETCHES)
}

/// Digits of major, minor and patch number of a firmware version such as `v9.13.0`.
type Form = [usize; 3];

/// The forms of versions of this length, of `v9.1.0` to `v10.100.10`.
fn forms(length: usize) -> impl Iterator<Item = Form> {
    let all = (1..=2).flat_map(|major| (1..=3).map(move |minor| (major, minor)));
    let all = all.flat_map(|(major, minor)| [[major, minor, 1], [major, minor, 2]]);
    all.filter(move |form| form.iter().sum::<usize>().saturating_add(3) == length)
}

/// The evidence for a copy of this layout that begins at `start`; [`needed`] is enough.
pub(super) fn evidence(bytes: &[u8], start: usize, layout: &Layout) -> HalfBits {
    evidence_cut(bytes, start, layout, 0)
}

/// The same where bytes are cut out behind the header, less what it costs that there are so many ways.
pub(super) fn evidence_with_cut(bytes: &[u8], start: usize, layout: &Layout) -> HalfBits {
    let cuts = (1..=MOST_CUT).map(|cut| evidence_cut(bytes, start, layout, cut));
    cuts.max().unwrap_or(HalfBits::MIN).saturating_sub(CUT)
}

fn evidence_cut(bytes: &[u8], start: usize, layout: &Layout, cut: usize) -> HalfBits {
    let score = before_version(bytes, start, layout, cut);
    let with = |form: Form| {
        let mut score = score;
        score.version(form);
        score.total()
    };
    let scores = forms(layout.generator).map(with);
    scores.max().unwrap_or_else(|| score.total())
}

/// What scores, in the order of its place, up to the text of the version. `cut` bytes are missing
/// behind the header.
fn before_version<'a>(bytes: &'a [u8], start: usize, layout: &Layout, cut: usize) -> Score<'a> {
    let mut score = Score::new(bytes, start);
    let (head, end) = layout.head();
    let mut tagged = false;
    for byte in head.get(..end.saturating_sub(2)).unwrap_or_default() {
        match tagged {
            true => score.length(*byte),
            false => score.fixed(&[*byte]),
        }
        tagged = !tagged && *byte == 0x0A;
    }
    score.fixed(&[0x0A, 0x20]);
    score.scored = score.at;
    score.skip(32);
    score.at = score.at.saturating_sub(cut);
    score.fixed(&[0x12]);
    score.length(low(layout.metadata()));
    score.fixed(&[0x08]);
    score.time();
    if layout.name > 0 {
        score.fixed(&[0x12]);
        score.length(low(layout.name));
        score.skip(layout.name);
    }
    if layout.length > 0 {
        score.fixed(&[0x18]);
        score.length(u8::try_from(layout.length_value()).unwrap_or(0));
    }
    score.fixed(&[0x22]);
    score.length(low(layout.data()));
    score.around = Best::START;
    score.fixed(&[0x08]);
    score.seed_length();
    score.fixed(&[0x12, 0x20]);
    score.before = Some(score.all.total());
    score.padding(if layout.birthdate > 0 { 0x18 } else { 0x22 });
    score.skip(32);
    if layout.birthdate > 0 {
        score.fixed(&[0x18]);
        score.time();
    }
    score.fixed(&[0x22, low(layout.generator)]);
    score
}

/// What a fixed byte scores. A byte with a flipped bit is evidence still.
fn fixed(wanted: u8, found: u8) -> HalfBits {
    match (wanted ^ found).count_ones() {
        // Zero fill is common.
        _ if found == 0 => -7,
        0 => 15,
        1 => 5,
        2 => -4,
        _ => -7,
    }
}

/// What a digit of the version scores.
fn digit(found: u8) -> HalfBits {
    if found.is_ascii_digit() { 8 } else { -3 }
}

/// What the length of the seed scores.
fn seed_length(found: u8) -> HalfBits {
    match found {
        16 | 24 | 32 => 12,
        _ => -4,
    }
}

/// What a time scores: five bytes that say a second between 2012 and 2038.
fn time(found: &[u8]) -> HalfBits {
    match found {
        [a, b, c, d, 5..=7] if a & b & c & d >= 0x80 => 20,
        _ => -4,
    }
}

/// Whether a byte is one that text has not.
fn is_control(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')
}

/// The best score so far: with the last byte scored part of the copy, or of an overwritten stretch.
#[derive(Clone, Copy)]
struct Best {
    kept: HalfBits,
    overwritten: HalfBits,
}

impl Best {
    const START: Self = Self {
        kept: 0,
        overwritten: -STRETCH_AT_END,
    };

    fn add(&mut self, score: HalfBits) {
        let best = self.kept.max(self.overwritten);
        self.overwritten = self.overwritten.max(best.saturating_sub(STRETCH));
        self.kept = best.saturating_add(score);
    }

    fn total(&self) -> HalfBits {
        let to_the_end = self.overwritten.saturating_add(STRETCH - STRETCH_AT_END);
        self.kept.max(to_the_end)
    }
}

/// The score of the bytes read so far.
#[derive(Clone, Copy)]
struct Score<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Bytes before this place have scored.
    scored: usize,
    all: Best,
    /// What the bytes up to the seed score; `None` before it.
    before: Option<HalfBits>,
    /// What the bytes from the tags of the seed on score.
    around: Best,
    /// How many bytes scored.
    count: usize,
    /// How many lengths fit.
    lengths: usize,
    has_control: bool,
}

impl<'a> Score<'a> {
    fn new(bytes: &'a [u8], start: usize) -> Self {
        Self {
            bytes,
            at: start,
            scored: start,
            all: Best::START,
            before: None,
            around: Best::START,
            count: 0,
            lengths: 0,
            has_control: false,
        }
    }

    fn skip(&mut self, length: usize) {
        self.at = self.at.saturating_add(length);
    }

    /// The next byte. What lies behind the bytes known is lost, and no byte scores twice.
    fn next(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).filter(|_| self.at >= self.scored);
        self.skip(1);
        byte.copied().unwrap_or(0)
    }

    fn add(&mut self, score: HalfBits) {
        self.all.add(score);
        self.around.add(score);
        self.count = self.count.saturating_add(1);
    }

    fn fixed(&mut self, wanted: &[u8]) {
        for wanted in wanted {
            let found = self.next();
            self.has_control |= found == *wanted && is_control(found);
            self.add(fixed(*wanted, found));
        }
    }

    /// A length that differs from layout to layout.
    fn length(&mut self, wanted: u8) {
        if self.at >= self.scored && self.bytes.get(self.at) == Some(&wanted) {
            self.lengths = self.lengths.saturating_add(1);
        }
        self.fixed(&[wanted]);
    }

    fn time(&mut self) {
        let end = self.at.saturating_add(5);
        let found = self.bytes.get(self.at..end);
        let score = time(found.filter(|_| self.at >= self.scored).unwrap_or_default());
        self.at = end;
        self.add(score);
    }

    fn seed_length(&mut self) {
        let found = self.next();
        if matches!(found, 16 | 24 | 32) {
            self.lengths = self.lengths.saturating_add(1);
        }
        self.has_control |= matches!(found, 16 | 24);
        self.add(seed_length(found));
    }

    /// The end of the seed that begins here, with this tag behind it.
    fn padding(&mut self, tag: u8) {
        let from = |at: Option<usize>| self.bytes.get(at?..);
        let before = from(self.at.checked_sub(2)).is_some_and(|at| at.starts_with(&[0x12, 0x20]));
        let zeros = from(self.at.checked_add(24)).and_then(|at| at.first_chunk::<9>());
        let padded = before && zeros == Some(&[0, 0, 0, 0, 0, 0, 0, 0, tag]);
        self.add(if padded { PADDING } else { 0 });
    }

    fn version(&mut self, [major, minor, patch]: Form) {
        for (mark, digits) in [(b'v', major), (b'.', minor), (b'.', patch)] {
            self.fixed(&[mark]);
            for _ in 0..digits {
                let found = self.next();
                self.add(digit(found));
            }
        }
    }

    fn total(&self) -> HalfBits {
        let before = self.before.unwrap_or(0);
        let both = before >= PART && self.around.total() >= PART;
        let lengths = self.lengths >= LENGTHS || before >= FEWER_LENGTHS;
        match both && lengths && self.has_control {
            true => self.all.total(),
            false => HalfBits::MIN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A probability, or a mean, of 2^(half bits / 2).
    fn power(half_bits: HalfBits) -> f64 {
        2_f64.powf(f64::from(half_bits) / 2.0)
    }

    fn layouts() -> impl Iterator<Item = Layout> {
        Layout::all()
    }

    #[test]
    fn the_mean_of_each_score_over_random_bytes_is_at_most_one() {
        let mean = |score: &dyn Fn(u8) -> HalfBits| {
            (0..=255).map(|found| power(score(found))).sum::<f64>() / 256.0
        };
        for wanted in 0..=255 {
            assert!(mean(&|found| fixed(wanted, found)) <= 1.0, "{wanted}");
        }
        // What padding adds to the mean, eight zero bytes, is less than another byte takes.
        let padding = 1.0 + power(PADDING) * 0.5_f64.powi(8 * 8);
        assert!(mean(&|found| fixed(0x22, found)) * padding <= 1.0);
        assert!(mean(&digit) <= 1.0);
        assert!(mean(&seed_length) <= 1.0);
        // Four bytes with their highest bit, and one of three values.
        let chance = 0.5_f64.powi(4) * 3.0 / 256.0;
        let fits = [0x91, 0xBE, 0xC6, 0xFB, 0x05];
        let mean = chance * power(time(&fits)) + (1.0 - chance) * power(time(&[0; 5]));
        assert!(mean <= 1.0, "{mean}");
    }

    #[test]
    fn a_whole_card_of_random_bytes_gives_no_trace() {
        let (bytes, sectors) = (36, 27);
        // Where a sector begins a layout is tried as it is and with bytes cut out.
        let chance = 2.0 * power(-AT_SECTOR + 2 * sectors) + power(-ELSEWHERE + 2 * bytes);
        assert!(chance < 1e-9, "{chance}");
    }

    #[test]
    fn stretches_and_hypotheses_are_paid_for() {
        let scored = |layout: Layout| {
            let mut score = before_version(&[], 0, &layout, 0);
            score.at = 0;
            if let Some(form) = forms(layout.generator).next() {
                score.version(form);
            }
            score.count as f64
        };
        let most = layouts().map(scored).fold(0.0, f64::max);
        // A set of stretches: a sum over how many, of all ways to lay so many.
        let inner = most * (most + 1.0) / 2.0 * power(-STRETCH);
        let outer = 2.0 * most * power(-STRETCH_AT_END);
        assert!((inner + outer).exp() <= power(STRETCHES), "{inner} {outer}");
        let tried = |layout: Layout| forms(layout.generator).count().max(1);
        assert!(MOST_CUT as f64 <= power(CUT));
        let hypotheses: usize = layouts().map(tried).sum();
        assert!(hypotheses as f64 <= power(HYPOTHESES), "{hypotheses}");
    }
}
