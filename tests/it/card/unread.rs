//! A wallet is on a card even where nothing but the name of its folder could be read, and whether the BitBox shows it is
//! not known then.

use fixtures::fat::{Fat, Layout};
use fixtures::set::Set;
use fixtures::wallet;
use serde_json::Value;

use crate::support::cards::{Cards, actions};
use crate::support::program::{Ran, bound_by_permissions, program, ran};

/// A card with two wallets.
fn saved() -> (Fat, [Set; 2]) {
    let mut fat = Layout::FAT32.format();
    let wallets = [wallet::twelve(), wallet::twenty_four()];
    let sets = wallets.map(|wallet| fat.save(&wallet));
    (fat, sets)
}

fn words(ran: &Ran) -> String {
    ran.text().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn of<'a>(source: &'a Value, id: &str) -> Option<&'a Value> {
    let mut all = source["backups"].as_array().unwrap().iter();
    all.find(|one| one["id"] == id)
}

/// Puts a card of which these bytes have a status.
fn put(cards: &Cards, fat: &Fat, at: u64, length: u64, status: char) {
    cards.put("card.img", fat);
    let size = std::fs::metadata(cards.path("card.img")).unwrap().len();
    let end = at + length;
    let map = format!(
        "0 ? 1\n0 {at} +\n{at} {length} {status}\n{end} {} +\n",
        size - end
    );
    cards.file("card.img.map", map);
}

/// The folder and all files of the last wallet, which lie behind everything else.
fn last(fat: &Fat, sets: &[Set; 2]) -> (u64, u64) {
    let at = sets[1].folder.data;
    let end = sets[1].files.iter().map(|file| file.data).max().unwrap() + fat.cluster_bytes();
    (at, end - at)
}

#[test]
fn a_wallet_whose_folder_cannot_be_read_is_named() {
    let (fat, sets) = saved();
    let id = wallet::twenty_four().id();
    let (at, length) = last(&fat, &sets);
    for status in ['-', '?'] {
        let cards = Cards::new();
        put(&cards, &fat, at, length, status);
        let ran = cards.run(&["list", "card.img"]);
        let said = words(&ran);
        assert_eq!(ran.status, Some(1), "{said}");
        let source = &cards.run(&["list", "card.img", "--json"]).json()["sources"][0];
        assert_eq!(source["state"], "attention", "{said}");
        let lost = of(source, &id).unwrap_or_else(|| panic!("{said}"));
        assert_eq!(lost["state"], "damaged", "{said}");
        assert_eq!(lost["copies"], serde_json::json!([]), "{said}");
        assert!(said.contains("1 of 2 backups is complete"), "{said}");
        match status {
            '-' => {
                assert_eq!(source["device_view"]["list"], "ok", "{said}");
                assert_eq!(actions(source)[0], "other-reader", "{said}");
                assert!(said.contains("its folder cannot be read"), "{said}");
            }
            _ => {
                assert!(source["device_view"].is_null(), "{said}");
                assert_eq!(actions(source)[0], "image", "{said}");
                assert!(
                    said.contains("What else the BitBox shows is not known"),
                    "{said}"
                );
            }
        }
        let ran = cards.run(&["recover", "card.img", "--yes", "--json", "--to", "new"]);
        let answer = ran.json();
        let missing = &answer["not_recovered"][0];
        assert_eq!((ran.status, &missing["id"]), (Some(1), &id.as_str().into()));
        assert_eq!(missing["reason"], "unread", "{missing:#}");
        assert_eq!(missing["state"], "damaged", "{missing:#}");
    }
}

#[test]
fn an_image_that_ends_before_a_folder_names_its_wallet() {
    let (mut fat, sets) = saved();
    let cards = Cards::new();
    fat.card.set_len(sets[1].folder.data);
    cards.put("card.img", &fat);
    let ran = cards.run(&["list", "card.img"]);
    let said = words(&ran);
    assert_eq!(ran.status, Some(1), "{said}");
    assert!(said.contains("1 of 2 backups is complete"), "{said}");
    assert!(
        said.contains("was not read: this image ends before its files"),
        "{said}"
    );
}

