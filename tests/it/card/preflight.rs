//! `inspect --preflight`: what is said beforehand, held against a backup really made by ChaN's FatFs with
//! the firmware's steps above it (tests/witness), on copies of every recipe and of damaged cards.

use std::cell::RefCell;

use crate::support::Image;
use crate::support::cards::{Cards, card};
use crate::support::program::testdata;
use bitbox_backup::backup::Id;
use bitbox_backup::firmware::{self, Obstacle, Version};
use bitbox_backup::image::Sectors;
use fixtures::backup::Backup;
use fixtures::card::Card;
use fixtures::damage::{Base, damage};
use fixtures::recipes;
use fixtures::{fat::Layout, wallet};

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

/// The firmware's `create`, and whether the device then lists what it made: the step that fails.
fn makes(card: &Card, backup: &Backup) -> Result<(), &'static str> {
    let card = Writable(RefCell::new(card.clone()));
    let id = backup.id();
    if matches!(witness::load(&card, &id), Err(witness::Failure::Panic)) {
        return Err("panic");
    }
    let old = witness::list_subdir(&card, Some(id.as_bytes())).map_err(|_| "list")?;
    let old = old.into_iter().map(String::from_utf8);
    let old = old.collect::<Result<Vec<_>, _>>().map_err(|_| "name")?;
    let file = backup.encode();
    for number in 0..3 {
        let name = backup.file_name(number);
        if old.contains(&name) {
            return Err("same name");
        }
        witness::write_bin(&card, &name, &id, &file).map_err(|_| "write")?;
        let read = witness::load_bin(&card, name.as_bytes(), id.as_bytes());
        if read.map_err(|_| "read")? != file {
            return Err("check");
        }
    }
    for name in old {
        witness::erase_file(&card, &name, &id).map_err(|_| "stale")?;
    }
    let expected = witness::Listed {
        id,
        timestamp: backup.timestamp,
        name: backup.name.clone(),
    };
    match witness::list_backups(&card) {
        witness::Answer::Ok(list) if list.contains(&expected) => Ok(()),
        witness::Answer::Ok(_) => Err("not listed"),
        _ => Err("list fails"),
    }
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
        Obstacle::NotErasable { id, .. } | Obstacle::UpperCase { id, .. } => Some(*id),
        Obstacle::Directory { id, .. }
        | Obstacle::DirectoryFull { id }
        | Obstacle::Unlisted { id } => *id,
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

/// How what is said of cards comes true.
#[derive(Default)]
struct Tally {
    asked: usize,
    accepted: usize,
    /// Accepted, and then not made: never.
    broken: Vec<String>,
    /// Refused out of caution: the device would have made it.
    cautious: Vec<String>,
}

impl Tally {
    /// Asks about a wallet no card has, and about each that this one has.
    fn card(&mut self, what: &str, card: &Card) {
        let told = obstacles(card);
        let for_all = told.iter().any(|one| concerns(one).is_none());
        self.hold(what, "new", for_all, makes(card, &stranger()), &told);
        let image = Writable(RefCell::new(card.clone()));
        let names = witness::list_subdir(&image, None).unwrap_or_default();
        for one in wallet::five() {
            if !names.contains(&one.id().into_bytes()) {
                continue;
            }
            let again = Backup {
                timestamp: 4_000_000_000,
                name: "x".repeat(63),
                ..one
            };
            let id: Id = again.id().parse().unwrap();
            let refused = for_all || told.iter().any(|one| concerns(one) == Some(id));
            self.hold(what, "again", refused, makes(card, &again), &told);
        }
    }

    fn hold(
        &mut self,
        what: &str,
        which: &str,
        refused: bool,
        made: Result<(), &str>,
        told: &[Obstacle],
    ) {
        self.asked += 1;
        self.accepted += usize::from(!refused);
        match (refused, made) {
            (false, Err(step)) => self.broken.push(format!("{what} ({which}): {step}")),
            (true, Ok(())) => self
                .cautious
                .push(format!("{what} ({which}): {:?}", told.first())),
            (false, Ok(())) | (true, Err(_)) => {}
        }
    }

    fn holds(&self, most_cautious: usize) {
        assert!(
            self.accepted > self.asked / 4,
            "{} of {}",
            self.accepted,
            self.asked
        );
        assert!(self.broken.is_empty(), "{}", self.broken.join("\n"));
        let cautious = self.cautious.len();
        assert!(
            cautious <= most_cautious,
            "{cautious} of {}\n{}",
            self.asked,
            self.cautious.join("\n")
        );
    }
}

#[test]
fn what_is_said_of_every_recipe_comes_true() {
    let mut tally = Tally::default();
    for recipe in recipes::all() {
        // Where FatFs R0.15 mounts otherwise (oracle.rs), it is no witness.
        let small = ["clusters_33", "total_64"].contains(&recipe.name);
        if !small {
            tally.card(recipe.name, &recipe.card);
        }
    }
    tally.holds(70);
}

#[test]
fn what_is_said_of_damaged_cards_comes_true() {
    let mut tally = Tally::default();
    for base in Base::all() {
        for seed in 0..240 {
            let card = damage(seed, &base);
            tally.card(&format!("{} {seed}", base.name), &card);
        }
    }
    tally.holds(tally.asked / 8);
}

/// A card with only so many free clusters is refused exactly where the device's own writing fails.
#[test]
fn every_number_of_free_clusters() {
    let mut accepted = 0;
    for there in [false, true] {
        for free in 0..10 {
            let mut fat = Layout::FAT12.with_clusters(200).format();
            if there {
                fat.save(&wallet::twelve());
            }
            let all = (2..fat.past_end()).rev();
            let clusters: Vec<u32> = all.filter(|cluster| fat.entry(*cluster) == 0).collect();
            for cluster in clusters.into_iter().skip(free) {
                fat.end(cluster);
            }
            let (made, told) = (makes(&fat.card, &stranger()), obstacles(&fat.card));
            let what = format!("{there} {free} {made:?} {told:?}");
            assert_eq!(told.is_empty(), made.is_ok(), "{what}");
            accepted += usize::from(made.is_ok());
        }
    }
    assert!(accepted > 8, "{accepted}");
}

