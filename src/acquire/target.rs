//! The image being written and its map beside it.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::SECTOR;
use super::map_file::{map_name, map_of_other_name, read_map};
use crate::files::{OpenFile, OwnFile, PlacedFile, Sources, WriteError};
use crate::image::{Extent, RescueMap, RescueMapError, Tried, each_part, is_zero, read_exact_at};
use crate::progress::Progress;

/// Bytes that are left out of the image where they are all zero: a page of most file systems.
const PAGE: usize = 4096;
const CHUNK: usize = 1 << 20;

/// Why an image cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImageTargetError {
    /// Its place will not do.
    #[error(transparent)]
    Place(#[from] WriteError),
    /// An image is there, and no map says what is in it.
    #[error("{}: is there already, and no map beside it says what was read", .0.display())]
    NoMap(PathBuf),
    /// A map is there, and the image is not.
    #[error("{}: a map is there, and its image is not", .0.display())]
    NoImage(PathBuf),
    /// The map cannot be understood.
    #[error("{}: {error}", .path.display())]
    Map {
        /// The map.
        path: PathBuf,
        /// Why not.
        #[source]
        error: RescueMapError,
    },
    /// The map is of a card of another size.
    #[error("{}: is of a card of {map} bytes, and this one has {card}", .path.display())]
    OtherSize {
        /// The map or the image.
        path: PathBuf,
        /// Bytes it is of.
        map: u64,
        /// Bytes of the card.
        card: u64,
    },
    /// The card holds other contents than are in the image.
    #[error("{}: was begun with another card, or this one was written to since: it holds something else at byte {offset}", .path.display())]
    OtherCard {
        /// The image.
        path: PathBuf,
        /// Where the first of them are.
        offset: u64,
    },
    /// There is less room than the card has data.
    #[error("{}: there is room for {free} bytes, and {needed} may be needed", .path.display())]
    NoRoom {
        /// The image.
        path: PathBuf,
        /// Bytes free.
        free: u64,
        /// Bytes needed at most.
        needed: u64,
    },
    /// The system refused.
    #[error("{}: cannot be written: {error}", .path.display())]
    System {
        /// What was written.
        path: PathBuf,
        /// Why it was not.
        #[source]
        error: io::Error,
    },
}

impl ImageTargetError {
    /// What to do about it.
    pub fn hint(&self) -> Cow<'static, str> {
        let hint = match self {
            Self::Place(error) => return error.hint(),
            Self::NoMap(_) => "give a name that does not exist yet, or put its map back",
            Self::NoImage(_) => "put the image back, or give another name",
            Self::Map { .. } => "give another name, or fix the map",
            Self::OtherSize { .. } => "put in the card it was begun with, or give another name",
            Self::OtherCard { .. } => {
                "put in the card it was begun with, or copy this one to another file: `recover` takes both copies together"
            }
            Self::NoRoom { .. } => "give a place on a larger disk, or a name that ends in .zst",
            Self::System { error, .. } => match error.kind() {
                io::ErrorKind::FileTooLarge => {
                    "this file system takes no file so large: give a place on another one"
                }
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "make room and run it again: it continues where it stopped"
                }
                _ => "run it again, and it continues where it stopped; or give another place",
            },
        };
        hint.into()
    }
}

/// The image of a card being written, and its map.
///
/// The map comes first and says that nothing was read: so whenever the program ends, the image is
/// read as what it is, with its missing parts unreadable rather than zero.
#[derive(Debug)]
pub struct ImageTarget {
    image: OpenFile,
    map_file: OwnFile,
    map: RescueMap,
    resumed: bool,
    cut_at: Option<u64>,
}

