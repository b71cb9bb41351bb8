use super::*;

/// What a copy is after its file was cut, and after it was resumed.
fn resumed(card: &Card, path: &Path, cut: u64) -> (ImageTarget, Copied) {
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(cut).unwrap();
    let mut target = target(path, card);
    assert_eq!(std::fs::metadata(path).unwrap().len(), cut, "opened only");
    let copied = copy(card, &mut target, 0, &Progress::default(), &()).unwrap();
    (target, copied)
}

/// Copies a card to a new image.
fn copied(card: &Card, path: &Path) {
    let mut new = target(path, card);
    copy(card, &mut new, 0, &Progress::default(), &()).unwrap();
}

/// Its map still says that all of it was read.
#[test]
fn what_was_cut_off_a_copy_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.img");
    // The last block is zero, and so is what a longer file would hold there.
    let mut card = Card::new(3 * 8192 + 200, &[]);
    let size = card.bytes.len();
    card.bytes[size - 512..].fill(0);
    copied(&card, &path);
    for cut in [0, 700, 9 << 20, size as u64 - 512, size as u64 - 1] {
        let (target, copied) = resumed(&card, &path, cut);
        assert_eq!(target.cut_at(), Some(cut));
        assert_eq!(copied.read, size as u64 - cut / 512 * 512);
        assert_eq!(copied.differing, []);
        assert_eq!(target.map().missing(), []);
        assert!(std::fs::read(&path).unwrap() == card.bytes, "{cut}");
    }
    assert_eq!(target(&path, &card).cut_at(), None);
}

#[test]
fn a_copy_of_another_card_that_was_cut_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.img");
    let card = Card::new(20_000, &[]);
    copied(&card, &path);
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(500_000).unwrap();
    let map = folder.path().join("card.img.map");
    let before = [std::fs::read(&path).unwrap(), std::fs::read(&map).unwrap()];
    let mut other = Card::new(20_000, &[]);
    other.bytes.iter_mut().for_each(|byte| *byte = !*byte);
    let mut again = target(&path, &other);
    let refused = copy(&other, &mut again, 0, &Progress::default(), &());
    assert!(matches!(refused, Err(ImageTargetError::OtherCard { .. })));
    drop(again);
    let after = [std::fs::read(&path).unwrap(), std::fs::read(&map).unwrap()];
    assert!(before == after);
}

/// Without its map what was not copied yet would pass for zeros.
#[test]
fn a_copy_is_no_longer_than_what_was_copied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.img");
    let mut card = Card::new(40_000, &[]);
    // As far as a hole, and into it.
    card.bytes[6 << 20..12 << 20].fill(0);
    card.hole = Some(6 << 20..12 << 20);
    card.gone = Some((16 << 20) / 512);
    let length = || std::fs::metadata(&path).unwrap().len();
    let mut new = target(&path, &card);
    assert_eq!(length(), 0);
    copy(&card, &mut new, 0, &Progress::default(), &()).unwrap();
    assert_eq!(length(), 16 << 20);
    drop(new);
    card.gone = None;
    copied(&card, &path);
    assert!(std::fs::read(&path).unwrap() == card.bytes);
    // What cannot be read at its end belongs to it.
    let bad = Card::new(8192, &[(8191, FOREVER)]);
    let path = folder.path().join("bad.img");
    copy(&bad, &mut target(&path, &bad), 0, &Progress::default(), &()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().len(), bad.size());
}
