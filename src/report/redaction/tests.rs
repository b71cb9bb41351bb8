use super::*;
use serde_json::json;

const ID: &str = "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2";

fn redacted(answer: Value) -> Value {
    Redaction::new([7; 32]).value(&answer).unwrap()
}

#[test]
fn names_have_others_wherever_they_are() {
    let answer = redacted(json!({
        "verdict": "The backup \"Ann\" is in /home/ann/Ann's card.img; Annabel is not, and Ann is.",
        "source": "/home/ann/Ann's card.img",
        "backups": [{ "name": "Ann" }, { "name": "Bob" }, { "name": "Ann" }, { "name": null }],
    }));
    assert_eq!(
        answer,
        json!({
            "verdict": "The backup \"name-1\" is in source-1.img; Annabel is not, and name-1 is.",
            "source": "source-1.img",
            "backups": [{ "name": "name-1" }, { "name": "name-2" }, { "name": "name-1" }, { "name": null }],
        })
    );
}

#[test]
fn what_is_named_after_a_source_is_so_by_its_other_name() {
    let answer = redacted(json!({
        "source": "cards/johns-card.img.zst",
        "next": [{ "command": "bitbox-backup recover cards/johns-card.img.zst --to recovered-johns-card" }],
    }));
    assert_eq!(
        answer["next"][0]["command"],
        "bitbox-backup recover source-1.img.zst --to recovered-source-1"
    );
}

/// A card may be called as the program calls a thing: that identifies nobody, and its sentences stay what
/// they are.
#[test]
fn words_of_the_program_stay_what_they_are() {
    for name in ["backup", "card", "hidden", "healthy", "deleted"] {
        let answer = redacted(json!({
            "source": format!("{name}.img"),
            "verdict": format!("error[only-{name}]: Recover the {name} in {name}.img to another place."),
            "next": [{ "command": format!("bitbox-backup recover {name}.img --to recovered-{name}") }],
            "backups": [{ "name": name, "state": "hidden" }],
        }));
        let verdict =
            format!("error[only-{name}]: Recover the {name} in source-1.img to another place.");
        assert_eq!(answer["verdict"], verdict);
        let command = "bitbox-backup recover source-1.img --to recovered-source-1";
        assert_eq!(answer["next"][0]["command"], command);
        assert_eq!(
            answer["backups"][0],
            json!({ "name": "name-1", "state": "hidden" })
        );
    }
    // What a new file is called after a name that is not plain is left out, too.
    let answer = redacted(json!({
        "source": "Ann's card.img",
        "command": "bitbox-backup recover 'Ann'\\''s card.img' --to recovered-Annscard",
    }));
    let command = answer["command"].as_str().unwrap();
    assert_eq!(
        command,
        "bitbox-backup recover source-1.img --to recovered-source-1"
    );
    for name in ["12", ".", "a"] {
        let answer = redacted(json!({ "name": name, "verdict": "a seed of 12 words. It is a." }));
        assert_eq!(answer["verdict"], "a seed of 12 words. It is a.", "{name}");
    }
}

#[test]
fn the_options_of_a_command_stay_what_they_are() {
    let mut redaction = Redaction::new([7; 32]);
    for place in [
        "r/redact",
        "/home/ann/effort",
        "yeti",
        "/home/ann/--to me",
        "x/id card",
    ] {
        redaction.learn_place(place);
    }
    for (said, shown) in [
        (
            "bitbox-backup recover c.img --to r/redact --redact --effort=deep --yeti-like",
            "bitbox-backup recover c.img --to place-1 --redact --effort=deep --yeti-like",
        ),
        (
            "run it with `--redact`, or without --effort. In effort and yeti",
            "run it with `--redact`, or without --effort. In place-3 and place-5",
        ),
        // Of a name that begins like an option nothing stays.
        (
            "--to me, \"--id card\", --effort.img, a/--effort",
            "place-6, \"…\", --place-3.img, a/--place-3",
        ),
    ] {
        assert_eq!(redaction.text(said), shown);
    }
}

