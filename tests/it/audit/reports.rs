//! The reports of `audit` in files, as other programs read them.

use std::path::{Path, PathBuf};

use crate::support::cards::save_in;
use crate::support::program::{Ran, program, ran, shipped, testdata};

use fixtures::fat::Layout;
use fixtures::{recipes, wallet};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use sha2::{Digest, Sha256};

fn run(arguments: &[&str], sources: &[PathBuf]) -> Ran {
    ran(program(&testdata()).args(arguments).args(sources))
}

fn ok(ran: &Ran) {
    assert!(ran.status.is_some_and(|status| status < 2), "{}", ran.err);
}

/// Every recipe of a card as a file, with the cards that come with the program.
fn cards(folder: &Path) -> Vec<PathBuf> {
    let shipped = shipped().into_iter();
    let mut cards: Vec<_> = shipped.map(|name| testdata().join(name)).collect();
    for recipe in recipes::all() {
        let path = folder.join(format!("{}.img", recipe.name));
        if recipe.card.size() < 64 << 20 {
            recipe.card.write_to(&path).unwrap();
            cards.push(path);
        }
    }
    cards
}

/// A folder that is seen as a card, with a backup of that name on it.
fn named(folder: &Path, name: &str) {
    let mut backup = fixtures::wallet::twelve();
    backup.name = name.into();
    save_in(folder, &backup);
}

fn rows(file: &Path) -> (csv::StringRecord, Vec<csv::StringRecord>) {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let head = reader.headers().unwrap().clone();
    (head, reader.records().map(Result::unwrap).collect())
}

#[test]
fn every_source_has_a_row_and_every_backup_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut sources = cards(folder.path());
    sources.push("nowhere.img".into());
    let file = folder.path().join("cards.csv");
    let output = run(
        &["audit", "--json", "--csv", file.to_str().unwrap()],
        &sources,
    );
    ok(&output);
    let answer: serde_json::Value = output.json();
    let (head, rows) = rows(&file);
    let at = |name: &str| head.iter().position(|column| column == name).unwrap();
    let mut rest = rows.as_slice();
    for source in answer["sources"].as_array().unwrap() {
        let backups = source["backups"].as_array().unwrap();
        let (mine, others) = rest.split_at(backups.len().max(1));
        rest = others;
        for (index, row) in mine.iter().enumerate() {
            let cell = |name: &str| &row[at(name)];
            assert_eq!(cell("source"), source["source"].as_str().unwrap());
            assert_eq!(cell("status"), source["status"].as_str().unwrap());
            let Some(backup) = backups.get(index) else {
                assert_eq!((cell("id"), cell("state")), ("", ""));
                continue;
            };
            for name in [
                "id",
                "name",
                "created",
                "state",
                "generator",
                "timestamp",
                "words",
            ] {
                let value = &backup[name];
                let wanted = match value {
                    serde_json::Value::Null => String::new(),
                    serde_json::Value::String(text) => text.clone(),
                    number => number.to_string(),
                };
                assert_eq!(cell(name).strip_prefix('\'').unwrap_or(cell(name)), wanted);
            }
        }
    }
    assert!(rest.is_empty());
    assert_eq!(rows.last().unwrap().get(at("status")), Some("failed"));
    let bytes = std::fs::read(&file).unwrap();
    assert!(bytes.starts_with(b"source,status,"));
    assert_eq!(
        bytes.iter().filter(|byte| **byte == b'\r').count(),
        rows.len() + 1
    );
    assert!(bytes.ends_with(b"\r\n"));
}

#[test]
fn no_name_becomes_a_formula() {
    for (name, cell) in [
        ("=cmd|' /C calc'!A0", "'=cmd|'' /C calc'!A0"),
        ("@SUM(1)", "'@SUM(1)"),
        ("-2+3", "'-2+3"),
        ("+1", "'+1"),
        ("x;=1+1", "x;'=1+1"),
        ("a \"b\", c", "a \"b\", c"),
        ("a\r\nb", "a\\x0d\\x0ab"),
        ("\u{202e}gpj", "\\u{202e}gpj"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let card = folder.path().join("card");
        named(&card, name);
        let file = folder.path().join("cards.csv");
        ok(&run(&["audit", "--csv", file.to_str().unwrap()], &[card]));
        let (head, rows) = rows(&file);
        let at = head.iter().position(|column| column == "name").unwrap();
        assert_eq!(&rows[0][at], cell);
    }
}

#[test]
fn no_report_replaces_a_card() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("card.img", &[0xEB, 0x58, 0x90, 0, 0][..]),
        (
            "card.img.zst",
            &std::fs::read("testdata/healthy.img.zst").unwrap(),
        ),
        ("copy.bin", &fixtures::wallet::twelve().encode()),
        ("lines.ndjson", b"{\"schema\":"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        for form in ["--csv", "--dfxml", "--html"] {
            let output = run(
                &["audit", form, path.to_str().unwrap(), "healthy.img.zst"],
                &[],
            );
            assert_eq!(output.status, Some(2), "{name}");
            assert_eq!(std::fs::read(&path).unwrap(), content);
        }
    }
    // A report replaces its predecessor.
    let path = folder.path().join("report");
    for _ in 0..2 {
        ok(&run(
            &["audit", "--csv", path.to_str().unwrap(), "healthy.img.zst"],
            &[],
        ));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 5);
}

