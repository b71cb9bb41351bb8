//! The last steps of a rescue: nothing that may still be wanted is to be destroyed, and no wallet is forgotten.

use fixtures::backup::Backup;
use fixtures::wallet;

use crate::support::cards::{Cards, card, in_one_line, save_in, seed_offset, zip};
use crate::support::person::Person;

/// Answers yes to everything: the status, and what is left to do, in one line.
fn rescued(cards: &Cards, source: &str, to: &str) -> (i32, String) {
    let arguments = ["rescue", source, "--to", to];
    let mut person = Person::starts_on(cards.folder(), &arguments, (400, 200), |command| command);
    for step in 1.. {
        let question = format!("Step {step} of ");
        person.sees(&question, |person| {
            let screen = person.screen();
            screen.contains(&question) || screen.contains("What is left to do")
        });
        if person.screen().contains("What is left to do") {
            break;
        }
        person.types("yes\n");
    }
    let status = person.waits();
    let screen = person.screen();
    let (_, left) = screen.split_once("What is left to do").unwrap();
    (status, in_one_line(left))
}

/// What is named behind the last step.
fn destroyed(left: &str) -> Vec<&str> {
    let (_, named) = left.split_once("erase the disk.").unwrap();
    named.split_whitespace().collect()
}

/// The file of a backup whose seed is gone.
fn lost(backup: &Backup) -> Vec<u8> {
    let mut file = backup.encode();
    let at = seed_offset(&file, backup);
    file[at + 2..at + 16].fill(0);
    file
}

fn with_a_lost_one() -> Cards {
    let cards = Cards::new();
    save_in(&cards.path("d"), &wallet::twelve());
    let last = save_in(&cards.path("d"), &wallet::twenty_four());
    for entry in std::fs::read_dir(last.parent().unwrap()).unwrap() {
        std::fs::write(entry.unwrap().path(), lost(&wallet::twenty_four())).unwrap();
    }
    cards
}

#[test]
fn what_holds_a_lost_backup_is_kept() {
    let cards = with_a_lost_one();
    let (backup, other) = (wallet::twelve(), wallet::twenty_four());
    let files = [(backup.encode(), &backup), (lost(&other), &other)];
    let named = files.iter().map(|(bytes, one)| {
        let name = format!("bitbox02/{}/{}", one.id(), one.file_name(0));
        (name, bytes.as_slice())
    });
    let named: Vec<_> = named.collect();
    let members: Vec<_> = named
        .iter()
        .map(|(name, bytes)| (&**name, *bytes))
        .collect();
    cards.file("w.zip", zip(&members));
    let mut fat = card(1, &[wallet::twelve()]);
    fat.save_bytes(&other, [&lost(&other); 3].map(Vec::as_slice));
    // Of a card in a reader, of which an archive is one here, the copy may be the last good reading.
    fat.card.write_to(cards.path("card.img")).unwrap();
    let bytes = std::fs::read(cards.path("card.img")).unwrap();
    cards.file("reader", zip(&[("card.img", &bytes)]));
    for (source, to, kept) in [
        ("d", "a", "Keep d: it holds what could not be recovered."),
        (
            "w.zip",
            "b",
            "Keep w.zip: it holds what could not be recovered.",
        ),
        (
            "reader/card.img",
            "c",
            "Keep the old card and c/card.img: they hold what could not be recovered.",
        ),
    ] {
        let (status, left) = rescued(&cards, source, to);
        assert_eq!(status, 1, "{left}");
        assert!(left.contains(kept), "{left}");
        assert!(
            left.contains("Look for other cards of what could not be recovered"),
            "{left}"
        );
        assert_eq!(
            destroyed(&left),
            [format!("{to}/recovered"), format!("{to}/saved.img")]
        );
        // An earlier run says the same if its last step is skipped.
        let arguments = ["rescue", source, "--to", to];
        let mut person = Person::starts_on(cards.folder(), &arguments, (400, 200), |one| one);
        let steps = if source == "reader/card.img" { 3 } else { 2 };
        for step in 1..=steps {
            person.reads(&format!("Step {step} of {steps}"));
            person.types("skip\n");
        }
        person.reads("What is left to do");
        person.waits();
        assert!(
            in_one_line(&person.screen()).contains(kept),
            "{}",
            person.screen()
        );
    }
}

#[test]
fn of_a_folder_only_what_holds_copies_is_destroyed() {
    let cards = Cards::new();
    // Nothing else is in it.
    save_in(&cards.path("pure"), &wallet::twelve());
    let (status, left) = rescued(&cards, "pure", "a");
    assert_eq!(status, 0, "{left}");
    assert_eq!(destroyed(&left), ["a/recovered", "a/saved.img", "pure"]);
    // A folder of a telephone, with a copy and an archive of more among pictures.
    let folder = cards.path("phone");
    std::fs::create_dir_all(folder.join("DCIM")).unwrap();
    std::fs::write(folder.join("DCIM/1.jpg"), "picture").unwrap();
    std::fs::write(folder.join("DCIM/a.bin"), wallet::twelve().encode()).unwrap();
    let other = wallet::abandon();
    let name = format!("bitbox02/{}/{}", other.id(), other.file_name(0));
    std::fs::write(folder.join("old.zip"), zip(&[(&name, &other.encode())])).unwrap();
    save_in(&folder, &wallet::eighteen());
    let (_, left) = rescued(&cards, "phone", "b");
    assert_eq!(
        destroyed(&left),
        [
            "b/recovered",
            "b/saved.img",
            "phone/DCIM/a.bin",
            "phone/bitbox02",
            "phone/old.zip"
        ]
    );
    let save = "If one of them holds anything else that you need, save that first.";
    assert!(left.contains(save), "{left}");
}