#[test]
fn tables_keep_their_columns() {
    let mut redaction = Redaction::new([7; 32]);
    redaction.value(&json!({ "name": "My BitBox", "names": ["Jo"] }));
    for (row, left) in [
        (
            "  My BitBox  2020-09-28 10:30  12",
            "  name-1     2020              12",
        ),
        (
            "  Jo         2020-09-28        12",
            "  name-2     2020              12",
        ),
        ("  Jo  2020-09-28  12", "  name-2  2020        12"),
    ] {
        assert_eq!(redaction.text(row), left);
    }
}

#[test]
fn paths_keep_what_is_of_the_format_and_of_systems() {
    let paths = [
        format!("/bitbox02/{ID}/backup_Mon_2020-09-28T08-30-09Z_0.bin"),
        format!("/bitbox02/{ID}/.DS_Store"),
        format!("/bitbox02/{ID}/._backup_Mon_2020-09-28T08-30-09Z_0.bin"),
        "/taxes/2019.pdf".to_owned(),
        "/taxes/2019/letter to Ann.xyz".to_owned(),
    ];
    let nodes: Vec<_> = paths.iter().map(|path| json!({ "path": path })).collect();
    let answer = redacted(json!({ "tree": nodes }));
    let id = Redaction::new([7; 32]).key.short(ID);
    let paths: Vec<_> = answer["tree"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["path"].as_str().unwrap())
        .collect();
    assert_eq!(
        paths,
        [
            &format!("/bitbox02/{id}/backup_2020_0.bin"),
            &format!("/bitbox02/{id}/.DS_Store"),
            &format!("/bitbox02/{id}/._backup_2020_0.bin"),
            "/folder-1/file-1.pdf",
            "/folder-1/folder-2/file-2",
        ]
    );
}

#[test]
fn an_id_is_one_within_an_answer_and_another_in_the_next() {
    let answer = json!({ "id": ID, "text": format!("{ID} is 577782fd… and 577782fd") });
    let one = redacted(answer.clone());
    let short = one["id"].as_str().unwrap();
    assert_eq!(short.chars().count(), 9);
    assert_eq!(one["text"], format!("{short} is {short} and {short}"));
    let other = Redaction::new([8; 32]).value(&answer).unwrap();
    assert_ne!(other["id"], one["id"]);
}

#[test]
fn sentences_lose_times_serial_numbers_and_long_numbers() {
    let redaction = Redaction::new([7; 32]);
    for (text, left) in [
        ("made on 2020-09-28T08:30:09Z, again", "made on 2020, again"),
        (
            "made on 2020-09-28 10:30 and at 08:30:09.5",
            "made on 2020 and at …",
        ),
        (
            "the card 1234-ABCD at byte 62,333,952, sector 7",
            "the card … at byte …, sector 7",
        ),
        (
            "firmware v9.27.0 shows error 103 of FAT32",
            "firmware v9.27.0 shows error 103 of FAT32",
        ),
        (
            "xpub6CXV8zzzzzzzzzzzzzzzzzzzzz and unaccompaniedness-es",
            "… and unaccompaniedness-es",
        ),
        (
            "\"secret.pdf\" and \".DS_Store\" are in its folder",
            "\"…\" and \".DS_Store\" are in its folder",
        ),
        ("\x1b[1m1234-ABCD\x1b[0m", "\x1b[1m…\x1b[0m"),
        ("wpkh(…)#3288w7nn", "wpkh(…)#…"),
        ("", ""),
        ("ü…", "ü…"),
    ] {
        assert_eq!(redaction.text(text), left, "{text}");
    }
}

