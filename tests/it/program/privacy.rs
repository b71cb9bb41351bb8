//! What `--redact` lets out: nothing that identifies a person, a card, or a wallet, and nothing by which two
//! answers are known to be about one card.

use std::collections::BTreeSet;

use fixtures::backup::Backup;
use fixtures::fat::{Fat, Layout};
use fixtures::wallet;

use crate::support::cards::Cards;
use crate::support::program::Ran;
use crate::support::published::Published;

/// What must not be let out.
const SECRETS: [&str; 12] = [
    "Zacharias",
    "zacharias",
    "ZACHAR",
    "Testament",
    "TESTAM",
    "heirs",
    "577782f",
    "5862f623", // its root fingerprint
    "1A2B-3C4D",
    "1601281809",
    "08:30",
    "xpub6",
];

/// A card of a person whose names are everywhere on it, with a file that hides the backup.
fn card() -> Fat {
    let mut layout = Layout::FAT32;
    layout.serial = 0x1A2B_3C4D;
    let mut fat = layout.with_clusters(66_000).format();
    let backup = named("Zacharias");
    let set = fat.save(&backup);
    let root = fat.root();
    let folder = fat.make_dir(root, "Zacharias private").as_dir();
    fat.make_file(folder, "Testament for heirs.pdf", b"%PDF");
    fat.make_file(root, "heirs.xyz", b"all of them");
    fat.card.set_u8(set.files[0].entry + 28, 0); // its size: one copy is empty
    fat
}

fn named(name: &str) -> Backup {
    Backup {
        name: name.to_owned(),
        ..wallet::twelve()
    }
}

fn place() -> Cards {
    let cards = Cards::new();
    std::fs::create_dir(cards.path("zacharias-cards")).unwrap();
    cards.put("zacharias-cards/Zacharias.img", &card());
    cards
}

const CARD: &str = "zacharias-cards/Zacharias.img";

/// Every way in which something is said about the card.
fn all(cards: &Cards) -> Vec<(String, Ran)> {
    let commands: [&[&str]; 16] = [
        &["list", CARD],
        &["list", CARD, "-v"],
        &["list", CARD, "--json", "--carve"],
        &["list", "zacharias-cards/Nobody.img", "--json"],
        &["inspect", CARD],
        &["inspect", CARD, "-v", "--carve"],
        &["inspect", CARD, "--json"],
        &["inspect", CARD, "--preflight"],
        &["audit", CARD, "-v"],
        &["audit", CARD, "--json", "--hash"],
        &["audit", CARD, "--ndjson", "--id", "577782"],
        &["words", CARD],
        &["words", CARD, "--json"],
        &["wallet", CARD],
        &["wallet", CARD, "--json"],
        &["match", CARD, "--id", "577782fd", "--json"],
    ];
    let run = |arguments: &&[&str]| {
        let ran = cards.run(&[arguments, &["--redact"][..]].concat());
        (arguments.join(" "), ran)
    };
    commands.iter().map(run).collect()
}

#[test]
fn no_name_no_id_no_place_no_time_is_let_out() {
    let cards = place();
    let whole = [
        &["inspect", CARD, "-v"][..],
        &["inspect", CARD, "--json"],
        &["wallet", CARD],
    ];
    let whole = whole.map(|arguments| cards.run(arguments).text()).concat();
    for secret in SECRETS {
        assert!(
            whole.contains(secret),
            "{secret} is not there to be left out"
        );
    }
    for (command, ran) in all(&cards) {
        assert!(ran.out.len() > 40, "{command}: {}", ran.text());
        for secret in SECRETS {
            assert!(
                !ran.out.contains(secret),
                "{command}: {secret}\n{}",
                ran.out
            );
        }
    }
}

