//! How much comes back: random damage of many kinds, and the share of wallets that is proved.
//!
//! `cargo bench --bench recovery` prints the table at the effort `quick`, 200 wallets a cell. With
//! `-- --trials N --effort N` other numbers; with `--only TEXT` only the damages so named; with
//! `--write` the table goes into `docs/recovery.md`. The seeds are fixed: the same numbers, the same
//! table. `--classes` tries the losses near the bound instead, 10 of each. Wrong seeds, lengths, names, times and ids are counted; if there is one, the run fails.

#[path = "recovery/classes.rs"]
mod classes;
#[path = "../tests/it/support/truth.rs"]
mod truth;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use bitbox_backup::backup::{self, Id};
use bitbox_backup::progress::Progress;
use bitbox_backup::repair::{self, Case, ProvedFields};
use fixtures::backup::Backup;
use fixtures::damage::{Random, together};
use rayon::prelude::*;

/// A kind of damage: what it does to three whole copies.
struct Damage {
    name: &'static str,
    hurt: fn(&mut Random, &mut Vec<Vec<u8>>),
}

const DAMAGES: &[Damage] = &[
    Damage {
        name: "flips 1e-3",
        hurt: |random, copies| flips(random, copies, 1e-3),
    },
    Damage {
        name: "flips 1e-2",
        hurt: |random, copies| flips(random, copies, 1e-2),
    },
    Damage {
        name: "flips 3e-2",
        hurt: |random, copies| flips(random, copies, 3e-2),
    },
    Damage {
        name: "flips 5e-2",
        hurt: |random, copies| flips(random, copies, 5e-2),
    },
    Damage {
        name: "flips 0.10",
        hurt: |random, copies| flips(random, copies, 0.1),
    },
    Damage {
        name: "1 copy lost, flips 1e-2 in two",
        hurt: |random, copies| {
            copies.truncate(2);
            flips(random, copies, 1e-2);
        },
    },
    Damage {
        name: "2 copies lost, flips 1e-2 in the last",
        hurt: |random, copies| {
            copies.truncate(1);
            flips(random, copies, 1e-2);
        },
    },
    Damage {
        name: "16 zero bytes, different places",
        hurt: |random, copies| {
            copies
                .iter_mut()
                .for_each(|copy| blank(random, copy, 16..=16))
        },
    },
    Damage {
        name: "1 to 64 zero bytes, different places",
        hurt: |random, copies| {
            copies
                .iter_mut()
                .for_each(|copy| blank(random, copy, 1..=64))
        },
    },
    Damage {
        name: "4 zero bytes, same place",
        hurt: |random, copies| same_place(random, copies, 4..=4),
    },
    Damage {
        name: "1 to 64 zero bytes, same place",
        hurt: |random, copies| same_place(random, copies, 1..=64),
    },
    Damage {
        name: "cut off, different lengths",
        hurt: |random, copies| {
            for copy in copies {
                copy.truncate(random.below(copy.len() as u64 + 1) as usize);
            }
        },
    },
    Damage {
        name: "1 to 8 bytes lost, different places",
        hurt: |random, copies| {
            for copy in copies {
                let length = 1 + random.below(8) as usize;
                let at = random.below((copy.len() - length) as u64) as usize;
                copy.drain(at..at + length);
            }
        },
    },
    Damage {
        name: "checksum, length and layout together",
        hurt: together::damage,
    },
];

fn flips(random: &mut Random, copies: &mut [Vec<u8>], rate: f64) {
    let bound = (rate * 2_f64.powi(53)) as u64;
    for byte in copies.iter_mut().flatten() {
        for bit in 0..8 {
            *byte ^= u8::from(random.next_u64() >> 11 < bound) << bit;
        }
    }
}

fn place(
    random: &mut Random,
    size: usize,
    lengths: std::ops::RangeInclusive<usize>,
) -> std::ops::Range<usize> {
    let length =
        lengths.start() + random.below((lengths.end() - lengths.start() + 1) as u64) as usize;
    let start = random.below((size - length + 1) as u64) as usize;
    start..start + length
}

fn blank(random: &mut Random, copy: &mut [u8], lengths: std::ops::RangeInclusive<usize>) {
    let place = place(random, copy.len(), lengths);
    copy[place].fill(0);
}

fn same_place(
    random: &mut Random,
    copies: &mut [Vec<u8>],
    lengths: std::ops::RangeInclusive<usize>,
) {
    let place = place(random, copies[0].len(), lengths);
    copies
        .iter_mut()
        .for_each(|copy| copy[place.clone()].fill(0));
}

