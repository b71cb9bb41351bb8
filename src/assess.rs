//! The judge between the two views: what a device shows of a card, what is really on it, and every
//! difference as a finding with its remedy.
//!
//! Pure: it reads nothing but the [`Catalogue`](crate::catalogue::Catalogue) and the device's
//! [`Answer`](crate::firmware::Answer), and holds no secret.

mod assessment;
mod backup;
mod by_place;
mod card;
mod fix;
mod generation;
mod group;
mod health;
mod hidden;
mod holding;
mod join;
mod judge;
mod kin;
mod links;
mod narrow;
mod outside;
mod problem;
mod provenance;
mod refusal;
mod seed_length;
mod sentence;
mod stray;
mod target;
mod unopened;
mod unread;
mod verdict;
mod views;
mod why;
mod worth;
mod writes;

pub use assessment::{Assessment, CardState, Seen, Verdict};
pub use backup::{Backup, State, Writer};
#[cfg(feature = "audit")]
pub(crate) use by_place::is_nearly;
pub use join::assess_joined;
pub use judge::assess;
#[cfg(feature = "recover")]
pub(crate) use kin::{is_kin, split_kin};
pub use narrow::narrow;
#[cfg(feature = "audit")]
pub(crate) use outside::PERHAPS_LIVE;
#[cfg(feature = "recover")]
pub(crate) use seed_length::seed_length;
pub(crate) use verdict::MOST_SDHC;
