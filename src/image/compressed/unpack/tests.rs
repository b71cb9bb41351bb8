use super::*;
use crate::image::Memory;
use crate::image::unpack;
use crate::image::{ReadError, SystemError};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

const BUDGET: u64 = 1 << 30;

#[test]
fn what_takes_long_to_unpack_can_be_stopped() {
    // Frames of one block each: 128 KiB of zeros out of four bytes.
    let mut frames = Vec::new();
    for _ in 0..600_000 {
        frames.extend_from_slice(&ZSTD);
        frames.extend_from_slice(&[0, 0x38, 0x03, 0, 0x10, 0]); // one block, RLE, last, 128 KiB
    }
    let bomb = Memory::new(frames);
    let stop = AtomicBool::new(false);
    let progress = Progress::stopped_by(&stop);
    std::thread::scope(|scope| {
        let unpacking = scope.spawn(|| unpack(&bomb, Packing::Zstd, BUDGET, &progress));
        while progress.done() == 0 && !unpacking.is_finished() {
            std::thread::yield_now();
        }
        stop.store(true, Ordering::Relaxed);
        assert_eq!(unpacking.join().unwrap().unwrap_err(), UnpackError::Stopped);
    });
}

/// Two stretches of noise in zeros: 300,000 bytes, no multiple of anything.
fn card() -> Vec<u8> {
    let mut card = vec![0; 300_000];
    card[5_000..60_000].copy_from_slice(&noise(55_000));
    card[200_000..240_001].copy_from_slice(&noise(40_001));
    card
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

fn with(bytes: &[u8], budget: u64) -> Result<Pages, UnpackError> {
    let image = Memory::new(bytes.to_vec());
    let packing = Packing::of(&image).unwrap().unwrap();
    unpack(&image, packing, budget, &Progress::default())
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let pages = with(bytes, BUDGET).unwrap();
    let mut back = vec![0; pages.size() as usize];
    pages.read_at(0, &mut back).unwrap();
    back
}

fn flaw(bytes: &[u8]) -> PackingFlaw {
    match with(bytes, BUDGET) {
        Err(UnpackError::Broken { flaw, .. }) => flaw,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_packed_comes_back() {
    let card = card();
    for packed in [gzip(&card), zstd(&card)] {
        assert!(unpacked(&packed) == card);
        assert!(packed.len() < 120_000);
        let pages = with(&packed, BUDGET).unwrap();
        assert_eq!(pages.kept(), 25 * 4096);
    }
    assert!(unpacked(&gzip(&[])).is_empty());
}

#[test]
fn parts_in_a_row_are_one_image() {
    let card = card();
    let (a, b) = card.split_at(123_457);
    assert!(unpacked(&[gzip(a), gzip(&[]), gzip(b)].concat()) == card);
    let skipped = |n: u8, length: u32| {
        let magic = [0x50 | n, 0x2a, 0x4d, 0x18];
        let body = vec![0xaa; length as usize];
        [&magic[..], &length.to_le_bytes(), &body].concat()
    };
    let frames = [
        skipped(0, 4),
        skipped(15, 0),
        zstd(a),
        skipped(3, 300_000),
        zstd(b),
        skipped(1, 1),
    ];
    assert!(unpacked(&frames.concat()) == card);
    let cut = frames.concat();
    assert_eq!(flaw(&cut[..cut.len() - 1]), PackingFlaw::CutShort);
    assert_eq!(flaw(&cut[..cut.len() - 5]), PackingFlaw::CutShort);
}

#[test]
fn what_is_cut_short_is_said_to_be() {
    let card = card();
    for packed in [gzip(&card), zstd(&card)] {
        for sixteenth in 1..16 {
            let cut = &packed[..packed.len() * sixteenth / 16];
            match with(cut, BUDGET) {
                Err(UnpackError::Broken {
                    flaw,
                    offset,
                    unpacked,
                    ..
                }) => {
                    assert_eq!((flaw, offset), (PackingFlaw::CutShort, cut.len() as u64));
                    assert!(unpacked < card.len() as u64);
                }
                other => panic!("{sixteenth}: {other:?}"),
            }
        }
        assert_eq!(flaw(&packed[..packed.len() - 1]), PackingFlaw::CutShort);
    }
}

#[test]
fn padding_is_fine_and_nothing_else_is() {
    let card = card();
    for packed in [gzip(&card), zstd(&card)] {
        let padded = [&packed[..], &vec![0; (512 << 10) + 3]].concat();
        assert!(unpacked(&padded) == card);
        let trailed = [&padded[..], b"x"].concat();
        assert_eq!(flaw(&trailed), PackingFlaw::Trailing);
        assert_eq!(
            flaw(&[&packed[..], b"hello"].concat()),
            PackingFlaw::Trailing
        );
    }
    let half_magic = [&zstd(&card)[..], &ZSTD[..2]].concat();
    assert_eq!(flaw(&half_magic), PackingFlaw::CutShort);
}

#[test]
fn corruption_is_never_taken_for_an_image() {
    let card = card();
    for packed in [gzip(&card), zstd(&card)] {
        for at in (0..packed.len())
            .step_by(4_999)
            .chain(packed.len() - 8..packed.len())
        {
            let mut bad = packed.clone();
            bad[at] ^= 0x10;
            let image = Memory::new(bad);
            if let Ok(Some(packing)) = Packing::of(&image)
                && let Ok(pages) = unpack(&image, packing, BUDGET, &Progress::default())
            {
                // Only what means nothing, such as the time in a gzip header, may change.
                let mut back = vec![0; pages.size() as usize];
                pages.read_at(0, &mut back).unwrap();
                assert!(back == card, "{packing:?} {at}");
            }
        }
    }
}

#[test]
fn the_checksum_of_a_frame_is_checked() {
    let mut packed = zstd(&card());
    *packed.last_mut().unwrap() ^= 1;
    assert_eq!(flaw(&packed), PackingFlaw::Checksum);
}

#[test]
fn the_budget_is_for_what_is_not_zero() {
    let card = card();
    for packed in [gzip(&card), zstd(&card)] {
        let kept = 25 * 4096;
        assert!(with(&packed, kept).is_ok());
        let error = with(&packed, kept - 1).unwrap_err();
        assert_eq!(error, UnpackError::TooLarge { budget: kept - 1 });
        assert!(error.to_string().ends_with("unpack it first"));
    }
    let zeros = vec![0; 50 << 20];
    assert_eq!(with(&gzip(&zeros), 0).unwrap().size(), 50 << 20);
}

#[test]
fn an_unreadable_file_is_not_a_broken_one() {
    struct Bad(Memory);
    impl ReadAt for Bad {
        fn size(&self) -> u64 {
            self.0.size()
        }
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
            if offset > 100_000 {
                return Err(ReadError::Unreadable {
                    offset,
                    length: buf.len() as u64,
                    cause: SystemError {
                        kind: io::ErrorKind::Other,
                        os_error: Some(5),
                    },
                });
            }
            self.0.read_at(offset, buf)
        }
    }
    let noise = noise(700_000);
    for (packed, packing) in [(gzip(&noise), Packing::Gzip), (zstd(&noise), Packing::Zstd)] {
        assert!(packed.len() > 600_000);
        let error = unpack(
            &Bad(Memory::new(packed)),
            packing,
            BUDGET,
            &Progress::default(),
        )
        .unwrap_err();
        assert!(matches!(error, UnpackError::Unreadable(_)), "{error:?}");
    }
}

#[test]
fn what_asks_for_too_much_memory_is_refused() {
    // A frame header without content size, window descriptor 0x98: 2^(10 + 19) bytes.
    let header = [&ZSTD[..], &[0x00, 0x98, 0, 0, 0]].concat();
    let refused = UnpackError::Window {
        packing: Packing::Zstd,
        most: MOST_WINDOW,
    };
    assert_eq!(with(&header, BUDGET).unwrap_err(), refused);
    let dictionary = [&ZSTD[..], &[0x01, 0x48, 77, 0, 0]].concat();
    let refused = UnpackError::Dictionary { id: 77 };
    assert_eq!(with(&dictionary, BUDGET).unwrap_err(), refused);
}

/// Made by `xz -9e` of 100,000 zeros and `x`.
const XZ: &str = "fd377a585a000004e6d6b446020021011c00000010cf58cce186a000555d00006ffdffffa3b7ff473e481572396151b89228e6a38607f9eee41e82d32fc53a3c014bb17ec98a8a4d2fa30dd97fa6e38c231153e05918c5758ae277f8b6947f0c6ac0de744964e2e95c53b204d6b1f5e65d80000000000000a028bce7eaf75008000171a18d060000cbaed255b1c467fb020000000004595a";

/// An .xz stream in which there is nothing.
#[cfg(feature = "xz")]
const EMPTY_XZ: [u8; 32] = [
    0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x04, 0xe6, 0xd6, 0xb4, 0x46, 0x00, 0x00, 0x00, 0x00,
    0x1c, 0xdf, 0x44, 0x21, 0x1f, 0xb6, 0xf3, 0x7d, 0x01, 0x00, 0x00, 0x00, 0x00, 0x04, 0x59, 0x5a,
];

fn xz() -> Vec<u8> {
    let digits = XZ.as_bytes().chunks(2);
    digits
        .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
        .collect()
}

#[cfg(not(feature = "xz"))]
#[test]
fn xz_is_named_where_it_is_not_built_in() {
    let error = with(&xz(), BUDGET).unwrap_err();
    assert_eq!(error, UnpackError::NotBuilt(Packing::Xz));
}

#[cfg(feature = "xz")]
#[test]
fn xz_is_unpacked() {
    let mut card = vec![0; 100_000];
    card.push(b'x');
    let packed = xz();
    assert!(unpacked(&packed) == card);
    assert!(unpacked(&[&packed[..], &[0; 512]].concat()) == card);
    assert_eq!(unpacked(&[&packed[..], &packed].concat()).len(), 200_002);
    let padded = [&packed[..], &[0; 512], &packed].concat();
    assert_eq!(unpacked(&padded).len(), 200_002);
    assert_eq!(
        flaw(&[&packed[..], &[0; 512], b"x"].concat()),
        PackingFlaw::Trailing
    );
    assert_eq!(flaw(&EMPTY_XZ.repeat(10_000)), PackingFlaw::Parts);
    for length in 6..packed.len() {
        assert_eq!(flaw(&packed[..length]), PackingFlaw::CutShort, "{length}");
    }
    for at in 6..packed.len() {
        let mut bad = packed.clone();
        bad[at] ^= 0x10;
        assert!(with(&bad, BUDGET).is_err(), "{at}");
    }
    let budget = 4095;
    let too_large = UnpackError::TooLarge { budget };
    assert_eq!(with(&packed, budget).unwrap_err(), too_large);
}

/// A frame of one block that says: so many bytes, all of them zero. Ten bytes of a file for 128 KiB.
const ZEROS: [u8; 10] = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x38, 0x03, 0, 0x10, 0];

/// What a bomb comes to: an answer within its limits, or a refusal that says why; never more memory than
/// allowed, and soon.
#[test]
fn bombs_of_every_kind_are_bounded() {
    let budget = 1 << 16;
    let size = |bytes: &[u8]| with(bytes, budget).map(|pages| (pages.size(), pages.kept()));
    // Zeros take no memory, whatever packed them; a member in a member is not unpacked twice.
    let zeros = vec![0; 8 << 20];
    assert_eq!(size(&gzip(&zeros)), Ok((8 << 20, 0)));
    assert_eq!(size(&ZEROS.repeat(64)), Ok((8 << 20, 0)));
    let inner = gzip(&zeros);
    let (nested, kept) = size(&gzip(&inner)).unwrap();
    assert_eq!(nested, inner.len() as u64);
    assert!(kept <= budget);
    // Data is refused at the budget, after as much of it as that.
    let noise = noise(1 << 20);
    for packed in [gzip(&noise), zstd(&noise)] {
        assert_eq!(size(&packed), Err(UnpackError::TooLarge { budget }));
    }
    // Members and frames without anything in them, and frames to be skipped, up to a number.
    let member = gzip(&[]);
    assert_eq!(size(&member.repeat(MOST_PARTS as usize)), Ok((0, 0)));
    assert_eq!(flaw(&member.repeat(100_000)), PackingFlaw::Parts);
    let skipped = [&ZSTD[..], &[0, 0x38, 1, 0, 0]].concat();
    let skippable = [
        &skipped[..],
        &[0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0].repeat(100_000),
    ]
    .concat();
    assert_eq!(flaw(&skippable), PackingFlaw::Parts);
    // A member for each 16 KiB is fine, however many there are: bgzip writes one for each 64 KiB.
    let block = gzip(&[0; PART_BYTES as usize]);
    assert_eq!(size(&block.repeat(10_000)), Ok((10_000 * PART_BYTES, 0)));
    // One that says that 4 GiB are to be skipped ends where its file does.
    let long = [
        &skipped[..],
        &[0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff],
    ]
    .concat();
    assert_eq!(flaw(&long), PackingFlaw::CutShort);
}

#[test]
fn what_is_only_skipped_can_be_stopped() {
    let mut frames = [&ZSTD[..], &[0, 0x38, 1, 0, 0]].concat();
    frames.extend([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0].repeat(1 << 20));
    let members = gzip(&[]).repeat(400_000);
    for (bomb, packing) in [(frames, Packing::Zstd), (members, Packing::Gzip)] {
        let stop = AtomicBool::new(true);
        let stopped = unpack(
            &Memory::new(bomb),
            packing,
            BUDGET,
            &Progress::stopped_by(&stop),
        );
        assert_eq!(stopped.unwrap_err(), UnpackError::Stopped);
    }
}

#[test]
fn of_what_is_cut_short_all_that_is_there_comes_back() {
    let card = card();
    let mut all = vec![(Packing::Gzip, gzip(&card)), (Packing::Zstd, zstd(&card))];
    if cfg!(feature = "xz") {
        all.push((Packing::Xz, xz()));
    }
    for (packing, whole) in all {
        let original = unpacked_as(&whole, packing);
        let mut before = 0;
        for percent in [20, 50, 90, 99] {
            let cut = Memory::new(whole[..whole.len() * percent / 100].to_vec());
            let part = unpack_damaged(&cut, packing, BUDGET, &Progress::default()).unwrap();
            let cut_short = UnpackError::Broken {
                packing,
                offset: cut.size(),
                unpacked: part.pages.size(),
                flaw: PackingFlaw::CutShort,
            };
            assert_eq!(part.flaw, Some(cut_short), "{packing:?} {percent}");
            assert!(part.pages.size() >= before, "{packing:?} {percent}");
            before = part.pages.size();
            let mut there = vec![0; before as usize];
            part.pages.read_at(0, &mut there).unwrap();
            assert!(there == original[..there.len()], "{packing:?} {percent}");
        }
        assert!(
            packing == Packing::Xz || before > 130_000,
            "{packing:?} {before}"
        );
    }
    // A frame of zstd says how long it is to be.
    let frame = zstd(&card);
    let cut = Memory::new(frame[..frame.len() / 2].to_vec());
    let part = unpack_damaged(&cut, Packing::Zstd, BUDGET, &Progress::default()).unwrap();
    assert!(part.size.is_none_or(|size| size == card.len() as u64));
    // So do the last bytes of gzip, where only what lies before is damaged: there is no block of this type.
    let card = &card[..299_520];
    let mut packed = gzip(card);
    packed[10..40].fill(0xff);
    let packed = Memory::new(packed);
    let part = unpack_damaged(&packed, Packing::Gzip, BUDGET, &Progress::default()).unwrap();
    let flaw = PackingFlaw::Corrupt;
    assert!(matches!(part.flaw, Some(UnpackError::Broken { flaw: found, .. }) if found == flaw));
    assert_eq!((part.pages.size(), part.size), (0, Some(299_520)));
}

fn unpacked_as(bytes: &[u8], packing: Packing) -> Vec<u8> {
    let memory = Memory::new(bytes.to_vec());
    let pages = unpack(&memory, packing, BUDGET, &Progress::default()).unwrap();
    let mut bytes = vec![0; pages.size() as usize];
    pages.read_at(0, &mut bytes).unwrap();
    bytes
}
