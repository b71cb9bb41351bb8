//! Our device's eye against an independent witness: ChaN's own FatFs with a literal transcription
//! of the firmware's list and load above it (tests/witness), over every recipe and tens of
//! thousands of seeded damages.
//!
//! The witness is FatFs R0.15, the newest firmware has R0.16. They differ in two points, both when a
//! volume is mounted (docs/format.md 3.1):
//!
//! 1. R0.16 refuses volumes of 32 clusters and fewer; R0.15 refuses only those of none.
//! 2. R0.16 takes a boot sector without the FAT32 mark for one from 64 sectors on, R0.15 from 128.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::support::{Image, device_view};
use bitbox_backup::fat::geometry::BootSector;
use bitbox_backup::firmware::{GeometryRule, MountError, MountedVolume, Version};
use bitbox_backup::image::Sectors;
use fixtures::card::Card;
use fixtures::damage::{Base, damage};
use fixtures::power_cut::PowerCut;
use fixtures::recipe::{Expected, Listed};
use fixtures::recipes;

/// How many damages of all bases together, and the first seed; `.ci/full` asks for more of them.
fn damages() -> (u64, u64) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    (
        number("ORACLE_DAMAGES").unwrap_or(24_000),
        number("ORACLE_FIRST_SEED").unwrap_or(0),
    )
}

/// A card, and a sector of it that cannot be read.
struct Witnessed<'a>(&'a Card, Option<u64>);

impl witness::Sectors for Witnessed<'_> {
    fn count(&self) -> u64 {
        self.0.size() / 512
    }

    fn read(&self, lba: u32, buf: &mut [u8; 512]) -> bool {
        u64::from(lba) < self.count()
            && self.1 != Some(u64::from(lba))
            && self.0.read_at(u64::from(lba) * 512, buf) == 512
    }
}

/// What the witness answers, as recipes expect it.
pub(super) fn expected(answer: witness::Answer) -> Expected {
    match answer {
        witness::Answer::Ok(list) => {
            let listed = list.into_iter().map(|one| Listed {
                id: one.id,
                timestamp: one.timestamp,
                name: one.name,
            });
            Expected::Ok(listed.collect())
        }
        witness::Answer::Error => Expected::Error,
        witness::Answer::Crash => Expected::Crash,
    }
}

fn witness(card: &Card, bad: Option<u64>) -> Expected {
    expected(witness::list_backups(&Witnessed(card, bad)))
}

/// Whether a card stands on one of the two known differences in mounting.
fn mounts_differently(card: &Card) -> bool {
    let image = Image::new(card.clone());
    let sectors = Sectors::new(&image);
    let base = match MountedVolume::mount(&sectors, Version::default()) {
        Ok(volume) => volume.base(),
        Err(MountError::Geometry { lba, rule }) => {
            if rule == GeometryRule::TooFewClusters {
                return true;
            }
            lba
        }
        Err(_) => return false,
    };
    let boot = sectors.sector(u64::from(base)).unwrap();
    (64..128).contains(&BootSector(&boot).total_sectors_16())
}

/// What both say of a card, or how they disagree.
fn compare(card: &Card) -> Result<Expected, String> {
    let (ours, theirs) = (device_view(&Image::new(card.clone())), witness(card, None));
    if ours == theirs {
        Ok(ours)
    } else {
        Err(format!("ours {ours:?}\n  witness {theirs:?}"))
    }
}

#[test]
fn the_witness_agrees_on_every_recipe() {
    let mut wrong = Vec::new();
    let mut known = 0;
    for recipe in recipes::all() {
        match compare(&recipe.card) {
            Ok(_) => {}
            Err(_) if mounts_differently(&recipe.card) => known += 1,
            Err(how) => wrong.push(format!("{}: {}\n  {how}", recipe.name, recipe.what)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        known <= 4,
        "{known} recipes stand on the two known differences"
    );
}

#[test]
fn the_witness_agrees_after_every_power_cut() {
    let create = PowerCut::first_create();
    for count in 0..=create.writes.len() {
        let answer = compare(&create.card_after(count));
        assert_eq!(
            answer,
            Ok(create.answer_to_first_create(count)),
            "{count} writes of a first creation"
        );
    }
    let recreate = PowerCut::recreate();
    for count in 0..=recreate.writes.len() {
        let answer = compare(&recreate.card_after(count));
        assert_eq!(
            answer,
            Ok(recreate.answer_to_recreate(count)),
            "{count} writes of a re-creation"
        );
    }
}

#[test]
fn the_witness_agrees_when_any_one_sector_cannot_be_read() {
    let mut compared = 0;
    let long = recipes::chain::ALL.iter().chain(recipes::healthy::ALL);
    for recipe in long
        .map(|recipe| recipe())
        .filter(|recipe| !mounts_differently(&recipe.card))
    {
        let whole = Image::new(recipe.card.clone());
        device_view(&whole);
        let sectors = whole.sectors();
        for bad in sectors.iter().step_by(sectors.len().div_ceil(60)) {
            let ours = device_view(&Image::with_bad_sector(recipe.card.clone(), *bad));
            let theirs = witness(&recipe.card, Some(*bad));
            assert_eq!(ours, theirs, "{} with sector {bad} bad", recipe.name);
            compared += 1;
        }
    }
    println!("{compared} bad sectors");
    assert!(compared > 400, "{compared} bad sectors compared");
}

#[test]
fn the_witness_agrees_on_thousands_of_damages() {
    let bases = Base::all();
    let (damages, first) = damages();
    let each = damages.div_ceil(bases.len() as u64);
    let (known, errors, empty, crashes) = (
        AtomicU64::new(0),
        AtomicU64::new(0),
        AtomicU64::new(0),
        AtomicU64::new(0),
    );
    let wrong = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let note = |base: &Base, seed: u64| {
        let card = damage(seed, base);
        let counter = match compare(&card) {
            Ok(Expected::Error) => &errors,
            Ok(Expected::Crash) => &crashes,
            Ok(Expected::Ok(list)) if list.is_empty() => &empty,
            Ok(Expected::Ok(_)) => return,
            Err(_) if mounts_differently(&card) => &known,
            Err(how) => {
                let how = format!("{} seed {seed}\n  {how}", base.name);
                return wrong.lock().unwrap().push(how);
            }
        };
        counter.fetch_add(1, Ordering::Relaxed);
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(base) = bases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    (first..first + each).for_each(|seed| note(base, seed));
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    let count = |counter: AtomicU64| counter.into_inner();
    let (known, errors, empty, crashes) =
        (count(known), count(errors), count(empty), count(crashes));
    println!(
        "{} damages: {errors} errors, {crashes} crashes, {empty} empty lists, {known} known differences",
        each * bases.len() as u64
    );
    assert!(
        wrong.is_empty(),
        "{} disagree\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
    assert!(
        known < damages / 50,
        "{known} damages stand on the two known differences"
    );
    // The damages reach everything a device can answer.
    assert!(
        errors > 500 && empty > 500 && crashes > 0,
        "{errors} errors, {empty} empty, {crashes} crashes"
    );
}
