//! What commands answer: plain data between a command, which makes it, and [`crate::render`], which prints
//! it as text or JSON. Fields are in the order of JSON.

pub(crate) mod audit;
pub(crate) mod device;
pub(crate) mod diff;
mod glance;
mod head;
pub(crate) mod letter;
pub(crate) mod log;
pub(crate) mod matching;
mod outcome;
pub(crate) mod self_test;
pub(crate) mod sources;
pub(crate) mod wallet;
pub(crate) mod words;

pub(crate) use audit::AuditEnd;
pub(crate) use glance::{Glance, SourceAnswer};
pub(crate) use head::{Answer, Examined, Rules};
pub(crate) use outcome::{Outcome, Status, error_text, with_causes};
