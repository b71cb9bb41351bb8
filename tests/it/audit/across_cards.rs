//! What `audit` says across cards: on how many a wallet is, which are copies of each other, what is
//! old, misnamed or ambiguous.

use std::path::Path;

use crate::support::cards::{Cards, card};
use crate::support::program::{json as answer, run};
use fixtures::backup::Backup;
use fixtures::fat::{Fat, Layout};
use fixtures::wallet;
use serde_json::{Value, json};

fn write(folder: &Path, name: &str, fat: &Fat) {
    fat.card.write_to(folder.join(name)).unwrap();
}

fn later(backup: &Backup) -> Backup {
    Backup {
        timestamp: backup.timestamp + 86_400,
        ..backup.clone()
    }
}

/// The rules found of a wallet.
fn rules(wallet: &Value) -> Vec<&str> {
    let findings = wallet["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect()
}

fn wallets(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let answer = answer(folder, &[&["audit", "--json", "."], arguments].concat());
    answer["wallets"].as_array().unwrap().clone()
}

#[test]
fn a_wallet_on_two_cards_made_by_the_device_is_safe() {
    let folder = tempfile::tempdir().unwrap();
    let twelve = wallet::twelve();
    write(
        folder.path(),
        "a.img",
        &card(1, std::slice::from_ref(&twelve)),
    );
    write(folder.path(), "b.img", &card(2, &[later(&twelve)]));
    let ran = run(folder.path(), &["audit", "--json", "."]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    let [wallet] = answer["wallets"].as_array().unwrap().as_slice() else {
        panic!("{answer}")
    };
    for (key, value) in [
        ("id", json!(twelve.id())),
        ("words", json!(12)),
        ("state", json!("safe")),
        ("names", json!([twelve.name])),
        ("cards", json!(["./a.img", "./b.img"])),
        ("separate_cards", json!(2)),
        ("valid_copies", json!(6)),
        ("newest", json!(twelve.timestamp + 86_400)),
        ("oldest", json!(twelve.timestamp)),
        ("generators", json!([twelve.generator])),
        ("expected", Value::Null),
    ] {
        assert_eq!(wallet[key], value, "{key}");
    }
    assert_eq!(rules(wallet), ["generations-differ"]);
    let message = wallet["findings"][0]["message"].as_str().unwrap();
    assert_eq!(
        message,
        "its newest backup is of 2020-09-29; ./a.img holds only older ones"
    );
    assert_eq!(answer["clones"], json!([]));
    assert_eq!(
        answer["summary"]["wallets"],
        json!({ "safe": 1, "attention": 0, "danger": 0, "missing": 0 })
    );
}

#[test]
fn one_card_is_too_few_unless_told_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.img", &card(1, &[wallet::twelve()]));
    let [wallet] = &wallets(folder.path(), &[])[..] else {
        panic!()
    };
    assert_eq!(rules(wallet), ["wallet-on-few-cards"]);
    assert_eq!(wallet["state"], "attention");
    let message = "it can be restored from 1 card only (./a.img); 2 are wanted";
    assert_eq!(wallet["findings"][0]["message"], message);
    let enough = wallets(folder.path(), &["--min-cards", "1"]);
    assert_eq!(
        (rules(&enough[0]), &enough[0]["state"]),
        (vec![], &json!("safe"))
    );
    let ran = run(folder.path(), &["audit", "--min-cards", "0", "."]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert_eq!(
        run(folder.path(), &["audit", "."]).status,
        Some(0),
        "a warning"
    );
}

#[test]
fn an_image_of_a_card_is_no_second_card() {
    let folder = tempfile::tempdir().unwrap();
    let twelve = [wallet::twelve()];
    write(folder.path(), "a.img", &card(1, &twelve));
    write(folder.path(), "b.img", &card(1, &twelve));
    let all = wallets(folder.path(), &[]);
    assert_eq!(rules(&all[0]), ["wallet-on-few-cards", "cloned-cards"]);
    assert_eq!(all[0]["separate_cards"], 1);
    assert_eq!(all[0]["cards"].as_array().unwrap().len(), 2);
    let message = "./a.img, ./b.img hold the same files and the same FAT and volume serial number: \
                   they count as one card";
    assert_eq!(all[0]["findings"][1]["message"], message);
    let answer = answer(folder.path(), &["audit", "--json", "."]);
    assert_eq!(
        answer["clones"],
        json!([{ "sources": [0, 1], "same_fat": true, "same_serial": true, "same_files": true }])
    );
}

#[test]
fn equal_files_on_volumes_of_their_own_are_separate_cards() {
    let folder = tempfile::tempdir().unwrap();
    let twelve = [wallet::twelve()];
    for serial in 1..=4 {
        write(
            folder.path(),
            &format!("{serial}.img"),
            &card(serial, &twelve),
        );
    }
    let answer = answer(folder.path(), &["audit", "--json", "--min-cards", "4", "."]);
    let wallet = &answer["wallets"][0];
    assert_eq!(answer["clones"], json!([]));
    assert_eq!(
        (&wallet["separate_cards"], &wallet["state"]),
        (&json!(4), &json!("safe"))
    );
    assert_eq!(rules(wallet), ["same-files-on-several-cards"]);
}

/// Of several images of one card the best one names it, and copies are not counted again.
#[test]
fn images_of_one_card_are_named_and_counted_by_the_best() {
    let folder = tempfile::tempdir().unwrap();
    let mut fat = card(1, &[]);
    let set = fat.save(&wallet::twelve());
    write(folder.path(), "b.img", &fat);
    write(folder.path(), "c.img", &fat);
    fat.card.flip(set.files[0].data + 50, 0xFF);
    fat.card.flip(set.files[2].data + 50, 0xFF);
    write(folder.path(), "a.img", &fat);
    let all = wallets(folder.path(), &[]);
    let message = "it can be restored from 1 card only (./b.img); 2 are wanted";
    assert_eq!(all[0]["findings"][0]["message"], message, "{}", all[0]);
    assert_eq!(all[0]["valid_copies"], 3, "{}", all[0]);
}

/// A damaged image of a card is no second card, whatever is damaged in it.
#[test]
fn a_damaged_image_never_makes_a_wallet_safer() {
    let twelve = wallet::twelve();
    for layout in [Layout::FAT12, Layout::FAT16, Layout::FAT32.in_mbr(0)] {
        let folder = tempfile::tempdir().unwrap();
        let mut fat = Layout {
            serial: 7,
            ..layout
        }
        .format();
        let set = fat.save(&twelve);
        write(folder.path(), "a.img", &fat);
        let file = set.files[1].data;
        let table = fat.fat(0);
        for (what, at) in [
            ("file", file + 70),
            ("FAT", table + 12),
            ("first entry", set.files[0].entry),
        ] {
            let mut damaged = fat.clone();
            damaged.card.flip(at, 0xFF);
            write(folder.path(), "b.img", &damaged);
            for order in [["a.img", "b.img"], ["b.img", "a.img"]] {
                let answer = answer(folder.path(), &[&["audit", "--json"], &order[..]].concat());
                let wallets = answer["wallets"].as_array().unwrap();
                let wallet = wallets.iter().find(|one| one["words"] == 12).unwrap();
                assert_eq!(wallet["separate_cards"], 1, "{what}: {wallet}");
                assert_eq!(wallet["state"], "attention", "{what}: {wallet}");
                assert!(
                    rules(wallet).contains(&"wallet-on-few-cards"),
                    "{what}: {wallet}"
                );
            }
        }
    }
}

#[test]
fn one_card_before_and_after_a_new_backup_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut fat = card(9, &[wallet::twelve()]);
    write(folder.path(), "a.img", &fat);
    fat.save(&wallet::numbered(1));
    write(folder.path(), "b.img", &fat);
    let all = wallets(folder.path(), &[]);
    let twelve = all
        .iter()
        .find(|one| one["id"] == wallet::twelve().id())
        .unwrap();
    assert_eq!(twelve["separate_cards"], 1, "{twelve}");
    // Said of the wallets on both only.
    let added = all.iter().find(|one| one["words"] == 24).unwrap();
    assert_eq!(rules(added), ["wallet-on-few-cards"]);
    let clones = rules(twelve)
        .iter()
        .position(|rule| *rule == "cloned-cards")
        .unwrap();
    assert_eq!(
        twelve["findings"][clones]["message"],
        "./a.img, ./b.img have the same volume serial number and a backup at the same place: they \
         are one card at different times, or a damaged image of it, and count as one card"
    );
    // Made again, the old backup is erased: its trace tells.
    let folder = tempfile::tempdir().unwrap();
    let mut fat = card(9, &[]);
    let set = fat.save(&wallet::twelve());
    write(folder.path(), "a.img", &fat);
    fat.save_again(&set, &wallet::twelve_again());
    write(folder.path(), "b.img", &fat);
    let all = wallets(folder.path(), &["--deleted"]);
    assert_eq!(all[0]["separate_cards"], 1, "{}", all[0]);
}

#[test]
fn a_copied_folder_is_no_second_card() {
    let folder = tempfile::tempdir().unwrap();
    let backup = wallet::twelve();
    write(
        folder.path(),
        "a.img",
        &card(1, std::slice::from_ref(&backup)),
    );
    let copies = folder.path().join("copy/bitbox02").join(backup.id());
    std::fs::create_dir_all(&copies).unwrap();
    for number in 0..3 {
        std::fs::write(copies.join(backup.file_name(number)), backup.encode()).unwrap();
    }
    let answer = answer(folder.path(), &["audit", "--json", "copy", "a.img"]);
    let wallet = &answer["wallets"][0];
    assert_eq!(
        (&wallet["separate_cards"], &answer["clones"]),
        (&json!(1), &json!([]))
    );
    let messages = wallet["findings"].as_array().unwrap().iter();
    let messages: Vec<_> = messages
        .map(|one| one["message"].as_str().unwrap())
        .collect();
    let said = "copy is no card, and a.img holds the same backup: nothing shows that these are two \
                cards, so they count as one";
    assert!(messages.contains(&said), "{messages:?}");
    assert!(messages.contains(&"it can be restored from 1 card only (copy); 2 are wanted"));
}

#[test]
fn a_deleted_wallet_has_a_row_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let [gone, kept] = [wallet::numbered(0), wallet::numbered(1)];
    let mut fat = card(1, &[kept]);
    let set = fat.save(&gone);
    for placed in set.files.iter().chain([&set.folder]) {
        fat.delete(placed);
    }
    write(folder.path(), "a.img", &fat);
    let arguments = ["audit", "--deleted", "a.img"];
    let answer = answer(folder.path(), &[&arguments[..], &["--json"]].concat());
    let wallets = answer["wallets"].as_array().unwrap();
    let wallet = wallets.iter().find(|one| one["id"] == gone.id()).unwrap();
    for (key, value) in [
        ("state", json!("danger")),
        ("origin", json!("deleted")),
        ("separate_cards", json!(0)),
        ("valid_copies", json!(0)),
        ("cards", json!([])),
        ("deleted_on", json!(["a.img"])),
        ("names", json!([gone.name])),
    ] {
        assert_eq!(wallet[key], value, "{key}");
    }
    assert_eq!(rules(wallet), ["no-card-restores"]);
    assert_eq!(answer["summary"]["backups"], 1);
    let shown = run(folder.path(), &arguments).out;
    assert!(shown.contains("danger, deleted  a.img"), "{shown}");
    assert!(
        shown.contains("its only backup is deleted, on a.img"),
        "{shown}"
    );
    // With a live one elsewhere it is that one's, and counts for nothing.
    write(
        folder.path(),
        "b.img",
        &card(2, std::slice::from_ref(&gone)),
    );
    let both = self::wallets(folder.path(), &["--deleted"]);
    let wallet = both.iter().find(|one| one["id"] == gone.id()).unwrap();
    assert_eq!(
        (&wallet["origin"], &wallet["separate_cards"]),
        (&json!("live"), &json!(1))
    );
    assert_eq!(
        (&wallet["cards"], &wallet["deleted_on"]),
        (&json!(["./b.img"]), &json!(["./a.img"]))
    );
}

