//! The promises about writing, under attack: never on a source, nothing overwritten, whole or not there,
//! and no seed left behind without a word about it.
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::cards::{Cards, card};
use crate::support::program::{Ran, hearing_hangups, program, without_terminal};
use fixtures::wallet;
use rustix::process::{Pid, Signal, kill_process};

fn run(cards: &Cards, arguments: &[&str]) -> Output {
    program(cards.folder()).args(arguments).output().unwrap()
}

/// Status, standard output, standard error.
fn text(output: &Output) -> String {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    format!("status {:?}\n{out}{err}", output.status.code())
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", text(output)))
}

/// A name of what is not in its place yet.
const LEFT: &str = ".bitbox-backup-0123456789abcdef.part";

/// A folder with the image of a card, and the folder of a card.
fn with_cards() -> Cards {
    let cards = Cards::new();
    cards.put("card.img", &card(7, &[wallet::twelve()]));
    succeeds(&cards, &["recover", "card.img", "--yes", "--to", "folder"]);
    cards
}

fn succeeds(cards: &Cards, arguments: &[&str]) -> Output {
    let output = run(cards, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output));
    output
}

/// Everything below a folder: each path with its bytes.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                found.insert(path.clone(), None);
                folders.push(path);
            } else {
                let bytes = fs::read(&path).unwrap_or_default();
                found.insert(path, Some(bytes));
            }
        }
    }
    found
}

/// The names in a folder, hidden ones too.
fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Every way to have a file written, with the source first and the place of the file last. What it
/// is refused with is the same.
fn ways<'a>(source: &'a str, place: &dyn Fn(&str) -> String) -> Vec<Vec<String>> {
    let to = |name: &str| place(name);
    let of = |parts: &[&str], last: String| {
        let mut all: Vec<_> = parts.iter().map(|part| (*part).to_owned()).collect();
        all.push(last);
        all
    };
    vec![
        of(&["audit", source, "--csv"], to("r.csv")),
        of(&["audit", source, "--html"], to("r.html")),
        of(&["audit", source, "--dfxml"], to("r.xml")),
        of(&["audit", source], format!("--ndjson={}", to("r.ndjson"))),
        of(&["audit", source, "--write-register"], to("r.toml")),
        of(&["audit", source, "--log"], to("r.log")),
        of(&["recover", source, "--yes", "--to"], to("new")),
        of(&["recover", source, "--yes", "--card"], to("new.img")),
        of(
            &["recover", source, "--yes", "--to", "/dev/shm/no", "--raw"],
            to("raw"),
        ),
        of(
            &["recover", source, "--yes", "--card", "out.img", "--resume"],
            to("resume.json"),
        ),
        of(&["words", source, "--reveal", "--yes", "--to"], to("words")),
        of(
            &["words", source, "--reveal", "--yes", "--to=w", "--resume"],
            to("resume.json"),
        ),
    ]
}

