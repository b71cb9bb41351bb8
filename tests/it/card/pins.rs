//! What is said of every recipe and every shipped card, line by line, in `tests/pins`.
//!
//! A line: the name of the card; the depths it holds for; the state of the card and its next actions;
//! what the device does; the findings of the card; each backup with its state and its findings; the first sentence. Findings
//! are `E:`, `W:` or `I:` (error, warning, info) and the name of their rule. Depths that agree share a
//! line.
//!
//! `BLESS=1 cargo test --test it pins::` writes the files; review what changed with `git diff`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::cards::{Cards, card};
use crate::support::{Image, blessed, report};
use bitbox_backup::catalogue::Looked;
use bitbox_backup::examine::{self, Options};
use bitbox_backup::finding::{Advice, Rule};
use bitbox_backup::image::{Algorithm, EvidencePart, EvidenceReport, HashReport};
use bitbox_backup::reader::CardFate;
use bitbox_backup::report::Source;
use fixtures::backup::Backup;
use fixtures::fat::Layout;
use fixtures::recipe::Recipe;
use fixtures::{recipes, shipped, wallet};
use rayon::prelude::*;
use serde_json::Value;

/// How far a card is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    Default,
    Quick,
    Carve,
}

const DEPTHS: [Depth; 3] = [Depth::Default, Depth::Quick, Depth::Carve];

impl Depth {
    fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Quick => "quick",
            Self::Carve => "carve",
        }
    }

    /// The options of a command with this depth.
    fn options(self) -> Options {
        let depth = match self {
            Self::Default => examine::Depth::Usual,
            Self::Quick => examine::Depth::Quick,
            Self::Carve => examine::Depth::Whole,
        };
        Options {
            depth,
            ..Options::default()
        }
    }
}

/// Most backups of a card that have a part of the line each; more are counted by what is said of them.
const MOST_BACKUPS: usize = 5;

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    let list = value.get(key).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

/// Findings, each with the first letter of its severity, in their order; equal ones once, counted.
fn findings(of: &Value) -> String {
    let mut told: Vec<(String, usize)> = Vec::new();
    for finding in list(of, "findings") {
        let severity = text(finding, "severity").unwrap();
        let letter = severity[..1].to_ascii_uppercase();
        let one = format!("{letter}:{}", text(finding, "rule").unwrap());
        match told.iter_mut().find(|(told, _)| *told == one) {
            Some((_, count)) => *count += 1,
            None => told.push((one, 1)),
        }
    }
    let told = told.into_iter().map(|(one, count)| match count {
        1 => one,
        _ => format!("{one}×{count}"),
    });
    told.collect::<Vec<_>>().join(" ")
}

/// What is said of one backup, without its name.
fn backup(backup: &Value) -> String {
    let state = text(backup, "state").unwrap();
    format!("{state} {}", findings(backup))
        .trim_end()
        .to_owned()
}

