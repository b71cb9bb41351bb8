//! The guided way, walked by somebody at a terminal.

use fixtures::wallet;

use crate::support::cards::{Cards, card, in_one_line, zip};
use crate::support::person::Person;

fn answers(person: &mut Person, question: &str, answer: &str) {
    person.reads(question);
    person.types(&format!("{answer}\n"));
}

/// Somebody at a terminal on which everything stays in sight.
fn guided(cards: &Cards, arguments: &[&str]) -> Person {
    Person::starts_on(cards.folder(), arguments, (200, 100), |command| command)
}

/// A card whose backup was deleted.
fn cards() -> Cards {
    let cards = Cards::new();
    let mut fat = card(1, &[]);
    let set = fat.save(&wallet::twelve());
    for file in &set.files {
        fat.delete(file);
    }
    cards.put("card.img", &fat);
    cards
}

#[test]
fn from_a_card_to_an_image_that_a_bitbox_accepts() {
    let cards = cards();
    let mut person = guided(&cards, &["rescue", "card.img"]);
    person.reads("Nothing is written to the card.");
    person.reads("bitbox-backup list card.img --carve");
    answers(&mut person, "Type yes, skip, or stop", "yes");
    person.reads("bitbox-backup recover card.img --to bitbox-rescue/recovered --card bitbox-rescue/saved.img");
    person.types("yes\n");
    person.reads("What is left to do");
    person.reads("dd if=bitbox-rescue/saved.img");
    assert_eq!(person.waits(), 0);
    let (_, left) = left_to_do(&person);
    assert!(left.contains("Take every other card out"), "{left}");
    // Nobody has to know what that is for.
    assert!(!left.contains("evidence log"), "{left}");
    // What was saved is what a BitBox accepts.
    let ran = cards.run(&["list", "bitbox-rescue/saved.img", "--json"]);
    assert_eq!(ran.status, Some(0), "{}", ran.text());
    assert_eq!(ran.json()["sources"][0]["state"], "healthy");
    let verified = cards.run(&["log", "verify", "bitbox-rescue/rescue.log"]);
    assert_eq!(verified.status, Some(0), "{}", verified.text());
}

#[test]
fn what_was_stopped_goes_on() {
    let cards = cards();
    let mut person = guided(&cards, &["rescue", "card.img"]);
    answers(&mut person, "Type yes, skip, or stop", "stop");
    person.reads("Continue with: bitbox-backup rescue card.img --to bitbox-rescue");
    assert_eq!(person.waits(), 1);
    let mut person = guided(&cards, &["rescue", "card.img"]);
    answers(&mut person, "Type yes, skip, or stop", "skip");
    person.reads("Step 2 of 2");
    answers(&mut person, "saved.img --resume", "yes");
    person.reads("What is left to do");
    person.waits();
    // What is there is never written over, and is enough if this step is skipped.
    let mut person = guided(&cards, &["rescue", "card.img"]);
    answers(&mut person, "Type yes, skip, or stop", "skip");
    person.reads("An earlier run made bitbox-rescue/saved.img.");
    answers(&mut person, "saved-2.img --resume", "skip");
    person.reads("dd if=bitbox-rescue/saved.img");
    person.waits();
}

/// A whole backup of the wallet that a number stands for.
fn another(cards: &Cards, name: &str) {
    let mut fat = card(1, &[]);
    fat.save(&wallet::twenty_four());
    cards.put(name, &fat);
}

/// Answers what comes until all is done.
fn rescued(cards: &Cards, arguments: &[&str], answered: &[(&str, &str)]) -> String {
    let mut person = guided(cards, arguments);
    for (question, answer) in answered {
        answers(&mut person, question, answer);
    }
    person.reads("What is left to do");
    person.waits();
    left_to_do(&person).1
}

