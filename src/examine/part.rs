//! A part of an image, examined as a card of its own.

use crate::image::{Medium, OpenError, ReadAt, Sectors, Window};
use crate::partition;
use crate::report::PartReport;

/// A part of an image that is examined as if it were the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// All from this byte on. The file is taken for a raw image whatever it begins like.
    Offset(u64),
    /// The partition of this number, as `fdisk` counts: of the GPT where there is one.
    Partition(u32),
}

impl Part {
    /// What a report says of it; `offset` where a partition begins, once that is known.
    pub(super) fn reported(self, offset: Option<u64>) -> PartReport {
        match self {
            Self::Offset(offset) => PartReport {
                offset: Some(offset),
                partition: None,
            },
            Self::Partition(number) => PartReport {
                offset,
                partition: Some(number),
            },
        }
    }
}

/// The part of a source that is wanted, and what a report says of it.
pub(super) fn of(
    source: Medium,
    part: Option<Part>,
) -> Result<(Medium, Option<PartReport>), OpenError> {
    let Some(part) = part else {
        return Ok((source, None));
    };
    let Medium::Image(image) = source else {
        return Err(OpenError::NoPart);
    };
    let (offset, length) = match part {
        Part::Offset(offset) => (offset, None),
        Part::Partition(number) => partition_in(&*image, number)?,
    };
    let size = image.size();
    if offset >= size {
        return Err(OpenError::NoOffset { offset, size });
    }
    let window = Window::new(image, offset, length);
    Ok((
        Medium::Image(Box::new(window)),
        Some(part.reported(Some(offset))),
    ))
}

/// Where a partition lies.
fn partition_in(image: &dyn ReadAt, number: u32) -> Result<(u64, Option<u64>), OpenError> {
    let table = partition::read(&Sectors::new(image));
    let wanted = table
        .numbered
        .iter()
        .find(|one| one.number() == Some(number));
    match wanted {
        Some(partition) => Ok((partition.extent.offset, Some(partition.extent.length))),
        None => Err(OpenError::NoPartition {
            number,
            there: table
                .numbered
                .iter()
                .filter_map(partition::Partition::number)
                .collect(),
        }),
    }
}