/// Runs every way and sees each refused because of the source, with nothing changed.
fn all_refused(cards: &Cards, ways: &[Vec<String>], here: &Path) {
    let before = tree(cards.folder());
    for arguments in ways {
        let output = program(here).args(arguments).output().unwrap();
        let said = text(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(
            said.contains("on the source") || said.contains("on a source"),
            "{arguments:?}: {said}"
        );
        assert!(output.stdout.is_empty(), "{arguments:?}: {said}");
    }
    assert!(before == tree(cards.folder()), "something was written");
}

#[test]
fn nothing_is_written_in_a_folder_that_is_read() {
    let cards = with_cards();
    let folder = cards.path("folder");
    symlink("folder", cards.path("link")).unwrap();
    fs::create_dir(cards.path("elsewhere")).unwrap();
    symlink("../folder/bitbox02", cards.path("elsewhere/link")).unwrap();
    let top = cards.folder();
    // As a person does it: in the folder of the card.
    all_refused(&cards, &ways(".", &|name| name.to_owned()), &folder);
    for (source, place) in [
        ("folder", "folder"),
        ("folder", "link/bitbox02"),
        ("link", "folder/bitbox02"),
        ("./elsewhere/../link/", "elsewhere/link"),
    ] {
        let place = |name: &str| format!("{place}/{name}");
        all_refused(&cards, &ways(source, &place), top);
    }
    // Beside it, on the disk of the computer.
    let beside = |name: &str| format!("elsewhere/{name}");
    for arguments in ways("folder", &beside)
        .iter()
        .filter(|one| one[0] == "audit")
    {
        let output = program(top).args(arguments).output().unwrap();
        assert_ne!(output.status.code(), Some(2), "{}", text(&output));
    }
}

/// A device that is not connected, a pipe, standard output: whatever is there, nothing is read, asked, or written.
#[test]
fn nothing_is_written_among_devices() {
    let cards = Cards::new();
    symlink("/dev", cards.path("link")).unwrap();
    let name = format!("bitbox-backup-test-{}", std::process::id());
    let among = [
        "/dev",
        "/dev/pts",
        "/proc",
        "/proc/self/fd",
        "/sys",
        "link",
        "/dev/../dev/no/where",
    ];
    let mut all: Vec<Vec<String>> = Vec::new();
    for folder in among {
        all.extend(ways("nowhere.img", &|_| format!("{folder}/{name}")));
    }
    for place in [
        "/dev/null",
        "/dev/stdout",
        "/dev/fd/1",
        "/proc/self/fd/1",
        "/dev",
        "/dev/pts/",
    ] {
        all.extend(ways("nowhere.img", &|_| place.to_owned()));
    }
    let place = format!("/dev/{name}");
    for arguments in [
        &["image", "nowhere.img", "--to"][..],
        &["image", "nowhere.img", "--json", "--to"],
        &["list", "nowhere.img", "--log"],
        &["letter", "nowhere.img", "--to"],
        &["recover", "nowhere.img", "--json", "--to"],
        &["rescue", "nowhere.img", "--to"],
        &["rescue", "--to"],
        &["self-test", "--validation"],
        &["man", "--to"],
    ] {
        let arguments = arguments.iter().copied().chain([place.as_str()]);
        all.push(arguments.map(str::to_owned).collect());
    }
    for arguments in all {
        let mut program = program(cards.folder());
        program.args(arguments.iter().filter(|one| *one != "--yes"));
        let ran = Ran::from(without_terminal(&mut program).output().unwrap());
        assert_eq!(ran.status, Some(2), "{arguments:?}: {}", ran.text());
        let lines: Vec<_> = ran.err.lines().collect();
        let [what, hint] = lines[..] else {
            panic!("{arguments:?}: {}", ran.text());
        };
        assert!(
            what.contains("is among the devices of this computer"),
            "{arguments:?}: {what}"
        );
        assert!(hint.contains("disk"), "{arguments:?}: {hint}");
        assert_eq!(
            ran.out.is_empty(),
            !arguments.contains(&"--json".to_owned())
        );
    }
    assert!(!Path::new("/dev").join(&name).exists());
    assert_eq!(names(cards.folder()), ["link"]);
}

#[test]
fn what_is_written_to_memory_is_said_to_be_gone_with_it() {
    let cards = with_cards();
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let place = memory.path().join("new");
    let place = place.to_str().unwrap();
    let said = text(&succeeds(
        &cards,
        &["recover", "card.img", "--yes", "--to", place],
    ));
    let warning = format!("warning: {} is in memory:", memory.path().display());
    assert_eq!(said.matches(&warning).count(), 1, "{said}");
    assert!(Path::new(place).join("bitbox02").is_dir());
    // Where words are best written.
    let words = format!("--to={place}-words");
    let said = succeeds(&cards, &["words", "card.img", "--reveal", "--yes", &words]);
    assert!(!text(&said).contains("is in memory:"), "{}", text(&said));
}

#[test]
fn a_source_is_known_by_its_number() {
    let cards = with_cards();
    let before = fs::read(cards.path("card.img")).unwrap();
    // The image begun earlier is the card itself by another name.
    fs::hard_link(cards.path("card.img"), cards.path("hard.img")).unwrap();
    let size = before.len();
    let none = format!("0 ? 1\n0 {size} ?\n");
    cards.file("hard.img.map", &none);
    // The map is the card.
    cards.file("other.img", vec![0; size]);
    fs::hard_link(cards.path("card.img"), cards.path("other.img.map")).unwrap();
    fs::hard_link(cards.path("card.img"), cards.path("new.img.zst.map")).unwrap();
    symlink("card.img", cards.path("soft.img")).unwrap();
    cards.file("soft.img.map", &none);
    // A source that is a report or a log.
    succeeds(
        &cards,
        &["audit", "card.img", "--csv", "r.csv", "--log", "r.log"],
    );
    fs::hard_link(cards.path("r.csv"), cards.path("hard.csv")).unwrap();
    fs::hard_link(cards.path("r.log"), cards.path("hard.log")).unwrap();
    let all = tree(cards.folder());
    for (arguments, what) in [
        (
            &["image", "card.img", "--yes", "--to", "hard.img"][..],
            "on the source",
        ),
        (
            &["image", "hard.img", "--yes", "--to", "card.img"],
            "on the source",
        ),
        (
            &["image", "card.img", "--yes", "--to", "other.img"],
            "on the source",
        ),
        (
            &["image", "card.img", "--yes", "--to", "new.img.zst"],
            "on the source",
        ),
        (
            &["image", "card.img", "--yes", "--to", "soft.img"],
            "is a link",
        ),
        (&["audit", "r.csv", "--csv", "hard.csv"], "on the source"),
        (&["audit", "hard.csv", "--csv", "r.csv"], "on the source"),
        (&["audit", "r.log", "--log", "hard.log"], "on a source"),
    ] {
        let output = run(&cards, arguments);
        let said = text(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(what), "{arguments:?}: {said}");
    }
    assert!(all == tree(cards.folder()), "something was written");
    // The map of the source belongs to it.
    fs::hard_link(cards.path("hard.img.map"), cards.path("fine.img.map")).unwrap();
    let output = run(&cards, &["image", "hard.img", "--yes", "--to", "fine.img"]);
    assert!(text(&output).contains("on the source"), "{}", text(&output));
}

/// Runs a script in a mount namespace of its own, where it may mount what it likes.
fn with_mounts(cards: &Cards, script: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_bitbox-backup");
    let script = format!(
        "set -e\nrefused() {{ status=0; {program} \"$@\" >said 2>&1 || status=$?\n\
         grep -qE 'on (the|a) source' said && [ $status = 2 ] || \
         {{ echo \"not refused: $* ($status)\"; cat said; exit 9; }}; }}\n\
         taken() {{ status=0; {program} \"$@\" >said 2>&1 || status=$?\n\
         [ $status -lt 2 ] || {{ echo \"refused: $*\"; cat said; exit 8; }}; }}\n{script}"
    );
    let output = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "sh", "-c", &script])
        .current_dir(cards.folder())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    output
}

