//! A dump that a tool wrote inverted, or in another order, is read where nothing else was found.

use bitbox_backup::examine::{Options, examine_image};
use bitbox_backup::firmware::Version;
use bitbox_backup::image::Memory;
use fixtures::classes;
use fixtures::damage::Random;
use fixtures::fat::Layout;
use fixtures::wallet;

use crate::support::cards::Cards;

#[test]
fn intact_copies_in_a_transformed_dump_are_recovered() {
    let cards = Cards::new();
    let backup = wallet::twenty_four();
    let dumps = classes::all().filter(|class| class.name.starts_with("the dump"));
    for (number, class) in dumps.enumerate() {
        let lost = (class.lose)(&mut Random::new(5), &backup);
        lost.cards[0].write_to(cards.path("card.img")).unwrap();
        let to = format!("new-{number}");
        let ran = cards.run(&["recover", "card.img", "--to", &to, "--yes", "--json"]);
        let answer = ran.json();
        let one = &answer["recovered"][0];
        assert_eq!(one["id"], backup.id(), "{}: {}", class.name, ran.text());
        assert_eq!(one["original"], true);
        assert_eq!(one["copies"][0]["origin"], "carved");
        let file = cards.path(&to).join("bitbox02").join(backup.id());
        let file = std::fs::read(file.join(backup.file_name(0))).unwrap();
        assert_eq!(file, backup.encode());
        // No device lists it, and nobody is told that the card holds none.
        let list = cards.run(&["list", "card.img", "--json"]).json();
        assert_eq!(list["summary"]["backups"], 0);
        let source = &list["sources"][0];
        assert_eq!(source["backups"][0]["id"], backup.id(), "{}", class.name);
        assert_eq!(source["next"][0]["action"], "recover", "{}", class.name);
        // What is wrong is said: nobody deleted anything.
        let verdict = source["verdict"].as_str().unwrap();
        assert!(
            verdict.contains(" in this image. This image is altered: it was read with "),
            "{verdict}"
        );
        assert!(
            !source.to_string().contains("deleted or lost"),
            "{source:#}"
        );
    }
}

#[test]
fn damaged_copies_in_a_transformed_dump_are_recovered() {
    let backup = wallet::twelve();
    let mut random = Random::new(14);
    let copies = [0, 1, 2].map(|_| {
        let mut copy = backup.encode();
        classes::flip(&mut random, &mut copy, 0.005);
        copy
    });
    let mut fat = Layout::FAT12.with_clusters(400).format();
    fat.save_bytes(&backup, copies.each_ref().map(Vec::as_slice));
    let cards = Cards::new();
    cards.put("card.img", &fat);
    let inverted: Vec<u8> = std::fs::read(cards.path("card.img"))
        .unwrap()
        .iter()
        .map(|byte| !byte)
        .collect();
    cards.file("card.img", inverted);
    let recover = [
        "recover",
        "card.img",
        "--to",
        "new",
        "--yes",
        "--json",
        "--effort=quick",
    ];
    let ran = cards.run(&recover);
    assert_eq!(
        ran.json()["recovered"][0]["id"],
        backup.id(),
        "{}",
        ran.text()
    );
    let list = cards.run(&["list", "card.img", "--json"]).json();
    assert_eq!(
        list["sources"][0]["next"][0]["action"], "recover",
        "{list:#}"
    );
    let list = cards.run(&["list", "card.img"]);
    assert!(!list.text().contains("format"), "{}", list.text());
}

#[test]
fn random_data_holds_nothing_in_any_order() {
    let mut random = Random::new(7);
    let bytes: Vec<u8> = (0..1 << 20).map(|_| random.byte()).collect();
    let options = Options::everything(Version::default(), 1 << 20);
    let examined = examine_image("card.img", &Memory::from(bytes), &options);
    assert!(examined.catalogue.copies.is_empty());
}
