//! Known answers: those of the standards, and what two other programs derive (tests/outside/wallets).

use serde_json::Value;

use super::*;
use crate::backup::Words;

const MADE: &str = include_str!("../../../testdata/wallets.json");

fn abandon() -> Root {
    let words = Words::read(&("abandon ".repeat(11) + "about")).unwrap();
    Root::of(&words, "").unwrap()
}

fn wallets() -> Vec<(Root, Value)> {
    let all: Vec<Value> = serde_json::from_str(MADE).unwrap();
    let root = |wallet: &Value| {
        let words = Words::read(wallet["words"].as_str().unwrap()).unwrap();
        Root::of(&words, wallet["passphrase"].as_str().unwrap()).unwrap()
    };
    all.into_iter()
        .map(|wallet| (root(&wallet), wallet))
        .collect()
}

fn texts(value: &Value) -> impl Iterator<Item = (&str, &str)> {
    let fields = value.as_object().unwrap().iter();
    fields.map(|(key, value)| (key.as_str(), value.as_str().unwrap()))
}

/// The steps of `m/84'/0'/0'/0/1`.
fn steps(path: &str) -> Vec<u32> {
    let steps = path.split('/').skip(1);
    steps
        .map(|step| step.trim_end_matches('\'').parse().unwrap())
        .collect()
}

fn script(purpose: u32, coin: Coin) -> Script {
    match (purpose, coin) {
        (44, Coin::Ethereum) => Script::Ethereum,
        (44, _) => Script::P2pkh,
        (49, _) => Script::P2shP2wpkh,
        (84, _) => Script::P2wpkh,
        (86, _) => Script::P2tr,
        _ => panic!("{purpose}"),
    }
}

fn coin(number: u32) -> Coin {
    Coin::ALL
        .into_iter()
        .find(|coin| coin.number() == number)
        .unwrap()
}

/// BIP-84, BIP-86, the wallet of BIP-49's vectors with main-net's keys, and the address of Ethereum
/// everybody's "abandon … about" has.
#[test]
fn vectors_of_the_standards() {
    let root = abandon();
    assert_eq!(root.fingerprint().to_string(), "73c5da0a");
    let account = |script: Script, coin| {
        root.account(account_path(script.purpose(), coin, 0))
            .unwrap()
    };
    let segwit = account(Script::P2wpkh, Coin::Bitcoin);
    assert_eq!(
        segwit.with_prefix(Script::P2wpkh.prefix().unwrap()),
        "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
    );
    let taproot = account(Script::P2tr, Coin::Bitcoin);
    assert_eq!(
        taproot.xpub(),
        "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ"
    );
    let wrapped = account(Script::P2shP2wpkh, Coin::Testnet);
    let ethereum = account(Script::Ethereum, Coin::Ethereum);
    for (account, script, coin, chain, index, address) in [
        (
            &segwit,
            Script::P2wpkh,
            Coin::Bitcoin,
            0,
            0,
            "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu",
        ),
        (
            &segwit,
            Script::P2wpkh,
            Coin::Bitcoin,
            0,
            1,
            "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g",
        ),
        (
            &segwit,
            Script::P2wpkh,
            Coin::Bitcoin,
            1,
            0,
            "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el",
        ),
        (
            &taproot,
            Script::P2tr,
            Coin::Bitcoin,
            0,
            0,
            "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
        ),
        (
            &taproot,
            Script::P2tr,
            Coin::Bitcoin,
            0,
            1,
            "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh",
        ),
        (
            &taproot,
            Script::P2tr,
            Coin::Bitcoin,
            1,
            0,
            "bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7",
        ),
        (
            &wrapped,
            Script::P2shP2wpkh,
            Coin::Testnet,
            0,
            0,
            "2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2",
        ),
        (
            &ethereum,
            Script::Ethereum,
            Coin::Ethereum,
            0,
            0,
            "0x9858EfFD232B4033E47d90003D41EC34EcaEda94",
        ),
    ] {
        let chain = account.chain(chain).unwrap();
        assert_eq!(chain.address(script, coin, index).unwrap(), address);
    }
}

