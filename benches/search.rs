//! How fast candidates are tried: millions a second, enumeration included, beside one HMAC each.
//!
//! `cargo bench --bench search` takes the best of some runs for every kernel, on one thread and on
//! all (one thread by the time it had a processor, where Linux tells); words after `--` choose the lines that hold
//! them all. The base of the ratios is [`Seed::id`] of one seed after the other, in the same run. It fails where one
//! thread is slower than its floor.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bitbox_backup::backup::wallet::{Coin, Owned, Root, Target, account_path};
use bitbox_backup::backup::{Id, Seed, Words};
use bitbox_backup::progress::Progress;
use bitbox_backup::repair::kernel::Kernel;
use bitbox_backup::repair::search::{
    CHECKSUM_MESSAGE, ID_MESSAGE, Level, SearchTarget, Space, search_owned, search_with_kernel,
};

const RUNS: usize = 5;
const BUDGET: u64 = 4_000_000;

/// A space with levels of rising cost.
fn space(length: usize, cost: f64, levels: &[&[u16]], unknown: &[u16]) -> Space {
    let levels = levels.iter().zip(1u8..).map(|(bits, cost)| Level {
        cost: f64::from(cost),
        bits: bits.to_vec(),
    });
    Space {
        base: vec![0x5a; length].into(),
        cost,
        levels: levels.collect(),
        unknown: unknown.to_vec(),
    }
}

/// Kinds of searches: what it is called, its spaces, its target.
fn kinds() -> Vec<(&'static str, Vec<Space>, SearchTarget)> {
    let id = || SearchTarget::Id(vec![Id([7; 32])]);
    let checksum = |distance| SearchTarget::Checksum {
        sum: [7; 32],
        mask: [0xFF; 32],
        distance,
    };
    let bits = |from: u16, to: u16| (from..to).collect::<Vec<_>>();
    let seed = bits(0, 256);
    let levels: Vec<&[u16]> = seed.chunks(16).collect();
    let fields = bits(8 * 73, 8 * 105);
    let all = bits(0, 8 * 133);
    let tiny: Vec<Space> = (0..2000)
        .map(|number| {
            let levels: Vec<_> = seed.chunks(1).take(14).collect();
            space(ID_MESSAGE, f64::from(number) / 7.0, &levels, &[])
        })
        .collect();
    vec![
        (
            "id, bits anywhere",
            vec![space(ID_MESSAGE, 0.0, &[&seed], &[])],
            id(),
        ),
        (
            "id, four unknown bytes",
            vec![space(ID_MESSAGE, 0.0, &[], &[28, 29, 30, 31])],
            id(),
        ),
        (
            "id, half of 28 bits",
            vec![space(ID_MESSAGE, 0.0, &[&seed[..28]], &[])],
            id(),
        ),
        (
            "id, 16 levels of 16 bits",
            vec![space(ID_MESSAGE, 0.0, &levels, &[])],
            id(),
        ),
        ("id, classes of one", tiny, id()),
        (
            "id, eight ids",
            vec![space(ID_MESSAGE, 0.0, &[&seed], &[])],
            SearchTarget::Id((0..8).map(|byte| Id([byte; 32])).collect()),
        ),
        (
            "checksum, bits of the seed",
            vec![space(CHECKSUM_MESSAGE, 0.0, &[&fields], &[])],
            checksum(40),
        ),
        (
            "checksum, bits anywhere",
            vec![space(CHECKSUM_MESSAGE, 0.0, &[&all], &[])],
            checksum(40),
        ),
    ]
}

/// How many times as fast candidates are tried against an xpub as one after the other, with AVX2 at the least.
const LEAST_XPUB: f64 = 2.0;

/// How many times as fast as one HMAC after the other, one thread, at the least: two thirds of what is measured.
fn least(kernel: Kernel, name: &str) -> f64 {
    match (kernel, name) {
        (_, "id, classes of one") => 0.1,
        (Kernel::Portable, "checksum, bits anywhere") => 0.8,
        (Kernel::Portable, _) => 1.2,
        (_, "checksum, bits anywhere") => 1.6,
        _ => 2.8,
    }
}

