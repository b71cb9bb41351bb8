//! `diff`: what changed between two audits.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use bitbox_backup::audit::diff;
use bitbox_backup::report::{Line, OptionsReport, Source};
use bitbox_backup::text::path_text;

use super::answer;
use crate::answers::Outcome;
use crate::answers::diff::{Differences, SideAnswer};
use crate::args::Global;
use crate::exit::Exit;
use crate::{input, output, render};

struct Side {
    name: String,
    sources: Vec<Source>,
    made: Vec<Made>,
    cut: Option<input::Cut>,
}

/// How a line was made, as far as that changes what it says.
#[derive(PartialEq)]
struct Made {
    tool: String,
    firmware: String,
    options: OptionsReport,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The lines of the earlier audit --ndjson
    #[arg(value_name = "OLD.ndjson")]
    pub(crate) old: PathBuf,
    /// The lines of the later one
    #[arg(value_name = "NEW.ndjson")]
    pub(crate) new: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Warn of a wallet on fewer cards than this
    #[arg(long, value_name = "N", default_value = "2")]
    pub(crate) min_cards: std::num::NonZeroUsize,
}

pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    let (old, new) = (Side::read(&args.old)?, Side::read(&args.new)?);
    let warnings = warnings(&old, &new);
    for warning in &warnings {
        output::say(&format!("warning: {warning}"));
    }
    let difference = diff(&old.sources, &new.sources, args.min_cards.get());
    let own = Differences {
        old: old.answer(),
        new: new.answer(),
        warnings: &warnings,
        found: &difference,
    };
    answer("diff", args.json, Outcome::DONE, &own, |out| {
        Ok(render::text::diff::difference(out, &difference, global)?)
    })?;
    Ok(if difference.summary.worse > 0 {
        Exit::Attention
    } else {
        Exit::Done
    })
}

impl Side {
    fn read(file: &Path) -> anyhow::Result<Self> {
        let mut side = Self {
            name: path_text(file),
            sources: Vec::new(),
            made: Vec::new(),
            cut: None,
        };
        side.cut = input::lines(file, |line| side.add(line))?;
        anyhow::ensure!(
            !side.sources.is_empty(),
            "{}: there is no line in it to compare\ngive a file that `audit --ndjson` wrote",
            side.name
        );
        Ok(side)
    }

    fn add(&mut self, line: Line) -> anyhow::Result<()> {
        anyhow::ensure!(
            !line.options.redact,
            "{}: redacted lines cannot be compared: each run gives a wallet another ID\nrun the audits without --redact",
            self.name
        );
        let made = Made {
            tool: line.tool,
            firmware: line.firmware,
            options: line.options,
        };
        if !self.made.contains(&made) {
            self.made.push(made);
        }
        self.sources.push(line.source);
        Ok(())
    }

    fn answer(&self) -> SideAnswer<'_> {
        SideAnswer {
            file: &self.name,
            sources: self.sources.len(),
            cut: self.cut.is_some(),
        }
    }
}

/// Why a difference may come from something else than the cards.
fn warnings(old: &Side, new: &Side) -> Vec<String> {
    let mut warnings = Vec::new();
    for side in [old, new] {
        if let Some(cut) = &side.cut {
            warnings.push(format!("{}: {cut}", side.name));
        }
    }
    let made = || old.made.iter().chain(&new.made);
    let firmware: Vec<&str> = made().map(|made| &*made.firmware).collect();
    let tool: Vec<&str> = made().map(|made| &*made.tool).collect();
    for (what, mut values) in [("firmware", firmware), ("versions of this program", tool)] {
        let mut seen = HashSet::new();
        values.retain(|value| seen.insert(*value));
        if values.len() > 1 {
            let values = values.join(" and ");
            warnings.push(format!(
                "these are audits for {what} {values}; differences may come from that"
            ));
        }
    }
    let mut options = made().map(|made| &made.options);
    let first = options.next();
    if !options.all(|one| Some(one) == first) {
        warnings.push(
            "these audits were run with different options; differences may come from that"
                .to_owned(),
        );
    }
    warnings
}