#[test]
fn addresses_and_keys_as_other_programs_derive_them() {
    let mut seen = 0;
    for (root, wallet) in wallets() {
        assert_eq!(
            root.fingerprint().to_string(),
            wallet["fingerprint"].as_str().unwrap()
        );
        for (path, address) in texts(&wallet["addresses"]) {
            let [purpose, number, account, chain, index] = steps(path)[..] else {
                panic!("{path}")
            };
            let coin = coin(number);
            let account = root.account(account_path(purpose, coin, account)).unwrap();
            let chain = account.chain(chain).unwrap();
            assert_eq!(
                chain.address(script(purpose, coin), coin, index).unwrap(),
                address,
                "{path}"
            );
            assert_eq!(chain.path(index).to_string(), path);
            seen += 1;
        }
        for (purpose, descriptor) in texts(&wallet["descriptors"]) {
            let script = script(purpose.parse().unwrap(), Coin::Bitcoin);
            let account = root
                .account(account_path(script.purpose(), Coin::Bitcoin, 0))
                .unwrap();
            assert_eq!(account.descriptor(script).unwrap(), descriptor);
            let shown = account.with_prefix(script.prefix().unwrap_or(bip32::Prefix::XPUB));
            assert_eq!(wallet["keys"][account.path().to_string()], shown);
        }
        for multisig in Multisig::ALL {
            let account = root.account(multisig.path(Coin::Bitcoin, 0)).unwrap();
            let made = &wallet["several"][account.path().to_string()];
            assert_eq!(made[0], account.with_origin());
            assert_eq!(made[1], account.with_prefix(multisig.prefix()));
        }
    }
    assert_eq!(seen, 8 * 11 * 8);
}

#[test]
fn what_a_wallet_has_is_found_in_it_and_in_no_other() {
    let wallets = wallets();
    let other = abandon();
    let (root, wallet) = &wallets[0];
    let places = |path: &str| {
        let [_, _, account, _, index] = steps(path)[..] else {
            panic!("{path}")
        };
        account < ACCOUNTS && index < GAP
    };
    for (path, address) in texts(&wallet["addresses"]).step_by(3) {
        let target = Target::read(address).unwrap();
        let found = find(root, &target).map(|found| found.path.to_string());
        assert_eq!(found, places(path).then(|| path.to_owned()), "{path}");
    }
    let address = wallet["addresses"]["m/84'/0'/0'/0/0"].as_str().unwrap();
    assert_eq!(find(&other, &Target::read(address).unwrap()), None);
    let several = wallet["several"].as_object().unwrap().iter();
    let several = several.map(|(path, keys)| (path.as_str(), keys[1].as_str().unwrap()));
    let root_key = [("m", wallet["root"].as_str().unwrap())];
    for (path, key) in texts(&wallet["keys"]).chain(several).chain(root_key) {
        let target = Target::read(key).unwrap();
        let found = find(root, &target).unwrap();
        assert_eq!(found.path.to_string(), path);
        assert_eq!(find(&other, &target), None, "{path}");
    }
    let print = Target::read("5862F623").unwrap();
    assert_eq!(
        find(root, &print).unwrap().path,
        bip32::DerivationPath::default()
    );
    assert_eq!(find(&other, &print), None);
}

#[test]
fn a_root_tells_nothing() {
    assert_eq!(format!("{:?}", abandon()), "Root(..)");
}

/// Fingerprints of the wallets of docs/format.md 8 as bip_utils 2.12 (Python) computes them. That of
/// "abandon … about" is also in BIP-84's vectors, and its other one uses BIP-39's own passphrase.
#[test]
fn known_fingerprints() {
    let abandon = "abandon ".repeat(11) + "about";
    let legal = "legal winner thank year wave sausage worth useful ".repeat(2) + "legal will";
    for (text, [none, trezor, cafe]) in [
        (
            "memory raven era cave phone system dice come mechanic split moon repeat",
            ["5862f623", "7412dfe8", "50d99b5c"],
        ),
        (&abandon, ["73c5da0a", "b4e3f5ed", "75902abe"]),
        (&legal, ["70f21633", "15e8639c", "778c8e4c"]),
        (
            "purity concert above invest pigeon category peace tuition hazard vivid latin since legal speak nation session onion library travel spell region blast estate stay",
            ["0240e92a", "9baf0893", "f2d7ec8c"],
        ),
        (
            "goddess item rack improve shaft occur actress rib emerge salad rich blame model glare lounge stable electric height scrub scrub oyster now dinner oven",
            ["b140ba62", "3a7e8925", "bbd4d43a"],
        ),
    ] {
        let words = Words::read(text).unwrap();
        for (passphrase, expected) in [("", none), ("TREZOR", trezor), ("caf\u{e9}", cafe)] {
            let found = root_fingerprint(&words, passphrase).unwrap();
            assert_eq!(found.to_string(), expected, "{passphrase:?}");
        }
    }
}

#[test]
fn a_passphrase_is_the_same_however_its_letters_are_composed() {
    let words = Words::read(&("abandon ".repeat(11) + "about")).unwrap();
    let of = |passphrase| root_fingerprint(&words, passphrase).unwrap();
    assert_eq!(of("caf\u{e9}"), of("cafe\u{301}"));
    assert_ne!(of("cafe"), of("caf\u{e9}"));
}

mod target {
    use super::*;

