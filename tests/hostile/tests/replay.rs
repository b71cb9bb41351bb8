//! Every target over its seeds, over damages of them, and over what fuzzing has found: what was found once
//! is never lost again.

use std::fs;
use std::path::Path;
use std::time::Instant;

use fixtures::damage::Random;
use hostile::{TARGETS, Target, seeds};

/// Runs a target over an input of this name.
fn replay((target, run): Target, name: &str, input: &[u8]) {
    println!("{target}: {name}: {}", hex(input)); // the last one is the one that fails
    let began = Instant::now();
    run(input);
    let took = began.elapsed();
    assert!(took.as_secs() < 20, "{target}: {name} takes {took:?}");
}

fn hex(input: &[u8]) -> String {
    let shown = &input[..input.len().min(64)];
    shown.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_seed_holds() {
    for target in TARGETS {
        let seeds = seeds::of(target.0);
        assert!(seeds.len() >= 3, "{} has no seeds", target.0);
        for (name, input) in seeds {
            replay(*target, &name, &input);
        }
    }
}

#[test]
fn what_was_found_holds() {
    let found = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/found"));
    let mut inputs = 0;
    for folder in fs::read_dir(found).unwrap() {
        let folder = folder.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap();
        let target = TARGETS.iter().find(|(target, _)| *target == name);
        let target = target.unwrap_or_else(|| panic!("no target {name}"));
        for file in fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            replay(*target, name, &fs::read(&path).unwrap());
            inputs += 1;
        }
    }
    assert!(inputs >= 2, "{inputs}");
}

/// A few changes of a seed, as a fuzzer makes them.
fn damaged(random: &mut Random, seeds: &[(String, Vec<u8>)]) -> Vec<u8> {
    let seed = |random: &mut Random| &seeds[random.below(seeds.len() as u64) as usize].1;
    let mut input = seed(random).clone();
    for _ in 0..=random.below(4) {
        let at = random.below(input.len() as u64 + 1) as usize;
        let count = random.skewed(input.len() as u64 - at as u64 + 1) as usize;
        match random.below(6) {
            0 => drop(input.drain(at..at + count)),
            1 => input.insert(at, random.byte()),
            2 => input.extend_from_within(at..at + count),
            3 => {
                input.truncate(at);
                let other = seed(random);
                input.extend(&other[at.min(other.len())..]);
            }
            _ if at == input.len() => input.push(random.byte()),
            4 => input[at] = random.pick(&[0, 1, 0x7F, 0x80, 0xFF]),
            _ => input[at] ^= 1 << random.below(8),
        }
    }
    input
}

/// How many of each target, so that each takes about a second.
fn damages(target: &str) -> u64 {
    match target {
        "repair" => 10,
        "locate" => 60,
        "containers" => 100,
        "partition" | "fat" | "noise" => 200,
        _ => 1_000,
    }
}

#[test]
fn damaged_seeds_hold() {
    for target in TARGETS {
        let seeds = seeds::of(target.0);
        for number in 0..damages(target.0) {
            let input = damaged(&mut Random::new(number), &seeds);
            replay(*target, &format!("damage {number}"), &input);
        }
    }
}
