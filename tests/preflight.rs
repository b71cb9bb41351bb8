//! `inspect --preflight`: what is said beforehand, held against a backup really made by ChaN's FatFs with
//! the firmware's steps above it (tests/witness), on copies of every recipe and of damaged cards.

mod support;

use std::cell::RefCell;

use bitbox_backup::backup::Id;
use bitbox_backup::firmware::{self, Obstacle, Version};
use bitbox_backup::image::Sectors;
use fixtures::backup::Backup;
use fixtures::card::Card;
use fixtures::damage::{Base, damage};
use fixtures::recipes;
use fixtures::{fat::Layout, wallet};
use support::Image;
use support::cards::{Cards, card, json, text};

/// A card that can be written to.
struct Writable(RefCell<Card>);

impl witness::Sectors for Writable {
    fn count(&self) -> u64 {
        self.0.borrow().size() / 512
    }

    fn read(&self, lba: u32, buf: &mut [u8; 512]) -> bool {
        self.0.borrow().read_at(u64::from(lba) * 512, buf) == 512
    }

    fn write_sector(&self, lba: u32, sector: &[u8; 512]) -> bool {
        let fits = u64::from(lba) < self.count();
        if fits {
            self.0.borrow_mut().write_at(u64::from(lba) * 512, sector);
        }
        fits
    }
}

/// The firmware's `create`, and whether the device then lists what it made.
fn makes(card: &Card, backup: &Backup) -> bool {
    let card = Writable(RefCell::new(card.clone()));
    let id = backup.id();
    if matches!(witness::load(&card, &id), Err(witness::Failure::Panic)) {
        return false;
    }
    let Ok(old) = witness::list_subdir(&card, Some(id.as_bytes())) else {
        return false;
    };
    let Ok(old) = old
        .into_iter()
        .map(String::from_utf8)
        .collect::<Result<Vec<_>, _>>()
    else {
        return false;
    };
    let file = backup.encode();
    for number in 0..3 {
        let name = backup.file_name(number);
        if old.contains(&name) || witness::write_bin(&card, &name, &id, &file).is_err() {
            return false;
        }
        if witness::load_bin(&card, name.as_bytes(), id.as_bytes()) != Ok(file.clone()) {
            return false;
        }
    }
    for name in old {
        if witness::erase_file(&card, &name, &id).is_err() {
            return false;
        }
    }
    let expected = witness::Listed {
        id,
        timestamp: backup.timestamp,
        name: backup.name.clone(),
    };
    matches!(witness::list_backups(&card), witness::Answer::Ok(list) if list.contains(&expected))
}

fn obstacles(card: &Card) -> Vec<Obstacle> {
    let image = Image::new(card.clone());
    let sectors = Sectors::new(&image);
    let answer = firmware::list_backups(&sectors, Version::default());
    firmware::preflight(&sectors, &answer, Version::default())
}

/// The only wallet an obstacle concerns.
fn concerns(obstacle: &Obstacle) -> Option<Id> {
    match obstacle {
        Obstacle::NotErasable { id, .. } => Some(*id),
        Obstacle::Directory { id, .. } | Obstacle::DirectoryFull { id } => *id,
        _ => None,
    }
}

/// A wallet no card has, with the longest name.
fn stranger() -> Backup {
    Backup {
        name: "x".repeat(63),
        timestamp: 4_000_000_000,
        ..wallet::numbered(999_999)
    }
}

/// What is said of a card, and what comes true, where they differ.
fn differences(card: &Card) -> Vec<String> {
    let told = obstacles(card);
    let mut wrong = Vec::new();
    let for_all = told.iter().any(|one| concerns(one).is_none());
    if makes(card, &stranger()) == for_all {
        wrong.push(format!("a new wallet: {told:?}"));
    }
    let image = Writable(RefCell::new(card.clone()));
    let names = witness::list_subdir(&image, None).unwrap_or_default();
    for one in wallet::five() {
        let again = Backup {
            timestamp: 4_000_000_000,
            name: "x".repeat(63),
            ..one
        };
        let id: Id = again.id().parse().unwrap();
        if !names.contains(&again.id().into_bytes()) {
            continue;
        }
        let kept = for_all || told.iter().any(|one| concerns(one) == Some(id));
        if makes(card, &again) == kept {
            wrong.push(format!("again {id}: {told:?}"));
        }
    }
    wrong
}

