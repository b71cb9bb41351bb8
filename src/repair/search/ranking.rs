//! Classes of candidates, cheapest first.

use std::cmp::Ordering;

use super::batch::{Round, Segment};
use super::prepared_space::{MAX_LEVELS, Prepared};
use super::priority_queue::Waiting;

/// Most classes that wait at a time (48 bytes each).
const MOST_WAITING: usize = if cfg!(test) { 1 << 17 } else { 1 << 21 }; // so that tests get there
/// Most classes kept when there were more.
const KEPT_WAITING: usize = MOST_WAITING / 4 * 3;

/// How many bits of each level are flipped.
///
/// A byte is enough for each: a level of more than 255 bits has over 2^64 candidates with 128 of
/// them flipped, and those come before any with 255.
pub(super) type Flipped = [u8; MAX_LEVELS];

/// A class: candidates of one space with the same number of flips in each level.
#[derive(Clone, Copy)]
struct Class {
    cost: f64,
    count: u64,
    space: u32,
    flipped: Flipped,
}

impl Ord for Class {
    /// The greatest is the cheapest; equal costs by space, then by flips, lower first.
    fn cmp(&self, other: &Self) -> Ordering {
        let cost = other.cost.total_cmp(&self.cost);
        cost.then_with(|| (other.space, other.flipped).cmp(&(self.space, self.flipped)))
    }
}

impl PartialOrd for Class {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Class {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Class {}

/// A class that was jumped over.
pub(super) struct Passed {
    pub(super) space: usize,
    pub(super) flipped: Flipped,
    /// What each of its candidates costs, in nats.
    pub(super) cost: f64,
    /// Candidates before it.
    pub(super) before: u64,
    pub(super) count: u64,
}

/// All classes of all spaces in order, made as they are needed.
pub(super) struct Order<'a, const W: usize> {
    spaces: &'a [Prepared<W>],
    waiting: Waiting<Class>,
    /// The class under way and how many of its candidates were given out.
    present: Option<(Class, u64)>,
    /// Candidates given out or skipped.
    given: u64,
    budget: u64,
    /// Classes were dropped because too many waited.
    dropped: bool,
}

impl<'a, const W: usize> Order<'a, W> {
    pub(super) fn new(spaces: &'a [Prepared<W>], budget: u64) -> Self {
        let mut order = Self {
            spaces,
            waiting: Waiting::new(),
            present: None,
            given: 0,
            budget,
            dropped: false,
        };
        for (space, number) in spaces.iter().zip(0..) {
            let class = order.class(space, number, [0; MAX_LEVELS]);
            order.waiting.push(class);
        }
        order
    }

    /// Jumps over candidates; returns how many there were, at most `count`.
    pub(super) fn skip(&mut self, count: u64) -> u64 {
        while self.given < count {
            let Some((class, start)) = self.advance() else {
                break;
            };
            let step = (class.count - start).min(count - self.given);
            self.step(step);
        }
        self.given
    }

    /// Jumps over a whole class.
    pub(super) fn next_class(&mut self) -> Option<Passed> {
        let (class, _) = self.advance()?;
        let before = self.given;
        self.present = None;
        self.given = self.given.saturating_add(class.count);
        Some(Passed {
            space: class.space as usize,
            flipped: class.flipped,
            cost: class.cost,
            before,
            count: class.count,
        })
    }

    /// The next candidates within the budget, at most `size`.
    pub(super) fn round(&mut self, size: u64) -> Round {
        let end = self.given.saturating_add(size).min(self.budget);
        let mut round = Round::new();
        while self.given < end && round.has_room() {
            let Some((class, start)) = self.advance() else {
                break;
            };
            let count = (class.count - start)
                .min(end - self.given)
                .min(round.room());
            round.push(Segment {
                space: class.space,
                flipped: class.flipped,
                start,
                count,
                rank: self.given,
            });
            self.step(count);
        }
        round
    }

