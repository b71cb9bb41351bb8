//! Answers in order, whatever takes long, fails or is stopped.

use super::*;
use std::sync::atomic::AtomicUsize;

fn plan(count: usize) -> Plan {
    of((0..count).map(|number| number.to_string().into()).collect())
}

fn of(paths: Vec<std::path::PathBuf>) -> Plan {
    Plan::new(paths, &Options::default(), &Progress::default())
}

fn report(job: &Job) -> Source {
    Source::failed(&path_text(&job.path), "", "")
}

#[test]
fn answers_come_in_order_whatever_takes_long() {
    let started = AtomicUsize::new(0);
    let given = AtomicUsize::new(0);
    let known = |job: &Job| {
        let ahead = started.fetch_add(1, Ordering::SeqCst) - given.load(Ordering::SeqCst);
        assert!(ahead <= 2 * WINDOW, "{ahead} cards ahead");
        if job.path.to_str().is_some_and(|path| path.ends_with('7')) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Some(report(job))
    };
    let run = Run {
        options: &Options::default(),
        threads: 4,
        stop: &AtomicBool::new(false),
        known: &known,
    };
    let mut names = Vec::new();
    let ended = run.over(
        &plan(1000),
        |source| source.source,
        |name| {
            given.fetch_add(1, Ordering::SeqCst);
            names.push(name);
            Ok::<_, std::io::Error>(())
        },
    );
    assert_eq!(ended.unwrap(), RunEnd::Complete);
    assert!((0..1000).map(|number| number.to_string()).eq(names));
}

#[test]
fn an_error_of_the_taker_ends_the_run() {
    let begun = AtomicUsize::new(0);
    let known = |job: &Job| {
        begun.fetch_add(1, Ordering::SeqCst);
        Some(report(job))
    };
    let run = Run {
        options: &Options::default(),
        threads: 2,
        stop: &AtomicBool::new(false),
        known: &known,
    };
    let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
    let mut taken = 0;
    let ended = run.over(
        &plan(100_000),
        |source| source,
        |_| {
            taken += 1;
            if taken == 3 { Err(full()) } else { Ok(()) }
        },
    );
    assert_eq!(ended.unwrap_err().kind(), full().kind());
    assert_eq!(taken, 3);
    assert!(begun.into_inner() <= 2 * WINDOW);
}

#[test]
fn a_stopped_run_gives_what_it_began() {
    let stop = AtomicBool::new(false);
    let begun = AtomicUsize::new(0);
    let known = |job: &Job| {
        if begun.fetch_add(1, Ordering::SeqCst) == 500 {
            stop.store(true, Ordering::Relaxed);
        }
        Some(report(job))
    };
    let run = Run {
        options: &Options::default(),
        threads: 3,
        stop: &stop,
        known: &known,
    };
    let mut names = Vec::new();
    let ended = run.over(
        &plan(100_000),
        |source| source.source,
        |name| {
            names.push(name);
            Ok::<_, std::io::Error>(())
        },
    );
    assert_eq!(ended.unwrap(), RunEnd::Interrupted);
    assert_eq!(names.len(), begun.into_inner());
    assert!(
        (0..)
            .map(|number: usize| number.to_string())
            .zip(names)
            .all(|(a, b)| a == b)
    );
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_left_to_a_worker() {
    let paths = ["0", "/dev/null", "1", "/dev/zero", "2"].map(std::path::PathBuf::from);
    let plan = of(paths.to_vec());
    let asked = Mutex::new(Vec::new());
    let known = |job: &Job| {
        asked.lock().unwrap().push(path_text(&job.path));
        Some(report(job))
    };
    let run = Run {
        options: &Options::default(),
        threads: 1,
        stop: &AtomicBool::new(false),
        known: &known,
    };
    let mut names = Vec::new();
    let ended = run.over(
        &plan,
        |source| source.source,
        |name| {
            names.push(name);
            Ok::<_, std::io::Error>(())
        },
    );
    assert_eq!(ended.unwrap(), RunEnd::Complete);
    assert_eq!(names, ["0", "/dev/null", "1", "/dev/zero", "2"]);
    assert_eq!(*asked.lock().unwrap(), ["0", "1", "2"]);
}
