//! Times as text.

/// Seconds since 1970 UTC in RFC 3339.
pub fn rfc3339(seconds: u32) -> String {
    jiff::Timestamp::from_second(i64::from(seconds))
        .unwrap_or_default()
        .to_string()
}

/// The time of a backup; `None` for 0, which a maker without a clock writes.
pub fn made(seconds: u32) -> Option<String> {
    (seconds != 0).then(|| rfc3339(seconds))
}

/// The day of a backup, or that it is unknown.
pub fn day(seconds: u32) -> String {
    made(seconds).map_or_else(
        || "an unknown day".to_owned(),
        |time| time.chars().take(10).collect(),
    )
}

/// A time in RFC 3339, UTC, to the nanosecond.
pub fn exact(time: std::time::SystemTime) -> String {
    let time = jiff::Timestamp::try_from(time).unwrap_or_default();
    format!("{time:.9}")
}

#[cfg(test)]
mod tests {
    use super::{day, exact, made, rfc3339};

    #[test]
    fn no_nanosecond_is_lost() {
        let time = std::time::UNIX_EPOCH + std::time::Duration::new(1_601_281_809, 1_000);
        assert_eq!(exact(time), "2020-09-28T08:30:09.000001000Z");
        assert_eq!(
            exact(std::time::UNIX_EPOCH),
            "1970-01-01T00:00:00.000000000Z"
        );
    }

    #[test]
    fn no_time_is_not_1970() {
        assert_eq!((made(0), day(0)), (None, "an unknown day".to_owned()));
        assert_eq!(day(1_601_281_809), "2020-09-28");
    }

    #[test]
    fn dates_agree_with_the_calendar() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_601_281_809), "2020-09-28T08:30:09Z");
        assert_eq!(rfc3339(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(rfc3339(u32::MAX), "2106-02-07T06:28:15Z");
    }
}
