//! Whether the card in a reader is still the one it was.

use std::path::{Path, PathBuf};

use super::identity::{CardFate, CardIdentity};
use crate::image::{Beginning, beginning};

/// A card in a reader, as far as it can be told from others: by what the system says of it, and by what it
/// begins with.
#[derive(Debug)]
pub struct Inserted {
    path: PathBuf,
    identity: Option<CardIdentity>,
    beginning: Option<Beginning>,
}

impl Inserted {
    /// The one at this path. Of what is no card reader nothing is known, and it is always there.
    pub fn at(path: &Path) -> Self {
        let identity = super::of(path);
        let beginning = identity.as_ref().and_then(|_| beginning(path));
        Self {
            path: path.to_owned(),
            identity,
            beginning,
        }
    }

    /// What the system said of it.
    pub fn identity(&self) -> Option<&CardIdentity> {
        self.identity.as_ref()
    }

    /// What became of it. With `look` its beginning is read again, where it could be read before: what a
    /// system that does not look at its readers fails to notice, and what makes it look.
    pub fn fate(&self, look: bool) -> CardFate {
        let Some(identity) = &self.identity else {
            return CardFate::There;
        };
        let before = self.beginning.as_ref().filter(|_| look);
        let still = before.map(|before| before.is_still(&beginning(&self.path)?));
        match identity.fate(super::of(&self.path).as_ref()) {
            CardFate::There if still == Some(None) => CardFate::Gone,
            CardFate::There if still == Some(Some(false)) => CardFate::Another,
            fate => fate,
        }
    }
}
