//! Answers are as the published JSON Schemas say, and have no field these do not describe.

use std::path::Path;

use bitbox_backup::examine::{Depth, Options, report_on};
use bitbox_backup::reader::{CardIdentity, CardKind, UsbReader};
use bitbox_backup::report::{OptionsReport, Redaction};
use boon::SchemaIndex;
use fixtures::{recipes, wallet};
use serde_json::{Value, json};

use crate::support::cards::save_in;
use crate::support::program::{run, shipped, testdata};
use crate::support::published::{NAMES, Published, schema};

fn answer(arguments: &[&str]) -> Value {
    run(&testdata(), arguments).json()
}

#[test]
fn the_self_test() {
    let answer = answer(&["self-test", "--json"]);
    let published = Published::new();
    published.holds("self-test", &answer, published.self_test);
    assert_eq!(answer["passed"], true, "{answer:#}");
    assert!(answer["checks"].as_array().unwrap().len() > 8);
}

#[test]
fn the_validation_report() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("validation.txt");
    let place = file.to_str().unwrap();
    let ran = run(
        folder.path(),
        &["self-test", "--json", "--validation", place],
    );
    assert_eq!(ran.status, Some(0), "{}", ran.text());
    let answer = ran.json();
    let published = Published::new();
    published.holds("self-test", &answer, published.self_test);
    let tests = answer["tests"].as_array().unwrap();
    assert!(tests.len() > 8);
    let text = std::fs::read_to_string(&file).unwrap();
    for test in tests {
        for key in ["name", "recipe", "sha256"] {
            assert!(text.contains(test[key].as_str().unwrap()), "{key}: {text}");
        }
    }
    assert!(
        text.contains("tests passed") && !text.contains("FAILED"),
        "{text}"
    );
    // What is there is never replaced.
    std::fs::write(&file, "mine").unwrap();
    let again = run(folder.path(), &["self-test", "--validation", place]);
    assert_eq!(again.status, Some(2), "{}", again.text());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn answers_of_the_program() {
    let published = Published::new();
    let shipped = shipped();
    let mut sources: Vec<_> = shipped.iter().map(String::as_str).collect();
    sources.extend(["nowhere.img", ".", "./healthy.img.zst"]);
    for arguments in [
        &["list", "--json"][..],
        &["list", "--json", "--deleted", "--firmware", "9.20.0"],
        &["list", "--json", "--carve"],
        &["audit", "--json", "--hash", "--deleted"],
        &["audit", "--json", "--redact"],
        &["audit", "--json", "--id", "577782fd"],
    ] {
        let answer = answer(&[arguments, &sources].concat());
        published.holds(&format!("{arguments:?}"), &answer, published.answer);
    }
    for arguments in [
        &["audit", "--ndjson", "--hash", "--deleted"][..],
        &["audit", "--ndjson", "--redact", "--id", "57"],
    ] {
        let lines = run(&testdata(), &[arguments, &sources].concat()).out;
        let lines: Vec<_> = lines.lines().filter(|line| !line.is_empty()).collect();
        assert!(lines.len() >= shipped.len());
        for line in lines {
            let line = serde_json::from_str(line).unwrap();
            published.holds(&format!("{arguments:?}"), &line, published.line);
        }
    }
    for card in &shipped {
        for arguments in [
            &["inspect", "--json"][..],
            &["inspect", "--json", "--carve"],
        ] {
            let answer = answer(&[arguments, &[card.as_str()]].concat());
            published.holds(card, &answer, published.answer);
        }
    }
}

#[test]
fn differences_and_logs() {
    let published = Published::new();
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let shipped = shipped();
    let audit = |name: &str, cards: &[String], more: &[&str]| {
        let (file, log) = (place(name), place("audit.log"));
        let lines = format!("--ndjson={file}");
        let mut arguments = vec!["audit", &lines, "--log", &log];
        arguments.extend(more);
        arguments.extend(cards.iter().map(String::as_str));
        run(&testdata(), &arguments);
        file
    };
    let some = audit("some", &shipped[..12], &[]);
    let others = audit("others", &shipped[5..], &["--firmware", "9.20.0"]);
    for (old, new) in [(&some, &others), (&others, &some), (&some, &some)] {
        let answer = answer(&["diff", "--json", old, new]);
        published.holds(&format!("{old} {new}"), &answer, published.diff);
    }
    let log = place("audit.log");
    let verify = |head: &str| answer(&["log", "verify", "--json", &log, "--head", head]);
    let head = answer(&["log", "verify", "--json", &log])["head"].clone();
    published.holds("intact", &verify(head.as_str().unwrap()), published.log);
    published.holds("other head", &verify(&"0".repeat(64)), published.log);
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text.replacen("healthy", "damaged", 1)).unwrap();
    let broken = verify(head.as_str().unwrap());
    assert_eq!(broken["intact"], false);
    published.holds("broken", &broken, published.log);
    assert!(published.refuses(&broken, published.diff[0]).is_some());
}

