//! What is lost is found: copies, ids and times, whatever led to them is gone.

use std::collections::BTreeSet;

use crate::support::{Image, examine, report_of};
use bitbox_backup::assess::State;
use bitbox_backup::catalogue::{self, Catalogue, CopyState, Looked, Origin};
use bitbox_backup::image::{Memory, Sectors};
use fixtures::card::Card;
use fixtures::damage::{Base, Random, damage};
use fixtures::fat::Layout;
use fixtures::losses::{self, Loss, State as Left};
use fixtures::wallet;

const CARVE: Looked = Looked::Surface;
const DELETED: Looked = Looked::Deleted;

fn copy_at(catalogue: &Catalogue, offset: u64, whole: bool) -> Option<Origin> {
    let found = catalogue.copies.iter().find(|copy| {
        copy.extents.first().map(|extent| extent.offset) == Some(offset)
            && (copy.state == CopyState::Valid || !whole)
    });
    found.map(|copy| copy.origin)
}

/// What of a loss is not found.
fn missing(loss: &Loss, catalogue: &Catalogue) -> Vec<String> {
    let mut missing = Vec::new();
    for wallet in &loss.wallets {
        for (index, copy) in wallet.copies.iter().enumerate() {
            let whole = copy.state == Left::Whole;
            if copy.state != Left::Gone && copy_at(catalogue, copy.offset, whole).is_none() {
                missing.push(format!("copy {index} at {}: {:?}", copy.offset, copy.state));
            }
        }
        let id = wallet.backup.id();
        let seen = catalogue.ids.iter().any(|seen| seen.id.to_string() == id);
        if wallet.id_named && !seen {
            missing.push(format!("the id {id}"));
        }
        let time = wallet.backup.timestamp;
        if wallet.time_named && !catalogue.times.iter().any(|seen| seen.timestamp == time) {
            missing.push(format!("the time {time}"));
        }
    }
    missing
}

