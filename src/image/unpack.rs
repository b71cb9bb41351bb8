//! Compressed images: gzip, zstd and, behind a feature, xz, unpacked in one pass into memory.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;
use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use zeroize::Zeroizing;

use super::pages::{Pages, PagesError};
use super::{ReadAt, ReadError};

/// Bytes read from the compressed file at a time.
const READ: usize = 256 << 10;
/// Bytes taken from a decoder at a time.
const TAKE: usize = 128 << 10;
/// Most memory a zstd or xz file may ask for to be unpacked: what `zstd -d` allows by default,
/// and twice what `xz -9` needs.
const MOST_WINDOW: u64 = 128 << 20;

/// How an image is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// RFC 1952, one or more members.
    Gzip,
    /// RFC 8878, one or more frames.
    Zstd,
    /// The .xz format, one or more streams.
    Xz,
}

impl Packing {
    /// Tells by the first bytes how a file is compressed; `None` if it is not.
    ///
    /// # Errors
    /// [`ReadError`] if they cannot be read.
    pub fn of(image: &dyn ReadAt) -> Result<Option<Self>, ReadError> {
        let mut head = [0; 8];
        let length = image.size().min(8) as usize;
        if let Some(start) = head.get_mut(..length) {
            image.read_at(0, start)?;
        }
        Ok(match head {
            [0x1f, 0x8b, 0x08, ..] => Some(Self::Gzip),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [a, b, c, d, ..] if [a, b, c, d] == ZSTD => Some(Self::Zstd),
            // A skippable frame alone is no proof: a frame must follow it.
            [a, 0x2a, 0x4d, 0x18, n @ ..] if a & 0xf0 == 0x50 => {
                let mut next = [0; 4];
                let at = u64::from(u32::from_le_bytes(n)).saturating_add(8);
                let follows = image.read_at(at, &mut next).is_ok();
                (follows && (next == ZSTD || is_skippable(&next))).then_some(Self::Zstd)
            }
            _ => None,
        })
    }

    /// Its name as people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
        }
    }
}

const ZSTD: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();

fn is_skippable(magic: &[u8]) -> bool {
    matches!(magic, [a, 0x2a, 0x4d, 0x18, ..] if a & 0xf0 == 0x50)
}

/// What is wrong with compressed data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It ends too early.
    #[error("is cut short")]
    CutShort,
    /// It does not decode, or a checksum inside the format does not match.
    #[error("is corrupt")]
    Corrupt,
    /// It decodes, but to something else than was packed.
    #[error("does not match its checksum")]
    Checksum,
    /// It decodes, but to another length than it says.
    #[error("does not match its stored length")]
    Length,
    /// Something else than padding follows.
    #[error("is followed by something else")]
    Trailing,
}

/// Why a compressed image could not be unpacked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// The compressed file cannot be read.
    #[error("the compressed file cannot be unpacked: {0}")]
    Unreadable(ReadError),
    /// The data is damaged.
    #[error(
        "the {name} data {flaw} at byte {offset} of the file, after {unpacked} unpacked bytes",
        name = packing.name()
    )]
    Broken {
        /// How it is compressed.
        packing: Packing,
        /// How far the compressed file was read, in bytes.
        offset: u64,
        /// How many bytes were unpacked before.
        unpacked: u64,
        /// What is wrong.
        flaw: Flaw,
    },
    /// It holds more data than may be kept in memory.
    #[error("unpacked, it holds more than {budget} bytes of data; unpack it first")]
    TooLarge {
        /// Most bytes of pages that are not zero.
        budget: u64,
    },
    /// It is larger than any card, zeros included.
    #[error("unpacked, it is larger than {most} bytes, which no card is")]
    TooLong {
        /// Most bytes an image may have.
        most: u64,
    },
    /// Unpacking it takes too much memory.
    #[error(
        "the {name} data asks for a window of more than {most} bytes; unpack it first",
        name = packing.name()
    )]
    Window {
        /// How it is compressed.
        packing: Packing,
        /// Most bytes it may ask for.
        most: u64,
    },
    /// It needs a dictionary.
    #[error("the zstd data needs the dictionary {id}; unpack it first")]
    Dictionary {
        /// Which one.
        id: u32,
    },
    /// This program was built without xz.
    #[error("this is an xz file, and this program was built without xz; unpack it first")]
    XzNotBuiltIn,
}

impl UnpackError {
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "copy the file to another disk and try again",
            Self::Broken { .. } => {
                "copy the file again from where it came; if there is no other, unpack what can be unpacked with `gzip -dc`, `zstd -dc` or `xz -dc` and examine that"
            }
            Self::TooLarge { .. } => {
                "unpack it first and examine the unpacked image, or allow more memory with --max-unpacked"
            }
            Self::TooLong { .. } => "check that this is the image of a card",
            Self::Window { .. } | Self::Dictionary { .. } => {
                "unpack it first with `zstd -d` or `xz -d` and examine the unpacked image"
            }
            Self::XzNotBuiltIn => {
                "unpack it first with `xz -d` and examine the unpacked image, or build with the feature `xz`"
            }
        }
    }
}

