use fixtures::backup::Backup;
use fixtures::classes::flip;
use fixtures::damage::Random;
use fixtures::fat::Layout;
use fixtures::wallet;

use super::*;
use crate::image::Memory;

const SERIAL: u32 = 0x1A2B_3C4D;

fn card(layout: &Layout, serial: u32, backups: &[Backup]) -> Vec<u8> {
    let layout = Layout { serial, ..*layout };
    let mut fat = layout.format();
    for backup in backups {
        fat.save(backup);
    }
    fat.card.to_vec()
}

fn small() -> Layout {
    Layout::FAT12.with_clusters(400)
}

/// Where another card shows, in both ways in which a card is read again.
fn other(first: &[u8], again: &[u8]) -> Option<u64> {
    let [image, card] = [first, again].map(|bytes| Memory::new(bytes.to_vec()));
    let read = reread(&card, &image, None, &Progress::default()).unwrap();
    assert_eq!(is_of(&image, &card), read.other_card().is_none());
    read.other_card()
}

/// Each reading of a worn card has errors of its own, and some sectors are blank.
#[test]
fn a_worn_card_is_no_other() {
    let backups = [wallet::twelve(), wallet::twenty_four()];
    let whole = card(&small(), SERIAL, &backups);
    for seed in 0..20 {
        let random = &mut Random::new(seed);
        for rate in [0.0, 0.000_01, 0.001, 0.01, 0.05, 0.15] {
            let [first, again] = [0xFF, 0].map(|blank| {
                let mut bytes = whole.clone();
                flip(random, &mut bytes, rate);
                for sector in bytes.chunks_mut(512) {
                    if random.below(10) == 0 {
                        sector.fill(blank);
                    }
                }
                bytes
            });
            assert_eq!(other(&first, &again), None, "{seed}: {rate}");
            assert_eq!(other(&whole, &again), None, "{seed}: {rate}");
        }
    }
}

/// Only what was written rots, where cells lose what they hold: the rest of a sector says nothing of it.
#[test]
fn a_card_of_which_the_files_rot_is_no_other() {
    let backup = wallet::twenty_four();
    let file = backup.encode();
    let whole = card(&small(), SERIAL, std::slice::from_ref(&backup));
    let starts: Vec<usize> = (0..whole.len())
        .step_by(512)
        .filter(|at| whole[*at..].starts_with(&file))
        .collect();
    assert_eq!(starts.len(), 3);
    for seed in 0..100 {
        let random = &mut Random::new(seed);
        for rate in [0.01, 0.06, 0.15] {
            let [first, again] = [(); 2].map(|()| {
                let mut bytes = whole.clone();
                for start in &starts {
                    flip(random, &mut bytes[*start..*start + file.len()], rate);
                }
                bytes
            });
            assert_eq!(other(&first, &again), None, "{seed}: {rate}");
        }
    }
}

#[test]
fn a_card_with_another_backup_is_another() {
    let [twelve, words] = [wallet::twelve(), wallet::twenty_four()];
    let whole = card(&small(), SERIAL, &[twelve.clone(), words.clone()]);
    let of = |backups: &[Backup]| other(&whole, &card(&small(), SERIAL, backups));
    assert_eq!(of(&[twelve.clone(), words.clone()]), None);
    let later = Backup {
        timestamp: twelve.timestamp + 1,
        ..twelve.clone()
    };
    let mut seed = Backup {
        seed: words.seed.iter().map(|byte| byte.rotate_left(3)).collect(),
        ..words.clone()
    };
    assert!(of(&[later, words.clone()]).is_some());
    assert!(of(&[twelve.clone(), seed.clone()]).is_some());
    assert!(of(&[words, twelve.clone()]).is_some());
    // Whatever seed it is of.
    for number in 0..32 {
        seed.seed[number] ^= 0x5A;
        assert!(of(&[twelve.clone(), seed.clone()]).is_some(), "{number}");
    }
}

#[test]
fn a_card_with_another_volume_is_another() {
    for layout in [small(), Layout::FAT32.with_clusters(66_000)] {
        let backups = [wallet::twelve()];
        let whole = card(&layout, SERIAL, &backups);
        let found = other(&whole, &card(&layout, 0x6E0F_91B2, &backups));
        assert_eq!(found, Some(layout.format().boot()));
        // A bit or two of it rot.
        assert_eq!(
            other(&whole, &card(&layout, SERIAL ^ 0x8001, &backups)),
            None
        );
    }
}

#[test]
fn an_empty_card_is_another() {
    let whole = card(&small(), SERIAL, &[wallet::twelve()]);
    for byte in [0, 0xFF] {
        assert_eq!(other(&whole, &vec![byte; whole.len()]), Some(0));
    }
    // Nothing says so of two that are empty.
    let empty = Memory::new(vec![0; whole.len()]);
    assert!(!is_of(&empty, &empty));
}

/// A copy that goes on with it would be a mixture of two times: a computer puts files on every card that it mounts.
#[test]
fn a_card_that_was_written_to_since_is_another() {
    for layout in [small(), Layout::FAT32.with_clusters(66_000)] {
        let mut fat = Layout {
            serial: SERIAL,
            ..layout
        }
        .format();
        fat.save(&wallet::twelve());
        let whole = fat.card.to_vec();
        let root = fat.root();
        for name in [
            "System Volume Information",
            ".Spotlight-V100",
            ".Trashes",
            ".fseventsd",
        ] {
            let folder = fat.make_dir(root, name).as_dir();
            for file in ["IndexerVolumeGuid", "WPSettings.dat", "no_log"] {
                fat.make_file(folder, file, b"{8F6D0A51-5C0B-4E1C-9D23-6A0A2C6B2F11}");
            }
        }
        assert!(other(&whole, &fat.card.to_vec()).is_some());
        assert!(other(&fat.card.to_vec(), &whole).is_some());
    }
    let [first, second] = [wallet::twelve(), wallet::twenty_four()];
    let whole = card(&small(), SERIAL, std::slice::from_ref(&first));
    assert!(other(&whole, &card(&small(), SERIAL, &[first, second])).is_some());
}
