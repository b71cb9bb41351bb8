//! What a person reads: a sentence, a table, findings with what to do.

pub(crate) mod audit;
pub(crate) mod device;
pub(crate) mod diff;
mod evidence;
mod findings;
pub(crate) mod grid;
pub(crate) mod image;
mod inspect;
mod log;
pub(crate) mod machine;
pub(crate) mod matching;
mod preflight;
pub(crate) mod progress_bar;
pub(crate) mod proof;
pub(crate) mod recovery;
pub(crate) mod self_test;
pub(crate) mod sources;
pub(crate) mod station;
pub(crate) mod table;
pub(crate) mod wallet;
pub(crate) mod words;

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use bitbox_backup::assess::{CardState, State};
use bitbox_backup::catalogue::Looked;
use bitbox_backup::finding::Severity;
use bitbox_backup::firmware::Version;
use bitbox_backup::report::{FindingReport, Source, Summary};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use textwrap::core::Word;
use textwrap::{WordSeparator, WordSplitter};

use super::phrase::{basis, counts};
use crate::args::Global;

use findings::{findings, of_backups};
pub(crate) use inspect::inspect;
pub(crate) use log::log;
pub(crate) use preflight::preflight;

/// Legible on white and on black; the word beside says as much.
const GOOD: Style = AnsiColor::Green.on_default().bold();
const WARN: Style = AnsiColor::Magenta.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// The widest text is set, whatever the terminal.
pub(crate) const WIDEST: usize = 110;

/// How wide the terminal is, or `None` for a pipe.
fn width() -> Option<usize> {
    let (terminal_size::Width(width), _) = terminal_size::terminal_size_of(std::io::stdout())?;
    Some(usize::from(width).max(20))
}

/// A paragraph broken at the terminal's width, indented; in a pipe it stays one line.
pub(crate) fn paragraph(out: &mut impl Write, text: &str, indent: &str) -> io::Result<()> {
    hanging(out, text, indent, indent)
}

/// The same with another indent for its first line.
pub(crate) fn hanging(
    out: &mut impl Write,
    text: &str,
    first: &str,
    indent: &str,
) -> io::Result<()> {
    set(
        out,
        text,
        width().map(|width| width.min(WIDEST)),
        first,
        indent,
    )
}

/// The same, broken at this width, if any.
fn set(
    out: &mut impl Write,
    text: &str,
    width: Option<usize>,
    first: &str,
    indent: &str,
) -> io::Result<()> {
    match width {
        None => writeln!(out, "{first}{text}"),
        Some(width) => writeln!(out, "{}", fill(text, width, first, indent)),
    }
}

fn styled(out: &mut impl Write, style: Style, text: &str, indent: &str) -> io::Result<()> {
    paragraph(out, &format!("{style}{text}{style:#}"), indent)
}

/// What to do about something.
fn what_to_do(out: &mut impl Write, text: &str, indent: &str) -> io::Result<()> {
    paragraph(out, &format!("{DIM}what to do:{DIM:#} {text}"), indent)
}

/// Why a source could not be read, and what to do about it.
fn failed(out: &mut impl Write, error: &str, hint: &str) -> io::Result<()> {
    writeln!(out, "  {BAD}error:{BAD:#} {error}")?;
    what_to_do(out, hint, "  ")
}

/// A step: its text, and commands and paths on lines of their own, which are never broken.
pub(crate) fn step(out: &mut impl Write, step: &str, first: &str, indent: &str) -> io::Result<()> {
    let mut lines = step.lines();
    hanging(out, lines.next().unwrap_or_default(), first, indent)?;
    lines.try_for_each(|line| writeln!(out, "{indent}{line}"))
}

