//! The order, the ranks and the hits of searches, held against trying everything one by one.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicUsize;

use sha2::{Digest, Sha256};

use super::*;
use crate::backup::Seed;

/// Pseudorandom bytes (xorshift64*), the same every time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.roll() >> 32) as u8).collect()
    }
}

const BOTH: [Kernel; 2] = [Kernel::Portable, Kernel::Avx512];

fn level(cost: f64, bits: &[u16]) -> Level {
    Level {
        cost,
        bits: bits.to_vec(),
    }
}

fn space(base: Vec<u8>, cost: f64, levels: Vec<Level>, unknown: &[u16]) -> Space {
    Space {
        base: Zeroizing::new(base),
        cost,
        levels,
        unknown: unknown.to_vec(),
    }
}

/// Several small spaces with zero costs, equal costs, empty levels and an unknown byte.
fn small(length: usize) -> Vec<Space> {
    let mut dice = Dice(7);
    vec![
        space(
            dice.bytes(length),
            0.0,
            vec![
                level(2.5, &[3, 200, 201]),
                level(0.5, &[0, 9, 77, 130, 255]),
                level(1.0, &[]),
                level(1.0, &[11, 12]),
            ],
            &[],
        ),
        space(
            dice.bytes(length),
            1.25,
            vec![level(0.0, &[8, 9, 10]), level(1.25, &[250, 100, 30, 31])],
            &[],
        ),
        space(
            dice.bytes(length),
            -3.0,
            vec![level(0.75, &[5, 6, 60])],
            &[2],
        ),
        space(dice.bytes(length), 1.25, vec![], &[]),
    ]
}

fn flip(bytes: &mut [u8], bit: u16) {
    bytes[usize::from(bit / 8)] ^= 1 << (bit % 8);
}

/// Every candidate of a space with its cost, by counting in binary.
fn everything(space: &Space) -> Vec<(f64, Vec<u8>)> {
    let bits: Vec<(u16, f64)> = space
        .levels
        .iter()
        .flat_map(|level| level.bits.iter().map(|bit| (*bit, level.cost)))
        .collect();
    let values = 256usize.pow(space.unknown.len() as u32);
    let mut all = Vec::new();
    for set in 0..1u32 << bits.len() {
        for value in 0..values {
            let mut bytes = space.base.to_vec();
            let mut cost = space.cost + 8.0 * 2f64.ln() * space.unknown.len() as f64;
            for (at, (bit, price)) in bits.iter().enumerate() {
                if set >> at & 1 == 1 {
                    flip(&mut bytes, *bit);
                    cost += price;
                }
            }
            for (at, byte) in space.unknown.iter().enumerate() {
                bytes[usize::from(*byte)] = (value >> (8 * at)) as u8;
            }
            all.push((cost, bytes));
        }
    }
    all
}

/// Writes down what it is given, and never hits.
#[derive(Default)]
struct Recorder(Mutex<Vec<[u32; 8]>>);

impl Test<8> for &Recorder {
    fn first(&self, _: Kernel, rows: &[[u32; 8]]) -> Option<(usize, usize)> {
        self.0.lock().unwrap().extend(rows);
        None
    }
}

/// All seed fields tried, in their order.
fn recorded(spaces: &[Space], budget: u64, skip: u64) -> (Vec<Vec<u8>>, Outcome) {
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let recorder = Recorder::default();
    let search = Search::new(
        Kernel::Portable,
        spaces,
        prepare::<8>(spaces, ID_MESSAGE),
        vec![&recorder],
        &(),
    );
    let outcome = one.install(|| search.run(budget, skip));
    let rows = recorder.0.into_inner().unwrap();
    let bytes = |row: [u32; 8]| row.iter().flat_map(|word| word.to_be_bytes()).collect();
    (rows.into_iter().map(bytes).collect(), outcome)
}

fn id_of(bytes: &[u8]) -> Id {
    Seed::new(bytes.try_into().unwrap(), 32).unwrap().id()
}

