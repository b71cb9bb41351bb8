//! Nothing is shown as proved that is not so: no wrong words, name, time or id, whatever is damaged.
//!
//! `NEVER_WRONG_TRIALS` and `NEVER_WRONG_FIRST_SEED` ask for more trials, and `NEVER_WRONG_SEARCHED=N`
//! for a search in one trial of N and a whole card in one of 4 N, which takes most of the time;
//! `.ci/full` asks.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::cards::Cards;
use crate::support::truth::{wrong_field, wrong_seed};
use crate::support::{Image, examine};
use bitbox_backup::assess::{Assessment, assess_joined};
use bitbox_backup::backup::Repaired;
use bitbox_backup::backup::{self, Id};
use bitbox_backup::catalogue::{Catalogue, Looked};
use bitbox_backup::progress::Progress;
use bitbox_backup::recover::{Effort, FieldProof, Missing, Recovery, recover};
use bitbox_backup::repair::{self, Case, ProvedFields};
use fixtures::backup::Backup;
use fixtures::card::Card;
use fixtures::damage::{Random, together};
use fixtures::fat::Layout;
use fixtures::wallet;

/// Candidates tried in a search of these trials, and on a whole card.
const EFFORT: u64 = 1 << 11;

/// How many trials, the first one's seed, and one in how many searches.
fn trials() -> (u64, u64, u64) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    (
        number("NEVER_WRONG_TRIALS").unwrap_or(2_000),
        number("NEVER_WRONG_FIRST_SEED").unwrap_or(0),
        number("NEVER_WRONG_SEARCHED").unwrap_or(40),
    )
}

fn id(backup: &Backup) -> Id {
    backup.id().parse().unwrap()
}

/// What the trials came to.
#[derive(Default)]
struct Count {
    whole: AtomicU64,
    seeds: AtomicU64,
    questions: AtomicU64,
    searches: AtomicU64,
    cards: AtomicU64,
    wrong: Mutex<BTreeMap<&'static str, Vec<u64>>>,
}

impl Count {
    fn wrong(&self, field: Option<&'static str>, trial: u64) {
        if let Some(field) = field {
            let mut wrong = self.wrong.lock().unwrap();
            wrong.entry(field).or_default().push(trial);
        }
    }

    fn seed(&self, length: Option<u32>) {
        let of = match length {
            Some(_) => &self.seeds,
            None => &self.questions,
        };
        of.fetch_add(1, Ordering::Relaxed);
    }
}

/// Copies of one wallet, damaged, and an id and a time that are not its own.
fn trial(count: &Count, trial: u64, search: bool) {
    let mut random = Random::new(trial ^ 0x00F1_E1D5 << 40);
    let truth = together::wallet(&mut random);
    let mut copies = vec![truth.encode(); 3];
    together::damage(&mut random, &mut copies);
    let copies: Vec<&[u8]> = copies.iter().map(Vec::as_slice).collect();
    let own = id(&truth);
    match backup::vote_or_splice(&copies, Some(own)) {
        Some(Repaired::Whole(_, contents)) => {
            count.whole.fetch_add(1, Ordering::Relaxed);
            count.wrong(wrong_field(&contents, &truth), trial);
        }
        Some(Repaired::Seed { id, seed, length }) => {
            count.seed(length);
            count.wrong((id != own).then_some("id"), trial);
            count.wrong(wrong_seed(&seed, length, &truth), trial);
        }
        None => {}
    }
    if !search {
        return;
    }
    count.searches.fetch_add(1, Ordering::Relaxed);
    let other = id(&together::wallet(&mut random));
    let ids = match random.below(4) {
        0 => vec![other],
        1 => vec![other, own],
        _ => vec![own, other],
    };
    let case = Case {
        copies,
        others: Vec::new(),
        own_id: ids[0] == own,
        ids,
        times: vec![truth.timestamp + 86_400, truth.timestamp],
        seed: None,
        ..Case::default()
    };
    let Some(proved) = repair::prove(&case, EFFORT, 0, &Progress::default()).proved else {
        return;
    };
    count.wrong(proved.id.is_some_and(|id| id != own).then_some("id"), trial);
    match proved.fields {
        ProvedFields::Whole(contents) => {
            count.whole.fetch_add(1, Ordering::Relaxed);
            count.wrong(wrong_field(&contents, &truth), trial);
        }
        ProvedFields::Seed { seed, length } => {
            count.seed(length);
            count.wrong(wrong_seed(&seed, length, &truth), trial);
        }
    }
}