#[test]
fn steps_to_take_are_without_them() {
    let cards = Cards::new();
    std::fs::create_dir(cards.path("zacharias-cards")).unwrap();
    let mut fat = Layout::FAT12.with_clusters(400).format();
    let set = fat.save(&named("Zacharias"));
    for file in &set.files {
        fat.delete(file); // so that a step is to recover it
    }
    cards.put(CARD, &fat);
    for form in [&["--json"][..], &[]] {
        let ran = cards.run(&[&["list", CARD, "--redact"], form].concat());
        assert!(
            ran.out
                .contains("bitbox-backup recover source-1.img --to recovered-source-1"),
            "{}",
            ran.out
        );
        for secret in SECRETS {
            assert!(!ran.out.contains(secret), "{secret}: {}", ran.out);
        }
    }
}

#[test]
fn files_too_are_without_them() {
    let cards = place();
    let reports = [
        "--html=r.html",
        "--csv=r.csv",
        "--dfxml=r.xml",
        "--ndjson=r.ndjson",
    ];
    let ran = cards.run(&[&["audit", CARD, "--redact"], &reports[..]].concat());
    assert_ne!(ran.status, Some(2), "{}", ran.text());
    let ran = cards.run(&["recover", CARD, "--to", "out", "--yes", "--redact"]);
    assert_eq!(ran.status, Some(0), "{}", ran.text());
    for file in [
        "r.html",
        "r.csv",
        "r.xml",
        "r.ndjson",
        "out/recovery-report.txt",
        "out/recovery-report.json",
    ] {
        let text = std::fs::read_to_string(cards.path(file)).unwrap();
        assert!(text.len() > 200, "{file}");
        for secret in SECRETS {
            assert!(!text.contains(secret), "{file}: {secret}\n{text}");
        }
    }
    let report = std::fs::read_to_string(cards.path("out/recovery-report.txt")).unwrap();
    assert!(report.contains("this may be shared"), "{report}");
    // The files themselves are what the BitBox needs.
    let id = wallet::twelve().id();
    assert!(cards.path(&format!("out/bitbox02/{id}")).is_dir());
}

/// Words and numbers by which something could be known again.
fn tokens(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '…');
    words
        .filter(|word| word.chars().any(|c| c.is_ascii_digit()) && word.chars().count() >= 5)
        .map(str::to_owned)
        .collect()
}

#[test]
fn two_answers_about_one_card_are_not_linked() {
    let cards = place();
    let (first, again) = (all(&cards), all(&cards));
    // The same wallet and the same names, on a card made elsewhere at another time.
    let others = Cards::new();
    std::fs::create_dir(others.path("zacharias-cards")).unwrap();
    let mut fat = Layout::FAT32.with_clusters(70_000).format();
    let set = fat.save(&Backup {
        timestamp: 1_590_000_000,
        seed: vec![0x5A; 32],
        ..named("Zacharias")
    });
    let root = fat.root();
    let folder = fat.make_dir(root, "Zacharias private").as_dir();
    fat.make_file(folder, "Testament for heirs.pdf", b"%PDF");
    fat.make_file(root, "heirs.xyz", b"all of them");
    fat.card.set_u8(set.files[0].entry + 28, 0);
    others.put(CARD, &fat);
    let other = all(&others);
    for ((command, one), ((_, two), (_, other))) in first.iter().zip(again.iter().zip(&other)) {
        if command.contains("--id") {
            continue; // the other card has no such wallet
        }
        let (one, two, other) = (tokens(&one.out), tokens(&two.out), tokens(&other.out));
        let linking: Vec<_> = one
            .intersection(&two)
            .filter(|token| !other.contains(*token))
            .collect();
        assert!(linking.is_empty(), "{command}: {linking:?}");
    }
}

#[test]
fn redacted_answers_keep_their_form() {
    let cards = place();
    let published = Published::new();
    for (arguments, schema) in [
        (&["list", CARD, "--json"][..], published.answer),
        (&["inspect", CARD, "--json", "--carve"], published.answer),
        (&["audit", CARD, "--json", "--hash"], published.answer),
        (&["audit", CARD, "--ndjson"], published.line),
        (&["words", CARD, "--json"], published.words),
        (
            &["match", CARD, "--id", "577782fd", "--json"],
            published.matching,
        ),
        (&["sources", "--json"], published.sources),
    ] {
        let answer = cards.run(&[arguments, &["--redact"]].concat()).json();
        published.holds(&format!("{arguments:?}"), &answer, schema);
        let redacted = answer
            .get("redacted")
            .or_else(|| answer["options"].get("redact"));
        assert_eq!(redacted, Some(&true.into()), "{arguments:?}");
    }
}

