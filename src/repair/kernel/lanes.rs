//! Computes SHA-256 or SHA-512 of several messages at once, one in each lane, for any kind of lanes.
//!
//! The macros expand to straight-line code in which every word is a variable of its own. So the
//! compiler folds constants (padding, pads of a key) and drops unused results (the last rounds,
//! where one word of the digest is enough). What sets the two hashes apart must be in scope where
//! the macros expand: `add`, `splat`, `choose`, `majority`, the sums `upper_sigma_0`, `upper_sigma_1`,
//! `lower_sigma_0` and `lower_sigma_1` (FIPS 180-4, 4.1), and the constants of the rounds `K`.

use zeroize::Zeroizing;

/// How often PBKDF2 of BIP-39 makes the HMAC.
pub(super) const ROUNDS: usize = 2048;

/// The eight words of a state of SHA-512, each of `N` candidates.
pub(super) type States<const N: usize> = Zeroizing<[[u64; N]; 8]>;

/// The constants of the rounds of SHA-256 (FIPS 180-4, 4.2.2).
#[rustfmt::skip]
pub(super) const K_256: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/// The constants of the rounds of SHA-512 (FIPS 180-4, 4.2.3).
#[rustfmt::skip]
pub(super) const K_512: [u64; 80] = [
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
];

/// One round. Its variables stay in place, so the next round names them shifted by one.
macro_rules! round {
    ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $w:expr, $k:expr) => {
        let sum = add(upper_sigma_1($e), choose($e, $f, $g));
        let first = add(add(add($w, splat($k)), $h), sum);
        $d = add($d, first);
        $h = add(first, add(upper_sigma_0($a), majority($a, $b, $c)));
    };
}
pub(super) use round;

/// Eight rounds, after which every variable is at its first place again.
macro_rules! eight_rounds {
    ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $w:ident, $k:literal) => {
        lanes::round!($a $b $c $d $e $f $g $h, $w[$k % 16], K[$k]);
        lanes::round!($h $a $b $c $d $e $f $g, $w[$k % 16 + 1], K[$k + 1]);
        lanes::round!($g $h $a $b $c $d $e $f, $w[$k % 16 + 2], K[$k + 2]);
        lanes::round!($f $g $h $a $b $c $d $e, $w[$k % 16 + 3], K[$k + 3]);
        lanes::round!($e $f $g $h $a $b $c $d, $w[$k % 16 + 4], K[$k + 4]);
        lanes::round!($d $e $f $g $h $a $b $c, $w[$k % 16 + 5], K[$k + 5]);
        lanes::round!($c $d $e $f $g $h $a $b, $w[$k % 16 + 6], K[$k + 6]);
        lanes::round!($b $c $d $e $f $g $h $a, $w[$k % 16 + 7], K[$k + 7]);
    };
}
pub(super) use eight_rounds;

/// The next words of the message schedule, each in the place of the one sixteen before it.
macro_rules! schedule {
    ($w:ident, $($at:literal)*) => {
        $(
            let (early, late) = ($w[($at + 1) % 16], $w[($at + 14) % 16]);
            $w[$at] = add(
                add($w[$at], $w[($at + 9) % 16]),
                add(lower_sigma_0(early), lower_sigma_1(late)),
            );
        )*
    };
}
pub(super) use schedule;

/// Sixteen rounds, with the words of the schedule they need.
macro_rules! sixteen_rounds {
    ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $w:ident, $k:literal, $next:literal) => {
        lanes::schedule!($w, 0 1 2 3 4 5 6 7);
        lanes::eight_rounds!($a $b $c $d $e $f $g $h, $w, $k);
        lanes::schedule!($w, 8 9 10 11 12 13 14 15);
        lanes::eight_rounds!($a $b $c $d $e $f $g $h, $w, $next);
    };
}
pub(super) use sixteen_rounds;

/// The state after one block: eight vectors, from eight of the state before and sixteen of the
/// block. The rounds behind the first sixteen are told apart by their numbers, eight and eight.
macro_rules! compress {
    ($state:expr, $words:expr, $($k:literal $next:literal),*) => {{
        let state = $state;
        let mut w = $words;
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
        lanes::eight_rounds!(a b c d e f g h, w, 0);
        lanes::eight_rounds!(a b c d e f g h, w, 8);
        $(lanes::sixteen_rounds!(a b c d e f g h, w, $k, $next);)*
        [
            add(state[0], a),
            add(state[1], b),
            add(state[2], c),
            add(state[3], d),
            add(state[4], e),
            add(state[5], f),
            add(state[6], g),
            add(state[7], h),
        ]
    }};
}
pub(super) use compress;

/// The state after a block of SHA-256, which has 64 rounds.
macro_rules! compress_256 {
    ($state:expr, $words:expr) => {
        lanes::compress!($state, $words, 16 24, 32 40, 48 56)
    };
}
pub(super) use compress_256;

/// The state after a block of SHA-512, which has 80 rounds.
macro_rules! compress_512 {
    ($state:expr, $words:expr) => {
        lanes::compress!($state, $words, 16 24, 32 40, 48 56, 64 72)
    };
}
pub(super) use compress_512;

