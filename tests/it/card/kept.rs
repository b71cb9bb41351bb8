//! A card is to be destroyed only where nothing else on it may be wanted, and every command says so alike.

use fixtures::backup::Backup;
use fixtures::fat::Fat;
use fixtures::set::Set;
use fixtures::wallet;
use serde_json::Value;

use crate::support::cards::{Cards, actions, card, in_one_line, seed_offset};

/// Deletes a backup as a computer does.
fn delete(fat: &mut Fat, set: &Set) {
    set.files.iter().for_each(|file| fat.delete(file));
    fat.delete(&set.folder);
}

/// A card from which the backup of a wallet was deleted after all else was put on it.
fn deleted(put: &dyn Fn(&mut Fat)) -> Fat {
    let mut fat = card(1, &[]);
    let set = fat.save(&wallet::twelve());
    put(&mut fat);
    delete(&mut fat, &set);
    fat
}

/// Copies of a backup that nothing proves.
fn unproved(fat: &mut Fat, backup: &Backup) -> Set {
    let mut copy = backup.encode();
    let at = seed_offset(&copy, backup);
    copy[at + 2..at + 16].fill(0);
    fat.save_bytes(backup, [&copy; 3].map(Vec::as_slice))
}

/// What may lie on a card beside a deleted backup, and what it is called.
fn others() -> Vec<(&'static str, Fat)> {
    let archive = [&b"7z\xbc\xaf\x27\x1c\0\x04"[..], &[0; 24], b" compressed"].concat();
    let mut all = Vec::new();
    let mut add = |what, put: &dyn Fn(&mut Fat)| all.push((what, deleted(put)));
    add("other backups", &|fat| {
        fat.save(&wallet::twenty_four());
    });
    add("damaged copies that nothing proves yet", &|fat| {
        let set = unproved(fat, &wallet::twenty_four());
        delete(fat, &set);
    });
    add("what was not looked into, such as an archive", &|fat| {
        let root = fat.root();
        fat.make_file(root, "old.7z", &archive);
    });
    add("files that are no backups", &|fat| {
        let root = fat.root();
        let pictures = fat.make_dir(root, "DCIM");
        fat.make_file(pictures.as_dir(), "1.jpg", b"\xff\xd8\xff picture");
    });
    for (what, is_deleted) in [
        ("backups of a BitBox01", false),
        ("deleted files of a BitBox01", true),
    ] {
        add(what, &|fat| {
            let root = fat.root();
            let folder = fat.make_dir(root, "digitalbitbox");
            let file = fat.make_file(folder.as_dir(), "a-2018-03-14.pdf", b"%PDF-1.1 x");
            if is_deleted {
                fat.delete(&file);
                fat.delete(&folder);
            }
        });
    }
    all
}

fn source(cards: &Cards, command: &[&str]) -> Value {
    let ran = cards.run(&[command, &["--json"]].concat());
    ran.json()["sources"][0].clone()
}

#[test]
fn a_card_with_nothing_else_may_be_destroyed() {
    let cards = Cards::new();
    let fat = deleted(&|fat| {
        // What a system put there by itself, nobody misses.
        let root = fat.root();
        let system = fat.make_dir(root, "System Volume Information");
        fat.make_file(system.as_dir(), "WPSettings.dat", b"12345");
    });
    cards.put("card.img", &fat);
    for command in ["list", "inspect", "audit"] {
        let source = source(&cards, &[command, "card.img"]);
        assert_eq!(actions(&source).last(), Some(&"destroy"), "{source:#}");
    }
    let audit = in_one_line(&cards.run(&["audit", "card.img"]).out);
    assert!(audit.contains("destroy the card"), "{audit}");
    let ran = cards.run(&["recover", "card.img", "--to", "new", "--yes"]);
    let closing = in_one_line(&ran.err);
    assert!(closing.contains("Keep the old card until all of this has worked."));
}

#[test]
fn a_card_with_anything_else_is_kept() {
    for (what, fat) in others() {
        let cards = Cards::new();
        cards.put("card.img", &fat);
        for command in ["list", "inspect", "audit"] {
            let source = source(&cards, &[command, "card.img"]);
            assert!(!actions(&source).contains(&"destroy"), "{what}: {source:#}");
            let last = source["next"].as_array().unwrap().last().unwrap();
            let text = last["text"].as_str().unwrap();
            assert!(
                text.starts_with("Keep this card as safe as a wallet"),
                "{text}"
            );
            let also = format!("Do not destroy it: it also holds {what}.");
            assert!(text.ends_with(&also), "{what}: {text}");
        }
        let audit = in_one_line(&cards.run(&["audit", "card.img"]).out);
        assert!(!audit.contains("destroy the card"), "{what}: {audit}");
        let id = &wallet::twelve().id()[..8];
        let to = ["--to", "new", "--yes", "--effort", "1"];
        let ran = cards.run(&[&["recover", "card.img", "--id", id], &to[..]].concat());
        let closing = in_one_line(&ran.err);
        // Of one wallet alone the others are left.
        let what = match what {
            "damaged copies that nothing proves yet" => "other backups",
            what => what,
        };
        let kept = format!(
            "Keep the old card: it holds {what}. When all of this has worked, destroy the recovered files."
        );
        assert!(closing.contains(&kept), "{what}: {closing}");
        let report = std::fs::read_to_string(cards.path("new/recovery-report.txt")).unwrap();
        assert!(in_one_line(&report).contains(&kept), "{what}: {report}");
    }
}

