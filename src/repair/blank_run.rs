//! Runs of the values that erased flash or the device's own erasing leaves.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

/// A run in which copies have 0, 0xFF or 0xAC.
pub(super) struct BlankRun {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) value: u8,
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
            if let Some(Some(value @ (0 | 0xFF | 0xAC))) = run.first() {
                push_run(&mut runs, start, end, *value, copy);
            }
            start = end;
        }
    }
    runs
}

/// Adds a run of one copy.
fn push_run(runs: &mut Vec<BlankRun>, start: usize, end: usize, value: u8, copy: usize) {
    let is_same = |run: &&mut BlankRun| (run.start, run.end, run.value) == (start, end, value);
    match runs.iter_mut().find(is_same) {
        Some(run) => run.copies.push(copy),
        None => runs.push(BlankRun {
            start,
            end,
            value,
            copies: vec![copy],
            erased: end - start >= 2,
            margin: 0.0,
        }),
    }
}
