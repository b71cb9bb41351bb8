//! Every card recipe: what the device answers, and that no backup goes unexplained.

mod support;

use std::collections::BTreeSet;

use bitbox_backup::assess::State;
use bitbox_backup::catalogue::Scope;
use bitbox_backup::finding::Severity;
use bitbox_backup::firmware::List;
use fixtures::card::Card;
use fixtures::recipes;
use support::{Image, device_view, examine};

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
        let (_, assessment) = examine(&Image::new(recipe.card), Scope::default());
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
        assert!(!assessment.verdict.is_empty(), "{}", recipe.name);
    }
}

#[test]
fn every_listed_backup_is_in_the_report_as_healthy_or_degraded() {
    let mut missing = Vec::new();
    for recipe in recipes::all() {
        let (_, assessment) = examine(&Image::new(recipe.card), Scope::default());
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
    let everything = Scope {
        whole_tree: true,
        ..Scope::default()
    };
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
