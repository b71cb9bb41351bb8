//! What this computer takes for now, if that can be.

use anyhow::anyhow;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// 2025-01-01 UTC: this program is younger.
const EARLIEST: i64 = 1_735_689_600;
/// 2100-01-01 UTC.
const LATEST: i64 = 4_102_444_800;
/// The offsets the device takes (docs/device.md 6.3), in seconds.
const WESTMOST: i32 = -12 * 3600;
const EASTMOST: i32 = 14 * 3600;

/// A time as the device is told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    /// Seconds since 1970 UTC.
    pub(super) timestamp: u32,
    /// Seconds east of UTC.
    pub(super) offset: i32,
}

/// Why a time cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ClockError {
    /// It is before this program was written, or long after.
    #[error("the clock of this computer is wrong: it shows {0}")]
    Date(Timestamp),
    /// No zone is so far from UTC.
    #[error("the time zone of this computer is wrong: it is {} h from UTC", f64::from(*.0) / 3600.0)]
    Zone(i32),
}

/// The error with what to do about it.
pub(super) fn advised(error: &ClockError) -> anyhow::Error {
    let hint = match error {
        ClockError::Date(_) => {
            "the date becomes part of the backup: set the clock, and run this again"
        }
        ClockError::Zone(_) => {
            "the device takes -12 to +14 hours: set the time zone (TZ), and run this again"
        }
    };
    anyhow!("{error}\n{hint}")
}

impl Clock {
    /// Now.
    pub(super) fn now() -> Result<Self, ClockError> {
        let now = Timestamp::now();
        let offset = TimeZone::system().to_offset(now).seconds();
        Self::judged(now, offset)
    }

    fn judged(now: Timestamp, offset: i32) -> Result<Self, ClockError> {
        let date = ClockError::Date(now);
        if !(EARLIEST..LATEST).contains(&now.as_second()) {
            return Err(date);
        }
        if !(WESTMOST..=EASTMOST).contains(&offset) {
            return Err(ClockError::Zone(offset));
        }
        let timestamp = u32::try_from(now.as_second()).map_err(|_| date)?;
        Ok(Self { timestamp, offset })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_refused() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        for wrong in [0, EARLIEST - 1, LATEST, i64::from(u32::MAX)] {
            let judged = Clock::judged(at(wrong), 0);
            assert_eq!(judged, Err(ClockError::Date(at(wrong))));
        }
        for wrong in [WESTMOST - 1, EASTMOST + 1] {
            assert_eq!(
                Clock::judged(at(EARLIEST), wrong),
                Err(ClockError::Zone(wrong))
            );
        }
        for offset in [WESTMOST, 0, EASTMOST] {
            let judged = Clock::judged(at(EARLIEST), offset);
            let timestamp = EARLIEST as u32;
            assert_eq!(judged, Ok(Clock { timestamp, offset }));
        }
    }
}
