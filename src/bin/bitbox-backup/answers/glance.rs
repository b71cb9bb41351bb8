//! A source in the answers of commands that read several: whether it could be read, and the card at a glance, as `list`
//! has it.

use bitbox_backup::assess::CardState;
use bitbox_backup::catalogue::Looked;
use bitbox_backup::report::{DeviceView, NextReport, Source};
use serde::Serialize;

/// One source, and why it could not be read.
#[derive(Debug, Serialize)]
pub(crate) struct SourceAnswer<'a> {
    pub(crate) source: &'a str,
    pub(crate) error: Option<&'a str>,
    pub(crate) hint: Option<&'a str>,
    #[serde(flatten)]
    pub(crate) glance: Glance<'a>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Glance<'a> {
    state: CardState,
    looked: Option<Looked>,
    /// The first sentence on it; `None` if it could not be read.
    verdict: Option<&'a str>,
    next: &'a [NextReport],
    device_view: Option<&'a DeviceView>,
}

impl<'a> Glance<'a> {
    /// That of a source; of one that could not be read what was found on it says nothing.
    pub(crate) fn of(source: &'a Source, is_failed: bool) -> Self {
        Self {
            state: match is_failed {
                true => CardState::Failed,
                false => source.state,
            },
            looked: source.looked.filter(|_| !is_failed),
            verdict: source.verdict.as_deref().filter(|_| !is_failed),
            next: &source.next,
            device_view: source.device_view.as_ref().filter(|_| !is_failed),
        }
    }
}
