//! A raw image split into files: `card.img.001`, `card.000`, `card.img.part1`, `card.img.aa`, `xaa` and what follows
//! each.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::image::damage::gaps::join;
use crate::image::read_at::check_inside;
use crate::image::read_error::SystemError;
use crate::image::{Extent, FileImage, ReadAt, ReadError};

/// Most parts: three digits.
const MOST_PARTS: usize = 1000;
/// What may stand before the digits.
const PART: &str = ".part";
/// How many parts in a row may be missing before a part that is there.
const MOST_MISSING: usize = 16;

/// The parts of an image, each as long as the first one but the last.
pub(in crate::image) struct SplitImage {
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
    let digits = name
        .len()
        .saturating_sub(name.trim_end_matches(|c: char| c.is_ascii_digit()).len());
    let letters = name.len().saturating_sub(name.trim_end_matches('a').len());
    let is_behind_dot = |length: usize| {
        let stem = name.get(..name.len().saturating_sub(length));
        stem.is_some_and(|stem| stem.ends_with('.'))
    };
    let is_behind_part = |length: usize| {
        let stem = name.get(..name.len().saturating_sub(length));
        stem.is_some_and(|stem| stem.ends_with(PART))
    };
    let split = |length: usize| name.split_at_checked(name.len().saturating_sub(length));
    let number = split(digits).and_then(|(_, digits)| digits.parse::<usize>().ok());
    let behind: Vec<String> = match (number, letters) {
        (Some(number @ (0 | 1)), _)
            if (2..=4).contains(&digits) && is_behind_dot(digits)
                || (1..=4).contains(&digits) && is_behind_part(digits) =>
        {
            let stem = split(digits).map_or("", |(stem, _)| stem);
            let numbers = number.saturating_add(1)..MOST_PARTS;
            numbers
                .map(|number| format!("{stem}{number:0digits$}"))
                .collect()
        }
        // `split` makes two letters where nobody says otherwise; the stem may end in an `a`.
        (_, 2..) => {
            let length = if is_behind_dot(letters) {
                letters.min(4)
            } else {
                2
            };
            let stem = split(length).map_or("", |(stem, _)| stem);
            words(length)
                .skip(1)
                .map(|word| format!("{stem}{word}"))
                .collect()
        }
        _ => Vec::new(),
    };
    behind
        .into_iter()
        .map(|name| first.with_file_name(name))
        .collect()
}

/// `aa`, `ab` and so on.
fn words(length: usize) -> impl Iterator<Item = String> {
    (0..MOST_PARTS).map(move |number| {
        let mut rest = number;
        let mut word = Vec::new();
        for _ in 0..length {
            word.push(char::from(b'a'.saturating_add((rest % 26) as u8)));
            rest /= 26;
        }
        word.iter().rev().collect()
    })
}

