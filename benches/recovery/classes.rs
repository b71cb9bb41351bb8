//! The losses near the bound of what can be proved: whole cards, and what their owner knows.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use bitbox_backup::assess::assess_joined;
use bitbox_backup::backup::wallet::{Coin, Owned, Root, Target, account_path};
use bitbox_backup::backup::{KnownWords, Seed, Words};
use bitbox_backup::catalogue::Catalogue;
use bitbox_backup::examine::{Options, examine_image};
use bitbox_backup::firmware::Version;
use bitbox_backup::image::Memory;
use bitbox_backup::recover::{Effort, FieldProof, Recovery, recover};
use fixtures::backup::Backup;
use fixtures::classes::{self, LossClass, Lost, wallet};
use fixtures::damage::Random;
use rayon::prelude::*;
use zeroize::Zeroizing;

use crate::truth::wrong_seed;

/// The table of all classes whose names contain `only`, and how many wallets came out wrong.
pub(crate) fn table(trials: u64, effort: u64, only: &str) -> (String, Vec<&'static str>) {
    let mut table = String::from(
        "| what is lost | words | wallets | seed | all fields |\n|---|---|---|---|---|\n",
    );
    let mut wrong = Vec::new();
    for class in classes::all().filter(|class| class.name.contains(only)) {
        for (seed_length, words) in [(16, 12), (32, 24)] {
            let (seeds, whole) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let all_wrong = Mutex::new(Vec::new());
            (0..trials).into_par_iter().for_each(|trial| {
                let found = one(class, seed_length, trial, effort);
                seeds.fetch_add(usize::from(found.seed), Ordering::Relaxed);
                whole.fetch_add(usize::from(found.whole), Ordering::Relaxed);
                all_wrong
                    .lock()
                    .expect("no thread panics")
                    .extend(found.wrong);
            });
            let share = |of: AtomicUsize| {
                format!("{:.1} %", of.into_inner() as f64 * 100.0 / trials as f64)
            };
            let row = format!(
                "| {} | {words} | {trials} | {} | {} |\n",
                class.name,
                share(seeds),
                share(whole)
            );
            print!("{row}");
            table.push_str(&row);
            wrong.extend(all_wrong.into_inner().expect("no thread panics"));
        }
    }
    (table, wrong)
}

#[derive(Default)]
struct Found {
    seed: bool,
    whole: bool,
    wrong: Vec<&'static str>,
}

fn one(class: &LossClass, seed_length: u32, trial: u64, effort: u64) -> Found {
    let letters = class.name.bytes();
    let salt = letters.fold(0_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let mut random = Random::new(salt ^ u64::from(seed_length) << 32 ^ trial << 40 ^ 0xB0D);
    let backup = wallet(&mut random, seed_length);
    let lost = (class.lose)(&mut random, &backup);
    let recovery = search(&lost, &backup, effort);
    let mut found = Found::default();
    for one in &recovery.recovered {
        let mut truths = [&backup].into_iter().chain(&lost.others);
        let Some(truth) = truths.find(|truth| truth.id() == one.id.to_string()) else {
            found.wrong.push("id");
            continue;
        };
        found
            .wrong
            .extend(wrong_seed(&one.seed, Some(one.seed.length()), truth));
        if one.proof.name == FieldProof::Checksum && one.name.as_ref() != Some(&truth.name) {
            found.wrong.push("name");
        }
        if truth.id() == backup.id() {
            found.whole |= one.proof.seed.is_whole();
        }
    }
    // All wallets that were on the cards.
    let mut all = [&backup].into_iter().chain(&lost.others);
    let ids: Vec<_> = recovery
        .recovered
        .iter()
        .map(|one| one.id.to_string())
        .collect();
    found.seed = all.all(|truth| ids.contains(&truth.id()));
    found
}

/// Looks through all cards together, with what the owner knows.
fn search(lost: &Lost, backup: &Backup, candidates: u64) -> Recovery {
    let options = Options::everything(Version::default(), 1 << 20);
    let examined = lost.cards.iter().map(|card| {
        let image = Memory::from(card.to_vec());
        let examined = examine_image("card.img", &image, &options);
        (examined.catalogue, examined.assessment)
    });
    let (catalogues, assessments): (Vec<_>, Vec<_>) = examined.unzip();
    let catalogue = Catalogue::join(catalogues);
    let assessment = assess_joined(&catalogue, assessments).expect("a card");
    let mut effort = Effort::new(candidates);
    let padded: [u8; 32] = backup.seed.as_slice().try_into().expect("32 bytes");
    let words =
        Words::of(&Seed::new(&padded, backup.seed_length).expect("a length")).expect("words");
    if lost.knows_xpub {
        let account =
            Root::of(&words, "").and_then(|root| root.account(account_path(84, Coin::Bitcoin, 0)));
        let target = Target::read(&account.expect("an account").xpub()).expect("an xpub");
        effort.owned = Owned::new([vec![target]], &Zeroizing::default());
    }
    if !lost.known_words.is_empty() {
        let shown = words.expose().enumerate();
        let shown: Vec<_> = shown
            .map(|(place, word)| {
                if lost.known_words.contains(&place) {
                    word
                } else {
                    "?"
                }
            })
            .collect();
        effort.words = Some(KnownWords::read(&shown.join(" ")).expect("words"));
    }
    recover(&catalogue, &assessment, &effort)
}
