//! Images of new cards, made by `fatfs`.

mod card;

pub use card::NewCard;

use std::time::{Duration, SystemTime};

/// When a device's files were written, as all of them say: 2019-01-01 00:00:00, here in UTC
/// (docs/format.md 6).
pub fn device_time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_546_300_800)
}