/// A wallet as people have them.
fn wallet(random: &mut Random, seed_length: u32) -> Backup {
    let mut seed: Vec<u8> = (0..seed_length).map(|_| random.byte()).collect();
    seed.resize(32, 0);
    let names = ["My BitBox", "BitBox", "Savings", "Cold storage 2", "alice"];
    let generators = ["v9.13.0", "v9.9.1", "v9.21.0", "v9.26.5", "v9.18.0"];
    let timestamp = 1_560_000_000 + random.below(220_000_000) as u32;
    let generator = random.pick(&generators).to_owned();
    let mut backup = Backup {
        timestamp,
        name: random.pick(&names).to_owned(),
        mode: 0,
        seed_length,
        seed,
        birthdate: if random.one_in(2) { timestamp } else { 0 },
        length: 0,
        generator,
    };
    if backup.generator == "v9.9.1" {
        backup.length = if backup.birthdate == 0 { 46 } else { 52 };
    }
    backup
}

/// The numbers of one cell.
#[derive(Default)]
struct Cell {
    vote: AtomicUsize,
    whole: AtomicUsize,
    seed: AtomicUsize,
    length: AtomicUsize,
    /// The fields that came out wrong.
    wrong: Mutex<Vec<&'static str>>,
}

/// A wallet and its three copies after the damage.
fn hurt(damage: &Damage, seed_length: u32, trial: u64) -> (Backup, Vec<Vec<u8>>, Id) {
    let letters = damage.name.bytes();
    let salt = letters.fold(0_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let mut random = Random::new(salt ^ u64::from(seed_length) << 32 ^ trial << 40 ^ 0x5EED);
    let backup = wallet(&mut random, seed_length);
    let whole = backup.encode();
    assert!(backup::decode(&whole).is_ok_and(|contents| contents.check().is_ok()));
    let mut copies = vec![whole.clone(), whole.clone(), whole];
    (damage.hurt)(&mut random, &mut copies);
    let mut padded = [0; 32];
    padded.copy_from_slice(&backup.seed);
    let seed = backup::Seed::new(&padded, seed_length).expect("a length");
    (backup, copies, seed.id())
}

fn cell(damage: &Damage, seed_length: u32, trials: u64, effort: u64, own_id: bool) -> Cell {
    let cell = Cell::default();
    (0..trials).into_par_iter().for_each(|trial| {
        let (backup, copies, id) = hurt(damage, seed_length, trial);
        one(&cell, &backup, &copies, id, effort, own_id);
    });
    cell
}

fn one(cell: &Cell, backup: &Backup, copies: &[Vec<u8>], id: Id, effort: u64, own_id: bool) {
    let count = |of: &AtomicUsize| of.fetch_add(1, Ordering::Relaxed);
    let wrong = |field: Option<&'static str>| {
        let mut wrong = cell.wrong.lock().expect("no thread panics");
        wrong.extend(field);
    };
    let is_right = |bytes: &[u8]| {
        backup::decode(bytes)
            .is_ok_and(|contents| contents.check().is_ok() && contents.id() == Some(id))
    };
    let voted = match copies {
        [a, b, c] => backup::majority(a, b, c).is_some_and(|voted| is_right(&voted)),
        _ => false,
    };
    if copies.len() == 3 && (copies.iter().any(|copy| is_right(copy)) || voted) {
        count(&cell.vote);
    }
    if copies.iter().any(|copy| is_right(copy)) {
        count(&cell.whole);
        count(&cell.seed);
        count(&cell.length);
        return;
    }
    let case = Case {
        copies: copies.iter().map(Vec::as_slice).collect(),
        others: Vec::new(),
        ids: if own_id { vec![id] } else { Vec::new() },
        own_id,
        times: own_id.then_some(backup.timestamp).into_iter().collect(),
        seed: None,
        ..Case::default()
    };
    let attempt = repair::prove(&case, effort, 0, &Progress::default());
    let Some(proved) = attempt.proved else { return };
    match proved.fields {
        ProvedFields::Whole(contents) => {
            wrong(truth::wrong_field(&contents, backup));
            count(&cell.whole);
            count(&cell.seed);
            count(&cell.length);
        }
        ProvedFields::Seed { seed, length } => {
            wrong(proved.id.is_none_or(|proved| proved != id).then_some("id"));
            wrong(truth::wrong_seed(&seed, length, backup));
            count(&cell.seed);
            if length.is_some() {
                count(&cell.length);
            }
        }
    }
}

/// The efforts of the second table.
const EFFORTS: [u32; 4] = [23, 30, 32, 40];

