//! The name a device gives a copy: `backup_Mon_2020-09-28T08-30-09Z_0.bin` (docs/format.md 1).

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// What the name of a copy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileName {
    /// When the backup was made: seconds since 1970 UTC.
    pub timestamp: u32,
    /// Which of the three copies: 0, 1 or 2.
    pub number: u8,
}

impl FileName {
    /// Reads a copy's name, whatever its case, or `None` if no device writes such a name.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let rest = name.strip_prefix("backup_")?.strip_suffix(".bin")?;
        let (weekday, rest) = rest.split_once('_')?;
        let (date, number) = rest.split_once('_')?;
        let number = ["0", "1", "2"].iter().position(|known| *known == number)?;
        let (day, time) = date.strip_suffix('z')?.split_once('t')?;
        let [year, month, day] = numbers(day)?;
        let [hour, minute, second] = numbers(time)?;
        let [month, day, hour, minute, second] =
            [month, day, hour, minute, second].map(|number| i8::try_from(number).unwrap_or(-1));
        let when = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
        let expected = when.strftime("%a").to_string();
        let seconds = when.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
        let timestamp = u32::try_from(seconds).ok()?;
        let number = u8::try_from(number).ok()?;
        let is_right = expected.eq_ignore_ascii_case(weekday);
        is_right.then_some(Self { timestamp, number })
    }
}

impl fmt::Display for FileName {
    /// Exactly as a device writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Every number of 32 bits is a time jiff knows.
        let when = Timestamp::from_second(i64::from(self.timestamp)).unwrap_or_default();
        let when = when.strftime("backup_%a_%Y-%m-%dT%H-%M-%SZ");
        write!(f, "{when}_{}.bin", self.number)
    }
}

/// Three numbers with hyphens between them, digits only.
fn numbers(text: &str) -> Option<[i16; 3]> {
    let mut parts = text.split('-').map(|part| {
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i16>().ok().filter(|_| is_number)
    });
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_device_writes() {
        let name = FileName::parse("backup_Mon_2020-09-28T08-30-09Z_0.bin");
        assert_eq!(
            name,
            Some(FileName {
                timestamp: 1_601_281_809,
                number: 0
            })
        );
        let last = FileName::parse("BACKUP_SUN_2106-02-07T06-28-15Z_2.BIN");
        assert_eq!(
            last,
            Some(FileName {
                timestamp: u32::MAX,
                number: 2
            })
        );
        let leap = FileName::parse("backup_Thu_2024-02-29T00-00-00Z_1.bin");
        assert_eq!(leap.map(|name| name.timestamp), Some(1_709_164_800));
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let known = FileName {
            timestamp: 1_601_281_809,
            number: 2,
        };
        assert_eq!(known.to_string(), "backup_Mon_2020-09-28T08-30-09Z_2.bin");
        // Every day of the week, the first and the last second, and strides between.
        let steps = (0..u32::MAX).step_by(86_400 * 97 + 3661);
        for timestamp in steps.chain([0, 59, 86_399, 951_782_400, u32::MAX]) {
            for number in 0..3 {
                let name = FileName { timestamp, number };
                assert_eq!(FileName::parse(&name.to_string()), Some(name));
            }
        }
    }

    #[test]
    fn refuses_what_no_device_writes() {
        for name in [
            "backup_Tue_2020-09-28T08-30-09Z_0.bin", // a Monday
            "backup_Mon_2020-09-28T08-30-09Z_3.bin",
            "backup_Mon_2020-09-31T08-30-09Z_0.bin",
            "backup_Mon_2020-09-28T24-30-09Z_0.bin",
            "backup_Sun_2106-02-07T06-28-16Z_0.bin",
            "backup_Mon_+020-09-28T08-30-09Z_0.bin",
            "._backup_Mon_2020-09-28T08-30-09Z_0.bin",
            "backup__0.bin",
            "",
        ] {
            assert_eq!(FileName::parse(name), None, "{name}");
        }
    }
}