#[test]
fn what_an_unfinished_copy_lacks_is_not_what_the_bitbox_hides() {
    let (mut fat, sets) = saved();
    let cards = Cards::new();
    fat.card.set_len(sets[1].files[2].data);
    cards.put("card.img", &fat);
    let ran = cards.run(&["list", "card.img"]);
    let said = words(&ran);
    assert!(
        said.contains("whether the BitBox shows it is not known: the image ends"),
        "{said}"
    );
    assert!(said.contains("It shows 1 other backup"), "{said}");
    assert!(!said.contains("does not show it"), "{said}");
    let source = &cards.run(&["list", "card.img", "--json"]).json()["sources"][0];
    assert!(source["device_view"].is_null(), "{said}");
}

#[test]
fn what_only_its_bytes_led_to_is_not_called_deleted_while_the_way_to_it_is_missing() {
    let (fat, sets) = saved();
    for status in ['-', '?'] {
        let cards = Cards::new();
        put(&cards, &fat, sets[0].bitbox02.data, 512, status);
        for command in ["list", "audit"] {
            let said = words(&cards.run(&[command, "card.img"]));
            for wrong in ["deleted or lost", "any more", "destroy"] {
                assert!(!said.contains(wrong), "{status} {wrong}: {said}");
            }
        }
        let source = &cards.run(&["list", "card.img", "--json"]).json()["sources"][0];
        assert!(!actions(source).contains(&"destroy"), "{source:#}");
    }
}

#[test]
fn a_bad_sector_first_does_not_hide_that_a_copy_is_not_finished() {
    let (fat, sets) = saved();
    let cards = Cards::new();
    cards.put("card.img", &fat);
    let size = std::fs::metadata(cards.path("card.img")).unwrap().len();
    let at = sets[0].bitbox02.data;
    let rest = size - at - 512;
    let map = format!("0 ? 1\n0 {at} +\n{at} 512 -\n{} {rest} ?\n", at + 512);
    cards.file("card.img.map", map);
    let answer = cards.run(&["list", "card.img", "--json"]).json();
    let source = &answer["sources"][0];
    assert_eq!(actions(source)[0], "image", "{source:#}");
    let step = source["next"][0]["text"].as_str().unwrap();
    assert!(step.contains("not finished"), "{step}");
}

/// What hides a backup in its own folder is the reason, wherever else a copy of it lies.
#[test]
fn a_copy_in_another_folder_does_not_give_the_reason() {
    let cards = Cards::new();
    let mut fat = Layout::FAT32.format();
    let (first, second) = (wallet::twelve(), wallet::abandon());
    let (one, other) = (first.encode(), second.encode());
    // The first copy in the folder of the other wallet is one of the second.
    fat.save_bytes(&first, [&other, &one, &one]);
    let set = fat.save(&second);
    fat.make_file(set.folder.as_dir(), "desktop.ini", &[0]);
    cards.put("card.img", &fat);
    let answer = cards.run(&["list", "card.img", "--json"]).json();
    let source = &answer["sources"][0];
    let hidden = of(source, &second.id()).unwrap();
    assert_eq!(hidden["state"], "hidden", "{hidden:#}");
    assert_eq!(hidden["findings"][0]["rule"], "directory-entry-count");
    assert_eq!(actions(source)[0], "remove", "{source:#}");
}

/// Runs a command on the folder `card`, of which this cannot be read.
fn denied(shut: impl Fn(&std::path::Path) -> std::path::PathBuf, arguments: &[&str]) -> Ran {
    use std::os::unix::fs::PermissionsExt;
    let cards = Cards::new();
    for backup in [wallet::twelve(), wallet::abandon()] {
        let folder = cards.path("card/bitbox02").join(backup.id());
        std::fs::create_dir_all(&folder).unwrap();
        for copy in 0..3 {
            std::fs::write(folder.join(backup.file_name(copy)), backup.encode()).unwrap();
        }
    }
    let shut = shut(&cards.path("card/bitbox02"));
    let mode = |mode| std::fs::set_permissions(&shut, std::fs::Permissions::from_mode(mode));
    mode(0).unwrap();
    let mut program = program(cards.folder());
    let ran = ran(bound_by_permissions(&mut program).args(arguments));
    mode(0o700).unwrap();
    ran
}

