//! `wallet`: the public side of what is on cards, and whose an address is.

use fixtures::wallet;

use crate::support::cards::{Cards, drawer};
use crate::support::program::testdata;

const SEGWIT: &str = "bc1qu65jptq2xqauztdlxunc0vcggv895syfj73ayc";

const ALL: [&str; 3] = ["first.img", "again.img", "others.img"];

fn find(cards: &Cards, wanted: &str) -> serde_json::Value {
    let arguments = [&["wallet", "--json", "--find", wanted][..], &ALL].concat();
    cards.run(&arguments).json()
}

/// What testdata/wallets.json has of a wallet.
fn made(words: &str) -> serde_json::Value {
    let path = testdata().join("wallets.json");
    let all: Vec<serde_json::Value> =
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut all = all.into_iter();
    all.find(|wallet| {
        wallet["passphrase"] == "" && wallet["words"].as_str().unwrap().starts_with(words)
    })
    .unwrap()
}

#[test]
fn the_sheet_of_a_wallet_is_what_other_programs_derive() {
    let cards = drawer();
    let answer = cards
        .run(&["wallet", "--json", "others.img", "--id", "63"])
        .json();
    let [sheet] = answer["sources"][0]["wallets"]
        .as_array()
        .unwrap()
        .as_slice()
    else {
        panic!("{answer}")
    };
    let made = made("abandon");
    assert_eq!(sheet["fingerprint"], made["fingerprint"]);
    for account in sheet["accounts"].as_array().unwrap() {
        let path = account["path"].as_str().unwrap();
        let purpose = path.split(['/', '\'']).nth(1).unwrap();
        assert_eq!(account["descriptor"], made["descriptors"][purpose]);
        let key = account["slip132"].as_str().or(account["xpub"].as_str());
        assert_eq!(key, made["keys"][path].as_str());
        assert_eq!(account["addresses"].as_array().unwrap().len(), 5);
        for index in [0, 1, 4] {
            let address = &account["addresses"][index];
            let path = format!("{path}/0/{index}");
            assert_eq!(address["path"], path);
            assert_eq!(address["address"], made["addresses"][&path]);
        }
    }
    for key in sheet["multisig"].as_array().unwrap() {
        let made = &made["several"][key["path"].as_str().unwrap()];
        assert_eq!((&key["key"], &key["slip132"]), (&made[0], &made[1]));
    }
    assert_eq!(
        sheet["ethereum"]["address"],
        "0x9858EfFD232B4033E47d90003D41EC34EcaEda94"
    );
    let third = cards
        .run(&["wallet", "--json", "first.img", "--account=3"])
        .json();
    let path = &third["sources"][0]["wallets"][0]["accounts"][0]["path"];
    assert_eq!(path, "m/84'/0'/3'");
}

#[test]
fn an_address_is_found_on_every_card_of_its_wallet_and_only_there() {
    let cards = drawer();
    let made = made("memory");
    for (path, address) in made["addresses"].as_object().unwrap().iter().step_by(5) {
        let beyond = path.contains("/10'/") || path.ends_with("/100");
        let answer = find(&cards, address.as_str().unwrap());
        let found = answer["found"].as_array().unwrap();
        let on: Vec<_> = found.iter().map(|place| &place["source"]).collect();
        let expected: &[&str] = if beyond {
            &[]
        } else {
            &["first.img", "again.img"]
        };
        assert_eq!(on, expected, "{path}");
        assert!(found.iter().all(|place| place["path"] == path.as_str()));
        assert_eq!(answer["find"]["kind"], "address");
    }
    for (path, key) in made["keys"].as_object().unwrap() {
        let answer = find(&cards, key.as_str().unwrap());
        assert_eq!(answer["found"][1]["path"], path.as_str());
        assert_eq!(answer["found"][1]["timestamp"], wallet::SECOND);
        assert_eq!(answer["find"]["kind"], "xpub");
    }
    let answer = find(&cards, "0240e92a");
    assert_eq!(answer["found"][0]["source"], "others.img");
    assert_eq!(answer["found"][0]["name"], "test device name");
}