#[test]
fn everything_once_and_the_cheapest_first() {
    let spaces = small(ID_MESSAGE);
    let (tried, outcome) = recorded(&spaces, u64::MAX, 0);
    let mut all: Vec<_> = spaces.iter().flat_map(everything).collect();
    assert!(outcome.exhausted && !outcome.stopped && outcome.hit.is_none());
    assert_eq!(outcome.tried, all.len() as u64);
    assert_eq!(tried.len(), all.len());
    assert_eq!(
        tried[0][..2],
        spaces[0].base[..2],
        "the likeliest has nothing flipped"
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
fn equal_costs_by_space_then_by_flips() {
    let base = || vec![0; 32];
    let levels = || vec![level(0.0, &[0]), level(1.0, &[1]), level(2.0, &[2])];
    let spaces = [
        space(base(), 0.0, levels(), &[]),
        space(base(), 0.0, levels(), &[]),
    ];
    let (tried, _) = recorded(&spaces, u64::MAX, 0);
    let first: Vec<u8> = tried.iter().map(|bytes| bytes[0]).collect();
    assert_eq!(first, [0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7]);
}

#[test]
fn rank_is_the_place_in_the_order() {
    let spaces = small(ID_MESSAGE);
    let (tried, _) = recorded(&spaces, u64::MAX, 0);
    for kernel in BOTH {
        for at in [0, 1, 2, 17, 100, 531, 1000, tried.len() - 1] {
            let target = Target::Id(vec![Id([1; 32]), id_of(&tried[at])]);
            let outcome = search_with(kernel, &spaces, &target, u64::MAX, 0, &());
            let hit = outcome.hit.unwrap();
            assert_eq!((hit.rank, outcome.tried), (at as u64 + 1, at as u64 + 1));
            assert_eq!((hit.target, &*hit.bytes), (1, &tried[at]));
            let mut base = spaces[hit.space].base.to_vec();
            hit.changed.iter().for_each(|bit| flip(&mut base, *bit));
            assert_eq!(base, tried[at]);
            assert!(!outcome.exhausted && !outcome.stopped);
            // A budget one short misses it, and so does a skip beyond it.
            let short = search_with(kernel, &spaces, &target, at as u64, 0, &());
            assert!(short.hit.is_none() && short.tried == at as u64 && !short.exhausted);
            let beyond = search_with(kernel, &spaces, &target, u64::MAX, at as u64 + 1, &());
            assert!(beyond.hit.is_none() && beyond.exhausted);
            let exact = search_with(kernel, &spaces, &target, at as u64 + 1, at as u64, &());
            assert_eq!(exact.hit.unwrap().rank, at as u64 + 1);
        }
    }
}

#[test]
fn two_halves_are_one_search() {
    let spaces = small(ID_MESSAGE);
    let (whole, outcome) = recorded(&spaces, u64::MAX, 0);
    for cut in [0, 1, 5, 255, 256, 1000, outcome.tried - 1, outcome.tried] {
        let (mut halves, first) = recorded(&spaces, cut, 0);
        assert_eq!((first.tried, halves.len() as u64), (cut, cut));
        assert_eq!(first.exhausted, cut == outcome.tried);
        let (second, last) = recorded(&spaces, u64::MAX, cut);
        assert_eq!((last.tried, last.exhausted), (outcome.tried, true));
        halves.extend(second);
        assert!(halves == whole);
    }
    let (none, past) = recorded(&spaces, u64::MAX, u64::MAX);
    assert_eq!(
        (none.len(), past.tried, past.exhausted),
        (0, outcome.tried, true)
    );
}

/// A space with large classes, so that threads share them.
fn large(length: usize) -> Vec<Space> {
    let mut dice = Dice(99);
    let bits: Vec<u16> = (0..250).step_by(5).collect();
    vec![
        space(dice.bytes(length), 0.0, vec![level(1.0, &bits)], &[]),
        space(dice.bytes(length), 2.0, vec![level(1.5, &bits[..9])], &[6]),
    ]
}

#[test]
fn a_search_begins_anywhere_in_a_large_class() {
    let spaces = large(ID_MESSAGE);
    let (whole, _) = recorded(&spaces, 120_000, 0);
    for skip in (0..120_000).step_by(9_973) {
        let (part, outcome) = recorded(&spaces, (skip + 700).min(120_000), skip);
        assert!(part[..] == whole[skip as usize..][..part.len()]);
        assert_eq!(outcome.tried, (skip + 700).min(120_000));
    }
}

#[test]
fn the_same_outcome_for_any_number_of_threads() {
    let spaces = large(ID_MESSAGE);
    let (whole, _) = recorded(&spaces, 120_000, 0);
    for at in [60_000, 60_001, 119_999] {
        // The second id is of a later candidate, which another thread may reach earlier.
        let target = Target::Id(vec![id_of(&whole[119_999]), id_of(&whole[at])]);
        for threads in [1, 2, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let outcome = pool
                .build()
                .unwrap()
                .install(|| search(&spaces, &target, 200_000, 0, &()));
            let hit = outcome.hit.unwrap();
            assert_eq!((hit.rank, outcome.tried), (at as u64 + 1, at as u64 + 1));
            assert_eq!(*hit.bytes, whole[at]);
        }
    }
}

#[test]
fn finds_what_the_checksum_is_of() {
    let flips: [&[u16]; 4] = [&[585, 600], &[20, 1000], &[520, 1063], &[]];
    for (case, planted) in flips.iter().enumerate() {
        let mut spaces = small(CHECKSUM_MESSAGE);
        let mut dice = Dice(case as u64 + 1);
        let seed: Vec<u16> = match case {
            0 => (584..840).step_by(3).map(|bit| bit + 1).collect(),
            1 => (20..1064).step_by(20).collect(),
            _ => (520..1064).step_by(1).collect(),
        };
        let mut bits: Vec<u16> = planted.to_vec();
        bits.extend(seed.iter().filter(|bit| !planted.contains(bit)).take(40));
        let unknown: &[u16] = if case == 3 { &[132] } else { &[] };
        if case == 0 {
            spaces.clear(); // so that rows are short
        }
        let base = dice.bytes(CHECKSUM_MESSAGE);
        let mut message = base.clone();
        planted.iter().for_each(|bit| flip(&mut message, *bit));
        if case == 3 {
            message[132] = 0xa5;
        }
        spaces.push(space(base, 0.1, vec![level(0.3, &bits)], unknown));
        let exact: [u8; 32] = Sha256::digest(&message).into();
        let mut damaged = exact;
        damaged[0] ^= 0x11;
        damaged[31] ^= 0x80;
        for kernel in BOTH {
            for (sum, distance, found) in [
                (exact, 0, true),
                (damaged, 3, true),
                (damaged, 2, false),
                (exact, 40, true),
            ] {
                let target = Target::Checksum {
                    sum,
                    mask: [0xFF; 32],
                    distance,
                };
                let outcome = search_with(kernel, &spaces, &target, 3_000, 0, &());
                assert_eq!(outcome.hit.is_some(), found, "{case} {kernel:?} {distance}");
                if let Some(hit) = outcome.hit {
                    assert_eq!((&*hit.bytes, hit.space), (&message, spaces.len() - 1));
                    assert_eq!((hit.rank, hit.target), (outcome.tried, 0));
                } else {
                    assert_eq!(outcome.tried, 3_000);
                }
            }
        }
    }
}

#[test]
fn ranks_are_the_same_for_rows_of_any_width() {
    // The flips lie in the seed field alone, then the last space widens every row.
    let mut dice = Dice(3);
    let bits: Vec<u16> = (592..848).step_by(6).collect();
    let narrow = space(
        dice.bytes(CHECKSUM_MESSAGE),
        0.0,
        vec![level(1.0, &bits)],
        &[],
    );
    let mut message = narrow.base.to_vec();
    [bits[4], bits[30], bits[33]]
        .iter()
        .for_each(|bit| flip(&mut message, *bit));
    let sum = Sha256::digest(&message).into();
    let target = Target::Checksum {
        sum,
        mask: [0xFF; 32],
        distance: 9,
    };
    let every: Vec<u16> = (0..133).map(|byte| byte * 8).collect();
    let wide = space(
        vec![0; CHECKSUM_MESSAGE],
        1e9,
        vec![level(1.0, &every)],
        &[],
    );
    let alone = search(std::slice::from_ref(&narrow), &target, 20_000, 0, &());
    let beside = search(&[narrow, wide], &target, 20_000, 0, &());
    assert_eq!(alone.tried, beside.tried);
    assert_eq!(alone.hit.unwrap().rank, beside.hit.unwrap().rank);
}

/// Ends a search after so many questions, and keeps what it was told.
struct Stop {
    after: usize,
    asked: AtomicUsize,
    told: Mutex<Vec<u64>>,
}

impl Control for Stop {
    fn tried(&self, tried: u64) {
        self.told.lock().unwrap().push(tried);
    }

    fn is_stopped(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) >= self.after
    }
}

#[test]
fn stops_and_goes_on_where_it_stopped() {
    let spaces = large(ID_MESSAGE);
    let (whole, _) = recorded(&spaces, 120_000, 0);
    let target = Target::Id(vec![id_of(&whole[110_000])]);
    let mut skip = 0;
    let mut stops = 0;
    let hit = loop {
        let stop = Stop {
            after: 60,
            asked: AtomicUsize::new(0),
            told: Mutex::default(),
        };
        let outcome = search(&spaces, &target, 120_000, skip, &stop);
        let told = stop.told.into_inner().unwrap();
        assert!(told.is_sorted() && told.iter().all(|tried| (skip..=120_000).contains(tried)));
        assert!(!outcome.exhausted && outcome.tried >= skip);
        match outcome.hit {
            Some(hit) => break hit,
            None => assert!(outcome.stopped),
        }
        assert!(
            outcome.tried > skip,
            "two threads tried a piece between them"
        );
        skip = outcome.tried;
        stops += 1;
    };
    assert_eq!(hit.rank, 110_001);
    assert!(stops > 0);
    let never = Stop {
        after: 0,
        asked: AtomicUsize::new(0),
        told: Mutex::default(),
    };
    let outcome = search(&spaces, &target, 120_000, 5, &never);
    assert!(outcome.stopped && outcome.tried == 5 && outcome.hit.is_none());
}

#[test]
fn what_makes_no_sense_is_left_out() {
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
    let (tried, outcome) = recorded(&odd, u64::MAX, 0);
    // Bits 0 and 1, and every value of byte 2; bit 17 lies in that byte.
    assert_eq!((tried.len(), outcome.exhausted), (4 * 256, true));
    let none = search(&[], &Target::Id(vec![Id([0; 32])]), 10, 0, &());
    assert!(none.exhausted && none.tried == 0);
    assert_eq!(search(&odd, &Target::Id(vec![]), 10, 0, &()).tried, 0);
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
    let (tried, outcome) = recorded(&spaces, 40_000, 0);
    assert_eq!(
        (tried.len(), outcome.tried, outcome.exhausted),
        (40_000, 40_000, false)
    );
    let late = u64::MAX - 10;
    let (tried, outcome) = recorded(&spaces[2..], u64::MAX - 1, late);
    assert_eq!((tried.len(), outcome.tried), (9, u64::MAX - 1));
}

#[test]
fn chance_gives_no_hit() {
    let tries = if cfg!(debug_assertions) {
        50_000
    } else {
        1_000_000
    };
    let target = Target::Id(vec![Id([7; 32]), Id([8; 32])]);
    let outcome = search(&large(ID_MESSAGE), &target, tries, 0, &());
    assert!(outcome.hit.is_none() && outcome.tried == tries);
    let sum = [0x55; 32];
    let target = Target::Checksum {
        sum,
        mask: [0xFF; 32],
        distance: 40,
    };
    let outcome = search(&large(CHECKSUM_MESSAGE), &target, tries, 0, &());
    assert!(outcome.hit.is_none() && outcome.tried == tries);
}

#[test]
fn millions_of_classes_come_in_order() {
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
    let prepared = prepare::<8>(&spaces, ID_MESSAGE);
    let mut order = Order::new(&prepared, tried);
    let mut costs = Vec::new();
    loop {
        let round = order.round(LARGEST_ROUND);
        if round.is_empty() {
            break;
        }
        costs.extend(round.pieces().flatten().map(|segment| {
            assert_eq!(segment.count, 1);
            let space = &prepared[segment.space as usize];
            let flips = space.levels.iter().zip(segment.flipped);
            flips.fold(space.cost, |cost, (level, flips)| {
                cost + f64::from(flips) * level.cost
            })
        }));
    }
    assert!(costs.is_sorted());
    assert_eq!(costs.len() as u64, tried);
}
