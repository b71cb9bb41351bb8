//! Compressed images: gzip, zstd and, behind a feature, xz, unpacked in one pass into memory.

use std::io::{self, Read};

use flate2::bufread::GzDecoder;
use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use zeroize::Zeroizing;

#[cfg(feature = "xz")]
use crate::image::compressed::format::XZ;
use crate::image::compressed::format::{ZSTD, is_skippable};
use crate::image::compressed::input::Input;
use crate::image::{
    Packing, PackingFlaw, Pages, PagesError, ReadAt, SECTOR_BYTES, UnpackError, UnpackedImage,
    Watched,
};
use crate::progress::Progress;

/// Bytes taken from a decoder at a time.
const TAKE: usize = 128 << 10;
/// How many bytes one byte of gzip can unpack to.
const MOST_TIMES: u64 = 1032;
/// A last block of zstd without data, and room for a checksum.
const LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];
/// The same, of a decoder that loses what it has when it fails.
#[cfg(feature = "xz")]
const TAKE_XZ: usize = 4 << 10;
/// Most members, frames or streams of a compressed file: so many ...
const MOST_PARTS: u64 = 4096;
/// ... and one more for each so many unpacked bytes. To begin one takes time, also if nothing is in it.
const PART_BYTES: u64 = 16 << 10;
/// Most memory a zstd or xz file may ask for to be unpacked: what `zstd -d` allows by default,
/// and twice what `xz -9` needs.
const MOST_WINDOW: u64 = 128 << 20;

/// Unpacks a compressed image in one pass, keeping at most `budget` bytes of pages that are not
/// zero, and at most 32 GiB or 64 times as many bytes in all; of a file that is cut short or damaged what unpacks. How
/// far it has come is in `progress`, which can stop it.
///
/// What is kept is wiped on drop; the window of the decoder, at most 128 MiB and often far less,
/// belongs to the decoder and is freed without.
///
/// # Errors
/// [`UnpackError`], but for damage ([`UnpackError::Broken`], [`UnpackError::Unreadable`]). Padding with zero bytes behind
/// the data is accepted, anything else is not.
pub fn unpack_damaged(
    image: &dyn ReadAt,
    packing: Packing,
    budget: u64,
    progress: &Progress<'_>,
) -> Result<UnpackedImage, UnpackError> {
    let watched = Watched::new(image, progress);
    let mut input = Input::new(&watched);
    let mut output = Output {
        pages: Pages::with_budget(budget),
        ..Output::new(progress)
    };
    let flaw = match unpack_all(packing, &mut input, &mut output) {
        _ if progress.is_stopped() => return Err(UnpackError::Stopped),
        Ok(()) => None,
        Err(Stop::Error(error)) => return Err(error),
        Err(Stop::PackingFlaw(flaw)) => Some(match input.failure {
            Some(error) => UnpackError::Unreadable(error),
            None => UnpackError::Broken {
                packing,
                offset: input.consumed,
                unpacked: output.pages.size(),
                // What a decoder says of an end it did not expect varies.
                flaw: match input.starved {
                    true => PackingFlaw::CutShort,
                    false => flaw,
                },
            },
        }),
    };
    let unpacked = output.pages.size();
    let corrupt = PackingFlaw::Corrupt;
    if packing == Packing::Gzip
        && matches!(&flaw, Some(UnpackError::Broken { flaw, .. }) if *flaw == corrupt)
    {
        output.size = stored_by_gzip(image, unpacked);
    }
    Ok(UnpackedImage {
        flaw,
        size: output.size.filter(|size| *size >= unpacked),
        pages: output.pages,
    })
}

