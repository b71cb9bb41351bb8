//! A dump whose bytes a tool wrote in its own way: inverted, in another order, or scrambled page by page.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use zeroize::Zeroizing;

use super::compressed::sparse_pages::is_zero;
use super::extent::Extent;
use super::read_at::{ReadAt, check_inside};
use super::read_error::ReadError;

/// Bytes of the largest group whose order is changed.
const GROUP: u64 = 4;
/// Bytes of a page that is the same everywhere.
const PAGE: usize = 512;
/// The bits of an offset that say where in a page it is.
const IN_PAGE: u64 = 511;
/// Bytes read at once to count pages.
const AT_ONCE: usize = 1 << 20;
/// Most bytes in which the commonest page is looked for.
const MOST: u64 = 64 << 20;
/// Most different pages that are counted.
const MOST_PAGES: usize = 1 << 16;

/// What was done to every byte of a dump. Each undoes itself.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Transform {
    /// All bits are inverted.
    Inverted,
    /// The bits of each byte are in the other order.
    BitOrder,
    /// The bytes of each two, or each four, are in the other order.
    ByteOrder(u64),
    /// Every page is combined with this one by exclusive or.
    Page(Zeroizing<Vec<u8>>),
}

impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inverted => f.write_str("bits inverted"),
            Self::BitOrder => f.write_str("bits in the other order"),
            Self::ByteOrder(bytes) => write!(f, "bytes in the other order by {bytes}"),
            Self::Page(_) => f.write_str("pages unscrambled"),
        }
    }
}

impl Transform {
    /// Lists what a dump may have been through. The page is the commonest one: most of a card is empty. If that is zero
    /// as it lies, nothing was inverted or scrambled.
    pub fn list(image: &dyn ReadAt) -> Vec<Self> {
        let mut all = vec![Self::BitOrder, Self::ByteOrder(2), Self::ByteOrder(4)];
        let page = commonest_page(image);
        if page.as_ref().is_some_and(|page| is_zero(page)) {
            return all;
        }
        all.insert(0, Self::Inverted);
        if let Some(page) = page {
            let inverted: Vec<u8> = page.iter().map(|byte| !byte).collect();
            all.extend([page, Zeroizing::new(inverted)].map(Self::Page));
        }
        all
    }
}

/// A dump with a transform undone.
pub struct Transformed<'a> {
    image: &'a dyn ReadAt,
    transform: &'a Transform,
}

impl<'a> Transformed<'a> {
    /// Undoes a transform of a dump.
    pub fn new(image: &'a dyn ReadAt, transform: &'a Transform) -> Self {
        Self { image, transform }
    }

    /// Reads bytes in another order: all of the groups that the range touches.
    fn read_groups(&self, offset: u64, buf: &mut [u8], group: u64) -> Result<(), ReadError> {
        let end = offset.saturating_add(buf.len() as u64);
        let first = offset.saturating_sub(offset.checked_rem(group).unwrap_or(0));
        let last = end.checked_next_multiple_of(group).unwrap_or(end);
        let last = last.min(self.size());
        let length = usize::try_from(last.saturating_sub(first)).unwrap_or(0);
        let mut bytes = Zeroizing::new(vec![0; length]);
        self.image.read_at(first, &mut bytes)?;
        if is_zero(&bytes) {
            buf.fill(0);
            return Ok(());
        }
        match group {
            2 => reverse_each::<2>(&mut bytes),
            _ => reverse_each::<4>(&mut bytes),
        }
        let skip = usize::try_from(offset.saturating_sub(first)).unwrap_or(0);
        for (to, from) in buf.iter_mut().zip(bytes.iter().skip(skip)) {
            *to = *from;
        }
        Ok(())
    }
}

impl ReadAt for Transformed<'_> {
    fn size(&self) -> u64 {
        self.image.size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        check_inside(offset, buf.len(), self.size())?;
        if let Transform::ByteOrder(group) = self.transform {
            return self.read_groups(offset, buf, *group);
        }
        self.image.read_at(offset, buf)?;
        match self.transform {
            Transform::Inverted => buf.iter_mut().for_each(|byte| *byte = !*byte),
            Transform::BitOrder if is_zero(buf) => {}
            Transform::BitOrder => buf.iter_mut().for_each(|byte| *byte = byte.reverse_bits()),
            Transform::Page(page) => {
                let start = usize::try_from(offset & IN_PAGE).unwrap_or(0);
                let (head, rest) = buf.split_at_mut(PAGE.saturating_sub(start).min(buf.len()));
                combine(head, page.get(start..).unwrap_or_default());
                for part in rest.chunks_mut(PAGE) {
                    combine(part, page);
                }
            }
            Transform::ByteOrder(_) => {}
        }
        Ok(())
    }

    fn gaps(&self) -> Vec<Extent> {
        self.image.gaps()
    }

    fn next_data(&self, offset: u64) -> Option<Extent> {
        let rest = Extent::between(offset, self.size()).some()?;
        match self.transform {
            // What is zero stays zero, up to the rest of a group.
            Transform::BitOrder | Transform::ByteOrder(_) => {
                let data = self.image.next_data(offset)?;
                let start = (data.offset & !(GROUP - 1)).max(offset);
                let end = data.end().next_multiple_of(GROUP).min(self.size());
                Some(Extent::between(start, end))
            }
            Transform::Inverted | Transform::Page(_) => Some(rest),
        }
    }
}

