//! `image` and `sources`: copies of cards, and where cards are.

use std::os::unix::fs::PermissionsExt;

use crate::support::cards::{Cards, card as fat};
use crate::support::program::{json, program, ran, run, testdata, without_terminal};
use crate::support::published::Published;
use bitbox_backup::image::{self, Limits, Medium, ReadAt};
use bitbox_backup::progress::Progress;
use fixtures::backup::Backup;
use fixtures::wallet;
use sha2::{Digest, Sha256};

/// The bytes of a card that is built in.
fn card(name: &str) -> Vec<u8> {
    let path = testdata().join(name);
    let opened = image::open(&path, &Limits::default(), |_| false, &Progress::default()).unwrap();
    let Medium::Image(image) = opened.source else {
        panic!("no image");
    };
    let mut bytes = vec![0; image.size() as usize];
    image.read_at(0, &mut bytes).unwrap();
    bytes
}

/// A folder with a card in it.
fn folder() -> (tempfile::TempDir, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let bytes = card("healthy.img.zst");
    std::fs::write(folder.path().join("card.img"), &bytes).unwrap();
    (folder, bytes)
}

#[test]
fn a_copy_is_the_card() {
    let (folder, bytes) = folder();
    let published = Published::new();
    let hash = hex::encode(Sha256::digest(&bytes));
    for name in ["copy.img", "copy.img.zst"] {
        let answer = json(
            folder.path(),
            &[
                "image", "card.img", "--to", name, "--yes", "--verify", "--twice", "--json",
            ],
        );
        published.holds(name, &answer, published.image);
        assert_eq!(answer["sha256"], hash, "{answer:#}");
        assert_eq!(answer["complete"], true);
        assert_eq!(answer["verified"], true);
        assert_eq!(answer["differing"], serde_json::json!([]));
        let mode = std::fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let listed = json(folder.path(), &["list", "--json", name]);
        assert_eq!(listed["sources"][0]["backups"][0]["state"], "healthy");
        // Nothing is overwritten.
        let again = run(folder.path(), &["image", "card.img", "--to", name, "--yes"]);
        let status = if name.ends_with("zst") { 2 } else { 0 };
        assert_eq!(again.status, Some(status), "{again:?}");
    }
    assert!(std::fs::read(folder.path().join("copy.img")).unwrap() == bytes);
    assert!(std::fs::read(folder.path().join("card.img")).unwrap() == bytes);
    let map = std::fs::read_to_string(folder.path().join("copy.img.map")).unwrap();
    assert!(
        map.contains(&format!("0x00000000  0x{:08X}  +", bytes.len())),
        "{map}"
    );
    assert!(!folder.path().join("copy.img.zst.map").exists());
}

#[test]
fn it_goes_on_where_it_stopped() {
    let (folder, bytes) = folder();
    let size = bytes.len();
    // As another program left it: the second half was not read, and two sectors of the first were bad.
    let mut half = bytes.clone();
    half[size / 2..].fill(0);
    half[1024..2048].fill(0);
    std::fs::write(folder.path().join("copy.img"), &half[..size / 2]).unwrap();
    let map = format!(
        "# Mapfile. Created by GNU ddrescue version 1.27\n0x{0:X} ? 1\n\
         0 1024 +\n1024 1024 -\n2048 {1} +\n{0} {0} ?\n",
        size / 2,
        size / 2 - 2048
    );
    std::fs::write(folder.path().join("copy.img.map"), map).unwrap();
    let ran = run(
        folder.path(),
        &["image", "card.img", "--to", "copy.img", "--yes"],
    );
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let said = format!(
        "copy.img\n  All {size} bytes (32.6 MiB) are in the image. An earlier run began it: of what that run copied, at most the \
         first 16 MiB were compared with card.img now. To compare all of it, add --twice.\n"
    );
    assert!(ran.out.starts_with(&said), "{}", ran.out);
    assert!(std::fs::read(folder.path().join("copy.img")).unwrap() == bytes);
}

