//! The letter beside a card: complete, without a secret, and on the one sheet it is meant for.

use fixtures::wallet;

use crate::support::cards::{Cards, card, drawer};
use crate::support::program::testdata;
use crate::support::published::Published;

fn names(cards: &Cards, folder: &str) -> Vec<String> {
    let names = std::fs::read_dir(cards.path(folder)).unwrap();
    let mut names: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn every_wallet_of_a_drawer_has_its_letter() {
    let cards = drawer();
    let arguments = [
        "letter",
        "first.img",
        "again.img",
        "others.img",
        "--to",
        "letters",
    ];
    let ran = cards.run(&arguments);
    assert_eq!(ran.status, Some(0), "{}", ran.text());
    let wallets = [wallet::twelve(), wallet::abandon(), wallet::twenty_four()];
    let mut expected: Vec<_> = wallets
        .iter()
        .flat_map(|wallet| {
            let words = wallet.seed_length / 4 * 3;
            let name = format!("letter-{}-{words}", &wallet.id()[..8]);
            [format!("{name}.html"), format!("{name}.txt")]
        })
        .collect();
    expected.sort();
    assert_eq!(names(&cards, "letters"), expected);
    let text = format!("letters/letter-{}-12.txt", &wallet::twelve().id()[..8]);
    let text = std::fs::read_to_string(cards.path(&text)).unwrap();
    assert!(
        text.contains("5862 f623") || text.contains("5862f623"),
        "{text}"
    );
    assert!(text.contains("2, when this letter was made"), "{text}");
    // Its own command, as it is printed, and the ID as it is printed.
    let command = format!(
        "bitbox-backup match CARD --id {}",
        &wallet::twelve().id()[..8]
    );
    assert!(text.contains(&command), "{text}");
    for id in ["577782fd", "5777 82fd fffb e314"] {
        let ran = cards.run(&["match", "first.img", "--id", id]);
        assert_eq!(ran.status, Some(0), "{}", ran.text());
    }
    // Letters of earlier runs are replaced, and nothing else is: not one that somebody wrote into, even in part.
    assert_eq!(cards.run(&arguments).status, Some(0));
    let noted = format!("letters/{}", expected[1]);
    let letter = std::fs::read_to_string(cards.path(&noted)).unwrap();
    let with_note = letter.replace("used: yes / no / not known", "used: yes, ask Ann");
    cards.file(&noted, &with_note);
    let ran = cards.run(&arguments);
    assert_eq!(ran.status, Some(2), "{}", ran.text());
    assert!(
        ran.err.contains("somebody may have written into it"),
        "{}",
        ran.err
    );
    assert_eq!(
        std::fs::read_to_string(cards.path(&noted)).unwrap(),
        with_note
    );
    cards.file(&noted, letter);
    let mine = format!("letters/{}", expected[0]);
    cards.file(&mine, "mine");
    assert_eq!(cards.run(&arguments).status, Some(2));
    assert_eq!(std::fs::read(cards.path(&mine)).unwrap(), b"mine");
}

#[test]
fn nothing_in_it_opens_the_wallet() {
    let cards = drawer();
    std::fs::create_dir(cards.path("letters")).unwrap();
    let ran = cards.run(&["letter", "first.img", "others.img", "--to", "letters"]);
    assert_eq!(ran.status, Some(0), "{}", ran.text());
    let printed = cards.run(&["letter", "first.img"]).out;
    let mut texts = vec![printed];
    for name in names(&cards, "letters") {
        texts.push(std::fs::read_to_string(cards.path(&format!("letters/{name}"))).unwrap());
    }
    for wallet in [wallet::twelve(), wallet::twenty_four()] {
        let seed = hex::encode(&wallet.seed[..8]);
        for text in &texts {
            assert!(!text.contains(&seed));
            for word in ["xpub", "memory raven era", "purity concert above"] {
                assert!(!text.contains(word), "{word}: {text}");
            }
        }
    }
}

#[test]
fn without_a_wallet_there_is_no_letter() {
    let cards = drawer();
    cards.put("empty.img", &card(9, &[]));
    let ran = cards.run(&["letter", "empty.img"]);
    assert_eq!(
        (ran.status, ran.out.as_str()),
        (Some(1), ""),
        "{}",
        ran.text()
    );
    let ran = cards.run(&["letter", "nowhere.img"]);
    assert_eq!(ran.status, Some(2), "{}", ran.text());
    let ran = cards.run(&["letter", "first.img", "nowhere.img"]);
    assert_eq!(ran.status, Some(1), "{}", ran.text());
    assert!(ran.out.contains("AS GOOD AS MONEY"), "{}", ran.text());
}

/// Whoever follows a letter has the card and a BitBox: that has to show the backup.
#[test]
fn only_what_the_bitbox_shows_has_a_letter() {
    let cards = drawer();
    let mut fat = card(9, &[]);
    let set = fat.save(&wallet::twelve());
    for file in &set.files {
        fat.delete(file);
    }
    cards.put("deleted.img", &fat);
    let mut fat = card(9, &[]);
    let set = fat.save(&wallet::twelve());
    fat.make_file(set.dir(), ".DS_Store", &[0]);
    cards.put("hidden.img", &fat);
    // Where a part of an image is missing, nobody knows what a BitBox shows.
    let image = std::fs::read(cards.path("first.img")).unwrap();
    let copy = wallet::twelve().encode();
    let second = image.windows(copy.len()).enumerate();
    let second = second.filter(|(_, at)| *at == copy).nth(1).unwrap().0;
    cards.file("cut.img", &image[..second]);
    let ran = cards.run(&["letter", "cut.img"]);
    assert_eq!((ran.status, &*ran.out), (Some(1), ""), "{}", ran.text());
    let unknown =
        "whether the BitBox shows this backup is not known from this image, so it has no letter";
    assert!(ran.err.contains(unknown), "{}", ran.err);
    for hidden in ["deleted.img", "hidden.img"] {
        let ran = cards.run(&["letter", hidden, "--to", "letters"]);
        assert_eq!((ran.status, &*ran.out), (Some(1), ""), "{}", ran.text());
        assert!(!cards.path("letters").exists());
        let stem = hidden.trim_end_matches(".img");
        let said = format!(
            "error: {hidden}: 577782fd… \"My BitBox\": the BitBox does not show this backup, so it has no letter\n\
             \x20      recover it first, and write the letter for the new card: bitbox-backup recover {hidden} --to recovered-{stem}\n"
        );
        assert_eq!(ran.err, said);
        // Others still have theirs, about the cards on which they are shown.
        let ran = cards.run(&["letter", hidden, "first.img", "others.img", "--json"]);
        assert_eq!(ran.status, Some(1), "{}", ran.text());
        let answer = ran.json();
        let letters = answer["letters"].as_array().unwrap();
        let cards: Vec<_> = letters.iter().map(|one| one["cards"].as_u64()).collect();
        assert_eq!(cards, [Some(1); 3]);
        assert_eq!(answer["not_listed"][0]["source"], hidden);
    }
}

#[test]
fn a_letter_in_a_file_names_its_wallet() {
    let ran = drawer().run(&["letter", "first.img", "--to", "letters", "--redact"]);
    assert_eq!(ran.status, Some(2), "{}", ran.text());
}

#[test]
fn a_redacted_letter_has_no_id_in_groups_either() {
    let ran = drawer().run(&["letter", "first.img", "--redact"]);
    let id = wallet::twelve().id();
    for group in id.as_bytes().chunks(4) {
        let group = std::str::from_utf8(group).unwrap();
        assert!(!ran.text().contains(&format!("{group} ")), "{}", ran.text());
    }
    let line = ran
        .text()
        .lines()
        .find(|line| line.starts_with("ID:"))
        .map(str::to_owned);
    assert_eq!(line.unwrap().len(), "ID:               12345678…".len());
}

#[test]
fn its_json_is_as_published() {
    let cards = drawer();
    let mut fat = card(9, &[]);
    let set = fat.save(&wallet::twelve());
    fat.make_file(set.dir(), ".DS_Store", &[0]);
    cards.put("hidden.img", &fat);
    let published = Published::new();
    for arguments in [
        &["letter", "first.img", "others.img", "nowhere.img", "--json"][..],
        &["letter", "nowhere.img", "--json"],
        &["letter", "hidden.img", "--json"],
        &["letter", "first.img", "--json", "--redact"],
    ] {
        let answer = cards.run(arguments).json();
        published.holds(&format!("{arguments:?}"), &answer, published.letter);
    }
}

/// Whoever restores one wallet still needs the card for the others.
#[test]
fn a_card_with_other_wallets_is_kept_for_them() {
    let cards = drawer();
    let ran = cards.run(&["letter", "others.img", "--id", &wallet::abandon().id()[..8]]);
    assert_eq!(ran.status, Some(0), "{}", ran.text());
    let text = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let other = wallet::twenty_four();
    let end = format!(
        "This card also holds other wallets: {}… \"{}\". Only when the money of all of them is safe in wallets of yours, \
         destroy the card.",
        &other.id()[..8],
        other.name
    );
    assert!(text.contains(&end), "{text}");
    assert_eq!(text.matches("AS GOOD AS MONEY").count(), 1, "{text}");
    let ran = cards.run(&["letter", "first.img"]);
    let end = "When the money is safe in a wallet of yours, destroy the card.";
    assert!(ran.out.contains(end), "{}", ran.out);
}

/// Nor is a card destroyed that holds anything else that may be needed.
#[test]
fn a_card_with_anything_else_is_not_destroyed() {
    let cards = Cards::new();
    let mut fat = card(9, &[wallet::twelve()]);
    let root = fat.root();
    let older = fat.make_dir(root, "digitalbitbox");
    fat.make_file(older.as_dir(), "backup.pdf", b"%PDF-1.4 x");
    fat.make_file(root, "will.txt", b"last will");
    cards.put("card.img", &fat);
    let ran = cards.run(&["letter", "card.img"]);
    let text = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = "Keep the card, even when the money is safe in a wallet of yours. This card also holds backups of a BitBox01 and files that are no backups: do not destroy \
               it as long as any of that may be needed.";
    assert!(text.contains(end), "{text}");
    assert!(!text.contains("destroy the card"), "{text}");
}

/// A copy of a card is no second one.
#[test]
fn clones_are_one_card() {
    let cards = drawer();
    std::fs::copy(cards.path("first.img"), cards.path("clone.img")).unwrap();
    let ran = cards.run(&["letter", "first.img", "clone.img"]);
    assert!(
        ran.out.contains("1, when this letter was made"),
        "{}",
        ran.text()
    );
}

#[test]
fn copies_that_are_damaged_are_said() {
    let cards = Cards::new();
    for name in ["healthy.img.zst", "two-copies-damaged.img.zst"] {
        std::fs::copy(testdata().join(name), cards.path(name)).unwrap();
    }
    for (sources, is_said) in [
        (&["healthy.img.zst"][..], false),
        (&["two-copies-damaged.img.zst"], true),
        (&["two-copies-damaged.img.zst", "healthy.img.zst"], false),
    ] {
        let ran = cards.run(&[&["letter"][..], sources].concat());
        assert_eq!(ran.status, Some(0), "{}", ran.text());
        assert_eq!(
            ran.err.contains("make a new backup"),
            is_said,
            "{}",
            ran.err
        );
    }
}
