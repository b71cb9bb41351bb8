//! What the owner of a wallet knows of it proves a seed where folder and checksum are lost, and nothing else does.

use bitbox_backup::backup::wallet::{Coin, DerivationPath, Root, Script};
use bitbox_backup::backup::{Seed, Words};
use fixtures::backup::Backup;
use fixtures::fat::Layout;
use fixtures::wallet;
use serde_json::Value;

use crate::support::cards::{Cards, seed_offset};

/// The account xpub, an address, and the fingerprint of a wallet.
fn known(backup: &Backup) -> [String; 3] {
    let seed: [u8; 32] = backup.seed.as_slice().try_into().unwrap();
    let seed = Seed::new(&seed, backup.seed_length).unwrap();
    let root = Root::of(&Words::of(&seed).unwrap(), "").unwrap();
    let path = DerivationPath::account(84, Coin::Bitcoin, 0);
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
            said.ends_with("with a passphrase: --passphrase asks for that."),
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
