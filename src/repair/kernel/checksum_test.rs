//! Tests batches of candidates: which of them has the id or the checksum.
//!
//! A batch is a slice of rows; a row holds those words of a message that differ between candidates,
//! big-endian as SHA-256 reads them. Two kernels do the same work: one calls the compression
//! function of `sha2`, which uses the SHA instructions where the processor has them; the other
//! computes sixteen candidates at a time with AVX-512.

use sha2::block_api::compress256;
use zeroize::{Zeroize, Zeroizing};

#[cfg(target_arch = "x86_64")]
use super::avx512;
use crate::backup::Id;

/// How candidates are tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// One at a time, everywhere.
    Portable,
    /// Sixteen at a time, with AVX-512.
    Avx512,
}

impl Kernel {
    /// The fastest this machine has.
    pub fn best() -> Self {
        Self::Avx512.or_present()
    }

    /// This kernel if the machine has it, else the portable one.
    pub fn or_present(self) -> Self {
        #[cfg(target_arch = "x86_64")]
        if self == Self::Avx512 && avx512::is_present() {
            return self;
        }
        Self::Portable
    }
}

/// Tests rows of `W` words.
pub(in crate::repair) trait Test<const W: usize>: Sync {
    /// The first row that passes, and which of the targets it has.
    fn first(&self, kernel: Kernel, rows: &[[u32; W]]) -> Option<(usize, usize)>;
}

/// SHA-256 of nothing yet.
const INITIAL: [u32; 8] = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/// The state after the inner pad of the key `backup`.
pub(super) const INNER: [u32; 8] = [
    0xce8f7941, 0x6015873e, 0xbb03b7c9, 0x2e5d0351, 0x529931a0, 0xbb2da7aa, 0x2a01b2b5, 0x62574e37,
];

/// The state after the outer pad of the key `backup`.
pub(super) const OUTER: [u32; 8] = [
    0x87b9179a, 0x7c69f6bb, 0x8d9aae30, 0x0935b68b, 0x538e62b8, 0xe5bcd113, 0x2283d6a7, 0xba4e910e,
];

/// What follows 32 bytes of a message that stand after one whole block: a one bit, zeros, and the
/// length of 96 bytes in bits.
pub(super) const PADDING: [u32; 8] = [0x8000_0000, 0, 0, 0, 0, 0, 0, 768];

/// The bits of word 33 of a padded message of 133 bytes that are padding.
pub(super) const LAST_BITS: u32 = 0x00ff_ffff;

/// Tests whether a row, all eight words of a seed field, has one of some ids.
pub(in crate::repair) struct IdTest {
    ids: Vec<[u32; 8]>,
    /// The last words of the ids.
    lasts: Vec<u32>,
}

impl IdTest {
    pub(in crate::repair) fn new(ids: &[Id]) -> Self {
        let ids: Vec<_> = ids.iter().map(|id| words(&id.0)).collect();
        Self {
            lasts: ids.iter().map(|id| id[7]).collect(),
            ids,
        }
    }

    /// Which of the ids this row has.
    fn one(&self, row: &[u32; 8]) -> Option<usize> {
        let mut state = INNER;
        compress(&mut state, row, &PADDING);
        let inner = state;
        state = OUTER;
        compress(&mut state, &inner, &PADDING);
        self.ids.iter().position(|id| *id == state)
    }
}

impl Test<8> for IdTest {
    fn first(&self, kernel: Kernel, rows: &[[u32; 8]]) -> Option<(usize, usize)> {
        #[cfg(target_arch = "x86_64")]
        if kernel.or_present() == Kernel::Avx512 {
            return first_by_groups(
                rows,
                |groups| avx512::ids(&self.lasts, groups),
                |row| self.one(row),
            );
        }
        let _ = kernel;
        first_of(rows, |row| self.one(row))
    }
}

/// Tests whether a row, the changing words of 133 bytes, has nearly a checksum. Wiped on drop.
pub(in crate::repair) struct ChecksumTest {
    pub(super) sum: [u32; 8],
    /// Which bits of it are known.
    pub(super) mask: [u32; 8],
    pub(super) distance: u32,
    /// The state after the blocks before the first that changes.
    pub(super) midstate: [u32; 8],
    /// The first block that changes: 0, 1 or 2.
    pub(super) block: usize,
    /// The padded message as most likely, three blocks.
    pub(super) message: [u32; 48],
    /// Which word stands in each column of a row.
    pub(super) columns: Vec<usize>,
}

impl Drop for ChecksumTest {
    fn drop(&mut self) {
        self.message.zeroize();
        self.midstate.zeroize();
    }
}