/// The verdict on one wallet is true of the whole card.
#[test]
fn one_wallet_does_not_hide_the_others() {
    let cards = Cards::new();
    let (gone, other) = (wallet::twelve(), wallet::twenty_four());
    let fat = deleted(&|fat| {
        fat.save(&other);
    });
    cards.put("card.img", &fat);
    let mut fat = card(2, &[]);
    let sets = [&gone, &other].map(|backup| fat.save(backup));
    sets.iter().for_each(|set| delete(&mut fat, set));
    cards.put("both.img", &fat);
    for (name, shows) in [
        (
            "card.img",
            "The BitBox does not show it. Another backup was found, too.",
        ),
        (
            "both.img",
            "The BitBox shows no backup. Another backup was found, too.",
        ),
    ] {
        for command in ["list", "inspect", "audit"] {
            let source = source(&cards, &[command, name, "--id", &gone.id()[..8]]);
            assert_eq!(source["state"], "recoverable");
            let verdict = source["verdict"].as_str().unwrap();
            assert!(verdict.ends_with(shows), "{command}: {verdict}");
            assert!(
                !actions(&source).contains(&"destroy"),
                "{command}: {source:#}"
            );
        }
    }
    // Of remains, too.
    let fat = deleted(&|fat| {
        let set = unproved(fat, &other);
        delete(fat, &set);
    });
    cards.put("remains.img", &fat);
    let source = source(&cards, &["list", "remains.img", "--id", &other.id()[..8]]);
    let verdict = source["verdict"].as_str().unwrap();
    assert!(
        verdict.starts_with("Only remains of this backup were found"),
        "{verdict}"
    );
}

/// What is written to a card for one wallet could cost another: all of them are recovered first.
#[test]
fn all_are_recovered_before_a_card_is_written_to_for_one() {
    let cards = Cards::new();
    let shown = wallet::twenty_four();
    let fat = deleted(&|fat| {
        let set = fat.save(&shown);
        fat.make_file(set.dir(), "Thumbs.db", &[0]);
    });
    cards.put("card.img", &fat);
    let source = source(&cards, &["list", "card.img", "--id", &shown.id()[..8]]);
    assert_eq!(actions(&source)[..2], ["recover", "remove"], "{source:#}");
    let command = source["next"][0]["command"].as_str().unwrap();
    assert!(!command.contains("--id"), "{command}");
}

/// A deleted backup of a BitBox01 may be its only one: nothing is written over it.
#[test]
fn deleted_files_of_a_bitbox01_are_named() {
    let cards = Cards::new();
    let mut fat = card(1, &[]);
    let root = fat.root();
    let folder = fat.make_dir(root, "digitalbitbox");
    let file = fat.make_file(folder.as_dir(), "a-2018-03-14.pdf", b"%PDF-1.1 x");
    fat.delete(&file);
    fat.delete(&folder);
    cards.put("card.img", &fat);
    let source = source(&cards, &["list", "card.img"]);
    assert_eq!(actions(&source), ["none"], "{source:#}");
    let verdict = source["verdict"].as_str().unwrap();
    assert!(
        verdict.contains("only deleted files of a BitBox01"),
        "{verdict}"
    );
    let ran = cards.run(&["inspect", "--preflight", "card.img"]);
    assert_eq!(ran.status, Some(1));
    let said = in_one_line(&ran.text());
    assert!(
        said.contains("Do not make a new backup on this card"),
        "{said}"
    );
}

/// Nobody is told that a folder is nothing in which another backup lies.
#[test]
fn what_a_folder_among_the_copies_holds_is_said() {
    let cards = Cards::new();
    let mut fat = card(1, &[]);
    let set = fat.save(&wallet::twelve());
    let old = fat.make_dir(set.dir(), "old");
    let other = wallet::twenty_four();
    fat.make_file(old.as_dir(), &other.file_name(0), &other.encode());
    cards.put("card.img", &fat);
    let text = in_one_line(&cards.run(&["list", "-v", "card.img"]).out);
    assert!(text.contains("/old holds copies of a backup"), "{text}");
    assert!(!text.contains("/old is no backup"), "{text}");
    assert!(!text.contains("move it off the card"), "{text}");
}

/// What a person wrote is kept, whatever its name.
#[test]
fn words_under_the_name_of_a_system_file_are_not_removed() {
    for (text, action) in [
        ("abandon ability about", "move"),
        ("[.ShellClassInfo]\nA=1", "remove"),
    ] {
        let cards = Cards::new();
        let mut fat = card(1, &[]);
        let set = fat.save(&wallet::twelve());
        fat.make_file(set.dir(), "Thumbs.db", text.as_bytes());
        cards.put("card.img", &fat);
        let source = source(&cards, &["list", "card.img"]);
        assert!(actions(&source).contains(&action), "{text}: {source:#}");
    }
}
