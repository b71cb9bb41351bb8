//! What the owner of a wallet knows of it proves a seed where folder and checksum are lost, and nothing else does.

use bitbox_backup::backup::wallet::{Coin, Root, Script, account_path};
use bitbox_backup::backup::{Seed, Words};
use fixtures::backup::Backup;
use fixtures::fat::Layout;
use fixtures::wallet;
use serde_json::Value;

use crate::support::cards::{Cards, seed_offset};

/// The account xpub, an address, and the fingerprint of a wallet.
pub(super) fn known(backup: &Backup) -> [String; 3] {
    let seed: [u8; 32] = backup.seed.as_slice().try_into().unwrap();
    let seed = Seed::new(&seed, backup.seed_length).unwrap();
    let root = Root::of(&Words::of(&seed).unwrap(), "").unwrap();
    let path = account_path(84, Coin::Bitcoin, 0);
    let account = root.account(path).unwrap();
    let chain = account.chain(0).unwrap();
    let address = chain.address(Script::P2wpkh, Coin::Bitcoin, 2).unwrap();
    [account.xpub(), address, root.fingerprint().to_string()]
}

/// A card of which the folder's name and all checksums are lost, and the seeds are whole, or differ in `flips` bits.
fn lost(cards: &Cards, backup: &Backup, flips: usize) {
    let mut copy = backup.encode();
    let seed = seed_offset(&copy, backup);
    copy[6..38].fill(0);
    for bit in 0..flips {
        copy[seed + 2 * bit] ^= 1 << bit;
    }
    let mut fat = Layout::FAT12.with_clusters(400).format();
    let root = fat.root();
    for name in ["f0001.bin", "f0002.bin", "f0003.bin"] {
        fat.make_file(root, name, &copy);
    }
    cards.put("card.img", &fat);
}

fn recover(cards: &Cards, option: &str, value: &str, to: &str) -> Value {
    let line = [
        "recover", "card.img", "--to", to, "--yes", "--json", "-q", "--effort", "quick", option,
        value,
    ];
    cards.run(&line).json()
}

#[test]
fn each_kind_proves_a_seed_with_the_first_candidate() {
    let cards = Cards::new();
    for backup in [wallet::twelve(), wallet::twenty_four()] {
        lost(&cards, &backup, 0);
        let kinds = ["xpub", "address", "fingerprint"];
        for (kind, value) in kinds.into_iter().zip(known(&backup)) {
            let to = format!("{kind}-{}", backup.seed_length);
            let answer = recover(&cards, &format!("--{kind}"), &value, &to);
            let one = &answer["recovered"][0];
            assert_eq!(one["id"], backup.id(), "{answer:#}");
            assert_eq!(one["proof"]["seed"], kind);
            assert_eq!(one["proof"]["seed_length"], "owner");
            assert_eq!(one["proof"]["name"], "absent");
            assert_eq!(one["words"], backup.seed_length / 4 * 3);
            // What the owner knows is in no report.
            for report in ["recovery-report.txt", "recovery-report.json"] {
                let text = std::fs::read_to_string(cards.path(&to).join(report)).unwrap();
                assert!(!text.contains(&value), "{text}");
            }
        }
    }
}

#[test]
fn what_is_known_of_another_wallet_proves_nothing() {
    let cards = Cards::new();
    lost(&cards, &wallet::twelve(), 0);
    for (kind, value) in ["--xpub", "--address", "--fingerprint"]
        .into_iter()
        .zip(known(&wallet::twenty_four()))
    {
        let answer = recover(&cards, kind, &value, "other");
        assert_eq!(
            answer["recovered"].as_array().unwrap().len(),
            0,
            "{answer:#}"
        );
        assert!(!cards.path("other").exists());
        let (word, one) = (&kind[2..], &answer["not_recovered"][0]);
        let said = one["message"].as_str().unwrap();
        assert!(
            said.ends_with(&format!(" candidates has the right {word}")),
            "{said}"
        );
        let said = one["advice"].as_str().unwrap();
        assert!(
            said.contains("with a passphrase: --passphrase asks for that."),
            "{said}"
        );
    }
    // Both have to fit.
    let ([xpub, ..], [.., print]) = (known(&wallet::twelve()), known(&wallet::twenty_four()));
    let line = [
        "words",
        "card.img",
        "--json",
        "--effort",
        "quick",
        "--xpub",
        &xpub,
        "--fingerprint",
        &print,
    ];
    let answer = cards.run(&line).json();
    assert_eq!(answer["wallets"].as_array().unwrap().len(), 0, "{answer:#}");
}