fn everything(card: &Card) -> (Catalogue, Assessment) {
    examine(&Image::new(card.clone()), Looked::Surface)
}

fn recovered(card: &Card, length: Option<u32>) -> (Assessment, Recovery) {
    let (catalogue, assessment) = everything(card);
    let mut effort = Effort::new(EFFORT);
    effort.length = length;
    let recovery = recover(&catalogue, &assessment, &effort);
    (assessment, recovery)
}

/// A card with two wallets, their copies damaged, some of their files deleted.
fn whole_card(count: &Count, trial: u64) {
    let mut random = Random::new(trial ^ 0x00CA_4D5E << 40);
    let mut fat = Layout::FAT12.with_clusters(64).format();
    let truths = [(); 2].map(|()| together::wallet(&mut random));
    for truth in &truths {
        let mut copies = vec![truth.encode(); 3];
        together::damage(&mut random, &mut copies);
        copies.resize(3, Vec::new());
        let [a, b, c] = [0, 1, 2].map(|at| copies[at].as_slice());
        let set = fat.save_bytes(truth, [a, b, c]);
        for file in set.files.iter().filter(|_| random.one_in(6)) {
            fat.delete(file);
        }
    }
    count.cards.fetch_add(1, Ordering::Relaxed);
    let (assessment, recovery) = recovered(&fat.card, None);
    let truth = |id: Id| truths.iter().find(|truth| truth.id() == id.to_string());
    for backup in &assessment.backups {
        let Some(length) = backup.seed_length else {
            continue;
        };
        let right = backup.id.and_then(truth).map(|truth| truth.seed_length);
        count.wrong((right != Some(length)).then_some("length listed"), trial);
    }
    for one in &recovery.recovered {
        let Some(truth) = truth(one.id) else {
            count.wrong(Some("id"), trial);
            continue;
        };
        count.seeds.fetch_add(1, Ordering::Relaxed);
        count.wrong(wrong_seed(&one.seed, Some(one.seed.length()), truth), trial);
        let other = |wrong: bool, field| wrong.then_some(field);
        let name = one.name.as_ref().is_some_and(|name| *name != truth.name);
        count.wrong(other(name, "name"), trial);
        let time = one.timestamp.is_some_and(|time| time != truth.timestamp);
        count.wrong(other(time, "time"), trial);
        let birthdate = one.birthdate.is_some_and(|of| of != truth.birthdate);
        count.wrong(other(birthdate, "birthdate"), trial);
        let generator =
            one.generator != truth.generator && one.proof.generator != FieldProof::Absent;
        count.wrong(other(generator, "generator"), trial);
    }
}

