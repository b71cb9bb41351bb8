//! `audit merge`: one answer from the lines of several runs.

use std::collections::HashSet;
use std::path::PathBuf;

use bitbox_backup::audit::RunEnd;
use bitbox_backup::report::{Line, OptionsReport};
use bitbox_backup::text::{path_text, plural};
use sha2::{Digest, Sha256};

use super::answer::{Answers, Form};
use super::reports::Reports;
use crate::args::Global;
use crate::exit::Exit;
use crate::output_paths::protect;
use crate::{input, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files that audit --ndjson wrote, in the order wanted
    #[arg(value_name = "FILE.ndjson", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) reports: Reports,
}

pub(super) fn run(args: &Args, global: &Global) -> anyhow::Result<Exit> {
    args.reports
        .spare(&args.files, "one of the files that are merged")?;
    let mut merged: Option<(Line, Answers<'_>)> = None;
    let mut seen = HashSet::new();
    let mut cut_short = false;
    let mut twice = 0_usize;
    let sources = protect(args.files.iter().chain(&args.reports.expect));
    for file in &args.files {
        let cut = input::lines(file, |line| {
            // The same line twice is the same card said twice.
            if !seen.insert(Sha256::digest(serde_json::to_vec(&line)?)) {
                twice += 1;
                return Ok(());
            }
            if let Some((first, answers)) = &mut merged {
                same_run(first, &line)?;
                return answers.source(&line.source);
            }
            whole_ids(&line, args)?;
            let options = OptionsReport {
                redact: line.options.redact || args.reports.record.redact,
                ..line.options.clone()
            };
            let firmware = line.firmware.parse()?;
            let form = Form::new(
                &args.reports,
                args.json,
                firmware,
                options,
                sources.clone(),
                global,
            )?;
            let mut answers = Answers::new(form)?;
            answers.source(&line.source)?;
            merged = Some((line, answers));
            Ok(())
        })?;
        if let Some(cut) = cut {
            cut_short = true;
            let file = path_text(file);
            output::say(&format!("warning: {file}: {cut}"));
        }
    }
    if twice > 0 && !global.quiet {
        let lines = plural(twice, "line is", "lines are");
        output::say(&format!(
            "note: {lines} in the files more than once; each counts once"
        ));
    }
    let Some((_, answers)) = merged else {
        anyhow::bail!("there is no line to merge\nname files that `audit --ndjson` wrote");
    };
    let exit = answers.end(RunEnd::Complete)?;
    Ok(match exit {
        Exit::Done if cut_short => Exit::Attention,
        exit => exit,
    })
}

/// Refuses redacted lines where wallets have to be known again: each run gives them other IDs.
fn whole_ids(line: &Line, args: &Args) -> anyhow::Result<()> {
    let is_compared = args.files.len() > 1 || args.reports.expect.is_some();
    anyhow::ensure!(
        !line.options.redact || !is_compared,
        "redacted lines cannot be compared with others or with a register: each run gives a wallet another ID\n\
         run the audits without --redact, and merge with it"
    );
    Ok(())
}

/// Refuses lines whose answers cannot be compared.
fn same_run(first: &Line, other: &Line) -> anyhow::Result<()> {
    anyhow::ensure!(
        first.firmware == other.firmware,
        "lines for firmware {} and for {} cannot be merged\nrun the audits with the same --firmware",
        first.firmware,
        other.firmware
    );
    anyhow::ensure!(
        first.options == other.options,
        "lines of runs with different options cannot be merged\nrun the audits with the same options"
    );
    Ok(())
}
