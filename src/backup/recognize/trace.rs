//! A trace of a backup, and which of several that overlap count.

use std::ops::Range;

/// What a trace of a backup is, as far as its bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TraceKind {
    /// As many bytes 0xAC as a file has bytes.
    Erased,
    /// Part of a copy: this many of the bytes that its layout fixes fit.
    Part(u32),
    /// The header and every tag and length down to the seed fit; the checksum does not.
    Header,
    /// A whole copy with a right checksum.
    Whole,
}

/// A stretch of bytes that is or was a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trace {
    /// Where it lies in the bytes looked at: an estimate where its beginning or end is lost.
    pub range: Range<usize>,
    /// What it is.
    pub kind: TraceKind,
}

/// Traces in ascending order, of those that overlap the surest, of equally sure ones the first.
pub(super) fn surest(mut traces: Vec<Trace>) -> Vec<Trace> {
    traces.sort_by_key(|trace| (trace.range.start, trace.range.end));
    let mut kept: Vec<Trace> = Vec::new();
    for trace in traces {
        match kept.last_mut() {
            Some(last) if trace.range.start < last.range.end => {
                if trace.kind > last.kind {
                    *last = trace;
                }
            }
            _ => kept.push(trace),
        }
    }
    kept
}