/// The first so many bytes of a compressed image, or as many as unpack.
pub(crate) fn unpack_beginning(
    image: &dyn ReadAt,
    packing: Packing,
    most: usize,
) -> Zeroizing<Vec<u8>> {
    let progress = Progress::default();
    let mut output = Output {
        most: most as u64,
        ..Output::new(&progress)
    };
    // How it ends is asked when it is opened.
    let _ = unpack_all(packing, &mut Input::new(image), &mut output);
    let length = usize::try_from(output.pages.size()).unwrap_or(most);
    let mut beginning = Zeroizing::new(vec![0; length.min(most)]);
    if output.pages.read_at(0, &mut beginning).is_err() {
        beginning.clear();
    }
    beginning
}

fn unpack_all(
    packing: Packing,
    input: &mut Input<'_>,
    output: &mut Output<'_>,
) -> Result<(), Stop> {
    match packing {
        Packing::Gzip => gunzip(input, output),
        Packing::Zstd => unzstd(input, output),
        #[cfg(feature = "xz")]
        Packing::Xz => unxz(input, output),
        #[cfg(not(feature = "xz"))]
        Packing::Xz => Err(Stop::Error(UnpackError::NotBuilt(Packing::Xz))),
    }
}

/// How many bytes there were by the last four of a gzip file, which count up to 4 GiB.
fn stored_by_gzip(image: &dyn ReadAt, at_least: u64) -> Option<u64> {
    const WRAPS: u64 = 1 << 32;
    let mut last = [0; 4];
    let at = image.size().checked_sub(4)?;
    image.read_at(at, &mut last).ok()?;
    let low = u64::from(u32::from_le_bytes(last));
    let rounds = at_least.saturating_sub(low).div_ceil(WRAPS);
    let size = low.checked_add(rounds.checked_mul(WRAPS)?)?;
    // Of an image of whole sectors only: what is damaged may be these four bytes.
    let most = image.size().saturating_mul(MOST_TIMES);
    (size.is_multiple_of(SECTOR_BYTES) && size <= most).then_some(size)
}

enum Stop {
    Error(UnpackError),
    PackingFlaw(PackingFlaw),
}

impl From<PackingFlaw> for Stop {
    fn from(flaw: PackingFlaw) -> Self {
        Self::PackingFlaw(flaw)
    }
}

impl From<PagesError> for Stop {
    fn from(error: PagesError) -> Self {
        Self::Error(error.into())
    }
}

fn gunzip(input: &mut Input<'_>, output: &mut Output<'_>) -> Result<(), Stop> {
    loop {
        output.begin_part()?;
        output.take_all(&mut GzDecoder::new(&mut *input))?;
        if !matches!(input.peek::<2>(), [0x1f, 0x8b, ..]) {
            return Ok(input.expect_padding()?);
        }
    }
}

fn unzstd(input: &mut Input<'_>, output: &mut Output<'_>) -> Result<(), Stop> {
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(MOST_WINDOW);
    loop {
        output.begin_part()?;
        let magic = input.peek::<4>();
        if magic == ZSTD {
            unzstd_frame(&mut decoder, input, output)?;
        } else if is_skippable(magic) {
            let mut header = [0; 8];
            let read = input.read_exact(&mut header);
            read.map_err(|error| stop_by(&error))?;
            let [_, _, _, _, length @ ..] = header;
            input.skip(u32::from_le_bytes(length).into())?;
        } else if !magic.is_empty() && ZSTD.starts_with(magic) {
            return Err(PackingFlaw::CutShort.into());
        } else {
            return Ok(input.expect_padding()?);
        }
    }
}

