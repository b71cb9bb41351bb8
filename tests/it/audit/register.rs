//! Registers: what they expect, what they say of mistakes, and those made from what was found.

use crate::support::cards::{Cards, card};
use fixtures::backup::Backup;
use fixtures::fat::Layout;
use fixtures::fat::entry::ShortEntry;
use fixtures::wallet;

/// Two cards of wallet 0, of which one also holds wallet 1.
fn three_backups() -> Cards {
    let cards = Cards::new();
    let [first, second] = [wallet::numbered(0), wallet::numbered(1)];
    cards.put("a.img", &card(1, &[first.clone(), second]));
    cards.put("b.img", &card(2, &[first]));
    cards
}

fn id(number: u32) -> String {
    wallet::numbered(number).id()
}

#[test]
fn expected_missing_and_unknown() {
    let cards = three_backups();
    let register = format!(
        "ID;Label;Cards;Card\r\n{};Savings;2;b\r\n0123abcd;Old;2;bank\r\n",
        &id(0)[..8]
    );
    cards.file("ours.csv", register);
    let output = cards.run(&[
        "audit",
        "a.img",
        "b.img",
        "--expect",
        "ours.csv",
        "--min-cards",
        "1",
    ]);
    let (first, second) = (&id(0)[..8], &id(1)[..8]);
    assert_eq!(
        output.text(),
        format!(
            "status 1\n   \
             CARD   STATE    BACKUPS    WALLETS\n   \
             a.img  healthy  2 healthy  {second}… Wallet 1, {first}… Wallet 0\n   \
             b.img  healthy  1 healthy  {first}… Wallet 0\n\
             \n   \
             WALLET     NAME      WORDS  CARDS   COPIES  NEWEST (UTC)  STATE      REGISTER  ON\n   \
             0123abcd   Old           ?  0 of 2       0                missing    expected\n   \
             {second}…  Wallet 1     24       1       3  2020-09-28    attention  unknown   a.img\n   \
             {first}…  Savings      24  2 of 2       6  2020-09-28    safe       expected  a.img, b.img\n\
             \n\
             Needs attention\n  \
             error[expected-wallet-missing] \"Old\" (0123abcd): the register expects it on 2 cards (\"bank\"), and it was found on none\n      \
             what to do: Look for its cards; if the device still holds the wallet, make a new backup now.\n  \
             warning[unknown-wallet] wallet {second}… \"Wallet 1\": it is not in the register\n      \
             what to do: Find out whose it is; if it belongs here, add it to the register.\n\
             \n\
             3 wallets: 1 missing, 1 needs attention, 1 safe.\n\
             Register: 2 expected, 1 found, 1 missing; 1 unknown.\n\
             2 sources; 3 backups, 3 healthy; 1 error, 1 warning.\n\
             The BitBox's view is that of firmware 9.26.5, verified by running that firmware.\n"
        )
    );
    let answer = cards
        .run(&["audit", "a.img", "b.img", "--expect", "ours.csv", "--json"])
        .json();
    let counts = serde_json::json!({
        "expected": 2, "found": 1, "short": 0, "missing": 1, "ambiguous": 0, "unknown": 1
    });
    assert_eq!(answer["summary"]["register"], counts);
    assert_eq!(
        answer["wallets"][0]["expected_on"],
        serde_json::json!(["bank"])
    );
}