#[test]
fn the_key_may_be_in_a_file_and_other_kinds_and_secrets_are_refused() {
    let cards = Cards::new();
    lost(&cards, &wallet::twelve(), 0);
    let [xpub, address, _] = known(&wallet::twelve());
    cards.file("account.txt", format!("{xpub}\n"));
    let line = ["words", "card.img", "--json", "--xpub", "account.txt"];
    let ran = cards.run(&line);
    let answer = ran.json();
    assert_eq!(
        answer["wallets"][0]["proof"]["seed"],
        "xpub",
        "{}",
        ran.text()
    );
    let ran = cards.run(&["words", "card.img", "--xpub", &address]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.text().contains("of another kind"), "{}", ran.text());
    // What of a file is not read may be another key.
    let long = format!("{xpub}\n{}{address}", "\n".repeat(4096));
    cards.file("long.txt", long);
    cards.file("binary.txt", b"\xff\xfe");
    for (file, why) in [
        ("long.txt", "long.txt: is larger than 4096 bytes"),
        ("binary.txt", "binary.txt: holds something other than text"),
    ] {
        for option in ["--xpub=", "--known-words="] {
            let ran = cards.run(&["words", "card.img", &format!("{option}{file}")]);
            assert_eq!(ran.status, Some(2), "{}", ran.text());
            assert!(ran.text().contains(why), "{}", ran.text());
        }
    }
    let words = "abandon abandon about";
    let ran = cards.run(&["words", "card.img", "--xpub", words]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.text().contains("secret") && !ran.text().contains("abandon"));
}

#[test]
fn damaged_seeds_are_searched_against_an_xpub() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    lost(&cards, &backup, 1);
    let [xpub, ..] = known(&backup);
    let line = ["words", "card.img", "--json", "--xpub", &xpub];
    let ran = cards.run(&line);
    let answer = ran.json();
    assert_eq!(answer["wallets"][0]["id"], backup.id(), "{}", ran.text());
    assert_eq!(answer["wallets"][0]["method"], "search");
}

/// What is tried against an xpub takes long: the share and the effort that are said are of that, and not of what is
/// tried against a checksum.
#[test]
fn the_share_that_is_said_is_of_what_is_tried_against_the_xpub() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    let mut copy = backup.encode();
    let seed = seed_offset(&copy, &backup);
    // A checksum that looks like one.
    copy[6..38]
        .iter_mut()
        .zip(1_u8..)
        .for_each(|(byte, at)| *byte = at.wrapping_mul(91));
    copy[seed + 5] = 0;
    let mut fat = Layout::FAT12.with_clusters(400).format();
    let root = fat.root();
    fat.make_file(root, "f0001.bin", &copy);
    cards.put("card.img", &fat);
    let [xpub, ..] = known(&wallet::twenty_four());
    let line = [
        "recover", "card.img", "--to", "out", "--yes", "--json", "--xpub", &xpub, "--effort",
    ];
    let run = |effort: &str| cards.run(&[&line[..], &[effort]].concat()).json();
    let answer = run("262144");
    let lost = &answer["not_recovered"][0];
    assert_eq!(lost["search"]["against"], "owner", "{answer:#}");
    assert!(
        lost["search"]["covered_ppm"].as_u64().unwrap() < 900_000,
        "{answer:#}"
    );
    let said = lost["message"].as_str().unwrap();
    assert!(
        said.ends_with("none of the likeliest 16 candidates has the right xpub"),
        "{said}"
    );
    // An effort in which all that is advised for is tried: 2^14 for each seed.
    let advised = lost["search"]["effort"].as_u64().unwrap();
    let all = 1 << lost["search"]["possibilities_log2"].as_u64().unwrap();
    assert!(
        advised >> 14 >= all / 2 && advised >> 14 <= all * 2,
        "{answer:#}"
    );
}

