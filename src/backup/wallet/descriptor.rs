//! The checksum of an output descriptor (BIP-380).

/// What a descriptor may hold; a character's place is its value.
const INPUT: &[u8] = b"0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ";
/// What a checksum is written in.
const OUTPUT: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR: [u64; 5] = [
    0xf5_dee5_1989,
    0xa9_fdca_3312,
    0x1b_ab10_e32d,
    0x37_06b1_677a,
    0x64_4d62_6ffd,
];

/// The 8 characters that stand behind `#`, or `None` if the text has one no descriptor has.
pub fn checksum(descriptor: &str) -> Option<String> {
    let mut sum = 1;
    // The high parts of three characters are one more symbol.
    let (mut group, mut in_group) = (0_u64, 0_u8);
    for character in descriptor.bytes() {
        let place = INPUT.iter().position(|known| *known == character)?;
        let place = u64::try_from(place).ok()?;
        sum = step(sum, place & 31);
        group = group.wrapping_mul(3).wrapping_add(place >> 5);
        in_group = in_group.wrapping_add(1);
        if in_group == 3 {
            sum = step(sum, group);
            (group, in_group) = (0, 0);
        }
    }
    if in_group > 0 {
        sum = step(sum, group);
    }
    for _ in 0..8 {
        sum = step(sum, 0);
    }
    sum ^= 1;
    let digits = (0..8_u32).map(|place| {
        let shift = 35_u32.wrapping_sub(place.wrapping_mul(5));
        let value = usize::try_from(sum >> shift & 31).ok()?;
        OUTPUT.get(value).copied().map(char::from)
    });
    digits.collect()
}

fn step(sum: u64, value: u64) -> u64 {
    let top = sum >> 35;
    let mut sum = (sum & 0x7_ffff_ffff) << 5 ^ value;
    for (bit, generator) in GENERATOR.iter().enumerate() {
        if top >> bit & 1 == 1 {
            sum ^= generator;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of BIP-380: one right, the others each wrong in one way.
    #[test]
    fn vectors_of_bip_380() {
        assert_eq!(checksum("raw(deadbeef)").unwrap(), "89f8spxm");
        for (text, wrong) in [
            ("raw(deadbeef)", "89f8spx"),
            ("raw(deedbeef)", "89f8spxm"),
            ("raw(deadbeef)", "##9f8spxm"),
        ] {
            assert_ne!(checksum(text).unwrap(), wrong);
        }
        assert_eq!(checksum("raw(\u{dc}00)"), None);
    }
}