#[test]
#[ignore = "mounts folders and file systems, for which it must be root: .ci/full runs it"]
fn a_source_is_known_by_whatever_mount_leads_to_it() {
    let cards = with_cards();
    for folder in ["mounted", "inner", "tmpfs", "out"] {
        fs::create_dir(cards.path(folder)).unwrap();
    }
    with_mounts(
        &cards,
        "mount --bind folder mounted\nmount --bind folder/bitbox02 inner\n\
         for place in folder mounted inner mounted/bitbox02; do\n\
         for source in folder mounted; do\n\
         refused audit $source --csv $place/r.csv\n\
         refused audit $source --ndjson=$place/r\n\
         refused recover $source --yes --to $place/new\n\
         refused recover $source --yes --card $place/new\n\
         refused words $source --reveal --yes --to $place/new\n\
         done; done\n\
         # Of a folder that is mounted the disk it lies on is no card.\n\
         taken audit mounted --csv out/r.csv\n\
         # A file system of its own is a source as a whole.\n\
         mount -t tmpfs none tmpfs\ncp -r folder/bitbox02 tmpfs\nmkdir tmpfs/other\n\
         mount --bind tmpfs/other inner\n\
         refused audit tmpfs --csv inner/r.csv\n\
         taken audit tmpfs/bitbox02 --csv inner/r.csv",
    );
}

