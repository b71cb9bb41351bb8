//! Copies that gained or lost a byte within a field, whose layout does not show where.

use bitbox_backup::backup::{Id, Seed};
use bitbox_backup::progress::Progress;
use bitbox_backup::repair::{self, Case, ProvedBackup, ProvedFields};
use fixtures::backup::Backup;
use fixtures::wallet;

use crate::support::cards::{Cards, seed_offset};

/// Candidates tried here: those of a quick search.
const EFFORT: u64 = 1 << 23;

fn id(backup: &Backup) -> Id {
    let seed: [u8; 32] = backup.seed.as_slice().try_into().unwrap();
    Seed::new(&seed, backup.seed_length).unwrap().id()
}

fn prove(copy: &[u8], equal: usize, id: Option<Id>) -> Option<ProvedBackup> {
    let case = Case {
        copies: vec![copy; equal],
        own_id: id.is_some(),
        ids: Vec::from_iter(id),
        ..Case::default()
    };
    repair::prove(&case, EFFORT, 0, &Progress::default()).proved
}

fn is_whole(proved: Option<ProvedBackup>, whole: &[u8]) -> bool {
    match proved.map(|proved| proved.fields) {
        Some(ProvedFields::Whole(contents)) => {
            assert_eq!(contents.encode().as_slice(), whole);
            true
        }
        Some(ProvedFields::Seed { .. }) | None => false,
    }
}

/// A copy with a foreign byte before this one, with this one twice, and without it.
fn off_by_one(whole: &[u8], at: usize) -> [Vec<u8>; 3] {
    [Some(0x55), Some(whole[at]), None].map(|more| {
        let mut copy = whole.to_vec();
        match more {
            Some(byte) => copy.insert(at, byte),
            None => drop(copy.remove(at)),
        }
        copy
    })
}

#[test]
fn a_byte_gained_or_lost_within_the_seed_is_found() {
    for backup in [wallet::twelve(), wallet::twenty_four()] {
        let whole = backup.encode();
        let seed = seed_offset(&whole, &backup);
        for at in [0, 5, backup.seed_length as usize - 1] {
            for (kind, copy) in off_by_one(&whole, seed + at).iter().enumerate() {
                for (equal, id) in [(1, None), (3, Some(id(&backup)))] {
                    let proved = prove(copy, equal, id);
                    assert!(is_whole(proved, &whole), "{at} {kind} {equal}");
                }
                // The ID alone proves the seed.
                let mut without = copy.clone();
                without[6..38].fill(0);
                let proved = prove(&without, 1, Some(id(&backup))).expect("a seed");
                assert_eq!(proved.id, Some(id(&backup)), "{at} {kind}");
            }
        }
    }
}

/// Whoever writes a copy again may keep its size: the end is filled then.
#[test]
fn a_byte_lost_is_found_where_the_end_was_filled() {
    for (backup, name, fill) in [
        (wallet::twelve(), "", 0),
        (wallet::twelve(), "cold", 0xFF),
        (wallet::twenty_four(), "cold", 0),
        (wallet::twenty_four(), "Alice and Bob", 0xFF),
    ] {
        let backup = Backup {
            name: name.into(),
            birthdate: 0,
            ..backup
        };
        let whole = backup.encode();
        let seed = seed_offset(&whole, &backup);
        // In the seed, and the tag before all that is in the wallet's part.
        for at in [seed + 9, seed - 6] {
            let mut copy = whole.clone();
            copy.remove(at);
            copy.push(fill);
            for (equal, id) in [(1, None), (3, Some(id(&backup)))] {
                let proved = prove(&copy, equal, id);
                assert!(is_whole(proved, &whole), "{name} {at} {equal}");
            }
            if at > seed {
                copy[6..38].fill(0);
                let proved = prove(&copy, 3, Some(id(&backup))).expect("a seed");
                assert_eq!(proved.id, Some(id(&backup)), "{name} {at}");
            }
        }
    }
}

#[test]
fn a_byte_gained_or_lost_anywhere_leaves_nothing_unproved() {
    let backup = wallet::twelve();
    let whole = backup.encode();
    let mut denied = Vec::new();
    for at in (3..whole.len()).step_by(23) {
        for (kind, copy) in off_by_one(&whole, at).iter().enumerate() {
            for id in [None, Some(id(&backup))] {
                if !is_whole(prove(copy, 1, id), &whole) {
                    denied.push((at, kind, id.is_some()));
                }
            }
        }
    }
    assert!(denied.is_empty(), "{denied:?}");
}

#[test]
fn a_text_with_digits_too_few_or_too_many_is_recovered() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    let whole = backup.encode();
    let seed = seed_offset(&whole, &backup);
    let [_, doubled, lost] = off_by_one(&whole, seed + 12);
    let other = off_by_one(&whole, 20)[2].clone();
    for (number, copies) in [vec![doubled], vec![lost, other]].iter().enumerate() {
        let mut arguments = vec!["recover".to_owned()];
        for (index, copy) in copies.iter().enumerate() {
            let name = format!("text-{number}-{index}.txt");
            cards.file(&name, hex::encode(copy));
            arguments.push(name);
        }
        let to = format!("new-{number}");
        arguments.extend(["--to", &to, "--yes", "--json"].map(str::to_owned));
        let ran = cards.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let answer = ran.json();
        assert_eq!(answer["recovered"][0]["id"], backup.id(), "{}", ran.text());
        assert_eq!(answer["not_recovered"].as_array().map_or(0, Vec::len), 0);
    }
}