fn backups(source: &Value) -> String {
    let all = list(source, "backups");
    if all.len() <= MOST_BACKUPS {
        let told = all.iter().map(|one| {
            let id = text(one, "id").map_or("no id", |id| &id[..8]);
            format!("{id} {}", backup(one))
        });
        return told.collect::<Vec<_>>().join("; ");
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for one in all {
        *counts.entry(backup(one)).or_default() += 1;
    }
    let told = counts
        .iter()
        .map(|(told, count)| format!("{count} × {told}"));
    told.collect::<Vec<_>>().join("; ")
}

/// The first sentence. No name on these cards holds a full stop before a space.
fn first_sentence(source: &Value) -> &str {
    let verdict = source.get("verdict").unwrap_or(&Value::Null);
    let all = verdict
        .as_str()
        .or_else(|| text(verdict, "sentence"))
        .unwrap_or_default();
    match all.split_once(". ") {
        Some((first, _)) => &all[..first.len() + 1],
        None => all,
    }
}

/// A step, with what must be kept of a file or folder that it names.
fn step(advice: &Advice) -> String {
    let action = advice.action();
    match advice {
        Advice::Rename(place) | Advice::Move(place) if !place.only.is_empty() => {
            let ids: Vec<_> = place.only.iter().map(|id| &id[..8]).collect();
            format!("{action} (holds the only {})", ids.join(" "))
        }
        Advice::Remove(paths) => format!("{action} {}", paths.len()),
        Advice::MoveOut(places) => {
            let ids: Vec<_> = places.iter().flat_map(|place| &place.only).collect();
            let ids: Vec<_> = ids.iter().map(|id| &id[..8]).collect();
            match ids.is_empty() {
                true => format!("{action} out {}", places.len()),
                false => format!("{action} (holds the only {})", ids.join(" ")),
            }
        }
        _ => action.to_owned(),
    }
}

/// What the device does: how many backups it shows, or the rule by which it fails or crashes.
fn device(source: &Value) -> String {
    let Some(view) = source.get("device_view").filter(|view| !view.is_null()) else {
        return "-".to_owned();
    };
    match (text(view, "list").unwrap(), text(view, "reason")) {
        ("ok", None) => format!("shows {}", list(view, "backups").len()),
        (list, reason) => format!("{list} {}", reason.unwrap()),
    }
}

/// What is said of a source, without its name and the depth.
fn line(report: &Source) -> String {
    let actions: Vec<_> = report.advice.iter().map(step).collect();
    let source = &serde_json::to_value(report).unwrap();
    let state = text(source, "state")
        .or_else(|| text(source, "status"))
        .unwrap();
    let mut head = state.to_owned();
    if !actions.is_empty() {
        head.push_str(": ");
        head.push_str(&actions.join(", "));
    }
    let parts = [
        head,
        device(source),
        findings(source),
        backups(source),
        first_sentence(source).to_owned(),
    ];
    parts.join(" | ")
}

/// The lines of one card: one for each group of depths that agree.
fn lines(folder: &Path, recipe: &Recipe) -> String {
    let path = folder.join(format!("{}.img", recipe.name));
    recipe.card.write_to(&path).unwrap();
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for depth in DEPTHS {
        let source = examine::report_on(&path, &depth.options());
        let line = line(&source);
        match groups.iter_mut().find(|(known, _)| *known == line) {
            Some((_, depths)) => depths.push(depth.name()),
            None => groups.push((line, vec![depth.name()])),
        }
    }
    std::fs::remove_file(&path).unwrap();
    let told = groups.iter().map(|(line, depths)| {
        let depths = if depths.len() == DEPTHS.len() {
            "all".to_owned()
        } else {
            depths.join("+")
        };
        format!("{} | {depths} | {line}\n", recipe.name)
    });
    told.collect()
}

fn shipped_cards() -> Vec<Recipe> {
    shipped::all().collect()
}

fn pinned(room: &str, cards: Vec<Recipe>) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<_> = cards
        .par_iter()
        .map(|card| lines(folder.path(), card))
        .collect();
    blessed::compare(&format!("pins/{room}.txt"), &lines.concat())
}