#[test]
#[ignore = "mounts an image by a loop device, for which it must be root: .ci/full runs it"]
fn a_source_is_known_by_the_file_behind_a_loop_device() {
    let cards = with_cards();
    for folder in ["mounted", "elsewhere", "out"] {
        fs::create_dir(cards.path(folder)).unwrap();
    }
    with_mounts(
        &cards,
        "truncate -s 32M disk.img\nmkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 disk.img\n\
         device=$(losetup --find --show disk.img)\ntrap 'umount mounted elsewhere; losetup -d $device' EXIT\n\
         mount -o noatime $device mounted\ncp -r folder mounted/copy\nmkdir mounted/other\n\
         mount --bind mounted/other elsewhere\n\
         cp -r folder/bitbox02 mounted/BitBox02\n\
         sync; before=$(sha256sum <disk.img)\n\
         # The image, the device and the mounted folder are one source.\n\
         for source in disk.img $device mounted; do\n\
         for place in mounted mounted/other elsewhere; do\n\
         refused audit $source --csv $place/r.csv\n\
         refused audit $source --log $place/r.log\n\
         done; done\n\
         refused image disk.img --yes --to mounted/new.img\n\
         refused image $device --yes --to elsewhere/new.img\n\
         # The file behind the device, by another name, with a map.\n\
         ln disk.img hard.img; echo '0 ? 1' >hard.img.map\n\
         refused image $device --yes --to hard.img\n\
         # What is in the folder of a card, on whatever file system, is that card.\n\
         for source in mounted/BitBox02 mounted/BitBox02/* mounted/BitBox02/*/*_0.bin; do\n\
         refused audit $source --csv mounted/other/r.csv\n\
         refused recover $source --yes --to mounted/new\n\
         refused words $source --reveal --yes --to elsewhere/w\n\
         taken audit $source --csv out/r.csv\n\
         done\n\
         sync; [ \"$before\" = \"$(sha256sum <disk.img)\" ] || { echo written; exit 7; }\n\
         # A folder on a disk does not forbid the disk, nor does a file beside the image.\n\
         taken audit mounted/copy --csv mounted/other/r.csv\n\
         taken audit $device --csv out/r.csv\n\
         taken audit disk.img --csv out/r.csv",
    );
}

#[test]
fn only_reports_of_ours_are_replaced() {
    let cards = with_cards();
    let kinds = [
        ("--csv", "r.csv", "source,status\nmine,yes\n"),
        ("--csv", "s.csv", ""),
        ("--html", "r.html", "<!doctype html><title>mine</title>"),
        ("--dfxml", "r.xml", "<?xml version='1.0'?><mine/>"),
        ("--resume", "resume.json", "{\"resume\": \"mine\"}"),
        ("--ndjson", "r.ndjson", ""),
        ("--write-register", "r.csv", "id,label,cards\n"),
    ];
    for (option, name, theirs) in kinds {
        cards.file(name, theirs);
        let file = format!("{option}={name}");
        let arguments = match option {
            "--resume" => vec!["recover", "card.img", "--yes", "--card=new.img", &file],
            _ => vec!["audit", "card.img", &file],
        };
        let before = tree(cards.folder());
        let output = run(&cards, &arguments);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(
            before == tree(cards.folder()),
            "{option}: something was written"
        );
        fs::remove_file(cards.path(name)).unwrap();
    }
    // Its own it replaces, and only one of the same kind.
    let reports = [
        ("--csv", "r.csv"),
        ("--html", "r.html"),
        ("--dfxml", "r.xml"),
    ];
    for (option, name) in reports {
        let arguments = ["audit", "card.img", option, name];
        succeeds(&cards, &arguments);
        let first = fs::read(cards.path(name)).unwrap();
        succeeds(&cards, &arguments);
        assert!(first == fs::read(cards.path(name)).unwrap());
        for (other, _) in reports.iter().filter(|(other, _)| *other != option) {
            let output = run(&cards, &["audit", "card.img", other, name]);
            assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        }
        assert!(first == fs::read(cards.path(name)).unwrap());
    }
    let pages = ["man", "--to", "."];
    succeeds(&cards, &pages);
    succeeds(&cards, &pages);
    cards.file("bitbox-backup-audit.1", "mine");
    assert_eq!(run(&cards, &pages).status.code(), Some(2));
    assert_eq!(
        fs::read(cards.path("bitbox-backup-audit.1")).unwrap(),
        b"mine"
    );
}

fn lines(bytes: Vec<u8>) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

