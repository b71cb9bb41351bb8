//! Words that somebody remembers limit the search. They prove nothing, and are seen nowhere.

use fixtures::backup::Backup;
use fixtures::classes::flip;
use fixtures::damage::Random;
use fixtures::fat::Layout;
use fixtures::wallet;

use crate::support::cards::Cards;
use crate::support::person::Person;
use crate::support::program::{program, ran, without_terminal};

const WORDS: &str = "memory ? era cave phone ? dice come mechanic ? moon repeat";
const LINE: [&str; 5] = ["words", "card.img", "--json", "--effort", "quick"];

/// A card with one copy, one bit in ten of which is wrong.
fn damaged(cards: &Cards, backup: &Backup) {
    let mut copy = backup.encode();
    flip(&mut Random::new(23), &mut copy, 0.1);
    let mut fat = Layout::FAT12.with_clusters(400).format();
    fat.save_bytes(backup, [&copy, &[], &[]]);
    cards.put("card.img", &fat);
}

#[test]
fn words_in_a_file_find_what_is_too_damaged_without() {
    let cards = Cards::new();
    damaged(&cards, &wallet::twelve());
    cards.file("words.txt", WORDS);
    let without = cards.run(&LINE).json();
    assert_eq!(without["wallets"].as_array().unwrap().len(), 0);
    let line = [&LINE[..], &["--known-words=words.txt"]].concat();
    let ran = cards.run(&line);
    let answer = ran.json();
    assert_eq!(
        answer["wallets"][0]["id"],
        wallet::twelve().id(),
        "{}",
        ran.text()
    );
    assert_eq!(answer["wallets"][0]["proof"]["seed"], "id");
    assert!(!ran.text().contains("mechanic"), "{}", ran.text());
    // Words of another wallet, or at other places, prove nothing.
    for other in [
        &WORDS.replace("era cave", "cave era"),
        "zoo ? ? zoo zoo zoo zoo ? zoo zoo zoo zoo",
    ] {
        cards.file("words.txt", other);
        let answer = cards.run(&line).json();
        let wallets = answer["wallets"].as_array().unwrap();
        assert!(
            wallets.iter().all(|one| one["id"] == wallet::twelve().id()),
            "{answer:#}"
        );
    }
}

#[test]
fn words_are_asked_for_where_nobody_reads_along() {
    let cards = Cards::new();
    damaged(&cards, &wallet::twelve());
    let line = [&LINE[..], &["--known-words"]].concat();
    let mut person = Person::starts(cards.folder(), &line);
    person.reads("Recovery words in their order");
    person.types("memory ? era\n");
    person.reads("3 words and question marks instead of 12");
    person.types(&format!("{WORDS}\n"));
    assert_eq!(person.waits(), 0);
    let got = String::from_utf8_lossy(&person.got).into_owned();
    assert!(got.contains(&wallet::twelve().id()), "{got}");
    assert!(!got.contains("mechanic"), "{got}");
    // A word a line, pasted: nothing is shown between two questions either, nor what comes after the answer.
    let mut person = Person::starts(cards.folder(), &line);
    person.reads("Recovery words in their order");
    person.types(&format!(
        "{}\n{WORDS}\nmechanic\nmechanic\n",
        "mechanic\n".repeat(400)
    ));
    assert_eq!(person.waits(), 0);
    let got = String::from_utf8_lossy(&person.got).into_owned();
    assert!(got.contains(&wallet::twelve().id()), "{got}");
    assert!(!got.contains("mechanic"), "{got}");
    let ran = ran(without_terminal(program(cards.folder()).args(&line)));
    assert_eq!(ran.status, Some(2), "{}", ran.text());
    let prompt = "there is no terminal to ask this on: Recovery words in their order, ? for each that is not known \
                  (nothing of it is shown)";
    assert!(ran.text().contains(prompt), "{}", ran.text());
}

#[test]
fn wrong_words_are_refused_and_never_shown() {
    let cards = Cards::new();
    damaged(&cards, &wallet::twelve());
    let line = [&LINE[..], &["--known-words=words.txt"]].concat();
    for (text, error) in [
        ("memory raven", "2 words and question marks"),
        (
            "memory mechanik ? ? ? ? ? ? ? ? ? ?",
            "word 2 is not in the English list",
        ),
        ("? ? ? ? ? ? ? ? ? ? ? ?", "only question marks"),
    ] {
        cards.file("words.txt", text);
        let ran = cards.run(&line);
        assert_eq!(ran.status, Some(2), "{}", ran.text());
        assert!(ran.text().contains(error), "{}", ran.text());
        assert!(!ran.text().contains("memory") && !ran.text().contains("mechani"));
    }
    // On the command line itself they would stay in the history of the shell: they are no value of the option.
    let ran = cards.run(&[&LINE[..], &["--known-words", "memory"]].concat());
    assert_ne!(ran.status, Some(0));
    let both = [&line[..], &["--resume", "resume.json"]].concat();
    assert_eq!(cards.run(&both).status, Some(2));
}