impl ImageTarget {
    /// Begins a new image of a card of `size` bytes, or goes on with one whose map is beside it, under any name that a map
    /// has; a map of another name stays as it is.
    ///
    /// # Errors
    /// [`ImageTargetError`]; nothing is overwritten, and nothing is written to a source or to a device.
    pub fn open(
        path: &Path,
        sources: &Sources,
        size: u64,
        data: u64,
    ) -> Result<Self, ImageTargetError> {
        let image = PlacedFile::at(path, sources)?;
        let name = map_name(path);
        let (map_file, text) = image.beside(&name, sources, RescueMap::MAX_TEXT)?;
        let own = text.map(|text| (map_file.path().to_owned(), read_map(&text)));
        let found = match own {
            None if image.exists() => map_of_other_name(&image, sources)?,
            own => own,
        };
        let (map_path, map) = found.unzip();
        match (image.exists(), map) {
            (false, None) => Self::begin(&image, map_file, RescueMap::new(size), data),
            // A run that was killed before it made the image.
            (false, Some(Ok(map))) if map.all(Tried::Done).is_empty() => {
                of_size(map_file.path(), map.size(), size)?;
                Self::begin(&image, map_file, map, data)
            }
            (false, Some(_)) => Err(ImageTargetError::NoImage(map_file.path().to_owned())),
            (true, None) => Err(ImageTargetError::NoMap(image.path().to_owned())),
            (true, Some(Ok(map))) => Self::go_on(&image, map_file, map, size),
            (true, Some(Err(error))) => Err(ImageTargetError::Map {
                path: map_path.unwrap_or_default(),
                error,
            }),
        }
    }

    fn begin(
        place: &PlacedFile,
        mut map_file: OwnFile,
        map: RescueMap,
        data: u64,
    ) -> Result<Self, ImageTargetError> {
        if let Some(free) = place.free().filter(|free| *free < data) {
            return Err(ImageTargetError::NoRoom {
                path: place.path().to_owned(),
                free,
                needed: data,
            });
        }
        map_file.write(map.write(0, Tried::No, 1).as_bytes())?;
        let image = match place.create() {
            Ok(image) => image,
            Err(error) => {
                map_file.remove();
                return Err(error.into());
            }
        };
        // Whether the file system takes a file so large. It is no longer than what was copied: without its map the rest
        // would pass for zeros.
        let file = image.file();
        if let Err(error) = file.set_len(map.size()).and_then(|()| file.set_len(0)) {
            let path = image.path();
            image.remove();
            map_file.remove();
            return Err(refused(&path)(error));
        }
        Ok(Self {
            image,
            map_file,
            map,
            resumed: false,
            cut_at: None,
        })
    }

    fn go_on(
        place: &PlacedFile,
        map_file: OwnFile,
        mut map: RescueMap,
        size: u64,
    ) -> Result<Self, ImageTargetError> {
        let image = place.resume()?;
        let path = image.path();
        let found = image.file().metadata().map_err(refused(&path))?.len();
        of_size(map_file.path(), map.size(), size)?;
        // ddrescue makes an image as long as what it read.
        of_size(&path, found.max(map.size()), size)?;
        let there = found.saturating_sub(found.checked_rem(SECTOR).unwrap_or(0));
        let is_cut = map.cut(there);
        Ok(Self {
            image,
            map_file,
            map,
            resumed: true,
            cut_at: is_cut.then_some(found),
        })
    }

    /// Where the image that is resumed ended, if its map says that more had been read: it was cut short since.
    pub fn cut_at(&self) -> Option<u64> {
        self.cut_at
    }

    /// Whether an earlier run began it.
    pub fn resumed(&self) -> bool {
        self.resumed
    }

    /// What is known of the card.
    pub fn map(&self) -> &RescueMap {
        &self.map
    }

    /// Where the map lies.
    pub fn map_path(&self) -> &Path {
        self.map_file.path()
    }

    /// Where the image lies.
    pub fn path(&self) -> PathBuf {
        self.image.path()
    }

