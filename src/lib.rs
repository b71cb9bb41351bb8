//! Reads, checks and explains the microSD backups of the BitBox02 hardware wallet, offline and
//! without ever writing to a card.
//!
//! # Modules
//!
//! Two independent views of the bytes of a card, and a judge that compares them:
//!
//! - [`firmware`] is the device view: what a BitBox02 of a chosen version would answer, quirks and
//!   crashes included.
//! - [`catalogue`] is the evidence view: every copy of every backup, live and deleted, with its place.
//! - [`assess`] compares the two; every difference is a [`finding`] with a remedy.
//!
//! Under them lie [`image`] (the bytes, read-only by type), [`partition`] and [`fat`] (tolerant
//! readers of what is on the medium), [`backup`] (what a file says and whether it is whole) and
//! [`repair`] (several damaged copies made into one, with proof). Above them, [`report`] has the
//! words of the answer and cannot hold a secret, and [`examine`] goes the whole way for one source.
//! [`audit`] examines many at once and finds what only a comparison of cards shows. [`recover`]
//! recovers what can be proved. [`export`] makes cards of
//! its own, never touching a source. At the side, [`journal`] keeps the
//! evidence log, [`device`] talks to a BitBox02 itself, [`reader`] knows which card is in a card
//! reader, and [`acquire`] makes the sector-exact image of a card. [`text`] escapes and shortens
//! what people read.
//!
//! ```
//! use bitbox_backup::assess::State;
//! use bitbox_backup::examine::{Options, examine};
//!
//! # #[cfg(feature = "compressed")]
//! # fn main() -> Result<(), bitbox_backup::image::OpenError> {
//! let examination = examine("testdata/stray-ds-store.img.zst".as_ref(), &Options::default())?;
//! let backup = &examination.report.backups[0];
//! assert_eq!(backup.state, State::Hidden);
//! assert_eq!(backup.cause.as_deref(), Some("\".DS_Store\" is in its folder"));
//! assert_eq!(backup.findings[0].rule, "directory-entry-count");
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "compressed"))]
//! # fn main() {}
//! ```
//!
//! # Errors and growth
//!
//! The text of an error names its causes, so one line says all; [`source`](std::error::Error::source) gives
//! the cause as a value. Errors, rules, states, and what only this crate makes may grow: they are
//! `non_exhaustive`. Options begin with their `Default` or `new`.
//!
//! # Secrets
//!
//! A backup file is a wallet's seed in plain text. Bytes of copies live in [`catalogue::Catalogue`]
//! and in what is made of them: `recover::Recovered`, the candidates of [`repair`], and what `backup::encode` and `majority`
//! return. All are wiped on drop. [`backup::Seed`] and [`backup::Words`] have one accessor each.
//! Names come from hostile cards: they are kept as stored until [`text::escape`] makes them
//! harmless.

// Parsers deny unchecked arithmetic too, each in its own file.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::indexing_slicing))]
#![cfg_attr(not(test), warn(clippy::too_many_lines, clippy::excessive_nesting))]
#![deny(clippy::print_stdout)]

#[cfg(feature = "recover")]
pub mod acquire;
pub mod assess;
#[cfg(feature = "audit")]
pub mod audit;
pub mod backup;
pub mod carve;
pub mod catalogue;
#[cfg(feature = "device")]
pub mod device;
pub mod examine;
#[cfg(feature = "recover")]
pub mod export;
pub mod fat;
#[cfg(feature = "files")]
pub mod files;
pub mod finding;
pub mod firmware;
pub mod image;
#[cfg(feature = "audit")]
pub mod journal;
pub mod partition;
pub mod progress;
pub mod reader;
#[cfg(feature = "recover")]
pub mod recover;
#[cfg(feature = "recover")]
pub mod repair;
pub mod report;
pub mod text;
