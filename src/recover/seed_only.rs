//! A backup of which only the seed is proved.

use super::proof::{FieldProof, Proof, SeedProof};
use super::recovery::{REBUILT, Recovered};
use crate::backup::{Contents, Id, Method, Parts, Seed};

/// A file of which only the seed is proved: its time is the file name's, the rest is left out.
pub(super) fn rebuilt(
    bytes: &[u8; 32],
    (length, length_proof): (u32, FieldProof),
    timestamp: Option<u32>,
    id: Id,
    backup: usize,
    method: Method,
) -> Option<Recovered> {
    let seed = Seed::new(bytes, length).filter(|seed| seed.id() == id)?;
    let contents = Contents::new(&Parts {
        timestamp: timestamp.unwrap_or(0),
        name: "",
        seed_length: length,
        seed: bytes,
        birthdate: 0,
        generator: REBUILT,
        with_length: false,
    });
    Some(Recovered {
        id,
        file: contents.ok()?.encode(),
        original: false,
        timestamp,
        name: None,
        birthdate: None,
        generator: REBUILT.to_owned(),
        method,
        proof: Proof {
            seed: SeedProof::Id,
            seed_length: length_proof,
            timestamp: timestamp.map_or(FieldProof::Absent, |_| FieldProof::FileName),
            name: FieldProof::Absent,
            birthdate: FieldProof::Absent,
            generator: FieldProof::Absent,
            damaged_id: None,
            folder_id: None,
        },
        changed: Vec::new(),
        rank: None,
        backup,
        copies: Vec::new(),
        seed,
    })
}
