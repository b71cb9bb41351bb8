//! `match`: cards held against an id, and against devices: emulated ones (tests/emulator), that share no
//! code with the program.
use emulator::{Card, Device, Emulator, Platform, Slot, Wallet};
use fixtures::wallet;
use serde_json::{Value, json};

use crate::support::cards::{self, Cards, card};
use crate::support::person::Person;
use crate::support::program::{Ran, program, ran};
use crate::support::published::Published;

const TWELVE: &str = "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2";

/// The three cards, and one without a backup.
fn drawer() -> Cards {
    let cards = cards::drawer();
    cards.put("empty.img", &card(4, &[]));
    cards
}

/// A device in use with a passphrase.
fn with_passphrase() -> Device {
    let wallet = Wallet::Initialized {
        seed: wallet::twelve().seed[..16].to_vec(),
        passphrase: Some("TREZOR".to_owned()),
    };
    Device {
        wallet,
        ..Device::default()
    }
}

/// Runs the program with a home of its own for pairings.
fn run(cards: &Cards, arguments: &[&str]) -> Ran {
    let mut program = program(cards.folder());
    program.env("XDG_CONFIG_HOME", cards.path("config"));
    ran(program.args(arguments))
}

fn answer(cards: &Cards, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = run(cards, &[&["match", "--json"], arguments].concat());
    let answer = output.json();
    let published = Published::new();
    published.holds("match", &answer, published.matching);
    (output.status, answer)
}

/// Source, first digits of the id, result and by what, of each match.
fn told(answer: &Value) -> Vec<[String; 4]> {
    let all = answer["matches"].as_array().unwrap().iter();
    all.map(|one| {
        let word = |key: &str| one[key].as_str().unwrap_or("-").to_owned();
        [
            word("source"),
            word("id")[..4].to_owned(),
            word("result"),
            word("by"),
        ]
    })
    .collect()
}

/// Pairs a device with the program, as a person does.
fn pair(cards: &Cards, emulator: &Emulator) {
    let config = cards.path("config");
    std::fs::create_dir_all(&config).unwrap();
    let url = emulator.url();
    let arguments = ["device", "info", "--device", &url];
    let home = |command: pty_process::blocking::Command| command.env("XDG_CONFIG_HOME", &config);
    let mut person = Person::starts_on(cards.folder(), &arguments, (40, 100), home);
    person.reads("Type yes:");
    person.types("yes\n");
    assert_eq!(person.waits(), 0, "{}", person.screen());
}

/// With --id only the wallet that is asked for is searched; of another it is said that it is another.
#[test]
fn other_wallets_than_the_one_asked_for_are_not_searched() {
    let cards = Cards::new();
    let mut fat = fixtures::fat::Layout::FAT12.with_clusters(400).format();
    for backup in [wallet::twelve(), wallet::twenty_four()] {
        let mut copy = backup.encode();
        let at = cards::seed_offset(&copy, &backup);
        copy[at + 3..at + 5].fill(0);
        fat.save_bytes(&backup, [&copy; 3].map(Vec::as_slice));
    }
    cards.put("card.img", &fat);
    let other = wallet::twenty_four().id();
    for (id, wanted) in [(TWELVE, TWELVE), (&other, &other)] {
        let (_, answer) = answer(&cards, &["card.img", "--id", id]);
        let mut seen = 0;
        for one in answer["matches"].as_array().unwrap() {
            let is_wanted = one["id"] == wanted;
            assert_eq!(one["proved"], is_wanted, "{one}");
            assert_eq!(
                one["result"],
                if is_wanted { "same" } else { "other" },
                "{one}"
            );
            seen += 1;
        }
        assert_eq!(seen, 2);
    }
}

/// Of what the device erased nothing is left, and nothing else is promised.
#[test]
fn what_is_erased_is_not_said_to_be_recoverable() {
    let cards = Cards::new();
    let mut fat = card(1, &[]);
    let set = fat.save(&wallet::twelve());
    set.files.iter().for_each(|file| fat.erase(file));
    cards.put("card.img", &fat);
    let arguments = ["card.img", "--id", "577782fd"];
    let (_, answer) = answer(&cards, &arguments);
    assert_eq!(answer["matches"][0]["reason"], "erased");
    let text = run(&cards, &[&["match"], &arguments[..]].concat()).out;
    assert!(text.contains("yes, by its ID (erased)"), "{text}");
    assert!(!text.contains("bitbox-backup recover"), "{text}");
}

