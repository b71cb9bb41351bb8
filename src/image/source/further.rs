//! Further readings of a card as sources of their own: `card.img.readings/2`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::{Damaged, Medium, Opened};
use crate::image::damage::readings::{Reading, Readings, image_of, is_readings, readings_of};
use crate::image::{OpenError, SplitReads};
use crate::text::plural;

/// The further readings of a card that lie beside its image, as paths to open: `card.img.readings/2` and so
/// on. None where no such file is. Of one that is damaged there is one, which says so when it is opened.
pub fn further_readings(image: &Path) -> Vec<PathBuf> {
    let file = readings_of(image);
    let Some(head) = read(&file, Readings::HEADER) else {
        return Vec::new();
    };
    if !is_readings(&head) {
        return Vec::new();
    }
    let count = Readings::parse(head).map_or(2, |head| head.count());
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
    let bytes = read(file, Readings::MAX_BYTES).filter(|bytes| is_readings(bytes))?;
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
        damage.push(Damaged {
            what: format!("{sectors} of its further readings are damaged and left out"),
            at: None,
        });
    }
    let reading = Reading::new(first, Arc::new(readings), number)?;
    let source = Medium::Image(Box::new(SplitReads::new(reading)));
    Ok(Opened {
        damage,
        ..Opened::new(source, opened.identity)
    })
}

/// At most so many bytes of a regular file.
fn read(path: &Path, most: u64) -> Option<Zeroizing<Vec<u8>>> {
    let size = path.metadata().ok().filter(|it| it.is_file())?.len();
    // Of the final size at once: a vector that grows leaves its bytes behind.
    let room = usize::try_from(size.min(most)).ok()?.saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    let file = File::open(path).ok()?;
    file.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
