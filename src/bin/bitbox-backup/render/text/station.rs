//! A card station at work: what is awaited, and each card at a glance.

use std::io::Write;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use bitbox_backup::finding::Severity;
use bitbox_backup::report::Source;
use indicatif::{ProgressBar, ProgressStyle};

use super::{BOLD, DIM, audit, paragraph};
use crate::args::Global;
use crate::privacy;

/// What the person at the station sees, all of it on stderr.
pub(crate) struct Station {
    spinner: ProgressBar,
    slots: String,
}

impl Station {
    pub(crate) fn new(slots: Vec<String>, global: &Global) -> Self {
        let spinner = if global.quiet {
            ProgressBar::hidden()
        } else {
            ProgressBar::new_spinner()
        };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            spinner.set_style(style);
        }
        spinner.enable_steady_tick(Duration::from_millis(200));
        Self {
            spinner,
            slots: slots.join(", "),
        }
    }

    pub(crate) fn waiting(&mut self, done: usize) {
        let message = format!(
            "{done} read; waiting for a card in {} (Ctrl-C ends)",
            self.slots
        );
        self.spinner.set_message(privacy::text(&message));
    }

    pub(crate) fn reading(&mut self, place: &str) {
        let message = format!("reading {place}: leave the card in");
        self.spinner.set_message(privacy::text(&message));
    }

    /// A card that was read: its state large enough to see from a step away.
    pub(crate) fn card(&self, source: &Source, take_out: bool) {
        let style = match source.attention() {
            Some(Severity::Error) => AnsiColor::White.on(AnsiColor::Red).bold(),
            Some(Severity::Warning) => AnsiColor::Black.on(AnsiColor::Yellow).bold(),
            _ => AnsiColor::Black.on(AnsiColor::Green).bold(),
        };
        let verdict = source.verdict.as_ref().or(source.error.as_ref());
        let verdict = verdict.map_or("", String::as_str);
        let place = format!("{}  {}", source.source, audit::wallets_on(source));
        let state = source.state.name().to_uppercase();
        self.say(&state, style, &place, verdict, take_out);
    }

    /// A card that was read before.
    pub(crate) fn again(&self, source: &Source, before: &str) {
        let style = AnsiColor::Black.on(AnsiColor::Cyan).bold();
        let text = format!("this is the card {before}: read before, and counted once");
        self.say("KNOWN", style, &source.source, &text, true);
    }

    fn say(&self, word: &str, style: Style, place: &str, text: &str, take_out: bool) {
        self.spinner.suspend(|| {
            let mut err = crate::output::stderr();
            let _ = writeln!(err, "{style} {word} {style:#} {BOLD}{place}{BOLD:#}");
            let _ = paragraph(&mut err, text, "    ");
            if take_out {
                let next = "take the card out, put the next one in";
                let _ = writeln!(err, "    {DIM}{next}{DIM:#}");
            }
        });
    }

    pub(crate) fn end(&self) {
        self.spinner.finish_and_clear();
    }
}
