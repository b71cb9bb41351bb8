//! Which generations are chosen.

use zeroize::Zeroizing;

use super::super::proof::SeedProof;
use super::*;
use crate::backup::Method;
use crate::backup::Seed;
use crate::recover::{FieldProof, Missing, NotRecovered, Proof, REBUILT};

/// A recovered backup: a seed of equal bytes, its length, its time, its proof.
fn proved(byte: u8, length: u32, timestamp: u32, seed: SeedProof) -> Recovered {
    let mut bytes = [0; 32];
    bytes[..16].fill(byte);
    let seed_of = Seed::new(&bytes, length).unwrap();
    Recovered {
        id: seed_of.id(),
        seed: seed_of,
        file: Zeroizing::default(),
        original: true,
        timestamp: Some(timestamp),
        name: None,
        birthdate: None,
        generator: REBUILT.to_owned(),
        method: Method::Copy,
        proof: Proof {
            seed,
            seed_length: FieldProof::Checksum,
            timestamp: FieldProof::Checksum,
            name: FieldProof::Checksum,
            birthdate: FieldProof::Checksum,
            generator: FieldProof::Checksum,
            damaged_id: None,
            folder_id: None,
        },
        changed: Vec::new(),
        rank: None,
        backup: 0,
        copies: Vec::new(),
    }
}

fn whole(byte: u8, length: u32, timestamp: u32) -> Recovered {
    proved(byte, length, timestamp, SeedProof::Both)
}

fn seed_only(byte: u8, length: u32, timestamp: u32) -> Recovered {
    proved(byte, length, timestamp, SeedProof::Id)
}

fn of(recovered: Vec<Recovered>) -> Recovery {
    Recovery {
        recovered,
        not_recovered: Vec::new(),
    }
}

fn wanted(id: Option<Id>, timestamp: Option<u32>, length: Option<u32>) -> Wanted {
    Wanted {
        id: id.map(|id| id.to_string()),
        timestamp,
        length,
    }
}

#[test]
fn one_generation_of_each_wallet_the_newest() {
    let all = of(vec![whole(1, 16, 30), whole(2, 16, 20), whole(1, 16, 10)]);
    let choice = choose(&all, &Wanted::default()).unwrap();
    assert_eq!(choice.chosen, [0, 1]);
    assert_eq!(choice.passed_over, [(2, PassedOver::Older)]);
    let choice = choose(&all, &wanted(Some(all.recovered[0].id), Some(10), None)).unwrap();
    assert_eq!(choice.chosen, [2]);
    assert_eq!(choice.passed_over, [(0, PassedOver::OtherTime)]);
}

#[test]
fn a_seed_alone_only_where_nothing_is_whole() {
    let all = of(vec![
        seed_only(1, 16, 30),
        whole(1, 16, 10),
        seed_only(2, 16, 5),
    ]);
    let choice = choose(&all, &Wanted::default()).unwrap();
    assert_eq!(choice.chosen, [1, 2]);
    assert_eq!(choice.passed_over, [(0, PassedOver::SeedOnly)]);
    // Named by its time it is written nevertheless.
    let choice = choose(&all, &wanted(None, Some(30), None)).unwrap();
    assert_eq!(choice.chosen, [0]);
}

#[test]
fn two_lengths_of_one_id_are_refused_until_one_is_named() {
    for make in [whole, seed_only] {
        let all = of(vec![make(1, 16, 30), make(1, 32, 10), whole(2, 16, 5)]);
        let id = all.recovered[0].id;
        let choice = choose(&all, &Wanted::default()).unwrap();
        assert_eq!(choice.chosen, [2], "other wallets are not held up");
        let refused = Refused {
            id,
            lengths: vec![16, 32],
            generations: vec![0, 1],
        };
        assert_eq!(choice.refused, [refused]);
        let choice = choose(&all, &wanted(Some(id), None, None)).unwrap();
        let lengths = vec![16, 32];
        assert_eq!(choice.only(&all), Err(ChoiceError::Lengths { id, lengths }));
        let choice = choose(&all, &wanted(None, None, Some(32))).unwrap();
        assert_eq!(choice.chosen, [1, 2]);
        assert_eq!(choice.passed_over, [(0, PassedOver::OtherLength)]);
        let choice = choose(&all, &wanted(None, None, Some(24))).unwrap();
        assert_eq!((choice.chosen.len(), choice.refused.len()), (1, 1));
    }
    // What is whole says its length; a seed alone of another length does not shake that.
    let all = of(vec![seed_only(1, 32, 30), whole(1, 16, 10)]);
    assert_eq!(choose(&all, &Wanted::default()).unwrap().chosen, [1]);
}

#[test]
fn what_is_not_there_is_said() {
    let mut all = of(vec![whole(1, 16, 30), whole(2, 16, 20)]);
    let (first, second) = (all.recovered[0].id, all.recovered[1].id);
    let mut known = vec![first, second];
    known.sort_unstable();
    let id = |prefix: &str| Wanted {
        id: Some(prefix.to_owned()),
        ..Wanted::default()
    };
    let prefix = "0123".to_owned();
    let error = choose(&all, &id("0123"));
    assert_eq!(error, Err(ChoiceError::NoSuchId { prefix, known }));
    let error = choose(&all, &id("")).unwrap_err();
    assert!(matches!(error, ChoiceError::Ambiguous { .. }));
    let error = choose(&all, &wanted(None, Some(31), None)).unwrap_err();
    assert!(matches!(error, ChoiceError::NoSuchTime { .. }));
    let error = choose(&all, &wanted(Some(first), None, Some(32))).unwrap_err();
    assert!(matches!(
        error,
        ChoiceError::NoSuchLength { proved: 16, .. }
    ));
    let choice = choose(&all, &Wanted::default()).unwrap();
    assert!(matches!(
        choice.only(&all),
        Err(ChoiceError::Several { .. })
    ));
    // Damage of an unknown wallet may be the one asked for.
    all.not_recovered.push(NotRecovered {
        id: None,
        timestamp: None,
        missing: Missing::Nothing,
        backup: 2,
        copies: Vec::new(),
    });
    let choice = choose(&all, &id("0123")).unwrap();
    assert_eq!(choice.not_recovered, [0]);
    assert_eq!(choice.only(&all), Ok(None));
}

#[test]
fn paths_are_the_devices() {
    let recovered = whole(1, 16, 1_601_281_809);
    assert_eq!(
        recovered.paths()[2],
        "bitbox02/2ca3c18f988437806217db3bbee04913cbfaaa7152d4a9c00c80cf3802d0ef6f/\
         backup_Mon_2020-09-28T08-30-09Z_2.bin"
    );
}
