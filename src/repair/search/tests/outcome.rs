//! Hits, their ranks, and where a search ends.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sha2::{Digest, Sha256};

use super::*;
use crate::repair::kernel::IdTest;

const BOTH: [Kernel; 2] = [Kernel::Portable, Kernel::Avx512];

#[test]
fn the_rank_is_the_place_in_the_order() {
    let spaces = small_spaces(ID_MESSAGE);
    let (tried, _) = record_search(&spaces, u64::MAX, 0);
    for kernel in BOTH {
        for at in [0, 1, 2, 17, 100, 531, 1000, tried.len() - 1] {
            let target = SearchTarget::Id(vec![Id([1; 32]), id_of(&tried[at])]);
            let outcome =
                search_with_kernel(kernel, &spaces, &target, u64::MAX, 0, &Progress::default());
            let hit = outcome.hit.unwrap();
            assert_eq!((hit.rank, outcome.tried), (at as u64 + 1, at as u64 + 1));
            assert_eq!((hit.target, &*hit.bytes), (1, &tried[at]));
            let mut base = spaces[hit.space].base.to_vec();
            hit.changed.iter().for_each(|bit| flip(&mut base, *bit));
            assert_eq!(base, tried[at]);
            assert!(!outcome.exhausted && !outcome.stopped);
            // A budget that is one less misses it, and so does a skip beyond it.
            let short =
                search_with_kernel(kernel, &spaces, &target, at as u64, 0, &Progress::default());
            assert!(short.hit.is_none() && short.tried == at as u64 && !short.exhausted);
            let beyond = search_with_kernel(
                kernel,
                &spaces,
                &target,
                u64::MAX,
                at as u64 + 1,
                &Progress::default(),
            );
            assert!(beyond.hit.is_none() && beyond.exhausted);
            let exact = search_with_kernel(
                kernel,
                &spaces,
                &target,
                at as u64 + 1,
                at as u64,
                &Progress::default(),
            );
            assert_eq!(exact.hit.unwrap().rank, at as u64 + 1);
        }
    }
}

#[test]
fn the_outcome_is_the_same_for_any_number_of_threads() {
    let spaces = large_spaces(ID_MESSAGE);
    let (whole, _) = record_search(&spaces, 120_000, 0);
    for at in [60_000, 60_001, 119_999] {
        // The first ID belongs to a later candidate, which another thread may reach earlier.
        let target = SearchTarget::Id(vec![id_of(&whole[119_999]), id_of(&whole[at])]);
        for threads in [1, 2, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let outcome = pool
                .build()
                .unwrap()
                .install(|| search(&spaces, &target, 200_000, 0, &Progress::default()));
            let hit = outcome.hit.unwrap();
            assert_eq!((hit.rank, outcome.tried), (at as u64 + 1, at as u64 + 1));
            assert_eq!(*hit.bytes, whole[at]);
        }
    }
}

#[test]
fn a_message_is_found_by_its_checksum() {
    let flips: [&[u16]; 4] = [&[585, 600], &[20, 1000], &[520, 1063], &[]];
    for (case, planted) in flips.iter().enumerate() {
        let mut spaces = small_spaces(CHECKSUM_MESSAGE);
        let mut random = Random(case as u64 + 1);
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
        let base = random.bytes(CHECKSUM_MESSAGE);
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
                let target = SearchTarget::Checksum {
                    sum,
                    mask: [0xFF; 32],
                    distance,
                };
                let outcome =
                    search_with_kernel(kernel, &spaces, &target, 3_000, 0, &Progress::default());
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
    // The flips are in the seed field alone; then the other space widens every row.
    let mut random = Random(3);
    let bits: Vec<u16> = (592..848).step_by(6).collect();
    let narrow = space(
        random.bytes(CHECKSUM_MESSAGE),
        0.0,
        vec![level(1.0, &bits)],
        &[],
    );
    let mut message = narrow.base.to_vec();
    [bits[4], bits[30], bits[33]]
        .iter()
        .for_each(|bit| flip(&mut message, *bit));
    let sum = Sha256::digest(&message).into();
    let target = SearchTarget::Checksum {
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
    let alone = search(
        std::slice::from_ref(&narrow),
        &target,
        20_000,
        0,
        &Progress::default(),
    );
    let beside = search(&[narrow, wide], &target, 20_000, 0, &Progress::default());
    assert_eq!(alone.tried, beside.tried);
    assert_eq!(alone.hit.unwrap().rank, beside.hit.unwrap().rank);
}

/// Sets `stop` once so many blocks of rows were tested.
struct StopAfter<'a> {
    test: IdTest,
    left: AtomicUsize,
    stop: &'a AtomicBool,
}

impl RowTest<8> for StopAfter<'_> {
    fn find_first(&self, kernel: Kernel, rows: &[[u32; 8]]) -> Option<(usize, usize)> {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.stop.store(true, Ordering::Relaxed);
        }
        self.test.find_first(kernel, rows)
    }
}

#[test]
fn a_stopped_search_continues_where_it_stopped() {
    let spaces = large_spaces(ID_MESSAGE);
    let (whole, _) = record_search(&spaces, 120_000, 0);
    let wanted = [id_of(&whole[110_000])];
    let mut skip = 0;
    let mut stops = 0;
    let hit = loop {
        let stop = AtomicBool::new(false);
        let reported = Mutex::new(Vec::new());
        let listener = |progress: &Progress<'_>| reported.lock().unwrap().push(progress.done());
        let progress = Progress::stopped_by(&stop).heard_by(&listener);
        let test = StopAfter {
            test: IdTest::new(&wanted),
            left: AtomicUsize::new(60),
            stop: &stop,
        };
        let prepared = prepare_spaces::<8>(&spaces, ID_MESSAGE);
        let searcher = Searcher::new(Kernel::Portable, &spaces, prepared, vec![test], &progress);
        let outcome = searcher.run(120_000, skip);
        let reported = reported.into_inner().unwrap();
        assert!(reported.is_sorted());
        assert!(reported.iter().all(|tried| *tried <= 120_000 - skip));
        assert!(!outcome.exhausted && outcome.tried >= skip);
        match outcome.hit {
            Some(hit) => break hit,
            None => assert!(outcome.stopped),
        }
        assert!(
            outcome.tried > skip,
            "two threads try a chunk between two stops"
        );
        skip = outcome.tried;
        stops += 1;
    };
    assert_eq!(hit.rank, 110_001);
    assert!(stops > 0);
    let stopped = AtomicBool::new(true);
    let target = SearchTarget::Id(wanted.to_vec());
    let outcome = search(
        &spaces,
        &target,
        120_000,
        5,
        &Progress::stopped_by(&stopped),
    );
    assert!(outcome.stopped && outcome.tried == 5 && outcome.hit.is_none());
}

#[test]
fn no_candidate_is_hit_by_chance() {
    let tries = if cfg!(debug_assertions) {
        50_000
    } else {
        1_000_000
    };
    let target = SearchTarget::Id(vec![Id([7; 32]), Id([8; 32])]);
    let outcome = search(
        &large_spaces(ID_MESSAGE),
        &target,
        tries,
        0,
        &Progress::default(),
    );
    assert!(outcome.hit.is_none() && outcome.tried == tries);
    let sum = [0x55; 32];
    let target = SearchTarget::Checksum {
        sum,
        mask: [0xFF; 32],
        distance: 40,
    };
    let outcome = search(
        &large_spaces(CHECKSUM_MESSAGE),
        &target,
        tries,
        0,
        &Progress::default(),
    );
    assert!(outcome.hit.is_none() && outcome.tried == tries);
}
