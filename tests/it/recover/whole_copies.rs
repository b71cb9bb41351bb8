//! What is brought back: every backup with a whole copy to the byte, from every card, and after every
//! power cut; never a mixture of wallets.

use crate::support::{Image, examine};
use bitbox_backup::catalogue::{Catalogue, CopyState, Looked};
use bitbox_backup::recover::{self, Effort, Recovered, Recovery, Wanted, choose};
use fixtures::card::Card;
use fixtures::damage::{Base, damage};
use fixtures::power_cut::PowerCut;
use fixtures::{recipes, wallet};

/// Everything the command looks at.
const ALL: Looked = Looked::Surface;

/// What is brought back without any search, and what it was brought back from.
fn recovered(card: &Card) -> (Catalogue, Recovery, Vec<Vec<usize>>) {
    let (catalogue, assessment) = examine(&Image::new(card.clone()), ALL);
    let effort = Effort::new(1000);
    let recovery = recover::recover(&catalogue, &assessment, &effort);
    let copies = assessment.backups.into_iter().map(|backup| backup.copies);
    (catalogue, recovery, copies.collect())
}

fn chosen(recovery: &Recovery) -> Vec<&Recovered> {
    let choice = choose(recovery, &Wanted::default()).unwrap();
    let chosen = choice.chosen.iter();
    chosen.map(|index| &recovery.recovered[*index]).collect()
}

#[test]
fn what_has_a_whole_copy_comes_back_to_the_byte() {
    let mut seen = 0;
    for recipe in recipes::all() {
        let (catalogue, recovery, backups) = recovered(&recipe.card);
        for (index, copies) in backups.iter().enumerate() {
            let valid = copies
                .iter()
                .filter(|copy| catalogue.copies[**copy].state == CopyState::Valid);
            let valid: Vec<_> = valid.map(|copy| catalogue.bytes(*copy)).collect();
            if valid.is_empty() {
                continue;
            }
            let back = recovery.recovered.iter().find(|one| one.backup == index);
            let back = back.unwrap_or_else(|| panic!("{}: backup {index}", recipe.name));
            assert!(back.original, "{}", recipe.name);
            assert!(valid.contains(&back.file.as_slice()), "{}", recipe.name);
            seen += 1;
        }
        let ids: Vec<_> = chosen(&recovery).iter().map(|one| one.id).collect();
        let mut once = ids.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), ids.len(), "{}: an id twice", recipe.name);
    }
    assert!(seen > 200, "{seen}");
}

#[test]
fn a_generation_comes_back_after_every_power_cut() {
    let (first, again) = (wallet::twelve().encode(), wallet::twelve_again().encode());
    let create = PowerCut::first_create();
    let mut without = 0;
    for count in 0..=create.writes.len() {
        let card = create.card_after(count);
        let is_there = create.writes[..count]
            .iter()
            .any(|write| write.bytes.starts_with(&first));
        let (_, recovery, _) = recovered(&card);
        let files: Vec<_> = chosen(&recovery)
            .iter()
            .map(|one| one.file.to_vec())
            .collect();
        let expected = if is_there {
            vec![first.clone()]
        } else {
            Vec::new()
        };
        assert!(files == expected, "{count} writes of a first creation");
        without += usize::from(!is_there);
    }
    assert!(without > 0 && without < create.writes.len(), "{without}");

    let recreate = PowerCut::recreate();
    let mut newer = false;
    for count in 0..=recreate.writes.len() {
        let (_, recovery, _) = recovered(&recreate.card_after(count));
        let chosen = chosen(&recovery);
        assert_eq!(chosen.len(), 1, "{count} writes of a second creation");
        let is_new = chosen[0].file.as_slice() == again;
        assert!(is_new || chosen[0].file.as_slice() == first, "{count}");
        assert!(is_new || !newer, "{count}: back to the older one");
        newer = is_new;
    }
    assert!(newer);
}

#[test]
fn wallets_never_mix() {
    let mut known = wallet::five();
    known.extend([wallet::twelve(), wallet::twelve_again()]);
    known.extend((0..2).map(wallet::numbered));
    let mut seen = 0;
    for base in Base::all() {
        for seed in 0..60 {
            let (_, recovery, _) = recovered(&damage(seed, &base));
            for one in &recovery.recovered {
                let bytes = one.seed.expose();
                let whose = known.iter().find(|wallet| {
                    wallet.id() == one.id.to_string() && wallet.seed[..bytes.len()] == *bytes
                });
                assert!(whose.is_some(), "{} {seed}: {one:?}", base.name);
                assert_eq!(one.seed.id(), one.id);
                seen += 1;
            }
        }
    }
    assert!(seen > 500, "{seen}");
}