#[test]
fn too_few_cards_and_cards_by_name() {
    let cards = three_backups();
    let messages = |register: &str| {
        cards.file("ours.toml", register);
        let output = cards.run(&["audit", "a.img", "b.img", "--expect", "ours.toml", "--json"]);
        let answer = output.json();
        let findings = answer["wallets"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|wallet| wallet["findings"].as_array().unwrap())
            .filter(|finding| finding["severity"] == "error")
            .map(|finding| finding["message"].as_str().unwrap().to_owned());
        (findings.collect::<Vec<_>>(), output.status.unwrap())
    };
    let row = |id: &str, more: &str| format!("[[wallet]]\nid = \"{id}\"\n{more}\n");
    let both = row(&id(0), "card = \"a\"") + &row(&id(0), "card = \"b.img\"");
    assert_eq!(
        messages(&both),
        (vec![], 0),
        "rows add up, cards go by their names"
    );
    assert_eq!(
        messages(&(both + &row(&id(0), "card = \"vault\""))),
        (
            vec![
                "it can be restored from 2 cards, and the register expects it on 3".to_owned(),
                "the register expects it on the card \"vault\", and no such card is among those examined"
                    .to_owned(),
            ],
            1
        )
    );
    // An id that fits both.
    let common = (0..10_000)
        .map(wallet::numbered)
        .find(|other| other.id()[..2] == id(0)[..2] && other.id() != id(0))
        .unwrap();
    cards.put("c.img", &card(3, &[common]));
    cards.file("ours.toml", row(&id(0)[..2], ""));
    let output = cards.run(&["audit", "a.img", "c.img", "--expect", "ours.toml"]);
    let shown = output.text();
    let message = format!(
        "\"{}\" in the register fits 2 of the wallets found",
        &id(0)[..2]
    );
    assert!(
        shown.contains(&message) && shown.starts_with("status 1"),
        "{shown}"
    );
    let line = "Register: 1 expected, 0 found, 0 missing; 1 ambiguous; 1 unknown.";
    assert!(shown.contains(line), "{shown}");
}

#[test]
fn damaged_only_is_found_and_short() {
    let cards = Cards::new();
    let mut fat = Layout::FAT12.format();
    fat.save_bytes(&wallet::twelve(), [b"\x0a", b"\x0a", b"\x0a"]);
    fat.card.write_to(cards.path("a.img")).unwrap();
    cards.file(
        "ours.csv",
        format!("id,cards\n{},2\n", wallet::twelve().id()),
    );
    let shown = cards
        .run(&["audit", "a.img", "--expect", "ours.csv"])
        .text();
    let line = "Register: 1 expected, 1 found, 0 missing; 1 on fewer or other cards than expected.";
    assert!(
        shown.contains(line) && shown.starts_with("status 1"),
        "{shown}"
    );
    assert!(
        shown.contains("the only card it is on (a.img) does not restore it as it is"),
        "{shown}"
    );
    assert!(!shown.contains("expected-cards-missing"), "{shown}");
}