/// No cell breaks inside a word: where there is no room, columns are left out, and then it is a list.
#[test]
fn tables_fit_the_terminal() {
    let cards = drawer();
    let mut fat = card(1, &[]);
    fat.save(&wallet::twelve());
    cards.put("c26_two_one_deleted.img", &fat);
    let arguments = ["match", "c26_two_one_deleted.img", "--id", "577782fd"];
    for (columns, line) in [
        (
            80,
            "   c26_two_one_deleted.img  577782fd…  My BitBox  yes, by its ID",
        ),
        (40, "  this id     yes, by its ID"),
    ] {
        let mut person = Person::starts_on(cards.folder(), &arguments, (24, columns), |one| one);
        assert_eq!(person.waits(), 0);
        let screen = person.screen();
        assert!(screen.lines().any(|one| one == line), "{screen}");
        assert!(screen.contains("c26_two_one_deleted.img"), "{screen}");
    }
}

#[test]
fn by_an_id_read_off_another_screen() {
    let cards = drawer();
    let all = ["first.img", "again.img", "others.img", "--id"];
    for id in ["577782fd", "577782FD", TWELVE] {
        let (status, answer) = answer(&cards, &[&all[..], &[id]].concat());
        assert_eq!(status, Some(1), "others.img is another's");
        let expected = [
            ["first.img", "5777", "same", "id"],
            ["again.img", "5777", "same", "id"],
            ["others.img", "4123", "other", "id"],
            ["others.img", "63eb", "other", "id"],
        ];
        let mut told = told(&answer);
        told.sort_by_key(|one| {
            (
                one[0] == "others.img",
                one[0] == "again.img",
                one[1].clone(),
            )
        });
        assert_eq!(told, expected);
        assert_eq!(answer["device"], Value::Null);
        assert_eq!(answer["matches"][0]["device_id"], id.to_lowercase());
        assert_eq!(answer["matches"][0]["timestamp"], wallet::FIRST);
    }
    let (status, _) = answer(&cards, &["first.img", "again.img", "--id", "577782fd"]);
    assert_eq!(status, Some(0));
    let (status, _) = answer(&cards, &["first.img", "empty.img", "--id", "577782fd"]);
    assert_eq!(
        status,
        Some(1),
        "a card without a backup is not the device's"
    );
    let (status, _) = answer(&cards, &["first.img", "nowhere", "--id", "577782fd"]);
    assert_eq!(status, Some(1));
    for arguments in [
        &["match", "first.img", "--id", "577782f"][..],
        &["match", "first.img", "--id", "577782fd", "--device", "hid"],
        &["match", "nowhere", "--id", "577782fd"],
        &["match", "--id", "577782fd"],
    ] {
        let output = run(&cards, arguments);
        assert_eq!(output.status, Some(2), "{}", output.text());
    }
    let said = run(
        &cards,
        &[
            "match",
            "first.img",
            "others.img",
            "empty.img",
            "--id",
            "577782fd",
        ],
    )
    .text();
    for part in [
        "ID 577782fd",
        "yes, by its ID",
        "no, by its ID",
        "No backup was found (whole card searched)",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn by_fingerprint_without_a_card_and_by_id_with_one() {
    let cards = drawer();
    let emulator = Emulator::start(Device::default());
    pair(&cards, &emulator);
    let url = emulator.url();
    let arguments = ["first.img", "others.img", "--device", &url];
    let (status, answer_) = answer(&cards, &arguments);
    assert_eq!(status, Some(1));
    assert_eq!(answer_["device"]["fingerprint"], "5862f623");
    assert_eq!(answer_["matches"][0]["device_id"], Value::Null);
    let results: Vec<_> = told(&answer_)
        .into_iter()
        .map(|one| one[2..].join(" "))
        .collect();
    assert_eq!(
        results,
        ["same fingerprint", "other fingerprint", "other fingerprint"]
    );
    let (status, _) = answer(&cards, &["first.img", "again.img", "--device", &url]);
    assert_eq!(status, Some(0));
    // With the card in it the device tells its id.
    emulator.change(|device| {
        device.slot = Slot::Inserted(Card::new(card(9, &[wallet::twelve()]).card));
    });
    let (_, answer_) = answer(&cards, &arguments);
    assert_eq!(answer_["matches"][0]["device_id"], TWELVE);
    let results: Vec<_> = told(&answer_)
        .into_iter()
        .map(|one| one[2..].join(" "))
        .collect();
    assert_eq!(results, ["same id", "other id", "other id"]);
    // Nothing was asked on its screen, and nothing written.
    let requests = emulator.requests();
    assert!(
        !requests.iter().any(|request| request.contains("create")),
        "{requests:?}"
    );
}

#[test]
fn a_passphrase_in_use_is_told() {
    let cards = drawer();
    let emulator = Emulator::start(with_passphrase());
    pair(&cards, &emulator);
    let url = emulator.url();
    let arguments = ["first.img", "others.img", "--device", &url];
    let (status, without) = answer(&cards, &arguments);
    assert_eq!(status, Some(1));
    assert!(
        told(&without).iter().all(|one| one[2] == "unknown"),
        "{without}"
    );
    emulator.change(|device| {
        device.slot = Slot::Inserted(Card::new(card(9, &[wallet::twelve()]).card));
    });
    let (_, with) = answer(&cards, &arguments);
    let results: Vec<_> = told(&with)
        .into_iter()
        .map(|one| one[2..].join(" "))
        .collect();
    assert_eq!(results, ["same-with-passphrase id", "other id", "other id"]);
    let said = run(&cards, &[&["match"], &arguments[..]].concat()).text();
    assert!(
        said.contains("yes, and a passphrase is in use, by its ID"),
        "{said}"
    );
}

/// Passphrases were switched off while one was in use: the fingerprint is not that of the backup, and the ID is.
#[test]
fn an_id_and_a_fingerprint_that_contradict_each_other_deny_nothing() {
    let cards = drawer();
    let emulator = Emulator::start(Device {
        slot: Slot::Inserted(Card::new(card(9, &[wallet::twelve()]).card)),
        ..Device::default()
    });
    pair(&cards, &emulator);
    emulator.change(|device| {
        let other = emulator::wire::fingerprint(&[0x34, 0xb0, 0xef, 0x24]);
        let when = emulator::When::Request("fingerprint");
        device.faults = vec![emulator::Fault::always(
            when,
            emulator::What::Respond(other),
        )];
    });
    let url = emulator.url();
    let arguments = ["first.img", "--device", &url];
    let (status, answer) = answer(&cards, &[&arguments[..], &["--log", "a.log"]].concat());
    assert_eq!(status, Some(1));
    let one = &answer["matches"][0];
    assert_eq!(
        (&one["result"], &one["by"]),
        (&json!("unknown"), &Value::Null),
        "{answer}"
    );
    assert_eq!(answer["problems"][0]["device"], 0);
    let said = run(&cards, &[&["match"], &arguments[..]].concat()).text();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("the two contradict each other"), "{said}");
    assert!(said.contains("a passphrase may still be in use"), "{said}");
    // The log has the device and what was found.
    let log = std::fs::read_to_string(cards.path("a.log")).unwrap();
    let last: Value = serde_json::from_str(log.lines().next_back().unwrap()).unwrap();
    for field in ["device", "matches", "problems"] {
        assert_eq!(last["result"][field], answer[field], "{field}");
    }
}

#[test]
fn cards_and_several_devices() {
    let cards = drawer();
    let one = Emulator::start(Device::default());
    let two = Emulator::start(Device {
        name: "Second".to_owned(),
        platform: Platform::Nova,
        key: *b"another emulated device's secret",
        wallet: Wallet::of(&wallet::abandon()),
        ..Device::default()
    });
    pair(&cards, &one);
    pair(&cards, &two);
    let urls = [one.url(), two.url()];
    let arguments = [
        "first.img",
        "others.img",
        "--device",
        &urls[0],
        "--device",
        &urls[1],
    ];
    let (status, answer) = answer(&cards, &arguments);
    assert_eq!(status, Some(0), "each card is one of them");
    assert_eq!(answer["device"], Value::Null);
    assert_eq!(answer["devices"].as_array().unwrap().len(), 2);
    let all = answer["matches"].as_array().unwrap().iter();
    let same: Vec<_> = all
        .filter(|one| one["result"] == "same")
        .map(|one| json!([one["source"], one["device"]]))
        .collect();
    assert_eq!(same, [json!(["first.img", 0]), json!(["others.img", 1])]);
    let said = run(&cards, &[&["match"], &arguments[..]].concat()).text();
    assert!(
        said.contains("Second") && said.contains("BitBox02 Nova"),
        "{said}"
    );
}

/// By a name too, which is looked up while that is still possible.
#[cfg(target_os = "linux")]
#[test]
fn nothing_can_be_connected_while_cards_are_read() {
    let cards = drawer();
    let emulator = Emulator::start(Device::default());
    pair(&cards, &emulator);
    let url = emulator.url().replace("127.0.0.1", "localhost");
    let ran = run(&cards, &["-v", "match", "first.img", "--device", &url]);
    let said = ran.err.clone();
    let levels: Vec<_> = said
        .lines()
        .filter_map(|line| line.strip_prefix("sandbox: "))
        .collect();
    let [before, after] = levels[..] else {
        panic!("{said}");
    };
    assert!(
        before.contains("; TCP to the port of the device, until it is connected"),
        "{said}"
    );
    assert!(after.contains("; no network"), "{said}");
    assert_eq!(ran.status, Some(0), "{said}");
}

#[test]
fn no_device_is_an_error_before_cards_are_read() {
    let cards = drawer();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("tcp://{}", listener.local_addr().unwrap());
    drop(listener);
    let said = run(&cards, &["match", "nowhere", "--device", &url]).text();
    assert!(said.starts_with("status 2\nerror: "), "{said}");
    assert!(!said.contains("nowhere"), "{said}");
}

/// The app, the letter, and `words` show a fingerprint beside the ID: it is no ID, and is said to be none.
#[test]
fn a_fingerprint_is_told_from_an_id() {
    let cards = drawer();
    let (status, answer) = answer(&cards, &["first.img", "--id", "5862f623"]);
    assert_eq!(status, Some(1));
    assert_eq!(
        answer["problems"][0]["error"],
        "--id 5862f623: no backup that was found has an ID that begins with it; it is the root fingerprint of the \
         wallet with the ID 577782fd…"
    );
    assert_eq!(
        answer["problems"][0]["hint"],
        "if it is a fingerprint that you compare, it is this wallet's without a passphrase; an ID has other digits"
    );
    let ran = run(&cards, &["words", "first.img", "--id", "5862f623"]);
    assert_eq!(
        ran.err,
        "error: --id 5862f623: no backup that was found has an ID that begins with it; it is the root fingerprint of \
         the wallet with the ID 577782fd…\n       if it is a fingerprint that you compare, it is this wallet's without \
         a passphrase; an ID has other digits\n"
    );
}

/// An ID is taken as tables show it, and of what is none the character is named.
#[test]
fn an_id_is_taken_as_it_is_shown() {
    let cards = drawer();
    for id in ["577782fd…", "577782fd...", "5777 82FD"] {
        let (_, answer) = answer(&cards, &["first.img", "--id", id]);
        assert_eq!(told(&answer)[0][2], "same", "{id}");
    }
    for (id, wrong) in [("o77782fd", "o"), ("0x577782fd", "x"), ("577782fd…0", "…")] {
        let ran = run(&cards, &["match", "first.img", "--id", id]);
        let says =
            format!("an ID is up to 64 hex digits, 0 to 9 and a to f, and \"{wrong}\" is none\n");
        assert!(ran.err.contains(&says), "{}", ran.err);
    }
}

#[test]
fn an_id_that_fits_nothing_says_so() {
    let cards = drawer();
    let arguments = ["first.img", "others.img", "--id", "00112233"];
    let (status, answer) = answer(&cards, &arguments);
    assert_eq!(status, Some(1));
    let [problem] = answer["problems"].as_array().unwrap().as_slice() else {
        panic!("{answer:#}")
    };
    let said = "--id 00112233: no backup that was found has an ID that begins with it";
    assert_eq!(problem["error"], said);
    assert!(told(&answer).iter().all(|one| one[2] == "other"));
    let said = run(&cards, &[&["match"], &arguments[..]].concat()).text();
    assert!(said.starts_with("status 1\n"), "{said}");
    assert!(
        said.contains("error: --id 00112233: no backup that was found"),
        "{said}"
    );
    assert!(
        said.contains("what to do: compare its digits again; there are: 41233dfbad01…"),
        "{said}"
    );
    // Of cards that cannot be read nothing is said.
    let output = run(&cards, &["match", "nowhere", "--id", "00112233"]);
    assert!(
        !output.text().contains("no backup that was found"),
        "{}",
        output.text()
    );
}

/// A backup whose folder bears an id that begins like that of another wallet, and of which no copy is left.
fn begins_like_twelve(serial: u32) -> fixtures::fat::Fat {
    let mut fat = card(serial, &[wallet::abandon()]);
    let rest: String = wallet::abandon().id().chars().rev().collect();
    let twin = format!("{}{}", &TWELVE[..12], &rest[12..]);
    let rest = [b'x'; 80];
    fat.save_in(&twin, &wallet::twelve(), [&rest, &rest, &rest]);
    fat
}

#[test]
fn an_ambiguous_prefix_is_an_error() {
    let cards = drawer();
    cards.put("twin.img", &begins_like_twelve(7));
    let all = ["first.img", "twin.img", "others.img", "--id"];
    let ran = run(
        &cards,
        &[&["match", "--json"], &all[..], &["577782fd"]].concat(),
    );
    assert_eq!(ran.status, Some(2));
    let answer_ = ran.json();
    let error = answer_["error"].as_str().unwrap();
    assert!(error.contains("ambiguous ID prefix, 2 IDs"), "{error}");
    let hint = answer_["hint"].as_str().unwrap();
    assert!(hint.contains(&TWELVE[..13]), "{hint}");
    // Enough digits are enough.
    let (_, answer_) = answer(&cards, &[&all[..], &[&TWELVE[..16]]].concat());
    assert_eq!(answer_["problems"], json!([]));
    assert_eq!(told(&answer_)[0][2], "same");
}

/// The wallet of 24 words whose id is that of "abandon … about", since both seeds are zeros.
fn all_zero_24() -> fixtures::backup::Backup {
    let mut backup = wallet::abandon();
    backup.seed_length = 32;
    backup
}

#[test]
fn one_id_of_two_lengths_is_two_wallets() {
    let cards = drawer();
    cards.put("twelve.img", &card(5, &[wallet::abandon()]));
    cards.put("long.img", &card(6, &[all_zero_24()]));
    let (short, long) = (wallet::abandon().id(), all_zero_24().id());
    assert_eq!(short, long, "one id");
    let arguments = ["twelve.img", "long.img", "--id", &short];
    let (status, by_id) = answer(&cards, &arguments);
    assert_eq!(status, Some(1));
    assert!(
        told(&by_id).iter().all(|one| one[2] == "unknown"),
        "{by_id:#}"
    );
    let error = by_id["problems"][0]["error"].as_str().unwrap();
    assert!(
        error.contains("hold 2 wallets with this ID, of 12 and 24 words"),
        "{error}"
    );
    let said = run(&cards, &[&["match"], &arguments[..]].concat()).text();
    assert!(said.contains("WORDS"), "{said}");
    // The device's fingerprint tells them apart.
    let emulator = Emulator::start(Device {
        wallet: Wallet::of(&wallet::abandon()),
        slot: Slot::Inserted(Card::new(card(9, &[wallet::abandon()]).card)),
        ..Device::default()
    });
    pair(&cards, &emulator);
    let url = emulator.url();
    let to = ["--device", &*url];
    let (_, by_device) = answer(&cards, &[&["twelve.img", "long.img"][..], &to].concat());
    for one in told(&by_device) {
        let expected = match &*one[0] {
            "twelve.img" => ["same", "id"],
            _ => ["other", "fingerprint"],
        };
        assert_eq!(one[2..], expected, "{by_device:#}");
    }
    // Alone the long one is not told from the own one with a passphrase in use that the device denies.
    let (status, by_device) = answer(&cards, &[&["long.img"][..], &to].concat());
    assert_eq!((status, &*told(&by_device)[0][2]), (Some(1), "unknown"));
    assert_eq!(by_device["problems"][0]["device"], 0);
}

#[test]
fn a_device_that_cannot_be_asked_for_its_id_is_no_no() {
    let cards = drawer();
    let own = wallet::twelve();
    let bytes = own.encode_as(fixtures::backup::Variant::WithoutMetadata);
    let mut hostile = card(9, &[]);
    hostile.save_bytes(&own, [&bytes, &bytes, &bytes]);
    let emulator = Emulator::start(with_passphrase());
    pair(&cards, &emulator);
    emulator.change(|device| device.slot = Slot::Inserted(Card::new(hostile.card.clone())));
    let url = emulator.url();
    let (status, answer) = answer(&cards, &["first.img", "--device", &url]);
    assert_eq!(status, Some(1));
    assert_eq!(answer["matches"][0]["result"], "unknown");
    assert_eq!(answer["matches"][0]["device_id"], Value::Null);
    assert_eq!(answer["matches"][0]["device"], 0);
    let problem = &answer["problems"][0];
    assert_eq!(problem["device"], 0);
    let hint = problem["hint"].as_str().unwrap();
    assert!(
        hint.contains("crashes the BitBox") && hint.contains("list CARD"),
        "{hint}"
    );
}

#[test]
fn one_device_that_is_gone_does_not_end_the_run() {
    let cards = drawer();
    let emulator = Emulator::start(Device::default());
    pair(&cards, &emulator);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("tcp://{}", listener.local_addr().unwrap());
    drop(listener);
    let url = emulator.url();
    let arguments = ["first.img", "--device", &nobody, "--device", &url];
    let (status, answer) = answer(&cards, &arguments);
    assert_eq!(status, Some(1), "one could not be asked");
    assert_eq!(answer["matches"][0]["result"], "same");
    assert_eq!(answer["problems"][0]["device"], Value::Null);
    assert_eq!(answer["problems"][0]["address"], nobody);
    let both = [
        "match",
        "first.img",
        "--device",
        &nobody,
        "--device",
        &nobody,
    ];
    let said = run(&cards, &both).text();
    assert!(said.starts_with("status 2\n"), "{said}");
    let why = "error: none of these devices could be reached";
    assert!(said.contains(why), "{said}");
}

/// An heir holds a card against the ID every year: what `list` says of it is said here too.
#[test]
fn what_is_not_restored_as_it_is_needs_attention() {
    let cards = drawer();
    let set = |change: fn(&mut fixtures::fat::Fat, &fixtures::set::Set)| {
        let mut fat = card(5, &[]);
        let set = fat.save(&wallet::twelve());
        change(&mut fat, &set);
        fat
    };
    cards.put(
        "deleted.img",
        &set(|fat, set| set.files.iter().for_each(|file| fat.delete(file))),
    );
    cards.put(
        "hidden.img",
        &set(|fat, set| {
            fat.make_file(set.folder.as_dir(), "DS_STORE", b"x");
        }),
    );
    let archive = fixtures::recipes::all().find(|one| one.name == "archive_only");
    archive
        .unwrap()
        .card
        .write_to(cards.path("archive.img"))
        .unwrap();
    for (name, state, word) in [
        ("first.img", "healthy", "yes, by its ID"),
        (
            "deleted.img",
            "recoverable",
            "yes, by its ID (deleted or lost)",
        ),
        (
            "hidden.img",
            "hidden",
            "yes, by its ID (not shown by the BitBox)",
        ),
        ("archive.img", "unsearched", "could not be looked into"),
        (
            "empty.img",
            "empty",
            "No backup was found (whole card searched)",
        ),
    ] {
        let (status, json) = answer(&cards, &[name, "--id", "577782fd"]);
        let list = run(&cards, &["list", "--json", name]).json();
        let said = &json["sources"][0];
        assert_eq!(said["state"], state, "{name}");
        for field in ["verdict", "device_view"] {
            assert_eq!(said[field], list["sources"][0][field], "{name}");
        }
        assert!(
            said["looked"].is_string() && said["next"].is_array(),
            "{name}"
        );
        let wallet = run(&cards, &["wallet", "--json", name]).json();
        for field in ["state", "looked", "verdict", "next", "device_view"] {
            assert_eq!(wallet["sources"][0][field], said[field], "{name} {field}");
        }
        assert_eq!(
            status,
            Some(i32::from(name != "first.img")),
            "{name} {json}"
        );
        let ran = run(&cards, &["match", name, "--id", "577782fd"]);
        assert!(ran.text().contains(word), "{name} {}", ran.text());
        let sentence = said["verdict"].as_str().unwrap();
        assert!(ran.text().contains(sentence), "{name} {}", ran.text());
    }
}