#[test]
fn numbers_that_tell_cards_apart_are_rounded_or_left_out() {
    let answer = redacted(json!({
        "timestamp": 1_601_281_809, "created": "2020-09-28T08:30:09Z", "size": 110, "offset": 123_904,
        "extents": [[123_904, 110]], "inode": 5, "sha256": "ab", "words": 12, "generations": [1_601_281_809, null],
        "dates": ["a", "b", "c"],
    }));
    assert_eq!(
        answer,
        json!({
            "timestamp": 1_577_836_800, "created": "2020-01-01T00:00:00Z", "size": 128, "offset": null,
            "extents": [], "inode": null, "sha256": null, "words": 12, "generations": [1_577_836_800, null],
            "dates": null,
        })
    );
}

/// Who examined what in which case, and when each file was written; whether the hashes are right may be known.
#[test]
fn an_e01_image_keeps_whether_its_hashes_are_right() {
    let answer = redacted(json!({
        "e01": {
            "segments": [{ "file": "/cases/17.E01", "size": 1000, "sha256": "ab" }],
            "case": { "examiner": "Ann", "notes": null },
            "medium_size": 1000,
            "medium_sha256": "ab",
            "hashes": [{ "algorithm": "md5", "stored": "ab", "computed": "cd", "matches": false }],
            "damaged": ["case"],
        },
        "times": { "written": "2020-09-28T08:30:08", "created": null, "accessed": null },
    }));
    assert_eq!(
        answer,
        json!({
            "e01": {
                "segments": [{ "file": "source-1.e01", "size": 1024, "sha256": null }],
                "case": null,
                "medium_size": 1024,
                "medium_sha256": null,
                "hashes": [{ "algorithm": "md5", "stored": null, "computed": null, "matches": false }],
                "damaged": ["case"],
            },
            "times": null,
        })
    );
}

#[test]
fn a_finding_says_what_its_rule_means() {
    let answer =
        redacted(json!({ "rule": "stray-file", "message": "\"tax.pdf\" is in it", "shows": "x" }));
    let meaning = Rule::ALL.iter().find(|one| one.name() == "stray-file");
    match meaning {
        Some(rule) => assert_eq!(answer["message"], rule.meaning()),
        None => panic!(
            "no such rule: {:?}",
            Rule::ALL.iter().map(|one| one.name()).collect::<Vec<_>>()
        ),
    }
}

#[test]
fn what_is_redacted_stays_so() {
    let mut redaction = Redaction::new([7; 32]);
    let text = format!(
        "The backup \"Ann\" {ID} of 2020-09-28T08:30:09Z is in \"x.pdf\", \".DS_Store\" and \"/bitbox02/{ID}/backup_Mon_2020-09-28T08-30-09Z_0.bin\", too"
    );
    let once = redaction
        .value(&json!({ "verdict": text, "name": "Ann" }))
        .unwrap();
    let once = once["verdict"].as_str().unwrap();
    assert_eq!(redaction.text(once), once);
    assert_eq!(
        redaction.value(&json!({ "name": "name-1" })).unwrap()["name"],
        "name-1"
    );
}

#[test]
fn of_a_part_its_number_stays_and_its_place_does_not() {
    let answer = redacted(json!({
        "part": { "offset": 4_194_304, "partition": 1 },
        "partition_table": "MBR",
    }));
    assert_eq!(
        answer,
        json!({ "part": { "offset": null, "partition": 1 }, "partition_table": "MBR" })
    );
}