#[test]
fn mistakes_end_it_before_any_card_is_read() {
    let cards = Cards::new();
    cards.file("latin.csv", b"id,label\n57,F\xFCr\n");
    cards.file("names.csv", "id,name\n57,x\n");
    cards.file("noid.csv", "label\nx\n");
    cards.file("twice.csv", "id,ID\n57,58\n");
    cards.file("empty.csv", "");
    cards.file("head.csv", "\u{FEFF}id;label\r\n");
    cards.file("zero.csv", "id,cards\n57,1\n58,0\n");
    cards.file("many.csv", "id,cards\n57,many\n");
    cards.file("hostile.csv", "id\n\x1b[2J\n");
    cards.file("excel.csv", "id\n5.77E+10\n");
    cards.file("prefix.csv", "id\n57\n577\n");
    cards.file("long.csv", format!("id\n{}\n", "a".repeat(65)));
    cards.file("key.toml", "[[wallet]]\nid = \"57\"\nnick = \"x\"\n");
    cards.file("cut.toml", "[[wallet]]\nid = \"57\n");
    cards.file("guess.txt", "id,cards\n57,many\n");
    cards.file("guess", "[[wallet]]\ncards = 1\n");
    std::fs::create_dir(cards.path("folder.csv")).unwrap();
    let huge = std::fs::File::create(cards.path("huge.csv")).unwrap();
    huge.set_len(100 << 20).unwrap();
    for (file, error) in [
        (
            "latin.csv",
            "latin.csv, line 2: it is not UTF-8 text\n       save it as \"CSV UTF-8\" in the spreadsheet, or as UTF-8 in the editor",
        ),
        (
            "names.csv",
            "names.csv, line 1: a register has no column \"name\"\n       the first line names the columns: id, and where wanted label, cards, card, words, xpub, address and fingerprint",
        ),
        (
            "noid.csv",
            "noid.csv, line 1: there is no column \"id\"\n       the first line names the columns: id, and where wanted label, cards, card, words, xpub, address and fingerprint",
        ),
        (
            "twice.csv",
            "twice.csv, line 1: the column \"ID\" appears twice\n       remove one of the two",
        ),
        (
            "empty.csv",
            "empty.csv: it is empty\n       the first line names the columns: id, and where wanted label, cards, card, words, xpub, address and fingerprint",
        ),
        (
            "head.csv",
            "head.csv: it expects no wallet at all\n       add a line for each wallet, or leave --expect out",
        ),
        (
            "zero.csv",
            "zero.csv, line 3: the wallet is expected on 0 cards, and 1 is the least\n       write how many cards it should be on, or remove the line",
        ),
        (
            "many.csv",
            "many.csv, line 2: \"many\" is no number of cards\n       write a whole number from 1 on, such as 2",
        ),
        (
            "hostile.csv",
            "hostile.csv, line 2: \"\\x1b[2J\" is no ID, which is 1 to 64 hex digits\n       copy the ID, or its first 8 digits, from the answer of `list` or `audit`",
        ),
        (
            "excel.csv",
            "excel.csv, line 2: \"5.77E+10\" is no ID, which is 1 to 64 hex digits\n       a spreadsheet took it for a number: give the column the format \"text\" and write the ID again",
        ),
        (
            "prefix.csv",
            "prefix.csv, line 2: \"57\" is ambiguous, since the ID on line 3 begins with it as well\n       write more digits of it; all rows of one wallet take the same ID",
        ),
        (
            "long.csv",
            "long.csv, line 2: an ID has at most 64 hex digits, and this one 65\n       copy the ID, or its first 8 digits, from the answer of `list` or `audit`",
        ),
        (
            "key.toml",
            "key.toml, line 3: a register has no column \"nick\"\n       known are id, label, cards, card, words, xpub, address, fingerprint",
        ),
        (
            "cut.toml",
            "cut.toml, line 2: invalid basic string, expected `\"`\n       a register has a [[wallet]] for each wallet, with id, and where wanted label, cards, card, words, xpub, address and fingerprint",
        ),
        (
            "guess.txt",
            "guess.txt (read as CSV), line 2: \"many\" is no number of cards\n       write a whole number from 1 on, such as 2",
        ),
        (
            "guess",
            "guess (read as TOML), line 1: this wallet has no ID\n       write id = \"…\" below [[wallet]]",
        ),
        (
            "folder.csv",
            "folder.csv: is a folder\n       a register is a file in CSV or TOML with the columns id, label, cards, card, words, xpub, address and fingerprint",
        ),
        (
            "huge.csv",
            "huge.csv: is larger than 16 MiB, which no register is\n       a register is a file in CSV or TOML with the columns id, label, cards, card, words, xpub, address and fingerprint",
        ),
        (
            "nowhere.csv",
            "nowhere.csv: cannot be read: No such file or directory (os error 2)\n       a register is a file in CSV or TOML with the columns id, label, cards, card, words, xpub, address and fingerprint",
        ),
    ] {
        let output = cards.run(&["audit", "a.img", "--expect", file]);
        assert_eq!(output.text(), format!("status 2\nerror: {error}\n"));
    }
}

#[test]
fn what_was_found_makes_a_register_that_expects_it() {
    let cards = Cards::new();
    let mut hostile: Vec<_> = ["=1+1", "'=x", "Für Mama", "a;=b", "\"q\", \x1b[31m"]
        .iter()
        .zip(10..)
        .map(|(name, number)| Backup {
            name: (*name).to_owned(),
            ..wallet::numbered(number)
        })
        .collect();
    cards.put("a.img", &card(1, &hostile));
    cards.put("b.img", &card(2, &hostile.split_off(2)));
    for register in ["made.csv", "made.toml"] {
        let before = cards.run(&["audit", "a.img", "b.img", "--write-register", register]);
        assert_eq!(before.status, Some(0), "{}", before.text());
        let written = std::fs::read_to_string(cards.path(register)).unwrap();
        assert!(!written.contains('\x1b'), "{written}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let metadata = std::fs::metadata(cards.path(register)).unwrap();
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        }
        let after = cards.run(&["audit", "a.img", "b.img", "--expect", register, "--json"]);
        assert_eq!(after.status, Some(0), "{}", after.text());
        let answer = after.json();
        assert_eq!(answer["summary"]["register"]["found"], 5);
        assert_eq!(answer["summary"]["register"]["unknown"], 0);
        for wallet in answer["wallets"].as_array().unwrap() {
            assert_eq!(wallet["label"], wallet["names"][0], "{register}");
        }
        let again = cards.run(&["audit", "a.img", "--write-register", register]);
        let refused = format!(
            "status 2\nerror: {register}: is there already, and nothing is overwritten\n       \
             give a name that does not exist yet\n"
        );
        assert_eq!(again.text(), refused);
        assert_eq!(
            std::fs::read_to_string(cards.path(register)).unwrap(),
            written
        );
    }
    let csv = std::fs::read_to_string(cards.path("made.csv")).unwrap();
    for guarded in [",'=1+1,", ",''=x,", "a;'=b"] {
        assert!(csv.contains(guarded), "{csv}");
    }
    assert!(csv.starts_with('\u{FEFF}'), "for the spreadsheet's umlauts");
}

