//! Candidates in order of likelihood: what a message may have been, the likeliest first, until one
//! has the id or the checksum.
//!
//! A [`Space`] is one hypothesis: a message and how unsure each of its bits is. Candidates with the
//! same numbers of flips in each level cost the same and form a *class*; classes come cheapest
//! first out of one queue over all spaces, and the candidates of a class are numbered, so that
//! every candidate has one rank whatever the number of threads and the kernel.

#![cfg_attr(
    not(test),
    allow(
        clippy::arithmetic_side_effects,
        reason = "no parser: it counts what it made itself, and saturates where counts can grow"
    )
)]

mod batch;
mod coverage;
mod enumerator;
mod prepared_space;
mod priority_queue;
mod ranking;
mod searcher;

pub use coverage::{ENOUGH, Extent, extent, reach};
#[cfg(test)]
pub(crate) use searcher::tests;
pub use searcher::{
    CHECKSUM_MESSAGE, Control, Hit, ID_MESSAGE, Level, Outcome, Space, Target, search, search_with,
};
