//! From several copies to one backup: the vote and the splice, each with its proof.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::checksum::{GENERATOR_ROOM, NAME_ROOM};
use super::contents::{Contents, whole};
use super::length::{LENGTHS, seed_length};
use super::message::{BackupContent, BackupData, BackupMetaData};
use super::seed::{Id, Seed};
use super::two_copies::{align_two, of_any_two, splice_two};
use super::wire::{self, Field};

/// Most combinations of fields a splice tries.
const MAX_COMBINATIONS: usize = 20_000;

/// How damaged copies were made into a backup, and what proves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Method {
    /// A copy is whole; nothing was repaired.
    Copy,
    /// The bitwise majority of three; the checksum proves it.
    Vote,
    /// Each field from a copy in which it is whole; the checksum proves it.
    Splice,
    /// The seed alone, from a copy in which it is whole; the id proves it up to trailing zeros.
    SeedById,
    /// Copies that lost or gained bytes, brought into line and then voted over.
    Align,
    /// The likeliest bits of all damaged copies together, with what the format fixes; the id, the checksum or both
    /// prove it.
    Likeliest,
    /// Bits or bytes no copy has any more, found by trying; the id, the checksum or both prove it.
    Search,
}

/// A backup made from damaged copies.
#[derive(Debug)]
pub enum Repaired {
    /// All fields, proved by the checksum.
    Whole(Method, Contents),
    /// A seed, proved by its id only.
    Seed {
        /// The id it was proved by.
        id: Id,
        /// 32 bytes, padded with zeros.
        seed: Seed,
        /// Its length as [`seed_length`] has it from these copies; `None` is a question.
        length: Option<u32>,
    },
}

impl Repaired {
    /// How it was done.
    pub fn method(&self) -> Method {
        match self {
            Self::Whole(method, _) => *method,
            Self::Seed { .. } => Method::SeedById,
        }
    }
}

/// Tries the vote, then the splice, then the seed by its id; the first that is proved wins.
///
/// `id` is the id the copies should have, where their folder names one.
pub fn vote_or_splice(copies: &[&[u8]], id: Option<Id>) -> Option<Repaired> {
    if let [first, second, third] = copies
        && let Some(voted) = majority(first, second, third)
        && let Some(contents) = whole(&voted)
    {
        return Some(Repaired::Whole(Method::Vote, contents));
    }
    let pool = Pool::of(copies);
    if let Some(contents) = pool.splice() {
        return Some(Repaired::Whole(Method::Splice, contents));
    }
    if let Some(contents) = of_any_two(copies, splice_two) {
        return Some(Repaired::Whole(Method::Splice, contents));
    }
    if let Some(contents) = of_any_two(copies, align_two) {
        return Some(Repaired::Whole(Method::Align, contents));
    }
    pool.seed_by_id(id?, copies)
}

/// The device's bitwise majority of three copies, or `None` if their lengths differ.
///
/// It proves nothing by itself: the result has to pass [`super::Contents::check`].
pub fn majority(first: &[u8], second: &[u8], third: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if first.len() != second.len() || first.len() != third.len() {
        return None;
    }
    let bytes = first.iter().zip(second).zip(third);
    let voted = bytes.map(|((a, b), c)| (a & b) | (a & c) | (b & c));
    Some(Zeroizing::new(voted.collect()))
}

/// The values each field has in one copy or another, each once.
#[derive(Default)]
struct Pool {
    checksums: Vec<Zeroizing<Vec<u8>>>,
    timestamps: Vec<u32>,
    names: Vec<Zeroizing<String>>,
    modes: Vec<i32>,
    lengths: Vec<u32>,
    seed_lengths: Vec<u32>,
    seeds: Vec<Zeroizing<Vec<u8>>>,
    birthdates: Vec<u32>,
    generators: Vec<Zeroizing<String>>,
}

impl Pool {
    fn of(copies: &[&[u8]]) -> Self {
        // Zero values are left out of a file, so zero is always possible.
        let mut pool = Self {
            modes: vec![0],
            ..Self::default()
        };
        for bytes in copies {
            for found in wire::fields(bytes) {
                let own = bytes.get(found.range).unwrap_or_default();
                pool.take(found.field, own, found.number);
            }
        }
        once(&mut pool.lengths, Some(0));
        once(&mut pool.birthdates, Some(0));
        pool
    }

    fn take(&mut self, field: Field, bytes: &[u8], number: Option<u64>) {
        let number = number.and_then(|number| u32::try_from(number).ok());
        let bytes_of = |length| (bytes.len() == length).then(|| Zeroizing::new(bytes.to_vec()));
        let text = |most| {
            let text = std::str::from_utf8(bytes).ok();
            let text = text.filter(|text| text.len() <= most);
            text.map(|text| Zeroizing::new(text.to_owned()))
        };
        match field {
            Field::Checksum => once(&mut self.checksums, bytes_of(32)),
            Field::Seed => once(&mut self.seeds, bytes_of(32)),
            Field::Name => once(&mut self.names, text(NAME_ROOM)),
            Field::Generator => once(&mut self.generators, text(GENERATOR_ROOM)),
            Field::Timestamp => once(&mut self.timestamps, number),
            Field::Length => once(&mut self.lengths, number),
            Field::SeedLength => {
                once(
                    &mut self.seed_lengths,
                    number.filter(|number| *number <= 32),
                );
            }
            Field::Birthdate => once(&mut self.birthdates, number),
            Field::Mode => {
                let mode = number.map(|number| i32::try_from(number).unwrap_or(0));
                once(&mut self.modes, mode);
            }
        }
    }

