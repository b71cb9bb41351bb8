//! Times as text.

use super::{NodeReport, escape};
use crate::catalogue::Node;
use crate::fat::entry::attr;

/// Seconds since 1970 UTC in RFC 3339.
pub fn rfc3339(seconds: u32) -> String {
    jiff::Timestamp::from_second(i64::from(seconds))
        .unwrap_or_default()
        .to_string()
}

fn fat_date(date: u16) -> String {
    if date == 0 {
        return "-".to_owned();
    }
    format!(
        "{:04}-{:02}-{:02}",
        (date >> 9) + 1980,
        (date >> 5) & 15,
        date & 31
    )
}

fn fat_time(date: u16, time: u16) -> String {
    format!(
        "{} {:02}:{:02}:{:02}",
        fat_date(date),
        time >> 11,
        (time >> 5) & 63,
        (time & 31) * 2
    )
}

/// A file or folder with what its entry says.
pub(super) fn node(node: &Node) -> NodeReport {
    let entry = node.entry.as_ref();
    let letters = |bits: u8| {
        let all = [
            (attr::READ_ONLY, 'r'),
            (attr::HIDDEN, 'h'),
            (attr::SYSTEM, 's'),
            (attr::ARCHIVE, 'a'),
        ];
        all.iter()
            .filter(|(bit, _)| bits & bit != 0)
            .map(|(_, letter)| *letter)
            .collect::<String>()
    };
    NodeReport {
        path: escape(&node.path),
        volume: node.volume,
        kind: if node.is_directory { "folder" } else { "file" },
        size: node.size,
        deleted: node.is_deleted(),
        offset: node.offset(),
        short_name: entry.map(|entry| escape(&entry.short_name)),
        cluster: entry.map(|entry| entry.cluster),
        attributes: entry.map(|entry| letters(entry.raw.attr())),
        dates: entry.map(|entry| {
            let raw = entry.raw;
            [
                fat_time(raw.write_date(), raw.write_time()),
                fat_time(raw.create_date(), raw.create_time()),
                fat_date(raw.access_date()),
            ]
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn dates_agree_with_the_calendar() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_601_281_809), "2020-09-28T08:30:09Z");
        assert_eq!(rfc3339(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(rfc3339(u32::MAX), "2106-02-07T06:28:15Z");
    }
}
