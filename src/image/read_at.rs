//! The seam between the bytes of an image and everything that reads them.

use std::sync::Arc;

use super::extent::Extent;
use super::read_error::ReadError;

/// Bytes that can be read at any offset and never written.
///
/// Offsets and sizes are in bytes. An implementation holds a stable size: what it answers to
/// [`ReadAt::size`] does not change during its life.
pub trait ReadAt: Send + Sync {
    /// How many bytes there are.
    fn size(&self) -> u64;

    /// Fills `buf` completely from `offset` on, or fails.
    ///
    /// After an error the contents of `buf` are unspecified.
    ///
    /// # Errors
    /// [`ReadError::PastEnd`] if not all of it lies inside the image, [`ReadError::Unreadable`] if
    /// it does and still cannot be read. These two are never confused.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError>;

    /// Parts known to be unreadable (a map file, earlier errors), ascending, not touching.
    fn gaps(&self) -> Vec<Extent> {
        Vec::new()
    }

    /// The next stretch from `offset` on that may hold anything but zeros; `None` if there is none.
    ///
    /// An image that does not know where it is empty answers with all the rest.
    fn next_data(&self, offset: u64) -> Option<Extent> {
        Extent::between(offset, self.size()).some()
    }
}

macro_rules! read_through {
    ($($pointer:ty),*) => {$(
        impl<T: ReadAt + ?Sized> ReadAt for $pointer {
            fn size(&self) -> u64 {
                (**self).size()
            }

            fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
                (**self).read_at(offset, buf)
            }

            fn gaps(&self) -> Vec<Extent> {
                (**self).gaps()
            }

            fn next_data(&self, offset: u64) -> Option<Extent> {
                (**self).next_data(offset)
            }
        }
    )*};
}

read_through!(&T, Box<T>, Arc<T>);

/// Cuts a read at the multiples of a length: of each piece the number of the part that it lies in, where in that it begins, and
/// its room.
pub(crate) fn cut_at(
    step: u64,
    offset: u64,
    buf: &mut [u8],
) -> impl Iterator<Item = (u64, u64, &mut [u8])> {
    let (mut at, mut rest) = (offset, buf);
    std::iter::from_fn(move || {
        let (number, within) = (at.checked_div(step)?, at.checked_rem(step)?);
        let length = step.saturating_sub(within).min(rest.len() as u64) as usize;
        let (now, later) = std::mem::take(&mut rest).split_at_mut_checked(length)?;
        (at, rest) = (at.saturating_add(length as u64), later);
        (!now.is_empty()).then_some((number, within, now))
    })
}

/// Refuses a read that does not lie inside `size` bytes.
pub(crate) fn check_inside(offset: u64, length: usize, size: u64) -> Result<(), ReadError> {
    let length = length as u64;
    match offset.checked_add(length) {
        Some(end) if end <= size => Ok(()),
        _ => Err(ReadError::PastEnd {
            offset,
            length,
            size,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Memory;

    #[test]
    fn the_end_of_an_extent_saturates() {
        let extent = |offset, length| Extent { offset, length };
        assert_eq!(extent(512, 10).end(), 522);
        assert_eq!(extent(u64::MAX, 10).end(), u64::MAX);
    }

    #[test]
    fn a_range_is_inside_up_to_the_last_byte() {
        assert_eq!(check_inside(0, 10, 10), Ok(()));
        assert_eq!(check_inside(10, 0, 10), Ok(()));
        let past = |offset, length, size| ReadError::PastEnd {
            offset,
            length,
            size,
        };
        assert_eq!(check_inside(1, 10, 10), Err(past(1, 10, 10)));
        assert_eq!(check_inside(11, 0, 10), Err(past(11, 0, 10)));
        assert_eq!(
            check_inside(u64::MAX, 2, u64::MAX),
            Err(past(u64::MAX, 2, u64::MAX))
        );
    }

    #[test]
    fn pointers_read_through() {
        fn ends(image: impl ReadAt) -> (u64, u8) {
            let mut byte = [0];
            image.read_at(2, &mut byte).unwrap();
            (image.size(), byte[0])
        }
        let memory = Memory::new(vec![1, 2, 3]);
        assert_eq!(ends(&memory), (3, 3));
        assert_eq!(ends(&memory as &dyn ReadAt), (3, 3));
        let boxed: Box<dyn ReadAt> = Box::new(memory);
        assert_eq!(ends(&boxed), (3, 3));
        assert_eq!(ends(boxed), (3, 3));
        assert_eq!(ends(Arc::new(Memory::new(vec![1, 2, 3]))), (3, 3));
    }
}
