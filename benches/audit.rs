//! How fast the whole program audits many cards, beside what must be beaten in the same run.
//!
//! `cargo bench --bench audit` makes 10,000 sparse cards of 64 MiB and times `bitbox-backup audit`
//! as a process of its own, start and output included: over 1,000 and all of them, with one thread
//! and with two, in each form of output. With mtools and sleuthkit installed it times `mdir` and
//! `fls -r` on the same cards; with GNU time it prints the most memory a run took.
//! `AUDIT_CARDS=1000` makes fewer cards. It fails below [`LEAST`] and above [`MOST_MEMORY`].

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fixtures::fat::Layout;
use fixtures::wallet;

/// How many cards `mdir` looks at, and the program beside it.
const SMALL: usize = 1000;
/// How many cards `fls` looks at: it takes 60 ms for each.
const FEW: usize = 100;
/// How often each thing is timed.
const RUNS: usize = 5;

/// How many times as fast as mdir, one thread, at the least; well below what is measured, since on another
/// processor it is half as much. `tests/outside/instructions` has the narrow floor.
const LEAST: f64 = 4.0;
/// Most memory of a run, in KiB.
const MOST_MEMORY: u64 = 64 << 10;

const PROGRAM: &str = env!("CARGO_BIN_EXE_bitbox-backup");

/// Cards with one wallet each, sparse files in a folder.
fn cards(folder: &Path, count: usize) -> Vec<PathBuf> {
    let layout = Layout {
        clusters: 130_000,
        ..Layout::FAT32
    };
    let empty = layout.format();
    let make = |number: usize| {
        let mut fat = empty.clone();
        fat.save(&wallet::numbered(u32::try_from(number).expect("few cards")));
        let path = folder.join(format!("card-{number:05}.img"));
        fat.card.write_to(&path).expect("room for sparse cards");
        path
    };
    (0..count).map(make).collect()
}

fn time(mut run: impl FnMut()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

/// The median of a few runs.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// One run of the program over cards named in a file.
fn audit(list: &Path, arguments: &[&str]) {
    let out = File::create(list.with_extension("out")).expect("a file for the answer");
    let status = Command::new(PROGRAM)
        .args(["audit", "--min-cards=1", "--quiet", "--files-from"])
        .arg(list)
        .args(arguments)
        .stdout(out)
        .status();
    assert!(status.expect("the program").success());
}

/// The paths of some cards in a file.
fn list(folder: &Path, cards: &[PathBuf]) -> PathBuf {
    let path = folder.join(format!("{}.list", cards.len()));
    let lines: Vec<_> = cards.iter().map(|card| card.to_string_lossy()).collect();
    std::fs::write(&path, lines.join("\n")).expect("room for a list");
    path
}

fn quiet(command: &mut Command) -> bool {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// The time of a program started once a card; `None` where it is not installed.
fn each(cards: &[PathBuf], program: &str, arguments: &[&str]) -> Option<Duration> {
    quiet(Command::new(program).arg("-V")).then(|| {
        time(|| {
            for card in cards {
                assert!(quiet(Command::new(program).args(arguments).arg(card)));
            }
        })
    })
}

/// The most memory of a run, in KiB.
fn memory(list: &Path, arguments: &[&str]) -> Option<u64> {
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%M", PROGRAM, "audit", "--min-cards=1", "--quiet"])
        .arg("--files-from")
        .arg(list)
        .args(arguments)
        .stdout(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8_lossy(&output.stderr).trim().parse().ok()
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

fn main() {
    let count = std::env::var("AUDIT_CARDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let all = cards(folder.path(), count.unwrap_or(10_000));
    let small = all.get(..SMALL).unwrap_or(&all);
    let few = all.get(..FEW).unwrap_or(&all);
    let (small_list, all_list) = (list(folder.path(), small), list(folder.path(), &all));

    // The two are timed in turn, so that whatever else the machine does meets both.
    let one = ["--ndjson", "--threads=1"];
    let two = ["--ndjson", "--threads=2"];
    audit(&all_list, &two);
    let mut times: [Vec<Duration>; 4] = Default::default();
    for _ in 0..RUNS {
        times[0].push(time(|| audit(&small_list, &one)));
        times[1].extend(each(small, "mdir", &["-/", "-i"]));
        times[2].push(time(|| audit(&all_list, &one)));
        times[3].push(time(|| audit(&all_list, &two)));
    }
    let [small_one, mdir, all_one, all_two] = times;
    let small_one = median(small_one);
    println!("{:6} cards, one thread:   {small_one:9.1?}", small.len());
    if mdir.is_empty() {
        println!("mdir is not installed (mtools): no comparison");
    } else {
        let mdir = median(mdir);
        println!(
            "{:6} cards, mdir -/ each: {mdir:9.1?}  {:.0} times slower",
            small.len(),
            ratio(mdir, small_one)
        );
        assert!(
            ratio(mdir, small_one) > LEAST,
            "audit has become slow: {LEAST} times as fast as mdir is expected"
        );
    }
    let few_list = list(folder.path(), few);
    let few_one = median((0..RUNS).map(|_| time(|| audit(&few_list, &one))).collect());
    match each(few, "fls", &["-r"]) {
        None => println!("fls is not installed (sleuthkit): no comparison"),
        Some(fls) => println!(
            "{:6} cards, fls -r each:  {fls:9.1?}  {:.0} times slower than the {few_one:.1?} of this program",
            few.len(),
            ratio(fls, few_one)
        ),
    }
    let (all_one, all_two) = (median(all_one), median(all_two));
    println!("{:6} cards, one thread:   {all_one:9.1?}", all.len());
    println!(
        "{:6} cards, two threads:  {all_two:9.1?}  {:.2} times as fast",
        all.len(),
        ratio(all_one, all_two)
    );
    for form in [&["--ndjson"][..], &["--json"], &[]] {
        let took = time(|| audit(&all_list, form));
        let form = form.first().unwrap_or(&"table");
        match memory(
            &all_list,
            if *form == "table" {
                &[]
            } else {
                std::slice::from_ref(form)
            },
        ) {
            Some(kib) => {
                println!(
                    "{:6} cards, {form:8}         {took:9.1?}  {kib} KiB at most",
                    all.len()
                );
                assert!(kib < MOST_MEMORY, "{form} takes much memory");
            }
            None => println!("{:6} cards, {form:8}         {took:9.1?}", all.len()),
        }
    }
}
