//! A part of an image as an image of its own.

use crate::image::{Extent, ReadAt, ReadError, check_inside};

/// The bytes of an image from an offset on.
pub struct Window<R> {
    inner: R,
    start: u64,
    size: u64,
}

impl<R: ReadAt> Window<R> {
    /// So many bytes from `start` on, or all of them; fewer where the image ends before.
    pub fn new(inner: R, start: u64, size: Option<u64>) -> Self {
        let left = inner.size().saturating_sub(start);
        Self {
            size: size.unwrap_or(left).min(left),
            inner,
            start,
        }
    }

    fn within(&self, extent: Extent) -> Option<Extent> {
        let offset = extent.offset.max(self.start);
        let end = extent.end().min(self.start.saturating_add(self.size));
        let start = self.start;
        Extent::between(offset.saturating_sub(start), end.saturating_sub(start)).some()
    }
}

impl<R: ReadAt> ReadAt for Window<R> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        check_inside(offset, buf.len(), self.size)?;
        let read = self.inner.read_at(self.start.saturating_add(offset), buf);
        read.map_err(|error| error.moved(|offset| offset.saturating_sub(self.start)))
    }

    fn gaps(&self) -> Vec<Extent> {
        let gaps = self.inner.gaps().into_iter();
        gaps.filter_map(|gap| self.within(gap)).collect()
    }

    fn next_data(&self, offset: u64) -> Option<Extent> {
        let data = self.inner.next_data(self.start.saturating_add(offset))?;
        self.within(data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::damage::mapped::Mapped;
    use crate::image::{Memory, SplitReads};

    #[test]
    fn it_is_a_part_with_its_gaps() {
        let bytes: Vec<u8> = (0..4096_u32).map(|at| (at / 512) as u8).collect();
        let gap = |offset, length| Extent { offset, length };
        let missing = vec![gap(0, 512), gap(2048, 512)];
        let image = SplitReads::new(Mapped::new(Memory::new(bytes), missing));
        let window = Window::new(&image, 1024, Some(2048));
        assert_eq!(window.size(), 2048);
        let mut buf = [9; 512];
        window.read_at(512, &mut buf).unwrap();
        assert_eq!(buf, [3; 512]);
        assert_eq!(window.gaps(), [gap(1024, 512)]);
        let error = window.read_at(1024, &mut buf).unwrap_err();
        assert!(matches!(error, ReadError::Unreadable { offset: 1024, .. }));
        assert!(window.read_at(2000, &mut buf).is_err());
        assert_eq!(window.next_data(100), Some(gap(100, 1948)));
        assert_eq!(window.next_data(2048), None);
        assert_eq!(Window::new(&image, 1024, None).size(), 3072);
        assert_eq!(Window::new(&image, 5000, Some(7)).size(), 0);
    }
}