/// A text broken at this width, with indents. A command in backquotes is pasted, so it stays on one line.
pub(crate) fn fill(text: &str, width: usize, first: &str, indent: &str) -> String {
    let options = textwrap::Options::new(width)
        .initial_indent(first)
        .subsequent_indent(indent)
        .word_separator(WordSeparator::Custom(whole_commands))
        .word_splitter(WordSplitter::Custom(hyphens))
        .break_words(!text.contains('`'));
    // Before it is broken: a name over two lines would not be known.
    textwrap::fill(&crate::privacy::text(text), options)
}

/// The words of a line, a command in backquotes as one.
fn whole_commands(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let (mut words, mut command) = (Vec::new(), Vec::new());
    let (mut begin, mut end) = (0, 0);
    for word in WordSeparator::AsciiSpace.find_words(line) {
        end += word.word.len() + word.whitespace.len();
        let is_inside = !command.is_empty();
        let ends = word.matches('`').count() % 2 == 1;
        command.push(word);
        if is_inside == ends {
            words.push(Word::from(line.get(begin..end).unwrap_or_default()));
            command.clear();
        }
        if command.is_empty() {
            begin = end;
        }
    }
    // A backquote alone begins no command.
    words.extend(command);
    Box::new(words.into_iter())
}

/// Where a word may be broken.
fn hyphens(word: &str) -> Vec<usize> {
    if word.contains('`') {
        return Vec::new();
    }
    WordSplitter::HyphenSplitter.split_points(word)
}

/// A progress bar over sources; only on a terminal, and only when there is something to wait for.
pub(crate) fn progress(sources: usize, global: &Global) -> ProgressBar {
    if global.quiet || sources < 20 {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(sources as u64);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} cards, {rate}, {eta} left");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        let _ = out.write_str(&per_second(state.per_sec()));
    };
    bar.with_style(style.with_key("rate", rate))
}

/// A rate with three significant digits.
fn per_second(rate: f64) -> String {
    match rate {
        ..10.0 => format!("{rate:.2}/s"),
        ..100.0 => format!("{rate:.1}/s"),
        _ => format!("{rate:.0}/s"),
    }
}

fn severity_style(severity: Severity) -> (Style, &'static str) {
    match severity {
        Severity::Error => (BAD, "error"),
        Severity::Warning => (WARN, "warning"),
        Severity::Info => (Style::new(), "info"),
    }
}

fn state_style(severity: Option<Severity>) -> Style {
    severity.map_or(GOOD, |severity| severity_style(severity).0)
}

/// Prints one finding, behind what it is `about`; verbose adds what the device shows.
fn finding(
    out: &mut impl Write,
    finding: &FindingReport,
    about: &str,
    verbose: bool,
) -> io::Result<()> {
    let (style, word) = severity_style(finding.severity);
    let FindingReport { rule, message, .. } = finding;
    let text = format!("{style}{word}{style:#}[{rule}] {about}{message}");
    paragraph(out, &(text + &place(finding.offset)), "  ")?;
    if verbose {
        let text = format!("{DIM}the BitBox shows:{DIM:#} {}", finding.shows);
        paragraph(out, &text, "      ")?;
        what_to_do(out, &finding.advice, "      ")?;
    }
    Ok(())
}

/// Where on the card, if it is known.
fn place(offset: Option<u64>) -> String {
    offset.map_or_else(String::new, |offset| format!(" (byte {offset})"))
}

/// Prints a source's name, verdict, table and findings.
fn source(out: &mut impl Write, source: &Source, global: &Global) -> anyhow::Result<()> {
    writeln!(out, "{BOLD}{}{BOLD:#}", source.source)?;
    if let Some(error) = &source.error {
        let hint = source.hint.as_deref().unwrap_or_default();
        return Ok(failed(out, error, hint)?);
    }
    if let Some(verdict) = &source.verdict {
        styled(out, state_style(source.attention()), verdict, "  ")?;
    }
    next(out, source)?;
    // The trace of every backup that a newer one replaced is of interest to few.
    let shown = source.backups.iter();
    let shown: Vec<_> = shown
        .filter(|one| global.verbose || one.state != State::Erased)
        .collect();
    if !shown.is_empty() {
        writeln!(out)?;
        table::backups(out, &shown, width(), global.verbose)?;
    }
    findings(out, source, global)?;
    if let (Some(text), false) = (not_searched(source), global.quiet) {
        writeln!(out)?;
        styled(out, DIM, text, "  ")?;
    }
    Ok(())
}