#[test]
fn the_same_files_on_another_file_system_were_copied() {
    let folder = tempfile::tempdir().unwrap();
    let twelve = [wallet::twelve()];
    write(folder.path(), "a.img", &card(1, &twelve));
    // The same files behind another one, so that they lie elsewhere.
    let mut fat = Layout::FAT16.format();
    fat.save(&wallet::abandon());
    fat.save(&wallet::twelve());
    write(folder.path(), "b.img", &fat);
    let mut one = Layout::FAT16.format();
    one.save(&wallet::twelve());
    write(folder.path(), "c.img", &one);
    let all = wallets(folder.path(), &[]);
    let twelve = all
        .iter()
        .find(|one| one["words"] == 12 && one["separate_cards"] == 3);
    let rules = rules(twelve.unwrap());
    assert!(rules.contains(&"same-files-on-several-cards"), "{rules:?}");
    assert!(!rules.contains(&"cloned-cards"), "{rules:?}");
}

#[test]
fn names_and_lengths_that_differ_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let twelve = wallet::twelve();
    let renamed = Backup {
        name: "Old name".to_owned(),
        timestamp: twelve.timestamp - 100,
        ..twelve.clone()
    };
    let longer = Backup {
        seed_length: 32,
        ..later(&twelve)
    };
    write(
        folder.path(),
        "a.img",
        &card(1, std::slice::from_ref(&twelve)),
    );
    write(folder.path(), "b.img", &card(2, &[renamed]));
    write(folder.path(), "c.img", &card(3, &[longer]));
    let all = wallets(folder.path(), &[]);
    let words: Vec<_> = all.iter().map(|wallet| wallet["words"].clone()).collect();
    assert_eq!(words, [json!(12), json!(24)]);
    assert!(all.iter().all(|wallet| wallet["id"] == twelve.id()));
    assert_eq!(
        rules(&all[0]),
        ["same-id-two-lengths", "generations-differ", "names-differ"]
    );
    assert_eq!(all[0]["names"], json!([twelve.name, "Old name"]));
    assert_eq!(
        rules(&all[1]),
        ["wallet-on-few-cards", "same-id-two-lengths"]
    );
}

