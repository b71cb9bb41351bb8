//! Cards in parallel, answers in order.
//!
//! Workers take the next card in order and put its answer where it waits for its turn; nobody runs
//! further ahead of the answers than a window, so memory is bounded. What may hang (a broken reader)
//! has a thread of its own and keeps no worker from its cards.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::plan::{Job, Plan};
use crate::examine::{self, Options};
use crate::report::{Source, path_text};

/// How many cards may be examined beyond the one whose answer is due.
const WINDOW: usize = 256;
/// How many devices have a thread of their own.
const MAX_DEVICES: usize = 64;

/// How to examine many sources.
pub struct Run<'a> {
    /// How each is examined.
    pub options: &'a Options,
    /// How many at once; 0 for as many as there are processors.
    pub threads: usize,
    /// Set from outside to end after the cards begun.
    pub stop: &'a AtomicBool,
    /// A report that still holds, for a source that need not be examined again.
    pub known: &'a (dyn Fn(&Job) -> Option<Source> + Sync),
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every source was examined.
    Complete,
    /// It was stopped; only some were.
    Interrupted,
}

impl Run<'_> {
    /// Examines every source of a plan. `make` turns each report into what is wanted, in parallel;
    /// `each` gets the results one by one in the order of the plan.
    ///
    /// # Errors
    /// That of `each`, which ends the run, or of the system that refuses threads.
    pub fn over<T: Send + 'static, E: From<std::io::Error>>(
        &self,
        plan: &Plan,
        make: impl Fn(Source) -> T + Sync,
        mut each: impl FnMut(T) -> Result<(), E>,
    ) -> Result<Ended, E> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads)
            .build()
            .map_err(std::io::Error::other)?;
        let queue = Arc::new(Queue::default());
        let devices = self.start_devices(plan, &queue);
        queue.lock().workers = pool.current_num_threads();
        let outcome = pool.in_place_scope(|scope| {
            for _ in 0..pool.current_num_threads() {
                scope.spawn(|_| {
                    while let Some((index, job)) = queue.take(plan, &devices, self.stop) {
                        let report = (self.known)(job).map_or_else(
                            || examined(job, self.options),
                            |known| with_other_paths(known, job),
                        );
                        queue.put(index, Answer::Made(make(report)));
                    }
                    queue.worker_ends();
                });
            }
            while let Some(answer) = queue.next(plan.jobs.len(), self.stop) {
                let answer = match answer {
                    Answer::Made(made) => made,
                    Answer::Raw(report) => make(*report),
                };
                if let Err(error) = each(answer) {
                    self.stop.store(true, Ordering::Relaxed);
                    queue.wake();
                    return Err(error);
                }
            }
            Ok(())
        });
        outcome?;
        let complete = queue.lock().given == plan.jobs.len();
        Ok(if complete {
            Ended::Complete
        } else {
            Ended::Interrupted
        })
    }

    /// Starts a thread for each device. They are never waited for but by their answer.
    fn start_devices<T: Send + 'static>(&self, plan: &Plan, queue: &Arc<Queue<T>>) -> Vec<usize> {
        let hanging = plan
            .jobs
            .iter()
            .enumerate()
            .filter(|(_, job)| job.may_hang());
        let mut started = Vec::new();
        for (index, job) in hanging.take(MAX_DEVICES) {
            let (queue, job, options) = (Arc::clone(queue), job.clone(), *self.options);
            let thread = std::thread::Builder::new().spawn(move || {
                queue.put(index, Answer::Raw(Box::new(examined(&job, &options))));
            });
            if thread.is_ok() {
                started.push(index);
            }
        }
        started
    }
}

/// Examines a source; a defect of the examiner is a failed source, never the end of an audit.
fn examined(job: &Job, options: &Options) -> Source {
    let report = catch_unwind(AssertUnwindSafe(|| examine::examine(&job.path, options)));
    let report = report.unwrap_or_else(|_| {
        Source::failed(
            &path_text(&job.path),
            "a defect of this program ended its examination",
            "report it with the message above; the card may be fine",
        )
    });
    with_other_paths(report, job)
}

fn with_other_paths(mut report: Source, job: &Job) -> Source {
    report.also.clone_from(&job.also);
    report
}

enum Answer<T> {
    /// Ready to be given.
    Made(T),
    /// From a thread that could not make it.
    Raw(Box<Source>),
}

struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    /// The next source a worker takes.
    next: usize,
    /// How many answers were given.
    given: usize,
    ready: BTreeMap<usize, Answer<T>>,
    workers: usize,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                next: 0,
                given: 0,
                ready: BTreeMap::new(),
                workers: 0,
            }),
            changed: Condvar::new(),
        }
    }
}

impl<T> Queue<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        self.changed.notify_all();
    }

    /// The next source that is no started device, once the window reaches it.
    fn take<'p>(
        &self,
        plan: &'p Plan,
        devices: &[usize],
        stop: &AtomicBool,
    ) -> Option<(usize, &'p Job)> {
        let mut state = self.lock();
        loop {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            if devices.binary_search(&state.next).is_ok() {
                state.next = state.next.saturating_add(1);
                continue;
            }
            let job = plan.jobs.get(state.next)?;
            if state.next < state.given.saturating_add(WINDOW) {
                let index = state.next;
                state.next = index.saturating_add(1);
                return Some((index, job));
            }
            state = self.wait(state);
        }
    }

    /// Waits for a change, and not for ever: nothing tells of a `stop` set from a signal.
    fn wait<'s>(&self, state: MutexGuard<'s, State<T>>) -> MutexGuard<'s, State<T>> {
        let pause = std::time::Duration::from_millis(50);
        let waited = self.changed.wait_timeout(state, pause);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn put(&self, index: usize, answer: Answer<T>) {
        self.lock().ready.insert(index, answer);
        self.wake();
    }

    fn worker_ends(&self) {
        let mut state = self.lock();
        state.workers = state.workers.saturating_sub(1);
        drop(state);
        self.wake();
    }

    /// The next answer in order; once stopped, what is there; `None` when there is no more.
    fn next(&self, count: usize, stop: &AtomicBool) -> Option<Answer<T>> {
        let mut state = self.lock();
        loop {
            if state.given == count {
                return None;
            }
            let given = state.given;
            let stopped = stop.load(Ordering::Relaxed) && state.workers == 0;
            let mut due = state.ready.remove(&given);
            if due.is_none() && stopped {
                // Behind a device that hangs, what is done still counts.
                due = state.ready.pop_first().map(|(_, answer)| answer);
            }
            if let Some(answer) = due {
                state.given = state.given.saturating_add(1);
                drop(state);
                self.wake();
                return Some(answer);
            }
            if stopped {
                return None;
            }
            state = self.wait(state);
        }
    }
}