#[test]
fn recoveries_and_copies_as_they_lie() {
    let published = Published::new();
    let folder = tempfile::tempdir().unwrap();
    let mut number = 0;
    let mut hold = |source: &str, more: &[&str]| {
        number += 1;
        let [to, raw] = ["to", "raw"].map(|kind| {
            let place = folder.path().join(format!("{number}.{kind}"));
            place.display().to_string()
        });
        let arguments = ["recover", "--json", "--yes", "--effort", "1000", source];
        let places = ["--to", &to, "--raw", &raw];
        let answer = answer(&[&arguments[..], &places, more].concat());
        published.holds(source, &answer, published.recover);
        let copies = std::fs::read(Path::new(&raw).join("copies.json")).unwrap();
        let copies = serde_json::from_slice(&copies).unwrap();
        published.holds(source, &copies, published.copies);
        answer
    };
    for card in &shipped() {
        hold(card, &[]);
    }
    let older = hold(
        "recreate-interrupted.img.zst",
        &["--timestamp", "1601281809"],
    );
    assert_eq!(older["not_chosen"][0]["why"], "other-time");
    let path = folder.path().join("card.img");
    let source = path.display().to_string();
    // What is shorter than a sector is refused.
    let small = recipes::all().filter(|recipe| (512..1 << 20).contains(&recipe.card.size()));
    for recipe in small.step_by(4) {
        recipe.card.write_to(&path).unwrap();
        hold(&source, &[]);
    }
    for (at, to) in [
        ("/command", json!("list")),
        ("/recovered/0/files", json!(["one"])),
        ("/recovered/0/proof/seed", json!("guess")),
        ("/recovered/0/proof/name", json!("both")),
        ("/recovered/0/method", json!("luck")),
        ("/not_chosen/0/why", json!("unknown")),
    ] {
        refused(&published, &older, published.recover[0], at, Some(to));
    }
    for at in [
        "/source",
        "/recovered/0/rank",
        "/recovered/0/proof/seed_length",
        "/not_recovered",
    ] {
        refused(&published, &older, published.recover[0], at, None);
    }
}

#[test]
fn words_that_could_be_shown() {
    let published = Published::new();
    let shipped = shipped();
    let sources = shipped.iter().map(String::as_str);
    let mut wallets = 0;
    for source in sources.chain(["nowhere.img", "."]) {
        let answer = answer(&["words", "--json", "--effort=1000", source]);
        published.holds(source, &answer, published.words);
        wallets += answer["wallets"].as_array().unwrap().len();
    }
    assert!(wallets > 15, "{wallets}");
    let valid = answer(&["words", "--json", "several-wallets.img.zst", "--id=41"]);
    let open = published.words[0];
    for (at, to) in [
        ("/wallets/0/id", Some(json!("41233dfb"))),
        ("/wallets/0/words", Some(json!(15))),
        ("/wallets/0/fingerprint", Some(json!("0240E92A"))),
        ("/wallets/0/proof/seed", Some(json!("guess"))),
        ("/wallets/0/generations", Some(json!([]))),
        ("/wallets/0/method", None),
        ("/not_recovered", None),
        ("/error", None),
    ] {
        refused(&published, &valid, open, at, to);
    }
    let mut more = valid.clone();
    more["wallets"][0]["new"] = json!(1);
    assert_eq!(published.refuses(&more, open), None);
    assert!(published.refuses(&more, published.words[1]).is_some());
}

#[test]
fn the_public_side_of_wallets() {
    let published = Published::new();
    let shipped = shipped();
    let sources = shipped.iter().map(String::as_str);
    let all: Vec<_> = ["wallet", "--json", "--addresses=2"]
        .into_iter()
        .chain(sources)
        .collect();
    let valid = answer(&all);
    published.holds("all", &valid, published.wallet);
    let none = answer(&["wallet", "--json", "nowhere.img", "."]);
    published.holds("none", &none, published.wallet);
    let find = |wanted: &str| {
        let arguments = [&all[..2], &["--find", wanted], &all[3..]].concat();
        let answer = answer(&arguments);
        published.holds(wanted, &answer, published.wallet);
        answer["found"].as_array().unwrap().len()
    };
    assert!(find("bc1qu65jptq2xqauztdlxunc0vcggv895syfj73ayc") > 10);
    assert_eq!(find("73C5DA0A"), 2);
    assert_eq!(find("00000000"), 0);
    let sources = valid["sources"].as_array().unwrap();
    let healthy = sources
        .iter()
        .position(|source| source["source"] == "healthy.img.zst");
    let wallet = format!("/sources/{}/wallets/0", healthy.unwrap());
    let open = published.wallet[0];
    for (at, to) in [
        ("/id", Some(json!("577782fd"))),
        ("/fingerprint", Some(json!("5862F623"))),
        ("/accounts/0/xpub", Some(json!("xprv"))),
        ("/accounts/0/descriptor", Some(json!("wpkh(xpub)"))),
        ("/accounts/1/script", Some(json!("p2pkh"))),
        ("/accounts/0/addresses/0/path", Some(json!("84'/0"))),
        ("/multisig/0/key", Some(json!("xpub"))),
        ("/ethereum", None),
        ("/accounts/0/slip132", None),
    ] {
        refused(&published, &valid, open, &format!("{wallet}{at}"), to);
    }
    let mut more = valid.clone();
    more.pointer_mut(&wallet).unwrap()["new"] = json!(1);
    assert_eq!(published.refuses(&more, open), None);
    assert!(published.refuses(&more, published.wallet[1]).is_some());
}

