//! What a device says of itself before anything else (docs/device.md 3-e).

#![deny(clippy::arithmetic_side_effects)]

use std::fmt;

/// The answer to INFO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// The hardware.
    pub platform: Platform,
    /// What its firmware can do.
    pub edition: Edition,
    /// Of its firmware.
    pub version: DeviceVersion,
    /// Whether its password was entered.
    pub unlocked: bool,
    /// Whether it holds a wallet that was backed up; `None` before firmware 9.20.0, which does not say.
    pub initialized: Option<bool>,
}

/// A hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Platform {
    /// The first one.
    BitBox02,
    /// The second one.
    Nova,
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BitBox02 => "BitBox02",
            Self::Nova => "BitBox02 Nova",
        })
    }
}

/// An edition of the firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Edition {
    /// For several coins.
    Multi,
    /// For Bitcoin only.
    BtcOnly,
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Multi => "multi",
            Self::BtcOnly => "btc-only",
        })
    }
}

/// A version of a device's firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeviceVersion(pub [u16; 3]);

impl fmt::Display for DeviceVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([major, minor, patch]) = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// The first firmware that is understood, and the first that is not any more (docs/device.md 3-f).
const OLDEST: DeviceVersion = DeviceVersion([9, 0, 0]);
const TOO_NEW: DeviceVersion = DeviceVersion([10, 0, 0]);

/// Why a device cannot be talked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InfoError {
    /// Its answer is too short.
    #[error("what the device says of itself is cut off after {0} bytes")]
    Short(usize),
    /// Its version is none.
    #[error("the device gives no valid version")]
    Version,
    /// A hardware nobody knows.
    #[error("the device is of kind {0:#04x}, which this program does not know")]
    Platform(u8),
    /// An edition nobody knows.
    #[error("the device's firmware is of edition {0:#04x}, which this program does not know")]
    Edition(u8),
    /// A firmware that is too old.
    #[error("the device's firmware {0} is too old for this program")]
    TooOld(DeviceVersion),
    /// A firmware that is too new.
    #[error("the device's firmware {0} is newer than this program knows")]
    TooNew(DeviceVersion),
}

impl Info {
    /// Reads it.
    pub(super) fn read(answer: &[u8]) -> Result<Self, InfoError> {
        let short = || InfoError::Short(answer.len());
        let (length, rest) = answer.split_first().ok_or_else(short)?;
        let (version, rest) = rest
            .split_at_checked(usize::from(*length))
            .ok_or_else(short)?;
        let version = DeviceVersion::read(version).ok_or(InfoError::Version)?;
        // What follows is known of known versions only.
        if version < OLDEST {
            return Err(InfoError::TooOld(version));
        }
        if version >= TOO_NEW {
            return Err(InfoError::TooNew(version));
        }
        let [platform, edition, unlocked, rest @ ..] = rest else {
            return Err(short());
        };
        Ok(Self {
            platform: match platform {
                0 => Platform::BitBox02,
                2 => Platform::Nova,
                other => return Err(InfoError::Platform(*other)),
            },
            edition: match edition {
                0 => Edition::Multi,
                1 => Edition::BtcOnly,
                other => return Err(InfoError::Edition(*other)),
            },
            version,
            unlocked: *unlocked != 0,
            initialized: rest.first().map(|byte| *byte != 0),
        })
    }
}

impl DeviceVersion {
    /// Reads `v9.27.0`; what may follow the last number, such as `-pre`, is passed over.
    fn read(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?.strip_prefix('v')?;
        let mut parts = text.splitn(3, '.');
        let mut next = || {
            let part = parts.next()?;
            let digits = part
                .find(|c: char| !c.is_ascii_digit())
                .map_or(part, |end| part.get(..end).unwrap_or_default());
            digits.parse().ok()
        };
        Some(Self([next()?, next()?, next()?]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(version: &str, rest: &[u8]) -> Vec<u8> {
        [&[version.len() as u8], version.as_bytes(), rest].concat()
    }

    #[test]
    fn the_documented_example() {
        let answer = hex::decode("0776392e32372e3002000101").unwrap();
        let info = Info::read(&answer).unwrap();
        assert_eq!(info.platform, Platform::Nova);
        assert_eq!(info.edition, Edition::Multi);
        assert_eq!(info.version.to_string(), "9.27.0");
        assert!(info.unlocked);
        assert_eq!(info.initialized, Some(true));
    }

    #[test]
    fn old_new_and_odd_ones() {
        let read = |version: &str, rest: &[u8]| Info::read(&answer(version, rest));
        assert_eq!(read("v9.19.0", &[0, 1, 0]).unwrap().initialized, None);
        assert_eq!(
            read("v8.0.9", &[]),
            Err(InfoError::TooOld(DeviceVersion([8, 0, 9])))
        );
        assert_eq!(
            read("v10.0.0", &[7, 7, 7]),
            Err(InfoError::TooNew(DeviceVersion([10, 0, 0])))
        );
        assert_eq!(read("9.27.0", &[0, 0, 0]), Err(InfoError::Version));
        assert_eq!(read("v9.x.0", &[0, 0, 0]), Err(InfoError::Version));
        assert_eq!(read("v9.27", &[0, 0, 0]), Err(InfoError::Version));
        assert_eq!(read("v9.27.99999", &[0, 0, 0]), Err(InfoError::Version));
        assert!(read("v9.27.0-pre", &[0, 0, 0]).is_ok());
        assert_eq!(read("v9.27.0", &[0, 0]), Err(InfoError::Short(10)));
        assert_eq!(read("v9.27.0", &[1, 0, 0, 0]), Err(InfoError::Platform(1)));
        assert_eq!(read("v9.27.0", &[0, 2, 0, 0]), Err(InfoError::Edition(2)));
        assert_eq!(Info::read(&[200, b'v']), Err(InfoError::Short(2)));
        assert_eq!(Info::read(&[]), Err(InfoError::Short(0)));
    }
}
