//! What nobody has read yet is not damaged, not deleted, and not what a BitBox shows; and what nothing proves yet may be
//! the last of a wallet.

use fixtures::fat::{Fat, Layout};
use fixtures::wallet;
use serde_json::Value;

use crate::support::cards::{Cards, actions, seed_offset};

/// The answer of `list` for one card, what it says as a text, and its exit status.
fn list(cards: &Cards, name: &str) -> (Value, String, Option<i32>) {
    let ran = cards.run(&["list", name]);
    let json = cards.run(&["list", name, "--json"]).json();
    let text = ran.text().split_whitespace().collect::<Vec<_>>().join(" ");
    (json["sources"][0].clone(), text, ran.status)
}

/// An image with a map on which these sectors have a status.
fn put(cards: &Cards, fat: &Fat, sectors: &[u64], status: char) {
    cards.put("card.img", fat);
    let size = std::fs::metadata(cards.path("card.img")).unwrap().len();
    let mut map = String::from("0 ? 1\n");
    let mut at = 0;
    for sector in sectors.iter().map(|place| place / 512 * 512) {
        if sector > at {
            map.push_str(&format!("{at} {} +\n", sector - at));
        }
        map.push_str(&format!("{sector} 512 {status}\n"));
        at = sector + 512;
    }
    map.push_str(&format!("{at} {} +\n", size - at));
    cards.file("card.img.map", map);
}

#[test]
fn what_is_not_copied_yet_is_no_answer_of_the_device() {
    let cards = Cards::new();
    for layout in [Layout::FAT12, Layout::FAT16, Layout::FAT32] {
        let mut fat = layout.format();
        let set = fat.save(&wallet::twelve());
        let files: Vec<_> = set.files.iter().map(|file| file.data).collect();
        let (boot, root) = ([fat.boot()], [set.bitbox02.entry]);
        let folder = [set.folder.data];
        for sectors in [&boot[..], &root, &folder, &files] {
            for status in ['?', '*', '/'] {
                put(&cards, &fat, sectors, status);
                let (source, text, exit) = list(&cards, "card.img");
                let about = format!("{sectors:?} {status} {text}");
                assert_eq!(exit, Some(1), "{about}");
                assert!(source["device_view"].is_null(), "{about}");
                assert_eq!(actions(&source)[0], "image", "{about}");
                let sentence = source["verdict"].as_str().unwrap();
                let untold = "What the BitBox shows is not known from this image.";
                assert!(sentence.ends_with(untold), "{about}");
                for false_fact in [
                    "sector 0 cannot",
                    "cannot read this card",
                    "shows no backup",
                    "does not show",
                    "deleted or lost",
                    "is damaged in all",
                    "bitbox02 cannot be opened",
                ] {
                    assert!(!text.contains(false_fact), "{false_fact}: {about}");
                }
            }
        }
        put(&cards, &fat, &files, '?');
        let (source, text, _) = list(&cards, "card.img");
        let first = "Your backup was not read: the copy of the card in this image is not finished.";
        assert!(text.contains(first), "{text}");
        assert_eq!(actions(&source)[..2], ["image", "recover"], "{text}");
        // Sectors that were tried in vain are another matter.
        put(&cards, &fat, &files, '-');
        let (source, text, _) = list(&cards, "card.img");
        let first =
            "Your backup is unreadable: none of its files can be read. It may still be recovered.";
        assert!(text.contains(first), "{text}");
        assert_eq!(source["device_view"]["list"], "ok", "{text}");
        assert_eq!(actions(&source)[..2], ["other-reader", "recover"], "{text}");
    }
}

/// What is missing is said however far the card was searched, even where the backup is complete.
#[test]
fn a_copy_that_is_not_finished_says_so_without_a_search() {
    let cards = Cards::new();
    let mut fat = Layout::FAT32.format();
    fat.save(&wallet::twelve());
    cards.put("card.img", &fat);
    let last = std::fs::metadata(cards.path("card.img")).unwrap().len() - 512;
    for status in ['?', '*', '/'] {
        put(&cards, &fat, &[last], status);
        let (source, text, _) = list(&cards, "card.img");
        assert_eq!(actions(&source)[0], "image", "{text}");
        let said = "512 bytes of the surface cannot be read: the copy of the card is not finished";
        assert!(text.contains(&format!("But {said}.")), "{text}");
        assert!(
            text.contains(&format!("warning[unreadable-sectors] {said}")),
            "{text}"
        );
        let whole = cards.run(&["list", "card.img", "--carve", "--json"]).json();
        assert_eq!(whole["sources"][0]["verdict"], source["verdict"]);
    }
    put(&cards, &fat, &[last], '-');
    let (_, text, _) = list(&cards, "card.img");
    assert!(!text.contains("not finished"), "{text}");
}

