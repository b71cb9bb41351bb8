//! Cards in parallel, answers in order.
//!
//! Workers take the next card in order and put its answer where it waits for its turn; nobody runs
//! further ahead of the answers than a window, so memory is bounded. What may hang (a broken reader)
//! has a thread of its own and keeps no worker from its cards.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::plan::{Job, Plan};
use crate::examine::{self, Options};
use crate::progress::Progress;
use crate::report::Source;
use crate::text::path_text;

/// How many cards may be examined beyond those whose answers were fetched; as many may wait to be
/// taken in.
const WINDOW: usize = 256;
/// How many answers wait before whoever gives them is woken: waking costs as much as a card.
const BATCH: usize = 32;
/// How long an answer waits at most when fewer do.
const PAUSE: Duration = Duration::from_millis(5);
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
pub enum RunEnd {
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
    ) -> Result<RunEnd, E> {
        let report = |job: &Job| {
            let known = (self.known)(job).map(|known| with_other_paths(known, job));
            known.or_else(|| examined(job, self.options, &Progress::stopped_by(self.stop)))
        };
        // One card alone is looked at on this thread, from which its surface is shared among all.
        if let [job] = plan.jobs.as_slice()
            && !job.may_hang()
            && !self.stop.load(Ordering::Relaxed)
        {
            return match report(job) {
                Some(report) => each(make(report)).map(|()| RunEnd::Complete),
                None => Ok(RunEnd::Interrupted),
            };
        }
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads)
            .build()
            .map_err(std::io::Error::other)?;
        let queue = Arc::new(Queue::default());
        let devices = self.start_devices(plan, &queue);
        queue.lock().workers = pool.current_num_threads();
        let next = || {
            let (index, job) = queue.take(plan, &devices, self.stop)?;
            Some((index, report(job)?))
        };
        let outcome = pool.in_place_scope(|scope| {
            for _ in 0..pool.current_num_threads() {
                scope.spawn(|_| {
                    while let Some((index, report)) = next() {
                        queue.put(index, Queued::Made(make(report)));
                    }
                    queue.worker_ends();
                });
            }
            while let Some(batch) = queue.next(plan.jobs.len(), self.stop) {
                for answer in batch {
                    let answer = match answer {
                        Queued::Made(made) => made,
                        Queued::Raw(report) => make(*report),
                    };
                    if let Err(error) = each(answer) {
                        self.stop.store(true, Ordering::Relaxed);
                        queue.room.notify_all();
                        return Err(error);
                    }
                }
            }
            Ok(())
        });
        outcome?;
        let complete = queue.lock().given == plan.jobs.len();
        Ok(match complete {
            true => RunEnd::Complete,
            false => RunEnd::Interrupted,
        })
    }

    /// Starts a thread for each device. They are never waited for but by their answer.
    fn start_devices<T: Send + 'static>(&self, plan: &Plan, queue: &Arc<Queue<T>>) -> Vec<usize> {
        let jobs = plan.jobs.iter().enumerate();
        let hanging = jobs.filter(|(_, job)| job.may_hang());
        let mut started = Vec::new();
        for (index, job) in hanging.take(MAX_DEVICES) {
            let (queue, job, options) = (Arc::clone(queue), job.clone(), *self.options);
            let thread = std::thread::Builder::new().spawn(move || {
                if let Some(report) = examined(&job, &options, &Progress::default()) {
                    queue.put(index, Queued::Raw(Box::new(report)));
                }
            });
            if thread.is_ok() {
                started.push(index);
            }
        }
        started
    }
}

/// Examines a source; a defect of the examiner is a failed source, never the end of an audit. `None` if it
/// was stopped.
fn examined(job: &Job, options: &Options, progress: &Progress<'_>) -> Option<Source> {
    let examine = || examine::examine_watched(&job.path, options, progress);
    let report = match catch_unwind(AssertUnwindSafe(examine)) {
        Ok(Ok(examination)) => examination.report,
        Ok(Err(_)) if progress.is_stopped() => return None,
        Ok(Err(error)) => Source::not_opened(&job.path, &error),
        Err(_) => Source::failed(
            &path_text(&job.path),
            "a defect of this program ended its examination",
            "report it with the message above; the card may be fine",
        ),
    };
    Some(with_other_paths(report, job))
}

fn with_other_paths(mut report: Source, job: &Job) -> Source {
    report.also.clone_from(&job.also);
    report
}

enum Queued<T> {
    /// Ready to be given.
    Made(T),
    /// From a thread that could not make it.
    Raw(Box<Source>),
}

struct Queue<T> {
    state: Mutex<State<T>>,
    /// Answers are ready.
    due: Condvar,
    /// The window has moved.
    room: Condvar,
}

struct State<T> {
    /// The next source a worker takes.
    next: usize,
    /// How many answers were given.
    given: usize,
    ready: BTreeMap<usize, Queued<T>>,
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
            due: Condvar::new(),
            room: Condvar::new(),
        }
    }
}

impl<T> Queue<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
            state = wait(&self.room, state);
        }
    }

    fn put(&self, index: usize, answer: Queued<T>) {
        let mut state = self.lock();
        state.ready.insert(index, answer);
        let ready = state.ready.len();
        drop(state);
        if ready >= BATCH {
            self.due.notify_one();
        }
    }

    fn worker_ends(&self) {
        let mut state = self.lock();
        state.workers = state.workers.saturating_sub(1);
        drop(state);
        self.due.notify_one();
    }

    /// The next answers in order; once stopped, what is there; `None` when there are no more.
    fn next(&self, count: usize, stop: &AtomicBool) -> Option<Vec<Queued<T>>> {
        let mut state = self.lock();
        loop {
            let stopped = stop.load(Ordering::Relaxed) && state.workers == 0;
            let mut batch = Vec::new();
            while let Some(answer) = state.take_due(stopped) {
                batch.push(answer);
            }
            if !batch.is_empty() {
                drop(state);
                self.room.notify_all();
                return Some(batch);
            }
            if stopped || state.given == count {
                return None;
            }
            state = wait(&self.due, state);
        }
    }
}

/// Waits for a change, and not for long: nothing tells of a `stop` set from a signal.
fn wait<'s, T>(changed: &Condvar, state: MutexGuard<'s, State<T>>) -> MutexGuard<'s, State<T>> {
    let waited = changed.wait_timeout(state, PAUSE);
    waited.unwrap_or_else(PoisonError::into_inner).0
}

impl<T> State<T> {
    /// The answer that is due; once stopped, the first there is: behind a device that hangs, what is
    /// done still counts.
    fn take_due(&mut self, stopped: bool) -> Option<Queued<T>> {
        let mut due = self.ready.remove(&self.given);
        if due.is_none() && stopped {
            due = self.ready.pop_first().map(|(_, answer)| answer);
        }
        if due.is_some() {
            self.given = self.given.saturating_add(1);
        }
        due
    }
}

#[cfg(test)]
mod tests;