/// Nor is a card on which something lies beside its backups.
#[test]
fn a_card_with_anything_else_is_kept() {
    let cards = Cards::new();
    let mut fat = card(1, &[wallet::twelve()]);
    let root = fat.root();
    let archive = [&b"7z\xbc\xaf\x27\x1c\0\x04"[..], &[0; 24], b" compressed"].concat();
    fat.make_file(root, "old.7z", &archive);
    let set = fat.save(&wallet::twenty_four());
    fat.delete(&set.files[0]);
    cards.put("card.img", &fat);
    let (_, left) = rescued(&cards, "card.img", "a");
    let kept = "Keep the old card: it holds what was not looked into, such as an archive.";
    assert!(left.contains(kept), "{left}");
    assert_eq!(destroyed(&left), ["a/recovered", "a/saved.img"]);
}

#[test]
fn every_wallet_is_restored_before_anything_is_destroyed() {
    let cards = Cards::new();
    let (first, second) = (wallet::twelve(), wallet::twenty_four());
    for backup in [&first, &second] {
        save_in(&cards.path("d"), backup);
    }
    let (_, left) = rescued(&cards, "d", "a");
    let each = "Do this step and the next for each of the 2 wallets, one after the other (";
    assert!(left.contains(each), "{left}");
    let ran = cards.run(&["recover", "d", "--card", "new.img", "--yes"]);
    let closing = in_one_line(&ran.err);
    let each = "Then do this for each of the 2 wallets, one after the other (";
    assert!(closing.contains(each), "{closing}");
    for (text, backup) in [&left, &closing].into_iter().zip([first, second]) {
        assert!(
            text.contains(&format!("{}… \"{}\"", &backup.id()[..8], backup.name)),
            "{text}"
        );
        assert!(text.contains("one wallet at a time") || text.contains("it holds one at a time"));
    }
}

/// A search that may well end is offered as the command that goes on with it.
#[test]
fn a_longer_search_is_a_command() {
    let cards = Cards::new();
    let backup = wallet::twenty_four();
    let mut file = backup.encode();
    let at = seed_offset(&file, &backup);
    file[at + 3..at + 9].fill(0);
    let mut fat = card(1, &[]);
    fat.save_bytes(&backup, [&file; 3].map(Vec::as_slice));
    cards.put("card.img", &fat);
    let (status, left) = rescued(&cards, "card.img", "a");
    assert_eq!(status, 1, "{left}");
    let command = "bitbox-backup recover card.img --to a/recovered --card a/saved.img --resume a/search.json --yes --effort ";
    assert!(left.contains(command), "{left}");
    assert!(!left.contains("an earlier run"), "{left}");
}

/// Whoever stops at a question reads how to go on.
#[test]
fn a_question_that_is_not_answered_says_how_to_go_on() {
    let cards = with_a_lost_one();
    for key in ["\x03", "\x04"] {
        let arguments = ["rescue", "d", "--to", "a"];
        let mut person = Person::starts_on(cards.folder(), &arguments, (60, 100), |one| one);
        person.reads("Type yes, skip, or stop");
        person.types(key);
        person.reads("Stopped before step 1 of 2");
        person.reads("Continue with: bitbox-backup rescue d --to a");
        person.waits();
    }
}

/// No card of a BitBox holds all of them: they are recovered to the folder, and each gets a card of its own.
#[test]
fn more_than_one_card_holds_is_recovered() {
    let cards = Cards::new();
    for wallet in (0..102).map(wallet::numbered) {
        save_in(&cards.path("d"), &wallet);
    }
    let (status, left) = rescued(&cards, "d", "a");
    assert_eq!(status, 1, "{left}");
    let first = "1. Copy each folder in a/recovered/bitbox02 to a new card of its own";
    assert!(left.starts_with(&format!(": {first}")), "{left}");
    let folders = std::fs::read_dir(cards.path("a/recovered/bitbox02")).unwrap();
    assert_eq!(folders.count(), 102);
    assert!(!left.contains("image"), "{left}");
    assert!(destroyed(&left).contains(&"a/recovered"), "{left}");
}

/// What only the number of words is missing for is one command away.
#[test]
fn the_number_of_words_is_asked_for() {
    let cards = Cards::new();
    let mut backup = wallet::twenty_four();
    backup.seed[16..].fill(0);
    let mut file = backup.encode();
    file[6..38].fill(0);
    let mut fat = card(1, &[]);
    fat.save_bytes(&backup, [&file; 3].map(Vec::as_slice));
    cards.put("card.img", &fat);
    let (status, left) = rescued(&cards, "card.img", "a");
    assert_eq!(status, 1, "{left}");
    let id = &backup.id()[..8];
    let asks = format!(
        "nothing else is missing to recover the backup {id}…. This command is for 12 words; for 18 words give 24; for 24 \
         words give 32."
    );
    assert!(left.contains(&asks), "{left}");
    let (_, command) = left.split_once("skip its steps. bitbox-backup ").unwrap();
    let (command, _) = command.split_once(" 2. ").unwrap();
    let command: Vec<_> = command.split(' ').collect();
    assert!(command.ends_with(&["--length", "16"]), "{left}");
    let ran = cards.run(&command);
    assert_eq!(ran.status, Some(0), "{}", ran.text());
    assert!(cards.path("a/saved.img").exists());
}
