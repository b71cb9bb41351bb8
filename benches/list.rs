//! How fast cards are listed: 1,000 cards of 64 MiB in one process, beside what must be beaten.
//!
//! `cargo bench --bench list` prints cards per second for one thread and for all; with mtools
//! installed it also times `mdir` on the same cards in the same run and prints the ratio.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bitbox_backup::assess::State;
use bitbox_backup::catalogue::{self, Looked};
use bitbox_backup::examine::{Options, report_on};
use bitbox_backup::firmware::{self, Version};
use bitbox_backup::image::{ReadAt, ReadError, Sectors};
use fixtures::fat::Layout;
use fixtures::wallet;
use rayon::prelude::*;

const CARDS: u32 = 1000;
/// How many times as fast as mdir, one thread, at the least; well below what is measured, since on another
/// processor it is half as much. `tests/outside/instructions` has the narrow floor.
const LEAST: f64 = 6.0;

/// A thousand cards with one wallet each, sparse files in a temporary folder.
fn cards(folder: &std::path::Path, layout: Layout, count: u32) -> Vec<PathBuf> {
    let make = |number| {
        let mut fat = layout.format();
        fat.save(&wallet::numbered(number));
        let path = folder.join(format!("card-{number:04}.img"));
        fat.card.write_to(&path).expect("room for sparse cards");
        path
    };
    (0..count).map(make).collect()
}

/// The median of five runs after a warm-up.
fn median(mut run: impl FnMut()) -> Duration {
    run();
    let mut times: Vec<_> = (0..5)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[2]
}

fn list(cards: &[PathBuf], threads: usize) -> Duration {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads");
    median(|| {
        let healthy: usize = pool.install(|| {
            let each = cards
                .par_iter()
                .map(|card| report_on(card, &Options::default()));
            each.map(|report| usize::from(report.backups[0].state == State::Healthy))
                .sum()
        });
        assert_eq!(healthy, cards.len());
    })
}

/// A card that counts the sectors read of it.
struct Counting(fixtures::card::Card, AtomicUsize);

impl ReadAt for Counting {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        self.1.fetch_add(buf.len().div_ceil(512), Ordering::Relaxed);
        self.0.read_at(offset, buf);
        Ok(())
    }
}

fn sectors_read(layout: Layout) -> usize {
    let mut fat = layout.format();
    fat.save(&wallet::numbered(0));
    let card = Counting(fat.card, AtomicUsize::new(0));
    let sectors = Sectors::new(&card);
    firmware::list_backups(&sectors, Version::default());
    catalogue::locate(&sectors, Looked::Deleted);
    card.1.into_inner()
}

fn mdir(cards: &[PathBuf]) -> Option<Duration> {
    let quiet =
        |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet(Command::new("mdir").arg("-V")).ok()?;
    Some(median(|| {
        for card in cards {
            let status = quiet(Command::new("mdir").arg("-/").arg("-i").arg(card));
            assert!(status.is_ok_and(|status| status.success()));
        }
    }))
}

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let layout = Layout {
        clusters: 130_000,
        ..Layout::FAT32
    };
    let small = cards(folder.path(), layout, CARDS);
    let rate = |time: Duration| f64::from(CARDS) / time.as_secs_f64();
    let one = list(&small, 1);
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let many = list(&small, all);
    println!(
        "{CARDS} cards of 64 MiB, one thread:    {one:9.1?}  {:9.0} cards/s",
        rate(one)
    );
    println!(
        "{CARDS} cards of 64 MiB, {all} threads:     {many:9.1?}  {:9.0} cards/s",
        rate(many)
    );

    let big = tempfile::tempdir().expect("a temporary folder");
    let layout = Layout {
        sectors_per_cluster: 64,
        clusters: 1_048_000,
        ..Layout::FAT32
    };
    let large = cards(big.path(), layout, 100);
    // As many of each, timed in turn, and the best of many runs: what is compared is work, not luck.
    let few = &small[..large.len()];
    let (mut of_large, mut of_small) = (Duration::MAX, Duration::MAX);
    for _ in 0..10 {
        of_large = of_large.min(list(&large, 1));
        of_small = of_small.min(list(few, 1));
    }
    println!(
        "{} cards of 32 GiB, one thread:     {of_large:9.1?}  {:.2} times as many of 64 MiB",
        large.len(),
        of_large.as_secs_f64() / of_small.as_secs_f64()
    );

    println!("sectors read of a card of 32 GiB: {}", sectors_read(layout));

    match mdir(&small) {
        Some(time) => {
            let times = time.as_secs_f64() / one.as_secs_f64();
            println!(
                "{CARDS} cards of 64 MiB, mdir -/ each:  {time:9.1?}  {:9.0} cards/s: {times:.0} times slower than one thread",
                rate(time),
            );
            assert!(
                times > LEAST,
                "list has become slow: {LEAST} times as fast as mdir is expected"
            );
        }
        None => println!("mdir is not installed (mtools): no comparison"),
    }
}
