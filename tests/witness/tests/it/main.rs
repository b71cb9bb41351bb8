//! The witness on cards whose answer is known from the firmware itself.

mod card;
mod wallet;
mod writes;

use std::panic::{AssertUnwindSafe, catch_unwind};

use card::Card;
use fatfs::FatType;
use wallet::{ID, NO_METADATA, SEED, known, listed};
use witness::{Answer, SdError, Sectors, list_subdir};

const NONE: Answer = Answer::Ok(Vec::new());

fn one() -> Answer {
    Answer::Ok(vec![listed()])
}

/// The usual card with the known backup on it.
fn healthy() -> Card {
    let mut card = Card::fat16();
    card.back_up(ID, &known());
    card
}

#[test]
fn a_known_backup_is_listed_on_every_kind_of_volume() {
    let kinds = [
        (FatType::Fat12, 512),
        (FatType::Fat16, 8192),
        (FatType::Fat32, 70_000),
    ];
    for (kind, sectors) in kinds {
        let mut card = Card::new(kind, sectors, 1);
        assert_eq!(card.answer(), NONE, "{kind:?}, no bitbox02");
        card.back_up(ID, &known());
        assert_eq!(card.answer(), one(), "{kind:?}");
        assert_eq!(
            card.in_partition(63).answer(),
            one(),
            "{kind:?} in a partition"
        );
    }
}

#[test]
fn backups_are_listed_in_directory_order() {
    let mut card = Card::fat16();
    let seeds = [[9; 16].to_vec(), [1; 32].to_vec(), [5; 24].to_vec()];
    let mut expected = Vec::new();
    for (n, seed) in (1..).zip(&seeds) {
        let (id, file) = wallet::back_up(seed, 1_600_000_000 + n, &format!("wallet {n}"));
        card.back_up(&id, &file);
        expected.push((id, 1_600_000_000 + n, format!("wallet {n}")));
    }
    let Answer::Ok(list) = card.answer() else {
        panic!("it is healthy")
    };
    let list: Vec<_> = list
        .into_iter()
        .map(|l| (l.id, l.timestamp, l.name))
        .collect();
    assert_eq!(list, expected);
}

#[test]
fn the_first_copy_that_passes_wins() {
    let seed = hex::decode(SEED).expect("it is hex");
    let (id, stale) = wallet::back_up(&seed, 1_500_000_000, "stale");
    assert_eq!(id, ID);
    let mut card = Card::fat16();
    card.put_copies(ID, &[b"no backup", &stale, &known()]);
    let Answer::Ok(list) = card.answer() else {
        panic!("it is healthy")
    };
    assert_eq!(list[0].name, "stale");
}

#[test]
fn broken_copies_are_outvoted_if_they_are_of_one_length() {
    let broken = |place: usize| {
        let mut copy = known();
        copy[place] ^= 0xFF;
        copy
    };
    let mut card = Card::fat16();
    card.put_copies(ID, &[&broken(50), &broken(70), &broken(90)]);
    assert_eq!(card.answer(), one());

    let mut card = Card::fat16();
    card.put_copies(ID, &[&broken(50), &broken(70), &broken(90)[..100]]);
    assert_eq!(card.answer(), NONE);
}

#[test]
fn a_directory_needs_exactly_three_readable_entries_and_its_own_id() {
    let mut two = Card::fat16();
    two.put_copies(ID, &[&known(), &known()]);
    assert_eq!(two.answer(), NONE);

    let mut four = healthy();
    four.write([(format!("bitbox02/{ID}/.DS_Store"), &b""[..])]);
    assert_eq!(four.answer(), NONE);

    let mut large = Card::fat16();
    large.put_copies(ID, &[&known(), &known(), &[0; 1025]]);
    assert_eq!(large.answer(), NONE);
    let name = b"backup_Mon_2020-09-28T08-30-09Z_2.bin";
    assert_eq!(
        witness::load_bin(&large, name, ID.as_bytes()),
        Err(SdError::Size)
    );

    let mut renamed = Card::fat16();
    renamed.back_up(&ID.to_uppercase(), &known());
    assert_eq!(renamed.answer(), NONE);
}

#[test]
fn a_copy_without_metadata_crashes_the_device_unless_another_won_before() {
    let mut card = Card::fat16();
    card.put_copies(ID, &[NO_METADATA, &known(), &known()]);
    assert_eq!(card.answer(), Answer::Crash);

    let mut card = Card::fat16();
    card.put_copies(ID, &[&known(), NO_METADATA, NO_METADATA]);
    assert_eq!(card.answer(), one());
}