/// Readings of one card, a card of the same wallet, and one of another wallet, all damaged: all at once.
fn several_sources(count: &Count, trial: u64) {
    let mut random = Random::new(trial ^ 0x0050_0CE5 << 40);
    let own = together::wallet(&mut random);
    let mut later = own.clone();
    later.timestamp += 1 + random.below(1 << 20) as u32;
    let truths = [own, later, together::wallet(&mut random)];
    let mut examined = Vec::new();
    for truth in &truths {
        let mut copies = vec![truth.encode(); 3];
        together::damage(&mut random, &mut copies);
        copies.resize(3, Vec::new());
        for _ in 0..1 + random.below(2) {
            let rate = random.below(60);
            for byte in copies.iter_mut().flatten() {
                for bit in 0..8 {
                    *byte ^= u8::from(random.below(1000) < rate) << bit;
                }
            }
            // One serial number for all, as cloned cards have it.
            let mut fat = Layout::FAT12.with_clusters(64).format();
            let [a, b, c] = [0, 1, 2].map(|at| copies[at].as_slice());
            let set = fat.save_bytes(truth, [a, b, c]);
            for file in set.files.iter().filter(|_| random.one_in(4)) {
                fat.delete(file);
            }
            examined.push(everything(&fat.card));
        }
    }
    count.cards.fetch_add(1, Ordering::Relaxed);
    let (catalogues, assessments): (Vec<_>, Vec<_>) = examined.into_iter().unzip();
    let catalogue = Catalogue::join(catalogues);
    let assessment = assess_joined(&catalogue, assessments).unwrap();
    let recovery = recover(&catalogue, &assessment, &Effort::new(EFFORT));
    for one in &recovery.recovered {
        let mut same = truths
            .iter()
            .filter(|truth| truth.id() == one.id.to_string());
        let Some(truth) = same.next() else {
            count.wrong(Some("id of several"), trial);
            continue;
        };
        count.seeds.fetch_add(1, Ordering::Relaxed);
        count.wrong(wrong_seed(&one.seed, Some(one.seed.length()), truth), trial);
        let mut all = [truth].into_iter().chain(same);
        let is_one = all.any(|truth| {
            one.name.as_ref().is_none_or(|name| *name == truth.name)
                && one.timestamp.is_none_or(|time| time == truth.timestamp)
                && one.birthdate.is_none_or(|of| of == truth.birthdate)
        });
        count.wrong((!is_one).then_some("field of several"), trial);
    }
}

#[test]
fn no_field_is_wrong_when_checksum_length_and_layout_are_damaged_together() {
    let (trials, first, searched) = trials();
    let count = Count::default();
    let next = AtomicU64::new(first);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    match number {
                        _ if number >= first + trials => break,
                        _ if number.is_multiple_of(searched * 4) => whole_card(&count, number),
                        _ if number % (searched * 4) == 1 => several_sources(&count, number),
                        _ => trial(&count, number, number.is_multiple_of(searched)),
                    }
                }
            });
        }
    });
    let read = |of: &AtomicU64| of.load(Ordering::Relaxed);
    let (whole, seeds) = (read(&count.whole), read(&count.seeds));
    let questions = read(&count.questions);
    let wrong = count.wrong.into_inner().unwrap();
    let (searches, cards) = (read(&count.searches), read(&count.cards));
    println!(
        "{trials} trials, {searches} searches and {cards} whole cards among them: {whole} whole, \
         {seeds} seeds, {questions} questions of length"
    );
    for (field, of) in &wrong {
        println!("wrong {field}: {}, such as {:?}", of.len(), of.first());
    }
    assert!(wrong.is_empty());
    // The damages reach every answer.
    assert!(
        whole > trials / 200 && seeds > trials / 20 && questions > trials / 200,
        "{whole} whole, {seeds} seeds, {questions} questions"
    );
}

/// A backup of 12 words of which a flipped bit of the length once made 18.
fn once_wrong() -> Backup {
    let mut seed = hex::decode("f8501ecc11b12b76054e10f3d204d786").unwrap();
    seed.resize(32, 0);
    Backup {
        timestamp: 1_724_235_838,
        name: "cold-1".to_owned(),
        mode: 0,
        seed_length: 16,
        seed,
        birthdate: 1_661_334_669,
        generator: "v9.0.5".to_owned(),
        length: 0,
    }
}

/// A copy without a checksum that says this length.
fn unproved(backup: &Backup, length: u8) -> Vec<u8> {
    let mut copy = backup.encode();
    copy[6..38].fill(0x5A);
    let own = [0x08, backup.seed_length as u8, 0x12, 0x20];
    let at = copy.windows(4).position(|at| at == own).unwrap();
    copy[at + 1] = length;
    copy
}

/// A card with three copies that say these lengths; 0 for one of which nothing can be read.
fn card(backup: &Backup, lengths: [u8; 3]) -> Card {
    let copies = lengths.map(|length| match length {
        0 => vec![0xFF; 90],
        length => unproved(backup, length),
    });
    let mut fat = Layout::FAT12.with_clusters(400).format();
    fat.save_bytes(backup, [&copies[0], &copies[1], &copies[2]]);
    fat.card
}

