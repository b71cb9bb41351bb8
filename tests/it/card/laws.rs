//! The laws every verdict keeps, whatever the card: do no harm, no denial, one card one answer, and a
//! readable remnant is also a danger. Held over every recipe, loss, power cut and thousands of random
//! damages, at every depth.

use std::collections::BTreeSet;

use crate::support::Image;
use bitbox_backup::assess::{CardState, State};
use bitbox_backup::catalogue::{CopyState, Looked, Origin};
use bitbox_backup::examine::{Depth, Examination, Options, examine_image};
use bitbox_backup::finding::{Advice, Place, Rule, Severity};
use bitbox_backup::firmware::{self, List, Version};
use bitbox_backup::image::{ReadAt, Sectors};
use bitbox_backup::recover::{Effort, recover};
use bitbox_backup::report::{CopyReport, PreflightReport, Source};
use fixtures::card::Card;
use fixtures::damage::{Base, Random, damage};
use fixtures::losses;
use fixtures::power_cut::PowerCut;
use fixtures::{recipes, shipped};

const DEPTHS: [Depth; 3] = [Depth::Quick, Depth::Usual, Depth::Whole];
/// Candidates of a search; what a vote, a splice or the id proves needs none.
const EFFORT: u64 = 1 << 10;

fn examined(image: &dyn ReadAt, depth: Depth) -> Examination {
    let options = Options {
        depth,
        inspect: true,
        ..Options::default()
    };
    examine_image("card.img", image, &options)
}

/// Holds every law of one card.
fn hold(name: &str, card: Card) {
    let image = Image::new(card);
    let all = DEPTHS.map(|depth| examined(&image, depth));
    for one in &all {
        let about = format!("{name}, {:?}", one.report.looked);
        do_no_harm(&about, one);
        names_are_real(&about, &one.report);
        remnants_are_dangers(&about, &one.report);
        the_sentence_fits(&about, &one.report);
    }
    let [quick, usual, whole] = &all;
    no_denial(name, usual, whole);
    one_answer(name, [&quick.report, &usual.report, &whole.report]);
    preflight_agrees(name, &image, usual, whole);
}

/// Copies that hold, or may hold, anything of a seed.
fn copies(source: &Source) -> impl Iterator<Item = &bitbox_backup::report::CopyReport> {
    let all = source.backups.iter().flat_map(|backup| &backup.copies);
    all.filter(|copy| {
        !matches!(copy.state, CopyState::Erased | CopyState::Foreign) && copy.size > 0
    })
}

fn is_below(path: &str, above: &str) -> bool {
    path == above
        || path
            .strip_prefix(above)
            .is_some_and(|rest| rest.starts_with('/'))
}

