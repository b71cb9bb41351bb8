//! Before a search begins the program says what is missing, how many possibilities there are, how
//! much of it the effort covers and how long all of it takes.

use crate::support::cards::{Cards, seed_offset};
use fixtures::backup::Backup;
use fixtures::fat::Layout;
use fixtures::wallet;

/// A copy that has lost these bytes of the seed.
fn damaged(backup: &Backup, bytes: std::ops::Range<usize>) -> Vec<u8> {
    let mut copy = backup.encode();
    let at = seed_offset(&copy, backup);
    copy[at + bytes.start..at + bytes.end].fill(0);
    copy
}

/// A card whose three copies have lost these bytes of the seed.
fn lost(cards: &Cards, bytes: std::ops::Range<usize>) {
    let backup = wallet::twelve();
    let copy = damaged(&backup, bytes);
    let mut fat = Layout::FAT12.with_clusters(400).format();
    fat.save_bytes(&backup, [&copy; 3].map(Vec::as_slice));
    cards.put("card.img", &fat);
}

/// The effort a sentence advises.
fn advised(text: &str) -> u64 {
    let (_, behind) = text.split_once("--effort ").expect("an effort");
    let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

#[test]
fn what_is_missing_and_what_it_takes() {
    let cards = Cards::new();
    lost(&cards, 3..7);
    for command in ["words", "wallet", "recover"] {
        let mut arguments = vec![command, "card.img", "--effort", "4096"];
        if command == "recover" {
            arguments.extend(["--to", "out", "--yes"]);
        }
        let output = cards.run(&arguments);
        let err = &output.err.replace('\n', " ");
        for part in [
            "577782fd… of 2020-09-28: 4 bytes of its seed are missing: 2^32 possibilities;",
            "this effort covers less than 0.01 % of them, in less than a second;",
            "nearly all of them take ",
        ] {
            assert!(err.contains(part), "{command}: {part}: {}", output.text());
        }
        assert!(
            (1 << 32..(1 << 32) + (1 << 24)).contains(&advised(err)),
            "{err}"
        );
        arguments.push("-q");
        let quiet = cards.run(&arguments);
        let err = &quiet.err;
        assert!(
            !err.contains("possibilities;"),
            "{command}: {}",
            quiet.text()
        );
    }
}

#[test]
fn the_effort_advised_is_enough() {
    let cards = Cards::new();
    lost(&cards, 3..5);
    let run = |effort: &str, json: bool| {
        let mut arguments = vec!["words", "card.img", "--effort", effort];
        arguments.extend(json.then_some("--json"));
        cards.run(&arguments)
    };
    let few = run("100", false);
    assert!(
        few.text()
            .contains("2 bytes of its seed are missing: 2^16 possibilities;")
    );
    let effort = advised(&few.err).to_string();
    let enough = run(&effort, true);
    assert_eq!(
        enough.json()["wallets"][0]["words"],
        12,
        "{}",
        enough.text()
    );
}

#[test]
fn the_answer_in_json_says_it_without_times_and_the_same_each_time() {
    let cards = Cards::new();
    lost(&cards, 3..7);
    let run = || cards.run(&["words", "card.img", "--effort", "4096", "--json"]);
    let (one, two) = (run(), run());
    assert_eq!(one.out, two.out);
    let search = &one.json()["not_recovered"][0]["search"];
    assert_eq!(search["against"], "id");
    assert_eq!(search["missing_bytes"], 4);
    assert_eq!(search["possibilities_log2"], 32);
    assert_eq!(search["started"], true);
    assert!(search["effort"].as_u64().unwrap() > 1 << 32);
}

#[test]
fn nothing_to_try_is_said_as_that() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    let whole = backup.encode();
    let at = whole
        .windows(16)
        .position(|at| at == &backup.seed[..16])
        .unwrap();
    // Too little of the seed: the copies end behind its first byte.
    let mut fat = Layout::FAT12.with_clusters(400).format();
    fat.save_bytes(&backup, [&whole[..=at]; 3]);
    cards.put("card.img", &fat);
    // No checksum and no id: nothing that proves anything.
    let mut file = whole.clone();
    file[6..38].fill(0xFF);
    cards.file("alone.bin", &file);
    for (source, why) in [
        ("card.img", "are missing"),
        ("alone.bin", "too little of the checksum"),
    ] {
        let output = cards.run(&["words", source]);
        let err = &output.err.replace('\n', " ");
        assert!(
            err.contains("no search is started, as it has no chance: "),
            "{err}"
        );
        assert!(err.contains(why), "{err}");
        let out = &output.out.replace('\n', " ");
        assert!(
            out.contains("was started") && !out.contains("--effort"),
            "{out}"
        );
    }
}