/// Time all threads of this process had a processor (proc(5), schedstat), or `None` elsewhere.
fn on_processor() -> Option<Duration> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let each = tasks.map(|task| {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    each.sum::<Option<u64>>().map(Duration::from_nanos)
}

/// The best of some runs: by the clock, or by the time of the processor for one thread.
fn best(threads: usize, mut run: impl FnMut()) -> Duration {
    run();
    let times = (0..RUNS).map(|_| {
        let (start, before) = (Instant::now(), on_processor());
        run();
        match (before, on_processor()) {
            (Some(before), Some(after)) if threads == 1 => after.saturating_sub(before),
            _ => start.elapsed(),
        }
    });
    times.min().unwrap_or_default()
}

fn main() {
    let hmacs = 500_000u32;
    let one_by_one = best(1, || {
        let mut bytes = [0; 32];
        for number in 0..hmacs {
            bytes[..4].copy_from_slice(&number.to_le_bytes());
            black_box(Seed::new(&bytes, 32).map(|seed| seed.id()));
        }
    });
    let base = f64::from(hmacs) / one_by_one.as_secs_f64() / 1e6;
    println!("one HMAC after the other (hmac, sha2), one thread: {base:.2} M/s");

    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let label = "an account's xpub";
    if words.iter().all(|word| label.contains(word)) {
        bench_xpub(label);
    }
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    for kernel in [Kernel::Portable, Kernel::Avx512] {
        if kernel.or_present() != kernel {
            println!("{kernel:?}: not on this machine");
            continue;
        }
        for threads in [1, all] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .expect("threads");
            for (name, spaces, target) in kinds() {
                let label = format!("{kernel:?}, threads: {threads}, {name}");
                if !words.iter().all(|word| label.contains(word)) {
                    continue;
                }
                let time = best(threads, || {
                    let outcome = pool.install(|| {
                        search_with_kernel(
                            kernel,
                            &spaces,
                            &target,
                            BUDGET,
                            0,
                            &Progress::default(),
                        )
                    });
                    assert!(outcome.hit.is_none() && outcome.tried == BUDGET, "{name}");
                });
                let rate = BUDGET as f64 / time.as_secs_f64() / 1e6;
                let times = rate / base;
                println!("{label:50} {rate:6.1} M/s  {times:5.1} times");
                let least = least(kernel, name);
                assert!(
                    threads > 1 || times > least,
                    "{label} has become slow: {least} times one HMAC after the other is expected"
                );
            }
        }
    }
}

/// Candidates of a seed of 24 words against an xpub, beside one after the other.
fn bench_xpub(label: &str) {
    const CANDIDATES: u32 = 1024;
    let seed = |bytes: &[u8; 32]| Seed::new(bytes, 32).expect("a seed");
    let words = Words::of(&seed(&[1; 32])).expect("words");
    let root = Root::of(&words, "").expect("a root");
    let account = root.account(account_path(84, Coin::Bitcoin, 0));
    let xpub = Target::read(&account.expect("an account").xpub()).expect("an xpub");
    let owned = Owned::new([vec![xpub]], &String::new().into()).remove(0);
    let one_by_one = best(1, || {
        for number in 0..CANDIDATES {
            let mut bytes = [0x5a; 32];
            bytes[..4].copy_from_slice(&number.to_le_bytes());
            assert!(!owned.proves(&seed(&bytes)));
        }
    });
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let pool = pool.expect("threads");
    let spaces = [space(ID_MESSAGE, 0.0, &[], &[0, 1])];
    let search = || {
        let budget = u64::from(CANDIDATES);
        search_owned(&spaces, (&owned, &[]), budget, 0, &Progress::default())
    };
    let time = best(1, || {
        assert!(pool.install(search).hit.is_none());
    });
    let rate = f64::from(CANDIDATES) / time.as_secs_f64();
    let times = one_by_one.as_secs_f64() / time.as_secs_f64();
    println!("{label}, one thread: {rate:.0} a second, {times:.1} times one after the other");
    assert!(
        times > LEAST_XPUB,
        "{label} has become slow: {LEAST_XPUB} times is expected"
    );
}