impl From<PagesError> for UnpackError {
    fn from(error: PagesError) -> Self {
        match error {
            PagesError::OverBudget { budget } => Self::TooLarge { budget },
            PagesError::TooLong { most } => Self::TooLong { most },
        }
    }
}

/// Unpacks a compressed image in one pass, keeping at most `budget` bytes of pages that are not
/// zero.
///
/// What is kept is wiped on drop; the window of the decoder, at most 128 MiB and often far less,
/// belongs to the decoder and is freed without.
///
/// # Errors
/// [`UnpackError`]. Padding with zero bytes behind the data is accepted, anything else is not.
pub fn unpack(image: &dyn ReadAt, packing: Packing, budget: u64) -> Result<Pages, UnpackError> {
    let mut input = Input::new(image);
    let mut output = Output {
        pages: Pages::with_budget(budget),
        buf: Zeroizing::new(vec![0; TAKE]),
    };
    let outcome = match packing {
        Packing::Gzip => gunzip(&mut input, &mut output),
        Packing::Zstd => unzstd(&mut input, &mut output),
        #[cfg(feature = "xz")]
        Packing::Xz => unxz(&mut input, &mut output),
        #[cfg(not(feature = "xz"))]
        Packing::Xz => Err(Stop::Error(UnpackError::XzNotBuiltIn)),
    };
    match outcome {
        Ok(()) => Ok(output.pages),
        Err(Stop::Error(error)) => Err(error),
        Err(Stop::Flaw(flaw)) => Err(match input.failure {
            Some(error) => UnpackError::Unreadable(error),
            None => UnpackError::Broken {
                packing,
                offset: input.consumed,
                unpacked: output.pages.size(),
                // What a decoder says of an end it did not expect varies.
                flaw: if input.starved { Flaw::CutShort } else { flaw },
            },
        }),
    }
}

/// Why unpacking stops early.
enum Stop {
    Error(UnpackError),
    Flaw(Flaw),
}

impl From<PagesError> for Stop {
    fn from(error: PagesError) -> Self {
        Self::Error(error.into())
    }
}

fn gunzip(input: &mut Input<'_>, output: &mut Output) -> Result<(), Stop> {
    loop {
        output.take_all(&mut GzDecoder::new(&mut *input))?;
        if !matches!(input.peek::<2>(), [0x1f, 0x8b, ..]) {
            return input.expect_padding();
        }
    }
}

fn unzstd(input: &mut Input<'_>, output: &mut Output) -> Result<(), Stop> {
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(MOST_WINDOW);
    loop {
        let magic = input.peek::<4>();
        if magic == ZSTD {
            unzstd_frame(&mut decoder, input, output)?;
        } else if is_skippable(magic) {
            let mut header = [0; 8];
            input.read_exact(&mut header).map_err(corrupt)?;
            let [_, _, _, _, length @ ..] = header;
            input.skip(u32::from_le_bytes(length).into())?;
        } else if !magic.is_empty() && ZSTD.starts_with(magic) {
            return Err(Stop::Flaw(Flaw::CutShort));
        } else {
            return input.expect_padding();
        }
    }
}

fn unzstd_frame(
    decoder: &mut FrameDecoder,
    input: &mut Input<'_>,
    output: &mut Output,
) -> Result<(), Stop> {
    let before = output.pages.size();
    decoder.reset(&mut *input).map_err(|error| match error {
        FrameDecoderError::WindowSizeTooBig { max: most, .. } => {
            Stop::Error(UnpackError::Window {
                packing: Packing::Zstd,
                most,
            })
        }
        FrameDecoderError::DictNotProvided { dict_id: id } => {
            Stop::Error(UnpackError::Dictionary { id })
        }
        _ => Stop::Flaw(Flaw::Corrupt),
    })?;
    loop {
        while decoder.can_collect() > 0 {
            output.take(decoder)?;
        }
        if decoder.is_finished() {
            break;
        }
        decoder
            .decode_blocks(&mut *input, BlockDecodingStrategy::UptoBytes(TAKE))
            .map_err(corrupt)?;
    }
    let stored = decoder.get_checksum_from_data();
    if stored.is_some() && stored != decoder.get_calculated_checksum() {
        return Err(Stop::Flaw(Flaw::Checksum));
    }
    // 0 also means that the length is not stored.
    let length = output.pages.size().saturating_sub(before);
    if ![0, length].contains(&decoder.content_size()) {
        return Err(Stop::Flaw(Flaw::Length));
    }
    Ok(())
}

