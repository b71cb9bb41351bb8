//! Recognizes backups by their bytes, at any place, even where the first bytes are lost.
//!
//! The lengths of four fields fix the layout of a file that a device wrote (docs/format.md 2): given
//! these, some twenty of its bytes can have only one value. Bytes are taken for a copy in one of four
//! ways: its checksum is right; its header and every tag down to the seed fit exactly; enough of the
//! bytes fixed by one layout fit (`evidence`); or they are the 0xAC of an erased file. Random bytes
//! meet each of them less than once in 2^66 places: 64 GiB give a false trace less than once in 10^9
//! cards. That is evidence, and no proof: only a checksum proves a copy.

mod candidate;
mod search;

use std::ops::Range;

pub use candidate::{Trace, TraceKind};

use candidate::surest;
use search::Search;

/// Finds every trace of a backup with an anchor in `range`, which begins where a sector begins.
///
/// A trace may begin before `range` and end behind it; `bytes` should hold what lies around it.
/// Those of one call come in ascending order, none overlapping another. Returns whether there were more
/// candidates than the limit.
pub fn traces(bytes: &[u8], range: Range<usize>, found: &mut Vec<Trace>) -> bool {
    let (traces, more) = Search::new(bytes, range).run();
    found.extend(surest(traces));
    more
}

/// Finds every trace of a backup in one file, whatever its name: in ascending order, none overlapping
/// another, all within the file.
///
/// `bytes` are the whole file, and the file begins where a sector does, as every file in a FAT does.
/// The rules are those of [`traces`]. What was padded to a cluster, cut short or has something before
/// or behind the copy is found like any other; a file that *is* a copy gives one [`TraceKind::Whole`]
/// over all of its bytes. A trace whose end is lost ends with the file at the latest.
pub fn traces_in_file(bytes: &[u8]) -> Vec<Trace> {
    let (mut traces, _) = Search::new(bytes, 0..bytes.len()).run();
    for trace in &mut traces {
        trace.range.end = trace.range.end.min(bytes.len());
    }
    traces.retain(|trace| !trace.range.is_empty());
    surest(traces)
}

#[cfg(test)]
mod tests;
