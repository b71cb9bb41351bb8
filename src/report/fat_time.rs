//! The times in a directory entry. FAT has no time zones: they are what some clock said, as written.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::fat::entry::RawEntry;

/// The times in a directory entry as `2020-09-28T08:30:09`, without a zone; `None` for one that is no time,
/// which entries written without a clock have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FatTimes {
    /// When it was last written, to two seconds.
    pub written: Option<String>,
    /// When it was created, to a second.
    pub created: Option<String>,
    /// The day on which it was last read.
    pub accessed: Option<String>,
}

impl FatTimes {
    pub(super) fn of(entry: &RawEntry) -> Self {
        let [written, created, accessed] = stamps(entry).map(time);
        Self {
            written,
            created,
            accessed,
        }
    }
}

/// The dates of an entry as they stand in it, whatever they are: written, created, accessed.
pub(super) fn as_written(entry: &RawEntry) -> [String; 3] {
    let [written, created, (accessed, ..)] = stamps(entry);
    [raw_time(written), raw_time(created), raw_date(accessed)]
}

/// A date, a time of day, and the second of that.
type Stamp = (u16, u16, u16);

/// When an entry says that it was written, created, and accessed.
fn stamps(entry: &RawEntry) -> [Stamp; 3] {
    // The even second.
    let seconds = |time: u16| (time & 31).saturating_mul(2);
    let (written, created) = (entry.write_time(), entry.create_time());
    let odd = seconds(created).saturating_add(odd_second(entry));
    [
        (entry.write_date(), written, seconds(written)),
        (entry.create_date(), created, odd),
        (entry.access_date(), 0, 0),
    ]
}

/// What `DIR_CrtTimeTenth` adds: it counts hundredths of a second, from 0 to 199. More is no time.
fn odd_second(entry: &RawEntry) -> u16 {
    u16::from(matches!(entry.create_hundredths(), 100..=199))
}

fn raw_date(date: u16) -> String {
    if date == 0 {
        return "-".to_owned();
    }
    let (year, month, day) = ymd(date);
    format!("{year:04}-{month:02}-{day:02}")
}

fn raw_time((date, time, second): Stamp) -> String {
    let (hour, minute) = (time >> 11, (time >> 5) & 63);
    format!("{} {hour:02}:{minute:02}:{second:02}", raw_date(date))
}

fn ymd(date: u16) -> (u16, u16, u16) {
    (
        (date >> 9).saturating_add(1980),
        (date >> 5) & 15,
        date & 31,
    )
}

fn time((date, time, second): Stamp) -> Option<String> {
    let (year, month, day) = ymd(date);
    let small = |number: u16| i8::try_from(number).ok();
    let time = DateTime::new(
        i16::try_from(year).ok()?,
        small(month)?,
        small(day)?,
        small(time >> 11)?,
        small((time >> 5) & 63)?,
        small(second)?,
        0,
    );
    time.ok().map(|time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry written, created and accessed on 2020-09-28, at 08:30:08.
    fn entry(hundredths: u8) -> RawEntry {
        let mut raw = RawEntry([0; 32]);
        let date = (40_u16 << 9 | 9 << 5 | 28).to_le_bytes();
        let time = (8_u16 << 11 | 30 << 5 | 4).to_le_bytes();
        raw.0[13] = hundredths;
        for (at, bytes) in [(14, time), (16, date), (18, date), (22, time), (24, date)] {
            raw.0[at..at + 2].copy_from_slice(&bytes);
        }
        raw
    }

    #[test]
    fn files_are_created_in_odd_seconds_too() {
        for (hundredths, second) in [(0, 8), (99, 8), (100, 9), (199, 9), (200, 8), (255, 8)] {
            let entry = entry(hundredths);
            let times = FatTimes::of(&entry);
            let created = format!("2020-09-28T08:30:0{second}");
            assert_eq!(times.created.unwrap(), created, "{hundredths}");
            assert_eq!(times.written.as_deref(), Some("2020-09-28T08:30:08"));
            assert_eq!(times.accessed.as_deref(), Some("2020-09-28T00:00:00"));
            let [written, created, accessed] = as_written(&entry);
            assert_eq!(created, format!("2020-09-28 08:30:0{second}"));
            assert_eq!(written, "2020-09-28 08:30:08");
            assert_eq!(accessed, "2020-09-28");
        }
    }

    #[test]
    fn what_is_no_time_is_none_and_stays_readable() {
        let empty = RawEntry([0; 32]);
        assert_eq!(FatTimes::of(&empty), FatTimes::default());
        assert_eq!(as_written(&empty)[1], "- 00:00:00");
        let full = RawEntry([0xff; 32]);
        assert_eq!(FatTimes::of(&full), FatTimes::default());
        assert_eq!(as_written(&full)[1], "2107-15-31 31:63:62");
    }
}