#[test]
fn what_is_missing_is_not_taken_for_zeros() {
    let (folder, _) = folder();
    let copies = json(folder.path(), &["list", "--json", "card.img"]);
    let copies = copies["sources"][0]["backups"][0]["copies"]
        .as_array()
        .unwrap()
        .clone();
    let offset = copies[0]["offset"].as_u64().unwrap();
    let size = std::fs::metadata(folder.path().join("card.img"))
        .unwrap()
        .len();
    let map = format!(
        "0 + 1\n0 {offset} +\n{offset} 512 -\n{} {} +\n",
        offset + 512,
        size - offset - 512
    );
    std::fs::write(folder.path().join("card.map"), map).unwrap();
    let answer = json(folder.path(), &["list", "--json", "card.img"]);
    let copies = &answer["sources"][0]["backups"][0]["copies"];
    assert_eq!(copies[0]["state"], "unreadable", "{answer:#}");
    assert_eq!(copies[1]["state"], "valid");
    let missing = &answer["sources"][0]["findings"];
    assert!(
        missing
            .to_string()
            .contains("cannot be read: it was not read when the image was made"),
        "{missing:#}"
    );
    // Nor in a copy of the image, in which it is a hole.
    let hole = std::fs::File::create(folder.path().join("hole.img")).unwrap();
    hole.set_len(1 << 20).unwrap();
    let map = "0 + 1\n0 4096 +\n4096 1044480 ?\n";
    std::fs::write(folder.path().join("hole.img.map"), map).unwrap();
    let copied = json(
        folder.path(),
        &["image", "hole.img", "--to", "again.img", "--yes", "--json"],
    );
    assert_eq!(
        copied["unreadable"],
        serde_json::json!([[4096, 1_044_480]]),
        "{copied:#}"
    );
    std::fs::write(folder.path().join("card.map"), "0 + 1\nnonsense\n").unwrap();
    let ran = run(folder.path(), &["list", "card.img"]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(
        format!("{}{}", ran.out, ran.err).contains("line 2 of the map"),
        "{ran:?}"
    );
    std::fs::write(folder.path().join("card.map"), "a treasure map").unwrap();
    assert_eq!(run(folder.path(), &["list", "card.img"]).status, Some(0));
}

/// What a worn card no longer gives as it is in its image is said, and the copy goes on.
#[test]
fn a_worn_card_is_copied_on() {
    let (folder, mut bytes) = folder();
    let size = bytes.len();
    std::fs::write(folder.path().join("copy.img"), &bytes).unwrap();
    let map = format!(
        "0 ? 1\n0 {0} +\n{0} 10240 -\n{1} {2} +\n",
        size - 20480,
        size - 10240,
        10240
    );
    std::fs::write(folder.path().join("copy.img.map"), map).unwrap();
    let at = bytes.iter().position(|byte| *byte != 0).unwrap();
    bytes[at] ^= 8;
    std::fs::write(folder.path().join("card.img"), &bytes).unwrap();
    let line = [
        "image",
        "card.img",
        "--to",
        "copy.img",
        "--yes",
        "--retries",
        "20",
    ];
    let ran = run(folder.path(), &line);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(
        ran.out.contains("All 34161152 bytes (32.6 MiB) are in the image. An earlier run began it:")
            && ran
                .out
                .contains("Read a second time, with differences: the card is worn, or it is not the one that was copied.")
            && ran.out.contains("differs  512 bytes at 0"),
        "{}",
        ran.out
    );
}

/// Two cards of one make, with the same files in the same places: a mixture of both would be a card that never was.
#[test]
fn what_is_begun_with_one_card_is_not_continued_with_another() {
    let cards = Cards::new();
    let twelve = wallet::twelve();
    let later = Backup {
        timestamp: twelve.timestamp + 60,
        ..twelve.clone()
    };
    let serial = 0x1A2B_3C4D;
    cards.put(
        "card.img",
        &fat(serial, &[twelve.clone(), wallet::twenty_four()]),
    );
    cards.put(
        "serial.img",
        &fat(0x6E0F_91B2, &[twelve, wallet::twenty_four()]),
    );
    cards.put("later.img", &fat(serial, &[later, wallet::twenty_four()]));
    let bytes = std::fs::read(cards.path("card.img")).unwrap();
    let half = bytes.len() / 2;
    let begin = |name: &str| {
        cards.file("copy.img", &bytes[..half]);
        cards.file(
            "copy.img.map",
            format!("0 ? 1\n0 {half} +\n{half} {half} ?\n"),
        );
        cards.run(&["image", name, "--to", "copy.img", "--yes"])
    };
    assert_eq!(begin("card.img").status, Some(0));
    assert!(std::fs::read(cards.path("copy.img")).unwrap() == bytes);
    for name in ["serial.img", "later.img"] {
        let ran = begin(name);
        assert_eq!(ran.status, Some(2), "{name}: {}", ran.text());
        let [what, hint] = ran.err.lines().collect::<Vec<_>>()[..] else {
            panic!("{}", ran.err);
        };
        assert!(
            what.starts_with(
                "error: copy.img: was begun with another card, or this one was written to since"
            ),
            "{what}"
        );
        assert!(
            hint.ends_with(
                "or copy this one to another file: `recover` takes both copies together"
            ),
            "{hint}"
        );
        let map = std::fs::read_to_string(cards.path("copy.img.map")).unwrap();
        assert!(map.contains(&format!("{half} {half} ?")), "{map}");
        // The same of further readings of a copy that is whole.
        cards.file("whole.img", &bytes);
        cards.file("whole.img.map", format!("0 ? 1\n0 {} +\n", bytes.len()));
        let ran = cards.run(&["image", name, "--to", "whole.img", "--reads", "2", "--yes"]);
        assert_eq!(ran.status, Some(2), "{name}: {}", ran.text());
        assert!(
            ran.err.contains("whole.img: was begun with another card"),
            "{}",
            ran.err
        );
        assert!(!cards.path("whole.img.readings").exists());
    }
    // What is advised: both copies are searched together.
    let ran = cards.run(&["recover", "card.img", "later.img", "--to", "both", "--yes"]);
    assert_eq!(ran.status, Some(0), "{}", ran.text());
}

/// What is said of an image that cannot be resumed.
#[test]
fn a_compressed_image_is_not_said_to_be_resumed() {
    let (folder, bytes) = folder();
    let map = format!("0 + 1\n0 512 +\n512 512 -\n1024 {} +\n", bytes.len() - 1024);
    std::fs::write(folder.path().join("card.img.map"), map).unwrap();
    let text = run(
        folder.path(),
        &["image", "card.img", "--to", "copy.img.zst", "--yes"],
    );
    assert_eq!(text.status, Some(1), "{text:?}");
    let told: Vec<_> = text.out.split_whitespace().collect();
    let told = told.join(" ");
    let advice = "what to do: make another image with --retries 20, or in another reader: give a name that does not end \
                  in .zst, and it can be continued; the image can be examined as it is, and says where it could not be read";
    assert!(told.ends_with(advice), "{told}");
    let answer = json(
        folder.path(),
        &["image", "card.img", "--to", "2.img.zst", "--yes", "--json"],
    );
    assert_eq!(answer["compressed"], true, "{answer:#}");
    assert_eq!(answer["written"], true);
}

/// A map that breaks off, and an image that does, say nothing of the rest.
#[test]
fn what_a_map_or_an_image_does_not_reach_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = card("healthy.img.zst");
    let place = |name: &str| folder.path().join(name);
    let mut empty = bytes[..512].to_vec();
    empty.resize(bytes.len(), 0);
    for (name, image, map) in [
        ("none", &empty[..], "0x0 + 1\n".to_owned()),
        ("short", &empty[..], "0x0 + 1\n0x0 0x200 +\n".to_owned()),
        (
            "cut",
            &empty[..512],
            format!("0x0 + 1\n0 512 +\n512 {} ?\n", bytes.len() - 512),
        ),
    ] {
        std::fs::write(place(&format!("{name}.img")), image).unwrap();
        std::fs::write(place(&format!("{name}.img.map")), map).unwrap();
        let file = format!("{name}.img");
        let listed = json(folder.path(), &["list", "--json", &file]);
        assert_eq!(listed["sources"][0]["state"], "unsearched", "{listed:#}");
        let copy = format!("{name}-copy.img");
        let copied = json(
            folder.path(),
            &["image", &file, "--to", &copy, "--yes", "--json"],
        );
        let read = if name == "none" { 0 } else { 512 };
        let missing = serde_json::json!([[read, bytes.len() - read]]);
        assert_eq!(copied["unreadable"], missing, "{copied:#}");
        assert_eq!(copied["complete"], false);
    }
}