/// Whose wallet lies where is decided by contents: the same name may be that of another card.
#[test]
fn a_folder_is_of_one_card() {
    let cards = cards();
    let (first, second) = ("list card.img --carve", "recover card.img --to");
    let both = [(first, "skip"), (second, "yes")];
    rescued(&cards, &["rescue", "card.img"], &both);
    std::fs::rename(cards.path("card.img"), cards.path("first.img")).unwrap();
    another(&cards, "card.img");
    let mut person = guided(&cards, &["rescue", "card.img"]);
    person.reads("--to bitbox-rescue-2");
    assert_eq!(person.waits(), 2);
    let screen = person.screen();
    let error = screen.split_once("error: ").unwrap().1;
    let error: Vec<_> = error.lines().map(str::trim).take(2).collect();
    assert_eq!(
        error,
        [
            "bitbox-rescue: is of another card: it was made of other contents than those of card.img",
            "give this card a folder of its own: bitbox-backup rescue card.img --to bitbox-rescue-2",
        ]
    );
    let arguments = ["rescue", "card.img", "--to", "bitbox-rescue-2"];
    rescued(&cards, &arguments, &both);
    // It is found again beside that of the first, which is still that of the first.
    let mut person = guided(&cards, &["rescue", "card.img"]);
    person.reads("bitbox-backup rescue card.img --to bitbox-rescue-2");
    person.waits();
    let mut person = guided(&cards, &["rescue", "first.img"]);
    answers(&mut person, "list first.img --carve", "skip");
    person.reads("An earlier run made bitbox-rescue/saved.img.");
}

/// A file in an archive is copied first, as a card in a reader is.
fn put_in(cards: &Cards, archive: &str, name: &str) {
    let bytes = std::fs::read(cards.path(name)).unwrap();
    cards.file(archive, zip(&[("card.img", &bytes)]));
}

#[test]
fn a_copy_is_of_the_card_that_is_in_the_reader() {
    let cards = cards();
    put_in(&cards, "reader", "card.img");
    let copied = [
        ("--yes", "yes"),
        ("--carve", "skip"),
        ("saved.img --resume", "yes"),
    ];
    rescued(&cards, &["rescue", "reader/card.img"], &copied);
    // It is worn, and still the same.
    let mut worn = std::fs::read(cards.path("card.img")).unwrap();
    worn[3] ^= 8;
    cards.file("worn.img", worn);
    put_in(&cards, "reader", "worn.img");
    let mut person = guided(&cards, &["rescue", "reader/card.img"]);
    answers(&mut person, "--yes", "skip");
    answers(&mut person, "--carve", "stop");
    person.waits();
    another(&cards, "other.img");
    put_in(&cards, "other", "other.img");
    let mut person = guided(&cards, &["rescue", "other/card.img"]);
    person.reads("bitbox-backup rescue other/card.img --to bitbox-rescue-2");
    person.reads("bitbox-rescue: is of another card: bitbox-rescue/card.img differs from other/card.img at byte");
    assert_eq!(person.waits(), 2);
    // An image is no card in a reader, and the other way round.
    let mut person = guided(&cards, &["rescue", "other.img"]);
    person.reads("bitbox-rescue: is of another card: what is in it was not made of other.img");
    person.waits();
    let skipped = [("list other.img", "skip"), ("recover other.img", "yes")];
    let arguments = ["rescue", "other.img", "--to", "bitbox-rescue-2"];
    rescued(&cards, &arguments, &skipped);
    let mut person = guided(&cards, &["rescue", "other/card.img"]);
    person.reads("bitbox-backup rescue other/card.img --to bitbox-rescue-3");
    person.waits();
    // The card is gone: its copy is another source, in the same folder.
    std::fs::remove_file(cards.path("reader")).unwrap();
    let mut person = guided(&cards, &["rescue", "reader/card.img"]);
    let again = "bitbox-backup rescue bitbox-rescue/card.img --to bitbox-rescue";
    person.reads(again);
    assert_eq!(person.waits(), 2);
    let arguments = ["rescue", "bitbox-rescue/card.img", "--to", "bitbox-rescue"];
    let left = rescued(&cards, &arguments, &[("list", "skip"), ("saved-2", "skip")]);
    assert!(left.contains("dd if=bitbox-rescue/saved.img"), "{left}");
}

