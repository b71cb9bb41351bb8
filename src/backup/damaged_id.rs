//! An ID of which digits are lost or wrong, and how near a seed's own has to be to be proved by it.

use super::seed::Id;

/// Digits of an ID.
const DIGITS: usize = 64;
/// Digits of half an ID.
const HALF: usize = DIGITS / 2;
/// Fewest digits that prove anything: 104 bits.
const FEWEST_DIGITS: usize = 26;
/// How certain a proof has to be: one chance in two to this power.
const PROOF: f64 = 104.0;
/// How many bits of an ID with all its digits may be wrong.
const MOST_WRONG: u32 = 38;

/// An ID of which some digits are lost, and others may be wrong: from a damaged name.
///
/// It proves a seed whose own ID differs from it in so few of the known bits that chance alone comes as close at
/// most once in 2^104 times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DamagedId {
    bytes: [u8; 32],
    /// Which bits of it are known.
    mask: [u8; 32],
    /// How many of these may be wrong.
    most_wrong: u32,
}

/// How far the ID of a seed is from the damaged one that proves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct IdDistance {
    /// How many of the 256 bits are left of the damaged ID.
    pub known_bits: u32,
    /// How many of these are wrong.
    pub wrong_bits: u32,
}

impl IdDistance {
    /// An ID that is whole.
    pub const NONE: Self = Self {
        known_bits: 256,
        wrong_bits: 0,
    };
}

impl From<Id> for DamagedId {
    /// An ID of which every digit is there; some may be wrong.
    fn from(id: Id) -> Self {
        Self {
            bytes: id.0,
            mask: [0xFF; 32],
            most_wrong: MOST_WRONG,
        }
    }
}

impl Id {
    /// Whether this one, read from a name, is that one: the same, or with so few wrong bits that it is no other
    /// wallet's.
    pub fn is_near(&self, own: &Self) -> bool {
        let bytes = self.0.iter().zip(&own.0);
        let wrong: u32 = bytes.map(|(one, own)| (one ^ own).count_ones()).sum();
        wrong <= MOST_WRONG
    }
}

impl DamagedId {
    /// Reads what is left of a name: parts of it, each with the number of its first character. A character that is
    /// no digit is lost, unless it is one flipped bit from a single digit. `None` if too little is left to prove
    /// anything, or if the parts look like something else.
    pub fn from_parts(parts: &[(usize, &str)]) -> Option<Self> {
        // Most names are no hexadecimal numbers, and digits near their characters take long to find.
        let characters = || parts.iter().flat_map(|(_, part)| part.chars());
        let exact = characters().filter(char::is_ascii_hexdigit).count();
        if exact.saturating_mul(4) < characters().count().saturating_mul(3) {
            return None;
        }
        let mut id = Self {
            bytes: [0; 32],
            mask: [0; 32],
            most_wrong: 0,
        };
        for (start, part) in parts {
            for (index, character) in part.chars().enumerate() {
                let at = start.saturating_add(index);
                let (byte, mask) = (id.bytes.get_mut(at / 2)?, id.mask.get_mut(at / 2)?);
                let shift = if at.is_multiple_of(2) { 4 } else { 0 };
                if let Some(digit) = nearest_digit(character) {
                    *byte |= digit << shift;
                    *mask |= 0xF << shift;
                }
            }
        }
        id.most_wrong = allowed_distance(id.known_bits())?;
        Some(id)
    }

    /// Reads the name of a folder that is not an ID, but nearly one.
    pub fn from_name(name: &str) -> Option<Self> {
        (name.len() >= FEWEST_DIGITS && name.chars().count() <= DIGITS)
            .then(|| Self::from_parts(&[(0, name)]))
            .flatten()
    }

    /// The same, and the two halves of a name that has a digit too few or too many: on one side of that place every
    /// digit is where it belongs.
    pub fn list_from_name(name: &str) -> Vec<Self> {
        let has_one_off = name.is_ascii() && name.len().abs_diff(DIGITS) == 1;
        let end = name.len().saturating_sub(HALF);
        let halves = [(0, name.get(..HALF)), (HALF, name.get(end..))];
        let halves = halves.into_iter().filter(|_| has_one_off);
        let halves = halves.filter_map(|(at, half)| Self::from_parts(&[(at, half?)]));
        Self::from_name(name).into_iter().chain(halves).collect()
    }

    /// Its bytes, which of their bits are known, and how many of these may be wrong.
    pub fn target(&self) -> ([u8; 32], [u8; 32], u32) {
        (self.bytes, self.mask, self.most_wrong)
    }