    /// True if every candidate was given out.
    pub(super) fn is_exhausted(&self) -> bool {
        self.waiting.len() == 0 && self.present.is_none() && !self.dropped
    }

    /// The class under way and the next of its candidates.
    fn advance(&mut self) -> Option<(Class, u64)> {
        if self.present.is_none() {
            let class = self.waiting.pop()?;
            self.push_next_to(&class);
            self.present = Some((class, 0));
        }
        self.present
    }

    /// Gives out candidates of the class under way.
    fn step(&mut self, count: u64) {
        self.given += count;
        if let Some((class, start)) = &mut self.present {
            *start += count;
            if *start >= class.count {
                self.present = None;
            }
        }
    }

    /// Adds the classes that come from this one: one flip more in its last level, a first flip in
    /// the next level, or its last level's only flip moved to the next level. Each class comes from
    /// exactly one other, which costs no more.
    fn push_next_to(&mut self, class: &Class) {
        let Some(space) = self.spaces.get(class.space as usize) else {
            return;
        };
        let used = class.flipped.iter().rposition(|&flipped| flipped > 0);
        let raise = |level: usize, by: u8, of: &Flipped| {
            let mut flipped = *of;
            let to = flipped.get_mut(level)?;
            *to = to.checked_add(by)?;
            (u32::from(*to) <= space.levels.get(level)?.count).then_some(flipped)
        };
        let Some(last) = used else {
            if let Some(first) = raise(0, 1, &class.flipped) {
                self.push(space, class.space, first);
            }
            return;
        };
        for next in [last, last + 1] {
            if let Some(flipped) = raise(next, 1, &class.flipped) {
                self.push(space, class.space, flipped);
            }
        }
        let mut without = class.flipped;
        if let Some(only) = without.get_mut(last)
            && *only == 1
        {
            *only = 0;
            if let Some(flipped) = raise(last + 1, 1, &without) {
                self.push(space, class.space, flipped);
            }
        }
        if self.waiting.len() > MOST_WAITING {
            self.prune();
        }
    }

    fn push(&mut self, space: &Prepared<W>, number: u32, flipped: Flipped) {
        let class = self.class(space, number, flipped);
        self.waiting.push(class);
    }

    fn class(&self, space: &Prepared<W>, number: u32, flipped: Flipped) -> Class {
        let mut cost = space.cost;
        let mut count = 256u64.saturating_pow(space.unknown.len() as u32);
        for (level, &flips) in space.levels.iter().zip(&flipped) {
            if flips > 0 {
                cost += f64::from(flips) * level.cost;
                count = count.saturating_mul(combinations(level.count, flips.into()));
            }
        }
        Class {
            cost,
            count,
            space: number,
            flipped,
        }
    }

    /// Drops the dearest of those that wait: no more are needed than candidates are left.
    fn prune(&mut self) {
        let left = self.budget.saturating_sub(self.given);
        let keep = usize::try_from(left).map_or(KEPT_WAITING, |left| left.min(KEPT_WAITING));
        self.dropped |= self.waiting.keep(keep);
    }
}

/// The number of ways to choose `k` of `n`, at most `u64::MAX`.
pub(super) fn combinations(n: u32, k: u32) -> u64 {
    let Some(rest) = n.checked_sub(k) else {
        return 0;
    };
    let mut ways = 1u64;
    for at in 0..u64::from(k.min(rest)) {
        // Exact: a product of at + 1 successive numbers is divisible by (at + 1)!.
        let factor = u64::from(n) - at;
        ways = match ways.checked_mul(factor) {
            Some(product) => product / (at + 1),
            None => {
                let exact = u128::from(ways) * u128::from(factor) / u128::from(at + 1);
                match u64::try_from(exact) {
                    Ok(exact) => exact,
                    Err(_) => return u64::MAX,
                }
            }
        };
    }
    ways
}
