//! A dump that a tool wrote inverted, or in another order, is read where nothing else was found.

use bitbox_backup::examine::{Options, examine_image};
use bitbox_backup::firmware::Version;
use bitbox_backup::image::Memory;
use fixtures::classes;
use fixtures::damage::Random;
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
    }
}

#[test]
fn random_data_holds_nothing_in_any_order() {
    let mut random = Random::new(7);
    let bytes: Vec<u8> = (0..1 << 20).map(|_| random.byte()).collect();
    let options = Options::everything(Version::default(), 1 << 20);
    let examined = examine_image("card.img", &Memory::from(bytes), &options);
    assert!(examined.catalogue.copies.is_empty());
}