#[test]
fn a_flipped_bit_never_makes_eighteen_words_of_twelve() {
    let backup = once_wrong();
    for lengths in [[0, 0, 0x18], [0x10, 0x10, 0x18], [0x18; 3], [0x20, 0x10, 0]] {
        let (assessment, recovery) = recovered(&card(&backup, lengths), None);
        assert_eq!(assessment.backups[0].seed_length, None, "{lengths:x?}");
        assert!(recovery.recovered.is_empty(), "{lengths:x?}");
        let missing = &recovery.not_recovered[0].missing;
        assert_eq!(*missing, Missing::Length(vec![16, 24, 32]), "{lengths:x?}");
    }
}

#[test]
fn the_shortest_length_is_taken_where_no_copy_says_a_longer_one() {
    let backup = once_wrong();
    for lengths in [
        [0x10; 3],
        [0, 0, 0x10],
        [0x1c; 3],
        [0x10, 0x12, 0x90],
        [0x08; 3],
    ] {
        let (assessment, recovery) = recovered(&card(&backup, lengths), None);
        assert_eq!(assessment.backups[0].seed_length, Some(16), "{lengths:x?}");
        let one = &recovery.recovered[0];
        assert_eq!(one.seed.expose(), &backup.seed[..16]);
        assert_eq!(one.proof.seed_length, FieldProof::Id);
        assert_eq!(one.proof.timestamp, FieldProof::FileName);
        assert_eq!(one.timestamp, Some(backup.timestamp));
    }
}

#[test]
fn a_length_is_taken_where_only_one_is_possible() {
    for (truth, says) in [(wallet::twenty_four(), 0x10), (wallet::twenty_four(), 0x18)] {
        let (assessment, recovery) = recovered(&card(&truth, [says; 3]), None);
        assert_eq!(assessment.backups[0].seed_length, Some(32));
        assert_eq!(recovery.recovered[0].seed.expose(), truth.seed);
        assert_eq!(recovery.recovered[0].proof.seed_length, FieldProof::Id);
    }
}

#[test]
fn a_longer_seed_that_ends_in_zeros_is_never_shortened_while_a_copy_says_so() {
    let short = once_wrong();
    let mut long = short.clone();
    long.seed_length = 32;
    assert_eq!(short.id(), long.id());
    let (_, recovery) = recovered(&card(&long, [0, 0, 0x20]), None);
    assert!(recovery.recovered.is_empty());
    // Nor while a whole copy of the same id says so, wherever on the card it is.
    let mut older = long.clone();
    older.timestamp -= 1000;
    let mut fat = Layout::FAT12.with_clusters(400).format();
    let damaged = unproved(&long, 0x1c);
    fat.save_bytes(&long, [&damaged; 3].map(Vec::as_slice));
    fat.save(&older);
    let (assessment, recovery) = recovered(&fat.card, None);
    let words: Vec<_> = recovery
        .recovered
        .iter()
        .map(|one| one.seed.words())
        .collect();
    assert_eq!(words, [Some(24)]);
    let listed: Vec<_> = assessment
        .backups
        .iter()
        .map(|one| one.seed_length)
        .collect();
    assert_eq!(listed, [None, Some(32)]);
}

#[test]
fn a_seed_of_zeros_has_no_length_without_the_checksum() {
    let backup = wallet::abandon();
    let (assessment, recovery) = recovered(&card(&backup, [0x10; 3]), None);
    assert_eq!(assessment.backups[0].seed_length, None);
    assert!(recovery.recovered.is_empty());
    let (_, recovery) = recovered(&card(&backup, [0x10; 3]), Some(16));
    assert_eq!(recovery.recovered[0].seed.words(), Some(12));
    assert_eq!(recovery.recovered[0].proof.seed_length, FieldProof::Absent);
}

