//! What `diff` answers.

use bitbox_backup::audit::Difference;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct Differences<'a> {
    pub(crate) old: SideAnswer<'a>,
    pub(crate) new: SideAnswer<'a>,
    /// Why a difference may come from something else than the cards.
    pub(crate) warnings: &'a [String],
    #[serde(flatten)]
    pub(crate) found: &'a Difference,
}

/// One of the two files.
#[derive(Debug, Serialize)]
pub(crate) struct SideAnswer<'a> {
    pub(crate) file: &'a str,
    pub(crate) sources: usize,
    /// Whether its last line is incomplete.
    pub(crate) cut: bool,
}
