//! Compressed images, unpacked in one pass into a sparse image. No file is made.

use std::io::{BufRead, BufReader, Read};

use zeroize::Zeroizing;

use super::Pages;
use super::pages::PAGE;

/// Most bytes an image may claim to be, empty ones included: 16 TiB, more than any card.
const MAX_SIZE: u64 = 1 << 44;

/// How an image is compressed, told by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
    /// xz.
    Xz,
}

/// Why an image could not be unpacked.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// The compressed data is broken or ends too early.
    #[error("the compressed data is broken after {unpacked} unpacked bytes: {reason}")]
    Broken {
        /// How far it went.
        unpacked: u64,
        /// What the decoder says.
        reason: String,
    },
    /// It holds more than may be unpacked.
    #[error("it unpacks to more than {limit} bytes of data")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// xz was not built in.
    #[error("it is compressed with xz, which this build does not read")]
    XzNotBuiltIn,
}

impl Packing {
    /// Tells the packing by the first bytes of a file, or `None` if there is none.
    pub fn of(first: &[u8]) -> Option<Self> {
        match first {
            [0x1F, 0x8B, 0x08, ..] => Some(Self::Gzip),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Self::Zstd),
            // A skippable frame may stand first.
            [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Self::Zstd),
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            _ => None,
        }
    }
}

/// Unpacks an image; at most `limit` bytes of pages that are not all zero.
pub fn unpack(packing: Packing, packed: impl Read, limit: u64) -> Result<Pages, UnpackError> {
    let packed = BufReader::with_capacity(1 << 16, packed);
    let mut pages = Pages::default();
    match packing {
        Packing::Gzip => fill(
            flate2::bufread::MultiGzDecoder::new(packed),
            &mut pages,
            limit,
        )?,
        Packing::Zstd => zstd(packed, &mut pages, limit)?,
        #[cfg(feature = "xz")]
        Packing::Xz => fill(lzma_rust2::XzReader::new(packed, true), &mut pages, limit)?,
        #[cfg(not(feature = "xz"))]
        Packing::Xz => return Err(UnpackError::XzNotBuiltIn),
    }
    Ok(pages)
}

fn broken(unpacked: u64, reason: impl ToString) -> UnpackError {
    UnpackError::Broken {
        unpacked,
        reason: reason.to_string(),
    }
}

/// Frames, one behind the other; skippable ones are skipped.
fn zstd(mut packed: impl BufRead, pages: &mut Pages, limit: u64) -> Result<(), UnpackError> {
    use super::ReadAt;
    use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
    let mut rest = Rest::default();
    loop {
        if packed
            .fill_buf()
            .map_err(|error| broken(pages.size(), error))?
            .is_empty()
        {
            return rest.flush(pages, limit);
        }
        let decoder = match ruzstd::decoding::StreamingDecoder::new(&mut packed) {
            Ok(decoder) => decoder,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                let skipped = std::io::copy(
                    &mut packed.by_ref().take(u64::from(length)),
                    &mut std::io::sink(),
                );
                match skipped {
                    Ok(skipped) if skipped == u64::from(length) => continue,
                    _ => return Err(broken(pages.size(), "a skippable frame is cut")),
                }
            }
            Err(error) => return Err(broken(pages.size(), error)),
        };
        rest.take(decoder, pages, limit)?;
    }
}

#[cfg_attr(not(feature = "xz"), allow(dead_code))]
fn fill(stream: impl Read, pages: &mut Pages, limit: u64) -> Result<(), UnpackError> {
    let mut rest = Rest::default();
    rest.take(stream, pages, limit)?;
    rest.flush(pages, limit)
}

/// A page being filled.
struct Rest {
    page: Zeroizing<[u8; PAGE]>,
    filled: usize,
}

impl Default for Rest {
    fn default() -> Self {
        Self {
            page: Zeroizing::new([0; PAGE]),
            filled: 0,
        }
    }
}

impl Rest {
    fn take(
        &mut self,
        mut stream: impl Read,
        pages: &mut Pages,
        limit: u64,
    ) -> Result<(), UnpackError> {
        use super::ReadAt;
        loop {
            let room = self.page.get_mut(self.filled..).unwrap_or_default();
            match stream.read(room) {
                Ok(0) => return Ok(()),
                Ok(read) => self.filled = self.filled.saturating_add(read),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(broken(pages.size(), error)),
            }
            if self.filled >= PAGE {
                self.flush(pages, limit)?;
            }
        }
    }

    fn flush(&mut self, pages: &mut Pages, limit: u64) -> Result<(), UnpackError> {
        use super::ReadAt;
        let held = pages.append(self.page.get(..self.filled).unwrap_or_default());
        self.filled = 0;
        if held > limit || pages.size() > MAX_SIZE {
            Err(UnpackError::TooLarge { limit })
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::ReadAt;
    use super::*;

    fn image() -> Vec<u8> {
        let mut image = vec![0; 300_001];
        image[5000..5100].fill(7);
        image[300_000] = 9;
        image
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
    }

    fn bytes(pages: &Pages) -> Vec<u8> {
        let mut bytes = vec![0xFF; usize::try_from(pages.size()).unwrap()];
        pages.read_at(0, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn both_packings_give_the_image_back() {
        for (packing, packed) in [
            (Packing::Gzip, gzip(&image())),
            (Packing::Zstd, zstd(&image())),
        ] {
            assert_eq!(Packing::of(&packed), Some(packing));
            assert_eq!(
                bytes(&unpack(packing, packed.as_slice(), 1 << 20).unwrap()),
                image()
            );
        }
    }

    #[test]
    fn members_and_frames_follow_each_other() {
        let twice = [image(), image()].concat();
        let frames = [
            zstd(&image()),
            vec![0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3],
            zstd(&image()),
        ]
        .concat();
        assert_eq!(
            bytes(&unpack(Packing::Zstd, frames.as_slice(), 1 << 20).unwrap()),
            twice
        );
        let members = [gzip(&image()), gzip(&image())].concat();
        assert_eq!(
            bytes(&unpack(Packing::Gzip, members.as_slice(), 1 << 20).unwrap()),
            twice
        );
    }

    #[test]
    fn a_cut_stream_is_an_error_wherever_it_is_cut() {
        for (packing, packed) in [
            (Packing::Gzip, gzip(&image())),
            (Packing::Zstd, zstd(&image())),
        ] {
            for cut in 4..packed.len() {
                let result = unpack(packing, &packed[..cut], 1 << 20);
                assert!(
                    matches!(result, Err(UnpackError::Broken { .. })),
                    "{packing:?} cut at {cut}"
                );
            }
        }
    }

    #[test]
    fn the_limit_counts_pages_that_are_not_zero() {
        let packed = zstd(&image());
        assert!(unpack(Packing::Zstd, packed.as_slice(), 2 * PAGE as u64).is_ok());
        let result = unpack(Packing::Zstd, packed.as_slice(), PAGE as u64);
        assert!(matches!(result, Err(UnpackError::TooLarge { .. })));
    }
}
