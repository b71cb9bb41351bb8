//! E01 images: what they say of themselves is shown, compared, and harmless.

use std::path::Path;

use fixtures::e01::{Writer, case, digest, write};
use fixtures::fat::Layout;
use fixtures::wallet;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::cards::Cards;
use crate::support::published::Published;

/// A small card, its MD5 and SHA-1 by md5sum and sha1sum of what it holds.
fn medium() -> Vec<u8> {
    vec![b'a'; 1 << 20]
}

const MD5: &str = "7202826a7791073fe2787f0c94603278";
const SHA1: &str = "454027d64e3b855735552d42230eea1cbd645fa0";

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    let mut bytes = [0; N];
    hex::decode_to_slice(hex, &mut bytes).unwrap();
    bytes
}

/// An image of that card in two files, with this MD5.
fn image(folder: &Path, md5: [u8; 16]) {
    let hostile = "J. D\u{f6}e\u{1b}[31m\u{202e}<&\"";
    let fields = [
        ("c", "17"),
        ("n", "A-1"),
        ("a", "a card"),
        ("e", hostile),
        ("m", "1601281809"),
    ];
    let writer = Writer {
        card: medium(),
        per_chunk: 64,
        per_segment: 16,
        noted: vec![("header2", case(&fields))],
        ending: vec![("digest", digest(&md5, &bytes(SHA1)))],
        ..Writer::default()
    };
    write(folder, &writer.segments());
}

fn wrong() -> [u8; 16] {
    let mut md5 = bytes::<16>(MD5);
    md5[0] ^= 1;
    md5
}

fn matches(e01: &Value) -> Vec<(&str, &Value)> {
    let hashes = e01["hashes"].as_array().unwrap().iter();
    hashes
        .map(|hash| (hash["algorithm"].as_str().unwrap(), &hash["matches"]))
        .collect()
}

#[test]
fn an_audit_compares_the_hashes_and_shows_the_case() {
    let cards = Cards::new();
    let published = Published::new();
    image(cards.folder(), bytes(MD5));
    let answer = cards.run(&["audit", "card.E01", "--hash", "--json"]).json();
    published.holds("audit", &answer, published.answer);
    let source = &answer["sources"][0];
    let e01 = &source["e01"];
    assert_eq!(
        matches(e01),
        [("md5", &true.into()), ("sha1", &true.into())]
    );
    assert_eq!(e01["medium_sha256"], hex::encode(Sha256::digest(medium())));
    for (number, segment) in e01["segments"].as_array().unwrap().iter().enumerate() {
        let file = std::fs::read(cards.path(&format!("card.E0{}", number + 1))).unwrap();
        assert_eq!(segment["sha256"], hex::encode(Sha256::digest(file)));
    }
    assert_eq!(e01["segments"].as_array().unwrap().len(), 2);
    assert_eq!(
        source["sha256"],
        Value::Null,
        "the hash of none is that of all"
    );
    assert_eq!(e01["case"]["case_number"], "17");
    assert_eq!(e01["case"]["examiner"], "J. D\u{f6}e\\x1b[31m\\u{202e}<&\"");
    assert_eq!(e01["case"]["acquired"], "2020-09-28T08:30:09Z");
    let rules = |source: &Value| {
        let findings = source["findings"].as_array().unwrap().iter();
        let rules = findings.map(|one| one["rule"].as_str().unwrap().to_owned());
        rules.collect::<Vec<_>>()
    };
    assert!(!rules(source).contains(&"stored-hash-differs".to_owned()));
    // Without --hash nothing is compared, and that is said as that.
    let plain = cards.run(&["inspect", "card.E01", "--json"]).json();
    published.holds("inspect", &plain, published.answer);
    assert_eq!(
        matches(&plain["sources"][0]["e01"]),
        [("md5", &Value::Null), ("sha1", &Value::Null)]
    );
    // Another hash than that of the contents.
    image(cards.folder(), wrong());
    let answer = cards.run(&["audit", "card.E01", "--hash", "--json"]).json();
    let source = &answer["sources"][0];
    assert_eq!(
        matches(&source["e01"]),
        [("md5", &false.into()), ("sha1", &true.into())]
    );
    assert!(
        rules(source).contains(&"stored-hash-differs".to_owned()),
        "{source}"
    );
    let redacted = cards
        .run(&["audit", "card.E01", "--hash", "--json", "--redact"])
        .json();
    published.holds("redacted", &redacted, published.answer);
    let redacted = &redacted["sources"][0]["e01"];
    assert_eq!(redacted["case"], Value::Null);
    assert_eq!(matches(redacted), matches(&source["e01"]));
    let text = redacted.to_string();
    for hash in [MD5, SHA1, &hex::encode(Sha256::digest(medium()))] {
        assert!(!text.contains(hash), "{text}");
    }
    assert_eq!(redacted["segments"].as_array().unwrap().len(), 2);
}