#[test]
fn redacted_lines_are_not_compared() {
    let cards = place();
    for file in ["--ndjson=a.ndjson", "--ndjson=b.ndjson"] {
        cards.run(&["audit", CARD, "--redact", file]);
    }
    for arguments in [
        &["diff", "a.ndjson", "b.ndjson"][..],
        &["audit", "merge", "a.ndjson", "b.ndjson"],
    ] {
        let ran = cards.run(arguments);
        assert_eq!(ran.status, Some(2), "{}", ran.text());
        assert!(
            ran.err.contains("redacted lines cannot be compared"),
            "{}",
            ran.err
        );
    }
    let ran = cards.run(&["audit", "merge", "a.ndjson"]);
    assert_ne!(ran.status, Some(2), "{}", ran.text());
}

#[test]
fn a_card_is_not_named_by_the_folder_it_is_in_nor_by_the_new_files_made_of_it() {
    let cards = place();
    let folder = cards.path("drawer");
    std::fs::create_dir(&folder).unwrap();
    for name in ["Ann's Smith.img", "Smith(1).img", "Smith.img"] {
        std::fs::copy(cards.path(CARD), folder.join(name)).unwrap();
    }
    for command in ["list", "audit", "inspect", "wallet", "words", "letter"] {
        let ran = cards.run(&[command, "drawer", "--redact"]);
        assert!(ran.out.len() > 40, "{command}: {}", ran.text());
        assert!(!ran.text().contains("Smith"), "{command}: {}", ran.text());
    }
}

/// Of whatever a wallet and a file on its card are called; and what a note beforehand names.
#[test]
fn names_with_quotes_in_them_are_not_let_out() {
    let cards = Cards::new();
    std::fs::create_dir(cards.path("drawer")).unwrap();
    let names = [
        "\"Zebra",
        "\"Zebra\"",
        "Zebra, \"Quokka\"",
        "a Zebra and a very long Quokka",
    ];
    for (index, name) in names.into_iter().enumerate() {
        let mut fat = Layout::FAT12.with_clusters(400).format();
        fat.save(&wallet::twenty_four());
        let set = fat.save(&named(name));
        fat.make_file(set.dir(), &format!("{name} and Zebra.pdf"), b"%PDF");
        cards.put(&format!("drawer/{index}.img"), &fat);
    }
    let first = std::fs::read(cards.path("drawer/0.img")).unwrap();
    std::fs::write(cards.path("drawer/Quokka.pdf"), "%PDF-1.4").unwrap();
    std::os::unix::fs::symlink("0.img", cards.path("drawer/Zebra.img")).unwrap();
    std::fs::write(cards.path("one.img"), first).unwrap();
    for arguments in [
        &["list", "drawer"][..],
        &["list", "drawer", "-v"],
        &["list", "drawer", "--json"],
        &["inspect", "one.img", "-v"],
        &["inspect", "one.img", "--json"],
        &["audit", "drawer", "-v"],
        &["audit", "drawer", "--json"],
        &[
            "audit",
            "drawer",
            "--html=r.html",
            "--csv=r.csv",
            "--dfxml=r.xml",
            "--ndjson=r.ndjson",
        ],
        &["wallet", "drawer"],
        &["words", "one.img"],
        &["letter", "drawer"],
        &["recover", "one.img", "--to", "out", "--yes"],
    ] {
        let ran = cards.run(&[arguments, &["--redact"][..]].concat());
        assert!(ran.out.len() > 40, "{arguments:?}: {}", ran.text());
        for name in ["Zebra", "Quokka", "ZEBRA", "QUOKKA"] {
            assert!(!ran.text().contains(name), "{arguments:?}: {}", ran.text());
        }
    }
    for file in [
        "r.html",
        "r.csv",
        "r.xml",
        "r.ndjson",
        "out/recovery-report.txt",
        "out/recovery-report.json",
    ] {
        let text = std::fs::read_to_string(cards.path(file)).unwrap();
        assert!(
            !text.contains("Zebra") && !text.contains("Quokka"),
            "{file}: {text}"
        );
    }
}