#[test]
fn what_is_said_of_every_recipe_comes_true() {
    let (mut wrong, mut accepted, mut refused) = (Vec::new(), 0, 0);
    for recipe in recipes::all() {
        if obstacles(&recipe.card).is_empty() {
            accepted += 1;
        } else {
            refused += 1;
        }
        for difference in differences(&recipe.card) {
            wrong.push(format!("{}: {difference}", recipe.name));
        }
    }
    assert!(accepted > 20 && refused > 20, "{accepted} {refused}");
    assert!(
        wrong.is_empty(),
        "{} of {}\n{}",
        wrong.len(),
        accepted + refused,
        wrong.join("\n")
    );
}

#[test]
fn what_is_said_of_damaged_cards_comes_true() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for base in Base::all() {
        for seed in 0..120 {
            seen += 1;
            for difference in differences(&damage(seed, &base)) {
                wrong.push(format!("{} {seed}: {difference}", base.name));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {seen}\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// A card with only so many free clusters is refused exactly where the device's own writing fails.
#[test]
fn every_number_of_free_clusters() {
    for there in [false, true] {
        for free in 0..8 {
            let mut fat = Layout::FAT12.with_clusters(60).format();
            if there {
                fat.save(&wallet::twelve());
            }
            let end = 62;
            let clusters: Vec<u32> = (2..end)
                .rev()
                .filter(|cluster| fat.entry(*cluster) == 0)
                .collect();
            for cluster in clusters.into_iter().skip(free) {
                fat.set_entry(cluster, 0xFFF);
            }
            assert_eq!(
                differences(&fat.card),
                Vec::<String>::new(),
                "{there} {free}"
            );
            let needed = if there { 4 } else { 5 };
            assert_eq!(
                obstacles(&fat.card).is_empty(),
                free >= needed,
                "{there} {free}"
            );
        }
    }
}

fn preflight(cards: &Cards, name: &str) -> (Option<i32>, serde_json::Value) {
    let output = cards.run(&["inspect", "--preflight", "--json", name]);
    (
        output.status.code(),
        json(&output)["sources"][0]["preflight"].clone(),
    )
}

#[test]
fn the_answer_of_the_program() {
    let cards = Cards::new();
    cards.put("empty.img", &card(1, &[]));
    cards.put("used.img", &card(2, &[wallet::twelve()]));
    cards.file("blank.img", vec![0; 1 << 20]);
    for name in ["empty.img", "used.img"] {
        let (status, answer) = preflight(&cards, name);
        assert_eq!(status, Some(0), "{answer}");
        assert_eq!(answer["accepted"], true);
        assert_eq!(answer["reasons"], serde_json::json!([]));
    }
    let (status, answer) = preflight(&cards, "blank.img");
    assert_eq!(status, Some(1));
    assert_eq!(answer["reasons"][0]["reason"], "blank-card");
    // Of an image nothing is formatted.
    assert_eq!(answer["commands"], serde_json::json!([]));
    let said = text(&cards.run(&["inspect", "--preflight", "blank.img"]));
    assert!(
        said.starts_with("status 1\nblank.img\n  A BitBox02 would not"),
        "{said}"
    );
    let said = text(&cards.run(&["inspect", "--preflight", "empty.img"]));
    assert!(
        said.starts_with("status 0\nempty.img\n  A BitBox02 would make"),
        "{said}"
    );
    std::fs::create_dir(cards.path("folder")).unwrap();
    let said = text(&cards.run(&["inspect", "--preflight", "folder"]));
    assert!(
        said.starts_with("status 2\nerror: folder: it has no volume"),
        "{said}"
    );
    let said = text(&cards.run(&["inspect", "--preflight", "nowhere"]));
    assert!(said.starts_with("status 2\n"), "{said}");
}

#[test]
fn reasons_have_names_and_places() {
    let cards = Cards::new();
    for (recipe, reason) in [("exfat", "exfat-volume"), ("gpt", "gpt-only")] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("testdata/{recipe}.img.zst"));
        let (status, answer) = preflight(&cards, path.to_str().unwrap());
        assert_eq!(status, Some(1), "{answer}");
        assert_eq!(answer["reasons"][0]["reason"], reason);
    }
    let gpt = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/gpt.img.zst");
    let (_, answer) = preflight(&cards, gpt.to_str().unwrap());
    let advice = answer["reasons"][0]["advice"].as_str().unwrap();
    assert!(
        advice.starts_with("This card holds a backup: do not format it."),
        "{advice}"
    );
}
