//! What changed between two audits: what is said, and what the program ends with.

use crate::support::cards::{Cards, card};
use fixtures::backup::Backup;
use fixtures::fat::Layout;
use fixtures::wallet;

fn audit(cards: &Cards, file: &str, sources: &[&str]) {
    let file = format!("--ndjson={file}");
    let output = cards.run(&[&["audit", &file], sources].concat());
    assert!(output.status.unwrap() < 2, "{}", output.text());
}

fn audit_again(cards: &Cards, file: &str, sources: &[&str]) {
    let _ = std::fs::remove_file(cards.path(file));
    audit(cards, file, sources);
}

fn diff(cards: &Cards) -> String {
    cards.run(&["diff", "old.ndjson", "new.ndjson"]).text()
}

fn short(backup: &Backup) -> String {
    format!("{}…", &backup.id()[..8])
}

#[test]
fn equal_audits() {
    let cards = Cards::new();
    cards.put("a.img", &card(1, &[wallet::twelve()]));
    audit(&cards, "old.ndjson", &["a.img", "nowhere.img"]);
    std::fs::copy(cards.path("old.ndjson"), cards.path("new.ndjson")).unwrap();
    let nothing = "status 0\nNothing changed.\n\
                   1 wallet before, 1 now: 1 unchanged.\n\
                   2 cards before, 2 now: 2 unchanged.\n";
    assert_eq!(diff(&cards), nothing);
    // A trailing line feed is nothing either.
    let lines = std::fs::read(cards.path("old.ndjson")).unwrap();
    std::fs::write(cards.path("new.ndjson"), [lines.as_slice(), b"\n"].concat()).unwrap();
    assert_eq!(diff(&cards), nothing);
}

#[test]
fn one_copy_fewer_a_card_gone_and_a_card_moved() {
    let cards = Cards::new();
    let (twice, once) = (wallet::numbered(0), wallet::numbered(1));
    // Of another day, so that the two cards are no copies of each other.
    let earlier = Backup {
        timestamp: wallet::FIRST - 86_400,
        ..twice.clone()
    };
    let mut first = card(1, &[]);
    let set = first.save(&twice);
    cards.put("a.img", &first);
    cards.put("b.img", &card(2, &[earlier]));
    cards.put("c.img", &card(3, std::slice::from_ref(&once)));
    audit(&cards, "old.ndjson", &["a.img", "b.img", "c.img"]);
    first.card.flip(set.files[1].data + 70, 1);
    cards.put("a.img", &first);
    std::fs::rename(cards.path("c.img"), cards.path("moved.img")).unwrap();
    audit(&cards, "new.ndjson", &["a.img", "moved.img"]);
    let id = short(&twice);
    assert_eq!(
        diff(&cards),
        format!(
            "status 1\n\
             Worse\n  \
             wallet {id} (24 words) \"Wallet 0\"\n    \
             - on 2 → 1 card; no more on b.img\n    \
             - restored from 2 → 1 separate card\n    \
             - valid copies 6 → 2\n      \
             safe → attention\n  \
             a.img\n    \
             - {id} \"Wallet 0\" of 2020-09-28: healthy → degraded\n    \
             - {id} \"Wallet 0\" of 2020-09-28: valid copies 3 → 2\n      \
             new: warning[copy-damaged] backup_Mon_2020-09-28T08-30-09Z_1.bin: the checksum does not match\n      \
             new: warning[fewer-than-three-copies] 2 of 3 copies are intact\n  \
             b.img: gone\n    \
             - {id} \"Wallet 0\" of 2020-09-27, healthy\n\
             \n\
             Other changes\n  \
             moved.img: moved\n      \
             it was c.img before\n\
             \n\
             2 wallets before, 2 now: 1 changed, 1 unchanged.\n\
             3 cards before, 2 now: 1 gone, 1 changed, 1 moved.\n\
             6 changes for the worse, 0 for the better, 4 other.\n"
        )
    );
    // The other way round it is for the better.
    let back = cards.run(&["diff", "new.ndjson", "old.ndjson"]).text();
    assert!(back.starts_with("status 0\nBetter\n"), "{back}");
    assert!(
        back.contains("0 changes for the worse, 5 for the better"),
        "{back}"
    );
}

