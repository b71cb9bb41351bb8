//! Nothing is proved that is not so, whatever the sources and whatever their owner says: another wallet's card among
//! them, an xpub or a fingerprint of another wallet, words that are remembered wrongly.
//!
//! `NEVER_WRONG_OWNER_TRIALS` and `NEVER_WRONG_OWNER_FIRST_SEED` ask for more trials; `.ci/full` asks.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use bitbox_backup::assess::assess_joined;
use bitbox_backup::backup::wallet::{Coin, Owned, Root, Target, account_path};
use bitbox_backup::backup::{KnownWords, Seed, Words};
use bitbox_backup::catalogue::{Catalogue, Looked};
use bitbox_backup::recover::{Effort, FieldProof, Recovered, recover};
use fixtures::backup::Backup;
use fixtures::classes::{self, LossClass, wallet};
use fixtures::damage::Random;
use zeroize::Zeroizing;

use crate::support::truth::wrong_seed;
use crate::support::{Image, examine};

/// Candidates tried for all backups of a trial.
const EFFORT: u64 = 1 << 13;

fn words(backup: &Backup) -> Words {
    let seed: [u8; 32] = backup.seed.as_slice().try_into().unwrap();
    Words::of(&Seed::new(&seed, backup.seed_length).unwrap()).unwrap()
}

/// The xpub or the fingerprint of each of these wallets.
fn owned(random: &mut Random, of: &[&Backup]) -> Vec<Owned> {
    let known = of.iter().map(|wallet| {
        let root = Root::of(&words(wallet), "").unwrap();
        let text = if random.one_in(2) {
            root.fingerprint().to_string()
        } else {
            let path = account_path(84, Coin::Bitcoin, random.below(3) as u32);
            root.account(path).unwrap().xpub()
        };
        vec![Target::read(&text).unwrap()]
    });
    Owned::new(known, &Zeroizing::default())
}

/// Words of a wallet, some forgotten and some of another.
fn remembered(random: &mut Random, own: &Backup, other: &Backup) -> KnownWords {
    let (own, other) = (words(own), words(other));
    let wrong = random.below(4);
    let all = own.expose().zip(other.expose());
    let mut shown: Vec<_> = all
        .map(|(own, other)| match random.below(12) {
            0..5 => "?",
            at if at < 5 + wrong => other,
            _ => own,
        })
        .collect();
    shown[0] = "zoo";
    KnownWords::read(&shown.join(" ")).unwrap()
}

/// What is wrong with a backup that was proved.
fn wrong_part(one: &Recovered, truths: &[&Backup]) -> Option<&'static str> {
    let id = one.id.to_string();
    let own: Vec<_> = truths.iter().filter(|truth| truth.id() == id).collect();
    let Some(first) = own.first() else {
        return Some("id");
    };
    if let Some(wrong) = wrong_seed(&one.seed, Some(one.seed.length()), first) {
        return Some(wrong);
    }
    let proved = |of: FieldProof| of == FieldProof::Checksum;
    let is_right = |truth: &&&Backup| {
        (!proved(one.proof.name) || one.name.as_ref() == Some(&truth.name))
            && (!proved(one.proof.birthdate) || one.birthdate.unwrap_or(0) == truth.birthdate)
            && (!proved(one.proof.generator) || one.generator == truth.generator)
            && one.timestamp.is_none_or(|time| time == truth.timestamp)
    };
    (!own.iter().any(is_right)).then_some("field")
}

/// One trial: what is wrong, and how many wallets were proved.
fn trial(class: &LossClass, seed: u64) -> (Vec<&'static str>, u64) {
    let mut random = Random::new(seed ^ 0x000A_0B0D << 40);
    let length = random.pick(&[16, 32]);
    let backup = wallet(&mut random, length);
    let mut later = backup.clone();
    later.timestamp += 86_400; // of two cards of one wallet
    let (other, unknown) = (wallet(&mut random, length), wallet(&mut random, length));
    let mut lost = (class.lose)(&mut random, &backup);
    let of_other = (class.lose)(&mut random, &other);
    let mut effort = Effort::new(EFFORT);
    let liar = random.pick(&[0, 1, 2, 3]);
    if lost.knows_xpub || liar == 1 {
        let of = match random.below(3) {
            0 => vec![&other],
            1 => vec![&unknown],
            _ => vec![&other, &unknown],
        };
        effort.owned = owned(&mut random, &of);
    }
    if !lost.known_words.is_empty() || liar == 2 {
        effort.words = Some(remembered(&mut random, &backup, &other));
    }
    if liar == 3 || random.one_in(4) {
        let at = random.below(lost.cards.len() as u64 + 1) as usize;
        lost.cards.splice(at..at, of_other.cards);
    }
    let examined = lost.cards.iter();
    let examined = examined.map(|card| examine(&Image::new(card.clone()), Looked::Surface));
    let (catalogues, assessments): (Vec<_>, Vec<_>) = examined.unzip();
    let catalogue = Catalogue::join(catalogues);
    let assessment = assess_joined(&catalogue, assessments).unwrap();
    let recovery = recover(&catalogue, &assessment, &effort);
    let mut later_other = other.clone();
    later_other.timestamp += 86_400;
    let mut truths = vec![&backup, &later, &other, &later_other];
    truths.extend(lost.others.iter().chain(&of_other.others));
    let all = recovery.recovered.iter();
    let wrong = all.filter_map(|one| wrong_part(one, &truths)).collect();
    (wrong, recovery.recovered.len() as u64)
}

#[test]
fn nothing_is_wrong_with_several_sources_and_an_owner_who_errs() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let trials: u64 = number("NEVER_WRONG_OWNER_TRIALS").unwrap_or(40);
    let first: u64 = number("NEVER_WRONG_OWNER_FIRST_SEED").unwrap_or(0);
    let classes: Vec<&LossClass> = classes::all().collect();
    let (next, proved) = (AtomicU64::new(first), AtomicU64::new(0));
    let wrong: Mutex<BTreeMap<(&str, &str), Vec<u64>>> = Mutex::default();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + trials {
                        break;
                    }
                    let class = classes[seed as usize % classes.len()];
                    let (found, count) = trial(class, seed);
                    proved.fetch_add(count, Ordering::Relaxed);
                    for field in found {
                        let mut wrong = wrong.lock().unwrap();
                        wrong.entry((class.name, field)).or_default().push(seed);
                    }
                }
            });
        }
    });
    let proved = proved.into_inner();
    let wrong = wrong.into_inner().unwrap();
    println!("{trials} trials: {proved} wallets proved");
    assert!(wrong.is_empty(), "{wrong:?}");
    // The damages leave something to prove.
    assert!(proved > trials / 4, "{proved} of {trials}");
}
