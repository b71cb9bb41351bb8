//! The SHA-256 of a line.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

/// The SHA-256 of a line of the log, its line feed included. As text: 64 hex digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// What the first line carries, having no line before it: zeros.
    pub const NONE: Self = Self([0; 32]);

    /// That of a line given without its line feed, which the hash takes in.
    pub(super) fn of(line: &[u8]) -> Self {
        let hash = Sha256::new().chain_update(line).chain_update(b"\n");
        Self(hash.finalize().into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex::encode(self.0))
    }
}

/// The text is no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 64 hex digits")]
pub struct NoHash;

impl FromStr for Hash {
    type Err = NoHash;

    fn from_str(text: &str) -> Result<Self, NoHash> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NoHash)?;
        Ok(Self(bytes))
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_feed_is_hashed_too() {
        // printf 'abc\n' | sha256sum
        let known = "edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb";
        assert_eq!(Hash::of(b"abc").to_string(), known);
        assert_eq!(known.parse(), Ok(Hash::of(b"abc")));
        assert_eq!(known.to_uppercase().parse(), Ok(Hash::of(b"abc")));
        assert_eq!("00".repeat(32).parse(), Ok(Hash::NONE));
        for wrong in ["", "00", &"0".repeat(63), &"0".repeat(65), &"g".repeat(64)] {
            assert_eq!(wrong.parse::<Hash>(), Err(NoHash), "{wrong}");
        }
    }
}
