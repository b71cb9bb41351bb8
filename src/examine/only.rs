//! How the ID of the wallet begins that is asked for.

use crate::backup::Id;

/// Most digits of an ID.
const MOST: usize = 64;

/// How an ID begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdPrefix {
    digits: [u8; MOST],
    length: usize,
}

impl IdPrefix {
    /// That of these hex digits, in lower case; `None` if they are more than an ID has, or none.
    pub fn new(text: &str) -> Option<Self> {
        let mut digits = [0; MOST];
        let length = text.len();
        digits.get_mut(..length)?.copy_from_slice(text.as_bytes());
        text.is_ascii().then_some(Self { digits, length })
    }

    /// Its digits.
    pub fn as_str(&self) -> &str {
        let digits = self.digits.get(..self.length).unwrap_or_default();
        std::str::from_utf8(digits).unwrap_or_default()
    }

    pub(super) fn fits(&self, id: &Id) -> bool {
        id.to_string().starts_with(self.as_str())
    }
}
