//! Every command on every card, in every form of output: no seed and no word in any of it, and no
//! byte of a source changed.

use std::path::{Path, PathBuf};

use crate::support::program::{program, testdata};

use data_encoding::BASE64;
use fixtures::backup::Backup;
use fixtures::damage::{Base, damage};
use fixtures::{recipes, wallet};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// Recovery words of the wallets on the cards, three in a row of which must never show.
const WORDS: [&str; 5] = [
    "memory raven era cave phone system dice come mechanic split moon repeat",
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
    "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal will",
    "purity concert above invest pigeon category peace tuition hazard vivid latin since legal speak nation session onion library travel spell region blast estate stay",
    "goddess item rack improve shaft occur actress rib emerge salad rich blame model glare lounge stable electric height scrub scrub oyster now dinner oven",
];

/// The forms in which a secret could show: raw, hex, base64 at each alignment, three words in a row.
fn secrets() -> Vec<Vec<u8>> {
    let mut secrets = Vec::new();
    let mut wallets: Vec<Backup> = wallet::five();
    wallets.push(wallet::twelve());
    for wallet in wallets {
        let seed = &wallet.seed[..wallet.seed_length.min(32) as usize];
        if seed.iter().all(|byte| *byte == 0) {
            continue; // "abandon … about": zeros are everywhere
        }
        let hex = hex::encode(&seed[..8]);
        secrets.extend([
            seed[..8].to_vec(),
            hex.clone().into_bytes(),
            hex.to_uppercase().into_bytes(),
        ]);
        for skip in 0..3 {
            let whole = &BASE64.encode(&seed[skip..skip + 9])[..12];
            secrets.push(whole.as_bytes().to_vec());
        }
    }
    secrets.extend(private_keys());
    for words in WORDS {
        let words: Vec<_> = words.split(' ').collect();
        for three in words.windows(3) {
            secrets.push(three.join(" ").into_bytes());
            secrets.push(three.join("\",\"").into_bytes());
        }
    }
    secrets
}

/// Private keys of the wallets: those of the root, of the first accounts and of the first addresses, in
/// hex and as wallets export them.
fn private_keys() -> Vec<Vec<u8>> {
    let mut keys: Vec<Vec<u8>> = Vec::new();
    for words in WORDS {
        let words = bip39::Mnemonic::parse_in_normalized(bip39::Language::English, words).unwrap();
        let root = bip32::XPrv::new(&words.to_seed("")).unwrap();
        for path in [
            "m",
            "m/84'/0'/0'",
            "m/84'/0'/0'/0/0",
            "m/86'/0'/0'",
            "m/49'/0'/0'/0/1",
            "m/44'/60'/0'/0/0",
        ] {
            let path: bip32::DerivationPath = path.parse().unwrap();
            let key = path
                .iter()
                .fold(root.clone(), |key, step| key.derive_child(step).unwrap());
            let hex = hex::encode(key.to_bytes());
            keys.extend([
                hex.clone().into_bytes(),
                hex.to_uppercase().into_bytes(),
                key.to_bytes().to_vec(),
            ]);
            for prefix in [
                bip32::Prefix::XPRV,
                bip32::Prefix::YPRV,
                bip32::Prefix::ZPRV,
            ] {
                keys.push(key.to_string(prefix)[..20].as_bytes().to_vec());
            }
            for tail in [&[][..], &[1]] {
                let wif = [&[0x80][..], &key.to_bytes(), tail].concat();
                keys.push(bs58::encode(wif).with_check().into_vec());
            }
        }
    }
    keys
}

/// The first secret that shows in a text.
fn shown<'a>(secrets: &'a [Vec<u8>], text: &[u8]) -> Option<&'a Vec<u8>> {
    let mut secrets = secrets.iter();
    secrets.find(|secret| memchr::memmem::find(text, secret).is_some())
}

fn search(secrets: &[Vec<u8>], text: &[u8], what: &str) {
    let found = shown(secrets, text).map(|secret| String::from_utf8_lossy(secret));
    assert!(found.is_none(), "{what} shows {found:?}");
}

fn run(arguments: &[&str], sources: &[PathBuf]) -> (Vec<u8>, Vec<u8>) {
    let mut program = program(&testdata());
    program.env("RUST_LOG", "trace");
    let output = program.args(arguments).args(sources).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code().is_some_and(|code| code < 2),
        "{arguments:?}: {err}"
    );
    (output.stdout, output.stderr)
}

fn digest(path: &Path) -> [u8; 32] {
    Sha256::digest(std::fs::read(path).unwrap()).into()
}

/// How many damages of each card.
const DAMAGES: u64 = 12;

/// The cards as files: small ones only, for speed; the large ones differ in nothing that is printed.
fn cards(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    let mut add = |name: String, card: &fixtures::card::Card| {
        // What is no source by itself is a failure of every command.
        if (512..4 << 20).contains(&card.size()) {
            let path = folder.join(name + ".img");
            card.write_to(&path).unwrap();
            paths.push(path);
        }
    };
    for recipe in recipes::all() {
        add(recipe.name.to_owned(), &recipe.card);
    }
    for base in Base::all() {
        for seed in 0..DAMAGES {
            add(format!("{}-{seed}", base.name), &damage(seed, &base));
        }
    }
    paths
}