/// Of places that are written to, read beside the cards, or led through, and of the program itself.
#[test]
fn no_place_that_the_person_names_is_let_out() {
    const NAMES: [&str; 5] = ["Zoë", "zoë", "Zacharias", "heirs", "577782"];
    let cards = Cards::new();
    std::fs::create_dir(cards.path("Zacharias")).unwrap();
    let mut fat = Layout::FAT12.with_clusters(400).format();
    fat.save(&named("für Zoë, \"Zacharias\""));
    cards.put("Zacharias/Zoë, \"the first\".img", &fat);
    let card = "Zacharias/Zoë, \"the first\".img";
    let [to, raw] = ["Zacharias/für Zoë's heirs/", "./Zacharias//Zoë raw"];
    cards.file("Zacharias/Zoë.csv", "id\n");
    let recover = [
        "recover",
        card,
        "--to",
        to,
        "--card=Zacharias/Zoë.img",
        "--raw",
        raw,
        "--id",
        "577782",
        "--yes",
    ];
    let kept = ["--log=Zacharias/zoë log", "--resume=Zacharias/zoë.json"];
    let ran = cards.run(&[&recover[..], &kept, &["--redact"]].concat());
    assert_eq!(ran.status, Some(0), "{}", ran.text());
    assert!(
        ran.err.contains("dd if=place-") && ran.err.contains("evidence log place-"),
        "{}",
        ran.err
    );
    let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("it is not redacted, do not send it"),
        "{said}"
    );
    let mut texts = vec![(recover.join(" "), ran.text())];
    for file in ["recovery-report.txt", "recovery-report.json"] {
        texts.push((
            file.to_owned(),
            std::fs::read_to_string(cards.path(to).join(file)).unwrap(),
        ));
    }
    for file in ["copies.txt", "copies.json"] {
        texts.push((
            file.to_owned(),
            std::fs::read_to_string(cards.path(raw).join(file)).unwrap(),
        ));
    }
    let report = &texts[1].1;
    assert!(
        report.contains("\nCommand:  bitbox-backup recover source-1.img --to place-"),
        "{report}"
    );
    // What goes wrong is said of them, too.
    for arguments in [
        &recover[..],
        &["recover", card, "--to", "Zacharias/no heirs/new", "--yes"],
        &[
            "recover",
            card,
            "--to",
            "Zacharias/new",
            "--card",
            "Zacharias/./new",
            "--yes",
        ],
        &["recover", card, "--to", "/dev/Zacharias"],
        &["recover", card, "--to", "/dev/Zacharias", "--json"],
        &[
            "recover",
            card,
            "--to",
            "Zacharias/new",
            "--expect",
            "Zacharias/Zoë.csv",
            "--yes",
        ],
        &[
            "recover",
            card,
            "--to",
            "Zacharias/new",
            "--known-words",
            "Zacharias/zoë.txt",
            "--yes",
        ],
        &[
            "recover",
            "--files-from",
            "Zacharias/zoë.txt",
            "--to",
            "Zacharias/new",
            "--yes",
        ],
        &["image", card, "--to", "Zacharias/copy of Zoë.img", "--yes"],
        &["image", card, "--to", "Zacharias/Zoë.csv", "--yes"],
        &[
            "image",
            card,
            "--to",
            "Zacharias/Zoë.csv",
            "--yes",
            "--json",
        ],
        &["audit", card, "--csv", "Zacharias/Zoë.csv"],
        &["audit", card, "--html", card],
        &["audit", card, "--resume", "Zacharias/zoë.json"],
        &["words", card, "--expect", "Zacharias/Zoë.csv"],
        &["list", card, "--log", "Zacharias/Zoë.csv"],
        &["letter", card, "--log", "Zacharias/no heirs/log"],
    ] {
        let ran = cards.run(&[arguments, &["--redact"]].concat());
        assert!(
            ran.text().lines().count() > 1,
            "{arguments:?}: {}",
            ran.text()
        );
        texts.push((arguments.join(" "), ran.text()));
    }
    for (of, text) in texts {
        for name in NAMES {
            assert!(!text.contains(name), "{of}: {name}: {text}");
        }
    }
}