    #[test]
    fn addresses_of_each_coin_are_told() {
        let all: Vec<Value> = serde_json::from_str(MADE).unwrap();
        for (path, address) in texts(&all[0]["addresses"]) {
            let [purpose, number, ..] = steps(path)[..] else {
                panic!("{path}")
            };
            let Target::Address(wanted) = Target::read(address).unwrap() else {
                panic!("{path}")
            };
            assert_eq!(wanted.coin.number(), number, "{path}");
            assert_eq!(wanted.script, script(purpose, coin(number)), "{path}");
        }
    }

    #[test]
    fn as_people_paste_them() {
        let plain = Target::read("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu").unwrap();
        for text in [
            "BC1QCR8TE4KR609GCAWUTMRZA0J4XV80JY8Z306FYU",
            " bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu\n",
            "bitcoin:bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu?amount=1&label=x",
            "BITCOIN:BC1QCR8TE4KR609GCAWUTMRZA0J4XV80JY8Z306FYU",
        ] {
            assert_eq!(Target::read(text).unwrap(), plain, "{text}");
        }
        let cased = Target::read("0x9858EfFD232B4033E47d90003D41EC34EcaEda94").unwrap();
        for text in [
            "0x9858effd232b4033e47d90003d41ec34ecaeda94",
            "0X9858EFFD232B4033E47D90003D41EC34ECAEDA94",
            "ethereum:0x9858EfFD232B4033E47d90003D41EC34EcaEda94@1?value=2",
        ] {
            assert_eq!(Target::read(text).unwrap(), cased, "{text}");
        }
    }

    #[test]
    fn every_mistyped_character_is_seen() {
        let all: Vec<Value> = serde_json::from_str(MADE).unwrap();
        let keys = texts(&all[0]["keys"]).step_by(4);
        for (path, text) in texts(&all[0]["addresses"]).step_by(9).chain(keys) {
            for place in 0..text.len() {
                let mut typed = text.as_bytes().to_vec();
                let old = typed[place];
                typed[place] = if old == b'2' { b'3' } else { b'2' };
                let typed = String::from_utf8(typed).unwrap();
                // Letters of one case only: what is left of an address of Ethereum has no checksum.
                let one_case = typed.bytes().any(|byte| byte.is_ascii_uppercase())
                    ^ typed[2..].bytes().any(|byte| byte.is_ascii_lowercase());
                if !(typed.starts_with("0x") && one_case) {
                    assert!(Target::read(&typed).is_err(), "{path} {typed}");
                }
            }
            assert!(Target::read(&text[..text.len() - 1]).is_err());
        }
    }

    /// The first two are BIP-350's and BIP-173's, the keys BIP-32's and those of BIP-84.
    #[test]
    fn what_cannot_be_looked_for_says_why() {
        for (text, error) in [
            (
                "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
                TargetError::SeveralKeys,
            ),
            ("BC1SW50QGDZ25J", TargetError::Version { version: 16 }),
            (
                "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyx",
                TargetError::Checksum,
            ),
            (
                "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN0",
                TargetError::Character { number: 34 },
            ),
            ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", TargetError::Checksum),
            (
                "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
                TargetError::Secret,
            ),
            (
                "zprvAWgYBBk7JR8Gjrh4UJQ2uJdG1r3WNRRfURiABBE3RvMXYSrRJL62XuezvGdPvG6GFBZduosCc1YP5wixPox7zhZLfiUm8aunE96BBa4Kei5",
                TargetError::Secret,
            ),
            (
                "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
                TargetError::Secret,
            ),
            (
                "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617",
                TargetError::Secret,
            ),
            ("memory raven era cave", TargetError::Secret),
            (
                "0x0000000000000000000000000000000000000000000000000000000000000001",
                TargetError::Secret,
            ),
            (
                "0x9858effd232b4033e47d90003d41ec34ecaeda9",
                TargetError::Unknown,
            ),
            ("73c5da0", TargetError::Unknown),
            ("73c5da0g", TargetError::Unknown),
            ("", TargetError::Unknown),
            ("bc1", TargetError::Checksum),
            ("bitcoin:", TargetError::Unknown),
            ("\u{e4}\u{f6}", TargetError::Unknown),
        ] {
            assert_eq!(Target::read(text), Err(error), "{text}");
        }
        assert_eq!(
            Target::read(&"1".repeat(100_000)),
            Err(TargetError::Unknown)
        );
    }
}

#[test]
fn a_path_says_what_only_the_private_key_can_go() {
    let account = abandon()
        .account(account_path(84, Coin::Testnet, 7))
        .unwrap();
    assert_eq!(account.path().to_string(), "m/84'/1'/7'");
    assert!(
        account
            .with_origin()
            .starts_with("[73c5da0a/84h/1h/7h]xpub")
    );
    let chain = account.chain(1).unwrap();
    assert_eq!(chain.path(20).to_string(), "m/84'/1'/7'/1/20");
    assert_eq!(bip32::DerivationPath::default().to_string(), "m");
}