/// Nothing writes to a card before what it holds is safe, and nothing that holds the only copy of a
/// wallet is named for removal.
fn do_no_harm(about: &str, one: &Examination) {
    let source = &one.report;
    let state = source.state;
    let kept = matches!(
        state,
        CardState::Recoverable
            | CardState::Damaged
            | CardState::Hidden
            | CardState::Unsearched
            | CardState::Traces
    );
    let may_write = matches!(
        state,
        CardState::Empty | CardState::Unusable | CardState::Healthy | CardState::Attention
    );
    // A card whose FAT is damaged may not be written to, though it shows all its backups.
    let of_table = [Rule::BrokenChain, Rule::FreeCluster, Rule::CrossLinked];
    let has = |rules: &[Rule]| {
        let mut findings = source.findings.iter();
        findings.any(|finding| rules.iter().any(|rule| finding.rule == rule.name()))
    };
    // An image may end before its card does, too.
    let (is_cut, advice) = match source.advice.as_slice() {
        [Advice::WholeImage, rest @ ..] => (true, rest),
        all => (false, all),
    };
    let fits = match advice {
        _ if state != CardState::Healthy => !source.advice.is_empty(),
        [] => true,
        [Advice::Recover, Advice::CreateFresh] => has(&of_table),
        _ => false,
    };
    let fits = fits && (!is_cut || state != CardState::Healthy || has(&[Rule::VolumePastEnd]));
    assert!(fits, "{about}: {state} and {:?}", source.advice);
    let mut safe = false;
    for step in &source.advice {
        safe |= matches!(step, Advice::Recover | Advice::Image);
        if kept && !safe {
            assert!(step.spares_copies(), "{about}: {state}, first {step:?}");
        }
        if matches!(step, Advice::Format | Advice::CreateHere) {
            assert!(may_write || safe, "{about}: {state}, first {step:?}");
        }
        if let Advice::Remove(paths) = step {
            for path in paths {
                let path = bitbox_backup::text::escape(path);
                let held: Vec<_> = copies(source)
                    .filter(|copy| is_below(&copy.path, &path))
                    .collect();
                assert!(
                    held.is_empty(),
                    "{about}: {path} is to be removed: {held:?}"
                );
            }
            let whole = source
                .backups
                .iter()
                .any(|backup| backup.state == State::Hidden && has_whole_live(backup));
            assert!(
                whole,
                "{about}: {step:?} without whole live copies beside it"
            );
        }
        if let (Advice::Remove(paths), Some(Looked::Folders)) = (step, source.looked) {
            let tree = source.card.as_ref().and_then(|card| card.tree.as_ref());
            for node in tree.unwrap() {
                let named = paths.iter().any(|path| is_below(&node.path, path));
                assert!(
                    !named || node.size == 0,
                    "{about}: {} was not read",
                    node.path
                );
            }
        }
        for place in step.places() {
            only_copies_are_named(about, source, place);
        }
    }
    let commands = source
        .advice
        .iter()
        .filter(|step| matches!(step, Advice::Format));
    assert!(
        commands.count() == 0 || copies(source).next().is_none(),
        "{about}: format"
    );
}

fn has_whole_live(backup: &bitbox_backup::report::BackupReport) -> bool {
    let is = |copy: &bitbox_backup::report::CopyReport| {
        copy.origin == Origin::Live && copy.state == CopyState::Valid
    };
    backup.copies.iter().any(is)
}

fn only_copies_are_named(about: &str, source: &Source, place: &Place) {
    let path = bitbox_backup::text::escape(&place.path);
    for backup in source.backups.iter().filter(|one| has_whole_live(one)) {
        let Some(id) = &backup.id else { continue };
        let same = source
            .backups
            .iter()
            .filter(|one| one.id.as_ref() == Some(id));
        let whole = same
            .flat_map(|one| &one.copies)
            .filter(|copy| copy.origin == Origin::Live && copy.state == CopyState::Valid);
        let (inside, outside): (Vec<_>, Vec<_>) =
            whole.partition(|copy| is_below(&copy.path, &path));
        if !inside.is_empty() && outside.is_empty() {
            assert!(place.only.contains(id), "{about}: {path} holds all of {id}");
        }
    }
}

/// Every file that advice names is there.
fn names_are_real(about: &str, source: &Source) {
    let tree = source
        .card
        .as_ref()
        .and_then(|card| card.tree.as_ref())
        .unwrap();
    let is_there = |path: &str| {
        let path = bitbox_backup::text::escape(path);
        tree.iter().any(|node| node.path == path && !node.deleted)
    };
    for step in &source.advice {
        match step {
            Advice::Remove(paths) => {
                for path in paths {
                    assert!(is_there(path), "{about}: {path} is not there");
                }
            }
            _ => {
                for place in step.places() {
                    let path = &place.path;
                    assert!(is_there(path), "{about}: {path} is not there");
                }
            }
        }
    }
}

/// A card that looks empty and still holds a readable seed is an error, with both readings.
fn remnants_are_dangers(about: &str, source: &Source) {
    if source.state == CardState::Recoverable {
        assert_eq!(source.worst(), Some(Severity::Error), "{about}");
        assert!(source.advice.contains(&Advice::Recover), "{about}");
        // It may be destroyed where nothing else is on it, and only there.
        let is_alone = source.rest.is_empty();
        assert_eq!(
            source.advice.contains(&Advice::Destroy),
            is_alone,
            "{about}"
        );
    }
    if source.state != CardState::Recoverable {
        assert!(!source.advice.contains(&Advice::Destroy), "{about}");
    }
    let listed: BTreeSet<_> = source
        .backups
        .iter()
        .filter(|one| !one.state.is_trace() && one.state != State::Lost)
        .filter_map(|one| one.id.clone())
        .collect();
    for backup in &source.backups {
        let valid = backup
            .copies
            .iter()
            .any(|copy| copy.state == CopyState::Valid);
        let Some(id) = backup.id.as_ref().filter(|_| valid) else {
            continue;
        };
        if backup.state == State::Deleted && !listed.contains(id) {
            let told = source
                .all_findings()
                .any(|one| one.rule == "only-deleted" && one.severity == Severity::Error);
            assert!(told, "{about}: {id} is readable and nobody says so");
        }
    }
}

