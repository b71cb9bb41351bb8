//! A raw image split into files: `card.img.001`, `card.000`, `card.img.part1`, `card.img.aa`, `xaa` and what follows
//! each.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::image::file_names::is_image_name;
use crate::image::{
    Extent, FileImage, ReadAt, ReadError, SECTOR_BYTES, SystemError, check_inside, cut_at, join,
};

/// Most parts: three digits.
const MOST_PARTS: usize = 1000;
/// What may stand before the digits.
const PART: &str = ".part";
const LETTERS: usize = 26;
/// How many parts in a row may be missing before a part that is there.
const MOST_MISSING: usize = 16;

/// The parts of an image, each as long as the first one but the last.
pub(crate) struct SplitImage {
    /// `None` for one that is missing.
    parts: Vec<Option<Arc<dyn ReadAt>>>,
    step: u64,
    size: u64,
}

/// The names of the parts behind the first one, whether they are there or not; none if this is not the name
/// of a first part.
fn names_behind(first: &Path) -> Vec<PathBuf> {
    let Some(name) = first.file_name().and_then(|name| name.to_str()) else {
        return Vec::new();
    };
    let without_digits = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = name.len().saturating_sub(without_digits.len());
    let letters = name.len().saturating_sub(name.trim_end_matches('a').len());
    let split = |length: usize| name.split_at_checked(name.len().saturating_sub(length));
    let is_behind =
        |what: &str, length| split(length).is_some_and(|(stem, _)| stem.ends_with(what));
    let number = split(digits).and_then(|(_, digits)| digits.parse::<usize>().ok());
    let behind: Vec<String> = match (number, letters) {
        (Some(number @ (0 | 1)), _)
            if (2..=4).contains(&digits) && is_behind(".", digits)
                || (1..=4).contains(&digits) && is_behind(PART, digits) =>
        {
            let stem = split(digits).map_or("", |(stem, _)| stem);
            let numbers = number.saturating_add(1)..MOST_PARTS;
            let names = numbers.map(|number| format!("{stem}{number:0digits$}"));
            names.collect()
        }
        // `split` makes two letters where nobody says otherwise; the stem may end in an `a`.
        (_, 2..) => {
            let length = match is_behind(".", letters) {
                true => letters.min(4),
                false => 2,
            };
            let stem = split(length).map_or("", |(stem, _)| stem);
            let words = (1..MOST_PARTS).map(|number| word(number, length));
            words.map(|word| format!("{stem}{word}")).collect()
        }
        _ => Vec::new(),
    };
    let behind = behind.into_iter();
    behind.map(|name| first.with_file_name(name)).collect()
}

fn word(number: usize, length: usize) -> String {
    let mut rest = number;
    let mut word = Vec::new();
    for _ in 0..length {
        word.push(char::from(b'a'.saturating_add((rest % LETTERS) as u8)));
        rest /= LETTERS;
    }
    word.iter().rev().collect()
}

fn number_of(word: &str) -> usize {
    let letters = word.bytes().map(|letter| letter.saturating_sub(b'a'));
    letters.fold(0, |number: usize, letter| {
        number.saturating_mul(LETTERS).saturating_add(letter.into())
    })
}

/// The first part, where this is the name of a later one and that one is there.
pub(crate) fn first_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let (stem, end) = split_end(name)?;
    let digits = end.bytes().all(|byte| byte.is_ascii_digit());
    let letters = end.bytes().all(|byte| byte.is_ascii_lowercase());
    let length = end.len();
    let firsts = match length {
        // The first of ten parts may have one digit.
        1..=4 if digits && stem.ends_with(PART) => {
            let lengths = 1..=length;
            let both = lengths.flat_map(|length| ["0".repeat(length), format!("{:0length$}", 1)]);
            both.collect()
        }
        2..=4 if digits => vec!["0".repeat(length), format!("{:0length$}", 1)],
        2..=4 if letters => vec!["a".repeat(length)],
        _ => return None,
    };
    let firsts = firsts.iter().filter(|first| first.as_str() < end);
    let mut firsts = firsts.map(|first| path.with_file_name(format!("{stem}{first}")));
    firsts.find(|first| first.is_file() && parts_behind(first).any(|part| part == path))
}

/// A name before and from its last part on: digits behind `.part`, what stands behind the last dot, or the two letters
/// that `split` adds to a name without one.
fn split_end(name: &str) -> Option<(&str, &str)> {
    let Some((stem, end)) = name.rsplit_once('.') else {
        return name.split_at_checked(name.len().saturating_sub(2));
    };
    let length = match end.strip_prefix("part") {
        Some(number) if !number.is_empty() => number.len(),
        _ => name.len().saturating_sub(stem.len()).saturating_sub(1),
    };
    name.split_at_checked(name.len().saturating_sub(length))
}

