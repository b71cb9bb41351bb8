//! Nothing is shown as proved that is not so, with several sources and what an owner knows, right or wrong.
//!
//! `NEVER_WRONG_TOGETHER` asks for more trials, of three wallets each, and `NEVER_WRONG_FIRST_SEED` for others.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::truth::wrong_seed;
use crate::support::{Image, examine};
use bitbox_backup::assess::assess_joined;
use bitbox_backup::backup::wallet::{Coin, DerivationPath, Owned, Root, Target};
use bitbox_backup::backup::{Seed, Words};
use bitbox_backup::catalogue::{Catalogue, Looked};
use bitbox_backup::recover::{Effort, Recovered, recover};
use fixtures::backup::Backup;
use fixtures::damage::{Random, together};
use fixtures::fat::Layout;

/// Candidates tried for each backup.
const EFFORT: u64 = 1 << 11;

/// The xpub of one of these wallets, or of another one, or nothing.
fn owned(random: &mut Random, truths: &[Backup]) -> Option<Owned> {
    let other = together::wallet(random);
    let of = match random.below(4) {
        0 => return None,
        1 => &other,
        number => &truths[number as usize - 1],
    };
    let seed: [u8; 32] = of.seed.as_slice().try_into().unwrap();
    let words = Words::of(&Seed::new(&seed, of.seed_length)?)?;
    let path = DerivationPath::account(84, Coin::Bitcoin, 0);
    let xpub = Root::of(&words, "")?.account(path)?.xpub();
    Owned::new(vec![Target::read(&xpub).unwrap()], String::new().into())
}

/// Readings of a damaged card: its copies with fresh errors, some of its files deleted.
fn readings(random: &mut Random, truth: &Backup) -> Vec<fixtures::card::Card> {
    let mut copies = vec![truth.encode(); 3];
    together::damage(random, &mut copies);
    copies.resize(3, Vec::new());
    let count = 1 + random.below(2);
    let reading = |_| {
        let rate = random.below(60);
        let mut read = copies.clone();
        for byte in read.iter_mut().flatten() {
            for bit in 0..8 {
                *byte ^= u8::from(random.below(1000) < rate) << bit;
            }
        }
        // One serial number for all cards, as cloned ones have it.
        let mut fat = Layout::FAT12.with_clusters(64).format();
        let [a, b, c] = [0, 1, 2].map(|at| read[at].as_slice());
        let set = fat.save_bytes(truth, [a, b, c]);
        for file in set.files.iter().filter(|_| random.one_in(4)) {
            fat.delete(file);
        }
        fat.card
    };
    (0..count).map(reading).collect()
}

/// What is wrong with a backup, if anything is.
fn wrong(one: &Recovered, truths: &[Backup]) -> Option<&'static str> {
    let mut same = truths
        .iter()
        .filter(|truth| truth.id() == one.id.to_string());
    let Some(first) = same.next() else {
        return Some("id");
    };
    // Two generations have one seed; all other fields have to be of one of them.
    let is_of = |truth: &Backup| {
        one.name.as_ref().is_none_or(|name| *name == truth.name)
            && one.timestamp.is_none_or(|time| time == truth.timestamp)
            && one.birthdate.is_none_or(|of| of == truth.birthdate)
    };
    let field = !is_of(first) && !same.any(is_of);
    wrong_seed(&one.seed, Some(one.seed.length()), first).or(field.then_some("field"))
}

/// Readings of one card, a card of the same wallet, and one of another wallet, all damaged: all at once.
fn trial(number: u64) -> (u64, Vec<&'static str>) {
    let mut random = Random::new(number ^ 0x0050_0CE5 << 40);
    let own = together::wallet(&mut random);
    let mut later = own.clone();
    later.timestamp += 1 + random.below(1 << 20) as u32;
    let truths = [own, later, together::wallet(&mut random)];
    let mut examined = Vec::new();
    for truth in &truths {
        for card in readings(&mut random, truth) {
            examined.push(examine(&Image::new(card), Looked::Surface));
        }
    }
    let (catalogues, assessments): (Vec<_>, Vec<_>) = examined.into_iter().unzip();
    let catalogue = Catalogue::join(catalogues);
    let assessment = assess_joined(&catalogue, assessments).unwrap();
    let mut effort = Effort::new(EFFORT);
    effort.owned = owned(&mut random, &truths);
    let recovery = recover(&catalogue, &assessment, &effort);
    let all = recovery.recovered.iter();
    let wrong = all.clone().filter_map(|one| wrong(one, &truths)).collect();
    (all.len() as u64, wrong)
}

#[test]
fn no_field_is_wrong_from_several_sources_and_with_what_the_owner_knows() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let trials: u64 = number("NEVER_WRONG_TOGETHER").unwrap_or(24);
    let first = number("NEVER_WRONG_FIRST_SEED").unwrap_or(0);
    let (next, seeds, bad) = (
        AtomicU64::new(first),
        AtomicU64::new(0),
        Mutex::new(Vec::new()),
    );
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= first + trials {
                        break;
                    }
                    let (recovered, wrong) = trial(number);
                    seeds.fetch_add(recovered, Ordering::Relaxed);
                    let wrong = wrong.into_iter().map(|field| (number, field));
                    bad.lock().unwrap().extend(wrong);
                }
            });
        }
    });
    let (seeds, bad) = (seeds.into_inner(), bad.into_inner().unwrap());
    println!("{trials} trials of three wallets: {seeds} backups recovered, wrong: {bad:?}");
    assert!(bad.is_empty(), "{bad:?}");
    assert!(seeds > trials / 2, "{seeds}");
}
