//! E01 images of writers who have every checksum right.

use bitbox_backup::image::{Limits, Medium, ReadAt, open};
use bitbox_backup::progress::Progress;
use fixtures::e01::{SIGNATURE, put_right, write};

/// Most sectors looked at, from both ends.
const SECTORS: u64 = 64;

/// Segments one behind the other, which the feature `e01` is needed for: gaps inside the card, the same bytes in whatever order they are read.
pub fn e01(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let first = write(folder.path(), &segments(data));
    if let Ok(opened) = open(&first, &Limits::default(), |_| false, &Progress::default())
        && let Medium::Image(image) = opened.source
    {
        look_through(&*image);
    }
}

/// Each begins with the signature, and its checksums are right; three are enough.
fn segments(data: &[u8]) -> Vec<Vec<u8>> {
    let starts = data.windows(SIGNATURE.len()).enumerate();
    let starts = starts.filter(|(at, bytes)| *at > 0 && *bytes == SIGNATURE);
    let mut segments = Vec::new();
    let mut from = 0;
    for (at, _) in starts.take(2) {
        segments.push(data[from..at].to_vec());
        from = at;
    }
    segments.push(data[from..].to_vec());
    for segment in &mut segments {
        // Whatever begins otherwise is the business of `image`.
        if let Some(head) = segment.first_chunk_mut() {
            *head = SIGNATURE;
        }
        put_right(segment);
    }
    segments
}

fn look_through(image: &dyn ReadAt) {
    let size = image.size();
    let gaps = image.gaps();
    for pair in gaps.windows(2) {
        assert!(pair[0].end() < pair[1].offset, "{gaps:?}");
    }
    assert!(gaps.iter().all(|gap| gap.length > 0 && gap.end() <= size));
    let count = size / 512;
    let first = 0..count.min(SECTORS);
    let last = count.saturating_sub(SECTORS).max(first.end)..count;
    let sectors: Vec<u64> = first.chain(last).collect();
    let read = |sector: &u64| {
        let mut bytes = [0; 512];
        image.read_at(sector * 512, &mut bytes).ok().map(|()| bytes)
    };
    let forwards: Vec<_> = sectors.iter().map(read).collect();
    let mut backwards: Vec<_> = sectors.iter().rev().map(read).collect();
    backwards.reverse();
    assert!(forwards == backwards, "two readings of one image");
    for (sector, bytes) in sectors.iter().zip(&forwards) {
        let is_gap = gaps
            .iter()
            .any(|gap| gap.offset <= sector * 512 && sector * 512 < gap.end());
        assert!(!is_gap || bytes.is_none(), "sector {sector} was not read");
    }
}
