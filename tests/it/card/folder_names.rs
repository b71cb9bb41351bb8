//! A folder whose name is damaged is no second wallet: what lies in it is known by its own ID.

use bitbox_backup::assess::{Assessment, CardState, State};
use bitbox_backup::catalogue::Looked;
use bitbox_backup::finding::{Advice, Rule};
use bitbox_backup::recover::{Effort, recover};
use fixtures::backup::Backup;
use fixtures::damage::Random;
use fixtures::fat::{Fat, Layout};
use fixtures::set::Set;
use fixtures::wallet;

use crate::support::cards::{Cards, seed_offset};
use crate::support::{Image, examine};

/// What is wrong with a folder's name.
#[derive(Clone, Copy, Debug)]
enum Name {
    /// So many of its digits.
    Digits(usize),
    /// A slot of the long name is filled with this.
    Slot(usize, u8),
    /// Characters in a slot are no digits.
    Characters(usize),
    /// Only the short name is left.
    Short,
}

impl Name {
    const ALL: [Self; 14] = [
        Self::Digits(1),
        Self::Digits(2),
        Self::Digits(4),
        Self::Digits(7),
        Self::Digits(10),
        Self::Slot(0, 0xFF),
        Self::Slot(1, 0xE5),
        Self::Slot(2, 0x41),
        Self::Slot(3, 0xFF),
        Self::Slot(4, 0xE5),
        Self::Slot(4, 0x41),
        Self::Characters(1),
        Self::Characters(3),
        Self::Short,
    ];

    fn damage(self, fat: &mut Fat, set: &Set) {
        let long = &set.folder.long;
        match self {
            Self::Digits(count) => {
                let mut random = Random::new(count as u64);
                for number in 0..count {
                    // Digits stand in all slots; the first is that of the end of the name.
                    let at = long[number % 5] + 1 + 2 * (number as u64 / 5);
                    let old = fat.card.u8(at);
                    let mut new = old;
                    while new == old {
                        new = random.pick(b"0123456789abcdef");
                    }
                    fat.card.set_u8(at, new);
                }
            }
            Self::Slot(slot, fill) => fat.card.write_at(long[slot], &[fill; 32]),
            Self::Characters(slot) => {
                (0..5).for_each(|at| fat.card.set_u8(long[slot] + 1 + 2 * at, b'z'))
            }
            Self::Short => long.iter().for_each(|slot| fat.card.set_u8(*slot, 0xE5)),
        }
    }
}

/// What is wrong with the copies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Copies {
    Whole,
    /// One has a wrong bit in its seed.
    OneBit,
    /// Of one nothing is left.
    OneErased,
    /// One holds other bytes.
    OneRandom,
    /// The name of one tells another time.
    OneRenamed,
    /// Each has another wrong byte: the majority is intact.
    Voted,
    /// The checksum of all is gone.
    NoChecksum,
}

impl Copies {
    const ALL: [Self; 7] = [
        Self::Whole,
        Self::OneBit,
        Self::OneErased,
        Self::OneRandom,
        Self::OneRenamed,
        Self::Voted,
        Self::NoChecksum,
    ];

    fn damage(self, fat: &mut Fat, set: &Set) {
        let bytes = set.backup.encode();
        let seed = seed_offset(&bytes, &set.backup) as u64;
        let [first, second, third] = [0, 1, 2].map(|copy| set.files[copy].data);
        match self {
            Self::Whole => {}
            Self::OneBit => fat.card.flip(second + seed + 3, 0x10),
            Self::OneErased => fat.card.fill(second, bytes.len(), 0),
            Self::OneRandom => {
                let mut random = Random::new(7);
                (0..bytes.len() as u64).for_each(|at| fat.card.set_u8(second + at, random.byte()));
            }
            Self::OneRenamed => {
                fat.card.flip(second + seed + 3, 0x10);
                // The last character of the year, in the second slot of the name.
                let slot = set.files[1].long[1];
                let old = fat.card.u8(slot + 1);
                fat.card.set_u8(slot + 1, old ^ 1);
            }
            Self::Voted => {
                fat.card.flip(first + 10, 0x10);
                fat.card.flip(second + 12, 0x10);
                fat.card.flip(third + seed, 0x10);
            }
            Self::NoChecksum => {
                for copy in [first, second, third] {
                    fat.card.fill(copy + 6, 32, 0);
                }
            }
        }
    }
}

fn damaged(backup: &Backup, name: Name, copies: Copies) -> Fat {
    let mut fat = Layout::FAT12.with_clusters(400).format();
    let set = fat.save(backup);
    copies.damage(&mut fat, &set);
    name.damage(&mut fat, &set);
    fat
}

fn has(assessment: &Assessment, rule: Rule) -> bool {
    let backups = assessment.backups.iter().flat_map(|one| &one.findings);
    backups
        .chain(&assessment.findings)
        .any(|one| one.rule == rule)
}

