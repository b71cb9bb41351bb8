//! How far work has come, for whoever waits for it, and whether it is to stop.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far work has come and whether it is to stop; any thread may look at it at any time.
///
/// The unit is that of the work: bytes of an image that are read, candidates of a search. While an image
/// is searched from its first byte to its last, `done` is where the latest read ended.
#[derive(Default)]
pub struct Progress<'a> {
    total: AtomicU64,
    done: AtomicU64,
    stop: Option<&'a AtomicBool>,
    listener: Option<&'a Listener<'a>>,
    /// Held while the listener is called.
    telling: Mutex<()>,
}

/// What is called when more is done.
type Listener<'a> = dyn Fn(&Progress<'_>) + Sync + 'a;

impl<'a> Progress<'a> {
    /// Work that stops soon after somebody sets `stop`.
    pub fn stopped_by(stop: &'a AtomicBool) -> Self {
        Self {
            stop: Some(stop),
            ..Self::default()
        }
    }

    /// The same, and calls `listener` whenever more is done: by the threads that do the work, one call at a
    /// time. A thread that comes while another is calling does not wait and does not call.
    #[must_use]
    pub fn heard_by(mut self, listener: &'a (dyn Fn(&Progress<'_>) + Sync + 'a)) -> Self {
        self.listener = Some(listener);
        self
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
        self.tell();
    }

    /// Notes that so much more is done.
    pub fn add_done(&self, more: u64) {
        self.done.fetch_add(more, Ordering::Relaxed);
        self.tell();
    }

    fn tell(&self) {
        if let Some(listener) = self.listener
            && let Ok(_held) = self.telling.try_lock()
        {
            listener(self);
        }
    }
}

impl fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress")
            .field("total", &self.total())
            .field("done", &self.done())
            .field("is_stopped", &self.is_stopped())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_hears_of_all_that_is_done_and_may_stop_it() {
        let stop = AtomicBool::new(false);
        let heard = Mutex::new(Vec::new());
        let listener = |progress: &Progress<'_>| {
            heard.lock().unwrap().push(progress.done());
            stop.fetch_or(progress.done() >= 7, Ordering::Relaxed);
        };
        let progress = Progress::stopped_by(&stop).heard_by(&listener);
        progress.set_total(9);
        progress.set_done(3);
        progress.add_done(2);
        assert!(!progress.is_stopped());
        progress.add_done(2);
        assert!(progress.is_stopped());
        assert_eq!((progress.done(), progress.total()), (7, 9));
        assert_eq!(*heard.lock().unwrap(), [3, 5, 7]);
    }

    #[test]
    fn one_call_at_a_time() {
        let running = AtomicU64::new(0);
        let calls = AtomicU64::new(0);
        let listener = |_: &Progress<'_>| {
            assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0);
            calls.fetch_add(1, Ordering::Relaxed);
            std::thread::yield_now();
            running.fetch_sub(1, Ordering::SeqCst);
        };
        let progress = Progress::default().heard_by(&listener);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).for_each(|_| progress.add_done(1)));
            }
        });
        assert_eq!(progress.done(), 4000);
        assert!((1..=4000).contains(&calls.load(Ordering::Relaxed)));
    }
}