#[test]
fn a_wallet_no_card_restores_is_in_danger() {
    let folder = tempfile::tempdir().unwrap();
    let mut fat = Layout::FAT12.format();
    let set = fat.save(&wallet::twelve());
    fat.card.flip(set.files[0].data + 60, 0xFF);
    fat.card.flip(set.files[1].data + 61, 0xFF);
    fat.card.flip(set.files[2].data + 60, 0xFF);
    write(folder.path(), "a.img", &fat);
    let ran = run(folder.path(), &["audit", "--json", "."]);
    assert_eq!(ran.status, Some(1));
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    let wallet = &answer["wallets"][0];
    assert_eq!(rules(wallet), ["no-card-restores"]);
    assert_eq!(
        (&wallet["state"], &wallet["words"]),
        (&json!("danger"), &json!(12)),
        "the seed is intact, and the ID proves it"
    );
    assert_eq!(
        wallet["findings"][0]["message"],
        "the only card it is on (./a.img) does not restore it as it is"
    );
}

#[test]
fn traces_are_no_backups() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = fixtures::recipes::all()
        .find(|recipe| recipe.name.contains("erased"))
        .unwrap();
    let path = folder.path().join("a.img");
    recipe.card.write_to(path).unwrap();
    let with = answer(folder.path(), &["audit", "--json", "--deleted", "."]);
    let without = answer(folder.path(), &["audit", "--json", "."]);
    assert_eq!(with["wallets"], without["wallets"]);
}