#[test]
fn a_smaller_effort_says_what_an_earlier_run_tried() {
    let cards = Cards::new();
    lost(&cards, 3..7);
    for effort in ["65536", "1"] {
        let line = [
            "recover", "card.img", "--to", "out", "--yes", "--resume", "state", "--effort", effort,
        ];
        let output = cards.run(&line);
        assert!(
            output.out.contains("none of 65,536 candidates"),
            "{effort}: {}",
            output.text()
        );
    }
}

#[cfg(unix)]
mod line {
    use std::path::Path;

    use super::{Cards, lost};

    use crate::support::person::Person;

    /// Looks at the progress of a search, stops it, and returns its line.
    fn progress(folder: &Path, columns: u16) -> String {
        let search = "recover card.img --to out --yes --effort deep --resume state";
        let arguments: Vec<_> = search.split(' ').collect();
        let mut person = Person::starts_on(folder, &arguments, (30, columns), |command| command);
        let shown = |screen: &str| {
            let lines = screen.lines();
            let mut lines = lines.filter(|line| line.contains("/s, "));
            lines.next().map(str::to_owned)
        };
        person.sees("a rate", |person| shown(&person.screen()).is_some());
        let line = shown(&person.screen()).unwrap();
        person.types("\x03");
        person.reads("stopping the search");
        person.sees("the end", |person| {
            person.screen().contains("The search was stopped:")
        });
        line
    }

    #[test]
    fn progress_fits_the_terminal_and_its_rate_is_of_this_run() {
        let cards = Cards::new();
        lost(&cards, 3..8);
        let folder = cards.folder();
        let line = progress(folder, 80);
        assert!(line.starts_with("577782fd… of 2020-09-28 "), "{line}");
        assert!(
            line.contains(" % of 2^40, ") && line.ends_with(" left"),
            "{line}"
        );
        // As if an earlier run had tried half of all: what remains takes time at today's rate.
        let state = std::fs::read_to_string(cards.path("state")).unwrap();
        let (_, tried) = state.rsplit_once("\": ").unwrap();
        let digits: String = tried.chars().take_while(char::is_ascii_digit).collect();
        let half = (1_u64 << 39).to_string();
        let state = state.replacen(&format!(": {digits}\n"), &format!(": {half}\n"), 1);
        std::fs::write(cards.path("state"), state).unwrap();
        let line = progress(folder, 80);
        assert!(line.contains("50.0 % of 2^40, "), "{line}");
        assert!(!line.contains(" G/s") && !line.contains(" T/s"), "{line}");
        assert!(
            line.contains("hours left") || line.contains("days left"),
            "{line}"
        );
    }
}

/// Only the wallet that is asked for is searched; one that is whole needs no search at all.
#[test]
fn other_wallets_than_the_one_asked_for_are_not_searched() {
    let cards = Cards::new();
    let (whole, other) = (wallet::twelve(), wallet::twenty_four());
    let copy = damaged(&other, 3..7);
    let mut fat = Layout::FAT12.with_clusters(400).format();
    fat.save(&whole);
    fat.save_bytes(&other, [&copy; 3].map(Vec::as_slice));
    cards.put("card.img", &fat);
    for command in ["words", "wallet", "recover"] {
        let run = |id: Option<String>, to: &str| {
            let mut arguments = vec![command, "card.img", "--effort", "4096"];
            if command == "recover" {
                arguments.extend(["--to", to, "--yes"]);
            }
            if let Some(id) = &id {
                arguments.extend(["--id", id]);
            }
            cards.run(&arguments)
        };
        let all = run(None, "all");
        assert!(
            all.err.contains("possibilities;"),
            "{command}: {}",
            all.text()
        );
        let one = run(Some(whole.id()), "one");
        assert!(
            !one.err.contains("possibilities;"),
            "{command}: {}",
            one.text()
        );
        assert_eq!(one.status, Some(0), "{command}: {}", one.text());
        let lost = run(Some(other.id()), "other");
        assert!(
            lost.err.contains("possibilities;"),
            "{command}: {}",
            lost.text()
        );
    }
}