#[test]
fn what_cannot_be_copied() {
    let (folder, _) = folder();
    std::fs::create_dir(folder.path().join("mounted")).unwrap();
    for (source, to, says) in [
        ("mounted", "new.img", "is not a card but files from one"),
        ("nowhere.img", "new.img", "no such file"),
        ("card.img", "card.img", "is on the source"),
        ("card.img", "no/where.img", "no such folder"),
    ] {
        let ran = run(folder.path(), &["image", source, "--to", to, "--yes"]);
        assert_eq!(ran.status, Some(2), "{ran:?}");
        assert!(ran.err.contains(says), "{says}: {ran:?}");
        assert_eq!(ran.err.lines().count(), 2, "{ran:?}");
    }
    // Nobody to ask.
    let mut program = program(folder.path());
    program.args(["image", "card.img", "--to", "new.img"]);
    let ran = ran(without_terminal(&mut program));
    assert_eq!(ran.status, Some(2));
    assert!(ran.err.contains("Write wallets in plain text?"), "{ran:?}");
    assert!(!folder.path().join("new.img").exists());
}

#[test]
fn sources_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let answer = json(folder.path(), &["sources", "--json"]);
    let published = Published::new();
    published.holds("sources", &answer, published.sources);
    let text = run(folder.path(), &["sources"]).out;
    assert!(
        text.contains("Card readers") && text.contains("BitBoxes"),
        "{text}"
    );
}