#[test]
fn every_copy_id_and_time_that_is_left_is_found() {
    let mut wrong = Vec::new();
    for (layout_name, layout) in losses::layouts() {
        for loss in losses::all(layout) {
            let (catalogue, assessment) = examine(&Image::new(loss.card.clone()), CARVE);
            for what in missing(&loss, &catalogue) {
                wrong.push(format!("{layout_name} {}: {what}", loss.name));
            }
            for wallet in &loss.wallets {
                let whole = wallet
                    .copies
                    .iter()
                    .filter(|copy| copy.state == Left::Whole);
                let expected = whole.count();
                let backup = assessment.backups.iter().find(|backup| {
                    backup
                        .id
                        .is_some_and(|id| id.to_string() == wallet.backup.id())
                });
                let valid = backup.map_or(0, |backup| {
                    let copies = backup
                        .copies
                        .iter()
                        .filter(|copy| catalogue.copies[**copy].state == CopyState::Valid);
                    copies.count()
                });
                if valid != expected {
                    wrong.push(format!(
                        "{layout_name} {}: {valid} of {expected} whole copies in its generation",
                        loss.name
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn loss(layout: Layout, name: &str) -> Loss {
    let mut all = losses::all(layout).into_iter();
    all.find(|loss| loss.name == name)
        .unwrap_or_else(|| panic!("no loss {name}"))
}

/// The origins of the copies of each wallet, and the state of its backup.
fn found(loss: &Loss, looked: Looked) -> Vec<Option<(State, Vec<Origin>)>> {
    let (catalogue, assessment) = examine(&Image::new(loss.card.clone()), looked);
    let of = |id: String| {
        let mut backups = assessment.backups.iter();
        let backup = backups.find(|one| one.id.is_some_and(|own| own.to_string() == id))?;
        let origins = backup
            .copies
            .iter()
            .map(|copy| catalogue.copies[*copy].origin);
        Some((backup.state, origins.collect()))
    };
    loss.wallets
        .iter()
        .map(|wallet| of(wallet.backup.id()))
        .collect()
}

#[test]
fn each_loss_says_how_its_copies_were_found() {
    use Origin::{Carved, Deleted, Live};
    let high = losses::layouts()[5].1;
    for (layout, name, looked, state, origin) in [
        (
            Layout::FAT16,
            "deleted_files",
            DELETED,
            State::Deleted,
            Deleted,
        ),
        (
            high,
            "deleted_files_by_windows",
            DELETED,
            State::Deleted,
            Deleted,
        ),
        (
            high,
            "deleted_tree_by_windows",
            DELETED,
            State::Deleted,
            Deleted,
        ),
        (
            Layout::FAT12,
            "deleted_tree",
            DELETED,
            State::Deleted,
            Deleted,
        ),
        (high, "mbr_zero", DELETED, State::Hidden, Live),
        (high, "mbr_zero", CARVE, State::Hidden, Live),
        (high, "boot_sector_zero", DELETED, State::Hidden, Live),
        (high, "quick_format", CARVE, State::Deleted, Carved),
        (
            high,
            "quick_format_other_clusters",
            CARVE,
            State::Deleted,
            Carved,
        ),
        (
            Layout::FAT16,
            "quick_format_other_clusters",
            CARVE,
            State::Deleted,
            Carved,
        ),
        (
            Layout::FAT16,
            "all_before_the_root_zero",
            CARVE,
            State::Deleted,
            Carved,
        ),
        (
            high,
            "mbr_and_boot_sectors_zero",
            CARVE,
            State::Deleted,
            Carved,
        ),
        (
            Layout::FAT12,
            "inside_another_file",
            CARVE,
            State::Hidden,
            Live,
        ),
    ] {
        let found = found(&loss(layout, name), looked);
        let expected = Some((state, vec![origin; 3]));
        assert_eq!(found, [expected.clone(), expected], "{name}");
    }
}

#[test]
fn a_format_leaves_the_names_and_they_name_the_copies() {
    for (layout_name, layout) in losses::layouts() {
        for name in [
            "quick_format",
            "quick_format_other_clusters",
            "all_before_the_root_zero",
        ] {
            let loss = loss(layout, name);
            let (catalogue, _) = examine(&Image::new(loss.card.clone()), CARVE);
            for wallet in &loss.wallets {
                for (index, left) in wallet.copies.iter().enumerate() {
                    let copy = catalogue.copies.iter().find(|copy| {
                        copy.extents.first().map(|extent| extent.offset) == Some(left.offset)
                    });
                    let node = &catalogue.nodes[copy.unwrap().node];
                    let end = format!("/{}/{}", wallet.backup.id(), wallet.backup.file_name(index));
                    assert!(
                        node.path.ends_with(&end) && node.offset().is_some(),
                        "{layout_name} {name}: {}",
                        node.path
                    );
                }
            }
        }
    }
}

#[test]
fn copies_hurt_in_any_way_are_found_with_nothing_that_leads_to_them() {
    let mut wrong = Vec::new();
    for name in [
        "three_copies_flipped",
        "a_third_zero_in_each",
        "a_third_cut_out_of_each",
        "first_eight_bytes_zero_in_each",
        "four_seed_bytes_zero_in_each",
        "trailing_zeros",
        "erased_by_device",
    ] {
        let mut loss = loss(Layout::FAT16, name);
        // Everything before the copies, and the folders among them.
        let first = loss.wallets[0].copies[0].offset;
        loss.card.fill(0, first as usize, 0);
        let third = loss.wallets[0].copies[2].offset + 512;
        let next = loss.wallets[1].copies[0].offset;
        loss.card.fill(third, (next - third) as usize, 0);
        let (catalogue, assessment) = examine(&Image::new(loss.card.clone()), CARVE);
        for (wallet, copy) in loss
            .wallets
            .iter()
            .flat_map(|wallet| wallet.copies.iter().map(move |copy| (wallet, copy)))
        {
            let Some(found) = catalogue.copies.iter().position(|found| {
                found.extents.first().map(|extent| extent.offset) == Some(copy.offset)
            }) else {
                wrong.push(format!("{name}: nothing at {}", copy.offset));
                continue;
            };
            let size = catalogue.copies[found].size;
            let whole_length = wallet.backup.encode().len() as u64;
            if size != whole_length && name != "a_third_cut_out_of_each" {
                wrong.push(format!(
                    "{name}: {size} of {whole_length} bytes at {}",
                    copy.offset
                ));
            }
            // Never two wallets in one generation.
            let group = assessment
                .backups
                .iter()
                .find(|one| one.copies.contains(&found));
            let others = loss
                .wallets
                .iter()
                .filter(|other| other.backup != wallet.backup);
            for other in others.flat_map(|other| &other.copies) {
                let mixed = group
                    .unwrap()
                    .copies
                    .iter()
                    .any(|one| catalogue.copies[*one].extents[0].offset == other.offset);
                if mixed && name != "erased_by_device" {
                    wrong.push(format!("{name}: two wallets in one generation"));
                }
            }
        }
        let counted = report_of(&catalogue, &assessment);
        assert!(
            counted.backups.iter().all(|backup| backup.state.is_trace()),
            "{name}"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_second_fat_is_used_and_said() {
    let mut fat = Layout::FAT16.format();
    let bitbox02 = fat.bitbox02();
    for number in 0..12 {
        fat.save(&wallet::numbered(number));
    }
    let (at, len) = (fat.fat(0), fat.layout.fat_sectors() as usize * 512);
    fat.card.fill(at, len, 0);
    assert!(bitbox02.cluster > 0);
    let (catalogue, _) = examine(&Image::new(fat.card.clone()), Looked::Folders);
    assert!(catalogue.ids.len() < 12);
    let (catalogue, assessment) = examine(&Image::new(fat.card), DELETED);
    assert_eq!(catalogue.ids.len(), 12);
    let rules: Vec<_> = assessment
        .all_findings()
        .map(|one| one.rule.name())
        .collect();
    assert!(rules.contains(&"second-fat-used"), "{rules:?}");
}

#[test]
fn what_is_found_anyway_is_not_found_twice() {
    for (_, layout) in losses::layouts() {
        let mut fat = layout.format();
        let first = fat.save(&wallet::twelve());
        fat.save_again(&first, &wallet::twelve_again());
        fat.save(&wallet::twenty_four());
        let image = Image::new(fat.card);
        let (plain, _) = examine(&image, DELETED);
        let (carved, _) = examine(&image, CARVE);
        let copies = |catalogue: &Catalogue| {
            let copies = catalogue.copies.iter();
            copies
                .map(|copy| (copy.extents.clone(), copy.origin))
                .collect::<Vec<_>>()
        };
        assert_eq!(copies(&plain), copies(&carved));
        assert_eq!(plain.nodes.len(), carved.nodes.len());
    }
}

fn surface(bytes: Vec<u8>) -> Catalogue {
    let image = Memory::from(bytes);
    catalogue::locate(&Sectors::new(&image), CARVE)
}

#[test]
fn noise_holds_no_backup() {
    let mut random = Random::new(1);
    let noise: Vec<u8> = (0..1 << 20)
        .flat_map(|_| random.next_u64().to_le_bytes())
        .collect();
    let catalogue = surface(noise);
    assert!(catalogue.copies.is_empty() && catalogue.ids.is_empty());
}

#[test]
fn surfaces_full_of_fakes_end_soon_and_hide_nothing_whole() {
    let copy = wallet::twelve().encode();
    let mut header = copy.clone();
    header[20] ^= 1;
    let slot = |order: u8| {
        let units: [u16; 13] = std::array::from_fn(|_| u16::from(b'a'));
        fixtures::fat::entry::long_slot(order, &units, 7)
    };
    let mut dots = fixtures::fat::entry::ShortEntry::new(b".          ", 0x10)
        .bytes()
        .to_vec();
    dots.resize(512, 0x2E);
    let fakes: [Vec<u8>; 9] = [
        b"\x08\x10\x12\x20".to_vec(),
        b"\x0a\x20".to_vec(),
        b"\x22\x07v9.13.0".to_vec(),
        b"\x22\x33\x08\x10\x12\x20".to_vec(),
        b"\x0a\x6c\x0a\x6a\x0a\x20".to_vec(),
        header,
        slot(0x41).to_vec(),
        slot(0xE5).to_vec(),
        dots,
    ];
    for fake in fakes {
        let mut bytes = fake.repeat((4 << 20) / fake.len());
        let at = bytes.len() / 2 / 512 * 512;
        bytes[at..at + 1024].fill(0);
        bytes[at + 301..at + 301 + copy.len()].copy_from_slice(&copy);
        let start = std::time::Instant::now();
        let catalogue = surface(bytes);
        let valid = copy_at(&catalogue, at as u64 + 301, true);
        assert_eq!(valid, Some(Origin::Carved), "{:?}", &fake[..4]);
        assert!(
            start.elapsed().as_secs() < 60,
            "{:?}: {:?}",
            &fake[..4],
            start.elapsed()
        );
    }
}

#[test]
fn any_damage_is_looked_at_whole() {
    for base in Base::all() {
        for seed in 0..6 {
            let (catalogue, assessment) = examine(&Image::new(damage(seed, &base)), CARVE);
            let report = report_of(&catalogue, &assessment);
            assert!(
                serde_json::to_string(&report).is_ok(),
                "{} seed {seed}",
                base.name
            );
        }
    }
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let mut random = Random::new(5);
    let mut card = Card::new(24 << 20);
    let copy = wallet::twenty_four().encode();
    for _ in 0..300 {
        let mut bytes = copy.clone();
        if random.one_in(2) {
            let at = random.below(bytes.len() as u64) as usize;
            bytes[at] ^= 1 << random.below(8);
        }
        // Also across the places where the surface is cut.
        let piece = random.below(47) * (512 << 10);
        card.write_at(piece + (512 << 10) - random.below(140), &bytes);
        card.write_at(random.below((24 << 20) - 200), &bytes);
    }
    let bytes = card.to_vec();
    let image = Memory::from(bytes);
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let alone = one.install(|| catalogue::surface(&image));
    assert_eq!(alone, catalogue::surface(&image));
    assert!(alone.artifacts.len() > 100);
}

#[test]
fn an_unreadable_sector_is_said_and_the_rest_looked_at() {
    let loss = loss(Layout::FAT16, "quick_format");
    let bad = loss.wallets[0].copies[1].offset / 512;
    let image = Image::with_bad_sector(loss.card.clone(), bad);
    let (catalogue, assessment) = examine(&image, CARVE);
    let rules: Vec<_> = assessment
        .all_findings()
        .map(|one| one.rule.name())
        .collect();
    assert!(rules.contains(&"unreadable-sectors"), "{rules:?}");
    let valid = catalogue
        .copies
        .iter()
        .filter(|copy| copy.state == CopyState::Valid);
    let offsets: BTreeSet<_> = valid.map(|copy| copy.extents[0].offset).collect();
    assert_eq!(offsets.len(), 5);
}

/// Slots of long names whose attributes an old Windows cleared are names, and no files of 4 GiB.
#[test]
fn names_are_read_from_slots_with_cleared_attributes() {
    let id = wallet::twelve().id();
    for (name, looked) in [
        ("deleted_with_cleared_slots", DELETED),
        ("cleared_slots_after_a_format", CARVE),
    ] {
        let card = fixtures::recipes::named(name).unwrap().card;
        let (catalogue, _) = examine(&Image::new(card), looked);
        assert!(
            catalogue.ids.iter().any(|seen| seen.id.to_string() == id),
            "{name}"
        );
        let files: Vec<_> = catalogue
            .nodes
            .iter()
            .filter(|node| !node.is_directory)
            .collect();
        assert!(
            files.iter().all(|node| node.size < 1024),
            "{name}: {files:?}"
        );
        for number in 0..3 {
            let file = wallet::twelve().file_name(number);
            assert!(
                files.iter().any(|node| node.name == file),
                "{name}: {files:?}"
            );
        }
    }
}

/// The bytes as hexadecimal in rows of a dump, with their offsets.
fn dump(bytes: &[u8]) -> String {
    let rows = bytes.chunks(16).enumerate().map(|(row, bytes)| {
        let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{:08x}  {}\n", row * 16, bytes.join(" "))
    });
    rows.collect()
}

/// A copy that somebody wrote down as digits, in a file that nothing leads to any more.
#[test]
fn texts_of_digits_are_found_on_the_surface() {
    let backup = wallet::twelve();
    let copy = backup.encode();
    let plain: String = copy.iter().map(|byte| format!("{byte:02x}")).collect();
    let wide: Vec<u8> = plain.bytes().flat_map(|byte| [byte, 0]).collect();
    let array: Vec<String> = copy.iter().map(u8::to_string).collect();
    let array = format!("{{\"backup\": [{}]}}", array.join(", "));
    let texts = [
        plain.clone().into_bytes(),
        dump(&copy).into_bytes(),
        wide,
        array.into_bytes(),
    ];
    for (number, text) in texts.iter().enumerate() {
        // At the beginning of a sector, also of one in which another piece of the surface begins.
        for at in [300 * 512_u64, (512 << 10) - 512] {
            let layout = Layout::FAT12.with_clusters(2000);
            let mut card = layout.format().card;
            card.write_at(at, text);
            // What lay there before is no part of it.
            card.write_at(at + text.len() as u64, &[0xE5, 0, 0xFF]);
            let (catalogue, assessment) = examine(&Image::new(card.clone()), CARVE);
            let what = format!("text {number} at {at}");
            let [found] = catalogue.copies.as_slice() else {
                panic!("{what}: {} copies", catalogue.copies.len());
            };
            assert_eq!(
                (found.state, found.origin),
                (CopyState::Valid, Origin::Carved)
            );
            assert_eq!(found.extents[0].offset, at, "{what}");
            assert_eq!(found.extents[0].length, text.len() as u64, "{what}");
            assert!(found.form.is_some(), "{what}");
            let ids = assessment.backups.iter().filter_map(|one| one.id);
            assert_eq!(
                ids.map(|id| id.to_string()).collect::<Vec<_>>(),
                [backup.id()]
            );
            // With a digit that is wrong it is whole no more.
            let byte = card.bytes(at + 72, 1)[0];
            card.write_at(at + 72, &[if byte == b'1' { b'2' } else { b'1' }]);
            let (catalogue, _) = examine(&Image::new(card), CARVE);
            let states: Vec<_> = catalogue.copies.iter().map(|copy| copy.state).collect();
            assert!(!states.contains(&CopyState::Valid), "{what}");
        }
    }
}

/// A text that somebody wrote several backups down in, short or behind pages of something else, is searched to its end
/// wherever it lies.
#[test]
fn all_copies_of_a_text_are_found_wherever_it_lies() {
    let five = wallet::five();
    let all: BTreeSet<_> = five.iter().map(|backup| backup.id()).collect();
    let short: String = five
        .iter()
        .map(|backup| format!("backup {}\n{}\n", backup.name, dump(&backup.encode())))
        .collect();
    let long = format!(
        "{}{short}",
        "00:12 how are you? fine, and you?\n".repeat(4000)
    );
    let ids = |card: &Card, looked| {
        let (_, assessment) = examine(&Image::new(card.clone()), looked);
        let ids = assessment.backups.iter().filter_map(|one| one.id);
        ids.map(|id| id.to_string()).collect::<BTreeSet<_>>()
    };
    for text in [short.as_bytes(), long.as_bytes()] {
        let mut fat = Layout::FAT16.format();
        let root = fat.root();
        let file = fat.make_file(root, "chat.txt", text);
        assert_eq!(ids(&fat.card, DELETED), all, "live, {} bytes", text.len());
        fat.delete(&file);
        assert_eq!(
            ids(&fat.card, DELETED),
            all,
            "deleted, {} bytes",
            text.len()
        );
    }
    let mut fat = Layout::FAT16.format();
    let at = fat.cluster(40);
    fat.card.write_at(at, short.as_bytes());
    assert_eq!(ids(&fat.card, CARVE), all, "on the surface");
}