#[test]
fn no_output_of_any_command_shows_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let cards = cards(folder.path());
    let before: Vec<_> = cards.iter().map(|card| digest(card)).collect();
    let secrets = secrets();
    for arguments in [
        &["list", "--json", "--deleted"][..],
        &["list", "--json", "--carve"],
        &["list", "--deleted", "-v", "--color=always"],
        &["list", "--firmware=9.10.0"],
    ] {
        let (out, err) = run(arguments, &cards);
        assert!(out.len() > 10_000);
        search(&secrets, &out, "stdout");
        search(&secrets, &err, "stderr");
    }
    let each = |step: usize, commands: [&[&str]; 3]| {
        let cards: Vec<_> = cards.iter().step_by(step).collect();
        cards.par_iter().for_each(|card| {
            for arguments in commands {
                let (out, err) = run(arguments, std::slice::from_ref(*card));
                search(&secrets, &out, "stdout");
                search(&secrets, &err, "stderr");
            }
        });
    };
    each(
        7,
        [
            &["inspect", "--json"],
            &["inspect"],
            &["inspect", "--carve", "--json"],
        ],
    );
    // What `words` says of them without --reveal, and why it does not.
    each(
        11,
        [
            &["words", "--effort=1000", "--json"],
            &["words", "--effort=1000", "-v"],
            &["words", "--effort=1000", "--id=0123"],
        ],
    );
    // The public side of their wallets, and whose an address is.
    for arguments in [
        &["wallet", "--effort=1000", "--json"][..],
        &["wallet", "--effort=1000", "--addresses=20", "-v"],
        &["wallet", "--effort=1000", "--find=5862f623"],
        &["match", "--id=577782fd"],
        &["match", "--id=577782fd", "--json"],
        &[
            "wallet",
            "--effort=1000",
            "--find=bc1qu65jptq2xqauztdlxunc0vcggv895syfj73ayc",
            "--json",
        ],
    ] {
        let cards: Vec<_> = cards.iter().step_by(11).cloned().collect();
        let (out, err) = run(arguments, &cards);
        assert!(out.len() > 2_000);
        search(&secrets, &out, "stdout");
        search(&secrets, &err, "stderr");
    }
    // These have no --effort, so fewer cards.
    for arguments in [&["letter"][..], &["letter", "--json"]] {
        let cards: Vec<_> = cards.iter().step_by(193).cloned().collect();
        let (out, err) = run(arguments, &cards);
        search(&secrets, &out, "stdout");
        search(&secrets, &err, "stderr");
    }
    let written = tempfile::tempdir().unwrap();
    let forms = ["csv", "dfxml", "ndjson", "log", "write-register"].map(|form| {
        let file = written.path().join(format!("{form}.csv"));
        (format!("--{form}={}", file.display()), file)
    });
    let mut arguments = vec!["audit", "--deleted", "--hash"];
    arguments.extend(forms.iter().map(|(argument, _)| argument.as_str()));
    let (out, err) = run(&arguments, &cards);
    search(&secrets, &out, "stdout");
    search(&secrets, &err, "stderr");
    for (form, file) in &forms {
        let text = std::fs::read(file).unwrap();
        assert!(text.len() > 500, "{form}");
        search(&secrets, &text, form);
    }
    // What changed from a few of these cards to all of them.
    let few = written.path().join("few.ndjson");
    let lines = format!("--ndjson={}", few.display());
    run(&["audit", &lines], &cards[..50]);
    for arguments in [&["diff"][..], &["diff", "--json"]] {
        let (out, err) = run(arguments, &[few.clone(), forms[2].1.clone()]);
        assert!(out.len() > 10_000);
        search(&secrets, &out, "stdout");
        search(&secrets, &err, "stderr");
    }
    let after: Vec<_> = cards.iter().map(|card| digest(card)).collect();
    assert!(before == after, "a source was changed");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), cards.len(), "a file was left behind");
}

#[test]
fn no_page_shows_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let cards = cards(folder.path());
    let pages = tempfile::tempdir().unwrap();
    let place = pages.path().join("page.html");
    run(
        &["audit", "--deleted", "--html", place.to_str().unwrap()],
        &cards,
    );
    let page = std::fs::read(place).unwrap();
    assert!(page.len() > 1_000_000);
    search(&secrets(), &page, "the page");
}

/// What `recover` says and reports; the backups themselves are the secret it was asked for.
#[test]
fn no_report_of_a_recovery_shows_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let cards = cards(folder.path());
    let secrets = secrets();
    let written = tempfile::tempdir().unwrap();
    let mut reports = 0;
    for (number, card) in cards.iter().step_by(11).enumerate() {
        let place = |kind: &str| written.path().join(format!("{number}.{kind}"));
        let (to, raw, log) = (place("to"), place("raw"), place("log"));
        let mut arguments = vec!["recover", "--yes", "--effort", "1000", "-v"];
        arguments.extend(["--to", to.to_str().unwrap(), "--raw", raw.to_str().unwrap()]);
        arguments.extend(["--log", log.to_str().unwrap()]);
        if number % 2 == 0 {
            arguments.push("--json");
        }
        // An id with two lengths or a full list is no error of the program's.
        let output = program(&testdata())
            .args(&arguments)
            .arg(card)
            .output()
            .unwrap();
        search(&secrets, &output.stdout, "stdout");
        search(&secrets, &output.stderr, "stderr");
        search(&secrets, &std::fs::read(&log).unwrap(), "the log");
        for folder in [&to, &raw] {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                let extension = path.extension().and_then(|extension| extension.to_str());
                if matches!(extension, Some("json" | "txt")) {
                    let name = path.display().to_string();
                    search(&secrets, &std::fs::read(&path).unwrap(), &name);
                    reports += 1;
                }
            }
        }
    }
    assert!(reports > 150, "{reports}");
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let secrets = secrets();
    let seed = wallet::twelve().seed;
    for text in [
        seed.clone(),
        hex::encode(&seed).into_bytes(),
        BASE64.encode(&seed).into_bytes(),
        WORDS[0].as_bytes().to_vec(),
    ] {
        let found = shown(&secrets, &text);
        assert!(found.is_some(), "{}", String::from_utf8_lossy(&text));
    }
}