/// What is wrong with what is said of a card on which nothing but this backup is.
fn wrong_of(backup: &Backup, fat: &Fat, looked: Looked) -> Option<String> {
    let (catalogue, assessment) = examine(&Image::new(fat.card.clone()), looked);
    let found: Vec<_> = assessment
        .backups
        .iter()
        .map(|one| (one.id.map(|id| id.to_string()), one.timestamp, one.state))
        .collect();
    let own = (Some(backup.id()), Some(backup.timestamp), State::Hidden);
    if found != [own] {
        return Some(format!("{found:?}"));
    }
    if has(&assessment, Rule::OtherWallet) {
        return Some("another wallet".to_owned());
    }
    let verdict = &assessment.verdict;
    let renames = |one: &Advice| matches!(one, Advice::Rename(place) if place.to.as_deref() == Some(&backup.id()));
    let helps = verdict
        .next
        .iter()
        .any(|one| renames(one) || *one == Advice::Recover);
    if verdict.state != CardState::Hidden || !helps {
        return Some(format!("{verdict:?}"));
    }
    let recovery = recover(&catalogue, &assessment, &Effort::new(1 << 16));
    let ids = recovery.recovered.iter().map(|one| one.id.to_string());
    let ids: Vec<_> = ids.collect();
    let only = ids == [backup.id()] && recovery.not_recovered.is_empty();
    (!only).then(|| format!("{ids:?} {:?}", recovery.not_recovered))
}

#[test]
fn a_damaged_name_makes_no_second_wallet() {
    let mut wrong = Vec::new();
    let backup = wallet::twelve();
    for name in Name::ALL {
        for copies in Copies::ALL {
            let fat = damaged(&backup, name, copies);
            let found = wrong_of(&backup, &fat, Looked::Deleted);
            wrong.extend(found.map(|found| format!("{name:?} {copies:?}: {found}")));
        }
    }
    let fat = damaged(&wallet::twenty_four(), Name::Digits(10), Copies::OneRandom);
    wrong.extend(wrong_of(&wallet::twenty_four(), &fat, Looked::Surface));
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// A card on which the wallet was backed up again, since a BitBox does not see the folder with the damaged name.
fn backed_up_again(name: Name, copies: Copies) -> Fat {
    let mut fat = damaged(&wallet::twelve(), name, copies);
    fat.save(&wallet::twelve_again());
    fat
}

#[test]
fn two_folders_of_one_wallet_are_one_wallet() {
    let own = Some(wallet::twelve().id());
    for name in [
        Name::Digits(1),
        Name::Digits(10),
        Name::Short,
        Name::Slot(2, 0xE5),
    ] {
        for copies in Copies::ALL {
            let fat = backed_up_again(name, copies);
            let (_, assessment) = examine(&Image::new(fat.card.clone()), Looked::Deleted);
            let found: Vec<_> = assessment
                .backups
                .iter()
                .map(|one| (one.id.map(|id| id.to_string()), one.timestamp))
                .collect();
            let times = [wallet::twelve_again().timestamp, wallet::twelve().timestamp];
            assert_eq!(
                found,
                times.map(|time| (own.clone(), Some(time))),
                "{name:?} {copies:?}"
            );
        }
    }
}

#[test]
fn every_command_names_one_wallet() {
    let cards = Cards::new();
    let own = wallet::twelve().id();
    let name = Name::Digits(4);
    cards.put(
        "one.img",
        &damaged(&wallet::twelve(), name, Copies::OneRandom),
    );
    cards.put(
        "short.img",
        &damaged(&wallet::twelve(), Name::Short, Copies::OneBit),
    );
    for card in ["one.img", "short.img"] {
        for command in ["list", "inspect"] {
            let answer = cards.run(&[command, card, "--json"]).json();
            let backups = answer["sources"][0]["backups"].as_array().unwrap();
            assert_eq!(backups.len(), 1, "{command} {card}");
            assert_eq!(backups[0]["id"], own.as_str());
        }
        let words = cards.run(&["words", card, "--json"]).json();
        assert_eq!(words["wallets"].as_array().unwrap().len(), 1, "{card}");
        assert_eq!(
            words["not_recovered"].as_array().unwrap().len(),
            0,
            "{card}"
        );
        let letter = cards.run(&["letter", card, "--json"]).json();
        assert_eq!(letter["not_listed"].as_array().unwrap().len(), 1, "{card}");
        let recovered = cards
            .run(&["recover", card, "--to", &format!("{card}.new"), "--yes"])
            .text();
        assert!(
            recovered.starts_with("status 0") && !recovered.contains("--timestamp"),
            "{recovered}"
        );
    }
}

/// What is damaged in all its copies and not proved has no ID but that of its folder, which here is nearly that of a
/// wallet on another card.
#[test]
fn a_damaged_name_on_another_card_is_no_wallet_of_its_own() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    let mut fat = Layout::FAT12.with_clusters(400).format();
    let set = fat.save(&backup);
    let seed = seed_offset(&backup.encode(), &backup) as u64;
    set.files
        .iter()
        .for_each(|file| fat.card.flip(file.data + seed + 3, 0x10));
    Name::Digits(4).damage(&mut fat, &set);
    cards.put("damaged.img", &fat);
    let mut whole = Layout {
        serial: 5,
        ..Layout::FAT12.with_clusters(400)
    }
    .format();
    whole.save(&backup);
    cards.put("whole.img", &whole);
    let answer = cards
        .run(&["audit", "damaged.img", "whole.img", "--json"])
        .json();
    let wallets = answer["wallets"].as_array().unwrap();
    assert_eq!(wallets.len(), 1, "{wallets:?}");
    assert_eq!(wallets[0]["id"], backup.id().as_str());
    assert_eq!(wallets[0]["cards"].as_array().unwrap().len(), 2);
}
