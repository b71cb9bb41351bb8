//! Runs of bytes: where clusters, files and parts of files lie.

use std::ops::Range;

use crate::fat::cluster::Cluster;
use crate::fat::geometry::Geometry;
use crate::image::{Extent, ReadAt};

/// The runs of bytes of clusters, neighbors joined.
pub(super) fn extents(geometry: &Geometry, clusters: &[Cluster]) -> Vec<Extent> {
    let runs = clusters
        .iter()
        .filter_map(|cluster| geometry.cluster_offset(*cluster));
    joined(
        &runs
            .map(|offset| Extent {
                offset,
                length: geometry.cluster_length,
            })
            .collect::<Vec<_>>(),
    )
}

/// Neighbours joined.
pub(super) fn joined(extents: &[Extent]) -> Vec<Extent> {
    let mut joined: Vec<Extent> = Vec::new();
    for extent in extents {
        match joined.last_mut() {
            Some(last) if last.end() == extent.offset => {
                last.length = last.length.saturating_add(extent.length)
            }
            _ => joined.push(*extent),
        }
    }
    joined
}

/// Where a range of a file's bytes lies.
pub(super) fn part(extents: &[Extent], range: Range<usize>) -> Vec<Extent> {
    let (start, end) = (range.start as u64, range.end as u64);
    let mut before = 0_u64;
    let mut parts = Vec::new();
    for extent in extents {
        let after = before.saturating_add(extent.length);
        let (from, to) = (start.max(before), end.min(after));
        if from < to {
            parts.push(Extent {
                offset: extent.offset.saturating_add(from.saturating_sub(before)),
                length: to.saturating_sub(from),
            });
        }
        before = after;
    }
    parts
}

/// The first `length` bytes of runs.
pub(super) fn limited(runs: Vec<Extent>, length: u64) -> Vec<Extent> {
    let mut left = length;
    let runs = runs.into_iter().map(|run| {
        let length = run.length.min(left);
        left = left.saturating_sub(length);
        Extent {
            offset: run.offset,
            length,
        }
    });
    runs.filter(|run| run.length > 0).collect()
}

/// What there is of a run, up to the end of the image or to the first part of it that is missing.
pub(super) fn there(run: Extent, image: &dyn ReadAt) -> Extent {
    let overlaps = |gap: &Extent| gap.offset < run.end() && run.offset < gap.end();
    let gap = image.gaps().into_iter().find(overlaps);
    let end = gap.map_or(run.end(), |gap| gap.offset).min(image.size());
    Extent {
        length: run.length.min(end.saturating_sub(run.offset)),
        ..run
    }
}
