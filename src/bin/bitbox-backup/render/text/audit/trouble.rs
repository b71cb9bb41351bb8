//! What needs attention, on cards and across them.

use std::cmp::Reverse;
use std::io::{self, Write};

use bitbox_backup::assess::CardState;
use bitbox_backup::audit::Across;
use bitbox_backup::finding::Severity;
use bitbox_backup::report::{FindingReport, Source};

use super::super::{BOLD, paragraph, severity_style, what_to_do};
use super::{file_name, some};
use crate::render::phrase::{by_kind, findings};

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
            let hint = source.hint.clone().unwrap_or_default();
            return vec![Self::of_card(
                source,
                Severity::Error,
                "failed",
                error,
                hint,
            )];
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
            let (rule, advice) = (source.state.name(), step.unwrap_or_default());
            let verdict = source.verdict.as_deref().unwrap_or_default();
            troubles.push(Self {
                command: next.and_then(|step| step.command.clone()),
                ..Self::of_card(source, Severity::Warning, rule, verdict, advice)
            });
        }
        troubles
    }

    /// What no finding says.
    fn of_card(
        source: &Source,
        severity: Severity,
        state: &str,
        message: &str,
        advice: String,
    ) -> Self {
        Self {
            severity,
            source: source.source.clone(),
            rule: state.to_owned(),
            is_finding: false,
            message: message.to_owned(),
            advice,
            command: None,
            is_wallet: false,
        }
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
) -> io::Result<()> {
    let is_told = |one: &&FindingReport| verbose || one.severity < Severity::Info;
    let of_wallets = across.wallets.iter().flat_map(|wallet| {
        let told = wallet.findings.iter().filter(is_told);
        told.map(|finding| Trouble {
            is_wallet: true,
            ..Trouble::new(&wallet.called(), finding, None)
        })
    });
    let of_wallets: Vec<_> = of_wallets.collect();
    let mut all: Vec<_> = of_wallets.iter().chain(cards).collect();
    if all.is_empty() {
        return Ok(());
    }
    all.sort_by_key(|trouble| trouble.severity);
    writeln!(out, "\n{BOLD}Needs attention{BOLD:#}")?;
    if verbose || all.len() <= MOST_TROUBLES {
        return all.iter().try_for_each(|trouble| print(out, trouble));
    }
    // Those of one rule together: errors first, of these wallets and what could not be examined, then the kind that
    // most have.
    let mut kinds = by_kind(all.iter().map(|one| ((one.severity, &one.rule), *one)));
    kinds.sort_by_key(|((severity, rule), kind)| {
        let is_card = *rule != "failed" && kind.first().is_some_and(|one| !one.is_wallet);
        (*severity, is_card, Reverse(kind.len()))
    });
    let most = (MOST_TROUBLES / kinds.len().max(1)).max(1);
    for (_, kind) in &kinds {
        let (shown, more) = kind.split_at(most.min(kind.len()));
        shown.iter().try_for_each(|trouble| print(out, trouble))?;
        if !more.is_empty() {
            let names = some(more.iter().map(|trouble| file_name(&trouble.source)));
            writeln!(out, "      and {} more of these: {names}", more.len())?;
        }
    }
    writeln!(out, "  -v shows all, --html FILE writes them as a page")
}

fn print(out: &mut impl Write, trouble: &Trouble) -> io::Result<()> {
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
    what_to_do(out, &trouble.advice, "      ")?;
    match &trouble.command {
        Some(command) => writeln!(out, "      {command}"),
        None => Ok(()),
    }
}
