//! Searches candidates in the order of their likelihood: what a message may have been, the most
//! likely first, until one has the ID or the checksum.
//!
//! A [`Space`] is one hypothesis: a message and how uncertain each of its bits is. Candidates with
//! the same number of flips in each level cost the same and form a *class*. One queue over all
//! spaces gives the classes by rising cost, and the candidates of a class are numbered. So every
//! candidate has one rank, for any number of threads and either kernel.

#![cfg_attr(
    not(test),
    allow(
        clippy::arithmetic_side_effects,
        reason = "not a parser: it counts what was made here, and saturates where counts can grow"
    )
)]

mod batch;
mod class;
mod combinations;
mod coverage;
mod enumerator;
mod outcome;
mod prepared_space;
mod priority_queue;
mod ranking;
mod searcher;
mod segment;
mod space;
mod target;

pub use coverage::{Coverage, NEARLY_ALL, compute_coverage, compute_probability};
pub use outcome::{Hit, Outcome};
pub use searcher::{search, search_owned, search_with_kernel};
pub use space::{Level, Space};
pub(super) use space::{bit_entropy, chance_of_wrong};
pub use target::{CHECKSUM_MESSAGE, ID_MESSAGE, SearchTarget};

#[cfg(test)]
mod tests;