    /// How far this ID is from it, if it is near enough to prove its seed.
    pub fn proves(&self, id: &Id) -> Option<IdDistance> {
        let bytes = id.0.iter().zip(&self.bytes).zip(&self.mask);
        let wrong_bits = bytes
            .map(|((own, of), mask)| ((own ^ of) & mask).count_ones())
            .sum();
        (wrong_bits <= self.most_wrong).then_some(IdDistance {
            known_bits: self.known_bits(),
            wrong_bits,
        })
    }

    fn known_bits(&self) -> u32 {
        self.mask.iter().map(|byte| byte.count_ones()).sum()
    }
}

/// The digit that a character is, or of which a single bit was flipped.
fn nearest_digit(character: char) -> Option<u8> {
    let exact = |character: char| u8::try_from(character.to_digit(16)?).ok();
    if let Some(digit) = exact(character) {
        return Some(digit);
    }
    let near = (0..16).filter_map(|bit| char::from_u32(u32::from(character) ^ 1 << bit));
    let near = near.filter(|near| near.is_ascii_digit() || ('a'..='f').contains(near));
    let mut one_off = near.filter_map(exact);
    match (one_off.next(), one_off.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// How many of so many bits may differ, so that chance alone comes that close at most once in 2^104
/// times.
pub(crate) fn allowed_distance(bits: u32) -> Option<u32> {
    let all = f64::from(bits);
    // The binomial distribution summed up from 0, as logarithms to the base 2.
    let mut term = -all;
    let mut sum = term;
    let mut allowed = None;
    for wrong in 0..=bits {
        if sum > -PROOF {
            break;
        }
        allowed = Some(wrong);
        let wrong = f64::from(wrong);
        term += ((all - wrong) / (wrong + 1.0)).log2();
        sum = sum.max(term) + (1.0 + (-(sum - term).abs()).exp2()).log2();
    }
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &str = "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2";

    fn distance(damaged: Option<DamagedId>) -> Option<(u32, u32)> {
        let distance = damaged?.proves(&KNOWN.parse().unwrap())?;
        Some((distance.known_bits, distance.wrong_bits))
    }

    #[test]
    fn a_checksum_or_id_may_be_wrong_as_long_as_it_proves() {
        assert_eq!(allowed_distance(103), None);
        assert_eq!(allowed_distance(104), Some(0));
        assert_eq!(allowed_distance(204), Some(22));
        assert_eq!(allowed_distance(256), Some(MOST_WRONG));
    }

    #[test]
    fn a_wrong_digit_costs_its_bits_and_no_digit_costs_none() {
        let wrong = KNOWN.replacen("ff", "0f", 1);
        assert_eq!(distance(DamagedId::from_name(&wrong)), Some((256, 4)));
        let none = KNOWN.replacen("ff", "z~", 1);
        assert_eq!(distance(DamagedId::from_name(&none)), Some((248, 0)));
        // 'q' is one bit from '1' and from 'a'; 'i' only from 'a'; 'F' is a digit.
        assert_eq!(nearest_digit('q'), None);
        assert_eq!(nearest_digit('i'), Some(10));
        assert_eq!(nearest_digit('\u{138}'), Some(8));
        assert_eq!(nearest_digit('F'), Some(15));
    }

    #[test]
    fn a_digit_too_few_or_too_many_leaves_half_an_id() {
        let best = |name: &str| {
            let all = DamagedId::list_from_name(name).into_iter();
            all.filter_map(|one| distance(Some(one)))
                .min_by_key(|(_, wrong)| *wrong)
        };
        for at in 0..DIGITS {
            let mut lost = KNOWN.to_owned();
            lost.remove(at);
            assert!(matches!(best(&lost), Some((128.., 0))), "{at}");
            let mut doubled = KNOWN.to_owned();
            doubled.insert(at, KNOWN.as_bytes()[at].into());
            assert_eq!(best(&doubled), Some((128, 0)), "{at}");
        }
        let other = "0123456789abcdef".repeat(4);
        assert_eq!(best(&other[1..]), None);
        assert!(DamagedId::list_from_name(&KNOWN[..62]).len() == 1);
    }

    #[test]
    fn parts_are_summed_and_too_few_prove_nothing() {
        let parts = [(0, &KNOWN[..13]), (39, &KNOWN[39..])];
        assert_eq!(distance(DamagedId::from_parts(&parts)), Some((152, 0)));
        assert!(DamagedId::from_parts(&parts[1..]).is_none());
        // A part at another place is far away.
        let parts = [(13, &KNOWN[..13]), (39, &KNOWN[39..])];
        assert_eq!(distance(DamagedId::from_parts(&parts)), None);
        assert!(DamagedId::from_name("backup_Mon_2020-09-28T08-30-09Z_0.bin").is_none());
        assert!(DamagedId::from_parts(&[(52, KNOWN)]).is_none());
    }
}