/// What is copied of a container is what is in it, and that is said; of one that is damaged, that too.
#[test]
fn a_copy_of_a_container_says_so() {
    let (folder, bytes) = folder();
    let published = Published::new();
    let packed = std::fs::read(testdata().join("healthy.img.zst")).unwrap();
    std::fs::write(folder.path().join("whole.img.zst"), &packed).unwrap();
    let cut = &packed[..packed.len() * 9 / 10];
    std::fs::write(folder.path().join("cut.img.zst"), cut).unwrap();
    for (name, status, damages) in [("card", 0, 0), ("whole", 0, 0), ("cut", 1, 1)] {
        let source = format!("{name}.img{}", if name == "card" { "" } else { ".zst" });
        let copy = format!("copy-{name}.img");
        let made = run(
            folder.path(),
            &["image", &source, "--to", &copy, "--yes", "--json"],
        );
        assert_eq!(made.status, Some(status), "{made:?}");
        let answer = made.json();
        published.holds(name, &answer, published.image);
        let container = (name != "card").then_some("zstd image");
        assert_eq!(answer["container"].as_str(), container, "{answer:#}");
        let damage = answer["container_damage"].as_array();
        assert_eq!(damage.map_or(0, Vec::len), damages, "{answer:#}");
        let again = run(
            folder.path(),
            &["image", &source, "--to", &format!("2{copy}"), "--yes"],
        );
        let said = "The source (zstd image) is no raw image";
        assert_eq!(again.out.contains(said), container.is_some(), "{again:?}");
        assert_eq!(
            again.out.contains("That file is damaged:"),
            damages > 0,
            "{again:?}"
        );
    }
    assert!(std::fs::read(folder.path().join("copy-whole.img")).unwrap() == bytes);
}

/// What an earlier run copied is not said to have been copied, or read back, by this one.
#[test]
fn no_card_is_vouched_for_that_was_not_copied() {
    let (folder, mut bytes) = folder();
    let copy = ["image", "card.img", "--to", "copy.img", "--yes"];
    run(folder.path(), &copy);
    let hash = hex::encode(Sha256::digest(&bytes));
    // Past what is compared before a copy is resumed.
    let (size, last) = (bytes.len(), bytes.len() - 1);
    assert!(size > 17 << 20);
    bytes[last] ^= 1;
    std::fs::write(folder.path().join("card.img"), &bytes).unwrap();
    let ran = run(folder.path(), &[&copy[..], &["--verify"]].concat());
    let all = format!(
        "copy.img\n  All {size} bytes (32.6 MiB) are in the image. An earlier run began it: of what that run copied, at most the \
         first 16 MiB were compared with card.img now. To compare all of it, add --twice.\n  SHA-256  {hash}\n"
    );
    let verified =
        "  Read back; there is no hash of what was read from the card to compare it with.\n";
    let map = "  map      copy.img.map\n";
    assert_eq!(ran.out, format!("{all}{verified}{map}"));
    let twice = [&copy[..], &["--twice", "--json"]].concat();
    let answer = json(folder.path(), &twice);
    assert_eq!(answer["differing"], serde_json::json!([[size - 512, 512]]));
    let ran = run(folder.path(), &[&copy[..], &["--twice"]].concat());
    assert_eq!(ran.status, Some(1));
    let worn = "  Read a second time, with differences: the card is worn, or it is not the one that was copied.\n";
    assert!(ran.out.contains(worn), "{}", ran.out);
}

