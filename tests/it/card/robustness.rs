//! Any bytes at all: a report, never a panic, a hang, a read without bound, or an escape sequence.

use crate::support::{Image, examine, report_of};
use bitbox_backup::assess::State;
use bitbox_backup::catalogue::Looked;
use bitbox_backup::finding::Severity;
use bitbox_backup::firmware::List;
use fixtures::card::Card;
use fixtures::damage::{Base, Random, damage};
use fixtures::fat::Layout;
use fixtures::{recipes, wallet};

const EVERYTHING: Looked = Looked::Deleted;

/// Looks at a card with both eyes and holds what must be true of every card.
fn check(name: &str, card: Card, looked: Looked) {
    check_image(name, &Image::new(card), looked);
}

fn check_image(name: &str, image: &Image, looked: Looked) {
    let (catalogue, assessment) = examine(image, looked);
    if let Some(List::Ok(listed)) = assessment.answer.as_ref().map(|answer| &answer.list) {
        for one in listed {
            let found = assessment.backups.iter().any(|backup| {
                let same = backup.id.is_some_and(|id| id.to_string() == one.id);
                same && backup.timestamp == Some(one.timestamp)
                    && matches!(backup.state, State::Healthy | State::Degraded)
            });
            assert!(
                found,
                "{name}: {one:?} is listed and not in the report: {:#?}",
                assessment.backups
            );
        }
    }
    for backup in &assessment.backups {
        let explained = backup
            .findings
            .iter()
            .any(|finding| finding.severity == Severity::Error);
        let needed = matches!(backup.state, State::Hidden | State::Damaged | State::Lost);
        assert!(explained || !needed, "{name}: {backup:#?}");
    }
    let source = report_of(&catalogue, &assessment);
    let json = serde_json::to_string(&source).unwrap();
    let harmless = |c: char| {
        c >= ' ' && !('\u{7F}'..='\u{9F}').contains(&c) && !('\u{202A}'..='\u{202E}').contains(&c)
    };
    assert!(json.chars().all(harmless), "{name}: {json}");
    assert!(
        image.sectors_read() < 20_000,
        "{name}: {} sectors read",
        image.sectors_read()
    );
}

#[test]
fn thousands_of_damaged_cards() {
    // `.ci/full` asks for more of them.
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let (each, first) = (
        number("ROBUSTNESS_SEEDS").unwrap_or(400),
        number("ROBUSTNESS_FIRST_SEED").unwrap_or(0),
    );
    for base in Base::all() {
        for seed in first..first + each {
            let looked = if seed % 2 == 0 {
                EVERYTHING
            } else {
                Looked::Folders
            };
            check(
                &format!("{} seed {seed}", base.name),
                damage(seed, &base),
                looked,
            );
        }
    }
}

#[test]
fn every_recipe_with_everything_looked_at() {
    for recipe in recipes::all() {
        check(recipe.name, recipe.card, EVERYTHING);
    }
}

#[test]
fn any_one_sector_unreadable() {
    for recipe in recipes::healthy::ALL.iter().map(|recipe| recipe()) {
        let whole = Image::new(recipe.card.clone());
        examine(&whole, EVERYTHING);
        let sectors = whole.sectors();
        for bad in sectors.iter().step_by(sectors.len().div_ceil(40)) {
            let image = Image::with_bad_sector(recipe.card.clone(), *bad);
            check_image(
                &format!("{} with sector {bad} bad", recipe.name),
                &image,
                EVERYTHING,
            );
        }
    }
}

#[test]
fn bytes_that_are_no_card() {
    let mut random = Random::new(7);
    for length in [1, 7, 511, 512, 513, 1024, 1337, 40_000, 200_001] {
        let noise: Vec<u8> = (0..length).map(|_| random.byte()).collect();
        for bytes in [
            noise.clone(),
            vec![0; length],
            vec![0xFF; length],
            vec![0xAC; length],
        ] {
            check(
                &format!("{length} bytes"),
                Card::from_bytes(&bytes),
                EVERYTHING,
            );
        }
        // The same noise with the marks of a boot sector and a partition table.
        let mut marked = noise;
        if length >= 512 {
            marked[0] = 0xEB;
            marked[510] = 0x55;
            marked[511] = 0xAA;
            check(
                &format!("{length} marked bytes"),
                Card::from_bytes(&marked),
                EVERYTHING,
            );
            marked[11..13].copy_from_slice(&[0, 2]);
            marked[13] = 1;
            marked[82..90].copy_from_slice(b"FAT32   ");
            check(
                &format!("{length} bytes said to be FAT32"),
                Card::from_bytes(&marked),
                EVERYTHING,
            );
        }
    }
}

#[test]
fn a_card_cut_anywhere() {
    let (card, _) = card_with_one(Layout::FAT12);
    for length in (1..card.size()).step_by(97) {
        let mut cut = card.clone();
        cut.set_len(length);
        check(&format!("cut at {length}"), cut, EVERYTHING);
    }
}

fn card_with_one(layout: Layout) -> (Card, u64) {
    let mut fat = layout.format();
    fat.save(&wallet::twelve());
    let size = fat.card.size();
    (fat.card, size)
}

#[test]
fn a_list_of_a_32_gib_card_reads_at_most_64_sectors() {
    let layout = Layout {
        sectors_per_cluster: 64,
        clusters: 1_048_000,
        ..Layout::FAT32.in_mbr(0)
    };
    let (card, size) = card_with_one(layout);
    assert!(size > 32_000_000_000, "{size} bytes");
    let image = Image::new(card);
    let (_, assessment) = examine(&image, Looked::Folders);
    assert_eq!(assessment.backups[0].state, State::Healthy);
    let read = image.sectors_read();
    println!("{read} different sectors read");
    assert!(read <= 64, "{read} different sectors read");
}
