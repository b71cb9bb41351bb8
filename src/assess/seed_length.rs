//! How long a seed is that only its id proves, by everything a card says.

use crate::backup::{self, Id, Seed};
use crate::catalogue::Catalogue;

/// The length of a seed that only `id` proves, from its own copies and from every other of that id
/// on the card; `None` is a question.
pub(crate) fn seed_length(
    catalogue: &Catalogue,
    own: &[usize],
    id: Id,
    seed: &Seed,
) -> Option<u32> {
    let padded = seed.padded();
    let copies = catalogue.copies.iter().enumerate();
    let copies = copies.filter(|(index, copy)| {
        let proved = copy.facts.as_ref().and_then(|facts| facts.id);
        let folder = || catalogue.wallet_of(copy.node).and_then(|(_, id)| id);
        own.contains(index) || proved.or_else(folder) == Some(id)
    });
    let bytes: Vec<_> = copies.map(|(index, _)| catalogue.bytes(index)).collect();
    backup::seed_length(&padded, &bytes)
}
