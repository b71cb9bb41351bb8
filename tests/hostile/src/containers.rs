//! Files that hold cards in some way: archives, compressed images, disks with a footer; whole and cut short.

use std::path::Path;

use bitbox_backup::image::{Limits, Medium, ReadAt, members_of, open};
use bitbox_backup::progress::Progress;

/// Most memory that may be unpacked here.
const BUDGET: u64 = 1 << 20;
/// Most members of an archive that are looked at.
const MEMBERS: usize = 8;

/// A file of any bytes as a source: the same twice, its gaps inside the image, in order, and unreadable, and all
/// else readable; each member of an archive too.
pub fn containers(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cards");
    std::fs::write(&path, data).expect("a file");
    look_at(&path);
    let limits = Limits::unpacked(BUDGET);
    for member in members_of(&path, &limits, |_| true, &Progress::default())
        .into_iter()
        .take(MEMBERS)
    {
        look_at(&member);
    }
}

fn look_at(path: &Path) {
    let limits = Limits::unpacked(BUDGET);
    let source = || {
        let opened = open(path, &limits, |_| false, &Progress::default());
        opened.map(|opened| (opened.source, opened.damage))
    };
    match (source(), source()) {
        (Ok((Medium::Image(once), damage)), Ok((Medium::Image(again), same))) => {
            assert_eq!(damage, same, "twice");
            assert_eq!(once.size(), again.size());
            look_through(&*once);
        }
        (Ok(_), Ok(_)) => {}
        (Err(once), Err(again)) => assert_eq!(once, again),
        _ => panic!("once it opens and once it does not"),
    }
}

fn look_through(image: &dyn ReadAt) {
    let (size, gaps) = (image.size(), image.gaps());
    for pair in gaps.windows(2) {
        assert!(pair[0].end() < pair[1].offset, "{gaps:?}");
    }
    for gap in &gaps {
        assert!(gap.length > 0 && gap.end() <= size, "{gap:?} of {size}");
        assert!(image.read_at(gap.offset, &mut [0]).is_err(), "{gap:?}");
    }
    let mut sector = [0; 512];
    for at in 0..(size / 512).min(64) {
        let of_gap = |offset: u64, end: u64| offset < (at + 1) * 512 && at * 512 < end;
        let is_gap = gaps.iter().any(|gap| of_gap(gap.offset, gap.end()));
        let read = image.read_at(at * 512, &mut sector);
        assert_eq!(read.is_err(), is_gap, "sector {at}, {gaps:?}");
    }
}