/// Shares of seeds that efforts would reach, computed from their places in the order.
fn expected(damage: &Damage, seed_length: u32, trials: u64) -> [f64; 4] {
    let sums = (0..trials).into_par_iter().map(|trial| {
        let (backup, copies, id) = hurt(damage, seed_length, trial);
        let case = Case {
            copies: copies.iter().map(Vec::as_slice).collect(),
            others: Vec::new(),
            ids: vec![id],
            own_id: true,
            times: vec![backup.timestamp],
            seed: None,
            ..Case::default()
        };
        let seed: [u8; 32] = backup.seed.as_slice().try_into().expect("32 bytes");
        let whole = copies
            .iter()
            .any(|copy| backup::decode(copy).is_ok_and(|contents| contents.check().is_ok()));
        EFFORTS.map(|effort| {
            if whole {
                1.0
            } else {
                repair::estimate_success(&case, &seed, 1 << effort)
            }
        })
    });
    let sums = sums.reduce(|| [0.0; 4], |a, b| std::array::from_fn(|at| a[at] + b[at]));
    sums.map(|sum| sum * 100.0 / trials as f64)
}

fn expect(trials: u64, only: &str) -> String {
    let mut table = String::from(
        "| damage of three copies | words | wallets | 2^23 | 2^30 | 2^32 | 2^40 |\n|---|---|---|---|---|---|---|\n",
    );
    for damage in DAMAGES.iter().filter(|damage| damage.name.contains(only)) {
        for (seed_length, words) in [(16, 12), (32, 24)] {
            let shares = expected(damage, seed_length, trials).map(|share| format!("{share:.1} %"));
            let row = format!(
                "| {} | {words} | {trials} | {} |\n",
                damage.name,
                shares.join(" | ")
            );
            print!("{row}");
            table.push_str(&row);
        }
    }
    table
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        args.iter()
            .position(|arg| arg == name)
            .and_then(|at| args.get(at + 1))
    };
    let number = |name: &str, default: u64| {
        value(name).map_or(default, |text| match text.strip_prefix("2^") {
            Some(power) => 1 << power.parse::<u32>().expect("a power"),
            None => text.parse().expect("a number"),
        })
    };
    let (trials, effort) = (number("--trials", 200), number("--effort", 1 << 23));
    let only = value("--only").cloned().unwrap_or_default();
    let is_written = args.iter().any(|arg| arg == "--write");
    if args.iter().any(|arg| arg == "--classes") {
        let (table, wrong) = classes::table(number("--trials", 10), effort, &only);
        println!("{} wallets came out wrong {wrong:?}", wrong.len());
        if is_written {
            write(&table, "classes");
        }
        if !wrong.is_empty() {
            std::process::exit(1);
        }
        return;
    }
    let own_id = !args.iter().any(|arg| arg == "--without-id");
    if args.iter().any(|arg| arg == "--expect") {
        let table = expect(trials, &only);
        if is_written {
            write(&table, "expected");
        }
        return;
    }
    let mut table = String::from(
        "| damage of three copies | words | wallets | device | seed | and its length | all fields |\n|---|---|---|---|---|---|---|\n",
    );
    let (mut all, mut wrong) = (0, Vec::new());
    for damage in DAMAGES.iter().filter(|damage| damage.name.contains(&only)) {
        for (seed_length, words) in [(16, 12), (32, 24)] {
            let cell = cell(damage, seed_length, trials, effort, own_id);
            let share = |of: &AtomicUsize| {
                let share = of.load(Ordering::Relaxed) as f64 * 100.0 / trials as f64;
                format!("{share:.1} %")
            };
            let row = format!(
                "| {} | {words} | {trials} | {} | {} | {} | {} |\n",
                damage.name,
                share(&cell.vote),
                share(&cell.seed),
                share(&cell.length),
                share(&cell.whole),
            );
            print!("{row}");
            table.push_str(&row);
            all += trials;
            wrong.extend(cell.wrong.into_inner().expect("no thread panics"));
        }
    }
    println!("{} of {all} wallets came out wrong {wrong:?}", wrong.len());
    if is_written {
        write(&table, &format!("2^{}", effort.ilog2()));
    }
    if !wrong.is_empty() {
        std::process::exit(1);
    }
}

/// Puts a table between its marks in `docs/recovery.md`.
fn write(table: &str, name: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/recovery.md");
    let text = std::fs::read_to_string(path).expect("docs/recovery.md");
    let (begin, end) = (
        format!("<!-- shares {name} -->\n"),
        format!("<!-- end {name} -->"),
    );
    let (before, rest) = text.split_once(&begin).expect("a place for the table");
    let (_, after) = rest.split_once(&end).expect("its end");
    std::fs::write(path, format!("{before}{begin}{table}{end}{after}")).expect("docs/recovery.md");
}