#[test]
fn what_is_said_of_every_recipe_is_pinned() {
    let wrong: Vec<_> = recipes::ROOMS
        .iter()
        .filter_map(|(room, recipes)| pinned(room, recipes.iter().map(|recipe| recipe()).collect()))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_is_said_of_every_shipped_card_is_pinned() {
    let wrong = pinned("shipped", shipped_cards());
    assert!(wrong.is_none(), "\n{}", wrong.unwrap());
}

/// The rules in the files of pins.
fn pinned_rules() -> BTreeSet<String> {
    let rooms = recipes::ROOMS
        .iter()
        .map(|(room, _)| *room)
        .chain(["shipped"]);
    let mut rules = BTreeSet::new();
    for room in rooms {
        for word in blessed::stored(&format!("pins/{room}.txt")).split([' ', '\n', ';']) {
            let rule = ["E:", "W:", "I:"]
                .iter()
                .find_map(|letter| word.strip_prefix(letter));
            let name = rule.map(|rule| rule.split('×').next().unwrap());
            rules.extend(name.map(str::to_owned));
        }
    }
    rules
}

/// Rules that no card shows to the newest firmware, each with the test that meets it.
const ELSEWHERE: &[(Rule, &str, &str)] = &[
    // Of older firmware.
    (
        Rule::TooMany,
        "tests/it/card/recipes.rs",
        "older_firmware_has_its_own_rules",
    ),
    (
        Rule::LongSeed,
        "tests/it/card/recipes.rs",
        "older_firmware_has_its_own_rules",
    ),
    (
        Rule::Unrewritable,
        "tests/it/card/recipes.rs",
        "older_firmware_has_its_own_rules",
    ),
    (
        Rule::FolderNameTooLong,
        "tests/it/card/older.rs",
        "a_long_folder_name_fails_the_list_below_v9_9",
    ),
    (
        Rule::CopyRewritten,
        "tests/it/card/older.rs",
        "what_cannot_be_written_over_hides_the_backup_below_v9_13",
    ),
    // Of texts.
    (
        Rule::CopyInText,
        "tests/it/card/makers.rs",
        "copies_that_went_through_a_text_are_found_on_a_card",
    ),
    // Of the whole tree, folders, hashes and readers.
    (
        Rule::CardUnreadable,
        "tests/it/card/pins.rs",
        "sectors_that_cannot_be_read_are_named",
    ),
    (
        Rule::DeletedRemains,
        "tests/it/card/not_read.rs",
        "remains_of_another_wallet_come_before_all_is_well",
    ),
    (
        Rule::AssumedVolume,
        "tests/it/card/pins.rs",
        "a_folder_has_neither_volume_nor_hash",
    ),
    (
        Rule::NotHashed,
        "tests/it/card/pins.rs",
        "a_folder_has_neither_volume_nor_hash",
    ),
    (
        Rule::StoredHashDiffers,
        "tests/it/card/pins.rs",
        "what_does_not_hold_in_an_e01_image_is_named",
    ),
    (
        Rule::EvidenceDamaged,
        "tests/it/card/pins.rs",
        "what_does_not_hold_in_an_e01_image_is_named",
    ),
    (
        Rule::ImageDamaged,
        "tests/it/containers.rs",
        "what_is_cut_short_is_examined_and_never_empty",
    ),
    (
        Rule::CardChanged,
        "tests/it/card/pins.rs",
        "a_card_that_left_is_named",
    ),
    (
        Rule::MountedWritable,
        "src/examine.rs",
        "a_card_that_can_be_written_is_named",
    ),
    // Across cards.
    (
        Rule::NoCardRestores,
        "tests/it/audit/across_cards.rs",
        "a_wallet_no_card_restores_is_in_danger",
    ),
    (
        Rule::FewCards,
        "tests/it/audit/across_cards.rs",
        "one_card_is_too_few_unless_told_otherwise",
    ),
    (
        Rule::ClonedCards,
        "tests/it/audit/across_cards.rs",
        "an_image_of_a_card_is_no_second_card",
    ),
    (
        Rule::SameFiles,
        "tests/it/audit/across_cards.rs",
        "the_same_files_on_another_file_system_were_copied",
    ),
    (
        Rule::GenerationsDiffer,
        "tests/it/audit/across_cards.rs",
        "names_and_lengths_that_differ_are_told",
    ),
    (
        Rule::NamesDiffer,
        "tests/it/audit/across_cards.rs",
        "names_and_lengths_that_differ_are_told",
    ),
    (
        Rule::ExpectedMissing,
        "tests/it/audit/register.rs",
        "expected_missing_and_unknown",
    ),
    (
        Rule::UnknownWallet,
        "tests/it/audit/register.rs",
        "expected_missing_and_unknown",
    ),
    (
        Rule::ExpectedCardsMissing,
        "tests/it/audit/register.rs",
        "damaged_only_is_found_and_short",
    ),
    (
        Rule::ExpectedCardNotRestoring,
        "tests/it/audit/register.rs",
        "a_named_card_whose_backup_is_hidden_is_there",
    ),
    (
        Rule::RegisterAmbiguous,
        "tests/it/card/pins.rs",
        "a_prefix_of_two_wallets_is_ambiguous",
    ),
];

/// The body of a test in a file of this repository, if it is one.
fn body_of_test(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).ok()?;
    let (before, rest) = text.split_once(&format!("fn {name}() {{"))?;
    before.trim_end().ends_with("#[test]").then_some(())?;
    Some(rest.split("#[test]").next()?.to_owned())
}

