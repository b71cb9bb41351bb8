//! Where `recover` writes, and where it refuses to; that nothing half-written remains; and that nobody
//! gets wallets in plain text without having been asked.
#![cfg(unix)]

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::support::cards::{Cards, card, save_in, seed_offset};
use crate::support::person::Person;
use crate::support::program::{Ran, bound_by_permissions, program, ran, without_terminal};
use fixtures::wallet;

/// A folder with a card, and what belongs to it.
fn with_card() -> Cards {
    let cards = Cards::new();
    cards.put("card.img", &card(7, &[wallet::twelve()]));
    cards
}

/// The names in a folder, hidden ones too.
fn names(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Holds a refusal against what it has to say: what is wrong, and what to do.
#[track_caller]
fn is_refused(ran: &Ran, status: i32, what: &str) {
    assert_eq!(ran.status, Some(status), "{ran:?}");
    assert!(ran.text().contains(what), "{what}: {ran:?}");
    assert_eq!(ran.err.lines().count(), 2, "{ran:?}");
    assert_eq!(ran.out, "");
}

/// Runs it and sees it refuse with these words, and nothing appear.
#[track_caller]
fn refused(cards: &Cards, arguments: &[&str], what: &str) {
    let before = names(cards.folder());
    let ran = cards.run(&[&["recover", "--yes"], arguments].concat());
    // An ID that is not there is an answer, and not the one wanted.
    let status = if what.contains("ID that begins with") {
        1
    } else {
        2
    };
    is_refused(&ran, status, what);
    assert_eq!(names(cards.folder()), before, "{arguments:?}");
}

#[test]
fn places_that_are_taken() {
    let cards = with_card();
    std::fs::create_dir(cards.path("full")).unwrap();
    cards.file("full/x", "x");
    std::fs::create_dir(cards.path("empty")).unwrap();
    cards.file("file", "x");
    symlink("empty", cards.path("link")).unwrap();
    symlink("nowhere", cards.path("dangling")).unwrap();
    let fifo = Command::new("mkfifo").arg(cards.path("fifo")).status();
    assert!(fifo.unwrap().success());
    let there = "is there already";
    for (arguments, what) in [
        (["card.img", "--to", "full"], "this folder is not empty"),
        (["card.img", "--to", "file"], there),
        (["card.img", "--to", "link"], "is a link"),
        (["card.img", "--to", "link/"], "is a link"),
        (["card.img", "--to", "dangling"], "is a link"),
        (["card.img", "--to", "fifo"], there),
        (["card.img", "--to", "no/where"], "no such folder"),
        (["card.img", "--to", "card.img"], "is on the source"),
        (["card.img", "--card", "card.img"], "is on the source"),
        (["card.img", "--card", "file"], there),
        (["card.img", "--card", "empty"], there),
        (["card.img", "--card", "link"], "is a link"),
        (["card.img", "--card", "fifo"], there),
        (["card.img", "--card", "/"], there),
        (["nowhere.img", "--to", "new"], "there is no such file"),
    ] {
        refused(&cards, &arguments, what);
    }
    symlink(".", cards.path("here")).unwrap();
    for (option, place) in [
        ("--raw", "./new/"),
        ("--card", "new"),
        ("--raw", "here/new"),
    ] {
        let arguments = ["card.img", "--to", "new", option, place];
        refused(&cards, &arguments, "cannot be written to one place");
    }
    assert_eq!(std::fs::read(cards.path("file")).unwrap(), b"x");
    assert_eq!(names(&cards.path("empty")), [""; 0]);
}

#[test]
fn nothing_is_written_to_the_source() {
    let cards = with_card();
    let output = cards.run(&["recover", "card.img", "--yes", "--to", "folder"]);
    assert!(output.status == Some(0));
    let wallet = format!("folder/bitbox02/{}", wallet::twelve().id());
    for source in ["folder", "folder/bitbox02", "./folder/../folder"] {
        for to in [
            "folder/new",
            "folder/bitbox02/new",
            &format!("{wallet}/new"),
        ] {
            if source.ends_with("02") && to == "folder/new" {
                continue; // beside it, on a disk of the computer
            }
            refused(&cards, &[source, "--to", to], "is on the source");
            refused(&cards, &[source, "--card", to], "is on the source");
        }
    }
    refused(&cards, &["folder", "--to", "folder"], "is on the source");
    let file = format!("{wallet}/backup_Mon_2020-09-28T08-30-09Z_0.bin");
    refused(&cards, &[&file, "--card", &file], "is on the source");
    // From a folder and from a single file to another place.
    for (source, to) in [("folder", "a"), (file.as_str(), "b")] {
        let output = cards.run(&["recover", source, "--yes", "--to", to]);
        assert!(output.status == Some(0), "{}", output.text());
        assert!(cards.path(to).join("bitbox02").exists());
    }
}

#[test]
fn a_folder_that_cannot_be_written_to() {
    let cards = with_card();
    std::fs::create_dir(cards.path("closed")).unwrap();
    let closed = std::fs::Permissions::from_mode(0o500);
    std::fs::set_permissions(cards.path("closed"), closed).unwrap();
    for place in [
        ["--to", "closed"],
        ["--to", "closed/new"],
        ["--card", "closed/new"],
    ] {
        let mut program = program(cards.folder());
        program.args(["recover", "--yes", "card.img"]).args(place);
        let ran = ran(bound_by_permissions(&mut program));
        is_refused(&ran, 2, "where you may write");
        assert_eq!(names(cards.folder()), ["card.img", "closed"]);
        assert_eq!(names(&cards.path("closed")), [""; 0]);
    }
}

/// Runs it where no file may have more than this many blocks of 512 bytes, as on a disk that is full.
fn limited(cards: &Cards, blocks: u64, arguments: &str) -> Ran {
    let program = env!("CARGO_BIN_EXE_bitbox-backup");
    let script =
        format!("trap '' XFSZ; ulimit -f {blocks}; exec {program} recover --yes {arguments}");
    ran(Command::new("sh")
        .args(["-c", &script])
        .current_dir(cards.folder()))
}

#[test]
fn a_full_disk_leaves_nothing_behind() {
    let cards = with_card();
    std::fs::create_dir(cards.path("empty")).unwrap();
    let before = names(cards.folder());
    // No room for any file; for the copies, but not for the report; for less than the card.
    for (blocks, arguments) in [
        (0, "card.img --to new"),
        (1, "card.img --to new"),
        (0, "card.img --to empty"),
        (1, "card.img --to empty"),
        (0, "card.img --card new"),
        (4000, "card.img --card new"),
        (4000, "card.img --to new --card new.img --raw raw"),
        (1, "card.img --to new --raw raw"),
    ] {
        let output = limited(&cards, blocks, arguments);
        let said = output.text();
        assert_eq!(output.status, Some(2), "{arguments}: {said}");
        assert!(
            said.contains("there is no room for it"),
            "{arguments}: {said}"
        );
        assert_eq!(names(cards.folder()), before, "{arguments}");
        assert_eq!(names(&cards.path("empty")), [""; 0], "{arguments}");
    }
    let output = limited(&cards, 1 << 20, "card.img --to empty --card new.img");
    assert!(output.status == Some(0), "{}", output.text());
}

#[test]
fn only_the_person_who_asked_can_read_it() {
    let cards = with_card();
    std::fs::create_dir(cards.path("empty")).unwrap();
    let shared = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(cards.path("empty"), shared).unwrap();
    for (to, mode) in [("new", 0o700), ("empty", 0o755)] {
        let [raw, image] = [format!("{to}.raw"), format!("{to}.img")];
        let arguments = [
            "recover", "card.img", "--yes", "--to", to, "--raw", &raw, "--card", &image,
        ];
        let output = cards.run(&arguments);
        assert!(output.status == Some(0), "{}", output.text());
        let mode_of = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(
            mode_of(&cards.path(to)),
            mode,
            "an empty folder stays as it was"
        );
        assert_eq!(mode_of(&cards.path(&image)), 0o600);
        let mut folders = vec![cards.path(to), cards.path(&raw)];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for name in names(&folder) {
                let path = folder.join(name);
                if path.is_dir() {
                    assert_eq!(mode_of(&path), 0o700);
                    assert_eq!(std::fs::metadata(&path).unwrap().mtime(), 1_546_300_800);
                    folders.push(path);
                } else {
                    assert_eq!(mode_of(&path), 0o600);
                    files += 1;
                    if path.components().any(|part| part.as_os_str() == "bitbox02") {
                        let written = std::fs::metadata(&path).unwrap().mtime();
                        assert_eq!(written, 1_546_300_800, "2019-01-01");
                    }
                }
            }
        }
        assert_eq!(files, 3 + 2 + 3 + 2);
    }
    // An image is mostly holes.
    let image = std::fs::metadata(cards.path("new.img")).unwrap();
    assert!(image.blocks() * 512 < image.len() / 8);
}