#[test]
fn a_redacted_report_names_no_wallet() {
    let folder = tempfile::tempdir().unwrap();
    let named: Vec<_> = wallet::five()
        .into_iter()
        .map(|backup| Backup {
            name: format!("Secret name of {}", backup.seed_length),
            ..backup
        })
        .collect();
    write(folder.path(), "a.img", &card(1, &named));
    let mut stray = Layout::FAT12.format();
    let set = stray.save(&named[0]);
    stray.card.set_u8(set.files[0].entry + 11, 0x10);
    write(folder.path(), "b.img", &stray);
    write(folder.path(), "c.img", &card(1, &named));
    let ids: Vec<_> = named.iter().map(Backup::id).collect();
    for form in [&["--json"][..], &["--ndjson"], &["-v"]] {
        let whole = run(folder.path(), &[&["audit", "."], form].concat()).out;
        let redacted = run(folder.path(), &[&["audit", "--redact", "."], form].concat()).out;
        assert!(whole.contains("Secret name"), "{whole}");
        assert!(!redacted.contains("Secret name"), "{redacted}");
        for id in &ids {
            assert!(!redacted.contains(&id[..8]), "{redacted}");
        }
    }
}

/// What the device lists and does not restore is no backup that anybody can count on.
#[test]
fn a_seed_of_a_length_that_no_device_restores_backs_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let twelve = wallet::twelve();
    let odd = Backup {
        seed_length: 20,
        ..wallet::eighteen()
    };
    write(folder.path(), "a.img", &card(1, std::slice::from_ref(&odd)));
    let ran = run(folder.path(), &["audit", "--json", "."]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    let answer = ran.json();
    let source = &answer["sources"][0];
    assert_eq!(source["state"], "attention", "{source:#}");
    assert_eq!(source["backups"][0]["state"], "healthy");
    assert_eq!(
        source["verdict"],
        "Your backup cannot be restored with a BitBox, although the BitBox shows it: the seed is 20 bytes long."
    );
    let wallet = &answer["wallets"][0];
    assert_eq!(wallet["state"], "danger", "{wallet:#}");
    assert_eq!(wallet["separate_cards"], 0);
    assert_eq!(wallet["generations"][0]["restores"], false);
    assert_eq!(rules(wallet), ["no-card-restores"]);

    write(folder.path(), "a.img", &card(1, &[odd, twelve]));
    let listed = run(folder.path(), &["list", "--json", "a.img"]).json();
    assert_eq!(
        listed["sources"][0]["verdict"],
        "The backup \"Eighteen words\" cannot be restored with a BitBox, although the BitBox shows it: the seed is 20 bytes \
         long. 1 of 2 backups is complete, and the BitBox shows it."
    );
}