#[cfg(feature = "xz")]
fn unxz(input: &mut Input<'_>, output: &mut Output) -> Result<(), Stop> {
    let most_kib = (MOST_WINDOW >> 10) as u32;
    let mut streams = lzma_rust2::XzReader::new_mem_limit(&mut *input, true, most_kib);
    loop {
        match output.take(&mut streams) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(Taking::Decoder(error)) if error.kind() == io::ErrorKind::OutOfMemory => {
                return Err(Stop::Error(UnpackError::Window {
                    packing: Packing::Xz,
                    most: MOST_WINDOW,
                }));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn corrupt<E>(_: E) -> Stop {
    Stop::Flaw(Flaw::Corrupt)
}

/// Where the unpacked bytes go.
struct Output {
    pages: Pages,
    buf: Zeroizing<Vec<u8>>,
}

/// Why no bytes could be taken from a decoder.
enum Taking {
    #[cfg_attr(not(feature = "xz"), expect(dead_code))]
    Decoder(io::Error),
    Pages(PagesError),
}

impl From<Taking> for Stop {
    fn from(error: Taking) -> Self {
        match error {
            Taking::Decoder(_) => Self::Flaw(Flaw::Corrupt),
            Taking::Pages(error) => error.into(),
        }
    }
}

impl Output {
    /// Takes some bytes; false at the end.
    fn take(&mut self, decoder: &mut impl Read) -> Result<bool, Taking> {
        let count = decoder.read(&mut self.buf).map_err(Taking::Decoder)?;
        let bytes = self.buf.get(..count).unwrap_or_default();
        self.pages.append(bytes).map_err(Taking::Pages)?;
        Ok(count > 0)
    }

    fn take_all(&mut self, decoder: &mut impl Read) -> Result<(), Stop> {
        while self.take(decoder)? {}
        Ok(())
    }
}

/// The compressed file, counted as it is read.
struct Input<'a> {
    image: &'a dyn ReadAt,
    /// Where in the file `buf` ends.
    at: u64,
    /// Wiped: what was barely compressed can be read in it.
    buf: Zeroizing<Vec<u8>>,
    start: usize,
    end: usize,
    consumed: u64,
    failure: Option<ReadError>,
    /// Whether more was wanted when there was none.
    starved: bool,
}

impl<'a> Input<'a> {
    fn new(image: &'a dyn ReadAt) -> Self {
        Self {
            image,
            at: 0,
            buf: Zeroizing::new(vec![0; READ]),
            start: 0,
            end: 0,
            consumed: 0,
            failure: None,
            starved: false,
        }
    }

    fn ready(&self) -> &[u8] {
        self.buf.get(self.start..self.end).unwrap_or_default()
    }

    /// Reads on behind what is ready, as far as there is room and file.
    fn refill(&mut self) -> Result<(), ReadError> {
        self.buf.copy_within(self.start..self.end, 0);
        self.end = self.end.saturating_sub(self.start);
        self.start = 0;
        let left = self.image.size().saturating_sub(self.at);
        let room = self.buf.get_mut(self.end..).unwrap_or_default();
        let length = room.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if let Some(room) = room.get_mut(..length) {
            self.image.read_at(self.at, room)?;
        }
        self.at = self.at.saturating_add(length as u64);
        self.end = self.end.saturating_add(length);
        Ok(())
    }

    /// The next `N` bytes, fewer at the end, without consuming them. A failed read is met again by
    /// whoever goes on.
    fn peek<const N: usize>(&mut self) -> &[u8] {
        if self.ready().len() < N {
            if let Err(error) = self.refill() {
                self.failure = Some(error);
            }
        }
        let ready = self.ready();
        ready.get(..N).unwrap_or(ready)
    }

    fn skip(&mut self, mut count: u64) -> Result<(), Stop> {
        while count > 0 {
            let ready = self.fill_buf().map_err(corrupt)?.len();
            if ready == 0 {
                return Err(Stop::Flaw(Flaw::CutShort));
            }
            let now = ready.min(usize::try_from(count).unwrap_or(usize::MAX));
            self.consume(now);
            count = count.saturating_sub(now as u64);
        }
        Ok(())
    }

    /// Only zeros may follow.
    fn expect_padding(&mut self) -> Result<(), Stop> {
        loop {
            let ready = self.fill_buf().map_err(corrupt)?;
            let zeros = ready.iter().take_while(|&&byte| byte == 0).count();
            if ready.is_empty() {
                return Ok(());
            }
            if zeros < ready.len() {
                return Err(Stop::Flaw(Flaw::Trailing));
            }
            self.consume(zeros);
        }
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buf)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start >= self.end {
            if let Err(error) = self.refill() {
                self.failure = Some(error);
                return Err(io::ErrorKind::InvalidData.into());
            }
            self.starved = self.end == 0;
        }
        Ok(self.ready())
    }

    fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
        self.consumed = self.consumed.saturating_add(count as u64);
    }
}
