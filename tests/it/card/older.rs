//! Firmware before v9.13.0: what it mounts, decodes and writes over, against the witness and by recipes.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::oracle::expected;
use crate::support::{Image, examine_as, view_of};
use bitbox_backup::catalogue::Looked;
use bitbox_backup::finding::Severity;
use bitbox_backup::firmware::{self, Version};
use bitbox_backup::image::Sectors;
use fixtures::backup::wire::Message;
use fixtures::backup::{Backup, ModeWidth, wrap};
use fixtures::card::Card;
use fixtures::damage::{Base, damage};
use fixtures::fat::Layout;
use fixtures::recipe::Expected;
use fixtures::{recipes, wallet};

/// A card that is written to in memory.
struct Writable<'a>(&'a Card, RefCell<BTreeMap<u32, [u8; 512]>>);

impl witness::Sectors for Writable<'_> {
    fn count(&self) -> u64 {
        self.0.size() / 512
    }

    fn read(&self, lba: u32, buf: &mut [u8; 512]) -> bool {
        match self.1.borrow().get(&lba) {
            Some(sector) => {
                *buf = *sector;
                true
            }
            None => self.0.read_at(u64::from(lba) * 512, buf) == 512,
        }
    }

    fn write_sector(&self, lba: u32, sector: &[u8; 512]) -> bool {
        self.1.borrow_mut().insert(lba, *sector);
        true
    }

    fn checks_geometry(&self) -> bool {
        false
    }
}

fn witness(card: &Card) -> (Expected, usize) {
    let card = Writable(card, RefCell::default());
    let answer = expected(witness::list_backups_old(&card));
    (answer, card.1.into_inner().len())
}

fn view(card: &Card, version: &str) -> Expected {
    let image = Image::new(card.clone());
    let sectors = Sectors::new(&image);
    view_of(&firmware::list_backups(&sectors, version.parse().unwrap()).list)
}

fn count(view: &Expected) -> Option<usize> {
    match view {
        Expected::Ok(list) => Some(list.len()),
        Expected::Error | Expected::Crash => None,
    }
}

/// How many damages of all bases together, and the first seed.
fn damages() -> (u64, u64) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    (
        number("OLDER_DAMAGES").unwrap_or(6_000),
        number("ORACLE_FIRST_SEED").unwrap_or(0),
    )
}

#[test]
fn the_witness_of_v9_12_agrees_on_thousands_of_damages() {
    let bases = Base::all();
    let (damages, first) = damages();
    let each = damages.div_ceil(bases.len() as u64);
    let (mut wrong, mut written) = (Vec::new(), 0);
    for base in &bases {
        for seed in first..first + each {
            let card = damage(seed, base);
            let (theirs, writes) = witness(&card);
            written += usize::from(writes > 0);
            let ours = view(&card, "9.12.0");
            if ours != theirs {
                wrong.push(format!(
                    "{} seed {seed}\n  ours {ours:?}\n  witness {theirs:?}",
                    base.name
                ));
            }
        }
    }
    println!(
        "{} damages, {written} cards written to",
        each * bases.len() as u64
    );
    // A file that is not found by its name is made anew. Of that our view follows only the contents, so a
    // few damages of names may differ.
    assert!(
        wrong.len() as u64 * 2000 <= damages,
        "{} disagree\n{}",
        wrong.len(),
        wrong[..wrong.len().min(10)].join("\n")
    );
    assert!(written > 100, "{written} cards written to");
}

/// How many backups each of these versions lists; `None` for an error or a crash.
fn counts<const N: usize>(card: &Card, versions: [&str; N]) -> [Option<usize>; N] {
    versions.map(|version| count(&view(card, version)))
}

fn card_of(backup: &Backup, copy: &[u8]) -> Card {
    let mut fat = Layout::FAT12.format();
    fat.save_bytes(backup, [copy, copy, copy]);
    fat.card
}

#[test]
fn fatfs_r013c_looks_at_the_mark_and_the_type_string() {
    let border = ["9.7.0", "9.8.0", "9.26.5"];
    let unmarked = recipes::named("boot_no_signature_fat12").unwrap();
    assert_eq!(counts(&unmarked.card, border), [None, Some(1), Some(1)]);
    let untyped = recipes::named("boot_no_type_string_fat16").unwrap();
    assert_eq!(counts(&untyped.card, border), [None, Some(1), Some(1)]);
    // Five characters are enough there.
    let mut short = Layout::FAT32.format();
    short.save(&wallet::twelve());
    short.card.write_at(82, b"FAT32xyz");
    assert_eq!(counts(&short.card, border), [Some(1), None, None]);
    // An entry of the partition table without a type is none.
    let mut partition = Layout::FAT16.in_mbr(0).format();
    partition.save(&wallet::twelve());
    partition.card.set_u8(446 + 4, 0);
    assert_eq!(counts(&partition.card, border), [None, Some(1), Some(1)]);
}

