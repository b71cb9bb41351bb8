//! What needs attention: errors before warnings, cards before wallets.

use bitbox_backup::audit::Wallet;
use bitbox_backup::finding::{Rule, Severity};
use bitbox_backup::report::{FindingReport, NextReport, Source};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use super::rows::{self, Row};
use super::words::{card_symbol, severity_symbol, symbol};
use crate::render::phrase::{self, by_kind};

/// Of how many cards and wallets of each severity all is said; the others are counted.
const MOST: usize = 500;
/// From how many alike on they are named together.
const ALIKE: usize = 6;
/// How many of those named together are named.
const MOST_NAMED: usize = 200;

/// Findings of the same rule with the same advice.
#[derive(Debug, Serialize)]
pub(super) struct FindingGroup {
    rule: String,
    /// Whether `rule` is that of a finding, not the state of the card.
    is_finding: bool,
    severity: Severity,
    symbol: &'static str,
    /// What was found, and where.
    messages: Vec<(String, Option<u64>)>,
    shows: String,
    advice: String,
}

impl FindingGroup {
    /// What no finding says of a card.
    fn of_card(state: &str, severity: Severity, message: String, advice: String) -> Self {
        Self {
            rule: state.to_owned(),
            is_finding: false,
            severity,
            symbol: severity_symbol(severity),
            messages: vec![(message, None)],
            shows: String::new(),
            advice,
        }
    }
}

/// Puts findings of the same rule with the same advice together.
pub(super) fn group_findings<'a>(
    findings: impl Iterator<Item = (&'a FindingReport, Option<String>)>,
) -> Vec<FindingGroup> {
    let mut groups: Vec<FindingGroup> = Vec::new();
    for (finding, about) in findings {
        let about = about.map_or_else(String::new, |about| format!("{about}: "));
        let message = (format!("{about}{}", finding.message), finding.offset);
        let kind = (&*finding.rule, finding.severity, &*finding.advice);
        let is_same = |one: &&mut FindingGroup| (&*one.rule, one.severity, &*one.advice) == kind;
        let same = groups.iter_mut().find(is_same);
        match same {
            Some(one) => one.messages.push(message),
            None => groups.push(FindingGroup {
                rule: finding.rule.to_string(),
                is_finding: true,
                severity: finding.severity,
                symbol: severity_symbol(finding.severity),
                messages: vec![message],
                shows: finding.shows.to_string(),
                advice: finding.advice.to_string(),
            }),
        }
    }
    groups.sort_by_key(|one| one.severity);
    groups
}

/// The warnings left for the card's section or the wallet's row.
fn warnings<'a>(all: impl Iterator<Item = &'a FindingReport>, shown: Severity) -> usize {
    all.filter(|one| one.severity == Severity::Warning && shown != Severity::Warning)
        .count()
}

#[derive(Debug, Serialize)]
struct Subject {
    severity: Severity,
    is_wallet: bool,
    number: usize,
    /// Where more is said of it.
    link: String,
    name: String,
    state: String,
    symbol: &'static str,
    verdict: Option<String>,
    next: Vec<NextReport>,
    findings: Vec<FindingGroup>,
    /// How many warnings there are beside the errors shown.
    warnings: usize,
}

/// Several of them with the same trouble, or one.
#[derive(Debug, Serialize)]
struct Group {
    severity: Severity,
    is_wallet: bool,
    symbol: &'static str,
    /// What the trouble means, where several have it.
    meaning: Option<&'static str>,
    count: usize,
    /// How many are not named.
    more: usize,
    subjects: Vec<Subject>,
}

#[derive(Debug, Default)]
pub(super) struct Attention {
    subjects: Vec<Subject>,
    kept: [usize; 2],
    left_out: Vec<LeftOut>,
}

/// How many cards or wallets in trouble are only counted.
#[derive(Debug, Serialize)]
struct LeftOut {
    severity: Severity,
    is_wallet: bool,
    count: usize,
}