#[test]
fn reports_of_every_recipe() {
    let published = Published::new();
    let folder = tempfile::tempdir().unwrap();
    let copies = folder.path().join("copied");
    let mut sources = vec![
        save_in(&copies, &wallet::twelve()),
        copies,
        folder.path().join("nowhere"),
    ];
    let path = folder.path().join("card.img");
    let all = Options {
        depth: Depth::Usual,
        inspect: true,
        hash: true,
        ..Options::default()
    };
    let look = |path: &Path, what: &str| {
        for options in [Options::default(), all] {
            let reported = options.reported();
            let source = report_on(path, &options);
            published.source(what, &source, &reported);
            let redacted = OptionsReport {
                redact: true,
                ..reported
            };
            published.source(what, &Redaction::new([7; 32]).source(&source), &redacted);
        }
    };
    for source in sources.drain(..) {
        look(&source, &source.display().to_string());
    }
    for recipe in recipes::all() {
        recipe.card.write_to(&path).unwrap();
        look(&path, recipe.name);
    }
}

#[test]
fn a_card_in_a_reader_says_which_it_is() {
    let published = Published::new();
    let folder = tempfile::tempdir().unwrap();
    let mut source = report_on(
        &save_in(folder.path(), &wallet::twelve()),
        &Options::default(),
    );
    let text = || Some("x".to_owned());
    let reader = UsbReader {
        vendor_id: text(),
        product_id: text(),
        manufacturer: text(),
        product: text(),
        serial: None,
    };
    let identity = CardIdentity {
        kind: CardKind::Mmc,
        cid: text(),
        serial: text(),
        model: text(),
        vendor: None,
        oem: text(),
        made: text(),
        card_type: text(),
        reader: Some(reader),
        diskseq: Some(7),
        size: Some(1 << 35),
        read_only: Some(false),
        removable: None,
    };
    source.card.as_mut().unwrap().identity = Some(identity);
    published.source("identity", &source, &Options::default().reported());
}

/// Changes one place of a valid value, and sees it refused by the open schema.
fn refused(published: &Published, valid: &Value, schema: SchemaIndex, at: &str, to: Option<Value>) {
    let mut changed = valid.clone();
    let (parent, key) = at.rsplit_once('/').unwrap();
    match to {
        Some(value) => *changed.pointer_mut(at).unwrap() = value,
        None => {
            let parent = changed
                .pointer_mut(parent)
                .unwrap()
                .as_object_mut()
                .unwrap();
            assert!(parent.remove(key).is_some(), "{at}");
        }
    }
    assert!(
        published.refuses(&changed, schema).is_some(),
        "{at} was let through"
    );
}

