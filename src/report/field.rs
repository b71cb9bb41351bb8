//! The fields of a copy: places always, values of whole copies only, the seed never.

use serde::{Deserialize, Serialize};

use super::form::Text;
use crate::backup::wire;
use crate::catalogue::{BackupCopy, Health};
use crate::image::Extent;
use crate::text::escape;

/// One field of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FieldReport {
    /// Its name in the protobuf definition.
    pub field: Text,
    /// Its value's first byte from the start of the card; in the file where there is no card.
    pub offset: Option<u64>,
    /// Bytes of its value.
    pub length: u64,
    /// Its value, of a whole copy and never the seed.
    pub value: Option<String>,
}

/// The fields of a copy, for `inspect`.
pub(super) fn fields(copy: &BackupCopy, bytes: &[u8]) -> Vec<FieldReport> {
    let whole = copy.health == Health::Whole;
    let found = wire::fields(bytes).into_iter().map(|found| {
        let text = || {
            bytes
                .get(found.range.clone())
                .and_then(|bytes| std::str::from_utf8(bytes).ok())
                .map(escape)
        };
        let value = match found.field {
            wire::Field::Seed => None,
            _ if !whole => None,
            wire::Field::Checksum => bytes.get(found.range.clone()).map(hex::encode),
            wire::Field::Name | wire::Field::Generator => text(),
            _ => found.number.map(|number| number.to_string()),
        };
        FieldReport {
            field: found.field.to_string().into(),
            offset: offset_in(&copy.extents, found.range.start as u64),
            length: found.range.len() as u64,
            value,
        }
    });
    found.collect()
}

/// The place on the card of a byte of a file.
fn offset_in(extents: &[Extent], at: u64) -> Option<u64> {
    let mut before = 0_u64;
    for extent in extents {
        let within = at.checked_sub(before)?;
        if within < extent.length {
            return extent.offset.checked_add(within);
        }
        before = before.checked_add(extent.length)?;
    }
    None
}