#[test]
fn a_folder_without_permission_is_not_empty() {
    let id = wallet::twelve().id();
    let shut = |bitbox02: &std::path::Path| bitbox02.join(wallet::twelve().id());
    let ran = denied(shut, &["list", "card"]);
    let said = words(&ran);
    assert_eq!(ran.status, Some(1), "{said}");
    assert!(
        said.contains("permission") && !said.contains("empty-backup-folder"),
        "{said}"
    );
    let answer = denied(shut, &["list", "card", "--json"]).json();
    let source = &answer["sources"][0];
    assert_eq!(of(source, &id).unwrap()["state"], "damaged", "{source:#}");
    assert!(source["device_view"].is_null(), "{source:#}");
    assert!(
        source["next"][0]["text"].as_str().unwrap().contains("sudo"),
        "{source:#}"
    );
    let answer = denied(shut, &["recover", "card", "--json", "--yes", "--to", "new"]);
    let missing = answer.json()["not_recovered"][0].clone();
    assert_eq!((answer.status, &missing["id"]), (Some(1), &id.into()));
    assert!(
        missing["advice"].as_str().unwrap().contains("permissions"),
        "{missing:#}"
    );
}

#[test]
fn where_all_backups_lie_without_permission_is_not_empty() {
    let shut = |bitbox02: &std::path::Path| bitbox02.to_owned();
    let ran = denied(shut, &["list", "card"]);
    let said = words(&ran);
    assert_eq!(ran.status, Some(1), "{said}");
    assert!(said.contains("parts of which could not be read"), "{said}");
    assert!(!said.contains("shows no backup"), "{said}");
    let answer = denied(shut, &["list", "card", "--json"]).json();
    let source = &answer["sources"][0];
    assert!(source["device_view"].is_null(), "{source:#}");
    assert!(
        source["next"][0]["text"].as_str().unwrap().contains("sudo"),
        "{source:#}"
    );
}

#[test]
fn a_file_without_permission_is_not_too_large() {
    let shut = |bitbox02: &std::path::Path| {
        let backup = wallet::twelve();
        bitbox02.join(backup.id()).join(backup.file_name(0))
    };
    let said = words(&denied(shut, &["list", "card"]));
    assert!(!said.contains("1024") && !said.contains("1025"), "{said}");
    assert!(
        said.contains("whether the BitBox shows it is not known"),
        "{said}"
    );
    let answer = denied(shut, &["list", "card", "--json"]).json();
    assert!(answer["sources"][0]["device_view"].is_null(), "{answer:#}");
}

/// The rest of the folder may hold any wallet.
#[test]
fn a_part_of_the_folder_of_all_backups_that_cannot_be_read_is_an_error() {
    let mut fat = Layout::FAT32.format();
    let wallets = [wallet::twelve(), wallet::abandon(), wallet::twenty_four()];
    let sets = wallets.map(|wallet| fat.save(&wallet));
    // The folder has a second cluster, before the third wallet.
    let at = sets[2].folder.data + 512;
    for (status, action) in [('-', "other-reader"), ('?', "image")] {
        let cards = Cards::new();
        put(&cards, &fat, at, 512, status);
        let ran = cards.run(&["list", "card.img"]);
        let said = words(&ran);
        let source = &cards.run(&["list", "card.img", "--json"]).json()["sources"][0];
        assert_ne!(source["state"], "healthy", "{said}");
        assert_eq!(ran.status, Some(1), "{said}");
        assert_eq!(actions(source)[0], action, "{said}");
        assert_eq!(source["device_view"].is_null(), status == '?', "{said}");
    }
}