/// A folder, too, is told from another by what is in it.
#[test]
fn a_mounted_card_is_told_from_the_next() {
    let cards = Cards::new();
    let folder = cards.path("mounted");
    std::fs::create_dir_all(folder.join("bitbox02")).unwrap();
    let put = |bytes: &[u8]| std::fs::write(folder.join("bitbox02/a.bin"), bytes).unwrap();
    put(&wallet::twelve().encode());
    let both = [("list mounted", "skip"), ("saved.img", "yes")];
    rescued(&cards, &["rescue", "mounted"], &both);
    let mut person = guided(&cards, &["rescue", "mounted"]);
    answers(&mut person, "list mounted", "skip");
    person.reads("An earlier run made bitbox-rescue/saved.img.");
    drop(person);
    put(&wallet::twenty_four().encode());
    let mut person = guided(&cards, &["rescue", "mounted"]);
    person.reads("bitbox-backup rescue mounted --to bitbox-rescue-2");
    assert_eq!(person.waits(), 2);
}

/// Nothing names a file that is not there, and nothing says that a card can be erased.
#[test]
fn where_nothing_is_recovered_the_card_is_kept() {
    let cards = Cards::new();
    let mut fat = card(1, &[]);
    let set = fat.save(&wallet::twelve());
    set.files.iter().for_each(|file| fat.erase(file));
    cards.put("card.img", &fat);
    let mut person = guided(&cards, &["rescue", "card.img"]);
    answers(&mut person, "Type yes, skip, or stop", "yes");
    answers(&mut person, "saved.img --resume", "yes");
    person.reads("What is left to do");
    person.reads("list card.img --carve --redact");
    assert_eq!(person.waits(), 1);
    let (_, left) = left_to_do(&person);
    assert!(left.contains("Keep card.img"), "{left}");
    assert!(!left.contains("saved.img"), "{left}");
    // What was skipped is no result.
    let mut person = guided(&cards, &["rescue", "card.img"]);
    answers(&mut person, "Type yes, skip, or stop", "yes");
    answers(&mut person, "saved.img --resume", "skip");
    person.reads("Nothing is recovered yet");
    assert_eq!(person.waits(), 1);
    let (_, left) = left_to_do(&person);
    assert!(!left.contains("saved.img"), "{left}");
}

#[test]
fn an_empty_card_is_said_to_be_empty() {
    let cards = Cards::new();
    cards.put("card.img", &card(1, &[]));
    let mut person = guided(&cards, &["rescue", "card.img"]);
    answers(&mut person, "Type yes, skip, or stop", "yes");
    answers(&mut person, "saved.img --resume", "yes");
    person.reads("2. Look for other cards");
    person.waits();
    let (_, left) = left_to_do(&person);
    assert!(left.contains("1. No backup is on this card."), "{left}");
    assert!(!left.contains("Keep"), "{left}");
}

/// What `list` says of a card comes first: of one with backups of a BitBox01, and of one with an archive that was not
/// looked into.
#[test]
fn what_looks_empty_and_is_not_is_kept() {
    let cards = Cards::new();
    for (recipe, first) in [
        (
            "bitbox01_only",
            "Keep this card: it holds backups of a BitBox01",
        ),
        (
            "archive_only",
            "Copy \"/wife.7z\" to a computer that never goes online",
        ),
    ] {
        let mut recipes = fixtures::recipes::all();
        let made = recipes.find(|one| one.name == recipe).unwrap();
        let name = format!("{recipe}.img");
        made.card.write_to(cards.path(&name)).unwrap();
        let to = format!("to-{recipe}");
        let both = [("list", "yes"), ("saved.img --resume", "yes")];
        let left = rescued(&cards, &["rescue", &name, "--to", &to], &both);
        assert!(
            in_one_line(&left).contains(&format!("1. {first}")),
            "{left}"
        );
        assert!(!left.contains("No backup is on this card"), "{left}");
        // The way out stands in each answer.
        let ran = cards.run(&["recover", &name, "--to", "recovered", "--yes"]);
        assert_eq!(ran.status, Some(1));
        assert!(ran.text().contains(first), "{}", ran.text());
        let audit = cards.run(&["audit", &name]);
        assert!(audit.text().contains("Needs attention"), "{}", audit.text());
        assert!(audit.text().contains(first), "{}", audit.text());
        let preflight = cards.run(&["inspect", "--preflight", &name]);
        assert_eq!(preflight.status, Some(1));
        assert!(
            !preflight.text().contains("would make"),
            "{}",
            preflight.text()
        );
    }
}