/// A file object, as another program would read it.
#[derive(Debug, Default)]
struct File {
    image: usize,
    name: String,
    hash: Option<String>,
    runs: Vec<Run>,
}

#[derive(Debug)]
struct Run {
    file_offset: u64,
    inside: Option<(u64, u64)>,
    offset: u64,
    length: u64,
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).unwrap()?;
    Some(
        attribute
            .normalized_value(quick_xml::XmlVersion::Explicit1_0)
            .unwrap()
            .into_owned(),
    )
}

/// What is in a file of DFXML: the images' names and the files.
fn read(file: &Path) -> (Vec<String>, Vec<File>) {
    let text = std::fs::read_to_string(file).unwrap();
    let mut reader = Reader::from_str(&text);
    let (mut names, mut files) = (Vec::new(), Vec::<File>::new());
    let (mut images, mut within, mut text) = (0, Vec::new(), String::new());
    let mut volume = None;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element)
                if element.name().as_ref() == "byte_run" =>
            {
                let number = |name| attribute(&element, name).map(|text| text.parse().unwrap());
                files.last_mut().unwrap().runs.push(Run {
                    file_offset: number("file_offset").unwrap(),
                    inside: volume.zip(number("fs_offset")),
                    offset: number("img_offset").unwrap(),
                    length: number("len").unwrap(),
                });
            }
            Event::Start(element) => {
                match element.name().as_ref() {
                    "diskimageobject" => images += 1,
                    "volume" => {
                        volume = attribute(&element, "offset").map(|text| text.parse().unwrap())
                    }
                    "fileobject" => files.push(File {
                        image: images - 1,
                        ..File::default()
                    }),
                    _ => {}
                }
                within.push(element.name().as_ref().to_owned());
                text.clear();
            }
            Event::Text(part) => text.push_str(&part.xml10_content()),
            Event::GeneralRef(part) => {
                text.push_str(&quick_xml::escape::unescape(&format!("&{};", &*part)).unwrap())
            }
            Event::End(element) => {
                within.pop();
                let parent = within.last().map(String::as_str);
                match (element.name().as_ref(), parent) {
                    ("image_filename", _) => names.push(text.clone()),
                    ("volume", _) => volume = None,
                    ("filename", _) => files.last_mut().unwrap().name = text.clone(),
                    ("hashdigest", Some("fileobject")) => {
                        files.last_mut().unwrap().hash = Some(text.clone());
                    }
                    _ => {}
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(within.is_empty());
    (names, files)
}

#[test]
fn the_bytes_of_a_card_at_the_places_named_are_those_hashed() {
    let folder = tempfile::tempdir().unwrap();
    let sources: Vec<_> = cards(folder.path())
        .into_iter()
        .filter(|card| card.extension().is_some_and(|end| end == "img"))
        .collect();
    let file = folder.path().join("cards.xml");
    ok(&run(
        &["audit", "--deleted", "--dfxml", file.to_str().unwrap()],
        &sources,
    ));
    let (names, files) = read(&file);
    assert_eq!(names.len(), sources.len());
    let mut checked = 0;
    for file in &files {
        let image = std::fs::read(&names[file.image]).unwrap();
        assert!(!file.name.starts_with('/'), "{}", file.name);
        let mut bytes = Vec::new();
        let mut before = 0;
        for run in &file.runs {
            assert_eq!(run.file_offset, before);
            before += run.length;
            let place = run.inside.map(|(volume, inside)| volume + inside);
            // What lies on no volume has no place in one.
            assert_eq!(place.unwrap_or(run.offset), run.offset);
            // The clusters of a damaged file may lie behind the end of its card.
            let range = run.offset as usize..(run.offset + run.length) as usize;
            bytes.extend(image.get(range).unwrap_or_default());
        }
        // In a record of NTFS the last two bytes of a sector stand elsewhere, and what is in an archive has no place: the
        // hash is that of the contents.
        let elsewhere = names[file.image].ends_with("foreign_ntfs_with_copies.img")
            || file.name.starts_with("old.tar/");
        if let Some(hash) = file.hash.as_ref().filter(|_| !elsewhere) {
            assert_eq!(*hash, hex::encode(Sha256::digest(&bytes)), "{file:?}");
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked}");
    assert!(files.len() > checked, "damaged copies have no hash");
}

#[test]
fn the_same_cards_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let sources = cards(folder.path());
    let lines = folder.path().join("cards.ndjson");
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let forms = |name: &str| {
        [
            format!("--csv={}", path(&format!("{name}.csv"))),
            format!("--dfxml={}", path(&format!("{name}.xml"))),
        ]
    };
    for threads in ["1", "8"] {
        let [csv, dfxml] = forms(threads);
        let mut arguments = vec!["audit", "--threads", threads, &csv, &dfxml];
        let ndjson = format!("--ndjson={}", lines.display());
        if threads == "1" {
            arguments.push(&ndjson);
        }
        ok(&run(&arguments, &sources));
    }
    let [csv, dfxml] = forms("merged");
    ok(&run(&["audit", "merge", &csv, &dfxml], &[lines]));
    for end in ["csv", "xml"] {
        let read = |name: &str| std::fs::read(path(&format!("{name}.{end}"))).unwrap();
        assert_eq!(read("1"), read("8"), "{end}");
        assert_eq!(read("1"), read("merged"), "{end}");
    }
}

#[test]
fn hostile_names_are_harmless_in_xml() {
    let folder = tempfile::tempdir().unwrap();
    let card = folder.path().join("<&\"'>]]>\u{1}\u{202e}");
    named(&card, "</bitbox:source>\u{fffe}\u{fdd0}\u{1fffe}&\0");
    let file = folder.path().join("cards.xml");
    ok(&run(&["audit", "--dfxml", file.to_str().unwrap()], &[card]));
    let (names, files) = read(&file);
    assert!(names[0].ends_with("<&\"'>]]>\\x01\\u{202e}"), "{names:?}");
    assert_eq!(files.len(), 3);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("name=\"&lt;/bitbox:source&gt;\\u{fffe}\\u{fdd0}\\u{1fffe}&amp;"));
}