/// The first part, where this is the name of a later one and that one is there.
pub(in crate::image) fn first_of(path: &Path) -> Option<PathBuf> {
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

/// A name before and from its last part on: digits behind `.part`, or what stands behind the last dot.
fn split_end(name: &str) -> Option<(&str, &str)> {
    let (stem, end) = name.rsplit_once('.')?;
    let length = match end.strip_prefix("part") {
        Some(number) if !number.is_empty() => number.len(),
        _ => name.len().saturating_sub(stem.len()).saturating_sub(1),
    };
    name.split_at_checked(name.len().saturating_sub(length))
}

/// Whether this is the name of a later part than the first: `card.img.002`, `card.img.part2`.
pub(in crate::image) fn is_later(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let later = name.and_then(split_end).filter(|(stem, end)| {
        let is_part = stem.ends_with(PART) || end.len() == 3;
        is_part && end.bytes().all(|byte| byte.is_ascii_digit())
    });
    later.is_some_and(|(_, end)| end.parse().is_ok_and(|number: u32| number > 1))
}

/// The parts behind the first one that are there.
pub(in crate::image) fn parts_behind(first: &Path) -> impl Iterator<Item = PathBuf> {
    let mut missing = 0_usize;
    let parts = names_behind(first).into_iter().map_while(move |path| {
        let is_there = path.is_file();
        missing = if is_there {
            0
        } else {
            missing.saturating_add(1)
        };
        (missing <= MOST_MISSING).then_some((path, is_there))
    });
    parts
        .filter(|(_, is_there)| *is_there)
        .map(|(path, _)| path)
}

/// The image whose first part this is; `None` if no other part is there.
pub(in crate::image) fn open(path: &Path, first: &Arc<dyn ReadAt>) -> Option<SplitImage> {
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
        let part = FileImage::open(&name)
            .ok()
            .filter(|part| part.size() <= step);
        parts.push(part.map(|part| Arc::new(part) as Arc<dyn ReadAt>));
    }
    let last = parts
        .last()
        .and_then(Option::as_ref)
        .map_or(step, |last| last.size());
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
        let (mut at, mut rest) = (offset, buf);
        while !rest.is_empty() {
            let within = at.checked_rem(self.step).unwrap_or_default();
            let number = at.checked_div(self.step).unwrap_or_default();
            let here = self.step.saturating_sub(within).min(rest.len() as u64);
            let (now, later) = rest.split_at_mut(usize::try_from(here).unwrap_or(usize::MAX));
            let part = usize::try_from(number)
                .ok()
                .and_then(|number| self.parts.get(number));
            let part = part.and_then(Option::as_ref);
            let part = part.filter(|part| within.saturating_add(here) <= part.size());
            let missing = || ReadError::unreadable(at, now.len(), SystemError::NOT_READ);
            let part = part.ok_or_else(missing)?;
            let start = at.saturating_sub(within);
            part.read_at(within, now)
                .map_err(|error| error.moved_up(start))?;
            (at, rest) = (at.saturating_add(here), later);
        }
        Ok(())
    }

    /// Parts that are missing, and what parts that are too short lack.
    fn gaps(&self) -> Vec<Extent> {
        let parts = self
            .parts
            .iter()
            .zip((0_u64..).map(|number| number.saturating_mul(self.step)));
        let gaps = parts.filter_map(|(part, start)| {
            let there = part.as_ref().map_or(0, |part| part.size());
            let offset = start.saturating_add(there);
            let end = start.saturating_add(self.step).min(self.size);
            let length = end.checked_sub(offset).filter(|length| *length > 0)?;
            Some(Extent { offset, length })
        });
        join(gaps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::SplitReads;

    #[test]
    fn parts_have_their_names() {
        let behind = |name: &str| -> Vec<String> {
            let names = names_behind(Path::new(name)).into_iter().take(2);
            names
                .map(|name| name.to_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(behind("card.img.001"), ["card.img.002", "card.img.003"]);
        assert_eq!(behind("d/card.000"), ["d/card.001", "d/card.002"]);
        assert_eq!(
            behind("card.img.part1"),
            ["card.img.part2", "card.img.part3"]
        );
        assert_eq!(behind("card.part01"), ["card.part02", "card.part03"]);
        assert_eq!(behind("card.img.aa"), ["card.img.ab", "card.img.ac"]);
        assert_eq!(behind("card.img.aaa"), ["card.img.aab", "card.img.aac"]);
        assert_eq!(behind("xaa"), ["xab", "xac"]);
        for none in [
            "card.img",
            "card.002",
            "card.1",
            "card.img.ab",
            "a",
            "card001",
            "card.00001",
        ] {
            assert_eq!(behind(none), [""; 0], "{none}");
        }
        assert_eq!(words(2).nth(26).unwrap(), "ba");
    }

    #[test]
    fn a_later_part_is_told_by_its_name() {
        for later in ["card.img.002", "card.010", "card.img.part2", "c.part10"] {
            assert!(is_later(Path::new(later)), "{later}");
        }
        for none in [
            "card.img.001",
            "card.000",
            "card.part1",
            "card.img",
            "c.2024",
            "part2",
        ] {
            assert!(!is_later(Path::new(none)), "{none}");
        }
        let folder = tempfile::tempdir().unwrap();
        for number in 1..=10 {
            std::fs::write(folder.path().join(format!("c.part{number}")), [1]).unwrap();
        }
        let path = |name: &str| folder.path().join(name);
        assert_eq!(first_of(&path("c.part10")), Some(path("c.part1")));
        assert_eq!(first_of(&path("c.part1")), None);
    }

    #[test]
    fn they_are_one_image_and_what_is_missing_is_a_gap() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for (name, length) in [
            ("c.001", 1024),
            ("c.002", 1024),
            ("c.004", 1000),
            ("c.005", 600),
        ] {
            let byte = name.as_bytes()[4];
            std::fs::write(path(name), vec![byte; length]).unwrap();
        }
        let first: Arc<dyn ReadAt> = Arc::new(FileImage::open(&path("c.001")).unwrap());
        let image = open(&path("c.001"), &first).unwrap();
        assert_eq!(image.size(), 4 * 1024 + 600);
        let gap = |offset, length| Extent { offset, length };
        assert_eq!(image.gaps(), [gap(2048, 1024), gap(4072, 24)]);
        let mut buf = [0; 1000];
        image.read_at(600, &mut buf).unwrap();
        assert_eq!((buf[0], buf[423], buf[424]), (b'1', b'1', b'2'));
        let image = SplitReads::new(image);
        assert!(image.read_at(2048, &mut buf).is_err());
        image.read_at(3072, &mut buf[..512]).unwrap();
        assert_eq!(buf[0], b'4');
        image.read_at(4096, &mut buf[..600]).unwrap();
        assert_eq!(buf[599], b'5');
        let behind: Vec<_> = parts_behind(&path("c.001")).collect();
        assert_eq!(behind, [path("c.002"), path("c.004"), path("c.005")]);
        for later in ["c.002", "c.005"] {
            assert_eq!(first_of(&path(later)), Some(path("c.001")));
        }
        for none in ["c.001", "c.003", "c.img", "c"] {
            assert_eq!(first_of(&path(none)), None);
        }
        assert!(open(&path("c.005"), &first).is_none());
    }
}