#[test]
fn an_answer_too_long_crashes_the_device() {
    let mut card = Card::fat16();
    for n in 1..=79_u8 {
        let (id, file) = wallet::back_up(&[n; 16], 1_600_000_000, "twenty characters ok");
        card.back_up(&id, &file);
    }
    assert!(matches!(card.answer(), Answer::Ok(list) if list.len() == 79));
    let (id, file) = wallet::back_up(&[80; 16], 1_600_000_000, "twenty characters ok");
    card.back_up(&id, &file);
    assert_eq!(card.answer(), Answer::Crash);
}

#[test]
fn an_accent_fails_the_list_or_hides_its_directory() {
    let mut card = healthy();
    card.write([("bitbox02/für Mama".to_owned(), &b""[..])]);
    assert_eq!(card.answer(), Answer::Error);
    let names = list_subdir(&card, None).expect("FatFs itself does not mind");
    assert_eq!(names, [ID.as_bytes(), b"f\x81r Mama"]);

    let mut card = Card::fat16();
    card.put_copies(ID, &[&known(), &known()]);
    card.write([(format!("bitbox02/{ID}/für.bin"), &known()[..])]);
    assert_eq!(card.answer(), NONE);

    let mut elsewhere = healthy();
    elsewhere.write([("Überweisung".to_owned(), &b""[..])]);
    assert_eq!(elsewhere.answer(), one());
}

#[test]
fn what_is_no_directory_is_an_empty_one_and_what_is_no_volume_an_error() {
    let mut file = Card::fat16();
    file.write([("bitbox02".to_owned(), &b"a file"[..])]);
    assert_eq!(file.answer(), NONE);

    let mut blank = Card::fat16();
    blank.bytes.fill(0);
    assert_eq!(blank.answer(), Answer::Error);
    assert_eq!(list_subdir(&blank, None), Err(SdError::Mount(13))); // FR_NO_FILESYSTEM
}

#[test]
fn sectors_that_cannot_be_read_hide_a_file_and_fail_a_mount() {
    let mut card = healthy();
    let sector = u32::try_from(card.find(&known(), 2) / 512).expect("a small card");
    card.unreadable.insert(sector);
    assert_eq!(card.answer(), NONE);

    let mut cut = healthy();
    cut.bytes.truncate(sector as usize * 512);
    assert_eq!(cut.answer(), NONE);

    let mut boot = healthy();
    boot.unreadable.insert(0);
    assert_eq!(boot.answer(), Answer::Error);
    assert_eq!(list_subdir(&boot, None), Err(SdError::Mount(1))); // FR_DISK_ERR
}

#[test]
fn a_directory_that_loops_ends_after_200_names_or_65536_slots() {
    let mut card = healthy();
    let (cluster, place) = card.bitbox02();
    for slot in (place..place + 512)
        .step_by(32)
        .filter(|slot| *slot != place)
    {
        if card.bytes[slot] == 0 {
            card.bytes[slot] = 0xE5;
        }
    }
    card.link(cluster, cluster);
    assert_eq!(list_subdir(&card, None).map(|names| names.len()), Ok(200));
    assert_eq!(card.answer(), Answer::Crash);

    for slot in (place + 64..place + 512).step_by(32) {
        card.bytes[slot] = 0xE5;
    }
    assert_eq!(card.answer(), NONE);
}

#[test]
fn the_firmware_refuses_a_geometry_that_wraps() {
    let mut card = Card::new(FatType::Fat32, 70_000, 1);
    card.bytes[36..40].copy_from_slice(&0x8000_0001_u32.to_le_bytes()); // BPB_FATSz32, of two FATs
    assert_eq!(list_subdir(&card, None), Err(SdError::Geometry));
    assert_eq!(card.answer(), Answer::Error);
}

/// Where R0.15 is not the device's R0.16 with its first patch, which mounts the first and refuses
/// the second.
#[test]
fn very_small_volumes_are_judged_as_r0_15_judges_them() {
    let small = Card::new(FatType::Fat12, 127, 1);
    assert_eq!(list_subdir(&small, None), Err(SdError::Mount(13)));

    let mut few_clusters = Card::new(FatType::Fat12, 128, 4);
    few_clusters.back_up(ID, &known());
    assert_eq!(few_clusters.answer(), one());
}

#[test]
fn a_panic_of_the_card_is_passed_on_once() {
    struct Broken;
    impl Sectors for Broken {
        fn count(&self) -> u64 {
            8192
        }
        fn read(&self, _: u32, _: &mut [u8; 512]) -> bool {
            panic!("pulled out")
        }
    }
    let panic = catch_unwind(AssertUnwindSafe(|| witness::list_backups(&Broken)));
    let panic = panic.expect_err("it panics");
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"pulled out"));
    assert_eq!(healthy().answer(), one());
}