#[test]
fn no_time_of_another_file_is_taken() {
    // The wallet's own copy has lost its name; the only name on the card is of another wallet.
    let backup = once_wrong();
    let mut fat = Layout::FAT12.with_clusters(400).format();
    fat.save(&wallet::twenty_four());
    let root = fat.root();
    fat.make_file(root, "f0001124.bin", &unproved(&backup, 0x10));
    let (catalogue, assessment) = everything(&fat.card);
    let mut effort = Effort::new(EFFORT);
    effort.ids = vec![id(&backup)];
    let recovery = recover(&catalogue, &assessment, &effort);
    let own = recovery.recovered.iter().find(|one| one.id == id(&backup));
    let own = own.expect("its seed is whole");
    assert_eq!(
        (own.timestamp, own.proof.timestamp),
        (None, FieldProof::Absent)
    );
}

#[test]
fn every_command_asks_before_it_takes_a_longer_length() {
    let cards = Cards::new();
    let backup = once_wrong();
    card(&backup, [0x10, 0x10, 0x18])
        .write_to(cards.path("card.img"))
        .unwrap();
    let list = cards.run(&["list", "card.img", "--json"]).json();
    assert!(list["sources"][0]["backups"][0]["words"].is_null());
    let audit = cards.run(&["audit", "card.img", "--json"]).json();
    assert!(audit["wallets"][0]["words"].is_null());
    for command in ["words", "wallet"] {
        let output = cards.run(&[command, "card.img", "--json", "--effort=1000"]);
        assert_eq!(output.status, Some(1), "{}", output.text());
        let answer = output.json();
        let of = if command == "wallet" {
            &answer["sources"][0]
        } else {
            &answer
        };
        assert_eq!(of["wallets"].as_array().unwrap().len(), 0);
        assert_eq!(of["not_recovered"][0]["reason"], "length");
        assert_eq!(
            of["not_recovered"][0]["words"],
            serde_json::json!([12, 18, 24])
        );
    }
    let short = &backup.id()[..8];
    let output = cards.run(&["match", "card.img", "--id", short, "--json"]);
    assert!(
        output.json()["matches"][0]["words"].is_null(),
        "{}",
        output.text()
    );
    let recover = [
        "recover",
        "card.img",
        "--to",
        "out",
        "--yes",
        "--json",
        "--effort=1000",
    ];
    let output = cards.run(&recover);
    assert_eq!(output.status, Some(1), "{}", output.text());
    assert!(!cards.path("out").exists());
    let verdict = output.json()["verdict"].clone();
    assert!(
        verdict.as_str().unwrap().starts_with("The seed is proved"),
        "{verdict}"
    );
    // As many words as its owner remembers it has, if they are its words.
    let seed: [u8; 32] = backup.seed.as_slice().try_into().unwrap();
    let words = backup::Words::of(&backup::Seed::new(&seed, 16).unwrap()).unwrap();
    let three_forgotten = words.expose().enumerate().map(|(at, word)| match at {
        1 | 5 | 9 => "?",
        _ => word,
    });
    let known = three_forgotten.collect::<Vec<_>>().join(" ");
    for (known, length) in [(known, 12), ("zoo ".repeat(12), 0)] {
        cards.file("words.txt", known);
        let mut with = [&recover[..], &["--known-words=words.txt"]].concat();
        with[3] = "with-words";
        let answer = cards.run(&with).json();
        assert_eq!(
            answer["recovered"][0]["words"].as_u64().unwrap_or(0),
            length,
            "{answer:#}"
        );
        if length > 0 {
            assert_eq!(answer["recovered"][0]["proof"]["seed_length"], "absent");
        }
    }
    let answer = cards
        .run(&[&recover[..], &["--length", "16"]].concat())
        .json();
    assert_eq!(answer["recovered"][0]["words"], 12);
    assert_eq!(answer["recovered"][0]["proof"]["seed_length"], "absent");
    // What is shown to be pasted says the length too.
    let output = cards.run(&["words", "card.img", "--length", "16", "--effort=1000"]);
    assert!(
        output
            .text()
            .contains(&format!("--id {short} --length 16 --reveal"))
    );
}
