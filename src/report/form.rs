//! The form of every answer: its version, its words.

use std::borrow::Cow;

use crate::firmware::{Basis, Version};

/// The version of the JSON's form.
pub const SCHEMA: &str = "bitbox-backup/1";

/// How the rules of a firmware are known, in the contract's word.
pub fn basis(version: Version) -> &'static str {
    match version.basis() {
        Basis::Observed => "observed",
        Basis::Source => "source",
    }
}

/// A word or sentence of ours; owned where a report was read back.
pub type Text = Cow<'static, str>;