/// The first sentence does not deny what the table shows.
fn the_sentence_fits(about: &str, source: &Source) {
    let verdict = source.verdict.as_deref().unwrap();
    let denies = verdict.starts_with("No ");
    let has = source.backups.iter().any(|backup| {
        backup
            .copies
            .iter()
            .any(|copy| copy.state == CopyState::Valid)
            || backup.repaired_by.is_some()
    });
    assert!(!(denies && has), "{about}: {verdict}");
    let complete = source.looked == Some(Looked::Surface);
    assert!(
        !verdict.contains("whole card searched") || complete,
        "{about}: {verdict}"
    );
    let promises = verdict.contains("accepts the card");
    assert!(
        !promises || source.state == CardState::Empty,
        "{about}: {verdict}"
    );
}

/// What `recover` with little effort proves is in the answer of `list`, or the answer says what was not
/// searched.
fn no_denial(name: &str, usual: &Examination, whole: &Examination) {
    let effort = Effort::new(EFFORT);
    let recovery = recover(&whole.catalogue, &whole.assessment, &effort);
    let source = &usual.report;
    for one in &recovery.recovered {
        let id = one.id.to_string();
        let copies = one
            .copies
            .iter()
            .filter_map(|copy| whole.catalogue.copies.get(*copy));
        let places: BTreeSet<_> = copies
            .filter_map(|copy| Some(copy.extents.first()?.offset))
            .collect();
        let named = source.backups.iter().any(|backup| {
            backup.id.as_deref() == Some(&id)
                || backup
                    .copies
                    .iter()
                    .any(|copy| copy.offset.is_some_and(|offset| places.contains(&offset)))
        });
        let searched = source.looked == Some(Looked::Surface);
        assert!(
            named || !searched,
            "{name}: {id} is recovered, and the list denies it"
        );
        assert!(
            !matches!(source.state, CardState::Empty | CardState::Unusable),
            "{name}: {id} is recovered from a card that is {}",
            source.state
        );
    }
    if !recovery.recovered.is_empty() {
        let whole = &whole.report;
        let steps = &whole.advice;
        assert!(
            steps.contains(&Advice::Recover)
                || matches!(whole.state, CardState::Healthy | CardState::Attention),
            "{name}: {:?} {steps:?}",
            whole.state
        );
    }
}

/// Looking deeper adds and never contradicts.
fn one_answer(name: &str, depths: [&Source; 3]) {
    for pair in depths.windows(2) {
        let [less, more] = pair else { unreachable!() };
        // What the device shows of an image that seems cut short is not known, until a volume is found in it.
        if less.device_view.is_some() {
            assert_eq!(less.device_view, more.device_view, "{name}");
        }
        for backup in &less.backups {
            let is_there = |place: Option<u64>| {
                let same = more
                    .backups
                    .iter()
                    .filter(|one| one.id == backup.id && one.timestamp == backup.timestamp);
                let mut copies = same.flat_map(|one| &one.copies);
                copies.any(|copy| copy.state == CopyState::Valid && copy.offset == place)
            };
            // Of several names of one place another may be shown: the place counts.
            let valid = |copy: &&CopyReport| copy.state == CopyState::Valid;
            for copy in backup.copies.iter().filter(valid) {
                assert!(is_there(copy.offset), "{name}: {} is gone", copy.path);
            }
        }
        let says_none =
            |source: &Source| matches!(source.state, CardState::Empty | CardState::Unusable);
        assert!(
            !says_none(less) || says_none(more),
            "{name}: {} then {}",
            less.state,
            more.state
        );
        let worth = |state: CardState| matches!(state, CardState::Hidden | CardState::Recoverable);
        if worth(less.state) {
            assert!(
                worth(more.state) || more.state == CardState::Attention,
                "{name}: {} then {}",
                less.state,
                more.state
            );
        }
    }
}