fn preflight(cards: &Cards, name: &str) -> (Option<i32>, serde_json::Value) {
    let output = cards.run(&["inspect", "--preflight", "--json", name]);
    (
        output.status,
        output.json()["sources"][0]["preflight"].clone(),
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
    let said = cards.run(&["inspect", "--preflight", "blank.img"]).text();
    assert!(
        said.starts_with("status 1\nblank.img\n  A BitBox02 would not"),
        "{said}"
    );
    let said = cards.run(&["inspect", "--preflight", "empty.img"]).text();
    assert!(
        said.starts_with("status 0\nempty.img\n  A BitBox02 would make"),
        "{said}"
    );
    std::fs::create_dir(cards.path("folder")).unwrap();
    let said = cards.run(&["inspect", "--preflight", "folder"]).text();
    assert!(
        said.starts_with("status 2\nerror: folder: it has no volume"),
        "{said}"
    );
    let said = cards.run(&["inspect", "--preflight", "nowhere"]).text();
    assert!(said.starts_with("status 2\n"), "{said}");
}

#[test]
fn what_can_be_recovered_comes_before_a_new_backup() {
    let cards = Cards::new();
    // Deleted by a computer: a new backup would be written over it.
    let mut fat = Layout::FAT16.format();
    let set = fat.save(&wallet::twelve());
    for file in &set.files {
        fat.delete(file);
    }
    fat.delete(&set.folder);
    cards.put("deleted.img", &fat);
    let (status, answer) = preflight(&cards, "deleted.img");
    assert_eq!((status, &answer["recover_first"]), (Some(1), &true.into()));
    assert_eq!(answer["accepted"], true, "the device would take it");
    assert_eq!(answer["warnings"][0]["reason"], "recoverable-backup");
    let said = cards.run(&["inspect", "--preflight", "deleted.img"]).text();
    let first = "status 1\ndeleted.img\n  Do not make a new backup on this card: a backup can still be recovered from it.";
    assert!(said.starts_with(first), "{said}");
    // A deleted older backup of a wallet that is shown is none to be recovered first.
    let set = fat.save(&wallet::twelve());
    assert_eq!(set.files.len(), 3);
    cards.put("again.img", &fat);
    let (status, answer) = preflight(&cards, "again.img");
    assert_eq!((status, &answer["recover_first"]), (Some(0), &false.into()));
}

#[test]
fn a_card_that_lists_a_backup_is_searched_for_others() {
    let cards = Cards::new();
    // Another wallet's only copy, which nothing leads to.
    let mut fat = Layout::FAT16.format();
    fat.save(&wallet::twelve());
    let lost = fixtures::wallet::numbered(7);
    let place = fat.card.size() / 2;
    fat.card.write_at(place, &lost.encode());
    cards.put("lost.img", &fat);
    let list = cards.run(&["list", "lost.img"]);
    assert_eq!(list.status, Some(0), "{}", list.text());
    let (status, answer) = preflight(&cards, "lost.img");
    assert_eq!(status, Some(1), "{answer}");
    assert_eq!(answer["warnings"][0]["reason"], "recoverable-backup");
    // Of what is not searched nothing is promised.
    let said = cards.run(&["inspect", "--preflight", "--quick", "lost.img"]);
    let said = said.text();
    let first =
        "status 1\nlost.img\n  Make no new backup on this card yet: not all of it was searched";
    assert!(said.starts_with(first), "{said}");
    assert!(said.contains("run this again with `--carve`"), "{said}");
}

#[test]
fn reasons_have_names_and_places() {
    let cards = Cards::new();
    for (recipe, reason) in [("exfat", "exfat-volume"), ("gpt", "gpt-only")] {
        let path = testdata().join(format!("{recipe}.img.zst"));
        let (status, answer) = preflight(&cards, path.to_str().unwrap());
        assert_eq!(status, Some(1), "{answer}");
        assert_eq!(answer["reasons"][0]["reason"], reason);
    }
    let gpt = testdata().join("gpt.img.zst");
    let (_, answer) = preflight(&cards, gpt.to_str().unwrap());
    let advice = answer["reasons"][0]["advice"].as_str().unwrap();
    assert!(
        advice.starts_with("This card holds a backup: recover it to another place first"),
        "{advice}"
    );
}

#[test]
fn a_card_over_32_gib_is_not_supported_by_the_maker() {
    let cards = Cards::new();
    for (name, size, warned) in [("sdhc.img", 32 << 30, 0), ("sdxc.img", (32 << 30) + 512, 1)] {
        cards.put(name, &card(1, &[]));
        let image = std::fs::File::options().write(true).open(cards.path(name));
        image.unwrap().set_len(size).unwrap();
        let (status, answer) = preflight(&cards, name);
        assert_eq!(
            (status, &answer["accepted"]),
            (Some(0), &true.into()),
            "{answer}"
        );
        let warnings = answer["warnings"].as_array().unwrap();
        assert_eq!(warnings.len(), warned, "{answer}");
        let said = cards.run(&["inspect", "--preflight", name]).text();
        assert_eq!(said.matches("sdxc-card").count(), warned, "{said}");
        let source = "https://support.bitbox.swiss/en_US/microsd-karte-probleme-bitbox02";
        assert_eq!(said.matches(source).count(), warned, "{said}");
    }
}