/// What needs attention is said of a wallet by its ID and its name, as in the tables; with `--redact` by neither.
#[test]
fn a_wallet_in_trouble_is_named() {
    let cards = Cards::new();
    let mut fat = card(1, &[wallet::abandon()]);
    let set = fat.save(&wallet::twelve());
    fat.card.flip(set.files[1].data + 40, 1);
    cards.put("card.img", &fat);
    let audit = |more: &[&str]| cards.run(&[&["audit", "card.img"], more].concat()).out;
    let page = |more: &[&str]| {
        audit(&[&["--html", "page.html"], more].concat());
        std::fs::read_to_string(cards.path("page.html")).unwrap()
    };
    let said = audit(&["-v"]);
    assert!(said.contains("wallet 577782fd… \"My BitBox\": "), "{said}");
    assert!(
        said.contains("card.img: 577782fd… \"My BitBox\": "),
        "{said}"
    );
    let html = page(&[]);
    assert!(html.contains("<bdi>577782fd… My BitBox</bdi>"), "{html}");
    assert!(
        html.contains("<bdi>577782fd… &#34;My BitBox&#34;: ")
            || html.contains("<bdi>577782fd… &quot;My BitBox&quot;: "),
        "{html}"
    );
    for said in [audit(&["-v", "--redact"]), page(&["--redact"])] {
        assert!(
            !said.contains("My BitBox") && !said.contains("577782fd"),
            "{said}"
        );
    }
}

#[test]
fn what_lies_on_a_file_system_that_is_not_read_is_not_called_deleted() {
    let cards = Cards::new();
    let mut exfat = fixtures::recipes::named("foreign_exfat").unwrap().card;
    let copy = wallet::twelve().encode();
    for copy_at in [400_384, 400_896, 401_408] {
        exfat.write_at(copy_at, &copy);
    }
    exfat.write_to(cards.path("exfat.img")).unwrap();
    let all = wallets(cards.folder(), &[]);
    assert_eq!(rules(&all[0]), ["no-card-restores"]);
    assert_eq!(
        all[0]["findings"][0]["message"],
        "no card restores it as it is: on ./exfat.img, it is on exFAT, a file system that is not read"
    );
    let text = cards.run(&["audit", "exfat.img"]).text();
    for false_fact in ["deleted)", "1 deleted", "no file system", "any more"] {
        assert!(!text.contains(false_fact), "{text}");
    }
    // Where it is deleted on another card, it is as deleted as before.
    let mut fat = Layout::FAT12.format();
    let set = fat.save(&wallet::twelve());
    fat.delete(&set.folder);
    cards.put("fat.img", &fat);
    let all = wallets(cards.folder(), &[]);
    assert_eq!(
        all[0]["findings"][0]["message"],
        "no card restores it: its only backup is deleted, on ./exfat.img, ./fat.img"
    );
}