/// It is a list of what a BitBox can restore, and says what it leaves out.
#[test]
fn wallets_that_are_only_deleted_are_named_and_not_written() {
    let cards = Cards::new();
    let (live, gone) = (wallet::numbered(1), wallet::numbered(2));
    let mut fat = card(1, std::slice::from_ref(&live));
    let set = fat.save(&gone);
    for file in &set.files {
        fat.delete(file);
    }
    fat.delete(&set.folder);
    cards.put("a.img", &fat);
    let ran = cards.run(&["audit", "a.img", "--write-register", "made.csv"]);
    let said = ran.text();
    let note = format!(
        "note: made.csv: 1 wallet is not listed, because only deleted or lost copies of it were found: {}… \"{}\"",
        &gone.id()[..8],
        gone.name
    );
    assert!(said.contains(&note), "{said}");
    let written = std::fs::read_to_string(cards.path("made.csv")).unwrap();
    assert!(
        written.contains(&live.id()) && !written.contains(&gone.id()),
        "{written}"
    );
    let mut only = card(2, &[]);
    let set = only.save(&gone);
    for file in &set.files {
        only.delete(file);
    }
    only.delete(&set.folder);
    cards.put("b.img", &only);
    let said = cards
        .run(&["audit", "b.img", "--write-register", "none.csv"])
        .text();
    assert!(
        said.contains("none.csv: not written, since 1 wallet is not listed, because only deleted"),
        "{said}"
    );
}

#[test]
fn no_register_where_none_can_be() {
    let cards = three_backups();
    Layout::FAT12
        .format()
        .card
        .write_to(cards.path("empty.img"))
        .unwrap();
    for (arguments, error) in [
        (
            &["audit", "a.img", "--write-register", "x.txt"][..],
            "x.txt: a register is a .csv or a .toml file",
        ),
        (
            &["audit", "a.img", "--write-register", "no/x.csv"],
            "no: there is no such folder to write into",
        ),
        (
            &["audit", "empty.img", "--write-register", "x.csv"],
            "x.csv: not written, since no wallet was found",
        ),
        (
            &["audit", "a.img", "--write-register", "x.csv", "--redact"],
            "'--write-register <FILE>' cannot be used with '--redact'",
        ),
    ] {
        let output = cards.run(arguments);
        let shown = output.text();
        assert_eq!(output.status, Some(2), "{shown}");
        assert!(shown.contains(error), "{shown}");
    }
    let left = std::fs::read_dir(cards.folder()).unwrap().count();
    assert_eq!(left, 3, "a file was left behind");
}

