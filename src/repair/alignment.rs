//! Aligns damaged copies to the layouts that their file most likely has.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use zeroize::Zeroizing;

use super::gap_fit::{CopyFit, fit_sample, list_other_gaps};
use super::role::{self, ByteRole};
use super::sample::Sample;
use super::spliced::SeedOfCopy;
use crate::backup::layout::Layout;
use crate::backup::wire::Field;

/// How much likelier a 1 is than a 0 in the highest bit of a byte that a text editor replaced, in nats.
const REPLACED: f64 = 12.0;
/// Layouts less likely than the best one by more than this are left out, in nats.
const FAR: f64 = 25.0;
/// How many times as many layouts are compared at length if bytes were lost or inserted: those at two places cost too
/// much at first.
const MORE_LAYOUTS: usize = 6;
/// How often the fits and the consensus of the copies are computed in turn.
const PASSES: usize = 3;

/// A layout the file may have, and how each copy fits it.
pub(super) struct Alignment {
    pub(super) layout: Layout,
    pub(super) roles: Vec<ByteRole>,
    pub(super) fits: Vec<CopyFit>,
}

impl Alignment {
    /// What is known of each byte before copies are compared: log-likelihood ratios of its bits, in nats.
    pub(super) fn priors(&self, samples: &[Sample<'_>]) -> Vec<[f64; 8]> {
        let mut priors: Vec<_> = self.roles.iter().map(|role| role.prior()).collect();
        for (sample, fit) in samples.iter().zip(&self.fits) {
            for (at, prior) in priors.iter_mut().enumerate() {
                if fit.index(at).is_some_and(|at| sample.is_replaced(at)) {
                    prior[7] = REPLACED;
                }
            }
        }
        priors
    }
}

impl Alignment {
    /// The seed as each of the copies has it; 0 for a byte that it does not have.
    pub(super) fn seeds(&self, samples: &[Sample<'_>]) -> Vec<SeedOfCopy> {
        let roles = self.roles.iter().enumerate();
        let seed: Vec<(usize, usize)> = roles
            .filter_map(|(at, role)| match role {
                ByteRole::Part(Field::Seed, index) => Some((at, usize::from(*index))),
                _ => None,
            })
            .collect();
        let of_copy = |(sample, fit): (&Sample<'_>, &CopyFit)| {
            let mut bytes = Zeroizing::new([0; 32]);
            for (at, index) in &seed {
                let byte = fit.index(*at).and_then(|at| sample.bytes.get(at));
                bytes[*index] = byte.copied().unwrap_or(0);
            }
            bytes
        };
        samples.iter().zip(&self.fits).map(of_copy).collect()
    }

    /// The same with the gap of one copy, and of those that equal it, at each other place where it may be just as well.
    pub(super) fn with_other_gaps(&self, samples: &[Sample<'_>]) -> Vec<Self> {
        let mut all = Vec::new();
        for (own, sample) in samples.iter().enumerate() {
            if samples[..own]
                .iter()
                .any(|other| other.bytes == sample.bytes)
            {
                continue;
            }
            for fit in list_other_gaps(sample, &self.roles, &self.fits[own]) {
                let copies = samples.iter().zip(&self.fits);
                let moved = |(copy, old): (&Sample<'_>, &CopyFit)| {
                    let is_equal = copy.bytes == sample.bytes;
                    if is_equal { fit.clone() } else { old.clone() }
                };
                all.push(Self {
                    layout: self.layout,
                    roles: self.roles.clone(),
                    fits: copies.map(moved).collect(),
                });
            }
        }
        all
    }
}

/// Aligns copies to the layouts that fit them best, at most `most`, the most likely first.
pub(super) fn align_copies(samples: &[Sample<'_>], most: usize) -> Vec<Alignment> {
    let mut found: Vec<(f64, Layout)> = role::list_layouts()
        .map(|layout| (cost_of(samples, layout, 1), layout))
        .collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    let has_gap = found.first().is_some_and(|(_, layout)| {
        let mut samples = samples.iter();
        samples.any(|sample| sample.bytes.len() != layout.total())
    });
    if has_gap {
        found.truncate(MORE_LAYOUTS * most);
        for (cost, layout) in &mut found {
            *cost = cost_of(samples, *layout, 2);
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    let best = found.first().map_or(0.0, |(cost, _)| *cost);
    let near = found.into_iter().take_while(|(cost, _)| *cost < best + FAR);
    near.take(most)
        .map(|(_, layout)| align_to_layout(samples, layout))
        .collect()
}

/// How unlikely a layout and these copies of it are, in nats, each with at most `most_gaps` gaps.
fn cost_of(samples: &[Sample<'_>], layout: Layout, most_gaps: usize) -> f64 {
    let roles = role::list_roles(layout);
    let mut costs: Vec<f64> = Vec::with_capacity(samples.len());
    for (index, sample) in samples.iter().enumerate() {
        // Most copies are equal.
        let equal = samples[..index]
            .iter()
            .position(|other| other.bytes == sample.bytes);
        let fitted = || fit_sample(sample, &roles, None, most_gaps).cost;
        costs.push(equal.map_or_else(fitted, |equal| costs[equal]));
    }
    role::layout_cost(layout) + costs.iter().sum::<f64>()
}

/// Aligns copies to one layout. Each copy is compared with the others too, which locates a gap
/// within a field.
fn align_to_layout(samples: &[Sample<'_>], layout: Layout) -> Alignment {
    let roles = role::list_roles(layout);
    let mut fits: Vec<_> = samples
        .iter()
        .map(|sample| fit_sample(sample, &roles, None, 2))
        .collect();
    if fits.iter().any(CopyFit::has_gap) {
        for _ in 0..PASSES {
            for own in 0..samples.len() {
                let known = find_consensus(samples, &fits, own, roles.len());
                let gaps = 1 + usize::from(shows_second_gap(&fits, own));
                fits[own] = fit_sample(&samples[own], &roles, Some(&known), gaps);
            }
        }
    }
    Alignment {
        layout,
        roles,
        fits,
    }
}

/// What the last of the copies except one has for each byte, where any has it.
fn find_consensus(
    samples: &[Sample<'_>],
    fits: &[CopyFit],
    except: usize,
    length: usize,
) -> Zeroizing<Vec<Option<u8>>> {
    let byte = |at| {
        let others = samples.iter().zip(fits).enumerate();
        let others = others.filter(|(index, _)| *index != except);
        let mut bytes = others.filter_map(|(_, (sample, fit))| {
            let index = fit.index(at)?;
            let byte = sample.bytes.get(index)?;
            (!sample.blank[index]).then_some(*byte)
        });
        bytes.next_back()
    };
    Zeroizing::new((0..length).map(byte).collect())
}

/// Whether a second gap of a copy can be trusted: it shows by the layout alone, or by copies without any gap. The places of
/// the gaps of others are not certain.
fn shows_second_gap(fits: &[CopyFit], own: usize) -> bool {
    let mut others = fits.iter().enumerate().filter(|(index, _)| *index != own);
    fits[own].second.is_some() || others.all(|(_, fit)| !fit.has_gap())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::tests::KNOWN;

    fn known() -> Vec<u8> {
        hex::decode(KNOWN).unwrap()
    }

    fn layout() -> Layout {
        Layout {
            name: 9,
            length: 0,
            birthdate: 6,
            generator: 7,
        }
    }

    fn align_best(copies: &[Vec<u8>]) -> Alignment {
        let samples: Vec<_> = copies.iter().map(|copy| Sample::new(copy)).collect();
        align_copies(&samples, 4).swap_remove(0)
    }

    /// The bytes of a copy, in the order of the file.
    fn place_bytes(copy: &[u8], fit: &CopyFit, length: usize) -> Vec<Option<u8>> {
        (0..length)
            .map(|at| copy.get(fit.index(at)?).copied())
            .collect()
    }

    #[test]
    fn one_intact_copy_determines_the_layout() {
        assert_eq!(align_best(&[known()]).layout, layout());
    }

    #[test]
    fn the_layout_is_found_without_beginning_or_end() {
        let mut copy = known();
        copy[..45].fill(0);
        assert_eq!(align_best(&[copy]).layout, layout());
        let cut = known()[..90].to_vec();
        let found = align_best(&[cut, known()[..100].to_vec()]);
        assert_eq!((found.layout.name, found.layout.birthdate), (9, 6));
    }

    #[test]
    fn lost_and_inserted_bytes_are_located() {
        let whole = known();
        for at in [0, 10, 50, 70, 90, 100] {
            let mut lost = whole.clone();
            lost.drain(at..at + 3);
            let copies = [lost.clone(), whole.clone(), whole.clone()];
            let found = align_best(&copies);
            assert_eq!(found.layout, layout(), "{at}");
            for (byte, own) in whole.iter().zip(place_bytes(&lost, &found.fits[0], 110)) {
                assert!(own.is_none_or(|own| own == *byte), "{at}");
            }
            let mut more = whole.clone();
            more.splice(at..at, [0x5A, 0xC3]);
            let found = align_best(&[more.clone(), whole.clone(), whole.clone()]);
            let own = place_bytes(&more, &found.fits[0], 110);
            let same = whole
                .iter()
                .zip(&own)
                .filter(|(byte, own)| Some(**byte) == **own)
                .count();
            assert!(found.layout == layout() && same >= 108, "{at}: {same}");
        }
    }

    #[test]
    fn bytes_lost_at_two_places_are_located() {
        let whole = known();
        for (first, second) in [(10, 70), (3, 50), (64, 90), (45, 75)] {
            let mut lost = whole.clone();
            lost.drain(second..second + 2);
            lost.drain(first..first + 3);
            let copies = [lost.clone(), whole.clone()];
            let found = align_best(&copies);
            assert_eq!(found.layout, layout(), "{first} {second}");
            assert!(found.fits[0].second.is_some());
            for (byte, own) in whole.iter().zip(place_bytes(&lost, &found.fits[0], 110)) {
                assert!(own.is_none_or(|own| own == *byte), "{first} {second}");
            }
        }
    }

    #[test]
    fn thirds_cut_out_of_each_copy_cover_the_file() {
        let whole = known();
        let third = 36;
        let copies = [0, 1, 2].map(|part| {
            let mut copy = whole.clone();
            copy.drain(part * third..(part + 1) * third);
            copy
        });
        let found = align_best(&copies);
        assert_eq!(found.layout, layout());
        for (copy, fit) in copies.iter().zip(&found.fits) {
            for (byte, own) in whole.iter().zip(place_bytes(copy, fit, 110)) {
                assert!(own.is_none_or(|own| own == *byte));
            }
        }
    }
}
