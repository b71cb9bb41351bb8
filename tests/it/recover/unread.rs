//! Files that were not read in a copy of a card: they may be whole on the card, and nothing is said to be lost.

use fixtures::fat::{Fat, Layout};
use fixtures::set::Set;
use fixtures::wallet;

use crate::support::cards::Cards;
use crate::support::program::Ran;

fn saved() -> (Fat, Set) {
    let mut fat = Layout::FAT12.with_clusters(400).format();
    let set = fat.save(&wallet::twelve());
    (fat, set)
}

/// A map in which the sectors of the first so many copies have a state.
fn map(fat: &Fat, set: &Set, count: usize, states: [char; 3]) -> String {
    let mut map = "0x0 + 1\n".to_owned();
    let mut at = 0;
    let mut places: Vec<_> = set
        .files
        .iter()
        .map(|file| fat.cluster(file.cluster))
        .collect();
    places.truncate(count);
    places.sort_unstable();
    for (place, state) in places.into_iter().zip(states) {
        map += &format!("{at:#x} {:#x} +\n{place:#x} 0x200 {state}\n", place - at);
        at = place + 0x200;
    }
    map + &format!("{at:#x} {:#x} +\n", fat.card.size() - at)
}

fn runs(cards: &Cards) -> Vec<Ran> {
    let id = &wallet::twelve().id()[..8];
    vec![
        cards.run(&["recover", "card.img", "--to", "new", "--yes"]),
        cards.run(&["words", "card.img"]),
        cards.run(&["match", "card.img", "--id", id]),
    ]
}

#[test]
fn what_was_not_read_is_not_lost() {
    const UNFINISHED: &str = "First finish the copy: insert the card, and give `image` its card reader and --to this same file.";
    const FAILED: &str = "First read the card in another card reader";
    let (fat, set) = saved();
    for (states, what, first) in [
        (
            ['?', '*', '/'],
            "its files were not read in this copy of the card, which is not finished",
            UNFINISHED,
        ),
        (['-', '-', '-'], "its files could not be read", FAILED),
    ] {
        let cards = Cards::new();
        cards.put("card.img", &fat);
        cards.file("card.img.map", map(&fat, &set, 3, states));
        let [recover, words, matched] = &runs(&cards)[..] else {
            panic!()
        };
        for ran in [recover, words] {
            let said = ran.text().split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(ran.status, Some(1), "{said}");
            assert!(
                said.contains(what) && said.contains("they may be whole on the card"),
                "{said}"
            );
            assert!(
                said.contains(&format!("what would help: {first}")),
                "{said}"
            );
            assert!(
                !said.contains("lost") && !said.contains("nothing of the seed"),
                "{said}"
            );
        }
        let said = matched.text();
        assert!(
            said.contains("(not read)") && said.contains("may be whole on the card"),
            "{said}"
        );
        assert!(!said.contains("nothing of the wallet"), "{said}");
        let answer = cards
            .run(&["recover", "card.img", "--to", "new", "--yes", "--json"])
            .json();
        let one = &answer["not_recovered"][0];
        assert_eq!(
            (&one["reason"], &one["state"]),
            (&"unread".into(), &"damaged".into())
        );
        assert_eq!(
            answer["verdict"],
            "The files of the backup were not read here: they may be whole on the card."
        );
    }
}

#[test]
fn an_image_that_ends_before_the_files_is_copied_again() {
    let (fat, set) = saved();
    let cards = Cards::new();
    let end = set
        .files
        .iter()
        .map(|file| fat.cluster(file.cluster))
        .min()
        .unwrap();
    cards.file("card.img", fat.card.bytes(0, usize::try_from(end).unwrap()));
    for ran in &runs(&cards)[..2] {
        let said = ran.text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            said.contains(
                "this image ends before the card does, and they may be whole on the card"
            ),
            "{said}"
        );
        assert!(
            said.contains("what would help: First copy the whole card again"),
            "{said}"
        );
        assert!(!said.contains("lost"), "{said}");
    }
}

/// What is left is damaged, and what was not read may be whole.
#[test]
fn a_search_in_vain_beside_files_that_were_not_read_says_so() {
    let (mut fat, set) = saved();
    for file in &set.files {
        fat.card.fill(fat.cluster(file.cluster) + 50, 30, 0);
    }
    let cards = Cards::new();
    cards.put("card.img", &fat);
    let advice = || {
        let arguments = [
            "recover", "card.img", "--to", "new", "--yes", "--effort", "1000", "--json",
        ];
        let answer = cards.run(&arguments).json();
        let one = &answer["not_recovered"][0];
        assert_eq!(one["reason"], "proof");
        (
            one["state"].as_str().unwrap().to_owned(),
            one["advice"].as_str().unwrap().to_owned(),
        )
    };
    let (state, said) = advice();
    assert!(
        state == "lost" && said.starts_with("Another card"),
        "{said}"
    );
    cards.file("card.img.map", map(&fat, &set, 1, ['?'; 3]));
    let (state, said) = advice();
    assert!(
        state == "damaged" && said.starts_with("First finish the copy"),
        "{said}"
    );
}

/// A text or a `.bin` file lies in no card reader.
#[test]
fn of_a_file_no_reading_of_a_card_is_advised() {
    let backup = wallet::twelve();
    let mut copy = backup.encode();
    let seed = crate::support::cards::seed_offset(&copy, &backup);
    copy[seed + 2..seed + 5].fill(0);
    for bit in [3, 20, 41, 70, 77, 90] {
        copy[seed + bit / 8] ^= 1 << (bit % 8);
    }
    let cards = Cards::new();
    cards.file("copy.bin", &copy);
    cards.file("copy.txt", hex::encode(&copy));
    for file in ["copy.bin", "copy.txt"] {
        let arguments = ["recover", file, "--to", "new", "--yes", "--effort", "1000"];
        let ran = cards.run(&arguments);
        let said = ran.text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            said.contains("Another copy of this file, with other errors, may leave"),
            "{said}"
        );
        assert!(
            !said.contains("reading of this card") && !said.contains("--reads"),
            "{said}"
        );
    }
}