/// What is to be typed works as it is printed, whatever the folder is called.
#[test]
fn commands_are_quoted_and_not_broken() {
    let cards = cards();
    let arguments = ["rescue", "card.img", "--to", "my rescue"];
    let mut person = Person::starts_on(cards.folder(), &arguments, (100, 80), |command| command);
    answers(&mut person, "Type yes, skip, or stop", "skip");
    person.reads("Do this now? Type yes, skip, or stop: skip");
    person.reads("Step 2 of 2");
    person.types("yes\n");
    person.reads("What is left to do");
    person.waits();
    let (_, left) = left_to_do(&person);
    assert!(
        left.contains("dd if='my rescue/saved.img' of=/dev/sdX"),
        "{left}"
    );
    assert!(left.contains("`bitbox-backup sources`"), "{left}");
}

fn left_to_do(person: &Person) -> (String, String) {
    let screen = person.screen();
    let (before, left) = screen.split_once("What is left to do").unwrap();
    (before.to_owned(), left.to_owned())
}

#[test]
fn a_folder_is_read_where_it_is() {
    let cards = Cards::new();
    let folder = cards.path("files");
    std::fs::create_dir(&folder).unwrap();
    let bytes = wallet::twelve().encode();
    std::fs::write(folder.join("a.bin"), bytes).unwrap();
    let mut person = guided(&cards, &["rescue", "files"]);
    person.reads("Step 1 of 2");
    answers(&mut person, "list files --carve", "yes");
    answers(&mut person, "saved.img --resume", "yes");
    person.reads("dd if=bitbox-rescue/saved.img");
    person.waits();
}

