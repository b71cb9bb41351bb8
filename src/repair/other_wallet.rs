//! Whether damaged copies are of another wallet than a proved one.

use super::case::Case;
use super::hypotheses::Hypotheses;
use crate::backup::layout::layout;
use crate::backup::wire::Field;
use crate::backup::{Contents, Seed, decode};

/// Whether damaged copies show another seed than this one, and another checksum than these files of its wallet. Where
/// too little of either is left to tell, they may be of the same wallet.
pub fn is_of_another(copies: &[&[u8]], seed: &Seed, files: &[&[u8]]) -> bool {
    let case = Case {
        copies: copies.to_vec(),
        ..Case::default()
    };
    let Some(hypotheses) = Hypotheses::from_case(&case) else {
        return false;
    };
    let padded = seed.padded();
    let has_other_seed = !hypotheses.may_have_seed(&padded)
        || copies.iter().any(|copy| {
            // Of a file whose fields are all there, zeros are zeros.
            let stored = decode(copy).ok().as_ref().and_then(Contents::seed);
            stored.is_some_and(|stored| is_far(&stored, seed))
        });
    let has_checksum_of = |file: &&[u8]| {
        let checksum = layout(file).and_then(|layout| file.get(layout.checksum()));
        checksum.is_some_and(|sum| hypotheses.may_have(Field::Checksum, sum))
    };
    has_other_seed && !files.iter().any(has_checksum_of)
}

/// Whether so many bits differ that damage alone does not explain it.
fn is_far(first: &Seed, second: &Seed) -> bool {
    let pairs = first.expose().iter().zip(second.expose());
    let (all, wrong) = pairs.fold((0_u32, 0_u32), |(all, wrong), (a, b)| {
        (
            all.saturating_add(8),
            wrong.saturating_add((a ^ b).count_ones()),
        )
    });
    wrong.saturating_mul(3) > all
}