#[test]
fn what_is_wrong_is_refused() {
    let published = Published::new();
    let valid = answer(&[
        "audit",
        "--json",
        "--hash",
        "healthy.img.zst",
        "stray-ds-store.img.zst",
        "nowhere.img",
    ]);
    let open = published.answer[0];
    assert_eq!(published.refuses(&valid, open), None);
    let source = "/sources/0";
    let copy = "/sources/0/backups/0/copies/0";
    for (at, to) in [
        ("/schema".to_owned(), json!("bitbox-backup/2")),
        ("/command".to_owned(), json!("recover")),
        ("/command".to_owned(), json!("list")),
        ("/firmware".to_owned(), json!(9.27)),
        ("/basis".to_owned(), json!("guessed")),
        (format!("{source}/status"), json!("failed")),
        (format!("{source}/size"), json!("3000")),
        (format!("{source}/sha256"), json!("abc")),
        (format!("{source}/modified"), json!("yesterday")),
        (format!("{source}/backups"), json!({})),
        (format!("{source}/device_view/list"), json!("error")),
        (format!("{source}/device_view/reason"), json!("a-rule")),
        (format!("{source}/backups/0/id"), json!("577782FD")),
        (format!("{source}/backups/0/words"), json!(13)),
        (format!("{source}/backups/0/created"), json!("2020-09-28")),
        (format!("{source}/backups/0/timestamp"), json!(-1)),
        (
            format!("{source}/backups/0/timestamp"),
            json!(4_294_967_296_u64),
        ),
        (format!("{source}/backups/0/state"), json!("fine")),
        (format!("{copy}/origin"), json!("found")),
        (format!("{copy}/state"), json!("damaged")),
        (format!("{copy}/extents/0"), json!([1])),
        (format!("{copy}/extents/0"), json!([1, 2, 3])),
        (
            "/sources/1/backups/0/findings/0/rule".to_owned(),
            json!("A Rule"),
        ),
        (
            "/sources/1/backups/0/findings/0/severity".to_owned(),
            json!("fatal"),
        ),
        (format!("{source}/card/volumes/0/serial"), json!("1234")),
        ("/wallets/0/state".to_owned(), json!("healthy")),
        ("/wallets/0/expected".to_owned(), json!("yes")),
        ("/summary/findings/error".to_owned(), json!(-1)),
    ] {
        refused(&published, &valid, open, &at, Some(to));
    }
}

#[test]
fn what_is_missing_is_missed() {
    let published = Published::new();
    let open = published.answer[0];
    let valid = answer(&[
        "audit",
        "--json",
        "healthy.img.zst",
        "stray-ds-store.img.zst",
        "nowhere.img",
    ]);
    for at in [
        "/schema",
        "/wallets",
        "/clones",
        "/summary/wallets",
        "/summary/healthy",
        "/sources/0/verdict",
        "/sources/0/card",
        "/sources/0/inode",
        "/sources/2/error",
        "/sources/2/hint",
        "/sources/0/backups/0/birthdate",
        "/sources/0/backups/0/copies/0/entry_offset",
        "/sources/1/backups/0/findings/0/advice",
        "/wallets/0/separate_cards",
    ] {
        refused(&published, &valid, open, at, None);
    }
    let line = answer(&["audit", "--ndjson", "healthy.img.zst"]);
    for at in [
        "/tool",
        "/schema",
        "/options",
        "/options/redact",
        "/source",
        "/card/gpt",
    ] {
        refused(&published, &line, published.line[0], at, None);
    }
}

#[test]
fn a_new_field_is_no_break_and_must_be_described() {
    let published = Published::new();
    let valid = answer(&[
        "audit",
        "--json",
        "--hash",
        "healthy.img.zst",
        "stray-ds-store.img.zst",
    ]);
    let inspected = answer(&["inspect", "--json", "healthy.img.zst"]);
    let line = answer(&["audit", "--ndjson", "healthy.img.zst"]);
    let [open, closed] = published.answer;
    let [open_line, closed_line] = published.line;
    let mut seen = 0;
    for (value, open, closed) in [
        (&valid, open, closed),
        (&inspected, open, closed),
        (&line, open_line, closed_line),
    ] {
        let mut places = Vec::new();
        objects(value, String::new(), &mut places);
        for place in places {
            let mut changed = value.clone();
            changed.pointer_mut(&place).unwrap()["new"] = json!(1);
            assert_eq!(published.refuses(&changed, open), None, "{place}");
            assert!(
                published.refuses(&changed, closed).is_some(),
                "{place} is not closed"
            );
            seen += 1;
        }
    }
    assert!(seen > 50, "{seen}");
}

/// The places of all objects in a value.
fn objects(value: &Value, place: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                objects(value, format!("{place}/{key}"), found);
            }
            found.push(place);
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                objects(value, format!("{place}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_field_says_what_it_is() {
    for name in NAMES {
        let schema = schema(name);
        let mut places = Vec::new();
        objects(&schema, String::new(), &mut places);
        for place in places.iter().filter(|place| {
            !["/if", "/then", "/else", "/not"]
                .iter()
                .any(|part| place.contains(part))
        }) {
            let Some(fields) = schema
                .pointer(place)
                .and_then(|value| value.get("properties")?.as_object())
            else {
                continue;
            };
            for (field, what) in fields {
                let mut what = what;
                let own = schema_of(&schema, what);
                if what.get("description").is_none() {
                    what = &own;
                }
                assert!(what["description"].is_string(), "{name}{place}/{field}");
            }
        }
    }
}

/// What a reference stands for.
fn schema_of(here: &Value, field: &Value) -> Value {
    let Some(reference) = field["$ref"].as_str() else {
        return field.clone();
    };
    let (file, pointer) = reference.split_once('#').unwrap();
    let file = if file.is_empty() {
        here.clone()
    } else {
        schema(file.trim_end_matches(".schema.json"))
    };
    file.pointer(pointer).unwrap().clone()
}
