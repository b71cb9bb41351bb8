//! What `recover` writes: folders and cards on which the device's eye, an independent witness and fatfs
//! see exactly what was recovered; the right generation of each wallet; the same bytes each time.

use std::io::{Cursor, Read};
use std::path::Path;

use crate::support::cards::{Cards, card, seed_offset};
use crate::support::program::ran;
use crate::support::{Image, device_view};
use fixtures::card::Card;
use fixtures::recipe::{Expected, Listed};
use fixtures::{recipes, shipped, wallet};

/// An image the command wrote, for FatFs's author's own reader.
struct Written(Vec<u8>);

impl witness::Sectors for Written {
    fn count(&self) -> u64 {
        self.0.len() as u64 / 512
    }

    fn read(&self, lba: u32, buf: &mut [u8; 512]) -> bool {
        let at = lba as usize * 512;
        let sector = self.0.get(at..at + 512);
        sector.map(|sector| buf.copy_from_slice(sector)).is_some()
    }
}

/// More backups than a device can list on one card make a folder, and no card.
#[test]
fn every_recipe_is_written_or_refused_with_a_reason() {
    let cards = Cards::new();
    let small = recipes::all().filter(|recipe| (1..1 << 20).contains(&recipe.card.size()));
    let mut too_many = 0;
    for (index, recipe) in small.enumerate() {
        let many = recipe.name.starts_with("answer_");
        if index % 4 != 0 && !many {
            continue;
        }
        recipe.card.write_to(cards.path("card.img")).unwrap();
        let arguments = ["recover", "card.img", "--yes", "--effort", "1000"];
        let run =
            |option: &str, place: &str| cards.run(&[&arguments[..], &[option, place]].concat());
        let output = run("--to", recipe.name);
        let said = output.text();
        if recipe.card.size() < 512 {
            assert_eq!(output.status, Some(2), "{}: {said}", recipe.name);
            assert!(said.contains("too short"), "{said}");
            continue;
        }
        assert!(
            matches!(output.status, Some(0 | 1)),
            "{}: {said}",
            recipe.name
        );
        if said.contains("cannot list") {
            assert_eq!(recipe.answer, Expected::Crash);
            let output = run("--card", "new.img");
            assert_eq!(output.status, Some(2), "{}", recipe.name);
            assert!(output.text().contains("on one card"));
            assert!(!cards.path("new.img").exists());
            too_many += 1;
        }
    }
    assert_eq!(too_many, 3);
}

/// Paths and contents of all files, as fatfs lists them.
fn listed_by_fatfs(image: &[u8]) -> Vec<(String, Vec<u8>)> {
    fn walk(
        folder: fatfs::Dir<'_, Cursor<Vec<u8>>>,
        path: &str,
        found: &mut Vec<(String, Vec<u8>)>,
    ) {
        for entry in folder.iter().map(Result::unwrap) {
            let name = entry.file_name();
            let path = format!("{path}{name}");
            if entry.is_dir() && !matches!(name.as_str(), "." | "..") {
                walk(entry.to_dir(), &format!("{path}/"), found);
            } else if entry.is_file() {
                let mut bytes = Vec::new();
                entry.to_file().read_to_end(&mut bytes).unwrap();
                found.push((path, bytes));
            }
        }
    }
    let volume = Cursor::new(image[1 << 20..].to_vec());
    let volume = fatfs::FileSystem::new(volume, fatfs::FsOptions::new()).unwrap();
    let mut found = Vec::new();
    walk(volume.root_dir(), "", &mut found);
    found.sort();
    found
}