/// The fields of an answer, in the order in which they stand first.
fn fields(answer: &str) -> Vec<String> {
    let mut fields: Vec<String> = Vec::new();
    for (index, part) in answer.split('"').enumerate().skip(1).step_by(2) {
        let behind = answer.split('"').nth(index + 1).unwrap_or_default();
        if behind.starts_with(':') && !fields.iter().any(|one| one == part) {
            fields.push(part.to_owned());
        }
    }
    fields
}

#[test]
fn redacted_answers_keep_the_order_of_their_fields() {
    let cards = place();
    for arguments in [
        &["list", CARD, "--json"][..],
        &["words", CARD, "--json"],
        &["wallet", CARD, "--json"],
        &["letter", CARD, "--json"],
        &["match", CARD, "--id", "577782fd", "--json"],
        &["recover", CARD, "--to", "out", "--yes", "--json"],
        &["audit", CARD, "--json"],
    ] {
        let ran = |more: &[&str]| {
            let _ = std::fs::remove_dir_all(cards.path("out"));
            fields(&cards.run(&[arguments, more].concat()).out)
        };
        let (whole, redacted) = (ran(&[]), ran(&["--redact"]));
        let both = |one: &[String], other: &[String]| -> Vec<String> {
            one.iter()
                .filter(|field| other.contains(field))
                .cloned()
                .collect()
        };
        assert!(redacted.len() > 5, "{arguments:?}");
        assert_eq!(
            both(&redacted, &whole),
            both(&whole, &redacted),
            "{arguments:?}"
        );
    }
}

/// A command line that cannot be understood is not repeated.
#[test]
fn no_value_of_a_wrong_command_line_is_named() {
    let cards = Cards::new();
    for (arguments, secret) in [
        (&["match", "own.img", "--id", "zzz1234"][..], "zzz1234"),
        (&["match", "own.img", "--id=577782"], "577782"),
        (&["inspect", "mine.img", "grandmother.img"], "grandmother"),
        (&["recover", "own.img", "--effort", "my-pin"], "my-pin"),
        (&["list", "--firmware", "ab", "own.img"], "'ab'"),
    ] {
        let plain = cards.run(arguments);
        assert!(plain.err.contains(secret), "{plain:?}");
        let ran = cards.run(&[arguments, &["--redact", "--json"]].concat());
        assert_eq!(ran.status, Some(2), "{ran:?}");
        assert!(!ran.text().contains(secret), "{ran:?}");
        assert!(ran.err.contains("'(left out)'"), "{ran:?}");
        let answer = ran.json();
        assert_eq!(answer["redacted"], true, "{answer}");
        assert_eq!(answer["status"], "failed", "{answer}");
    }
}

/// Where JSON is asked for nothing else is on standard output, and a prompt that nobody answers is named.
#[test]
fn a_redacted_answer_is_json_alone_and_a_prompt_is_named() {
    let cards = Cards::new();
    cards.put("own.img", &card());
    let recover = ["recover", "own.img", "--to", "out", "--redact"];
    let ran = cards.run(&recover);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.err.contains("Write wallets in plain text?"), "{ran:?}");
    let ran = cards.run(&[&recover[..], &["--yes", "--json"]].concat());
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert_eq!(ran.json()["redacted"], true);
    assert!(!ran.out.contains("may be shared"), "{ran:?}");
}