#[test]
fn reports_and_the_log_have_them_too() {
    let cards = Cards::new();
    image(cards.folder(), wrong());
    let files = [
        "audit",
        "card.E01",
        "--hash",
        "--dfxml=r.xml",
        "--log=r.log",
        "--ndjson=r.ndjson",
    ];
    assert!(matches!(cards.run(&files).status, Some(0 | 1)));
    let read = |name: &str| std::fs::read_to_string(cards.path(name)).unwrap();
    let xml = read("r.xml");
    for part in [
        &format!("<hashdigest type=\"md5\">{MD5}</hashdigest>"),
        &format!("<hashdigest type=\"sha1\">{SHA1}</hashdigest>"),
        "matches=\"false\"",
        "case_number=\"17\"",
        "\\x1b[31m\\u{202e}&lt;&amp;",
        "<execution_environment>",
        "<start_time>",
    ] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
    let log = read("r.log");
    let line: Value = serde_json::from_str(log.lines().nth(1).unwrap()).unwrap();
    let e01 = &line["result"]["e01"];
    assert_eq!(matches(e01)[0], ("md5", &false.into()));
    assert_eq!(e01["case"]["evidence_number"], "A-1");
    // The same from the lines, without the environment of a run that asks for no log.
    let merged = cards.run(&["audit", "merge", "r.ndjson", "--dfxml=m.xml"]);
    assert!(matches!(merged.status, Some(0 | 1)), "{}", merged.text());
    let merged = read("m.xml");
    assert!(!merged.contains("execution_environment") && merged.contains("matches=\"false\""));
}

#[test]
fn an_image_of_one_says_whether_its_hashes_are_right() {
    let cards = Cards::new();
    let published = Published::new();
    for (md5, status, word) in [(bytes(MD5), 0, "equal"), (wrong(), 1, "not equal")] {
        image(cards.folder(), md5);
        let run = cards.run(&["image", "card.E01", "--to", "copy.img", "--yes", "--json"]);
        assert_eq!(run.status, Some(status), "{}", run.text());
        let answer = run.json();
        published.holds("image", &answer, published.image);
        assert_eq!(matches(&answer["e01"])[0].1, &Value::from(status == 0));
        assert_eq!(std::fs::read(cards.path("copy.img")).unwrap(), medium());
        let text = cards
            .run(&["image", "card.E01", "--to", "text.img", "--yes"])
            .out;
        assert!(text.contains(word), "{text}");
        assert!(text.contains("J. D\u{f6}e\\x1b[31m"), "{text}");
        for file in ["copy.img", "copy.img.map", "text.img", "text.img.map"] {
            let _ = std::fs::remove_file(cards.path(file));
        }
    }
    let text = cards.run(&["inspect", "card.E01"]).out;
    assert!(
        text.contains("not compared") && text.contains("A-1"),
        "{text}"
    );
}

#[test]
fn who_made_it_is_nobody_elses_business() {
    let cards = Cards::new();
    image(cards.folder(), wrong());
    let image = ["image", "card.E01", "--to", "copy.img", "--yes"];
    for (arguments, compared) in [
        (&["inspect", "card.E01"][..], "not compared"),
        (&["inspect", "card.E01", "--json"], "\"matches\": null"),
        (&image, "not equal"),
        (&[&image[..], &["--json"]].concat(), "\"matches\": false"),
    ] {
        let said = cards.run(arguments).out;
        assert!(said.contains("J. D") && said.contains("A-1"), "{said}");
        let _ = std::fs::remove_file(cards.path("copy.img"));
        let _ = std::fs::remove_file(cards.path("copy.img.map"));
        let said = cards.run(&[arguments, &["--redact"]].concat()).out;
        for part in ["J. D", "A-1", "a card\n", "2020-09", MD5, SHA1, "card.E01"] {
            assert!(!said.contains(part), "{arguments:?}: {part}: {said}");
        }
        assert!(said.contains(compared), "{arguments:?}: {said}");
        let _ = std::fs::remove_file(cards.path("copy.img"));
        let _ = std::fs::remove_file(cards.path("copy.img.map"));
    }
    // Neither does a report say on which machine it was made.
    let report = [
        "audit",
        "card.E01",
        "--hash",
        "--dfxml=r.xml",
        "--log=r.log",
    ];
    let _ = cards.run(&[&report[..], &["--redact"]].concat());
    let xml = std::fs::read_to_string(cards.path("r.xml")).unwrap();
    for part in ["execution_environment", "J. D", "A-1", MD5] {
        assert!(!xml.contains(part), "{part}: {xml}");
    }
    // The log is for nobody else, and complete.
    let log = std::fs::read_to_string(cards.path("r.log")).unwrap();
    assert!(log.contains("A-1") && log.contains(MD5), "{log}");
}

#[test]
fn a_backup_in_one_is_found() {
    let cards = Cards::new();
    let mut fat = Layout::FAT12.with_clusters(400).format();
    fat.save(&wallet::twelve());
    let raw = cards.path("raw.img");
    fat.card.write_to(&raw).unwrap();
    let writer = Writer {
        card: std::fs::read(&raw).unwrap(),
        per_chunk: 64,
        ..Writer::default()
    };
    write(cards.folder(), &writer.segments());
    let answer = cards.run(&["list", "card.E01", "--json"]).json();
    assert_eq!(answer["sources"][0]["state"], "healthy", "{answer:#}");
    assert_eq!(answer["sources"][0]["e01"]["case"]["examiner"], "J. Doe");
}