#[test]
fn what_is_found_is_told_in_words() {
    let cards = drawer();
    let said = |wanted: &str| {
        cards
            .run(&[&["wallet", "--find", wanted][..], &ALL].concat())
            .text()
    };
    let found = said(SEGWIT);
    assert!(found.starts_with("status 0\n"), "{found}");
    for part in [
        "an address of Bitcoin. It belongs to",
        "first.img",
        "again.img",
        "m/84'/0'/0'/0/0",
        "5862f623",
    ] {
        assert!(found.contains(part), "{part}: {found}");
    }
    assert!(!found.contains("others.img"), "{found}");
    let testnet = said("tb1qh38cycuvfh47yngdhz6ltswn7zyhs98sgpstml");
    assert!(
        testnet.contains("test network, whose coins are worth nothing. It belongs to"),
        "{testnet}"
    );
    let older = said("18S6YkrJWjJ4NgMtjRVKrfZvAT7RQqSANu");
    assert!(
        older.contains("A BitBox02 makes no such addresses"),
        "{older}"
    );
    let stranger = said("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
    assert!(stranger.starts_with("status 1\n"), "{stranger}");
    for part in [
        "No wallet here has it: 4 backups",
        "A passphrase may be in use",
    ] {
        assert!(stranger.contains(part), "{part}: {stranger}");
    }
    let shared = said("3P14159f73E4gFr7JterCCQh9QjiTjiZrG");
    assert!(
        shared.contains("several keys together (multisig)"),
        "{shared}"
    );
}

/// A source that is not there would be complained of first if it were read.
#[test]
fn what_cannot_be_looked_for_is_told_before_a_card_is_read() {
    let cards = drawer();
    let secret = "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi";
    for (wanted, said) in [
        (
            "bc1qu65jptq2xqauztdlxunc0vcggv895syfj73ayd",
            "checksum of this address or key is wrong",
        ),
        (
            "0x9858EfFD232B4033E47d90003D41EC34EcaEdA94",
            "checksum of this address or key is wrong",
        ),
        (
            "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
            "several keys",
        ),
        ("hello", "no address"),
        (secret, "this is a secret"),
        (&secret[..100], "this is a secret"),
        ("legal winner thank year", "this is a secret"),
    ] {
        let answer = cards.run(&["wallet", "nowhere", "--find", wanted]).text();
        assert!(answer.starts_with("status 2\nerror: --find: "), "{answer}");
        assert!(answer.contains(said), "{answer}");
        assert!(!answer.contains("nowhere"), "{answer}");
        // What was typed may be a secret: it is not repeated.
        assert!(!answer.contains(&wanted[..wanted.len().min(8)]), "{answer}");
    }
}

#[test]
fn what_could_not_be_looked_through_is_named() {
    let cards = drawer();
    let damaged = wallet::twenty_four();
    let folder = cards.path("copies/bitbox02").join(damaged.id());
    std::fs::create_dir_all(&folder).unwrap();
    let mut bytes = damaged.encode();
    let seed = bytes
        .windows(4)
        .position(|four| four == &damaged.seed[..4])
        .unwrap();
    bytes[seed..seed + 20].fill(0);
    std::fs::write(folder.join("backup_Mon_2020-09-28T08-30-09Z_0.bin"), &bytes).unwrap();
    let arguments = ["wallet", "--effort=1000", "first.img", "copies", "nowhere"];
    let answer = cards
        .run(&[&arguments[..], &["--find=73c5da0a"]].concat())
        .text();
    assert!(answer.starts_with("status 1\n"), "{answer}");
    assert!(answer.contains("1 damaged backup (41233dfb…)"), "{answer}");
    assert!(answer.contains("no such file"), "{answer}");
    let answer = cards.run(&arguments).text();
    assert!(
        answer.contains("No wallet can be shown from this card"),
        "{answer}"
    );
    assert!(answer.contains("These are public keys"), "{answer}");
    // Others on the card may be proved.
    for (command, says) in [
        (
            "wallet",
            "The wallet cannot be shown from this card: no backup of it is proved.",
        ),
        (
            "words",
            "The recovery words of this wallet cannot be shown from this card.",
        ),
    ] {
        let answer = cards
            .run(&[command, "--effort=1000", "copies", "--id=41233dfb"])
            .text();
        assert!(answer.contains(says), "{answer}");
    }
}

#[cfg(unix)]
mod on_a_terminal {
    use super::*;

    use crate::support::person::Person;

    #[test]
    fn the_passphrase_makes_another_wallet() {
        let cards = drawer();
        // BIP-39's own passphrase; the address is bip_utils'.
        let address = "bc1qv5rmq0kt9yz3pm36wvzct7p3x6mtgehjul0feu";
        let arguments = ["wallet", "others.img", "--passphrase", "--find", address];
        let mut person = Person::starts(cards.folder(), &arguments);
        person.reads("Passphrase of this wallet");
        person.types("TREZOR\n");
        assert_eq!(person.waits(), 0, "{}", person.screen());
        assert!(person.screen().contains("b4e3f5ed"), "{}", person.screen());
        assert!(!String::from_utf8_lossy(&person.got).contains("TREZOR"));
        let output = cards.run(&["wallet", "others.img", "--find", address]);
        assert_eq!(output.status, Some(1), "{}", output.text());
        let mut person = Person::starts(cards.folder(), &arguments[..3]);
        person.reads("Passphrase of this wallet");
        person.types("secret\x03");
        assert_eq!(person.waits(), 130);
        assert!(!String::from_utf8_lossy(&person.got).contains("secret"));
    }
}