#[test]
fn nobody_to_ask() {
    let cards = with_card();
    let mut program = program(cards.folder());
    program.args(["recover", "card.img", "--to", "new"]);
    let output = ran(without_terminal(&mut program));
    let said = output.text();
    assert_eq!(output.status, Some(2), "{said}");
    assert!(
        said.contains("there is no terminal to ask this on: Write wallets in plain text?"),
        "{said}"
    );
    assert!(said.contains("--yes"), "{said}");
    assert_eq!(names(cards.folder()), ["card.img"]);
}

#[test]
fn a_person_is_asked() {
    let cards = with_card();
    let recover = |answer: &str| {
        let arguments = ["recover", "card.img", "--to", "new"];
        let mut person =
            Person::starts_on(cards.folder(), &arguments, (24, 200), |command| command);
        person.reads("Type yes:");
        person.types(answer);
        (person.waits(), person.screen())
    };
    for answer in ["no\n", "\n", "y\n"] {
        let (status, said) = recover(answer);
        assert_eq!(status, 1, "{said}");
        assert!(said.contains("whoever reads it can take"), "{said}");
        assert!(said.contains("nothing was written"), "{said}");
        assert_eq!(names(cards.folder()), ["card.img"]);
    }
    let (status, said) = recover("yes\n");
    assert_eq!(status, 0, "{said}");
    assert_eq!(names(cards.folder()), ["card.img", "new"]);
}

