//! The firmware's `sd.c`: listing a directory and reading a file, by path (docs/format.md 3.3).

use zeroize::Zeroizing;

use super::fatfs_directory::{At, Dir, Name, follow_path};
use super::fatfs_volume::{FatError, MountedVolume};
use crate::backup::MAX_FILE_SIZE;

/// `LIST_MAX`: most names a listing returns.
pub const LIST_MAX: usize = 200;

/// A directory as the firmware lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listing {
    /// The entry through which it was opened, if it was found: bytes from the start of the card.
    pub opened: Option<u64>,
    /// The names, in directory order, at most [`LIST_MAX`].
    pub names: Vec<Name>,
    /// An error that ended the listing early; the device does not notice it.
    pub cut_short: Option<FatError>,
}

/// Why a file gave no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// It cannot be opened by its own name.
    #[error("the file cannot be opened by its name")]
    Open(#[source] FatError),
    /// It is a directory, or has another attribute that cannot be opened as a file.
    #[error("it is a folder, not a file")]
    NotAFile,
    /// It is larger than a device reads.
    #[error("the file is {size} bytes, more than {MAX_FILE_SIZE}")]
    TooLarge {
        /// Bytes, by its entry.
        size: u32,
    },
    /// Its bytes cannot be read.
    #[error("the file cannot be read")]
    Read(#[source] FatError),
}

/// A file read: its bytes and the entry it was opened through.
pub(super) struct Loaded {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    pub(super) entry: u64,
}

/// `/bitbox02`, or a directory in it.
pub(super) fn path_of(directory: Option<&[u8]>, file: Option<&[u8]>) -> Vec<u8> {
    let mut path = b"/bitbox02".to_vec();
    for part in [directory, file].into_iter().flatten() {
        path.push(b'/');
        path.extend_from_slice(part);
    }
    path
}

/// `sd_list_subdir`: the names in `/bitbox02` or in a directory of it. A missing one is empty.
pub(super) fn list_subdir(
    volume: &mut MountedVolume<'_>,
    directory: Option<&[u8]>,
) -> Result<Listing, FatError> {
    let mut listing = Listing::default();
    let at = match follow_path(volume, &path_of(directory, None)) {
        Ok(at) if at.is_directory() => at,
        Ok(_) | Err(FatError::NoFile | FatError::NoPath) => return Ok(listing),
        Err(error) => return Err(error),
    };
    listing.opened = Some(at.offset);
    let start = Dir::start_of(volume, &at.entry);
    let mut place = Dir::open(volume, start)?;
    while listing.names.len() < LIST_MAX {
        match place.read(volume) {
            Ok(Some(name)) if name.bytes == b"." || name.bytes == b".." => {}
            Ok(Some(name)) if !name.bytes.is_empty() => listing.names.push(name),
            Ok(_) => break,
            Err(error) => {
                listing.cut_short = Some(error);
                break;
            }
        }
    }
    Ok(listing)
}

/// `sd_load_bin`: the bytes of a file of at most 1024 bytes.
pub(super) fn load_bin(
    volume: &mut MountedVolume<'_>,
    directory: &[u8],
    file: &[u8],
) -> Result<Loaded, LoadError> {
    let at = follow_path(volume, &path_of(Some(directory), Some(file))).map_err(LoadError::Open)?;
    if at.is_directory() {
        return Err(LoadError::NotAFile);
    }
    let size = at.entry.size();
    if u64::from(size) > MAX_FILE_SIZE {
        return Err(LoadError::TooLarge { size });
    }
    let bytes = read(volume, &at, size as usize).map_err(LoadError::Read)?;
    Ok(Loaded {
        bytes,
        entry: at.offset,
    })
}

/// `f_read` of the whole file: the chain is looked at only beyond the first cluster.
fn read(
    volume: &mut MountedVolume<'_>,
    at: &At,
    size: usize,
) -> Result<Zeroizing<Vec<u8>>, FatError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    let mut cluster = Dir::start_of(volume, &at.entry);
    let mut sector_of_file = 0_u32;
    while bytes.len() < size {
        let sector_of_cluster = sector_of_file & volume.cluster_size.wrapping_sub(1);
        if sector_of_cluster == 0 {
            if sector_of_file != 0 {
                cluster = volume.link(cluster)?;
            }
            if cluster.index().is_none() {
                return Err(FatError::Internal);
            }
        }
        let first = volume.first_sector(cluster).ok_or(FatError::Internal)?;
        let sector = volume.window(first.wrapping_add(sector_of_cluster))?;
        let left = size.saturating_sub(bytes.len()).min(512);
        bytes.extend_from_slice(sector.get(..left).unwrap_or_default());
        sector_of_file = sector_of_file.wrapping_add(1);
    }
    Ok(bytes)
}
