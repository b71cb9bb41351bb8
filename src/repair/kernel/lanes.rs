//! Computes SHA-256 of several messages at once, one in each lane, for any kind of lanes.
//!
//! The macros expand to straight-line code in which every word is a variable of its own. So the
//! compiler folds constants (padding, pads of a key) and drops unused results (the last rounds,
//! where one word of the digest is enough). These functions must be in scope where the macros
//! expand: `add`, `splat`, `rotate::<BITS>` and `shift::<BITS>` (to the right), `parity` (exclusive
//! or of three), `choose` and `majority`.

/// The constants of the rounds (FIPS 180-4, 4.2.2).
#[rustfmt::skip]
pub(super) const K: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/// One round. Its variables stay in place, so the next round names them shifted by one.
macro_rules! round {
    ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $w:expr, $k:expr) => {
        let sigma = parity(rotate::<6>($e), rotate::<11>($e), rotate::<25>($e));
        let first = add(add(add($w, splat($k)), $h), add(sigma, choose($e, $f, $g)));
        $d = add($d, first);
        let sigma = parity(rotate::<2>($a), rotate::<13>($a), rotate::<22>($a));
        $h = add(first, add(sigma, majority($a, $b, $c)));
    };
}
pub(super) use round;

/// Eight rounds, after which every variable is at its first place again.
macro_rules! eight_rounds {
    ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $w:ident, $k:literal) => {
        lanes::round!($a $b $c $d $e $f $g $h, $w[$k % 16], lanes::K[$k]);
        lanes::round!($h $a $b $c $d $e $f $g, $w[$k % 16 + 1], lanes::K[$k + 1]);
        lanes::round!($g $h $a $b $c $d $e $f, $w[$k % 16 + 2], lanes::K[$k + 2]);
        lanes::round!($f $g $h $a $b $c $d $e, $w[$k % 16 + 3], lanes::K[$k + 3]);
        lanes::round!($e $f $g $h $a $b $c $d, $w[$k % 16 + 4], lanes::K[$k + 4]);
        lanes::round!($d $e $f $g $h $a $b $c, $w[$k % 16 + 5], lanes::K[$k + 5]);
        lanes::round!($c $d $e $f $g $h $a $b, $w[$k % 16 + 6], lanes::K[$k + 6]);
        lanes::round!($b $c $d $e $f $g $h $a, $w[$k % 16 + 7], lanes::K[$k + 7]);
    };
}
pub(super) use eight_rounds;

/// The next words of the message schedule, each in the place of the one sixteen before it.
macro_rules! schedule {
    ($w:ident, $($at:literal)*) => {
        $(
            let early = $w[($at + 1) % 16];
            let late = $w[($at + 14) % 16];
            $w[$at] = add(
                add($w[$at], $w[($at + 9) % 16]),
                add(
                    parity(rotate::<7>(early), rotate::<18>(early), shift::<3>(early)),
                    parity(rotate::<17>(late), rotate::<19>(late), shift::<10>(late)),
                ),
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
/// block.
macro_rules! compress {
    ($state:expr, $words:expr) => {{
        let state = $state;
        let mut w = $words;
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
        lanes::eight_rounds!(a b c d e f g h, w, 0);
        lanes::eight_rounds!(a b c d e f g h, w, 8);
        lanes::sixteen_rounds!(a b c d e f g h, w, 16, 24);
        lanes::sixteen_rounds!(a b c d e f g h, w, 32, 40);
        lanes::sixteen_rounds!(a b c d e f g h, w, 48, 56);
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

#[cfg(test)]
mod tests {
    use super::super::lanes;
    use super::super::sha256::compress_block;
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
            let made = lanes::compress!(state, words);
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
