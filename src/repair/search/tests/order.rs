//! The order in which candidates are tried.

use std::collections::BTreeSet;

use super::super::ranking::Ranking;
use super::super::searcher::LARGEST_BATCH;
use super::*;

#[test]
fn every_candidate_is_tried_once_and_the_cheapest_first() {
    let spaces = small_spaces(ID_MESSAGE);
    let (tried, outcome) = record_search(&spaces, u64::MAX, 0);
    let mut all: Vec<_> = spaces.iter().flat_map(list_everything).collect();
    assert!(outcome.exhausted && !outcome.stopped && outcome.hit.is_none());
    assert_eq!(outcome.tried, all.len() as u64);
    assert_eq!(tried.len(), all.len());
    assert_eq!(
        tried[0][..2],
        spaces[0].base[..2],
        "the most likely one has no bit flipped"
    );
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let costs: std::collections::BTreeMap<_, _> = all
        .iter()
        .map(|(cost, bytes)| (bytes.clone(), *cost))
        .collect();
    assert_eq!(costs.len(), all.len());
    for (bytes, (cost, _)) in tried.iter().zip(&all) {
        assert!((costs[bytes] - cost).abs() < 1e-9);
    }
    let different: BTreeSet<_> = tried.iter().collect();
    assert_eq!(different.len(), all.len());
}

#[test]
fn equal_costs_are_ordered_by_space_then_by_flips() {
    let base = || vec![0; 32];
    let levels = || vec![level(0.0, &[0]), level(1.0, &[1]), level(2.0, &[2])];
    let spaces = [
        space(base(), 0.0, levels(), &[]),
        space(base(), 0.0, levels(), &[]),
    ];
    let (tried, _) = record_search(&spaces, u64::MAX, 0);
    let first: Vec<u8> = tried.iter().map(|bytes| bytes[0]).collect();
    assert_eq!(first, [0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7]);
}

#[test]
fn a_search_may_be_divided_in_two() {
    let spaces = small_spaces(ID_MESSAGE);
    let (whole, outcome) = record_search(&spaces, u64::MAX, 0);
    for cut in [0, 1, 5, 255, 256, 1000, outcome.tried - 1, outcome.tried] {
        let (mut halves, first) = record_search(&spaces, cut, 0);
        assert_eq!((first.tried, halves.len() as u64), (cut, cut));
        assert_eq!(first.exhausted, cut == outcome.tried);
        let (second, last) = record_search(&spaces, u64::MAX, cut);
        assert_eq!((last.tried, last.exhausted), (outcome.tried, true));
        halves.extend(second);
        assert!(halves == whole);
    }
    let (none, past) = record_search(&spaces, u64::MAX, u64::MAX);
    assert_eq!(
        (none.len(), past.tried, past.exhausted),
        (0, outcome.tried, true)
    );
}

#[test]
fn a_search_starts_anywhere_in_a_large_class() {
    let spaces = large_spaces(ID_MESSAGE);
    let (whole, _) = record_search(&spaces, 120_000, 0);
    for skip in (0..120_000).step_by(9_973) {
        let (part, outcome) = record_search(&spaces, (skip + 700).min(120_000), skip);
        assert!(part[..] == whole[skip as usize..][..part.len()]);
        assert_eq!(outcome.tried, (skip + 700).min(120_000));
    }
}

#[test]
fn invalid_spaces_levels_and_bits_are_left_out() {
    let odd = [
        space(vec![0; 31], 0.0, vec![level(1.0, &[0])], &[]),
        space(vec![0; 32], f64::NAN, vec![], &[]),
        space(
            vec![0; 32],
            0.0,
            vec![
                level(f64::INFINITY, &[5]),
                level(-1.0, &[0, 0, 256, 9999, 17]),
                level(1.0, &[0, 1]),
            ],
            &[2, 2, 99],
        ),
    ];
    let (tried, outcome) = record_search(&odd, u64::MAX, 0);
    // Bits 0 and 1, and every value of byte 2; bit 17 is in that byte.
    assert_eq!((tried.len(), outcome.exhausted), (4 * 256, true));
    let none = search(
        &[],
        &SearchTarget::Id(vec![Id([0; 32])]),
        10,
        0,
        &Progress::default(),
    );
    assert!(none.exhausted && none.tried == 0);
    assert_eq!(
        search(&odd, &SearchTarget::Id(vec![]), 10, 0, &Progress::default()).tried,
        0
    );
}

#[test]
fn many_levels_and_huge_spaces_end_at_the_budget() {
    let all: Vec<u16> = (0..256).collect();
    let each: Vec<_> = (0..256u16)
        .map(|bit| level(f64::from(bit), &[bit]))
        .collect();
    let spaces = [
        space(vec![0; 32], 0.0, vec![level(0.0, &all)], &[]),
        space(vec![1; 32], 0.0, each, &[]),
        space(vec![2; 32], 0.0, vec![], &(0..32).collect::<Vec<_>>()),
    ];
    let (tried, outcome) = record_search(&spaces, 40_000, 0);
    assert_eq!(
        (tried.len(), outcome.tried, outcome.exhausted),
        (40_000, 40_000, false)
    );
    let late = u64::MAX - 10;
    let (tried, outcome) = record_search(&spaces[2..], u64::MAX - 1, late);
    assert_eq!((tried.len(), outcome.tried), (9, u64::MAX - 1));
}

#[test]
fn millions_of_classes_are_in_order() {
    let tried = if cfg!(debug_assertions) {
        400_000
    } else {
        4_000_000
    };
    let spaces: Vec<_> = (0..300u16)
        .map(|number| {
            let each = (0..20).map(|bit| level(1.0 + f64::from(bit * 7 % 20 + number % 3), &[bit]));
            let cost = f64::from(number) / 7.0;
            space(vec![0; 32], cost, each.collect(), &[])
        })
        .collect();
    let prepared = prepare_spaces::<8>(&spaces, ID_MESSAGE);
    let mut ranking = Ranking::new(&prepared, tried);
    let mut costs = Vec::new();
    loop {
        let batch = ranking.next_batch(LARGEST_BATCH);
        if batch.is_empty() {
            break;
        }
        costs.extend(batch.chunks().flatten().map(|segment| {
            assert_eq!(segment.count, 1);
            let space = &prepared[segment.space as usize];
            let flips = space.levels.iter().zip(segment.flip_counts);
            flips.fold(space.cost, |cost, (level, flips)| {
                cost + f64::from(flips) * level.cost
            })
        }));
    }
    assert!(costs.is_sorted());
    assert_eq!(costs.len() as u64, tried);
}
