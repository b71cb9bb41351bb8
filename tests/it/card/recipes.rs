//! Every card recipe: what the device answers, and that no backup goes unexplained.

use std::collections::BTreeSet;

use crate::support::{Image, device_view, examine, examine_as};
use bitbox_backup::assess::State;
use bitbox_backup::catalogue::Looked;
use bitbox_backup::finding::Severity;
use bitbox_backup::firmware::List;
use fixtures::backup::Backup;
use fixtures::card::Card;
use fixtures::fat::Layout;
use fixtures::recipe::Expected;
use fixtures::recipes;
use fixtures::wallet;

#[test]
fn the_device_answers_as_each_recipe_says() {
    let mut wrong = Vec::new();
    for recipe in recipes::all() {
        let answer = device_view(&Image::new(recipe.card));
        if answer != recipe.answer {
            wrong.push(format!(
                "{}: {}\n  expected {:?}\n  answered {answer:?}",
                recipe.name, recipe.what, recipe.answer
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_backup_the_device_does_not_show_has_the_finding_that_hides_it() {
    for recipe in recipes::all() {
        let (_, assessment) = examine(&Image::new(recipe.card), Looked::Deleted);
        for backup in &assessment.backups {
            let shown =
                matches!(backup.state, State::Healthy | State::Degraded) || backup.state.is_trace();
            let explained = backup
                .findings
                .iter()
                .any(|finding| finding.severity == Severity::Error);
            assert!(shown || explained, "{}: {backup:?}", recipe.name);
            assert_eq!(
                backup.state == State::Hidden,
                backup.cause.is_some() && backup.state == State::Hidden
            );
        }
        let failed = !matches!(assessment.answer.unwrap().list, List::Ok(_));
        assert_eq!(failed, assessment.reason.is_some(), "{}", recipe.name);
        assert!(!assessment.verdict.sentence.is_empty(), "{}", recipe.name);
    }
}

#[test]
fn every_listed_backup_is_in_the_report_as_healthy_or_degraded() {
    let mut missing = Vec::new();
    for recipe in recipes::all() {
        let (_, assessment) = examine(&Image::new(recipe.card), Looked::Deleted);
        let Some(List::Ok(listed)) = assessment.answer.as_ref().map(|answer| answer.list.clone())
        else {
            continue;
        };
        for one in listed {
            let found = assessment.backups.iter().any(|backup| {
                backup.id.is_some_and(|id| id.to_string() == one.id)
                    && backup.timestamp == Some(one.timestamp)
                    && matches!(backup.state, State::Healthy | State::Degraded)
            });
            if !found {
                let states: Vec<_> = assessment
                    .backups
                    .iter()
                    .map(|backup| (backup.state, &backup.cause))
                    .collect();
                missing.push(format!("{}: {}: {states:?}", recipe.name, recipe.what));
                break;
            }
        }
    }
    assert!(
        missing.is_empty(),
        "{} missing\n{}",
        missing.len(),
        missing.join("\n")
    );
}

/// The tree as the `fatfs` crate reads it: path and size of each file and folder.
fn by_fatfs(card: &mut Card, start: u64) -> BTreeSet<(String, u64)> {
    fn walk<T: fatfs::ReadWriteSeek>(
        folder: &fatfs::Dir<'_, T>,
        path: &str,
        found: &mut BTreeSet<(String, u64)>,
    ) {
        for entry in folder.iter() {
            let entry = entry.unwrap();
            let name = entry.file_name();
            if matches!(name.as_str(), "." | "..") {
                continue;
            }
            let path = format!("{path}/{name}");
            if entry.is_dir() {
                walk(&entry.to_dir(), &path, found);
            }
            found.insert((path.to_lowercase(), entry.len()));
        }
    }
    let volume = fatfs::FileSystem::new(card.stream(start), fatfs::FsOptions::new()).unwrap();
    let mut found = BTreeSet::new();
    walk(&volume.root_dir(), "", &mut found);
    found
}

#[test]
fn healthy_cards_are_listed_as_fatfs_lists_them() {
    let everything = Looked::Folders;
    let mut compared = 0;
    for recipe in recipes::healthy::ALL {
        let recipe = recipe();
        let (catalogue, _) = examine(&Image::new(recipe.card.clone()), everything);
        let ours: BTreeSet<_> = catalogue
            .nodes
            .iter()
            .map(|node| (node.path.to_lowercase(), node.size))
            .collect();
        let start = catalogue.volumes[0].partition.extent.offset;
        let mut card = recipe.card;
        assert_eq!(ours, by_fatfs(&mut card, start), "{}", recipe.name);
        compared += ours.len();
    }
    assert!(compared > 50, "{compared} files and folders compared");
}

/// The rules found on a card, the card's first, for this firmware.
fn rules(card: &Card, firmware: &str) -> Vec<&'static str> {
    let (_, assessment) = examine_as(
        &Image::new(card.clone()),
        Looked::Deleted,
        firmware.parse().unwrap(),
    );
    assessment
        .all_findings()
        .map(|finding| finding.rule.name())
        .collect()
}

#[test]
fn the_finding_names_the_cause() {
    for (recipe, rule) in [
        ("mbr_logical_partition", "logical-partition-only"),
        ("gpt_only", "gpt-only"),
        ("boot_only_backup_left", "backup-boot-sector-used"),
        ("boot_fats_three_fat32", "geometry-num-fats"),
        ("boot_version_fat32", "geometry-fs-version"),
        ("clusters_32", "geometry-cluster-count"),
        ("fat_too_short_fat12", "geometry-fat-size"),
        ("entry_folder_begins_with_dot", "listing-cut-short"),
        ("field_seed_length_33", "no-copy-passes"),
        ("copy_vote_lengths_differ", "lengths-differ"),
        ("checksum_four_byte_mode", "test-variant"),
        ("crash_not_with_fourth_entry", "directory-entry-count"),
    ] {
        let card = recipes::named(recipe)
            .unwrap_or_else(|| panic!("no recipe {recipe}"))
            .card;
        let found = rules(&card, "9.27.0");
        assert!(found.contains(&rule), "{recipe}: {found:?}");
    }
}

#[test]
fn the_same_id_with_two_seed_lengths_is_two_wallets() {
    let twelve = wallet::twelve();
    let longer = Backup {
        seed_length: 32,
        timestamp: wallet::SECOND,
        ..twelve.clone()
    };
    assert_eq!(twelve.id(), longer.id());
    let mut fat = Layout::FAT12.format();
    fat.save(&twelve);
    fat.save_in(
        "other",
        &longer,
        [&longer.encode(), &longer.encode(), &longer.encode()],
    );
    assert!(rules(&fat.card, "9.27.0").contains(&"same-id-two-lengths"));
}

#[test]
fn older_firmware_has_its_own_rules() {
    // A seed length over 32 panics v9.26.3 and v9.26.4, is refused after, and was listed before.
    let long = recipes::named("field_seed_length_33").unwrap();
    assert!(rules(&long.card, "9.26.4").contains(&"seed-length-crash"));
    assert!(rules(&long.card, "9.26.5").contains(&"no-copy-passes"));
    // Before v9.26.3 any folder was listed under its own name.
    let mut renamed = Layout::FAT12.format();
    let copy = wallet::twelve().encode();
    renamed.save_in("renamed", &wallet::twelve(), [&copy, &copy, &copy]);
    assert!(rules(&renamed.card, "9.26.3").contains(&"folder-name-not-id"));
    assert!(!rules(&renamed.card, "9.26.2").contains(&"folder-name-not-id"));
    // Before v9.13.0 one unreadable copy did not hide the others, unless it could not be rewritten.
    let mut fat = Layout::FAT12.format();
    let set = fat.save(&wallet::twelve());
    fat.card.set_u32(set.files[1].entry + 28, 2000);
    assert!(rules(&fat.card, "9.13.0").contains(&"file-too-large"));
    assert!(!rules(&fat.card, "9.12.0").contains(&"file-too-large"));
    fat.card.set_u32(set.files[1].entry + 28, 104);
    fat.card.flip(set.files[0].data + 60, 0xFF);
    fat.card.set_u8(set.files[0].entry + 11, 0x21);
    assert!(rules(&fat.card, "9.12.0").contains(&"copy-not-rewritable"));
    // Before v9.9.0 a list held 50 backups.
    let full = recipes::all()
        .find(|recipe| matches!(&recipe.answer, Expected::Ok(list) if list.len() > 50))
        .unwrap();
    assert!(rules(&full.card, "9.8.0").contains(&"too-many-backups"));
    assert!(!rules(&full.card, "9.9.0").contains(&"too-many-backups"));
}