    /// Writes bytes to their place; pages of zeros are left out where nothing else can be.
    pub(super) fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), ImageTargetError> {
        let mut at = offset;
        // Runs of pages with something in them, written at once.
        for (run, is_empty) in runs(bytes, self.resumed) {
            if !is_empty {
                write_all_at(self.image.file(), run, at).map_err(self.refused())?;
            }
            at = at.saturating_add(run.len() as u64);
        }
        Ok(())
    }

    pub(super) fn read(&self, offset: u64, bytes: &mut [u8]) -> Result<(), ImageTargetError> {
        read_exact_at(self.image.file(), offset, bytes).map_err(self.refused())
    }

    pub(super) fn note(&mut self, part: Extent, tried: Tried) {
        self.map.set(part, tried);
    }

    /// Brings the image to the disk, and then the map, which never says more than is there. The image reaches as far as
    /// the first pass has come.
    pub(super) fn save(&mut self, pass: u32) -> Result<(), ImageTargetError> {
        let untried = self.map.all(Tried::No);
        let reached = untried.first().map_or(self.map.size(), |part| part.offset);
        let file = self.image.file();
        let reaching = file.metadata().and_then(|found| {
            if found.len() < reached {
                file.set_len(reached)?;
            }
            file.sync_data()
        });
        reaching.map_err(self.refused())?;
        let missing = self.map.missing();
        let text = match missing.first() {
            Some(next) => self.map.write(next.offset, Tried::No, pass),
            None => self.map.write(self.map.size(), Tried::Done, pass),
        };
        self.map_file.write(text.as_bytes())?;
        Ok(())
    }

    fn refused(&self) -> impl FnOnce(io::Error) -> ImageTargetError + use<> {
        refused(&self.image.path())
    }

    /// SHA-256 of the image as it lies on the disk, read again, in hex; `None` if told to stop.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read_back(&self, progress: &Progress<'_>) -> Result<Option<String>, ImageTargetError> {
        self.image.file().sync_all().map_err(self.refused())?;
        // Past what the system still has in memory, as far as it lets go of it.
        #[cfg(target_os = "linux")]
        let _ = rustix::fs::fadvise(self.image.file(), 0, None, rustix::fs::Advice::DontNeed);
        let (mut hash, mut done) = (Sha256::new(), 0_u64);
        let size = self.map.size();
        progress.set_total(size);
        let read = |at, bytes: &mut [u8]| self.read(at, bytes);
        let is_read = each_part(size, CHUNK, progress, read, |bytes| {
            hash.update(bytes);
            done = done.saturating_add(bytes.len() as u64);
            progress.set_done(done);
        })?;
        Ok(is_read.then(|| hex::encode(hash.finalize())))
    }
}

/// Cuts bytes into runs of pages, and whether each is of zeros; with `all` zeros are as other bytes: something else may be in
/// their place.
fn runs(bytes: &[u8], all: bool) -> impl Iterator<Item = (&[u8], bool)> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let is_empty = |page: &&[u8]| !all && is_zero(page);
        let zeros = rest.chunks(PAGE).take_while(is_empty).count();
        let full = rest.chunks(PAGE).take_while(|page| !is_empty(page)).count();
        let length = zeros.max(full).saturating_mul(PAGE).min(rest.len());
        let (run, left) = rest.split_at_checked(length)?;
        rest = left;
        (!run.is_empty()).then_some((run, zeros > 0))
    })
}

/// Refuses what is of a card of another size.
fn of_size(path: &Path, found: u64, card: u64) -> Result<(), ImageTargetError> {
    if found == card {
        return Ok(());
    }
    Err(ImageTargetError::OtherSize {
        path: path.to_owned(),
        map: found,
        card,
    })
}

fn refused(path: &Path) -> impl FnOnce(io::Error) -> ImageTargetError + use<> {
    let path = path.to_owned();
    move |error| ImageTargetError::System { path, error }
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(not(unix))]
fn write_all_at(mut file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    use std::io::{Seek, SeekFrom, Write};
    file.seek(SeekFrom::Start(at))?;
    file.write_all(bytes)
}
