//! Further readings of a card as sources of their own: `card.img.readings/2`.

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::{Damaged, Medium, Opened};
use crate::image::damage::readings::{Reading, image_of, is_readings, readings_of};
use crate::image::{OpenError, Readings, ReadingsError, SplitReads, SystemError};
use crate::text::plural;

/// The further readings of a card that lie beside its image, as paths to open: `card.img.readings/2` and so
/// on. None where no such file is. Of one that is damaged or cannot be read there is one, which says so when it is
/// opened.
pub fn further_readings(image: &Path) -> Vec<PathBuf> {
    let file = readings_of(image);
    let count = match read(&file, Readings::HEADER) {
        Ok(Some(head)) => Readings::parse(head).map_or(2, |head| head.count()),
        Ok(None) => return Vec::new(),
        Err(_) => 2,
    };
    let each = 2..=count;
    each.map(|number| file.join(number.to_string())).collect()
}

/// The image, the file, and the number that a path to a further reading is made of.
pub(super) fn parts(path: &Path) -> Option<(PathBuf, &Path, u32)> {
    let file = path.parent()?;
    let number = path.file_name()?.to_str()?.parse().ok()?;
    let image = image_of(file).filter(|_| file.is_file())?;
    Some((image, file, number))
}

/// Opens the image with `open_image`, and over it the sectors that this reading gave other bytes for. `None` for a
/// path of another kind.
pub(super) fn open(
    path: &Path,
    open_image: impl FnOnce(&Path) -> Result<Opened, OpenError>,
) -> Option<Result<Opened, OpenError>> {
    let (image, file, number) = parts(path)?;
    let bytes = match read(file, Readings::MAX_BYTES) {
        Ok(bytes) => bytes?,
        Err(error) => return Some(Err(error.into())),
    };
    let readings = match Readings::parse(bytes) {
        Ok(readings) if (2..=readings.count()).contains(&number) => readings,
        Ok(_) => return Some(Err(OpenError::NotFound)),
        Err(error) => return Some(Err(error.into())),
    };
    Some(open_image(&image).and_then(|opened| over(opened, readings, number)))
}

fn over(opened: Opened, readings: Readings, number: u32) -> Result<Opened, OpenError> {
    let Medium::Image(first) = opened.source else {
        return Err(OpenError::NotFound);
    };
    let mut damage = opened.damage;
    if readings.damaged() > 0 {
        let sectors = plural(readings.damaged(), "sector", "sectors");
        let what = format!("{sectors} of its further readings are damaged and left out");
        damage.push(Damaged::new(what, None));
    }
    let reading = Reading::new(first, Arc::new(readings), number)?;
    let source = Medium::Image(Box::new(SplitReads::new(reading)));
    Ok(Opened {
        damage,
        ..Opened::new(source, opened.identity)
    })
}

/// At most so many bytes of a file of readings; `None` for anything else.
fn read(path: &Path, most: u64) -> Result<Option<Zeroizing<Vec<u8>>>, ReadingsError> {
    let Some(metadata) = path.metadata().ok().filter(Metadata::is_file) else {
        return Ok(None);
    };
    // Of the final size at once: a vector that grows leaves its bytes behind.
    let room = usize::try_from(metadata.len().min(most)).unwrap_or(0);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room.saturating_add(1)));
    let file = File::open(path);
    let read = file.and_then(|file| file.take(most).read_to_end(&mut bytes));
    read.map_err(|error| ReadingsError::Unreadable(SystemError::from(&error)))?;
    Ok(Some(bytes).filter(|bytes| is_readings(bytes)))
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    #[test]
    fn readings_that_cannot_be_read_are_no_missing_ones() {
        use super::*;
        use crate::image::{Limits, open};
        use crate::progress::Progress;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.img");
        std::fs::write(&path, [7; 1024]).unwrap();
        assert_eq!(further_readings(&path), [""; 0].map(PathBuf::from));
        // A regular file whose first byte gives an I/O error.
        std::os::unix::fs::symlink("/proc/self/mem", readings_of(&path)).unwrap();
        let further = further_readings(&path);
        assert_eq!(further, [readings_of(&path).join("2")]);
        let opened = open(
            &further[0],
            &Limits::default(),
            |_| false,
            &Progress::default(),
        );
        let error = opened.unwrap_err();
        let is_unreadable = matches!(error, OpenError::Readings(ReadingsError::Unreadable(_)));
        assert!(is_unreadable, "{error:?}");
    }
}