#[test]
fn what_is_asked_for_must_make_sense() {
    let cards = with_card();
    cards.file("notes", "mine");
    let id = wallet::twelve().id();
    let new = ["card.img", "--to", "new"];
    for (arguments, what) in [
        (
            &["--id", "0123"][..],
            "--id 0123: no backup that was found has an ID that begins with it",
        ),
        (
            &["--timestamp", "5"],
            "there are: 1601281809 (2020-09-28T08:30:09Z)",
        ),
        (&["--id", &id, "--length", "32"], "has 16 bytes, not 32"),
        (&["--resume", "card.img"], "is on the source"),
        (&["--resume", "notes"], "was not written by --resume"),
    ] {
        refused(&cards, &[&new, arguments].concat(), what);
    }
    for arguments in [
        &["--effort", "hard"][..],
        &["--length", "12"],
        &["--timestamp", "yesterday"],
        &["--id", "xyz"],
    ] {
        let output = cards.run(&[&["recover"], &new[..], arguments].concat());
        assert_eq!(output.status, Some(2), "{}", output.text());
    }
    let output = cards.run(&["recover", "card.img"]);
    assert!(
        output.text().contains("--to <DIR>|--card <NEW.img>"),
        "{}",
        output.text()
    );
}

#[test]
fn nothing_proved_is_nothing_written_and_says_what_would_help() {
    let cards = Cards::new();
    let mut fat = card(7, &[]);
    let set = fat.save(&wallet::twelve());
    for file in &set.files {
        fat.card.fill(file.data + 40, 60, 0x55);
    }
    cards.put("card.img", &fat);
    let arguments = [
        "recover", "card.img", "--yes", "--to", "new", "--card", "new.img", "--raw", "raw",
        "--effort", "1000",
    ];
    let output = cards.run(&arguments);
    let said = output.text();
    assert_eq!(output.status, Some(1), "{said}");
    assert!(said.contains("could not be recovered"), "{said}");
    assert!(said.contains("what would help:"), "{said}");
    // The copies as they lie are there all the same.
    assert_eq!(names(cards.folder()), ["card.img", "raw"]);
    assert_eq!(names(&cards.path("raw")).len(), 5);
}