/// Everything below a folder, with its path.
fn tree(folder: &Path) -> Vec<(String, Vec<u8>)> {
    fn walk(folder: &Path, path: &str, found: &mut Vec<(String, Vec<u8>)>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = format!("{path}{}", entry.file_name().into_string().unwrap());
            if entry.path().is_dir() {
                walk(&entry.path(), &format!("{path}/"), found);
            } else {
                found.push((path, std::fs::read(entry.path()).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, "", &mut found);
    found.sort();
    found
}

/// The wallets on the cards that are shipped, and whether all of them come back.
fn expected(name: &str) -> (usize, i32) {
    match name {
        "blank" | "exfat" | "bitbox01" => (0, 1),
        "several-wallets" => (5, 0),
        "metadata-crash" => (2, 0),
        _ => (1, 0),
    }
}

#[test]
fn every_shipped_card_comes_back_as_a_card_everybody_reads() {
    let cards = Cards::new();
    for recipe in shipped::all() {
        let name = recipe.name;
        recipe.card.write_to(cards.path("card.img")).unwrap();
        let (to, image) = (format!("{name}.to"), format!("{name}.img"));
        let arguments = [
            "recover", "card.img", "--yes", "--json", "--to", &to, "--card", &image,
        ];
        let output = cards.run(&arguments);
        let answer = output.json();
        let (count, status) = expected(name);
        let recovered = answer["recovered"].as_array().unwrap();
        assert_eq!(
            (recovered.len(), output.status),
            (count, Some(status)),
            "{name}: {}",
            output.text()
        );
        if count == 0 {
            assert!(!cards.path(&to).exists() && !cards.path(&image).exists());
            continue;
        }
        let report = std::fs::read(cards.path(&to).join("recovery-report.json")).unwrap();
        assert!(
            report == output.out.as_bytes(),
            "{name}: the report is the answer"
        );
        let mut files = tree(&cards.path(&to));
        files.retain(|(path, _)| path.starts_with("bitbox02/"));
        let mut named: Vec<_> = recovered
            .iter()
            .flat_map(|one| one["files"].as_array().unwrap())
            .map(|file| file.as_str().unwrap().to_owned())
            .collect();
        named.sort();
        let found: Vec<_> = files.iter().map(|(path, _)| path.clone()).collect();
        assert_eq!(found, named, "{name}");
        let bytes = std::fs::read(cards.path(&image)).unwrap();
        assert!(listed_by_fatfs(&bytes) == files, "{name}: fatfs");

        let mut listed: Vec<_> = recovered
            .iter()
            .map(|one| Listed {
                id: one["id"].as_str().unwrap().to_owned(),
                timestamp: one["timestamp"].as_u64().unwrap() as u32,
                name: one["name"].as_str().unwrap().to_owned(),
            })
            .collect();
        listed.sort_by(|a, b| a.id.cmp(&b.id));
        let sorted = |expected: Expected| match expected {
            Expected::Ok(mut list) => {
                list.sort_by(|a, b| a.id.cmp(&b.id));
                Expected::Ok(list)
            }
            other => other,
        };
        let ours = device_view(&Image::new(Card::from_bytes(&bytes)));
        assert_eq!(
            sorted(ours),
            Expected::Ok(listed.clone()),
            "{name}: firmware"
        );
        let theirs = match witness::list_backups(&Written(bytes)) {
            witness::Answer::Ok(list) => Expected::Ok(
                list.into_iter()
                    .map(|one| Listed {
                        id: one.id,
                        timestamp: one.timestamp,
                        name: one.name,
                    })
                    .collect(),
            ),
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(sorted(theirs), Expected::Ok(listed), "{name}: the witness");

        for source in [&to, &image] {
            let answer = cards.run(&["list", "--json", source]).json();
            let summary = &answer["summary"];
            assert_eq!(summary["backups"], count, "{name} {source}");
            assert_eq!(summary["healthy"], count, "{name} {source}");
            assert_eq!(summary["findings"]["error"], 0);
            assert_eq!(summary["findings"]["warning"], 0, "{answer}");
        }
    }
}

#[test]
#[ignore = "needs fsck.fat of dosfstools; .ci/full has it"]
fn fsck_finds_nothing_to_say_of_a_card() {
    let cards = Cards::new();
    cards.put("card.img", &card(7, &wallet::five()));
    let output = cards.run(&["recover", "card.img", "--yes", "--card", "new.img"]);
    assert_eq!(output.status, Some(0), "{}", output.text());
    let image = std::fs::read(cards.path("new.img")).unwrap();
    std::fs::write(cards.path("volume.img"), &image[1 << 20..]).unwrap();
    let mut check = std::process::Command::new("/usr/sbin/fsck.fat");
    let check = ran(check.args(["-n", "-v"]).arg(cards.path("volume.img")));
    assert_eq!(check.status, Some(0), "{check:?}");
    let said = &check.out;
    assert!(
        !said.contains("Expected") && !said.contains("Free"),
        "{said}"
    );
}

#[test]
fn a_card_is_clean_to_those_who_check_such_volumes() {
    let cards = Cards::new();
    cards.put("card.img", &card(7, &wallet::five()));
    let output = cards.run(&["recover", "card.img", "--yes", "--card", "new.img"]);
    assert!(output.status == Some(0), "{}", output.text());
    let image = std::fs::read(cards.path("new.img")).unwrap();
    // Type 0x0C, from 1 MiB to the end.
    assert_eq!(image[446 + 4], 0x0C);
    assert_eq!(image[446 + 8..446 + 12], 2048_u32.to_le_bytes());
    assert_eq!(image.len(), 64 << 20);
    // Nothing of fatfs's own making is left to see.
    let answer = cards.run(&["inspect", "--json", "new.img"]).json();
    let tree = answer["sources"][0]["card"]["tree"].as_array().unwrap();
    assert_eq!(tree.len(), 1 + 5 + 15);
    for node in tree {
        assert_eq!(node["deleted"], false, "{node}");
        let dates = node["dates"].as_array().unwrap();
        assert_eq!(dates[0], "2019-01-01 00:00:00", "{node}");
    }
}

/// A report without the lines that say when it was made and by which command, whatever the image is called.
fn without_the_run(text: &[u8], image: &str) -> Vec<u8> {
    let text = std::str::from_utf8(text).unwrap();
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with("Date:") && !line.starts_with("Command:"))
        .collect();
    assert_eq!(lines.len() + 2, text.lines().count());
    lines.join("\n").replace(image, "new.img").into_bytes()
}

#[test]
fn the_same_source_gives_the_same_bytes() {
    let cards = Cards::new();
    let mut fat = card(7, &wallet::five());
    let set = fat.save(&wallet::twelve_again());
    fat.card.flip(set.files[0].data + 50, 0xFF);
    cards.put("card.img", &fat);
    let run = |number: usize| {
        let [to, raw, image] = ["to", "raw", "img"].map(|kind| format!("{number}.{kind}"));
        let arguments = [
            "recover", "card.img", "--yes", "--to", &to, "--raw", &raw, "--card", &image,
        ];
        let output = cards.run(&arguments);
        assert!(output.status == Some(0), "{}", output.text());
        let bytes = std::fs::read(cards.path(&image)).unwrap();
        let mut to = tree(&cards.path(&to));
        let report = to
            .iter_mut()
            .find(|(path, _)| path == "recovery-report.txt");
        let text = &mut report.unwrap().1;
        *text = without_the_run(text, &image);
        (to, tree(&cards.path(&raw)), bytes)
    };
    assert!(run(1) == run(2));
}

#[test]
fn copies_as_they_lie() {
    let cards = Cards::new();
    let mut fat = card(7, &[]);
    let set = fat.save(&wallet::twelve());
    fat.card.flip(set.files[1].data + 50, 0xFF);
    fat.erase(&set.files[2]);
    cards.put("card.img", &fat);
    let arguments = ["recover", "card.img", "--yes", "--to", "to", "--raw", "raw"];
    let output = cards.run(&arguments);
    assert!(output.status == Some(0), "{}", output.text());
    let files = tree(&cards.path("raw"));
    let list: serde_json::Value = serde_json::from_slice(
        &files
            .iter()
            .find(|(path, _)| path == "copies.json")
            .unwrap()
            .1,
    )
    .unwrap();
    let image = std::fs::read(cards.path("card.img")).unwrap();
    let copies = list["copies"].as_array().unwrap();
    let states: Vec<_> = copies
        .iter()
        .map(|copy| copy["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["valid", "damaged", "erased"]);
    for copy in copies {
        let file = copy["file"].as_str().unwrap();
        let bytes = &files.iter().find(|(path, _)| path == file).unwrap().1;
        let run = |index: usize| copy["extents"][0][index].as_u64().unwrap() as usize;
        assert!(bytes == &image[run(0)..run(0) + run(1)], "{file}");
        assert_eq!(copy["id"], wallet::twelve().id());
    }
    assert_eq!(files.len(), 3 + 2);
}

#[test]
fn one_id_two_wallets() {
    // Twelve words, and twenty-four whose seed ends in zeros: one folder, two wallets.
    let cards = Cards::new();
    let short = wallet::twelve();
    let mut long = wallet::twelve_again();
    long.seed_length = 32;
    assert_eq!(short.id(), long.id());
    cards.put(
        "card.img",
        &card(7, &[short.clone(), long.clone(), wallet::abandon()]),
    );
    let arguments = ["recover", "card.img", "--yes", "--json", "--to", "both"];
    let output = cards.run(&arguments);
    let answer = output.json();
    assert_eq!(output.status, Some(1), "{}", output.text());
    assert_eq!(answer["recovered"][0]["id"], wallet::abandon().id());
    assert_eq!(answer["recovered"].as_array().unwrap().len(), 1);
    assert_eq!(answer["not_recovered"][0]["reason"], "length");
    assert_eq!(
        answer["not_recovered"][0]["words"],
        serde_json::json!([12, 24])
    );
    for (length, backup) in [("16", &short), ("32", &long)] {
        let arguments = [
            "recover", "card.img", "--yes", "--json", "--to", length, "--length", length,
        ];
        let output = cards.run(&arguments);
        let answer = output.json();
        assert_eq!(output.status, Some(0), "{}", output.text());
        assert_eq!(answer["recovered"].as_array().unwrap().len(), 2);
        let file = tree(&cards.path(length));
        let file = file
            .iter()
            .find(|(path, _)| path.contains(&short.id()))
            .unwrap();
        assert!(file.1 == backup.encode(), "{length}");
    }
}

#[test]
fn older_generations_are_named_and_had_by_their_time() {
    let cards = Cards::new();
    cards.put(
        "card.img",
        &card(7, &[wallet::twelve(), wallet::twelve_again()]),
    );
    let answer = cards
        .run(&["recover", "card.img", "--yes", "--json", "--to", "new"])
        .json();
    assert_eq!(answer["recovered"][0]["timestamp"], wallet::SECOND);
    assert_eq!(answer["not_chosen"][0]["timestamp"], wallet::FIRST);
    assert_eq!(answer["not_chosen"][0]["why"], "older");
    for (to, time) in [
        ("a", "1601281809"),
        ("b", "2020-09-28T08:30:09Z"),
        ("c", "2020-09-28T10:30:09+02:00"),
    ] {
        let arguments = [
            "recover",
            "card.img",
            "--yes",
            "--json",
            "--to",
            to,
            "--timestamp",
            time,
        ];
        let answer = cards.run(&arguments).json();
        assert_eq!(answer["recovered"][0]["timestamp"], wallet::FIRST);
        let files = tree(&cards.path(to));
        assert!(files[0].1 == wallet::twelve().encode());
    }
}

#[test]
fn the_transcript_of_its_page_is_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/recovery.md")).unwrap();
    let (_, transcript) = page.split_once("```console\n$ bitbox-backup ").unwrap();
    let (command, shown) = transcript.split_once('\n').unwrap();
    let cards = Cards::new();
    let source = command.split(' ').nth(1).unwrap();
    std::fs::create_dir(cards.path("testdata")).unwrap();
    std::fs::copy(root.join(source), cards.path(source)).unwrap();
    let output = cards.run(&command.split(' ').collect::<Vec<_>>());
    let out = output.out;
    let lines: Vec<_> = out.lines().map(str::trim_end).collect();
    let shown = shown.split("```").next().unwrap();
    assert_eq!(lines.join("\n").trim_end(), shown.trim_end());
}

/// The places of bytes in an image.
fn places(image: &[u8], bytes: &[u8]) -> Vec<usize> {
    let windows = image.windows(bytes.len()).enumerate();
    windows
        .filter(|(_, window)| *window == bytes)
        .map(|(at, _)| at)
        .collect()
}

fn recovered_id(cards: &Cards, arguments: &[&str]) {
    let ran = cards.run(
        &[
            &["recover", "--yes", "--json", "--effort", "quick"],
            arguments,
        ]
        .concat(),
    );
    let answer = ran.json();
    assert_eq!(
        answer["recovered"][0]["id"],
        wallet::twelve().id(),
        "{answer}"
    );
}

/// An image that ends in the last bytes of a copy, or within its seed: what is there is evidence for us, and no answer of
/// a device, which reads whole sectors.
#[test]
fn an_image_that_ends_within_a_copy() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    cards.put("whole.img", &card(1, &[wallet::twelve()]));
    let image = std::fs::read(cards.path("whole.img")).unwrap();
    let copy = places(&image, &backup.encode())[0];
    let seed = seed_offset(&backup.encode(), &backup);
    for length in [backup.encode().len(), seed + 24, seed + 16, seed + 15] {
        cards.file("cut.img", &image[..copy + length]);
        let answer = cards.run(&["list", "--json", "cut.img"]).json();
        let source = &answer["sources"][0];
        // It asks for what is not in the image.
        assert!(source["device_view"].is_null(), "{length}: {source}");
        let first = &source["backups"][0]["copies"][0];
        assert_ne!(first["state"], "unreadable", "{length}: {source}");
        let to = format!("to-{length}");
        recovered_id(&cards, &["cut.img", "--to", &to]);
    }
    // A gzip file that is cut short is no other.
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    std::io::Write::write_all(&mut packer, &image[..copy + seed + 16]).unwrap();
    let packed = packer.finish().unwrap();
    cards.file("cut.img.gz", &packed[..packed.len() - 8]);
    recovered_id(&cards, &["cut.img.gz", "--to", "of-gzip"]);
}

/// A seed that lies intact in copies of which nothing else is proves itself by its ID: `list` says no less than `recover`.
#[test]
fn an_intact_seed_is_proved_without_a_search() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    cards.put("live.img", &card(1, &[wallet::twelve()]));
    let mut image = std::fs::read(cards.path("live.img")).unwrap();
    for at in places(&image, &backup.seed) {
        image[at - 8..at].fill(0x55);
    }
    cards.file("live.img", &image);
    for folder in places(&image, b"BITBOX02   \x10") {
        image[folder] = 0xE5;
    }
    cards.file("deleted.img", &image);
    for (name, state, of_backup) in [
        ("live.img", "hidden", "hidden"),
        ("deleted.img", "recoverable", "deleted"),
    ] {
        let answer = cards.run(&["list", "--json", name]).json();
        let source = &answer["sources"][0];
        assert_eq!(source["state"], state, "{source}");
        let found = &source["backups"][0];
        assert_eq!(found["id"], backup.id());
        assert_eq!(found["state"], of_backup);
        assert_eq!(found["repaired_by"], "seed-by-id");
        let rules: Vec<_> = found["findings"].as_array().unwrap().iter().collect();
        let only = rules
            .iter()
            .any(|finding| finding["rule"] == "only-deleted");
        assert_eq!(only, of_backup == "deleted", "{source}");
        recovered_id(&cards, &[name, "--to", of_backup]);
    }
}

#[test]
fn flags_that_every_command_understands() {
    let cards = Cards::new();
    cards.put("card.img", &card(1, &[wallet::twelve()]));
    cards.file("list.txt", "card.img\n");
    let more = [
        "--files-from",
        "list.txt",
        "--deleted",
        "--carve",
        "--threads",
        "1",
    ];
    recovered_id(&cards, &[&["--to", "new"], &more[..]].concat());
    for command in ["words", "wallet", "letter"] {
        let ran = cards.run(&[&[command], &more[..]].concat());
        assert_eq!(ran.status, Some(0), "{command}: {}", ran.text());
    }
    let id = &wallet::twelve().id()[..8];
    let ran = cards.run(&[&["match", "--id", id], &more[..]].concat());
    assert_eq!(ran.status, Some(0), "{}", ran.text());
}

/// What is deleted the device does not list, whatever proves it.
#[test]
fn a_vote_over_deleted_copies_lists_nothing() {
    let cards = Cards::new();
    cards.put("card.img", &card(1, &[wallet::twelve()]));
    let mut image = std::fs::read(cards.path("card.img")).unwrap();
    let copies = places(&image, &wallet::twelve().encode());
    for (number, copy) in copies.into_iter().enumerate() {
        image[copy + 10 + 20 * number] ^= 0xFF;
    }
    cards.file("live.img", &image);
    for folder in places(&image, b"BITBOX02   \x10") {
        image[folder] = 0xE5;
    }
    cards.file("deleted.img", &image);
    for (name, why) in [
        ("live.img", "listed by a"),
        ("deleted.img", "proved by the"),
    ] {
        let said = cards.run(&["list", name]).out;
        let why = format!("{why} majority of its damaged copies");
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&why), "{said}");
    }
}