#[test]
fn a_cut_image_without_a_byte_of_the_files_says_so() {
    let cards = Cards::new();
    let mut fat = Layout::FAT32.format();
    let set = fat.save(&wallet::twelve());
    fat.card.set_len(set.files[0].data);
    cards.put("card.img", &fat);
    let (source, text, _) = list(&cards, "card.img");
    assert!(
        text.contains("Your backup was not read: this image ends before its files."),
        "{text}"
    );
    assert!(source["device_view"].is_null(), "{text}");
    assert_eq!(actions(&source)[..2], ["image", "recover"], "{text}");
    let step = source["next"][0]["text"].as_str().unwrap();
    assert!(
        step.contains("`bitbox-backup image /dev/sdX --to card-2.img`"),
        "{step}"
    );
}

/// The same bit is flipped in all copies: neither one of them nor their majority is proved, and a search proves it.
fn with_remains(fat: &mut Fat, backup: &fixtures::backup::Backup) {
    let mut bytes = backup.encode();
    let seed = seed_offset(&bytes, backup);
    bytes[seed + 3] ^= 0x10;
    let set = fat.save_bytes(backup, [&bytes, &bytes, &bytes]);
    for file in set.files.iter().rev() {
        fat.delete(file);
    }
    fat.delete(&set.folder);
}

#[test]
fn remains_of_another_wallet_come_before_all_is_well() {
    let cards = Cards::new();
    let mut fat = Layout::FAT16.format();
    fat.save(&wallet::twelve());
    with_remains(&mut fat, &wallet::twenty_four());
    cards.put("card.img", &fat);
    let (source, text, exit) = list(&cards, "card.img");
    assert_eq!((&source["state"], exit), (&"attention".into(), Some(1)));
    assert_eq!(actions(&source), ["recover", "create-fresh"], "{text}");
    assert!(
        text.contains(
            "Your backup is complete, and the BitBox shows it. But damaged copies of the wallet "
        ),
        "{text}"
    );
    assert!(!text.contains("every"), "{text}");
    let rule = &source["backups"][0]["findings"][0];
    assert_eq!(
        (&rule["rule"], &rule["severity"]),
        (&"deleted-remains".into(), &"error".into())
    );
    // Alone on the card.
    let mut fat = Layout::FAT16.format();
    with_remains(&mut fat, &wallet::twenty_four());
    cards.put("card.img", &fat);
    let (source, text, exit) = list(&cards, "card.img");
    assert_eq!(
        (&source["state"], exit),
        (&"traces".into(), Some(1)),
        "{text}"
    );
    // Beside one that can be recovered.
    let mut fat = Layout::FAT16.format();
    with_remains(&mut fat, &wallet::twenty_four());
    let set = fat.save(&wallet::twelve());
    fat.delete(&set.folder);
    cards.put("card.img", &fat);
    let (source, text, _) = list(&cards, "card.img");
    assert_eq!(source["state"], "recoverable", "{text}");
    let remains = "Damaged copies of a deleted backup are on the card, too";
    assert!(text.contains(remains), "{text}");
    // Of a wallet that is shown, nothing is lost.
    let mut fat = Layout::FAT16.format();
    with_remains(&mut fat, &wallet::twelve());
    fat.save(&wallet::twelve_again());
    cards.put("card.img", &fat);
    let (source, text, exit) = list(&cards, "card.img");
    assert_eq!(
        (&source["state"], exit),
        (&"healthy".into(), Some(0)),
        "{text}"
    );
}

/// No step that writes comes before what nothing proves yet is recovered.
#[test]
fn remains_come_before_a_step_on_the_card() {
    let cards = Cards::new();
    let mut fat = Layout::FAT16.format();
    let set = fat.save(&wallet::twelve());
    fat.make_file(set.dir(), ".DS_Store", &[0]);
    with_remains(&mut fat, &wallet::twenty_four());
    cards.put("card.img", &fat);
    let (source, text, _) = list(&cards, "card.img");
    assert_eq!(actions(&source)[0], "recover", "{text}");
    assert!(
        text.contains("Damaged copies of a deleted backup are on the card, too"),
        "{text}"
    );
}

/// No device puts files of one wallet into the folder of another.
#[test]
fn files_of_another_wallet_are_no_interrupted_backup() {
    let cards = Cards::new();
    let own = wallet::twelve();
    let others = [wallet::twenty_four(), wallet::abandon()];
    for other in &others {
        let whole = other.encode();
        let mut damaged = whole.clone();
        damaged[12] ^= 1;
        for (bytes, cause) in [
            (&whole, Some("files of another wallet are in its folder")),
            (&damaged, None),
        ] {
            for copies in [1, 3] {
                let mut fat = Layout::FAT16.format();
                let set = fat.save(&own);
                for number in 0..copies {
                    fat.make_file(set.dir(), &other.file_name(number), bytes);
                }
                cards.put("card.img", &fat);
                let (_, text, _) = list(&cards, "card.img");
                assert!(!text.contains("interrupted"), "{text}");
                assert!(cause.is_none_or(|cause| text.contains(cause)), "{text}");
            }
        }
    }
    // Those of a newer backup of the same wallet are.
    let mut fat = Layout::FAT16.format();
    let set = fat.save(&own);
    let newer = wallet::twelve_again();
    fat.make_file(set.dir(), &newer.file_name(0), &newer.encode());
    cards.put("card.img", &fat);
    let (_, text, _) = list(&cards, "card.img");
    assert!(text.contains("interrupted-recreate"), "{text}");
}