/// A run that takes long enough for something to happen: it hashes a large file of zeros.
fn long_run(cards: &Cards, arguments: &[&str]) -> Child {
    let large = fs::File::create(cards.path("large.img")).unwrap();
    large.set_len(2 << 30).unwrap();
    let child = program(cards.folder())
        .args([
            "audit",
            "--hash",
            "--threads=1",
            "--log=begun",
            "card.img",
            "large.img",
        ])
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let began = Instant::now();
    // Reports are begun before the first card is on record.
    while fs::read(cards.path("begun")).map_or(0, lines) < 2 {
        assert!(began.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

#[test]
fn what_somebody_writes_meanwhile_is_spared() {
    let cards = with_cards();
    succeeds(&cards, &["audit", "card.img", "--html", "changed.html"]);
    let child = long_run(&cards, &["--csv=new.csv", "--html=changed.html"]);
    cards.file("new.csv", "theirs");
    let child = child.wait_with_output().unwrap();
    let said = text(&child);
    assert_eq!(child.status.code(), Some(2), "{said}");
    assert!(said.contains("new.csv: is there already"), "{said}");
    assert_eq!(fs::read(cards.path("new.csv")).unwrap(), b"theirs");
    fs::remove_file(cards.path("begun")).unwrap();
    let child = long_run(&cards, &["--html=changed.html"]);
    let mut page = fs::read(cards.path("changed.html")).unwrap();
    page.extend(b"<!-- my notes -->");
    cards.file("changed.html", &page);
    let child = child.wait_with_output().unwrap();
    let said = text(&child);
    assert_eq!(child.status.code(), Some(2), "{said}");
    assert!(said.contains("changed.html: was changed"), "{said}");
    assert!(fs::read(cards.path("changed.html")).unwrap() == page);
    assert!(
        !names(cards.folder())
            .iter()
            .any(|name| name.starts_with(".bitbox"))
    );
}

#[test]
fn a_folder_that_is_moved_meanwhile_gets_its_report() {
    let cards = with_cards();
    fs::create_dir(cards.path("out")).unwrap();
    let child = long_run(&cards, &["--csv=out/r.csv", "--ndjson=out/r.ndjson"]);
    fs::rename(cards.path("out"), cards.path("moved")).unwrap();
    // By now the name leads to a folder of somebody else's.
    fs::create_dir(cards.path("out")).unwrap();
    let child = child.wait_with_output().unwrap();
    assert_ne!(child.status.code(), Some(2), "{}", text(&child));
    assert_eq!(names(&cards.path("moved")), ["r.csv", "r.ndjson"]);
    assert_eq!(names(&cards.path("out")), [""; 0]);
}

#[test]
fn what_lies_beside_a_map_is_spared() {
    let cards = with_cards();
    for name in ["new.img.map.part", ".new.img.map.part"] {
        cards.file(name, "theirs");
    }
    succeeds(&cards, &["image", "card.img", "--yes", "--to", "new.img"]);
    for name in ["new.img.map.part", ".new.img.map.part"] {
        assert_eq!(fs::read(cards.path(name)).unwrap(), b"theirs");
    }
}

/// An image whose making was killed at any moment is what its map says, and is resumed.
#[test]
fn an_image_begun_is_resumed_from_any_moment() {
    let cards = with_cards();
    let card = fs::read(cards.path("card.img")).unwrap();
    let size = card.len();
    let map = |done: usize| format!("0 ? 1\n0 {done} +\n{done} {} ?\n", size - done);
    let mut half = card[..size / 2].to_vec();
    half.resize(size, 0);
    let moments: [(&str, Option<Vec<u8>>, String); 5] = [
        ("no image yet", None, format!("0 ? 1\n0 {size} ?\n")),
        (
            "an empty image",
            Some(Vec::new()),
            format!("0 ? 1\n0 {size} ?\n"),
        ),
        (
            "an image of zeros",
            Some(vec![0; size]),
            format!("0 ? 1\n0 {size} ?\n"),
        ),
        (
            "more in it than the map says",
            Some(half.clone()),
            format!("0 ? 1\n0 {size} ?\n"),
        ),
        ("half of it", Some(half), map(size / 2)),
    ];
    for (when, image, map) in moments {
        cards.file("new.img.map", &map);
        if let Some(image) = &image {
            cards.file("new.img", image);
            let output = run(&cards, &["list", "--json", "new.img"]);
            if !image.is_empty() && map.matches('+').count() == 0 {
                // No byte of it passes for one of the card.
                let found = json(&output);
                assert_eq!(found["sources"][0]["backups"].as_array().unwrap().len(), 0);
                assert!(
                    text(&output).contains("the copy of the card is not finished"),
                    "{when}"
                );
            }
        }
        succeeds(&cards, &["image", "card.img", "--yes", "--to", "new.img"]);
        assert!(fs::read(cards.path("new.img")).unwrap() == card, "{when}");
        let map = fs::read_to_string(cards.path("new.img.map")).unwrap();
        assert!(!map.contains("  ?\n"), "{when}: {map}");
        for name in ["new.img", "new.img.map"] {
            fs::remove_file(cards.path(name)).unwrap();
        }
    }
    // What an earlier image left says nothing of a new one.
    let foreign = "# Mapfile. Created by GNU ddrescue version 1.27\n0 + 1\n0 512 +\n";
    cards.file("new.img.map", foreign);
    cards.file("new.img.zst.map", foreign);
    for name in ["new.img", "new.img.zst"] {
        let output = run(&cards, &["image", "card.img", "--yes", "--to", name]);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        let map = fs::read_to_string(cards.path(&format!("{name}.map"))).unwrap();
        assert_eq!(map, foreign);
    }
}

#[test]
fn what_an_interrupted_run_left_is_named_with_what_removes_it() {
    let cards = with_cards();
    fs::create_dir(cards.path("it's out")).unwrap();
    let place = |name: &str| format!("it's out/{name}");
    for arguments in ways("card.img", &place) {
        // What names two places of its own.
        if arguments
            .iter()
            .any(|one| ["/dev/shm/no", "--to=w", "out.img"].contains(&one.as_str()))
        {
            continue;
        }
        fs::create_dir_all(cards.path(&place(LEFT))).unwrap();
        cards.file(&place(&format!("{LEFT}/seed")), "x");
        let output = program(cards.folder()).args(&arguments).output().unwrap();
        let said = String::from_utf8(output.stderr.clone()).unwrap();
        assert!(said.contains(LEFT), "{arguments:?}: {said}");
        // It works as it stands.
        let command = said.split("remove it with: ").nth(1).unwrap();
        let command = command.lines().next().unwrap();
        let status = Command::new("sh")
            .args(["-c", command])
            .current_dir(cards.folder())
            .status()
            .unwrap();
        assert!(status.success(), "{command}");
        assert!(!cards.path(&place(LEFT)).exists(), "{command}");
        fs::remove_dir_all(cards.path("it's out")).unwrap();
        fs::create_dir(cards.path("it's out")).unwrap();
    }
    // A folder that only looks empty.
    fs::create_dir(cards.path("looks-empty")).unwrap();
    fs::create_dir(cards.path(&format!("looks-empty/{LEFT}"))).unwrap();
    let output = run(
        &cards,
        &["recover", "card.img", "--yes", "--to", "looks-empty"],
    );
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    let command = format!("remove it with: rm -r -- looks-empty/{LEFT}");
    assert!(said.contains(LEFT) && said.contains(&command), "{said}");
}

/// Every file and folder a command may make, so that nothing of it can be overlooked.
const COMMANDS: [(&str, &[&str]); 5] = [
    (
        "audit",
        &[
            "audit",
            "card.img",
            "folder",
            "--hash",
            "--csv=out/r.csv",
            "--html=out/r.html",
            "--dfxml=out/r.xml",
            "--ndjson=out/r.ndjson",
            "--write-register=out/r.toml",
            "--log=out/r.log",
        ],
    ),
    (
        "recover",
        &[
            "recover",
            "card.img",
            "--yes",
            "--to=out/new",
            "--card=out/new.img",
            "--raw=out/raw",
        ],
    ),
    (
        "recover into a folder",
        &["recover", "card.img", "--yes", "--to=out/empty"],
    ),
    (
        "image",
        &["image", "card.img", "--yes", "--to=out/copy.img"],
    ),
    (
        "words",
        &["words", "card.img", "--reveal", "--yes", "--to=out/words"],
    ),
];

/// Runs a command in a fresh folder `out` and sends it a signal after so many microseconds; how it
/// ended, and what is in the folder.
fn ended(cards: &Cards, arguments: &[&str], signal: Signal, after: u64) -> (Output, Vec<String>) {
    let out = cards.path("out");
    let _ = fs::remove_dir_all(&out);
    fs::create_dir_all(out.join("empty")).unwrap();
    let child = hearing_hangups(&mut program(cards.folder()))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_micros(after));
    let _ = kill_process(Pid::from_child(&child), signal);
    let output = child.wait_with_output().unwrap();
    let mut found = names(&out);
    found.extend(
        names(&out.join("empty"))
            .into_iter()
            .map(|name| format!("empty/{name}")),
    );
    (output, found)
}

fn is_left(name: &&String) -> bool {
    let name = name.rsplit('/').next().unwrap_or_default();
    name.starts_with(".bitbox-backup-") && name.ends_with(".part")
}

#[test]
fn a_signal_leaves_nothing_half_written() {
    let cards = with_cards();
    let before = tree(&cards.path("folder"));
    let card = fs::read(cards.path("card.img")).unwrap();
    let mut ends = BTreeMap::new();
    for (name, arguments) in COMMANDS {
        for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
            for step in 0..12 {
                let after = step * step * 1500;
                let (output, found) = ended(&cards, arguments, signal, after);
                let when = format!("{name}, {signal:?} after {after} µs: {found:?}");
                let code = output.status.code();
                // Done, ended cleanly, or not yet begun.
                assert!(
                    [Some(0), Some(status), None].contains(&code),
                    "{when}: {output:?}"
                );
                assert!(code.is_some() || found == ["empty"], "{when}");
                assert!(!found.iter().any(|name| is_left(&name)), "{when}");
                *ends.entry(code).or_insert(0) += 1;
            }
        }
    }
    assert!(ends.len() >= 4, "too early or too late each time: {ends:?}");
    assert!(before == tree(&cards.path("folder")));
    assert!(card == fs::read(cards.path("card.img")).unwrap());
}

#[test]
fn a_kill_leaves_nothing_without_a_word_about_it() {
    let cards = with_cards();
    let card = fs::read(cards.path("card.img")).unwrap();
    for (name, arguments) in COMMANDS {
        for step in 0..20 {
            let after = step * 3000;
            let (_, found) = ended(&cards, arguments, Signal::KILL, after);
            let when = format!("{name}, killed after {after} µs: {found:?}");
            let output = run(&cards, arguments);
            let said = text(&output);
            for left in found.iter().filter(is_left) {
                let left = left.rsplit('/').next().unwrap();
                assert!(said.contains(left), "{when}: not named: {said}");
            }
            assert!(card == fs::read(cards.path("card.img")).unwrap(), "{when}");
            if name == "image" {
                // It is resumed, whatever was there.
                assert_eq!(output.status.code(), Some(0), "{when}: {said}");
                assert!(
                    card == fs::read(cards.path("out/copy.img")).unwrap(),
                    "{when}"
                );
            }
        }
    }
}

#[test]
fn a_hangup_that_was_to_be_ignored_is_ignored() {
    let cards = with_cards();
    let program = env!("CARGO_BIN_EXE_bitbox-backup");
    let script = format!("trap '' HUP; exec {program} audit --hash --log=begun large.img card.img");
    let large = fs::File::create(cards.path("large.img")).unwrap();
    large.set_len(1 << 30).unwrap();
    let child = Command::new("sh")
        .args(["-c", &script])
        .current_dir(cards.folder())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !cards.path("begun").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = text(&output);
    assert_ne!(output.status.code(), Some(129), "{said}");
    assert!(said.contains("card.img"), "{said}");
}

/// Runs it where no file may grow over so many blocks of 512 bytes, as on a disk that is full.
fn limited(cards: &Cards, blocks: u64, arguments: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_bitbox-backup");
    let script = format!("ulimit -f {blocks}; exec {program} {arguments}");
    Command::new("sh")
        .args(["-c", &script])
        .current_dir(cards.folder())
        .output()
        .unwrap()
}

#[test]
fn a_full_disk_leaves_nothing_behind() {
    let cards = with_cards();
    let before = tree(cards.folder());
    for arguments in [
        "audit card.img --ndjson=r.ndjson",
        "audit card.img --csv r.csv",
        "audit card.img --html r.html",
        "audit card.img --dfxml r.xml",
        "audit card.img --write-register r.toml",
        "recover card.img --yes --to new",
        "recover card.img --yes --card new.img",
        "image card.img --yes --to new.img",
        "image card.img --yes --to new.img.zst",
        "words card.img --reveal --yes --to words",
        "man --to .",
    ] {
        let output = limited(&cards, 0, arguments);
        let said = text(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {said}");
        assert!(
            before == tree(cards.folder()),
            "{arguments}: {:?}",
            names(cards.folder())
        );
    }
    // Lines that fit stay, and only whole ones.
    let many: Vec<String> = (0..40).map(|number| format!("{number}.img")).collect();
    for name in &many {
        fs::copy(cards.path("card.img"), cards.path(name)).unwrap();
    }
    let arguments = format!("audit {} --ndjson=r.ndjson", many.join(" "));
    let output = limited(&cards, 40, &arguments);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    let lines = fs::read_to_string(cards.path("r.ndjson")).unwrap();
    assert!((1..40).contains(&lines.lines().count()) && lines.ends_with('\n'));
    let whole = |line: &str| serde_json::from_str::<serde_json::Value>(line).is_ok();
    assert!(lines.lines().all(whole));
}

/// The copies are searched, not their sizes and times: another reading of the same folder is new.
#[test]
fn a_search_is_resumed_only_with_the_same_bytes() {
    let cards = with_cards();
    let wallet = cards.path(&format!("folder/bitbox02/{}", wallet::twelve().id()));
    let files: Vec<_> = names(&wallet)
        .iter()
        .map(|name| wallet.join(name))
        .collect();
    let whole = fs::read(&files[0]).unwrap();
    let written = |bytes: &dyn Fn(usize) -> Vec<u8>| {
        for (number, file) in files.iter().enumerate() {
            let time = fs::metadata(file).unwrap().modified().unwrap();
            fs::write(file, bytes(number)).unwrap();
            let file = fs::File::options().write(true).open(file).unwrap();
            file.set_modified(time).unwrap();
        }
    };
    // So many bytes of the seed in every copy that these candidates do not reach it.
    let seed = wallet::twelve().seed;
    let at = whole
        .windows(16)
        .position(|part| part == &seed[..16])
        .unwrap();
    let damaged = |flips: &[u8]| {
        let mut bytes = whole.clone();
        let places = bytes[at..].iter_mut().zip(flips);
        places.for_each(|(byte, flip)| *byte ^= flip);
        bytes
    };
    written(&|_| damaged(&[0x55; 6]));
    let arguments = |effort| {
        [
            "recover",
            "folder",
            "--yes",
            "--card=new.img",
            "--resume=r.json",
            "--effort",
            effort,
        ]
    };
    let output = run(&cards, &arguments("2000"));
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let noted = fs::read_to_string(cards.path("r.json")).unwrap();
    assert!(
        noted.contains("\"tried\"") && noted.contains("2000"),
        "{noted}"
    );
    let output = run(&cards, &arguments("2000"));
    assert!(
        !text(&output).contains("is not used"),
        "the same bytes: {}",
        text(&output)
    );
    // The card read once more, better: the same names, sizes and times.
    written(&|_| damaged(&[1]));
    let output = run(&cards, &arguments("2000"));
    let said = text(&output);
    assert!(said.contains("it is of another reading"), "{said}");
    assert_eq!(output.status.code(), Some(0), "{said}");
}

#[test]
fn a_closed_pipe_changes_no_exit_status() {
    let cards = with_cards();
    let mut fat = card(8, &[]);
    let set = fat.save(&wallet::twelve());
    for file in &set.files {
        fat.card.fill(file.data + 40, 60, 0x55);
    }
    cards.put("damaged.img", &fat);
    let healthy = "card.img";
    for (arguments, status) in [
        (&["list", "damaged.img"][..], 1),
        (&["list", "--json", healthy, "damaged.img"], 1),
        (&["list", healthy], 0),
        (&["inspect", "damaged.img"], 1),
        (&["inspect", "--json", "damaged.img"], 1),
        (&["audit", healthy, "damaged.img"], 1),
        (&["audit", "--json", healthy, "damaged.img"], 1),
        (&["audit", "--ndjson", healthy, "damaged.img"], 1),
        (&["words", "damaged.img", "--effort=1000"], 1),
        (
            &[
                "recover",
                "damaged.img",
                "--effort=1000",
                "--yes",
                "--to=new",
            ],
            1,
        ),
        (&["wallet", "--json", healthy, "no.img"], 1),
        (&["match", healthy, "--id=00000000"], 1),
        (&["list", "no.img"], 2),
        (&["man"], 0),
        (&["completions", "bash"], 0),
    ] {
        let run = || {
            let mut program = program(cards.folder());
            program.args(arguments).stderr(Stdio::piped());
            program
        };
        let open = run().output().unwrap();
        let mut child = run().stdout(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let closed = child.wait_with_output().unwrap();
        assert_eq!(
            open.status.code(),
            Some(status),
            "{arguments:?}: {}",
            text(&open)
        );
        assert_eq!(
            closed.status.code(),
            Some(status),
            "{arguments:?}: {}",
            text(&closed)
        );
        assert!(!String::from_utf8_lossy(&closed.stderr).contains("panicked"));
    }
}

#[test]
fn what_holds_secrets_is_private() {
    let cards = with_cards();
    for (_, arguments) in COMMANDS {
        let _ = fs::remove_dir_all(cards.path("out"));
        fs::create_dir_all(cards.path("out/empty")).unwrap();
        succeeds(&cards, arguments);
        for path in tree(&cards.path("out")).keys() {
            let mode = fs::metadata(path).unwrap().permissions().mode() & 0o777;
            let wanted = if path.is_dir() { 0o700 } else { 0o600 };
            assert!(
                mode == wanted || path.ends_with("empty"),
                "{path:?}: {mode:o}"
            );
        }
    }
}
