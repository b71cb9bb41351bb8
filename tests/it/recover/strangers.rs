//! Damaged copies in the folder of a wallet that is proved: those of another wallet are searched and reported on their
//! own, those of its own are not.

use std::sync::Mutex;

use bitbox_backup::catalogue::Looked;
use bitbox_backup::progress::Progress;
use bitbox_backup::recover::{Effort, NotRecovered, Recovery, recover_watched};
use fixtures::backup::Backup;
use fixtures::card::Card;
use fixtures::fat::Layout;
use fixtures::wallet;

use crate::support::cards::{Cards, seed_offset};
use crate::support::{Image, examine};

/// A copy with these bits of its seed flipped.
fn flipped(backup: &Backup, bits: &[usize]) -> Vec<u8> {
    let mut copy = backup.encode();
    let seed = seed_offset(&copy, backup);
    for bit in bits {
        copy[seed + bit / 8] ^= 1 << (bit % 8);
    }
    copy
}

/// A card with a backup of these copies, and a file beside them.
fn beside(backup: &Backup, copies: [&[u8]; 3], name: &str, file: &[u8]) -> Card {
    let mut fat = Layout::FAT12.with_clusters(400).format();
    let set = fat.save_bytes(backup, copies);
    fat.make_file(set.dir(), name, file);
    fat.card
}

/// What is recovered, and how many searches began.
fn recovered(card: &Card, effort: &Effort) -> (Recovery, usize) {
    let (catalogue, assessment) = examine(&Image::new(card.clone()), Looked::Surface);
    let searches = Mutex::new(0);
    let hear = |_: bitbox_backup::recover::SearchEvent<'_>| *searches.lock().unwrap() += 1;
    let progress = Progress::default();
    let recovery = recover_watched(&catalogue, &assessment, effort, &progress, &hear);
    let searches = *searches.lock().unwrap();
    (recovery, searches)
}

fn ids(recovery: &Recovery) -> Vec<String> {
    let all = recovery.recovered.iter();
    let mut ids: Vec<_> = all.map(|one| one.id.to_string()).collect();
    ids.sort();
    ids
}

fn both(first: &Backup, second: &Backup) -> Vec<String> {
    let mut ids = vec![first.id(), second.id()];
    ids.sort();
    ids
}

#[test]
fn a_damaged_copy_of_another_wallet_is_searched() {
    let own = wallet::twelve();
    let whole = own.encode();
    let one_each = [5, 50, 90].map(|bit| flipped(&own, &[bit, bit + 30]));
    for other in [wallet::twenty_four(), wallet::abandon(), wallet::eighteen()] {
        let damaged = flipped(&other, &[21]);
        for name in [other.file_name(0), ".DS_Store".to_owned()] {
            let card = beside(&own, [&whole; 3], &name, &damaged);
            let (recovery, _) = recovered(&card, &Effort::new(1 << 23));
            assert_eq!(ids(&recovery), both(&own, &other), "{name}");
            assert!(recovery.not_recovered.is_empty(), "{name}");
            // The wallet of the folder may be proved by a search, too.
            let copies = one_each.each_ref().map(Vec::as_slice);
            let card = beside(&own, copies, &name, &damaged);
            let (recovery, _) = recovered(&card, &Effort::new(1 << 23));
            assert_eq!(ids(&recovery), both(&own, &other), "{name}");
        }
    }
}

#[test]
fn a_copy_of_another_wallet_that_is_not_proved_is_reported() {
    let (own, other) = (wallet::twelve(), wallet::twenty_four());
    let bits: Vec<_> = (0..20).map(|index| index * 12).collect();
    let damaged = flipped(&other, &bits);
    for name in [other.file_name(0), ".DS_Store".to_owned()] {
        let card = beside(&own, [&own.encode(); 3], &name, &damaged);
        let (recovery, searches) = recovered(&card, &Effort::new(1 << 16));
        assert_eq!(ids(&recovery), [own.id()], "{name}");
        let [
            NotRecovered {
                id: None, copies, ..
            },
        ] = recovery.not_recovered.as_slice()
        else {
            panic!("{name}: {:?}", recovery.not_recovered);
        };
        assert_eq!((copies.len(), searches), (1, 1), "{name}");
        // Its ID is the proof where it is known.
        let mut effort = Effort::new(1 << 23);
        effort.ids.push(other.id().parse().unwrap());
        let few = beside(
            &own,
            [&own.encode(); 3],
            &name,
            &flipped(&other, &bits[..2]),
        );
        assert_eq!(
            ids(&recovered(&few, &effort).0),
            both(&own, &other),
            "{name}"
        );

        let cards = Cards::new();
        card.write_to(cards.path("card.img")).unwrap();
        let arguments = ["recover", "card.img", "--yes", "--effort", "1000", "--to"];
        let ran = cards.run(&[&arguments[..], &["all"]].concat());
        let said = ran.text();
        assert_eq!(ran.status, Some(1), "{said}");
        assert!(
            said.contains("1 backup is recovered, 1 could not be."),
            "{said}"
        );
        assert!(said.contains("not recovered a backup of "), "{said}");
        // Somebody who names the wallet that is proved has all of it.
        let id = &own.id()[..8];
        let ran = cards.run(&[&arguments[..], &["one", "--id", id]].concat());
        assert_eq!(ran.status, Some(0), "{}", ran.text());
    }
}

#[test]
fn a_damaged_copy_of_the_same_wallet_starts_no_search() {
    let own = wallet::twelve();
    let whole = own.encode();
    let bits: Vec<_> = (0..12).map(|index| index * 9).collect();
    let mut blank = whole.clone();
    blank[40..].fill(0);
    let mut shifted = whole.clone();
    shifted.insert(3, 0x55);
    let mut garbled = whole.clone();
    let seed = seed_offset(&whole, &own);
    garbled[seed..seed + 16].copy_from_slice(&wallet::twenty_four().seed[..16]);
    for damaged in [flipped(&own, &bits), blank, shifted, garbled] {
        for (copies, name) in [
            ([&whole[..], &whole, &damaged], "note.txt"),
            ([&whole[..]; 3], ".DS_Store"),
        ] {
            let card = beside(&own, copies, name, &damaged);
            let (recovery, searches) = recovered(&card, &Effort::new(1 << 23));
            assert_eq!((ids(&recovery), searches), (vec![own.id()], 0));
            assert!(recovery.not_recovered.is_empty());
        }
    }
}
