//! The judge between the two views: what a device shows of a card, what is really on it, and every
//! difference as a finding with its remedy.
//!
//! Pure: it reads nothing but the [`Catalogue`](crate::catalogue::Catalogue) and the device's
//! [`Answer`](crate::firmware::Answer), and holds no secret.

mod assessment;
mod backup;
mod backup_state;
mod both_views;
mod card;
mod edit_distance;
mod firmware_writes;
mod fix;
mod folder_contents;
mod folder_match;
mod generation_key;
mod generations;
mod health;
mod hidden;
mod hidden_cause;
mod judge;
mod outside_bitbox02;
mod provenance;
mod refusal;
mod rest;
mod sentence;
mod similar_copies;
mod stray;
mod unread;
mod verdict;

pub use assessment::{Assessment, CardState, Seen, Verdict};
pub use backup::{Backup, State, Writer};
#[cfg(feature = "recover")]
pub(crate) use backup_state::seed_length;
#[cfg(feature = "audit")]
pub(crate) use folder_match::is_nearly;
pub use judge::{assess, assess_joined, narrow};
#[cfg(feature = "audit")]
pub(crate) use outside_bitbox02::PERHAPS_LIVE;
#[cfg(feature = "recover")]
pub(crate) use similar_copies::{is_kin, split_kin};
pub(crate) use verdict::MOST_SDHC;