/// Whatever a wallet or a file is called, and whatever else is called like a part of it.
#[test]
fn no_name_can_be_so_that_a_part_of_it_stays() {
    const PARTS: [&str; 28] = [
        "Zebra",
        "Quokka",
        "zebra",
        "QUOKKA",
        "\"",
        "\"",
        "\", \"",
        " ",
        " ",
        "  ",
        ", ",
        "'",
        "`",
        "\\",
        "\\x1b",
        "[",
        "(",
        ")",
        "]",
        "…",
        "“",
        "ü",
        "🎉",
        ": ",
        " is in its folder",
        "The backup ",
        " of 12 words",
        ".pdf",
    ];
    let mut random = 7_u64;
    let mut next = |most: usize| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % most
    };
    for round in 0..3000 {
        let mut named = || -> Vec<String> {
            let mut name = || {
                let parts = (0..1 + next(5)).map(|_| PARTS[next(PARTS.len())]);
                parts.collect::<String>()
            };
            (0..3).map(|_| name()).collect()
        };
        let (names, files) = (named(), named());
        let mut sentences = Vec::new();
        for (name, file) in names.iter().zip(&files) {
            sentences.extend([
                format!(
                    "The backup \"{name}\" still has 1 intact copy: \"{file}\" is in its folder."
                ),
                format!(
                    "Take \"/bitbox02/{ID}/{file}\" off the card; \"{}\", \"{name}\" stay.",
                    names[0]
                ),
                format!(
                    "  {name}  2020-09-28  {}\n  {file}, {name} and {}",
                    names[1], files[1]
                ),
                format!("\u{1b}[1m{ID}\u{1b}[0m \"{name}\": 12 words \u{1b}[1m{name}\u{1b}[0m."),
                format!("\"{name}\" in /{file}/{}, not \"{}\"", files[2], names[2]),
            ]);
        }
        let mut redaction = Redaction::new([7; 32]);
        let paths: Vec<_> = files.iter().map(|file| format!("/{file}")).collect();
        let answer = json!({ "texts": sentences, "names": names, "tree": [{ "files": paths }] });
        let answer = redaction.value(&answer).unwrap();
        let mut texts: Vec<_> = sentences.iter().map(|one| redaction.text(one)).collect();
        texts.push(answer.to_string());
        for text in texts {
            let lower = text.to_lowercase();
            let leaks = ["zebra", "quokka"]
                .into_iter()
                .any(|part| lower.contains(part));
            assert!(!leaks, "{round}: {names:?} {files:?}: {text}");
        }
    }
}

#[test]
fn a_name_in_quotes_may_have_quotes_in_it() {
    for name in [
        "\"Zebra",
        "\"Zebra\"",
        "Zebra, \"Quokka\"",
        "Zebra\" Quokka",
        "backup \"Zebra",
    ] {
        let answer = redacted(json!({
            "verdict": format!("The backup \"{name}\" of 12 words is hidden: \"secret.pdf\" is in its folder."),
            "name": name,
        }));
        assert_eq!(
            answer["verdict"],
            "The backup \"name-1\" of 12 words is hidden: \"…\" is in its folder.",
            "{name}"
        );
    }
}

/// What a sentence names and no field of the answer holds.
#[test]
fn what_lies_on_a_card_is_known_by_what_it_is_called() {
    let mut source = Source::failed(
        "card.img",
        "\"tax, \"Zebra\" 2019.pdf\" is in its folder",
        "x",
    );
    source.inside = vec!["/tax, \"Zebra\" 2019.pdf".to_owned()];
    let source = Redaction::new([7; 32]).source(&source);
    assert_eq!(
        source.error.as_deref(),
        Some("\"file-1.pdf\" is in its folder")
    );
}

#[test]
fn nothing_stays_nothing_and_a_volume_is_not_elsewhere() {
    let answer = redacted(json!({
        "size": 0, "length": 0,
        "volumes": [{ "offset": 0, "file_system": "FAT16" }, { "offset": 4_194_000, "file_system": "FAT32" }],
    }));
    assert_eq!(
        answer,
        json!({
            "size": 0, "length": 0,
            "volumes": [{ "offset": 0, "file_system": "FAT16" }, { "offset": 4_194_304, "file_system": "FAT32" }],
        })
    );
}

#[test]
fn a_sentence_ends_where_its_time_does() {
    let redaction = Redaction::new([7; 32]);
    for (text, expected) in [
        ("from 2020-09-28 10:30. The device", "from 2020. The device"),
        ("at 10:30:59.5. Then", "at …. Then"),
        ("2020-09-28T08-30-09Z_0.bin", "2020_0.bin"),
        ("2020-09-28.", "2020."),
    ] {
        assert_eq!(redaction.text(text), expected);
    }
}