/// A disk that is full: what was begun is not left behind, and the way goes on once there is room.
#[test]
fn a_full_disk_leaves_nothing_and_can_be_continued() {
    let cards = cards();
    let program = env!("CARGO_BIN_EXE_bitbox-backup");
    let script = format!("trap '' XFSZ; ulimit -f 40; exec {program} rescue card.img");
    let mut person = Person::starts_on(cards.folder(), &[], (200, 100), |_| {
        pty_process::blocking::Command::new("sh")
            .args(["-c", &script])
            .current_dir(cards.folder())
    });
    answers(&mut person, "Type yes, skip, or stop", "yes");
    answers(&mut person, "saved.img --resume", "yes");
    person.reads("error:");
    person.reads("bitbox-backup rescue card.img --to /other/disk/rescue");
    assert_eq!(person.waits(), 2);
    let names: Vec<_> = std::fs::read_dir(cards.path("bitbox-rescue"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    let mut names = names;
    names.sort();
    assert_eq!(names, ["card.sha256", "rescue.log"]);
    let mut person = guided(&cards, &["rescue", "card.img"]);
    answers(&mut person, "Type yes, skip, or stop", "skip");
    answers(&mut person, "saved.img --resume", "yes");
    person.reads("dd if=bitbox-rescue/saved.img");
    person.waits();
    assert!(cards.path("bitbox-rescue/saved.img").exists());
}

#[test]
fn somebody_who_types_no_command_is_guided() {
    let cards = cards();
    let mut person = guided(&cards, &[]);
    person.reads("Nothing is written to the card.");
    person.reads("Which card?");
    person.types("\n");
    person.reads("no card was chosen");
    assert_eq!(person.waits(), 1);
    let mut person = guided(&cards, &[]);
    person.reads("Which card?");
    person.types("stop\n");
    person.reads("no card was chosen");
    assert_eq!(person.waits(), 1);
    // With a path instead of a number.
    let mut person = guided(&cards, &[]);
    person.reads("Which card?");
    person.types("card.img\n");
    person.reads("bitbox-backup list card.img --carve");
    person.types("stop\n");
    assert_eq!(person.waits(), 1);
}

#[test]
fn without_a_terminal_nobody_is_guided() {
    let cards = cards();
    let ran = cards.run(&["rescue", "card.img"]);
    assert_eq!(ran.status, Some(2), "{}", ran.text());
    assert!(
        ran.err
            .contains("there is no terminal to ask this on: Do this now?")
    );
    assert!(!cards.path("bitbox-rescue").exists());
}

#[test]
fn what_comes_after_ctrl_c_is_on_a_line_of_its_own() {
    let cards = cards();
    let mut person = guided(&cards, &["rescue", "card.img", "--log", "log"]);
    person.reads("Type yes, skip, or stop");
    person.types("\u{3}");
    person.reads("Type yes, skip, or stop: ^C\nStopped before step 1 of 2");
    assert_eq!(person.waits(), 130);
}

/// Files from a mail are no card that can be put into a BitBox.
#[test]
fn of_files_a_card_is_made() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    let file = backup.encode();
    let names = [0, 1, 2].map(|n| format!("bitbox02/{}/{}", backup.id(), backup.file_name(n)));
    let members: Vec<_> = names.iter().map(|name| (&**name, &*file)).collect();
    cards.file("mail.zip", zip(&members));
    let mut person = guided(&cards, &["rescue", "mail.zip"]);
    answers(&mut person, "list mail.zip --carve", "yes");
    person.reads("These are the files of a backup, and they are complete, but they are no card");
    answers(&mut person, "saved.img --resume", "yes");
    person.reads("dd if=bitbox-rescue/saved.img");
    assert_eq!(person.waits(), 0);
    let (_, left) = left_to_do(&person);
    assert!(left.contains("Keep mail.zip until"), "{left}");
    assert!(!left.contains("old card until"), "{left}");
    let letter = cards.run(&["letter", "mail.zip"]);
    assert_eq!(letter.status, Some(1), "{}", letter.text());
    assert!(!letter.out.contains("BESIDE THIS LETTER"));
    let command = "bitbox-backup recover mail.zip --card ";
    let (_, image) = letter.err.split_once(command).unwrap();
    let image = image.split_whitespace().next().unwrap();
    let made = cards.run(&["recover", "mail.zip", "--card", image, "--yes"]);
    assert_eq!(made.status, Some(0), "{}", made.text());
    let letter = cards.run(&["letter", image]);
    assert_eq!(letter.status, Some(0), "{}", letter.text());
}

/// A search that cannot end takes no minutes, and is not advised again.
#[test]
fn a_search_without_a_chance_is_short() {
    let cards = Cards::new();
    let backup = wallet::twelve();
    let mut copy = backup.encode();
    let at = crate::support::cards::seed_offset(&copy, &backup);
    copy[at + 3..at + 11].fill(0);
    let mut fat = card(1, &[]);
    fat.save_bytes(&backup, [&copy; 3].map(Vec::as_slice));
    cards.put("card.img", &fat);
    let mut person = guided(&cards, &["rescue", "card.img"]);
    answers(&mut person, "list card.img --carve", "skip");
    answers(&mut person, "saved.img --resume", "yes");
    person.reads("What is left to do");
    assert_eq!(person.waits(), 1);
    let (before, _) = left_to_do(&person);
    let before = in_one_line(&before);
    assert!(
        before.contains("covers less than 0.01 % of them"),
        "{before}"
    );
    assert!(before.contains("none of 8,388,608 candidates"), "{before}");
    assert!(
        before.contains("A longer search has little chance"),
        "{before}"
    );
    assert!(!before.contains("--effort"), "{before}");
    // What was searched in vain is no step that was left out.
    let mut person = guided(&cards, &["rescue", "card.img"]);
    answers(&mut person, "list card.img --carve", "skip");
    person.reads("An earlier run searched, and proved nothing");
    answers(&mut person, "saved.img --resume", "skip");
    person.reads("a search of an earlier run proved nothing");
    assert_eq!(person.waits(), 1);
}

/// A card that cannot be opened is said before anything is asked, and no folder is left.
#[test]
fn what_cannot_be_read_is_said_at_once() {
    let cards = cards();
    for (source, says) in [
        ("/dev/null", "a character device"),
        ("nowhere.img", "there is no such file"),
    ] {
        let mut person = guided(&cards, &["rescue", source]);
        person.reads(says);
        assert_eq!(person.waits(), 2);
        assert!(!cards.path("bitbox-rescue").exists());
    }
}

#[test]
fn a_healthy_card_needs_nothing() {
    let cards = Cards::new();
    another(&cards, "card.img");
    let left = rescued(&cards, &["rescue", "card.img"], &[("--carve", "yes")]);
    let expected = "1. Nothing needs to be recovered: every backup on this card is complete, and a BitBox lists it. \
                    2. Put the card into a BitBox02, and check the backup there; or restore the wallet from the card. \
                    bitbox-backup device check \
                    3. Keep the card as safe as the money. Only if it is lost, or no BitBox reads it, make another \
                    one, with this command. What it writes is the wallet in plain text. \
                    bitbox-backup recover card.img --to bitbox-rescue/recovered --card bitbox-rescue/saved.img \
                    --resume bitbox-rescue/search.json --yes";
    assert!(
        in_one_line(&left).ends_with(expected),
        "{}",
        in_one_line(&left)
    );
    assert!(!cards.path("bitbox-rescue/saved.img").exists());
    // The copy of one in a reader is plain text too.
    put_in(&cards, "reader", "card.img");
    let arguments = ["rescue", "reader/card.img", "--to", "other"];
    let left = rescued(
        &cards,
        &arguments,
        &[("other/card.img --yes", "yes"), ("--carve", "yes")],
    );
    let expected = "4. Destroy these copies, unless you need them. Deleting files is not enough on a disk that others \
                    may get: erase the disk. other/card.img";
    assert!(
        in_one_line(&left).ends_with(expected),
        "{}",
        in_one_line(&left)
    );
}

/// Without a copy there is nothing to work on.
#[test]
fn the_copy_is_skipped_only_if_it_is_there() {
    let cards = cards();
    put_in(&cards, "reader", "card.img");
    let mut person = guided(&cards, &["rescue", "reader/card.img"]);
    person.reads("Do this now? Type yes or stop:");
    person.types("skip\n");
    person.reads("Type yes or stop: skip\nDo this now? Type yes or stop:");
    person.types("yes\n");
    person.reads("Step 2 of 3");
    answers(&mut person, "Type yes, skip, or stop:", "stop");
    person.waits();
    let mut person = guided(&cards, &["rescue", "reader/card.img"]);
    answers(&mut person, "Do this now? Type yes, skip, or stop:", "skip");
    person.reads("Step 2 of 3");
}

#[test]
fn a_copy_that_ends_too_early_is_made_again() {
    let cards = Cards::new();
    another(&cards, "card.img");
    // In the middle of its copies.
    let bytes = std::fs::read(cards.path("card.img")).unwrap();
    let backup = wallet::twenty_four().encode();
    let mut places = bytes.windows(backup.len());
    let first = places.position(|bytes| bytes == backup).unwrap();
    cards.file("card.img", &bytes[..first / 512 * 512]);
    let both = [("--carve", "yes"), ("saved.img --resume", "yes")];
    let left = rescued(&cards, &["rescue", "card.img"], &both);
    let first = "1. Copy the card again, and rescue the new copy: card.img ends before the card does. Name the card reader in place of /dev/sdX. bitbox-backup image /dev/sdX --to card-2.img 2. Keep card.img";
    assert!(in_one_line(&left).contains(first), "{left}");
}

/// A file that is dragged into a terminal comes in quotes or with backslashes.
#[test]
fn a_path_is_taken_as_it_is_pasted() {
    let cards = cards();
    std::fs::rename(cards.path("card.img"), cards.path("my card.img")).unwrap();
    for pasted in ["'my card.img' ", "my\\ card.img", "my card.img"] {
        let mut person = guided(&cards, &[]);
        person.reads("Which card?");
        person.types("nowhere.img\n");
        person.reads("error: nowhere.img: there is no such file");
        person.types(&format!("{pasted}\n"));
        person.reads("bitbox-backup list 'my card.img' --carve");
        person.types("stop\n");
        person.reads("Continue with: bitbox-backup rescue 'my card.img' --to bitbox-rescue");
        assert_eq!(person.waits(), 1);
    }
}

/// On a usual and on a narrow terminal no word is broken.
#[test]
fn words_are_whole_on_narrow_terminals() {
    let cards = cards();
    let starts =
        |arguments, size| Person::starts_on(cards.folder(), arguments, size, |command| command);
    let mut person = starts(
        &["rescue", "card.img", "--log", "bitbox-rescue/rescue.log"],
        (60, 60),
    );
    answers(&mut person, "Type yes, skip, or stop", "stop");
    person.reads("write down its head,\nit proves every line up to now:");
    person.waits();
    let mut person = starts(&["recover", "card.img", "--to", "out", "--yes"], (60, 40));
    person.reads("  words       12\n");
    person.reads("  proved by   checksum and ID\n");
    assert_eq!(person.waits(), 0);
}