#[test]
fn fatfs_r013c_looks_for_a_name_behind_the_last_separator_of_a_path() {
    // R0.14b ignores that separator. Another build of R0.13c answers the same for this card.
    let copy = wallet::twelve().encode();
    for separator in ["/", "\\"] {
        let mut fat = Layout::FAT12.format();
        fat.save_in("copy", &wallet::twelve(), [&copy, &copy, &copy]);
        fat.save_in(
            &format!("copy{separator}"),
            &wallet::twelve(),
            [&copy, &copy, &copy],
        );
        assert_eq!(
            counts(&fat.card, ["9.0.0", "9.7.0", "9.8.0", "9.12.0"]),
            [Some(1), Some(1), Some(2), Some(2)],
            "{separator}"
        );
        assert_eq!(view(&fat.card, "9.12.0"), witness(&fat.card).0);
    }
}

#[test]
fn a_seed_length_over_32_is_another_thing_to_each_firmware() {
    let long = recipes::named("field_seed_length_33").unwrap();
    let listed = ["9.0.0", "9.8.0", "9.13.0", "9.26.2"];
    assert_eq!(counts(&long.card, listed), [Some(1); 4]);
    for version in ["9.9.0", "9.12.0", "9.26.3", "9.26.4"] {
        assert_eq!(view(&long.card, version), Expected::Crash, "{version}");
    }
    assert_eq!(counts(&long.card, ["9.26.5"]), [Some(0)]);
}

#[test]
fn a_long_folder_name_fails_the_list_below_v9_9() {
    let copy = wallet::twelve().encode();
    for (length, below) in [(64, Some(1)), (65, None)] {
        let mut fat = Layout::FAT12.format();
        fat.save_in(
            &"a".repeat(length),
            &wallet::twelve(),
            [&copy, &copy, &copy],
        );
        assert_eq!(
            counts(&fat.card, ["9.0.0", "9.8.0", "9.9.0"]),
            [below, below, Some(1)]
        );
        let error = (length > 64).then_some(Severity::Error);
        assert_eq!(severity(&fat.card, "9.8.0", "folder-name-too-long"), error);
    }
}

#[test]
fn a_name_ends_at_its_nul_below_v9_13() {
    let backup = Backup {
        name: "Ab\0cd".into(),
        ..wallet::twelve()
    };
    let card = card_of(&backup, &backup.encode());
    for (version, name) in [("9.8.0", "Ab"), ("9.12.0", "Ab"), ("9.13.0", "Ab\0cd")] {
        let Expected::Ok(list) = view(&card, version) else {
            panic!("{version}")
        };
        assert_eq!(list[0].name, name, "{version}");
    }
}

#[test]
fn nanopb_takes_and_refuses_what_prost_does_not() {
    let border = ["9.0.0", "9.12.0", "9.13.0", "9.26.5"];
    let twelve = wallet::twelve();
    let content = twelve.content();
    let wrapped = |message: Message| card_of(&twelve, &wrap(&message.into_bytes()));
    let only_new = [Some(0), Some(0), Some(1), Some(1)];

    let halves = Message::new().bytes(1, &Message::new().text(1, &content.checksum).into_bytes());
    let rest = Message::new()
        .bytes(2, content.metadata.as_ref().unwrap())
        .text(4, &content.data);
    let halves = halves.bytes(1, &rest.into_bytes()).into_bytes();
    let split = card_of(&twelve, &Message::new().bytes(1, &halves).into_bytes());
    assert_eq!(counts(&split, border), only_new, "content in two");
    let group = wrapped(content.message().group(9, &[]));
    assert_eq!(counts(&group, border), only_new, "an unknown group");
    let wide = wrapped(content.message().varint(3, 1 << 32));
    assert_eq!(counts(&wide, border), only_new, "a number over 32 bits");

    let mode = Backup {
        mode: 1,
        ..wallet::twelve()
    };
    let moded = mode.content();
    let usual = card_of(&mode, &moded.encode());
    assert_eq!(counts(&usual, border), only_new, "mode 1");
    let before = Message::new()
        .text(1, &moded.checksum)
        .bytes(4, &moded.data)
        .bytes(2, moded.metadata.as_ref().unwrap());
    let before = card_of(&mode, &wrap(&before.into_bytes()));
    assert_eq!(counts(&before, border), [Some(1); 4], "data before mode 1");

    let empty = Backup {
        seed: vec![0; 32],
        seed_length: 0,
        birthdate: 0,
        generator: String::new(),
        ..wallet::twelve()
    };
    let without = Message::new()
        .text(1, &empty.checksum(ModeWidth::OneByte))
        .bytes(2, &empty.metadata());
    let without = card_of(&empty, &wrap(&without.into_bytes()));
    assert_eq!(
        counts(&without, border),
        [Some(1), Some(1), Some(0), Some(0)],
        "no data"
    );
}

/// The severity of a rule in what is said of a card.
fn severity(card: &Card, version: &str, rule: &str) -> Option<Severity> {
    let image = Image::new(card.clone());
    let (_, assessment) = examine_as(&image, Looked::Deleted, version.parse().unwrap());
    let mut findings = assessment.all_findings();
    findings
        .find(|finding| finding.rule.name() == rule)
        .map(|finding| finding.severity)
}

