//! Reads, checks and explains the microSD backups of the BitBox02 hardware wallet, offline and
//! without ever writing to a card.
//!
//! # The map
//!
//! Two eyes look at the bytes of a card, and a judge compares them:
//!
//! - [`firmware`] is the device's eye: what a BitBox02 of a chosen version would answer, quirks and
//!   crashes included.
//! - [`catalogue`] is ours: every copy of every backup, live and deleted, with its place.
//! - [`assess`] compares the two; every difference is a [`finding`] with a remedy.
//!
//! Under them lie [`image`] (the bytes, read-only by type), [`partition`] and [`fat`] (tolerant
//! readers of what is on the medium), [`backup`] (what a file says and whether it is whole) and
//! [`repair`] (several damaged copies made into one, with proof). Above them, [`report`] has the
//! words of the answer and cannot hold a secret, and [`examine`] goes the whole way for one source.
//! [`audit`] examines many at once and tells what shows only across cards. [`recover`]
//! brings back what can be proved. [`export`] makes cards of
//! its own, never touching a source. At the side, [`journal`] keeps the
//! evidence log, [`device`] talks to a BitBox02 itself, [`reader`] tells which card is in a card
//! reader, and [`machine`] what might carry a secret off this machine. [`self_test`] computes known
//! answers anew, [`acquire`] makes the sector-exact image of a card, and [`sandbox`] fences the program
//! in.
//!
//! ```
//! use bitbox_backup::assess::State;
//! use bitbox_backup::examine::{Options, examine};
//!
//! let report = examine("testdata/stray-ds-store.img.zst".as_ref(), &Options::default());
//! let backup = &report.backups[0];
//! assert_eq!(backup.state, State::Hidden);
//! assert_eq!(backup.cause.as_deref(), Some("\".DS_Store\" lies in its folder"));
//! assert_eq!(backup.findings[0].rule, "directory-entry-count");
//! ```
//!
//! # Secrets
//!
//! A backup file is a wallet's seed in plain text. Bytes of copies live in [`catalogue::Catalogue`]
//! alone and are wiped on drop; [`backup::Seed`] and [`backup::Words`] have one accessor each; nothing else here can hold them.
//! Names come from hostile cards: they are kept as stored until [`report::escape`] makes them
//! harmless.

// Parsers deny unchecked arithmetic too, each in its own file.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::indexing_slicing))]
#![deny(clippy::print_stdout)]

pub mod acquire;
pub mod assess;
pub mod audit;
pub mod backup;
pub mod carve;
pub mod catalogue;
pub mod device;
pub mod examine;
pub mod export;
pub mod fat;
pub mod files;
pub mod finding;
pub mod firmware;
pub mod image;
pub mod journal;
pub mod machine;
pub mod partition;
pub mod reader;
pub mod recover;
pub mod repair;
pub mod report;
pub mod sandbox;
pub mod self_test;
pub mod text;
