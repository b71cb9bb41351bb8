//! Runs of bytes that are not the file's: of the values that erasing or a filling tool leaves, and foreign ones.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

/// What erased flash, the device's own erasing, formatting, deleting, and tools that fill what they cannot read leave.
const VALUES: [u8; 7] = [0, 0xFF, 0xAC, 0xE5, 0xF6, 0x55, 0x20];

/// Fewest bytes of a value that tools fill with: less is what a file has anyway.
const SHORTEST_FILL: usize = 4;

/// Two copies are compared as if one bit in fifty differed where both are the file's.
const DIFFERS: f64 = 0.02;
/// A stretch is foreign in one of two copies if that explains their differences so much better, in nats.
const EVIDENT: f64 = 16.0;
/// A stretch ends where what follows explains that so much worse, in nats.
const ENDS: f64 = 9.0;
/// Most copies that are compared with each other.
const MOST_COPIES: usize = 6;

/// Whether a byte has one of the values that a run of them may have.
pub(super) fn is_blank(byte: u8) -> bool {
    VALUES.contains(&byte)
}

/// A run in which copies have one value that erasing leaves, or foreign bytes.
pub(super) struct BlankRun {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The value; `None` for foreign bytes.
    pub(super) value: Option<u8>,
    /// Of foreign bytes: the run of the other copy, one of which is foreign.
    pub(super) other: Option<usize>,
    /// Which copies have exactly this run.
    pub(super) copies: Vec<usize>,
    /// Whether it is treated as erased.
    pub(super) erased: bool,
    /// How much more likely erased is than not erased, in nats; negative if it is less likely.
    pub(super) margin: f64,
}

/// Lists all blank runs; copies that have the same one share it.
pub(super) fn list_blank_runs(columns: &[Vec<Option<u8>>]) -> Vec<BlankRun> {
    let mut runs: Vec<BlankRun> = Vec::new();
    for (copy, column) in columns.iter().enumerate() {
        let mut start = 0;
        for run in column.chunk_by(|a, b| a == b) {
            let end = start + run.len();
            if let Some(Some(value)) = run.first()
                && is_blank(*value)
                && (matches!(value, 0 | 0xFF | 0xAC) || run.len() >= SHORTEST_FILL)
            {
                push_run(&mut runs, start, end, *value, copy);
            }
            start = end;
        }
    }
    runs
}

/// Adds a run of one copy.
fn push_run(runs: &mut Vec<BlankRun>, start: usize, end: usize, value: u8, copy: usize) {
    let is_same =
        |run: &&mut BlankRun| (run.start, run.end, run.value) == (start, end, Some(value));
    match runs.iter_mut().find(is_same) {
        Some(run) => run.copies.push(copy),
        None => runs.push(BlankRun {
            start,
            end,
            value: Some(value),
            other: None,
            copies: vec![copy],
            erased: end - start >= 2,
            margin: 0.0,
        }),
    }
}

/// Adds the stretches in which one of two copies has foreign bytes, twice: once for each of the two copies.
pub(super) fn add_foreign_runs(runs: &mut Vec<BlankRun>, columns: &[Vec<Option<u8>>]) {
    let copies = columns.len().min(MOST_COPIES);
    for first in 0..copies {
        for second in first + 1..copies {
            for (start, end) in list_foreign(&columns[first], &columns[second]) {
                let index = runs.len();
                for (copy, other) in [(first, index + 1), (second, index)] {
                    runs.push(BlankRun {
                        start,
                        end,
                        value: None,
                        other: Some(other),
                        copies: vec![copy],
                        erased: false,
                        margin: 0.0,
                    });
                }
            }
        }
    }
}

/// Which bytes are in a run of a value that erasing leaves: that is another kind of damage.
fn mark_blanks(column: &[Option<u8>]) -> Vec<bool> {
    let runs = column.chunk_by(|a, b| a == b);
    let is_run = |run: &[Option<u8>]| run.len() > 2 && run[0].is_some_and(is_blank);
    runs.flat_map(|run| std::iter::repeat_n(is_run(run), run.len()))
        .collect()
}

/// The stretches in which two copies differ as random bytes do, where elsewhere they hardly differ.
fn list_foreign(first: &[Option<u8>], second: &[Option<u8>]) -> Vec<(usize, usize)> {
    let blank = [first, second].map(mark_blanks);
    let score = |at: usize| match (first[at], second[at]) {
        (Some(a), Some(b)) if !blank[0][at] && !blank[1][at] => {
            let differ = f64::from((a ^ b).count_ones());
            (1.0_f64 / 256.0).ln() - differ * DIFFERS.ln() - (8.0 - differ) * (1.0 - DIFFERS).ln()
        }
        _ => -ENDS,
    };
    let mut found = Vec::new();
    let (mut start, mut best, mut sum) = (0, (0, 0.0), 0.0);
    for at in 0..=first.len() {
        let more = if at < first.len() {
            score(at)
        } else {
            -f64::MAX
        };
        if sum == 0.0 {
            (start, best) = (at, (at, 0.0));
        }
        sum = f64::max(sum + more, 0.0);
        if sum > best.1 {
            best = (at + 1, sum);
        }
        if sum == 0.0 || sum < best.1 - ENDS {
            if best.1 > EVIDENT {
                found.push((start, best.0));
            }
            sum = 0.0;
            best = (at, 0.0);
        }
    }
    // Copies that differ everywhere are damaged in another way.
    let foreign: usize = found.iter().map(|(start, end)| end - start).sum();
    if foreign * 4 > first.len() * 3 {
        found.clear();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_stretches_are_found_and_few_flips_are_none() {
        let mut random = crate::repair::test_random::Random(9);
        let file = random.bytes(120);
        let column = |bytes: &[u8]| bytes.iter().copied().map(Some).collect::<Vec<_>>();
        let mut burst = file.clone();
        burst[30..42].copy_from_slice(&random.bytes(12));
        burst[80..90].copy_from_slice(&random.bytes(10));
        let found = list_foreign(&column(&file), &column(&burst));
        assert_eq!(found.len(), 2, "{found:?}");
        for ((start, end), (from, to)) in found.into_iter().zip([(30, 42), (80, 90)]) {
            assert!(
                start.abs_diff(from) <= 1 && end.abs_diff(to) <= 1,
                "{start}..{end}"
            );
        }
        let mut flipped = file.clone();
        (0..120).step_by(7).for_each(|at| flipped[at] ^= 0x10);
        assert!(list_foreign(&column(&file), &column(&flipped)).is_empty());
        let other = random.bytes(120);
        assert!(list_foreign(&column(&file), &column(&other)).is_empty());
    }
}
