//! What remembered words say of the seed.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use super::hypothesis::Hypothesis;
use crate::backup::KnownWords;
use crate::backup::wire::Field;

/// The ratio of a bit that a word determines, in nats: it is never flipped.
const CERTAIN: f64 = 100.0;
/// The cost of a word that is remembered wrongly, in nats: one of 2,047 others, and not often.
const MISREMEMBERED: f64 = 11.0;

/// Takes words as certain bits of hypotheses. Where memory is wrong, evidence still may be right: with a cost, each
/// hypothesis is also tried without the words, and the most likely ones without each single word.
pub(super) fn remember(ranked: Vec<Hypothesis>, words: &KnownWords) -> Vec<Hypothesis> {
    let bits = words.bits();
    let fits = |hypothesis: &&Hypothesis| hypothesis.seed_length == words.seed_length();
    let mut all: Vec<Hypothesis> = Vec::new();
    for hypothesis in ranked.iter().filter(fits) {
        all.push(with_bits(
            hypothesis,
            bits.iter().flat_map(|word| word.iter()),
            0.0,
        ));
    }
    if let Some(best) = ranked.iter().find(fits) {
        for wrong in 0..bits.len() {
            let others = bits.iter().enumerate().filter(|(index, _)| *index != wrong);
            let others = others.flat_map(|(_, word)| word.iter());
            all.push(with_bits(best, others, MISREMEMBERED));
        }
    }
    let ignored = MISREMEMBERED * bits.len() as f64;
    all.extend(ranked.into_iter().map(|mut hypothesis| {
        hypothesis.cost += ignored;
        hypothesis
    }));
    all.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    all
}

/// A hypothesis with bits that are certain; where the copies contradict them, it costs what a flip costs.
fn with_bits<'a>(
    hypothesis: &Hypothesis,
    bits: impl Iterator<Item = &'a (usize, usize, bool)>,
    cost: f64,
) -> Hypothesis {
    let seed: Vec<usize> = hypothesis.positions(Field::Seed).collect();
    let mut known = Hypothesis {
        layout: hypothesis.layout,
        roles: hypothesis.roles.clone(),
        seed_length: hypothesis.seed_length,
        cost: hypothesis.cost + cost,
        ratios: hypothesis.ratios.clone(),
    };
    for (byte, bit, value) in bits {
        let Some(at) = seed.get(*byte) else { continue };
        let ratio = &mut known.ratios[*at][*bit];
        let certain = if *value { CERTAIN } else { -CERTAIN };
        if *ratio * certain < 0.0 {
            known.cost += ratio.abs();
        }
        *ratio = certain;
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::Seed;
    use crate::backup::tests::KNOWN;
    use crate::progress::Progress;
    use crate::repair::test_random::Random;
    use crate::repair::{Case, ProvedFields, prove};

    const WORDS: &str = "memory raven era cave phone system dice come mechanic split moon repeat";
    const SEED: &str = "8af64d31126a39b98f59708a3a463e5b";

    /// The known backup with so many wrong bits in 100, and without its checksum.
    fn damaged(percent: u64) -> Vec<u8> {
        let mut copy = hex::decode(KNOWN).unwrap();
        let mut random = Random(0x5EED_0001);
        for byte in &mut copy {
            for bit in 0..8 {
                *byte ^= u8::from(random.next_u64() >> 32 < (1 << 32) * percent / 100) << bit;
            }
        }
        copy[6..38].fill(0);
        copy
    }

    fn is_proved(words: Option<&str>, budget: u64) -> bool {
        is_proved_at(10, words, budget)
    }

    fn is_proved_at(percent: u64, words: Option<&str>, budget: u64) -> bool {
        let copy = damaged(percent);
        let known = words.map(|words| KnownWords::read(words).unwrap());
        let mut right = [0; 32];
        right[..16].copy_from_slice(&hex::decode(SEED).unwrap());
        let case = Case {
            copies: vec![&copy],
            ids: vec![Seed::new(&right, 16).unwrap().id()],
            own_id: true,
            words: known.as_ref(),
            ..Case::default()
        };
        let proved = prove(&case, budget, 0, &Progress::default()).proved;
        proved.is_some_and(|proved| match proved.fields {
            ProvedFields::Seed { seed, .. } => seed.expose()[..16] == right[..16],
            ProvedFields::Whole(_) => false,
        })
    }

    #[test]
    fn remembered_words_prove_nothing_and_find_what_is_too_damaged() {
        let nine = WORDS
            .replace("raven", "?")
            .replace("dice", "?")
            .replace("split", "?");
        assert!(!is_proved(None, 1 << 20));
        assert!(is_proved(Some(&nine), 1 << 20));
        // A word that is remembered wrongly is left out.
        let wrong = nine.replace("cave", "zoo");
        assert!(is_proved(Some(&wrong), 1 << 23));
        // Several wrong ones are no worse than none.
        let wrong = nine
            .replace("cave", "zoo")
            .replace("moon", "zoo")
            .replace("come", "zoo");
        assert!(is_proved_at(1, None, 1 << 20));
        assert!(is_proved_at(1, Some(&wrong), 1 << 21));
        // The words of another wallet prove nothing.
        let other = "zoo ".repeat(12);
        assert!(!is_proved(Some(&other), 1 << 20));
    }
}
