//! The name a device gives a copy: `backup_Mon_2020-09-28T08-30-09Z_0.bin` (docs/format.md 1).

/// What the name of a copy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileName {
    /// When the backup was made: seconds since 1970 UTC.
    pub timestamp: u32,
    /// Which of the three copies: 0, 1 or 2.
    pub number: u8,
}

const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

impl FileName {
    /// Reads a copy's name, whatever its case, or `None` if no device writes such a name.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let rest = name.strip_prefix("backup_")?.strip_suffix(".bin")?;
        let (weekday, rest) = rest.split_once('_')?;
        let (date, number) = rest.split_once('_')?;
        let number = match number {
            "0" => 0,
            "1" => 1,
            "2" => 2,
            _ => return None,
        };
        let (day, time) = date.strip_suffix('z')?.split_once('t')?;
        let [year, month, day] = numbers(day)?;
        let [hour, minute, second] = numbers(time)?;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let days = days_since_1970(year, month, day)?;
        let seconds = hour.checked_mul(3600)?.checked_add(minute.checked_mul(60)?)?.checked_add(second)?;
        let timestamp = days.checked_mul(86_400)?.checked_add(seconds)?;
        let expected = WEEKDAYS.get((days % 7) as usize)?;
        expected.eq_ignore_ascii_case(weekday).then_some(Self { timestamp, number })
    }
}

fn numbers(text: &str) -> Option<[u32; 3]> {
    let mut parts = text.split('-').map(|part| {
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u32>().ok()).flatten()
    });
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

fn days_since_1970(year: u32, month: u32, day: u32) -> Option<u32> {
    let leap = |year: u32| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month = usize::try_from(month.checked_sub(1)?).ok()?;
    if !(1970..=2106).contains(&year) || day == 0 || day > *lengths.get(month)? {
        return None;
    }
    let years: u32 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
    let months: u32 = lengths.iter().take(month).sum();
    years.checked_add(months)?.checked_add(day)?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_device_writes() {
        let name = FileName::parse("backup_Mon_2020-09-28T08-30-09Z_0.bin");
        assert_eq!(name, Some(FileName { timestamp: 1_601_281_809, number: 0 }));
        let last = FileName::parse("BACKUP_SUN_2106-02-07T06-28-15Z_2.BIN");
        assert_eq!(last, Some(FileName { timestamp: u32::MAX, number: 2 }));
        let leap = FileName::parse("backup_Thu_2024-02-29T00-00-00Z_1.bin");
        assert_eq!(leap.map(|name| name.timestamp), Some(1_709_164_800));
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