/// Whether a card is accepted is the same in both answers, and neither advises what the other forbids.
fn preflight_agrees(name: &str, image: &Image, usual: &Examination, whole: &Examination) {
    let sectors = Sectors::new(image);
    let Some(answer) = &usual.assessment.answer else {
        return;
    };
    let obstacles = firmware::preflight(&sectors, answer, Version::default());
    let report = PreflightReport::of(&obstacles, &whole.assessment, false, 0);
    match whole.report.state {
        CardState::Empty => assert!(report.accepted, "{name}: {report:?}"),
        CardState::Unusable => assert!(!report.accepted, "{name}"),
        CardState::Healthy | CardState::Attention => {}
        _ => {
            for reason in &report.reasons {
                assert!(
                    !reason.advice.contains("ormat"),
                    "{name}: {}",
                    reason.advice
                );
            }
            assert_eq!(report.remedy, None, "{name}");
        }
    }
    let refused = !matches!(answer.list, List::Ok(_));
    assert!(
        !(refused && report.accepted),
        "{name}: it is not listed and accepted"
    );
}

#[test]
fn every_recipe() {
    let mut count = 0;
    for recipe in recipes::all().chain(shipped::all()) {
        hold(recipe.name, recipe.card);
        count += 1;
    }
    assert!(count > 540, "{count} recipes");
}

/// Each loss on one of the layouts in turn; on all of them with `LAWS_ALL`.
#[test]
fn every_loss() {
    let all = std::env::var_os("LAWS_ALL").is_some();
    let layouts = losses::layouts();
    let count = layouts.len();
    for (turn, (layout, shape)) in layouts.into_iter().enumerate() {
        for (index, loss) in losses::all(shape).into_iter().enumerate() {
            if all || index % count == turn {
                hold(&format!("{} on {layout}", loss.name), loss.card);
            }
        }
    }
}

#[test]
fn every_power_cut() {
    for (name, cut) in [
        ("first create", PowerCut::first_create()),
        ("recreate", PowerCut::recreate()),
    ] {
        for count in 0..=cut.writes.len() {
            let card = cut.card_after(count);
            hold(&format!("{name} after {count} writes"), card);
        }
    }
}

#[test]
fn an_interrupted_recreate_never_loses_the_wallet() {
    let cut = PowerCut::recreate();
    for count in 0..=cut.writes.len() {
        let one = examined(&Image::new(cut.card_after(count)), Depth::Usual);
        let lost = one
            .report
            .backups
            .iter()
            .any(|backup| backup.state == State::Lost);
        assert!(
            !lost,
            "after {count} writes: {}",
            one.report.verdict.unwrap()
        );
        assert!(
            matches!(
                one.report.state,
                CardState::Healthy | CardState::Attention | CardState::Hidden
            ),
            "after {count} writes: {}",
            one.report.state
        );
    }
}

#[test]
fn thousands_of_damages() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let (each, first): (u64, u64) = (
        number("LAWS_SEEDS").unwrap_or(60),
        number("LAWS_FIRST_SEED").unwrap_or(0),
    );
    for base in Base::all() {
        for seed in first..first + each {
            hold(&format!("{} seed {seed}", base.name), damage(seed, &base));
        }
    }
}

#[test]
fn moved_renamed_and_wiped_at_random() {
    // What people do with a card beside damaging it: the front wiped, entries marked as deleted.
    let mut random = Random::new(7);
    for base in Base::all() {
        for round in 0..5 {
            let mut card = base.card().clone();
            let front = random.below(card.size().min(1 << 20));
            let fill = random.pick(&[0x00, 0xFF, 0x5A]);
            card.write_at(0, &vec![fill; usize::try_from(front).unwrap()]);
            hold(&format!("{} wiped {round}", base.name), card);
        }
    }
}