/// Whoever has one card would write over it: the new one is another, and the old one is kept.
#[test]
fn the_old_card_is_not_written_to() {
    let cards = with_card();
    let mut fat = card(8, &[wallet::twelve()]);
    let other = wallet::twenty_four();
    let mut copy = other.encode();
    let at = seed_offset(&copy, &other);
    copy[at..at + 12].fill(0);
    fat.save_bytes(&other, [&copy; 3].map(Vec::as_slice));
    cards.put("partly.img", &fat);
    let whole = "Keep the old card until all of this has worked. Then destroy these files.";
    let partly = "Keep the old card: it holds what could not be recovered. When all of this has worked, destroy";
    for (card, status, keep) in [("card.img", 0, whole), ("partly.img", 1, partly)] {
        let to = format!("from {card}");
        let image = format!("{to}.img");
        let ran = cards.run(&[
            "recover", card, "--to", &to, "--card", &image, "--yes", "--effort", "1",
        ]);
        assert_eq!(ran.status, Some(status), "{}", ran.text());
        let report = std::fs::read_to_string(cards.path(&to).join("recovery-report.txt")).unwrap();
        let report = report.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        for text in [report, said] {
            for part in [
                "to a new card, never to the old one",
                &format!("dd if='{image}' of=/dev/sdX"),
                "Or copy the folder bitbox02",
                keep,
            ] {
                assert!(text.contains(part), "{part}: {text}");
            }
        }
    }
}

/// A BitBox that cannot list them answers with an error, or crashes: nobody is told to put all of them on one card.
#[test]
fn more_than_one_card_holds_goes_to_a_card_for_each_wallet() {
    let cards = Cards::new();
    let sources = ["first", "second", "third"];
    for (number, folder) in (0..).zip(sources) {
        for wallet in (number * 34..).take(34).map(wallet::numbered) {
            save_in(&cards.path(folder), &wallet);
        }
    }
    let each = "Copy each folder in bitbox02 to a card of its own";
    let one = "Copy the folder bitbox02 to the top of an empty card";
    for (count, firmware, says, not) in [
        (3, "9.27.0", each, one),
        (2, "9.27.0", one, each),
        (2, "9.8.0", each, one),
        (1, "9.8.0", one, each),
    ] {
        let to = format!("{count}-{firmware}");
        let options = ["--to", &to, "--yes", "--firmware", firmware];
        let ran = cards.run(&[&["recover"], &sources[..count], &options].concat());
        assert_eq!(ran.status, Some(0), "{}", ran.text());
        let report = std::fs::read_to_string(cards.path(&to).join("recovery-report.txt")).unwrap();
        let [report, said] =
            [report, ran.err].map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        for text in [&report, &said] {
            assert!(text.contains(says) && !text.contains(not), "{to}: {text}");
        }
        let warning = format!(
            "warning: a BitBox02 cannot list these {} backups on one card: make a card for each wallet",
            count * 34
        );
        assert_eq!(said.contains(&warning), says == each, "{said}");
        assert_eq!(names(&cards.path(&to).join("bitbox02")).len(), count * 34);
        // The image of a card is left out if none holds all of it; without the folder nothing would be recovered.
        let (image, beside) = (format!("{to}.img"), format!("{to}-beside"));
        let with_card = ["--card", &image, "--yes", "--firmware", firmware];
        let both = [
            &["recover"],
            &sources[..count],
            &with_card,
            &["--to", &beside],
        ]
        .concat();
        let ran = cards.run(&both);
        let lacks_card = says == each;
        assert_eq!(ran.status, Some(lacks_card.into()), "{}", ran.text());
        assert_eq!(cards.path(&image).exists(), !lacks_card);
        assert_eq!(ran.out.contains(&image), !lacks_card, "{}", ran.out);
        let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        let without = format!("; {image} is not written");
        assert_eq!(said.contains(&without), lacks_card, "{said}");
        assert_eq!(said.contains("dd if="), !lacks_card, "{said}");
        assert_eq!(
            names(&cards.path(&beside).join("bitbox02")).len(),
            count * 34
        );
    }
    let ran = cards.run(&[&["recover"], &sources[..], &["--card", "new.img", "--yes"]].concat());
    assert_eq!(ran.status, Some(2), "{}", ran.text());
    assert!(!cards.path("new.img").exists());
}

/// The report says the command as a shell takes it.
#[test]
fn the_command_in_the_report_can_be_pasted() {
    let cards = with_card();
    let name = "mum's \"old\" card $1.img";
    std::fs::rename(cards.path("card.img"), cards.path(name)).unwrap();
    let ran = cards.run(&["recover", name, "--to", "out", "--yes"]);
    assert_eq!(ran.status, Some(0), "{}", ran.text());
    let report = std::fs::read_to_string(cards.path("out/recovery-report.txt")).unwrap();
    let line = "recover 'mum'\\''s \"old\" card $1.img' --to out --yes\n";
    assert!(report.contains(line), "{report}");
}