/// Turns the bytes of each group around: of a width that the compiler knows, many at once.
fn reverse_each<const WIDTH: usize>(bytes: &mut [u8]) {
    let (groups, _) = bytes.as_chunks_mut::<WIDTH>();
    groups.iter_mut().for_each(|group| group.reverse());
}

/// Combines bytes with those of a key by exclusive or.
fn combine(bytes: &mut [u8], key: &[u8]) {
    for (byte, key) in bytes.iter_mut().zip(key) {
        *byte ^= key;
    }
}

/// The page that is most often in a dump, if any is there twice; of several the first. They are counted by a number made of
/// them: pages are sectors of a card.
fn commonest_page(image: &dyn ReadAt) -> Option<Zeroizing<Vec<u8>>> {
    let mut pages: HashMap<u64, (u64, u64)> = HashMap::new();
    let mut count = |at: u64, page: &[u8]| {
        let mut number = DefaultHasher::new();
        page.hash(&mut number);
        let number = number.finish();
        if pages.len() < MOST_PAGES || pages.contains_key(&number) {
            let (count, _) = pages.entry(number).or_insert((0, at));
            *count = count.saturating_add(1);
        }
    };
    let mut bytes = Zeroizing::new(vec![0; AT_ONCE]);
    let end = image.size().min(MOST);
    let places = |from: u64| (from..end).step_by(PAGE);
    for start in (0..end).step_by(AT_ONCE) {
        let rest = usize::try_from(end.saturating_sub(start)).unwrap_or(AT_ONCE);
        let length = rest.min(AT_ONCE);
        let length = length.saturating_sub(length % PAGE);
        let Some(part) = bytes.get_mut(..length) else {
            break;
        };
        let all_read = image.read_at(start, part).is_ok();
        for (at, page) in places(start).zip(part.chunks_exact_mut(PAGE)) {
            if all_read || image.read_at(at, page).is_ok() {
                count(at, page);
            }
        }
    }
    let mut page = Zeroizing::new(vec![0; PAGE]);
    let counts = pages.into_values().filter(|(count, _)| *count > 1);
    let (_, first) = counts.max_by_key(|(count, first)| (*count, Reverse(*first)))?;
    image.read_at(first, &mut page).ok().map(|()| page)
}

#[cfg(test)]
mod tests {
    use super::super::Memory;
    use super::*;

    #[test]
    fn each_undoes_itself_wherever_it_is_read() {
        let bytes: Vec<u8> = (0..2050_u32).map(|at| (at * 37 % 251) as u8).collect();
        let page = Zeroizing::new((0..PAGE).map(|at| (at % 7) as u8).collect());
        let all = [
            Transform::Inverted,
            Transform::BitOrder,
            Transform::ByteOrder(2),
            Transform::ByteOrder(4),
            Transform::Page(page),
        ];
        for transform in all {
            let image = Memory::from(bytes.clone());
            let once = Transformed::new(&image, &transform);
            let mut read = vec![0; bytes.len()];
            once.read_at(0, &mut read).unwrap();
            assert_ne!(read, bytes, "{transform}");
            let other = Memory::from(read);
            let twice = Transformed::new(&other, &transform);
            for (offset, length) in [(0, 2050), (1, 1), (3, 600), (511, 513), (2047, 3)] {
                let mut part = vec![0; length];
                twice.read_at(offset as u64, &mut part).unwrap();
                assert_eq!(part, bytes[offset..offset + length], "{transform} {offset}");
            }
            assert!(twice.read_at(2049, &mut [0; 2]).is_err());
        }
    }

    #[test]
    fn the_commonest_page_says_what_is_tried() {
        let list = |bytes: &[u8]| Transform::list(&Memory::from(bytes.to_vec()));
        let mut bytes = vec![0; 8 * PAGE];
        assert!(!list(&bytes).contains(&Transform::Inverted));
        assert_eq!(list(&bytes).len(), 3);
        bytes[..5 * PAGE].fill(7);
        let page = |byte: u8| Transform::Page(Zeroizing::new(vec![byte; PAGE]));
        assert_eq!(list(&bytes)[4..], [page(7), page(!7)]);
        assert!(list(&bytes).contains(&Transform::Inverted));
        // Of two that are there equally often the first.
        bytes[4 * PAGE..5 * PAGE].fill(0);
        assert_eq!(list(&bytes)[4..], [page(7), page(!7)]);
        // Nothing is there twice.
        assert_eq!(list(&bytes[3 * PAGE..5 * PAGE]).len(), 4);
    }
}