/// The effort is that of the card: several damaged backups share it, one alone has all of it.
#[test]
fn the_backups_of_a_card_share_its_effort() {
    let cards = Cards::new();
    let wallets = || (0..).map(wallet::numbered).take(8);
    let card = |count: usize| {
        let mut fat = Layout::FAT12.with_clusters(2000).format();
        for backup in wallets().take(count) {
            let copy = damaged(&backup, 3..9);
            fat.save_bytes(&backup, [&copy; 3].map(Vec::as_slice));
        }
        cards.put("card.img", &fat);
    };
    let tried = |arguments: &[&str]| -> Vec<u64> {
        let run = cards.run(&[&["words", "card.img", "--json"], arguments].concat());
        let answer = run.json();
        let missing = answer["not_recovered"].as_array().unwrap().iter();
        missing.map(|one| one["tried"].as_u64().unwrap()).collect()
    };
    let effort = 1 << 16;
    let given = ["--effort", "65536"];
    card(1);
    assert_eq!(tried(&given), [effort]);
    assert!(
        !cards
            .run(&["words", "card.img", "--effort", "65536"])
            .err
            .contains("share")
    );
    card(8);
    assert_eq!(tried(&given), [effort / 8; 8]);
    let text = cards.run(&["words", "card.img", "--effort", "65536"]);
    let err = &text.err.replace('\n', " ");
    assert!(
        err.starts_with("8 damaged backups share this effort of 65536 candidates,"),
        "{err}"
    );
    // With --id there is one again.
    let id = wallet::numbered(3).id();
    let one = tried(&["--effort", "65536", "--id", &id]);
    assert!(one.contains(&effort), "{one:?}");
    let run = |threads: &str| {
        cards
            .run(&[
                "words",
                "card.img",
                "--json",
                "--effort",
                "65536",
                "--threads",
                threads,
            ])
            .out
    };
    assert_eq!(run("1"), run("3"));
}

#[test]
fn a_search_that_had_a_part_of_the_effort_is_advised_alone() {
    let cards = Cards::new();
    let mut fat = Layout::FAT12.with_clusters(400).format();
    for backup in [wallet::twelve(), wallet::twenty_four()] {
        let copy = damaged(&backup, 3..6);
        fat.save_bytes(&backup, [&copy; 3].map(Vec::as_slice));
    }
    cards.put("card.img", &fat);
    let search = |more: &[&str], to: &str| {
        let first = ["recover", "card.img", "--yes", "--to", to];
        cards
            .run(&[&first, more].concat())
            .text()
            .replace('\n', " ")
    };
    let shared = search(&["--effort", "4096"], "a");
    for id in ["577782fd", "41233dfb"] {
        let alone = format!("search for this one alone, with --id {id} --effort ");
        assert!(shared.contains(&alone), "{shared}");
    }
    let alone = search(&["--effort", "4096", "--id", "577782fd"], "b");
    assert!(!alone.contains("search for this one alone"), "{alone}");
}

/// The ID of one wallet does not set its backups apart.
#[test]
fn backups_of_one_wallet_are_not_advised_alone() {
    let cards = Cards::new();
    let mut fat = Layout::FAT12.with_clusters(400).format();
    for backup in [wallet::twelve(), wallet::twelve_again()] {
        let copy = damaged(&backup, 3..6);
        fat.save_bytes(&backup, [&copy; 3].map(Vec::as_slice));
    }
    cards.put("card.img", &fat);
    for (more, to) in [(&[][..], "a"), (&["--id", "577782fd"], "b")] {
        let first = [
            "recover", "card.img", "--yes", "--effort", "4096", "--to", to,
        ];
        let said = cards.run(&[&first, more].concat());
        let said = said.text().replace('\n', " ");
        assert!(!said.contains("alone"), "{said}");
        let longer = said.matches("Or search longer: --effort ").count();
        assert_eq!(longer, 2, "{said}");
    }
}

#[test]
fn a_search_without_a_chance_is_not_advised() {
    let cards = Cards::new();
    lost(&cards, 2..14);
    let said = cards.run(&[
        "recover", "card.img", "--yes", "--to", "a", "--effort", "quick",
    ]);
    let said = said.text().replace('\n', " ");
    assert!(
        said.contains("A longer search has next to no chance."),
        "{said}"
    );
    assert!(!said.contains("--effort deep"), "{said}");
}