/// What of a card was not searched, where its verdict does not say it.
pub(crate) fn not_searched(source: &Source) -> Option<&'static str> {
    let says_it = matches!(source.state, CardState::Unsearched | CardState::Traces);
    let is_card = source.card.as_ref().is_some_and(|card| card.size.is_some());
    match source.looked {
        Some(Looked::Folders) if is_card && !says_it => {
            Some("Searched: live folders only. --carve searches the whole card.")
        }
        Some(Looked::Deleted) if !says_it => Some(
            "Searched: all files, deleted entries and lost clusters. --carve searches the whole card.",
        ),
        _ => None,
    }
}

/// Prints what to do, step by step.
pub(crate) fn next(out: &mut impl Write, source: &Source) -> io::Result<()> {
    if source.next.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  {DIM}What to do:{DIM:#}")?;
    let several = source.next.len() > 1;
    for (number, step) in (1..).zip(&source.next) {
        let (first, indent) = if several {
            (format!("    {number}. "), "       ")
        } else {
            ("    ".to_owned(), "    ")
        };
        hanging(out, &step.text, &first, indent)?;
        if let Some(command) = &step.command {
            // As it is pasted: never broken.
            writeln!(out, "{indent}{command}")?;
        }
    }
    Ok(())
}

/// `list` as text: each source as it comes, the counts at the end.
pub(crate) struct Text<'a, W> {
    out: W,
    global: &'a Global,
    sources: usize,
    firmware: Version,
    printed: usize,
}

impl<'a, W: Write> Text<'a, W> {
    pub(crate) fn new(out: W, global: &'a Global, sources: usize, firmware: Version) -> Self {
        Self {
            out,
            global,
            sources,
            firmware,
            printed: 0,
        }
    }

    pub(crate) fn source(&mut self, one: &Source) -> anyhow::Result<()> {
        if self.printed > 0 {
            writeln!(self.out)?;
        }
        self.printed += 1;
        source(&mut self.out, one, self.global)?;
        self.out.flush()?;
        Ok(())
    }

    pub(crate) fn end(mut self, summary: &Summary) -> anyhow::Result<()> {
        if !self.global.quiet {
            writeln!(self.out)?;
            if self.sources > 1 {
                paragraph(&mut self.out, &counts(summary), "")?;
            }
            styled(&mut self.out, DIM, &basis(self.firmware), "")?;
        }
        self.out.flush()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{fill, per_second};

    #[test]
    fn a_rate_has_three_significant_digits() {
        for (rate, text) in [
            (0.0, "0.00/s"),
            (6.599_337, "6.60/s"),
            (65.993_37, "66.0/s"),
            (659.933_7, "660/s"),
            (6599.337, "6599/s"),
        ] {
            assert_eq!(per_second(rate), text);
        }
    }

    #[test]
    fn a_command_is_never_broken() {
        let text = "Say `bitbox-backup match CARD --id 577782fd`, then well-known `words`.";
        for width in 10..80 {
            let filled = fill(text, width, "  1. ", "     ");
            let command = "`bitbox-backup match CARD --id 577782fd`,";
            assert!(
                filled.lines().any(|line| line.contains(command)),
                "{filled}"
            );
            assert!(filled.ends_with("`words`."), "{filled}");
        }
        assert_eq!(fill("it is `a b", 7, "", ""), "it is\n`a b");
        assert_eq!(fill("abcdefghij", 5, "", ""), "abcde\nfghij");
    }
}