/// What is wrong in every copy shows in none: how likely it is found is not known.
#[test]
fn no_share_is_said_where_all_copies_have_the_same_error() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    let mut copy = backup.encode();
    let seed = seed_offset(&copy, &backup);
    copy[6..38]
        .iter_mut()
        .zip(1_u8..)
        .for_each(|(byte, at)| *byte = at.wrapping_mul(91));
    copy[seed + 3] ^= 0x24;
    copy[seed + 11] ^= 0x80;
    let mut fat = Layout::FAT12.with_clusters(400).format();
    let root = fat.root();
    for name in ["f0001.bin", "f0002.bin", "f0003.bin"] {
        fat.make_file(root, name, &copy);
    }
    cards.put("card.img", &fat);
    let [_, address, _] = known(&backup);
    let line = [
        "recover", "card.img", "--to", "out", "--yes", "--json", "--effort", "quick",
    ];
    for more in [&["--address", &*address][..], &["--id", &backup.id()]] {
        let ran = cards.run(&[&line[..], more].concat());
        if more[0] == "--id" {
            assert_eq!(ran.json()["recovered"][0]["id"], backup.id());
            continue;
        }
        let answer = ran.json();
        let lost = &answer["not_recovered"][0];
        assert!(lost["search"]["covered_ppm"].is_null(), "{answer:#}");
        assert!(lost["search"]["effort"].is_null(), "{answer:#}");
        let advice = lost["advice"].as_str().unwrap();
        assert!(
            advice.ends_with("how likely a longer search finds it: --effort deep tries more."),
            "{advice}"
        );
    }
}

#[test]
fn a_register_says_what_is_known_of_each_wallet() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    lost(&cards, &backup, 0);
    let own = known(&backup);
    let [other, other_address, other_print] = known(&wallet::twenty_four());
    let kinds = ["xpub", "address", "fingerprint"];
    let with = |register: &str| {
        let line = [
            "words", "card.img", "--json", "--effort", "quick", "--expect", register,
        ];
        let ran = cards.run(&line);
        let answer = ran.json();
        // The answer has the fingerprint of what it proved.
        for value in own[..2]
            .iter()
            .chain([&other, &other_address, &other_print])
        {
            assert!(!ran.text().contains(value), "{}", ran.text());
        }
        assert!(!ran.text().contains("no search"), "{}", ran.text());
        answer["wallets"][0]["proof"]["seed"].clone()
    };
    for (kind, value) in kinds.into_iter().zip(&own) {
        // Among other wallets, in any column order, with a part of the ID or without.
        cards.file(
            "register.csv",
            format!("label;{kind};id\nours;{value};\nanother;;577782fdfffbe314\n",),
        );
        assert_eq!(with("register.csv"), kind);
        cards.file(
            "register.toml",
            format!(
                "[[wallet]]\nxpub = \"{other}\"\n[[wallet]]\nid = \"{}\"\n{kind} = \"{value}\"\n\
                 [[wallet]]\nfingerprint = \"{other_print}\"\n",
                &backup.id()[..8]
            ),
        );
        assert_eq!(with("register.toml"), kind);
    }
    // All of a row has to fit, and another wallet's proves nothing.
    for row in [
        format!("{},,{other_print}", own[0]),
        format!("{other},{other_address},"),
    ] {
        cards.file("register.csv", format!("xpub,address,fingerprint\n{row}\n"));
        assert_eq!(with("register.csv"), Value::Null, "{row}");
    }
}

