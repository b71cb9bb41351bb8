use super::*;
use crate::image::SplitReads;

#[test]
fn parts_have_their_names() {
    let behind = |name: &str| -> Vec<String> {
        let names = names_behind(Path::new(name)).into_iter().take(2);
        names
            .map(|name| name.to_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(behind("card.img.001"), ["card.img.002", "card.img.003"]);
    assert_eq!(behind("d/card.000"), ["d/card.001", "d/card.002"]);
    assert_eq!(
        behind("card.img.part1"),
        ["card.img.part2", "card.img.part3"]
    );
    assert_eq!(behind("card.part01"), ["card.part02", "card.part03"]);
    assert_eq!(behind("card.img.aa"), ["card.img.ab", "card.img.ac"]);
    assert_eq!(behind("card.img.aaa"), ["card.img.aab", "card.img.aac"]);
    assert_eq!(behind("xaa"), ["xab", "xac"]);
    for none in [
        "card.img",
        "card.002",
        "card.1",
        "card.img.ab",
        "a",
        "card001",
        "card.00001",
    ] {
        assert_eq!(behind(none), [""; 0], "{none}");
    }
    assert_eq!(word(26, 2), "ba");
}

#[test]
fn a_later_part_is_told_by_its_name() {
    let none_there = |_: &Path| false;
    for later in [
        "card.img.002",
        "card.010",
        "card.img.part2",
        "c.part10",
        "card.img.02",
        "card.img.ab",
        "card.dd.aac",
        "xab",
    ] {
        assert!(is_later(Path::new(later), none_there), "{later}");
    }
    for none in [
        "card.img.gz",
        "card.img.aa",
        "card.02",
        "index.db",
        "notes",
        "xaa",
        "card.bin",
        "card.img.001",
        "card.000",
        "card.part1",
        "card.img",
        "c.2024",
        "part2",
    ] {
        assert!(!is_later(Path::new(none), none_there), "{none}");
    }
    let beside = |there: &'static str| move |path: &Path| path == Path::new(there);
    assert!(is_later(Path::new("d/c.ab"), beside("d/c.ac")));
    assert!(is_later(Path::new("d/c.04"), beside("d/c.03")));
    assert!(is_later(Path::new("c-ac"), beside("c-ab")));
    assert!(!is_later(Path::new("d/c.ab"), beside("d/c.ae")));
    assert!(!is_later(Path::new("note.2024"), beside("note.2023")));
    let last = |name: &str| last_of_zip(Path::new(name));
    assert_eq!(last("d/c.z01"), Some(PathBuf::from("d/c.zip")));
    assert_eq!(
        (last("c.zip"), last("c.z"), last("c.zst")),
        (None, None, None)
    );
    let folder = tempfile::tempdir().unwrap();
    for number in 1..=10 {
        std::fs::write(folder.path().join(format!("c.part{number}")), [1]).unwrap();
    }
    let path = |name: &str| folder.path().join(name);
    assert_eq!(first_of(&path("c.part10")), Some(path("c.part1")));
    assert_eq!(first_of(&path("c.part1")), None);
}

#[test]
fn they_are_one_image_and_what_is_missing_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (name, length) in [
        ("c.001", 1024),
        ("c.002", 1024),
        ("c.004", 1000),
        ("c.005", 600),
    ] {
        let byte = name.as_bytes()[4];
        std::fs::write(path(name), vec![byte; length]).unwrap();
    }
    let first: Arc<dyn ReadAt> = Arc::new(FileImage::open(&path("c.001")).unwrap());
    let image = open(&path("c.001"), &first).unwrap();
    assert_eq!(image.size(), 4 * 1024 + 600);
    let gap = |offset, length| Extent { offset, length };
    assert_eq!(image.gaps(), [gap(2048, 1024), gap(4072, 24)]);
    let mut buf = [0; 1000];
    image.read_at(600, &mut buf).unwrap();
    assert_eq!((buf[0], buf[423], buf[424]), (b'1', b'1', b'2'));
    let image = SplitReads::new(image);
    assert!(image.read_at(2048, &mut buf).is_err());
    image.read_at(3072, &mut buf[..512]).unwrap();
    assert_eq!(buf[0], b'4');
    image.read_at(4096, &mut buf[..600]).unwrap();
    assert_eq!(buf[599], b'5');
    let behind: Vec<_> = parts_behind(&path("c.001")).collect();
    assert_eq!(behind, [path("c.002"), path("c.004"), path("c.005")]);
    for later in ["c.002", "c.005"] {
        assert_eq!(first_of(&path(later)), Some(path("c.001")));
    }
    for none in ["c.001", "c.003", "c.img", "c"] {
        assert_eq!(first_of(&path(none)), None);
    }
    assert!(open(&path("c.005"), &first).is_none());
}