/// The times of a file are those in its directory entry, in no time zone, and to the odd second.
#[test]
fn times_of_files_are_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let card = folder.path().join("card.img");
    let mut fat = Layout::FAT12.with_clusters(400).format();
    fat.save(&wallet::twelve());
    fat.card.write_to(&card).unwrap();
    let list = || run(&["list", "--json"], std::slice::from_ref(&card)).json();
    let answer = list();
    let copies = answer["sources"][0]["backups"][0]["copies"]
        .as_array()
        .unwrap();
    let offsets: Vec<_> = copies
        .iter()
        .map(|copy| copy["entry_offset"].as_u64().unwrap())
        .collect();
    let mut bytes = std::fs::read(&card).unwrap();
    let date = (40_u16 << 9 | 9 << 5 | 28).to_le_bytes();
    let time = (8_u16 << 11 | 30 << 5 | 4).to_le_bytes();
    // The first was created in an odd second; of the last no time is one.
    for (offset, hundredths) in offsets.iter().zip([150, 50, 0]) {
        let entry = &mut bytes[*offset as usize..][..32];
        entry[13] = hundredths;
        for (at, value) in [(14, time), (16, date), (18, date), (22, time), (24, date)] {
            let value = if hundredths == 0 { [0xff; 2] } else { value };
            entry[at..at + 2].copy_from_slice(&value);
        }
    }
    std::fs::write(&card, bytes).unwrap();
    let answer = list();
    let created = |copy: usize| {
        answer["sources"][0]["backups"][0]["copies"][copy]["times"]["created"].clone()
    };
    assert_eq!(created(0), "2020-09-28T08:30:09");
    assert_eq!(created(1), "2020-09-28T08:30:08");
    assert_eq!(created(2), serde_json::Value::Null);
    let tree = run(&["inspect"], std::slice::from_ref(&card)).out;
    assert!(tree.contains("2020-09-28 08:30:09, 2020-09-28"), "{tree}");
    let file = folder.path().join("r.xml");
    ok(&run(&["audit", "--dfxml", file.to_str().unwrap()], &[card]));
    let xml = std::fs::read_to_string(&file).unwrap();
    assert_eq!(
        xml.matches("<crtime prec=\"1\">2020-09-28T08:30:09</crtime>")
            .count(),
        1,
        "{xml}"
    );
    assert_eq!(
        xml.matches("<mtime prec=\"2\">2020-09-28T08:30:08</mtime>")
            .count(),
        2
    );
    assert_eq!(
        xml.matches("<atime prec=\"86400\">2020-09-28T00:00:00</atime>")
            .count(),
        2
    );
    assert!(
        !xml.contains("execution_environment"),
        "no clock unless asked"
    );
}

/// When and where a run was is of that run, and not of its cards: of a merge the merge.
#[test]
fn a_merge_says_when_and_how_it_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let sources = cards(folder.path());
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let lines = path("cards.ndjson");
    let ndjson = format!("--ndjson={lines}");
    ok(&run(&["audit", &ndjson], &sources));
    let (xml, log) = (path("merged.xml"), path("merged.log"));
    let merge = ["audit", "merge", "--dfxml", &xml, "--log", &log];
    ok(&run(&merge, &[lines.into()]));
    let text = std::fs::read_to_string(&xml).unwrap();
    let begins = text
        .find("<command_line>")
        .expect("it says by which command");
    let line = text[begins..].lines().next().unwrap();
    assert!(line.contains("audit merge --dfxml"), "{line}");
}