#[test]
fn a_folder_of_whole_copies_gets_the_id_as_its_name() {
    let cards = Cards::new();
    let (first, second) = (wallet::twelve(), wallet::twenty_four());
    let whole =
        |backup: &fixtures::backup::Backup| [backup.encode(), backup.encode(), backup.encode()];
    let save = |fat: &mut Fat, name: &str, backup| {
        let copies = whole(backup);
        fat.save_in(name, backup, copies.each_ref().map(Vec::as_slice))
    };
    let renamed = |name: &str, backup: &fixtures::backup::Backup| {
        format!(
            "Rename \"/bitbox02/{name}\" to \"{}\" with a computer.",
            backup.id()
        )
    };
    // One, beside another or alone.
    for beside in [true, false] {
        let mut fat = Layout::FAT16.format();
        save(&mut fat, "Oma Müller", &first);
        if beside {
            fat.save(&second);
        }
        cards.put("card.img", &fat);
        let (source, text, _) = list(&cards, "card.img");
        assert!(text.contains(&renamed("Oma Müller", &first)), "{text}");
        assert_eq!(actions(&source)[..2], ["recover", "rename"], "{text}");
    }
    // Two: each is named, and each gets its step.
    let mut fat = Layout::FAT16.format();
    save(&mut fat, "Oma Müller", &first);
    save(&mut fat, "Größe", &second);
    cards.put("card.img", &fat);
    let (source, text, _) = list(&cards, "card.img");
    for (name, backup) in [("Oma Müller", &first), ("Größe", &second)] {
        assert!(text.contains(&renamed(name, backup)), "{text}");
    }
    assert!(
        text.contains(
            "\"Oma Müller\" and \"Größe\" in bitbox02 have letters beyond ASCII in their names"
        ),
        "{text}"
    );
    assert_eq!(
        actions(&source)[..3],
        ["recover", "rename", "rename"],
        "{text}"
    );
    // The folder of the ID is there: any plain name then.
    let mut fat = Layout::FAT16.format();
    save(&mut fat, "Oma Müller", &first);
    fat.save(&first);
    cards.put("card.img", &fat);
    let (_, text, _) = list(&cards, "card.img");
    assert!(text.contains("a name without accented letters"), "{text}");
}

#[test]
fn a_note_with_an_accented_name_is_moved_out() {
    let cards = Cards::new();
    let mut fat = Layout::FAT16.format();
    let set = fat.save(&wallet::twelve());
    fat.make_file(set.dir(), "für Mama.txt", b"x");
    cards.put("card.img", &fat);
    let (source, text, _) = list(&cards, "card.img");
    assert!(actions(&source).contains(&"move"), "{text}");
    assert!(
        text.contains("für Mama.txt\" to the root of the card"),
        "{text}"
    );
}

/// A whole backup is not all that may be on a card.
#[test]
fn what_else_may_hold_a_wallet_is_named_beside_a_whole_backup() {
    let cards = Cards::new();
    let mut fat = Layout::FAT32.format();
    fat.save(&wallet::twelve());
    let root = fat.root();
    let archive = [&b"7z\xbc\xaf\x27\x1c\0\x04"[..], &[0; 24], b" compressed"].concat();
    for name in ["a.7z", "b.7z"] {
        fat.make_file(root, name, &archive);
    }
    let older = fat.make_dir(root, "digitalbitbox");
    fat.make_file(older.as_dir(), "backup.pdf", b"%PDF-1.4 x");
    cards.put("card.img", &fat);
    let (source, text, exit) = list(&cards, "card.img");
    assert_eq!(
        (exit, &source["state"]),
        (Some(0), &"healthy".into()),
        "{text}"
    );
    assert!(
        text.contains("info[bitbox01-backup] 1 file of a BitBox01"),
        "{text}"
    );
    assert!(text.contains("info[file-not-searched] /a.7z is"), "{text}");
    assert!(
        text.contains("1 more file was not looked into. --verbose names them."),
        "{text}"
    );
}

/// A folder may hold much else.
#[test]
fn a_single_loose_copy_is_named_with_its_file() {
    let cards = Cards::new();
    std::fs::create_dir_all(cards.path("d/Documents")).unwrap();
    cards.file("d/Documents/x.bin", wallet::twelve().encode());
    cards.file("d/Documents/y.txt", "a letter");
    let (_, text, _) = list(&cards, "d");
    assert!(
        text.contains("it is in /Documents/x.bin; the BitBox looks only"),
        "{text}"
    );
}