impl ChecksumTest {
    /// A test of messages of 34 words (133 bytes and zeros) whose `columns` are words that change.
    ///
    /// `sum` is the checksum, and which bits of it are known.
    pub(in crate::repair) fn new(
        words_of: &[u32],
        columns: &[usize],
        sum: &([u8; 32], [u8; 32]),
        distance: u32,
    ) -> Self {
        let mut message = [0; 48];
        for (to, from) in message.iter_mut().zip(words_of) {
            *to = *from;
        }
        message[33] = message[33] & !LAST_BITS | 0x0080_0000;
        message[47] = 133 * 8;
        let block = columns.iter().min().map_or(2, |word| (word / 16).min(2));
        let mut midstate = INITIAL;
        for before in 0..block {
            compress_block(&mut midstate, &message, before);
        }
        Self {
            sum: words(&sum.0),
            mask: words(&sum.1),
            distance,
            midstate,
            block,
            message,
            columns: columns.to_vec(),
        }
    }
}

impl ChecksumTest {
    /// A test of one row after the other; it keeps a message of its own.
    fn one<const W: usize>(&self) -> impl FnMut(&[u32; W]) -> Option<usize> {
        let mut message = Zeroizing::new(self.message);
        move |row| {
            for (&word, &value) in self.columns.iter().zip(row) {
                message[word] = value;
            }
            message[33] |= self.message[33] & LAST_BITS; // padding stands in a word that may change
            let mut state = self.midstate;
            for block in self.block..3 {
                compress_block(&mut state, &message, block);
            }
            let differ = state.iter().zip(&self.sum).zip(&self.mask);
            let distance: u32 = differ
                .map(|((a, b), mask)| ((a ^ b) & mask).count_ones())
                .sum();
            (distance <= self.distance).then_some(0)
        }
    }
}

impl<const W: usize> Test<W> for ChecksumTest {
    fn first(&self, kernel: Kernel, rows: &[[u32; W]]) -> Option<(usize, usize)> {
        #[cfg(target_arch = "x86_64")]
        if kernel.or_present() == Kernel::Avx512 {
            return first_by_groups(rows, |groups| avx512::checksums(self, groups), self.one());
        }
        let _ = kernel;
        first_of(rows, self.one())
    }
}

/// Fewer rows than this are tested one by one: sixteen at a time take as long as about five.
#[cfg(target_arch = "x86_64")]
const WORTH_LANES: usize = 6;

/// The first row that passes, where `may_pass` names the first group with such a row, if any.
#[cfg(target_arch = "x86_64")]
fn first_by_groups<const W: usize>(
    rows: &[[u32; W]],
    may_pass: impl Fn(&[avx512::Group<W>]) -> Option<usize>,
    mut one: impl FnMut(&[u32; W]) -> Option<usize>,
) -> Option<(usize, usize)> {
    let (groups, rest) = rows.as_chunks::<16>();
    let mut from = 0;
    while let Some(found) = may_pass(&groups[from..]) {
        let group = from + found;
        if let Some((row, target)) = first_of(&groups[group], &mut one) {
            return Some((16 * group + row, target));
        }
        from = group + 1;
    }
    if rest.len() >= WORTH_LANES {
        let mut group = Zeroizing::new([[0; W]; 16]);
        group[..rest.len()].copy_from_slice(rest);
        may_pass(std::slice::from_ref(&*group))?;
    }
    let (row, target) = first_of(rest, one)?;
    Some((16 * groups.len() + row, target))
}

fn first_of<const W: usize>(
    rows: &[[u32; W]],
    mut test: impl FnMut(&[u32; W]) -> Option<usize>,
) -> Option<(usize, usize)> {
    let mut each = rows.iter().enumerate();
    each.find_map(|(at, row)| Some((at, test(row)?)))
}

fn words(bytes: &[u8; 32]) -> [u32; 8] {
    std::array::from_fn(|at| {
        let byte = |next| u32::from(bytes[4 * at + next]);
        byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3)
    })
}

fn compress(state: &mut [u32; 8], first: &[u32; 8], second: &[u32; 8]) {
    let mut block = [0; 64];
    for (to, from) in block.chunks_exact_mut(4).zip(first.iter().chain(second)) {
        to.copy_from_slice(&from.to_be_bytes());
    }
    compress256(state, &[block]);
}