/// A fleet in another folder is the same fleet.
#[test]
fn another_folder_moves_no_card() {
    let cards = Cards::new();
    for folder in ["jan", "feb/x", "feb/y"] {
        std::fs::create_dir_all(cards.path(folder)).unwrap();
    }
    let put = |folder: &str| {
        for number in 0..3 {
            let name = format!("{folder}/{number}.img");
            cards.put(&name, &card(number, &[wallet::numbered(number)]));
        }
    };
    put("jan");
    audit(&cards, "old.ndjson", &["jan"]);
    put("feb/x");
    audit(&cards, "new.ndjson", &["feb/x"]);
    let nothing = "status 0\nNothing changed.\n\
                   3 wallets before, 3 now: 3 unchanged.\n\
                   3 cards before, 3 now: 3 unchanged.\n";
    assert_eq!(diff(&cards), nothing);
    // What changed on a card is said, and no more.
    let mut damaged = card(1, &[]);
    let set = damaged.save(&wallet::numbered(1));
    damaged.card.flip(set.files[1].data + 70, 1);
    cards.put("feb/x/1.img", &damaged);
    audit_again(&cards, "new.ndjson", &["feb/x"]);
    let shown = diff(&cards);
    assert!(
        shown.contains("\n  feb/x/1.img\n") && !shown.contains("moved"),
        "{shown}"
    );
    assert!(
        shown.contains("3 cards before, 3 now: 1 changed, 2 unchanged."),
        "{shown}"
    );
    // One that went to a folder of its own was moved.
    std::fs::rename(cards.path("feb/x/2.img"), cards.path("feb/y/2.img")).unwrap();
    audit_again(&cards, "new.ndjson", &["feb/x", "feb/y"]);
    let shown = diff(&cards);
    assert!(shown.contains("feb/y/2.img: moved\n"), "{shown}");
    assert!(shown.contains("1 changed, 1 moved, 1 unchanged"), "{shown}");
}