/// PBKDF2 of as many candidates as a vector has words, with a feature of the processor. What [`compress_512`] needs must
/// be in scope, and `LANES`, `is_present` and `xor`; `$load` and `$store` need no alignment.
macro_rules! stretch_kernel {
    ($feature:literal, $vector:ty, $load:ident, $store:ident) => {
        /// What PBKDF2 makes of a first HMAC; `inner` and `outer` are the states after the pads of the key.
        pub(super) fn repeat(
            [inner, outer]: [&States<LANES>; 2],
            first: &States<LANES>,
        ) -> Option<States<LANES>> {
            if !is_present() {
                return None;
            }
            // SAFETY: the feature is present.
            Some(unsafe { repeat_by_lanes([inner, outer], first) })
        }

        #[target_feature(enable = $feature)]
        fn repeat_by_lanes(
            [inner, outer]: [&States<LANES>; 2],
            first: &States<LANES>,
        ) -> States<LANES> {
            let mut secrets = [[splat(0); 8]; 4];
            for (secret, from) in secrets.iter_mut().zip([inner, outer, first, first]) {
                for (to, words) in secret.iter_mut().zip(from.iter()) {
                    *to = load(words);
                }
            }
            let [inner, outer, last, sum] = &mut secrets;
            for _ in 1..ROUNDS {
                *last = compress(*outer, compress(*inner, *last));
                for (sum, last) in sum.iter_mut().zip(*last) {
                    *sum = xor(*sum, last);
                }
            }
            let mut made = Zeroizing::new([[0; LANES]; 8]);
            for (to, word) in made.iter_mut().zip(*sum) {
                store(to, word);
            }
            secrets = [[splat(0); 8]; 4];
            std::hint::black_box(&secrets);
            made
        }

        /// The state after a block of 64 bytes and the padding of a message of 192: the pad of a key is before it.
        #[inline(never)]
        #[target_feature(enable = $feature)]
        fn compress(state: [$vector; 8], [a, b, c, d, e, f, g, h]: [$vector; 8]) -> [$vector; 8] {
            let (one, none, length) = (splat(1 << 63), splat(0), splat(192 * 8));
            let words = [
                a, b, c, d, e, f, g, h, one, none, none, none, none, none, none, length,
            ];
            lanes::compress_512!(state, words)
        }

        #[inline]
        #[target_feature(enable = $feature)]
        fn load(words: &[u64; LANES]) -> $vector {
            // SAFETY: the reference is valid for the bytes of a vector, and the load may be unaligned.
            unsafe { $load(words.as_ptr().cast()) }
        }

        #[inline]
        #[target_feature(enable = $feature)]
        fn store(to: &mut [u64; LANES], vector: $vector) {
            // SAFETY: the reference is valid for the bytes of a vector, and the store may be unaligned.
            unsafe { $store(to.as_mut_ptr().cast(), vector) }
        }
    };
}
pub(super) use stretch_kernel;

#[cfg(test)]
mod tests {
    use super::super::lanes;
    use super::super::sha256::compress_block;
    use super::K_256 as K;
    use crate::repair::test_random::Random;

    type Lanes = [u32; 4];

    fn each(of: impl FnMut(usize) -> u32) -> Lanes {
        std::array::from_fn(of)
    }

    fn add(a: Lanes, b: Lanes) -> Lanes {
        each(|at| a[at].wrapping_add(b[at]))
    }

    fn splat(word: u32) -> Lanes {
        [word; 4]
    }

    fn rotate<const BITS: u32>(a: Lanes) -> Lanes {
        a.map(|word| word.rotate_right(BITS))
    }

    fn shift<const BITS: u32>(a: Lanes) -> Lanes {
        a.map(|word| word >> BITS)
    }

    fn parity(a: Lanes, b: Lanes, c: Lanes) -> Lanes {
        each(|at| a[at] ^ b[at] ^ c[at])
    }

    fn upper_sigma_0(a: Lanes) -> Lanes {
        parity(rotate::<2>(a), rotate::<13>(a), rotate::<22>(a))
    }

    fn upper_sigma_1(a: Lanes) -> Lanes {
        parity(rotate::<6>(a), rotate::<11>(a), rotate::<25>(a))
    }

    fn lower_sigma_0(a: Lanes) -> Lanes {
        parity(rotate::<7>(a), rotate::<18>(a), shift::<3>(a))
    }

    fn lower_sigma_1(a: Lanes) -> Lanes {
        parity(rotate::<17>(a), rotate::<19>(a), shift::<10>(a))
    }

    fn choose(a: Lanes, b: Lanes, c: Lanes) -> Lanes {
        each(|at| a[at] & b[at] | !a[at] & c[at])
    }

    fn majority(a: Lanes, b: Lanes, c: Lanes) -> Lanes {
        each(|at| a[at] & b[at] | a[at] & c[at] | b[at] & c[at])
    }

    #[test]
    fn every_lane_is_sha_256() {
        let mut random = Random(11);
        for _ in 0..50 {
            let state: [Lanes; 8] = std::array::from_fn(|_| each(|_| random.next_u64() as u32));
            let words: [Lanes; 16] = std::array::from_fn(|_| each(|_| random.next_u64() as u32));
            let made = lanes::compress_256!(state, words);
            for lane in 0..4 {
                let mut expected = state.map(|word| word[lane]);
                let mut message = [0; 48];
                message[..16].copy_from_slice(&words.map(|word| word[lane]));
                compress_block(&mut expected, &message, 0);
                assert_eq!(made.map(|word| word[lane]), expected);
            }
        }
    }
}
