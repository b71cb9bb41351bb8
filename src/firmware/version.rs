//! Firmware versions and the rules that came with them (docs/format.md 7).

use std::fmt;
use std::str::FromStr;

/// A firmware version, 9.0.0 or later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    major: u16,
    minor: u16,
    patch: u16,
}

/// The newest firmware whose rules are known; it may be unreleased.
pub const NEWEST: Version = Version::new(9, 27, 0);
/// The newest firmware among these that is released: whose rules are applied by default.
pub const NEWEST_RELEASED: Version = Version::new(9, 26, 5);
/// The oldest firmware whose rules are offered.
pub const OLDEST: Version = Version::new(9, 0, 0);

/// Why a text is no firmware version this program knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VersionError {
    /// Not three numbers with dots.
    #[error("{text:?} is not a firmware version such as 9.26.5 or v9.26.5")]
    Malformed {
        /// What was given.
        text: String,
    },
    /// Before [`OLDEST`].
    #[error("firmware {version} is older than {OLDEST}, the oldest whose rules are known")]
    TooOld {
        /// What was given.
        version: Version,
    },
    /// After [`NEWEST`].
    #[error("firmware {version} is newer than {NEWEST}, the newest whose rules are known")]
    TooNew {
        /// What was given.
        version: Version,
    },
}

/// How the rules of a version are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Seen when the firmware's own code ran against card images.
    Observed,
    /// Read in its sources.
    Source,
}

impl Version {
    const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }

    /// How the rules of this version are known.
    pub fn basis(self) -> Basis {
        if self.since(13, 0) {
            Basis::Observed
        } else {
            Basis::Source
        }
    }

    fn since(self, minor: u16, patch: u16) -> bool {
        self >= Self::new(9, minor, patch)
    }

    /// FatFs R0.16, which refuses volumes of 32 clusters and fewer; before, R0.14b and R0.13c.
    pub(super) fn has_fatfs_r016(self) -> bool {
        self.since(26, 5)
    }

    /// FatFs R0.13c, which tells a boot sector by its mark and type string alone.
    pub(super) fn has_fatfs_r013c(self) -> bool {
        !self.since(8, 0)
    }

    /// The geometry check of `sd.c` after mounting.
    pub(super) fn checks_geometry(self) -> bool {
        self.since(26, 5)
    }

    /// A `seed_length` over 32 is refused when decoding.
    pub(super) fn refuses_long_seed(self) -> bool {
        self.since(26, 5)
    }

    /// A backup must bear the id of its directory; before, any name was listed as an id.
    pub(super) fn compares_id(self) -> bool {
        self.since(26, 3)
    }

    /// All three copies are read before any is decoded, by prost; before, one after the other, by
    /// nanopb, and broken ones were rewritten.
    pub(super) fn reads_all_copies_first(self) -> bool {
        self.since(13, 0)
    }

    /// What was loaded is cut out of the seed by `seed_length`, and its name must be UTF-8.
    pub(super) fn takes_over_from_c(self) -> bool {
        self.lists_in_rust() && !self.reads_all_copies_first()
    }

    /// Names directly under `bitbox02` must be UTF-8, and the size of the answer is limited.
    pub(super) fn lists_in_rust(self) -> bool {
        self.since(9, 0)
    }

    /// Most backups a list can hold before it fails.
    pub(super) fn list_limit(self) -> Option<usize> {
        (!self.lists_in_rust()).then_some(50)
    }
}

impl Default for Version {
    fn default() -> Self {
        NEWEST_RELEASED
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let malformed = || VersionError::Malformed {
            text: text.to_owned(),
        };
        let mut parts = text
            .strip_prefix('v')
            .unwrap_or(text)
            .split('.')
            .map(|part| {
                let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
                digits.then(|| part.parse::<u16>().ok()).flatten()
            });
        let mut next = || parts.next().flatten().ok_or_else(malformed);
        let version = Self::new(next()?, next()?, next()?);
        if parts.next().is_some() {
            return Err(malformed());
        }
        if version < OLDEST {
            return Err(VersionError::TooOld { version });
        }
        if version > NEWEST {
            return Err(VersionError::TooNew { version });
        }
        Ok(version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings() {
        assert_eq!("9.26.5".parse(), Ok(Version::new(9, 26, 5)));
        assert_eq!("v9.26.5".parse(), Ok(Version::new(9, 26, 5)));
        assert_eq!("v9.26.5".parse::<Version>().unwrap().to_string(), "9.26.5");
    }

    #[test]
    fn the_default_is_released_and_observed() {
        assert!(OLDEST < NEWEST_RELEASED && NEWEST_RELEASED <= NEWEST);
        assert_eq!(Version::default(), NEWEST_RELEASED);
        let basis = |text: &str| text.parse::<Version>().unwrap().basis();
        for observed in ["9.13.0", "9.26.5", "9.27.0"] {
            assert_eq!(basis(observed), Basis::Observed, "{observed}");
        }
        for read in ["9.0.0", "9.12.9"] {
            assert_eq!(basis(read), Basis::Source, "{read}");
        }
    }

    #[test]
    fn refusals() {
        assert!(matches!(
            "8.9.9".parse::<Version>(),
            Err(VersionError::TooOld { .. })
        ));
        assert!(matches!(
            "9.28.0".parse::<Version>(),
            Err(VersionError::TooNew { .. })
        ));
        for text in [
            "", "9", "9.1", "9.1.2.3", "vv9.1.2", "9.1.x", "9..1", "+9.1.1",
        ] {
            assert!(
                matches!(text.parse::<Version>(), Err(VersionError::Malformed { .. })),
                "{text}"
            );
        }
    }
}
