//! An ID of which digits are lost or wrong still proves a seed that is near enough, and nothing else.

use bitbox_backup::catalogue::Looked;
use bitbox_backup::recover::{Effort, Recovery, SeedProof, recover};
use fixtures::backup::Backup;
use fixtures::card::Card;
use fixtures::fat::{Fat, Layout};
use fixtures::set::Set;
use fixtures::wallet;

use crate::support::cards::{Cards, seed_offset};
use crate::support::{Image, examine};

/// A backup as the file of a copy whose checksum is lost.
fn without_checksum(backup: &Backup) -> Vec<u8> {
    let mut copy = backup.encode();
    copy[6..38].fill(0);
    copy
}

/// A card with three copies, in a folder of this name.
fn saved(folder: &str, backup: &Backup, copy: &[u8]) -> (Fat, Set) {
    let mut fat = Layout::FAT12.with_clusters(400).format();
    let set = fat.save_in(folder, backup, [copy; 3]);
    (fat, set)
}

fn recovered(card: &Card) -> Recovery {
    let (catalogue, assessment) = examine(&Image::new(card.clone()), Looked::Surface);
    recover(&catalogue, &assessment, &Effort::new(1 << 16))
}

/// How many bits of the ID that proves the seed are left, and how many of these are wrong.
fn distance(card: &Card, backup: &Backup) -> Option<(u32, u32)> {
    let recovery = recovered(card);
    let one = recovery.recovered.first()?;
    assert_eq!(one.id.to_string(), backup.id());
    assert_eq!(
        one.seed.expose(),
        &backup.seed[..backup.seed_length as usize]
    );
    assert_eq!(one.proof.seed, SeedProof::Id);
    let distance = one.proof.damaged_id.expect("it is damaged");
    Some((distance.known_bits, distance.wrong_bits))
}

/// The ID with other characters at a place.
fn altered(backup: &Backup, at: usize, with: &str) -> String {
    let mut id = backup.id();
    id.replace_range(at..at + with.len(), with);
    id
}

#[test]
fn a_wrong_digit_in_the_folder_proves_the_seed() {
    for backup in [wallet::twelve(), wallet::twenty_four()] {
        let copy = without_checksum(&backup);
        for at in [0, 31, 63] {
            let own = backup.id().as_bytes()[at];
            for with in ["0", "f", "z"]
                .into_iter()
                .filter(|with| with.as_bytes()[0] != own)
            {
                let (fat, _) = saved(&altered(&backup, at, with), &backup, &copy);
                let found = distance(&fat.card, &backup);
                let (known, wrong) = found.expect("it is near enough");
                match with {
                    "z" => assert_eq!((known, wrong), (252, 0)),
                    _ => assert!(known == 256 && (1..=4).contains(&wrong)),
                }
            }
        }
    }
}

#[test]
fn a_long_name_without_one_of_its_slots_proves_the_seed() {
    let backup = wallet::twelve();
    let copy = without_checksum(&backup);
    for slot in 0..5 {
        for fill in [0, 0xFF, 0xE5, 0x41] {
            for is_deleted in [false, true] {
                let (mut fat, set) = saved(&backup.id(), &backup, &copy);
                if is_deleted {
                    for file in &set.files {
                        fat.delete(file);
                    }
                    fat.delete(&set.folder);
                }
                fat.card.write_at(set.folder.long[slot], &[fill; 32]);
                // The first slot holds the last twelve digits.
                let left = if slot == 0 { 208 } else { 204 };
                let found = distance(&fat.card, &backup);
                let (known, wrong) = found.expect("it is near enough");
                // The name of a deleted folder ends where a slot is lost.
                let fewest = if is_deleted { 152 } else { left };
                assert!((fewest..=left).contains(&known), "{slot} {fill:x} {known}");
                assert_eq!(wrong, 0, "{slot} {fill:x} {is_deleted}");
            }
        }
    }
}

/// Bytes of 0xE5 beside the short entry look like a deleted entry, which the slots before it are not of.
#[test]
fn an_erased_slot_takes_no_other_slot_with_it() {
    for backup in (0..6).map(wallet::numbered) {
        let (mut fat, set) = saved(&backup.id(), &backup, &without_checksum(&backup));
        fat.card.write_at(set.folder.long[4], &[0xE5; 32]);
        assert_eq!(distance(&fat.card, &backup), Some((204, 0)));
    }
}

#[test]
fn a_damaged_seed_is_searched_against_a_damaged_id() {
    let backup = wallet::twelve();
    let mut copy = without_checksum(&backup);
    let seed = seed_offset(&copy, &backup);
    copy[seed + 3] ^= 0x10;
    let (mut fat, set) = saved(&backup.id(), &backup, &copy);
    fat.card.write_at(set.folder.long[2], &[0xFF; 32]);
    assert_eq!(distance(&fat.card, &backup), Some((204, 0)));
    let (fat, _) = saved(&altered(&backup, 40, "0000"), &backup, &copy);
    assert!(distance(&fat.card, &backup).is_some());
}

#[test]
fn the_damaged_id_of_another_wallet_proves_nothing() {
    let (backup, other) = (wallet::twelve(), wallet::twenty_four());
    let copy = without_checksum(&backup);
    let (mut fat, set) = saved(&other.id(), &backup, &copy);
    fat.card.write_at(set.folder.long[1], &[0; 32]);
    assert!(recovered(&fat.card).recovered.is_empty());
    // Nor does an ID of which too little is left, or too much is wrong.
    let (mut fat, set) = saved(&backup.id(), &backup, &copy);
    for slot in [1, 3, 4] {
        fat.card.write_at(set.folder.long[slot], &[0; 32]);
    }
    assert!(recovered(&fat.card).recovered.is_empty());
    let wrong: String = backup
        .id()
        .chars()
        .map(|digit| if digit < '8' { 'f' } else { '0' })
        .collect();
    let (fat, _) = saved(&altered(&backup, 0, &wrong[..20]), &backup, &copy);
    assert!(recovered(&fat.card).recovered.is_empty());
}

#[test]
fn the_report_says_that_the_id_is_damaged() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    let (mut fat, set) = saved(&backup.id(), &backup, &without_checksum(&backup));
    fat.card.write_at(set.folder.long[2], &[0; 32]);
    cards.put("card.img", &fat);
    let line = ["recover", "card.img", "--to", "new", "--yes", "--json"];
    let ran = cards.run(&line);
    let answer = ran.json();
    let proof = &answer["recovered"][0]["proof"];
    assert_eq!(proof["seed"], "id", "{}", ran.text());
    assert_eq!(proof["damaged_id"]["known_bits"], 204);
    assert_eq!(proof["damaged_id"]["wrong_bits"], 0);
    let text = std::fs::read_to_string(cards.path("new/recovery-report.txt")).unwrap();
    assert!(text.contains("204 of its 256 bits are left"), "{text}");
}