fn unzstd_frame(
    decoder: &mut FrameDecoder,
    input: &mut Input<'_>,
    output: &mut Output<'_>,
) -> Result<(), Stop> {
    let before = output.pages.size();
    decoder.reset(&mut *input).map_err(|error| match error {
        FrameDecoderError::WindowSizeTooBig { max: most, .. } => Stop::Error(UnpackError::Window {
            packing: Packing::Zstd,
            most,
        }),
        FrameDecoderError::DictNotProvided { dict_id: id } => {
            Stop::Error(UnpackError::Dictionary { id })
        }
        _ => PackingFlaw::Corrupt.into(),
    })?;
    loop {
        while decoder.can_collect() > 0 {
            output.take(decoder)?;
        }
        if decoder.is_finished() {
            break;
        }
        let decoded = decoder.decode_blocks(&mut *input, BlockDecodingStrategy::UptoBytes(TAKE));
        if decoded.is_err() {
            let size = Some(decoder.content_size()).filter(|size| *size > 0);
            output.size = size.and_then(|size| before.checked_add(size));
            // The decoder keeps the last bytes for what refers to them; after a last block it gives them.
            let _ = decoder.decode_blocks(&LAST_BLOCK[..], BlockDecodingStrategy::All);
            while decoder.is_finished() && decoder.can_collect() > 0 {
                output.take(decoder)?;
            }
            return Err(PackingFlaw::Corrupt.into());
        }
    }
    let stored = decoder.get_checksum_from_data();
    if stored.is_some() && stored != decoder.get_calculated_checksum() {
        return Err(PackingFlaw::Checksum.into());
    }
    // 0 also means that the length is not stored.
    let length = output.pages.size().saturating_sub(before);
    if ![0, length].contains(&decoder.content_size()) {
        return Err(PackingFlaw::Length.into());
    }
    Ok(())
}

#[cfg(feature = "xz")]
fn unxz(input: &mut Input<'_>, output: &mut Output<'_>) -> Result<(), Stop> {
    // What was decoded by a call that fails is lost.
    output.buf = Zeroizing::new(vec![0; TAKE_XZ]);
    loop {
        output.begin_part()?;
        let most_kib = (MOST_WINDOW >> 10) as u32;
        let mut stream = lzma_rust2::XzReader::new_mem_limit(&mut *input, false, most_kib);
        output.take_all(&mut stream)?;
        input.skip_zeros()?;
        if input.peek::<6>() != XZ {
            return Ok(input.expect_padding()?);
        }
    }
}

/// What a decoder says of its input; that of xz alone says that it needs more memory than it may have.
fn stop_by(error: &io::Error) -> Stop {
    match error.kind() {
        io::ErrorKind::OutOfMemory => Stop::Error(UnpackError::Window {
            packing: Packing::Xz,
            most: MOST_WINDOW,
        }),
        _ => PackingFlaw::Corrupt.into(),
    }
}

struct Output<'a> {
    progress: &'a Progress<'a>,
    pages: Pages,
    buf: Zeroizing<Vec<u8>>,
    parts: u64,
    /// How many bytes there are to be, if the format says so.
    size: Option<u64>,
    most: u64,
}

impl<'a> Output<'a> {
    fn new(progress: &'a Progress<'a>) -> Self {
        Self {
            progress,
            pages: Pages::with_budget(u64::MAX),
            buf: Zeroizing::new(vec![0; TAKE]),
            parts: 0,
            size: None,
            most: u64::MAX,
        }
    }

    /// Takes some bytes; false at the end.
    fn take(&mut self, decoder: &mut impl Read) -> Result<bool, Stop> {
        if self.progress.is_stopped() || self.pages.size() >= self.most {
            return Err(Stop::Error(UnpackError::Stopped));
        }
        let read = decoder.read(&mut self.buf);
        let count = read.map_err(|error| stop_by(&error))?;
        self.pages
            .append(self.buf.get(..count).unwrap_or_default())?;
        Ok(count > 0)
    }

    fn take_all(&mut self, decoder: &mut impl Read) -> Result<(), Stop> {
        while self.take(decoder)? {}
        Ok(())
    }

    fn begin_part(&mut self) -> Result<(), PackingFlaw> {
        self.parts = self.parts.saturating_add(1);
        let most = MOST_PARTS.saturating_add(self.pages.size() / PART_BYTES);
        if self.parts > most {
            return Err(PackingFlaw::Parts);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
