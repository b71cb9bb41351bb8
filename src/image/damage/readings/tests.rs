use super::*;
use crate::image::damage::mapped::Mapped;
use crate::image::{Memory, SplitReads};

fn sector(byte: u8) -> [u8; SECTOR] {
    [byte; SECTOR]
}

fn three() -> Readings {
    let mut readings = Readings::new(4096);
    assert!(readings.begin());
    assert!(readings.push(512, &sector(2)) && readings.push(3584, &sector(22)));
    assert!(readings.begin());
    assert!(readings.push(0, &sector(3)));
    readings
}

fn again(readings: &Readings) -> Readings {
    Readings::parse(Zeroizing::new(readings.as_bytes().to_vec()))
        .ok()
        .unwrap()
}

#[test]
fn what_is_written_is_read() {
    let read = again(&three());
    assert_eq!((read.size(), read.count()), (4096, 3));
    assert_eq!((read.sectors(), read.damaged()), (3, 0));
    assert_eq!(read.sector(2, 512), Some(&sector(2)[..]));
    assert_eq!(read.sector(3, 512), None);
    assert_eq!(read.sector(3, 0), Some(&sector(3)[..]));
}

#[test]
fn each_reading_is_an_image() {
    let read = Arc::new(again(&three()));
    let image =
        |number| Reading::new(Memory::new(vec![1; 4096]), Arc::clone(&read), number).unwrap();
    let bytes = |number| {
        let mut bytes = vec![0; 4096];
        image(number).read_at(0, &mut bytes).unwrap();
        bytes
            .chunks(SECTOR)
            .map(|sector| sector[0])
            .collect::<Vec<_>>()
    };
    assert_eq!(bytes(2), [1, 2, 1, 1, 1, 1, 1, 22]);
    assert_eq!(bytes(3), [3, 1, 1, 1, 1, 1, 1, 1]);
    // Across the edges of a sector, byte by byte.
    let mut part = [0; 4];
    image(2).read_at(510, &mut part).unwrap();
    assert_eq!(part, [1, 1, 2, 2]);
    image(2).read_at(1022, &mut part).unwrap();
    assert_eq!(part, [2, 2, 1, 1]);
    image(2).read_at(600, &mut part).unwrap();
    assert_eq!(part, [2; 4]);
    let other = Reading::new(Memory::new(vec![1; 512]), read, 2);
    let error = other.err().unwrap();
    assert_eq!(
        error,
        ReadingsError::OtherSize {
            found: 4096,
            image: 512
        }
    );
}

#[test]
fn a_sector_that_the_image_lacks_is_no_gap_in_a_reading_that_has_it() {
    let gap = |offset, length| Extent { offset, length };
    let mapped = Mapped::new(Memory::new(vec![1; 4096]), vec![gap(0, 1536)]);
    let read = SplitReads::new(Reading::new(mapped, Arc::new(three()), 2).unwrap());
    assert_eq!(read.inner().gaps(), [gap(0, 512), gap(1024, 512)]);
    let mut bytes = [0; 4096];
    assert!(read.read_at(0, &mut bytes).is_err());
    let starts: Vec<u8> = bytes.chunks(SECTOR).map(|sector| sector[0]).collect();
    assert_eq!(starts, [0, 2, 0, 1, 1, 1, 1, 22]);
    assert_eq!(read.gaps(), [gap(0, 512), gap(1024, 512)]);
}

#[test]
fn a_hole_of_the_image_is_data_where_a_reading_has_it() {
    /// Zeros, and nothing else.
    struct Hole;
    impl ReadAt for Hole {
        fn size(&self) -> u64 {
            4096
        }
        fn read_at(&self, _: u64, buf: &mut [u8]) -> Result<(), ReadError> {
            buf.fill(0);
            Ok(())
        }
        fn next_data(&self, _: u64) -> Option<Extent> {
            None
        }
    }
    let read = Reading::new(Hole, Arc::new(three()), 2).unwrap();
    let data = |at| read.next_data(at).map(|data| (data.offset, data.length));
    assert_eq!(data(0), Some((512, 512)));
    assert_eq!(data(600), Some((600, 424)));
    assert_eq!(data(1024), Some((3584, 512)));
}

/// A flipped bit anywhere, and a file cut anywhere, leave out what they hit and nothing else.
#[test]
fn damage_leaves_out_what_it_hits() {
    let whole = three();
    for at in 0..whole.as_bytes().len() {
        let mut bytes = Zeroizing::new(whole.as_bytes().to_vec());
        bytes[at] ^= 0x40;
        match Readings::parse(bytes) {
            Err(ReadingsError::NoReadings) => assert!(at < 24, "{at}"),
            Err(_) => assert!((24..HEADER).contains(&at), "{at}"),
            Ok(read) => {
                assert!(at >= HEADER, "{at}");
                assert_eq!((read.sectors(), read.damaged()), (2, 1));
            }
        }
        let cut = Readings::parse(Zeroizing::new(whole.as_bytes()[..at].to_vec()));
        match cut {
            Err(error) => assert!(at < HEADER && error == ReadingsError::NoReadings),
            Ok(read) => assert_eq!(read.sectors(), (at - HEADER) / RECORD),
        }
    }
}

#[test]
fn sectors_are_those_of_the_card_in_whatever_order_they_come() {
    let mut readings = Readings::new(2048 + 100);
    assert!(readings.begin());
    for (offset, is_kept) in [
        (1024, true),
        (0, true),
        (1536, true),
        (512, true),
        (2048, false),
        (600, false),
        (u64::MAX - 511, false),
    ] {
        let byte = (offset / 512) as u8;
        assert_eq!(readings.push(offset, &sector(byte)), is_kept, "{offset}");
    }
    let ascending = [0, 512, 1024, 1536];
    for readings in [again(&readings), readings] {
        let offsets: Vec<_> = readings.from(2, 0).map(|sector| sector.offset).collect();
        assert_eq!(offsets, ascending);
        for (byte, offset) in ascending.into_iter().enumerate() {
            assert_eq!(readings.sector(2, offset), Some(&sector(byte as u8)[..]));
        }
    }
    // A record of a larger card is none of this one.
    let mut larger = Readings::new(1 << 40);
    assert!(larger.begin() && larger.push(1 << 30, &sector(7)));
    larger.write_header(4096, 2);
    let read = again(&larger);
    assert_eq!((read.sectors(), read.damaged()), (0, 1));
}

#[test]
fn it_is_bounded() {
    let mut readings = Readings::new(1 << 30);
    while readings.begin() {}
    assert_eq!(readings.count(), Readings::MAX_COUNT);
    assert!(!readings.push(0, &[0; 100]));
    let most = (Readings::MAX_BYTES as usize - HEADER) / RECORD;
    let pushed = (0..)
        .take_while(|number| readings.push(number * 512, &sector(7)))
        .count();
    assert_eq!(pushed, most);
    assert!(readings.as_bytes().len() as u64 <= Readings::MAX_BYTES);
}

#[test]
fn it_lies_beside_its_image() {
    let beside = readings_of(Path::new("a/card.img.zst"));
    assert_eq!(beside, Path::new("a/card.img.zst.readings"));
    assert_eq!(image_of(&beside), Some(PathBuf::from("a/card.img.zst")));
    assert_eq!(image_of(Path::new("a/card.img")), None);
}