/// Whether this is the name of a later part than the first, `card.img.002`, `card.img.part2`, `card.img.ac`, `xac`: by
/// itself, or because the part before it or behind it is there.
pub(crate) fn is_later(path: &Path, is_there: impl Fn(&Path) -> bool) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let Some((stem, end)) = name.and_then(split_end) else {
        return false;
    };
    let length = end.len();
    let digits = end.bytes().all(|byte| byte.is_ascii_digit());
    let letters = end.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_part = stem.ends_with(PART);
    let has_dot = stem.ends_with('.');
    let number = match length {
        1..=4 if digits && (is_part || has_dot && length > 1) => end.parse().ok(),
        2..=4 if letters => Some(number_of(end)),
        _ => None,
    };
    let first = usize::from(digits);
    let Some(number) = number.filter(|number| (first..MOST_PARTS).contains(number)) else {
        return false;
    };
    let of_image = is_image_name(Path::new(stem.trim_end_matches('.')), SECTOR_BYTES);
    // Of names in letters only those like `split` gives first are no others'.
    let is_sure = match digits {
        true => is_part || length == 3 || of_image,
        false => number < LETTERS && (of_image || stem == "x"),
    };
    let is_beside = |number: usize| {
        let end = match digits {
            true => Some(format!("{number:0length$}")),
            false => (number < MOST_PARTS).then(|| word(number, length)),
        };
        end.is_some_and(|end| is_there(&path.with_file_name(format!("{stem}{end}"))))
    };
    let may_be = has_dot || is_part || number < LETTERS;
    let is_known = || {
        let before = number.checked_sub(1).filter(|before| *before > first);
        let behind = Some(number.saturating_add(1));
        may_be && [before, behind].into_iter().flatten().any(is_beside)
    };
    number > first && (is_sure || is_known())
}

/// The last part of a split ZIP archive, where this is the name of another part of it: `card.zip` of `card.z01`.
pub(crate) fn last_of_zip(path: &Path) -> Option<PathBuf> {
    let number = path.extension()?.to_str()?.strip_prefix(['z', 'Z'])?;
    let is_number = number.len() >= 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| path.with_extension("zip"))
}

/// The names of a file in parts without their ends, by which the parts belong together.
pub(crate) fn stem_of(path: &Path) -> PathBuf {
    let name = path.file_name().and_then(|name| name.to_str());
    match (last_of_zip(path), name.and_then(split_end)) {
        (Some(last), _) => last,
        (None, Some((stem, _))) => path.with_file_name(stem),
        (None, None) => path.to_owned(),
    }
}

/// The parts behind the first one that are there.
pub(crate) fn parts_behind(first: &Path) -> impl Iterator<Item = PathBuf> {
    let mut missing = 0_usize;
    let parts = names_behind(first).into_iter().map_while(move |path| {
        let is_there = path.is_file();
        missing = match is_there {
            true => 0,
            false => missing.saturating_add(1),
        };
        (missing <= MOST_MISSING).then_some(Some(path).filter(|_| is_there))
    });
    parts.flatten()
}

/// The image whose first part this is; `None` if no other part is there.
pub(crate) fn open(path: &Path, first: &Arc<dyn ReadAt>) -> Option<SplitImage> {
    let mut there = parts_behind(path).peekable();
    there.peek()?;
    let step = first.size();
    let mut parts = vec![Some(Arc::clone(first))];
    for name in names_behind(path) {
        let Some(next) = there.peek() else {
            break;
        };
        if *next != name {
            parts.push(None);
            continue;
        }
        there.next();
        // One that is longer is no part of this image.
        let part = FileImage::open(&name).ok();
        let part = part.filter(|part| part.size() <= step);
        parts.push(part.map(|part| Arc::new(part) as Arc<dyn ReadAt>));
    }
    let last = parts.last().and_then(Option::as_ref);
    let last = last.map_or(step, |last| last.size());
    let before = (parts.len() as u64).saturating_sub(1);
    Some(SplitImage {
        size: before.checked_mul(step)?.checked_add(last)?,
        parts,
        step,
    })
}

impl ReadAt for SplitImage {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        check_inside(offset, buf.len(), self.size)?;
        for (number, within, now) in cut_at(self.step, offset, buf) {
            let start = number.saturating_mul(self.step);
            let at = start.saturating_add(within);
            let part = usize::try_from(number).ok();
            let part = part.and_then(|number| self.parts.get(number)?.as_ref());
            let end = within.saturating_add(now.len() as u64);
            let missing = || ReadError::unreadable(at, now.len(), SystemError::NOT_READ);
            let part = part.filter(|part| end <= part.size()).ok_or_else(missing)?;
            let read = part.read_at(within, now);
            read.map_err(|error| error.moved(|offset| offset.saturating_add(start)))?;
        }
        Ok(())
    }

    fn gaps(&self) -> Vec<Extent> {
        let starts = (0_u64..).map(|number| number.saturating_mul(self.step));
        let gaps = self.parts.iter().zip(starts).filter_map(|(part, start)| {
            let there = part.as_ref().map_or(0, |part| part.size());
            let end = start.saturating_add(self.step).min(self.size);
            Extent::between(start.saturating_add(there), end).some()
        });
        join(gaps)
    }
}

#[cfg(test)]
mod tests;