/// Another name and another backup: the volume's serial number and its label tell that it is the card.
#[test]
fn a_renamed_card_is_followed_by_its_serial_number() {
    let cards = Cards::new();
    let [one, other] = [wallet::numbered(0), wallet::numbered(1)];
    cards.put("vault-2024.img", &card(1, std::slice::from_ref(&one)));
    cards.put("safe-2024.img", &card(2, std::slice::from_ref(&one)));
    audit(&cards, "old.ndjson", &["vault-2024.img", "safe-2024.img"]);
    cards.put("vault-2025.img", &card(1, &[one.clone(), other]));
    cards.put("safe-2025.img", &card(2, &[]));
    audit(&cards, "new.ndjson", &["vault-2025.img", "safe-2025.img"]);
    let shown = diff(&cards);
    assert!(shown.contains("2 cards before, 2 now: 2 moved."), "{shown}");
    for line in [
        "  vault-2025.img: moved\n",
        "      it was vault-2024.img before\n",
        "  safe-2025.img: moved\n",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    assert!(shown.contains("no more on safe-2025.img"), "{shown}");
    // Several cards with one serial number are told apart by their wallets, or not at all.
    let [old, new] = [[3, 4], [4, 5]];
    for (file, numbers) in [("old", old), ("new", new)] {
        let mut names = Vec::new();
        for number in numbers {
            let name = format!("{file}-{number}.img");
            cards.put(&name, &card(7, &[wallet::numbered(number)]));
            names.push(name);
        }
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        audit_again(&cards, &format!("{file}.ndjson"), &names);
    }
    let shown = diff(&cards);
    assert!(
        shown.contains("2 cards before, 2 now: 1 gone, 1 new, 1 moved."),
        "{shown}"
    );
    assert!(shown.contains("it was old-4.img before"), "{shown}");
}

#[test]
fn one_id_with_two_lengths_is_two_wallets() {
    let cards = Cards::new();
    let twelve = wallet::twelve();
    let longer = Backup {
        seed_length: 32,
        timestamp: wallet::SECOND,
        ..twelve.clone()
    };
    cards.put("a.img", &card(1, &[twelve.clone(), longer]));
    audit(&cards, "old.ndjson", &["a.img"]);
    cards.put("a.img", &card(1, std::slice::from_ref(&twelve)));
    audit(&cards, "new.ndjson", &["a.img"]);
    let shown = diff(&cards);
    let id = short(&twelve);
    assert!(
        shown.contains(&format!("wallet {id} (24 words) \"My BitBox\": gone")),
        "{shown}"
    );
    assert!(!shown.contains("(12 words) \"My BitBox\": gone"), "{shown}");
    let gone = format!("{id} (24 words) \"My BitBox\" of 2021-11-02: gone; it was");
    assert!(shown.contains(&gone), "{shown}");
    assert!(shown.contains("2 wallets before, 1 now: 1 gone"), "{shown}");
}

#[test]
fn json_says_the_same() {
    let cards = Cards::new();
    let (one, other) = (wallet::numbered(0), wallet::numbered(1));
    cards.put("a.img", &card(1, std::slice::from_ref(&one)));
    audit(&cards, "old.ndjson", &["a.img"]);
    std::fs::write(cards.path("a.img"), [0; 4096]).unwrap();
    cards.put("b.img", &card(2, std::slice::from_ref(&other)));
    audit(&cards, "new.ndjson", &["a.img", "b.img"]);
    let output = cards.run(&["diff", "--json", "old.ndjson", "new.ndjson"]);
    assert_eq!(output.status, Some(1), "{}", output.text());
    let answer: serde_json::Value = output.json();
    assert_eq!(answer["schema"], "bitbox-backup/1");
    assert_eq!(answer["command"], "diff");
    let old = serde_json::json!({ "file": "old.ndjson", "sources": 1, "cut": false });
    assert_eq!(
        (&answer["old"], &answer["warnings"]),
        (&old, &serde_json::json!([]))
    );
    let wallets = answer["wallets"].as_array().unwrap();
    assert_eq!(
        (
            &wallets[0]["id"],
            &wallets[0]["fate"],
            &wallets[0]["effect"]
        ),
        (&one.id().into(), &"gone".into(), &"worse".into())
    );
    assert_eq!(
        (
            &wallets[1]["id"],
            &wallets[1]["fate"],
            &wallets[1]["effect"]
        ),
        (&other.id().into(), &"added".into(), &"better".into())
    );
    let changed = &answer["cards"][0];
    assert_eq!(
        (&changed["source"], &changed["fate"]),
        (&"a.img".into(), &"changed".into())
    );
    let whats: Vec<_> = changed["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["what"].as_str().unwrap())
        .collect();
    assert!(
        whats.contains(&"device-view") && whats.contains(&"backup-gone"),
        "{whats:?}"
    );
    let fates = serde_json::json!({
        "before": 1, "now": 2, "added": 1, "gone": 0, "moved": 0, "changed": 1, "unchanged": 0
    });
    assert_eq!(answer["summary"]["cards"], fates);
}

#[test]
fn a_card_that_fails_and_one_that_comes_back() {
    let cards = Cards::new();
    cards.put("a.img", &card(1, &[wallet::twelve()]));
    audit(&cards, "old.ndjson", &["a.img", "a.img"]);
    std::fs::remove_file(cards.path("a.img")).unwrap();
    let gone = cards.run(&["audit", "--ndjson=new.ndjson", "a.img"]);
    assert_eq!(gone.status, Some(2));
    let shown = diff(&cards);
    assert!(shown.starts_with("status 1\nWorse\n"), "{shown}");
    assert!(
        shown.contains("  a.img\n    - it cannot be read: "),
        "{shown}"
    );
    let back = cards.run(&["diff", "new.ndjson", "old.ndjson"]).text();
    assert!(back.starts_with("status 0\nBetter\n"), "{back}");
    assert!(back.contains("    + it can be read again: "), "{back}");
}

#[test]
fn a_backup_made_anew_is_no_loss() {
    let cards = Cards::new();
    let mut fat = Layout::FAT12.format();
    let set = fat.save(&wallet::twelve());
    cards.put("a.img", &fat);
    audit(&cards, "old.ndjson", &["a.img", "--deleted"]);
    fat.save_again(&set, &wallet::twelve_again());
    cards.put("a.img", &fat);
    audit(&cards, "new.ndjson", &["a.img", "--deleted"]);
    let shown = diff(&cards);
    assert!(shown.starts_with("status 0\nOther changes\n"), "{shown}");
    let renewed =
        "\"Second\" of 2021-11-02: healthy in the place of the one of 2020-09-28, healthy";
    assert!(shown.contains(renewed), "{shown}");
    assert!(
        shown.contains("newest backup 2020-09-28 → 2021-11-02"),
        "{shown}"
    );
}

#[test]
fn other_rules_and_lines_cut_off_are_said() {
    let cards = Cards::new();
    cards.put("a.img", &card(1, &[wallet::twelve()]));
    cards.put("b.img", &card(2, &[wallet::twelve()]));
    audit(
        &cards,
        "old.ndjson",
        &["a.img", "b.img", "--firmware", "9.20.0"],
    );
    audit(&cards, "whole.ndjson", &["a.img", "b.img", "--hash"]);
    let lines = std::fs::read(cards.path("whole.ndjson")).unwrap();
    std::fs::write(cards.path("new.ndjson"), &lines[..lines.len() - 40]).unwrap();
    let shown = diff(&cards);
    for warning in [
        "warning: new.ndjson: it ends in the middle of line 2: the run that wrote it was cut off; 1 whole lines are used\n",
        "warning: these are audits for firmware 9.20.0 and 9.26.5; differences may come from that\n",
        "warning: these audits were run with different options; differences may come from that\n",
    ] {
        assert!(shown.contains(warning), "{shown}");
    }
    assert!(
        shown.starts_with("status 1\n") && shown.contains("b.img: gone"),
        "{shown}"
    );
}

#[test]
fn nothing_hostile_reaches_the_terminal_and_what_is_no_audit_is_refused() {
    let cards = Cards::new();
    cards.put("a.img", &card(1, &[wallet::twelve()]));
    audit(&cards, "old.ndjson", &["a.img"]);
    let line = std::fs::read_to_string(cards.path("old.ndjson")).unwrap();
    let hostile = line
        .replace("My BitBox", "\\u001b[2J\\u202e")
        .replace("a.img", "\\u001b]0;x\\u0007")
        .replace("9.26.5", "\\u001b[1m")
        .replace("healthy", "hidden");
    std::fs::write(cards.path("new.ndjson"), hostile).unwrap();
    for json in [&[][..], &["--json"]] {
        let output = cards.run(&[&["diff", "old.ndjson", "new.ndjson"], json].concat());
        let shown = output.text();
        assert_eq!(output.status, Some(1), "{shown}");
        assert!(!shown.contains(['\x1b', '\u{202e}', '\x07']), "{shown}");
        assert!(!shown.contains("\\u001b"), "{shown}");
    }
    for (name, contents, error) in [
        (
            "empty",
            "",
            "error: empty: there is no line in it to compare\n",
        ),
        (
            "cut",
            "{\"schema\"",
            "error: cut: there is no line in it to compare\n",
        ),
        (
            "other",
            "{\"schema\":\"x/2\"}\n",
            "error: other, line 1: its schema is x/2",
        ),
        (
            "text",
            "hello\n",
            "error: text, line 1: it is no line of `audit --ndjson`",
        ),
        (
            "nowhere",
            "",
            "error: nowhere: cannot be read: No such file",
        ),
    ] {
        if name != "nowhere" {
            std::fs::write(cards.path(name), contents).unwrap();
        }
        let output = cards.run(&["diff", "old.ndjson", name]);
        let shown = output.text();
        assert!(
            shown.starts_with("status 2\n") && shown.contains(error),
            "{shown}"
        );
    }
}