    /// Every combination of whole fields, until one has its checksum.
    fn splice(&self) -> Option<Contents> {
        let lengths = [
            self.checksums.len(),
            self.timestamps.len(),
            self.names.len(),
            self.modes.len(),
            self.lengths.len(),
            self.seed_lengths.len(),
            self.seeds.len(),
            self.birthdates.len(),
            self.generators.len(),
        ];
        let all = lengths
            .iter()
            .fold(1_usize, |all, length| all.saturating_mul(*length));
        (0..all.min(MAX_COMBINATIONS)).find_map(|index| {
            let mut rest = index;
            let mut picks = lengths.iter().map(|length| {
                let pick = rest.checked_rem(*length).unwrap_or(0);
                rest = rest.checked_div(*length).unwrap_or(0);
                pick
            });
            let mut pick = || picks.next().unwrap_or(0);
            let (checksum, timestamp, name) = (pick(), pick(), pick());
            let (mode, length, seed_length) = (pick(), pick(), pick());
            let (seed, birthdate, generator) = (pick(), pick(), pick());
            let metadata = BackupMetaData {
                timestamp: *self.timestamps.get(timestamp)?,
                name: self.names.get(name)?.to_string(),
                mode: *self.modes.get(mode)?,
            };
            let content = BackupContent {
                checksum: self.checksums.get(checksum)?.to_vec(),
                metadata: Some(metadata),
                length: *self.lengths.get(length)?,
                data: Vec::new(),
            };
            let data = BackupData {
                seed_length: *self.seed_lengths.get(seed_length)?,
                seed: self.seeds.get(seed)?.to_vec(),
                birthdate: *self.birthdates.get(birthdate)?,
                generator: self.generators.get(generator)?.to_string(),
            };
            let contents = Contents { content, data };
            contents.check().is_ok().then_some(contents)
        })
    }

    /// A seed whose id, at one of the lengths a wallet has, is the one looked for.
    fn seed_by_id(&self, id: Id, copies: &[&[u8]]) -> Option<Repaired> {
        let seeds = self.seeds.iter();
        let padded = seeds
            .flat_map(|seed| LENGTHS.map(|length| (seed, length)))
            .find_map(|(seed, length)| {
                let seed = Seed::new(seed.as_slice().try_into().ok()?, length)?;
                (seed.id() == id).then(|| seed.padded())
            })?;
        Some(Repaired::Seed {
            id,
            length: seed_length(&padded, copies),
            seed: Seed::new(&padded, 32)?,
        })
    }
}

fn once<T: PartialEq>(values: &mut Vec<T>, value: Option<T>) {
    values.extend(value.filter(|value| !values.contains(value)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<u8> {
        hex::decode(crate::backup::tests::KNOWN).unwrap()
    }

    #[test]
    fn damage_at_different_places_is_voted_away() {
        let mut copies = [known(), known(), known()];
        for (index, copy) in copies.iter_mut().enumerate() {
            copy[10 + 20 * index] ^= 0xFF;
        }
        let copies = copies.each_ref().map(Vec::as_slice);
        assert_eq!(
            vote_or_splice(&copies, None).unwrap().method(),
            Method::Vote
        );
    }

    #[test]
    fn two_copies_are_spliced() {
        let (mut first, mut second) = (known(), known());
        first[10] ^= 1; // its checksum
        second[70] ^= 1; // its seed
        let copies = [first.as_slice(), second.as_slice()];
        assert_eq!(
            vote_or_splice(&copies, None).unwrap().method(),
            Method::Splice
        );
    }

    #[test]
    fn a_seed_without_metadata_is_proved_by_its_id() {
        let mut copy = known();
        copy[45] ^= 0x10; // a letter of the name
        let id = "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2"
            .parse()
            .unwrap();
        assert!(vote_or_splice(&[&copy], None).is_none());
        let repaired = vote_or_splice(&[&copy], Some(id)).unwrap();
        assert!(matches!(
            repaired,
            Repaired::Seed {
                length: Some(16),
                ..
            }
        ));
    }

    #[test]
    fn copies_of_two_wallets_never_mix() {
        let mut copy = known();
        copy[70] ^= 1;
        let other = "63eb0d691ae7d4e8fe7bb3f1ac0b8c40b98e03a0fc9c31f6837987fc52ee5ab2"
            .parse()
            .unwrap();
        assert!(vote_or_splice(&[&copy, &copy], Some(other)).is_none());
    }

    #[test]
    fn the_vote_of_three_equal_buffers_is_the_identity() {
        let known = known();
        assert_eq!(majority(&known, &known, &known).unwrap().as_slice(), known);
        assert_eq!(majority(&known, &known, &known[1..]), None);
    }
}
