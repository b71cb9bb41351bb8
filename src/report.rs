//! What a command answers, ready to be serialized: the words of the contract, and no secret.
//!
//! Everything here is made from an [`Assessment`](crate::assess::Assessment) and the public facts of a [`Catalogue`](crate::catalogue::Catalogue). Of a copy
//! that is not whole only the places of its fields are told, never their values: in a damaged file
//! any field may hold bytes of the seed.

mod backup;
mod card;
mod detail;
mod device_view;
mod fat_time;
mod finding;
mod form;
mod line;
mod preflight;
mod redaction;
mod source;
mod summary;

pub use backup::{BackupReport, CopyReport};
pub use card::{Card, VolumeReport, WhatWasRead};
pub use detail::{FieldReport, NodeReport};
pub use device_view::{DeviceView, ListStatus, ListedReport};
pub use fat_time::FatTimes;
pub use finding::FindingReport;
pub use form::{SCHEMA, Text, basis};
pub use line::{Line, LineError, OptionsReport, TOOL};
pub use preflight::{PreflightReport, ReasonReport, Remedy};
pub use redaction::Redaction;
pub use source::{BesideReport, NextReport, PartReport, Source, Status, inspect};
pub use summary::{Counts, Summary};
