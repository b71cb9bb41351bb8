//! Searches compared with trying every candidate one by one.

mod order;
mod outcome;

use std::sync::Mutex;

use zeroize::Zeroizing;

use super::prepared_space::prepare_spaces;
use super::searcher::Searcher;
use super::*;
use crate::backup::{Id, Seed};
use crate::progress::Progress;
use crate::repair::kernel::{Kernel, RowTest};
use crate::repair::test_random::Random;

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
fn small_spaces(length: usize) -> Vec<Space> {
    let mut random = Random(7);
    vec![
        space(
            random.bytes(length),
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
            random.bytes(length),
            1.25,
            vec![level(0.0, &[8, 9, 10]), level(1.25, &[250, 100, 30, 31])],
            &[],
        ),
        space(
            random.bytes(length),
            -3.0,
            vec![level(0.75, &[5, 6, 60])],
            &[2],
        ),
        space(random.bytes(length), 1.25, vec![], &[]),
    ]
}

fn flip(bytes: &mut [u8], bit: u16) {
    bytes[usize::from(bit / 8)] ^= 1 << (bit % 8);
}

/// Every candidate of a space with its cost, by counting in binary.
fn list_everything(space: &Space) -> Vec<(f64, Vec<u8>)> {
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

/// Records the rows it is given, and never hits.
#[derive(Default)]
struct Recorder(Mutex<Vec<[u32; 8]>>);

impl RowTest<8> for &Recorder {
    fn find_first(&self, _: Kernel, rows: &[[u32; 8]]) -> Option<(usize, usize)> {
        self.0.lock().unwrap().extend(rows);
        None
    }
}

/// All seed fields tried, in order.
fn record_search(spaces: &[Space], budget: u64, skip: u64) -> (Vec<Vec<u8>>, Outcome) {
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let recorder = Recorder::default();
    let progress = Progress::default();
    let searcher = Searcher::new(
        Kernel::Portable,
        spaces,
        prepare_spaces::<8>(spaces, ID_MESSAGE),
        vec![&recorder],
        &progress,
    );
    let outcome = one.install(|| searcher.run(budget, skip));
    let rows = recorder.0.into_inner().unwrap();
    let bytes = |row: [u32; 8]| row.iter().flat_map(|word| word.to_be_bytes()).collect();
    (rows.into_iter().map(bytes).collect(), outcome)
}

fn id_of(bytes: &[u8]) -> Id {
    Seed::new(bytes.try_into().unwrap(), 32).unwrap().id()
}

/// Spaces with large classes, so that threads share them.
fn large_spaces(length: usize) -> Vec<Space> {
    let mut random = Random(99);
    let bits: Vec<u16> = (0..250).step_by(5).collect();
    vec![
        space(random.bytes(length), 0.0, vec![level(1.0, &bits)], &[]),
        space(
            random.bytes(length),
            2.0,
            vec![level(1.5, &bits[..9])],
            &[6],
        ),
    ]
}
