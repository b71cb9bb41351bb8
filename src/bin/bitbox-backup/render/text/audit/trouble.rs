//! What needs attention, on cards and across them.

use std::cmp::Reverse;
use std::io::Write;

use bitbox_backup::assess::CardState;
use bitbox_backup::audit::Across;
use bitbox_backup::finding::Severity;
use bitbox_backup::report::{FindingReport, Source};

use super::super::{BOLD, DIM, paragraph, severity_style};
use super::{file_name, some};
use crate::render::phrase::findings;

/// How many troubles are shown before the rest is only counted; `-v` shows all.
const MOST_TROUBLES: usize = 25;

/// Something on a card that needs attention.
pub(super) struct Trouble {
    severity: Severity,
    source: String,
    rule: String,
    /// Whether `rule` is that of a finding, not the state of the card.
    is_finding: bool,
    message: String,
    advice: String,
    command: Option<String>,
    is_wallet: bool,
}

impl Trouble {
    /// Errors and warnings of a card, or why it failed.
    pub(super) fn of(source: &Source) -> Vec<Self> {
        if let Some(error) = &source.error {
            return vec![Self {
                severity: Severity::Error,
                source: source.source.clone(),
                rule: "failed".to_owned(),
                is_finding: false,
                message: error.clone(),
                advice: source.hint.clone().unwrap_or_default(),
                command: None,
                is_wallet: false,
            }];
        }
        // What to do about the card is the card's first step, whichever finding it is.
        let next = source.next.first();
        let step = next.map(|step| step.text.clone());
        let mut troubles: Vec<_> = findings(source)
            .filter(|(finding, _)| finding.severity < Severity::Info)
            .map(|(finding, about)| {
                let mut trouble = Self::new(&source.source, finding, about);
                if let (Severity::Error, Some(step)) = (finding.severity, &step) {
                    trouble.advice.clone_from(step);
                }
                trouble
            })
            .collect();
        // What no finding says, the verdict does.
        if troubles.is_empty() || source.state == CardState::Unsearched {
            troubles.push(Self {
                severity: Severity::Warning,
                source: source.source.clone(),
                rule: source.state.name().to_owned(),
                is_finding: false,
                message: source.verdict.clone().unwrap_or_default(),
                advice: step.unwrap_or_default(),
                command: next.and_then(|step| step.command.clone()),
                is_wallet: false,
            });
        }
        troubles
    }

    fn new(source: &str, finding: &FindingReport, about: Option<String>) -> Self {
        let about = about.map_or_else(String::new, |about| format!("{about}: "));
        Self {
            severity: finding.severity,
            source: source.to_owned(),
            rule: finding.rule.to_string(),
            is_finding: true,
            message: format!("{about}{}", finding.message),
            advice: finding.advice.to_string(),
            command: None,
            is_wallet: false,
        }
    }
}

/// Prints what needs attention: errors before warnings, wallets before cards.
pub(super) fn troubles(
    out: &mut impl Write,
    cards: &[Trouble],
    across: &Across,
    verbose: bool,
) -> std::io::Result<()> {
    let of_wallets: Vec<_> = across
        .wallets
        .iter()
        .flat_map(|wallet| wallet.findings.iter().map(move |finding| (wallet, finding)))
        .filter(|(_, finding)| verbose || finding.severity < Severity::Info)
        .map(|(wallet, finding)| Trouble {
            is_wallet: true,
            ..Trouble::new(&wallet.called(), finding, None)
        })
        .collect();
    let mut all: Vec<_> = of_wallets.iter().chain(cards).collect();
    if all.is_empty() {
        return Ok(());
    }
    all.sort_by_key(|trouble| trouble.severity);
    writeln!(out, "\n{BOLD}Needs attention{BOLD:#}")?;
    if verbose || all.len() <= MOST_TROUBLES {
        return all.iter().try_for_each(|trouble| print(out, trouble));
    }
    let kinds = by_kind(&all);
    let most = (MOST_TROUBLES / kinds.len().max(1)).max(1);
    for kind in &kinds {
        for trouble in kind.iter().take(most) {
            print(out, trouble)?;
        }
        let more = kind.iter().skip(most);
        if more.len() > 0 {
            let names = some(more.clone().map(|trouble| file_name(&trouble.source)));
            writeln!(out, "      and {} more of these: {names}", more.len())?;
        }
    }
    writeln!(out, "  -v shows all, --html FILE writes them as a page")
}

/// Those of one rule together: errors first, of these wallets and what could not be examined, then the kind that most
/// have.
fn by_kind<'a>(all: &[&'a Trouble]) -> Vec<Vec<&'a Trouble>> {
    let mut kinds: Vec<Vec<&Trouble>> = Vec::new();
    for trouble in all {
        let same = |kind: &&mut Vec<&Trouble>| {
            let of = |one: &Trouble| (one.severity, one.rule.clone());
            kind.first().is_some_and(|first| of(first) == of(trouble))
        };
        match kinds.iter_mut().find(same) {
            Some(kind) => kind.push(trouble),
            None => kinds.push(vec![trouble]),
        }
    }
    kinds.sort_by_key(|kind| {
        let first = kind.first();
        let is_card = first.is_some_and(|one| !one.is_wallet && one.rule != "failed");
        (first.map(|one| one.severity), is_card, Reverse(kind.len()))
    });
    kinds
}

fn print(out: &mut impl Write, trouble: &Trouble) -> std::io::Result<()> {
    let (style, word) = severity_style(trouble.severity);
    let rule = match trouble.is_finding {
        true => format!("[{}] ", trouble.rule),
        false => ": ".to_owned(),
    };
    let text = format!(
        "{style}{word}{style:#}{rule}{BOLD}{}{BOLD:#}: {}",
        trouble.source, trouble.message
    );
    paragraph(out, &text, "  ")?;
    let advice = format!("{DIM}what to do:{DIM:#} {}", trouble.advice);
    paragraph(out, &advice, "      ")?;
    match &trouble.command {
        Some(command) => writeln!(out, "      {command}"),
        None => Ok(()),
    }
}
