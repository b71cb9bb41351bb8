//! Both kernels against HMAC and SHA-256 as libraries compute them.

use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

use super::sha256::{INITIAL, INNER, OUTER};
use super::stretch::{Width, stretch};
use super::*;
use crate::backup::{Seed, Words};
use crate::repair::test_random::Random;

/// The kernels of this machine.
fn kernels() -> Vec<Kernel> {
    if Kernel::best() == Kernel::Portable {
        return vec![Kernel::Portable];
    }
    vec![Kernel::Portable, Kernel::Avx512]
}

#[test]
#[ignore = "needs a processor with AVX-512; .ci/full runs it"]
fn every_kernel_is_tested_here() {
    assert_eq!(kernels(), [Kernel::Portable, Kernel::Avx512]);
    assert!(Width::Eight.is_present() && Width::Four.is_present());
}

#[test]
fn pads_are_of_the_key() {
    for (pad, state) in [(0x36, INNER), (0x5c, OUTER)] {
        let mut block = [pad; 64];
        for (to, key) in block.iter_mut().zip(b"backup") {
            *to ^= key;
        }
        let mut made = INITIAL;
        compress256(&mut made, &[block]);
        assert_eq!(made, state);
    }
}

fn row<const W: usize>(random: &mut Random) -> [u32; W] {
    std::array::from_fn(|_| random.next_u64() as u32)
}

#[test]
fn the_id_of_every_row_is_found() {
    let mut random = Random(5);
    for count in [1, 5, 6, 15, 16, 17, 31, 48, 61] {
        let rows: Vec<[u32; 8]> = (0..count).map(|_| row(&mut random)).collect();
        for (at, row) in rows.iter().enumerate() {
            let bytes: Vec<u8> = row.iter().flat_map(|word| word.to_be_bytes()).collect();
            let id = Seed::new(&bytes.try_into().unwrap(), 32).unwrap().id();
            // An ID that only ends as this one does is not found.
            let mut like = id;
            like.0[0] ^= 1;
            for kernel in kernels() {
                let found = IdTest::new(&[like, id]).find_first(kernel, &rows);
                assert_eq!(found, Some((at, 1)), "{kernel:?}, {count} rows");
                assert_eq!(IdTest::new(&[like]).find_first(kernel, &rows), None);
            }
        }
    }
}

fn test_checksums_of_width<const W: usize>(columns: &[usize], random: &mut Random) {
    let mut bytes = random.bytes(136);
    bytes[133..].fill(0);
    let base: Vec<u32> = bytes
        .chunks(4)
        .map(|four| u32::from_be_bytes(four.try_into().unwrap()))
        .collect();
    let mut rows: Vec<[u32; W]> = (0..39).map(|_| row(random)).collect();
    for (at, word) in rows.iter_mut().flat_map(|row| row.iter_mut().enumerate()) {
        if columns.get(at) == Some(&33) {
            *word &= 0xff00_0000;
        }
    }
    for (at, row) in rows.iter().enumerate() {
        let mut message = base.clone();
        for (&column, &word) in columns.iter().zip(row) {
            message[column] = word;
        }
        let bytes: Vec<u8> = message.iter().flat_map(|word| word.to_be_bytes()).collect();
        test_distances(&base, columns, &rows, at, &bytes[..133]);
    }
}

/// Finds a row by its checksum with more and more bits flipped, and not when one flip less is
/// allowed.
fn test_distances<const W: usize>(
    base: &[u32],
    columns: &[usize],
    rows: &[[u32; W]],
    at: usize,
    message: &[u8],
) {
    let mut sum: [u8; 32] = Sha256::digest(message).into();
    for flips in [0, 1, 7, 40] {
        (0..flips).for_each(|bit| sum[bit * 5 % 32] ^= 1 << (bit / 32 * 3 + bit % 3));
        let apart = Sha256::digest(message)
            .iter()
            .zip(&sum)
            .map(|(a, b)| (a ^ b).count_ones())
            .sum::<u32>();
        for kernel in kernels() {
            let found = |distance| {
                ChecksumTest::new(base, columns, &(sum, [0xFF; 32]), distance)
                    .find_first(kernel, rows)
            };
            assert_eq!(found(apart), Some((at, 0)), "{kernel:?}, {columns:?}");
            if let Some(less) = apart.checked_sub(1) {
                assert_eq!(found(less), None, "{kernel:?}, {columns:?}");
            }
        }
    }
}

#[test]
fn the_checksum_of_every_row_is_found_up_to_its_distance() {
    let mut random = Random(6);
    test_checksums_of_width::<8>(&[18, 19, 20, 21, 22, 23, 24, 25], &mut random);
    test_checksums_of_width::<8>(&[32, 33], &mut random);
    test_checksums_of_width::<8>(&[3, 17, 33], &mut random);
    test_checksums_of_width::<16>(&(15..26).collect::<Vec<_>>(), &mut random);
    test_checksums_of_width::<16>(&(18..34).collect::<Vec<_>>(), &mut random);
    test_checksums_of_width::<40>(&(0..34).collect::<Vec<_>>(), &mut random);
}

#[test]
fn every_row_passes_at_the_greatest_distance() {
    let test = ChecksumTest::new(&[1; 34], &[20], &([9; 32], [0xFF; 32]), 256);
    for kernel in kernels() {
        assert_eq!(test.find_first(kernel, &[[0; 8]; 20]), Some((0, 0)));
    }
}

#[test]
fn words_are_stretched_alike_at_every_width() {
    let mut random = Random(7);
    for (count, passphrase) in [
        (1, ""),
        (2, ""),
        (3, ""),
        (19, "one for all"),
        (5, "für alle"),
    ] {
        let lengths = [16, 24, 32].into_iter().cycle().take(count);
        let words = lengths.map(|length| {
            let mut bytes = [0; 32];
            bytes[..length].copy_from_slice(&random.bytes(length));
            Words::of(&Seed::new(&bytes, length as u32).unwrap()).unwrap()
        });
        let words: Vec<_> = words.collect();
        let expected: Vec<_> = words.iter().map(|one| one.stretched(passphrase)).collect();
        for width in [Width::Eight, Width::Four, Width::One] {
            let made = stretch(width, &words, passphrase);
            assert!(made == expected, "{width:?}, {count}, {passphrase}");
        }
    }
}
