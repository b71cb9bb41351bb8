//! How far work has come, for whoever waits for it, and whether it is to stop.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far work has come and whether it is to stop; any thread may look at it at any time.
///
/// The unit is that of the work: bytes of an image that are read, candidates of a search. While an image
/// is searched from its first byte to its last, `done` is where the latest read ended.
#[derive(Debug, Default)]
pub struct Progress<'a> {
    total: AtomicU64,
    done: AtomicU64,
    stop: Option<&'a AtomicBool>,
}

impl<'a> Progress<'a> {
    /// Work that stops soon after somebody sets `stop`.
    pub fn stopped_by(stop: &'a AtomicBool) -> Self {
        Self {
            stop: Some(stop),
            ..Self::default()
        }
    }

    /// How much there is to do; 0 where that is not known.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// How much is done.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Whether the work is to stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// Notes how much there is to do.
    pub fn set_total(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// Notes how much is done.
    pub fn set_done(&self, done: u64) {
        self.done.store(done, Ordering::Relaxed);
    }
}