#[test]
fn every_rule_is_met_by_a_card_or_a_named_test() {
    if blessed::is_blessing() {
        return; // the files are being written
    }
    let pinned = pinned_rules();
    let mut wrong = Vec::new();
    for rule in Rule::ALL {
        let name = rule.name();
        let tests: Vec<_> = ELSEWHERE
            .iter()
            .filter(|(other, ..)| other == rule)
            .collect();
        for (_, file, test) in &tests {
            let body = body_of_test(file, test);
            if !body.is_some_and(|body| body.contains(name)) {
                wrong.push(format!("{name}: {test} in {file} does not name it"));
            }
        }
        match (pinned.contains(name), tests.is_empty()) {
            (false, true) => wrong.push(format!("{name}: no card and no test meets it")),
            (true, false) => wrong.push(format!("{name}: a card meets it, no test is needed")),
            _ => {}
        }
    }
    let known: BTreeSet<_> = Rule::ALL
        .iter()
        .map(|rule| rule.name().to_owned())
        .collect();
    wrong.extend(
        pinned
            .difference(&known)
            .map(|name| format!("{name}: no such rule")),
    );
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The names of the rules found on a source.
fn rules(source: &Source) -> Vec<String> {
    let of_backups = source.backups.iter().flat_map(|backup| &backup.findings);
    let all = source.findings.iter().chain(of_backups);
    all.map(|finding| finding.rule.to_string()).collect()
}

#[test]
fn a_folder_has_neither_volume_nor_hash() {
    let folder = tempfile::tempdir().unwrap();
    let backup = wallet::twelve();
    let place = folder.path().join("bitbox02").join(backup.id());
    std::fs::create_dir_all(&place).unwrap();
    for n in 0..3 {
        std::fs::write(place.join(backup.file_name(n)), backup.encode()).unwrap();
    }
    let options = Options {
        hash: true,
        ..Options::default()
    };
    let found = rules(&examine::report_on(folder.path(), &options));
    assert_eq!(found, ["assumed-volume", "source-not-hashed"]);
}

#[test]
fn folders_deeper_than_anything_looks_are_named() {
    let card = recipes::named("chain_deep_folders").unwrap().card;
    let whole_tree = Looked::Deleted;
    let found = rules(&report(&Image::new(card), whole_tree));
    assert!(
        found.iter().any(|rule| rule == "not-all-examined"),
        "{found:?}"
    );
}

#[test]
fn sectors_that_cannot_be_read_are_named() {
    let mut fat = Layout::FAT12.format();
    let set = fat.save(&wallet::twelve());
    let with_bad = |offset: u64| {
        let image = Image::with_bad_sector(fat.card.clone(), offset / 512);
        rules(&report(&image, Looked::Folders))
    };
    let boot = with_bad(0);
    assert!(
        boot.iter().any(|rule| rule == "card-unreadable"),
        "{boot:?}"
    );
    let copy = with_bad(set.files[1].data);
    for rule in ["file-unreadable", "copy-unreadable"] {
        assert!(copy.iter().any(|found| found == rule), "{rule}: {copy:?}");
    }
    let folder = with_bad(fat.cluster(set.folder.cluster));
    assert!(
        folder.iter().any(|rule| rule == "unreadable-sectors"),
        "{folder:?}"
    );
}

#[test]
fn a_card_that_left_is_named() {
    let image = Image::new(Layout::FAT12.format().card);
    let whole = report(&image, Looked::Folders);
    for (fate, changed) in [
        (CardFate::There, false),
        (CardFate::Gone, true),
        (CardFate::Another, true),
    ] {
        let mut source = whole.clone();
        source.tell_fate(fate);
        let first = source.findings.first();
        let named = first.is_some_and(|finding| finding.rule == "card-changed");
        assert_eq!(named, changed, "{fate:?}");
        assert_eq!(source.left().is_some(), changed);
        assert_eq!(source.verdict != whole.verdict, changed);
    }
}

#[test]
fn what_does_not_hold_in_an_e01_image_is_named() {
    let image = Image::new(Layout::FAT12.format().card);
    let whole = report(&image, Looked::Folders);
    let rules = |evidence: EvidenceReport| {
        let mut source = whole.clone();
        source.tell_evidence(evidence);
        let new = source.findings.iter().skip(whole.findings.len());
        new.map(|one| one.rule.to_string()).collect::<Vec<_>>()
    };
    let hash = |stored: Option<&str>, matches| HashReport {
        algorithm: Algorithm::Md5,
        stored: stored.map(str::to_owned),
        computed: Some("00".to_owned()),
        matches,
    };
    let of = |hashes| EvidenceReport {
        hashes,
        ..EvidenceReport::default()
    };
    assert!(rules(of(vec![hash(Some("00"), Some(true)), hash(None, None)])).is_empty());
    let differs = of(vec![
        hash(Some("00"), Some(true)),
        hash(Some("01"), Some(false)),
    ]);
    assert_eq!(rules(differs), ["stored-hash-differs"]);
    let damaged = EvidenceReport {
        damaged: vec![EvidencePart::Case, EvidencePart::Hash],
        ..EvidenceReport::default()
    };
    assert_eq!(rules(damaged), ["e01-notes-damaged"; 2]);
}

/// Two wallets whose ids begin with the same eight digits.
fn alike() -> [Backup; 2] {
    let mut seen = BTreeMap::new();
    for number in 0.. {
        let backup = wallet::numbered(number);
        let prefix = backup.id()[..8].to_owned();
        if let Some(other) = seen.insert(prefix, number) {
            return [wallet::numbered(other), backup];
        }
    }
    unreachable!()
}

#[test]
fn a_prefix_of_two_wallets_is_ambiguous() {
    let cards = Cards::new();
    let wallets = alike();
    cards.put("a.img", &card(1, &wallets));
    cards.file(
        "register.csv",
        format!("ID;Cards\n{};1\n", &wallets[0].id()[..8]),
    );
    let output = cards.run(&["audit", "a.img", "--expect", "register.csv", "--json"]);
    let answer = output.json();
    for wallet in answer["wallets"].as_array().unwrap() {
        let found = wallet["findings"].as_array().unwrap();
        let named = found
            .iter()
            .any(|one| one["rule"] == "register-prefix-ambiguous");
        assert!(named, "{wallet:#}");
    }
    assert_eq!(output.status, Some(1));
}