#[test]
fn what_is_wrong_with_a_register_is_said_with_its_line_and_without_secrets() {
    let cards = Cards::new();
    lost(&cards, &wallet::twelve(), 0);
    let [xpub, address, _] = known(&wallet::twelve());
    let mistyped = xpub.replace(&xpub[20..21], if &xpub[20..21] == "a" { "b" } else { "a" });
    let private = "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi";
    for (rows, said) in [
        (
            format!("label,xpub\na,\nb,{address}\n"),
            "line 3: this key, address or fingerprint is in a column of another kind",
        ),
        (
            format!("xpub\n{mistyped}\n"),
            "line 2: the checksum of this address or key is wrong",
        ),
        (format!("xpub\n{private}\n"), "line 2: this is a secret"),
        (
            "label\nours\n".to_owned(),
            "line 1: there is no column \"id\"",
        ),
    ] {
        cards.file("register.csv", &rows);
        let ran = cards.run(&[
            "recover",
            "card.img",
            "--to",
            "saved",
            "--yes",
            "--expect",
            "register.csv",
        ]);
        assert_eq!(ran.status, Some(2), "{}", ran.text());
        assert!(ran.text().contains(said), "{}", ran.text());
        assert!(!ran.text().contains("xprv") && !cards.path("saved").exists());
    }
    // `audit` compares by the ID.
    cards.file("register.csv", format!("xpub\n{xpub}\n"));
    let ran = cards.run(&["audit", "card.img", "--expect", "register.csv"]);
    assert_eq!(ran.status, Some(2), "{}", ran.text());
    assert!(
        ran.text().contains("line 2: \"\" is no ID"),
        "{}",
        ran.text()
    );
}

#[test]
fn the_command_that_shows_the_words_repeats_what_proved_them() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    lost(&cards, &backup, 0);
    let [xpub, address, print] = known(&backup);
    cards.file("my key.txt", &xpub);
    cards.file("words.txt", "memory ? era cave ? ? ? ? ? ? ? ?");
    let (id, short) = (backup.id(), &backup.id()[..8]);
    for (given, said) in [
        (vec!["--xpub", &xpub], format!("--xpub {xpub} --id {short}")),
        (
            vec!["--xpub", "my key.txt"],
            format!("--xpub 'my key.txt' --id {short}"),
        ),
        (
            vec!["--address", &address, "--effort", "quick"],
            format!("--address {address} --effort quick --id {short}"),
        ),
        (
            vec!["--fingerprint", &print, "--known-words=words.txt"],
            format!("--fingerprint {print} --known-words=words.txt --id {short}"),
        ),
        (vec!["--id", &id], format!("--id {id}")),
    ] {
        let ran = cards.run(&[&["words", "card.img"][..], &given].concat());
        let command = format!("bitbox-backup words card.img {said} --reveal\n");
        assert!(ran.text().contains(&command), "{command}\n{}", ran.text());
    }
    // Done as it is said, it shows them.
    let line = [
        "words",
        "card.img",
        "--id",
        &id,
        "--reveal",
        "--yes",
        "--to=/dev/shm/it-advised",
    ];
    let ran = cards.run(&line);
    assert_eq!(ran.status, Some(0), "{}", ran.text());
    std::fs::remove_file("/dev/shm/it-advised").unwrap();
}

#[test]
fn what_fits_no_proved_wallet_is_said_and_stops_nothing() {
    let cards = Cards::new();
    let mut fat = Layout::FAT12.with_clusters(400).format();
    fat.save(&wallet::twelve());
    cards.put("card.img", &fat);
    for (kind, value) in ["--xpub", "--address", "--fingerprint"]
        .into_iter()
        .zip(known(&wallet::twenty_four()))
    {
        let ran = cards.run(&["words", "card.img", kind, &value]);
        assert_eq!(ran.status, Some(0), "{}", ran.text());
        assert!(
            ran.text().contains("fits no wallet that is proved here"),
            "{}",
            ran.text()
        );
    }
    let [xpub, ..] = known(&wallet::twelve());
    let ran = cards.run(&["words", "card.img", "--xpub", &xpub]);
    assert!(!ran.text().contains("fits no wallet"), "{}", ran.text());
}
