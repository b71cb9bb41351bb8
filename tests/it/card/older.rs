//! Firmware before v9.13.0: what it mounts, decodes and writes over, against the witness and by recipes.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::support::{Image, examine_as, view_of};
use bitbox_backup::catalogue::Looked;
use bitbox_backup::finding::Rule;
use bitbox_backup::firmware::{self, Version};
use bitbox_backup::image::Sectors;
use fixtures::card::Card;
use fixtures::damage::{Base, damage};
use fixtures::fat::Layout;
use fixtures::recipe::{Expected, Listed};
use fixtures::{recipes, wallet};

/// A card that is written to in memory.
struct Writable<'a>(&'a Card, RefCell<BTreeMap<u32, [u8; 512]>>);

impl witness::Sectors for Writable<'_> {
    fn count(&self) -> u64 {
        self.0.size() / 512
    }

    fn read(&self, lba: u32, buf: &mut [u8; 512]) -> bool {
        match self.1.borrow().get(&lba) {
            Some(sector) => {
                *buf = *sector;
                true
            }
            None => self.0.read_at(u64::from(lba) * 512, buf) == 512,
        }
    }

    fn write_sector(&self, lba: u32, sector: &[u8; 512]) -> bool {
        self.1.borrow_mut().insert(lba, *sector);
        true
    }

    fn checks_geometry(&self) -> bool {
        false
    }
}

fn witness(card: &Card) -> (Expected, usize) {
    let card = Writable(card, RefCell::default());
    let answer = match witness::list_backups_old(&card) {
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
    };
    (answer, card.1.into_inner().len())
}

fn view(card: &Card, version: &str) -> Expected {
    let image = Image::new(card.clone());
    let sectors = Sectors::new(&image);
    view_of(&firmware::list_backups(&sectors, version.parse().unwrap()).list)
}

fn count(view: &Expected) -> Option<usize> {
    match view {
        Expected::Ok(list) => Some(list.len()),
        Expected::Error | Expected::Crash => None,
    }
}

/// How many damages of all bases together, and the first seed.
fn damages() -> (u64, u64) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    (
        number("OLDER_DAMAGES").unwrap_or(6_000),
        number("ORACLE_FIRST_SEED").unwrap_or(0),
    )
}

#[test]
fn the_witness_of_v9_12_agrees_on_thousands_of_damages() {
    let bases = Base::all();
    let (damages, first) = damages();
    let each = damages.div_ceil(bases.len() as u64);
    let (mut wrong, mut written) = (Vec::new(), 0);
    for base in &bases {
        for seed in first..first + each {
            let card = damage(seed, base);
            let (theirs, writes) = witness(&card);
            written += usize::from(writes > 0);
            let ours = view(&card, "9.12.0");
            if ours != theirs {
                wrong.push(format!("{} seed {seed}\n  ours {ours:?}\n  witness {theirs:?}", base.name));
            }
        }
    }
    println!("{} damages, {written} cards written to", each * bases.len() as u64);
    assert!(wrong.is_empty(), "{} disagree\n{}", wrong.len(), wrong[..wrong.len().min(10)].join("\n"));
    assert!(written > 100, "{written} cards written to");
}