#[test]
fn merged_lines_are_compared_too_and_labels_stay_out_of_redacted_answers() {
    let cards = three_backups();
    cards.run(&["audit", "a.img", "b.img", "--ndjson=whole.ndjson"]);
    cards.run(&["audit", "a.img", "b.img", "--redact", "--ndjson=cut.ndjson"]);
    let row = |number, label: &str, cards| format!("{},{label},{cards},vault\n", id(number));
    let register = format!(
        "id,label,cards,card\n{}{}",
        row(0, "Secret A", 2),
        row(7, "Secret B", 1)
    );
    cards.file("ours.csv", register);
    let merge = |file| {
        cards
            .run(&["audit", "merge", file, "--expect", "ours.csv"])
            .text()
    };
    let shown = merge("whole.ndjson");
    let line = "Register: 2 expected, 1 found, 1 missing; 1 on fewer or other cards than expected; 1 unknown.";
    assert!(
        shown.starts_with("status 1") && shown.contains(line),
        "{shown}"
    );
    // A redacted line has no ID that a register knows.
    let shown = merge("cut.ndjson");
    assert!(
        shown.starts_with("status 2") && shown.contains("redacted lines cannot be compared"),
        "{shown}"
    );
    let output = cards.run(&[
        "audit", "a.img", "b.img", "--expect", "ours.csv", "--redact", "--json",
    ]);
    let shown = output.text();
    for secret in ["Secret", "vault", &id(0)[..9], &id(7)[..9]] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    let output = cards.run(&["audit", "merge", "cut.ndjson", "--write-register", "x.csv"]);
    assert!(
        output.text().contains("these lines are redacted"),
        "{}",
        output.text()
    );
    assert!(!cards.path("x.csv").exists());
}

/// Systems show the label of the root directory, which a person changes; the boot sector keeps the one
/// from formatting.
#[test]
fn a_card_goes_by_either_label_and_by_its_whole_file_name() {
    let cards = Cards::new();
    let mut fat = card(1, &[]);
    let entry = fat.push(fat.root(), &ShortEntry::new(b"VAULT7     ", 0x08).bytes());
    fat.save(&wallet::numbered(0));
    cards.put("vault.2024.img", &fat);
    let run = |name: &str, source: &str| {
        cards.file("ours.csv", format!("id,card\n{},{name}\n", id(0)));
        let output = cards.run(&["audit", source, "--expect", "ours.csv", "--min-cards", "1"]);
        output.status
    };
    for name in ["VAULT7", "Vault7", "vault.2024.img", "vault.2024"] {
        assert_eq!(run(name, "vault.2024.img"), Some(0), "{name}");
    }
    for name in ["vault", "VAULT", "NO NAME", "2024"] {
        assert_eq!(run(name, "vault.2024.img"), Some(1), "{name}");
    }
    let volume = |cards: &Cards| {
        let answer = cards.run(&["audit", "vault.2024.img", "--json"]).json();
        answer["sources"][0]["card"]["volumes"][0].clone()
    };
    let volume_before = volume(&cards);
    assert_eq!(volume_before["label"], "VAULT7");
    assert_eq!(volume_before["boot_label"], "NO NAME");
    // Deleted, it is no label any more.
    fat.card.set_u8(entry, 0xE5);
    cards.put("vault.2024.img", &fat);
    assert_eq!(run("VAULT7", "vault.2024.img"), Some(1));
    assert_eq!(volume(&cards)["label"], "NO NAME");
}

#[test]
fn a_named_card_whose_backup_is_hidden_is_there() {
    let cards = Cards::new();
    let mut fat = card(1, &[]);
    let set = fat.save(&wallet::numbered(0));
    fat.card.set_u8(set.files[0].entry + 11, 0x10);
    cards.put("safe.img", &fat);
    cards.put("bank.img", &card(2, &[wallet::numbered(0)]));
    cards.file(
        "ours.csv",
        format!("id,cards,card\n{0},1,safe\n{0},1,bank\n", id(0)),
    );
    let output = cards.run(&[
        "audit", "safe.img", "bank.img", "--expect", "ours.csv", "--json",
    ]);
    assert_eq!(output.status, Some(1));
    let answer = output.json();
    let findings = answer["wallets"][0]["findings"].as_array().unwrap();
    let errors: Vec<_> = findings
        .iter()
        .filter(|one| one["severity"] == "error")
        .map(|one| {
            (
                one["rule"].as_str().unwrap(),
                one["message"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        errors,
        [
            (
                "expected-card-not-restoring",
                "it can be restored from 1 card, and the register expects it on 2; on safe.img its \
                 backup there is hidden"
            ),
            (
                "expected-card-not-restoring",
                "the card \"safe\" is there, and its backup there is hidden; the register expects to \
                 restore it from there"
            ),
        ]
    );
    let advice = findings.iter().map(|one| one["advice"].as_str().unwrap());
    assert!(!advice.collect::<String>().contains("moving the coins"));
    let counts = &answer["summary"]["register"];
    assert_eq!(
        (&counts["missing"], &counts["short"]),
        (&0.into(), &1.into())
    );
}