#[test]
fn what_cannot_be_written_over_hides_the_backup_below_v9_13() {
    for layout in [Layout::FAT12, Layout::FAT16, Layout::FAT32] {
        let card = |start: Option<u32>, link: Option<u32>| {
            let mut fat = layout.format();
            let set = fat.save(&wallet::twelve());
            fat.card.flip(set.files[0].data + 60, 0xFF);
            if let Some(link) = link {
                fat.set_entry(set.files[0].cluster, link);
            }
            if let Some(start) = start {
                fat.point(&set.files[0], start, set.files[0].size);
            }
            fat.card
        };
        let past = layout.clusters + 2;
        for hidden in [
            card(Some(1), None),
            card(Some(past), None),
            card(None, Some(1)),
        ] {
            assert_eq!(
                counts(&hidden, ["9.0.0", "9.12.0"]),
                [Some(0); 2],
                "{layout:?}"
            );
            let rule = "copy-not-rewritable";
            assert_eq!(severity(&hidden, "9.12.0", rule), Some(Severity::Error));
        }
        for rewritten in [card(None, None), card(None, Some(0)), card(Some(0), None)] {
            assert_eq!(
                counts(&rewritten, ["9.0.0", "9.12.0"]),
                [Some(1); 2],
                "{layout:?}"
            );
            let rule = "copy-rewritten";
            assert_eq!(
                severity(&rewritten, "9.12.0", rule),
                Some(Severity::Warning)
            );
            assert_eq!(severity(&rewritten, "9.13.0", rule), None);
        }
    }
}

#[test]
fn a_copy_behind_the_end_of_the_card_counts_as_written_below_v9_13() {
    // FatFs still holds the sector when it says so; nobody looks at what closing the file answers.
    for layout in [Layout::FAT12, Layout::FAT16, Layout::FAT32] {
        let mut fat = layout.format();
        let set = fat.save(&wallet::twelve());
        let last = fat.past_end() - 1;
        fat.set_entry(last, 0x0FFF_FFFF);
        fat.point(&set.files[0], last, set.files[0].size);
        fat.card.set_len(fat.cluster(last));
        assert_eq!(
            counts(&fat.card, ["9.0.0", "9.12.0", "9.13.0"]),
            [Some(1), Some(1), Some(0)],
            "{layout:?}"
        );
        assert_eq!(view(&fat.card, "9.12.0"), witness(&fat.card).0);
    }
}

#[test]
fn a_copy_made_anew_makes_a_full_folder_longer_below_v9_13() {
    for layout in [Layout::FAT12, Layout::FAT16, Layout::FAT32] {
        // A volume bit, and the copy is not found by its name. Two entries are left, it takes four.
        let card = |used: &dyn Fn(u32) -> Option<u32>| {
            let mut fat = layout.format();
            let set = fat.save(&wallet::twelve());
            fat.card.set_u8(set.files[0].entry + 11, 0x09);
            for cluster in set.files[2].cluster + 1..fat.past_end() {
                if let Some(link) = used(cluster) {
                    fat.set_entry(cluster, link);
                }
            }
            let past = fat.past_end();
            (fat.card, set.files[2].cluster, past)
        };
        let (roomy, last, past) = card(&|_| None);
        let (full, ..) = card(&|_| Some(0x0FFF_FFFF));
        // A link 1 stops a search for a free cluster that comes to it.
        let (stopped, ..) = card(&|cluster| (cluster == last + 1).then_some(1));
        let (passed, ..) = card(&|cluster| (cluster == past - 1).then_some(1));
        for (card, listed) in [(roomy, 1), (full, 0), (stopped, 0), (passed, 1)] {
            let theirs = witness(&card).0;
            assert_eq!(count(&theirs), Some(listed), "{layout:?}");
            assert_eq!(view(&card, "9.12.0"), theirs, "{layout:?}");
            assert_eq!(view(&card, "9.7.0"), theirs, "{layout:?}");
        }
    }
}

#[test]
fn what_is_freed_for_a_copy_may_be_the_folder_of_another_backup() {
    let mut fat = Layout::FAT16.format();
    let first = fat.save(&wallet::numbered(1));
    let second = fat.save(&wallet::numbered(2));
    fat.point(&first.files[0], second.folder.cluster, first.files[0].size);
    assert_eq!(
        counts(&fat.card, ["9.0.0", "9.12.0", "9.13.0"]),
        [Some(1), Some(1), Some(2)]
    );
    let rule = "copy-rewritten";
    assert_eq!(severity(&fat.card, "9.12.0", rule), Some(Severity::Error));
    let image = Image::new(fat.card.clone());
    let (_, assessment) = examine_as(
        &image,
        Looked::Deleted,
        "9.12.0".parse::<Version>().unwrap(),
    );
    let causes: Vec<_> = assessment
        .backups
        .iter()
        .filter_map(|backup| backup.cause.clone())
        .collect();
    assert_eq!(causes, ["this firmware destroys it while it lists"]);
}
