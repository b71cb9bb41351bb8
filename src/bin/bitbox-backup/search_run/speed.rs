//! How many candidates this machine tries in a second.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bitbox_backup::backup::Id;
use bitbox_backup::backup::wallet::Owned;
use bitbox_backup::progress::Progress;
use bitbox_backup::recover::Effort;
use bitbox_backup::repair::TargetKind;
use bitbox_backup::repair::search::{
    CHECKSUM_MESSAGE, ID_MESSAGE, SearchTarget, Space, search, search_owned,
};
use zeroize::Zeroizing;

/// How long the speed of this machine is measured.
const MEASURED: Duration = Duration::from_millis(200);

/// Candidates of an effort in a second on this machine. Of those tried against what the owner knows there are few.
pub(crate) fn of(target: TargetKind, effort: &Effort) -> f64 {
    if target != TargetKind::Owner {
        return measured(target);
    }
    let all = effort.candidates.max(1) as f64;
    let owned = effort.owned(1).into_iter();
    let owned = owned.map(|(owned, most)| most as f64 / all / by_owner(owned));
    1.0 / (1.0 / measured(TargetKind::Checksum) + owned.sum::<f64>())
}

/// Candidates tried at least: each thread takes so many at a time, and one may take a tenth of a second.
const GROUP: usize = 8;

/// Seeds in a second that are tried against what the owner knows.
fn by_owner(owned: &Owned) -> f64 {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let each = (GROUP * threads) as u64;
    let spaces = [unknown(ID_MESSAGE)];
    let (began, mut tried) = (Instant::now(), 0);
    while began.elapsed() < MEASURED {
        let progress = Progress::default();
        tried += search_owned(&spaces, (owned, &[]), each, 0, &progress).tried;
    }
    tried as f64 / began.elapsed().as_secs_f64()
}

/// Candidates in a second on this machine, measured once.
fn measured(target: TargetKind) -> f64 {
    static ID: OnceLock<f64> = OnceLock::new();
    static CHECKSUM: OnceLock<f64> = OnceLock::new();
    match target {
        TargetKind::Id | TargetKind::Owner => {
            *ID.get_or_init(|| measure(ID_MESSAGE, &SearchTarget::Id(vec![Id([0; 32])])))
        }
        TargetKind::Checksum => *CHECKSUM.get_or_init(|| {
            let target = SearchTarget::Checksum {
                sum: [0; 32],
                mask: [0xFF; 32],
                distance: 0,
            };
            measure(CHECKSUM_MESSAGE, &target)
        }),
    }
}

/// Tries candidates of no backup for a moment.
fn measure(length: usize, target: &SearchTarget) -> f64 {
    let began = Instant::now();
    let stop = AtomicBool::new(false);
    let listener = |_: &Progress<'_>| stop.store(began.elapsed() >= MEASURED, Ordering::Relaxed);
    let progress = Progress::stopped_by(&stop).heard_by(&listener);
    let outcome = search(&[unknown(length)], target, u64::MAX, 0, &progress);
    let seconds = began.elapsed().as_secs_f64().max(1e-6);
    (outcome.tried as f64 / seconds).max(1.0)
}

/// A space of no backup, that no search gets through.
fn unknown(length: usize) -> Space {
    Space {
        base: Zeroizing::new(vec![1; length]),
        cost: 0.0,
        levels: Vec::new(),
        unknown: (0..6).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bitbox_backup::backup::wallet::Target;

    #[test]
    fn this_machine_has_a_speed() {
        assert!(measured(TargetKind::Id) > 1000.0);
    }

    #[test]
    fn so_has_a_search_for_what_the_owner_knows() {
        let print = Target::read("01234567").unwrap();
        let owned = Owned::new([vec![print]], &String::new().into());
        let speed = by_owner(&owned[0]);
        assert!(speed > 1.0 && speed < measured(TargetKind::Id), "{speed}");
    }
}
