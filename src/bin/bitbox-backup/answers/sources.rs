//! What `sources` answers.

use bitbox_backup::reader::{BitBoxReport, SlotReport};
use serde::Serialize;

/// Card readers and BitBoxes; `None` where the system does not say.
#[derive(Debug, Serialize)]
pub(crate) struct Connected {
    pub(crate) readers: Option<Vec<SlotReport>>,
    pub(crate) devices: Option<Vec<BitBoxReport>>,
}
