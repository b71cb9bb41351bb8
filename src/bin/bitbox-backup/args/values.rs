//! Values on the command line.

use std::num::NonZeroUsize;

use bitbox_backup::recover::Effort;
use bitbox_backup::text::escape;

/// Reads the beginning of an ID: 1 to 64 hex digits, lower-cased; in groups too, as screens and letters show it, and with
/// what stands for the rest in tables.
pub(crate) fn id_prefix(text: &str) -> Result<String, String> {
    let text = text.replace(' ', "");
    let text = text.trim_end_matches(['…', '.']);
    if let Some(wrong) = text.chars().find(|c| !c.is_ascii_hexdigit()) {
        return Err(format!(
            "an ID is up to 64 hex digits, 0 to 9 and a to f, and \"{}\" is none",
            escape(&wrong.to_string())
        ));
    }
    match text.len() {
        1..=64 => Ok(text.to_ascii_lowercase()),
        digits => Err(format!(
            "an ID is up to 64 hex digits, and these are {digits}"
        )),
    }
}

/// Reads as much of an ID as identifies a wallet: 8 to 64 hex digits, lower-cased.
pub(crate) fn long_prefix(text: &str) -> Result<String, String> {
    let prefix = id_prefix(text)?;
    match prefix.len() {
        8.. => Ok(prefix),
        _ => Err("at least 8 digits of the ID are needed, without spaces or in quotes".to_owned()),
    }
}

/// Most threads: more of them only wait for each other.
const MOST_THREADS: usize = 256;

/// Reads how many threads are started; a larger number means the most.
pub(crate) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let threads: NonZeroUsize = text
        .parse()
        .map_err(|_| "write a whole number from 1 on".to_owned())?;
    Ok(NonZeroUsize::new(MOST_THREADS).map_or(threads, |most| threads.min(most)))
}

/// Reads how many candidates are tried.
pub(crate) fn effort(text: &str) -> Result<u64, String> {
    match text {
        "quick" => Ok(Effort::QUICK),
        "normal" => Ok(Effort::NORMAL),
        "deep" => Ok(Effort::DEEP),
        count => {
            let power = count.strip_prefix("2^").map(str::parse);
            let count = match power {
                Some(power) => power.ok().and_then(|power| 1_u64.checked_shl(power)),
                None => count.parse().ok(),
            };
            count.ok_or_else(|| {
                "an effort is quick, normal, deep, or a number of candidates, such as 2^35"
                    .to_owned()
            })
        }
    }
}

/// Reads a time in seconds or in RFC 3339.
pub(crate) fn timestamp(text: &str) -> Result<u32, String> {
    let seconds = match text.parse::<u32>() {
        Ok(seconds) => Some(seconds),
        Err(_) => text
            .parse::<jiff::Timestamp>()
            .ok()
            .and_then(|time| u32::try_from(time.as_second()).ok()),
    };
    seconds.ok_or_else(|| "a time is seconds since 1970, or 2020-09-28T08:30:09Z".to_owned())
}

/// Reads the length of a seed.
pub(crate) fn length(text: &str) -> Result<u32, String> {
    match text {
        "16" => Ok(16),
        "24" => Ok(24),
        "32" => Ok(32),
        "12" => Err("a seed of 12 words has 16 bytes".to_owned()),
        "18" => Err("a seed of 18 words has 24 bytes".to_owned()),
        _ => Err("a seed has 16, 24, or 32 bytes: 12, 18, or 24 words".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effort_is_a_word_a_number_or_a_power_of_two() {
        for (text, count) in [("deep", 1 << 40), ("2^40", 1 << 40), ("2^0", 1), ("17", 17)] {
            assert_eq!(effort(text), Ok(count), "{text}");
        }
        for wrong in ["2^64", "2^", "2^-1", "3^2", ""] {
            assert!(effort(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_number_of_threads_is_too_large_and_none_is_zero() {
        let read = |text| threads(text).map(NonZeroUsize::get);
        assert_eq!(read("2"), Ok(2));
        assert_eq!(read("20000"), Ok(MOST_THREADS));
        for wrong in ["0", "-1", "", "two", "99999999999999999999"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