impl Attention {
    pub(super) fn add_card(&mut self, source: &Source, row: &Row) {
        let Some(severity) = self.room(source.attention(), false) else {
            return;
        };
        let worst = |(finding, _): &(&FindingReport, _)| finding.severity == severity;
        let mut findings = group_findings(phrase::findings(source).filter(worst));
        if let Some(error) = &source.error {
            let hint = source.hint.clone().unwrap_or_default();
            findings.push(FindingGroup::of_card(
                "failed",
                severity,
                error.clone(),
                hint,
            ));
        }
        // Where no finding says it, the verdict does, once.
        let mut verdict = source.verdict.clone();
        if findings.is_empty() {
            let step = source.next.first().map(|step| step.text.clone());
            let verdict = verdict.take().unwrap_or_default();
            let step = step.unwrap_or_default();
            findings.push(FindingGroup::of_card(
                row.state.name(),
                severity,
                verdict,
                step,
            ));
        }
        self.subjects.push(Subject {
            severity,
            is_wallet: false,
            number: row.number,
            link: String::new(),
            name: row.name.clone(),
            state: row.state.to_string(),
            symbol: card_symbol(row.state),
            verdict,
            next: source.next.clone(),
            findings,
            warnings: warnings(source.all_findings(), severity),
        });
    }

    pub(super) fn add_wallet(&mut self, wallet: &Wallet, number: usize) {
        let Some(severity) = self.room(wallet.worst(), true) else {
            return;
        };
        let findings = wallet.findings.iter();
        let findings = findings.filter(|one| one.severity == severity);
        let state = wallet.state.to_string();
        self.subjects.push(Subject {
            severity,
            is_wallet: true,
            number,
            link: format!("#wallet-{number}"),
            name: rows::called(wallet),
            symbol: symbol(&state, wallet.state.severity()),
            state,
            verdict: None,
            next: Vec::new(),
            findings: group_findings(findings.map(|finding| (finding, None))),
            warnings: warnings(wallet.findings.iter(), severity),
        });
    }

    /// How bad it is, where it is bad and there is room to tell; else it is counted.
    fn room(&mut self, worst: Option<Severity>, is_wallet: bool) -> Option<Severity> {
        let severity = worst.filter(|worst| *worst < Severity::Info)?;
        let kept = self.kept.get_mut(usize::from(is_wallet))?;
        if *kept < MOST || severity == Severity::Error && *kept < 2 * MOST {
            *kept += 1;
            return Some(severity);
        }
        let same = |one: &&mut LeftOut| one.severity == severity && one.is_wallet == is_wallet;
        match self.left_out.iter_mut().find(same) {
            Some(one) => one.count += 1,
            None => self.left_out.push(LeftOut {
                severity,
                is_wallet,
                count: 1,
            }),
        }
        None
    }

    /// All of it in order, those alike together; `sections` says which cards have one.
    pub(super) fn arrange(mut self, sections: &[bool]) -> Value {
        for card in self.subjects.iter_mut().filter(|one| !one.is_wallet) {
            card.link = rows::link(card.number, sections);
        }
        self.subjects
            .sort_by_key(|one| (one.severity, one.is_wallet));
        let groups = by_kind(self.subjects.into_iter().map(|one| {
            let rule = one.findings.first().map(|one| one.rule.clone());
            ((one.severity, one.is_wallet, rule), one)
        }));
        let groups = groups.into_iter().flat_map(|((_, _, rule), alike)| {
            let known = Rule::ALL
                .iter()
                .find(|known| Some(known.name()) == rule.as_deref());
            let meaning = match (known, rule.as_deref()) {
                (Some(known), _) => known.meaning(),
                (None, Some("unsearched")) => {
                    "No backup was found so far, and not everything was searched."
                }
                (None, Some("failed")) => "They could not be examined.",
                (None, _) => "They hold copies that a BitBox does not show as they are.",
            };
            match alike.len() {
                ..ALIKE => alike
                    .into_iter()
                    .flat_map(|one| group(vec![one], None))
                    .collect(),
                _ => Vec::from_iter(group(alike, Some(meaning))),
            }
        });
        let groups: Vec<_> = groups.collect();
        context! { groups => Serde(groups), left_out => Serde(self.left_out) }
    }
}

/// One group of many, or of one.
fn group(mut subjects: Vec<Subject>, meaning: Option<&'static str>) -> Option<Group> {
    let count = subjects.len();
    subjects.truncate(MOST_NAMED);
    let Subject {
        severity,
        is_wallet,
        ..
    } = *subjects.first()?;
    Some(Group {
        severity,
        is_wallet,
        symbol: severity_symbol(severity),
        meaning,
        count,
        more: count.saturating_sub(MOST_NAMED),
        subjects,
    })
}