/// Its map still says that all of it was read.
#[test]
fn a_copy_that_was_cut_is_said_to_be_and_made_whole() {
    let (folder, bytes) = folder();
    let path = folder.path().join("copy.img");
    let cut = |length| {
        let file = std::fs::OpenOptions::new().write(true).open(&path);
        file.unwrap().set_len(length).unwrap();
    };
    let copy = ["image", "card.img", "--to", "copy.img", "--yes"];
    run(folder.path(), &copy);
    for (length, more) in [
        (500_000, &[][..]),
        (17 << 20, &["--twice"]),
        (0, &["--reads", "2"]),
    ] {
        cut(length);
        let copied = run(folder.path(), &[&copy[..], more].concat());
        assert_eq!(copied.status, Some(0), "{copied:?}");
        let said = format!(
            "The file of the earlier run ended at byte {length}, before what its map says was copied: it had been cut \
             short, and what is missing was copied again."
        );
        assert!(copied.out.contains(&said), "{}", copied.out);
        assert!(!copied.out.contains("not the same"), "{}", copied.out);
        assert!(std::fs::read(&path).unwrap() == bytes);
    }
    cut(500_000);
    let answer = json(folder.path(), &[&copy[..], &["--json"]].concat());
    assert_eq!(answer["cut_at"], 500_000, "{answer:#}");
    let published = Published::new();
    published.holds("cut", &answer, published.image);
    // A refusal changes nothing.
    cut(500_000);
    let other: Vec<_> = bytes.iter().map(|byte| !byte).collect();
    std::fs::write(folder.path().join("card.img"), other).unwrap();
    let refused = run(folder.path(), &copy);
    assert_eq!(refused.status, Some(2), "{refused:?}");
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 500_000);
}

/// What was never tried is no damage of the card.
#[test]
fn a_copy_that_is_not_finished_is_no_unreadable_card() {
    let (folder, bytes) = folder();
    let size = bytes.len();
    let mut begun = bytes[..512].to_vec();
    for (length, map) in [
        (size, format!("0 ? 1\n0 512 +\n512 {} ?\n", size - 512)),
        (512, format!("0 ? 1\n0 512 +\n512 {} ?\n", size - 512)),
        // One that was cut short.
        (512, format!("0 + 1\n0 {size} +\n")),
    ] {
        begun.resize(length, 0);
        std::fs::write(folder.path().join("copy.img"), &begun).unwrap();
        std::fs::write(folder.path().join("copy.img.map"), map).unwrap();
        let listed = run(folder.path(), &["list", "copy.img"]);
        let said: Vec<_> = listed.out.split_whitespace().collect();
        let said = said.join(" ");
        assert!(
            said.contains(
                "the copy of the card is not finished, and what is missing was not searched"
            ) && said.contains("bitbox-backup image /dev/sdX --to copy.img"),
            "{said}"
        );
        assert!(!said.contains("another card reader"), "{said}");
        let answer = json(folder.path(), &["list", "--json", "copy.img"]);
        let card = &answer["sources"][0];
        assert_eq!(card["state"], "unsearched", "{answer:#}");
        assert_eq!(card["next"][0]["action"], "image", "{answer:#}");
    }
    // Of what was tried in vain it is said as before.
    let map = format!("0 + 1\n0 512 +\n512 512 -\n1024 {} +\n", size - 1024);
    std::fs::write(folder.path().join("card.img.map"), map).unwrap();
    let listed = run(folder.path(), &["list", "card.img", "--carve"]);
    assert!(!listed.out.contains("not finished"), "{}", listed.out);
}

/// Nobody waits for the hash of a hole.
#[test]
fn a_copy_is_stopped_in_a_large_hole() {
    use rustix::process::{Pid, Signal, kill_process};
    let (folder, _) = folder();
    let path = folder.path().join("card.img");
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_len(1 << 40).unwrap();
    let child = program(folder.path())
        .args(["image", "card.img", "--to", "copy.img", "--yes", "--json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    let since = std::time::Instant::now();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(since.elapsed().as_secs() < 20);
}

/// The name of a map in place of an extension is that of no folder.
#[test]
fn a_source_whose_name_begins_with_dots_is_only_itself() {
    let (folder, bytes) = folder();
    for name in ["..img", "..img.x", ".img", "...", "card..img"] {
        let new = format!("of-{}", name.trim_matches('.'));
        std::fs::write(folder.path().join(name), &bytes).unwrap();
        let ran = run(folder.path(), &["recover", name, "--yes", "--to", &new]);
        assert_eq!(ran.status, Some(0), "{name}: {ran:?}");
        std::fs::remove_dir_all(folder.path().join(new)).unwrap();
    }
}