pub(super) fn compress_block(state: &mut [u32; 8], message: &[u32; 48], block: usize) {
    let words = &message[16 * block..16 * block + 16];
    let mut bytes = [0; 64];
    for (to, from) in bytes.chunks_exact_mut(4).zip(words) {
        to.copy_from_slice(&from.to_be_bytes());
    }
    compress256(state, &[bytes]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::Seed;
    use crate::repair::search::tests::Dice;
    use sha2::{Digest, Sha256};

    /// The kernels of this machine.
    fn kernels() -> Vec<Kernel> {
        if Kernel::best() == Kernel::Portable {
            eprintln!("SKIPPED: no AVX-512 here, so its kernel is not tested");
            return vec![Kernel::Portable];
        }
        vec![Kernel::Portable, Kernel::Avx512]
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

    fn row<const W: usize>(dice: &mut Dice) -> [u32; W] {
        std::array::from_fn(|_| dice.roll() as u32)
    }

    #[test]
    fn the_id_of_every_row_is_found() {
        let mut dice = Dice(5);
        for count in [1, 5, 6, 15, 16, 17, 31, 48, 61] {
            let rows: Vec<[u32; 8]> = (0..count).map(|_| row(&mut dice)).collect();
            for (at, row) in rows.iter().enumerate() {
                let bytes: Vec<u8> = row.iter().flat_map(|word| word.to_be_bytes()).collect();
                let id = Seed::new(&bytes.try_into().unwrap(), 32).unwrap().id();
                // Ids that end as this one does are no ids of it.
                let mut like = id;
                like.0[0] ^= 1;
                for kernel in kernels() {
                    let found = IdTest::new(&[like, id]).first(kernel, &rows);
                    assert_eq!(found, Some((at, 1)), "{kernel:?}, {count} rows");
                    assert_eq!(IdTest::new(&[like]).first(kernel, &rows), None);
                }
            }
        }
    }

    fn checksums_of_width<const W: usize>(columns: &[usize], dice: &mut Dice) {
        let mut bytes = dice.bytes(136);
        bytes[133..].fill(0);
        let base: Vec<u32> = bytes
            .chunks(4)
            .map(|four| u32::from_be_bytes(four.try_into().unwrap()))
            .collect();
        let mut rows: Vec<[u32; W]> = (0..39).map(|_| row(dice)).collect();
        for row in &mut rows {
            for (at, word) in row.iter_mut().enumerate() {
                *word &= if columns.get(at) == Some(&33) {
                    0xff00_0000
                } else {
                    !0
                };
            }
        }
        for (at, row) in rows.iter().enumerate() {
            let mut message = base.clone();
            for (&column, &word) in columns.iter().zip(row) {
                message[column] = word;
            }
            let bytes: Vec<u8> = message.iter().flat_map(|word| word.to_be_bytes()).collect();
            let mut sum: [u8; 32] = Sha256::digest(&bytes[..133]).into();
            for distance in [0, 1, 7, 40] {
                let bits = usize::try_from(distance).unwrap();
                (0..bits).for_each(|bit| sum[bit * 5 % 32] ^= 1 << (bit / 32 * 3 + bit % 3));
                let apart = Sha256::digest(&bytes[..133])
                    .iter()
                    .zip(&sum)
                    .map(|(a, b)| (a ^ b).count_ones())
                    .sum::<u32>();
                for kernel in kernels() {
                    let found = |distance| {
                        ChecksumTest::new(&base, columns, &(sum, [0xFF; 32]), distance)
                            .first(kernel, &rows)
                    };
                    assert_eq!(found(apart), Some((at, 0)), "{kernel:?}, {columns:?}");
                    if let Some(less) = apart.checked_sub(1) {
                        assert_eq!(found(less), None, "{kernel:?}, {columns:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_checksum_of_every_row_is_found_up_to_its_distance() {
        let mut dice = Dice(6);
        checksums_of_width::<8>(&[18, 19, 20, 21, 22, 23, 24, 25], &mut dice);
        checksums_of_width::<8>(&[32, 33], &mut dice);
        checksums_of_width::<8>(&[3, 17, 33], &mut dice);
        checksums_of_width::<16>(&(15..26).collect::<Vec<_>>(), &mut dice);
        checksums_of_width::<16>(&(18..34).collect::<Vec<_>>(), &mut dice);
        checksums_of_width::<40>(&(0..34).collect::<Vec<_>>(), &mut dice);
    }

    #[test]
    fn every_distance_passes_at_the_greatest() {
        let test = ChecksumTest::new(&[1; 34], &[20], &([9; 32], [0xFF; 32]), 256);
        for kernel in kernels() {
            assert_eq!(test.first(kernel, &[[0; 8]; 20]), Some((0, 0)));
        }
    }
}
